import { logOf2 } from './exp-log.part.assembly';
import { minus, plus } from './multiply.part.assembly';

// log φ(μ; μ′, Σ + Σ′) of many pairs of Gaussians: one L D Lᵀ factorisation of Σ + Σ′ for each, with δ = μ − μ′ carried along as
// one more row, so that its last row gives L⁻¹ δ. products.ts says what goes in and out; this file is AssemblyScript.
//
// The lanes of a vector are different pairs: one Gaussian on the left with two (or four) on the right, so that no lane waits for
// another. A lower triangle with the row of the mean is kept column by column, each column from its diagonal on:
//
//     column 0:  Σ₀₀ Σ₁₀ Σ₂₀ … μ₀     column 1:  Σ₁₁ Σ₂₁ … μ₁     …
//
// The right side holds Gaussians interleaved, entry by entry, two at a time (or four), with −μ for μ: left + right is (Σ + Σ′, δ). An
// odd number of features is made even with one of variance ½ and mean 0, independent of all others: it adds a pivot of 1.

/** The number of features up to which four pairs at once are faster: their triangle stays in the nearest cache. */
const FEW: i32 = 32;

let count: i32 = 0;
let given: i32 = 0; // d
let features: i32 = 0; // d, rounded up to an even number
let constant: f64 = 0; // d log 2π
let entries: i32 = 0; // numbers of a packed triangle
let lanes: i32 = 0; // Gaussians that are interleaved on the right
let GIVEN: usize = 0; // in: one Gaussian, μ and then Σ, row by row
let LEFT: usize = 0; // all Gaussians, packed
let RIGHT: usize = 0; // all Gaussians, packed and interleaved
let WORK: usize = 0; // the triangles that are factorised
let OUT: usize = 0; // out: four numbers for each left Gaussian

/** Lays memory out for n Gaussians of d features. */
export function layout(n: i32, d: i32): void {
  count = n;
  given = d;
  features = d + (d & 1);
  constant = <f64>d * 1.8378770664093453;
  entries = (features * (features + 3)) >> 1;
  lanes = features <= FEW ? 4 : 2;
  const filled = (n + 3) & ~3;
  let at: usize = (__heap_base + 63) & ~63;
  GIVEN = at; at += (<usize>(d + d * d) * 8 + 63) & ~63;
  LEFT = at; at += (<usize>(n * entries) * 8 + 63) & ~63;
  RIGHT = at; at += <usize>(filled * entries) * 8;
  WORK = at; at += <usize>(entries * lanes + 8) * 8;
  OUT = at; at += <usize>filled * 32;
  const pages = <i32>((at + 0xffff) >> 16);
  if (pages > memory.size()) memory.grow(pages - memory.size());
}

export function givenAt(): usize { return GIVEN; }
export function outAt(): usize { return OUT; }

/** Packs what is at GIVEN as Gaussian i, on both sides; the last one fills up the last four, too. */
export function place(i: i32): void {
  let to = LEFT + <usize>(i * entries) * 8;
  for (let j = 0; j < features; j++) {
    const column = GIVEN + <usize>(given + j) * 8;
    for (let row = j; row < features; row++, to += 8) {
      const inside = row < given && j < given;
      store<f64>(to, inside ? load<f64>(column + <usize>(row * given) * 8) : row == j ? 0.5 : 0);
    }
    store<f64>(to, j < given ? load<f64>(GIVEN + <usize>j * 8) : 0);
    to += 8;
  }
  interleave(i, i);
  if (i == count - 1) for (let lane = count; lane & 3; lane++) interleave(i, lane);
}

/** Copies Gaussian i from LEFT to a place of RIGHT. */
function interleave(i: i32, place: i32): void {
  const step = <usize>lanes * 8;
  let from = LEFT + <usize>(i * entries) * 8;
  let to = RIGHT + <usize>(place / lanes * lanes * entries + place % lanes) * 8;
  for (let j = 0; j < features; j++) {
    for (let row = j; row < features; row++) {
      store<f64>(to, load<f64>(from));
      from += 8;
      to += step;
    }
    store<f64>(to, -load<f64>(from));
    from += 8;
    to += step;
  }
}

