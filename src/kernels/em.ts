import { type EmComponents, type EmSums, plainPass, type Rows } from './em-plain';
import { instanceOf } from './instance';
import { em as code } from './wasm';

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  layout(d: number, K: number, chunk: number): void;
  rowsAt(): number;
  centreAt(): number;
  meansAt(): number;
  linesAt(): number;
  shiftsAt(): number;
  logsAt(): number;
  labelsAt(): number;
  massesAt(): number;
  momentsAt(): number;
  scattersAt(): number;
  clear(): void;
  pass(rows: number, label: boolean): number;
  negligibleShares(): number;
}

/** Rows are handed to the kernel in chunks of about this many bytes, which the second level of a cache holds. */
const CHUNK_BYTES = 2 ** 18;

/** Rows are sorted by component once this share of the responsibilities is negligible: whole blocks can then be skipped. */
const WORTH_SORTING = 0.3;

/**
 * Prepares passes of EM over some rows, for mixtures of K Gaussian components: each pass is an E-step and the sums that its
 * M-step needs. Rows are read where they are; nothing is kept of them but a centre and, at times, an order.
 */
export function emPass(rows: Rows, K: number): (components: EmComponents) => EmSums {
  const kernel = instanceOf<Kernel>(code);
  return kernel ? kernelPass(kernel, rows, K) : (components) => plainPass(rows, components);
}

function kernelPass(kernel: Kernel, { data, rows, columns: d }: Rows, K: number): (components: EmComponents) => EmSums {
  const even = d + (d % 2);
  const chunk = Math.min(Math.ceil(rows / 64) * 64, 64 * Math.max(1, Math.floor(CHUNK_BYTES / (64 * 8 * d))));
  kernel.layout(d, K, chunk);
  const numbers = (at: number, length: number) => new Float64Array(kernel.memory.buffer, at, length);
  const input = numbers(kernel.rowsAt(), chunk * d);
  const labels = new Int32Array(kernel.memory.buffer, kernel.labelsAt(), chunk);
  const centre = meanOf(data, rows, d);
  numbers(kernel.centreAt(), d).set(centre);
  let order: Int32Array | undefined;
  let passes = 0;

  return (components) => {
    handOver(components);
    kernel.clear();
    const labelling = passes++ === 0;
    const own = labelling ? new Int32Array(rows) : undefined;
    let logLikelihood = 0;
    for (let first = 0; first < rows; first += chunk) {
      const count = Math.min(chunk, rows - first);
      if (order) gather(order, first, count);
      else input.set(data.subarray(first * d, (first + count) * d));
      logLikelihood += kernel.pass(count, labelling);
      own?.set(labels.subarray(0, count), first);
    }
    const sums = takeSums(logLikelihood);
    if (own && kernel.negligibleShares() > WORTH_SORTING * rows * K) order = sortedBy(own, K);
    return sums;
  };

  function handOver({ means, whitenings, logs }: EmComponents): void {
    numbers(kernel.logsAt(), K).set(logs);
    const mu = numbers(kernel.meansAt(), K * even);
    const shifts = numbers(kernel.shiftsAt(), K * even);
    const lines = numbers(kernel.linesAt(), (K * even * (even + 2)) / 2);
    let next = 0;
    for (let k = 0; k < K; k++) {
      const W = whitenings[k];
      for (let i = 0; i < d; i++) mu[k * even + i] = means[k * d + i] - centre[i];
      for (let i = 0; i < d; i++) {
        let shift = 0;
        for (let c = 0; c <= i; c++) shift -= W[i * d + c] * mu[k * even + c];
        shifts[k * even + i] = shift;
      }
      // two lines at a time: W[i][0], W[i+1][0], W[i][1], W[i+1][1], … W[i][i+1] = 0, W[i+1][i+1]
      for (let i = 0; i < even; i += 2) {
        for (let c = 0; c <= i + 1; c++) {
          lines[next++] = c <= i && i < d ? W[i * d + c] : 0;
          lines[next++] = i + 1 < d && c < d ? W[(i + 1) * d + c] : 0;
        }
      }
    }
  }

  /** Copies the rows order[first], order[first + 1], … into the kernel's chunk. */
  function gather(from: Int32Array, first: number, count: number): void {
    for (let j = 0, to = 0; j < count; j++) {
      for (let at = from[first + j] * d, end = at + d; at < end; ) input[to++] = data[at++];
    }
  }

  function takeSums(logLikelihood: number): EmSums {
    const lanes = (at: number, length: number) => {
      const both = numbers(at, 2 * length);
      return Float64Array.from({ length }, (_, i) => both[2 * i] + both[2 * i + 1]);
    };
    const moments = lanes(kernel.momentsAt(), K * even);
    const tiles = lanes(kernel.scattersAt(), (K * even * (even + 2)) / 2);
    const scatters = new Float64Array(K * d * d);
    let next = 0;
    for (let k = 0; k < K; k++) {
      for (let a = 0; a < even; a += 2) {
        for (let b = 0; b < a + 2; ) {
          const width = b + 4 <= a + 2 ? 4 : 2;
          for (let i = a; i < a + 2; i++) {
            for (let c = b; c < b + width; c++, next++)
              if (c <= i && i < d) scatters[(k * d + i) * d + c] = tiles[next];
          }
          b += width;
        }
      }
    }
    return {
      logLikelihood,
      masses: lanes(kernel.massesAt(), K),
      moments: Float64Array.from({ length: K * d }, (_, i) => moments[Math.floor(i / d) * even + (i % d)]),
      scatters,
    };
  }
}

/** The rows in the order of their labels, those of one label in their own order. */
function sortedBy(labels: Int32Array, K: number): Int32Array {
  const next = new Int32Array(K + 1);
  for (const k of labels) next[k + 1]++;
  for (let k = 0; k < K; k++) next[k + 1] += next[k];
  const order = new Int32Array(labels.length);
  labels.forEach((k, j) => {
    order[next[k]++] = j;
  });
  return order;
}

function meanOf(data: Float64Array, rows: number, d: number): Float64Array {
  const mean = new Float64Array(d);
  for (let j = 0, next = 0; j < rows; j++) for (let i = 0; i < d; i++) mean[i] += data[next++] / rows;
  return mean;
}
