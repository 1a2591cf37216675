import { randomExponential } from 'd3-random';
import { exponentialFamily } from './exponential-family';
import { farPositive } from './failures';
import type { Family } from './family';
import { mapColumn, numberSampler, oneColumn } from './one-column';
import { scalarParameter } from './scalar-parameter';

/** The mean θ > 0, in the unit of the data. */
export type ExponentialParameter = {
  /** θ, in the unit of the data */
  readonly mean: number;
};

/** Exponential distributions, for waiting times. A component of rows that are all 0 has no maximum. */
export const exponential: Family<ExponentialParameter> = exponentialFamily<ExponentialParameter>({
  name: 'exponential',
  ...scalarParameter<ExponentialParameter>({ mean: 'positive' }),
  requireSupport: oneColumn('exponential', (x) => x >= 0, 'numbers from 0 on, so leave it out, or shift all rows'),
  clusterScale: (samples) => mapColumn(samples, Math.cbrt),
  failures: { mean: (_, random) => ({ mean: farPositive(random) }) },
  sampler: numberSampler(({ mean }, random) => randomExponential.source(random)(1 / mean)),

  toNatural: ({ mean }) => Float64Array.of(-1 / mean),
  fromNatural: ([theta]) => ({ mean: -1 / theta }),
  statistics: (x) => x,
  logPartition: ([theta]) => -Math.log(-theta),
  gradient: ([theta]) => Float64Array.of(-1 / theta),
  inverseGradient: ([mean]) => Float64Array.of(-1 / mean),
});
