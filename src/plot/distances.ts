import type { Data } from 'plotly.js-dist';
import type { Dfmr } from '../aggregate/dfmr';
import type { DistanceMatrix } from '../distance/l2';
import { layout } from './axes';
import type { Figure } from './figure';
import { failedColour, honestColour, methodColours } from './palette';

/**
 * Every machine's distance to the centre of attention, in units of the radius, nearest first; what lies in the shaded
 * band is kept.
 * @param failed the machines that are known to have failed, drawn as triangles: known in simulations only
 */
export function distanceFigure(
  { coat, kept, distances, radius, threshold }: Dfmr<never>,
  { failed = [] }: { readonly failed?: ArrayLike<number> } = {},
): Figure {
  const wrong = new Set(Array.from(failed));
  const inBall = new Set(kept);
  const unit = radius > 0 ? radius : 1;
  const others = Array.from(distances.keys())
    .filter((i) => i !== coat.index)
    .sort((a, b) => distances[a] - distances[b]);
  const positive = others.map((i) => distances[i] / unit).filter((d) => d > 0);
  const floor = Math.min(1, ...positive) / 2; // where a logarithmic axis shows 0
  const height = (i: number): number => Math.max(distances[i] / unit, floor);

  const group = (name: string, colour: string, symbol: 'circle' | 'triangle-up', members: number[]): Partial<Data> => ({
    type: 'scatter',
    mode: 'markers',
    name,
    x: members.map((i) => others.indexOf(i) + 2),
    y: members.map(height),
    text: members.map((i) => `machine ${i}, ${inBall.has(i) ? 'kept' : 'set aside'}`),
    hovertemplate: '%{text}<br>distance %{y:.3g} radii<extra></extra>',
    marker: {
      size: 10,
      symbol: members.map((i) => (inBall.has(i) ? symbol : (`${symbol}-open` as const))),
      color: colour,
      line: { width: 1.5, color: colour },
    },
  });
  const honest = others.filter((i) => !wrong.has(i));
  const ratio = threshold / unit;
  return {
    data: [
      {
        type: 'scatter',
        mode: 'markers',
        name: `COAT (machine ${coat.index}, at distance 0)`,
        x: [1],
        y: [floor],
        hovertemplate: `machine ${coat.index}, the centre of attention<extra></extra>`,
        marker: { size: 18, symbol: 'star', color: methodColours.COAT, line: { width: 1, color: '#333' } },
      },
      group(wrong.size > 0 ? 'honest machine' : 'machine', honestColour, 'circle', honest),
      ...(wrong.size > 0
        ? [
            group(
              'failed machine',
              failedColour,
              'triangle-up',
              others.filter((i) => wrong.has(i)),
            ),
          ]
        : []),
    ],
    layout: layout({
      xaxis: { title: { text: 'machines, nearest to the COAT first' }, range: [0, distances.length + 1] },
      yaxis: { title: { text: 'L² distance to the COAT, in radii r' }, type: 'log', dtick: 1 },
      shapes: [
        {
          type: 'rect',
          xref: 'paper',
          x0: 0,
          x1: 1,
          y0: floor / 1.6,
          y1: ratio,
          fillcolor: honestColour,
          opacity: 0.08,
          line: { width: 0 },
          layer: 'below',
        },
        { type: 'line', xref: 'paper', x0: 0, x1: 1, y0: ratio, y1: ratio, line: { color: honestColour, width: 1.5 } },
        { type: 'line', xref: 'paper', x0: 0, x1: 1, y0: 1, y1: 1, line: { color: '#777', width: 1, dash: 'dot' } },
      ],
      annotations: [
        {
          xref: 'paper',
          x: 1,
          xanchor: 'right',
          y: Math.log10(ratio),
          yanchor: 'bottom',
          text: `threshold ρ r, ρ = ${Number(ratio.toPrecision(3))}: ${kept.length} of ${distances.length} machines kept below`,
          showarrow: false,
          font: { color: honestColour },
        },
      ],
    }),
  };
}

/**
 * All pairwise L² distances as a picture, on a logarithmic scale: groups of estimates that agree are dark squares.
 * @param order the machines in the order to draw them; as they come if not given
 */
export function distanceMatrixFigure(
  matrix: DistanceMatrix,
  {
    order = Array.from({ length: matrix.size }, (_, i) => i),
    unit = 1,
  }: { order?: readonly number[]; unit?: number } = {},
): Figure {
  const names = order.map((i) => `machine ${i}`);
  return {
    data: [
      {
        type: 'heatmap',
        x: names,
        y: names,
        z: order.map((i) => order.map((j) => (i === j ? null : Math.log10(matrix.at(i, j) / unit)))) as number[][],
        colorscale: 'Cividis',
        hovertemplate: '%{y} and %{x}<br>log₁₀ distance %{z:.2f}<extra></extra>',
        colorbar: {
          title: { text: `log₁₀ of the L² distance${unit === 1 ? '' : ', in radii'}`, side: 'right' },
          thickness: 14,
        },
      },
    ],
    layout: layout({
      height: 520,
      xaxis: { showticklabels: false, ticks: '', title: { text: 'machines' }, constrain: 'domain' },
      yaxis: { showticklabels: false, ticks: '', title: { text: 'machines' }, scaleanchor: 'x', autorange: 'reversed' },
    }),
  };
}
