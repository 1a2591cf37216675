import type { InflationCurve } from '../aggregate/inflation';
import { layout, logarithmicAxisOf, verticalLine } from './axes';
import type { Figure } from './figure';
import { honestColour, methodColour } from './palette';

/**
 * How many machines DFMR keeps as ρ grows, how far that moves the result, and the ρ that was taken. If not every kept set was reduced, W₁
 * is that of the last one that was, up to each ρ.
 * @param inflationFactor ρ that was taken
 * @param curve of `inflationCurve`
 * @example
 * const { estimates } = fail(fits, { kind: 'mean', fraction: 0.2, seed: 1 });
 * const curve = inflationCurve(estimates);
 * const figure = inflationCurveFigure(curve, curve.suggestion.inflationFactor);
 * figure.data.map(({ name }) => name); // ['machines kept', 'W₁ from the result at ρ = 1']
 */
export function inflationCurveFigure(curve: InflationCurve<unknown>, inflationFactor: number): Figure {
  const { steps, ratios } = curve;
  const last = steps[steps.length - 1];
  const end = Math.max(inflationFactor, last.inflationFactor) * 1.15;
  const stairs = (x: readonly number[], y: readonly number[]) => ({ x: [...x, end], y: [...y, y[y.length - 1]] });
  // of many machines not every kept set is reduced, but all that are added are shown
  const ascending = ratios.slice().sort();
  const levels = [...new Set([1, ...ascending.filter((ratio) => ratio > 1 && ratio <= last.inflationFactor)])];
  const counts = levels.map((level) => countUpTo(ascending, level));
  const line = (color: string) => ({ color, width: 2, shape: 'hv' as const });
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: 'machines kept',
        ...stairs(levels, counts),
        line: line(honestColour),
      },
      {
        type: 'scatter',
        mode: 'lines',
        name: 'W₁ from the result at ρ = 1',
        ...stairs(
          steps.map((step) => step.inflationFactor),
          steps.map(({ moved }) => moved),
        ),
        yaxis: 'y2',
        line: { ...line(methodColour('COAT')), dash: 'dot' },
      },
    ],
    layout: layout({
      height: 360,
      margin: { t: 30, r: 75, b: 55, l: 70 },
      xaxis: {
        title: { text: 'inflation factor ρ' },
        ...logarithmicAxisOf([...steps.map((step) => step.inflationFactor), end]),
      },
      yaxis: { title: { text: 'machines kept' }, rangemode: 'tozero' },
      yaxis2: {
        title: { text: 'W₁ from the result at ρ = 1' },
        overlaying: 'y',
        side: 'right',
        rangemode: 'tozero',
        showgrid: false,
        automargin: true,
        tickformat: '.3~g',
      },
      shapes: [verticalLine(inflationFactor)],
      annotations: [
        {
          x: Math.log10(inflationFactor),
          yref: 'paper',
          y: 0.02,
          yanchor: 'bottom',
          xanchor: 'left',
          text: ` ρ = ${Number(inflationFactor.toPrecision(3))}`,
          showarrow: false,
          font: { color: '#666', size: 12 },
        },
      ],
    }),
  };
}

/** How many of the numbers, which ascend, are at most `most`. */
function countUpTo(ascending: Float64Array, most: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] <= most) low = middle + 1;
    else high = middle;
  }
  return low;
}
