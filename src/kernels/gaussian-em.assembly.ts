import { expOf2, logOf2 } from './exp-log.part.assembly';
import { minus, plus } from './multiply.part.assembly';

// One pass of EM over the rows of a Gaussian mixture with full covariances: the E-step, and the sums that the M-step
// needs, without keeping responsibilities. em.ts says what goes in and out; this file is AssemblyScript.
//
// Rows are worked on in blocks of 64, feature by feature, so that one vector holds two rows of one feature:
//
//                 rows 0 1   rows 2 3        rows 62 63
//     feature 0  [ x  x  ]  [ x  x  ]   …   [ x  x  ]     COLUMN = 512 bytes
//     feature 1  [ x  x  ]  [ x  x  ]   …   [ x  x  ]
//        …
//
// All of a block (its rows, its rows less a mean, its responsibilities) stays in the first level of the cache while every
// component passes over it. An odd number of features is made even with one that is always 0.

const BLOCK: i32 = 64;
const COLUMN: usize = 512;

/** A responsibility below 2^-70 is lost in the rounding of every sum, and counts as 0. */
const NEGLIGIBLE: f64 = 8.470329472543003e-22;

/** A log density that is this far below the best one makes a responsibility that is negligible: 70 log 2 and a little. */
const CUT: f64 = 49.0;

let features: i32 = 0;
let even: i32 = 0; // features, rounded up to an even number
let order: i32 = 0;
let weighted: bool = false;

// where things lie in memory; everything is 16-byte aligned
let ROWS: usize = 0; // in: rows, as they are, row by row
let WEIGHTS: usize = 0; // in: how often each row of the chunk counts, 0 after the last of them (only if rows are weighted)
let CENTRE: usize = 0; // in: what is taken from each row, per feature
let MEANS: usize = 0; // in: means less the centre, `even` numbers each
let LINES: usize = 0; // in: W, two lines of the triangle at a time (see em.ts), LINES_SIZE bytes each
let SHIFTS: usize = 0; // in: −W μ, `even` numbers each
let LOGS: usize = 0; // in: log w − ½ (d log 2π + log det Σ)
let X: usize = 0; // the block, feature by feature
let CENTRED: usize = 0; // the block less a mean
let WEIGHTED: usize = 0; // that times the responsibilities
let SHARES: usize = 0; // log densities, then responsibilities: a column for each component
let PAIRS: usize = 0; // where in a column the pairs of rows lie that a component has a share in, 32 at most
let BEST: usize = 0; // twice the best log density of each row so far
let LABELS: usize = 0; // out: of each row of the chunk, the component of largest responsibility (only if asked for)
let MASSES: usize = 0; // out: Σ r, two lanes each
let MOMENTS: usize = 0; // out: Σ r (x − μ), two lanes for each of `even` features
let SCATTERS: usize = 0; // out: Σ r (x − μ)(x − μ)ᵀ, in tiles of two lanes, SCATTER_SIZE bytes each
let END: usize = 0;
let GIVEN: usize = 0; // in: responsibilities of the chunk that are given, GIVEN_SIZE bytes for each component, 0 after the last row
let GIVEN_SIZE: usize = 0;
let LINES_SIZE: usize = 0;
let SCATTER_SIZE: usize = 0;

