// log φ(μ; μ′, Σ + Σ′) of many pairs of Gaussians: one L D Lᵀ factorisation of Σ + Σ′ for each, with δ = μ − μ′ carried along as
// one more row, so that its last row gives L⁻¹ δ. products.ts says what goes in and out; this file is AssemblyScript.
//
// The lanes of a vector are different pairs: one Gaussian on the left with two (or four) on the right, so that no lane waits for
// another. A lower triangle with the row of the mean is kept column by column, each column from its diagonal on, filled up to a
// multiple of four rows:
//
//     column 0:  Σ₀₀ Σ₁₀ Σ₂₀ … μ₀ (0 0 0)     column 1:  Σ₁₁ Σ₂₁ … μ₁ (0 …)     …
//
// The right side holds four Gaussians interleaved, entry by entry (a group), with −μ for μ: left + right is (Σ + Σ′, δ).

let features: i32 = 0;
let entries: i32 = 0; // numbers of a packed triangle
let LEFT: usize = 0; // in: all Gaussians, packed
let GROUPS: usize = 0; // in: all Gaussians in groups of four, packed and interleaved
let WORK: usize = 0; // the triangle that is factorised
let INVERSES: usize = 0; // 1 / d_j
let PANEL: usize = 0; // two rows of multipliers
let OUT: usize = 0; // out: four numbers for each left Gaussian
let ROW: usize = 0; // bytes from row to row of WORK where that is row by row

