import type { InformationOfParts } from '../families/family';
import { cholesky, gram, invertLower } from '../math/linear-algebra';
import { randomStream } from '../math/random';
import type { DesignRows } from './design-rows';
import type { Expert } from './expert';
import type { ExpertLaw } from './expert-law';
import { termsOf } from './expert-terms';

/** Draws times the square of the coordinates: a tenth of a second. */
const WORK = 1e8;

/** Draws for each coordinate at least, or the information is far from its mean; and at most, which is a law to a per cent. */
const LEAST_PER_COORDINATE = 3;
const MOST_DRAWS = 10_000;

/** Draws between two steps. */
const STEP_DRAWS = 100;

interface Setting {
  readonly rows: DesignRows;
  readonly law: ExpertLaw;
  readonly q: number;
  readonly constantGates: boolean;
}

/** Experts on rows of covariates, with their weights. */
interface Experts {
  readonly weights: Float64Array;
  readonly parameters: readonly Expert[];
}

/**
 * What one row (x_s, y) says of gates and experts, all rows of covariates alike, by draws of y: in the coordinates of the gates, of the
 * standardised covariates, then of each expert its coefficients and vech Σ.
 */
export function* expertInformation(experts: Experts, setting: Setting): Generator<void, InformationOfParts, void> {
  const { weights, parameters } = experts;
  const { rows, law, q, constantGates } = setting;
  const K = weights.length;
  const p = q * rows.columns + (law.hasVariance ? (q * (q + 1)) / 2 : 0);
  const first = (K - 1) * (constantGates ? 1 : rows.columns);
  const size = first + K * p;
  const draws = Math.ceil(Math.min(MOST_DRAWS, Math.max(LEAST_PER_COORDINATE * size, WORK / size ** 2)) / K);
  const observed = new Float64Array(size * size);
  const components: Float64Array[] = [];
  const score = new Float64Array(size);
  const scores = scoresOf(experts, setting, first);
  for (let k = 0; k < K; k++) {
    const own = new Float64Array(p * p);
    const random = randomStream(`noise of expert ${k}`, 'sample');
    const draw = drawOf(parameters[k], setting, random);
    const drawn = new Float64Array(1 + q);
    for (let t = 0; t < draws; t++) {
      if (t % STEP_DRAWS === 0) yield;
      draw(drawn);
      scores(drawn[0], drawn.subarray(1), score);
      addSquare(score, weights[k] / draws, observed);
      addSquare(scores.ofExpert(k), weights[k] / draws, own);
    }
    mirror(own);
    components.push(own);
  }
  mirror(observed);
  return { observed, proportions: gateInformation(experts, setting), components, draws: draws * K };
}

/** Draws (s, y) of an expert. */
function drawOf(expert: Expert, { law, q, rows }: Setting, random: () => number) {
  const draw = termsOf(law, q, rows.rows).sampler(expert, random);
  const { share } = expert;
  return (out: Float64Array) => {
    let s = 0;
    for (let u = random() - share[0]; u >= 0 && s < share.length - 1; u -= share[s]) s++;
    out[0] = s;
    draw(s, out, 1);
  };
}

