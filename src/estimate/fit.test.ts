import { randomNormal } from 'd3-random';
import { DataFrame } from 'danfojs-node';
import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { FamilyName } from '../families/families-registry';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { randomStream } from '../math/random';
import { takeRows } from '../math/table';
import { gaussianMixture } from '../mixture/constructors';
import { type Mixture, mixtureFromJSON } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { type Progress, performed } from '../work/work';
import { type Fit, type FitOptions, fit, fitSteps } from './fit';

const truth = gaussianMixture({
  weights: [0.3, 0.7],
  means: [
    [0, 0],
    [5, 3],
  ],
  covariances: [
    [
      [1, 0.3],
      [0.3, 2],
    ],
    [
      [1, -0.5],
      [-0.5, 1],
    ],
  ],
});
const { data: table } = sample(truth, 600, 1);
const rows = Array.from({ length: 600 }, (_, j) => [...table.data.subarray(2 * j, 2 * j + 2)]);
const numbers = ({ mixture: { weights, parameters }, ...rest }: Fit) => ({ weights, parameters, ...rest });

/** Components by their first mean, since labels have no meaning. */
const sorted = ({ weights, parameters }: Mixture<GaussianParameter>) =>
  parameters.map((parameter, k) => ({ weight: weights[k], ...parameter })).sort((a, b) => a.mean[0] - b.mean[0]);

describe('from starts that a seed draws', () => {
  it('finds the components of well separated data', () => {
    const { mixture, converged, sampleSize } = fit(table, { order: 2 });
    expect([converged, sampleSize, mixture.order, mixture.dimension]).toEqual([true, 600, 2, 2]);
    sorted(mixture).forEach(({ weight, mean, covariance }, k) => {
      const n = 600 * truth.weights[k];
      expect(Math.abs(weight - truth.weights[k])).toBeLessThan(4 * Math.sqrt(0.21 / 600));
      mean.forEach((m, i) => {
        expect(Math.abs(m - truth.parameters[k].mean[i])).toBeLessThan(5 * Math.sqrt(2 / n));
      });
      covariance.forEach((c, ij) => {
        expect(Math.abs(c - truth.parameters[k].covariance[ij])).toBeLessThan(5 * Math.sqrt(8 / n));
      });
    });
  });

  it('gives the same numbers again, and the same for a number as for a word of a seed', () => {
    const first = numbers(fit(table, { order: 3, seed: 7 }));
    expect(numbers(fit(table, { order: 3, seed: 7 }))).toEqual(first);
    expect(numbers(fit(table, { order: 3, seed: '7' }))).toEqual(first);
    expect(fit(table, { order: 3, seed: 8 }).trace).not.toEqual(first.trace);
  });

  it('keeps the best of its starts: more k-means++ starts are never worse', () => {
    const objective = (starts: number) =>
      fit(table, { order: 5, starts, seed: 3, initialisation: 'k-means++' }).penalisedLogLikelihood;
    const objectives = [1, 2, 4, 8].map(objective);
    for (let i = 1; i < 4; i++) expect(objectives[i]).toBeGreaterThanOrEqual(objectives[i - 1]);
  });

  it('is close to what it finds from the truth', () => {
    const best = fit(table, { order: 2, tolerance: 1e-10 }).penalisedLogLikelihood;
    expect(best).toBeCloseTo(fit(table, { start: truth, tolerance: 1e-10 }).penalisedLogLikelihood, 4);
  });
});

it('reads every kind of table alike', () => {
  const options = { order: 2, maxIterations: 5 };
  const expected = numbers(fit(table, options));
  expect(numbers(fit(rows, options))).toEqual(expected);
  expect(numbers(fit(new Matrix(rows), options))).toEqual(expected);
  expect(numbers(fit(new DataFrame(rows, { columns: ['a', 'b'] }), options))).toEqual(expected);
  const single = Float32Array.from(table.data);
  const rounded = numbers(fit({ ...table, data: Float64Array.from(single) }, options));
  expect(numbers(fit({ ...table, data: single }, options))).toEqual(rounded);
  const column = rows.map(([x]) => x);
  expect(numbers(fit(column, options))).toEqual(
    numbers(
      fit(
        column.map((x) => [x]),
        options,
      ),
    ),
  );
});

