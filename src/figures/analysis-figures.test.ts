import { describe, expect, it } from 'vitest';
import { inflationCurve } from '../aggregate/inflation';
import { gaussianMixture } from '../mixture/constructors';
import { bell } from '../mixture/mixtures.fixture';
import type { OrderChoice } from '../protocol/choose-order-protocol';
import { inflationCurveFigure } from './inflation-curve-figure';
import { orderFigure } from './order-figure';
import { weightsFigure } from './weights-figure';

interface Trace {
  name: string;
  type: string;
  x: (number | string)[];
  y: number[];
  text: string[];
  yaxis?: string;
  line: { shape?: string; width: number; color: string };
  marker: { color: string[] };
  error_y?: { array: number[] };
}
const traces = (figure: { data: unknown[] }): Trace[] => figure.data as Trace[];

interface Parts {
  shapes: { x0: number; x1: number }[];
  annotations: { x: number; text: string }[];
  xaxis: { type: string; tickvals: number[]; title: { text: string } };
}
const parts = (figure: { layout: object }): Parts => figure.layout as Parts;

describe('the curve of inflation factors', () => {
  const curve = inflationCurve([0, 0.1, -0.1, 0.12, 0.9, 2].map((mean) => bell(mean)));
  const { steps } = curve;
  const figure = inflationCurveFigure(curve, 1.5);
  const [kept, moved] = traces(figure);

  it('climbs a stair at each step, from ρ = 1 on to beyond the last', () => {
    expect([kept.line.shape, moved.line.shape]).toEqual(['hv', 'hv']);
    expect(kept.x.slice(0, -1)).toEqual(steps.map(({ inflationFactor }) => inflationFactor));
    expect(kept.y.slice(0, -1)).toEqual(steps.map((step) => step.kept.length));
    expect(moved.x).toEqual(kept.x);
    expect(moved.y.slice(0, -1)).toEqual(steps.map((step) => step.moved));
    expect(kept.x[0]).toBe(1);
    expect(kept.x[steps.length]).toBeGreaterThan(kept.x[steps.length - 1] as number);
    expect(kept.y[steps.length]).toBe(6);
    expect(moved.y[steps.length]).toBe(moved.y[steps.length - 1]);
  });

  it('has an axis for each, and both in the legend', () => {
    expect([kept.yaxis, moved.yaxis]).toEqual([undefined, 'y2']);
    expect([kept.name, moved.name]).toEqual(['machines kept', 'W₁ from the result at ρ = 1']);
  });

  it('marks the factor that was taken, on the logarithmic axis', () => {
    const { shapes, annotations, xaxis } = parts(figure);
    expect(xaxis.type).toBe('log');
    expect(shapes[0]).toMatchObject({ x0: 1.5, x1: 1.5 });
    expect(annotations[0]).toMatchObject({ x: Math.log10(1.5), text: ' ρ = 1.5' });
  });

  it('goes as far as a factor beyond all machines', () => {
    const [wide] = traces(inflationCurveFigure(curve, 1000));
    expect(wide.x[steps.length]).toBeGreaterThan(1000);
  });

  it('is flat where there is one step', () => {
    const [one] = traces(inflationCurveFigure(inflationCurve([bell(0)]), 1.3));
    expect(one.y).toEqual([1, 1]);
    expect(one.x).toEqual([1, expect.closeTo(1.3 * 1.15, 12)]);
  });
});

describe('the figure of orders', () => {
  const scores = [
    { order: 1, bic: 1000, icl: 1100, votes: 0, found: 10, runs: 10, maxima: 1 },
    { order: 2, bic: 900, icl: 950, votes: 4, found: 9.26, runs: 10, maxima: 2 },
    { order: 4, bic: 910, icl: 1200, votes: 1, found: 3, runs: 10, maxima: 4.5 },
  ];
  const choice: OrderChoice = { order: 2, criterion: 'icl', scores, reasons: [] };
  const figure = orderFigure(choice);
  const [bic, icl] = traces(figure);

  it('draws both criteria above their least', () => {
    expect([bic.name, icl.name]).toEqual(['BIC', 'ICL']);
    expect(bic.x).toEqual([1, 2, 4]);
    expect(bic.y).toEqual([100, 0, 10]);
    expect(icl.y).toEqual([150, 0, 250]);
    expect(parts(figure).xaxis.tickvals).toEqual([1, 2, 4]);
  });

  it('draws the criterion that was used thicker, and marks the order', () => {
    expect(icl.line.width).toBeGreaterThan(bic.line.width);
    const [thick, thin] = traces(orderFigure({ ...choice, criterion: 'bic' })).map(({ line }) => line.width);
    expect(thick).toBeGreaterThan(thin);
    expect(parts(figure).shapes[0]).toMatchObject({ x0: 2, x1: 2 });
  });

  it('tells votes and runs of each', () => {
    expect(bic.text.map((text) => /^(\d) .*?([\d.]+) of 10.0 runs$/.exec(text)?.slice(1))).toEqual([
      ['0', '10.0'],
      ['4', '9.3'],
      ['1', '3.0'],
    ]);
  });
});

describe('the figure of weights', () => {
  const mixture = gaussianMixture({
    weights: [0.2, 0.5, 0.3],
    means: [[0], [1], [2]],
    covariances: [[[1]], [[1]], [[1]]],
  });

  it('has a bar of each component, in its colour', () => {
    const [bars, intervals] = traces(weightsFigure(mixture));
    expect(bars).toMatchObject({ type: 'bar', x: ['component 0', 'component 1', 'component 2'], y: [0.2, 0.5, 0.3] });
    expect(new Set(bars.marker.color).size).toBe(3);
    expect(intervals?.x ?? []).toEqual([]);
  });

  it('has 95 % intervals of all weights but the last, at the bars', () => {
    const standardErrors = Float64Array.of(0.01, 0.02, 9, 9, 9, 9, 9, 9);
    const found = traces(weightsFigure({ mixture, sampleSize: 5 }, { standardErrors }));
    const interval = found.find(({ error_y }) => error_y);
    expect(interval?.x).toEqual(['component 0', 'component 1']);
    expect(interval?.y).toEqual([0.2, 0.5]);
    expect(interval?.error_y?.array).toEqual([expect.closeTo(0.0196, 10), expect.closeTo(0.0392, 10)]);
  });

  it('takes names, and a single component has no interval', () => {
    expect(traces(weightsFigure(mixture, { names: ['a', 'b', 'c'] }))[0].x).toEqual(['a', 'b', 'c']);
    const alone = traces(weightsFigure(bell(0), { standardErrors: Float64Array.of(9, 9) }));
    expect(alone[0].y).toEqual([1]);
    expect(alone.flatMap(({ error_y }) => error_y?.array ?? [])).toEqual([]);
  });
});