/** The scores of the mixture at (s, y), and after that those of each expert if the row were known to be its own. */
function scoresOf({ weights, parameters }: Experts, { rows, law, q, constantGates }: Setting, first: number) {
  const { columns: c, rows: S, standardised: z } = rows;
  const K = weights.length;
  const terms = termsOf(law, q, S);
  const g = constantGates ? 1 : c;
  const precisions = parameters.map(({ covariance }) =>
    law.hasVariance ? inverseOf(covariance, q) : Float64Array.of(1),
  );
  const own = parameters.map(() => new Float64Array(q * c + (law.hasVariance ? (q * (q + 1)) / 2 : 0)));
  const p = own[0].length;
  const [prior, posterior, pull] = [new Float64Array(K), new Float64Array(K), new Float64Array(q)];
  const write = (s: number, y: Float64Array, out: Float64Array) => {
    let most = -Infinity;
    let total = 0;
    for (let k = 0; k < K; k++) {
      prior[k] = weights[k] * parameters[k].share[s];
      total += prior[k];
      posterior[k] = Math.log(prior[k]) + terms.logDensity(parameters[k], s, y);
      most = Math.max(most, posterior[k]);
    }
    let sum = 0;
    for (let k = 0; k < K; k++) {
      prior[k] /= total;
      posterior[k] = Math.exp(posterior[k] - most);
      sum += posterior[k];
    }
    for (let k = 0; k < K; k++) {
      posterior[k] /= sum;
      if (k < K - 1) for (let a = 0; a < g; a++) out[k * g + a] = (posterior[k] - prior[k]) * z[s * c + a];
      ownScores(k, s, y);
      for (let a = 0; a < p; a++) out[first + k * p + a] = posterior[k] * own[k][a];
    }
  };
  /** ∂ log f_k / ∂(B, vech Σ): W (y − mean) x̃ᵀ, and ½ (W r rᵀ W − W) with the entries beside the diagonal twice */
  const ownScores = (k: number, s: number, y: Float64Array) => {
    const W = precisions[k];
    const { predictors } = parameters[k];
    for (let i = 0; i < q; i++) {
      pull[i] = 0;
      for (let j = 0; j < q; j++) pull[i] += W[i * q + j] * (y[j] - law.mean(predictors[s * q + j]));
      for (let a = 0; a < c; a++) own[k][i * c + a] = pull[i] * z[s * c + a];
    }
    if (!law.hasVariance) return;
    for (let i = 0, at = q * c; i < q; i++)
      for (let j = 0; j <= i; j++, at++) own[k][at] = (pull[i] * pull[j] - W[i * q + j]) * (i === j ? 0.5 : 1);
  };
  return Object.assign(write, { ofExpert: (k: number) => own[k] });
}

function inverseOf(covariance: Float64Array, q: number): Float64Array {
  const lower = cholesky(covariance, q);
  return lower ? gram(invertLower(lower, q), q) : new Float64Array(q * q).fill(Number.NaN);
}

/** S⁻¹ Σ_s (diag π − π πᵀ) ⊗ x̃ x̃ᵀ, without the last expert. */
function gateInformation({ weights, parameters }: Experts, { rows, constantGates }: Setting): Float64Array {
  const { columns: c, rows: S, standardised: z } = rows;
  const K = weights.length;
  const g = constantGates ? 1 : c;
  const size = (K - 1) * g;
  const information = new Float64Array(size * size);
  for (let s = 0; s < S; s++) {
    const total = parameters.reduce((sum, { share }, k) => sum + weights[k] * share[s], 0);
    const prior = parameters.map(({ share }, k) => (weights[k] * share[s]) / total);
    for (let k = 0; k < K - 1; k++) {
      for (let l = 0; l < K - 1; l++) {
        const one = (prior[k] * ((k === l ? 1 : 0) - prior[l])) / S;
        for (let a = 0; a < g; a++)
          for (let b = 0; b < g; b++) information[(k * g + a) * size + l * g + b] += one * z[s * c + a] * z[s * c + b];
      }
    }
  }
  return information;
}

/** Adds mass · s sᵀ to the lower triangle. */
function addSquare(score: Float64Array, mass: number, out: Float64Array): void {
  const P = score.length;
  for (let a = 0; a < P; a++) {
    const one = mass * score[a];
    if (one !== 0) for (let b = 0; b <= a; b++) out[a * P + b] += one * score[b];
  }
}

function mirror(matrix: Float64Array): void {
  const P = Math.sqrt(matrix.length);
  for (let a = 0; a < P; a++) for (let b = 0; b < a; b++) matrix[b * P + a] = matrix[a * P + b];
}
