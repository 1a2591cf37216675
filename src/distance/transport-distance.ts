import { transport } from '../math/transport';
import { comparable, type Estimate } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { finished, type Steps } from '../work/work';
import { type Cost, costOf } from './costs';
import { type DistanceMatrix, type DistanceRows, distanceMatrixOf, rowsBetween } from './distance-matrix';

/**
 * The root of the symmetrised transport divergence between all pairs of mixtures, D² = ½ {T_c(G, H) + T_c(H, G)} with T_c of (2).
 * It compares components one with another, and so resolves where they lie even if densities hardly overlap, when L² does not. A few
 * components near the honest ones do not hide the others of a failed machine. If a cost is beyond float64, D is Infinity.
 * @param estimates m mixtures, or results that hold one, of one family and dimension
 * @param options the cost between components
 * @returns m × m distances
 * @throws InvalidInput if the list is empty, or the mixtures differ in family or dimension
 * @example
 * const distances = transportDistanceMatrix(fits);
 * distances.at(0, 1); // 3.59: in roots of nats
 */
export function transportDistanceMatrix<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  options: {
    /**
     * c(θ, θ′)
     * @defaultValue 'kl', the Kullback–Leibler divergence
     */
    readonly cost?: Cost<Parameter>;
  } = {},
): DistanceMatrix {
  const { cost = 'kl' } = options;
  return finished(transportSteps(comparable(estimates), cost));
}

/** The steps of `transportDistanceMatrix`, a row of the triangle each. */
export function* transportSteps<Parameter>(
  mixtures: readonly Mixture<Parameter>[],
  cost: Cost<Parameter> = 'kl',
): Steps<DistanceMatrix> {
  const between = comparison(mixtures, cost);
  const m = mixtures.length;
  const values = new Float64Array(m * m);
  for (let i = 0; i < m - 1; i++) {
    for (let j = i + 1; j < m; j++) values[i * m + j] = values[j * m + i] = between(i, j);
    yield { stage: 'distances', done: ((i + 1) * (2 * m - i - 2)) / 2, total: (m * (m - 1)) / 2 };
  }
  return distanceMatrixOf('transport distance', values);
}

/** The rows of the mixtures `from`, a pair each step. */
export function* transportRowsSteps<Parameter>(
  mixtures: readonly Mixture<Parameter>[],
  from: ArrayLike<number>,
): Steps<DistanceRows> {
  return yield* rowsBetween('transport distance', mixtures.length, from, comparison(mixtures, 'kl'));
}

/** D of mixtures i and j. */
function comparison<Parameter>(
  mixtures: readonly Mixture<Parameter>[],
  cost: Cost<Parameter>,
): (i: number, j: number) => number {
  const { divergence, divergences } = costOf(cost, mixtures[0].family);
  const tables = mixtures.map(({ parameters }) => {
    const all = divergences?.(parameters);
    return (to: readonly Parameter[]) =>
      all?.(to) ?? Float64Array.from(parameters.flatMap((a) => to.map((b) => divergence(a, b))));
  });
  const oneWay = (i: number, j: number): number => {
    const costs = tables[i](mixtures[j].parameters);
    return costs.every(Number.isFinite) ? transport(costs, mixtures[i].weights, mixtures[j].weights).value : Infinity;
  };
  return (i, j) => Math.sqrt((oneWay(i, j) + oneWay(j, i)) / 2);
}
