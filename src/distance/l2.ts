import { BeyondFloat64, InvalidInput } from '../errors';
import { fastForm } from '../families/fast-form';
import { described } from '../math/checks';
import { lowerMedian } from '../math/quantile';
import { comparable, type Estimate } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { finished, type Steps } from '../work/work';
import { type DistanceMatrix, type DistanceRows, distanceMatrixOf, distanceRowsOf } from './distance-matrix';
import { smootherOf } from './smoothing';

/** A product that is this far below the largest, in logarithms, changes no sum: e^−60 is 1e-26. */
const NEGLIGIBLE_LOG_GAP = 60;

/** Terms whose logarithm is above this count as Infinity: float64 ends at e^709, and many terms are added. */
const MAX_LOG_TERM = 690;

/** Within exp(± this) no sum of products of densities comes near the ends of float64. */
const SAFE_LOG_NORM = 300;

/**
 * D(f_G, f_H) = {∫ (f_G − f_H)²}^½, §2.3 of the paper. The orders of G and H may differ.
 * A distance that is beyond float64 is returned as 0 or Infinity; `l2DistanceMatrix` keeps such a distance, with its scale.
 * @param G a mixture, or a result that holds one
 * @param H another, of the same family and dimension
 * @returns D(f_G, f_H)
 * @throws InvalidInput if G and H differ in family or dimension, or the density of one is not square integrable
 * @example
 * l2Distance(truth, fits[0]); // 0 only for the same density
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
 * components, each computed once. I is kept as a logarithm and scaled by one common factor, the median of the mixtures'
 * own squared norms: the honest majority is resolved however narrow or wide a failed estimate is. A density that is
 * beyond float64 in that scale is at distance Infinity, and so is one that is not square integrable; a D² within its own
 * rounding is 0.
 * @param estimates m mixtures, or results that hold one, of one family and dimension
 * @returns m × m distances
 * @throws InvalidInput if the list is empty, the mixtures differ in family or dimension, or the family cannot be smoothed
 * @example
 * const distances = l2DistanceMatrix(fits);
 * distances.at(0, 1); // D between machines 0 and 1
 */
export function l2DistanceMatrix(
  estimates: readonly Estimate[],
  {
    smoothing = 0,
  }: {
    /**
     * h ≥ 0: compares densities that are all convolved with N(0, h S), S the variances within components, by the median over
     * machines, for Gaussian families. In many dimensions and with few rows, honest densities hardly overlap, and L² compares how
     * peaked they are; h between ½ and 2 lets it compare where they lie.
     * @defaultValue 0, the densities as they are
     */
    readonly smoothing?: number;
  } = {},
): DistanceMatrix {
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
  const blocks = Array.from({ length: Math.ceil(m / length) }, (_, b) => b * length);
  const blockAt = (first: number) => given.slice(first, first + length).map(smoother);

  const own: Float64Array[] = [];
  for (const first of blocks) {
    const block = blockAt(first);
    for (const logs of ownProducts(block, innerProducts(block))) own.push(logs);
    yield { stage: 'distances', done: 0, total: s * m };
  }
  const { norms, shift, notSquareIntegrable } = scaleOf(given, own);
  const rows = candidates.map(() => new Float64Array(m));
  for (const first of blocks) {
    const block = blockAt(first);
    const products = innerProducts([...candidates, ...block], s);
    const fillColumn = (j: number) => {
      for (let r = 0; r < s; r++) {
        if (from[r] === j) continue;
        const infinite = norms[from[r]] === Infinity || norms[j] === Infinity;
        const product = infinite ? 0 : sumExp(products(s + j - first, r), shift);
        rows[r][j] = Math.sqrt(squaredDistance(norms[from[r]], product, norms[j]));
      }
    };
    for (let j = first; j < first + block.length; j++) {
      fillColumn(j);
      yield { stage: 'distances', done: s * (j + 1), total: s * m };
    }
  }
  return distanceRowsOf(titleOf(smoothing), from, rows, {
    logScale: shift / 2,
    norms: Float64Array.from(norms, Math.sqrt),
    notSquareIntegrable,
  });
}

/** log w_k + log w_l + log I(θ_k, θ_l) of each mixture with itself. */
function ownProducts(mixtures: readonly Mixture[], products: LogProductsOfPair): Float64Array[] {
  return mixtures.map((_, i) => products(i, i).slice());
}

/** The squared norms ‖f‖² of mixtures, divided by exp(shift), which is 1 unless most of them are beyond float64. */
function scaleOf(mixtures: readonly Mixture[], own: readonly Float64Array[]) {
  const notSquareIntegrable = new Map<number, string>();
  own.forEach((logs, i) => {
    if (logs.includes(Infinity)) notSquareIntegrable.set(i, whyNot(mixtures[i], i));
  });
  const logNorms = own.map(logSumExp).filter(Number.isFinite);
  const median = logNorms.length > 0 ? lowerMedian(logNorms) : 0;
  const shift = Math.abs(median) > SAFE_LOG_NORM ? median : 0;
  return { norms: own.map((logs) => sumExp(logs, shift)), shift, notSquareIntegrable };
}

