import { describe, expect, it } from 'vitest';
import { type Agglomeration, agglomerate, agglomerateComponents } from '../distance/agglomeration';
import { l2DistanceMatrix } from '../distance/l2';
import { gaussianMixture } from '../mixture/constructors';
import { bell } from '../mixture/mixtures.fixture';
import { dendrogramFigure } from './dendrogram-figure';
import { componentColour, failedColour, honestColour } from './palette';

interface Trace {
  name?: string;
  mode: string;
  x: (number | null)[];
  y: number[];
  text: string[];
  marker: { symbol: string; color: string | string[] };
}
const traces = (figure: { data: unknown[] }): Trace[] => figure.data as Trace[];

interface Axes {
  xaxis: { title: { text: string }; tickvals: number[]; ticktext: string[]; range: [number, number] };
  yaxis: { ticktext: string[]; tickvals: number[]; range: [number, number] };
  height: number;
}
const axesOf = (figure: { layout: object }): Axes => figure.layout as Axes;

const tree: Agglomeration = {
  title: 'distance',
  of: 'machine',
  leaves: 5,
  merges: [
    { first: 1, second: 3, height: 0 }, // copies
    { first: 0, second: 5, height: 1 },
    { first: 2, second: 6, height: 3 },
    { first: 4, second: 7, height: 1000 },
  ],
};

describe('the dendrogram', () => {
  const figure = dendrogramFigure(tree);
  const [lines, merges, leaves] = traces(figure);
  const { xaxis, yaxis } = axesOf(figure);

  it('has the leaves in an order without crossings, the larger branch above', () => {
    expect(yaxis.ticktext).toEqual(['machine 1', 'machine 3', 'machine 0', 'machine 2', 'machine 4']);
    expect(leaves.y).toEqual([0, 1, 2, 3, 4]);
    expect(leaves.x).toEqual([0, 0, 0, 0, 0]);
  });

  it('joins two branches at the height of their merge, in the middle of both', () => {
    const x = [0, 1, 3, 1000].map((height) => Math.asinh(height / 3)); // 3 is the median of 1, 3, 1000
    expect(merges.x).toEqual(x);
    expect(merges.y).toEqual([0.5, 1.25, 2.125, 3.0625]);
    const brackets = [0, 1, 2, 3].map((s) => [lines.x.slice(5 * s, 5 * s + 5), lines.y.slice(5 * s, 5 * s + 4)]);
    expect(brackets).toEqual([
      [
        [0, 0, 0, 0, null],
        [0, 0, 1, 1],
      ],
      [
        [0, x[1], x[1], 0, null],
        [2, 2, 0.5, 0.5],
      ],
      [
        [0, x[2], x[2], x[1], null],
        [3, 3, 1.25, 1.25],
      ],
      [
        [0, x[3], x[3], x[2], null],
        [4, 4, 2.125, 2.125],
      ],
    ]);
  });

  it('labels the axis by heights: 0 where copies meet, and room between the labels', () => {
    expect(xaxis.title.text).toBe('distance');
    expect(xaxis.ticktext[0]).toBe('0');
    expect(xaxis.tickvals).toEqual(xaxis.ticktext.map((text) => expect.closeTo(Math.asinh(Number(text) / 3), 12)));
    expect(xaxis.ticktext.at(-1)).toBe('1000');
    const gaps = xaxis.tickvals.slice(1).map((at, i) => at - xaxis.tickvals[i]);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0.15 * Math.asinh(1000 / 3));
    expect(xaxis.range[1]).toBeGreaterThan(Math.asinh(1000 / 3));
  });

  it('tells who meets where', () => {
    expect(merges.text[1]).toBe('3 machines meet at 1:<br>machine 1<br>machine 3<br>machine 0');
    const many = agglomerate(l2DistanceMatrix(Array.from({ length: 12 }, (_, i) => bell(i * i))));
    expect(traces(dendrogramFigure(many))[1].text.at(-1)).toMatch(/^12 machines meet .* and 4 more$/);
  });

  it('marks who was kept and who is known to have failed', () => {
    const marks = traces(
      dendrogramFigure(tree, { kept: [0, 1, 3, 4], failed: [4, 2], names: ['a', 'b', 'c', 'd', 'e'] }),
    );
    expect(marks.slice(2).map(({ name, marker, text }) => [name, marker.symbol, marker.color, ...text])).toEqual([
      ['honest, kept', 'circle', honestColour, 'b', 'd', 'a'],
      ['failed, kept', 'triangle-up', failedColour, 'e'],
      ['failed, set aside', 'triangle-up-open', failedColour, 'c'],
    ]);
    expect(leaves.name).toBeUndefined();
    expect(
      traces(dendrogramFigure(tree, { kept: Int32Array.of(0, 1, 3) }))
        .slice(2)
        .map(({ name }) => name),
    ).toEqual(['machine, kept', 'machine, set aside']);
  });

  it('shows what is at Infinity beyond the rest', () => {
    const far = { ...tree, merges: [...tree.merges.slice(0, 3), { ...tree.merges[3], height: Infinity }] };
    const drawn = dendrogramFigure(far);
    const { ticktext, tickvals, range } = axesOf(drawn).xaxis;
    const last = traces(drawn)[1].x.at(-1) as number;
    expect(last).toBeGreaterThan(Math.asinh(3 / 2)); // 2 is the median of 1 and 3
    expect([ticktext.at(-1), tickvals.at(-1)]).toEqual(['∞', last]);
    expect(range[1]).toBeGreaterThan(last);
  });

  it('is drawn if all are the same, and if there is one', () => {
    const same = agglomerate(l2DistanceMatrix([bell(0), bell(0), bell(0)]));
    expect(traces(dendrogramFigure(same))[1].x).toEqual([0, 0]);
    const one = dendrogramFigure(agglomerate(l2DistanceMatrix([bell(0)])));
    expect(axesOf(one).yaxis.ticktext).toEqual(['machine 0']);
    for (const { range, tickvals } of [axesOf(one).xaxis, axesOf(dendrogramFigure(same)).xaxis])
      expect([...range, ...tickvals].every(Number.isFinite)).toBe(true);
  });

  it('shows components in their colours, and what fewer of them would cost', () => {
    const means = [[0], [10], [0.5]];
    const G = gaussianMixture({ weights: [0.3, 0.4, 0.3], means, covariances: [[[1]], [[1]], [[1]]] });
    const of = dendrogramFigure(agglomerateComponents(G));
    expect(axesOf(of).yaxis.ticktext).toEqual(['component 0', 'component 2', 'component 1']);
    expect(axesOf(of).xaxis.title.text).toBe('transport cost of the merges so far, nats');
    const [, , marks, ...others] = traces(of);
    expect(marks.marker.color).toEqual([0, 2, 1].map(componentColour));
    expect(others).toEqual([]);
  });
});