it('has ten starts of different kinds, acceleration, tolerance 1e-6 and seed 1 where nothing else is said', () => {
  const overlapping = sample(truth, 400, 2).data;
  const trace = (options: FitOptions) => fit(overlapping, { order: 5, ...options }).trace;
  const defaults = { starts: 10, initialisation: 'mixed', accelerate: true, tolerance: 1e-6, seed: 1 } as const;
  expect(trace({})).toEqual(trace(defaults));
  for (const other of [{ starts: 1 }, { accelerate: false }, { tolerance: 1e-5 }, { seed: 2 }]) {
    expect(trace({})).not.toEqual(trace(other));
  }
  const clusterings = { initialisation: 'k-means++' } as const;
  expect(trace(clusterings)).not.toEqual(trace({}));
  expect(trace(clusterings)).toEqual(trace({ ...clusterings, starts: 10, accelerate: false }));
});

it('runs starts with the same clusters once', () => {
  const groups = Array.from({ length: 60 }, (_, j) => 20 * (j % 3) + (j % 7) / 10);
  const steps = [...fitSteps(groups, { order: 3, starts: 5, maxIterations: 50, initialisation: 'k-means++' })];
  const fitting = steps.filter(({ stage }) => stage === 'fitting');
  expect(new Set(fitting.map(({ total }) => total))).toEqual(new Set([50])); // one start of 50 iterations
});

it('leaves the table and the start as they were', () => {
  const before = table.data.slice();
  const start = JSON.stringify(truth);
  fit(table, { start: truth });
  expect(table.data).toEqual(before);
  expect(JSON.stringify(truth)).toBe(start);
});

it('of order one is the penalised sample moments, in closed form', () => {
  const n = 600;
  const centred = new Matrix(rows).center('column');
  const scatter = centred.transpose().mmul(centred);
  for (const penalty of [undefined, 0, 2]) {
    const { mixture, converged } = fit(table, { order: 1, penalty });
    const a = penalty ?? n ** -0.5;
    const expected = Matrix.add(scatter, scatter.clone().mul((2 * a) / (n - 1))).div(n + 2 * a);
    expect(converged).toBe(true);
    expect([...mixture.weights]).toEqual([1]);
    mixture.parameters[0].mean.forEach((m, i) => {
      expect(m).toBeCloseTo(rows.reduce((sum, row) => sum + row[i], 0) / n, 12);
    });
    mixture.parameters[0].covariance.forEach((c, ij) => {
      expect(c).toBeCloseTo(expected.to1DArray()[ij], 12);
    });
  }
});

it('takes the order from the start, and the family too', () => {
  expect(fit(table, { start: truth }).mixture.order).toBe(2);
  const own = { ...gaussian, name: 'own' };
  expect(fit(table, { order: 2, family: own }).mixture.family).toBe(own);
});

it('reports the clusterings, then every iteration of every start, and the end', async () => {
  const seen: Progress[] = [];
  const options = { order: 3, starts: 2, seed: 4, maxIterations: 300, initialisation: 'k-means++' } as const;
  const { iterations } = await performed(fitSteps(table, options), { onProgress: (progress) => seen.push(progress) });
  const at = seen.findIndex(({ stage }) => stage === 'fitting');
  expect(at).toBeGreaterThan(2);
  expect(seen.slice(0, at).every(({ stage }) => stage === 'clustering')).toBe(true);
  const done = seen.slice(at).map(({ stage, done, total }) => {
    expect([stage, total]).toEqual(['fitting', 600]);
    return done;
  });
  const ends = [done.indexOf(300), done.lastIndexOf(600)];
  expect(done.slice(0, ends[0])).toEqual(Array.from({ length: ends[0] }, (_, i) => i + 1));
  expect(done.slice(ends[0] + 1, ends[1])).toEqual(Array.from({ length: ends[1] - ends[0] - 1 }, (_, i) => 301 + i));
  expect([ends[0], ends[1] - ends[0] - 1]).toContain(iterations);
  expect(ends[1]).toBe(done.length - 1);
});