/** Lays memory out for rows of d features in chunks, and K components. */
export function layout(d: i32, K: i32, chunk: i32, counted: bool): void {
  weighted = counted;
  features = d;
  even = (d + 1) & ~1;
  order = K;
  const columns = <usize>even * COLUMN;
  const tiles = <usize>((even * (even + 2)) >> 1) * 8;
  LINES_SIZE = tiles;
  SCATTER_SIZE = 2 * tiles;
  let at: usize = (__heap_base + 63) & ~63;
  ROWS = at; at += (<usize>(chunk * d) * 8 + 63) & ~63;
  WEIGHTS = at; at += counted ? <usize>(chunk + BLOCK) * 8 : 0;
  CENTRE = at; at += <usize>even * 8;
  MEANS = at; at += <usize>(K * even) * 8;
  LINES = at; at += <usize>K * LINES_SIZE;
  SHIFTS = at; at += <usize>(K * even) * 8;
  LOGS = at; at += (<usize>K * 8 + 63) & ~63;
  X = at; at += columns;
  CENTRED = at; at += columns;
  WEIGHTED = at; at += columns;
  SHARES = at; at += <usize>K * COLUMN;
  PAIRS = at; at += 128;
  BEST = at; at += COLUMN;
  LABELS = at; at += (<usize>(chunk + BLOCK) * 4 + 63) & ~63;
  MASSES = at; at += <usize>K * 16;
  MOMENTS = at; at += <usize>(K * even) * 16;
  SCATTERS = at; at += <usize>K * SCATTER_SIZE;
  END = at;
  const pages = <i32>((at + 0xffff) >> 16);
  if (pages > memory.size()) memory.grow(pages - memory.size());
  memory.fill(CENTRE, 0, END - CENTRE);
}

/** Lays memory out for responsibilities that are given, too, after all else. */
export function layoutGiven(chunk: i32): void {
  GIVEN = (END + 63) & ~63;
  GIVEN_SIZE = <usize>(chunk + BLOCK) * 8;
  const pages = <i32>((GIVEN + <usize>order * GIVEN_SIZE + 0xffff) >> 16);
  if (pages > memory.size()) memory.grow(pages - memory.size());
}

export function rowsAt(): usize { return ROWS; }
export function givenAt(k: i32): usize { return GIVEN + <usize>k * GIVEN_SIZE; }
export function weightsAt(): usize { return WEIGHTS; }
export function centreAt(): usize { return CENTRE; }
export function meansAt(): usize { return MEANS; }
export function linesAt(): usize { return LINES; }
export function shiftsAt(): usize { return SHIFTS; }
export function logsAt(): usize { return LOGS; }
export function massesAt(): usize { return MASSES; }
export function momentsAt(): usize { return MOMENTS; }
export function scattersAt(): usize { return SCATTERS; }
export function labelsAt(): usize { return LABELS; }

/** Forgets all sums. */
export function clear(): void {
  none = 0;
  memory.fill(MASSES, 0, END - MASSES);
}

/**
 * Adds the first `rows` rows of the chunk to the sums; returns Σ log f_G(x), which is not finite if a row is too far from
 * everything.
 * @param label whether to write labels too
 */
export function pass(rows: i32, label: bool): f64 {
  let logLikelihood: f64 = 0;
  let dominant = 0; // of the block before: rows that lie together look alike
  for (let first = 0; first < rows; first += BLOCK) {
    const count = min(BLOCK, rows - first);
    takeBlock(first, count);
    for (let o: usize = 0; o < COLUMN; o += 16) v128.store(BEST + o, f64x2.splat(-Infinity));
    logDensities(dominant); // first, so that the others may leave early
    for (let k = 0; k < order; k++) if (k != dominant) logDensities(k);
    if (weighted) logLikelihood += weightedResponsibilities(WEIGHTS + <usize>first * 8);
    else logLikelihood += count == BLOCK ? responsibilities() : responsibilitiesOf(count);
    if (label) labelRows(LABELS + <usize>first * 4);
    let most: f64 = -1;
    for (let k = 0; k < order; k++) {
      const mass = addMass(k);
      if (mass == 0) continue;
      addScatter(k);
      if (mass > most) {
        most = mass;
        dominant = k;
      }
    }
  }
  return logLikelihood;
}

/** Adds the first `rows` rows of the chunk to the sums, with the responsibilities that are given. */
export function collect(rows: i32): void {
  for (let first = 0; first < rows; first += BLOCK) {
    takeBlock(first, min(BLOCK, rows - first));
    for (let k = 0; k < order; k++) {
      memory.copy(SHARES + <usize>k * COLUMN, givenAt(k) + <usize>first * 8, COLUMN);
      if (addMass(k) > 0) addScatter(k);
    }
  }
}

