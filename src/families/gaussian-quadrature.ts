import { lineRule } from '../math/quadrature';
import { samplesOf } from '../math/table';
import type { Quadrature } from './family';
import type { GaussianParameter } from './gaussian-parameter';

/** Standard deviations from its mean beyond which a normal density is nothing. */
const FARTHEST_PLACE = 40;

/**
 * Quadrature against the normal density of component k, dense enough for the narrowest of all.
 * @returns undefined in more than one dimension
 */
export function gaussianQuadrature(parameters: readonly GaussianParameter[], k: number): Quadrature | undefined {
  if (parameters[k].mean.length > 1) return undefined;
  const deviations = parameters.map(({ covariance }) => Math.sqrt(covariance[0]));
  const ratio = Math.min(deviations[k] / Math.min(...deviations), 1000);
  const { x, weight } = lineRule(1, 3 + Math.max(0, Math.ceil(Math.log2(ratio / 10))));
  const near = Array.from(x.keys()).filter((i) => Math.abs(x[i]) < FARTHEST_PLACE);
  const data = Float64Array.from(near, (i) => parameters[k].mean[0] + deviations[k] * x[i]);
  const masses = Float64Array.from(near, (i) => (weight[i] * Math.exp(-0.5 * x[i] ** 2)) / Math.sqrt(2 * Math.PI));
  return { places: samplesOf(data, near.length, 1), masses };
}
