import { describe, expect, it } from 'vitest';
import { dfmr } from '../aggregate/dfmr';
import { registerRule } from '../aggregate/rules';
import { l2DistanceMatrix } from '../distance/l2';
import { transportDistanceMatrix } from '../distance/transport-distance';
import {
  diagonalGaussianMixture,
  dirichletMixture,
  gammaMixture,
  gaussianMixture,
  poissonMixture,
  sphericalGaussianMixture,
} from '../mixture/constructors';
import { classify, logDensity, responsibilities } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { contourFigure, densityFigure } from './density-figure';
import { distanceFigure, distanceMatrixFigure } from './distance-figures';
import { gridFigure } from './grid-figure';
import { methodsFigure } from './methods-figure';
import { mixtureFigure } from './mixture-figure';
import { pairsFigure } from './pairs-figure';
import { methodColour } from './palette';
import { supportFigure } from './support-figure';
import { traceFigure } from './trace-figure';

/** A trace as the tests look at it. */
interface Trace {
  name: string;
  mode: string;
  x: number[];
  y: number[];
  z: number[][];
  text: string[];
  hovertext: string;
  marker: { symbol: string[] | string; color: string | string[] };
  line: { color: string };
}
const traces = (figure: { data: unknown[] }): Trace[] => figure.data as Trace[];

const BLUE = '#0072B2'; // honest, DFMR, component 0
const ORANGE = '#E69F00'; // COAT, component 1
const VERMILLION = '#D55E00'; // failed, Vanilla

const at = (shift: number) =>
  gaussianMixture({
    weights: [0.4, 0.6],
    means: [
      [0, 0],
      [3 + shift, 3],
    ],
    covariances: [
      [
        [2, 0.5],
        [0.5, 1],
      ],
      [
        [1, 0],
        [0, 1],
      ],
    ],
  });
const sent = [at(0), at(0.02), at(-0.05), at(0.1), at(2), at(5)];
const result = dfmr(sent, { inflationFactor: 1.5 });

