import { describe, expect, it } from 'vitest';
import { gaussianMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';
import { machinesFigure } from './machines-figure';

const identity = [
  [1, 0],
  [0, 1],
];
const two = (x: number, y = 0) =>
  gaussianMixture({
    weights: [0.5, 0.5],
    means: [
      [0, 0],
      [x, y],
    ],
    covariances: [identity, identity],
  });

/** Machine 1 is set aside in its second component, machine 2 in both. */
const estimates = [two(6), two(9), two(500, 500)];
const result = { mixture: two(6), kept: [0, 1], setAside: [{ machine: 1, component: 1 }, { machine: 2 }] };

interface Trace {
  name: string;
  text: string;
  mode: string;
  x: (number | null)[];
  y: (number | null)[];
  line: { dash?: string; color: string };
}
const figure = (...options: Parameters<typeof machinesFigure> extends [unknown, unknown, ...infer R] ? R : never) =>
  machinesFigure(estimates, result, ...options);
const named = (of: ReturnType<typeof figure>, name: string) =>
  (of.data as unknown as Trace[]).filter((t) => t.name === name);
/** The middle of each closed curve of a trace, from its leftmost and rightmost points: 61 points, and a gap. */
const middles = ({ x }: Trace) =>
  Array.from({ length: x.length / 62 }, (_, i) => x.slice(62 * i, 62 * i + 61) as number[]).map(
    (curve) => (Math.min(...curve) + Math.max(...curve)) / 2,
  );

describe('the figure of all machines', () => {
  it('shows what was used of each machine, and what was not', () => {
    const of = figure();
    expect(named(of, 'used').map(({ text }) => text)).toEqual(['machine 0', 'machine 1']);
    expect(named(of, 'used').map(middles)).toEqual([[0, 6], [0]]);
    expect(named(of, 'set aside').map(({ text }) => text)).toEqual(['machine 1', 'machine 2']);
    expect(named(of, 'set aside').map(middles)).toEqual([[9], [0, 500]]);
  });

  it('draws ellipses of two standard deviations', () => {
    const [first] = named(figure(), 'aggregate');
    const curve = first.x.slice(0, 61) as number[];
    expect([Math.min(...curve), Math.max(...curve)]).toEqual([-2, 2]);
    expect(named(figure(), 'aggregate').map(middles)).toEqual([[0], [6]]);
  });

  it('cuts off what lies far outside of all that was used', () => {
    const { xaxis, yaxis } = figure().layout;
    const [, right] = [...(xaxis?.range ?? [])];
    const [, top] = [...(yaxis?.range ?? [])];
    expect(right).toBeLessThan(20);
    expect(top).toBeLessThan(10);
  });

  it('shows other mixtures beside, and rows under them', () => {
    const of = figure({
      beside: { vanilla: two(3), coat: two(7) },
      table: sample(two(6), 5000, 1).data,
      machines: ['a', 'b', 'c'],
    });
    expect(named(of, 'vanilla')[0].line.dash).toBe('dash');
    expect(named(of, 'coat')[0].line.dash).toBe('dot');
    expect(named(of, 'used').map(({ text }) => text)).toEqual(['a', 'b']);
    const [points] = of.data as unknown as Trace[];
    expect([points.mode, points.x.length <= 1500]).toEqual(['markers', true]);
  });

  it('looks at more than two features from where the result is widest', () => {
    const wide = gaussianMixture({
      weights: [0.5, 0.5],
      means: [
        [0, 0, -50],
        [0, 10, 50],
      ],
      covariances: [1, 1].map(() => [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]),
    });
    const of = machinesFigure([wide], { mixture: wide, kept: [0], setAside: [] });
    expect(of.layout.xaxis?.title).toEqual({ text: 'first principal axis' });
    const [trace] = named(of, 'used');
    const [a, b] = middles(trace);
    expect(Math.abs(a - b)).toBeCloseTo(Math.hypot(100, 10), 1);
  });

  it('refuses one feature, and machines with other features', () => {
    const line = gaussianMixture({ weights: [1], means: [[0]], covariances: [[[1]]] });
    expect(() => machinesFigure([line], { mixture: line, kept: [0], setAside: [] })).toThrow('densityFigure');
    expect(() => machinesFigure([two(1), line as never], { ...result, kept: [0] })).toThrow(
      'machine 1 has 1 features, but the result 2',
    );
  });
});
