import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import { axisGaussian } from './axis-gaussian';
import { checkedMean } from './diagonal-gaussian';
import type { Family } from './family';
import { checkedNumber } from './scalar-parameter';

/** θ = (μ, σ²): the mean, d numbers, and the variance that all features share. */
export interface SphericalGaussianParameter {
  /** μ, d numbers */
  readonly mean: Float64Array;
  /** σ² of every feature */
  readonly variance: number;
}

/** Normal distributions with the covariance σ² I: round components, in features of one unit. p = d + 1. */
export const sphericalGaussian: Family<SphericalGaussianParameter> = axisGaussian<SphericalGaussianParameter>({
  name: 'spherical-gaussian',
  parameter(value, where) {
    const { mean, variance } = (value ?? {}) as Partial<SphericalGaussianParameter>;
    if (!(mean && mean.length > 0) || variance === undefined) {
      throw new InvalidInput(`${where} needs a mean and a variance, but is ${described(value)}`);
    }
    return { mean: checkedMean(mean, where), variance: checkedNumber(variance, 'positive', `${where}: variance`) };
  },
  size: (d) => d + 1,
  toVector: ({ mean, variance }) => Float64Array.of(...mean, variance),
  fromVector: (vector, d) => ({ mean: vector.slice(0, d), variance: vector[d] }),
  toJSON: ({ mean, variance }) => ({ mean: [...mean], variance }),
  variances: ({ mean, variance }) => new Float64Array(mean.length).fill(variance),
  build: (mean, variances) => ({
    mean,
    variance: variances.reduce((sum, variance) => sum + variance, 0) / mean.length,
  }),
  shared: true,
});
