import { InvalidInput } from '../errors';
import type { BernoulliParameter } from '../families/bernoulli';
import type { CategoricalParameter } from '../families/categorical';
import type { DiagonalGaussianParameter } from '../families/diagonal-gaussian';
import type { DirichletParameter } from '../families/dirichlet';
import type { ExponentialParameter } from '../families/exponential';
import { type FamilyName, familyOf } from '../families/families-registry';
import type { Family } from '../families/family';
import type { GammaParameter } from '../families/gamma';
import type { GaussianGammaParameter } from '../families/gaussian-gamma';
import type { GaussianInput, GaussianParameter } from '../families/gaussian-parameter';
import type { InverseGammaParameter } from '../families/inverse-gamma';
import type { LaplaceParameter } from '../families/laplace';
import type { LogNormalParameter } from '../families/log-normal';
import type { MultinomialParameter } from '../families/multinomial';
import type { NegativeBinomialParameter } from '../families/negative-binomial';
import type { PoissonParameter } from '../families/poisson';
import type { RayleighParameter } from '../families/rayleigh';
import type { SphericalGaussianParameter } from '../families/spherical-gaussian';
import type { LocationScaleParameter } from '../families/standard-density';
import type { VonMisesParameter } from '../families/von-mises';
import type { VonMisesFisherParameter } from '../families/von-mises-fisher';
import type { WeibullParameter } from '../families/weibull';
import type { MatrixLike } from '../math/table';
import { type Mixture, type MixtureParts, mixture } from './mixture';

// One constructor for each family, by the family's own words: K weights, and K of everything else.

/** A covariance as it is given: d rows of d numbers, or an ml-matrix matrix. */
export type Covariance = GaussianInput['covariance'] | MatrixLike;

/** K weights, and K means. */
export interface MeansParts {
  /** w_1 … w_K, which sum to one */
  readonly weights: ArrayLike<number>;
  /** the mean of each component, in the unit of the data */
  readonly means: ArrayLike<number>;
}

/** K weights, and K scales. */
export interface ScalesParts {
  /** w_1 … w_K, which sum to one */
  readonly weights: ArrayLike<number>;
  /** the scale of each component, above 0 */
  readonly scales: ArrayLike<number>;
}

/** K weights, and K shapes and scales. */
export interface ShapeScaleParts extends ScalesParts {
  /** the shape of each component, above 0 */
  readonly shapes: ArrayLike<number>;
}

/** K weights, and K locations and scales. */
export interface LocationScaleParts extends ScalesParts {
  /** the location of each component */
  readonly locations: ArrayLike<number>;
}

/**
 * A Gaussian mixture of K weights, K means of length d and K covariances (d × d arrays or ml-matrix matrices), and noise beside them
 * if there is a `noise`, uniform on a box: the weights are then of what is not noise, and sum to one all the same.
 * @param parts the weights, and the parts of each component
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if a covariance is not symmetric or not positive definite in float64
 * @example
 * const G = gaussianMixture({
 *   weights: [0.4, 0.6],
 *   means: [[0, 0], [3, 3]],
 *   covariances: [[[1, 0], [0, 1]], [[1, 0.5], [0.5, 1]]],
 *   noise: { weight: 0.05, lower: [-10, -10], upper: [10, 10] },
 * });
 * classify(G, [[0, 1], [3, 2], [9, -9]]); // [0, 1, −1]: −1 is noise
 */
export function gaussianMixture(
  parts: MixtureParts & {
    /** w_1 … w_K, which sum to one */
    readonly weights: ArrayLike<number>;
    /** K means of d numbers */
    readonly means: ArrayLike<ArrayLike<number>>;
    /** K covariances, d × d, symmetric and positive definite */
    readonly covariances: ArrayLike<Covariance>;
  },
): Mixture<GaussianParameter> {
  const { weights, means, covariances, noise } = parts;
  const rows = covariances && Array.from(covariances, rowsOf);
  return assembled('gaussian', weights, { mean: means, covariance: rows }, { noise });
}

/**
 * A Gaussian mixture of K weights, K means of length d and K × d variances, and `noise` as of `gaussianMixture`.
 * @param parts the weights, and the parts of each component
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const G = diagonalGaussianMixture({ weights: [0.4, 0.6], means: [[0, 0], [3, 3]], variances: [[1, 4], [1, 1]] });
 * freeParameters(G); // 9: a weight, and two means and two variances of each component
 */