describe('the distance figure', () => {
  const [star, ...groups] = traces(distanceFigure(result, { failed: [4, 5] }));
  const { layout } = distanceFigure(result);

  it('draws the centre of attention as a star and every other machine once', () => {
    expect(star.marker).toMatchObject({ symbol: 'star', color: ORANGE });
    expect(star.name).toContain(`machine ${result.coat.index}`);
    expect([star, ...groups].flatMap(({ x }) => x).sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('shows distances in units of the radius, ranked from left to right', () => {
    for (const { text, x, y } of groups) {
      text.forEach((name, i) => {
        const machine = Number(/^machine (\d)/.exec(name)?.[1]);
        expect(y[i]).toBeCloseTo(result.distances[machine] / result.radius, 12);
        expect(x[i]).toBe(1 + result.distances.filter((d) => d < result.distances[machine]).length);
      });
    }
  });

  it('fills the machines that are kept and leaves the others open, failed ones as triangles', () => {
    expect(groups.map(({ name, marker, x }) => [name, marker.symbol, marker.color, x.length])).toEqual([
      ['honest, kept', 'circle', BLUE, result.kept.length - 1],
      ['honest, set aside', 'circle-open', BLUE, 4 - result.kept.length],
      ['failed, set aside', 'triangle-up-open', VERMILLION, 2],
    ]);
    const unknown = traces(distanceFigure(result)).map(({ name }) => name);
    expect(unknown.slice(1)).toEqual(['machine, kept', 'machine, set aside']);
  });

  it('draws the threshold at ρ on a logarithmic axis, shaded up to there, and says how many are kept', () => {
    const levels = (layout.shapes ?? []).filter((shape) => shape?.type === 'line').map((shape) => shape?.y0);
    expect(levels).toEqual([1.5, 1].map((y) => expect.closeTo(y, 12)));
    const [band] = (layout.shapes ?? []).filter((shape) => shape?.type === 'rect');
    expect(band?.y1).toBeCloseTo(1.5, 12);
    expect(band?.y0).toBeLessThan(Math.min(...[star, ...groups].flatMap(({ y }) => y)));
    expect(layout.yaxis?.type).toBe('log');
    expect(layout.annotations?.map((note) => note?.y)).toEqual([expect.closeTo(Math.log10(1.5), 12), 0]);
    expect(layout.annotations?.[0]?.text).toContain(`${result.kept.length} of ${sent.length}`);
  });

  it('can be drawn when all machines agree exactly and the radius is 0', () => {
    const same = distanceFigure(dfmr([at(0), at(0), at(0)]));
    expect(
      traces(same)
        .flatMap(({ y }) => y)
        .every((y) => y > 0 && Number.isFinite(y)),
    ).toBe(true);
    expect((same.layout.annotations ?? []).every((note) => Number.isFinite(note?.y))).toBe(true);
  });

  it('shows a machine at distance Infinity at the top, by its name', () => {
    const away = { ...result, distances: result.distances.map((d, i) => (i === 5 ? Infinity : d)) };
    const drawn = traces(distanceFigure(away, { names: sent.map((_, i) => `file ${i}`) }));
    const heights = drawn.flatMap(({ y }) => y);
    expect(heights.every(Number.isFinite)).toBe(true);
    const [top] = drawn
      .flatMap(({ y, text }) => y.map((height, k) => ({ height, name: text?.[k] })))
      .sort((a, b) => b.height - a.height);
    expect(top.name).toBe('file 5, set aside');
  });
});

it('figures of distances say which distance they show', () => {
  const matrix = transportDistanceMatrix(sent);
  const byTransport = dfmr(sent, { distanceMatrix: matrix });
  expect(distanceFigure(byTransport, { distance: matrix.title }).layout.yaxis?.title).toEqual({
    text: 'transport distance to the COAT, in radii r',
  });
  expect(distanceFigure(result).layout.yaxis?.title).toEqual({ text: 'L² distance to the COAT, in radii r' });
  expect(distanceMatrixFigure(matrix, byTransport).data[0]).toMatchObject({
    colorbar: { title: { text: 'log₁₀ (transport distance / threshold)' } },
  });
});

it('the distance matrix figure is sorted, blank on its diagonal, blue below the threshold, failures marked', () => {
  const matrix = l2DistanceMatrix(sent);
  const figure = distanceMatrixFigure(matrix, result, { failed: [5] });
  const [{ x, z }] = traces(figure);
  const order = x.map((name) => Number(String(name).replace('machine ', '')));
  expect(order[0]).toBe(result.coat.index);
  const away = order.map((i) => result.distances[i]);
  expect(away).toEqual(away.slice().sort((a, b) => a - b));
  order.forEach((i, a) => {
    order.forEach((j, b) => {
      if (i === j) expect(z[a][b]).toBeNull();
      else expect(z[a][b]).toBeCloseTo(Math.log10(matrix.at(i, j) / result.threshold), 12);
    });
  });
  expect(figure.data[0]).toMatchObject({
    zmid: 0,
    colorscale: [
      [0, BLUE],
      [0.5, '#F7F7F7'],
      [1, VERMILLION],
    ],
  });
  expect(figure.layout.yaxis?.autorange).toBe('reversed'); // the diagonal falls from the upper left
  expect(figure.layout.xaxis?.tickvals).toEqual(['machine 5']);
});

describe('the mixture figure', () => {
  const [mixture] = sent;
  const { data, labels } = sample(mixture, 3000, 1);

  it('draws ellipses that hold 1 − exp(−2) of each component', () => {
    const [first] = traces(mixtureFigure(mixture, data)).filter(({ mode }) => mode === 'lines');
    const inside = Array.from(labels.keys()).filter(
      (j) => labels[j] === 0 && holds(first, data.data[2 * j], data.data[2 * j + 1]),
    );
    const of = labels.filter((k) => k === 0).length;
    expect(inside.length / of).toBeCloseTo(1 - Math.exp(-2), 1);
  });

  it('draws ellipses two standard deviations from the centres, also of correlated features', () => {
    const [{ x, y }] = traces(mixtureFigure(mixture, data)).filter(({ mode }) => mode === 'lines');
    const away = x.map((u, i) => Math.sqrt((u ** 2 - u * y[i] + 2 * y[i] ** 2) / 1.75)); // [[2, 0.5], [0.5, 1]], inverted
    expect(Math.max(...away.map((distance) => Math.abs(distance - 2)))).toBeLessThan(1e-3);
  });

  it('shows at most 1500 points, each in the colour of its component', () => {
    const points = traces(mixtureFigure({ mixture }, data)).filter(({ mode }) => mode === 'markers');
    expect(points.map(({ marker }) => marker.color)).toEqual([BLUE, ORANGE]);
    expect(points.reduce((sum, { x }) => sum + x.length, 0)).toBe(1500);
  });

  it('draws the names of the components last, so that no point hides them', () => {
    const named = traces(mixtureFigure(mixture, data, { names: ['one', 'two'] }));
    expect(named.map(({ mode, text }) => `${mode} ${text ?? ''}`.trim())).toEqual([
      'markers',
      'markers',
      'lines',
      'text+markers <b>one</b>',
      'lines',
      'text+markers <b>two</b>',
    ]);
    expect(named.slice(2).map(({ line, marker }) => (line ?? marker).color)).toEqual([BLUE, BLUE, ORANGE, ORANGE]);
    expect(named[5].hovertext).toBe('component two, weight 0.600');
  });

  it('is of two features or more, and the density figure of one', () => {
    expect(() => mixtureFigure(mixture, [1, 2, 3])).toThrow(/over one feature is drawn by densityFigure/);
    expect(() => densityFigure(mixture, data)).toThrow(/over 2 features is drawn by mixtureFigure or contourFigure/);
    const line = gaussianMixture({ weights: [1], means: [[0]], covariances: [[1]] });
    expect(() => supportFigure([line], {})).toThrow(/means of two features can be drawn, not of 1/);
  });

  it('shows more than two features in the plane in which the data are widest', () => {
    const flat = gaussianMixture({
      weights: [1],
      means: [[100, 100, 100]],
      covariances: [
        [
          [1, 0, 0],
          [0, 100, 0],
          [0, 0, 25],
        ],
      ],
    });
    const [, ellipse] = traces(mixtureFigure(flat, sample(flat, 4000, 2).data)); // after the points
    expect(Math.max(...ellipse.x)).toBeCloseTo(2 * 10, 0);
    expect(Math.max(...ellipse.y)).toBeCloseTo(2 * 5, 0);
  });
});

describe('the mixture figure by uncertainty', () => {
  const [mixture] = sent;
  const { data } = sample(mixture, 300, 1);

  it('draws points larger, the less certain their component, and tells it', () => {
    const points = traces(mixtureFigure(mixture, data, { uncertainty: true })).filter(({ mode }) => mode === 'markers');
    const r = responsibilities(mixture, data);
    const drawn = points.flatMap(({ x, y, marker, text }) =>
      x.map((u, i) => ({ at: [u, y[i]], size: (marker as unknown as { size: number[] }).size[i], told: text[i] })),
    );
    expect(drawn).toHaveLength(300);
    for (const { at, size, told } of drawn) {
      const row = Array.from({ length: 300 }, (_, j) => j).find((j) =>
        at.every((value, c) => value === Number(data.data[2 * j + c].toPrecision(4))),
      ) as number;
      const uncertainty = Math.min(r[2 * row], r[2 * row + 1]); // of two components
      expect(size).toBeCloseTo(4 + 12 * uncertainty, 1);
      expect(Number(told)).toBeCloseTo(uncertainty, 2);
    }
    expect(Math.max(...drawn.map(({ size }) => size))).toBeGreaterThan(8);
  });

  it('says what the sizes mean, if there are any', () => {
    const title = (figure: { layout: { title?: { text?: string } } }) => figure.layout.title?.text;
    expect(title(mixtureFigure(mixture, data, { uncertainty: true }))).toMatch(/the larger a point, the less certain/);
    expect(title(mixtureFigure(mixture, data))).toBeUndefined();
    expect(title(mixtureFigure(mixture, undefined, { uncertainty: true }))).toBeUndefined();
  });
});

describe('a mixture alone', () => {
  it('of two features is drawn as with data, without the points', () => {
    const [mixture] = sent;
    const outlines = traces(mixtureFigure(mixture, sample(mixture, 50, 1).data)).filter(
      ({ mode }) => mode !== 'markers',
    );
    const alone = mixtureFigure(mixture);
    expect(traces(alone)).toEqual(outlines);
    const [from, to] = (alone.layout.xaxis as { range: number[] }).range;
    const x = outlines.flatMap((one) => one.x);
    expect(from).toBeLessThan(Math.min(...x));
    expect(to).toBeGreaterThan(Math.max(...x));
  });

  it('of more features is shown in the plane in which the mixture is widest', () => {
    const apart = diagonalGaussianMixture({
      weights: [0.5, 0.5],
      means: [
        [0, 100, 0],
        [0, -100, 0],
      ],
      variances: [
        [1, 9, 25],
        [1, 9, 25],
      ],
    });
    const [first, , second] = traces(mixtureFigure(apart));
    const { xaxis, yaxis } = mixtureFigure(apart).layout;
    expect([xaxis?.title, yaxis?.title]).toEqual([{ text: 'first principal axis' }, { text: 'second principal axis' }]);
    const centre = (values: number[]) => (Math.max(...values) + Math.min(...values)) / 2;
    expect(Math.abs(centre(first.x) - centre(second.x))).toBeCloseTo(200, 0);
    expect(Math.max(...first.x) - Math.min(...first.x)).toBeCloseTo(4 * 3, 1);
    expect(Math.max(...first.y) - Math.min(...first.y)).toBeCloseTo(4 * 5, 1);
    expect(() => mixtureFigure(gaussianMixture({ weights: [1], means: [[0]], covariances: [[1]] }))).toThrow(
      /drawn by densityFigure/,
    );
  });

  it('of one feature is drawn where it lies, of any family', () => {
    const gammas = gammaMixture({ weights: [0.3, 0.7], shapes: [20, 50], scales: [1, 2] });
    const curves = traces(densityFigure(gammas));
    expect(curves.map(({ name }) => name)).toEqual(['component 0, weight 0.30', 'component 1, weight 0.70', 'mixture']);
    const integrals = curves.map(({ x, y }) =>
      y.reduce((sum, value, i) => sum + (i > 0 ? value * (x[i] - x[i - 1]) : 0), 0),
    );
    for (const [i, total] of [0.3, 0.7, 1].entries()) expect(Math.abs(integrals[i] - total)).toBeLessThan(0.01);
    expect(densityFigure(gammas)).toEqual(densityFigure(gammas));
    const counts = traces(densityFigure(poissonMixture({ weights: [1], means: [4] })));
    expect(counts[0].x.every(Number.isInteger)).toBe(true);
    expect(() => densityFigure(sent[0])).toThrow(/over 2 features is drawn by mixtureFigure/);
  });
});

it('the density figure draws curves that integrate to the weights, and to one, over a histogram that does, too', () => {
  const mixture = gaussianMixture({ weights: [0.3, 0.7], means: [[-2], [3]], covariances: [[[1]], [[0.25]]] });
  const [histogram, ...curves] = traces(densityFigure(mixture, sample(mixture, 1000, 3).data));
  const integrals = curves.map(({ x, y }) =>
    y.reduce((sum, value, i) => sum + (i > 0 ? value * (x[i] - x[i - 1]) : 0), 0),
  );
  expect(integrals).toEqual([0.3, 0.7, 1].map((total) => expect.closeTo(total, 2)));
  expect(histogram).toMatchObject({ type: 'bar', name: 'data' });
  const { y, width } = histogram as unknown as { y: number[]; width: number };
  expect(y.reduce((sum, height) => sum + height * width, 0)).toBeCloseTo(0.99, 2); // all but the farthest
  expect(curves.map(({ name, line }) => [name, line.color])).toEqual([
    ['component 0, weight 0.30', BLUE],
    ['component 1, weight 0.70', ORANGE],
    ['mixture', '#333333'],
  ]);
});

it('the density figure counts rows by their weights', () => {
  const G = gaussianMixture({ weights: [1], means: [[3]], covariances: [[[2]]] });
  const weights = Float64Array.of(1, 2, 5, 2, 1);
  const [grouped] = traces(densityFigure(G, { data: Float64Array.of(1, 2, 3, 4, 5), rows: 5, columns: 1, weights }));
  const { x, y, width } = grouped as unknown as { x: number[]; y: number[]; width: number };
  expect(x).toEqual([1.5, 2.5, 3.5, 4.5]); // the last bar holds 4 and 5
  expect(y.map((height) => height * width)).toEqual([1, 2, 5, 3].map((count) => expect.closeTo(count / 11, 4)));
});

it('the density figure keeps to where the family lives, whatever the outliers', () => {
  const gammas = gammaMixture({ weights: [1], shapes: [0.8], scales: [1] });
  const rows = [...sample(gammas, 2000, 1).data.data, 1e6];
  const [, curve] = traces(densityFigure(gammas, rows));
  expect(Math.min(...curve.x)).toBeGreaterThan(0);
  expect(Math.max(...curve.x)).toBeLessThan(20);
});

it('the density figure may be over powers of ten, and still integrates to one', () => {
  const gammas = gammaMixture({ weights: [0.5, 0.5], shapes: [1, 30], scales: [1, 10] });
  const { data, layout } = densityFigure(gammas, sample(gammas, 2000, 1).data, { logarithmic: true });
  const { x, y } = data[3] as unknown as { x: number[]; y: number[] };
  expect(y.reduce((sum, value, i) => sum + (i > 0 ? value * (x[i] - x[i - 1]) : 0), 0)).toBeCloseTo(1, 2);
  const bars = data[0] as unknown as { y: number[]; width: number };
  expect(bars.y.reduce((sum, height) => sum + height * bars.width, 0)).toBeCloseTo(0.99, 2);
  expect(x).toHaveLength(301);
  expect(layout.xaxis?.ticktext?.slice(0, 3)).toEqual(['0.01', '0.1', '1']);
  expect(() => densityFigure(gammas, [-1, 1], { logarithmic: true })).toThrow(/needs positive data/);
});

it('the density figure gives each count a bar and a point', () => {
  const counts = poissonMixture({ weights: [0.5, 0.5], means: [1, 6] });
  const { data, layout } = densityFigure(counts, sample(counts, 4000, 1).data);
  const [bars, , , points] = data as unknown as { x: number[]; y: number[]; width: number; mode: string }[];
  expect(bars.x).toEqual(points.x);
  expect(bars.x.slice(0, 3)).toEqual([0, 1, 2]);
  expect(bars.width).toBe(1);
  bars.y.forEach((height, i) => {
    expect(Math.abs(height - points.y[i])).toBeLessThan(0.03);
  });
  expect(points.mode).toBe('lines+markers');
  expect(layout.yaxis?.title).toEqual({ text: 'probability' });
});

describe('the contour figure', () => {
  it('draws the levels of the density, and points by component', () => {
    const two = gaussianMixture({
      weights: [0.5, 0.5],
      means: [
        [0, 0],
        [9, 9],
      ],
      covariances: [
        [1, 0, 0, 1],
        [1, 0, 0, 1],
      ],
    });
    const { data, layout } = contourFigure(two, sample(two, 500, 1).data, { axes: ['a', 'b'] });
    const [{ x, y, z }, first, second] = data as unknown as { x: number[]; y: number[]; z: number[][] }[];
    const ratio = logDensity(two, [
      [x[6], y[8]],
      [x[9], y[7]],
    ]);
    expect(z[8][6] / z[7][9]).toBeCloseTo(Math.exp(ratio[0] - ratio[1]), 2);
    expect(Math.max(...z.flat())).toBe(1);
    expect(first.x.length + second.x.length).toBe(500);
    expect(layout.xaxis?.title).toEqual({ text: 'a' });
  });

  it('leaves blank where nothing can be observed, and asks for the place of more numbers', () => {
    const parts = dirichletMixture({ weights: [1], concentrations: [[2, 3, 4]] });
    const rows = sample(parts, 200, 1).data;
    expect(() => contourFigure(parts, rows)).toThrow(/over 3 features needs a place of as many numbers/);
    const { data } = contourFigure(parts, rows, { place: (x, y) => [x, y, 1 - x - y] });
    const [{ z }] = data as unknown as { z: (number | null)[][] }[];
    expect(z[60][60]).toBe(null);
    expect(z.flat().some((value) => value !== null)).toBe(true);
  });
});

it('the grid figure gives each figure axes of its own, under its name', () => {
  const one = densityFigure(gaussianMixture({ weights: [1], means: [[0]], covariances: [[[1]]] }), [0, 1, 2, 3]);
  const { data, layout } = gridFigure({ a: one, b: one, c: one }, { columns: 2 });
  expect(new Set(data.map((trace) => (trace as { xaxis: string }).xaxis))).toEqual(new Set(['x', 'x2', 'x3']));
  expect(layout.annotations?.map(({ text }) => text)).toEqual(['<b>a</b>', '<b>b</b>', '<b>c</b>']);
  const domains = ['xaxis', 'xaxis2', 'xaxis3'].map(
    (name) => (layout as unknown as Record<string, { domain: number[] }>)[name].domain,
  );
  expect(domains[0][1]).toBeLessThan(domains[1][0]);
  expect(domains[2]).toEqual(domains[0]);
});

it('the mixture figure draws Gaussians of any structure alike', () => {
  const means = [[1, 2]];
  const full = gaussianMixture({ weights: [1], means, covariances: [[3, 0, 0, 3]] });
  const rows = sample(full, 50, 1).data;
  const expected = mixtureFigure(full, rows);
  expect(mixtureFigure(diagonalGaussianMixture({ weights: [1], means, variances: [[3, 3]] }), rows)).toEqual(expected);
  expect(mixtureFigure(sphericalGaussianMixture({ weights: [1], means, variances: [3] }), rows)).toEqual(expected);
});

it('the methods figure puts the best at the top, every method in its own colour', () => {
  const [{ y, x, marker }] = traces(
    methodsFigure({ Vanilla: 0.2, 'DFMR(1.35)': 0.9, COAT: 0.5 }, 'ARI'),
  ) as unknown as [{ y: string[]; x: number[]; marker: { color: string[] } }];
  expect(y).toEqual(['Vanilla', 'COAT', 'DFMR(1.35)']);
  expect(x).toEqual([0.2, 0.5, 0.9]);
  expect(marker.color).toEqual([VERMILLION, ORANGE, BLUE]);
});

it('methods keep different colours', () => {
  const methods = ['Oracle', 'DFMR', 'DFMR(1)', 'COAT', 'Trim', 'Vanilla', 'Local', 'one of nobody'];
  expect(new Set(methods.map((method) => methodColour(method))).size).toBe(methods.length);
  expect(methodColour('DFMR(1)')).not.toBe(methodColour('DFMR(2)'));
  expect(methodColour('dfmr(1.3)')).toBe(methodColour('DFMR')); // as the registry or as a figure names it
  registerRule({ name: 'first', colour: '#123456', aggregate: ([mixture]) => ({ mixture, kept: [0] }) });
  expect(methodColour('First')).toBe('#123456');
});

it('the trace figure counts iterations from the start, each run in a colour of its own', () => {
  const [run, other] = traces(traceFigure({ run: Float64Array.of(-3, -2, -1), other: [0] }, 'objective'));
  expect(run.x).toEqual([0, 1, 2]);
  expect(run.y).toEqual([-3, -2, -1]);
  expect([run, other].map(({ line, marker }) => [line.color, marker.color])).toEqual([
    [BLUE, BLUE],
    [ORANGE, ORANGE],
  ]);
});

it('the support figure groups means by the label that their machine gave', () => {
  const { mixture } = result;
  const groups = traces(
    supportFigure(sent, { merged: { mixture, colour: 'black', symbol: 'star' }, average: { mixture, symbol: 'x' } }),
  );
  expect(groups.map(({ name }) => name)).toEqual(['labelled 0', 'labelled 1', 'merged', 'average']);
  expect(groups.map(({ marker }) => marker.color)).toEqual([BLUE, ORANGE, 'black', [BLUE, ORANGE]]);
  expect(groups[1].x).toEqual([3, 3.02, 2.95, 3.1, 5, 8]);
  expect(groups[1].y).toEqual([3, 3, 3, 3, 3, 3]);
  expect(groups[2].x).toHaveLength(2);
});

/** Whether a closed polygon holds a point, by counting crossings. */
function holds({ x, y }: Trace, px: number, py: number): boolean {
  let inside = false;
  for (let i = 1; i < x.length; i++) {
    const crosses = y[i] > py !== y[i - 1] > py;
    if (crosses && px < ((x[i - 1] - x[i]) * (py - y[i])) / (y[i - 1] - y[i]) + x[i]) inside = !inside;
  }
  return inside;
}

describe('rows that miss a cell', () => {
  const G = gaussianMixture({
    weights: [0.5, 0.5],
    means: [
      [0, 0],
      [8, 8],
    ],
    covariances: [0, 1].map(() => [
      [1, 0],
      [0, 1],
    ]),
  });
  const table = [[0, 1], [Number.NaN, 8], [8, 7], [1, Number.NaN], [Number.NaN, Number.NaN], [9, 8]]; // biome-ignore format: short
  const gaps = { missing: 'em' } as const;
  const drawn = (figure: { data: unknown[] }) =>
    traces(figure)
      .filter(({ mode }) => mode === 'markers')
      .flatMap(({ x, y }) => x.map((value, i) => [value, y[i]]));

  it('are not drawn where a figure needs it, and the mixture figure tells how many', () => {
    const figure = mixtureFigure(G, table, gaps);
    expect(drawn(figure)).toEqual([[0, 1], [8, 7], [9, 8]]); // biome-ignore format: short
    expect(figure.layout.title).toMatchObject({ text: '3 rows that miss a cell are not drawn' });
    expect(drawn(contourFigure(G, table, gaps))).toEqual([[0, 1], [8, 7], [9, 8]]); // biome-ignore format: short
    expect(drawn(pairsFigure(G, table, gaps))).toEqual([[0, 1], [8, 7], [9, 8]]); // biome-ignore format: short
    const bell = gaussianMixture({ weights: [1], means: [[0]], covariances: [[[1]]] });
    const plain = densityFigure(bell, [1, 2, 3]);
    expect(densityFigure(bell, [1, Number.NaN, 2, null, 3], gaps)).toEqual(plain);
  });

  it('leave the plane to the mixture, and if all do, the mixture is drawn alone', () => {
    const flat = gaussianMixture({
      weights: [1],
      means: [[0, 0, 0]],
      covariances: [[[9, 0, 0], [0, 1, 0], [0, 0, 25]]], // biome-ignore format: short
    });
    const figure = mixtureFigure(flat, [[1, 2, Number.NaN], [3, 1, 2]], gaps); // biome-ignore format: short
    expect(drawn(figure).flat().map(Math.abs)).toEqual([2, 3]); // features 2 and 0, up to sign
    const alone = mixtureFigure(flat, [[1, Number.NaN, 0]], gaps); // biome-ignore format: short
    expect(alone.data).toEqual(mixtureFigure(flat).data);
  });

  it('are errors without the option, and where nothing is left', () => {
    for (const figure of [mixtureFigure, contourFigure, pairsFigure])
      expect(() => figure(G, table)).toThrow(/row 1, column 0 of the table is NaN/);
    expect(() => contourFigure(G, [[1, null], [null, 2]], gaps)).toThrow(/every row of the table misses a cell/); // biome-ignore format: short
  });
});

describe('noise is grey', () => {
  const GREY = '#8C8C8C';

  it('in the plane, beneath the components', () => {
    const noise = { weight: 0.2, lower: [-9, -9], upper: [9, 9] };
    const G = diagonalGaussianMixture({ weights: [1], means: [[0, 0]], variances: [[1, 1]], noise });
    const { data, labels } = sample(G, 400, 1);
    const clusters = classify(G, data);
    expect(labels.includes(-1)).toBe(true);
    for (const figure of [mixtureFigure(G, data), contourFigure(G, data)]) {
      const [grey, blue] = traces(figure).filter(({ mode }) => mode === 'markers');
      expect([grey.marker.color, blue.marker.color]).toEqual([GREY, BLUE]);
      expect(grey.x).toHaveLength(clusters.filter((k) => k === -1).length);
      expect(blue.x).toHaveLength(clusters.filter((k) => k === 0).length);
    }
    expect(traces(contourFigure(G, data)).map(({ name }) => name)).toContain('noise, weight 0.20');
  });

  it('on the line, where the shares sum to the density', () => {
    const noise = { weight: 0.25, lower: [-5], upper: [5] };
    const G = gaussianMixture({ weights: [0.5, 0.5], means: [[-1], [2]], covariances: [[[1]], [[1]]], noise });
    const curves = traces(densityFigure(G, sample(G, 500, 1).data)).filter(({ mode }) => mode === 'lines');
    const [a, b, uniform, whole] = curves;
    expect([uniform.name, uniform.line.color, curves.length]).toEqual(['noise, weight 0.25', GREY, 4]);
    whole.x.forEach((x, j) => {
      expect(a.y[j] + b.y[j] + uniform.y[j]).toBeCloseTo(whole.y[j], 3);
      expect(uniform.y[j]).toBe(Math.abs(x) <= 5 ? 0.025 : 0);
    });
  });
});