/** log w_k + log w′_l + log I(θ_k, θ′_l) of mixtures i and j ≤ i, in an array that the next call overwrites. */
type LogProductsOfPair = (i: number, j: number) => Float64Array;

/**
 * Those of one i are prepared together, so i should vary slowest.
 * @param others j of a pair that is not (i, i) is below this
 */
function innerProducts(mixtures: readonly Mixture[], others = Infinity): LogProductsOfPair {
  const [{ family }] = mixtures;
  const starts = [0];
  for (const { order } of mixtures) starts.push(starts[starts.length - 1] + order);
  const parameters = mixtures.flatMap((mixture) => mixture.parameters);
  const logWeights = mixtures.map(({ weights }) => weights.map(Math.log));
  const many = fastForm(family, 'logInnerProducts')?.(parameters);
  let products = new Float64Array(0);
  let prepared: { readonly row: number; readonly from: number; readonly width: number; readonly logs?: Float64Array };

  return (i, j) => {
    if (prepared?.row !== i) {
      const columns = j === i ? [starts[i], starts[i + 1]] : [0, starts[Math.min(i, others)]];
      const [from, to] = columns;
      prepared = {
        row: j === i ? -1 : i,
        from,
        width: to - from,
        logs: many?.([starts[i], starts[i + 1]], [from, to]),
      };
    }
    const { logs, from, width } = prepared;
    const [first, second] = [logWeights[i], logWeights[j]];
    if (products.length !== first.length * second.length) products = new Float64Array(first.length * second.length);
    for (let k = 0, at = 0; k < first.length; k++) {
      for (let l = 0; l < second.length; l++, at++) {
        products[at] = first[k] + second[l]; // −Infinity: absent, whatever its product is
        if (products[at] === -Infinity) continue;
        const fast = logs ? logs[k * width + starts[j] + l - from] : Number.NaN;
        products[at] += Number.isNaN(fast) ? product(i, k, j, l) : fast;
      }
    }
    return products;
  };

  function product(i: number, k: number, j: number, l: number): number {
    const log = family.logInnerProduct(mixtures[i].parameters[k], mixtures[j].parameters[l]);
    if (Number.isNaN(log)) {
      throw new BeyondFloat64(
        `the inner product of component ${k} with component ${l} is beyond float64: rescale the data`,
      );
    }
    return log;
  }
}

function whyNot({ family, weights, parameters }: Mixture, i: number): string {
  const worst = parameters.findIndex((p, k) => weights[k] > 0 && family.logInnerProduct(p, p) === Infinity);
  const rule = family.squareIntegrable ? `: ${family.squareIntegrable}` : '';
  const which = `component ${worst} of mixture ${i}, ${described(family.toJSON(parameters[worst]))}`;
  return `the density of ${which}, is not square integrable${rule}`;
}

function squaredDistance(normG: number, product: number, normH: number): number {
  const total = normG + normH;
  if (total === Infinity) return Infinity;
  const squared = total - 2 * product;
  return squared > 8 * Number.EPSILON * total ? squared : 0;
}

/** log Σ exp(logs); Infinity if one of them is. */
function logSumExp(logs: Float64Array): number {
  const most = largest(logs);
  return Number.isFinite(most) ? most + Math.log(sumExp(logs, most)) : most;
}

/**
 * Σ exp(logs − shift), rounded once, so that it does not depend on the order of the components: each term is cut into a multiple
 * of 2^−52 M, M a power of two above all sums, and a rest that is cut likewise; sums of such multiples are exact (Demmel and
 * Nguyen 2015).
 */
function sumExp(logs: Float64Array, shift: number): number {
  const most = largest(logs);
  if (most === -Infinity || most - shift > MAX_LOG_TERM) return most === -Infinity ? 0 : Infinity;
  const coarse = 2 ** Math.ceil((most - shift) * Math.LOG2E + Math.log2(logs.length) + 1);
  const fine = coarse * logs.length * Number.EPSILON;
  let [sum, rests] = [0, 0];
  for (let i = 0; i < logs.length; i++) {
    if (logs[i] < most - NEGLIGIBLE_LOG_GAP) continue;
    const term = Math.exp(logs[i] - shift);
    const multiple = term + coarse - coarse;
    sum += multiple;
    rests += term - multiple + fine - fine;
  }
  return sum + rests;
}

function largest(values: Float64Array): number {
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i] > most) most = values[i];
  return most;
}
