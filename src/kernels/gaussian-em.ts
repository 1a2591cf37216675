import {
  type EmComponents,
  type EmMoments,
  type EmSums,
  plainMoments,
  plainPass,
  type Rows,
} from './gaussian-em-plain';
import { instanceOf, sharedInstanceOf } from './instance';
import { gaussianEm as code } from './wasm';

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  layout(d: number, K: number, chunk: number, weighted: boolean): void;
  rowsAt(): number;
  weightsAt(): number;
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
  pass(rows: number, label: boolean, blocked: boolean): number;
  layoutGiven(chunk: number): void;
  givenAt(k: number): number;
  collect(rows: number): void;
  classify(rows: number): void;
  negligibleShares(): number;
}

/** Rows are handed to the kernel in chunks of about this many bytes, which the second level of a cache holds. */
const CHUNK_BYTES = 2 ** 18;

/** Tables of no more bytes are one chunk, which is handed over once. */
const RESIDENT_BYTES = 2 ** 20;

/** Tables of no more bytes are kept as the kernel works on them, in blocks, from the second pass on: it need not arrange them each time. */
const BLOCKED_BYTES = 2 ** 26;

/** Rows are sorted by component once this share of the responsibilities is negligible: whole blocks can then be skipped. */
const MIN_NEGLIGIBLE_SHARE = 0.3;

/**
 * The component of largest w f(x) of each row, the first of several equal ones; −1 where all are beyond float64. Undefined if the
 * machine cannot run the kernel.
 */
export function emLabels(rows: Rows, components: EmComponents): Int32Array | undefined {
  const kernel = sharedInstanceOf<Kernel>(code);
  if (!kernel) return undefined;
  const { chunk, input, output, handOver } = prepare(kernel, rows, components.logs.length);
  handOver(components);
  const labels = new Int32Array(rows.rows);
  for (let first = 0; first < rows.rows; first += chunk) {
    const count = Math.min(chunk, rows.rows - first);
    input.set(rows.data.subarray(first * rows.columns, (first + count) * rows.columns));
    kernel.classify(count);
    labels.set(output.subarray(0, count), first);
  }
  return labels;
}

/**
 * Prepares passes of EM over some rows, for mixtures of K Gaussian components: each pass is an E-step and the sums that its
 * M-step needs. Rows are read in place; nothing is kept of them but a centre and, at times, an order.
 */
export function emPass(rows: Rows, K: number): (components: EmComponents) => EmSums {
  const kernel = instanceOf<Kernel>(code);
  return kernel ? kernelPass(kernel, rows, K) : (components) => plainPass(rows, components);
}

/**
 * Prepares the sums that an M-step needs of responsibilities that are given, K × n, row k those of component k, about K given means: each
 * row counts as often as they say.
 */
export function emMoments(rows: Rows, K: number): (shares: Float64Array, means: Float64Array) => EmMoments {
  const kernel = instanceOf<Kernel>(code);
  return kernel ? kernelMoments(kernel, rows, K) : (shares, means) => plainMoments(rows, shares, means);
}

function kernelMoments(kernel: Kernel, { data, rows: n, columns: d }: Rows, K: number): ReturnType<typeof emMoments> {
  const none = new Float64Array(d * d);
  const { chunk, input, numbers, handOver, takeSums } = prepare(kernel, { data, rows: n, columns: d }, K, true);
  return (shares, means) => {
    handOver({ means, whitenings: Array.from({ length: K }, () => none), logs: new Float64Array(K) });
    kernel.clear();
    for (let first = 0; first < n; first += chunk) {
      const count = Math.min(chunk, n - first);
      input.set(data.subarray(first * d, (first + count) * d));
      for (let k = 0; k < K; k++) {
        const given = numbers(kernel.givenAt(k), Math.ceil(count / 64) * 64);
        given.set(shares.subarray(k * n + first, k * n + first + count));
        given.fill(0, count);
      }
      kernel.collect(count);
    }
    return takeSums();
  };
}

