import { describe, expect, it } from 'vitest';
import { aggregate } from '../aggregate/aggregate';
import { dfmrComponents } from '../aggregate/components';
import { adjustedRandIndex } from '../distance/adjusted-rand-index';
import { fit } from '../estimate/fit';
import { takeRows } from '../math/table';
import { exponentialMixture, gaussianMixture } from '../mixture/constructors';
import { rangeOf } from '../mixture/noise';
import { classify } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { chooseOrder } from '../protocol/choose-order';
import type { Progress } from '../work/work';
import { type AnalyseOptions, type Analysis, analyse } from './analyse';

const unit = [
  [1, 0],
  [0, 1],
];
const truth = gaussianMixture({ weights: [0.3, 0.7], means: [[0, 0], [7, 7]], covariances: [unit, unit] }); // biome-ignore format: short
const { data: table, labels } = sample(truth, 503, 1);
const quick: AnalyseOptions = { machines: 5, starts: 2, uncertainty: false, workers: 1, rule: 'dfmr' };

const plain = ({ result, machineOf, clusters, decisions, fits }: Analysis<unknown>) => ({
  mixture: result.mixture.toJSON(),
  machineOf,
  clusters,
  decisions,
  maxima: fits.map(({ maxima }) => maxima),
});

/** The rows of a machine, in the order of the table. */
const rowsOf = (machineOf: Int32Array, machine: number) =>
  Array.from(machineOf.keys()).filter((row) => machineOf[row] === machine);

describe('the rows', () => {
  it('are each on one machine, as many on each up to one', async () => {
    for (const machines of [1, 5, 7]) {
      const { machineOf, fits } = await analyse(table, { ...quick, machines, order: 1 });
      expect(machineOf).toHaveLength(503);
      const sizes = Array.from({ length: machines }, (_, i) => rowsOf(machineOf, i).length);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(503);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      expect(fits.map(({ sampleSize }) => sampleSize)).toEqual(sizes);
    }
  });

  it('are those that the machines fit, and the fits those that are aggregated', async () => {
    const { machineOf, fits, result, dfmr } = await analyse(table, { ...quick, order: 2, seed: 4 });
    fits.forEach((one, i) => {
      const own = fit(takeRows(table, rowsOf(machineOf, i)), { order: 2, starts: 2, seed: 4 });
      expect(one.mixture.toJSON()).toEqual(own.mixture.toJSON());
    });
    const again = await aggregate(fits, { rule: 'dfmr', uncertainty: false });
    expect(result).toEqual(again.result);
    expect(dfmr?.distances.size).toBe(5);
  });

  it('count as often as they say, on whichever machine they are', async () => {
    const rowWeights = Float64Array.from({ length: 503 }, (_, j) => (j % 5) / 2);
    const { machineOf, fits, clusters, decisions } = await analyse(table, { ...quick, order: 2, rowWeights });
    fits.forEach((one, i) => {
      const own = rowsOf(machineOf, i);
      const weights = own.map((j) => rowWeights[j]);
      expect(one.mixture.toJSON()).toEqual(
        fit(takeRows(table, own), { order: 2, starts: 2, rowWeights: weights }).mixture.toJSON(),
      );
    });
    expect(clusters).toHaveLength(503);
    expect(decisions[0]).toMatch(/^503 rows, which count as 501.5, were split/);
  });

  it('are split by chance, not by their order', async () => {
    const { machineOf } = await analyse(table, { ...quick, order: 1 });
    const means = Array.from({ length: 5 }, (_, i) => rowsOf(machineOf, i).reduce((sum, row) => sum + row, 0) / 101);
    for (const mean of means) expect(Math.abs(mean - 251)).toBeLessThan(5 * (503 / Math.sqrt(12 * 101)));
    expect(rowsOf(machineOf, 0).slice(0, 5)).not.toEqual([0, 5, 10, 15, 20]);
  });
});

