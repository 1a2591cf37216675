import { InvalidInput } from '../errors';
import { transport } from '../math/transport';
import { layout } from './axes';
import type { Figure } from './figure';

/**
 * How often rows of each class fell into each cluster. Clusters have no names: each stands in the column of the class that it is
 * matched with, so that as many rows as possible are on the diagonal (an assignment problem).
 * @param classes the classes of n rows, 0 … K − 1
 * @param clusters the clusters of the same rows, 0 … K − 1
 * @param options the names of the classes
 * @throws InvalidInput if a row has no class or no cluster, or one of K or more
 * @example
 * const { data, labels } = sample(truth, 300, 1);
 * const clusters = classify(fit(data, { order: 3 }).mixture, data);
 * const figure = confusionFigure(labels, clusters, { names: ['oak', 'ash', 'elm'] });
 * figure.data[0].type; // 'heatmap'
 */
export function confusionFigure(
  classes: ArrayLike<number>,
  clusters: ArrayLike<number>,
  options: {
    /** the names of the K classes */
    readonly names: readonly string[];
  },
): Figure {
  const { names } = options;
  const counts = confusion(classes, clusters, names.length);
  const matched = matching(counts);
  const z = counts.map((row) => matched.map((k) => row[k]));
  const shares = z.map((row) => {
    const total = row.reduce((sum, value) => sum + value, 0);
    return row.map((value) => (total > 0 ? value / total : 0));
  });
  const rows = names.map((name) => `class ${name}`);
  const columns = names.map((name, k) => `${name} (cluster ${matched[k]})`);
  return {
    data: [
      {
        type: 'heatmap',
        x: columns,
        y: rows,
        z: shares,
        zmin: 0,
        zmax: 1,
        text: z.map((row) => row.map((value) => (value === 0 ? '' : String(value)))) as unknown as string[],
        texttemplate: '%{text}',
        colorscale: [
          [0, '#FFFFFF'],
          [1, '#0072B2'],
        ],
        colorbar: { thickness: 14, title: { text: 'share of the class', side: 'right' } },
        hovertemplate: '%{y} in %{x}: %{text}<extra></extra>',
      },
    ],
    layout: layout({
      height: 520,
      margin: { t: 20, r: 20, b: 60, l: 70 },
      xaxis: {
        title: { text: 'cluster, by the class it is matched with' },
        tickvals: columns,
        ticktext: [...names],
        showgrid: false,
        constrain: 'domain',
      },
      yaxis: {
        title: { text: 'class' },
        tickvals: rows,
        ticktext: [...names],
        showgrid: false,
        autorange: 'reversed',
        scaleanchor: 'x',
      },
    }),
  };
}

/**
 * The class that each cluster is matched with, so that as many rows as possible are in the cluster of their class.
 * @param classes the classes of n rows, 0 … K − 1
 * @param clusters the clusters of the same rows, 0 … K − 1
 * @param order K, the number of classes, and of clusters
 * @returns K classes, one for each cluster
 * @throws InvalidInput if a row has no class or no cluster, or one of K or more
 * @example
 * const { data, labels } = sample(truth, 300, 1);
 * const clusters = fit(data, { order: 3 });
 * const names = classOfCluster(labels, classify(clusters.mixture, data), 3);
 * names; // [1, 2, 0]: the class that clusters 0, 1 and 2 stand for
 */
export function classOfCluster(classes: ArrayLike<number>, clusters: ArrayLike<number>, order: number): Int32Array {
  const matched = matching(confusion(classes, clusters, order));
  return Int32Array.from({ length: order }, (_, cluster) => matched.indexOf(cluster));
}

/** counts[class][cluster], in rows. */
function confusion(classes: ArrayLike<number>, clusters: ArrayLike<number>, order: number): number[][] {
  if (classes.length !== clusters.length)
    throw new InvalidInput(`${classes.length} rows have classes, but ${clusters.length} have clusters`);
  const counts = Array.from({ length: order }, () => new Array<number>(order).fill(0));
  for (let j = 0; j < classes.length; j++) {
    const [a, b] = [classes[j], clusters[j]];
    if (!(counts[a]?.[b] >= 0))
      throw new InvalidInput(`row ${j} is of class ${a} and cluster ${b}: both go from 0 to ${order - 1}`);
    counts[a][b]++;
  }
  return counts;
}

/** The cluster that each class is matched with. */
function matching(counts: readonly (readonly number[])[]): number[] {
  const K = counts.length;
  const ones = new Float64Array(K).fill(1);
  const { plan } = transport(
    Float64Array.from(counts.flat(), (count) => -count),
    ones,
    ones,
  );
  return counts.map((_, row) => {
    const of = plan.subarray(row * K, (row + 1) * K);
    return of.indexOf(Math.max(...of));
  });
}
