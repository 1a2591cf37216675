import {
  addMass, addTo, BLOCK, clearSums, COLUMN, even, grow, layBlock, LOGS, MEANS, order, SHARES, takeBlock, takeResponsibilities, X,
} from './em-block.part.assembly';
import { minus, plus } from './multiply.part.assembly';

// One pass of EM over the rows of a mixture of Gaussians without correlations: the E-step, and the sums that the M-step needs. axis-em.ts says
// what goes in and out; this file is AssemblyScript. What is found of a row in the E-step, z = (x − μ) / σ, is kept for the sums.

let SCALES: usize = 0; // in: 1 / σ, `even` numbers each
let Z: usize = 0; // the block as each component has it: `even` columns each
let MOMENTS: usize = 0; // out: Σ r z, two lanes for each of `even` features
let SQUARES: usize = 0; // out: Σ r z², likewise
let END: usize = 0;

/** Lays memory out for rows of d features in chunks, and K components. */
export function layout(d: i32, K: i32, chunk: i32, counted: bool): void {
  let at = layBlock(d, K, chunk, counted);
  MOMENTS = at; at += <usize>(K * even) * 16;
  SQUARES = at; at += <usize>(K * even) * 16;
  END = at;
  SCALES = at; at += <usize>(K * even) * 8;
  Z = at; at += <usize>(K * even) * COLUMN;
  grow(at);
}

export { rowsAt, weightsAt, centreAt, meansAt, logsAt, massesAt } from './em-block.part.assembly';
export function scalesAt(): usize { return SCALES; }
export function momentsAt(): usize { return MOMENTS; }
export function squaresAt(): usize { return SQUARES; }

/** Forgets all sums. */
export function clear(): void { clearSums(END); }

/** Adds the first `rows` rows of the chunk to the sums; returns Σ log f_G(x), which is not finite if a row is too far from everything. */
export function pass(rows: i32): f64 {
  let logLikelihood: f64 = 0;
  for (let first = 0; first < rows; first += BLOCK) {
    const count = min(BLOCK, rows - first);
    takeBlock(first, count);
    for (let k = 0; k < order; k++) logDensities(k);
    logLikelihood += takeResponsibilities(first, count);
    for (let k = 0; k < order; k++) if (addMass(k) > 0) addMoments(k);
  }
  return logLikelihood;
}

/** SHARES[k] = log w_k f(x; θ_k) = LOGS[k] − ½ |z|² of all rows of the block, eight at a time. */
function logDensities(k: i32): void {
  const log = v128.load_splat<f64>(LOGS + <usize>k * 8);
  const half = f64x2.splat(0.5);
  const means = MEANS + <usize>(k * even) * 8, scales = SCALES + <usize>(k * even) * 8;
  let out = SHARES + <usize>k * COLUMN;
  let to = Z + <usize>(k * even) * COLUMN;
  for (let x = X, end = X + COLUMN; x < end; x += 64) {
    let q0 = f64x2.splat(0), q1 = q0, q2 = q0, q3 = q0;
    let from = x, z = to;
    for (let i: usize = 0, last = <usize>even * 8; i < last; i += 8) {
      const mean = v128.load_splat<f64>(means + i), scale = v128.load_splat<f64>(scales + i);
      let y = f64x2.mul(f64x2.sub(v128.load(from), mean), scale);
      v128.store(z, y);
      q0 = plus(q0, y, y);
      y = f64x2.mul(f64x2.sub(v128.load(from, 16), mean), scale);
      v128.store(z, y, 16);
      q1 = plus(q1, y, y);
      y = f64x2.mul(f64x2.sub(v128.load(from, 32), mean), scale);
      v128.store(z, y, 32);
      q2 = plus(q2, y, y);
      y = f64x2.mul(f64x2.sub(v128.load(from, 48), mean), scale);
      v128.store(z, y, 48);
      q3 = plus(q3, y, y);
      from += COLUMN;
      z += COLUMN;
    }
    v128.store(out, minus(log, half, q0)); v128.store(out, minus(log, half, q1), 16);
    v128.store(out, minus(log, half, q2), 32); v128.store(out, minus(log, half, q3), 48);
    out += 64;
    to += 64;
  }
}

/** Adds Σ r z and Σ r z² of the block, two features at a time. */
function addMoments(k: i32): void {
  const shares = SHARES + <usize>k * COLUMN, end = shares + COLUMN;
  let z = Z + <usize>(k * even) * COLUMN;
  let moment = MOMENTS + <usize>(k * even) * 16, square = SQUARES + <usize>(k * even) * 16;
  for (let i = 0; i < even; i += 2) {
    let m0 = f64x2.splat(0), m1 = m0, s0 = m0, s1 = m0;
    for (let r = shares; r < end; r += 16) {
      const share = v128.load(r);
      let y = v128.load(z);
      let ry = f64x2.mul(share, y);
      m0 = f64x2.add(m0, ry);
      s0 = plus(s0, ry, y);
      y = v128.load(z, COLUMN);
      ry = f64x2.mul(share, y);
      m1 = f64x2.add(m1, ry);
      s1 = plus(s1, ry, y);
      z += 16;
    }
    addTo(moment, m0); addTo(moment + 16, m1);
    addTo(square, s0); addTo(square + 16, s1);
    moment += 32;
    square += 32;
    z += COLUMN;
  }
}
