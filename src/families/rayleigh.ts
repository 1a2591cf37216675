import { randomWeibull } from 'd3-random';
import { exponentialFamily } from './exponential-family';
import { widerScale } from './failures';
import type { Family } from './family';
import { mapColumn, numberSampler, oneColumn } from './one-column';
import { scalarParameter } from './scalar-parameter';

/** The scale σ > 0, in the unit of the data, where the density is highest. */
export type RayleighParameter = {
  /** σ, in the unit of the data */
  readonly scale: number;
};

/** Rayleigh distributions, for the length of a vector of two independent normal errors; Weibull of shape 2 with λ = σ √2. */
export const rayleigh: Family<RayleighParameter> = exponentialFamily<RayleighParameter>({
  name: 'rayleigh',
  ...scalarParameter<RayleighParameter>({ scale: 'positive' }),
  requireSupport: oneColumn('Rayleigh', (x) => x > 0, 'above 0, so leave it out, or shift all rows'),
  clusterScale: (samples) => mapColumn(samples, Math.sqrt),
  failures: { scale: ({ scale }, random) => ({ scale: widerScale(scale, random) }) },
  sampler: numberSampler(({ scale }, random) => randomWeibull.source(random)(2, 0, scale * Math.SQRT2)),

  // T(x) = x², θ = −1 / (2σ²), h(x) = x
  toNatural: ({ scale }) => Float64Array.of(-0.5 / scale ** 2),
  fromNatural: ([theta]) => ({ scale: Math.sqrt(-0.5 / theta) }),
  statistics: ([x]) => [x * x],
  logCarrier: ([x]) => Math.log(x),
  logPartition: ([theta]) => -Math.log(-2 * theta),
  logSquarePartition: ([eta]) => 0.5 * Math.log(Math.PI) - Math.log(4) - 1.5 * Math.log(-eta),
  gradient: ([theta]) => Float64Array.of(-1 / theta),
  inverseGradient: ([mean]) => Float64Array.of(-1 / mean),
});
