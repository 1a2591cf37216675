import { describe, expect, it } from 'vitest';
import {
  diagonalGaussianMixture,
  gammaMixture,
  gaussianMixture,
  sphericalGaussianMixture,
} from '../mixture/constructors';
import { drawnMixture } from '../mixture/mixtures.fixture';
import { classify } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { pairsFigure, pointsOf } from './pairs-figure';
import { componentColour } from './palette';

interface Trace {
  type: string;
  mode?: string;
  name: string;
  x: number[];
  y: number[];
  xaxis: string;
  yaxis: string;
  width: number;
  showlegend: boolean;
  line: { color: string };
  marker: { color: string };
}
const traces = (figure: { data: unknown[] }): Trace[] => figure.data as Trace[];

interface Axis {
  domain: [number, number];
  anchor: string;
  visible?: boolean;
}
const axesOf = (figure: { layout: object }): Record<string, Axis> => figure.layout as Record<string, Axis>;

const G = drawnMixture(1, 2, 4);
const { data } = sample(G, 400, 1);
const features = ['a', 'b', 'c', 'd'];
const figure = pairsFigure(G, data, { features });
const all = traces(figure);
const ellipses = all.filter(({ mode, yaxis }) => mode === 'lines' && ['y2', 'y3', 'y4'].includes(yaxis));
const points = all.filter(({ mode }) => mode === 'markers');
const densities = all.filter(({ yaxis }) => ['y', 'y5', 'y6', 'y7'].includes(yaxis));

/** The row and the column of a panel of four features, by its axes. */
const placeOf = ({ xaxis, yaxis }: Trace): [number, number] => {
  const number = (axis: string) => Number(axis.slice(1) || 1) - 1;
  return [number(yaxis), number(xaxis)];
};

