import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matrixFigure } from './matrix-figure';
import { powerLawExponent, powerLawFigure } from './power-law-figure';
import { quantileFigure } from './quantile-figure';

interface Trace {
  name: string;
  mode: string;
  showlegend?: boolean;
  x: number[];
  y: number[];
  z: number[][];
  line: { dash?: string; color: string };
  marker: { color: string };
  error_y?: { array: number[] };
}
interface Axis {
  type?: string;
  title: { text: string };
  tickvals: string[];
  ticktext: string[];
}
const traces = (figure: { data: unknown[] }): Trace[] => figure.data as Trace[];
const axes = ({ layout }: { layout: object }): Axis[] =>
  ['xaxis', 'yaxis'].map((name) => (layout as Record<string, Axis>)[name]);

/** The slope of the line through the ends of a trace on logarithmic axes. */
function slope({ x, y }: Trace): number {
  const last = x.length - 1;
  return Math.log(y[last] / y[0]) / Math.log(x[last] / x[0]);
}

describe('power laws', () => {
  it('have the exponent that made them', () => {
    const size = fc.double({ min: 1e-6, max: 1e6, noNaN: true });
    const exponents = fc.double({ min: -4, max: 4, noNaN: true });
    const steps = fc.array(fc.double({ min: 0.1, max: 3, noNaN: true }), { minLength: 2, maxLength: 9 });
    fc.assert(
      fc.property(exponents, size, steps, (exponent, factor, widths) => {
        const x = widths.map((width, i) => 10 ** (i + width / 4)); // at least a factor of 1.6 apart
        const y = Float64Array.from(x, (value) => factor * value ** exponent);
        expect(powerLawExponent({ x, y })).toBeCloseTo(exponent, 9);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('have the exponent of least squares where points are off the line', () => {
    // logs 0, 1, 2 and 0, 0, 3: the slope of least squares is 3/2
    const e = Math.E;
    expect(powerLawExponent({ x: [1, e, e ** 2], y: [1, 1, e ** 3] })).toBeCloseTo(1.5, 14);
  });

  const figure = powerLawFigure(
    {
      seen: { x: [100, 1000, 10000], y: [0.5, 0.2, 0.05], errors: [0.05, 0.02, 0.005], exponent: -0.5 },
      other: { x: Float64Array.of(100, 10000), y: Float64Array.of(3, 1), colour: '#123456', exponent: 2 },
      plain: { x: [200, 400], y: [1, 2] },
    },
    { x: 'n', y: 'error' },
  );

  it('are drawn on logarithmic axes, with their errors', () => {
    expect(axes(figure).map(({ type, title }) => [type, title.text])).toEqual([
      ['log', 'n'],
      ['log', 'error'],
    ]);
    const solid = traces(figure).filter(({ line }) => line.dash === undefined);
    expect(solid.map(({ name, x, y }) => [name, x, y])).toEqual([
      ['seen', [100, 1000, 10000], [0.5, 0.2, 0.05]],
      ['other', [100, 10000], [3, 1]],
      ['plain', [200, 400], [1, 2]],
    ]);
    expect(solid.map(({ error_y }) => error_y?.array)).toEqual([[0.05, 0.02, 0.005], undefined, undefined]);
    expect(new Set(solid.map(({ line }) => line.color)).size).toBe(3);
    expect(solid[1].line.color).toBe('#123456');
  });

  it('have a dashed line of the slope of theory through their last point, in their colour and not in the legend', () => {
    const dashed = traces(figure).filter(({ line }) => line.dash === 'dash');
    expect(dashed.length).toBe(2);
    expect(dashed.map(slope).map((value) => value.toFixed(12))).toEqual(['-0.500000000000', '2.000000000000']);
    expect(dashed.map(({ x }) => x)).toEqual([
      [100, 10000],
      [100, 10000],
    ]);
    expect(dashed.map(({ y }) => y[1])).toEqual([0.05, 1]);
    expect(dashed.map(({ showlegend }) => showlegend)).toEqual([false, false]);
    expect(dashed[1].line.color).toBe('#123456');
  });
});

describe('quantiles', () => {
  const figure = quantileFigure(
    { few: [3, -1, 10, 2], one: Float64Array.of(7) },
    (p) => 100 * p, // of the uniform distribution up to 100
    'n D²',
  );

  it('are those of the sorted sample at (i + ½) / n', () => {
    const [, few, one] = traces(figure);
    expect([few.name, few.y, few.x]).toEqual(['few', [-1, 2, 3, 10], [12.5, 37.5, 62.5, 87.5]]);
    expect([one.name, one.y, one.x]).toEqual(['one', [7], [50]]);
    expect(few.marker.color).not.toBe(one.marker.color);
  });

  it('stand about a diagonal from the least to the greatest of all', () => {
    const [diagonal] = traces(figure);
    expect([diagonal.x, diagonal.y, diagonal.line.dash]).toEqual([[-1, 87.5], [-1, 87.5], 'dash']);
    expect(axes(figure).map(({ title }) => title.text)).toEqual(['n D², in theory', 'n D², seen']);
  });

  it('leave the sample in its order', () => {
    const values = [3, 1, 2];
    quantileFigure({ values }, (p) => p, 'x');
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('the picture of a matrix', () => {
  const entries = [4, 3, -1, 3, 9, 0, -1, 0, 0.25];
  const figure = matrixFigure({ size: 3, entries }, { labels: ['μ', 'σ²', 'μ'] });
  const [{ x, y, z }] = traces(figure);

  it('is scaled to a diagonal of 1', () => {
    expect(z).toEqual([
      [1, 0.5, -1],
      [0.5, 1, 0],
      [-1, 0, 1],
    ]);
  });

  it('keeps rows apart whose labels are the same, and shows the labels as given', () => {
    expect(new Set(x).size).toBe(3);
    expect(y).toEqual(x);
    for (const { tickvals, ticktext } of axes(figure)) {
      expect([tickvals, ticktext]).toEqual([x, ['μ', 'σ²', 'μ']]);
    }
  });
});
