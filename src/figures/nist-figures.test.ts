import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classOfCluster, confusionFigure } from './confusion-figure';
import { imagesFigure } from './images-figure';
import { mapFigure } from './map-figure';
import { methodColour } from './palette';
import { type QuartilePoint, quartilesFigure } from './quartiles-figure';

/** A trace as the tests look at it. */
interface Trace {
  type: string;
  mode: string;
  name: string;
  x: number[];
  y: number[];
  z: (number | null)[][];
  text: string[];
  customdata: number[];
  marker: { color: string; symbol: string };
  textfont: { color: string };
  line: { color: string };
  error_y: { array: number[]; arrayminus: number[]; symmetric: boolean };
  showlegend?: boolean;
}
const traces = (figure: { data: unknown[] }): Trace[] => figure.data as Trace[];

const BLUE = '#0072B2';
const ORANGE = '#E69F00';

describe('the figure of images', () => {
  const ones = [1, 2, 3, 4, 5, 6, 7].map((i) => Float64Array.from({ length: 9 }, (_, at) => 10 * i + at));
  const names = [...'abcdefg'];
  const figure = imagesFigure(ones, { names, columns: 3 });
  const [{ z }] = traces(figure);

  it('has every image once and upright, in rows of so many, and nothing between', () => {
    expect(z.flat().filter((value) => value !== null).sort((a, b) => a - b)).toEqual(ones.flatMap((one) => [...one])); // biome-ignore format: short
    expect(new Set(z.map((row) => row.length)).size).toBe(1);
    const corners = ones.map(([first]) => {
      const row = z.findIndex((values) => values.includes(first));
      return [row, z[row].indexOf(first)];
    });
    corners.forEach(([top, left], i) => {
      const seen = [0, 1, 2].map((row) => z[top + row].slice(left, left + 3));
      expect(seen.flat()).toEqual([...ones[i]]);
      expect(top).toBe(corners[3 * Math.floor(i / 3)][0]);
      expect(left).toBe(corners[i % 3][1]);
    });
    expect(corners[1][1] - corners[0][1]).toBeGreaterThan(3);
    expect(corners[3][0] - corners[0][0]).toBeGreaterThan(3);
    expect(figure.layout.yaxis).toMatchObject({ autorange: 'reversed', scaleanchor: 'x' }); // square, the first row above
  });

  it('has the names above, in the middle', () => {
    expect(figure.layout.annotations?.map(({ text }) => text)).toEqual(names);
    figure.layout.annotations?.forEach(({ x, y }, i) => {
      const row = z.findIndex((values) => values.includes(ones[i][0]));
      expect(y).toBe(row - 1);
      expect(Math.abs((x as number) - z[row].indexOf(ones[i][1]))).toBeLessThanOrEqual(0.5);
    });
  });

  it('is dark where there is ink, and no larger than it must be', () => {
    expect(figure.data[0]).toMatchObject({ type: 'heatmap', colorscale: [[0, '#FFFFFF'], [1, '#1A1A1A']] }); // biome-ignore format: short
    const [few] = traces(imagesFigure([[0, 1, 1, 0]], { names: ['x'] }));
    expect(few.z.flat().filter((value) => value !== null)).toEqual([0, 1, 1, 0]);
  });

  it('says what is wrong', () => {
    expect(() => imagesFigure([], { names: [] })).toThrow('0 images need as many names, but 0 are given');
    expect(() => imagesFigure(ones, { names: ['a'] })).toThrow('7 images need as many names, but 1 are given');
    expect(() => imagesFigure([ones[0], [1, 2, 3, 4]], { names: ['a', 'b'] })).toThrow(/image 1 has 4 values/);
    expect(() => imagesFigure([[1, 2, 3]], { names: ['a'] })).toThrow(/image 0 has 3 values: images must be squares/);
    for (const columns of [0, 2.5]) {
      expect(() => imagesFigure(ones, { names, columns })).toThrow(
        `columns is ${columns}: it must be a positive integer`,
      );
    }
  });
});

