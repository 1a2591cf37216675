import { randomExponential, randomUniform } from 'd3-random';
import { exponentialFamily } from './exponential-family';
import { widerScale } from './failures';
import type { Family } from './family';
import { mapColumn, numberSampler, oneColumn } from './one-column';
import { checkedNumber, scalarParameter } from './scalar-parameter';

/** The scale b > 0, in the unit of the data: the mean distance to the centre. */
export type LaplaceParameter = {
  /** b, in the unit of the data */
  readonly scale: number;
};

/**
 * Laplace distributions of a known centre, for errors of several sizes about one value.
 * @throws InvalidInput if the centre is not a number
 */
export function laplace(centre: number): Family<LaplaceParameter> {
  const c = checkedNumber(centre, 'real', 'the centre of a Laplace family');
  const name = `laplace(${c})`;
  return exponentialFamily<LaplaceParameter>({
    name,
    ...scalarParameter<LaplaceParameter>({ scale: 'positive' }),
    requireSupport: oneColumn(name),
    clusterScale: (samples) => mapColumn(samples, (x) => Math.cbrt(Math.abs(x - c))),
    failures: { scale: ({ scale }, random) => ({ scale: widerScale(scale, random) }) },
    sampler: numberSampler(({ scale }, random) => {
      const distance = randomExponential.source(random)(1 / scale);
      const side = randomUniform.source(random)(-1, 1);
      return () => c + Math.sign(side()) * distance();
    }),

    // T(x) = |x − c|, θ = −1 / b
    toNatural: ({ scale }) => Float64Array.of(-1 / scale),
    fromNatural: ([theta]) => ({ scale: -1 / theta }),
    statistics: ([x]) => [Math.abs(x - c)],
    logPartition: ([theta]) => Math.log(-2 / theta),
    gradient: ([theta]) => Float64Array.of(-1 / theta),
    inverseGradient: ([mean]) => Float64Array.of(-1 / mean),
  });
}
