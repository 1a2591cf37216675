import type { Annotation, Data } from 'plotly.js-dist';
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
  { coat, kept, distances, radius, threshold }: Dfmr<unknown>,
  { failed = [] }: { readonly failed?: ArrayLike<number> } = {},
): Figure {
  const wrong = new Set(Array.from(failed));
  const inBall = new Set(kept);
  const m = distances.length;
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
      xaxis: { title: { text: 'machines, nearest to the COAT first' }, range: [0, m + 1] },
      yaxis: {
        title: { text: 'L² distance to the COAT, in radii r' },
        type: 'log',
        dtick: 1,
        range: [Math.log10(floor / 1.6), Math.log10(1.6 * Math.max(ratio, ...others.map(height)))],
      },
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
        note(
          ratio,
          'bottom',
          `threshold ρ r, ρ = ${Number(ratio.toPrecision(3))}: ${kept.length} of ${m} machines kept`,
        ),
        note(1, 'top', 'radius r of the centre of attention'),
      ],
    }),
  };
}

/** Words at the left end of the line at height y. */
function note(y: number, yanchor: 'top' | 'bottom', text: string): Partial<Annotation> {
  const font = { color: yanchor === 'top' ? '#666' : honestColour, size: 12 };
  return { xref: 'paper', x: 0.01, xanchor: 'left', y: Math.log10(y), yanchor, text, showarrow: false, font };
}

/**
 * All pairwise L² distances as a picture, on a logarithmic scale: blue where two estimates are closer than `neutral`,
 * orange where they are farther.
 * @param order the machines in the order to draw them; as they come if not given
 */
export function distanceMatrixFigure(
  matrix: DistanceMatrix,
  {
    neutral,
    order = Array.from({ length: matrix.size }, (_, i) => i),
  }: { readonly neutral: number; readonly order?: readonly number[] },
): Figure {
  const names = order.map((i) => `machine ${i}`);
  const shade = (i: number, j: number) => (i === j ? null : Math.log10(matrix.at(i, j) / neutral));
  return {
    data: [
      {
        type: 'heatmap',
        x: names,
        y: names,
        z: order.map((i) => order.map((j) => shade(i, j))) as number[][],
        colorscale: [
          [0, honestColour],
          [0.5, '#F7F7F7'],
          [1, failedColour],
        ],
        zmid: 0,
        hovertemplate: '%{y} and %{x}<br>10<sup>%{z:.2f}</sup> times the neutral distance<extra></extra>',
        colorbar: { title: { text: 'log₁₀ (L² distance / neutral distance)', side: 'right' }, thickness: 14 },
      },
    ],
    layout: layout({
      height: 520,
      xaxis: { showticklabels: false, ticks: '', title: { text: 'machines' }, constrain: 'domain', showgrid: false },
      yaxis: {
        showticklabels: false,
        ticks: '',
        title: { text: 'machines' },
        scaleanchor: 'x',
        constrain: 'domain',
        autorange: 'reversed',
        showgrid: false,
      },
    }),
  };
}
