import { randomGamma } from 'd3-random';
import { lbeta, lgam, psi } from '../math/gamma-function';
import { shortNumber } from '../math/short-number';
import { exponentialFamily } from './exponential-family';
import { widerScale, wrongShape } from './failures';
import type { Family } from './family';
import {
  gammaShape,
  LEAST_SHAPE,
  MOST_SHAPE,
  narrowestNotes,
  publishedShapePenalty,
  type ShapeOf,
  shapePenalty,
} from './gamma-shape';
import { mapColumn, numberSampler, oneColumn } from './one-column';
import { scalarParameter } from './scalar-parameter';

/** The shape r > 0, and the scale θ > 0 in the unit of the data; the mean is r θ. */
export type GammaParameter = {
  /** r, without unit */
  readonly shape: number;
  /** θ, in the unit of the data */
  readonly scale: number;
};

const shapeOf: ShapeOf<GammaParameter> = {
  name: 'gamma',
  difference: ([meanLog, mean]) => Math.log(mean) - meanLog,
  withShape: ([, mean], shape) => ({ shape, scale: mean / shape }),
};

/**
 * Gamma distributions, for positive data such as lifetimes and incomes; fits have shapes r ≥ ½ (App. D), and a penalty on them that
 * is relative to the data, or the paper's r log r. They are not
 * first-order strongly identifiable (Remark 4.2): estimates whose densities are close may have parameters that are not. A
 * density of shape ½ or less is not square integrable, so that dfmr sets its estimate aside.
 */
export const gamma: Family<GammaParameter> = {
  ...exponentialFamily<GammaParameter>({
    name: 'gamma',
    ...scalarParameter<GammaParameter>({ shape: { positiveUpTo: MOST_SHAPE }, scale: 'positive' }),
    requireSupport: oneColumn('gamma', (x) => x > 0, 'above 0, so leave it out, or shift all rows'),
    clusterScale: (samples) => mapColumn(samples, Math.cbrt), // Wilson and Hilferty: about normal, whatever the shape
    notes: (parameters) => [
      'The gamma family is not first-order strongly identifiable (Remark 4.2): where two components of one scale have shapes ' +
        'that differ by 1, estimates that are close in L² may differ in their parameters, and a filter by L² may keep them.',
      ...outsideL2(parameters),
      ...narrowestNotes(parameters),
    ],
    squareIntegrable: 'the product of gamma densities is integrable where their shapes sum to more than 1',
    failures: {
      shape: ({ scale }, random) => ({ shape: wrongShape(random), scale }),
      scale: ({ shape, scale }, random) => ({ shape, scale: widerScale(scale, random) }),
    },
    sampler: numberSampler(({ shape, scale }, random) => {
      const draw = randomGamma.source(random)(shape, scale);
      return () => Math.max(draw(), 1e-100); // small shapes draw numbers below float64
    }),

    toNatural: ({ shape, scale }) => Float64Array.of(shape - 1, -1 / scale),
    fromNatural: ([a, b]) => ({ shape: a + 1, scale: -1 / b }),
    statistics: ([x]) => [Math.log(x), x],
    logPartition: ([a, b]) => lgam(a + 1) - (a + 1) * Math.log(-b),
    gradient: ([a, b]) => Float64Array.of(psi(a + 1) - Math.log(-b), (a + 1) / -b),
    inverseGradient: ([meanLog, mean]) => {
      const shape = gammaShape(Math.log(mean) - meanLog);
      return Float64Array.of(shape - 1, -shape / mean);
    },
    penalty: (whole) => shapePenalty(shapeOf, whole),
    publishedPenalty: () => publishedShapePenalty(shapeOf),
  }),

  // θ^{r′−1} θ′^{r−1} Γ(s) / {(θ + θ′)^s Γ(r) Γ(r′)}, s = r + r′ − 1: for large shapes less is lost to cancellation in
  // p^{r′−1} (1 − p)^{r−1} / {B(r, r′) s (θ + θ′)}, p = θ / (θ + θ′)
  logInnerProduct(a, b) {
    const s = a.shape + b.shape - 1;
    if (!(s > 0)) return Infinity;
    const total = a.scale + b.scale;
    const powers = (b.shape - 1) * Math.log(a.scale / total) + (a.shape - 1) * Math.log(b.scale / total);
    return powers - lbeta(a.shape, b.shape) - Math.log(s) - Math.log(total);
  },
};

/** A note on every component whose density is not square integrable. */
function outsideL2(parameters: readonly GammaParameter[]): string[] {
  return parameters.flatMap(({ shape }, k) =>
    shape > LEAST_SHAPE
      ? []
      : `Component ${k} has the shape ${shortNumber(shape)}: its density is not square integrable, so that the ` +
        'mixture is at no finite L² distance from others, and dfmr sets it aside.',
  );
}