it('reports the search among starts, then the runs to their end, each stage to its end and never back', async () => {
  const seen: Progress[] = [];
  await performed(fitSteps(table, { order: 4, starts: 6 }), { onProgress: (progress) => seen.push(progress) });
  const stages = [...new Set(seen.map(({ stage }) => stage))];
  expect(stages).toEqual(['starting', 'fitting']);
  for (const stage of stages) {
    const own = seen.filter((one) => one.stage === stage);
    expect(new Set(own.map(({ total }) => total)).size).toBe(1);
    for (let i = 1; i < own.length; i++) expect(own[i].done).toBeGreaterThanOrEqual(own[i - 1].done);
    expect(own[own.length - 1].done).toBe(own[0].total);
  }
});

it('tells where it did not converge', () => {
  const { converged, iterations, trace } = fit(table, { order: 3, maxIterations: 2, tolerance: 0 });
  expect([converged, iterations, trace.length]).toEqual([false, 2, 3]);
});

describe('gives an answer for', () => {
  const expectSound = ({ mixture, trace }: Fit) => {
    const values = [...mixture.weights, ...mixture.parameters.flatMap((p) => [...p.mean, ...p.covariance]), ...trace];
    expect(values.every(Number.isFinite)).toBe(true);
  };

  it('duplicated rows, which is that of the rows once but for the penalty', () => {
    const twice = takeRows(table, [...rows.keys(), ...rows.keys()]);
    const once = fit(table, { start: truth, penalty: 0, tolerance: 1e-12 });
    const { mixture, logLikelihood } = fit(twice, { start: truth, penalty: 0, tolerance: 1e-12 });
    expect(logLikelihood / once.logLikelihood).toBeCloseTo(2, 8);
    sorted(mixture).forEach(({ mean }, k) => {
      mean.forEach((m, i) => {
        expect(m).toBeCloseTo(sorted(once.mixture)[k].mean[i], 5);
      });
    });
  });

  it('a few rows that come many times', () => {
    expectSound(
      fit(
        [
          [0, 0],
          [1, 0],
          [0, 1],
          [5, 5],
        ].flatMap((row) => new Array(10).fill(row)),
        { order: 3 },
      ),
    );
    expectSound(fit([0, 0, 0, 0, 0, 0, 1], { order: 2 }));
  });

  it('as many rows as components', () => {
    expectSound(fit([1, 2, 4], { order: 3 }));
    expectSound(
      fit(
        [
          [0, 0],
          [1, 0],
          [0, 1],
        ],
        { order: 3 },
      ),
    );
  });

  it('more components than the data show', () => {
    expectSound(fit(takeRows(table, [...Array(30).keys()]), { order: 8 }));
  });

  it('outliers', () => {
    expectSound(fit([...rows, [1e5, -1e5]], { order: 3 }));
  });

  it('large and small units', () => {
    for (const unit of [1e-60, 1e60, 1e150]) {
      const { mixture, converged } = fit(
        rows.map((row) => row.map((x) => x * unit)),
        { order: 2 },
      );
      expect(converged).toBe(true);
      sorted(mixture).forEach(({ mean }, k) => {
        expect(Math.abs(mean[0] / unit - truth.parameters[k].mean[0])).toBeLessThan(0.5);
      });
    }
  });

  it('a start with a component far from all rows, which dies', () => {
    const start = gaussianMixture({ weights: [0.5, 0.5], means: [[2], [1e9]], covariances: [[[1]], [[1]]] });
    const result = fit([1, 2, 3, 4], { start });
    expectSound(result);
    expect(result.mixture.weights[1]).toBe(0);
    expect(result.mixture.parameters[0].mean[0]).toBeCloseTo(2.5, 12);
  });

  it('a start with a component of weight zero', () => {
    const start = gaussianMixture({ ...{ means: [[2], [3]], covariances: [[[1]], [[1]]] }, weights: [1, 0] });
    const result = fit([1, 2, 3, 4], { start });
    expectSound(result);
    expect([...result.mixture.weights]).toEqual([1, 0]);
  });
});

