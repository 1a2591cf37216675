import type { Data } from 'plotly.js-dist';
import type { Dfmr } from '../aggregate/dfmr';
import { InvalidInput } from '../errors';
import { lowerQuantile } from '../math/quantile';
import { layout, logarithmicAxis, verticalLine } from './axes';
import type { Figure } from './figure';
import { componentColour, honestColour, quietColour } from './palette';

/**
 * The distances to the centre of attention, in radii, of the honest machines of all results together, and of the failed ones of
 * each: 'honest', and a group for each name.
 * @param results DFMR's results by the name of the failure, with the machines that failed
 * @returns the distances of each group, in radii
 */
export function distanceGroups(
  results: Readonly<Record<string, { readonly result: Dfmr<unknown>; readonly failed: ArrayLike<number> }>>,
): Record<string, number[]> {
  const groups: Record<string, number[]> = { honest: [] };
  for (const [name, { result, failed }] of Object.entries(results)) {
    const { distances, radius, coat } = result;
    const wrong = new Set(Array.from(failed));
    groups[name] = Array.from(wrong, (i) => distances[i] / radius);
    for (const [i, distance] of distances.entries())
      if (!wrong.has(i) && i !== coat.index) groups.honest.push(distance / radius);
  }
  return groups;
}

/**
 * How the distances to the centre of attention are distributed in groups of machines, the honest ones and those of each failure:
 * smoothed histograms on a logarithmic axis, each as high as the others.
 * @param groups the distances of each group, in radii; the first is blue
 * @throws InvalidInput if a group has no distance above 0
 */
export function distanceDistributionFigure(
  groups: Readonly<Record<string, ArrayLike<number>>>,
  {
    inflationFactor,
    distance = 'L² distance',
  }: {
    /** ρ, at which the threshold is drawn */
    readonly inflationFactor: number;
    /**
     * what was measured: the title of the distance matrix
     * @defaultValue 'L² distance'
     */
    readonly distance?: string;
  },
): Figure {
  for (const [name, group] of Object.entries(groups))
    if (!Array.from(group).some((one) => one > 0))
      throw new InvalidInput(`the group '${name}' has no distance above 0`);
  const logs = Object.values(groups).map((group) =>
    Array.from(group)
      .filter((one) => one > 0)
      .map(Math.log10),
  );
  const all = logs.flat();
  const [low, high] = [Math.min(...all) - 0.15, Math.max(...all) + 0.15];
  const places = Array.from({ length: 601 }, (_, i) => low + ((high - low) * i) / 600);
  const data = Object.keys(groups).map((name, g): Partial<Data> => {
    const colour = g === 0 ? honestColour : componentColour(g);
    const width = bandwidth(logs[g]);
    const heights = places.map((place) => kernelDensity(logs[g], place, width));
    const peak = Math.max(...heights);
    return {
      type: 'scatter',
      mode: 'lines',
      name,
      x: places.map((place) => 10 ** place),
      y: heights.map((height) => height / peak),
      line: { color: colour, width: 2 },
      fill: 'tozeroy',
      fillcolor: `${colour}22`,
      hovertemplate: `${name}: %{x:.3g} radii<extra></extra>`,
    };
  });
  return {
    data,
    layout: layout({
      xaxis: { title: { text: `${distance} to the COAT, in radii r` }, ...logarithmicAxis(10 ** low, 10 ** high) },
      yaxis: { title: { text: 'density, each with its peak at 1' }, rangemode: 'tozero', tickvals: [0, 0.5, 1] },
      shapes: [verticalLine(inflationFactor, { color: quietColour, width: 1.5, dash: 'dash' })],
      annotations: [
        {
          x: Math.log10(inflationFactor),
          y: 1,
          yref: 'paper',
          yanchor: 'top',
          xanchor: 'left',
          showarrow: false,
          text: ` threshold, ρ = ${inflationFactor}`,
          font: { color: '#666', size: 12 },
        },
      ],
    }),
  };
}

/** The sum of normal densities about the points, up to a factor. */
function kernelDensity(points: readonly number[], at: number, width: number): number {
  return points.reduce((total, point) => total + Math.exp(-0.5 * ((at - point) / width) ** 2), 0);
}

/** The bandwidth by Silverman's rule of thumb (1986), (3.31). */
function bandwidth(points: readonly number[]): number {
  const sorted = [...points].sort((a, b) => a - b);
  const n = sorted.length;
  const mean = sorted.reduce((sum, point) => sum + point, 0) / n;
  const deviation = Math.sqrt(sorted.reduce((sum, point) => sum + (point - mean) ** 2, 0) / Math.max(1, n - 1));
  const range = (lowerQuantile(points, 0.75) - lowerQuantile(points, 0.25)) / 1.34;
  const spread = Math.min(deviation, range > 0 ? range : deviation);
  return 0.9 * (spread > 0 ? spread : 0.01) * n ** -0.2;
}