/** Writes to LABELS the component of largest w f(x) of each of the first `rows` rows of the chunk, the first of several equal ones; −1 for none. */
export function classify(rows: i32): void {
  let dominant = 0;
  for (let first = 0; first < rows; first += BLOCK) {
    takeBlock(first, min(BLOCK, rows - first));
    for (let o: usize = 0; o < COLUMN; o += 16) v128.store(BEST + o, f64x2.splat(-Infinity));
    logDensities(dominant);
    for (let k = 0; k < order; k++) if (k != dominant) logDensities(k);
    const labels = LABELS + <usize>first * 4;
    labelRows(labels);
    dominant = max(0, load<i32>(labels));
  }
}

/** X = the rows from `first` on, less the centre, feature by feature; rows after the last are 0. */
function takeBlock(first: i32, count: i32): void {
  const stride = <usize>features * 8;
  const from = ROWS + <usize>first * stride;
  for (let c = 0; c < features; c++) {
    const centre = load<f64>(CENTRE + <usize>c * 8);
    let row = from + <usize>c * 8;
    let to = X + <usize>c * COLUMN;
    for (let r = 0; r < count; r++) {
      store<f64>(to, load<f64>(row) - centre);
      row += stride;
      to += 8;
    }
    for (let r = count; r < BLOCK; r++) {
      store<f64>(to, 0);
      to += 8;
    }
  }
}

/**
 * SHARES[k] = log w_k f(x; θ_k) = LOGS[k] − ½ |W x + shift|² of all rows of the block, eight rows at a time against two lines of W:
 *
 *                  x of rows 0 1   2 3   4 5   6 7
 *     line i          a0           a1    a2    a3
 *     line i + 1      b0           b1    b2    b3
 *
 * Eight rows leave early once all of them are below their best component by more than CUT: squares only add up.
 */
function logDensities(k: i32): void {
  const constant = load<f64>(LOGS + <usize>k * 8);
  const log = f64x2.splat(constant);
  const half = f64x2.splat(0.5);
  const limit = f64x2.splat(2 * (constant + CUT));
  let out = SHARES + <usize>k * COLUMN;
  let best = BEST;
  for (let rows = X, end = X + COLUMN; rows < end; rows += 64) {
    let q0 = f64x2.splat(0), q1 = f64x2.splat(0), q2 = f64x2.splat(0), q3 = f64x2.splat(0);
    let w = LINES + <usize>k * LINES_SIZE;
    let shift = SHIFTS + <usize>(k * even) * 8;
    let last = rows + COLUMN; // line i reaches to feature i
    for (let i = 0; i < even; i += 2) {
      let a0 = v128.load_splat<f64>(shift), b0 = v128.load_splat<f64>(shift, 8);
      let a1 = a0, a2 = a0, a3 = a0, b1 = b0, b2 = b0, b3 = b0;
      let x = rows;
      do {
        const wa = v128.load_splat<f64>(w), wb = v128.load_splat<f64>(w, 8);
        let y = v128.load(x);
        a0 = plus(a0, y, wa); b0 = plus(b0, y, wb);
        y = v128.load(x, 16);
        a1 = plus(a1, y, wa); b1 = plus(b1, y, wb);
        y = v128.load(x, 32);
        a2 = plus(a2, y, wa); b2 = plus(b2, y, wb);
        y = v128.load(x, 48);
        a3 = plus(a3, y, wa); b3 = plus(b3, y, wb);
        w += 16;
        x += COLUMN;
      } while (x < last);
      const wb = v128.load_splat<f64>(w, 8); // line i + 1 has one feature more
      b0 = plus(b0, v128.load(x), wb);
      b1 = plus(b1, v128.load(x, 16), wb);
      b2 = plus(b2, v128.load(x, 32), wb);
      b3 = plus(b3, v128.load(x, 48), wb);
      w += 16;
      shift += 16;
      last += 2 * COLUMN;
      q0 = f64x2.add(q0, plus(f64x2.mul(a0, a0), b0, b0));
      q1 = f64x2.add(q1, plus(f64x2.mul(a1, a1), b1, b1));
      q2 = f64x2.add(q2, plus(f64x2.mul(a2, a2), b2, b2));
      q3 = f64x2.add(q3, plus(f64x2.mul(a3, a3), b3, b3));
      if (i & 2) {
        const near01 = v128.or(f64x2.lt(q0, f64x2.sub(limit, v128.load(best))), f64x2.lt(q1, f64x2.sub(limit, v128.load(best, 16))));
        const near23 = v128.or(f64x2.lt(q2, f64x2.sub(limit, v128.load(best, 32))), f64x2.lt(q3, f64x2.sub(limit, v128.load(best, 48))));
        if (!v128.any_true(v128.or(near01, near23))) break;
      }
    }
    q0 = minus(log, half, q0); q1 = minus(log, half, q1);
    q2 = minus(log, half, q2); q3 = minus(log, half, q3);
    v128.store(out, q0); v128.store(out, q1, 16); v128.store(out, q2, 32); v128.store(out, q3, 48);
    v128.store(best, f64x2.pmax(v128.load(best), f64x2.add(q0, q0)));
    v128.store(best, f64x2.pmax(v128.load(best, 16), f64x2.add(q1, q1)), 16);
    v128.store(best, f64x2.pmax(v128.load(best, 32), f64x2.add(q2, q2)), 32);
    v128.store(best, f64x2.pmax(v128.load(best, 48), f64x2.add(q3, q3)), 48);
    out += 64;
    best += 64;
  }
}

