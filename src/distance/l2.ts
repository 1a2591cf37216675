import { InvalidInput } from '../errors';
import { comparable, type Estimate } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { finished, type Steps } from '../work/work';
import { type DistanceMatrix, type DistanceRows, distanceMatrixOf, distanceRowsOf } from './distance-matrix';
import { innerProducts, ownProducts, type Scale, scaleOf, squaredDistance, sumExp } from './l2-products';
import { smootherOf } from './smoothing';

/**
 * D(f_G, f_H) = {∫ (f_G − f_H)²}^½, §2.3 of the paper. The orders of G and H may differ.
 * A distance that is beyond float64 is returned as 0 or Infinity; `l2DistanceMatrix` keeps such a distance, with its scale.
 * @param G a mixture, or a result that holds one
 * @param H another, of the same family and dimension
 * @returns D(f_G, f_H)
 * @throws InvalidInput if G and H differ in family or dimension, or the density of one is not square integrable
 * @example
 * l2Distance(fits[0], truth); // 1.52
 * l2Distance(truth, truth); // 0
 */
export function l2Distance(G: Estimate, H: Estimate): number {
  const distances = l2DistanceMatrix([G, H]);
  for (const reason of distances.notSquareIntegrable?.values() ?? [])
    throw new InvalidInput(`there is no L² distance: ${reason}`);
  const scaled = distances.at(0, 1);
  return scaled === 0 || distances.logScale === 0 ? scaled : Math.exp(distances.logScale + Math.log(scaled));
}

/**
 * The L² distances between all pairs of mixtures, D² = wᵀ I w − 2 wᵀ I w′ + w′ᵀ I w′ with I the inner products of the
 * components, each computed once. I is kept as a logarithm and scaled by one common before, the median of the mixtures'
 * own squared norms: the honest majority is resolved however narrow or wide a failed estimate is. A density that is
 * beyond float64 in that scale is at distance Infinity, and so is one that is not square integrable; a D² within its own
 * rounding is 0.
 * @param estimates m mixtures, or results that hold one, of one family and dimension
 * @param options the smoothing
 * @returns m × m distances
 * @throws InvalidInput if the list is empty, the mixtures differ in family or dimension, or the family cannot be smoothed
 * @example
 * const distances = l2DistanceMatrix(fits);
 * distances.size; // 5
 * distances.at(0, 1); // 3.63: between machines 0 and 1
 */
export function l2DistanceMatrix(
  estimates: readonly Estimate[],
  options: {
    /**
     * h ≥ 0: compares densities that are all convolved with N(0, h S), S the variances within components, by the median over
     * machines, for Gaussian families. In many dimensions and with few rows, honest densities hardly overlap, and L² compares how
     * peaked they are; h between ½ and 2 lets it compare where they lie.
     * @defaultValue 0, the densities as they are
     */
    readonly smoothing?: number;
  } = {},
): DistanceMatrix {
  const { smoothing = 0 } = options;
  return finished(l2Steps(comparable(estimates), smoothing));
}

/** The steps of `l2DistanceMatrix`, a row of the triangle each. */
export function* l2Steps(given: readonly Mixture[], smoothing = 0): Steps<DistanceMatrix> {
  const mixtures = given.map(smootherOf(given, smoothing));
  const m = mixtures.length;
  const products = innerProducts(mixtures);
  const { norms, shift, notSquareIntegrable } = scaleOf(mixtures, ownProducts(mixtures, products));
  const entries = new Float64Array(m * m);
  // a function of its own, as loops within generators are compiled to slower code
  const fillRow = (i: number) => {
    for (let j = 0; j < i; j++) {
      const infinite = norms[i] === Infinity || norms[j] === Infinity;
      const product = infinite ? 0 : sumExp(products(i, j), shift);
      entries[i * m + j] = entries[j * m + i] = Math.sqrt(squaredDistance(norms[i], product, norms[j]));
    }
  };
  for (let i = 1; i < m; i++) {
    fillRow(i);
    yield { stage: 'distances', done: (i * (i + 1)) / 2, total: (m * (m - 1)) / 2 };
  }
  return distanceMatrixOf(titleOf(smoothing), entries, {
    logScale: shift / 2,
    norms: Float64Array.from(norms, Math.sqrt),
    notSquareIntegrable,
  });
}

const titleOf = (smoothing: number) => (smoothing > 0 ? 'smoothed L² distance' : 'L² distance');

/** Numbers of parameters that are prepared for products at once: some tens of megabytes. */
const BLOCK_NUMBERS = 1e6;

/** Mixtures that are prepared at once, so that a step is short. */
const BLOCK_MIXTURES = 1000;

/**
 * The rows of `l2DistanceMatrix` that are of the mixtures `from`, to the bit, a column each step: from · m pairs, and memory for
 * these and for a block of mixtures.
 */
export function* l2RowsSteps(given: readonly Mixture[], from: ArrayLike<number>, smoothing = 0): Steps<DistanceRows> {
  const m = given.length;
  const [{ dimension, order }] = given;
  const smoother = smootherOf(given, smoothing);
  const candidates = Array.from(from, (i) => smoother(given[i]));
  const s = candidates.length;
  const length = Math.max(s, Math.min(BLOCK_MIXTURES, Math.ceil(BLOCK_NUMBERS / (order * dimension ** 2))));
  const ofCandidates = ownProducts(candidates, innerProducts(candidates));
  const own = new Array<Float64Array>(m);
  const inner = candidates.map(() => new Float64Array(m));
  let scale: Scale = { norms: [], shift: 0, notSquareIntegrable: new Map() };
  let before: number;
  do {
    const { shift } = scale;
    before = shift;
    const norms = ofCandidates.map((logs) => sumExp(logs, shift));
    for (let first = 0; first < m; first += length) {
      const block = given.slice(first, first + length).map(smoother);
      const products = innerProducts([...candidates, ...block], s);
      const fillColumn = (j: number) => {
        const i = s + j - first;
        own[j] = products(i, i).slice();
        const isInfinite = sumExp(own[j], shift) === Infinity;
        for (let r = 0; r < s; r++)
          inner[r][j] = isInfinite || norms[r] === Infinity ? 0 : sumExp(products(i, r), shift);
      };
      for (let j = first; j < first + block.length; j++) {
        fillColumn(j);
        yield { stage: 'distances', done: s * (j + 1), total: s * m };
      }
    }
    scale = scaleOf(given, own);
  } while (scale.shift !== before); // once more, if most norms are beyond float64
  const { norms, shift, notSquareIntegrable } = scale;
  const rows = inner.map((row, r) =>
    row.map((product, j) => (j === from[r] ? 0 : Math.sqrt(squaredDistance(norms[from[r]], product, norms[j])))),
  );
  return distanceRowsOf(titleOf(smoothing), from, rows, {
    logScale: shift / 2,
    norms: Float64Array.from(norms, Math.sqrt),
    notSquareIntegrable,
  });
}
