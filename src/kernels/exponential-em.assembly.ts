import { expOf2, logOf2 } from './exp-log.part.assembly';
import { plus } from './multiply.part.assembly';

// One pass of EM over the rows of a mixture of an exponential family: log w f(x) = LOGS + θᵀ T(x), up to what all components have in
// common; responsibilities; and Σ r and Σ r T(x), all that the M-step needs. exponential.ts says what goes in and out; this file
// is AssemblyScript.
//
// Statistics lie one after another, so that one vector holds one statistic of two rows:
//
//     T_1  [ row 0  row 1 ]  [ row 2  row 3 ]  …        chunk numbers
//     T_2  [ row 0  row 1 ]  …

/** A responsibility below 2^-70 is lost in the rounding of every sum, and counts as 0. */
const NEGLIGIBLE: f64 = 8.470329472543003e-22;

let statistics: i32 = 0;
let order: i32 = 0;
let weighted: bool = false;
let stride: usize = 0; // bytes from statistic to statistic
let ROWS: usize = 0; // in: T
let WEIGHTS: usize = 0; // in: how often each row of the chunk counts (only if rows are weighted)
let THETAS: usize = 0; // in: θ, `statistics` numbers for each component
let LOGS: usize = 0; // in: log w − A(θ)
let SHARES: usize = 0; // of two rows, a vector for each component
let MASSES: usize = 0; // out: Σ r, two lanes each
let SUMS: usize = 0; // out: Σ r T, two lanes for each statistic of each component
let END: usize = 0;

/** Lays memory out for p statistics, chunks of an even number of rows, and K components. */
export function layout(p: i32, K: i32, chunk: i32, counted: bool): void {
  statistics = p;
  order = K;
  weighted = counted;
  stride = <usize>chunk * 8;
  let at: usize = (__heap_base + 63) & ~63;
  ROWS = at; at += <usize>p * stride;
  WEIGHTS = at; at += counted ? stride : 0;
  THETAS = at; at += (<usize>(K * p) * 8 + 15) & ~15;
  LOGS = at; at += (<usize>K * 8 + 15) & ~15;
  SHARES = at; at += <usize>K * 16;
  MASSES = at; at += <usize>K * 16;
  SUMS = at; at += <usize>(K * p) * 16;
  END = at;
  const pages = <i32>((at + 0xffff) >> 16);
  if (pages > memory.size()) memory.grow(pages - memory.size());
}

export function rowsAt(): usize { return ROWS; }
export function weightsAt(): usize { return WEIGHTS; }
export function thetasAt(): usize { return THETAS; }
export function logsAt(): usize { return LOGS; }
export function massesAt(): usize { return MASSES; }
export function sumsAt(): usize { return SUMS; }

/** Forgets all sums. */
export function clear(): void {
  memory.fill(MASSES, 0, END - MASSES);
}

/**
 * Adds the first `rows` rows of the chunk to the sums, each as often as it counts; returns Σ log Σ_k exp(LOGS + θᵀ T). If their number is
 * odd, the row after them is none, but has a weight, which is 0.
 */
export function pass(rows: i32): f64 {
  return weighted ? passOf(rows, true) : passOf(rows, false);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function passOf(rows: i32, counted: bool): f64 {
  const least = f64x2.splat(NEGLIGIBLE), one = f64x2.splat(1), zero = f64x2.splat(0);
  let logLikelihood: f64 = 0;
  // each sum over components is between 1 and K: 32 of them need one logarithm, unless each has a weight of its own
  let product = one, logs = zero;
  for (let j = 0; j < rows; j += 2) {
    const row = ROWS + <usize>j * 8;
    let most = f64x2.splat(-Infinity);
    for (let k = 0; k < order; k++) {
      let log = v128.load_splat<f64>(LOGS + <usize>k * 8);
      for (let i = 0; i < statistics; i++) {
        log = plus(log, v128.load_splat<f64>(THETAS + <usize>(k * statistics + i) * 8), v128.load(row + <usize>i * stride));
      }
      v128.store(SHARES + <usize>k * 16, log);
      most = f64x2.pmax(most, log);
    }
    let sum = zero;
    for (let p = SHARES; p < MASSES; p += 16) {
      const e = expOf2(f64x2.sub(v128.load(p), most));
      v128.store(p, e);
      sum = f64x2.add(sum, e);
    }
    let inverse = f64x2.div(one, sum);
    if (j + 1 == rows) { // the second row is none
      inverse = f64x2.replace_lane(inverse, 1, 0);
      sum = f64x2.replace_lane(sum, 1, 1);
      most = f64x2.replace_lane(most, 1, 0);
    }
    const weight = counted ? v128.load(WEIGHTS + <usize>j * 8) : one;
    for (let k = 0; k < order; k++) {
      let share = f64x2.mul(v128.load(SHARES + <usize>k * 16), inverse);
      share = v128.and(counted ? f64x2.mul(share, weight) : share, f64x2.gt(share, least));
      addTo(MASSES + <usize>k * 16, share);
      for (let i = 0; i < statistics; i++) {
        addTo(SUMS + <usize>(k * statistics + i) * 16, f64x2.mul(share, v128.load(row + <usize>i * stride)));
      }
    }
    if (counted) {
      logs = f64x2.add(logs, f64x2.mul(weight, f64x2.add(most, logOf2(sum))));
      continue;
    }
    product = f64x2.mul(product, sum);
    logs = f64x2.add(logs, most);
    if ((j & 62) == 62) {
      logLikelihood += take(product, logs);
      product = one;
      logs = zero;
    }
  }
  return logLikelihood + take(product, logs);
}

function take(product: v128, logs: v128): f64 {
  return f64x2.extract_lane(logs, 0) + f64x2.extract_lane(logs, 1)
    + Math.log(f64x2.extract_lane(product, 0)) + Math.log(f64x2.extract_lane(product, 1));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function addTo(at: usize, value: v128): void {
  v128.store(at, f64x2.add(v128.load(at), value));
}
