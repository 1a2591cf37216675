import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { aggregate } from '../aggregate/aggregate';
import { dfmr } from '../aggregate/dfmr';
import { reduce } from '../aggregate/reduce';
import { repeatCoverage, summariseCoverage } from '../bench/coverage';
import { DegenerateComponent } from '../errors';
import { type Fit, fit } from '../estimate/fit';
import { gaussian } from '../families/gaussian';
import { gaussianMixture } from '../mixture/constructors';
import { type Mixture, mixture, mixtureToVector } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { analyse } from './analyse';
import { bootstrap, intervalsOf } from './bootstrap';

const bell = gaussianMixture({ weights: [1], means: [[10]], covariances: [[[4]]] });
const two = gaussianMixture({ weights: [0.4, 0.6], means: [[0], [5]], covariances: [[[1]], [[2]]] });
const fitsOf = (truth: Mixture<{ mean: Float64Array; covariance: Float64Array }>, m: number, n: number): Fit[] =>
  Array.from({ length: m }, (_, i) => fit(sample(truth, n, i).data, { start: truth, penalty: 0 }));

describe('the bootstrap of one normal sample', () => {
  it('has the exact standard errors σ/√n of the mean and σ² √(2 (n − 1))/n of the variance, and its bias −σ²/n', async () => {
    const n = 25;
    const [own] = fitsOf(bell, 1, n);
    const variance = own.mixture.parameters[0].covariance[0];
    const { standardErrors, bias, simulated, failed, notes } = await bootstrap(own, {
      repetitions: 2000,
      penalty: 0,
      workers: 1,
    });
    expect(Math.abs(standardErrors[0] / Math.sqrt(variance / n) - 1)).toBeLessThan(0.05); // its own error is 1/√(2 R)
    expect(Math.abs(standardErrors[1] / ((variance * Math.sqrt(2 * (n - 1))) / n) - 1)).toBeLessThan(0.08);
    expect(Math.abs(bias[1] + variance / n)).toBeLessThan((4 * standardErrors[1]) / Math.sqrt(2000));
    expect([simulated.length, failed, notes]).toEqual([2000, 0, []]);
  });

  it('has for the variance the basic interval of the χ² law, and the asymptotic one beside it', async () => {
    const [own] = fitsOf(bell, 1, 40);
    const [mean, variance] = mixtureToVector(own.mixture);
    const { lower, upper, asymptotic } = await bootstrap(own, { repetitions: 1999, penalty: 0, workers: 1 });
    // n σ̂² / σ² is χ² of 39 degrees of freedom: quantiles 23.654 and 58.120
    const exact = [2 * variance - (variance * 58.12) / 40, 2 * variance - (variance * 23.654) / 40];
    const length = exact[1] - exact[0];
    expect(Math.abs(lower[1] - exact[0])).toBeLessThan(0.08 * length);
    expect(Math.abs(upper[1] - exact[1])).toBeLessThan(0.05 * length);
    expect(asymptotic?.standardErrors[0]).toBeCloseTo(Math.sqrt(variance / 40), 6);
    expect(asymptotic?.upper[0]).toBeCloseTo(mean + 1.959964 * Math.sqrt(variance / 40), 4);
    expect(asymptotic?.lower[1]).toBeCloseTo(variance - 1.959964 * variance * Math.sqrt(2 / 40), 4);
  });
});

it('counts the ends of intervals among R + 1 places, and reflects them in the estimate', () => {
  const simulated = Array.from({ length: 199 }, (_, i) => Float64Array.of(i + 1));
  const { lower, upper, standardErrors } = intervalsOf(Float64Array.of(130), simulated, 0.95);
  expect(lower[0]).toBeCloseTo(260 - 195, 8);
  expect(upper[0]).toBeCloseTo(260 - 5, 8);
  expect(standardErrors[0]).toBeCloseTo(Math.sqrt((199 * 200) / 12), 8);
});

