import type { DiagonalGaussianParameter } from './diagonal-gaussian';
import type { Family } from './family';
import type { GaussianParameter } from './gaussian-parameter';
import type { SphericalGaussianParameter } from './spherical-gaussian';

/** θ of a Gaussian with a covariance of any structure. */
export type AnyGaussian = GaussianParameter | DiagonalGaussianParameter | SphericalGaussianParameter;

const GAUSSIANS = ['gaussian', 'tied-gaussian', 'diagonal-gaussian', 'spherical-gaussian'];

/** Whether components of the family are Gaussians of any number of features. */
export const isGaussian = ({ name }: Pick<Family, 'name'>): boolean => GAUSSIANS.includes(name);

/** Σ, d × d, flat and row-major, whatever its structure. */
export function covarianceOf(parameter: AnyGaussian): Float64Array {
  if ('covariance' in parameter) return parameter.covariance;
  const d = parameter.mean.length;
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    covariance[i * d + i] = 'variances' in parameter ? parameter.variances[i] : parameter.variance;
  return covariance;
}
