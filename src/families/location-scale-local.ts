import { DegenerateComponent, InvalidInput } from '../errors';
import { NEGLIGIBLE } from '../kernels/gaussian-em-plain';
import { quantiles } from '../math/quantile';
import type { Samples } from '../math/table';
import type { LocationScaleParameter, StandardDensity } from './standard-density';

const MAX_STEPS = 1000;

/** The gain of Q per row below which a Newton step is the last: what is left is about the square of it. */
const MIN_GAIN_PER_ROW = 1e-12;

/** The penalty a_n {s²/σ² + log σ²}. */
interface Penalty {
  /** a_n */
  readonly strength: number;
  /** s */
  readonly spread: number;
}

/**
 * θ = (μ, σ) that maximises Q = Σ_j r_j log f(x_j; θ) − a_n {s²/σ² + log σ²}, App. A.1. In a = 1/σ and b = μ/σ, Q is concave
 * for every log-concave f₀, and Newton's method with halving finds the maximum from anywhere. It goes in steps that are
 * relative to the present (μ, σ), so that it does not matter how far from 0 the rows are.
 * @throws DegenerateComponent if σ shrinks to 0
 */
export function maximise(
  standard: StandardDensity,
  data: Float64Array,
  shares: Float64Array,
  start: LocationScaleParameter,
  penalty: Penalty,
  what: string,
): LocationScaleParameter {
  const rows = data.filter((_, j) => shares[j] > NEGLIGIBLE);
  const own = shares.filter((share) => share > NEGLIGIBLE);
  if (rows.length === 0) return penalty.strength > 0 ? { ...start, scale: penalty.spread } : start;
  const smallest = penalty.strength > 0 ? 0 : 1e-12 * penalty.spread;

  let current = start;
  let at = objective(standard, rows, own, current, penalty);
  const farthest = rows.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  for (let step = 0; step < MAX_STEPS; step++) {
    let [da, db] = ascent(at);
    let promised = (at.slope[0] * da + at.slope[1] * db) / 2;
    if (step === 0 && !(promised <= at.mass)) {
      // a start that is so far off may be at the end of float64; the rows' own mean and spread are nearer
      const rough = roughly(rows, own);
      const there = objective(standard, rows, own, rough, penalty);
      if (!(at.value >= there.value)) [current, at] = [rough, there];
      [da, db] = ascent(at);
      promised = (at.slope[0] * da + at.slope[1] * db) / 2;
    }
    const last = !(promised > MIN_GAIN_PER_ROW * at.mass);
    const reach = Math.max(Math.abs(da), Math.abs(db) / (2 + (farthest + Math.abs(current.location)) / current.scale));
    let next = current;
    let there = at;
    for (let share = 1 / Math.max(1, reach); share > 1e-9; share /= 2) {
      if (!(1 + share * da > 0.1)) continue; // σ at most ten times as large
      const scale = current.scale / (1 + share * da);
      next = { location: current.location + share * db * scale, scale };
      there = objective(standard, rows, own, next, penalty);
      if (last || there.value > at.value) break;
    }
    if (!last && !(there.value > at.value)) return current; // where rounding begins
    [current, at] = [next, there];
    if (!(current.scale > smallest)) throw new DegenerateComponent(`${what} has no maximum: it shrinks onto one value`);
    if (last) return current;
  }
  return current;
}

/** Q at a θ, and its derivatives in (da, db) where 1/σ becomes (1 + da)/σ and μ/σ becomes μ/σ + db. */
interface Objective {
  readonly value: number;
  /** Σ r */
  readonly mass: number;
  readonly slope: readonly [number, number];
  /** the second derivatives aa, ab, bb */
  readonly curvature: readonly [number, number, number];
  /** those of a parabola below Q, if Q itself is not concave */
  readonly safeCurvature: readonly [number, number, number];
}