describe('gives an answer at the edge of float64 for', () => {
  const normal = randomNormal.source(randomStream(1, 'edge'))();
  const nearlyCollinear = (n: number, apart: number) =>
    Array.from({ length: n }, (_, j) => {
      const a = normal();
      return j % 2 === 0 ? [1, 1] : [a, a + apart * normal()];
    });

  it.each([3e-5, 1e-5, 5e-6])('half of the rows tied and columns that differ by %s', (apart) => {
    for (let run = 0; run < 8; run++) {
      for (const tolerance of [1e-6, 0]) {
        const { mixture, trace } = fit(nearlyCollinear(200, apart), { order: 2, tolerance, maxIterations: 60 });
        for (let i = 1; i < trace.length; i++) expect(trace[i]).toBeGreaterThanOrEqual(trace[i - 1]);
        expect(mixture.weights.every(Number.isFinite)).toBe(true);
      }
    }
  });

  it('a component on thousands of equal rows', () => {
    const { mixture, converged } = fit(nearlyCollinear(4000, 2e-5), { order: 3 });
    expect([mixture.order, converged]).toEqual([3, true]);
  });

  it('many strongly correlated features, from few rows', () => {
    for (const [d, n, noise] of [
      [100, 200, 1e-4],
      [50, 200, 1e-5],
    ]) {
      const table = Array.from({ length: n }, () => {
        const factors = Array.from({ length: d / 5 }, normal);
        return Array.from({ length: d }, (_, i) => factors[i % factors.length] + noise * normal());
      });
      const { mixture, trace } = fit(table, { order: 3, maxIterations: 5 });
      for (let i = 1; i < trace.length; i++) expect(trace[i]).toBeGreaterThanOrEqual(trace[i - 1]);
      expect(mixtureFromJSON(mixture.toJSON()).weights).toEqual(mixture.weights);
    }
  });

  it('data in units that make the objective vanish', () => {
    const rows = Array.from({ length: 50 }, () => [normal()]);
    const { penalisedLogLikelihood: at } = fit(rows, { order: 1 });
    const scaled = rows.map(([x]) => x * Math.exp(at / 50));
    const { trace, converged } = fit(scaled, { order: 2, tolerance: 0, maxIterations: 5000 });
    for (let i = 1; i < trace.length; i++) expect(trace[i]).toBeGreaterThanOrEqual(trace[i - 1]);
    expect(converged).toBe(true);
  });

  it.each([4, 1e9])('the MLE from a start whose second component, at %s, has no row', (far) => {
    const start = gaussianMixture({ weights: [1, 0], means: [[0], [far]], covariances: [[[1]], [[2]]] });
    const { mixture } = fit([1, 2, 3, 5], { start, penalty: 0 });
    expect(mixture.parameters[0].mean[0]).toBeCloseTo(2.75, 12);
    expect([...mixture.weights]).toEqual([1, 0]);
    expect(mixture.parameters[1].covariance[0]).toBe(2);
  });
});