/**
 * SHARES from log densities to responsibilities, negligible ones to 0; returns Σ log f_G(x). Each sum over components lies
 * between 1 and K, so that a product of 32 of them needs one logarithm.
 */
function responsibilities(): f64 {
  const least = f64x2.splat(NEGLIGIBLE);
  let product = f64x2.splat(1), logs = f64x2.splat(0);
  for (let o: usize = 0; o < COLUMN; o += 16) {
    const first = SHARES + o, end = first + <usize>order * COLUMN;
    let most = v128.load(first);
    for (let p = first + COLUMN; p < end; p += COLUMN) most = f64x2.pmax(most, v128.load(p));
    let sum = f64x2.splat(0);
    for (let p = first; p < end; p += COLUMN) {
      const e = expOf2(f64x2.sub(v128.load(p), most));
      v128.store(p, e);
      sum = f64x2.add(sum, e);
    }
    const inverse = f64x2.div(f64x2.splat(1), sum);
    for (let p = first; p < end; p += COLUMN) {
      const share = f64x2.mul(v128.load(p), inverse);
      v128.store(p, v128.and(share, f64x2.gt(share, least)));
    }
    product = f64x2.mul(product, sum);
    logs = f64x2.add(logs, most);
  }
  return f64x2.extract_lane(logs, 0) + f64x2.extract_lane(logs, 1)
    + Math.log(f64x2.extract_lane(product, 0)) + Math.log(f64x2.extract_lane(product, 1));
}

/** The same, row by row, if the block is not full. */
function responsibilitiesOf(count: i32): f64 {
  let logLikelihood: f64 = 0;
  for (let r = 0; r < BLOCK; r++) {
    const first = SHARES + <usize>r * 8, end = first + <usize>order * COLUMN;
    if (r >= count) {
      for (let p = first; p < end; p += COLUMN) store<f64>(p, 0);
      continue;
    }
    let most = -Infinity;
    for (let p = first; p < end; p += COLUMN) most = max(most, load<f64>(p));
    let sum: f64 = 0;
    for (let p = first; p < end; p += COLUMN) {
      const e = Math.exp(load<f64>(p) - most);
      store<f64>(p, e);
      sum += e;
    }
    for (let p = first; p < end; p += COLUMN) {
      const share = load<f64>(p) / sum;
      store<f64>(p, share > NEGLIGIBLE ? share : 0);
    }
    logLikelihood += most + Math.log(sum);
  }
  return logLikelihood;
}

