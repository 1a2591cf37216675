import { randomGamma, randomPoisson } from 'd3-random';
import { lgam } from '../math/gamma-function';
import { logSquaredBinomials } from '../math/negative-binomial-sum';
import { conjugatePenalty, type ExponentialFamily, exponentialFamily } from './exponential-family';
import { farPositive } from './failures';
import type { Family } from './family';
import { mapColumn, numberSampler, oneColumn } from './one-column';
import { checkedNumber, scalarParameter } from './scalar-parameter';

/** The mean μ > 0, a count; the variance is μ + μ² / r. */
export type NegativeBinomialParameter = {
  /** μ */
  readonly mean: number;
};

/** Rows that are all 0 give this mean instead of 0 without a penalty, which costs 1e-12 of a likelihood a row. */
const LEAST_MEAN = 1e-12;

/**
 * Negative binomial distributions of a known size r (1 / r is the dispersion), for counts that vary more than Poisson's: the number x
 * of failures has the probability C(x + r − 1, x) qˣ (1 − q)ʳ, q = μ / (μ + r). Their L² distance is by sums over the counts.
 * Penalised by `conjugatePenalty`.
 * @param size r
 * @throws InvalidInput if the size is not in [1e-6, 1e6]
 */
export function negativeBinomial(size: number): Family<NegativeBinomialParameter> {
  const r = checkedNumber(size, { positiveUpTo: 1e6 }, 'the size of a negative binomial family');
  const name = `negative-binomial(${r})`;
  const natural: ExponentialFamily<NegativeBinomialParameter> = {
    name,
    ...scalarParameter<NegativeBinomialParameter>({ mean: { positiveUpTo: 1e15 } }),
    requireSupport: oneColumn(
      name,
      (x) => x >= 0 && x <= 1e9 && Number.isInteger(x),
      'whole numbers from 0 on, to 1e9: leave it out',
    ),
    clusterScale: (samples) => mapColumn(samples, (x) => Math.asinh(Math.sqrt(x / r))), // whose variance hardly depends on μ
    failures: { mean: (_, random) => ({ mean: farPositive(random) }) },
    sampler: numberSampler(({ mean }, random) => {
      const rate = randomGamma.source(random)(r, mean / r);
      const poisson = randomPoisson.source(random);
      return () => poisson(rate())();
    }),

    // T(x) = x, θ = log q, h(x) = C(x + r − 1, x)
    toNatural: ({ mean }) => Float64Array.of(-Math.log1p(r / mean)),
    fromNatural: ([theta]) => ({ mean: r / Math.expm1(-theta) }),
    statistics: (x) => x,
    logCarrier: ([x]) => lgam(x + r) - lgam(r) - lgam(x + 1),
    logPartition: ([theta]) => -r * Math.log(-Math.expm1(theta)),
    logSquarePartition: ([eta]) => logSquaredBinomials(r, eta),
    gradient: ([theta]) => Float64Array.of(r / Math.expm1(-theta)),
    inverseGradient: ([mean]) => Float64Array.of(-Math.log1p(r / Math.max(mean, LEAST_MEAN))),
  };
  return exponentialFamily<NegativeBinomialParameter>({ ...natural, penalty: conjugatePenalty(natural) });
}
