import { expOf2, logOf2 } from './exp-log.part.assembly';

// What passes of EM over Gaussian mixtures of any covariances share: a block of rows, the responsibilities of its log densities, labels, masses.
//
// Rows are worked on in blocks of 64, feature by feature, so that one vector holds two rows of one feature:
//
//                 rows 0 1   rows 2 3        rows 62 63
//     feature 0  [ x  x  ]  [ x  x  ]   …   [ x  x  ]     COLUMN = 512 bytes
//     feature 1  [ x  x  ]  [ x  x  ]   …   [ x  x  ]
//        …
//
// An odd number of features is made even with one that is always 0.

export const BLOCK: i32 = 64;
export const COLUMN: usize = 512;

/** A responsibility below 2^-70 is lost in the rounding of every sum, and counts as 0. */
const NEGLIGIBLE: f64 = 8.470329472543003e-22;

export let features: i32 = 0;
export let even: i32 = 0; // features, rounded up to an even number
export let order: i32 = 0;
export let weighted: bool = false;

// where things lie in memory; everything is 16-byte aligned
let ROWS: usize = 0; // in: rows, as they are, row by row; or less the centre, in blocks
export let WEIGHTS: usize = 0; // in: how often each row of the chunk counts, 0 after the last of them (only if rows are weighted)
let CENTRE: usize = 0; // in: what is taken from each row, per feature
export let MEANS: usize = 0; // in: means less the centre, `even` numbers each
export let LOGS: usize = 0; // in: log w − ½ (d log 2π + log det Σ)
export let X: usize = 0; // the block, feature by feature
let TAKEN: usize = 0; // room for a block
export let SHARES: usize = 0; // log densities, then responsibilities: a column for each component
export let BEST: usize = 0; // free for log densities
let SCRATCH: usize = 0;
export let LABELS: usize = 0; // out: of each row of the chunk, the component of largest responsibility (only if asked for)
export let MASSES: usize = 0; // out: Σ r, two lanes each
let START: usize = 0; // of what is 0 at first

/** Lays memory out for rows of d features in chunks, and K components, and returns where the masses end and more may lie. */
export function layBlock(d: i32, K: i32, chunk: i32, counted: bool): usize {
  weighted = counted;
  features = d;
  even = (d + 1) & ~1;
  order = K;
  let at: usize = (__heap_base + 63) & ~63;
  ROWS = at; at += (<usize>(chunk * even) * 8 + 63) & ~63;
  WEIGHTS = at; at += counted ? <usize>(chunk + BLOCK) * 8 : 0;
  START = at;
  CENTRE = at; at += <usize>even * 8;
  MEANS = at; at += <usize>(K * even) * 8;
  LOGS = at; at += (<usize>K * 8 + 63) & ~63;
  TAKEN = at; at += <usize>even * COLUMN;
  SHARES = at; at += <usize>K * COLUMN;
  BEST = at; at += COLUMN;
  SCRATCH = at; at += COLUMN;
  LABELS = at; at += (<usize>(chunk + BLOCK) * 4 + 63) & ~63;
  MASSES = at; at += <usize>K * 16;
  return at;
}

/** Grows memory up to an end, and empties all but the rows. */
export function grow(end: usize): void {
  const pages = <i32>((end + 0xffff) >> 16);
  if (pages > memory.size()) memory.grow(pages - memory.size());
  memory.fill(START, 0, end - START);
}

export function rowsAt(): usize { return ROWS; }
export function weightsAt(): usize { return WEIGHTS; }
export function centreAt(): usize { return CENTRE; }
export function meansAt(): usize { return MEANS; }
export function logsAt(): usize { return LOGS; }
export function massesAt(): usize { return MASSES; }
export function labelsAt(): usize { return LABELS; }

/** Forgets the sums from MASSES to an end. */
export function clearSums(end: usize): void {
  none = 0;
  memory.fill(MASSES, 0, end - MASSES);
}

/** X = the rows from `first` on, less the centre, feature by feature; rows after the last are 0. */
export function takeBlock(first: i32, count: i32): void {
  X = TAKEN;
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

/** X = the block of the rows from `first` on, where they lie in blocks already. */
export function useBlock(first: i32): void {
  X = ROWS + <usize>(first * even) * 8;
}

/** SHARES from log densities to responsibilities, times how often rows count, of `count` rows of the chunk from `first` on; returns Σ log f_G(x). */
export function takeResponsibilities(first: i32, count: i32): f64 {
  if (weighted) return weightedResponsibilities(WEIGHTS + <usize>first * 8);
  return count == BLOCK ? responsibilities() : responsibilitiesOf(count);
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
  const sums = SCRATCH, best = BEST;
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
export function labelRows(out: usize): void {
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
export function addMass(k: i32): f64 {
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

// @ts-ignore: a decorator of AssemblyScript
@inline
export function addTo(at: usize, value: v128): void {
  v128.store(at, f64x2.add(v128.load(at), value));
}
