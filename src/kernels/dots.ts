import { instanceOf } from './instance';
import { dots as code } from './wasm';

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  layout(n: number, K: number, numbers: number): void;
  rowsAt(): number;
  linesAt(): number;
  outAt(): number;
  products(K: number): void;
}

/**
 * Prepares the scalar products of n rows, flat and row-major, of so many numbers each, with K lines of the same length:
 * n × K, row-major.
 */
export function dots(rows: Float64Array, numbers: number, K: number): (lines: Float64Array) => Float64Array {
  const kernel = instanceOf<Kernel>(code);
  const n = rows.length / numbers;
  if (!kernel) return (lines) => plainDots(rows, numbers, lines);
  const padded = Math.ceil(numbers / 4) * 4;
  kernel.layout(n, K, padded);
  const put = (from: Float64Array, at: number, count: number) => {
    const to = new Float64Array(kernel.memory.buffer, at, count * padded);
    for (let i = 0; i < count; i++) to.set(from.subarray(i * numbers, (i + 1) * numbers), i * padded);
  };
  put(rows, kernel.rowsAt(), n);
  return (lines) => {
    put(lines, kernel.linesAt(), K);
    kernel.products(K);
    return new Float64Array(kernel.memory.buffer, kernel.outAt(), n * K).slice();
  };
}

/** What the kernel dots.assembly.ts computes: the readable reference, and the fallback. */
export function plainDots(rows: Float64Array, numbers: number, lines: Float64Array): Float64Array {
  const K = lines.length / numbers;
  const products = new Float64Array((rows.length / numbers) * K);
  for (let i = 0; i < products.length; i++) {
    const [row, line] = [Math.floor(i / K) * numbers, (i % K) * numbers];
    for (let j = 0; j < numbers; j++) products[i] += rows[row + j] * lines[line + j];
  }
  return products;
}