/**
 * The same, for rows that count as often as `weights` say, not at all after the last: every responsibility times the weight of its row.
 * As the logarithms have weights of their own, each row needs one; they come last, so that none waits for the exponentials of its row.
 */
function weightedResponsibilities(weights: usize): f64 {
  const least = f64x2.splat(NEGLIGIBLE);
  const sums = CENTRED, best = BEST; // free, until rows are less a mean
  for (let o: usize = 0; o < COLUMN; o += 16) {
    const first = SHARES + o, end = first + <usize>order * COLUMN;
    let most = v128.load(first);
    for (let p = first + COLUMN; p < end; p += COLUMN) most = f64x2.pmax(most, v128.load(p));
    let sum = f64x2.splat(0);
    for (let p = first; p < end; p += COLUMN) {
      const e = expOf2(f64x2.sub(v128.load(p), most));
      v128.store(p, e);
      sum = f64x2.add(sum, e);
    }
    const scale = f64x2.div(v128.load(weights + o), sum), negligible = f64x2.mul(sum, least);
    for (let p = first; p < end; p += COLUMN) {
      const e = v128.load(p);
      v128.store(p, v128.and(f64x2.mul(e, scale), f64x2.gt(e, negligible)));
    }
    v128.store(sums + o, sum);
    v128.store(best + o, most);
  }
  const zero = f64x2.splat(0);
  let logLikelihood = zero;
  for (let o: usize = 0; o < COLUMN; o += 16) {
    const weight = v128.load(weights + o);
    const log = f64x2.mul(weight, f64x2.add(v128.load(best + o), logOf2(v128.load(sums + o))));
    logLikelihood = f64x2.add(logLikelihood, v128.and(log, f64x2.ne(weight, zero)));
  }
  return f64x2.extract_lane(logLikelihood, 0) + f64x2.extract_lane(logLikelihood, 1);
}

let none: i32 = 0;

/** How many responsibilities counted as 0 while rows were labelled. */
export function negligibleShares(): i32 { return none; }

/** Writes the component of largest responsibility (or log density) of each row of the block; −1 where all are beyond float64. */
function labelRows(out: usize): void {
  const zero = f64x2.splat(0);
  for (let o: usize = 0; o < COLUMN; o += 16) {
    let most = f64x2.splat(-Infinity);
    let label = i64x2.splat(-1);
    for (let k = 0; k < order; k++) {
      const share = v128.load(SHARES + <usize>k * COLUMN + o);
      const more = f64x2.gt(share, most);
      most = v128.bitselect(share, most, more);
      label = v128.bitselect(i64x2.splat(<i64>k), label, more);
      none += popcnt(i64x2.bitmask(f64x2.eq(share, zero)));
    }
    store<i32>(out, <i32>i64x2.extract_lane(label, 0));
    store<i32>(out, <i32>i64x2.extract_lane(label, 1), 4);
    out += 8;
  }
}

