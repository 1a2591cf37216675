import { BeyondFloat64, InvalidInput } from '../errors';
import type { Quadrature } from '../families/family';
import { fastForm } from '../families/fast-form';
import { sumOfSquares } from '../kernels/squares';
import { requirePositiveInteger } from '../math/checks';
import { cholesky, congruence, gram, invertLower, symmetricEigen } from '../math/linear-algebra';
import type { QuadraticForm } from '../math/quadratic-form';
import type { Seed } from '../math/random';
import type { Samples } from '../math/table';
import { type Estimate, mixtureOf } from '../mixture/given';
import { assemble, type Mixture, withNoise } from '../mixture/mixture';
import { termWeights } from '../mixture/posterior';
import { sampleSteps } from '../mixture/sample';
import { finished, type Progress, type Steps } from '../work/work';
import { addScores, innerProductDerivatives } from './derivatives';

/** A symmetric matrix in the coordinates (w_1 … w_{K−1}, θ_1 … θ_K) of a mixture, flat and row-major. */
export interface CoordinateMatrix {
  /** how many coordinates the mixture has */
  readonly size: number;
  /** size × size numbers */
  readonly entries: Float64Array;
}

/**
 * H* (17), the quadratic form of D² at G: D²(G + v, G) = vᵀ H* v + O(|v|³), v in the coordinates of `mixtureToVector`. It is
 * ∫ ∂f ∂fᵀ, so positive semidefinite, and definite if the family is first-order strongly identifiable.
 * @param estimate a mixture, or a result that holds one
 * @returns the matrix H*
 * @throws InvalidInput if a weight is 0, or a density is not square integrable
 * @example
 * const G = gaussianMixture({ weights: [1], means: [[0]], covariances: [[[1]]] });
 * l2Hessian(G).entries[0]; // 0.141: 1 / (4 √π) of the mean
 */
export function l2Hessian<P>(estimate: Estimate<P>): CoordinateMatrix {
  const { family, dimension, order: K, weights, parameters } = regular(mixtureOf(estimate));
  const p = family.size(dimension);
  const [last, P] = [K - 1, K - 1 + K * p];
  const entries = new Float64Array(P * P);
  const put = (i: number, j: number, value: number) => {
    entries[i * P + j] = entries[j * P + i] = value;
  };
  const known = parameters.map((a, i) =>
    parameters.map((b, j) => (j <= i ? innerProductDerivatives(family, a, b) : undefined)),
  );
  const I = (i: number, j: number) => (j <= i ? known[i][j] : known[j][i])?.value ?? Number.NaN;
  /** ∂I(θ_i, θ_j) / ∂θ_j */
  const bySecond = (i: number, j: number) => (j <= i ? known[i][j]?.second : known[j][i]?.first) ?? new Float64Array(p);
  for (let a = 0; a < K; a++) {
    for (let b = 0; b < K; b++) {
      if (a < last && b < last) put(a, b, I(a, b) - I(a, last) - I(last, b) + I(last, last));
      if (a < last) {
        const [own, other] = [bySecond(a, b), bySecond(last, b)];
        for (let i = 0; i < p; i++) put(a, last + b * p + i, weights[b] * (own[i] - other[i]));
      }
      const mixed = known[a][b]?.mixed;
      if (!mixed) continue;
      for (let i = 0; i < p; i++)
        for (let j = 0; j < p; j++) put(last + a * p + i, last + b * p + j, weights[a] * weights[b] * mixed[i * p + j]);
    }
  }
  if (parameters.some((theta) => family.logInnerProduct(theta, theta) === Infinity))
    throw new InvalidInput('a density of the mixture is not square integrable: D² has no quadratic form');
  return inRange({ size: P, entries }, K);
}

/** Options of `fisherInformation`. */
export interface InformationOptions {
  /**
   * how many draws of the mixture the expectation is taken over, if it has no closed form
   * @defaultValue 100 000
   */
  readonly draws?: number;
  /**
   * of the draws
   * @defaultValue 1
   */
  readonly seed?: Seed;
}

