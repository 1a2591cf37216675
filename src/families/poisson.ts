import { randomPoisson } from 'd3-random';
import { i0e } from '../math/bessel';
import { lgam } from '../math/gamma-function';
import { exponentialFamily } from './exponential-family';
import { farPositive } from './failures';
import type { Family } from './family';
import { mapColumn, numberSampler, oneColumn } from './one-column';
import { scalarParameter } from './scalar-parameter';

/** The mean λ > 0, a count. */
export type PoissonParameter = {
  /** λ */
  readonly mean: number;
};

/** Rows that are all 0 give this mean instead of 0, which has no natural parameter; it costs 1e-12 of a likelihood a row. */
const LEAST_MEAN = 1e-12;

/** Poisson distributions, for counts. Their L² distance is by sums over the counts in place of integrals. */
export const poisson: Family<PoissonParameter> = {
  ...exponentialFamily<PoissonParameter>({
    name: 'poisson',
    ...scalarParameter<PoissonParameter>({ mean: 'positive' }),
    requireSupport: oneColumn(
      'Poisson',
      (x) => x >= 0 && x <= 1e9 && Number.isInteger(x),
      'whole numbers from 0 on, to 1e9: leave it out',
    ),
    clusterScale: (samples) => mapColumn(samples, Math.sqrt),
    failures: { mean: (_, random) => ({ mean: farPositive(random) }) },
    sampler: numberSampler(({ mean }, random) => randomPoisson.source(random)(mean)),

    // T(x) = x, θ = log λ, h(x) = 1 / x!
    toNatural: ({ mean }) => Float64Array.of(Math.log(mean)),
    fromNatural: ([theta]) => ({ mean: Math.exp(theta) }),
    statistics: (x) => x,
    logCarrier: ([x]) => -lgam(x + 1),
    logPartition: ([theta]) => Math.exp(theta),
    gradient: ([theta]) => Float64Array.of(Math.exp(theta)),
    inverseGradient: ([mean]) => Float64Array.of(Math.log(Math.max(mean, LEAST_MEAN))),
  }),

  // exp(−λ − λ′) I₀(z), z = 2 √(λ λ′), with I₀(z) = exp(z) i0e(z)
  logInnerProduct(a, b) {
    const [root, other] = [Math.sqrt(a.mean), Math.sqrt(b.mean)];
    return Math.log(i0e(2 * root * other)) - (root - other) ** 2;
  },
};
