import { layout } from './axes';
import type { Figure } from './figure';
import { methodColour } from './palette';

/**
 * One number for each method, side by side: dots, best at the top.
 * @param values the number of each method, by its name
 * @param label what the number is, with its unit
 * @example
 * const { estimates } = fail(fits, { kind: 'mean', fraction: 0.2, seed: 1 });
 * const errors = { DFMR: wasserstein1(dfmr(estimates), truth), Vanilla: wasserstein1(reduce(estimates), truth) };
 * const figure = methodsFigure(errors, 'W₁ to the truth');
 * figure.data[0].type; // 'scatter'
 */
export function methodsFigure(values: Readonly<Record<string, number>>, label: string): Figure {
  const methods = Object.keys(values).sort((a, b) => values[a] - values[b]);
  return {
    data: [
      {
        type: 'scatter',
        mode: 'text+markers',
        x: methods.map((method) => values[method]),
        y: methods,
        text: methods.map((method) => values[method].toFixed(3)),
        textposition: 'middle right',
        cliponaxis: false,
        marker: { size: 14, color: methods.map((method) => methodColour(method)) },
        hovertemplate: '%{y}: %{x:.4f}<extra></extra>',
        showlegend: false,
      },
    ],
    layout: layout({
      height: 110 + 36 * methods.length,
      margin: { t: 20, r: 60, b: 55, l: 100 },
      xaxis: { title: { text: label }, tickformat: '.3f', nticks: 6 },
      yaxis: { type: 'category', showgrid: true },
    }),
  };
}
