import { randomLogistic } from 'd3-random';
import type { Family } from './family';
import { locationScaleFamily } from './location-scale';
import type { LocationScaleParameter } from './standard-density';

/** Logistic distributions, for symmetric data with tails somewhat heavier than Gaussian ones. */
export const logistic: Family<LocationScaleParameter> = locationScaleFamily({
  name: 'logistic',
  logDensity: (u) => -Math.abs(u) - 2 * Math.log1p(Math.exp(-Math.abs(u))),
  slope: (u) => -Math.tanh(u / 2),
  curvature: (u) => -0.5 * (1 - Math.tanh(u / 2) ** 2),
  sampler: (random) => randomLogistic.source(random)(0, 1),
});
