import { nearestCentres } from '../kernels/nearest';
import { type RandomStream, randomOrder } from '../math/random';
import { type Samples, takeRows } from '../math/table';
import type { Steps } from '../work/work';
import { wardLabels } from './hierarchical-clustering';
import { kMeansSteps, squaredDistance } from './k-means';
import { membershipOf } from './membership';

/**
 * A kind of start: which rows may be of which component, K × n, row k those of component k, from the standardised rows and a
 * stream. What a kind cannot see, another may: k-means finds what lies apart, shells what lies within, few rows what is rare.
 */
type StartKind = (places: Samples, order: number, random: RandomStream) => Float64Array | Steps<Float64Array>;

/** Rows of which Ward's clustering is made; its time grows with their square. */
const WARD_ROWS = 250;

const greedyKMeans: StartKind = function* (places, order, random) {
  return membershipOf(yield* kMeansSteps(places, order, random), order);
};

const plainKMeans: StartKind = function* (places, order, random) {
  return membershipOf(yield* kMeansSteps(places, order, random, { greedy: false }), order);
};

/** Ward's hierarchical clustering of some rows; the others belong to the nearest centre. */
const hierarchical: StartKind = (places, order, random) => {
  const { rows, columns } = places;
  const some = rows > WARD_ROWS ? takeRows(places, someRows(rows, WARD_ROWS, random)) : places;
  const labels = wardLabels(some, order);
  if (some === places) return membershipOf(labels, order);
  const sizes = new Float64Array(order);
  for (const k of labels) sizes[k]++;
  const centres = new Float64Array(order * columns);
  some.data.forEach((value, i) => {
    const k = labels[Math.floor(i / columns)];
    centres[k * columns + (i % columns)] += value / sizes[k];
  });
  return membershipOf(nearest(places, centres, order), order);
};

/** K shells of n / K rows about the mean of all: components of one mean and different spreads. */
const shellsAboutMean: StartKind = (places, order) =>
  membershipOf(shells(places, order, new Float64Array(places.columns)), order);

/** K shells of n / K rows about a row. */
const shellsAboutRow: StartKind = (places, order, random) => {
  const row = Math.floor(random() * places.rows) * places.columns;
  return membershipOf(shells(places, order, places.data.subarray(row, row + places.columns)), order);
};

/** Random rows as centres with the variances of all rows: each row belongs to the nearest. */
const randomRows: StartKind = (places, order, random) => {
  const centres = takeRows(places, someRows(places.rows, order, random)).data;
  return membershipOf(nearest(places, centres, order), order);
};

/** Random responsibilities, uniform on the simplex. */
const randomResponsibilities: StartKind = ({ rows }, order, random) => {
  const membership = Float64Array.from({ length: order * rows }, () => -Math.log(1 - random()));
  for (let j = 0; j < rows; j++) {
    let total = 0;
    for (let i = j; i < membership.length; i += rows) total += membership[i];
    for (let i = j; i < membership.length; i += rows) membership[i] /= total;
  }
  return membership;
};

/** The kinds in the order in which starts take their turn; those that draw may come again. */
export const startKinds: readonly StartKind[] = [
  greedyKMeans,
  shellsAboutMean,
  hierarchical,
  plainKMeans,
  shellsAboutRow,
  randomRows,
  shellsAboutRow,
  plainKMeans,
  randomRows,
  randomResponsibilities,
];

/** Some of n rows at random, ascending. */
export function someRows(n: number, count: number, random: RandomStream): Int32Array {
  return randomOrder(n, random()).subarray(0, count).sort();
}

/** The nearest of K centres of every row, the first of several. */
export function nearest(places: Samples, centres: Float64Array, order: number): Int32Array {
  return nearestCentres(places, order)(centres).labels;
}

/** Which of K shells about a centre each row is in, each shell with as many rows. */
function shells({ data, rows, columns }: Samples, order: number, centre: Float64Array): Int32Array {
  const far = Float64Array.from({ length: rows }, (_, j) => squaredDistance(data, j * columns, centre, 0, columns));
  const labels = new Int32Array(rows);
  Int32Array.from(far.keys())
    .sort((a, b) => far[a] - far[b])
    .forEach((j, rank) => {
      labels[j] = Math.floor((rank * order) / rows);
    });
  return labels;
}
