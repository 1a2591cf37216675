import type { Annotation, Data, Layout, LayoutAxis } from 'plotly.js-dist';
import { InvalidInput } from '../errors';
import { type AnyGaussian, covarianceOf } from '../families/any-gaussian';
import { missingIn, observedOf } from '../math/missing-cells';
import { shortNumber } from '../math/short-number';
import { type Missing, type Samples, type Table, takeRows, toSamples } from '../math/table';
import { type Estimate, mixtureOf } from '../mixture/given';
import { columnNumbers, marginal } from '../mixture/marginal';
import type { Mixture } from '../mixture/mixture';
import { classify } from '../mixture/posterior';
import { AXIS, layout, shortName } from './axes';
import { densityFigure } from './density-figure';
import type { Figure } from './figure';
import { componentColour, quietColour } from './palette';
import { coordinates, ellipse, thinned } from './points';

/** Features of the figure: on a phone, a panel of more is narrower than a finger. */
export const MOST_FEATURES = 8;
/** Points of a panel, and of all panels together: more would hide each other and swell the page. */
const MOST_POINTS = 1500;
const MOST_IN_ALL = 9000;

/** Pixels between the rows of panels, where the names of the features stand. */
const NAME_HEIGHT = 20;
/** The share of the figure's width between two columns of panels. */
const GUTTER = 0.015;

/** What `pairsFigure` may be told. */
export interface PairsOptions {
  /**
   * the names of all d features
   * @defaultValue those of the table, if it has names, else 'feature 0', 'feature 1', …
   */
  readonly features?: readonly string[];
  /**
   * which features are shown, by number or name, 2 to 8 of them
   * @defaultValue all
   */
  readonly columns?: readonly (number | string)[];
  /**
   * the names of the components
   * @defaultValue 'component 0', 'component 1', …
   */
  readonly names?: readonly string[];
  /**
   * 'em' if cells of the rows may be missing, in Gaussian families; a row that misses one is left out of its panels
   * @defaultValue a cell without a value is an error
   */
  readonly missing?: Missing;
}

/**
 * A Gaussian mixture of several features, two by two: below the diagonal, the rows in the colour of their most probable component and
 * the marginal ellipse of each component, which holds 86 % of it (two standard deviations); on the diagonal, the marginal density of
 * each feature over its histogram. Of many rows, every second, third … is drawn. A row that lacks a value is left out of its panels.
 * @param estimate a mixture, or a result that holds one, of a Gaussian family
 * @param table n × d; without it, the mixture is drawn alone
 * @param options names, and which features are drawn
 * @throws InvalidInput if fewer than 2 or more than 8 features are to be shown, or the family is not Gaussian
 * @example
 * const mixture = mixsim({ order: 3, dimension: 4, maximumOverlap: 0.1, seed: 1 });
 * const figure = pairsFigure(mixture, sample(mixture, 500, 1).data, { features: ['height', 'width', 'depth', 'weight'] });
 * figure.layout.height; // 673: pixels
 */
export function pairsFigure(estimate: Estimate<AnyGaussian>, table?: Table, options: PairsOptions = {}): Figure {
  const { features = namesOf(table), columns, names, missing } = options;
  const whole = mixtureOf(estimate);
  const { dimension } = whole;
  const shown = columnNumbers(columns ?? Array.from({ length: dimension }, (_, c) => c), dimension, features);
  const d = shown.length;
  if (d < 2) throw new InvalidInput('a mixture over one feature is drawn by densityFigure');
  if (d > MOST_FEATURES) {
    throw new InvalidInput(
      `${d} features make ${(d * (d - 1)) / 2} panels: choose at most ${MOST_FEATURES} by the option columns`,
    );
  }
  const mixture = marginal(whole, shown);
  const rows = table && drawnRows(whole, toSamples(table, missing), shown);
  const nameOf = (k: number) => names?.[k] ?? `component ${k}`;
  return {
    data: [
      ...shown.flatMap((_, r) => shown.slice(0, r).flatMap((__, c) => panel(mixture, rows, r, c, nameOf))),
      ...shown.flatMap((_, c) => diagonal(mixture, rows, c)),
    ],
    layout: pairsLayout(shown.map((column) => features?.[column] ?? `feature ${column}`)),
  };
}

/** The names of the columns of a table that was read, or of a data frame. */
function namesOf(table: Table | undefined): readonly string[] | undefined {
  const { names, columns } = (table ?? {}) as { readonly names?: readonly string[]; readonly columns?: unknown };
  return names ?? (Array.isArray(columns) ? columns : undefined);
}

/** Rows that are drawn, and the component of each; −1 if it is noise. */
interface DrawnRows {
  /** of all rows, those features that are shown */
  readonly all: Samples;
  /** the numbers of those that are points */
  readonly points: readonly number[];
  readonly labels: Int32Array;
}

function drawnRows(mixture: Mixture<AnyGaussian>, samples: Samples, shown: readonly number[]): DrawnRows {
  const { data, rows, columns } = samples;
  const d = shown.length;
  const points = thinned(rows, Math.min(MOST_POINTS, Math.floor(MOST_IN_ALL / ((d * (d - 1)) / 2))));
  const labels = classify(mixture, takeRows(samples, points), missingIn(samples));
  const all = Float64Array.from({ length: rows * d }, (_, i) => data[Math.floor(i / d) * columns + shown[i % d]]);
  return { all: { ...samples, data: all, columns: d }, points, labels };
}

