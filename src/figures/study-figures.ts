import type { Data } from 'plotly.js-dist';
import { InvalidInput } from '../errors';
import { inflationFactorOf } from '../study/study-design';
import type { SummaryRow } from '../study/study-summary';
import { layout } from './axes';
import type { Figure } from './figure';
import { gridFigure } from './grid-figure';
import { componentColour, methodColour, methodSymbol, quietColour } from './palette';

const NAMES = {
  w1: 'W₁ to the truth',
  ari: 'ARI with the truth’s clustering',
  rows: 'N, rows of all machines',
  machines: 'm, machines',
  overlap: 'MaxOmega',
};

/** What `comparisonFigure` shows. */
interface ComparisonFigureOptions {
  /** N = m n, m, or MaxOmega */
  readonly x: 'rows' | 'machines' | 'overlap';
  /**
   * W₁, on a logarithmic axis, or the ARI
   * @defaultValue 'w1'
   */
  readonly y?: 'w1' | 'ari';
  /**
   * the ends of the y axis, to cut off what fails altogether
   * @defaultValue all values
   */
  readonly range?: [number, number];
}

/**
 * Methods side by side as one quantity grows: a panel for each failure and each failure rate, means with their standard errors.
 * @param rows of `summarise`, of settings that differ in nothing else
 * @throws InvalidInput if two rows of a panel are of one method and the same x
 */
export function comparisonFigure(rows: readonly SummaryRow[], { x, y = 'w1', range }: ComparisonFigureOptions): Figure {
  const at = (row: SummaryRow) => (x === 'rows' ? row.machines * row.sampleSize : (row[x] ?? 0));
  const fractions = distinct(rows.map(({ fraction }) => fraction));
  const failures = distinct(rows.map(({ failure }) => failure));
  const methods = distinct(rows.map(({ method }) => method)).filter((method) => method !== 'DFMR(best)'); // nobody's
  const places = distinct(rows.map(at)).sort((a, b) => a - b);
  const logarithmic = y === 'w1';
  const values = rows.map((row) => row[y] ?? Number.NaN).filter((value) => value - value === 0);
  const [low, high] = range ?? [
    Math.min(...values) / (logarithmic ? 1.3 : 1),
    Math.max(...values) * (logarithmic ? 1.3 : 1),
  ];
  const panel = (own: readonly SummaryRow[], titled: boolean): Figure => ({
    data: methods.map((method, i): Partial<Data> => {
      const line = own.filter((row) => row.method === method).sort((a, b) => at(a) - at(b));
      if (distinct(line.map(at)).length < line.length)
        throw new InvalidInput(
          `there is more than one row of ${method} at the same ${NAMES[x]}: choose the rows of one other setting`,
        );
      const colour = methodColour(method);
      return {
        type: 'scatter',
        mode: 'lines+markers',
        name: method,
        x: line.map(at),
        y: line.map((row) => row[y]),
        error_y: {
          type: 'data',
          array: line.map((row) => row[`${y}Error`] ?? 0),
          thickness: 1,
          width: 3,
          color: colour,
        },
        line: { color: colour, width: 1.5 },
        marker: { color: colour, size: 7, symbol: methodSymbol(i) },
        hovertemplate: `${method}: %{y:.4g} at %{x}<extra></extra>`,
      };
    }),
    layout: layout({
      xaxis: {
        title: { text: NAMES[x] },
        type: x === 'overlap' ? 'linear' : 'log',
        tickvals: places,
        ticktext: places.map(short),
      },
      yaxis: {
        title: { text: titled ? NAMES[y] : '' },
        ...(logarithmic ? logarithmicAxis(low, high) : { range: [low, high] }),
      },
    }),
  });
  const panels = failures.flatMap((failure) =>
    fractions.map((fraction, i) => [
      `${failure}, α = ${fraction}`,
      panel(
        rows.filter((row) => row.failure === failure && row.fraction === fraction),
        i === 0 && (fractions.length > 1 || failure === failures[0]),
      ),
    ]),
  );
  const columns = fractions.length > 1 ? fractions.length : failures.length;
  return gridFigure(Object.fromEntries(panels), { columns, rowHeight: 280, legend: true });
}

/**
 * The W₁ of DFMR against its inflation factor, a panel for each failure: with standard errors (vertical), and level lines for the
 * Oracle (dashed) and COAT (dots and dashes) in the same colour.
 * @param rows of `summarise`
 * @throws InvalidInput if there are no rows of DFMR
 */
