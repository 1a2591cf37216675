import { randomNormal } from 'd3-random';
import { InvalidInput } from '../errors';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { requirePositiveInteger } from '../math/checks';
import { symmetricEigen } from '../math/linear-algebra';
import { type RandomStream, randomStream, type Seed } from '../math/random';
import { fallingRoot } from '../math/root';
import { type Mixture, mixture } from '../mixture/mixture';
import { dirichletWeights } from './dirichlet-weights';
import { overlaps } from './overlap';

/** The population that `mixsim` draws. */
export interface MixsimOptions {
  /** K, at least 2 */
  readonly order: number;
  /** d */
  readonly dimension: number;
  /**
   * MaxOmega, the largest overlap of two components; undefined if the mean is given
   * @defaultValue undefined
   */
  readonly maximumOverlap?: number;
  /**
   * BarOmega, the mean overlap of two components; undefined if the largest is given
   * @defaultValue undefined
   */
  readonly meanOverlap?: number;
  /**
   * whether covariances are multiples of the identity
   * @defaultValue false
   */
  readonly spherical?: boolean;
  /**
   * whether all components share one covariance
   * @defaultValue false
   */
  readonly homogeneous?: boolean;
  /**
   * makes weights random, none below this, which is at most 1 / K
   * @defaultValue undefined: all weights are equal
   */
  readonly minimumWeight?: number;
  /** a number or a word: the same seed gives the same mixture */
  readonly seed: Seed;
}

/** The largest eccentricity of a covariance, √(1 − λ_min / λ_max) with λ its eigenvalues, as in MixSim. */
const MAX_ECCENTRICITY = 0.9;

/** How many populations are drawn in search of one that can have the overlap. */
const MAX_DRAWS = 1000;

/** The largest logarithm, up or down, of the factor by which covariances are multiplied. */
const MAX_LOG_FACTOR = 50;

/**
 * A random Gaussian mixture of given overlap, as the R package MixSim draws it (Melnykov, Chen and Maitra 2012): means uniform in
 * the unit cube, covariances Wishart with d + 1 degrees of freedom, all multiplied by the one number that makes the overlap what is
 * asked, to 1e-9.
 * @param options the order, the dimension, the overlap, and the seed
 * @returns the mixture
 * @throws InvalidInput if the options contradict each other, or no population of the kind has so much overlap
 * @example
 * const population = mixsim({ order: 3, dimension: 2, maximumOverlap: 0.05, seed: 1 });
 * overlap(population).maximum; // 0.0500
 */
export function mixsim(options: MixsimOptions): Mixture<GaussianParameter> {
  const {
    order,
    dimension,
    maximumOverlap,
    meanOverlap,
    spherical = false,
    homogeneous = false,
    minimumWeight,
    seed,
  } = options;
  requirePositiveInteger('order', order);
  requirePositiveInteger('dimension', dimension);
  if (order < 2) throw new InvalidInput('order is 1: at least two components are needed for an overlap');
  if ((maximumOverlap === undefined) === (meanOverlap === undefined)) {
    throw new InvalidInput('give either maximumOverlap or meanOverlap');
  }
  const wanted = (maximumOverlap ?? meanOverlap) as number;
  const measure = maximumOverlap === undefined ? 'mean' : 'maximum';
  if (!(wanted > 0 && wanted < 1))
    throw new InvalidInput(`the ${measure} overlap is ${wanted}: it must be between 0 and 1`);
  if (minimumWeight !== undefined && !(minimumWeight > 0 && minimumWeight * order <= 1)) {
    throw new InvalidInput(`minimumWeight is ${minimumWeight}: it must be above 0, and ${order} times it at most 1`);
  }
  const random = randomStream(seed, 'mixsim');
  for (let draw = 0; draw < MAX_DRAWS; draw++) {
    const weights = minimumWeight === undefined ? new Float64Array(order).fill(1 / order) : floored(random);
    const means = Array.from({ length: order }, () => Float64Array.from({ length: dimension }, random));
    const covariances = Array.from({ length: homogeneous ? 1 : order }, () =>
      spherical ? ball(dimension, random) : pulledIn(wishart(dimension, random), dimension),
    );
    const scaled = (factor: number) =>
      mixture(
        gaussian,
        weights,
        means.map((mean, k) => ({ mean, covariance: covariances[homogeneous ? 0 : k].map((entry) => entry * factor) })),
      );
    const overlapOf = overlaps(scaled(1));
    const missing = (logFactor: number) => [wanted - overlapOf(Math.exp(logFactor))[measure], Number.NaN] as const;
    const root = fallingRoot(missing, -MAX_LOG_FACTOR, MAX_LOG_FACTOR, 0); // by halving, as no slope is known
    if (Math.abs(root) < MAX_LOG_FACTOR && Math.abs(missing(root)[0]) < 1e-9) return scaled(Math.exp(root));
  }
  throw new InvalidInput(
    `none of ${MAX_DRAWS} populations of order ${order} in ${dimension} dimensions has a ${measure} overlap of ${wanted}: ask for another`,
  );

  function floored(stream: RandomStream): Float64Array {
    const least = minimumWeight as number;
    return dirichletWeights(new Array(order).fill(1), stream).map((share) => least + (1 - order * least) * share);
  }
}

function ball(d: number, random: RandomStream): Float64Array {
  const variance = random();
  return Float64Array.from({ length: d * d }, (_, ij) => (ij % (d + 1) === 0 ? variance : 0));
}

/** A draw of Wishart(d + 1, I), divided by its degrees of freedom. */
function wishart(d: number, random: RandomStream): Float64Array {
  const normal = randomNormal.source(random)();
  const sum = new Float64Array(d * d);
  for (let r = 0; r <= d; r++) {
    const x = Float64Array.from({ length: d }, normal);
    for (let ij = 0; ij < d * d; ij++) sum[ij] += (x[Math.floor(ij / d)] * x[ij % d]) / (d + 1);
  }
  return sum;
}

/** The eigenvalues brought nearer to the largest, in proportion, if the covariance is more eccentric than `MAX_ECCENTRICITY`. */
function pulledIn(covariance: Float64Array, d: number): Float64Array {
  const { values, vectors } = symmetricEigen(covariance, d);
  const [smallest, largest] = [values[0], values[d - 1]];
  const least = (1 - MAX_ECCENTRICITY ** 2) * largest;
  if (smallest >= least) return covariance;
  const pull = (largest - least) / (largest - smallest);
  const near = values.map((value) => largest - pull * (largest - value));
  const out = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      const sum = near.reduce((total, value, k) => total + value * vectors.get(i, k) * vectors.get(j, k), 0);
      out[i * d + j] = out[j * d + i] = sum;
    }
  }
  return out;
}
