import { randomGamma, randomNormal } from 'd3-random';
import { InvalidInput } from '../errors';
import { lgam, psi } from '../math/gamma-function';
import type { Samples } from '../math/table';
import { conjugatePenalty, type ExponentialFamily, exponentialFamily } from './exponential-family';
import { farLocation, wrongShape } from './failures';
import type { Family } from './family';
import { gamma } from './gamma';
import { gammaShape, MOST_SHAPE } from './gamma-shape';
import { scalarParameter } from './scalar-parameter';

/** (x, τ) with τ ~ gamma of a shape α and a rate β, and x given τ Gaussian with a mean μ and the variance 1 / (strength · τ). */
export type GaussianGammaParameter = {
  /** μ, in the unit of x */
  readonly mean: number;
  /** λ > 0: how many observations of precision τ the knowledge of the mean is worth */
  readonly strength: number;
  /** α > 0, of the gamma distribution of τ */
  readonly shape: number;
  /** β > 0, of the gamma distribution of τ, in squared units of x */
  readonly rate: number;
};

const natural: ExponentialFamily<GaussianGammaParameter> = {
  name: 'gaussian-gamma',
  ...scalarParameter<GaussianGammaParameter>({
    mean: 'real',
    strength: 'positive',
    shape: { positiveUpTo: MOST_SHAPE },
    rate: 'positive',
  }),
  dimension: () => 2,
  requireSupport: requirePrecisions,
  clusterScale: (samples) => ({
    ...samples,
    data: samples.data.map((x, i) => (i % 2 === 1 ? Math.cbrt(x) : x)),
  }),
  notes: () => [
    'The Gaussian–gamma family, like the gamma, is not first-order strongly identifiable (Remark 4.2): where two components ' +
      'differ by 1 in their shapes only, estimates that are close in L² may differ in their parameters.',
  ],
  squareIntegrable: 'the product of Gaussian–gamma densities is integrable where their shapes sum to more than ½',
  failures: {
    mean: (parameter, random) => ({ ...parameter, mean: farLocation(random) }),
    shape: (parameter, random) => ({ ...parameter, shape: wrongShape(random) }),
  },
  sampler({ mean, strength, shape, rate }, random) {
    const precision = randomGamma.source(random)(shape, 1 / rate);
    const normal = randomNormal.source(random)();
    return (out, offset) => {
      const tau = Math.max(precision(), 1e-100); // small shapes draw numbers below float64
      out[offset] = mean + normal() / Math.sqrt(strength * tau);
      out[offset + 1] = tau;
    };
  },

  // T(x, τ) = (log τ, τ, τ x, τ x²), θ = (α − ½, −β − λ μ² / 2, λ μ, −λ / 2), λ the strength
  location: { of: ({ mean }) => mean, ofObservation: ([x]) => x },
  toNatural: ({ mean, strength, shape, rate }, origin) => {
    const x = mean - origin;
    return Float64Array.of(shape - 0.5, -rate - (strength * x * x) / 2, strength * x, -strength / 2);
  },
  fromNatural: ([a, b, c, d], origin) => ({
    mean: origin - c / (2 * d),
    strength: -2 * d,
    shape: a + 0.5,
    rate: -b + (c * c) / (4 * d),
  }),
  statistics: ([x, tau], origin) => [Math.log(tau), tau, tau * (x - origin), tau * (x - origin) ** 2],
  logPartition: ([a, b, c, d]) =>
    lgam(a + 0.5) - 0.5 * Math.log(-2 * d) - (a + 0.5) * Math.log(-b + (c * c) / (4 * d)) + 0.5 * Math.log(2 * Math.PI),
  gradient: ([a, b, c, d]) => {
    const [shape, rate, x] = [a + 0.5, -b + (c * c) / (4 * d), -c / (2 * d)];
    const tau = shape / rate;
    return Float64Array.of(psi(shape) - Math.log(rate), tau, tau * x, -0.5 / d + tau * x * x);
  },
  inverseGradient: ([meanLog, tau, tauX, tauXX]) => {
    const shape = gammaShape(Math.log(tau) - meanLog);
    const x = tauX / tau;
    const spread = tauXX - x * tauX;
    if (!(spread > 1e-13 * tauXX)) throw new InvalidInput('x has no variance');
    const strength = 1 / spread;
    return Float64Array.of(shape - 0.5, -shape / tau - (strength * x * x) / 2, strength * x, -strength / 2);
  },
};

