import type { Layout, Shape } from 'plotly.js-dist';

const GRID = '#E5E5E5';
const FONT = { family: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif', size: 13 };

/** The look of an axis. */
export const AXIS = {
  automargin: true,
  gridcolor: GRID,
  zeroline: false,
  linecolor: '#999',
  ticks: 'outside',
  tickcolor: '#999',
} as const;

/** The look that all figures share, with what a figure adds to it. */
export function layout({ xaxis, yaxis, ...rest }: Partial<Layout>): Partial<Layout> {
  return {
    font: FONT,
    paper_bgcolor: 'white',
    plot_bgcolor: 'white',
    margin: { t: 30, r: 25, b: 55, l: 70 },
    height: 420,
    legend: { orientation: 'h', x: 0, y: 1.02, xanchor: 'left', yanchor: 'bottom' },
    ...rest,
    xaxis: { ...AXIS, ...xaxis },
    yaxis: { ...AXIS, ...yaxis },
  };
}

/** A line over the whole height of the figure, at x. */
export function verticalLine(
  x: number,
  line: Shape['line'] = { color: '#777', width: 1, dash: 'dash' },
): Partial<Shape> {
  return { type: 'line', x0: x, x1: x, yref: 'paper', y0: 0, y1: 1, line };
}

/** The height of a machine's row, in pixels: a line of text for few machines, less for many. */
export const rowHeight = (m: number): number => Math.min(20, Math.max(11, 700 / m));

/** Names are cut after this many characters: figures are shown on phones, too. */
const LONGEST_NAME = 20;

/** A name as an axis shows it. */
export const shortName = (name: string): string =>
  name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
