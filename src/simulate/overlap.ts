import { InvalidInput } from '../errors';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { factorsOf } from '../families/gaussian-parameter';
import { symmetricEigen } from '../math/linear-algebra';
import { quadraticFormTails } from '../math/quadratic-form';
import { type Estimate, mixtureOf } from '../mixture/given';

/** How much the components of a Gaussian mixture overlap (Maitra and Melnykov 2010). */
export interface Overlap {
  /** o_{j|i} = P(w_i f_i(X) < w_j f_j(X)), X ~ f_i, at [i · K + j]: how often component i would be taken for j; 1 for j = i, as MixSim has it */
  readonly matrix: Float64Array;
  /** MaxOmega, the largest o_{j|i} + o_{i|j} */
  readonly maximum: number;
  /** BarOmega, the mean of o_{j|i} + o_{i|j} over the pairs */
  readonly mean: number;
}

/**
 * The pairwise overlaps of a Gaussian mixture, exactly: a quadratic form in normal variables decides between two components.
 * @param mixture a Gaussian mixture, or a result that holds one
 * @returns the overlap of each pair, the largest and the mean
 * @throws InvalidInput if the mixture is not Gaussian with full covariances, or has one component only
 * @example
 * const { maximum, mean } = overlap(truth);
 * [maximum, mean]; // [0.0100, 0.00334]: the probability to take a row of one component for one of another, both ways
 */
export function overlap(mixture: Estimate<GaussianParameter>): Overlap {
  return overlaps(mixtureOf(mixture))(1);
}

/** Prepares the overlap of a mixture whose covariances are all multiplied by a number. */
export function overlaps(mixture: {
  readonly family: { readonly name: string };
  readonly weights: Float64Array;
  readonly parameters: readonly GaussianParameter[];
}): (inflation: number) => Overlap {
  const { family, weights, parameters } = mixture;
  const K = parameters.length;
  if (!family.name.endsWith('gaussian') || !(parameters[0].covariance instanceof Float64Array)) {
    throw new InvalidInput(
      `overlap needs a Gaussian mixture with full covariances, but this one is of the family ${family.name}`,
    );
  }
  if (K < 2) throw new InvalidInput('a mixture with one component has no overlap');
  const pairs = parameters.map((from, i) =>
    parameters.map((to, j) => (i === j ? undefined : confusion(from, to, weights[i], weights[j]))),
  );
  return (inflation) => {
    const matrix = Float64Array.from({ length: K * K }, (_, ij) => pairs[Math.floor(ij / K)][ij % K]?.(inflation) ?? 1);
    let [maximum, sum] = [0, 0];
    for (let i = 0; i < K; i++) {
      for (let j = 0; j < i; j++) {
        const both = matrix[i * K + j] + matrix[j * K + i];
        maximum = Math.max(maximum, both);
        sum += both;
      }
    }
    return { matrix, maximum, mean: sum / ((K * (K - 1)) / 2) };
  };
}

/** Components that differ by less than this, in standard deviations, are the same. */
const SAME_COMPONENT = 1e-12;

/**
 * P(w f(X) < w′ f′(X)), X ~ N(μ, s Σ), f′ of N(μ′, s Σ′), as a function of s. With X = μ + √s L P y, P the eigenvectors of
 * L′ᵀ Σ′⁻¹ L and λ its eigenvalues, b = (L P)⁻¹ (μ′ − μ) / √s: the event is Σ {y² − λ (y − b)²} > 2 log(w / w′) + log det Σ′ − log det Σ.
 */
function confusion(from: GaussianParameter, to: GaussianParameter, weight: number, other: number) {
  const d = from.mean.length;
  const [own, theirs] = [factorsOf(from), factorsOf(to)];
  const ratio = new Float64Array(d * d); // Lᵀ Σ′⁻¹ L
  const through = product(theirs.whitening, own.lower, d); // W′ L
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++) for (let k = 0; k < d; k++) ratio[i * d + j] += through[k * d + i] * through[k * d + j];
  const { values, vectors } = symmetricEigen(ratio, d);
  const shift = new Float64Array(d); // L⁻¹ (μ′ − μ)
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++) shift[i] += own.whitening[i * d + j] * (to.mean[j] - from.mean[j]);
  const b = values.map((_, k) => shift.reduce((sum, one, i) => sum + vectors.get(i, k) * one, 0));
  const threshold = 2 * Math.log(weight / other) + theirs.logDeterminant - own.logDeterminant;
  const same = values.every((lambda, k) => Math.abs(1 - lambda) < SAME_COMPONENT && Math.abs(b[k]) < SAME_COMPONENT);
  return (inflation: number): number => {
    if (weight === 0 || other === 0) return other > 0 ? 1 : 0;
    if (same) return weight === other ? 0.5 : weight < other ? 1 : 0; // rounding would decide; ties go to either
    const scaled = b.map((one) => one / Math.sqrt(inflation));
    return quadraticFormTails(
      {
        quadratic: values.map((lambda) => 1 - lambda),
        linear: values.map((lambda, k) => 2 * lambda * scaled[k]),
        constant: -values.reduce((sum, lambda, k) => sum + lambda * scaled[k] ** 2, 0),
      },
      threshold,
    ).above;
  };
}

function product(a: Float64Array, b: Float64Array, d: number): Float64Array {
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let k = 0; k < d; k++) for (let j = 0; j < d; j++) out[i * d + j] += a[i * d + k] * b[k * d + j];
  return out;
}
