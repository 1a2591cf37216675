import { InvalidInput } from '../errors';
import { comparable, type Estimate } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { type RegisterOptions, registryOf } from '../registry/registry';
import { performed, type Steps, type WorkOptions } from '../work/work';
import { type DistanceMatrix, type DistanceRows, distanceMatrixOf, rowsBetween, rowsOfMatrix } from './distance-matrix';
import { informationRowsSteps, informationSteps } from './information-distance';
import { l2RowsSteps, l2Steps } from './l2';
import { transportRowsSteps, transportSteps } from './transport-distance';

/** The contract of a distance between estimates: a name, and how all pairs of them compare, and some with all. */
export interface Distance {
  /** as in the registry: 'l2', 'smoothed-l2(2)' */
  readonly name: string;
  /**
   * The distances between all pairs of m mixtures of one family and dimension, in steps that are short beside 0.2 s.
   * A distance that compares one pair at a time is registered as a `PairwiseDistance`.
   */
  matrix(mixtures: readonly Mixture[]): Steps<DistanceMatrix>;
  /**
   * The distances of the mixtures `from` to all m, those of the matrix up to rounding, for so many machines that m² pairs are too many.
   * @defaultValue taken from the matrix
   */
  rows?(mixtures: readonly Mixture[], from: ArrayLike<number>): Steps<DistanceRows>;
}

/** A distance by how one pair compares: D(G, H) = D(H, G) ≥ 0, Infinity if there is none. */
export interface PairwiseDistance {
  /** as in the registry */
  readonly name: string;
  /** the distance of G and H */
  between(G: Mixture, H: Mixture): number;
}

/** L² between densities that are smoothed by h ≥ 0. */
export function smoothedL2(smoothing: number): Distance {
  return {
    name: `smoothed-l2(${smoothing})`,
    matrix: (mixtures) => l2Steps(mixtures, smoothing),
    rows: (mixtures, from) => l2RowsSteps(mixtures, from, smoothing),
  };
}

const distances = registryOf<Distance>('distance', {
  l2: {
    name: 'l2',
    matrix: (mixtures) => l2Steps(mixtures),
    rows: (mixtures, from) => l2RowsSteps(mixtures, from),
  },
  'smoothed-l2': smoothedL2,
  transport: { name: 'transport', matrix: (mixtures) => transportSteps(mixtures), rows: transportRowsSteps },
  information: { name: 'information', matrix: (mixtures) => informationSteps(mixtures), rows: informationRowsSteps },
});

/**
 * The names of all distances.
 * @example
 * distanceNames().slice(0, 3); // ['l2', 'smoothed-l2(number)', 'transport']
 */
export const distanceNames: () => string[] = distances.names;

/** Whether other threads find the distance by its name. */
export const isPortableDistance: (name: string) => boolean = distances.isPortable;

/**
 * Registers your own distance, which then works by its name in rules, studies and commands.
 * @param distance a name, and how a pair or all pairs compare
 * @param options whether a distance of the same name is replaced
 * @throws InvalidInput if the name is taken
 * @example
 * registerDistance({ name: 'means', between: (G, H) => wasserstein1(G, H) });
 * (await distanceMatrix(fits, { distance: 'means' })).at(0, 1); // 0.0368
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

/**
 * The distances of the estimates `from` to all, checked likewise.
 * @throws InvalidInput if there is no such distance, or it returns anything but a distance for each pair
 */
export function* distanceRowsSteps(
  given: string | Distance,
  mixtures: readonly Mixture[],
  from: ArrayLike<number>,
): Steps<DistanceRows> {
  const distance = distanceOf(given);
  const { name } = distance;
  if (!distance.rows) return rowsOfMatrix(yield* distanceSteps(distance, mixtures), from);
  const distances = yield* distance.rows(mixtures, from);
  const m = mixtures.length;
  const sizes = [distances?.from?.length, distances?.size, distances?.row(0).length];
  if (sizes[0] !== from.length || sizes[1] !== m || sizes[2] !== m)
    throw new InvalidInput(
      `the distance "${name}" returned ${sizes[0]} rows of ${sizes[2]}, but ${from.length} of ${m} were asked for`,
    );
  for (let r = 0; r < from.length; r++)
    distances.row(r).forEach((value, j) => {
      requireDistance(name, value, from[r], j);
    });
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
    *rows(mixtures, from) {
      return yield* rowsBetween(`${name} distance`, mixtures.length, from, (a, b) => {
        const [i, j] = [Math.max(a, b), Math.min(a, b)]; // as in the matrix
        const value = between(mixtures[i], mixtures[j]);
        requireDistance(name, value, i, j);
        return value;
      });
    },
  };
}

/**
 * The distances between all pairs of estimates, by any distance of the registry.
 * @param estimates m mixtures, or results that hold one, of one family and dimension
 * @param options which distance; the signal and the progress
 * @returns m × m distances
 * @throws InvalidInput if there is no such distance, or the estimates cannot be compared; the signal's reason when it aborts
 * @example
 * const distances = await distanceMatrix(fits, { distance: 'transport' });
 * distances.at(0, 1); // 3.59
 * coat(fits, { distanceMatrix: distances }).index; // 2
 */
export async function distanceMatrix(
  estimates: readonly Estimate[],
  options: WorkOptions & {
    /**
     * a name of the registry, or a distance
     * @defaultValue 'l2'
     */
    readonly distance?: string | Distance;
  } = {},
): Promise<DistanceMatrix> {
  const { distance = 'l2', ...work } = options;
  return performed(distanceSteps(distance, comparable(estimates)), work);
}