describe('the map', () => {
  const groups = [
    { name: 'digits', points: [[0, 1], [2, 9], [4, 3], [7, 7.00001]] as const, classes: ['1', '1', '1', '0'] }, // biome-ignore format: short
    { name: 'letters', points: [[-1, -2]] as const, classes: ['A'], colour: '#123456' },
  ];
  const all = traces(mapFigure(groups));

  it('has points of each group in its colour', () => {
    const points = all.filter(({ mode }) => mode === 'markers');
    expect(points.map(({ name, x, y, marker }) => [name, x, y, marker.color])).toEqual([
      ['digits', [0, 2, 4, 7], [1, 9, 3, 7], BLUE],
      ['letters', [-1], [-2], '#123456'],
    ]);
  });

  it('has the name of each class at the median of its points', () => {
    const words = all.filter(({ mode }) => mode === 'text');
    expect(words.map(({ text, x, y, textfont }) => [text, x, y, textfont.color])).toEqual([
      [['<b>0</b>', '<b>1</b>'], [7, 2], [7.00001, 3], BLUE],
      [['<b>A</b>'], [-1], [-2], '#123456'],
    ]);
    expect(words.every(({ showlegend }) => showlegend === false)).toBe(true);
  });

  it('gives groups the colours of components in their order, and has no units', () => {
    const figure = mapFigure([groups[0], { ...groups[1], colour: undefined }]);
    expect(traces(figure)[2].marker.color).toBe(ORANGE);
    expect(figure.layout.xaxis).toMatchObject({ showticklabels: false });
    expect(figure.layout.yaxis).toMatchObject({ showticklabels: false, scaleanchor: 'x' });
  });

  it('leaves the points that it is given as they are', () => {
    const points = [[3, 1], [1, 2], [2, 3]] as const; // biome-ignore format: short
    mapFigure([{ name: 'a', points, classes: ['x', 'x', 'x'] }]);
    expect(points).toEqual([[3, 1], [1, 2], [2, 3]]); // biome-ignore format: short
  });

  it('needs a class of each point', () => {
    expect(() => mapFigure([{ name: 'a', points: [[0, 0]], classes: [] }])).toThrow(
      '1 points of a need as many classes, but 0 are given',
    );
  });
});

/** All orders of 0 … K − 1. */
function permutations(K: number): number[][] {
  if (K === 0) return [[]];
  return permutations(K - 1).flatMap((rest) =>
    Array.from({ length: K }, (_, at) => [...rest.slice(0, at), K - 1, ...rest.slice(at)]),
  );
}

describe('the confusion matrix', () => {
  // class 0 is mostly in cluster 2, 1 in 0 and 2 in 1
  const classes = [0, 0, 0, 1, 1, 2, 2, 2, 2, 0];
  const clusters = [2, 2, 2, 0, 1, 1, 1, 1, 0, 1];
  const figure = confusionFigure(classes, clusters, { names: ['zero', 'one', 'two'] });
  const [{ x, y, z, text }] = traces(figure);

  it('puts each cluster in the column of its class', () => {
    expect(text).toEqual([['3', '', '1'], ['', '1', '1'], ['', '1', '3']]); // biome-ignore format: a table
    expect(z).toEqual([[0.75, 0, 0.25], [0, 0.5, 0.5], [0, 0.25, 0.75]]); // biome-ignore format: a table
    expect(x).toEqual(['zero (cluster 2)', 'one (cluster 0)', 'two (cluster 1)']);
    expect(y).toEqual(['class zero', 'class one', 'class two']);
    expect(figure.layout.xaxis).toMatchObject({ tickvals: x, ticktext: ['zero', 'one', 'two'] });
    expect(figure.layout.yaxis).toMatchObject({ tickvals: y, ticktext: ['zero', 'one', 'two'], autorange: 'reversed' });
    expect([...classOfCluster(classes, clusters, 3)]).toEqual([1, 2, 0]);
  });

  const labellings = fc.integer({ min: 1, max: 5 }).chain((K) => {
    const label = fc.nat(K - 1);
    return fc.tuple(fc.constant(K), fc.array(fc.tuple(label, label), { maxLength: 60 }));
  });

  it('has as many rows as can be on its diagonal, and all rows somewhere', () => {
    fc.assert(
      fc.property(labellings, ([K, pairs]) => {
        const [of, into] = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
        const [{ text: counts, z: shares }] = traces(
          confusionFigure(of, into, { names: Array.from({ length: K }, (_, k) => `${k}`) }),
        );
        const numbers = (counts as unknown as string[][]).map((row) => row.map(Number));
        expect(numbers.flat().reduce((sum, count) => sum + count, 0)).toBe(pairs.length);
        const most = Math.max(
          ...permutations(K).map((order) => pairs.filter(([a, b]) => order[a] === b).length), // class a is matched with order[a]
        );
        expect(numbers.reduce((sum, row, k) => sum + row[k], 0)).toBe(most);
        const named = classOfCluster(of, into, K);
        expect([...named].sort()).toEqual(Array.from({ length: K }, (_, k) => k));
        expect(pairs.filter(([a, b]) => named[b] === a).length).toBe(most);
        shares.forEach((row, k) => {
          const total = of.filter((one) => one === k).length;
          const sum = row.reduce<number>((before, share) => before + (share ?? 0), 0);
          expect(sum).toBeCloseTo(total > 0 ? 1 : 0, 12);
        });
      }),
    );
  });

  it('finds clusters of many classes, however they are numbered', () => {
    const order = [7, 3, 9, 0, 1, 8, 5, 2, 6, 4];
    const of = Array.from({ length: 60_000 }, (_, j) => j % 10);
    const into = of.map((one, j) => order[(j * 7919) % 13 < 3 ? (one + j) % 10 : one]); // a share of them elsewhere
    expect([...classOfCluster(of, into, 10)]).toEqual(order.map((_, cluster) => order.indexOf(cluster)));
  });

  it('says what is wrong', () => {
    const names = ['a', 'b'];
    expect(() => confusionFigure([0, 1], [0], { names })).toThrow('2 rows have classes, but 1 have clusters');
    expect(() => confusionFigure([0, 2], [0, 1], { names })).toThrow(
      'row 1 is of class 2 and cluster 1: both go from 0',
    );
    expect(() => confusionFigure([0, 1], [-1, 1], { names })).toThrow('row 0 is of class 0 and cluster -1');
    expect(() => confusionFigure([0.5], [1], { names })).toThrow('row 0 is of class 0.5');
    expect(() => classOfCluster([Number.NaN], [1], 2)).toThrow(
      'row 0 is of class NaN and cluster 1: both go from 0 to 1',
    );
  });
});

