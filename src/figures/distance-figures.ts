import type { Annotation, Data } from 'plotly.js-dist';
import type { Dfmr } from '../aggregate/dfmr';
import type { DistanceMatrix } from '../distance/distance-matrix';
import { countingTicks, evenlySpaced, layout, logarithmicAxis } from './axes';
import type { Figure } from './figure';
import { failedColour, honestColour, methodColour } from './palette';

/** More machines than this cannot be told apart: of their order by distance, so many are drawn, evenly spaced. */
const MOST_MACHINES = 1000;

/**
 * Every machine's distance to the centre of attention, in units of the radius, nearest first; what lies in the shaded
 * band is kept. Of more than 1000 machines, 1000 are drawn, evenly spaced in that order.
 * @param result of `dfmr`
 * @param options what is known of the machines, and what was measured
 * @example
 * const { estimates, failed } = fail(fits, { kind: 'mean', fraction: 0.2, seed: 1 });
 * const figure = distanceFigure(dfmr(estimates), { failed });
 * figure.data.map(({ name }) => name); // ['COAT (machine 4, at distance 0)', 'honest, kept', 'failed, set aside']
 */
export function distanceFigure(
  result: Dfmr<unknown>,
  options: {
    /**
     * the machines that are known to have failed, as in simulations: they are marked by triangles
     * @defaultValue none
     */
    readonly failed?: ArrayLike<number>;
    /**
     * the names of the machines
     * @defaultValue 'machine 0', 'machine 1', …
     */
    readonly names?: readonly string[];
    /**
     * what was measured: the title of the distance matrix
     * @defaultValue 'L² distance'
     */
    readonly distance?: string;
  } = {},
): Figure {
  const { failed = [], names, distance = 'L² distance' } = options;
  const { coat, kept, distances } = result;
  const nameOf = (i: number) => names?.[i] ?? `machine ${i}`;
  const wrong = new Set(Array.from(failed));
  const inBall = new Set(kept);
  const others = Array.from(distances.keys())
    .filter((i) => i !== coat.index)
    .sort((a, b) => distances[a] - distances[b]);
  const drawn = evenlySpaced(others, MOST_MACHINES);
  const placeOf = new Map(others.map((i, at) => [i, at + 2]));
  const scale = heights(result, others);
  const group = (name: string, colour: string, symbol: 'circle' | 'triangle-up', fails: boolean) =>
    [true, false].flatMap((isKept): Partial<Data>[] => {
      const members = drawn.filter((i) => wrong.has(i) === fails && inBall.has(i) === isKept);
      if (members.length === 0) return [];
      const verdict = isKept ? 'kept' : 'set aside';
      return [
        {
          type: 'scatter',
          mode: 'markers',
          name: `${name}, ${verdict}`,
          x: members.map((i) => placeOf.get(i) as number),
          y: members.map(scale.of),
          text: members.map((i) => `${nameOf(i)}, ${verdict}`),
          hovertemplate: '%{text}<br>distance %{y:.3g} radii<extra></extra>',
          marker: {
            size: 10,
            symbol: isKept ? symbol : `${symbol}-open`,
            color: colour,
            line: { width: 1.5, color: colour },
          },
        },
      ];
    });
  return {
    data: [
      {
        type: 'scatter',
        mode: 'markers',
        name: `COAT (${nameOf(coat.index)}, at distance 0)`,
        x: [1],
        y: [scale.floor],
        hovertemplate: `${nameOf(coat.index)}, the centre of attention<extra></extra>`,
        marker: { size: 18, symbol: 'star', color: methodColour('COAT'), line: { width: 1, color: '#333' } },
      },
      ...group(wrong.size > 0 ? 'honest' : 'machine', honestColour, 'circle', false),
      ...group('failed', failedColour, 'triangle-up', true),
    ],
    layout: distanceLayout(
      result,
      distance,
      scale,
      others.reduce((most, i) => Math.max(most, scale.of(i)), -Infinity),
    ),
  };
}

/** Heights on a logarithmic axis, in radii: it shows 0 at its floor, and Infinity above all that is finite. */
interface Heights {
  readonly floor: number;
  /** ρ */
  readonly threshold: number;
  /** of a machine */
  of(machine: number): number;
}

function heights({ distances, radius, threshold }: Dfmr<unknown>, others: readonly number[]): Heights {
  const unit = radius > 0 ? radius : 1;
  const positive = others.map((i) => distances[i] / unit).filter((d) => d > 0);
  const floor = positive.reduce((least, d) => Math.min(least, d), 1) / 2;
  const finite = positive.filter(Number.isFinite);
  const ceiling = 3 * finite.reduce((most, d) => Math.max(most, d), Math.max(1, threshold / unit));
  return {
    floor,
    threshold: Math.max(threshold / unit, floor),
    of: (i) => Math.min(Math.max(distances[i] / unit, floor), ceiling),
  };
}

