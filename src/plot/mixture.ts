import { Matrix } from 'ml-matrix';
import type { Data } from 'plotly.js-dist';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { symmetricEigen } from '../math/linear-algebra';
import { type Samples, type Table, toSamples } from '../math/table';
import { type Estimate, mixtureOf } from '../mixture/given';
import { classify, logDensity } from '../mixture/posterior';
import { layout } from './axes';
import type { Figure } from './figure';
import { componentColour, quietColour } from './palette';

/** Keeps words legible above points. */
const HALO = '0 0 3px white, 0 0 3px white, 0 0 3px white, 0 0 3px white';

const MOST_POINTS = 1500; // more would hide each other and swell the notebook

/**
 * A Gaussian mixture over the data it describes: the points in the colour of their most probable component, and of each
 * component the ellipse that holds 86 % of it (two standard deviations). More than two features are shown in the plane
 * in which the data are widest; for one there is `densityFigure`.
 * @param names what stands at the components' centres; their numbers, if not given
 */
export function mixtureFigure(
  estimate: Estimate<GaussianParameter>,
  table: Table,
  {
    names,
    axes,
  }: {
    readonly names?: readonly string[];
    readonly axes?: readonly [string, string];
  } = {},
): Figure {
  const mixture = mixtureOf(estimate);
  const all = toSamples(table);
  if (all.columns < 2) throw new Error('a mixture over one feature is drawn by densityFigure');
  const step = Math.ceil(all.rows / MOST_POINTS);
  const shown = Array.from({ length: Math.ceil(all.rows / step) }, (_, i) => i * step);
  const component = classify(mixture, all);
  const plane = all.columns === 2 ? undefined : principalPlane(all);
  const titles =
    axes ?? (plane ? ['first principal axis', 'second principal axis'] : ['first feature', 'second feature']);
  return {
    data: [
      ...mixture.parameters.map(
        (_, k): Partial<Data> => ({
          type: 'scatter',
          mode: 'markers',
          ...coordinates(
            project(
              all,
              plane,
              shown.filter((j) => component[j] === k),
            ),
          ),
          marker: { size: 4, opacity: 0.55, color: componentColour(k) },
          hoverinfo: 'skip',
          showlegend: false,
        }),
      ),
      ...mixture.parameters.flatMap((parameter, k) =>
        outline(parameter, k, names?.[k] ?? `${k}`, mixture.weights[k], plane),
      ),
    ],
    layout: layout({ height: 480, xaxis: { title: { text: titles[0] } }, yaxis: { title: { text: titles[1] } } }),
  };
}

/** A univariate mixture: its density, the share of each component, and the histogram of the data. */
export function densityFigure(
  estimate: Estimate<GaussianParameter>,
  table: Table,
  { axis = 'x' }: { readonly axis?: string } = {},
): Figure {
  const mixture = mixtureOf(estimate);
  const { data, columns } = toSamples(table);
  if (columns > 1) throw new Error(`a mixture over ${columns} features is drawn by mixtureFigure`);
  const [least, most] = data.reduce(([low, high], x) => [Math.min(low, x), Math.max(high, x)], [Infinity, -Infinity]);
  const margin = 0.1 * (most - least);
  const grid = Float64Array.from({ length: 301 }, (_, i) => least - margin + ((most - least + 2 * margin) * i) / 300);
  const curve = (density: Float64Array, name: string, colour: string, width: number): Partial<Data> => ({
    type: 'scatter',
    mode: 'lines',
    name,
    x: grid,
    y: density,
    line: { color: colour, width },
    hoverinfo: 'skip',
  });
  const logs = logDensity(mixture, { data: grid, rows: grid.length, columns: 1 });
  return {
    data: [
      {
        type: 'histogram',
        x: data,
        histnorm: 'probability density',
        name: 'data',
        marker: { color: quietColour, opacity: 0.35 },
        hoverinfo: 'skip',
      },
      ...mixture.parameters.map((parameter, k) => {
        const own = new Float64Array(grid.length);
        mixture.family.logDensity({ data: grid, rows: grid.length, columns: 1 })(parameter, own);
        const share = own.map((log) => mixture.weights[k] * Math.exp(log));
        return curve(share, `component ${k}, weight ${mixture.weights[k].toFixed(2)}`, componentColour(k), 2);
      }),
      curve(logs.map(Math.exp), 'mixture', '#333333', 2.5),
    ],
    layout: layout({
      xaxis: { title: { text: axis } },
      yaxis: { title: { text: 'density, per unit of the axis below' }, rangemode: 'tozero' },
      bargap: 0.02,
    }),
  };
}

