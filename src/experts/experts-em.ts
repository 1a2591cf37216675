import { DegenerateComponent } from '../errors';
import { cholesky, invertLower } from '../math/linear-algebra';
import type { Progress, Steps } from '../work/work';
import type { Design, Point } from './experts-design';
import { passOf, type Sums } from './experts-pass';
import { gatePenalty, gateStep } from './gate-step';
import { solvePositive, weightedCoefficients } from './weighted-coefficients';

/** The objective of EM. */
export interface Objective {
  readonly order: number;
  /** whether gates depend on the covariates */
  readonly softmax: boolean;
  /** a, the strength of the experts' penalty */
  readonly penalty: number;
  /** ρ, that of the gates' */
  readonly ridge: number;
}

/** When a run stops. */
export interface Stopping {
  readonly tolerance: number;
  readonly maxIterations: number;
}

/** Where a run of EM ended, and its way there. */
export interface ExpertsRun {
  readonly point: Point;
  /** n_k of the last E-step */
  readonly masses: Float64Array;
  /** Σ_j π_k (1 − π_k) of gates that depend on the covariates: how many rows these leave in doubt about each expert */
  readonly doubts: Float64Array;
  /** Σ_j log f(u_j | z_j) */
  readonly logLikelihood: number;
  readonly penalisedLogLikelihood: number;
  /** the penalised log-likelihood at the start and after each iteration; it never decreases */
  readonly trace: number[];
  readonly converged: boolean;
}

/** A point with its E-step. */
interface Evaluated {
  readonly point: Point;
  readonly sums: Sums;
  readonly objective: number;
}

/** EM of a design. */
export interface ExpertsEm {
  /** the point that the M-step makes of a membership of the rows, K × n */
  begin(membership: Float64Array): Steps<Point>;
  /** a run from a start, or a run that goes on */
  run(start: Point | ExpertsRun, stopping: Stopping): Steps<ExpertsRun>;
}

/** How often a step of Newton is halved until it does not lower the objective. */
const MOST_HALVINGS = 12;

/** The factor by which the longest extrapolation grows while they succeed, and shrinks when one fails. */
const STEP_GROWTH = 4;

/**
 * EM for the maximum of Σ_j log f(u_j | z_j) less the penalties of experts and gates, `expertPenalty` and `gatePenalty`.
 * Gaussian experts have their M-step in closed form; gates that depend on z, and experts without variances, take a step of Newton, halved
 * until the objective is no lower (a generalised EM). Every other iteration extrapolates the two before it, if that raises the objective.
 */
export function expertsEm(design: Design, objective: Objective): ExpertsEm {
  const { order, softmax, penalty, ridge } = objective;
  const { count } = design;
  const pass = passOf(design, order, softmax);

  function* evaluate(point: Point): Steps<Evaluated> {
    const sums = yield* pass(point);
    const ofGates = softmax ? gatePenalty(point.gates, order, ridge) : 0;
    return { point, sums, objective: sums.logLikelihood - expertPenalty(design, point, penalty) - ofGates };
  }

  /** The next point whose objective is no lower; undefined if there is none but by rounding. */
  function* next({ point, sums, objective: before }: Evaluated): Steps<Evaluated | undefined> {
    const step = stepFrom(design, objective, point, sums);
    for (let halving = 0, share = 1; halving <= MOST_HALVINGS; halving++, share /= 2) {
      const there = yield* evaluate(step(halving === MOST_HALVINGS ? 0 : share));
      if (there.objective >= before) return there;
      if (!softmax && design.law.hasVariance) break; // nothing to halve
    }
    return undefined;
  }

  function* run(start: Point | ExpertsRun, { tolerance, maxIterations }: Stopping): Steps<ExpertsRun> {
    let current = yield* evaluate('point' in start ? start.point : start);
    const trace = 'trace' in start ? [...start.trace] : [current.objective];
    let longest = STEP_GROWTH;
    let converged = false;
    while (trace.length <= maxIterations && !converged) {
      const before = current;
      const after = yield* next(current);
      if (!after) {
        converged = true; // a loss is where rounding begins
        break;
      }
      current = after;
      converged = current.objective - before.objective <= tolerance * count;
      trace.push(current.objective);
      yield progress(trace.length, maxIterations);
      if (converged || trace.length > maxIterations) break;
      const second = stepFrom(design, objective, current.point, current.sums)(1);
      const leap = extrapolated([before.point, current.point, second], design, longest);
      const there = leap && (yield* evaluate(leap.point));
      if (leap && there && there.objective >= current.objective) {
        if (leap.step === longest) longest *= STEP_GROWTH;
        current = there;
        trace.push(current.objective);
        yield progress(trace.length, maxIterations);
      } else longest = Math.max(STEP_GROWTH, longest / STEP_GROWTH);
    }
    const { point, sums, objective: penalisedLogLikelihood } = current;
    const { masses, logLikelihood } = sums;
    return { point, masses, doubts: doubtsOf(order, sums), logLikelihood, penalisedLogLikelihood, trace, converged };
  }

  function* begin(membership: Float64Array): Steps<Point> {
    const flat = flatPoint(design, order);
    const sums = yield* pass(flat, membership);
    const point = stepFrom(design, objective, flat, sums)(1);
    return design.law.hasVariance ? point : { ...point, coefficients: yield* wholeSteps(design, membership, penalty) };
  }

  return { begin, run };
}

