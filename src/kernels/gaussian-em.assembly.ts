import {
  addMass, addTo, BEST, BLOCK, clearSums, COLUMN, even, grow, labelRows, LABELS, layBlock, LOGS, MEANS, order, SHARES, takeBlock, takeResponsibilities, useBlock, X,
} from './em-block.part.assembly';
import { minus, plus } from './multiply.part.assembly';

// One pass of EM over the rows of a Gaussian mixture with full covariances: the E-step, and the sums that the M-step
// needs, without keeping responsibilities. em.ts says what goes in and out; this file is AssemblyScript.
//
// All of a block (its rows, its rows less a mean, its responsibilities) stays in the first level of the cache while every
// component passes over it.

/** A log density that is this far below the best one makes a responsibility that is negligible: 70 log 2 and a little. */
const CUT: f64 = 49.0;

let LINES: usize = 0; // in: W, two lines of the triangle at a time (see gaussian-em.ts), LINES_SIZE bytes each
let SHIFTS: usize = 0; // in: −W μ, `even` numbers each
let CENTRED: usize = 0; // the block less a mean
let WEIGHTED: usize = 0; // that times the responsibilities
let PAIRS: usize = 0; // where in a column the pairs of rows lie that a component has a share in, 32 at most
let MOMENTS: usize = 0; // out: Σ r (x − μ), two lanes for each of `even` features
let SCATTERS: usize = 0; // out: Σ r (x − μ)(x − μ)ᵀ, in tiles of two lanes, SCATTER_SIZE bytes each
let SUMS_END: usize = 0;
let END: usize = 0;
let GIVEN: usize = 0; // in: responsibilities of the chunk that are given, GIVEN_SIZE bytes for each component, 0 after the last row
let GIVEN_SIZE: usize = 0;
let LINES_SIZE: usize = 0;
let SCATTER_SIZE: usize = 0;

/** Lays memory out for rows of d features in chunks, and K components. */
export function layout(d: i32, K: i32, chunk: i32, counted: bool): void {
  let at = layBlock(d, K, chunk, counted);
  const tiles = <usize>((even * (even + 2)) >> 1) * 8;
  LINES_SIZE = tiles;
  SCATTER_SIZE = 2 * tiles;
  MOMENTS = at; at += <usize>(K * even) * 16;
  SCATTERS = at; at += <usize>K * SCATTER_SIZE;
  SUMS_END = at;
  LINES = at; at += <usize>K * LINES_SIZE;
  SHIFTS = at; at += (<usize>(K * even) * 8 + 63) & ~63;
  CENTRED = at; at += <usize>even * COLUMN;
  WEIGHTED = at; at += <usize>even * COLUMN;
  PAIRS = at; at += 128;
  END = at;
  grow(END);
}

/** Lays memory out for responsibilities that are given, too, after all else. */
export function layoutGiven(chunk: i32): void {
  GIVEN = (END + 63) & ~63;
  GIVEN_SIZE = <usize>(chunk + BLOCK) * 8;
  grow(GIVEN + <usize>order * GIVEN_SIZE);
}

export { rowsAt, weightsAt, centreAt, meansAt, logsAt, massesAt, labelsAt, negligibleShares } from './em-block.part.assembly';
export function givenAt(k: i32): usize { return GIVEN + <usize>k * GIVEN_SIZE; }
export function linesAt(): usize { return LINES; }
export function shiftsAt(): usize { return SHIFTS; }
export function momentsAt(): usize { return MOMENTS; }
export function scattersAt(): usize { return SCATTERS; }

/** Forgets all sums. */
export function clear(): void { clearSums(SUMS_END); }

/**
 * Adds the first `rows` rows of the chunk to the sums; returns Σ log f_G(x), which is not finite if a row is too far from
 * everything.
 * @param label whether to write labels too
 * @param blocked whether the rows lie in blocks, less the centre
 */
export function pass(rows: i32, label: bool, blocked: bool): f64 {
  let logLikelihood: f64 = 0;
  let dominant = 0; // of the block before: rows that lie together look alike
  for (let first = 0; first < rows; first += BLOCK) {
    const count = min(BLOCK, rows - first);
    if (blocked) useBlock(first);
    else takeBlock(first, count);
    for (let o: usize = 0; o < COLUMN; o += 16) v128.store(BEST + o, f64x2.splat(-Infinity));
    logDensities(dominant); // first, so that the others may leave early
    for (let k = 0; k < order; k++) if (k != dominant) logDensities(k);
    logLikelihood += takeResponsibilities(first, count);
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