describe('the figure of quartiles', () => {
  const point = (method: string, x: number, median: number): QuartilePoint => ({
    method,
    x,
    median,
    lowerQuartile: median - 0.1,
    upperQuartile: median + 0.05,
  });
  const points = [
    point('COAT', 0.2, 0.7),
    point('DFMR(1.35)', 0, 0.9),
    point('COAT', 0, 0.75),
    point('COAT', 0.3, 0.6),
  ];
  const figure = quartilesFigure(points, { x: 'α', y: 'ARI', range: [0, 1] });
  const [coat, dfmr] = traces(figure);

  it('has a line for each method, from left to right, in its colour', () => {
    expect(traces(figure).map(({ name, y, line, marker }) => [name, y, line.color, marker.color])).toEqual([
      ['COAT', [0.75, 0.7, 0.6], ORANGE, ORANGE],
      ['DFMR(1.35)', [0.9], BLUE, BLUE],
    ]);
    expect(methodColour('COAT')).toBe(ORANGE);
    expect(coat.marker.symbol).not.toBe(dfmr.marker.symbol);
  });

  it('has bars from quartile to quartile', () => {
    for (const { error_y } of [coat, dfmr]) {
      expect(error_y.symmetric).toBe(false);
      for (const up of error_y.array) expect(up).toBeCloseTo(0.05, 12);
      for (const down of error_y.arrayminus) expect(down).toBeCloseTo(0.1, 12);
    }
  });

  it('has methods beside each other, near the place where they are, which it tells', () => {
    expect(coat.customdata).toEqual([0, 0.2, 0.3]);
    expect(coat.x[0]).toBeLessThan(dfmr.x[0]);
    expect((coat.x[0] + dfmr.x[0]) / 2).toBeCloseTo(0, 12);
    coat.x.forEach((at, i) => {
      expect(Math.abs(at - coat.customdata[i])).toBeLessThan(0.1 / 4); // the least gap is 0.1
    });
    expect(figure.layout.xaxis).toMatchObject({ tickvals: [0, 0.2, 0.3], title: { text: 'α' } });
    expect(figure.layout.yaxis).toMatchObject({ range: [0, 1], title: { text: 'ARI' } });
  });

  it('has one method, or one place, where it is', () => {
    expect(traces(quartilesFigure([point('COAT', 2, 1), point('COAT', 5, 1)], { x: '', y: '' }))[0].x).toEqual([2, 5]);
    const place = quartilesFigure([point('COAT', 2, 1), point('Trim', 2, 1)], { x: '', y: '' });
    expect(traces(place).map(({ x }) => x)).toEqual([[2], [2]]);
    expect(quartilesFigure([], { x: '', y: '' }).data).toEqual([]);
  });

  it('has bands for bars, and as much room for each, of more places than eight', () => {
    const places = [1, 1.1, 1.2, 1.3, 1.4, 1.5, 2, 5, 10];
    const many = quartilesFigure(
      places.map((x) => point('COAT', x, x)),
      { x: 'ρ', y: 'ARI' },
    );
    const [band, line] = traces(many);
    expect([line.x, line.y, line.customdata]).toEqual([[0, 1, 2, 3, 4, 5, 6, 7, 8], places, places]);
    expect(band.x).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    const quartiles = [...places.map((place) => place - 0.1), ...places.map((place) => place + 0.05).reverse()];
    for (const [i, y] of band.y.entries()) expect(y).toBeCloseTo(quartiles[i], 12);
    expect(many.layout.xaxis).toMatchObject({ ticktext: places.map(String) });
  });

  it('leaves the points that it is given as they are', () => {
    expect(points.map(({ x }) => x)).toEqual([0.2, 0, 0, 0.3]);
  });
});