function kernelPass(kernel: Kernel, rows: Rows, K: number): (components: EmComponents) => EmSums {
  const { data, rows: n, columns: d, weights } = rows;
  const { chunk, even, centre, input, blocks: room, counts, output, handOver, takeSums } = prepare(kernel, rows, K);
  const places = n * even * 8 <= BLOCKED_BYTES ? chunk * even : 0;
  let order: Int32Array | undefined;
  let counted = weights;
  let blocks: Float64Array | undefined;
  let passes = 0;

  return (components) => {
    handOver(components);
    kernel.clear();
    const labelling = passes++ === 0;
    const own = labelling ? new Int32Array(n) : undefined;
    const arranging = passes === 2 && places > 0;
    if (arranging) blocks = inBlocks(rows, centre, order);
    let logLikelihood = 0;
    for (let first = 0; first < n; first += chunk) {
      const count = Math.min(chunk, n - first);
      if (!blocks) takeRows(first, count);
      else if (arranging || chunk < n) room.set(blocks.subarray(first * even, first * even + places));
      if (counted) counts.set(counted.subarray(first, first + count));
      counts.fill(0, count);
      logLikelihood += kernel.pass(count, labelling, blocks !== undefined);
      own?.set(output.subarray(0, count), first);
    }
    const sums = { logLikelihood, ...takeSums() };
    const negligible = kernel.negligibleShares() - (Math.ceil(n / 64) * 64 - n) * K; // after the last row all are
    if (own && Number.isFinite(logLikelihood) && negligible > MIN_NEGLIGIBLE_SHARE * n * K) {
      order = sortedBy(own, K);
      counted = weights && Float64Array.from(order, (j) => weights[j]);
    }
    return sums;
  };

  /** Copies rows, as many as `count`, in their order from the first on, into the kernel's chunk. */
  function takeRows(first: number, count: number): void {
    if (!order) input.set(data.subarray(first * d, (first + count) * d));
    for (let j = 0; order && j < count; j++) {
      const at = order[first + j] * d;
      if (d >= 16) input.set(data.subarray(at, at + d), j * d);
      else for (let i = 0; i < d; i++) input[j * d + i] = data[at + i];
    }
  }
}

/** The rows less a centre, as the kernel works on them: 64 rows at a time, feature by feature, after the last row and feature 0. */
function inBlocks({ data, rows, columns: d }: Rows, centre: Float64Array, order?: Int32Array): Float64Array {
  const even = d + (d % 2);
  const blocks = new Float64Array(Math.ceil(rows / 64) * 64 * even);
  for (let j = 0; j < rows; j++) {
    const from = (order ? order[j] : j) * d;
    const to = (j >> 6) * 64 * even + (j & 63);
    for (let i = 0; i < d; i++) blocks[to + 64 * i] = data[from + i] - centre[i];
  }
  return blocks;
}

/** Lays out a kernel's memory for some rows, and says where things go in and come out. */
function prepare(kernel: Kernel, { data, rows, columns: d, weights }: Rows, K: number, given = false) {
  const even = d + (d % 2);
  const all = Math.ceil(rows / 64) * 64;
  const bytes = all * even * 8;
  const chunk = bytes <= RESIDENT_BYTES ? all : Math.min(all, 64 * Math.max(1, Math.floor(CHUNK_BYTES / (64 * 8 * d))));
  kernel.layout(d, K, chunk, weights !== undefined);
  if (given) kernel.layoutGiven(chunk);
  const numbers = (at: number, length: number) => new Float64Array(kernel.memory.buffer, at, length);
  const input = numbers(kernel.rowsAt(), chunk * d);
  const blocks = numbers(kernel.rowsAt(), chunk * even);
  const counts = numbers(kernel.weightsAt(), weights ? chunk : 0);
  const output = new Int32Array(kernel.memory.buffer, kernel.labelsAt(), chunk);
  const centre = amid(data, rows, d);
  numbers(kernel.centreAt(), d).set(centre);
  return { chunk, even, centre, input, blocks, counts, output, numbers, handOver, takeSums };

  function takeSums(): EmMoments {
    const lanes = (at: number, length: number) => {
      const both = numbers(at, 2 * length);
      const sums = new Float64Array(length);
      for (let i = 0; i < length; i++) sums[i] = both[2 * i] + both[2 * i + 1];
      return sums;
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
    const own = new Float64Array(K * d);
    for (let k = 0; k < K; k++) own.set(moments.subarray(k * even, k * even + d), k * d);
    return { masses: lanes(kernel.massesAt(), K), moments: own, scatters };
  }

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

/** A point amid the rows: the median of each feature over 65 of them or fewer, so that no single row carries it off. */
export function amid(data: Float64Array, rows: number, d: number): Float64Array {
  const stride = Math.ceil(rows / 65);
  const some = Math.ceil(rows / stride);
  return Float64Array.from({ length: d }, (_, i) => {
    const values = Float64Array.from({ length: some }, (_, j) => data[j * stride * d + i]);
    return values.sort()[some >> 1];
  });
}