function doubtsOf(order: number, { gateProducts }: Sums): Float64Array {
  const doubts = new Float64Array(order);
  let pair = 0;
  for (let k = 0; k < order; k++)
    for (let l = k + 1; gateProducts.length > 0 && l < order; l++, pair++) {
      doubts[k] += gateProducts[pair][0];
      doubts[l] += gateProducts[pair][0];
    }
  return doubts;
}

const progress = (length: number, maxIterations: number): Progress => ({
  stage: 'fitting',
  done: length - 1,
  total: maxIterations,
});

/** All experts alike, and gates that do not choose. */
export function flatPoint({ law, width: p, responses: q }: Design, order: number): Point {
  const factors = new Float64Array(law.hasVariance ? order * q * q : 0);
  for (let i = 0; i < factors.length; i++) factors[i] = Number(Math.floor((i % (q * q)) / q) === i % q);
  return { gates: new Float64Array(order * p), coefficients: new Float64Array(order * q * p), factors };
}

/** The M-step: the point after a share of the steps of Newton, and the whole of what has a closed form. */
function stepFrom(design: Design, objective: Objective, point: Point, sums: Sums): (share: number) => Point {
  const { law } = design;
  const { order, softmax, penalty, ridge } = objective;
  const gates = softmax
    ? gateStep(point.gates, order, ridge, { scores: sums.gateScores, products: sums.gateProducts })
    : undefined;
  const constant = gates ? undefined : constantGates(design, order, sums.masses);
  const gaussian = law.hasVariance ? gaussianExperts(design, order, sums, penalty) : undefined;
  const newton = gaussian ? undefined : newtonExperts(design, point, sums, penalty);
  return (share) => ({
    gates: gates ? along(point.gates, gates, share) : (constant as Float64Array),
    coefficients: gaussian?.coefficients ?? along(point.coefficients, newton as Float64Array, share),
    factors: gaussian?.factors ?? point.factors,
  });
}

const along = (from: Float64Array, step: Float64Array, share: number): Float64Array =>
  from.map((value, i) => value + share * step[i]);

/** An expert without rows keeps this share of them, so that its log is a number. */
const LEAST_SHARE = 1e-100;

/** τ, as a share of all rows: well above rounding, and no more than that beside a row. */
const LEAST_RIDGE = 1e-12;

/** log n_k − log n_K, for gates that are constant. */
function constantGates({ width: p, count }: Design, order: number, masses: Float64Array): Float64Array {
  const gates = new Float64Array(order * p);
  const log = (k: number) => Math.log(Math.max(masses[k] / count, LEAST_SHARE));
  for (let k = 0; k < order - 1; k++) gates[k * p] = log(k) - log(order - 1);
  return gates;
}

/**
 * The penalty of experts. Of Gaussian ones, (a / 2) Σ_k {tr Σ_k⁻¹ + log |Σ_k|} + (τ / 2) Σ_k tr(Σ_k⁻¹ B_k B_kᵀ): the first draws variances toward
 * that of the residuals of all rows, which is 1 here, and has no part in a single expert; the second, near rounding,
 * makes a plane through few rows unique. Of others (a / 2) Σ_k ‖β_k − β‖², β the line of all rows.
 */
export function expertPenalty(
  { law, line, count, responses: q, width: p }: Design,
  point: Point,
  penalty: number,
): number {
  const { coefficients, factors } = point;
  let sum = 0;
  if (!law.hasVariance) {
    coefficients.forEach((value, i) => {
      sum += (value - line[i % p]) ** 2;
    });
    return (penalty / 2) * sum;
  }
  for (let at = 0; at < factors.length; at += q * q) {
    const W = invertLower(factors.subarray(at, at + q * q), q);
    for (let c = 0; c < q; c++) {
      sum -= 2 * penalty * Math.log(W[c * q + c]);
      for (let b = 0; b <= c; b++) sum += penalty * W[c * q + b] ** 2;
      for (let a = 0; a < p; a++) {
        let white = 0;
        for (let b = 0; b <= c; b++) white += W[c * q + b] * coefficients[(at / q + b) * p + a];
        sum += LEAST_RIDGE * count * white * white;
      }
    }
  }
  return sum / 2;
}

