import type { Data } from 'plotly.js-dist';
import { InvalidInput } from '../errors';
import type { VonMisesParameter } from '../families/von-mises';
import type { VonMisesFisherParameter } from '../families/von-mises-fisher';
import { countOf, type Samples, type Table, toSamples } from '../math/table';
import { type Estimate, mixtureOf } from '../mixture/given';
import { classify, logDensity } from '../mixture/posterior';
import { layout } from './axes';
import type { Figure } from './figure';
import { componentColour, HALO, quietColour } from './palette';

/** Sectors of a rose: ten degrees each. */
const SECTORS = 36;

/** Points of a map: more would hide each other and swell the notebook. */
const MOST_POINTS = 1500;

/** The share of a component that its circle on a map holds, as the ellipses of Gaussian components do. */
const CIRCLE_SHARE = 1 - Math.exp(-2);

/**
 * A von Mises mixture round the circle: the histogram of the angles, a rose of sectors of ten degrees, the density and the share of
 * each component, as the distance from the middle.
 * @param estimate a von Mises mixture, or a result that holds one
 * @param table n angles in radians
 * @throws InvalidInput if the mixture is of another family, or the table has more columns
 * @example
 * const mixture = vonMisesMixture({ weights: [0.4, 0.6], meanAngles: [0, 2], concentrations: [8, 2] });
 * const figure = angleFigure(mixture, sample(mixture, 500, 1).data);
 * figure.data.map(({ name }) => name); // ['data', 'mixture', 'component 0, weight 0.40', 'component 1, weight 0.60']
 */
export function angleFigure(estimate: Estimate<VonMisesParameter>, table: Table): Figure {
  const mixture = mixtureOf(estimate);
  if (mixture.family.name !== 'von-mises')
    throw new InvalidInput(`a rose is of a von-mises mixture, but this is a ${mixture.family.name} mixture`);
  const angles = toSamples(table);
  mixture.family.requireSupport?.(angles);
  const degrees = Float64Array.from({ length: 361 }, (_, i) => i);
  const places: Samples = { data: degrees.map((angle) => (angle * Math.PI) / 180), rows: 361, columns: 1 };
  const density = mixture.family.logDensity(places);
  const curve = (values: Float64Array, name: string, color: string, width: number): Partial<Data> => ({
    type: 'scatterpolar',
    mode: 'lines',
    name,
    theta: [...degrees],
    r: rounded(values, 4),
    line: { color, width },
    hoverinfo: 'skip',
  });
  return {
    data: [
      rose(angles),
      curve(logDensity(mixture, places).map(Math.exp), 'mixture', '#333333', 3.5),
      ...mixture.parameters.map((parameter, k) => {
        const own = new Float64Array(places.rows);
        density(parameter, own);
        const share = own.map((log) => mixture.weights[k] * Math.exp(log));
        return curve(share, `component ${k}, weight ${mixture.weights[k].toFixed(2)}`, componentColour(k), 2);
      }),
    ],
    layout: layout({
      height: 500,
      annotations: [
        {
          text: 'from the middle: density (per radian)',
          xref: 'paper',
          yref: 'paper',
          x: 0.5,
          y: -0.12,
          showarrow: false,
        },
      ],
      polar: {
        radialaxis: { angle: 22.5, tickangle: 22.5, rangemode: 'tozero', nticks: 4 },
        angularaxis: {
          tickvals: [0, 45, 90, 135, 180, 225, 270, 315],
          ticktext: ['0', 'π/4', 'π/2', '3π/4', '±π', '−3π/4', '−π/2', '−π/4'],
        },
      },
    }),
  };
}

/** The share of the angles in each sector, per radian. */
function rose(samples: Samples): Partial<Data> {
  const width = (2 * Math.PI) / SECTORS;
  const heights = new Float64Array(SECTORS);
  const count = countOf(samples);
  samples.data.forEach((angle, j) => {
    const turn = Math.atan2(Math.sin(angle), Math.cos(angle)) / width; // −18 … 18
    heights[((Math.floor(turn) % SECTORS) + SECTORS) % SECTORS] += (samples.weights?.[j] ?? 1) / count / width;
  });
  return {
    type: 'barpolar',
    name: 'data',
    theta: Array.from(heights, (_, i) => ((i + 0.5) * 360) / SECTORS),
    r: rounded(heights, 4),
    width: 360 / SECTORS,
    marker: { color: quietColour, opacity: 0.35 },
    hoverinfo: 'skip',
  } as Partial<Data>;
}

/**
 * A von Mises–Fisher mixture over three dimensions as a map of the sphere: longitude and latitude in degrees of the rows, in the colour
 * of their most probable component, and about each mean direction the circle that holds 86 % of the component. A circle round a pole
 * goes from edge to edge.
 * @param estimate a von Mises–Fisher mixture, or a result that holds one
 * @param table n rows of norm 1, of which the third number is the sine of the latitude
 * @throws InvalidInput if the mixture is not of directions in three dimensions
 * @example
 * const mixture = vonMisesFisherMixture({
 *   weights: [0.5, 0.5],
 *   meanDirections: [[1, 0, 0], [0, 0.6, 0.8]],
 *   concentrations: [20, 5],
 * });
 * const figure = directionFigure(mixture, sample(mixture, 500, 1).data);
 * figure.data.length; // 6: traces of Plotly
 */
