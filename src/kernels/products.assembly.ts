import { logOf2 } from './exp-log.part.assembly';
import { minus, plus } from './multiply.part.assembly';

// log φ(μ; μ′, Σ + Σ′) of many pairs of Gaussians: one L D Lᵀ factorisation of Σ + Σ′ for each, with δ = μ − μ′ carried along as
// one more row, so that its last row gives L⁻¹ δ. products.ts says what goes in and out; this file is AssemblyScript.
//
// The lanes of a vector are different pairs: one Gaussian on the left with two (or four) on the right, so that no lane waits for
// another. A lower triangle with the row of the mean is kept column by column, each column from its diagonal on; for many features
// filled up to a multiple of four rows:
//
//     column 0:  Σ₀₀ Σ₁₀ Σ₂₀ … μ₀ (0 0 0)     column 1:  Σ₁₁ Σ₂₁ … μ₁ (0 …)     …
//
// The right side holds four Gaussians interleaved, entry by entry (a group), with −μ for μ: left + right is (Σ + Σ′, δ). An odd
// number of features is made even with one of variance ½ and mean 0, independent of all others: it adds a pivot of 1.

/** The number of features up to which the right-looking form is faster. */
const FEW: i32 = 16;

let count: i32 = 0;
let features: i32 = 0; // rounded up to an even number
let constant: f64 = 0; // d log 2π
let entries: i32 = 0; // numbers of a packed triangle
let LEFT: usize = 0; // in: all Gaussians, packed
let GROUPS: usize = 0; // all Gaussians in groups of four, packed and interleaved
let WORK: usize = 0; // the triangle that is factorised
let INVERSES: usize = 0; // 1 / d_j
let PANEL: usize = 0; // two rows of multipliers
let OUT: usize = 0; // out: four numbers for each left Gaussian
let ROW: usize = 0; // bytes from row to row of WORK where that is row by row

/** Lays memory out for n Gaussians of d features. */
export function layout(n: i32, d: i32): void {
  constant = <f64>d * 1.8378770664093453;
  d += d & 1;
  count = n;
  features = d;
  entries = 0;
  for (let j = 0; j < d; j++) entries += rowsOf(j);
  ROW = <usize>(d + 2) * 16;
  if ((ROW & 127) == 0) ROW += 16; // rows a power of two apart would share lines of the cache
  const groups = (n + 3) >> 2;
  let at: usize = (__heap_base + 63) & ~63;
  LEFT = at; at += (<usize>(n * entries) * 8 + 63) & ~63;
  GROUPS = at; at += <usize>(groups * entries) * 32;
  WORK = at; at += max((<usize>entries + 8) * 32, ROW * <usize>(d + 8));
  INVERSES = at; at += <usize>(d + 4) * 16;
  PANEL = at; at += <usize>(d + 4) * 32;
  OUT = at; at += <usize>(groups * 4) * 32;
  const pages = <i32>((at + 0xffff) >> 16);
  if (pages > memory.size()) memory.grow(pages - memory.size());
  memory.fill(LEFT, 0, at - LEFT);
}

/** How many rows column j is kept with. */
export function rowsOf(j: i32): i32 {
  const rows = features + 1 - j;
  return features <= FEW ? rows : (rows + 3) & ~3;
}

export function leftAt(): usize { return LEFT; }
export function outAt(): usize { return OUT; }
export function entriesOf(): i32 { return entries; }

/** GROUPS from LEFT; the last Gaussian fills up the last group. */
export function interleave(): void {
  const size = <usize>entries * 8;
  for (let i = 0; i < ((count + 3) & ~3); i++) {
    let from = LEFT + <usize>min(i, count - 1) * size;
    let to = GROUPS + <usize>(i >> 2) * 4 * size + <usize>(i & 3) * 8;
    for (let j = 0; j < features; j++) {
      const mean = to + <usize>(features - j) * 32;
      for (let row = rowsOf(j); row > 0; row--) {
        store<f64>(to, load<f64>(from));
        from += 8;
        to += 32;
      }
      store<f64>(mean, -load<f64>(mean));
    }
  }
}

/** The log products of the Gaussians from `first` to `last` − 1 with the four of group g, at OUT; NaN if Σ + Σ′ is singular. */
export function products(g: i32, first: i32, last: i32): void {
  const group = GROUPS + <usize>(g * entries) * 32;
  for (let i = first; i < last; i++) {
    const left = LEFT + <usize>(i * entries) * 8;
    const out = OUT + <usize>i * 32;
    if (features <= FEW) fourPairs(left, group, out);
    else {
      twoPairs(left, group, out);
      twoPairs(left, group + 16, out + 16);
    }
  }
}

// A determinant is the product of the pivots' mantissas, each in [1, 2), and the sum of their exponents: no logarithm for each.
const MANTISSA: u64 = 0x000fffffffffffff;
const ONE: u64 = 0x3ff0000000000000;

