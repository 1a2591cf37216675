import { BeyondFloat64, InvalidInput } from '../errors';
import { requireNonNegative } from '../math/checks';
import { lowerMedian } from '../math/quantile';
import { assemble, type Mixture } from '../mixture/mixture';

/** Variances up to here have sums within float64. */
const MOST_VARIANCE = 1e300;

/**
 * Smooths the densities of mixtures alike: convolves them with N(0, h S), S the diagonal matrix of what the variances within a
 * machine's components are, by the median over machines, which fewer than half of them cannot move far.
 * @throws InvalidInput if h is negative, or the family has no such convolution; BeyondFloat64 if h S leaves no room for sums
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
  if (more.some((variance) => variance > MOST_VARIANCE))
    throw new BeyondFloat64(`densities that are smoothed by ${h} are beyond float64: smooth them less`);
  return ({ weights, parameters }) =>
    assemble(
      family,
      weights,
      parameters.map((theta) => convolved(theta, more)),
    );
}