describe('without a rule', () => {
  const usual: AnalyseOptions = { ...quick, rule: undefined };

  it('the machines are aggregated by components', async () => {
    const { fits, result, components, dfmr, rule } = await analyse(table, { ...usual, order: 2 });
    expect([rule, dfmr]).toEqual(['components', undefined]);
    expect(result).toBe(components);
    expect(result).toEqual(dfmrComponents(fits));
    expect([...result.kept]).toEqual([0, 1, 2, 3, 4]);
  });

  it('the stages are those of the component rule, and a signal ends each', async () => {
    const stages = new Set<string>();
    await analyse(table, { ...usual, order: 2, onProgress: ({ stage }) => stages.add(stage) });
    expect([...stages].slice(0, 2)).toEqual(['fitting', 'distances']);
    expect(stages.size).toBeGreaterThan(3);
    for (const stage of stages) {
      const controller = new AbortController();
      const onProgress = (one: Progress) => one.stage === stage && controller.abort(new Error(`in ${stage}`));
      const work = analyse(table, { ...usual, order: 2, signal: controller.signal, onProgress });
      await expect(work).rejects.toThrow(`in ${stage}`);
    }
  });
});

describe('the seed', () => {
  it('gives the same analysis again, and another one another split', async () => {
    const options = { ...quick, orders: [1, 2], seed: 'a' };
    const first = plain(await analyse(table, options));
    expect(plain(await analyse(table, options))).toEqual(first);
    expect((await analyse(table, { ...options, seed: 'b', order: 1 })).machineOf).not.toEqual(first.machineOf);
  });
});

describe('the clusters', () => {
  it('are the most probable components of all rows, and find those that are apart', async () => {
    const { clusters, result, samples } = await analyse(table, { ...quick, order: 2 });
    expect(clusters).toEqual(classify(result.mixture, table));
    expect(adjustedRandIndex(clusters, labels)).toBeGreaterThan(0.98);
    expect(samples.data).toEqual(table.data);
  });
});

describe('the order', () => {
  it('is chosen where it is not given, and told', async () => {
    const { choice, fits, result, decisions, machineOf } = await analyse(table, { ...quick, orders: [1, 2, 3] });
    expect([choice?.order, result.mixture.order, fits[0].mixture.order]).toEqual([2, 2, 2]);
    const tables = fits.map((_, i) => takeRows(table, rowsOf(machineOf, i)));
    expect(choice).toEqual(await chooseOrder(tables, { orders: [1, 2, 3], starts: 2, workers: 1 }));
    expect(decisions.slice(0, 2)).toEqual(['503 rows were split at random among 5 machines.', choice?.reasons[0]]);
  });

  it('is chosen by the criterion that is given', async () => {
    const { choice } = await analyse(table, { ...quick, orders: [1, 2], criterion: 'icl' });
    expect(choice?.criterion).toBe('icl');
  });

  it('is taken as it is given', async () => {
    const { choice, result, decisions } = await analyse(table, { ...quick, order: 3 });
    expect([choice, result.mixture.order]).toEqual([undefined, 3]);
    expect(decisions.join()).not.toMatch(/BIC|ICL/);
  });

  it('is not larger than the rows of a machine allow', async () => {
    const few = takeRows(
      table,
      Array.from({ length: 17 }, (_, j) => j),
    );
    const { choice, decisions } = await analyse(few, { ...quick, orders: [1, 2, 3, 4] });
    expect(choice?.scores.map(({ order }) => order)).toEqual([1, 2, 3]);
    expect(decisions.join('\n')).toMatch(/^K = 4 is left out: machine \d: 3 rows cannot tell 4 components apart/m);
  });
});

it('works in another family, with one column, and takes what is given for the aggregation', async () => {
  const waits = sample(exponentialMixture({ weights: [0.5, 0.5], means: [1, 30] }), 400, 1).data;
  const { result, dfmr, decisions, standardErrors } = await analyse(waits, {
    rule: 'dfmr',
    machines: 4,
    order: 2,
    family: 'exponential',
    inflationFactor: 3,
    smoothing: 0,
    workers: 1,
  });
  expect(result.mixture.family.name).toBe('exponential');
  expect(dfmr?.inflationFactor).toBe(3);
  expect(decisions.slice(1, 3)).toEqual([
    'Densities are not smoothed, as given.',
    expect.stringMatching(/^ρ = 3, as given/),
  ]);
  expect(standardErrors).toHaveLength(3);
});

it('reports which stage it is in, and how far', async () => {
  const reported: Progress[] = [];
  await analyse(table, { ...quick, orders: [1, 2], onProgress: (one) => reported.push(one) });
  const stages = [...new Set(reported.map(({ stage }) => stage))];
  expect(stages).toEqual(['choosing the order', 'fitting', 'distances', 'inflation factors', 'reduction']);
  const of = (wanted: string) => reported.filter(({ stage }) => stage === wanted).map(({ done }) => done);
  expect(of('choosing the order')).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 4, 5]); // each machine, in two rounds
  expect(of('fitting')).toEqual([1, 2, 3, 4, 5]);
  expect(reported.every(({ done, total }) => done >= 0 && done <= total)).toBe(true);
});

