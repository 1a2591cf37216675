import type { Data } from 'plotly.js-dist';
import type { ArenaSummaryRow } from '../study/arena';
import { layout, logarithmicAxisOf } from './axes';
import type { Figure } from './figure';
import { methodColour } from './palette';

/**
 * What adversaries can do to each rule: for every share of them, the median, the 95 % point and the worst of W₁ over that of the
 * oracle, each the largest over all populations and sample sizes. 1 is as good as knowing who lies.
 * @param rows of `summariseArena`
 * @example
 * const design = {
 *   populations: { three: truth.toJSON() },
 *   sampleSizes: [200],
 *   machines: 5,
 *   fractions: [0.2, 0.4],
 *   rules: ['COAT', 'Vanilla'],
 *   adversaries: ['mean', 'weight'],
 *   seed: 1,
 * };
 * const rows = summariseArena(await runArena(design, { repetitions: 1, workers: 1 }));
 * const figure = arenaFigure(rows);
 * figure.data.length; // 7: traces of Plotly
 */
export function arenaFigure(rows: readonly ArenaSummaryRow[]): Figure {
  const fought = rows.filter(({ against }) => against === 'adversaries');
  const rules = [...new Set(fought.map(({ rule }) => rule))];
  const fractions = [...new Set(fought.map(({ fraction }) => fraction))].sort((a, b) => a - b);
  const places = rules.flatMap((rule) =>
    fractions.map((fraction) => ({ rule, fraction, name: `${rule}, α = ${fraction}` })),
  );
  const largest = (rule: string, fraction: number, of: (row: ArenaSummaryRow) => number) =>
    Math.max(...fought.filter((row) => row.rule === rule && row.fraction === fraction).map(of));
  const shown = places.flatMap(({ rule, fraction }) =>
    [({ median }: ArenaSummaryRow) => median, ({ worst }: ArenaSummaryRow) => worst].map((of) =>
      largest(rule, fraction, of),
    ),
  );
  const names = places.map(({ name }) => name);
  const colours = places.map(({ rule }) => methodColour(rule));
  const points = (
    title: string,
    symbol: 'line-ns-open' | 'circle-open' | 'circle',
    of: (row: ArenaSummaryRow) => number,
  ): Partial<Data> => ({
    type: 'scatter',
    mode: 'markers',
    name: title,
    x: places.map(({ rule, fraction }) => largest(rule, fraction, of)),
    y: names,
    marker: { symbol, size: 10, color: colours, line: { width: 1.5, color: colours } },
    hovertemplate: `%{y}, ${title}: %{x:.3g}<extra></extra>`,
  });
  const ranges = places.map(
    ({ rule, fraction, name }): Partial<Data> => ({
      type: 'scatter',
      mode: 'lines',
      x: [largest(rule, fraction, ({ median }) => median), largest(rule, fraction, ({ worst }) => worst)],
      y: [name, name],
      line: { color: methodColour(rule), width: 2 },
      showlegend: false,
      hoverinfo: 'skip',
    }),
  );
  return {
    data: [
      ...ranges,
      points('median', 'line-ns-open', ({ median }) => median),
      points('95 % point', 'circle-open', ({ high }) => high),
      points('worst', 'circle', ({ worst }) => worst),
    ],
    layout: layout({
      height: 140 + 26 * places.length,
      margin: { t: 40, r: 25, b: 60, l: 150 },
      xaxis: { title: { text: 'W₁ to the truth over that of the oracle' }, ...logarithmicAxisOf([1, ...shown]) },
      yaxis: { type: 'category', autorange: 'reversed', showgrid: true },
      shapes: [
        { type: 'line', x0: 1, x1: 1, yref: 'paper', y0: 0, y1: 1, line: { color: '#777', width: 1, dash: 'dot' } },
      ],
    }),
  };
}

/**
 * How the worst that adversaries do grows with their share: of each rule, the largest ratio over all populations, sample sizes and
 * adversaries.
 * @param rows of `summariseArena`
 * @example
 * const design = {
 *   populations: { three: truth.toJSON() },
 *   sampleSizes: [200],
 *   machines: 5,
 *   fractions: [0.2, 0.4],
 *   rules: ['COAT', 'Vanilla'],
 *   adversaries: ['mean', 'weight'],
 *   seed: 1,
 * };
 * const figure = breakdownFigure(summariseArena(await runArena(design, { repetitions: 1, workers: 1 })));
 * figure.data.map(({ name }) => name); // ['COAT', 'Vanilla']
 */
export function breakdownFigure(rows: readonly ArenaSummaryRow[]): Figure {
  const fought = rows.filter(({ against }) => against === 'adversaries');
  const rules = [...new Set(fought.map(({ rule }) => rule))];
  const fractions = [...new Set(fought.map(({ fraction }) => fraction))].sort((a, b) => a - b);
  return {
    data: rules.map((rule): Partial<Data> => {
      const worst = (fraction: number) =>
        Math.max(...fought.filter((row) => row.rule === rule && row.fraction === fraction).map((row) => row.worst));
      return {
        type: 'scatter',
        mode: 'lines+markers',
        name: rule,
        x: fractions,
        y: fractions.map(worst),
        line: { color: methodColour(rule), width: 2 },
        marker: { color: methodColour(rule), size: 8 },
        hovertemplate: `${rule}, α = %{x}: %{y:.3g}<extra></extra>`,
      };
    }),
    layout: layout({
      height: 380,
      xaxis: { title: { text: 'α, the share of adversaries' }, range: [0, 0.52] },
      yaxis: {
        title: { text: 'worst W₁ over that of the oracle' },
        ...logarithmicAxisOf([1, ...fought.map(({ worst }) => worst)]),
      },
      shapes: [
        { type: 'line', x0: 0.5, x1: 0.5, yref: 'paper', y0: 0, y1: 1, line: { color: '#777', width: 1, dash: 'dot' } },
      ],
      annotations: [
        {
          x: 0.5,
          yref: 'paper',
          y: 0.5,
          xanchor: 'right',
          text: 'half of the machines ',
          showarrow: false,
          font: { color: '#666', size: 12 },
        },
      ],
    }),
  };
}