describe('the pairs figure', () => {
  it('has a panel below the diagonal for each pair, and a density for each feature', () => {
    const pairs = ['1,0', '2,0', '2,1', '3,0', '3,1', '3,2'];
    expect(ellipses.map((one) => placeOf(one).join())).toEqual(pairs.flatMap((pair) => [pair, pair]));
    expect(points.map((one) => placeOf(one).join())).toEqual(pairs.flatMap((pair) => [pair, pair]));
    expect(densities.map(({ type, xaxis, yaxis }) => `${type} ${xaxis} ${yaxis}`)).toEqual(
      ['x y', 'x2 y5', 'x3 y6', 'x4 y7'].flatMap((axes) =>
        ['bar', 'scatter', 'scatter', 'scatter'].map((type) => `${type} ${axes}`),
      ),
    );
  });

  it('draws marginal ellipses two standard deviations from the means', () => {
    for (const [i, one] of ellipses.entries()) {
      const { mean, covariance } = G.parameters[i % 2];
      const [r, c] = placeOf(one);
      const [xx, xy, yy] = [covariance[5 * c], covariance[4 * c + r], covariance[5 * r]];
      for (const [j, x] of one.x.entries()) {
        const [u, v] = [x - mean[c], one.y[j] - mean[r]];
        const squared = (yy * u * u - 2 * xy * u * v + xx * v * v) / (xx * yy - xy * xy);
        expect(Math.abs(Math.sqrt(squared) - 2)).toBeLessThan(0.02); // points have four digits
      }
    }
  });

  it('draws the marginal densities of components and mixture over a histogram of the feature', () => {
    const normal = (x: number, mean: number, variance: number) =>
      Math.exp(-((x - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
    for (const c of [0, 1, 2, 3]) {
      const [bars, first, second, sum] = densities.slice(4 * c, 4 * c + 4);
      const share = (k: number, x: number) =>
        G.weights[k] * normal(x, G.parameters[k].mean[c], G.parameters[k].covariance[5 * c]);
      for (const [j, x] of sum.x.entries()) {
        expect(first.y[j]).toBeCloseTo(share(0, x), 3);
        expect(second.y[j]).toBeCloseTo(share(1, x), 3);
        expect(sum.y[j]).toBeCloseTo(share(0, x) + share(1, x), 3);
      }
      const own = Array.from(data.data.filter((_, i) => i % 4 === c));
      const left = bars.x[3] - bars.width / 2;
      const inBar = own.filter((x) => x >= left && x < left + bars.width).length;
      expect(bars.y[3]).toBeCloseTo(inBar / own.length / bars.width, 2);
    }
  });

  it('draws each row once in a panel, in the colour of its component', () => {
    const labels = classify(G, data);
    for (const [i, one] of points.entries()) {
      const [r, c] = placeOf(one);
      const own = Array.from(labels.keys()).filter((j) => labels[j] === i % 2);
      expect(one.marker.color).toBe(componentColour(i % 2));
      expect(one.x).toEqual(own.map((j) => Number(data.data[4 * j + c].toPrecision(4))));
      expect(one.y).toEqual(own.map((j) => Number(data.data[4 * j + r].toPrecision(4))));
    }
  });

  it('names each feature above its density, and each component once', () => {
    const axes = axesOf(figure);
    const notes = (figure.layout.annotations ?? []) as { text: string; x: number; y: number; xanchor: string }[];
    expect(notes.map(({ text }) => text)).toEqual(features.map((name) => `<b>${name}</b>`));
    for (const [c, { x, y, xanchor }] of notes.entries()) {
      expect(x).toBe(axes[c === 0 ? 'xaxis' : `xaxis${c + 1}`].domain[xanchor === 'left' ? 0 : 1]);
      expect(y).toBe(axes[c === 0 ? 'yaxis' : `yaxis${c + 4}`].domain[1]);
    }
    expect(all.filter(({ showlegend }) => showlegend).map(({ name }) => name)).toEqual(
      [0, 1].map((k) => `component ${k}, ${Number((100 * G.weights[k]).toPrecision(2))} %`),
    );
    const named = traces(pairsFigure(G, undefined, { names: ['first', 'second'] }));
    expect(named.filter(({ showlegend }) => showlegend).map(({ name }) => name.split(',')[0])).toEqual([
      'first',
      'second',
    ]);
  });

  it('has panels that do not overlap, and labels at the left and at the bottom only', () => {
    const axes = axesOf(figure);
    const across = ['xaxis', 'xaxis2', 'xaxis3', 'xaxis4'].map((name) => axes[name]);
    const down = ['yaxis7', 'yaxis6', 'yaxis5', 'yaxis'].map((name) => axes[name]);
    for (const domains of [across, down])
      for (const i of [1, 2, 3]) expect(domains[i].domain[0]).toBeGreaterThan(domains[i - 1].domain[1]);
    expect(across.map(({ anchor }) => anchor)).toEqual(['y4', 'y4', 'y4', 'y7']);
    expect(['yaxis2', 'yaxis3', 'yaxis4'].map((name) => axes[name].anchor)).toEqual(['x', 'x', 'x']);
    expect(down.every(({ visible }) => visible === false)).toBe(true);
  });

  it('thins many rows evenly, the more the more panels there are', () => {
    const drawn = (d: number, n: number) => {
      const mixture = sphericalGaussianMixture({ weights: [1], means: [new Array(d).fill(0)], variances: [1] });
      const table = sample(mixture, n, 1).data;
      const [first] = traces(pairsFigure(mixture, table)).filter(({ mode }) => mode === 'markers');
      expect(first.x[1]).toBe(Number(table.data[d * Math.ceil(n / first.x.length)].toPrecision(4)));
      return first.x.length;
    };
    expect([drawn(2, 3000), drawn(3, 6000), drawn(8, 3210)]).toEqual([1500, 1500, 321]);
  });

  it('draws a mixture alone, of any structure', () => {
    const alone = traces(
      pairsFigure(diagonalGaussianMixture({ weights: [1], means: [[1, 2, 3]], variances: [[1, 4, 9]] })),
    );
    expect(alone.map(({ type, mode }) => `${type} ${mode}`)).toEqual(new Array(3 + 2 * 3).fill('scatter lines'));
    expect(Math.max(...alone[0].x)).toBeCloseTo(1 + 2, 2);
    expect(Math.max(...alone[0].y)).toBeCloseTo(2 + 2 * 2, 2);
  });

  it('shows the features that are asked for, by number or name of the table', () => {
    const table = Object.assign(Object.create(data), { ...data, names: features });
    const some = pairsFigure(G, table, { columns: ['d', 1] });
    expect(some.layout.annotations?.map((note) => note?.text)).toEqual(['<b>d</b>', '<b>b</b>']);
    const [own] = traces(some);
    const same = points.find((one) => placeOf(one).join() === '3,1');
    expect([own.x, own.y]).toEqual([same?.y, same?.x]);
  });

  it('leaves rows out of the panels whose values they lack, and keeps noise apart', () => {
    const lacking = { data: Float64Array.of(1, 2, 3, NaN, 5, 6, 7, 8, NaN), rows: 3, columns: 3 };
    const rows = { all: lacking, points: [0, 1, 2], labels: Int32Array.of(0, 0, -1) };
    expect(pointsOf(rows, 0, 1, 0)).toEqual([[1, 2]]);
    expect(pointsOf(rows, 0, 2, 1)).toEqual([
      [2, 3],
      [5, 6],
    ]);
    expect(pointsOf(rows, -1, 1, 0)).toEqual([[7, 8]]);
    expect(pointsOf(rows, -1, 2, 0)).toEqual([]);
  });

  it('draws rows that are noise small and grey, beneath the components', () => {
    const noise = { weight: 0.25, lower: [-10, -10, -10], upper: [10, 10, 10] };
    const noisy = diagonalGaussianMixture({ weights: [1], means: [[0, 0, 0]], variances: [[1, 1, 1]], noise });
    const table = [
      [0, 0, 0],
      [8, 7, 6],
      [0.5, 0, 1],
      [-9, 3, 2],
    ];
    const drawn = pairsFigure(noisy, table).data as { mode?: string; x: number[]; marker: Record<string, unknown> }[];
    const [grey, blue] = drawn.filter(({ mode }) => mode === 'markers'); // of the first panel
    expect([grey.x, grey.marker.size, grey.marker.color]).toEqual([[8, -9], 2.5, '#8C8C8C']);
    expect([blue.x, blue.marker.color]).toEqual([[0, 0.5], componentColour(0)]);
  });

  it('says what cannot be drawn, and what to do', () => {
    const wide = sphericalGaussianMixture({ weights: [1], means: [new Array(12).fill(0)], variances: [1] });
    expect(() => pairsFigure(wide)).toThrow(/12 features make 66 panels: choose at most 8 by the option columns/);
    expect(pairsFigure(wide, undefined, { columns: [0, 5, 11] }).layout.annotations).toHaveLength(3);
    expect(() => pairsFigure(G, data, { columns: [1] })).toThrow(/over one feature is drawn by densityFigure/);
    expect(() => pairsFigure(G, data, { columns: [1, 'z'], features })).toThrow(/there is no column "z"/);
    expect(() => pairsFigure(G, data, { features: ['a'] })).toThrow(/1 names are given for 4 features/);
    expect(() => pairsFigure(G, [[1, 2]])).toThrow(/the table has 2 columns, but the mixture is 4-dimensional/);
    const gamma = gammaMixture({ weights: [1], shapes: [1], scales: [1] });
    expect(() => pairsFigure(gamma as never)).toThrow(/drawn by densityFigure/);
    const flat = gaussianMixture({ weights: [1], means: [[0]], covariances: [[1]] });
    expect(() => pairsFigure(flat)).toThrow(/drawn by densityFigure/);
  });
});
