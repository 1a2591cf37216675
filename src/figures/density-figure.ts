import type { Data } from 'plotly.js-dist';
import { InvalidInput } from '../errors';
import { requireMissingCells } from '../families/families-registry';
import { wholeRows } from '../math/missing-cells';
import { countOf, type Missing, type Samples, type Table, takeRows, toSamples } from '../math/table';
import { type Estimate, mixtureOf } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { noiseDensityOf } from '../mixture/noise';
import { classify, logDensity, NOISE_LABEL, termWeights } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { layout } from './axes';
import type { Figure } from './figure';
import { componentColour, quietColour } from './palette';
import { rounded } from './points';

/** Bars of a histogram: narrower ones cannot be told apart at the width of a page. */
const MOST_BARS = 60;
/** Points of a figure: more would hide each other and swell the notebook. */
const MOST_POINTS = 1000;

/** How many draws of a mixture say where it lies, if there are no data. */
const DRAWS = 4000;

/**
 * A mixture over one feature, of any family: its density, the share of each component and, in grey, of noise, and the histogram of the
 * data, if there are any.
 * Each count has a bar and a point. The half per cent of the data that is farthest out on either side is left out.
 * @param estimate a mixture, or a result that holds one
 * @param table n rows of one column; without it, the mixture is drawn alone
 * @param options the title of the axis, and whether it is logarithmic
 * @throws InvalidInput if there are more columns, or an axis is logarithmic and a row is not positive
 * @example
 * const mixture = gammaMixture({ weights: [0.5, 0.5], shapes: [2, 30], scales: [1, 1] });
 * const figure = densityFigure(mixture, sample(mixture, 500, 1).data, { axis: 'rain, mm' });
 * figure.data.map(({ name }) => name); // ['data', 'component 0, weight 0.50', 'component 1, weight 0.50', 'mixture']
 */
export function densityFigure(
  estimate: Estimate,
  table?: Table,
  options: {
    /**
     * what the feature is, with its unit
     * @defaultValue 'x'
     */
    readonly axis?: string;
    /**
     * for positive data of many sizes: whether the density is that of log₁₀ x, over an axis of powers of ten
     * @defaultValue false
     */
    readonly logarithmic?: boolean;
    /**
     * 'em' if cells of the rows may be missing, in Gaussian families; rows that miss one are not drawn
     * @defaultValue a cell without a value is an error
     */
    readonly missing?: Missing;
  } = {},
): Figure {
  const { axis = 'x', logarithmic = false, missing } = options;
  const mixture = mixtureOf(estimate);
  const samples = table ? rowsToDraw(mixture, table, missing) : sample(mixture, DRAWS, 'where it lies').data;
  const { data, columns } = samples;
  if (columns > 1)
    throw new InvalidInput(`a mixture over ${columns} features is drawn by mixtureFigure or contourFigure`);
  const low = logarithmic ? data.findIndex((x) => !(x > 0)) : -1;
  if (low >= 0) throw new InvalidInput(`row ${low} is ${data[low]}: a logarithmic axis needs positive data`);
  const scale = logarithmic ? Math.log10 : (x: number) => x;
  const [least, most] = extent(data.map(scale));
  const counts = !logarithmic && !observable(mixture, [Math.floor(least) + 0.5]);
  const grid = counts ? integers(least, most) : places(mixture, least, most, logarithmic);
  const x = logarithmic ? grid.map((log) => 10 ** log) : grid;
  const drawn = { data: x, rows: x.length, columns: 1 };
  const onScale = (log: number, j: number) => Math.exp(log) * (logarithmic ? x[j] * Math.LN10 : 1);
  const curve = (density: Float64Array, name: string, colour: string, width: number): Partial<Data> => ({
    type: 'scatter',
    mode: counts ? 'lines+markers' : 'lines',
    name,
    x: rounded(grid, 5),
    y: rounded(density, 4),
    line: { color: colour, width },
    ...(counts ? { marker: { color: colour, size: 5 } } : {}),
    hoverinfo: 'skip',
  });
  const density = mixture.family.logDensity(drawn);
  const shares = termWeights(mixture);
  const own = new Float64Array(grid.length);
  const noise = mixture.noise ? [mixture.noise] : [];
  return {
    data: [
      ...(table ? [histogram({ ...samples, data: data.map(scale) }, least, most, counts)] : []),
      ...mixture.parameters.map((parameter, k) => {
        density(parameter, own);
        const share = own.map((log, j) => shares[k] * onScale(log, j));
        return curve(share, `component ${k}, weight ${mixture.weights[k].toFixed(2)}`, componentColour(k), 2);
      }),
      ...noise.map((one) => {
        noiseDensityOf(drawn)(one, own);
        const share = own.map((log, j) => one.weight * onScale(log, j));
        return curve(share, `noise, weight ${one.weight.toFixed(2)}`, componentColour(NOISE_LABEL), 2);
      }),
      curve(logDensity(mixture, drawn).map(onScale), 'mixture', '#333333', 2.5),
    ],
    layout: layout({
      xaxis: { title: { text: axis }, ...(logarithmic ? powersOfTen(grid[0], grid[grid.length - 1]) : {}) },
      yaxis: {
        title: { text: counts ? 'probability' : `density (per ${logarithmic ? 'power of ten' : 'unit of x'})` },
        rangemode: 'tozero',
      },
      bargap: 0.02,
    }),
  };
}

