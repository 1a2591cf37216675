import type { InformationOfParts } from '../families/family';
import { cholesky, gram, invertLower } from '../math/linear-algebra';
import { type DesignRows, weightedMoments } from './design-rows';
import { type Expert, proportionsOf } from './expert';
import { expertsInformationSteps } from './experts-information';
import type { FlatExperts } from './flat-experts';

/** Experts on rows of covariates, with their weights. */
interface Experts {
  readonly weights: Float64Array;
  readonly parameters: readonly Expert[];
}

/**
 * What one row (x_s, y) says of gates and experts, all rows of covariates alike: in the coordinates of the gates, of the standardised
 * covariates, then of each expert its coefficients and vech Σ.
 * @param flat the numbers of the model
 */
export function* expertInformation(
  experts: Experts,
  rows: DesignRows,
  flat: FlatExperts,
  constantGates: boolean,
): Generator<void, InformationOfParts, void> {
  const steps = expertsInformationSteps(flat, rows.table, rows.standardised, undefined);
  let step = steps.next();
  for (; !step.done; step = steps.next()) yield;
  return {
    observed: step.value.map((entry) => entry / rows.rows),
    proportions: gateInformation(experts, rows, constantGates),
    components: experts.parameters.map((one, k) => ownInformation(one, experts.weights[k], rows, flat)),
    draws: Infinity,
  };
}

/** w times the information of an expert alone: Σ_s share_s slope_s x̃ x̃ᵀ ⊗ Σ⁻¹, and ½ tr (Σ⁻¹ E Σ⁻¹ E′) with E = ∂Σ / ∂ vech Σ. */
function ownInformation(
  { share, covariance, predictors }: Expert,
  weight: number,
  { columns: c, standardised }: DesignRows,
  { law, responses: q }: FlatExperts,
): Float64Array {
  const places = law.hasVariance ? placesOf(q) : [];
  const p = q * c + places.length;
  const own = new Float64Array(p * p);
  const lower = law.hasVariance ? cholesky(covariance, q) : undefined;
  const W = lower ? gram(invertLower(lower, q), q) : Float64Array.of(1);
  const slopes = law.hasVariance ? share : share.map((one, s) => one * law.slope(predictors[s]));
  const moments = weightedMoments(standardised, c, slopes);
  for (let i = 0; i < q * c; i++)
    for (let j = 0; j < q * c; j++)
      own[i * p + j] = weight * W[Math.floor(i / c) * q + Math.floor(j / c)] * moments[(i % c) * c + (j % c)];
  places.forEach(([i, j], a) => {
    places.forEach(([l, m], b) => {
      const trace = W[i * q + l] * W[j * q + m] + W[i * q + m] * W[j * q + l];
      own[(q * c + a) * p + q * c + b] = (weight * trace) / ((i === j ? 2 : 1) * (l === m ? 2 : 1));
    });
  });
  return own;
}

/** The entries of the lower triangle, row by row. */
function placesOf(q: number): [number, number][] {
  return Array.from({ length: q }, (_, i) => Array.from({ length: i + 1 }, (__, j): [number, number] => [i, j])).flat();
}

/** S⁻¹ Σ_s (diag π − π πᵀ) ⊗ x̃ x̃ᵀ, without the last expert. */
function gateInformation(
  { weights, parameters }: Experts,
  { columns: c, rows: S, standardised }: DesignRows,
  constantGates: boolean,
): Float64Array {
  const K = weights.length;
  const g = constantGates ? 1 : c;
  const size = (K - 1) * g;
  const information = new Float64Array(size * size);
  const proportions = proportionsOf(weights, parameters);
  for (let k = 0; k < K - 1; k++) {
    for (let l = 0; l < K - 1; l++) {
      const each = Float64Array.from(
        { length: S },
        (_, s) => (proportions[s * K + k] * ((k === l ? 1 : 0) - proportions[s * K + l])) / S,
      );
      const moments = weightedMoments(standardised, c, each);
      for (let a = 0; a < g; a++)
        for (let b = 0; b < g; b++) information[(k * g + a) * size + l * g + b] = moments[a * c + b];
    }
  }
  return information;
}
