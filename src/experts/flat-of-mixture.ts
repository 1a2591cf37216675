import type { DesignRows } from './design-rows';
import { type Expert, proportionsOf } from './expert';
import type { ExpertLaw } from './expert-law';
import type { FlatExperts } from './flat-experts';
import { softmaxRegression } from './softmax-regression';

/** The numbers of the model whose gates are nearest to the proportions of the mixture. */
export function flatOf(
  { weights, parameters }: { readonly weights: Float64Array; readonly parameters: readonly Expert[] },
  rows: DesignRows,
  { law, q, constantGates }: { law: ExpertLaw; q: number; constantGates: boolean },
): FlatExperts {
  const K = weights.length;
  const d = rows.columns - 1;
  const joined = (of: (expert: Expert) => Float64Array) => Float64Array.from(parameters.flatMap((one) => [...of(one)]));
  return {
    law,
    order: K,
    covariates: d,
    responses: q,
    gates: constantGates ? gatesOfWeights(weights, d) : softmaxRegression(rows, proportionsOf(weights, parameters)),
    coefficients: joined(({ coefficients }) => coefficients),
    variances: joined(({ covariance }) => covariance),
  };
}

/** Weights below this count as this where a gate is their logarithm. */
const LEAST_WEIGHT = 1e-300;

function gatesOfWeights(weights: Float64Array, d: number): Float64Array {
  const K = weights.length;
  const log = (k: number) => Math.log(Math.max(weights[k], LEAST_WEIGHT));
  const gates = new Float64Array(K * (1 + d));
  for (let k = 0; k < K - 1; k++) gates[k * (1 + d)] = log(k) - log(K - 1);
  return gates;
}