/** Feature r over feature c: the points and the ellipse of each component. */
function panel(
  mixture: Mixture<AnyGaussian>,
  rows: DrawnRows | undefined,
  r: number,
  c: number,
  nameOf: (k: number) => string,
): Partial<Data>[] {
  const { dimension: d, weights, parameters } = mixture;
  const shared = { type: 'scatter', hoverinfo: 'skip', ...axesOf(d, r, c) } as const;
  const own = rows ? [...(rows.labels.includes(-1) ? [-1] : []), ...parameters.keys()] : [];
  return [
    ...own.map(
      (k): Partial<Data> => ({
        ...shared,
        mode: 'markers',
        ...coordinates(pointsOf(rows as DrawnRows, k, r, c)),
        marker: { size: k < 0 ? 2.5 : 3, opacity: 0.5, color: k < 0 ? quietColour : componentColour(k) },
        legendgroup: `${k}`,
        showlegend: false,
      }),
    ),
    ...parameters.map((parameter, k): Partial<Data> => {
      const covariance = covarianceOf(parameter);
      const block = Float64Array.of(...[c, r].flatMap((i) => [c, r].map((j) => covariance[i * d + j])));
      return {
        ...shared,
        mode: 'lines',
        name: `${shortName(nameOf(k))}, ${shortNumber(100 * weights[k], 2)} %`,
        ...coordinates(ellipse([parameter.mean[c], parameter.mean[r]], block)),
        line: { color: componentColour(k), width: 1.5 },
        legendgroup: `${k}`,
        showlegend: r === 1,
      };
    }),
  ];
}

/** The points of a component in the plane of two features, of rows that have both. */
export function pointsOf({ all, points, labels }: DrawnRows, k: number, r: number, c: number): [number, number][] {
  const { data, columns } = all;
  return points
    .filter((_, i) => labels[i] === k)
    .map((j): [number, number] => [data[j * columns + c], data[j * columns + r]])
    .filter((point) => !point.some(Number.isNaN));
}

/** The density of feature c, alone. */
function diagonal(mixture: Mixture<AnyGaussian>, rows: DrawnRows | undefined, c: number): Partial<Data>[] {
  const column = rows && observedOf(rows.all, c);
  const { data } = densityFigure(marginal(mixture, [c]), column?.rows ? column : undefined);
  return data.map((trace) => {
    const { x, y, line } = trace as {
      readonly x: number[];
      readonly y: number[];
      readonly line?: { readonly width: number };
    };
    const third = (values: number[]) => values.filter((_, i) => i % 3 === 0); // enough for a curve in a panel
    return {
      ...trace,
      ...(line && { x: third(x), y: third(y), line: { ...line, width: 1.5 } }),
      ...axesOf(mixture.dimension, c, c),
      showlegend: false,
    } as Partial<Data>;
  });
}

/**
 * The axes of panel (r, c), by their names in Plotly: panels above one another share x, those beside one another share y, and the
 * densities on the diagonal have heights of their own.
 */
const axesOf = (d: number, r: number, c: number): { xaxis: 'x'; yaxis: 'y' } => {
  const named = (letter: string, number: number) => `${letter}${number === 0 ? '' : number + 1}`;
  return { xaxis: named('x', c) as 'x', yaxis: named('y', r > c ? r : c > 0 ? d + c - 1 : 0) as 'y' };
};

/** Panels on and below the diagonal, each feature's name above its density, and the components' in the corner that is free. */
function pairsLayout(names: readonly string[]): Partial<Layout> {
  const d = names.length;
  const panelHeight = Math.max(84, 600 / d);
  const across = (c: number) => span(c, d, GUTTER);
  const down = (r: number) => span(d - 1 - r, d, NAME_HEIGHT / (d * panelHeight));
  const margin = { t: NAME_HEIGHT + 8, r: 12, b: 45, l: 50 };
  const small: Partial<LayoutAxis> = {
    ...AXIS,
    tickfont: { size: 10 },
    nticks: d > 4 ? 3 : 5,
    showline: true,
    ticklabeloverflow: 'hide past domain',
  };
  const axes: Record<string, Partial<LayoutAxis>> = {};
  for (const i of names.keys()) {
    const { xaxis, yaxis } = axesOf(d, i, i);
    axes[xaxis.replace('x', 'xaxis')] = { ...small, domain: across(i), anchor: axesOf(d, d - 1, i).yaxis };
    axes[yaxis.replace('y', 'yaxis')] = { domain: down(i), anchor: xaxis, visible: false, rangemode: 'tozero' };
    if (i > 0) axes[`yaxis${i + 1}`] = { ...small, domain: down(i), anchor: 'x' };
  }
  return {
    ...layout({ height: Math.round(d * panelHeight) + margin.t + margin.b, margin, bargap: 0.02 }),
    ...axes,
    legend: { x: 1, y: 1, xanchor: 'right', yanchor: 'top', font: { size: 12 }, tracegroupgap: 0 },
    annotations: names.map((name, i): Partial<Annotation> => {
      const [from, to] = across(i);
      const late = from > 0.6; // it has no room to its right
      return {
        text: `<b>${shortName(name)}</b>`,
        font: { size: 12 },
        x: late ? to : from,
        y: down(i)[1],
        xref: 'paper',
        yref: 'paper',
        xanchor: late ? 'right' : 'left',
        yanchor: 'bottom',
        showarrow: false,
      };
    }),
  };
}

/** Where the i-th of d equal panels begins and ends, with gaps between them. */
function span(i: number, d: number, gap: number): [number, number] {
  const size = (1 - (d - 1) * gap) / d;
  return [i * (size + gap), i * (size + gap) + size];
}
