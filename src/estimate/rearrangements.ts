import { symmetricEigen } from '../math/linear-algebra';
import { countOf, type Samples } from '../math/table';
import { squaredDistance } from './k-means';
import { nearest } from './start-kinds';

/** How many components are tried to be done without: those whose rows the others explain best. */
const DISPENSABLE = 2;

/** The share of a component that stays where it is split into what is near its centre and what is far. */
const NEAR_SHARE = 0.7;

/** What all other components have of a row below which they have none: divisions by less are beyond float64. */
const LEAST_SHARE = 1e-290;

/**
 * Where EM may go on from a maximum that is not the greatest, in the manner of split-and-merge EM (Ueda et al. 2000): a component
 * that the others can do without leaves its rows to them, and takes a part of one of them: what lies on one side of its
 * centre along its longest axis, or what is far from it.
 * @param places the standardised rows
 * @param responsibilities K × n, of a mixture of at least two components
 * @returns what makes the membership, K × n, of each rearrangement
 */
export function rearrangements(places: Samples, responsibilities: Float64Array, order: number): (() => Float64Array)[] {
  const losses = lossesWithout(responsibilities, order, places);
  const dispensable = [...losses.keys()].sort((a, b) => losses[a] - losses[b]).slice(0, DISPENSABLE);
  return dispensable.flatMap((gone) => {
    const others = without(places, responsibilities, order, gone);
    return Array.from({ length: order }, (_, k) => k)
      .filter((k) => k !== gone)
      .flatMap((k) =>
        [alongAxis, farFromCentre].map((leaves) => () => split(places, others, { from: k, to: gone, leaves })),
      );
  });
}

/** What the log-likelihood loses where a component is left out and the other weights grow: n log(1 − w_k) − Σ_j log(1 − r_jk). */
function lossesWithout(responsibilities: Float64Array, order: number, places: Samples): Float64Array {
  const { rows: n, weights } = places;
  const count = countOf(places);
  const times = (j: number) => weights?.[j] ?? 1;
  return Float64Array.from({ length: order }, (_, k) => {
    const shares = responsibilities.subarray(k * n, (k + 1) * n);
    const weight = shares.reduce((sum, share, j) => sum + times(j) * share, 0) / count;
    return shares.reduce(
      (loss, share, j) => loss - times(j) * Math.log1p(-Math.min(share, 1 - Number.EPSILON)),
      count * Math.log1p(-weight),
    );
  });
}

/** The responsibilities of the other components, which then sum to one; a row of `gone` alone is of the nearest of them. */
function without(places: Samples, responsibilities: Float64Array, order: number, gone: number): Float64Array {
  const n = places.rows;
  const membership = responsibilities.slice();
  membership.fill(0, gone * n, (gone + 1) * n);
  const centres = Float64Array.from(
    Array.from({ length: order }, (_, k) => k).flatMap((k) =>
      k === gone
        ? new Array(places.columns).fill(Infinity)
        : [...centreOf(places, membership.subarray(k * n, (k + 1) * n))],
    ),
  );
  const next = nearest(places, centres, order);
  for (let j = 0; j < n; j++) {
    let rest = 0; // 1 − r_jk of the one that is gone would be rounding where that is nearly 1
    for (let k = 0; k < order; k++) rest += membership[k * n + j];
    for (let k = 0; k < order; k++) {
      if (rest > LEAST_SHARE) membership[k * n + j] /= rest;
      else membership[k * n + j] = Number(k === next[j]);
    }
  }
  return membership;
}

/** The mean of the rows of a component. */
function centreOf({ data, rows, columns }: Samples, shares: Float64Array): Float64Array {
  const mass = shares.reduce((sum, share) => sum + share, 0);
  const centre = new Float64Array(columns);
  for (let j = 0, i = 0; j < rows; j++) {
    const share = shares[j] / mass;
    for (let c = 0; c < columns; c++, i++) centre[c] += share * data[i];
  }
  return centre;
}

/** Which rows leave a component that is split: those with a 1. */
type Leaving = (places: Samples, shares: Float64Array, centre: Float64Array) => Uint8Array;

function split(
  places: Samples,
  others: Float64Array,
  { from, to, leaves }: { readonly from: number; readonly to: number; readonly leaves: Leaving },
): Float64Array {
  const n = places.rows;
  const shares = others.subarray(from * n, (from + 1) * n);
  const goes = leaves(places, shares, centreOf(places, shares));
  const membership = others.slice();
  for (let j = 0; j < n; j++) {
    if (goes[j] === 0) continue;
    membership[from * n + j] = 0;
    membership[to * n + j] = shares[j];
  }
  return membership;
}

/** The rows on one side of the centre, along the axis on which the component is longest. */
const alongAxis: Leaving = ({ data, rows, columns: d }, shares, centre) => {
  const scatter = new Float64Array(d * d);
  const apart = new Float64Array(d);
  for (let j = 0; j < rows; j++) {
    if (shares[j] === 0) continue;
    for (let a = 0; a < d; a++) apart[a] = data[j * d + a] - centre[a];
    for (let a = 0; a < d; a++) {
      const weighted = shares[j] * apart[a];
      for (let b = 0; b <= a; b++) scatter[a * d + b] += weighted * apart[b];
    }
  }
  for (let a = 0; a < d; a++) for (let b = 0; b < a; b++) scatter[b * d + a] = scatter[a * d + b];
  const axis = symmetricEigen(scatter, d).vectors.getColumn(d - 1);
  const goes = new Uint8Array(rows);
  for (let j = 0, i = 0; j < rows; j++) {
    let along = 0;
    for (let c = 0; c < d; c++, i++) along += axis[c] * (data[i] - centre[c]);
    goes[j] = Number(along > 0);
  }
  return goes;
};

/** The rows that are farthest from the centre. */
const farFromCentre: Leaving = ({ data, rows, columns }, shares, centre) => {
  const distances = new Float64Array(rows);
  for (let j = 0; j < rows; j++) distances[j] = squaredDistance(data, j * columns, centre, 0, columns);
  const ascending = distances.slice().sort();
  const near = NEAR_SHARE * shares.reduce((sum, share) => sum + share, 0);
  // the least distance within which that share lies, by bisection
  const massWithin = (limit: number) => {
    let mass = 0;
    for (let j = 0; j < rows; j++) if (distances[j] <= limit) mass += shares[j];
    return mass;
  };
  let [low, high] = [0, rows - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (massWithin(ascending[middle]) > near) high = middle;
    else low = middle + 1;
  }
  const goes = new Uint8Array(rows);
  for (let j = 0; j < rows; j++) goes[j] = Number(distances[j] > ascending[low]);
  return goes;
};