export function diagonalGaussianMixture(
  parts: MixtureParts & {
    /** w_1 … w_K, which sum to one */
    readonly weights: ArrayLike<number>;
    /** K means of d numbers */
    readonly means: ArrayLike<ArrayLike<number>>;
    /** K × d variances, above 0 */
    readonly variances: ArrayLike<ArrayLike<number>>;
  },
): Mixture<DiagonalGaussianParameter> {
  const { weights, means, variances, noise } = parts;
  return assembled('diagonal-gaussian', weights, { mean: means, variances }, { noise });
}

/**
 * A Gaussian mixture of K weights, K means of length d and K variances, each of all features, and `noise` as of `gaussianMixture`.
 * @param parts the weights, and the parts of each component
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const G = sphericalGaussianMixture({ weights: [0.4, 0.6], means: [[0, 0], [3, 3]], variances: [1, 4] });
 * freeParameters(G); // 7: a weight, and two means and a variance of each component
 */
export function sphericalGaussianMixture(
  parts: MixtureParts & {
    /** w_1 … w_K, which sum to one */
    readonly weights: ArrayLike<number>;
    /** K means of d numbers */
    readonly means: ArrayLike<ArrayLike<number>>;
    /** the variance of each component, above 0, the same in every direction */
    readonly variances: ArrayLike<number>;
  },
): Mixture<SphericalGaussianParameter> {
  const { weights, means, variances, noise } = parts;
  return assembled('spherical-gaussian', weights, { mean: means, variance: variances }, { noise });
}

/**
 * A Gaussian mixture of K weights, K means of length d and one covariance, and `noise` as of `gaussianMixture`.
 * @param parts the weights, the means, and the covariance that all share
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const G = tiedGaussianMixture({ weights: [0.4, 0.6], means: [[0, 0], [3, 3]], covariance: [[1, 0.5], [0.5, 1]] });
 * freeParameters(G); // 8: a weight, two means of each component, and a covariance of three numbers
 */
export function tiedGaussianMixture(
  parts: MixtureParts & {
    /** w_1 … w_K, which sum to one */
    readonly weights: ArrayLike<number>;
    /** K means of d numbers */
    readonly means: ArrayLike<ArrayLike<number>>;
    /** the covariance of every component, d × d, symmetric and positive definite */
    readonly covariance: Covariance;
  },
): Mixture<GaussianParameter> {
  const { weights, means, covariance, noise } = parts;
  const shared = rowsOf(covariance);
  return assembled(
    'tied-gaussian',
    weights,
    { mean: means, covariance: Array.from(means ?? [], () => shared) },
    { noise },
  );
}

/**
 * A gamma mixture of K weights, shapes r and scales θ; the k-th mean is r θ. Not first-order strongly identifiable (Remark 4.2).
 * With a shape of ½ or less it has no L² norm, and dfmr sets it aside.
 * @param parts the weights, shapes without unit, and scales in the unit of the data
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const rain = gammaMixture({ weights: [0.5, 0.5], shapes: [2, 30], scales: [1, 1] });
 * logDensity(rain, [2, 30]); // [−2.00, −3.32]
 * classify(rain, [1.5, 28]); // [0, 1]
 */
export function gammaMixture(parts: ShapeScaleParts): Mixture<GammaParameter> {
  const { weights, shapes, scales } = parts;
  return assembled('gamma', weights, { shape: shapes, scale: scales });
}

/**
 * An exponential mixture of K weights and means.
 * @param parts the weights, and the means, above 0
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const calls = exponentialMixture({ weights: [0.7, 0.3], means: [2, 30] }); // minutes
 * classify(calls, [1, 20]); // [0, 1]
 */
export function exponentialMixture(parts: MeansParts): Mixture<ExponentialParameter> {
  const { weights, means } = parts;
  return assembled('exponential', weights, { mean: means });
}

/**
 * A log-normal mixture of K weights, and K means and standard deviations of the logarithm.
 * @param parts the weights, and the means and standard deviations of the logarithm
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const incomes = logNormalMixture({ weights: [0.8, 0.2], locations: [10, 12], scales: [0.5, 0.8] });
 * classify(incomes, [30_000, 200_000]); // [0, 1]
 */
export function logNormalMixture(parts: LocationScaleParts): Mixture<LogNormalParameter> {
  const { weights, locations, scales } = parts;
  return assembled('log-normal', weights, { location: locations, scale: scales });
}

/**
 * An inverse gamma mixture of K weights, shapes α and scales β. Not first-order strongly identifiable (Remark 4.2).
 * @param parts the weights, shapes without unit, and scales in the unit of the data
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const variances = inverseGammaMixture({ weights: [0.5, 0.5], shapes: [5, 5], scales: [4, 40] });
 * classify(variances, [1, 10]); // [0, 1]: the means are 1 and 10
 */
