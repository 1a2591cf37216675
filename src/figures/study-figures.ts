import type { Data } from 'plotly.js-dist';
import { InvalidInput } from '../errors';
import { inflationFactorOf } from '../study/study-design';
import type { SummaryRow } from '../study/study-summary';
import { layout, logarithmicAxis, shortTick } from './axes';
import type { Figure } from './figure';
import { gridFigure } from './grid-figure';
import { componentColour, methodColour, methodSymbol } from './palette';

const NAMES = {
  w1: 'W₁ to the truth',
  ari: 'ARI with the truth’s clustering',
  rows: 'N, rows of all machines',
  machines: 'm, machines',
  overlap: 'MaxOmega',
};

/** What `comparisonFigure` shows. */
export interface ComparisonFigureOptions {
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
 * @param options what the axes are, and the range of the second
 * @throws InvalidInput if two rows of a panel are of one method and the same x
 * @example
 * const design = {
 *   settings: [{ population: truth.toJSON(), sampleSize: 100, machines: [4, 6] }],
 *   failures: ['mean'],
 *   fractions: [0.2],
 *   methods: ['COAT', 'Vanilla'],
 *   seed: 1,
 * };
 * const rows = summarise(await runStudy(design, { repetitions: 2, workers: 1 }));
 * comparisonFigure(rows, { x: 'machines' }).data.map(({ name }) => name); // ['COAT', 'Vanilla']
 */
export function comparisonFigure(rows: readonly SummaryRow[], options: ComparisonFigureOptions): Figure {
  const { x, y = 'w1', range } = options;
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
        ticktext: places.map(shortTick),
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
 * The W₁ of DFMR over that of the oracle, which knows who failed, against the inflation factor: 1 is as good as it gets. A panel for each
 * failure, a curve for each rate or number of machines.
 * @param rows of `summarise`, among them those of the Oracle
 * @param options what the colours stand for
 * @throws InvalidInput if there are no rows of DFMR, or none of the Oracle to compare one with
 * @example
 * const design = {
 *   settings: [{ population: truth.toJSON(), sampleSize: 100, machines: [6] }],
 *   failures: ['mean'],
 *   fractions: [0.2],
 *   methods: ['Oracle', 'DFMR(1.1)', 'DFMR(1.3)'],
 *   seed: 1,
 * };
 * const rows = summarise(await runStudy(design, { repetitions: 2, workers: 1 }));
 * inflationFigure(rows, { by: 'fraction' }).data.map(({ name }) => name); // ['α = 0.2', 'Oracle']
 */
export function inflationFigure(
  rows: readonly SummaryRow[],
  options: {
    /** what the colours stand for */
    readonly by: 'fraction' | 'machines';
  },
): Figure {
  const { by } = options;
  const shown = rows.filter(({ method }) => inflationFactorOf(method) !== undefined);
  if (shown.length === 0) throw new InvalidInput('there are no rows of DFMR to show');
  const ratioOf = (row: SummaryRow): number => {
    const oracle = rows.find(
      ({ method, failure, ...other }) => method === 'Oracle' && failure === row.failure && other[by] === row[by],
    );
    if (!oracle) throw new InvalidInput(`there is no row of the Oracle for ${row.failure} failures, ${by} ${row[by]}`);
    return row.w1 / oracle.w1;
  };
  const failures = distinct(shown.map(({ failure }) => failure));
  const values = distinct(shown.map((row) => row[by]));
  const symbol = by === 'fraction' ? 'α' : 'm';
  const ratios = shown.map(ratioOf);
  const axis = logarithmicAxis(Math.min(0.95, ...ratios) / 1.02, Math.max(...ratios) * 1.05);
  const factors = shown.map(({ method }) => inflationFactorOf(method) as number);
  const oracle: Partial<Data> = {
    type: 'scatter',
    mode: 'lines',
    name: 'Oracle',
    x: [Math.min(...factors), Math.max(...factors)],
    y: [1, 1],
    line: { color: methodColour('Oracle'), width: 1.2, dash: 'dash' },
    hoverinfo: 'skip',
  };
  const curves = (own: readonly SummaryRow[]) =>
    values.map((value, i): Partial<Data> => {
      const line = own.filter((row) => row[by] === value);
      const name = `${symbol} = ${value}`;
      return {
        type: 'scatter',
        mode: 'lines',
        name,
        x: line.map(({ method }) => inflationFactorOf(method) as number),
        y: line.map(ratioOf),
        line: { color: componentColour(i), width: 2 },
        hovertemplate: `DFMR(%{x}), ${name}: %{y:.3g} times the oracle's<extra></extra>`,
      };
    });
  const panel = (own: readonly SummaryRow[], titled: boolean): Figure => ({
    data: [...curves(own), oracle],
    layout: layout({
      xaxis: { title: { text: 'inflation factor ρ' } },
      yaxis: { title: { text: titled ? 'W₁ over the oracle’s' : '' }, ...axis },
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

const distinct = <Value>(values: readonly Value[]): Value[] => [...new Set(values)];