/** The axes of the distances, the band of what is kept, and the radius. */
function distanceLayout(
  { kept, distances }: Dfmr<unknown>,
  title: string,
  { floor, threshold }: Heights,
  highest: number,
): Figure['layout'] {
  const m = distances.length;
  const { tickvals, ticktext, ...axis } = logarithmicAxis(floor / 1.6, 1.6 * Math.max(threshold, highest));
  const above = tickvals.flatMap((tick, i) => (tick > 1.5 * floor ? [i] : []));
  const across = { xref: 'paper', x0: 0, x1: 1 } as const;
  const level = (y: number) => ({ type: 'line', ...across, y0: y, y1: y }) as const;
  return layout({
    xaxis: { title: { text: 'machines, nearest to the COAT first' }, range: [0, m + 1], ...countingTicks(m) },
    yaxis: {
      title: { text: `${title} to the COAT, in radii r` },
      ...axis,
      // what is at distance 0, as the COAT is, stands below all others
      tickvals: [floor, ...above.map((i) => tickvals[i])],
      ticktext: ['0', ...above.map((i) => ticktext[i])],
    },
    shapes: [
      {
        type: 'rect',
        ...across,
        y0: floor / 1.6,
        y1: threshold,
        fillcolor: honestColour,
        opacity: 0.08,
        line: { width: 0 },
        layer: 'below',
      },
      { ...level(threshold), line: { color: honestColour, width: 1.5 } },
      { ...level(1), line: { color: '#777', width: 1, dash: 'dot' } },
    ],
    annotations: [
      note(threshold, 'bottom', `threshold, ${Number(threshold.toPrecision(3))} radii: ${kept.length} of ${m} kept`),
      note(1, 'top', 'radius r'),
    ],
  });
}

/** A note at the left end of the line at height y. */
function note(y: number, yanchor: 'top' | 'bottom', text: string): Partial<Annotation> {
  const font = { color: yanchor === 'top' ? '#666' : honestColour, size: 12 };
  return { xref: 'paper', x: 0.01, xanchor: 'left', y: Math.log10(y), yanchor, text, showarrow: false, font };
}

/**
 * All pairwise distances as a picture, machines sorted by their distance to the centre of attention, on a logarithmic
 * scale: blue if two estimates are closer than the threshold, orange if they are farther.
 * @param matrix the distances that the result was found with
 * @param result of `dfmr`, found with these distances
 * @param options what is known of the machines
 * @example
 * const { estimates, failed } = fail(fits, { kind: 'mean', fraction: 0.2, seed: 1 });
 * const distances = l2DistanceMatrix(estimates);
 * const figure = distanceMatrixFigure(distances, dfmr(estimates, { distanceMatrix: distances }), { failed });
 * figure.data[0].type; // 'heatmap'
 */
export function distanceMatrixFigure(
  matrix: DistanceMatrix,
  result: Dfmr<unknown>,
  options: {
    /**
     * the machines that are known to have failed, as in simulations: they are marked by triangles
     * @defaultValue none
     */
    readonly failed?: ArrayLike<number>;
    /**
     * the names of the machines, all different
     * @defaultValue 'machine 0', 'machine 1', …
     */
    readonly names?: readonly string[];
  } = {},
): Figure {
  const { distances, threshold } = result;
  const { failed = [], names: given } = options;
  const { title = 'distance' } = matrix;
  const nameOf = (i: number) => given?.[i] ?? `machine ${i}`;
  const order = Array.from(distances.keys()).sort((a, b) => distances[a] - distances[b]);
  const unit = threshold > 0 ? threshold : 1;
  const names = order.map(nameOf);
  const marked = Array.from(failed, nameOf);
  const shade = (i: number, j: number) =>
    i === j || matrix.at(i, j) === 0 ? null : Math.log10(matrix.at(i, j) / unit);
  const axis = {
    title: { text: 'machines, nearest first', standoff: 8 },
    tickmode: 'array',
    tickvals: marked,
    ticktext: marked.map(() => '▲'),
    tickfont: { color: failedColour },
    tickangle: 0,
    ticks: '',
    constrain: 'domain',
    showgrid: false,
  } as const;
  return {
    data: [
      {
        type: 'heatmap',
        x: names,
        y: names,
        z: order.map((i) => order.map((j) => shade(i, j))) as number[][],
        colorscale: [
          [0, honestColour],
          [0.5, '#F7F7F7'],
          [1, failedColour],
        ],
        zmid: 0,
        hovertemplate: '%{y} and %{x}<br>10<sup>%{z:.2f}</sup> times the threshold<extra></extra>',
        colorbar: { title: { text: `log₁₀ (${title} / threshold)`, side: 'right' }, thickness: 14, len: 0.9 },
      },
    ],
    layout: layout({
      height: 520,
      plot_bgcolor: '#BDBDBD', // an estimate and itself
      xaxis: axis,
      yaxis: { ...axis, scaleanchor: 'x', autorange: 'reversed' },
    }),
  };
}
