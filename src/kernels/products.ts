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

/** A kernel, and for whom its memory was filled last. */
interface Place {
  readonly kernel: Kernel;
  holder?: object;
}

/**
 * The place that the next caller takes over, as pages that are new to the machine can take it longer than all that is written to
 * them; whoever finds that another took it over fills it again.
 */
let kept: Place | undefined;

/** A kernel with more memory than this, in bytes, is left to its caller alone. */
const MOST_KEPT = 2 ** 26;

/**
 * Prepares log φ(μ_i; μ_j, Σ_i + Σ_j) of pairs of n Gaussians of one dimension, the same bits for (i, j) and (j, i); NaN where
 * Σ_i + Σ_j is singular in float64, or if the number is beyond it. Undefined if the machine cannot run the kernel:
 * the family's `logInnerProduct` says the same, one by one.
 */
export function logProducts(gaussians: readonly MeanAndCovariance[]): LogProducts | undefined {
  const place = gaussians[0].mean.length > MOST_FEATURES ? undefined : (kept ?? newPlace());
  if (!place) return undefined;
  const me = {};
  let out = new Float64Array(0);
  let room = new Float64Array(0);

  return ([first, last], [from, to]) => {
    if (place.holder !== me) {
      out = fill(place.kernel, gaussians);
      place.holder = me;
      kept = place.kernel.memory.buffer.byteLength > MOST_KEPT ? undefined : place;
    }
    const width = to - from;
    const size = (last - first) * width;
    if (room.length < size) room = new Float64Array(2 * size);
    const all = room.subarray(0, size);
    const own = first === from && last === to; // symmetric: what is left of a group is the transpose of what is right of another
    for (let g = Math.floor(from / 4); 4 * g < to; g++) {
      const begin = own ? Math.max(first, 4 * g) : first;
      place.kernel.products(g, begin, last);
      takeGroup(all, out, { g, first, begin, last, from, to });
    }
    if (own) for (let i = 0; i < width; i++) for (let j = 0; j < i; j++) all[j * width + i] = all[i * width + j];
    return all;
  };
}

function newPlace(): Place | undefined {
  const kernel = instanceOf<Kernel>(code);
  return kernel && { kernel };
}

/** Fills a kernel's memory, and answers where it puts products. */
function fill(kernel: Kernel, gaussians: readonly MeanAndCovariance[]): Float64Array {
  const n = gaussians.length;
  const d = gaussians[0].mean.length;
  kernel.layout(n, d);
  const given = new Float64Array(kernel.memory.buffer, kernel.givenAt(), d + d * d);
  gaussians.forEach(({ mean, covariance }, i) => {
    given.set(mean);
    given.set(covariance, d);
    kernel.place(i);
  });
  return new Float64Array(kernel.memory.buffer, kernel.outAt(), Math.ceil(n / 4) * 16);
}

/** Copies what the kernel found of a group into rows of all products. */
function takeGroup(
  all: Float64Array,
  out: Float64Array,
  {
    g,
    first,
    begin,
    last,
    from,
    to,
  }: { g: number; first: number; begin: number; last: number; from: number; to: number },
): void {
  const [left, right] = [Math.max(from, 4 * g), Math.min(to, 4 * g + 4)];
  const width = to - from;
  for (let i = begin, row = (begin - first) * width - from; i < last; i++, row += width)
    for (let j = left, at = 4 * (i - g); j < right; j++) all[row + j] = out[at + j];
}