export function directionFigure(estimate: Estimate<VonMisesFisherParameter>, table: Table): Figure {
  const mixture = mixtureOf(estimate);
  if (mixture.family.name !== 'von-mises-fisher' || mixture.dimension !== 3)
    throw new InvalidInput(
      `a map is of a von-mises-fisher mixture in 3 dimensions, but this is a ${mixture.family.name} mixture in ` +
        `${mixture.dimension}: angles are drawn by angleFigure`,
    );
  const { data, rows } = toSamples(table);
  const component = classify(mixture, table);
  const step = Math.ceil(rows / MOST_POINTS);
  const shown = Array.from({ length: Math.ceil(rows / step) }, (_, i) => i * step);
  return {
    data: [
      ...mixture.parameters.map((_, k): Partial<Data> => {
        const own = shown.filter((j) => component[j] === k).map((j) => data.subarray(3 * j, 3 * j + 3));
        return {
          type: 'scatter',
          mode: 'markers',
          ...onMap(own),
          marker: { size: 4, opacity: 0.55, color: componentColour(k) },
          hoverinfo: 'skip',
          showlegend: false,
        };
      }),
      ...mixture.parameters.flatMap((parameter, k) => circle(parameter, k, mixture.weights[k])),
    ],
    layout: layout({
      height: 420,
      xaxis: { title: { text: 'longitude, degrees' }, range: [-180, 180], dtick: 60 },
      yaxis: { title: { text: 'latitude, degrees' }, range: [-90, 90], dtick: 30 },
    }),
  };
}

const DEGREES = 180 / Math.PI;

/** Longitudes and latitudes of directions. */
function onMap(directions: readonly ArrayLike<number>[]): { x: number[]; y: number[] } {
  const x = directions.map((one) => Math.atan2(one[1], one[0]) * DEGREES);
  const y = directions.map((one) => Math.asin(Math.max(-1, Math.min(1, one[2]))) * DEGREES);
  return { x: rounded(x, 4), y: rounded(y, 4) };
}

/** The mean direction of a component, and the circle about it that holds `CIRCLE_SHARE` of it. */
function circle(
  { meanDirection: mu, concentration }: VonMisesFisherParameter,
  k: number,
  weight: number,
): Partial<Data>[] {
  // P(1 − μᵀ x ≤ g) = (1 − e^−κg) / (1 − e^−2κ)
  const within = 1 - CIRCLE_SHARE * -Math.expm1(-2 * concentration);
  const gap = concentration > 1e-9 ? -Math.log(within) / concentration : 2 * CIRCLE_SHARE;
  const [cosine, sine] = [1 - gap, Math.sqrt(gap * (2 - gap))];
  const [u, v] = tangents(mu);
  const turn = Array.from({ length: 181 }, (_, i) => (2 * Math.PI * i) / 180);
  const places = turn.map((t) =>
    [0, 1, 2].map((i) => cosine * mu[i] + sine * (Math.cos(t) * u[i] + Math.sin(t) * v[i])),
  );
  const { x, y } = onMap(places);
  const broken = x
    .map((longitude, i) => (i > 0 && Math.abs(longitude - x[i - 1]) > 180 ? i : -1))
    .filter((i) => i >= 0);
  for (const i of broken.reverse()) {
    x.splice(i, 0, Number.NaN); // the edge of the map
    y.splice(i, 0, Number.NaN);
  }
  const gaps = (values: number[]) => values.map((value) => (Number.isNaN(value) ? null : value));
  const at = onMap([mu]);
  const shared = { type: 'scatter', showlegend: false } as const;
  return [
    {
      ...shared,
      mode: 'lines',
      x: gaps(x),
      y: gaps(y),
      line: { color: componentColour(k), width: 2 },
      hoverinfo: 'skip',
    },
    {
      ...shared,
      mode: 'text+markers',
      ...at,
      text: [`<b>${k}</b>`],
      textposition: `${at.y[0] > 60 ? 'bottom' : 'top'} ${at.x[0] > 150 ? 'left' : 'right'}`,
      textfont: { color: componentColour(k), size: 16, shadow: HALO },
      marker: { size: 8, symbol: 'x', color: componentColour(k), line: { width: 1, color: 'white' } },
      hovertext: `component ${k}, weight ${weight.toFixed(3)}`,
      hoverinfo: 'text',
    } as Partial<Data>,
  ];
}

/** Two directions at right angles to one and to each other. */
function tangents(mu: ArrayLike<number>): [number[], number[]] {
  const [a, b, c] = Array.from(mu);
  const across = Math.abs(c) < 0.9 ? [-b, a, 0] : [0, -c, b];
  const size = Math.hypot(...across);
  const u = across.map((value) => value / size);
  return [u, [b * u[2] - c * u[1], c * u[0] - a * u[2], a * u[1] - b * u[0]]];
}

/** Rounded to a few significant digits: enough for the eye, and the notebook is half as large. */
const rounded = (values: ArrayLike<number>, digits: number): number[] =>
  Array.from(values, (value) => Number(value.toPrecision(digits)));
