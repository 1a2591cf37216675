import { instanceOf } from './instance';
import { squares as code } from './wasm';

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  layout(P: number, chunk: number): void;
  rowsAt(): number;
  massesAt(): number;
  sumsAt(): number;
  widthOf(): number;
  add(rows: number): void;
}

/** A sum Σ m s sᵀ to which rows s of P numbers with masses m ≥ 0 are added. */
export interface SumOfSquares {
  /** Adds some rows, n × P, row-major, and the mass of each. */
  add(rows: Float64Array, masses: ArrayLike<number>): void;
  /** the sum, P × P, which ends here: its memory is another's then */
  sums(): Float64Array;
}

/** Kernels whose sums have ended: memory that is new takes longer to be given out than sums of some thousand rows. */
const idle: Kernel[] = [];

/** Larger memories than this are not kept. */
const MOST_IDLE_BYTES = 2 ** 24;

/** Rows are handed to the kernel in chunks of about this many bytes, which the second level of a cache holds. */
const CHUNK_BYTES = 2 ** 18;

/** The kernel's unit. */
const BLOCK = 128;

export function sumOfSquares(P: number): SumOfSquares {
  const kernel = idle.pop() ?? instanceOf<Kernel>(code);
  if (!kernel) return plainSumOfSquares(P);
  const chunk = BLOCK * Math.max(1, Math.floor(CHUNK_BYTES / (BLOCK * 8 * P)));
  kernel.layout(P, chunk);
  const width = kernel.widthOf();
  const numbers = (at: number, length: number) => new Float64Array(kernel.memory.buffer, at, length);
  const [input, counts] = [numbers(kernel.rowsAt(), chunk * P), numbers(kernel.massesAt(), chunk)];
  const lines = numbers(kernel.sumsAt(), width * width);
  return {
    add(rows, masses) {
      for (let first = 0; first < masses.length; first += chunk) {
        const count = Math.min(chunk, masses.length - first);
        input.set(rows.subarray(first * P, (first + count) * P));
        for (let j = 0; j < count; j++) counts[j] = masses[first + j];
        kernel.add(count);
      }
    },
    sums() {
      const sums = symmetric(P, (sums, a) => {
        sums.set(lines.subarray(a * width, a * width + a + 1), a * P);
      });
      if (kernel.memory.buffer.byteLength <= MOST_IDLE_BYTES) idle.push(kernel);
      return sums;
    },
  };
}

/** What the kernel squares.assembly.ts computes: the readable reference, and the fallback. */
export function plainSumOfSquares(P: number): SumOfSquares {
  const lower = new Float64Array(P * P);
  return {
    add(rows, masses) {
      for (let j = 0; j < masses.length; j++) {
        for (let a = 0; a < P; a++) {
          const one = masses[j] * rows[j * P + a];
          if (one !== 0) for (let b = 0; b <= a; b++) lower[a * P + b] += one * rows[j * P + b];
        }
      }
    },
    sums: () =>
      symmetric(P, (sums, a) => {
        sums.set(lower.subarray(a * P, a * P + a + 1), a * P);
      }),
  };
}

/** A symmetric matrix, of which `fill` writes a line up to its diagonal. */
function symmetric(P: number, fill: (sums: Float64Array, a: number) => void): Float64Array {
  const sums = new Float64Array(P * P);
  for (let a = 0; a < P; a++) {
    fill(sums, a);
    for (let b = 0; b < a; b++) sums[b * P + a] = sums[a * P + b];
  }
  return sums;
}
