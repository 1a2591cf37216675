import { InvalidInput } from '../errors';
import { type NearestCentres, nearestCentres } from '../kernels/nearest';
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
  const nearest = nearestCentres({ data, rows, columns }, order);
  const centres = yield* seeds({ ...samples, data }, nearest, { order, random, candidates });
  const labels = new Int32Array(rows).fill(-1);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const { labels: own, squared } = nearest(centres);
    const moved = movedRows(labels, own);
    labels.set(own);
    fillEmptyClusters(labels, squared, order);
    if (moved <= MOVED_SHARE * rows) break;
    yield { stage: 'clustering', done: round, total: MAX_ROUNDS };
    moveCentres(centres, { data, rows, columns, weights }, labels);
  }
  return numbered(labels, order);
}

// what follows are functions of their own, as loops within generators are compiled to slower code

function movedRows(before: Int32Array, after: Int32Array): number {
  let moved = 0;
  for (let j = 0; j < after.length; j++) if (before[j] !== after[j]) moved++;
  return moved;
}

/** Moves each centre to the mean of its rows. */
function moveCentres(centres: Float64Array, { data, rows, columns, weights }: Samples, labels: Int32Array): void {
  const masses = new Float64Array(centres.length / columns);
  centres.fill(0);
  for (let j = 0, i = 0; j < rows; j++) {
    const weight = weights?.[j] ?? 1;
    masses[labels[j]] += weight;
    const at = labels[j] * columns;
    for (let c = 0; c < columns; c++, i++) centres[at + c] += weight * data[i];
  }
  for (let k = 0; k < masses.length; k++) for (let c = 0; c < columns; c++) centres[k * columns + c] /= masses[k];
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
  distances: NearestCentres,
  { order, random, candidates }: { readonly order: number; readonly random: RandomStream; readonly candidates: number },
): Steps<Float64Array> {
  const centres = new Float64Array(order * columns);
  let nearest: Float64Array | undefined;
  const first = () => (weights ? draw(weights, random) : Math.floor(random() * rows));
  for (let k = 0; k < order; k++) {
    let best: { row: number; nearest: Float64Array; total: number } | undefined;
    for (let candidate = 0; candidate < (nearest ? candidates : 1); candidate++) {
      const row = nearest ? draw(nearest, random) : first();
      const closer = distances(data.subarray(row * columns, (row + 1) * columns)).squared.slice();
      const total = takeLesser(closer, weights, nearest);
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

/** Multiplies squared distances by how often the rows count, keeps those that are less than the ones before, and returns their sum. */
function takeLesser(squared: Float64Array, weights?: Float64Array, before?: Float64Array): number {
  let total = 0;
  for (let j = 0; j < squared.length; j++) {
    if (weights) squared[j] *= weights[j];
    if (before && !(squared[j] < before[j])) squared[j] = before[j];
    total += squared[j];
  }
  return total;
}

/** An index, with a chance proportional to its weight. */
function draw(weights: Float64Array, random: RandomStream): number {
  let sum = 0;
  for (let j = 0; j < weights.length; j++) sum += weights[j];
  const target = random() * sum;
  let index = 0;
  let passed = 0;
  for (let j = 0; j < weights.length && passed <= target; j++) {
    if (weights[j] > 0) index = j;
    passed += weights[j];
  }
  return index;
}

/** Gives each empty cluster the row farthest from its own centre, out of a cluster that can spare it. */
function fillEmptyClusters(labels: Int32Array, squared: Float64Array, order: number): void {
  const sizes = new Int32Array(order);
  for (let j = 0; j < labels.length; j++) sizes[labels[j]]++;
  for (let k = 0; k < order; k++) {
    if (sizes[k] > 0) continue;
    const farthest = squared.reduce((best, d, j) => (sizes[labels[j]] > 1 && !(d <= squared[best]) ? j : best), -1);
    sizes[labels[farthest]]--;
    sizes[k]++;
    labels[farthest] = k;
    squared[farthest] = 0;
  }
}

/** The rows with each column in units of its own standard deviation, from its mean. */
export function standardised(samples: Samples): Float64Array {
  const { data, columns } = samples;
  const moments = Array.from({ length: columns }, (_, c) => columnMoments(samples, c, countOf(samples)));
  const means = moments.map(({ mean }) => mean);
  const scales = moments.map(({ variance }) => Math.sqrt(variance) || 1);
  const places = new Float64Array(data.length);
  for (let i = 0; i < data.length; )
    for (let c = 0; c < columns; c++, i++) places[i] = (data[i] - means[c]) / scales[c];
  return places;
}

/** ‖a_i − b_j‖² of the numbers of a from i on and those of b from j on. */
export function squaredDistance(a: Float64Array, i: number, b: Float64Array, j: number, length: number): number {
  let sum = 0;
  for (let c = 0; c < length; c++) sum += (a[i + c] - b[j + c]) ** 2;
  return sum;
}
