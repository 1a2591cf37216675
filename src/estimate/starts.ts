import { DfmrError } from '../errors';
import type { Family, LocalProblem } from '../families/family';
import { randomStream, type Seed } from '../math/random';
import { countOf, type Samples } from '../math/table';
import { assemble, type Mixture } from '../mixture/mixture';
import type { Steps } from '../work/work';
import { masses } from './em';
import { kMeansSteps } from './k-means';

/** Where EM starts. */
export interface Starts<Parameter> {
  /** makes each distinct start */
  readonly from: readonly (() => Mixture<Parameter>)[];
  /** of each start that was asked for, which of the distinct ones it is */
  readonly counts: readonly number[];
}

/**
 * The starts of EM: mixtures of k-means++ clusterings.
 * @throws InvalidInput if fewer than `order` rows are distinct
 */
export function* startsOf<Parameter>(
  samples: Samples,
  family: Family<Parameter>,
  problem: LocalProblem<Parameter>,
  options: { readonly order: number; readonly starts: number; readonly seed: Seed; readonly published: boolean },
): Steps<Starts<Parameter>> {
  const { order, starts, seed, published } = options;
  const labels = yield* clusterings(family.clusterScale?.(samples) ?? samples, order, starts, seed);
  const distinct = [...new Set(labels)];
  const from = distinct.map(
    (one) => () => mixtureFrom(one, samples, family, penalised(family, samples, published) ?? problem),
  );
  return { from, counts: labels.map((one) => distinct.indexOf(one)) };
}

/** The k-means++ clusterings of that many seeds; one that came out the same as one before is that one. */
function* clusterings(samples: Samples, order: number, starts: number, seed: Seed): Steps<Int32Array[]> {
  const found: Int32Array[] = [];
  for (let s = 0; s < starts; s++) {
    const labels = yield* kMeansSteps(samples, order, randomStream(`${seed}, start ${s}`, 'k-means++'));
    found.push(found.find((other) => other.every((k, j) => k === labels[j])) ?? labels);
  }
  return found;
}

/** The problem in which a cluster of a few rows has a density too, if the family has a penalty for these rows. */
function penalised<Parameter>(
  family: Family<Parameter>,
  samples: Samples,
  published: boolean,
): LocalProblem<Parameter> | undefined {
  try {
    return family.localProblem(samples, countOf(samples) ** -0.5, published);
  } catch (error) {
    if (error instanceof DfmrError) return undefined;
    throw error;
  }
}

/** The mixture of a clustering. */
function mixtureFrom<Parameter>(
  labels: Int32Array,
  samples: Samples,
  family: Family<Parameter>,
  problem: LocalProblem<Parameter>,
): Mixture<Parameter> {
  const { rows, weights: counts } = samples;
  const order = Math.max(...new Set(labels)) + 1;
  const membership = new Float64Array(order * rows);
  labels.forEach((k, j) => {
    membership[k * rows + j] = counts?.[j] ?? 1;
  });
  const weights = masses(membership, order, rows).map((mass) => mass / countOf(samples));
  return assemble(family, weights, problem.maximise(membership, order));
}