export function inverseGammaMixture(parts: ShapeScaleParts): Mixture<InverseGammaParameter> {
  const { weights, shapes, scales } = parts;
  return assembled('inverse-gamma', weights, { shape: shapes, scale: scales });
}

/**
 * A Weibull mixture of a known shape, K weights and K scales λ.
 * @param parts the shape, the weights, and the scales in the unit of the data
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const lifetimes = weibullMixture({ shape: 2, weights: [0.3, 0.7], scales: [1, 10] }); // years
 * classify(lifetimes, [0.5, 8]); // [0, 1]
 */
export function weibullMixture(
  parts: ScalesParts & {
    /** the shape of all components, above 0: below 1 the old fail less, above 1 more */
    readonly shape: number;
  },
): Mixture<WeibullParameter> {
  const { shape, weights, scales } = parts;
  return assembled(`weibull(${shape})`, weights, { scale: scales });
}

/**
 * A Rayleigh mixture of K weights and scales σ.
 * @param parts the weights, and the scales in the unit of the data
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const waves = rayleighMixture({ weights: [0.6, 0.4], scales: [0.5, 3] }); // metres
 * classify(waves, [0.5, 4]); // [0, 1]: calm and storm
 */
export function rayleighMixture(parts: ScalesParts): Mixture<RayleighParameter> {
  const { weights, scales } = parts;
  return assembled('rayleigh', weights, { scale: scales });
}

/**
 * A Laplace mixture of a known centre, K weights and K scales b.
 * @param parts the weights, the scales in the unit of the data, and the centre
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const errors = laplaceMixture({ weights: [0.9, 0.1], scales: [1, 20] });
 * classify(errors, [0.5, -50]); // [0, 1]
 */
export function laplaceMixture(
  parts: ScalesParts & {
    /**
     * where all components have their peak
     * @defaultValue 0
     */
    readonly centre?: number;
  },
): Mixture<LaplaceParameter> {
  const { centre = 0, weights, scales } = parts;
  return assembled(`laplace(${centre})`, weights, { scale: scales });
}

/**
 * A Poisson mixture of K weights and means.
 * @param parts the weights, and the means, above 0
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const goals = poissonMixture({ weights: [0.5, 0.5], means: [0.5, 4] });
 * responsibilities(goals, [0, 3]); // [0.971, 0.0293, 0.0607, 0.939]: of each row, of each component
 */
export function poissonMixture(parts: MeansParts): Mixture<PoissonParameter> {
  const { weights, means } = parts;
  return assembled('poisson', weights, { mean: means });
}

/**
 * A mixture of negative binomial distributions of a known size r, of K weights and means μ; their variances are μ + μ² / r.
 * @param parts the size, the weights, and the means, above 0
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const visits = negativeBinomialMixture({ size: 2, weights: [0.6, 0.4], means: [1, 20] });
 * classify(visits, [0, 25]); // [0, 1]
 */
export function negativeBinomialMixture(
  parts: MeansParts & {
    /** r > 0; the larger, the nearer to Poisson */
    readonly size: number;
  },
): Mixture<NegativeBinomialParameter> {
  const { size, weights, means } = parts;
  return assembled(`negative-binomial(${size})`, weights, { mean: means });
}

/**
 * A logistic mixture of K weights, locations and scales.
 * @param parts the weights, and locations and scales in the unit of the data
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const scores = logisticMixture({ weights: [0.5, 0.5], locations: [0, 10], scales: [1, 2] });
 * classify(scores, [1, 9]); // [0, 1]
 */
export function logisticMixture(parts: LocationScaleParts): Mixture<LocationScaleParameter> {
  const { weights, locations, scales } = parts;
  return assembled('logistic', weights, { location: locations, scale: scales });
}

/**
 * A Gumbel mixture of K weights, locations and scales.
 * @param parts the weights, and locations and scales in the unit of the data
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const floods = gumbelMixture({ weights: [0.7, 0.3], locations: [2, 8], scales: [0.5, 1] }); // yearly highest, in metres
 * classify(floods, [2.5, 7]); // [0, 1]
 */
export function gumbelMixture(parts: LocationScaleParts): Mixture<LocationScaleParameter> {
  const { weights, locations, scales } = parts;
  return assembled('gumbel', weights, { location: locations, scale: scales });
}

/**
 * A mixture of Student's t distributions with known degrees of freedom, of K weights, locations and scales.
 * @param parts the degrees of freedom, the weights, and locations and scales in the unit of the data
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const returns = studentTMixture({ degreesOfFreedom: 3, weights: [0.8, 0.2], locations: [0, 5], scales: [1, 1] });
 * classify(returns, [-0.5, 5.5]); // [0, 1]
 */