/**
 * A mixture over two features, of any family: the points in the colour of their most probable component, noise in grey, and contours of
 * its density in units of its highest value. Observations of more numbers that have only two degrees of freedom, such as three
 * proportions, are drawn with `place`.
 * @param estimate a mixture, or a result that holds one
 * @param table n rows
 * @param options the titles of the axes, and how points of the plane become observations
 * @throws InvalidInput if the table's rows have not as many columns as the mixture has dimensions and `place` returns numbers
 * @example
 * const figure = contourFigure(truth, table, { axes: ['length, mm', 'width, mm'] });
 * figure.data.map(({ type }) => type); // ['contour', 'scatter', 'scatter', 'scatter']: the rows of each component
 */
export function contourFigure(
  estimate: Estimate,
  table: Table,
  options: {
    /**
     * what the features are, with their units
     * @defaultValue ['first feature', 'second feature']
     */
    readonly axes?: readonly [string, string];
    /**
     * the observation at a place of the figure; nothing is drawn if the family cannot observe it
     * @defaultValue the place itself
     */
    readonly place?: (x: number, y: number) => readonly number[];
    /**
     * 'em' if cells of the rows may be missing, in Gaussian families; rows that miss one are not drawn
     * @defaultValue a cell without a value is an error
     */
    readonly missing?: Missing;
  } = {},
): Figure {
  const { axes = ['first feature', 'second feature'], place = (x, y) => [x, y], missing } = options;
  const mixture = mixtureOf(estimate);
  const { data, rows, columns } = rowsToDraw(mixture, table, missing);
  if (mixture.dimension !== columns || place(0, 0).length !== columns) {
    throw new InvalidInput(
      `a mixture over ${mixture.dimension} features needs a place of as many numbers: see the option place`,
    );
  }
  const component = classify(mixture, { data, rows, columns });
  const labels = [...(mixture.noise ? [NOISE_LABEL] : []), ...mixture.parameters.keys()];
  const shown = Array.from({ length: Math.min(rows, MOST_POINTS) }, (_, i) => i);
  const [x, y] = [0, 1].map((c) => {
    const [least, most] = extent(Float64Array.from({ length: rows }, (_, j) => data[j * columns + c]));
    const margin = 0.08 * (most - least);
    return Float64Array.from({ length: 61 }, (_, i) => least - margin + ((most - least + 2 * margin) * i) / 60);
  });
  const density = (at: readonly number[]) =>
    observable(mixture, at) ? Math.exp(logDensity(mixture, [[...at]])[0]) : null;
  const levels = Array.from(y, (b) => Array.from(x, (a) => density(place(a, b))));
  const highest = levels.flat().reduce<number>((most, one) => Math.max(most, one ?? 0), 0);
  return {
    data: [
      {
        type: 'contour',
        x: rounded(x, 4),
        y: rounded(y, 4),
        z: levels.map((row) => row.map((one) => one && Number((one / highest).toFixed(4)))),
        contours: { coloring: 'lines' },
        ncontours: 12,
        colorscale: [
          [0, '#BBBBBB'],
          [1, '#333333'],
        ],
        line: { width: 1.2 },
        showscale: false,
        hoverinfo: 'skip',
      } as Partial<Data>,
      ...labels.map((k): Partial<Data> => {
        const own = shown.filter((j) => component[j] === k);
        const weight = k === NOISE_LABEL ? mixture.noise?.weight : mixture.weights[k];
        return {
          type: 'scatter',
          mode: 'markers',
          name: `${k === NOISE_LABEL ? 'noise' : `component ${k}`}, weight ${weight?.toFixed(2)}`,
          x: own.map((j) => Number(data[j * columns].toPrecision(4))),
          y: own.map((j) => Number(data[j * columns + 1].toPrecision(4))),
          marker: { size: 4, opacity: 0.55, color: componentColour(k) },
          hoverinfo: 'skip',
        };
      }),
    ],
    layout: layout({
      height: 480,
      xaxis: { title: { text: axes[0] }, range: [x[0], x[60]] },
      yaxis: { title: { text: axes[1] }, range: [y[0], y[60]] },
    }),
  };
}

