import type { Data } from 'plotly.js-dist';
import { layout } from './axes';
import type { Figure } from './figure';

import { componentColour, methodColour, methodSymbol } from './palette';

/** A method's median and quartiles at one place of the x axis. */
export interface QuartilePoint {
  /** the method, by the name that has a colour in all figures */
  readonly method: string;
  /** the place on the x axis */
  readonly x: number;
  /** half of the values are below */
  readonly median: number;
  /** a quarter of the values is below */
  readonly lowerQuartile: number;
  /** three quarters of the values are below */
  readonly upperQuartile: number;
}

/** Places of the x axis that are named: more names would stand on each other. */
const MOST_TICKS = 8;

/**
 * Medians of methods as something grows, with bars from the lower to the upper quartile; methods at the same place stand a little
 * beside each other. Of more places than eight each has as much room as the others, and bands take the place of bars.
 * @param points a median and two quartiles for each method and place
 * @param options the titles of the axes, and the range of the second
 * @example
 * const figure = quartilesFigure(
 *   [
 *     { method: 'DFMR', x: 0.1, median: 0.95, lowerQuartile: 0.94, upperQuartile: 0.96 },
 *     { method: 'DFMR', x: 0.4, median: 0.93, lowerQuartile: 0.9, upperQuartile: 0.95 },
 *     { method: 'Vanilla', x: 0.1, median: 0.7, lowerQuartile: 0.6, upperQuartile: 0.8 },
 *     { method: 'Vanilla', x: 0.4, median: 0.4, lowerQuartile: 0.3, upperQuartile: 0.5 },
 *   ],
 *   { x: 'share of failed machines', y: 'ARI' },
 * );
 * figure.data.map(({ name }) => name); // ['DFMR', 'Vanilla']
 */
export function quartilesFigure(
  points: readonly QuartilePoint[],
  options: {
    /** what the x axis is, with its unit */
    readonly x: string;
    /** what the medians are of, with its unit */
    readonly y: string;
    /**
     * the ends of the y axis
     * @defaultValue all values
     */
    readonly range?: [number, number];
  },
): Figure {
  const { x, y, range } = options;
  const methods = [...new Set(points.map(({ method }) => method))];
  const places = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  if (places.length > MOST_TICKS) return bandsFigure(points, { x, y, range }, methods, places);
  const apart = Math.min(...places.slice(1).map((place, i) => place - places[i]), Infinity);
  const shift = (i: number) => (Number.isFinite(apart) ? ((i - (methods.length - 1) / 2) * apart) / 14 : 0);
  return {
    data: methods.map((method, i): Partial<Data> => {
      const own = points.filter((point) => point.method === method).sort((a, b) => a.x - b.x);
      const colour = methodColour(method, componentColour(i));
      return {
        type: 'scatter',
        mode: 'lines+markers',
        name: method,
        x: own.map((point) => point.x + shift(i)),
        y: own.map(({ median }) => median),
        error_y: {
          type: 'data',
          symmetric: false,
          array: own.map(({ upperQuartile, median }) => upperQuartile - median),
          arrayminus: own.map(({ lowerQuartile, median }) => median - lowerQuartile),
          color: colour,
          thickness: 1.2,
          width: 3,
        },
        customdata: own.map((point) => point.x),
        hovertemplate: `${method} at %{customdata}: %{y:.4f}<extra></extra>`,
        marker: { size: 7, symbol: methodSymbol(i), color: colour },
        line: { color: colour, width: 1.5 },
      };
    }),
    layout: layout({
      xaxis: { title: { text: x }, tickvals: places },
      yaxis: { title: { text: y }, range },
    }),
  };
}

/** Medians as lines, quartiles as bands, places side by side. */
function bandsFigure(
  points: readonly QuartilePoint[],
  { x, y, range }: Parameters<typeof quartilesFigure>[1],
  methods: readonly string[],
  places: readonly number[],
): Figure {
  const data = methods.flatMap((method, i): Partial<Data>[] => {
    const own = points.filter((point) => point.method === method).sort((a, b) => a.x - b.x);
    const colour = methodColour(method, componentColour(i));
    const at = own.map((point) => places.indexOf(point.x));
    const line: Partial<Data> = {
      type: 'scatter',
      mode: 'lines+markers',
      name: method,
      legendgroup: method,
      x: at,
      y: own.map(({ median }) => median),
      customdata: own.map((point) => point.x),
      hovertemplate: `${method} at %{customdata}: %{y:.4f}<extra></extra>`,
      marker: { size: 7, symbol: methodSymbol(i), color: colour },
      line: { color: colour, width: 2 },
    };
    const band: Partial<Data> = {
      type: 'scatter',
      mode: 'lines',
      legendgroup: method,
      showlegend: false,
      x: [...at, ...[...at].reverse()],
      y: [...own.map(({ lowerQuartile }) => lowerQuartile), ...own.map(({ upperQuartile }) => upperQuartile).reverse()],
      fill: 'toself',
      fillcolor: `${colour}22`,
      line: { width: 0 },
      hoverinfo: 'skip',
    };
    return [band, line];
  });
  return {
    data,
    layout: layout({
      xaxis: { title: { text: x }, tickvals: places.map((_, i) => i), ticktext: places.map(String) },
      yaxis: { title: { text: y }, range },
    }),
  };
}
