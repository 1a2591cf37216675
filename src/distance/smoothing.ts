import { InvalidInput } from '../errors';
import { requireNonNegative } from '../math/checks';
import { lowerMedian } from '../math/quantile';
import { assemble, type Mixture } from '../mixture/mixture';

/**
 * Smooths the densities of mixtures alike: convolves them with N(0, h S), S the diagonal matrix of what the variances within a
 * machine's components are, by the median over machines, which fewer than half of them cannot move far.
 * @throws InvalidInput if h is negative, or the family has no such convolution
 */
export function smootherOf<P>(mixtures: readonly Mixture<P>[], h: number): (mixture: Mixture<P>) => Mixture<P> {
  requireNonNegative('smoothing', h);
  if (h === 0) return (mixture) => mixture;
  const [{ family, dimension }] = mixtures;
  if (!family.smoothing)
    throw new InvalidInput(
      `smoothing is for Gaussian mixtures, but these are ${family.name} mixtures: leave smoothing out`,
    );
  const { variances, convolved } = family.smoothing;
  const within = mixtures.map(({ weights, parameters }) => {
    const mean = new Float64Array(dimension);
    parameters.forEach((theta, k) => {
      variances(theta).forEach((variance, i) => {
        mean[i] += weights[k] * variance;
      });
    });
    return mean;
  });
  const more = Float64Array.from({ length: dimension }, (_, i) => h * lowerMedian(within.map((mean) => mean[i])));
  return ({ weights, parameters }) =>
    assemble(
      family,
      weights,
      parameters.map((theta) => convolved(theta, more)),
    );
}
