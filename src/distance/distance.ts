import { InvalidInput } from '../errors';
import { comparable, type Estimate } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { type RegisterOptions, registryOf } from '../registry/registry';
import { performed, type Steps, type WorkOptions } from '../work/work';
import { type DistanceMatrix, distanceMatrixOf } from './distance-matrix';
import { informationSteps } from './information-distance';
import { l2Steps } from './l2';
import { transportSteps } from './transport-distance';

/** The contract of a distance between estimates: a name, and how all pairs of them compare. */
export interface Distance {
  /** as in the registry: 'l2', 'smoothed-l2(2)' */
  readonly name: string;
  /**
   * The distances between all pairs of m mixtures of one family and dimension, in steps that are short beside 0.2 s.
   * A distance that compares one pair at a time is registered as a `PairwiseDistance`.
   */
  matrix(mixtures: readonly Mixture[]): Steps<DistanceMatrix>;
}

/** A distance by how one pair compares: D(G, H) = D(H, G) ≥ 0, Infinity if there is none. */
export interface PairwiseDistance {
  /** as in the registry */
  readonly name: string;
  /** the distance of G and H */
  between(G: Mixture, H: Mixture): number;
}

const distances = registryOf<Distance>('distance', {
  l2: { name: 'l2', matrix: (mixtures) => l2Steps(mixtures) },
  'smoothed-l2': (smoothing: number) => ({
    name: `smoothed-l2(${smoothing})`,
    matrix: (mixtures: readonly Mixture[]) => l2Steps(mixtures, smoothing),
  }),
  transport: { name: 'transport', matrix: (mixtures) => transportSteps(mixtures) },
  information: { name: 'information', matrix: (mixtures) => informationSteps(mixtures) },
});

/** The names of all distances. */
export const distanceNames: () => string[] = distances.names;

/** Whether other threads find the distance by its name. */
export const isPortableDistance: (name: string) => boolean = distances.isPortable;

/**
 * Registers your own distance, which then works by its name in rules, studies and commands.
 * @param distance a name, and how a pair or all pairs compare
 * @throws InvalidInput if the name is taken
 * @example
 * registerDistance({ name: 'means', between: (G, H) => wasserstein1(G, H) });
 */
export function registerDistance(distance: Distance | PairwiseDistance, options?: RegisterOptions): void {
  const whole = 'matrix' in distance ? distance : pairwise(distance);
  distances.register(distance?.name, whole, options);
}

/**
 * The distance of a name, or the distance itself.
 * @throws InvalidInput if there is none of that name
 */
export function distanceOf(distance: string | Distance): Distance {
  return typeof distance === 'object' && distance !== null ? distance : distances.get(distance);
}

/** @throws InvalidInput, naming the pair, if it is NaN or negative */
function requireDistance(name: string, value: number, i: number, j: number): void {
  if (!(value >= 0))
    throw new InvalidInput(
      `the distance "${name}" between estimates ${i} and ${j} is ${value}: it must be 0 or a positive number`,
    );
}

/**
 * The steps of a distance, whose matrix is checked: a user's distance is trusted no more than a file is.
 * @throws InvalidInput if there is no such distance, or it returns anything but a distance for each pair
 */
export function* distanceSteps(given: string | Distance, mixtures: readonly Mixture[]): Steps<DistanceMatrix> {
  const distance = distanceOf(given);
  const { name } = distance;
  const distances = yield* distance.matrix(mixtures);
  const m = mixtures.length;
  if (distances?.size !== m)
    throw new InvalidInput(
      `the distance "${name}" returned a matrix of size ${distances?.size}, but there are ${m} estimates`,
    );
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) requireDistance(name, distances.at(i, j), i, j);
  return distances;
}

/** The contract's form of a distance that compares one pair. */
export function pairwise({ name, between }: PairwiseDistance): Distance {
  return {
    name,
    *matrix(mixtures) {
      const m = mixtures.length;
      const entries = new Float64Array(m * m);
      for (let i = 1; i < m; i++) {
        for (let j = 0; j < i; j++) {
          const value = between(mixtures[i], mixtures[j]);
          requireDistance(name, value, i, j);
          entries[i * m + j] = entries[j * m + i] = value;
          yield { stage: 'distances', done: (i * (i - 1)) / 2 + j + 1, total: (m * (m - 1)) / 2 };
        }
      }
      return distanceMatrixOf(`${name} distance`, entries);
    },
  };
}

/**
 * The distances between all pairs of estimates, by any distance of the registry.
 * @param estimates m mixtures, or results that hold one, of one family and dimension
 * @returns m × m distances
 * @throws InvalidInput if there is no such distance, or the estimates cannot be compared; the signal's reason when it aborts
 * @example
 * const distances = await distanceMatrix(fits, { distance: 'transport' });
 */
export async function distanceMatrix(
  estimates: readonly Estimate[],
  {
    distance = 'l2',
    ...work
  }: WorkOptions & {
    /**
     * a name of the registry, or a distance
     * @defaultValue 'l2'
     */
    readonly distance?: string | Distance;
  } = {},
): Promise<DistanceMatrix> {
  return performed(distanceSteps(distance, comparable(estimates)), work);
}
