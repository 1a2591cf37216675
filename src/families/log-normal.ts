import { randomLogNormal } from 'd3-random';
import { InvalidInput } from '../errors';
import { LOG_2PI } from '../math/gamma-function';
import { exponentialFamily } from './exponential-family';
import { farLocation, widerScale } from './failures';
import type { Family } from './family';
import { mapColumn, numberSampler, oneColumn } from './one-column';
import { penaltyShare } from './penalty-share';
import { scalarParameter } from './scalar-parameter';

/** The mean μ and the standard deviation σ > 0 of the logarithm. */
export type LogNormalParameter = {
  /** μ, the mean of the logarithm */
  readonly location: number;
  /** σ, the standard deviation of the logarithm */
  readonly scale: number;
};

/** Log-normal distributions, of exp(y) where y is Gaussian, for incomes and sizes; penalised as Gaussians of log x are. */
export const logNormal: Family<LogNormalParameter> = {
  ...exponentialFamily<LogNormalParameter>({
    name: 'log-normal',
    ...scalarParameter<LogNormalParameter>({ location: 'real', scale: 'positive' }),
    requireSupport: oneColumn('log-normal', (x) => x > 0, 'above 0, so leave it out, or shift all rows'),
    clusterScale: (samples) => mapColumn(samples, Math.log),
    failures: {
      mean: ({ scale }, random) => ({ location: farLocation(random), scale }),
      scale: ({ location, scale }, random) => ({ location, scale: widerScale(scale, random) }),
    },
    sampler: numberSampler(({ location, scale }, random) => randomLogNormal.source(random)(location, scale)),

    // T(x) = (y, y²), y = log x, θ = (μ/σ², −1/(2σ²)), h(x) = 1/x
    location: { of: ({ location }) => location, ofObservation: ([x]) => Math.log(x) },
    toNatural: ({ location, scale }, origin) => Float64Array.of((location - origin) / scale ** 2, -0.5 / scale ** 2),
    fromNatural: ([a, b], origin) => ({ location: origin - a / (2 * b), scale: Math.sqrt(-0.5 / b) }),
    statistics: ([x], origin) => [Math.log(x) - origin, (Math.log(x) - origin) ** 2],
    logCarrier: ([x]) => -Math.log(x),
    logPartition: ([a, b]) => (-a * a) / (4 * b) - 0.5 * Math.log(-2 * b) + 0.5 * LOG_2PI,
    gradient: ([a, b]) => Float64Array.of(-a / (2 * b), (a / (2 * b)) ** 2 - 0.5 / b),
    inverseGradient: ([mean, square]) => {
      const variance = varianceOf(mean, square);
      return Float64Array.of(mean / variance, -0.5 / variance);
    },

    // p(θ) = s²/σ² + log σ², with s² the sample variance of log x
    penalty: ([mean, square], rows, origin) => {
      const sampleVariance = varianceOf(mean, square) * (rows / Math.max(rows - 1, 1));
      return {
        value: ({ scale }) => sampleVariance / scale ** 2 + 2 * Math.log(scale),
        maximise([own, ownSquare], mass, strength) {
          const scatter = mass * (strength > 0 ? ownSquare - own * own : varianceOf(own, ownSquare));
          return {
            location: origin + own,
            scale: Math.sqrt((2 * strength * sampleVariance + scatter) / (2 * strength + mass)),
          };
        },
        share: ({ scale }, mass, strength) => penaltyShare(sampleVariance / scale ** 2, mass, strength),
      };
    },
  }),

  // φ(μ; μ′, σ² + σ′²) exp(−u + v/2), v = (1/σ² + 1/σ′²)⁻¹, u = v (μ/σ² + μ′/σ′²)
  logInnerProduct(a, b) {
    const [s, t] = [a.scale ** 2, b.scale ** 2];
    const total = s + t;
    const normal = -0.5 * (LOG_2PI + Math.log(total) + (a.location - b.location) ** 2 / total);
    return normal - (a.location * (t / total) + b.location * (s / total)) + (0.5 * s * t) / total;
  },
};

/** @throws if nothing but rounding is left */
function varianceOf(mean: number, square: number): number {
  const variance = square - mean * mean;
  if (!(variance > 1e-13 * square))
    throw new InvalidInput('the rows are all the same, or about: log-normal components need rows that differ');
  return variance;
}
