import { plus } from './multiply.part.assembly';

// Σ m s sᵀ of many rows s of P numbers with masses m ≥ 0. squares.ts says what goes in and out; this file is AssemblyScript.
//
// Rows are worked on in blocks of 128, number by number, so that one vector holds two rows of one of their numbers, times √m:
//
//                 rows 0 1   rows 2 3        rows 126 127
//     number 0   [ s  s  ]  [ s  s  ]   …   [ s  s  ]
//        …
//
// Of the sums, tiles of two numbers (left) by four (above) are worked on at once, so that each vector that is loaded serves often.
// Columns above are taken in panels that stay in the first level of the cache while all columns on the left pass by.

const BLOCK: i32 = 128;
const COLUMN: usize = 1088; // from column to column: columns a power of two apart would share lines of the cache

/** Columns above that stay in the cache. */
const PANEL: i32 = 16;

let length: i32 = 0; // P
let width: i32 = 0; // rounded up to a multiple of four
let ROWS: usize = 0; // in: rows of P numbers
let MASSES: usize = 0; // in: the mass of each row, then its root
let X: usize = 0; // the block, number by number
let FILLED: usize = 0; // whether a column of the block is not all 0
let bytes: usize = 0; // of a column that the rows of the block fill, eight at a time
let SUMS: usize = 0; // out: `width` lines of `width` numbers, those on and below the diagonal

/** Lays memory out for rows of P numbers in chunks, and forgets all sums. */
export function layout(P: i32, chunk: i32): void {
  length = P;
  width = (P + 3) & ~3;
  let at: usize = (__heap_base + 63) & ~63;
  ROWS = at; at += (<usize>(chunk * P) * 8 + 63) & ~63;
  MASSES = at; at += (<usize>chunk * 8 + 63) & ~63;
  X = at; at += <usize>width * COLUMN;
  FILLED = at; at += (<usize>width + 63) & ~63;
  SUMS = at; at += <usize>(width * width) * 8;
  const pages = <i32>((at + 0xffff) >> 16);
  if (pages > memory.size()) memory.grow(pages - memory.size());
  memory.fill(ROWS, 0, at - ROWS);
}

export function rowsAt(): usize { return ROWS; }
export function massesAt(): usize { return MASSES; }
export function sumsAt(): usize { return SUMS; }
export function widthOf(): i32 { return width; }

/** Adds the first `rows` rows of the chunk. */
export function add(rows: i32): void {
  for (let mass = MASSES, end = MASSES + <usize>rows * 8; mass < end; mass += 8) store<f64>(mass, Math.sqrt(load<f64>(mass)));
  for (let first = 0; first < rows; first += BLOCK) {
    takeBlock(first, min(BLOCK, rows - first));
    for (let panel = 0; panel < width; panel += PANEL) {
      for (let a = panel; a < width; a += 2) {
        if (load<u16>(FILLED + a) == 0) continue;
        for (let b = panel, end = min(panel + PANEL, a + 2); b < end; b += 4) if (load<u32>(FILLED + b) != 0) tile(a, b);
      }
    }
  }
}

/** X = the rows from `first` on times the roots of their masses, eight rows at a time; rows after the last are 0. */
function takeBlock(first: i32, count: i32): void {
  const stride = <usize>length * 8;
  memory.fill(FILLED, 0, width);
  bytes = <usize>((count + 7) & ~7) * 8;
  for (let r = 0; r < count; r += 8) {
    let to = X + <usize>r * 8;
    for (let c = 0; c < length; c++, to += COLUMN) {
      let from = ROWS + <usize>(first + r) * stride + <usize>c * 8;
      let root = MASSES + <usize>(first + r) * 8;
      for (let lane = 0; lane < 8; lane++) {
        const value = r + lane < count ? load<f64>(root) * load<f64>(from) : 0;
        store<f64>(to + <usize>lane * 8, value);
        if (value != 0) store<u8>(FILLED + c, 1);
        from += stride;
        root += 8;
      }
    }
  }
}

/**
 *                  b    b+1  b+2  b+3
 *          a       c00  c01  c02  c03
 *          a + 1   c10  c11  c12  c13
 */
function tile(a: i32, b: i32): void {
  let c00 = f64x2.splat(0), c01 = f64x2.splat(0), c02 = f64x2.splat(0), c03 = f64x2.splat(0);
  let c10 = f64x2.splat(0), c11 = f64x2.splat(0), c12 = f64x2.splat(0), c13 = f64x2.splat(0);
  let p = X + <usize>a * COLUMN, q = X + <usize>b * COLUMN;
  const end = p + bytes;
  do {
    const u = v128.load(p), v = v128.load(p, COLUMN);
    let z = v128.load(q); c00 = plus(c00, u, z); c10 = plus(c10, v, z);
    z = v128.load(q, COLUMN); c01 = plus(c01, u, z); c11 = plus(c11, v, z);
    z = v128.load(q, 2 * COLUMN); c02 = plus(c02, u, z); c12 = plus(c12, v, z);
    z = v128.load(q, 3 * COLUMN); c03 = plus(c03, u, z); c13 = plus(c13, v, z);
    p += 16;
    q += 16;
  } while (p < end);
  const s = SUMS + (<usize>(a * width) + <usize>b) * 8, t = s + <usize>width * 8;
  addPair(s, c00, c01); addPair(s + 16, c02, c03);
  addPair(t, c10, c11); addPair(t + 16, c12, c13);
}

/** Adds the sums over the lanes of two vectors to two numbers. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function addPair(at: usize, x: v128, y: v128): void {
  const sums = f64x2.add(v128.shuffle<u64>(x, y, 0, 2), v128.shuffle<u64>(x, y, 1, 3));
  v128.store(at, f64x2.add(v128.load(at), sums));
}
