import type { Data } from 'plotly.js-dist';
import type { Dfmr } from '../aggregate/dfmr';
import { InvalidInput } from '../errors';
import { lowerQuantile } from '../math/quantile';
import { AXIS, layout, logarithmicAxis, verticalLine } from './axes';
import type { Figure } from './figure';
import { componentColour, honestColour, quietColour } from './palette';

/**
 * The distances to the centre of attention, in radii, of the honest machines of all results together, and of the failed ones of
 * each: 'honest', and a group for each name.
 * @param results DFMR's results by the name of the failure, with the machines that failed
 * @returns the distances of each group, in radii
 * @example
 * const { estimates, failed } = fail(fits, { kind: 'mean', fraction: 0.2, seed: 1 });
 * const groups = distanceGroups({ mean: { result: dfmr(estimates), failed } });
 * groups.honest.length; // 3: the COAT is at distance 0 from itself, and left out
 * groups.mean; // [4.83]: radii
 */
export function distanceGroups(
  results: Readonly<
    Record<
      string,
      {
        /** DFMR's result */
        readonly result: Dfmr<unknown>;
        /** the machines that failed, by index */
        readonly failed: ArrayLike<number>;
      }
    >
  >,
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

/** What of distances their figures show. */
export interface DistanceDistributionOptions {
  /** ρ, at which the threshold is drawn */
  readonly inflationFactor: number;
  /**
   * what was measured: the title of the distance matrix
   * @defaultValue 'L² distance'
   */
  readonly distance?: string;
}

/**
 * How the distances to the centre of attention are distributed in groups of machines, the honest ones and those of each failure:
 * smoothed histograms on a logarithmic axis, each as high as the others.
 * @param groups the distances of each group, in radii; the first is blue
 * @param options ρ, and what was measured
 * @throws InvalidInput if a group has no distance above 0
 * @example
 * const { estimates, failed } = fail(fits, { kind: 'mean', fraction: 0.2, seed: 1 });
 * const groups = distanceGroups({ mean: { result: dfmr(estimates), failed } });
 * const figure = distanceDistributionFigure(groups, { inflationFactor: 1.3 });
 * figure.data.map(({ name }) => name); // ['honest', 'mean']
 */
export function distanceDistributionFigure(
  groups: Readonly<Record<string, ArrayLike<number>>>,
  options: DistanceDistributionOptions,
): Figure {
  return distanceStripsFigure({ '': groups }, options);
}

/**
 * `distanceDistributionFigure` of several cases, a strip for each, above each other on one axis of distances.
 * @param cases the groups of each case, by its name
 * @param options ρ, and what was measured
 * @throws InvalidInput if a group has no distance above 0
 * @example
 * const groupsOf = (kind: 'mean' | 'covariance') => {
 *   const { estimates, failed } = fail(fits, { kind, fraction: 0.2, seed: 1 });
 *   return distanceGroups({ failed: { result: dfmr(estimates), failed } });
 * };
 * const figure = distanceStripsFigure({ mean: groupsOf('mean'), covariance: groupsOf('covariance') }, { inflationFactor: 1.3 });
 * figure.data.length; // 4: two groups in each of two strips
 */
export function distanceStripsFigure(
  cases: Readonly<Record<string, Readonly<Record<string, ArrayLike<number>>>>>,
  options: DistanceDistributionOptions,
): Figure {
  const { inflationFactor, distance = 'L² distance' } = options;
  const strips = Object.entries(cases).map(([name, groups]) => ({ name, logs: logsOf(groups) }));
  const all = strips.flatMap(({ logs }) => Object.values(logs).flat());
  const [low, high] = [Math.min(...all) - 0.15, Math.max(...all) + 0.15];
  const groupNames = [...new Set(strips.flatMap(({ logs }) => Object.keys(logs)))];
  const count = strips.length;
  const axisOf = (i: number) => (i === 0 ? '' : `${i + 1}`);
  const data = strips.flatMap(({ logs }, i) =>
    groupNames
      .filter((name) => logs[name])
      .map((name): Partial<Data> => {
        const g = groupNames.indexOf(name);
        const curve = curveOf(name, logs[name], g === 0 ? honestColour : componentColour(g), [low, high]);
        const first = strips.findIndex((strip) => strip.logs[name]) === i;
        return { ...curve, yaxis: `y${axisOf(i)}`, legendgroup: name, showlegend: first } as Partial<Data>;
      }),
  );
  const height = (i: number) => [1 - (i + 0.88) / count, 1 - i / count] as [number, number];
  const heights = Object.fromEntries(
    strips.map((_, i) => [
      `yaxis${axisOf(i)}`,
      { ...AXIS, rangemode: 'tozero', ...(count === 1 ? ONE_STRIP : { tickvals: [], domain: height(i) }) },
    ]),
  );
  const note = { showarrow: false, xanchor: 'left', yanchor: 'top', yref: 'paper' } as const;
  return {
    data,
    layout: {
      ...layout({
        height: count === 1 ? 420 : 120 + 150 * count,
        xaxis: {
          title: { text: `${distance} to the COAT, in radii r` },
          ...logarithmicAxis(10 ** low, 10 ** high),
          anchor: `y${axisOf(count - 1)}` as 'y',
        },
        shapes: [verticalLine(inflationFactor, { color: quietColour, width: 1.5, dash: 'dash' })],
        annotations: [
          {
            ...note,
            x: Math.log10(inflationFactor),
            y: 1,
            text: ` threshold, ρ = ${inflationFactor}`,
            font: { color: '#666', size: 12 },
          },
          ...(count === 1
            ? []
            : strips.map(({ name }, i) => ({
                ...note,
                xref: 'paper' as const,
                x: 0,
                y: height(i)[1],
                text: `<b>${name}</b>`,
              }))),
        ],
      }),
      ...heights,
    },
  };
}

const ONE_STRIP = { title: { text: 'density, each with its peak at 1' }, tickvals: [0, 0.5, 1] };

/** log₁₀ of the distances of each group. */
function logsOf(groups: Readonly<Record<string, ArrayLike<number>>>): Record<string, number[]> {
  const logs: Record<string, number[]> = {};
  for (const [name, group] of Object.entries(groups)) {
    logs[name] = Array.from(group)
      .filter((one) => one > 0)
      .map(Math.log10);
    if (logs[name].length === 0) throw new InvalidInput(`the group '${name}' has no distance above 0`);
  }
  return logs;
}

/** A smoothed histogram, as high as 1. */
function curveOf(name: string, logs: readonly number[], colour: string, [low, high]: [number, number]): Partial<Data> {
  const places = Array.from({ length: 601 }, (_, i) => low + ((high - low) * i) / 600);
  const width = bandwidth(logs);
  const heights = places.map((place) => kernelDensity(logs, place, width));
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
