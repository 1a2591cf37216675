import { describe, expect, it } from 'vitest';
import { fit } from '../estimate/fit';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { takeRows } from '../math/table';
import { exponentialMixture, gaussianMixture } from '../mixture/constructors';
import type { Mixture } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import type { Progress } from '../work/work';
import { type ChooseOrderOptions, chooseOrder as chooseOrderOn } from './choose-order';

/** In this thread: others run the build. */
const chooseOrder = <Parameter = GaussianParameter>(
  tables: Parameters<typeof chooseOrderOn>[0],
  options: ChooseOrderOptions<Parameter> = {},
) => chooseOrderOn<Parameter>(tables, { workers: 1, ...options });

/** Bells in one dimension, as likely as each other. */
const bells = (means: readonly number[], variance = 1) =>
  gaussianMixture({
    weights: means.map(() => 1 / means.length),
    means: means.map((mean) => [mean]),
    covariances: means.map(() => [[variance]]),
  });
const draws = (means: readonly number[], n: number, seed: number) => sample(bells(means), n, seed).data;

const normal = (x: number, { mean: [mean], covariance: [variance] }: GaussianParameter) =>
  Math.exp(-((x - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);

const exponential = (x: number, { mean }: { mean: number }) => Math.exp(-x / mean) / mean;

/** ℓ, and the entropy of the classes −Σ_jk r_jk log r_jk. */
function plain<P>({ weights, parameters }: Mixture<P>, data: Float64Array, density: (x: number, theta: P) => number) {
  let [logLikelihood, entropy] = [0, 0];
  for (const x of data) {
    const shares = parameters.map((theta, k) => weights[k] * density(x, theta));
    const total = shares.reduce((sum, share) => sum + share);
    logLikelihood += Math.log(total);
    for (const share of shares) if (share > 0) entropy -= (share / total) * Math.log(share / total);
  }
  return { logLikelihood, entropy };
}

describe('of one machine', () => {
  const table = draws([0, 3], 200, 1);

  it.each([1, 2, 3])('BIC and ICL of %d components are those of its fit', async (order) => {
    const [score] = (await chooseOrder([table], { orders: [order], starts: 4, seed: 2 })).scores;
    const { mixture } = fit(table, { order, starts: 4, seed: 2 });
    const { logLikelihood, entropy } = plain(mixture, table.data, normal);
    const bic = -2 * logLikelihood + (3 * order - 1) * Math.log(200);
    expect(score.bic).toBeCloseTo(bic, 8);
    expect(score.icl).toBeCloseTo(bic + 2 * entropy, 8);
    expect([score.order, score.votes]).toEqual([order, 1]);
  });

  it('rows that count several times are judged as rows that stand so often', async () => {
    const counts = Float64Array.from({ length: 200 }, (_, j) => j % 4);
    const places = [...counts].flatMap((count, j) => new Array<number>(count).fill(j));
    const options = { orders: [1, 2], starts: 4, tolerance: 1e-10 };
    const [counted, stood] = [
      await chooseOrder([table], { ...options, rowWeights: [counts] }),
      await chooseOrder([takeRows(table, places)], options),
    ];
    counted.scores.forEach(({ bic, icl }, at) => {
      expect(bic).toBeCloseTo(stood.scores[at].bic, 6);
      expect(icl).toBeCloseTo(stood.scores[at].icl, 4);
    });
    const halves = counts.map((count) => count / 2 + 0.1);
    expect((await chooseOrder([{ ...table, weights: halves }], options)).scores).toHaveLength(2);
  });

  it('BIC and ICL are those of its fit in another family too', async () => {
    const waits = sample(exponentialMixture({ weights: [0.5, 0.5], means: [1, 20] }), 200, 1).data;
    const { scores, order } = await chooseOrder([waits], { family: 'exponential', orders: [1, 2], starts: 3 });
    scores.forEach((score) => {
      const { mixture } = fit(waits, { family: 'exponential', order: score.order, starts: 3 });
      const { logLikelihood, entropy } = plain(mixture, waits.data, exponential);
      const bic = -2 * logLikelihood + (2 * score.order - 1) * Math.log(200);
      expect(score.bic).toBeCloseTo(bic, 8);
      expect(score.icl).toBeCloseTo(bic + 2 * entropy, 8);
    });
    expect(order).toBe(2);
  });

  it('finds how many components are well separated', async () => {
    for (const criterion of ['bic', 'icl'] as const) {
      const { order, criterion: used } = await chooseOrder([draws([0, 8, 16], 150, 1)], {
        orders: [1, 2, 3, 4],
        criterion,
        starts: 5,
      });
      expect([order, used]).toEqual([3, criterion]);
    }
  });

  it('splits what overlaps by BIC, and not by ICL', async () => {
    const overlapping = [draws([0, 2.8], 1000, 1)];
    const options = { orders: [1, 2, 3], starts: 3 };
    expect((await chooseOrder(overlapping, options)).order).toBe(2);
    expect((await chooseOrder(overlapping, { ...options, criterion: 'icl' })).order).toBe(1);
  });

  it('counts the runs that found the best maximum, and the maxima', async () => {
    for (const initialisation of ['mixed', 'k-means++'] as const) {
      const { scores } = await chooseOrder([table], { orders: [1, 2, 8], starts: 6, initialisation });
      for (const { order, found, runs, maxima: different } of scores) {
        const { maxima, penalisedLogLikelihood } = fit(table, { order, starts: 6, initialisation });
        expect(runs).toBe(maxima.length);
        expect(found).toBe(maxima.filter((one) => (penalisedLogLikelihood - one) / 200 <= 1e-4).length);
        const apart = [...maxima]
          .sort((a, b) => a - b)
          .filter((one, i, all) => i === 0 || one - all[i - 1] > 1e-4 * 200);
        expect(different).toBe(apart.length);
      }
      expect([scores[0].found, scores[0].maxima]).toEqual([initialisation === 'mixed' ? 1 : 6, 1]);
      expect(scores[2].maxima).toBeGreaterThan(1);
    }
  });
});

describe('of many machines', () => {
  const machines = Array.from({ length: 7 }, (_, i) => draws([0, 6, 12], 120, i));
  const options = { orders: [1, 2, 3, 4], starts: 3 };

  it('finds how many components are well separated', async () => {
    const { order, scores, reasons } = await chooseOrder(machines, options);
    expect(order).toBe(3);
    expect(scores.map((score) => score.order)).toEqual([1, 2, 3, 4]);
    expect(scores.reduce((sum, { votes }) => sum + votes, 0)).toBe(7);
    expect(reasons).toEqual([
      `K = 3: its aggregate has the least BIC of 1 to 4, by the median of 7 machines; ${scores[2].votes} of them prefer it.`,
    ]);
  });

  it('sees what no machine of few rows can pay for', async () => {
    const close = (i: number, n: number) => draws([0, 3.2], n, i);
    const few = Array.from({ length: 9 }, (_, i) => close(i, 60));
    const alone = await Promise.all(few.map((table) => chooseOrder([table], { orders: [1, 2], starts: 3 })));
    expect(alone.filter(({ order }) => order === 1).length).toBeGreaterThan(4);
    expect((await chooseOrder(few, { orders: [1, 2], starts: 3 })).order).toBe(2);
  });

  it('is not carried off by a minority whose data have another order', async () => {
    const others = Array.from({ length: 2 }, (_, i) => draws([0, 100, 200, 300], 120, i));
    for (const criterion of ['bic', 'icl'] as const) {
      const { order, scores } = await chooseOrder([...others, ...machines.slice(2)], { ...options, criterion });
      expect([order, scores[2].votes]).toEqual([3, 5]);
    }
  });

  it('that hold the same rows, says what one machine of all these rows does', async () => {
    const [table] = machines;
    const { scores } = await chooseOrder([table, table, table], { ...options, orders: [2, 3] });
    for (const { order, bic, icl, found, votes } of scores) {
      const { mixture, maxima, penalisedLogLikelihood } = fit(table, { order, starts: 3 });
      const { logLikelihood, entropy } = plain(mixture, table.data, normal);
      const expected = 3 * -2 * logLikelihood + (3 * order - 1) * Math.log(360);
      expect(bic).toBeCloseTo(expected, 6);
      expect(icl).toBeCloseTo(expected + 3 * 2 * entropy, 6);
      expect(found).toBeCloseTo(maxima.filter((one) => penalisedLogLikelihood - one <= 1e-4 * 120).length, 12);
      expect(votes).toBe(order === 3 ? 3 : 0);
    }
  });

  it('does not depend on how the orders are listed', async () => {
    const listed = await chooseOrder(machines.slice(0, 3), { orders: [3, 1, 2, 1], starts: 2 });
    expect(listed).toEqual(await chooseOrder(machines.slice(0, 3), { orders: [1, 2, 3], starts: 2 }));
  });

  it('reports how many machines answered, in both rounds', async () => {
    const reported: Progress[] = [];
    const onProgress = (progress: Progress) => reported.push(progress);
    await chooseOrder(machines.slice(0, 2), { orders: [2, 1], starts: 1, onProgress });
    expect(reported).toEqual([1, 2, 1, 2].map((done) => ({ stage: 'choosing the order', done, total: 2 })));
  });
});

describe('the reasons', () => {
  const reasonsOf = async (table: ReturnType<typeof draws>, options: object) =>
    (await chooseOrder([table], { starts: 3, ...options })).reasons;

  it('name the criterion and the orders that were tried', async () => {
    const table = draws([0, 20], 100, 1);
    expect(await reasonsOf(table, { orders: [1, 2, 3] })).toEqual(['K = 2 has the least BIC of 1 to 3.']);
    expect(await reasonsOf(table, { orders: [2, 5], criterion: 'icl' })).toEqual(['K = 2 has the least ICL of 2, 5.']);
    expect((await reasonsOf(table, { orders: [2] }))[0]).toMatch(/^K = 2 is the only order/);
  });

  it('tell where more should be tried', async () => {
    expect(await reasonsOf(draws([0, 20, 40], 150, 1), { orders: [1, 2, 3] })).toEqual([
      'K = 3 has the least BIC of 1 to 3.',
      'It is the largest that was tried: try more.',
    ]);
  });

  it('tell where few starts found the best maximum', async () => {
    const table = draws([0, 2, 4, 6], 150, 3);
    const luck =
      /^The best maximum was found by 1 of 3 runs on average, which ended at 3 different maxima: more starts may/;
    expect((await reasonsOf(table, { orders: [12], starts: 9 }))[1]).toMatch(luck);
    expect((await reasonsOf(table, { orders: [12], starts: 9, initialisation: 'k-means++' }))[1]).toMatch(
      /^The best maximum was found by [1-4] of 9 runs on average, which ended at [2-9] different maxima/,
    );
  });

  it('tell where the machines do not agree', async () => {
    const machines = [0, 1, 2, 3].map((i) => draws(i < 2 ? [0] : [-20, 20], 100, i));
    const { order, scores, reasons } = await chooseOrder(machines, { orders: [1, 2, 3], starts: 2 });
    const { votes } = scores.find((score) => score.order === order) as { votes: number };
    expect(votes).toBeLessThanOrEqual(2);
    expect(reasons[1]).toMatch(/^No more than half of the machines prefer it/);
  });

  it('tell which orders most machines could not fit, and why', async () => {
    const few = [7, 8, 9].map((seed) => draws([0, 30], 3, seed));
    const machines = [...few, ...[0, 1].map((seed) => draws([0, 30], 50, seed))];
    const { order, scores, reasons } = await chooseOrder(machines, { orders: [1, 2, 3, 4, 5], starts: 2 });
    expect(scores.map((score) => score.order)).toEqual([1, 2, 3]);
    expect(order).toBeLessThanOrEqual(3);
    expect(reasons.filter((one) => one.includes('left out'))).toEqual([
      expect.stringMatching(/^K = 4 is left out: machine 0: 3 rows cannot tell 4 components apart.*\.$/),
      expect.stringMatching(/^K = 5 is left out: machine 0: 3 rows cannot tell 5 components apart.*\.$/),
    ]);
  });

  it('tell which machines could not fit an order that the others could, and do not lose it', async () => {
    const machines = [...Array.from({ length: 4 }, (_, i) => draws([0, 30], 50, i)), draws([0, 30], 3, 9)];
    const { order, scores, reasons } = await chooseOrder(machines, { orders: [1, 2, 3, 4, 5], starts: 2 });
    expect(scores.map((score) => score.order)).toEqual([1, 2, 3, 4, 5]);
    expect(order).toBe(2);
    expect(reasons.slice(1)).toEqual([
      expect.stringMatching(/^K = 4 is judged without 1 of the machines: machine 4: 3 rows cannot tell 4.*\.$/),
      expect.stringMatching(/^K = 5 is judged without 1 of the machines: machine 4: 3 rows cannot tell 5.*\.$/),
    ]);
  });

  it('tell so where the likelihood has no maximum', async () => {
    const counts = [0, 0, 0, 0, 9, 10, 11, 30, 31, 33];
    const { order, reasons } = await chooseOrder([counts], { family: 'exponential', orders: [1, 2, 3], starts: 3 });
    expect(order).toBe(1);
    expect(reasons.slice(1).join('\n')).toMatch(/K = 3 is left out: .*zeros/);
  });
});

describe('throws', () => {
  const tables = [draws([0, 5], 60, 1), draws([0, 5], 60, 2)];

  it.each<[string, unknown, object, RegExp]>([
    ['no tables', [], {}, /^tables is \[\]: a list of tables is needed/],
    ['nothing', undefined, {}, /^tables is undefined: a list of tables is needed/],
    ['an unknown criterion', tables, { criterion: 'aic' }, /^the criterion is "aic": it must be 'bic' or 'icl'/],
    ['no orders', tables, { orders: [] }, /^orders is \[\]: a list is needed/],
    ['an order that is no list', tables, { orders: 3 }, /^orders is 3: a list is needed/],
    ['an order of 0', tables, { orders: [1, 0] }, /^an order is 0: it must be a positive integer/],
    ['an order of 1.5', tables, { orders: [1.5] }, /^an order is 1.5: it must be a positive integer/],
    ['an unknown family', tables, { family: 'cauchy' }, /cauchy/],
    ['starts of 0', tables, { starts: 0 }, /starts is 0: it must be a positive integer/],
    ['a value that is not finite', [tables[0], [[1], [Number.NaN]]], {}, /^machine 1: row 1, column 0 .* is NaN/],
    ['fewer rows than the least order', [[[1], [2]]], { orders: [3, 4] }, /2 rows cannot tell 3 components apart/],
  ])('for %s', async (_, list, options, message) => {
    await expect(chooseOrder(list as typeof tables, { orders: [1, 2], starts: 1, ...options })).rejects.toThrow(
      message,
    );
  });

  it('the reason of a signal that aborts', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('enough'));
    const { signal } = controller;
    await expect(chooseOrder(tables, { orders: [1, 2, 3], starts: 1, signal, onProgress })).rejects.toThrow(/^enough$/);
  });
});