function objective(
  standard: StandardDensity,
  rows: Float64Array,
  shares: Float64Array,
  { location, scale }: LocationScaleParameter,
  { strength, spread }: Penalty,
): Objective {
  let value = 0;
  let mass = 0;
  let slopeA = 0;
  let slopeB = 0;
  let aa = 0;
  let ab = 0;
  let bb = 0;
  let safeAA = 0;
  let safeAB = 0;
  let safeBB = 0;
  for (let j = 0; j < rows.length; j++) {
    const u = (rows[j] - location) / scale;
    const share = shares[j];
    const slope = standard.slope(u);
    const curvature = standard.curvature(u);
    const safe = Math.min(curvature, u === 0 ? curvature : slope / u);
    mass += share;
    value += share * standard.logDensity(u);
    slopeA += share * slope * u;
    slopeB -= share * slope;
    aa += share * curvature * u * u;
    ab -= share * curvature * u;
    bb += share * curvature;
    safeAA += share * safe * u * u;
    safeAB -= share * safe * u;
    safeBB += share * safe;
  }
  const squared = strength > 0 ? strength * (spread / scale) ** 2 : 0;
  const own = mass + 2 * squared + 2 * strength; // of the terms in log σ and σ⁻²
  return {
    mass,
    value: value - mass * Math.log(scale) - squared - 2 * strength * Math.log(scale),
    slope: [slopeA + mass - 2 * squared + 2 * strength, slopeB],
    curvature: [aa - own, ab, bb],
    safeCurvature: [safeAA - own, safeAB, safeBB],
  };
}

/** Newton's step, by the safe curvature if Q's own has no maximum, and a little less curved where float64 sees none. */
function ascent({ slope, curvature, safeCurvature }: Objective): [number, number] {
  const concave = ([aa, ab, bb]: Objective['curvature']) => aa < 0 && aa * bb - ab * ab > 1e-12 * aa * bb;
  const largest = Math.max(...[...slope, ...curvature, ...safeCurvature].map(Math.abs));
  const scaled = ([aa, ab, bb]: Objective['curvature']): [number, number, number] => [
    aa / largest,
    ab / largest,
    bb / largest,
  ];
  let [aa, ab, bb] = scaled(curvature);
  if (!concave([aa, ab, bb])) [aa, ab, bb] = scaled(safeCurvature);
  if (!concave([aa, ab, bb])) [aa, bb] = [aa * (1 + 1e-8), bb * (1 + 1e-8)];
  const [a, b] = [slope[0] / largest, slope[1] / largest];
  const determinant = aa * bb - ab * ab;
  return [(ab * b - bb * a) / determinant, (ab * a - aa * b) / determinant];
}

/** The mean and the standard deviation of the rows under their shares, to start from. */
export function roughly(data: Float64Array, shares: Float64Array): LocationScaleParameter {
  const mass = shares.reduce((sum, share) => sum + share, 0) || 1;
  const location = data.reduce((sum, x, j) => sum + (shares[j] / mass) * x, 0);
  const variance = data.reduce((sum, x, j) => sum + (shares[j] / mass) * (x - location) ** 2, 0);
  return { location, scale: Math.sqrt(variance) || Math.abs(location) * 1e-3 || 1 };
}

/**
 * The sample's interquartile range, by linear interpolation between rows, each as often as it counts; if it is 0, the largest distance to the median.
 * @throws if it is 0 and a penalty needs it
 */
export function spreadOf(samples: Samples, name: string, strength: number): number {
  const [low, median, high] = quartiles(samples);
  if (strength > 0 && !(high > low)) {
    throw new InvalidInput(
      `the interquartile range is 0, as half of the rows are ${median}: the penalty of the ${name} family needs rows that differ, so use the penalty 0 or another family`,
    );
  }
  return high > low ? high - low : samples.data.reduce((most, x) => Math.max(most, Math.abs(x - median)), 0);
}

/** A scale on which outliers are not far: x ↦ asinh((x − median) / interquartile range). */
export function robustScale(samples: Samples): (x: number) => number {
  const [low, median, high] = quartiles(samples);
  const spread = high - low || 1;
  return (x) => Math.asinh((x - median) / spread);
}

function quartiles({ data, weights }: Samples): [number, number, number] {
  const [low, median, high] = quantiles(data, [0.25, 0.5, 0.75], weights);
  return [low, median, high];
}
