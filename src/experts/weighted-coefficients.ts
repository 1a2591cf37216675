import { DegenerateComponent } from '../errors';
import { cholesky } from '../math/linear-algebra';
import type { ExpertLaw } from './expert-law';

/** What is fitted: n responses of one expert, and how much each counts. */
export interface WeightedRows {
  /** n × p, the rows x̃ */
  readonly design: Float64Array;
  /** n responses, which may be means, between whole numbers */
  readonly y: Float64Array;
  /** n weights from 0 on */
  readonly weights: Float64Array;
}

/** A Newton step that gains less than this, relative to the objective, is the last. */
const LEAST_GAIN = 1e-13;
const MAX_STEPS = 100;
const MAX_HALVINGS = 60;

/**
 * The coefficients β of one expert: the maximum of Σ_j w_j log f(y_j | x̃_jᵀβ) − ½ λ ‖β‖² (of σ² = 1 if the law has variances), by Newton's
 * method, each step of which is halved until it gains; never lower than at the start.
 * @param ridge λ ≥ 0; above 0 where separable responses or collinear covariates would let β diverge
 * @param start p numbers, from which the search goes on
 * @returns p numbers
 * @throws DegenerateComponent if no row has weight, or no finite step gains
 */
export function weightedCoefficients(
  law: ExpertLaw,
  rows: WeightedRows,
  { ridge, start }: { readonly ridge: number; readonly start?: Float64Array },
): Float64Array {
  const { design, y } = rows;
  const p = design.length / y.length;
  const at = (beta: Float64Array) => {
    const eta = predictors(design, beta);
    return { beta, eta, objective: objectiveAt(law, rows, eta, beta, ridge) };
  };
  let best = at(new Float64Array(p));
  const given = start && at(start);
  if (given && given.objective >= best.objective) best = given;
  if (!(rows.weights.some((weight) => weight > 0) && Number.isFinite(best.objective)))
    throw new DegenerateComponent('no rows are left to an expert: fit fewer experts');
  for (let step = 0; step < MAX_STEPS; step++) {
    const { beta, eta, objective } = best;
    const direction = newtonStep(law, rows, eta, beta, ridge);
    let next = best;
    let gain = Number.NaN;
    for (let size = 1, tries = 0; tries < MAX_HALVINGS && !(gain >= 0); size /= 2, tries++) {
      next = at(beta.map((value, i) => value + size * direction[i]));
      gain = next.objective - objective;
    }
    if (!(gain >= 0)) break; // to rounding, nothing is higher
    best = next;
    if (gain <= LEAST_GAIN * Math.abs(objective)) break;
  }
  return best.beta;
}

/** η_j = x̃_jᵀβ of all rows. */
export function predictors(design: Float64Array, beta: Float64Array): Float64Array {
  const p = beta.length;
  const eta = new Float64Array(design.length / p);
  for (let j = 0, at = 0; j < eta.length; j++) {
    let sum = 0;
    for (let i = 0; i < p; i++) sum += design[at++] * beta[i];
    eta[j] = sum;
  }
  return eta;
}

function objectiveAt(
  law: ExpertLaw,
  { y, weights }: WeightedRows,
  eta: Float64Array,
  beta: Float64Array,
  ridge: number,
): number {
  let sum = 0;
  for (let j = 0; j < eta.length; j++) if (weights[j] > 0) sum += weights[j] * law.logDensity(y[j], eta[j], 1);
  for (const value of beta) sum -= 0.5 * ridge * value * value;
  return sum;
}

/** (Σ w slope x̃x̃ᵀ + λ I)⁻¹ {Σ w (y − mean) x̃ − λ β} */
function newtonStep(
  law: ExpertLaw,
  { design, y, weights }: WeightedRows,
  eta: Float64Array,
  beta: Float64Array,
  ridge: number,
): Float64Array {
  const p = beta.length;
  const hessian = new Float64Array(p * p);
  const score = beta.map((value) => -ridge * value);
  for (let j = 0; j < eta.length; j++) {
    if (!(weights[j] > 0)) continue;
    const curvature = weights[j] * law.slope(eta[j]);
    const residual = weights[j] * (y[j] - law.mean(eta[j]));
    for (let a = 0; a < p; a++) {
      const xa = design[j * p + a];
      score[a] += residual * xa;
      for (let b = 0; b <= a; b++) hessian[a * p + b] += curvature * xa * design[j * p + b];
    }
  }
  return solvePositive(hessian, score, ridge);
}

/**
 * (H + λ I)⁻¹ s of a positive semidefinite H, whose lower triangle is read: where it is singular, as of collinear covariates or flat tails,
 * with as much more on the diagonal as makes it definite.
 */
export function solvePositive(hessian: Float64Array, score: Float64Array, ridge: number): Float64Array {
  const p = score.length;
  let largest = 0;
  for (let a = 0; a < p; a++) largest = Math.max(largest, hessian[a * p + a]);
  for (let more = ridge; ; more = Math.max(10 * more, 1e-12 * largest, Number.MIN_VALUE)) {
    const lower = cholesky(
      hessian.map((value, i) => (i % (p + 1) === 0 ? value + more : value)),
      p,
    );
    if (lower) return backSubstituted(lower, score);
    if (!(more < Infinity))
      throw new DegenerateComponent('the covariates of an expert are beyond float64: rescale them');
  }
}

/** (L Lᵀ)⁻¹ s */
export function backSubstituted(lower: Float64Array, score: Float64Array): Float64Array {
  const p = score.length;
  const x = score.slice();
  for (let a = 0; a < p; a++) {
    for (let b = 0; b < a; b++) x[a] -= lower[a * p + b] * x[b];
    x[a] /= lower[a * p + a];
  }
  for (let a = p - 1; a >= 0; a--) {
    for (let b = a + 1; b < p; b++) x[a] -= lower[b * p + a] * x[b];
    x[a] /= lower[a * p + a];
  }
  return x;
}
