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