/**
 * The Fisher information of one observation, E s sᵀ with s = ∂ log f_G(X) / ∂G, in the coordinates of `mixtureToVector`: by
 * quadrature for univariate Gaussian mixtures, else over as many draws of each component, weighed by its weight. With noise there is one
 * coordinate more, the last: the weight of noise, whose box is taken as known, as its ends err by 1 / n and not by 1 / √n.
 * @param estimate a mixture, or a result that holds one
 * @param options how many draws, and their seed
 * @returns the matrix, positive semidefinite
 * @throws InvalidInput if a weight is 0, or the components share a part of their parameters; BeyondFloat64 if derivatives
 *   leave the range of float64
 * @example
 * const G = gaussianMixture({ weights: [1], means: [[0]], covariances: [[[4]]] });
 * const { entries } = fisherInformation(G);
 * entries; // [0.25, 0.00, 0.00, 0.03125]: 1 / σ² of the mean, 1 / 2σ⁴ of the variance
 */
export function fisherInformation<P>(estimate: Estimate<P>, options: InformationOptions = {}): CoordinateMatrix {
  return finished(informationSteps(estimate, options));
}

/**
 * The steps of `fisherInformation`.
 * @throws as `fisherInformation` does
 */
export function* informationSteps<P>(
  estimate: Estimate<P>,
  { draws = 100_000, seed = 1 }: InformationOptions = {},
): Steps<CoordinateMatrix> {
  const mixture = withNoiseInside(regular(mixtureOf(estimate)));
  requirePositiveInteger('draws', draws);
  const { family, dimension, order, noise } = mixture;
  const weights = termWeights(mixture);
  const K = weights.length;
  const P = order - 1 + order * family.size(dimension) + (noise ? 1 : 0);
  const sum = sumOfSquares(P);
  const progress = (components: number): Progress => ({
    stage: 'information',
    done: Math.floor((100 * components) / K),
    total: 100,
  });
  for (let k = 0; k < K; k++) {
    const drawn = Math.ceil(draws / K); // a rare component needs as many as another
    const steps = placesOf(mixture, k, drawn, `${seed}, ${k}`);
    let step = steps.next();
    for (; !step.done; step = steps.next()) yield progress(k);
    const { places, masses } = step.value;
    const weighed = masses.map((mass) => weights[k] * mass);
    for (const done of addScores(sum, mixture, places, weighed)) yield progress(k + done / places.rows);
  }
  return inRange({ size: P, entries: sum.sums() }, order);
}

/**
 * The steps of the information in rows that are there, Σ_j s_j s_jᵀ, each row as often as it counts and with the score of its observed
 * cells: what the rows of a fit, whatever is missing in them, say of it.
 * @throws as `fisherInformation` does
 */
export function* observedInformationSteps<P>(estimate: Estimate<P>, samples: Samples): Steps<CoordinateMatrix> {
  const mixture = withNoiseInside(regular(mixtureOf(estimate)));
  const { family, dimension, order, noise } = mixture;
  const P = order - 1 + order * family.size(dimension) + (noise ? 1 : 0);
  const sum = sumOfSquares(P);
  const weights = samples.weights ?? new Float64Array(samples.rows).fill(1);
  for (const done of addScores(sum, mixture, samples, weights))
    yield { stage: 'information', done, total: samples.rows };
  return inRange({ size: P, entries: sum.sums() }, order);
}

/** Without noise of weight 0: at the end of its range an estimate has no normal law, and the others have that of no noise. */
function withNoiseInside<P>(mixture: Mixture<P>): Mixture<P> {
  return mixture.noise?.weight === 0 ? withNoise(mixture, undefined) : mixture;
}

/**
 * Places of component k of the mixture, or of the noise if k is the order, and the mass of each: those of a quadrature, or n draws.
 */
function* placesOf<P>(mixture: Mixture<P>, k: number, n: number, seed: Seed): Generator<void, Quadrature, void> {
  const { family, parameters, noise } = mixture;
  const ofNoise = k === parameters.length;
  const exact = ofNoise ? undefined : fastForm(family, 'quadrature')?.(parameters, k);
  const component = assemble(
    family,
    Float64Array.of(1),
    [parameters[ofNoise ? 0 : k]],
    noise && ofNoise ? { ...noise, weight: 1 } : undefined,
  );
  if (exact) return exact;
  const { data } = yield* sampleSteps(component, n, seed);
  return { places: data, masses: new Float64Array(n).fill(1 / n) };
}

function regular<P>(mixture: Mixture<P>): Mixture<P> {
  if (mixture.family.tie)
    throw new InvalidInput(
      `the theory is of components with parameters of their own, those of ${mixture.family.name} mixtures share some`,
    );
  const empty = mixture.weights.findIndex((weight) => !(weight > 0));
  if (empty >= 0)
    throw new InvalidInput(`the weight of component ${empty} is 0: the mixture has fewer components than its order`);
  return mixture;
}

