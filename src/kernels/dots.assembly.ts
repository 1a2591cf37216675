import { plus } from './multiply.part.assembly';

// All scalar products of n rows with K lines of the same length, a multiple of four. dots.ts says what goes in and out; this
// file is AssemblyScript. A row is loaded once for four lines, two numbers at a time:
//
//            line k   k + 1   k + 2   k + 3
//     row      s0      s1      s2      s3

let count: i32 = 0;
let width: usize = 0; // bytes of a row
let ROWS: usize = 0; // in
let LINES: usize = 0; // in
let OUT: usize = 0; // out: for each row, its products with all lines

/** Lays memory out for n rows of some numbers each. */
export function layout(n: i32, numbers: i32): void {
  count = n;
  width = <usize>numbers * 8;
  ROWS = (__heap_base + 63) & ~63;
  layLines(1);
}

/** Lays memory out for K lines too, after the rows. */
export function layLines(K: i32): void {
  LINES = ROWS + <usize>count * width;
  OUT = LINES + <usize>K * width;
  const pages = <i32>((OUT + <usize>(count * K) * 8 + 0xffff) >> 16);
  if (pages > memory.size()) memory.grow(pages - memory.size());
}

export function rowsAt(): usize { return ROWS; }
export function linesAt(): usize { return LINES; }
export function outAt(): usize { return OUT; }

/** The products of all rows with the first K lines. */
export function products(K: i32): void {
  let out = OUT;
  for (let row = ROWS, end = ROWS + <usize>count * width; row < end; row += width) {
    let k = 0;
    for (; k + 4 <= K; k += 4) {
      let s0 = f64x2.splat(0), s1 = s0, s2 = s0, s3 = s0;
      let line = LINES + <usize>k * width;
      for (let x = row, last = row + width; x < last; x += 16) {
        const y = v128.load(x);
        s0 = plus(s0, y, v128.load(line));
        s1 = plus(s1, y, v128.load(line + width));
        s2 = plus(s2, y, v128.load(line + 2 * width));
        s3 = plus(s3, y, v128.load(line + 3 * width));
        line += 16;
      }
      store<f64>(out, both(s0)); store<f64>(out, both(s1), 8); store<f64>(out, both(s2), 16); store<f64>(out, both(s3), 24);
      out += 32;
    }
    for (; k < K; k++) {
      let s0 = f64x2.splat(0), s1 = s0;
      let line = LINES + <usize>k * width;
      for (let x = row, last = row + width; x < last; x += 32) {
        s0 = plus(s0, v128.load(x), v128.load(line));
        s1 = plus(s1, v128.load(x, 16), v128.load(line, 16));
        line += 32;
      }
      store<f64>(out, both(f64x2.add(s0, s1)));
      out += 8;
    }
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function both(sum: v128): f64 {
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}