describe('throws', () => {
  it.each<[string, number[][], AnalyseOptions, RegExp]>([
    ['fewer rows than machines', [[1], [2], [3]], { machines: 4 }, /^3 rows cannot be split among 4 machines: take fewer/],
    ['a value that is not finite', [[1], [Number.NaN], [3]], { machines: 2 }, /^row 1, column 0 of the table is NaN/],
    ['an empty table', [], {}, /the table has 0 rows/],
    ['a ragged table', [[1, 2], [3]], { machines: 1 }, /row 1 has 1 values, row 0 has 2/],
    ['no machines', [[1], [2]], { machines: 0 }, /^machines is 0: it must be a positive integer/],
    ['half a machine', [[1], [2]], { machines: 1.5 }, /^machines is 1.5: it must be a positive integer/],
    ['a machine with fewer rows than components', [[1], [2], [4]], { machines: 3, order: 2 }, /1 rows cannot tell 2/],
    ['an inflation factor below 1', [[1], [2], [4], [9]], { machines: 2, order: 1, inflationFactor: 0 }, /inflationFactor is 0/],
  ])('for %s', async (_, rows, options, message) => {
    await expect(analyse(rows, { ...quick, machines: 10, ...options })).rejects.toThrow(message);
  }); // biome-ignore format: short

  it('the reason of a signal that aborts, in every stage', async () => {
    for (const stage of ['choosing the order', 'fitting', 'distances', 'inflation factors', 'reduction']) {
      const controller = new AbortController();
      const onProgress = (one: Progress) => one.stage === stage && controller.abort(new Error(`in ${stage}`));
      const { signal } = controller;
      await expect(analyse(table, { ...quick, orders: [1, 2], signal, onProgress })).rejects.toThrow(`in ${stage}`);
    }
  });
});

it('takes rows with missing cells, and tells', async () => {
  const data = table.data.map((x, i) => (i % 5 === 0 || i < 4 ? Number.NaN : x));
  const gappy = { ...table, data };
  await expect(analyse(gappy, { ...quick, order: 2 })).rejects.toThrow(/row 0, column 0 .*missing: 'em'/);
  const { result, fits, clusters, decisions, samples } = await analyse(gappy, { ...quick, order: 2, missing: 'em' });
  expect(samples.data).toEqual(data);
  expect(fits.map(({ sampleSize }) => sampleSize).reduce((sum, n) => sum + n, 0)).toBe(501);
  const cells = data.filter(Number.isNaN).length - 4;
  expect(decisions[1]).toBe(
    `${cells} cells are missing at random, as is assumed; 2 rows without an observed cell are in no fit, and in the cluster of the largest weight.`,
  );
  expect(adjustedRandIndex(clusters.subarray(2), labels.subarray(2))).toBe(1);
  const largest = result.mixture.weights.indexOf(Math.max(...result.mixture.weights));
  expect([...clusters.subarray(0, 2)]).toEqual([largest, largest]);
});

it('fits noise, on the range of all rows, and labels it −1', async () => {
  const noise = { weight: 0.1, lower: [-20, -20], upper: [30, 30] };
  const noisy = gaussianMixture({ weights: [0.3, 0.7], means: [[0, 0], [7, 7]], covariances: [unit, unit], noise }); // biome-ignore format: short
  const drawn = sample(noisy, 2000, 1);
  const { result, clusters, decisions, choice } = await analyse(drawn.data, {
    machines: 4,
    starts: 2,
    orders: [1, 2, 3],
    noise: true,
    uncertainty: false,
    workers: 1,
  });
  expect(choice?.order).toBe(2);
  const found = result.mixture.noise;
  expect(Math.abs((found?.weight ?? 0) - 0.1)).toBeLessThan(0.03);
  expect(found).toMatchObject(rangeOf(drawn.data));
  expect([...clusters]).toEqual([...classify(result, drawn.data)]);
  expect(adjustedRandIndex(clusters, drawn.labels)).toBeGreaterThan(0.95);
  expect(decisions.join(' ')).toMatch(/Noise is [\d.]+ % of the rows/);
});
