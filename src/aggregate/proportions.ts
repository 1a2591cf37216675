import type { Family, Proportions } from '../families/family';
import { quantile } from '../math/quantile';
import type { Mixture } from '../mixture/mixture';

// The weights of components as one more part of what machines sent. Usually they are K numbers; where they differ from place to place, as gates of
// experts do, S × K numbers, of which each row sums to one and all count alike (`Family.proportions`).

/** Weights below this count as this: a component without rows has a variance that is not infinite. */
export const LEAST_WEIGHT = 1e-12;

/** What messages call weights and components. */
export function wordsOf<P>({ proportions }: Family<P>): Proportions<P>['words'] {
  return proportions?.words ?? { weights: 'weights', component: 'component' };
}

/** The weights of a mixture whose component k is that of number `assignment[k]`, S × K. */
export function proportionsOf<P>({ family, weights, parameters }: Mixture<P>, assignment: Int32Array): Float64Array {
  const K = weights.length;
  const own = family.proportions?.of(weights, parameters) ?? weights;
  return own.map((_, i) => own[i - (i % K) + assignment[i % K]]);
}

/** Weights and parameters of which the proportions are these. */
export function withProportions<P>(
  { proportions: hook }: Family<P>,
  proportions: Float64Array,
  parameters: readonly P[],
): { readonly weights: Float64Array; readonly parameters: readonly P[] } {
  return hook?.with(proportions, parameters) ?? { weights: proportions, parameters };
}

/** How many coordinates a component has of its own. */
export function componentSize<P>({ proportions, size }: Family<P>, dimension: number): number {
  return proportions?.componentSize ?? size(dimension);
}

/** ½ Σ (w − w′)² / w̄, on average over the places: the quadratic form of the information of labels, halved. */
export function squaredDistance(a: Float64Array, b: Float64Array, K: number): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) if (a[i] + b[i] > 0) sum += (a[i] - b[i]) ** 2 / (a[i] + b[i]);
  return sum / (a.length / K);
}

/** Each row divided by its sum. */
function normalised(values: Float64Array, K: number): Float64Array {
  const totals = new Float64Array(values.length / K);
  values.forEach((value, i) => {
    totals[Math.floor(i / K)] += value;
  });
  return values.map((value, i) => value / totals[Math.floor(i / K)]);
}

/** The mean of some machines' proportions, by their shares. */
export function meanProportions(
  all: readonly Float64Array[],
  which: readonly number[],
  share: Float64Array,
  K: number,
): Float64Array {
  const sums = new Float64Array(all[0].length);
  for (const i of which) for (let j = 0; j < sums.length; j++) sums[j] += share[i] * all[i][j];
  return normalised(sums, K);
}

/**
 * The proportions that machines have in the middle, if they really differ: the spatial median in the metric Σ (w − w′)² / w, which no
 * minority pulls far (Weiszfeld's iteration).
 */
export function medianProportions(
  all: readonly Float64Array[],
  which: readonly number[],
  mass: Float64Array,
  K: number,
): Float64Array {
  const places = all[0].length / K;
  const middle = (j: number) =>
    quantile(
      which.map((i) => all[i][j]),
      0.5,
    );
  let centre = normalised(
    all[0].map((_, j) => middle(j) + LEAST_WEIGHT),
    K,
  );
  for (let round = 0; round < 100; round++) {
    const pulls = which.map((i) => {
      const squared = centre.reduce((sum, w, j) => sum + (all[i][j] - w) ** 2 / w, 0) / places;
      return mass[i] / Math.sqrt(squared + LEAST_WEIGHT);
    });
    centre = normalised(
      centre.map((_, j) => which.reduce((sum, i, r) => sum + pulls[r] * all[i][j], 0) + LEAST_WEIGHT ** 2),
      K,
    );
  }
  return centre;
}
