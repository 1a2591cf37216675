import { randomWeibull } from 'd3-random';
import { lgam } from '../math/gamma-function';
import { exponentialFamily } from './exponential-family';
import { widerScale } from './failures';
import type { Family } from './family';
import { mapColumn, numberSampler, oneColumn } from './one-column';
import { checkedNumber, scalarParameter } from './scalar-parameter';

/** The scale λ > 0, in the unit of the data. */
export type WeibullParameter = {
  /** λ, in the unit of the data */
  readonly scale: number;
};

/**
 * Weibull distributions of a known shape k, for times to failure: the hazard falls with age for k < 1 and rises for k > 1.
 * Their densities are square integrable for k > ½ only.
 * @throws InvalidInput if the shape is not in (0, 1000]
 */
export function weibull(shape: number): Family<WeibullParameter> {
  const k = checkedNumber(shape, { positiveUpTo: 1000 }, 'the shape of a Weibull family');
  const name = `weibull(${k})`;
  const most = Math.min(1e100, 1e290 ** (1 / k)); // k-th powers stay within float64
  return exponentialFamily<WeibullParameter>({
    name,
    ...scalarParameter<WeibullParameter>({ scale: { positiveUpTo: most } }),
    requireSupport: (samples) => {
      oneColumn(name, (x) => x > 0, 'above 0, so leave it out, or shift all rows')(samples);
      const range = `between ${1 / most} and ${most}, so that k-th powers are within float64: choose another unit`;
      oneColumn(name, (x) => x >= 1 / most && x <= most, range)(samples);
    },
    clusterScale: (samples) => mapColumn(samples, Math.log),
    squareIntegrable: 'a Weibull density is square integrable where its shape k is above ½',
    failures: { scale: ({ scale }, random) => ({ scale: widerScale(scale, random) }) },
    sampler: numberSampler(({ scale }, random) => randomWeibull.source(random)(k, 0, scale)),

    // T(x) = xᵏ, θ = −λ^{−k}, h(x) = k x^{k−1}
    toNatural: ({ scale }) => Float64Array.of(-(scale ** -k)),
    fromNatural: ([theta]) => ({ scale: (-theta) ** (-1 / k) }),
    statistics: ([x]) => [x ** k],
    logCarrier: ([x]) => Math.log(k) + (k - 1) * Math.log(x),
    logPartition: ([theta]) => -Math.log(-theta),
    logSquarePartition: ([eta]) => (k > 0.5 ? Math.log(k) + lgam(2 - 1 / k) - (2 - 1 / k) * Math.log(-eta) : Infinity),
    gradient: ([theta]) => Float64Array.of(-1 / theta),
    inverseGradient: ([mean]) => Float64Array.of(-1 / mean),
  });
}
