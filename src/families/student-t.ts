import { randomGamma, randomNormal } from 'd3-random';
import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import { lgam } from '../math/gamma-function';
import type { Family } from './family';
import { locationScaleFamily } from './location-scale';
import type { LocationScaleParameter } from './standard-density';

/**
 * Student's t distributions with known degrees of freedom ν, for data with outliers; ν = 1 is Cauchy's distribution.
 * @throws InvalidInput if ν is not in [1, 1000]: for fewer, the likelihood of one component has several maxima
 */
export function studentT(degreesOfFreedom: number): Family<LocationScaleParameter> {
  const nu = degreesOfFreedom;
  if (!(typeof nu === 'number' && nu >= 1 && nu <= 1000))
    throw new InvalidInput(
      `the degrees of freedom of a Student t family are ${described(nu)}: a number from 1 to 1000 is needed`,
    );
  const constant = lgam((nu + 1) / 2) - lgam(nu / 2) - 0.5 * Math.log(nu * Math.PI);
  return locationScaleFamily({
    name: `student-t(${nu})`,
    logDensity: (u) => constant - ((nu + 1) / 2) * Math.log1p((u * u) / nu),
    slope: (u) => (-(nu + 1) * u) / (nu + u * u),
    curvature: (u) => (-(nu + 1) * (nu - u * u)) / (nu + u * u) ** 2,
    sampler: (random) => {
      const normal = randomNormal.source(random)();
      const squared = randomGamma.source(random)(nu / 2, 2); // χ² with ν degrees of freedom
      return () => normal() / Math.sqrt(squared() / nu);
    },
  });
}
