import { NEGLIGIBLE } from './gaussian-em-plain';
import { instanceOf } from './instance';
import { exponentialEm as code } from './wasm';

/** What one pass finds: all that the M-step of an exponential family needs. Each row counts as often as its weight says. */
export interface ExponentialSums {
  /** Σ_j log Σ_k exp{logs_k + θ_kᵀ T(x_j)}; not finite if a row is too far from every component */
  readonly logLikelihood: number;
  /** n_k = Σ_j r_jk, K */
  readonly masses: Float64Array;
  /** Σ_j r_jk T(x_j), K × p */
  readonly sums: Float64Array;
}

/** A pass at the components of log w − A(θ), K numbers, and θ, K × p. */
export type ExponentialPass = (logs: Float64Array, thetas: Float64Array) => ExponentialSums;

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  layout(p: number, K: number, chunk: number, weighted: boolean): void;
  rowsAt(): number;
  weightsAt(): number;
  thetasAt(): number;
  logsAt(): number;
  massesAt(): number;
  sumsAt(): number;
  clear(): void;
  pass(rows: number): number;
}

const CHUNK = 4096; // rows

/**
 * Prepares passes of EM over n rows of p statistics, one statistic after another (p × n), for K components.
 * @param weights how often each row counts, n numbers above 0; once, if absent
 */
export function exponentialPass(
  statistics: Float64Array,
  n: number,
  K: number,
  weights?: Float64Array,
): ExponentialPass {
  const kernel = instanceOf<Kernel>(code);
  return kernel
    ? kernelPass(kernel, statistics, n, K, weights)
    : (logs, thetas) => plainExponentialPass(statistics, n, logs, thetas, weights);
}

function kernelPass(
  kernel: Kernel,
  statistics: Float64Array,
  n: number,
  K: number,
  weights?: Float64Array,
): ExponentialPass {
  const p = statistics.length / n;
  kernel.layout(p, K, CHUNK, weights !== undefined);
  const numbers = (at: number, length: number) => new Float64Array(kernel.memory.buffer, at, length);
  const lanes = (at: number, length: number) => {
    const both = numbers(at, 2 * length);
    return Float64Array.from({ length }, (_, i) => both[2 * i] + both[2 * i + 1]);
  };
  const input = numbers(kernel.rowsAt(), p * CHUNK);
  const counts = numbers(kernel.weightsAt(), weights ? CHUNK : 0);
  return (logs, thetas) => {
    numbers(kernel.logsAt(), K).set(logs);
    numbers(kernel.thetasAt(), K * p).set(thetas);
    kernel.clear();
    let logLikelihood = 0;
    for (let first = 0; first < n; first += CHUNK) {
      const count = Math.min(CHUNK, n - first);
      for (let i = 0; i < p; i++) input.set(statistics.subarray(i * n + first, i * n + first + count), i * CHUNK);
      for (let i = 0; i < p && count % 2 === 1; i++) input[i * CHUNK + count] = 0; // no row, but a number
      if (weights) counts.set(weights.subarray(first, first + count));
      if (weights && count % 2 === 1) counts[count] = 0;
      logLikelihood += kernel.pass(count);
    }
    return { logLikelihood, masses: lanes(kernel.massesAt(), K), sums: lanes(kernel.sumsAt(), K * p) };
  };
}

/** What the kernel exponential.assembly.ts computes, row by row: the readable reference, and the fallback. */
export function plainExponentialPass(
  statistics: Float64Array,
  n: number,
  logs: Float64Array,
  thetas: Float64Array,
  weights?: Float64Array,
): ExponentialSums {
  const p = statistics.length / n;
  const K = logs.length;
  const masses = new Float64Array(K);
  const sums = new Float64Array(K * p);
  const shares = new Float64Array(K);
  let logLikelihood = 0;
  for (let j = 0; j < n; j++) {
    let most = -Infinity;
    for (let k = 0; k < K; k++) {
      shares[k] = logs[k];
      for (let i = 0; i < p; i++) shares[k] += thetas[k * p + i] * statistics[i * n + j];
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
      for (let i = 0; i < p; i++) sums[k * p + i] += share * statistics[i * n + j];
    }
  }
  return { logLikelihood, masses, sums };
}