// @ts-ignore: a decorator of AssemblyScript
@inline
function mantissa(pivot: v128): v128 {
  return v128.or(v128.and(pivot, i64x2.splat(MANTISSA)), i64x2.splat(ONE));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function exponent(pivot: v128): v128 {
  return i64x2.sub(i64x2.shr_u(pivot, 52), i64x2.splat(1023));
}

/** −½ (δᵀ (Σ + Σ′)⁻¹ δ + log det (Σ + Σ′) + d log 2π) of two pairs; NaN if a pivot was not positive. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function finish(out: usize, squared: v128, product: v128, exponents: v128, positive: v128): void {
  const twos = f64x2(<f64>i64x2.extract_lane(exponents, 0), <f64>i64x2.extract_lane(exponents, 1));
  const logDeterminant = plus(logOf2(product), twos, f64x2.splat(0.6931471805599453));
  const log = f64x2.mul(f64x2.splat(-0.5), f64x2.add(f64x2.add(squared, logDeterminant), f64x2.splat(constant)));
  v128.store(out, v128.bitselect(log, f64x2.splat(NaN), positive));
}

/**
 * Right-looking, for few features: as soon as two columns are known, they are taken from all columns after them, two of these at
 * a time, so that each number that is loaded serves twice.
 *
 *                column j   j + 1            column k             k + 1
 *     row r          x        y       −→   −= x m₀₀ + y m₀₁     −= x m₁₀ + y m₁₁
 */
function fourPairs(left: usize, group: usize, out: usize): void {
  const one = f64x2.splat(1), zero = f64x2.splat(0);
  for (let w = WORK, end = WORK + <usize>entries * 32; w < end; w += 32) {
    const mine = v128.load_splat<f64>(left);
    v128.store(w, f64x2.add(mine, v128.load(group)));
    v128.store(w, f64x2.add(mine, v128.load(group, 16)), 16);
    left += 8;
    group += 32;
  }
  let qa = zero, qb = zero; // δᵀ (Σ + Σ′)⁻¹ δ, of pairs 0 1 and 2 3
  let pa = one, pb = one; // mantissas
  let ea = i64x2.splat(0), eb = ea; // exponents
  let oka = i64x2.splat(-1), okb = oka;
  let column = WORK;
  for (let j = 0; j < features; j += 2) {
    const second = column + <usize>(features + 1 - j) * 32;
    const after = second + <usize>(features - j) * 32;
    const last = second - 32; // the row of δ in the first
    const da = v128.load(column), db = v128.load(column, 16);
    const ia = f64x2.div(one, da), ib = f64x2.div(one, db);
    const la = f64x2.mul(v128.load(column, 32), ia), lb = f64x2.mul(v128.load(column, 48), ib);
    for (let x = column + 32, y = second; x <= last; x += 32, y += 32) {
      v128.store(y, minus(v128.load(y), v128.load(x), la));
      v128.store(y, minus(v128.load(y, 16), v128.load(x, 16), lb), 16);
    }
    const ga = v128.load(second), gb = v128.load(second, 16);
    const ha = f64x2.div(one, ga), hb = f64x2.div(one, gb);
    oka = v128.and(oka, v128.and(f64x2.gt(da, zero), f64x2.gt(ga, zero)));
    okb = v128.and(okb, v128.and(f64x2.gt(db, zero), f64x2.gt(gb, zero)));
    pa = f64x2.mul(pa, f64x2.mul(mantissa(da), mantissa(ga)));
    pb = f64x2.mul(pb, f64x2.mul(mantissa(db), mantissa(gb)));
    ea = i64x2.add(ea, i64x2.add(exponent(da), exponent(ga)));
    eb = i64x2.add(eb, i64x2.add(exponent(db), exponent(gb)));

    let x = column + 64, y = second + 32, to = after;
    for (; x < last; x += 64, y += 64) {
      const x0a = v128.load(x), x0b = v128.load(x, 16), y0a = v128.load(y), y0b = v128.load(y, 16); // row k
      const m00a = f64x2.mul(x0a, ia), m00b = f64x2.mul(x0b, ib), m01a = f64x2.mul(y0a, ha), m01b = f64x2.mul(y0b, hb);
      const m10a = f64x2.mul(v128.load(x, 32), ia), m10b = f64x2.mul(v128.load(x, 48), ib);
      const m11a = f64x2.mul(v128.load(y, 32), ha), m11b = f64x2.mul(v128.load(y, 48), hb);
      v128.store(to, minus(minus(v128.load(to), m00a, x0a), m01a, y0a));
      v128.store(to, minus(minus(v128.load(to, 16), m00b, x0b), m01b, y0b), 16);
      let from = x + 32, other = y + 32;
      to += 32;
      let next = to + last - x;
      do {
        const xa = v128.load(from), ya = v128.load(other);
        v128.store(to, minus(minus(v128.load(to), m00a, xa), m01a, ya));
        v128.store(next, minus(minus(v128.load(next), m10a, xa), m11a, ya));
        const xb = v128.load(from, 16), yb = v128.load(other, 16);
        v128.store(to, minus(minus(v128.load(to, 16), m00b, xb), m01b, yb), 16);
        v128.store(next, minus(minus(v128.load(next, 16), m10b, xb), m11b, yb), 16);
        from += 32;
        other += 32;
        to += 32;
        next += 32;
      } while (from <= last);
      to = next;
    }
    const y1a = v128.load(after - 32), y1b = v128.load(after - 16);
    const y0a = v128.load(last), y0b = v128.load(last, 16);
    qa = f64x2.add(qa, plus(f64x2.mul(f64x2.mul(y0a, y0a), ia), f64x2.mul(y1a, y1a), ha));
    qb = f64x2.add(qb, plus(f64x2.mul(f64x2.mul(y0b, y0b), ib), f64x2.mul(y1b, y1b), hb));
    column = after;
  }
  finish(out, qa, pa, ea, oka);
  finish(out + 16, qb, pb, eb, okb);
}

/**
 * Left-looking, for many features: two columns at a time take from themselves all columns before, in tiles of four rows, so that
 * each number that is loaded serves twice or four times. The triangle is row by row here, ROW bytes apart.
 *
 *                column j   j + 1
 *     row i         a0       b0
 *     row i + 1     a1       b1
 *     row i + 2     a2       b2
 *     row i + 3     a3       b3
 */
function twoPairs(left: usize, group: usize, out: usize): void {
  const one = f64x2.splat(1), zero = f64x2.splat(0);
  const rows = features + 1;
  for (let j = 0; j < features; j++) {
    let to = WORK + <usize>j * ROW + <usize>j * 16;
    for (let i = rowsOf(j); i > 0; i--) {
      v128.store(to, f64x2.add(v128.load_splat<f64>(left), v128.load(group)));
      left += 8;
      group += 32;
      to += ROW;
    }
  }
  let q = zero, p = one, e = i64x2.splat(0), ok = i64x2.splat(-1);
  for (let j = 0; j < features; j += 2) {
    const top = WORK + <usize>j * ROW;
    const before = <usize>j * 16; // bytes of the columns before
    for (let k: usize = 0; k < before; k += 16) { // l_jk and l_{j+1,k}
      const inverse = v128.load(INVERSES + k);
      v128.store(PANEL + 2 * k, f64x2.mul(v128.load(top + k), inverse));
      v128.store(PANEL + 2 * k, f64x2.mul(v128.load(top + ROW + k), inverse), 16);
    }
    let i0 = zero, l = zero, i1 = zero;
    for (let i = j; i < rows; i += 4) {
      let r0 = WORK + <usize>i * ROW, r1 = r0 + ROW, r2 = r1 + ROW, r3 = r2 + ROW;
      const t0 = r0 + before, t1 = r1 + before, t2 = r2 + before, t3 = r3 + before;
      let a0 = v128.load(t0), a1 = v128.load(t1), a2 = v128.load(t2), a3 = v128.load(t3);
      let b0 = v128.load(t0, 16), b1 = v128.load(t1, 16), b2 = v128.load(t2, 16), b3 = v128.load(t3, 16);
      for (let panel = PANEL; r0 < t0; panel += 32) {
        const m0 = v128.load(panel), m1 = v128.load(panel, 16);
        let y = v128.load(r0); a0 = minus(a0, y, m0); b0 = minus(b0, y, m1);
        y = v128.load(r1); a1 = minus(a1, y, m0); b1 = minus(b1, y, m1);
        y = v128.load(r2); a2 = minus(a2, y, m0); b2 = minus(b2, y, m1);
        y = v128.load(r3); a3 = minus(a3, y, m0); b3 = minus(b3, y, m1);
        r0 += 16; r1 += 16; r2 += 16; r3 += 16;
      }
      if (i == j) { // the two pivots
        ok = v128.and(ok, f64x2.gt(a0, zero));
        p = f64x2.mul(p, mantissa(a0));
        e = i64x2.add(e, exponent(a0));
        i0 = f64x2.div(one, a0);
        v128.store(INVERSES + before, i0);
        l = f64x2.mul(a1, i0);
        b1 = minus(b1, a1, l);
        ok = v128.and(ok, f64x2.gt(b1, zero));
        p = f64x2.mul(p, mantissa(b1));
        e = i64x2.add(e, exponent(b1));
        i1 = f64x2.div(one, b1);
        v128.store(INVERSES + before, i1, 16);
      } else {
        b0 = minus(b0, a0, l);
        b1 = minus(b1, a1, l);
      }
      b2 = minus(b2, a2, l); b3 = minus(b3, a3, l);
      v128.store(t0, a0); v128.store(t1, a1); v128.store(t2, a2); v128.store(t3, a3);
      v128.store(t0, b0, 16); v128.store(t1, b1, 16); v128.store(t2, b2, 16); v128.store(t3, b3, 16);
    }
    const last = WORK + <usize>features * ROW + before; // the row of δ
    const y0 = v128.load(last), y1 = v128.load(last, 16);
    q = f64x2.add(q, plus(f64x2.mul(f64x2.mul(y0, y0), i0), f64x2.mul(y1, y1), i1));
  }
  finish(out, q, p, e, ok);
}