describe('says what is wrong with the data', () => {
  it.each<[string, Parameters<typeof fit>[0], RegExp]>([
    [
      'NaN',
      [
        [1, 2],
        [3, Number.NaN],
      ],
      /row 1, column 1 of the table is NaN: remove or impute/,
    ],
    [
      'Infinity',
      [
        [1, 2],
        [Infinity, 2],
      ],
      /row 1, column 0 of the table is Infinity/,
    ],
    ['ragged rows', [[1, 2], [3]], /row 1 has 1 values, row 0 has 2/],
    ['no rows', [], /0 rows/],
    [
      'a constant column',
      [
        [1, 7],
        [2, 7],
        [4, 7],
        [9, 7],
      ],
      /column 1 is constant \(7\): .*drop it/,
    ],
    [
      'a column twice',
      [
        [1, 1],
        [2, 2],
        [4, 4],
        [9, 9],
      ],
      /column 1 follows linearly from the columns before it: drop/,
    ],
    [
      'a sum of columns',
      [
        [1, 0, 1],
        [2, 5, 7],
        [4, 1, 5],
        [9, 2, 11],
        [3, 3, 6],
      ],
      /column 2 follows linearly/,
    ],
    [
      'fewer rows than d + 1',
      [
        [1, 2, 3],
        [3, 4, 9],
        [4, 9, 1],
      ],
      /3 rows are too few .* 3 dimensions: at least 4/,
    ],
    [
      'all rows the same',
      [
        [1, 2],
        [1, 2],
        [1, 2],
        [1, 2],
      ],
      /column 0 is constant \(1\)/,
    ],
    ['one row', [[1]], /1 rows/],
    ['values of 1e200', [1e200, 2e200, 5e200], /variance of column 0 is Infinity in float64: rescale the column/],
  ])('%s', (_, data, message) => {
    expect(() => fit(data, { order: 1 })).toThrow(message);
  });

  it('fewer rows than components', () => {
    expect(() => fit([1, 2], { order: 3 })).toThrow(/2 rows cannot tell 3 components apart: at least 3 are needed/);
  });

  it('fewer distinct rows than components', () => {
    expect(() => fit([1, 1, 1, 2, 2], { order: 3 })).toThrow(/only 2 rows are distinct.*lower the order/);
  });

  it('a dependent column up to rounding', () => {
    const dependent = rows.map(([x, y]) => [x, y, 0.3 * x - 0.7 * y + 11]);
    expect(() => fit(dependent, { order: 2 })).toThrow(/column 2 follows linearly/);
  });

  it('a row so far from all others that nothing else counts', () => {
    expect(() => fit([...rows, [1e9, 1e9]], { order: 1 })).toThrow(
      `row ${rows.length} is so far from all others (1000000000 in column 1)`,
    );
  });

  it('a column whose variance is nothing in float64', () => {
    const tiny = rows.map(([a, b]) => [a, b * 1e-170]);
    expect(() => fit(tiny, { order: 1 })).toThrow(/the variance of column 1 is 0 in float64: rescale the column/);
  });

  it('text in a DataFrame, by the name of its column', () => {
    const frame = new DataFrame(
      [
        [1, 'a'],
        [2, 'b'],
        [3, 'c'],
      ],
      { columns: ['x', 'label'] },
    );
    expect(() => fit(frame, { order: 1 })).toThrow(/column "label" of the table is "a"/);
  });

  it('a likelihood without bound, and offers the penalty', () => {
    const start = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [2]], covariances: [[[1e-8]], [[1]]] });
    expect(() => fit([0, 1, 2, 3, 5], { start, penalty: 0 })).toThrow(
      /component 0.*likelihood is unbounded.*use a penalty above 0/s,
    );
    expect(fit([0, 1, 2, 3, 5], { start }).converged).toBe(true);
    const clusterings = { penalty: 0, initialisation: 'k-means++' } as const; // one of 0, 0, 0, which shrinks onto them
    expect(() => fit([0, 0, 0, 7, 8], { order: 2, ...clusterings })).toThrow(/likelihood is unbounded/);
    const tied = [...Array(6).fill(0.7), 7000, 8000, 9500]; // the mean of the six misses 0.7 by rounding
    const onTied = gaussianMixture({ weights: [0.7, 0.3], means: [[0.7], [8000]], covariances: [[[0.01]], [[100]]] });
    expect(() => fit(tied, { start: onTied, penalty: 0 })).toThrow(
      /component 0: its 6 rows have a singular covariance/,
    );
    const line = Array.from({ length: 8 }, (_, i) => [50 + 0.1 * i, 0.3 * (50 + 0.1 * i) + 0.1]);
    const rest = Array.from({ length: 20 }, (_, i) => [Math.sin(7 * i), Math.cos(11 * i)]);
    const onLine = gaussianMixture({
      weights: [0.3, 0.7],
      means: [
        [50.35, 15.205],
        [0, 0],
      ],
      covariances: [
        [1, 0, 0, 1],
        [1, 0, 0, 1],
      ],
    });
    expect(() => fit([...line, ...rest], { start: onLine, penalty: 0 })).toThrow(
      /component 0: its 8 rows have a singular/,
    );
  });
});

