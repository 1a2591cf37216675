import type { Data } from 'plotly.js-dist';
import { InvalidInput } from '../errors';
import { layout, logarithmicAxisOf } from './axes';
import type { Figure } from './figure';
import { componentColour } from './palette';

/** Points (x, y), both above 0, that should lie on a power law. */
export interface PowerLawSeries {
  /** where the points are, above 0 */
  readonly x: ArrayLike<number>;
  /** their values, above 0 */
  readonly y: ArrayLike<number>;
  /** the standard errors of y */
  readonly errors?: ArrayLike<number>;
  /**
   * a colour as CSS has it
   * @defaultValue blue, orange … in the order of the series
   */
  readonly colour?: string;
  /** the exponent that theory gives, drawn as a dashed line through the last point */
  readonly exponent?: number;
}

/**
 * The exponent of the power law that fits best: least squares of log y on log x.
 * @param series at least two points, both numbers above 0
 * @returns the slope of log y against log x
 * @throws InvalidInput if a number is not above 0, or there are fewer than two points
 * @example
 * powerLawExponent({ x: [100, 400, 1600], y: [0.2, 0.1, 0.05] }); // −0.50: four times the rows halve the error
 */
export function powerLawExponent(series: Pick<PowerLawSeries, 'x' | 'y'>): number {
  const { x, y } = series;
  const bad = Array.from(x).findIndex((value, i) => !(value > 0 && y[i] > 0));
  if (x.length < 2 || y.length !== x.length || bad >= 0) {
    const what = bad >= 0 ? `point ${bad} is (${x[bad]}, ${y[bad]})` : `${x.length} x and ${y.length} y are given`;
    throw new InvalidInput(`${what}: a power law needs two points or more, of numbers above 0`);
  }
  const logs = Array.from(x, (value, i) => [Math.log(value), Math.log(y[i])] as const);
  const [meanX, meanY] = [0, 1].map((c) => logs.reduce((sum, log) => sum + log[c], 0) / logs.length);
  const covariance = logs.reduce((sum, [a, b]) => sum + (a - meanX) * (b - meanY), 0);
  return covariance / logs.reduce((sum, [a]) => sum + (a - meanX) ** 2, 0);
}

/**
 * Series on logarithmic axes, where a power law is a straight line whose slope is its exponent.
 * @param series points by the name of the series
 * @param titles of the axes
 * @example
 * const series = { DFMR: { x: [100, 400, 1600], y: [0.21, 0.1, 0.052], exponent: -0.5 } };
 * const figure = powerLawFigure(series, { x: 'rows of all machines', y: 'W₁ to the truth' });
 * figure.data.length; // 2: the points and the line of theory
 */
export function powerLawFigure(
  series: Readonly<Record<string, PowerLawSeries>>,
  titles: {
    /** the title of the x axis, with its unit */
    readonly x: string;
    /** the title of the y axis, with its unit */
    readonly y: string;
  },
): Figure {
  const { x: xTitle, y: yTitle } = titles;
  const data = Object.entries(series).flatMap(([name, { x, y, errors, colour: own, exponent }], s): Partial<Data>[] => {
    const colour = own ?? componentColour(s);
    const line: Partial<Data> = {
      type: 'scatter',
      mode: 'lines+markers',
      name,
      x: Array.from(x),
      y: Array.from(y),
      ...(errors && { error_y: { type: 'data', array: Array.from(errors), thickness: 1, width: 3, color: colour } }),
      line: { color: colour, width: 1.5 },
      marker: { color: colour, size: 7 },
      hovertemplate: `${name}: %{y:.3g} at %{x:.3g}<extra></extra>`,
    };
    if (exponent === undefined) return [line];
    const last = x.length - 1;
    return [
      line,
      {
        type: 'scatter',
        mode: 'lines',
        name: `slope ${exponent}`,
        showlegend: false,
        x: [x[0], x[last]],
        y: [y[last] * (x[0] / x[last]) ** exponent, y[last]],
        line: { color: colour, width: 1, dash: 'dash' },
        hoverinfo: 'skip',
      },
    ];
  });
  const all = (of: 'x' | 'y') => Object.values(series).flatMap((one) => Array.from(one[of]));
  return {
    data,
    layout: layout({
      xaxis: { title: { text: xTitle }, ...logarithmicAxisOf(all('x')) },
      yaxis: { title: { text: yTitle }, ...logarithmicAxisOf(all('y')) },
    }),
  };
}