export function studentTMixture(
  parts: LocationScaleParts & {
    /** ν > 0; the fewer, the heavier the tails */
    readonly degreesOfFreedom: number;
  },
): Mixture<LocationScaleParameter> {
  const { degreesOfFreedom, weights, locations, scales } = parts;
  return assembled(`student-t(${degreesOfFreedom})`, weights, { location: locations, scale: scales });
}

/**
 * A Gaussian–gamma mixture of K weights, means μ, strengths λ, shapes α and rates β. Not first-order strongly identifiable
 * (Remark 4.2).
 * @param parts the weights, and the parts of each component
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const G = gaussianGammaMixture({ weights: [0.5, 0.5], means: [0, 10], strengths: [1, 1], shapes: [3, 3], rates: [1, 1] });
 * classify(G, [[0.2, 2], [9, 3]]); // [0, 1]: rows are (x, τ)
 */
export function gaussianGammaMixture(parts: {
  /** w_1 … w_K, which sum to one */
  readonly weights: ArrayLike<number>;
  /** μ_1 … μ_K */
  readonly means: ArrayLike<number>;
  /** λ_1 … λ_K, above 0 */
  readonly strengths: ArrayLike<number>;
  /** α_1 … α_K, above 0 */
  readonly shapes: ArrayLike<number>;
  /** β_1 … β_K, above 0 */
  readonly rates: ArrayLike<number>;
}): Mixture<GaussianGammaParameter> {
  const { weights, means, strengths, shapes, rates } = parts;
  return assembled('gaussian-gamma', weights, { mean: means, strength: strengths, shape: shapes, rate: rates });
}

/**
 * A Dirichlet mixture of K weights and K × d concentrations, d ≥ 3. Identifiable for most parameters only.
 * @param parts the weights, and the concentrations
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if the numbers of weights and of other parts differ
 * @example
 * const budgets = dirichletMixture({ weights: [0.5, 0.5], concentrations: [[8, 1, 1], [1, 1, 8]] });
 * classify(budgets, [[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]]); // [0, 1]
 */
export function dirichletMixture(parts: {
  /** w_1 … w_K, which sum to one */
  readonly weights: ArrayLike<number>;
  /** K × d concentrations, above 0 */
  readonly concentrations: ArrayLike<ArrayLike<number>>;
}): Mixture<DirichletParameter> {
  const { weights, concentrations } = parts;
  return assembled('dirichlet', weights, { concentration: concentrations });
}

/**
 * A von Mises–Fisher mixture of K weights, K mean directions of norm 1 and length d, and K concentrations.
 * @param parts the weights, and the parts of each component
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if a mean direction is not of norm 1, or a concentration is negative
 * @example
 * const winds = vonMisesFisherMixture({
 *   weights: [0.3, 0.7],
 *   meanDirections: [[0, 0, 1], [0.6, 0, 0.8]],
 *   concentrations: [50, 8],
 * });
 * const { data } = sample(winds, 100, 1);
 * Math.hypot(...data.data.subarray(0, 3)); // 1.000: rows have norm 1
 */
export function vonMisesFisherMixture(parts: {
  /** w_1 … w_K, which sum to one */
  readonly weights: ArrayLike<number>;
  /** K directions of d numbers, of norm 1 */
  readonly meanDirections: ArrayLike<ArrayLike<number>>;
  /** κ_1 … κ_K, 0 or above; 0 is the uniform distribution on the sphere */
  readonly concentrations: ArrayLike<number>;
}): Mixture<VonMisesFisherParameter> {
  const { weights, meanDirections, concentrations } = parts;
  return assembled('von-mises-fisher', weights, { meanDirection: meanDirections, concentration: concentrations });
}

/**
 * A von Mises mixture of K weights, K mean angles in radians and K concentrations.
 * @param parts the weights, and the parts of each component
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if a concentration is negative
 * @example
 * const winds = vonMisesMixture({ weights: [0.5, 0.5], meanAngles: [0, Math.PI], concentrations: [4, 20] });
 * classify(winds, [0.3, -3.1]); // [0, 1]: −3.1 is near π on the circle
 */
export function vonMisesMixture(parts: {
  /** w_1 … w_K, which sum to one */
  readonly weights: ArrayLike<number>;
  /** K angles in radians */
  readonly meanAngles: ArrayLike<number>;
  /** κ_1 … κ_K, 0 or above; 0 is the uniform distribution on the circle */
  readonly concentrations: ArrayLike<number>;
}): Mixture<VonMisesParameter> {
  const { weights, meanAngles, concentrations } = parts;
  return assembled('von-mises', weights, { meanAngle: meanAngles, concentration: concentrations });
}

