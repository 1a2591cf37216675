import type { Layout, LayoutAxis, Shape } from 'plotly.js-dist';

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

/** So many of a list, evenly spaced from the first to the last; all, if they are no more. */
export function evenlySpaced<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list];
  return Array.from({ length: most }, (_, i) => list[Math.round((i * (list.length - 1)) / (most - 1))]);
}

/** Names are cut after this many characters: figures are shown on phones, too. */
const LONGEST_NAME = 20;

/** A name as an axis shows it. */
export const shortName = (name: string): string =>
  name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;

/** Ticks that a logarithmic axis tries, from the finest on. */
const LOG_STEPS: readonly (readonly number[])[] = [
  [1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 8],
  [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 4, 5, 6, 8],
  [1, 1.5, 2, 3, 4, 5, 7],
  [1, 2, 5],
  [1, 3],
  [1],
];

/** A logarithmic axis whose ticks are chosen. */
interface LogarithmicAxis {
  readonly type: 'log';
  /** log₁₀ of its ends */
  readonly range: [number, number];
  readonly tickvals: number[];
  readonly ticktext: string[];
}

/** A logarithmic axis with at most seven ticks, each with its whole number; of very many decades, powers of ten. */
export function logarithmicAxis(low: number, high: number): LogarithmicAxis {
  const powers = Array.from({ length: 41 }, (_, i) => 10 ** (i - 20));
  const ticks = (steps: readonly number[]) =>
    powers
      .flatMap((power) => steps.map((step) => Number((step * power).toPrecision(3))))
      .filter((tick) => tick >= low && tick <= high);
  const decades = Math.ceil(Math.log10(high / low) / MOST_TICKS);
  const tickvals =
    LOG_STEPS.map(ticks).find(({ length }) => length <= MOST_TICKS) ??
    ticks([1]).filter((tick) => Math.round(Math.log10(tick)) % decades === 0);
  return { type: 'log', range: [Math.log10(low), Math.log10(high)], tickvals, ticktext: tickvals.map(shortTick) };
}

const MOST_TICKS = 7;

/** A logarithmic axis of all positive values, with a little room. */
export function logarithmicAxisOf(values: readonly number[]): Partial<LayoutAxis> {
  const shown = values.filter((value) => value > 0 && value < Infinity);
  if (shown.length === 0) return { type: 'log' };
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const room = Math.max(1.1, (high / low) ** 0.05);
  return logarithmicAxis(low / room, high * room);
}

/** Ticks of an axis that counts from 1 to m. */
export function countingTicks(m: number): Pick<LayoutAxis, 'tickvals'> {
  const step =
    [1, 2, 5, 10, 20, 50, 100, 200, 500].find((one) => m / one <= MOST_TICKS) ??
    10 ** Math.ceil(Math.log10(m / MOST_TICKS));
  return {
    tickvals: [1, ...Array.from({ length: Math.floor(m / step) }, (_, i) => (i + 1) * step).filter((tick) => tick > 1)],
  };
}

/** A number as ticks show it: 20000 as 20k, 2000000 as 2M, 1e-9 as 10⁻⁹. */
export function shortTick(value: number): string {
  if (value !== 0 && (Math.abs(value) >= 1e9 || Math.abs(value) < 1e-4)) {
    const power = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
    const factor = Number((value / 10 ** power).toPrecision(3));
    return `${factor === 1 ? '' : `${factor} × `}10${[...String(power)].map((digit) => RAISED[digit]).join('')}`;
  }
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  return value >= 1e4 ? `${Number((value / 1e3).toPrecision(3))}k` : `${value}`;
}

const RAISED: { readonly [digit: string]: string } = Object.fromEntries(
  [...'0123456789-'].map((digit, i) => [digit, '⁰¹²³⁴⁵⁶⁷⁸⁹⁻'[i]]),
);
