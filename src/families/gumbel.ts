import { randomWeibull } from 'd3-random';
import type { Family } from './family';
import { locationScaleFamily } from './location-scale';
import type { LocationScaleParameter } from './standard-density';

/** Gumbel distributions of maxima, for extremes such as floods; their right tail is the longer. */
export const gumbel: Family<LocationScaleParameter> = locationScaleFamily({
  name: 'gumbel',
  logDensity: (u) => -u - Math.exp(-u),
  slope: (u) => Math.exp(-u) - 1,
  curvature: (u) => -Math.exp(-u),
  sampler: (random) => {
    const draw = randomWeibull.source(random)(1, 0, 1);
    return () => -Math.log(draw()); // of an exponential
  },
});