/**
 * A mixture of products of Bernoulli distributions (latent classes) of K weights and K × d probabilities of a one.
 * @param parts the weights, and the probabilities
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if a probability is not above 0 and below 1
 * @example
 * const G = bernoulliMixture({ weights: [0.5, 0.5], probabilities: [[0.9, 0.8, 0.9], [0.2, 0.1, 0.1]] });
 * classify(G, [[1, 1, 0], [0, 0, 0]]); // [0, 1]
 */
export function bernoulliMixture(parts: {
  /** w_1 … w_K, which sum to one */
  readonly weights: ArrayLike<number>;
  /** of each component d probabilities of a one, above 0 and below 1 */
  readonly probabilities: ArrayLike<ArrayLike<number>>;
}): Mixture<BernoulliParameter> {
  const { weights, probabilities } = parts;
  return assembled('bernoulli', weights, { probabilities });
}

/**
 * A mixture of products of categorical distributions (latent classes) of K weights, and for each component the probabilities of the
 * categories 0, 1, … of every feature.
 * @param parts the weights, and the probabilities
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if probabilities are not above 0 or do not sum to 1, or features differ in their
 *   number of categories
 * @example
 * const G = categoricalMixture({
 *   weights: [0.5, 0.5],
 *   probabilities: [[[0.8, 0.1, 0.1], [0.9, 0.1]], [[0.1, 0.2, 0.7], [0.3, 0.7]]],
 * });
 * G.family.name; // 'categorical(3,2)'
 * classify(G, [[0, 0], [2, 1]]); // [0, 1]
 */
export function categoricalMixture(parts: {
  /** w_1 … w_K, which sum to one */
  readonly weights: ArrayLike<number>;
  /** of each component, for each feature, the probabilities of its categories, which sum to one */
  readonly probabilities: ArrayLike<ArrayLike<ArrayLike<number>>>;
}): Mixture<CategoricalParameter> {
  const { weights, probabilities } = parts;
  const counts = Array.from(probabilities?.[0] ?? [], (own) => own.length);
  return assembled(`categorical(${counts})`, weights, { probabilities });
}

/**
 * A multinomial mixture of a known number of trials T, of K weights and K × d probabilities. Identifiable from T = 2 K − 1 on.
 * @param parts the number of trials, the weights, and the probabilities
 * @returns the mixture, of order K
 * @throws InvalidInput as `mixture` does, and if probabilities are not above 0 or do not sum to 1
 * @example
 * const G = multinomialMixture({ trials: 10, weights: [0.5, 0.5], probabilities: [[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]] });
 * classify(G, [[2, 3, 5], [7, 2, 1]]); // [0, 1]
 */
export function multinomialMixture(parts: {
  /** T, how many trials each row counts */
  readonly trials: number;
  /** w_1 … w_K, which sum to one */
  readonly weights: ArrayLike<number>;
  /** of each component the probabilities of the d categories, which sum to one */
  readonly probabilities: ArrayLike<ArrayLike<number>>;
}): Mixture<MultinomialParameter> {
  const { trials, weights, probabilities } = parts;
  return assembled(`multinomial(${trials})`, weights, { probabilities });
}

/** The mixture whose k-th parameter has the k-th of each column, by name. */
function assembled<Parameter>(
  name: FamilyName,
  weights: ArrayLike<number>,
  columns: Readonly<Record<string, ArrayLike<unknown>>>,
  parts?: MixtureParts,
): Mixture<Parameter> {
  const names = Object.keys(columns);
  const lengths = names.map((one) => columns[one]?.length);
  if (lengths.some((length) => length === undefined || length !== lengths[0])) {
    throw new InvalidInput(
      `every component needs a ${names.join(' and a ')}: ${lengths.map(String).join(' and ')} given`,
    );
  }
  const parameters = Array.from({ length: lengths[0] }, (_, k) =>
    Object.fromEntries(names.map((one) => [one, columns[one][k]])),
  );
  return mixture(familyOf(name) as Family<Parameter>, weights, parameters, parts);
}

function rowsOf(covariance: Covariance): GaussianInput['covariance'] {
  if (!(typeof covariance === 'object' && covariance !== null && 'get' in covariance)) return covariance;
  return Array.from({ length: covariance.rows }, (_, i) =>
    Array.from({ length: covariance.columns }, (_, j) => covariance.get(i, j)),
  );
}