/** The log products of the Gaussians from `first` to `last` − 1 with the four of group g, at OUT; NaN if Σ + Σ′ is singular. */
export function products(g: i32, first: i32, last: i32): void {
  const size = <usize>entries * 8;
  for (let lane = 0; lane < 4; lane += lanes) {
    const right = RIGHT + <usize>(4 * g + lane) * size;
    let left = LEFT + <usize>first * size;
    let out = OUT + <usize>(4 * first + lane) * 8;
    for (let i = first; i < last; i++, left += size, out += 32) {
      if (lanes == 4) fourPairs(left, right, out);
      else twoPairs(left, right, out);
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
function fourPairs(left: usize, right: usize, out: usize): void {
  const one = f64x2.splat(1), zero = f64x2.splat(0);
  for (let w = WORK, end = WORK + <usize>entries * 32; w < end; w += 32) {
    const mine = v128.load_splat<f64>(left);
    v128.store(w, f64x2.add(mine, v128.load(right)));
    v128.store(w, f64x2.add(mine, v128.load(right, 16)), 16);
    left += 8;
    right += 32;
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
 * Right-looking, for many features: four columns at a time, first among themselves, then from all columns after them, two of these at
 * a time, so that each number that is loaded serves twice, and each that is stored took four products.
 *
 *                column j   j + 1   j + 2   j + 3            column k                          k + 1
 *     row r          x0        x1      x2      x3     −→   −= x0 m00 + x1 m01 + x2 m02 + x3 m03   −= x0 m10 + …
 */
function twoPairs(left: usize, right: usize, out: usize): void {
  const one = f64x2.splat(1), zero = f64x2.splat(0);
  for (let w = WORK, end = WORK + <usize>entries * 16; w < end; w += 16) {
    v128.store(w, f64x2.add(v128.load_splat<f64>(left), v128.load(right)));
    left += 8;
    right += 16;
  }
  let q = zero, p = one, e = i64x2.splat(0), ok = i64x2.splat(-1);
  let column = WORK, j = 0;
  for (; j + 4 <= features; j += 4) {
    const size = <usize>(features + 1 - j) * 16;
    const c0 = column, c1 = c0 + size, c2 = c1 + size - 16, c3 = c2 + size - 32, after = c3 + size - 48;
    const last = c1 - 16; // the row of δ in the first
    const a00 = v128.load(c0), a10 = v128.load(c0, 16), a20 = v128.load(c0, 32), a30 = v128.load(c0, 48);
    let a11 = v128.load(c1), a21 = v128.load(c1, 16), a31 = v128.load(c1, 32);
    let a22 = v128.load(c2), a32 = v128.load(c2, 16), a33 = v128.load(c3);
    const i0 = f64x2.div(one, a00);
    const l10 = f64x2.mul(a10, i0), l20 = f64x2.mul(a20, i0), l30 = f64x2.mul(a30, i0);
    a11 = minus(a11, a10, l10); a21 = minus(a21, a20, l10); a31 = minus(a31, a30, l10);
    a22 = minus(a22, a20, l20); a32 = minus(a32, a30, l20); a33 = minus(a33, a30, l30);
    const i1 = f64x2.div(one, a11);
    const l21 = f64x2.mul(a21, i1), l31 = f64x2.mul(a31, i1);
    a22 = minus(a22, a21, l21); a32 = minus(a32, a31, l21); a33 = minus(a33, a31, l31);
    const i2 = f64x2.div(one, a22);
    const l32 = f64x2.mul(a32, i2);
    a33 = minus(a33, a32, l32);
    const i3 = f64x2.div(one, a33);
    const firstTwo = v128.and(f64x2.gt(a00, zero), f64x2.gt(a11, zero));
    ok = v128.and(v128.and(ok, firstTwo), v128.and(f64x2.gt(a22, zero), f64x2.gt(a33, zero)));
    p = f64x2.mul(f64x2.mul(p, f64x2.mul(mantissa(a00), mantissa(a11))), f64x2.mul(mantissa(a22), mantissa(a33)));
    e = i64x2.add(i64x2.add(e, i64x2.add(exponent(a00), exponent(a11))), i64x2.add(exponent(a22), exponent(a33)));

    let x0 = c0 + 64, x1 = c1 + 48, x2 = c2 + 32, x3 = c3 + 16;
    for (; x0 <= last; x0 += 16, x1 += 16, x2 += 16, x3 += 16) {
      const y0 = v128.load(x0), y1 = minus(v128.load(x1), y0, l10);
      const y2 = minus(minus(v128.load(x2), y0, l20), y1, l21);
      const y3 = minus(minus(minus(v128.load(x3), y0, l30), y1, l31), y2, l32);
      v128.store(x1, y1); v128.store(x2, y2); v128.store(x3, y3);
    }
    x0 = c0 + 64; x1 = c1 + 48; x2 = c2 + 32; x3 = c3 + 16;
    let to = after;
    for (; x0 < last; x0 += 32, x1 += 32, x2 += 32, x3 += 32) {
      const y0 = v128.load(x0), y1 = v128.load(x1), y2 = v128.load(x2), y3 = v128.load(x3); // row k
      const m00 = f64x2.mul(y0, i0), m01 = f64x2.mul(y1, i1), m02 = f64x2.mul(y2, i2), m03 = f64x2.mul(y3, i3);
      v128.store(to, minus(minus(minus(minus(v128.load(to), m00, y0), m01, y1), m02, y2), m03, y3));
      let r0 = x0 + 16, r1 = x1 + 16, r2 = x2 + 16, r3 = x3 + 16;
      const m10 = f64x2.mul(v128.load(r0), i0), m11 = f64x2.mul(v128.load(r1), i1);
      const m12 = f64x2.mul(v128.load(r2), i2), m13 = f64x2.mul(v128.load(r3), i3);
      to += 16;
      let next = to + last - x0;
      do {
        const z0 = v128.load(r0), z1 = v128.load(r1), z2 = v128.load(r2), z3 = v128.load(r3);
        v128.store(to, minus(minus(minus(minus(v128.load(to), m00, z0), m01, z1), m02, z2), m03, z3));
        v128.store(next, minus(minus(minus(minus(v128.load(next), m10, z0), m11, z1), m12, z2), m13, z3));
        r0 += 16; r1 += 16; r2 += 16; r3 += 16;
        to += 16;
        next += 16;
      } while (r0 <= last);
      to = next;
    }
    const y0 = v128.load(last), y1 = v128.load(c2 - 16), y2 = v128.load(c3 - 16), y3 = v128.load(after - 16);
    q = plus(plus(q, f64x2.mul(y0, y0), i0), f64x2.mul(y1, y1), i1);
    q = plus(plus(q, f64x2.mul(y2, y2), i2), f64x2.mul(y3, y3), i3);
    column = after;
  }
  if (j < features) { // two columns are left, of three rows and of two
    const a = v128.load(column), x = v128.load(column, 16), y0 = v128.load(column, 32);
    const i0 = f64x2.div(one, a), l = f64x2.mul(x, i0);
    const b = minus(v128.load(column, 48), x, l), y1 = minus(v128.load(column, 64), y0, l);
    ok = v128.and(ok, v128.and(f64x2.gt(a, zero), f64x2.gt(b, zero)));
    p = f64x2.mul(p, f64x2.mul(mantissa(a), mantissa(b)));
    e = i64x2.add(e, i64x2.add(exponent(a), exponent(b)));
    q = plus(plus(q, f64x2.mul(y0, y0), i0), f64x2.mul(y1, y1), f64x2.div(one, b));
  }
  finish(out, q, p, e, ok);
}