interface Plane {
  readonly centre: readonly number[];
  /** d × 2 */
  readonly axes: Matrix;
}

/** The plane of the first two principal axes. */
function principalPlane({ data, rows, columns }: Samples): Plane {
  const matrix = Matrix.from1DArray(rows, columns, data as unknown as number[]);
  const centre = matrix.mean('column');
  const centred = matrix.subRowVector(centre);
  const covariance = centred.transpose().mmul(centred).div(rows);
  const { vectors } = symmetricEigen(Float64Array.from(covariance.to1DArray()), columns);
  return { centre, axes: vectors.subMatrixColumn([columns - 1, columns - 2]) };
}

function project({ data, columns }: Samples, plane: Plane | undefined, rows: readonly number[]): [number, number][] {
  return rows.map((j) => {
    const x = data.subarray(j * columns, (j + 1) * columns);
    if (!plane) return [x[0], x[1]];
    const at = (axis: number) =>
      x.reduce((sum, value, c) => sum + (value - plane.centre[c]) * plane.axes.get(c, axis), 0);
    return [at(0), at(1)];
  });
}

/** To four digits: enough for the eye, and half the notebook. */
function coordinates(points: readonly [number, number][]): { x: number[]; y: number[] } {
  const [x, y] = [0, 1].map((i) => points.map((point) => Number(point[i].toPrecision(4))));
  return { x, y };
}

/** The centre of a component and its two-standard-deviation ellipse. */
function outline(
  { mean, covariance }: GaussianParameter,
  k: number,
  name: string,
  weight: number,
  plane?: Plane,
): Partial<Data>[] {
  const d = mean.length;
  const [centre] = project({ data: mean, rows: 1, columns: d }, plane, [0]);
  const full = Matrix.from1DArray(d, d, covariance as unknown as number[]);
  const flat = plane ? plane.axes.transpose().mmul(full).mmul(plane.axes) : full;
  const { values, vectors } = symmetricEigen(Float64Array.from(flat.to1DArray()), 2);
  const turns = Array.from({ length: 61 }, (_, i) => (2 * Math.PI * i) / 60);
  const ellipse = turns.map((t): [number, number] => {
    const [u, v] = [2 * Math.sqrt(values[0]) * Math.cos(t), 2 * Math.sqrt(values[1]) * Math.sin(t)];
    const at = (i: number) => centre[i] + u * vectors.get(i, 0) + v * vectors.get(i, 1);
    return [at(0), at(1)];
  });
  const shared = { type: 'scatter', hoverinfo: 'skip', showlegend: false } as const;
  return [
    {
      ...shared,
      mode: 'lines',
      ...coordinates(ellipse),
      line: { color: componentColour(k), width: 2 },
    },
    {
      ...shared,
      mode: 'text+markers',
      ...coordinates([centre]),
      text: [`<b>${name}</b>`],
      textposition: 'top right',
      textfont: { color: componentColour(k), size: 16, shadow: HALO },
      marker: { size: 8, symbol: 'x', color: componentColour(k), line: { width: 1, color: 'white' } },
      hovertext: `component ${name}, weight ${weight.toFixed(3)}`,
      hoverinfo: 'text',
    },
  ];
}
