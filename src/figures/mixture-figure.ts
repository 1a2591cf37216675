import { Matrix } from 'ml-matrix';
import type { Data } from 'plotly.js-dist';
import { InvalidInput } from '../errors';
import { type AnyGaussian, covarianceOf } from '../families/any-gaussian';
import { symmetricEigen } from '../math/linear-algebra';
import { type Samples, type Table, toSamples } from '../math/table';
import { type Estimate, mixtureOf } from '../mixture/given';
import { classify } from '../mixture/posterior';
import { layout } from './axes';
import type { Figure } from './figure';
import { componentColour, HALO } from './palette';

/** Points of the figure: more would hide each other and swell the notebook. */
const MOST_POINTS = 1500;

/**
 * A Gaussian mixture, of any structure, over the data it describes: the points in the colour of their most probable component,
 * and of each component the ellipse that holds 86 % of it (two standard deviations). More than two features are shown in the
 * plane in which the data are widest.
 * @param estimate a mixture, or a result that holds one, of a Gaussian family
 * @param table n × d
 * @throws InvalidInput if there is one feature only: `densityFigure` draws it
 * @example
 * const mixture = mixsim({ order: 3, dimension: 2, maximumOverlap: 0.1, seed: 1 });
 * const figure = mixtureFigure(mixture, sample(mixture, 500, 1).data);
 */
export function mixtureFigure(
  estimate: Estimate<AnyGaussian>,
  table: Table,
  {
    names,
    axes,
  }: {
    /**
     * what stands at the components' centres
     * @defaultValue their numbers
     */
    readonly names?: readonly string[];
    /**
     * what the axes are, with their units
     * @defaultValue ['first feature', 'second feature'], or principal axes if there are more
     */
    readonly axes?: readonly [string, string];
  } = {},
): Figure {
  const mixture = mixtureOf(estimate);
  const all = toSamples(table);
  if (all.columns < 2) throw new InvalidInput('a mixture over one feature is drawn by densityFigure');
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

/** Rounded to four significant digits: enough for the eye, and the notebook is half as large. */
function coordinates(points: readonly [number, number][]): { x: number[]; y: number[] } {
  const [x, y] = [0, 1].map((i) => points.map((point) => Number(point[i].toPrecision(4))));
  return { x, y };
}

/** The centre of a component and its two-standard-deviation ellipse. */
function outline(parameter: AnyGaussian, k: number, name: string, weight: number, plane?: Plane): Partial<Data>[] {
  const { mean } = parameter;
  const d = mean.length;
  const [centre] = project({ data: mean, rows: 1, columns: d }, plane, [0]);
  const full = Matrix.from1DArray(d, d, covarianceOf(parameter) as unknown as number[]);
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
