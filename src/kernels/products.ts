import { instanceOf } from './instance';
import { products as code } from './wasm';

/** A Gaussian: μ, d numbers, and Σ, d × d, row-major. */
export interface MeanAndCovariance {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  layout(n: number, d: number): void;
  givenAt(): number;
  outAt(): number;
  place(i: number): void;
  products(group: number, first: number, last: number): void;
}

/** Mantissas are multiplied without a look at their product, which stays below 2^d. */
const MOST_FEATURES = 1000;

/**
 * The products of the Gaussians `rows[0]` … `rows[1]` − 1 with those from `columns[0]` to `columns[1]` − 1, row-major, in an array that
 * the next call overwrites.
 */
export type LogProducts = (rows: readonly [number, number], columns: readonly [number, number]) => Float64Array;

/**
 * Prepares log φ(μ_i; μ_j, Σ_i + Σ_j) of pairs of n Gaussians of one dimension, the same bits for (i, j) and (j, i); NaN where
 * Σ_i + Σ_j is singular in float64, or if the number is beyond it. Undefined if the machine cannot run the kernel:
 * the family's `logInnerProduct` says the same, one by one.
 */
export function logProducts(gaussians: readonly MeanAndCovariance[]): LogProducts | undefined {
  const n = gaussians.length;
  const d = gaussians[0].mean.length;
  const kernel = d > MOST_FEATURES ? undefined : instanceOf<Kernel>(code);
  if (!kernel) return undefined;
  kernel.layout(n, d);
  const numbers = (at: number, length: number) => new Float64Array(kernel.memory.buffer, at, length);
  const given = numbers(kernel.givenAt(), d + d * d);
  const out = numbers(kernel.outAt(), Math.ceil(n / 4) * 16);
  gaussians.forEach(({ mean, covariance }, i) => {
    given.set(mean);
    given.set(covariance, d);
    kernel.place(i);
  });
  let room = new Float64Array(0);

  return ([first, last], [from, to]) => {
    const width = to - from;
    const size = (last - first) * width;
    if (room.length < size) room = new Float64Array(2 * size);
    const all = room.subarray(0, size);
    for (let g = Math.floor(from / 4); 4 * g < to; g++) {
      kernel.products(g, first, last);
      takeGroup(all, out, { g, first, last, from, to });
    }
    return all;
  };
}

/** Copies what the kernel found of a group into rows of all products. */
function takeGroup(
  all: Float64Array,
  out: Float64Array,
  { g, first, last, from, to }: { g: number; first: number; last: number; from: number; to: number },
): void {
  const [begin, end] = [Math.max(from, 4 * g), Math.min(to, 4 * g + 4)];
  for (let i = first, row = -from; i < last; i++, row += to - from)
    for (let j = begin, at = 4 * (i - g); j < end; j++) all[row + j] = out[at + j];
}
