import type { InflationCurve } from '../aggregate/inflation';
import { layout, logarithmicAxisOf, verticalLine } from './axes';
import type { Figure } from './figure';
import { honestColour, methodColour } from './palette';

/**
 * How many machines DFMR keeps as ρ grows, how far that moves the result, and the ρ that was taken.
 * @param inflationFactor ρ that was taken
 */
export function inflationCurveFigure({ steps }: InflationCurve<unknown>, inflationFactor: number): Figure {
  const end = Math.max(inflationFactor, ...steps.map((step) => step.inflationFactor)) * 1.15;
  const stairs = (of: (step: (typeof steps)[number]) => number) => ({
    x: [...steps.map((step) => step.inflationFactor), end],
    y: [...steps.map(of), of(steps[steps.length - 1])],
  });
  const line = (color: string) => ({ color, width: 2, shape: 'hv' as const });
  return {
    data: [
      {
        type: 'scatter',
        mode: 'lines',
        name: 'machines kept',
        ...stairs(({ kept }) => kept.length),
        line: line(honestColour),
      },
      {
        type: 'scatter',
        mode: 'lines',
        name: 'W₁ from the result at ρ = 1',
        ...stairs(({ moved }) => moved),
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
