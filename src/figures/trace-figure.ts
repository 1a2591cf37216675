import { layout } from './axes';
import type { Figure } from './figure';
import { componentColour } from './palette';

/**
 * The objective of an iteration, one line for each named run.
 * @param traces the objective at each iteration, by the name of the run
 * @param label what the objective is, with its unit
 * @example
 * const figure = traceFigure({ 'machine 0': fits[0].trace, 'machine 1': fits[1].trace }, 'penalised log-likelihood');
 * figure.data.flatMap(({ name }) => name ?? []); // ['machine 0', 'machine 1']
 */
export function traceFigure(traces: Readonly<Record<string, ArrayLike<number>>>, label: string): Figure {
  return {
    data: Object.entries(traces).map(([name, trace], run) => ({
      type: 'scatter',
      mode: 'lines+markers',
      name,
      x: Array.from({ length: trace.length }, (_, t) => t),
      y: Array.from(trace),
      line: { color: componentColour(run), width: 2 },
      marker: { size: 5, color: componentColour(run) },
      hovertemplate: `${name}<br>iteration %{x}: %{y:.6g}<extra></extra>`,
    })),
    layout: layout({
      xaxis: { title: { text: 'iteration' } },
      yaxis: { title: { text: label } },
      showlegend: true,
    }),
  };
}