/** Lays memory out for n Gaussians of d features. */
export function layout(n: i32, d: i32): void {
  features = d;
  entries = 0;
  for (let j = 0; j < d; j++) entries += (d + 1 - j + 3) & ~3;
  ROW = <usize>((d + 3) & ~1) * 16;
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

export function leftAt(): usize { return LEFT; }
export function groupsAt(): usize { return GROUPS; }
export function outAt(): usize { return OUT; }
export function entriesOf(): i32 { return entries; }

/** The log products of the Gaussians from `first` to `last` − 1 with the four of group g, at OUT; NaN where Σ + Σ′ is singular. */
export function products(g: i32, first: i32, last: i32): void {
  const group = GROUPS + <usize>(g * entries) * 32;
  for (let i = first; i < last; i++) {
    const left = LEFT + <usize>(i * entries) * 8;
    const out = OUT + <usize>i * 32;
    if (features <= 16) fourPairs(left, group, out);
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

// @ts-ignore: a decorator of AssemblyScript
@inline
function finish(out: usize, squared: f64, product: f64, exponents: i64, positive: i64): void {
  const logDeterminant = Math.log(product) + 0.6931471805599453 * <f64>exponents;
  store<f64>(out, positive ? -0.5 * (squared + logDeterminant + <f64>features * 1.8378770664093453) : NaN);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function finishLanes(out: usize, squared: v128, product: v128, exponents: v128, positive: v128): void {
  finish(out, f64x2.extract_lane(squared, 0), f64x2.extract_lane(product, 0), i64x2.extract_lane(exponents, 0), i64x2.extract_lane(positive, 0));
  finish(out + 8, f64x2.extract_lane(squared, 1), f64x2.extract_lane(product, 1), i64x2.extract_lane(exponents, 1), i64x2.extract_lane(positive, 1));
}

/** Right-looking, for few features: column j is taken from all columns after it as soon as it is known. */
function fourPairs(left: usize, group: usize, out: usize): void {
  const one = f64x2.splat(1), zero = f64x2.splat(0);
  for (let w = WORK, end = WORK + <usize>entries * 32; w < end; w += 32) {
    const mine = v128.load_splat<f64>(left);
    v128.store(w, f64x2.add(mine, v128.load(group)));
    v128.store(w, f64x2.add(mine, v128.load(group, 16)), 16);
    left += 8;
    group += 32;
  }
  let q0 = zero, q1 = zero; // δᵀ (Σ + Σ′)⁻¹ δ
  let p0 = one, p1 = one; // mantissas
  let e0 = i64x2.splat(0), e1 = e0; // exponents
  let ok0 = i64x2.splat(-1), ok1 = ok0;
  let column = WORK;
  for (let j = 0; j < features; j++) {
    const d0 = v128.load(column), d1 = v128.load(column, 16);
    ok0 = v128.and(ok0, f64x2.gt(d0, zero)); ok1 = v128.and(ok1, f64x2.gt(d1, zero));
    p0 = f64x2.mul(p0, mantissa(d0)); p1 = f64x2.mul(p1, mantissa(d1));
    e0 = i64x2.add(e0, exponent(d0)); e1 = i64x2.add(e1, exponent(d1));
    const i0 = f64x2.div(one, d0), i1 = f64x2.div(one, d1);
    const last = column + <usize>(features - j) * 32; // the row of δ
    let next = column + <usize>((features + 1 - j + 3) & ~3) * 32;
    const following = next;
    for (let u = column + 32; u < last; u += 32) { // column k gives up l_kj times what is below it in column j
      const m0 = f64x2.mul(v128.load(u), i0), m1 = f64x2.mul(v128.load(u, 16), i1);
      let from = u, to = next;
      do {
        v128.store(to, f64x2.sub(v128.load(to), f64x2.mul(m0, v128.load(from))));
        v128.store(to, f64x2.sub(v128.load(to, 16), f64x2.mul(m1, v128.load(from, 16))), 16);
        v128.store(to, f64x2.sub(v128.load(to, 32), f64x2.mul(m0, v128.load(from, 32))), 32);
        v128.store(to, f64x2.sub(v128.load(to, 48), f64x2.mul(m1, v128.load(from, 48))), 48);
        from += 64;
        to += 64;
      } while (from <= last);
      next += <usize>((<i32>((last - u) >> 5) + 1 + 3) & ~3) * 32;
    }
    const y0 = v128.load(last), y1 = v128.load(last, 16);
    q0 = f64x2.add(q0, f64x2.mul(f64x2.mul(y0, y0), i0)); q1 = f64x2.add(q1, f64x2.mul(f64x2.mul(y1, y1), i1));
    column = following;
  }
  finishLanes(out, q0, p0, e0, ok0);
  finishLanes(out + 16, q1, p1, e1, ok1);
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
    for (let i = (rows - j + 3) & ~3; i > 0; i--) {
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
    const second = j + 1 < features;
    let i0 = zero, l = zero, i1 = zero;
    for (let i = j; i < rows; i += 4) {
      let r0 = WORK + <usize>i * ROW, r1 = r0 + ROW, r2 = r1 + ROW, r3 = r2 + ROW;
      const t0 = r0 + before, t1 = r1 + before, t2 = r2 + before, t3 = r3 + before;
      let a0 = v128.load(t0), a1 = v128.load(t1), a2 = v128.load(t2), a3 = v128.load(t3);
      let b0 = v128.load(t0, 16), b1 = v128.load(t1, 16), b2 = v128.load(t2, 16), b3 = v128.load(t3, 16);
      for (let panel = PANEL; r0 < t0; panel += 32) {
        const m0 = v128.load(panel), m1 = v128.load(panel, 16);
        let y = v128.load(r0); a0 = f64x2.sub(a0, f64x2.mul(y, m0)); b0 = f64x2.sub(b0, f64x2.mul(y, m1));
        y = v128.load(r1); a1 = f64x2.sub(a1, f64x2.mul(y, m0)); b1 = f64x2.sub(b1, f64x2.mul(y, m1));
        y = v128.load(r2); a2 = f64x2.sub(a2, f64x2.mul(y, m0)); b2 = f64x2.sub(b2, f64x2.mul(y, m1));
        y = v128.load(r3); a3 = f64x2.sub(a3, f64x2.mul(y, m0)); b3 = f64x2.sub(b3, f64x2.mul(y, m1));
        r0 += 16; r1 += 16; r2 += 16; r3 += 16;
      }
      if (i == j) { // the two pivots
        ok = v128.and(ok, f64x2.gt(a0, zero));
        p = f64x2.mul(p, mantissa(a0));
        e = i64x2.add(e, exponent(a0));
        i0 = f64x2.div(one, a0);
        v128.store(INVERSES + before, i0);
        l = f64x2.mul(a1, i0);
        b1 = f64x2.sub(b1, f64x2.mul(a1, l));
        if (second) {
          ok = v128.and(ok, f64x2.gt(b1, zero));
          p = f64x2.mul(p, mantissa(b1));
          e = i64x2.add(e, exponent(b1));
          i1 = f64x2.div(one, b1);
          v128.store(INVERSES + before, i1, 16);
        }
      } else {
        b0 = f64x2.sub(b0, f64x2.mul(a0, l));
        b1 = f64x2.sub(b1, f64x2.mul(a1, l));
      }
      b2 = f64x2.sub(b2, f64x2.mul(a2, l)); b3 = f64x2.sub(b3, f64x2.mul(a3, l));
      v128.store(t0, a0); v128.store(t1, a1); v128.store(t2, a2); v128.store(t3, a3);
      v128.store(t0, b0, 16); v128.store(t1, b1, 16); v128.store(t2, b2, 16); v128.store(t3, b3, 16);
    }
    const last = WORK + <usize>features * ROW + before; // the row of δ
    let y = v128.load(last);
    q = f64x2.add(q, f64x2.mul(f64x2.mul(y, y), i0));
    if (second) {
      y = v128.load(last, 16);
      q = f64x2.add(q, f64x2.mul(f64x2.mul(y, y), i1));
    }
  }
  finishLanes(out, q, p, e, ok);
}