describe('says what is wrong with the options', () => {
  it.each<[string, FitOptions, RegExp]>([
    ['no order', {}, /needs the order K/],
    ['order 0', { order: 0 }, /order is 0: it must be a positive integer/],
    ['order 2.5', { order: 2.5 }, /order is 2.5: it must be a positive integer/],
    ['order NaN', { order: Number.NaN }, /order is NaN/],
    ['no starts', { order: 2, starts: 0 }, /starts is 0: it must be a positive integer/],
    ['half a start', { order: 2, starts: 1.5 }, /starts is 1.5/],
    [
      'starts of a kind that there is not',
      { order: 2, initialisation: 'k-medoids' as 'mixed' },
      /initialisation is "k-medoids": it must be 'mixed' or 'k-means\+\+'/,
    ],
    ['a negative penalty', { order: 2, penalty: -1 }, /penalty is -1: it must be 0 or a positive number/],
    [
      'penalty null',
      { order: 2, penalty: null as unknown as number },
      /penalty is null: it must be 0 or a positive number/,
    ],
    [
      'a penalty beyond float64',
      { order: 2, penalty: 1e308 },
      /with the penalty 1e\+308 it is beyond float64|singular/,
    ],
    [
      'an unknown penalty',
      { order: 2, penalty: 'paper' as never },
      /penalty is "paper": it must be a number from 0 on, or 'published'/,
    ],
    ['penalty NaN', { order: 2, penalty: Number.NaN }, /penalty is NaN/],
    ['penalty Infinity', { order: 2, penalty: Infinity }, /penalty is Infinity/],
    ['tolerance NaN', { order: 2, tolerance: Number.NaN }, /tolerance is NaN: it must be 0 or a positive number/],
    ['a negative tolerance', { order: 2, tolerance: -1e-6 }, /tolerance is -0.000001|tolerance is -1e-6/],
    ['no iterations', { order: 2, maxIterations: 0 }, /maxIterations is 0: it must be a positive integer/],
    ['iterations NaN', { order: 2, maxIterations: Number.NaN }, /maxIterations is NaN/],
    [
      'a family that there is not',
      { order: 2, family: 'gamma?' as FamilyName },
      /there is no family "gamma\?".*gaussian/,
    ],
    [
      'a start of another order',
      { order: 3, start: truth },
      /start is a mixture of 2 .* but 3 gaussian components in 2/,
    ],
    ['a start of another family', { start: truth, family: { ...gaussian, name: 'own' } }, /but 2 own components/],
  ])('%s', (_, options, message) => {
    expect(() => fit(table, options)).toThrow(message);
  });

  it('none at all', () => {
    expect(() => fit(table, {})).toThrow(/needs the order K/);
  });

  it('a start of another dimension', () => {
    expect(() => fit([1, 2, 3, 4], { start: truth })).toThrow(
      /start is .* in 2 dimensions, but 2 .* in 1 are to be fit/,
    );
  });
});