/**
 * The rows that miss nothing.
 * @throws InvalidInput if there are none
 */
function rowsToDraw({ family }: Mixture, table: Table, missing: Missing | undefined): Samples {
  if (missing) requireMissingCells(family);
  const samples = toSamples(table, missing);
  const whole = missing ? takeRows(samples, wholeRows(samples)) : samples;
  if (whole.rows === 0) throw new InvalidInput('every row of the table misses a cell: there is nothing to draw');
  return whole;
}

/** The share of the rows that is left out at either end, so that one outlier does not squeeze the rest. */
const TAIL = 0.005;

/** Where the axis of a feature begins and ends: at values that are there, so that counts are bounded by counts. */
function extent(values: Float64Array): [number, number] {
  const sorted = values.slice().sort();
  return [sorted[Math.floor(TAIL * sorted.length)], sorted[Math.ceil((1 - TAIL) * (sorted.length - 1))]];
}

/** Whether the mixture's family can observe this. */
function observable({ family }: Mixture, observation: readonly number[]): boolean {
  try {
    family.requireSupport?.({ data: Float64Array.from(observation), rows: 1, columns: observation.length });
    return true;
  } catch (error) {
    if (error instanceof InvalidInput) return false;
    throw error;
  }
}

function integers(least: number, most: number): Float64Array {
  return Float64Array.from({ length: most - least + 1 }, (_, i) => least + i);
}

/** Where the curves are drawn: over the data, and a little beyond if the family reaches there. */
function places(mixture: Mixture, least: number, most: number, logarithmic: boolean): Float64Array {
  const margin = 0.1 * (most - least);
  const from = logarithmic || observable(mixture, [least - margin]) ? least - margin : least;
  return Float64Array.from({ length: 301 }, (_, i) => from + ((most + margin - from) * i) / 300);
}

function powersOfTen(from: number, to: number): { tickvals: number[]; ticktext: string[] } {
  const tickvals = Array.from({ length: Math.floor(to) - Math.ceil(from) + 1 }, (_, i) => Math.ceil(from) + i);
  return { tickvals, ticktext: tickvals.map((power) => (Math.abs(power) > 4 ? `1e${power}` : String(10 ** power))) };
}

/** Bars whose heights are the share of the data in each, per unit of its width. */
function histogram(samples: Samples, least: number, most: number, counts: boolean): Partial<Data> {
  const { data, weights } = samples;
  const N = countOf(samples);
  const inside = Array.from(data.keys()).filter((j) => data[j] >= least && data[j] <= most);
  const bars = counts ? most - least + 1 : Math.min(MOST_BARS, Math.ceil(2 * Math.cbrt(inside.length)));
  const [start, width] = counts ? [least - 0.5, 1] : [least, (most - least) / bars];
  const heights = new Float64Array(bars);
  for (const j of inside)
    heights[Math.min(bars - 1, Math.floor((data[j] - start) / width))] += (weights?.[j] ?? 1) / N / width;
  return {
    type: 'bar',
    x: rounded(
      heights.map((_, i) => start + (i + 0.5) * width),
      5,
    ),
    y: rounded(heights, 4),
    width,
    name: 'data',
    marker: { color: quietColour, opacity: 0.35 },
    hoverinfo: 'skip',
  };
}
