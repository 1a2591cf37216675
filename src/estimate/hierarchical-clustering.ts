import type { Samples } from '../math/table';
import { squaredDistance } from './k-means';

/** Clusters that became one, and by how much that raised the sum of squares. */
interface Merge {
  readonly kept: number;
  readonly gone: number;
  readonly cost: number;
}

/**
 * Labels of Ward's hierarchical clustering, cut at `order` clusters: those two become one whose union raises the sum of squared
 * distances to the centres least. Found by chains of nearest neighbours (Murtagh 1983), O(n² d).
 */
export function wardLabels({ data, rows, columns }: Samples, order: number): Int32Array {
  const merges = mergesOf(data.slice(), rows, columns).sort((a, b) => a.cost - b.cost);
  const parent = Int32Array.from({ length: rows }, (_, j) => j);
  const rootOf = (j: number): number => {
    let root = j;
    while (parent[root] !== root) root = parent[root];
    return root;
  };
  for (const { kept, gone } of merges.slice(0, rows - order)) parent[rootOf(gone)] = rootOf(kept);
  const names = new Map<number, number>();
  return Int32Array.from({ length: rows }, (_, j) => {
    const root = rootOf(j);
    if (!names.has(root)) names.set(root, names.size);
    return names.get(root) as number;
  });
}

/** All merges from single rows to one cluster, in the order in which chains find them. */
function mergesOf(centres: Float64Array, rows: number, columns: number): Merge[] {
  const sizes = new Float64Array(rows).fill(1); // 0 for those that are gone
  const cost = (a: number, b: number) =>
    (squaredDistance(centres, a * columns, centres, b * columns, columns) * sizes[a] * sizes[b]) /
    (sizes[a] + sizes[b]);
  const merges: Merge[] = [];
  const chain: number[] = [];
  while (merges.length < rows - 1) {
    if (chain.length === 0) chain.push(sizes.findIndex((size) => size > 0));
    const last = chain[chain.length - 1];
    const before = chain[chain.length - 2] ?? -1;
    let nearest = before;
    let least = before < 0 ? Infinity : cost(last, before);
    for (let i = 0; i < rows; i++) {
      if (sizes[i] === 0 || i === last || i === before) continue;
      const here = cost(last, i);
      if (here < least) [nearest, least] = [i, here];
    }
    if (nearest !== before) {
      chain.push(nearest);
      continue;
    }
    chain.length -= 2; // each is the nearest of the other
    merges.push({ kept: last, gone: before, cost: least });
    const total = sizes[last] + sizes[before];
    for (let c = 0; c < columns; c++) {
      const sum = centres[last * columns + c] * sizes[last] + centres[before * columns + c] * sizes[before];
      centres[last * columns + c] = sum / total;
    }
    [sizes[last], sizes[before]] = [total, 0];
  }
  return merges;
}
