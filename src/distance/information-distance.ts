import { InvalidInput } from '../errors';
import type { Family } from '../families/family';
import { fastForm } from '../families/fast-form';
import { leastAssignment } from '../math/assignment';
import { comparable, type Estimate } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { finished, type Steps } from '../work/work';
import { type DistanceMatrix, type DistanceRows, distanceMatrixOf, rowsBetween } from './distance-matrix';

/** Squared distances beyond this are infinite: sums of them must stay within float64. */
const MAX_SQUARED_DISTANCE = 1e150;

/** Components to which the divergences of all are computed at once: the first level of a cache holds what the kernel reads of them. */
const AT_ONCE = 32;

/** Rows and columns of a square of a table that is worked on together with its mirror image, both in a cache. */
const TILE = 32;

/**
 * δ² of all pairs of components of m mixtures of order K, mK × mK, row-major: component k of mixture i is at i K + k. δ is the root
 * of the Jeffreys divergence, δ²(θ, θ′) = ½ {KL(θ ‖ θ′) + KL(θ′ ‖ θ)}; for components that are near each other, about ½ (θ − θ′)ᵀ I (θ − θ′) with the family's Fisher
 * information I, so that every coordinate counts in units of its own error. Infinity beyond float64.
 */
export function* jeffreysTable<P>(mixtures: readonly Mixture<P>[]): Steps<Float64Array> {
  const [{ family }] = mixtures;
  const points = mixtures.flatMap(({ parameters }) => parameters);
  const N = points.length;
  const batch = fastForm(family, 'divergences')?.(points);
  const table = new Float64Array(N * N);
  for (let first = 0; first < N; first += AT_ONCE) {
    const some = points.slice(first, first + AT_ONCE);
    // the divergences from all points to these, N × their number
    const divergences = batch?.(some);
    for (let g = 0, at = 0; g < N; g++) {
      for (let k = 0; k < some.length; k++, at++)
        table[g * N + first + k] = divergences ? divergences[at] : family.divergence(points[g], some[k]);
    }
    yield { stage: 'distances', done: first + some.length, total: N };
  }
  for (let top = 0; top < N; top += TILE)
    for (let first = 0; first <= top; first += TILE) makeSymmetric(table, N, top, first);
  return table;
}

/** The mean of a tile of a table and its mirror image in both. */
function makeSymmetric(table: Float64Array, N: number, top: number, first: number): void {
  for (let a = top, bottom = Math.min(top + TILE, N); a < bottom; a++) {
    for (let b = first, end = Math.min(first + TILE, a + 1); b < end; b++) {
      const value = table[a * N + b] / 2 + table[b * N + a] / 2;
      table[a * N + b] = table[b * N + a] = value < MAX_SQUARED_DISTANCE ? value : Infinity;
    }
  }
}

/** Points whose divergences to all rows are computed in one step. */
const CHUNK = 2048;

/**
 * δ² of `jeffreysTable` from some components to others, rows × columns, row-major: for tables of which only some rows are needed.
 * @param rows the components that have a row
 * @param columns those that have a column
 */
export function* jeffreysRows<P>(family: Family<P>, rows: readonly P[], columns: readonly P[]): Steps<Float64Array> {
  const [R, N] = [rows.length, columns.length];
  const squared = new Float64Array(R * N);
  const divergences = fastForm(family, 'divergences');
  const fromRows = divergences?.(rows);
  for (let first = 0; first < N; first += CHUNK) {
    const some = columns.slice(first, first + CHUNK);
    const to = divergences?.(some)(rows); // n × R
    const from = fromRows?.(some); // R × n
    for (let r = 0; r < R; r++) {
      for (let g = 0; g < some.length; g++) {
        const there = from ? from[r * some.length + g] : family.divergence(rows[r], some[g]);
        const back = to ? to[g * R + r] : family.divergence(some[g], rows[r]);
        const value = there / 2 + back / 2;
        squared[r * N + first + g] = value < MAX_SQUARED_DISTANCE ? value : Infinity;
      }
    }
    yield { stage: 'distances', done: first + some.length, total: N };
  }
  return squared;
}