/** Weighted least squares of each expert: the Cholesky factor of Σ s e eᵀ holds that of Σ s (1, z)(1, z)ᵀ and of the residuals' products. */
function gaussianExperts(
  { width: p, responses: q, count }: Design,
  order: number,
  { products }: Sums,
  penalty: number,
) {
  const w = p + q;
  const coefficients = new Float64Array(order * q * p);
  const factors = new Float64Array(order * q * q);
  const square = new Float64Array(w * w);
  for (let k = 0; k < order; k++) {
    for (let a = 0, i = 0; a < w; a++) for (let b = 0; b <= a; b++, i++) square[a * w + b] = products[k][i];
    const root = Math.sqrt(square[0] + penalty);
    for (let a = 0; a < w; a++) square[a * w + a] += a < p ? LEAST_RIDGE * count : penalty;
    const lower = cholesky(square, w);
    if (!lower) throw new DegenerateComponent(`expert ${k} shrinks onto a few rows, whose line it meets exactly`);
    for (let c = 0; c < q; c++) {
      const line = coefficients.subarray((k * q + c) * p, (k * q + c + 1) * p);
      for (let a = p - 1; a >= 0; a--) {
        let sum = lower[(p + c) * w + a];
        for (let b = a + 1; b < p; b++) sum -= lower[b * w + a] * line[b];
        line[a] = sum / lower[a * w + a];
      }
      for (let b = 0; b <= c; b++) factors[(k * q + c) * q + b] = lower[(p + c) * w + p + b] / root;
    }
  }
  return { coefficients, factors };
}

/** A step of Newton for the coefficients of each expert without a variance, K × p. */
function newtonExperts(
  { width: p, line }: Design,
  { coefficients }: Point,
  { products, scores }: Sums,
  penalty: number,
): Float64Array {
  const order = scores.length / p;
  const step = scores.map((score, i) => score - penalty * (coefficients[i] - line[i % p]));
  for (let k = 0; k < order; k++) {
    const square = new Float64Array(p * p);
    for (let a = 0, i = 0; a < p; a++) for (let b = 0; b <= a; b++, i++) square[a * p + b] = products[k][i];
    const own = step.subarray(k * p, (k + 1) * p);
    own.set(solvePositive(square, own, penalty));
  }
  return step;
}

/** The coefficients of experts without variances for a membership, K × p: from flat experts one step of Newton can be far too long. */
function* wholeSteps(
  { law, rows: n, width: p, data, weights }: Design,
  membership: Float64Array,
  penalty: number,
): Steps<Float64Array> {
  const order = membership.length / n;
  const coefficients = new Float64Array(order * p);
  const design = Float64Array.from({ length: n * p }, (_, i) => data[Math.floor(i / p) * (p + 1) + (i % p)]);
  const y = Float64Array.from({ length: n }, (_, j) => data[j * (p + 1) + p]);
  for (let k = 0; k < order; k++) {
    const shares = Float64Array.from(y, (_, j) => (weights?.[j] ?? 1) * membership[k * n + j]);
    coefficients.set(weightedCoefficients(law, { design, y, weights: shares }, { ridge: penalty }), k * p);
    yield progress(1, 1);
  }
  return coefficients;
}

/**
 * Squared extrapolation (SQUAREM, Varadhan and Roland 2008) of three points of EM; the factors of variances by the logs of their diagonals.
 * @param longest the longest step that is taken
 * @returns undefined if it is not beyond the third point, or not finite
 */
function extrapolated(
  points: readonly [Point, Point, Point],
  { responses: q }: Design,
  longest: number,
): { readonly point: Point; readonly step: number } | undefined {
  const diagonal = (i: number) => Math.floor((i % (q * q)) / q) === i % q;
  const [a, b, c] = points.map(({ gates, coefficients, factors }) =>
    Float64Array.of(...gates, ...coefficients, ...factors.map((value, i) => (diagonal(i) ? Math.log(value) : value))),
  );
  let [r2, v2] = [0, 0];
  a.forEach((value, i) => {
    r2 += (b[i] - value) ** 2;
    v2 += (c[i] - 2 * b[i] + value) ** 2;
  });
  const s = Math.min(longest, Math.sqrt(r2 / v2));
  if (!(s > 1)) return undefined;
  const vector = a.map((value, i) => value + 2 * s * (b[i] - value) + s * s * (c[i] - 2 * b[i] + value));
  if (!vector.every(Number.isFinite)) return undefined;
  const [{ gates, coefficients, factors }] = points;
  const ends = [gates.length, gates.length + coefficients.length];
  const point = {
    gates: vector.slice(0, ends[0]),
    coefficients: vector.slice(...ends),
    factors: vector.slice(ends[1]).map((value, i) => (diagonal(i) ? Math.exp(value) : value)),
  };
  return factors.every((_, i) => !diagonal(i) || (point.factors[i] > 0 && point.factors[i] < Infinity))
    ? { point, step: s }
    : undefined;
}
