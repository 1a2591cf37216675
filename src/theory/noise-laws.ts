import { DfmrError } from '../errors';
import type { InformationOfParts, Proportions } from '../families/family';
import { freeParameters } from '../mixture/free-parameters';
import type { Mixture } from '../mixture/mixture';
import type { Steps } from '../work/work';
import { completeInverse, type EmInformation, emInformation, squareProduct } from './em-information';
import { inverseBlocks } from './information';

/** How the estimate of one part of a mixture, a component or the weights, errs about the truth. */
export interface NoiseLaw {
  /** how many times larger its variance is than if rows came with their labels: 1 if nothing overlaps */
  readonly inflation: number;
  /** along how many directions it errs, as for a χ² of the same first two moments (Satterthwaite) */
  readonly degreesOfFreedom: number;
}

/** The information has the square of this many numbers at most: above, its law is not asked for. */
const MOST_COORDINATES = 400;

/** More inflation is not believed: the information is nearly singular, as with a surplus component. */
const MOST_INFLATION = 20;

/** EM steps after which estimates err about as the maximum does. */
const LONG_RUN = 20;

/**
 * The laws of the K components and, for K > 1, of the weights, of an estimate of n rows: if rows came with labels, n w_k times the
 * Jeffreys divergence of component k would be ½ χ² of p degrees of freedom; as they do not, its mean is larger by the inflation,
 * tr(w_k J_k C_kk) / p, with C the inverse Fisher information of the mixture and J_k that of the component. Estimates that are only some
 * EM steps away from a common start vary less: C = B I Bᵀ, B = Σ_{s < E} Mˢ J⁻¹ with EM's rate M = 1 − J⁻¹ I.
 * @param iterations E, the EM steps from a start that all machines share; of maxima, Infinity
 * @returns undefined if the information is not known: components share parameters, there are too many, or it is singular
 */
export function* noiseLaws<P>(mixture: Mixture<P>, iterations = Infinity): Steps<readonly NoiseLaw[] | undefined> {
  const { family, order: K, weights } = mixture;
  if (family.tie || freeParameters(mixture) > MOST_COORDINATES || weights.some((weight) => !(weight > 0)))
    return undefined;
  try {
    const laws = yield* family.proportions
      ? lawsOfPlaces(mixture, family.proportions)
      : lawsOfMixture(mixture, iterations);
    if (K === 1) laws.pop();
    return laws.every(({ inflation }) => inflation > 0 && inflation < Infinity) ? laws : undefined;
  } catch (error) {
    if (!(error instanceof DfmrError)) throw error;
    return undefined; // singular, or beyond float64
  }
}

/** Of a mixture whose weights differ from place to place. */
function* lawsOfPlaces<P>(mixture: Mixture<P>, { information }: Proportions<P>): Steps<NoiseLaw[]> {
  const steps = information(mixture);
  let step = steps.next();
  for (; !step.done; step = steps.next()) yield { stage: 'the law of honest distances', done: 0, total: 1 };
  const { observed, draws } = step.value;
  const size = Math.sqrt(observed.length);
  const blocks = inverseBlocks({ size, entries: observed }, sizesOf(step.value));
  return lawsOf(step.value, blocks, 1 - size / draws);
}

function* lawsOfMixture<P>(mixture: Mixture<P>, iterations: number): Steps<NoiseLaw[]> {
  const { order: K, weights } = mixture;
  const information = yield* emInformation(mixture);
  const { observed, size, draws } = information;
  const last = K - 1;
  const proportions = new Float64Array(last * last).map(
    (_, ij) => (Math.floor(ij / last) === ij % last ? 1 / weights[ij % last] : 0) + 1 / weights[last],
  );
  const parts = { proportions, components: information.components.map((J, k) => J.map((entry) => weights[k] * entry)) };
  if (iterations <= LONG_RUN) {
    const covariance = yield* covarianceAfter(iterations, mixture, information);
    return lawsOf(parts, blocksOf(covariance, size, sizesOf(parts)), 1);
  }
  return lawsOf(parts, inverseBlocks({ size, entries: observed }, sizesOf(parts)), 1 - size / draws);
}

/** The informations of the proportions and of the components, in the order of the coordinates. */
type Parts = Pick<InformationOfParts, 'proportions' | 'components'>;

/** How many coordinates the proportions and each component have. */
const sizesOf = ({ proportions, components }: Parts): number[] =>
  [proportions, ...components].map((J) => Math.sqrt(J.length));

/** The squares along the diagonal of a matrix, of given sizes. */
function blocksOf(matrix: Float64Array, size: number, sizes: readonly number[]): Float64Array[] {
  let first = 0;
  return sizes.map((p) => {
    const block = new Float64Array(p * p);
    for (let i = 0; i < p; i++)
      block.set(matrix.subarray((first + i) * size + first, (first + i) * size + first + p), i * p);
    first += p;
    return block;
  });
}

/**
 * The laws of the components and, last, of the proportions.
 * @param covariances of the proportions and of the components
 * @param unbiased the mean of the inverse of a sum of few squares is too large by one over this
 */
function lawsOf(
  { proportions, components }: Parts,
  [ofProportions, ...covariances]: readonly Float64Array[],
  unbiased: number,
): NoiseLaw[] {
  const lawOf = (J: Float64Array, covariance: Float64Array): NoiseLaw => {
    const size = Math.sqrt(J.length);
    const product = squareProduct(J, covariance, size);
    let [trace, square] = [0, 0];
    for (let i = 0; i < size; i++) {
      trace += product[i * size + i];
      for (let j = 0; j < size; j++) square += product[i * size + j] * product[j * size + i];
    }
    return { inflation: Math.min((unbiased * trace) / size, MOST_INFLATION), degreesOfFreedom: trace ** 2 / square };
  };
  return [...components.map((J, k) => lawOf(J, covariances[k])), lawOf(proportions, ofProportions)];
}

/** B I B after E EM steps from a common start, B = Σ_{s < E} Mˢ J⁻¹, which is symmetric. */
function* covarianceAfter<P>(iterations: number, mixture: Mixture<P>, information: EmInformation): Steps<Float64Array> {
  const { size, observed } = information;
  const complete = completeInverse(mixture, information);
  const progress = (done: number) => ({ stage: 'the law of honest distances', done, total: iterations });
  const after = (first: Float64Array, second: Float64Array) => {
    // as many steps more as `first` stands for: B₁ + M^s B₂ with M^s = 1 − B₁ I
    const taken = squareProduct(first, squareProduct(observed, second, size), size);
    return second.map((entry, ij) => first[ij] + entry - taken[ij]);
  };
  let B = complete;
  let step = 1;
  for (; 2 * step <= iterations; step *= 2) {
    yield progress(step);
    B = after(B, B);
  }
  for (; step < iterations; step++) {
    yield progress(step);
    B = after(complete, B);
  }
  return squareProduct(B, squareProduct(observed, B, size), size);
}