/** Adds Σ r of the block to the component's mass, and returns it. */
function addMass(k: i32): f64 {
  const shares = SHARES + <usize>k * COLUMN;
  let even2 = f64x2.splat(0), odd = f64x2.splat(0);
  for (let r = shares; r < shares + COLUMN; r += 32) {
    even2 = f64x2.add(even2, v128.load(r));
    odd = f64x2.add(odd, v128.load(r, 16));
  }
  const sum = f64x2.add(even2, odd);
  const mass = MASSES + <usize>k * 16;
  v128.store(mass, f64x2.add(v128.load(mass), sum));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

/**
 * Adds Σ r y and Σ r y yᵀ, y = x − μ, of the block: tiles of two features (left, with r) by four (above, without), of which each
 * number is two lanes, the sums over even and over odd rows.
 *
 *                  b    b+1  b+2  b+3
 *          a       c00  c01  c02  c03
 *          a + 1   c10  c11  c12  c13        only tiles that reach below the diagonal
 *
 * Only pairs of rows with a share go in, moved together: if components are apart, these are few.
 */
function addScatter(k: i32): void {
  const shares = SHARES + <usize>k * COLUMN;
  let pairs: usize = 0;
  for (let o: usize = 0; o < COLUMN; o += 16) {
    if (v128.any_true(v128.load(shares + o))) {
      store<u32>(PAIRS + pairs * 4, <u32>o);
      pairs++;
    }
  }
  const length = pairs * 16;
  let moment = MOMENTS + <usize>(k * even) * 16;
  let column = X, y = CENTRED, ry = WEIGHTED;
  for (let mean = MEANS + <usize>(k * even) * 8, end = mean + <usize>even * 8; mean < end; mean += 8) {
    const mu = v128.load_splat<f64>(mean);
    let sum = f64x2.splat(0);
    for (let t: usize = 0, at = PAIRS; t < length; t += 16, at += 4) {
      const o = <usize>load<u32>(at);
      const z = f64x2.sub(v128.load(column + o), mu);
      v128.store(y + t, z);
      const rz = f64x2.mul(z, v128.load(shares + o));
      v128.store(ry + t, rz);
      sum = f64x2.add(sum, rz);
    }
    addTo(moment, sum);
    moment += 16;
    column += COLUMN;
    y += COLUMN;
    ry += COLUMN;
  }
  let s = SCATTERS + <usize>k * SCATTER_SIZE;
  for (let a = 0, left = WEIGHTED; a < even; a += 2, left += 2 * COLUMN) {
    const end = left + length;
    let b = 0, above = CENTRED;
    for (; b + 4 <= a + 2; b += 4, above += 4 * COLUMN) {
      let c00 = f64x2.splat(0), c01 = f64x2.splat(0), c02 = f64x2.splat(0), c03 = f64x2.splat(0);
      let c10 = f64x2.splat(0), c11 = f64x2.splat(0), c12 = f64x2.splat(0), c13 = f64x2.splat(0);
      let p = left, q = above;
      do {
        const u = v128.load(p), v = v128.load(p, 512);
        let z = v128.load(q); c00 = plus(c00, u, z); c10 = plus(c10, v, z);
        z = v128.load(q, 512); c01 = plus(c01, u, z); c11 = plus(c11, v, z);
        z = v128.load(q, 1024); c02 = plus(c02, u, z); c12 = plus(c12, v, z);
        z = v128.load(q, 1536); c03 = plus(c03, u, z); c13 = plus(c13, v, z);
        p += 16;
        q += 16;
      } while (p < end);
      addTo(s, c00); addTo(s + 16, c01); addTo(s + 32, c02); addTo(s + 48, c03);
      addTo(s + 64, c10); addTo(s + 80, c11); addTo(s + 96, c12); addTo(s + 112, c13);
      s += 128;
    }
    if (b < a + 2) { // two features are left above
      let c00 = f64x2.splat(0), c01 = f64x2.splat(0), c10 = f64x2.splat(0), c11 = f64x2.splat(0);
      let p = left, q = above;
      do {
        const u = v128.load(p), v = v128.load(p, 512);
        let z = v128.load(q); c00 = plus(c00, u, z); c10 = plus(c10, v, z);
        z = v128.load(q, 512); c01 = plus(c01, u, z); c11 = plus(c11, v, z);
        p += 16;
        q += 16;
      } while (p < end);
      addTo(s, c00); addTo(s + 16, c01); addTo(s + 32, c10); addTo(s + 48, c11);
      s += 64;
    }
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function addTo(at: usize, value: v128): void {
  v128.store(at, f64x2.add(v128.load(at), value));
}
