import { transport } from '../math/transport';
import { comparable, type Estimate } from '../mixture/given';
import { type Cost, costOf } from './costs';
import { type DistanceMatrix, distanceMatrixOf } from './distance-matrix';

/**
 * The root of the symmetrised transport divergence between all pairs of mixtures, D² = ½ {T_c(G, H) + T_c(H, G)} with T_c of (2).
 * It compares component with component, and so sees where they lie where densities hardly overlap and L² does not; a failed
 * machine's few components near the honest ones do not hide its others. Where a cost is beyond float64, D is Infinity.
 * @throws where the list is empty, or the mixtures differ in family or dimension; with the signal's reason when it aborts
 */
export function transportDistanceMatrix<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  {
    cost = 'kl',
    onProgress,
    signal,
  }: {
    /** c(θ, θ′); the Kullback–Leibler divergence, 'kl', if not given */
    readonly cost?: Cost<Parameter>;
    /** called after each row of the triangle, with the number of pairs */
    readonly onProgress?: (done: number, total: number) => void;
    /** ends the work, with the signal's reason, before the next row */
    readonly signal?: AbortSignal;
  } = {},
): DistanceMatrix {
  const mixtures = comparable(estimates);
  const { divergence, divergences } = costOf(cost, mixtures[0].family);
  const m = mixtures.length;
  const tables = mixtures.map(({ parameters }) => {
    const all = divergences?.(parameters);
    return (to: readonly Parameter[]) =>
      all?.(to) ?? Float64Array.from(parameters.flatMap((a) => to.map((b) => divergence(a, b))));
  });
  const between = (i: number, j: number): number => {
    const costs = tables[i](mixtures[j].parameters);
    return costs.every(Number.isFinite) ? transport(costs, mixtures[i].weights, mixtures[j].weights).value : Infinity;
  };
  const values = new Float64Array(m * m);
  for (let i = 0; i < m - 1; i++) {
    signal?.throwIfAborted();
    for (let j = i + 1; j < m; j++) {
      values[i * m + j] = values[j * m + i] = Math.sqrt((between(i, j) + between(j, i)) / 2);
    }
    onProgress?.(((i + 1) * (2 * m - i - 2)) / 2, (m * (m - 1)) / 2);
  }
  return distanceMatrixOf(`transport distances between ${m} mixtures`, values);
}
