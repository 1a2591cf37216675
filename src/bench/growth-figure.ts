import { shortTick } from '../figures/axes';
import type { Figure } from '../figures/figure';
import { componentColour, quietColour } from '../figures/palette';
import { powerLawExponent, powerLawFigure } from '../figures/power-law-figure';
import type { Axis, GrowthRow } from './growth';

/** The axis as its title says it, and what the figure shows. */
const TITLES: Readonly<Record<Axis, readonly [axis: string, figure: string]>> = {
  n: ['n, rows', 'EM iteration, K = 5, d = 10'],
  K: ['K, components', 'EM iteration, n = 20 000, d = 10'],
  d: ['d, features', 'EM iteration, n = 20 000, K = 5'],
  m: ['m, machines', 'K = 5, d = 10'],
};

/** Pixels: as wide as a phone's page, so that nothing is made smaller there. */
const WIDTH = 400;
const PLOT_HEIGHT = 250;
const LEGEND_LINE = 20;

/** The power of the size by which each series grows, from its first to its last point, by its name. */
export function growthExponents(rows: readonly GrowthRow[]): Map<string, number> {
  return new Map([...seriesOf(rows)].map(([name, series]) => [name, powerLawExponent(series)]));
}

/** Times against one size, on logarithmic axes; the legend tells the power by which each grows. */
export function growthFigure(rows: readonly GrowthRow[]): Figure {
  const [{ axis }] = rows;
  const [xTitle, title] = TITLES[axis];
  const named = [...seriesOf(rows)].map(([name, points], i) => {
    const exponent = powerLawExponent(points).toFixed(2);
    const colour = PEERS.test(name) ? quietColour : componentColour(i);
    return [`${name}: ${axis}<sup>${exponent}</sup>`, { ...points, colour }] as const;
  });
  const { data, layout } = powerLawFigure(Object.fromEntries(named), { x: xTitle, y: 'milliseconds' });
  const sizes = [...new Set(rows.map(({ size }) => size))];
  const margin = { t: 40, r: 15, b: 60 + LEGEND_LINE * named.length, l: 60 };
  return {
    data,
    layout: {
      ...layout,
      width: WIDTH,
      height: margin.t + PLOT_HEIGHT + margin.b,
      margin,
      title: { text: title, x: 0.02, y: 0.98, yanchor: 'top', font: { size: 15 } },
      legend: { x: 0, xanchor: 'left', yref: 'container', y: 0.01, yanchor: 'bottom' },
      xaxis: { ...layout.xaxis, tickvals: sizes, ticktext: sizes.map(shortTick) },
    },
  };
}

/** What is drawn in grey, beside ours. */
const PEERS = /scikit-learn|NumPy/;

/** Points of one work by one side. */
function seriesOf(rows: readonly GrowthRow[]): Map<string, { x: number[]; y: number[] }> {
  const works = new Set(rows.map(({ work }) => work));
  const series = new Map<string, { x: number[]; y: number[] }>();
  for (const { work, by, size, milliseconds } of rows) {
    const name = works.size === 1 ? by : by === 'dfmr' ? work : `${work}, ${by}`;
    const { x, y } = series.get(name) ?? { x: [], y: [] };
    series.set(name, { x: [...x, size], y: [...y, milliseconds] });
  }
  return series;
}
