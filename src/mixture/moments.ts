import { type AnyGaussian, covarianceOf } from '../families/any-gaussian';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import type { Mixture } from './mixture';

/** The mean and the covariance of all that a Gaussian mixture describes, within its components and between them. */
export function momentsOf({ parameters, weights }: Mixture<AnyGaussian>): GaussianParameter {
  const full = parameters.map((parameter) => ({ mean: parameter.mean, covariance: covarianceOf(parameter) }));
  return gaussian.barycentre(full, weights);
}