export function inflationFigure(
  rows: readonly SummaryRow[],
  { by }: { /** what the colours stand for */ readonly by: 'fraction' | 'machines' },
): Figure {
  if (!rows.some(({ method }) => inflationFactorOf(method) !== undefined))
    throw new InvalidInput('there are no rows of DFMR to show');
  const failures = distinct(rows.map(({ failure }) => failure));
  const values = distinct(rows.map((row) => row[by]));
  const symbol = by === 'fraction' ? 'α' : 'm';
  const shown = rows.filter(
    ({ method }) => inflationFactorOf(method) !== undefined || ['Oracle', 'COAT'].includes(method),
  );
  const all = shown.map(({ w1 }) => w1);
  const axis = logarithmicAxis(Math.min(...all) / 1.15, Math.max(...all) * 1.15);
  const key = (name: string, dash: 'dash' | 'dashdot'): Partial<Data> => ({
    type: 'scatter',
    mode: 'lines',
    name,
    x: [null],
    y: [null],
    line: { color: quietColour, width: 1.2, dash },
  });
  const panel = (own: readonly SummaryRow[], titled: boolean): Figure => ({
    data: values.flatMap((value, i): Partial<Data>[] => {
      const colour = componentColour(i);
      const name = `${symbol} = ${value}`;
      const line = own.filter((row) => row[by] === value && inflationFactorOf(row.method) !== undefined);
      const factors = line.map(({ method }) => inflationFactorOf(method) as number);
      const level = (method: string, dash: 'dash' | 'dashdot'): Partial<Data>[] => {
        const found = own.find((row) => row[by] === value && row.method === method);
        if (!found) return [];
        const ends = [factors[0], factors[factors.length - 1]];
        return [
          {
            type: 'scatter',
            mode: 'lines',
            showlegend: false,
            x: ends,
            y: ends.map(() => found.w1),
            line: { color: colour, width: 1.2, dash },
            hovertemplate: `${method}, ${name}: %{y:.4g}<extra></extra>`,
          },
        ];
      };
      return [
        {
          type: 'scatter',
          mode: 'lines',
          name,
          x: factors,
          y: line.map(({ w1 }) => w1),
          error_y: {
            type: 'data',
            array: line.map((row) => row.w1Error ?? 0),
            thickness: 0.7,
            width: 0,
            color: colour,
          },
          line: { color: colour, width: 2 },
          hovertemplate: `DFMR(%{x}), ${name}: %{y:.4g}<extra></extra>`,
        },
        ...level('Oracle', 'dash'),
        ...level('COAT', 'dashdot'),
        ...(i === values.length - 1 ? [key('Oracle', 'dash'), key('COAT', 'dashdot')] : []),
      ];
    }),
    layout: layout({
      xaxis: { title: { text: 'inflation factor ρ' } },
      yaxis: { title: { text: titled ? NAMES.w1 : '' }, ...axis },
    }),
  });
  const panels = failures.map((failure, i) => [
    `${failure} failure`,
    panel(
      shown.filter((row) => row.failure === failure),
      i === 0,
    ),
  ]);
  return gridFigure(Object.fromEntries(panels), { columns: failures.length, rowHeight: 340, legend: true });
}

/** A logarithmic axis with ticks at 1, 2 and 5 times the powers of ten, of at most seven. */
function logarithmicAxis(low: number, high: number) {
  const ticks = (steps: readonly number[]) => {
    const powers = Array.from({ length: 40 }, (_, i) => 10 ** (i - 20));
    return powers
      .flatMap((power) => steps.map((step) => Number((step * power).toPrecision(3))))
      .filter((t) => t >= low && t <= high);
  };
  const fine = ticks([1, 2, 5]);
  const tickvals = fine.length <= 7 ? fine : ticks([1]);
  return {
    type: 'log' as const,
    range: [Math.log10(low), Math.log10(high)] as [number, number],
    tickvals,
    ticktext: tickvals.map((tick) => `${tick}`),
  };
}

/** A number as ticks show it: 20000 as 20k, 2000000 as 2M. */
function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1e4 ? `${value / 1e3}k` : `${value}`;
}

const distinct = <Value>(values: readonly Value[]): Value[] => [...new Set(values)];
