import { InvalidInput } from '../errors';
import type { Family } from '../families/family';
import { type Table, toSamples } from '../math/table';
import type { ConditionalModel, ModelsOnRows } from '../mixture/conditional';
import { assemble, type Mixture } from '../mixture/mixture';
import { type DesignRows, designRows } from './design-rows';
import type { Expert } from './expert';
import { expertFamily } from './expert-family';
import type { FlatExperts } from './flat-experts';
import { flatOf } from './flat-of-mixture';
import { logGatesAt } from './softmax-regression';

/**
 * Mixtures of experts as mixtures over (s, y) on rows x_1 … x_S of covariates: the weight of expert k is S⁻¹ Σ_s π_k(x_s), and its part of
 * the density at row s and response y is π_k(x_s) / Σ_s π_k(x_s) times that of y given x_s. Gates are so compared as the probabilities π(x_s) that they
 * give, never as coefficients, which relabelling and another class of reference change.
 * @param modelOf the model of its numbers
 * @throws InvalidInput if the models differ in law, covariates or responses, or the rows do not tell coefficients apart
 */
export function expertsOnRows(
  models: readonly FlatExperts[],
  covariates: Table,
  modelOf: (flat: FlatExperts) => ConditionalModel,
): Omit<ModelsOnRows<Expert>, 'errorsOf'> {
  const [{ law, covariates: d, responses: q }] = models;
  const table = toSamples(covariates);
  if (table.columns !== d)
    throw new InvalidInput(`the table of covariates has ${table.columns} columns, but model 0 has ${d} covariates`);
  models.forEach((other, i) => {
    if (other.law !== law)
      throw new InvalidInput(
        `model ${i} has ${other.law.name} experts, model 0 ${law.name} ones: leave one of them out`,
      );
    if (other.covariates !== d || other.responses !== q)
      throw new InvalidInput(
        `model ${i} is of ${other.responses} responses given ${other.covariates} covariates, model 0 of ${q} given ${d}: leave one of them out`,
      );
  });
  const rows = designRows(table);
  const constantGates = models.every(hasConstantGates);
  const family = expertFamily(rows, law, q, constantGates);
  return {
    mixtures: models.map((model) => mixtureOnRows(model, rows, family)),
    modelOf: (mixture) => modelOf(flatOf(mixture as Mixture<Expert>, rows, { law, q, constantGates })),
  };
}

/** Whether gates do not depend on the covariates: a mixture of regressions. */
function hasConstantGates({ gates, covariates }: FlatExperts): boolean {
  return gates.every((value, i) => value === 0 || i % (covariates + 1) === 0);
}

function mixtureOnRows(
  { order: K, responses: q, gates, coefficients, variances }: FlatExperts,
  { rows: S, columns: c, design }: DesignRows,
  family: ReturnType<typeof expertFamily>,
): Mixture<Expert> {
  const logs = new Float64Array(S * K);
  for (let s = 0; s < S; s++) logGatesAt(gates, design, s * c, c, logs.subarray(s * K, (s + 1) * K));
  const weights = new Float64Array(K);
  const experts = Array.from({ length: K }, (_, k) => {
    // in logarithms, as the probabilities of an expert that huge gates hide may all be below float64
    let most = -Infinity;
    for (let s = 0; s < S; s++) most = Math.max(most, logs[s * K + k]);
    const share = Float64Array.from({ length: S }, (__, s) => Math.exp(logs[s * K + k] - most));
    const total = share.reduce((sum, one) => sum + one, 0);
    weights[k] = (Math.exp(most) * total) / S;
    return family.expert(
      share.map((one) => one / total),
      coefficients.slice(k * q * c, (k + 1) * q * c),
      variances.slice(k * q * q, (k + 1) * q * q),
    );
  });
  return assemble(family as Family<Expert>, weights, experts);
}
