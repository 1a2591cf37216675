import { InvalidInput } from '../errors';
import { nearestCentres } from '../kernels/nearest';
import { columnMoments } from '../math/column-moments';
import type { RandomStream } from '../math/random';
import { countOf, type Samples } from '../math/table';
import type { Steps } from '../work/work';

const MAX_ROUNDS = 50;

/** Clusters are found once no more than this share of the rows changes its own: EM goes on from there, and moves more. */
const MOVED_SHARE = 1e-3;

/** How k-means++ draws its seeds. */
export interface KMeansOptions {
  /** whether each seed is the best of 2 + ⌊log K⌋ candidates, as in scikit-learn, or the only one; true */
  readonly greedy?: boolean;
}

/**
 * Labels of a k-means clustering from k-means++ seeds (Arthur and Vassilvitskii 2007), each column in units of its own
 * standard deviation, each row as often as it counts. Every cluster has a member; they are numbered in the order in which the
 * rows meet them, so that the same clusters have the same labels.
 * @throws InvalidInput if fewer than `order` rows are distinct
 */
export function* kMeansSteps(
  samples: Samples,
  order: number,
  random: RandomStream,
  { greedy = true }: KMeansOptions = {},
): Steps<Int32Array> {
  const { rows, columns, weights } = samples;
  const data = standardised(samples);
  const candidates = greedy ? 2 + Math.floor(Math.log(order)) : 1;
  const centres = yield* seeds({ ...samples, data }, order, random, candidates);
  const nearest = nearestCentres({ data, rows, columns }, order);
  const labels = new Int32Array(rows).fill(-1);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { labels: own, squared } = nearest(centres);
    let moved = 0;
    for (let j = 0; j < rows; j++) if (labels[j] !== own[j]) moved++;
    labels.set(own);
    const sizes = fillEmptyClusters(labels, squared, order);
    if (moved <= MOVED_SHARE * rows) break;
    yield { stage: 'clustering', done: round, total: MAX_ROUNDS };
    centres.fill(0);
    const masses = weights ? new Float64Array(order) : sizes;
    weights?.forEach((weight, j) => {
      masses[labels[j]] += weight;
    });
    for (let j = 0; j < rows; j++) {
      const k = labels[j];
      const weight = weights?.[j] ?? 1;
      for (let c = 0; c < columns; c++) centres[k * columns + c] += weight * data[j * columns + c];
    }
    for (let k = 0; k < order; k++) for (let c = 0; c < columns; c++) centres[k * columns + c] /= masses[k];
  }
  return numbered(labels, order);
}

function numbered(labels: Int32Array, order: number): Int32Array {
  const numbers = new Int32Array(order).fill(-1);
  let met = 0;
  return labels.map((k) => {
    if (numbers[k] < 0) numbers[k] = met++;
    return numbers[k];
  });
}

/**
 * k-means++: each seed is the best of some candidates, rows drawn with a chance proportional to the squared distance to the
 * nearest seed before, times how often the row counts; the best leaves the least sum of those products.
 */
function* seeds(
  { data, rows, columns, weights }: Samples,
  order: number,
  random: RandomStream,
  candidates: number,
): Steps<Float64Array> {
  const centres = new Float64Array(order * columns);
  const distances = nearestCentres({ data, rows, columns }, 1);
  let nearest: Float64Array | undefined;
  const first = () => (weights ? draw(weights, random) : Math.floor(random() * rows));
  for (let k = 0; k < order; k++) {
    let best: { row: number; nearest: Float64Array; total: number } | undefined;
    for (let candidate = 0; candidate < (nearest ? candidates : 1); candidate++) {
      const row = nearest ? draw(nearest, random) : first();
      const closer = distances(data.subarray(row * columns, (row + 1) * columns)).squared.slice();
      let total = 0;
      for (let j = 0; j < rows; j++) {
        if (weights) closer[j] *= weights[j];
        if (nearest) closer[j] = Math.min(nearest[j], closer[j]);
        total += closer[j];
      }
      if (!best || total < best.total) best = { row, nearest: closer, total };
    }
    const { row, total } = best as NonNullable<typeof best>;
    if (total === 0 && k + 1 < order) {
      throw new InvalidInput(
        `only ${k + 1} rows are distinct, so ${order} components cannot be started: lower the order`,
      );
    }
    centres.set(data.subarray(row * columns, (row + 1) * columns), k * columns);
    nearest = best?.nearest;
    yield { stage: 'clustering', done: 0, total: MAX_ROUNDS };
  }
  return centres;
}

/** An index, with a chance proportional to its weight. */
function draw(weights: Float64Array, random: RandomStream): number {
  const target = random() * weights.reduce((sum, weight) => sum + weight, 0);
  let index = 0;
  let passed = 0;
  for (let j = 0; j < weights.length && passed <= target; j++) {
    if (weights[j] > 0) index = j;
    passed += weights[j];
  }
  return index;
}

/** Gives each empty cluster the row farthest from its own centre, out of a cluster that can spare it. */
function fillEmptyClusters(labels: Int32Array, squared: Float64Array, order: number): Float64Array {
  const sizes = new Float64Array(order);
  for (const k of labels) sizes[k]++;
  for (let k = 0; k < order; k++) {
    if (sizes[k] > 0) continue;
    const farthest = squared.reduce((best, d, j) => (sizes[labels[j]] > 1 && !(d <= squared[best]) ? j : best), -1);
    sizes[labels[farthest]]--;
    sizes[k]++;
    labels[farthest] = k;
    squared[farthest] = 0;
  }
  return sizes;
}

/** The rows with each column in units of its own standard deviation, from its mean. */
export function standardised(samples: Samples): Float64Array {
  const { data, columns } = samples;
  const moments = Array.from({ length: columns }, (_, c) => columnMoments(samples, c, countOf(samples)));
  const scales = moments.map(({ variance }) => Math.sqrt(variance) || 1);
  return data.map((value, i) => (value - moments[i % columns].mean) / scales[i % columns]);
}

/** ‖a_i − b_j‖² of the numbers of a from i on and those of b from j on. */
export function squaredDistance(a: Float64Array, i: number, b: Float64Array, j: number, length: number): number {
  let sum = 0;
  for (let c = 0; c < length; c++) sum += (a[i + c] - b[j + c]) ** 2;
  return sum;
}
