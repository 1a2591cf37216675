import { InvalidInput } from '../errors';
import { described, numbersOf } from '../math/checks';
import { axisGaussian } from './axis-gaussian';
import type { Family } from './family';
import { checkedNumber } from './scalar-parameter';

/** θ = (μ, σ²): the mean and the variances, d numbers each. */
export interface DiagonalGaussianParameter {
  /** μ, d numbers */
  readonly mean: Float64Array;
  /** σ² of each feature */
  readonly variances: Float64Array;
}

/** Normal distributions with a diagonal covariance: features that are independent within a component. p = 2d. */
export const diagonalGaussian: Family<DiagonalGaussianParameter> = axisGaussian<DiagonalGaussianParameter>({
  name: 'diagonal-gaussian',
  parameter(value, where) {
    const { mean, variances } = (value ?? {}) as Partial<DiagonalGaussianParameter>;
    if (!(mean && mean.length > 0 && variances?.length === mean.length)) {
      throw new InvalidInput(`${where} needs a mean and as many variances, but is ${described(value)}`);
    }
    return {
      mean: checkedMean(mean, where),
      variances: numbersOf(variances, (i) => `${where}: variances[${i}]`).map((variance, i) =>
        checkedNumber(variance, 'positive', `${where}: variances[${i}]`),
      ),
    };
  },
  size: (d) => 2 * d,
  toVector: ({ mean, variances }) => Float64Array.of(...mean, ...variances),
  fromVector: (vector, d) => ({ mean: vector.slice(0, d), variances: vector.slice(d) }),
  toJSON: ({ mean, variances }) => ({ mean: [...mean], variances: [...variances] }),
  variances: ({ variances }) => variances,
  build: (mean, variances) => ({ mean, variances }),
});

/** d finite numbers whose squares are within float64. */
export function checkedMean(mean: ArrayLike<unknown>, where: string): Float64Array {
  return numbersOf(mean, (i) => `${where}: mean[${i}]`).map((value, i) =>
    checkedNumber(value, 'real', `${where}: mean[${i}]`),
  );
}
