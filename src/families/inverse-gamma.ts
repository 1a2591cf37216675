import { randomGamma } from 'd3-random';
import { lbeta, lgam, psi } from '../math/gamma-function';
import { exponentialFamily } from './exponential-family';
import { widerScale, wrongShape } from './failures';
import type { Family } from './family';
import {
  gammaShape,
  MOST_SHAPE,
  narrowestNotes,
  publishedShapePenalty,
  type ShapeOf,
  shapePenalty,
} from './gamma-shape';
import { mapColumn, numberSampler, oneColumn } from './one-column';
import { scalarParameter } from './scalar-parameter';

/** The shape α > 0, and the scale β > 0 in the unit of the data; the mean is β / (α − 1) for α > 1. */
export type InverseGammaParameter = {
  /** α, without unit */
  readonly shape: number;
  /** β, in the unit of the data */
  readonly scale: number;
};

const shapeOf: ShapeOf<InverseGammaParameter> = {
  name: 'inverse-gamma',
  difference: ([meanLog, meanInverse]) => Math.log(meanInverse) + meanLog,
  withShape: ([, meanInverse], shape) => ({ shape, scale: shape / meanInverse }),
};

/**
 * Inverse gamma distributions, of 1/y where y is gamma, for variances; fits have shapes α ≥ ½ and the gamma's penalties of α. Like the
 * gamma, they are not first-order strongly identifiable (Remark 4.2).
 */
export const inverseGamma: Family<InverseGammaParameter> = {
  ...exponentialFamily<InverseGammaParameter>({
    name: 'inverse-gamma',
    ...scalarParameter<InverseGammaParameter>({ shape: { positiveUpTo: MOST_SHAPE }, scale: 'positive' }),
    requireSupport: oneColumn('inverse gamma', (x) => x > 0, 'above 0, so leave it out, or shift all rows'),
    clusterScale: (samples) => mapColumn(samples, (x) => 1 / Math.cbrt(x)),
    notes: (parameters) => [
      'The inverse gamma family, like the gamma, is not first-order strongly identifiable (Remark 4.2): where two components of ' +
        'one scale have shapes that differ by 1, estimates that are close in L² may differ in their parameters.',
      ...narrowestNotes(parameters),
    ],
    failures: {
      shape: ({ scale }, random) => ({ shape: wrongShape(random), scale }),
      scale: ({ shape, scale }, random) => ({ shape, scale: widerScale(scale, random) }),
    },
    sampler: numberSampler(({ shape, scale }, random) => {
      const y = randomGamma.source(random)(shape, 1);
      return () => Math.min(scale / y(), 1e100); // small shapes draw numbers beyond float64
    }),

    // T(x) = (log x, 1/x), θ = (−α − 1, −β)
    toNatural: ({ shape, scale }) => Float64Array.of(-shape - 1, -scale),
    fromNatural: ([a, b]) => ({ shape: -a - 1, scale: -b }),
    statistics: ([x]) => [Math.log(x), 1 / x],
    logPartition: ([a, b]) => lgam(-a - 1) + (a + 1) * Math.log(-b),
    gradient: ([a, b]) => Float64Array.of(Math.log(-b) - psi(-a - 1), (a + 1) / b),
    inverseGradient: ([meanLog, meanInverse]) => {
      const shape = gammaShape(Math.log(meanInverse) + meanLog);
      return Float64Array.of(-shape - 1, -shape / meanInverse);
    },
    penalty: (whole) => shapePenalty(shapeOf, whole),
    publishedPenalty: () => publishedShapePenalty(shapeOf),
  }),

  // β^α β′^α′ Γ(α + α′ + 1) / {Γ(α) Γ(α′) (β + β′)^{α+α′+1}}, as p^α (1 − p)^α′ (α + α′) / {B(α, α′) (β + β′)}, p = β / (β + β′)
  logInnerProduct(a, b) {
    const total = a.scale + b.scale;
    const powers = a.shape * Math.log(a.scale / total) + b.shape * Math.log(b.scale / total);
    return powers + Math.log(a.shape + b.shape) - lbeta(a.shape, b.shape) - Math.log(total);
  },
};