/**
 * Gaussian–gamma distributions of pairs (x, τ), a value and its precision; penalised by `conjugatePenalty`. Like the gamma, they
 * are not first-order strongly identifiable (Remark 4.2).
 */
export const gaussianGamma: Family<GaussianGammaParameter> = {
  ...exponentialFamily<GaussianGammaParameter>({ ...natural, penalty: conjugatePenalty(natural, () => 2) }),

  // √{v / 2π} Γ(s) β^α β′^α′ / {Γ(α) Γ(α′) (β + β′ + v (μ − μ′)² / 2)^s}, v = λ λ′ / (λ + λ′), s = α + α′ − ½
  logInnerProduct(a, b) {
    const s = a.shape + b.shape - 0.5;
    if (!(s > 0)) return Infinity;
    const v = 1 / (1 / a.strength + 1 / b.strength);
    const rate = a.rate + b.rate + (v * (a.mean - b.mean) ** 2) / 2;
    const rates = a.shape * Math.log(a.rate / rate) + b.shape * Math.log(b.rate / rate) + 0.5 * Math.log(rate);
    return rates + 0.5 * Math.log(v / (2 * Math.PI)) + lgam(s) - (lgam(a.shape) + lgam(b.shape));
  },

  // KL of τ, and ½ {q − 1 − log q + λ′ E τ (μ − μ′)²}, q = λ′/λ; A(θ) itself loses digits where means are far apart
  divergence(a, b) {
    const more = (b.strength - a.strength) / a.strength;
    const logRatio = Math.abs(more) < 0.5 ? Math.log1p(more) : Math.log(b.strength) - Math.log(a.strength);
    const between = b.strength * (a.shape / a.rate) * (a.mean - b.mean) ** 2;
    return gamma.divergence(precisionOf(a), precisionOf(b)) + 0.5 * (more - logRatio + between);
  },

  // the barycentre of τ, the mean of x weighted by π E τ, and 1/λ = Σ π {1/λ_γ + E τ (μ_γ − μ)²} / Σ π
  barycentre(parameters, weights) {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const average = (f: (parameter: GaussianGammaParameter) => number) =>
      parameters.reduce((sum, parameter, g) => sum + (weights[g] / total) * f(parameter), 0);
    const { shape, scale } = gamma.barycentre(parameters.map(precisionOf), weights);
    const tau = average((p) => p.shape / p.rate);
    const mean = average((p) => p.mean * (p.shape / p.rate / tau));
    const spread = average((p) => 1 / p.strength + (p.shape / p.rate) * (p.mean - mean) ** 2);
    return { mean, strength: 1 / spread, shape, rate: 1 / scale };
  },
};

/** What of a Gaussian–gamma distribution is gamma: τ. */
const precisionOf = ({ shape, rate }: GaussianGammaParameter) => ({ shape, scale: 1 / rate });

function requirePrecisions({ data, rows, columns }: Samples): void {
  if (columns !== 2) {
    throw new InvalidInput(
      `the gaussian-gamma family is over two columns, x and its precision, but the table has ${columns}`,
    );
  }
  for (let j = 0; j < rows; j++) {
    const [x, tau] = [data[2 * j], data[2 * j + 1]];
    if (!(tau >= 1e-100 && tau <= 1e100 && Math.abs(x) <= 1e100)) {
      throw new InvalidInput(
        `row ${j} is (${x}, ${tau}): the second column is a precision, above 0, so leave it out, or choose another unit`,
      );
    }
  }
}
