import { instanceOf } from './instance';
import { dots as code } from './wasm';

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  layout(n: number, numbers: number): void;
  layLines(K: number): void;
  rowsAt(): number;
  linesAt(): number;
  outAt(): number;
  products(K: number): void;
}

/** n rows of as many numbers, whose scalar products with lines of the same length are asked for again and again. */
export interface Dots {
  /** the rows, `stride` apart, zeros at first: ask again after a product, whose lines may move them */
  readonly rows: Float64Array;
  readonly stride: number;
  /** of all rows with K lines, row-major and not apart: n × K, row-major */
  products(lines: Float64Array): Float64Array;
}

export function dots(n: number, numbers: number): Dots {
  const kernel = instanceOf<Kernel>(code);
  if (!kernel) return plainDots(n, numbers);
  const stride = Math.ceil(numbers / 4) * 4;
  kernel.layout(n, stride);
  return {
    get rows() {
      return new Float64Array(kernel.memory.buffer, kernel.rowsAt(), n * stride); // of the memory as it is now
    },
    stride,
    products(lines) {
      const K = lines.length / numbers;
      kernel.layLines(K);
      const to = new Float64Array(kernel.memory.buffer, kernel.linesAt(), K * stride);
      for (let k = 0; k < K; k++) to.set(lines.subarray(k * numbers, (k + 1) * numbers), k * stride);
      kernel.products(K);
      return new Float64Array(kernel.memory.buffer, kernel.outAt(), n * K).slice();
    },
  };
}

/** Rows of more bytes than this have memory of their own. */
const MOST_SHARED_BYTES = 2 ** 24;

let shared: Kernel | undefined;

/** The rows that the shared memory holds. */
let held: Float64Array | undefined;

/**
 * Scalar products of rows that stay as they are. Rows of all callers have the same memory in turn, as new memory takes longer to be given out
 * than a few products.
 * @param rows n × `numbers`, row-major
 * @param numbers of a row, a multiple of four
 * @returns of lines of as many numbers, K × `numbers`, the products of all rows with them, n × K, both row-major
 */
export function productsWith(rows: Float64Array, numbers: number): (lines: Float64Array) => Float64Array {
  const n = rows.length / numbers;
  const kernel = rows.byteLength > MOST_SHARED_BYTES ? undefined : (shared ?? instanceOf<Kernel>(code));
  if (!kernel) {
    const own = dots(n, numbers);
    own.rows.set(rows);
    return own.products;
  }
  shared = kernel;
  return (lines) => {
    const K = lines.length / numbers;
    const put = (at: number, list: Float64Array) => new Float64Array(kernel.memory.buffer, at, list.length).set(list);
    if (held !== rows) {
      kernel.layout(n, numbers);
      put(kernel.rowsAt(), rows);
      held = rows;
    }
    kernel.layLines(K);
    put(kernel.linesAt(), lines);
    kernel.products(K);
    return new Float64Array(kernel.memory.buffer, kernel.outAt(), n * K).slice();
  };
}

/** What the kernel dots.assembly.ts computes: the readable reference, and the fallback. */
export function plainDots(n: number, numbers: number): Dots {
  const rows = new Float64Array(n * numbers);
  return {
    rows,
    stride: numbers,
    products(lines) {
      const K = lines.length / numbers;
      const products = new Float64Array(n * K);
      for (let i = 0; i < products.length; i++) {
        const [row, line] = [Math.floor(i / K) * numbers, (i % K) * numbers];
        for (let j = 0; j < numbers; j++) products[i] += rows[row + j] * lines[line + j];
      }
      return products;
    },
  };
}
