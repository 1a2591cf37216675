import type { Family } from '../families/family';
import { randomStream } from '../math/random';
import type { Samples } from '../math/table';
import type { Mixture } from '../mixture/mixture';
import type { Steps } from '../work/work';
import { kMeansSteps } from './k-means';
import { beginningOf, membershipOf, mixtureOfMembership, type Posing } from './membership';
import { type SearchOptions, searchSteps } from './search';

/** Where EM starts. */
export interface Starts<Parameter> {
  /** makes each start from which EM runs to its end */
  readonly from: readonly (() => Mixture<Parameter>)[];
  /** for each maximum that a fit lists, the start from which EM reached it; starts that EM never used have none */
  readonly counts: readonly number[];
  /** how many runs that end are enough; the others stand by for those that degenerate */
  readonly enough: number;
}

/** Ways to make starts: of different kinds, of which short runs choose, or k-means++ clusterings alone. */
export const initialisations = ['mixed', 'k-means++'] as const satisfies readonly Initialisation[];

/** How the starts of EM are made. */
export type Initialisation = 'mixed' | 'k-means++';

/**
 * The starts of EM.
 * @throws InvalidInput if fewer than `order` rows are distinct
 */
export function* startsOf<Parameter>(
  samples: Samples,
  family: Family<Parameter>,
  pose: Posing<Parameter>,
  { initialisation, ...options }: SearchOptions & { readonly initialisation: Initialisation },
): Steps<Starts<Parameter>> {
  if (initialisation === 'k-means++') return yield* clusteringStarts(samples, family, pose, options);
  const found = yield* searchSteps(samples, family, pose, options);
  return { ...found, counts: [...found.from.keys()] };
}

/** The mixtures of k-means++ clusterings; one that came out the same as one before is that one. */
function* clusteringStarts<Parameter>(
  samples: Samples,
  family: Family<Parameter>,
  pose: Posing<Parameter>,
  { order, starts, seed, penalty }: SearchOptions,
): Steps<Starts<Parameter>> {
  const scaled = family.clusterScale?.(samples) ?? samples;
  const labels: Int32Array[] = [];
  for (let s = 0; s < starts; s++) {
    const own = yield* kMeansSteps(scaled, order, randomStream(`${seed}, start ${s}`, 'k-means++'));
    labels.push(labels.find((other) => other.every((k, j) => k === own[j])) ?? own);
  }
  const distinct = [...new Set(labels)];
  const problem = beginningOf(pose, samples) ?? pose(samples, penalty);
  const from = distinct.map((one) => () => mixtureOfMembership(membershipOf(one, order), samples, family, problem));
  return { from, counts: labels.map((one) => distinct.indexOf(one)), enough: from.length };
}