/** @throws if numbers are beyond float64: a derivative overflowed, or its square vanished */
function inRange(matrix: CoordinateMatrix, order: number): CoordinateMatrix {
  const { size, entries } = matrix;
  // of the parameters: those of the weights are 0 where two components are the same
  const diagonal = Array.from({ length: size }, (_, i) => entries[i * size + i]).slice(order - 1);
  if (!(entries.every(Number.isFinite) && diagonal.every((entry) => entry > 1e-290)))
    throw new BeyondFloat64('derivatives of the densities are beyond float64: rescale the data');
  return matrix;
}

/**
 * The inverse of a positive definite matrix in coordinates.
 * @throws InvalidInput if it is not, naming what that means
 */
export function inverseInformation(information: CoordinateMatrix): Float64Array {
  const { size } = information;
  const { whitening, scale } = whiteningOf(information);
  const inverse = gram(whitening, size);
  for (let i = 0, at = 0; i < size; i++) for (let j = 0; j < size; j++, at++) inverse[at] /= scale[i] * scale[j];
  return inverse;
}

/**
 * The squares along the diagonal of the inverse of a positive definite matrix in coordinates, at a fraction of the work.
 * @param sizes of the squares, from the first coordinate on
 * @throws InvalidInput as `inverseInformation` does
 */
export function inverseBlocks(information: CoordinateMatrix, sizes: readonly number[]): Float64Array[] {
  const { size } = information;
  const { whitening, scale } = whiteningOf(information);
  let first = 0;
  return sizes.map((p) => {
    if (p === 0) return new Float64Array(0);
    const own = scale.subarray(first, first + p);
    const rows = new Float64Array((size - first) * p); // above, the triangle has only 0 in these columns
    for (let i = first; i < size; i++)
      for (let j = 0; j < p; j++) rows[(i - first) * p + j] = whitening[i * size + first + j] / own[j];
    const squares = sumOfSquares(p);
    squares.add(rows, new Float64Array(size - first).fill(1));
    first += p;
    return squares.sums();
  });
}

/**
 * W with Wᵀ W the inverse, a lower triangle, in coordinates that are divided by a scale: they have units of their own, and are made
 * comparable before the factorisation.
 */
function whiteningOf({ size, entries }: CoordinateMatrix): { whitening: Float64Array; scale: Float64Array } {
  const scale = Float64Array.from({ length: size }, (_, i) => Math.sqrt(entries[i * size + i]));
  const scaled = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0, at = i * size; j <= i; j++, at++) scaled[at] = entries[at] / scale[i] / scale[j];
  const lower = cholesky(scaled, size, scaled);
  if (!lower)
    throw new InvalidInput(
      'the Fisher information is singular: some components are the same, or the order is too large',
    );
  return { whitening: invertLower(lower, size), scale };
}

/**
 * What n D²(Ĝ, G) tends to for the MLE of n rows (Lemma 4.2): Zᵀ I^{−½} H* I^{−½} Z, a sum of χ² weighted by the eigenvalues of
 * I⁻¹ H*; `quadraticFormCdf` gives its distribution.
 * @param estimate a mixture, or a result that holds one
 * @param options how many draws, and their seed
 * @returns the quadratic form in standard normal variables
 * @throws as `l2Hessian` and `fisherInformation` do, and InvalidInput if the information is singular
 * @example
 * const G = gaussianMixture({ weights: [1], means: [[0]], covariances: [[[1]]] });
 * const limit = l2Limit(G);
 * quadraticFormQuantile(limit, 0.95); // 0.743: of 20 fits of n rows, n D² is below this for 19
 */
export function l2Limit<P>(estimate: Estimate<P>, options: InformationOptions = {}): QuadraticForm {
  const { size, entries } = l2Hessian(estimate);
  const information = fisherInformation(estimate, options);
  const inverse = inverseInformation(information);
  const ofG = entries.map((_, ij) => inverse[Math.floor(ij / size) * information.size + (ij % size)]); // without noise, if there is some
  const lower = cholesky(ofG, size);
  if (!lower) throw new BeyondFloat64('the Fisher information is singular in float64');
  const { values } = symmetricEigen(congruence(entries, lower, size), size); // L Lᵀ = I⁻¹
  const quadratic = Float64Array.from(values, (value) => Math.max(0, value));
  return { quadratic, linear: new Float64Array(size), constant: 0 };
}
