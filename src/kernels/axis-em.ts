import { amid } from './gaussian-em';
import { NEGLIGIBLE, type Rows } from './gaussian-em-plain';
import { instanceOf } from './instance';
import { axisEm as code } from './wasm';

/** The K components of a pass, Gaussians without correlations. */
export interface AxisComponents {
  /** μ, K × d */
  readonly means: Float64Array;
  /** 1 / σ, K × d */
  readonly scales: Float64Array;
  /** log w − ½ (d log 2π + Σ log σ²), K */
  readonly logs: Float64Array;
}

/** What one pass over the rows finds, with z = (x − μ) / σ. Each row counts as often as its weight says. */
export interface AxisSums {
  /** Σ_j log f_G(x_j); not finite if a row is too far from every component */
  readonly logLikelihood: number;
  /** n_k = Σ_j r_jk, K */
  readonly masses: Float64Array;
  /** Σ_j r_jk z_jk, K × d */
  readonly moments: Float64Array;
  /** Σ_j r_jk z_jk², feature by feature, K × d */
  readonly squares: Float64Array;
}

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  layout(d: number, K: number, chunk: number, weighted: boolean): void;
  rowsAt(): number;
  weightsAt(): number;
  centreAt(): number;
  meansAt(): number;
  scalesAt(): number;
  logsAt(): number;
  massesAt(): number;
  momentsAt(): number;
  squaresAt(): number;
  clear(): void;
  pass(rows: number): number;
}

/** Rows are handed to the kernel in chunks of about this many bytes, which the second level of a cache holds. */
const CHUNK_BYTES = 2 ** 18;

/**
 * Prepares passes of EM over some rows, for mixtures of K Gaussians without correlations: each pass is an E-step and the sums that its
 * M-step needs.
 */
export function axisPass(rows: Rows, K: number): (components: AxisComponents) => AxisSums {
  const kernel = instanceOf<Kernel>(code);
  return kernel ? kernelPass(kernel, rows, K) : (components) => plainAxisPass(rows, components);
}

function kernelPass(kernel: Kernel, { data, rows: n, columns: d, weights }: Rows, K: number) {
  const even = d + (d % 2);
  const chunk = Math.min(Math.ceil(n / 64) * 64, 64 * Math.max(1, Math.floor(CHUNK_BYTES / (64 * 8 * d))));
  kernel.layout(d, K, chunk, weights !== undefined);
  const numbers = (at: number, length: number) => new Float64Array(kernel.memory.buffer, at, length);
  const input = numbers(kernel.rowsAt(), chunk * d);
  const counts = numbers(kernel.weightsAt(), weights ? chunk : 0);
  const centre = amid(data, n, d);
  numbers(kernel.centreAt(), d).set(centre);
  const [means, scales] = [kernel.meansAt(), kernel.scalesAt()].map((at) => numbers(at, K * even));
  const sums = (at: number, width: number, stride: number) => {
    const lanes = numbers(at, 2 * K * stride);
    return Float64Array.from({ length: K * width }, (_, i) => {
      const from = 2 * (Math.floor(i / width) * stride + (i % width));
      return lanes[from] + lanes[from + 1];
    });
  };
  return (components: AxisComponents): AxisSums => {
    for (let k = 0; k < K; k++) {
      for (let i = 0; i < d; i++) means[k * even + i] = components.means[k * d + i] - centre[i];
      scales.set(components.scales.subarray(k * d, (k + 1) * d), k * even);
    }
    numbers(kernel.logsAt(), K).set(components.logs);
    kernel.clear();
    let logLikelihood = 0;
    for (let first = 0; first < n; first += chunk) {
      const count = Math.min(chunk, n - first);
      input.set(data.subarray(first * d, (first + count) * d));
      if (weights) counts.set(weights.subarray(first, first + count));
      counts.fill(0, count);
      logLikelihood += kernel.pass(count);
    }
    return {
      logLikelihood,
      masses: sums(kernel.massesAt(), 1, 1),
      moments: sums(kernel.momentsAt(), d, even),
      squares: sums(kernel.squaresAt(), d, even),
    };
  };
}

/** What the kernel axis-em.assembly.ts computes, row by row: the readable reference, and the fallback. */
export function plainAxisPass({ data, rows, columns: d, weights }: Rows, components: AxisComponents): AxisSums {
  const { means, scales, logs } = components;
  const K = logs.length;
  const masses = new Float64Array(K);
  const [moments, squares] = [new Float64Array(K * d), new Float64Array(K * d)];
  const [shares, z] = [new Float64Array(K), new Float64Array(K * d)];
  let logLikelihood = 0;
  for (let j = 0; j < rows; j++) {
    let most = -Infinity;
    for (let k = 0; k < K; k++) {
      let squared = 0;
      for (let i = 0; i < d; i++) {
        z[k * d + i] = (data[j * d + i] - means[k * d + i]) * scales[k * d + i];
        squared += z[k * d + i] ** 2;
      }
      shares[k] = logs[k] - 0.5 * squared;
      if (shares[k] > most) most = shares[k];
    }
    let sum = 0;
    for (let k = 0; k < K; k++) {
      shares[k] = Math.exp(shares[k] - most);
      sum += shares[k];
    }
    const weight = weights?.[j] ?? 1;
    logLikelihood += weight * (most + Math.log(sum));
    for (let k = 0; k < K; k++) {
      if (!(shares[k] / sum > NEGLIGIBLE)) continue;
      const share = weight * (shares[k] / sum);
      masses[k] += share;
      for (let i = 0; i < d; i++) {
        moments[k * d + i] += share * z[k * d + i];
        squares[k * d + i] += share * z[k * d + i] ** 2;
      }
    }
  }
  return { logLikelihood, masses, moments, squares };
}