describe('the bootstrap of an aggregate', () => {
  it('has the standard errors of all N rows, in the order of the result', async () => {
    const found = await aggregate(fitsOf(two, 4, 200));
    const { standardErrors, asymptotic, simulated } = await bootstrap(found, {
      repetitions: 99,
      sampleSizes: new Float64Array(4).fill(200),
      workers: 1,
    });
    const estimate = mixtureToVector(found.result.mixture);
    expect(standardErrors.length).toBe(estimate.length);
    standardErrors.forEach((error, i) => {
      expect(Math.abs(Math.log(error / (asymptotic?.standardErrors[i] ?? 0)))).toBeLessThan(0.35);
      for (const vector of simulated) expect(Math.abs(vector[i] - estimate[i])).toBeLessThan(6 * error); // no label changed
    });
  });

  it('simulates the kept machines only, each with its own rows', async () => {
    const honest = fitsOf(two, 5, 100);
    const liar = gaussianMixture({ weights: [0.5, 0.5], means: [[40], [50]], covariances: [[[1]], [[1]]] });
    const result = dfmr([...honest, { mixture: liar, sampleSize: 1e6 }]);
    expect([...result.kept]).not.toContain(5);
    const rows = [100, 100, 100, 100, 100, 1e6];
    const options = { repetitions: 99, workers: 1, seed: 3 };
    const wide = await bootstrap(result, { ...options, sampleSizes: rows });
    const narrow = await bootstrap(result, { ...options, sampleSizes: rows.map((n) => 4 * n) });
    for (let i = 0; i < 5; i++)
      expect(Math.abs(wide.standardErrors[i] / narrow.standardErrors[i] / 2 - 1)).toBeLessThan(0.3);
    const shared = await bootstrap(result, { repetitions: 20, workers: 1 });
    expect(shared.notes.join(' ')).toMatch(/kept machines are taken to have equally many rows: give \{ sampleSizes \}/);
  });

  it('takes the rows of the fits of an analysis', async () => {
    const { data } = sample(two, 1200, 1);
    const analysis = await analyse(data, { machines: 4, order: 2, workers: 1 });
    const { notes, standardErrors } = await bootstrap(analysis, { repetitions: 20, workers: 1 });
    expect(notes).toEqual([]);
    expect(standardErrors.every((error) => error > 0)).toBe(true);
  });

  it('has the same bytes on any number of workers, by the seed', async () => {
    const dist: typeof import('../index') = await import(path.resolve('dist/index.js')); // where threads can be had
    const tables = [1, 2, 3].map((seed) => sample(two, 100, seed).data);
    const found = await dist.aggregate(await dist.fitAll(tables, { order: 2, workers: 1 }));
    const sampleSizes = [100, 100, 100];
    const stages: string[] = [];
    const run = (workers: number, seed: number | string) =>
      dist.bootstrap(found, {
        repetitions: 21,
        workers,
        seed,
        sampleSizes,
        onProgress: ({ stage }) => stages.push(stage),
      });
    const [one, three, other] = [await run(1, 5), await run(3, 5), await run(2, 'six')];
    expect(JSON.stringify(three)).toBe(JSON.stringify(one));
    expect(JSON.stringify(other)).not.toBe(JSON.stringify(one));
    expect(new Set(stages)).toEqual(new Set(['bootstrap']));
  });
});

describe('a bootstrap tells', () => {
  const breaking = (share: number) => ({
    ...gaussian,
    name: 'breaking',
    localProblem: (...given: Parameters<typeof gaussian.localProblem>) => {
      const [{ data }] = given;
      if ((Math.abs(data[0]) * 1000) % 1 < share) throw new DegenerateComponent('it broke');
      return gaussian.localProblem(...given);
    },
  });
  const of = (share: number) => {
    const { mixture: G } = fitsOf(two, 1, 100)[0];
    return { mixture: mixture(breaking(share), G.weights, G.parameters), sampleSize: 200 };
  };

  it('refits that fail, and leaves them out', async () => {
    const result = { ...fitsOf(two, 1, 100)[0], ...of(0.3) };
    const { failed, simulated, notes } = await bootstrap(result, { repetitions: 60, workers: 1 });
    expect(failed).toBeGreaterThan(5);
    expect(simulated.length).toBe(60 - failed);
    expect(notes.join(' ')).toMatch(
      new RegExp(`^${failed} of 60 repetitions gave no estimate, and are left out: machine 0: it broke`),
    );
    const broken = { ...fitsOf(two, 1, 100)[0], ...of(1) };
    await expect(bootstrap(broken, { repetitions: 30, workers: 1 })).rejects.toThrow(
      /30 of 30 repetitions gave no estimate: machine 0: it broke/,
    );
  });

  it('what is wrong with its options, and ends when it is aborted', async () => {
    const result = dfmr(fitsOf(two, 3, 60), { inflationFactor: 100 });
    const run = (options: object) => bootstrap(result, { repetitions: 20, workers: 1, ...options });
    await expect(run({ level: 95 })).rejects.toThrow(/the level is 95: it must be between 0 and 1/);
    await expect(run({ repetitions: 0 })).rejects.toThrow(/repetitions is 0/);
    await expect(run({ sampleSizes: [60, 60] })).rejects.toThrow(/the sample size of machine 2 is undefined/);
    await expect(run({ rule: 'majority' })).rejects.toThrow(/majority/);
    const reduced = reduce(fitsOf(two, 3, 60), { start: two }); // which does not say of whom
    for (const unknown of [two, reduced])
      await expect(bootstrap(unknown)).rejects.toThrow(/sample sizes are not known: give \{ sampleSizes \}/);
    const { simulated } = await bootstrap(two, { repetitions: 20, workers: 1, sampleSizes: [60, 60, 60] });
    expect(simulated.length).toBe(20);
    const controller = new AbortController();
    const running = run({ repetitions: 1e6, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
  });

  it('that asymptotic standard errors are not known, and why', async () => {
    const twin = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [0]], covariances: [[[1]], [[1]]] });
    const result = { ...fit(sample(twin, 80, 1).data, { start: twin }), mixture: twin };
    const { asymptotic, notes } = await bootstrap(result, { repetitions: 20, workers: 1 });
    expect(asymptotic).toBeUndefined();
    expect(notes.join(' ')).toMatch(/Asymptotic standard errors are not known: the Fisher information is singular/);
  });
});

it('holds true values about as often as it says, in a few repetitions', async () => {
  const design = {
    settings: [{ population: 'one', truth: bell.toJSON(), machines: 1, sampleSize: 150, rule: 'vanilla' }],
    simulations: 39,
    level: 0.9,
    seed: 1,
  };
  const repetitions = await Promise.all(Array.from({ length: 30 }, (_, r) => repeatCoverage(design, 0, r)));
  const rows = summariseCoverage({ design, repetitions });
  expect(rows.map(({ coordinate }) => coordinate)).toEqual(['mean 0', 'covariance 0, 0', 'all']);
  for (const { bootstrap: held, repetitions: R } of rows) {
    expect(R).toBe(30);
    expect(held).toBeGreaterThan(0.7);
    expect(held).toBeLessThan(1);
  }
});