/**
 * The information distances between all pairs of mixtures of one order,
 *
 *   A²(G, H) = min over matchings σ of Σ_k { 2 w̄_k δ²(θ_k, θ′_σk) + (w_k − w′_σk)² / w̄_k },   w̄_k = ½ (w_k + w′_σk),
 *
 * with δ² the Jeffreys divergence of components: the quadratic form of the complete-data Fisher information. It has no unit and no
 * bandwidth, and no component can be far however light it is: 2 w̄_k δ_k² ≤ A². L² between densities does not see such a component.
 * @param estimates m mixtures, or results that hold one, of one family, dimension and order
 * @returns m × m distances
 * @throws InvalidInput if the list is empty, or the mixtures differ in family, dimension or order
 * @example
 * const distances = informationDistanceMatrix(fits);
 * distances.at(0, 1); // 0.505
 * dfmr(fits, { distanceMatrix: distances }).kept.length; // 5
 */
export function informationDistanceMatrix<P>(estimates: readonly Estimate<P>[]): DistanceMatrix {
  return finished(informationSteps(comparable(estimates)));
}

/** The steps of `informationDistanceMatrix`. */
export function* informationSteps<P>(mixtures: readonly Mixture<P>[]): Steps<DistanceMatrix> {
  const K = orderOf(mixtures);
  const m = mixtures.length;
  const squared = yield* jeffreysTable(mixtures);
  const entries = new Float64Array(m * m);
  for (let i = 1; i < m; i++) {
    for (let j = 0; j < i; j++) {
      const deltaOf = (k: number, l: number) => squared[(i * K + k) * m * K + j * K + l];
      entries[i * m + j] = entries[j * m + i] = between(mixtures[i].weights, mixtures[j].weights, deltaOf);
    }
    yield { stage: 'distances', done: (i * (i + 1)) / 2, total: (m * (m - 1)) / 2 };
  }
  return distanceMatrixOf(TITLE, entries);
}

const TITLE = 'information distance';

/** The rows of the mixtures `from`, a pair each step: δ² of the pairs that are compared, and of no others. */
export function* informationRowsSteps<P>(
  mixtures: readonly Mixture<P>[],
  from: ArrayLike<number>,
): Steps<DistanceRows> {
  const K = orderOf(mixtures);
  const { family } = mixtures[0];
  const batch = fastForm(family, 'divergences');
  const divergences = ({ parameters: points }: Mixture<P>, { parameters: centres }: Mixture<P>) =>
    batch?.(points)(centres) ?? points.flatMap((point) => centres.map((centre) => family.divergence(point, centre)));
  return yield* rowsBetween(TITLE, mixtures.length, from, (a, b) => {
    // the later one first, as in the matrix
    const [G, H] = [mixtures[Math.max(a, b)], mixtures[Math.min(a, b)]];
    const [there, back] = [divergences(G, H), divergences(H, G)];
    return between(G.weights, H.weights, (k, l) => {
      const delta = there[k * K + l] / 2 + back[l * K + k] / 2;
      return delta < MAX_SQUARED_DISTANCE ? delta : Infinity;
    });
  });
}

/** @throws InvalidInput if the orders differ */
function orderOf(mixtures: readonly Mixture[]): number {
  const [{ order: K }] = mixtures;
  const odd = mixtures.findIndex(({ order }) => order !== K);
  if (odd >= 0)
    throw new InvalidInput(
      `mixture ${odd} has ${mixtures[odd].order} components, mixture 0 has ${K}: the information distance matches them one to one`,
    );
  return K;
}

/** A of the best matching of the components of two mixtures, whose weights are v and w. */
function between(v: Float64Array, w: Float64Array, deltaOf: (k: number, l: number) => number): number {
  const K = v.length;
  const cost = new Float64Array(K * K);
  for (let k = 0; k < K; k++) {
    for (let l = 0; l < K; l++) {
      const mean = (v[k] + w[l]) / 2;
      const delta = deltaOf(k, l);
      // two components without mass are nowhere, and cost nothing
      cost[k * K + l] = mean > 0 ? Math.min(MAX_SQUARED_DISTANCE, 2 * mean * delta + (v[k] - w[l]) ** 2 / mean) : 0;
    }
  }
  const matched = leastAssignment(cost, K);
  const total = matched.reduce((sum, l, k) => sum + cost[k * K + l], 0);
  return total < MAX_SQUARED_DISTANCE ? Math.sqrt(total) : Infinity;
}
