import type { OrderChoice } from '../protocol/choose-order-protocol';
import { layout, verticalLine } from './axes';

import type { Figure } from './figure';
import { componentColour } from './palette';

/**
 * BIC and ICL of each order, over all machines, above the least of each, and the order that was chosen.
 * @param choice of `chooseOrder` or `chooseExpertsOrder`
 * @example
 * const choice = await chooseOrder(tables, { orders: [2, 3, 4], starts: 1, workers: 1 });
 * const figure = orderFigure(choice);
 * figure.data.map(({ name }) => name); // ['BIC', 'ICL']
 */
export function orderFigure(choice: OrderChoice): Figure {
  const { scores, order, criterion } = choice;
  const curve = (name: 'bic' | 'icl', k: number) => {
    const least = Math.min(...scores.map((score) => score[name]));
    return {
      type: 'scatter' as const,
      mode: 'lines+markers' as const,
      name: name.toUpperCase(),
      x: scores.map((score) => score.order),
      y: scores.map((score) => score[name] - least),
      text: scores.map(
        ({ votes, found, runs }) =>
          `${votes} votes; best maximum found by ${found.toFixed(1)} of ${runs.toFixed(1)} runs`,
      ),
      hovertemplate: 'K = %{x}: %{y:.4g} above the least<br>%{text}<extra></extra>',
      marker: { size: 8, color: componentColour(k) },
      line: { color: componentColour(k), width: name === criterion ? 2.5 : 1 },
    };
  };
  return {
    data: [curve('bic', 0), curve('icl', 1)],
    layout: layout({
      height: 360,
      xaxis: { title: { text: 'K, components' }, tickvals: scores.map((score) => score.order) },
      yaxis: { title: { text: 'criterion above its least' }, rangemode: 'tozero' },
      shapes: [verticalLine(order)],
    }),
  };
}
