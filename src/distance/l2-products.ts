import { BeyondFloat64 } from '../errors';
import { fastForm } from '../families/fast-form';
import { described } from '../math/checks';
import { lowerMedian } from '../math/quantile';
import type { Mixture } from '../mixture/mixture';

/** A product that is this far below the largest, in logarithms, changes no sum: e^−60 is 1e-26. */
const NEGLIGIBLE_LOG_GAP = 60;

/** Terms whose logarithm is above this count as Infinity: float64 ends at e^709, and many terms are added. */
const MAX_LOG_TERM = 690;

/** Within exp(± this) no sum of products of densities comes near the ends of float64. */
const SAFE_LOG_NORM = 300;

/** log w_k + log w_l + log I(θ_k, θ_l) of each mixture with itself. */
export function ownProducts(mixtures: readonly Mixture[], products: LogProductsOfPair): Float64Array[] {
  return mixtures.map((_, i) => products(i, i).slice());
}

/** The squared norms ‖f‖² of mixtures, divided by exp(shift), which is 1 unless most of them are beyond float64. */
export interface Scale {
  readonly norms: readonly number[];
  readonly shift: number;
  readonly notSquareIntegrable: ReadonlyMap<number, string>;
}

export function scaleOf(mixtures: readonly Mixture[], own: readonly Float64Array[]): Scale {
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
export type LogProductsOfPair = (i: number, j: number) => Float64Array;

/**
 * Those of one i are prepared together, so i should vary slowest.
 * @param others j of a pair that is not (i, i) is below this
 */
export function innerProducts(mixtures: readonly Mixture[], others = Infinity): LogProductsOfPair {
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
    if (logs && addWeights(first, second, logs, { from: starts[j] - from, width }, products)) return products;
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

/**
 * log w_k + log w′_l + a product, which are `width` apart from line to line; a function of its own, as its loops are compiled to slower code
 * where they read what surrounds them.
 * @returns whether all are known: of those that are NaN the family must be asked
 */
function addWeights(
  first: Float64Array,
  second: Float64Array,
  logs: Float64Array,
  { from, width }: { readonly from: number; readonly width: number },
  products: Float64Array,
): boolean {
  let known = true;
  for (let k = 0, at = 0; k < first.length; k++) {
    const own = first[k];
    for (let l = 0, log = from + k * width; l < second.length; l++, at++) {
      const product = own + second[l] + logs[log + l];
      if (Number.isNaN(product)) known = false;
      products[at] = product;
    }
  }
  return known;
}

function whyNot({ family, weights, parameters }: Mixture, i: number): string {
  const worst = parameters.findIndex((p, k) => weights[k] > 0 && family.logInnerProduct(p, p) === Infinity);
  const rule = family.squareIntegrable ? `: ${family.squareIntegrable}` : '';
  const which = `component ${worst} of mixture ${i}, ${described(family.toJSON(parameters[worst]))}`;
  return `the density of ${which}, is not square integrable${rule}`;
}

export function squaredDistance(normG: number, product: number, normH: number): number {
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
export function sumExp(logs: Float64Array, shift: number): number {
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
