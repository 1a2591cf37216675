import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inverse, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { aggregate } from '../aggregate/aggregate';
import { dfmrComponents } from '../aggregate/components';
import { dfmr } from '../aggregate/dfmr';
import { oracle } from '../aggregate/oracle';
import { reduce } from '../aggregate/reduce';
import { fit } from '../estimate/fit';
import type { FamilyName } from '../families/families-registry';
import type { Samples } from '../math/table';
import { estimateFromJSON, estimateToJSON } from '../messages/estimate-file';
import { gaussianMixture } from '../mixture/constructors';
import { type Mixture, mixture, mixtureToVector } from '../mixture/mixture';
import { bell, drawnMixture } from '../mixture/mixtures.fixture';
import { logDensity } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import type { Progress } from '../work/work';
import { finished } from '../work/work';
import { align } from './align';
import { coverageOf } from './coverage.fixture';
import { observedInformationSteps } from './information';
import { standardErrors, standardErrorsSteps } from './standard-errors';

/** What the standard errors of components that never meet are: w (1 − w) / N, Σ / (N w), (σ_ii σ_jj + σ_ij²) / (N w). */
const apart = (weight: number, N: number) => ({
  weight: Math.sqrt((weight * (1 - weight)) / N),
  mean: (variance: number) => Math.sqrt(variance / (N * weight)),
  covariance: (ii: number, jj: number, ij: number) => Math.sqrt((ii * jj + ij ** 2) / (N * weight)),
});

it('of one Gaussian are σ / √N and σ² √(2 / N)', () => {
  const [mean, variance] = standardErrors(bell(7, 3), { sampleSize: 50 });
  expect(mean).toBeCloseTo(Math.sqrt(3 / 50), 12);
  expect(variance).toBeCloseTo(3 * Math.sqrt(2 / 50), 12);
});

it('of rows that count several times are those of rows that stand so often', () => {
  const counts = [3, 1, 2, 4, 1];
  const rows = [1, 2.5, 3, 4.5, 7];
  const counted = fit(rows, { order: 1, rowWeights: counts });
  const stood = fit(
    rows.flatMap((x, j) => new Array<number>(counts[j]).fill(x)),
    { order: 1 },
  );
  const expected = standardErrors(stood);
  standardErrors(counted).forEach((error, i) => {
    expect(error).toBeCloseTo(expected[i], 12);
  });
  // Kish: 11² / 31 rows of one weight
  const [mean] = standardErrors(counted, { sampleSize: counted.effectiveSampleSize });
  expect(mean).toBeCloseTo(expected[0] * Math.sqrt(31 / 11), 12);
});

it('are in the order of the vector of a mixture', () => {
  const G = gaussianMixture({ weights: [0.2, 0.8], means: [[0], [1000]], covariances: [[[2]], [[5]]] });
  const errors = standardErrors(G, { sampleSize: 90 });
  const [a, b] = [apart(0.2, 90), apart(0.8, 90)];
  const expected = [a.weight, a.mean(2), a.covariance(2, 2, 2), b.mean(5), b.covariance(5, 5, 5)];
  expect(mixtureToVector(G).length).toBe(expected.length);
  expect(errors.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(errors[i]).toBeCloseTo(value, 10);
  });
});

it('are in that order in the plane, from draws', () => {
  const covariances = [
    [
      [9, 1],
      [1, 0.5],
    ],
    [
      [0.2, -0.1],
      [-0.1, 4],
    ],
  ];
  const G = gaussianMixture({
    weights: [0.3, 0.7],
    means: [
      [0, 0],
      [500, 500],
    ],
    covariances,
  });
  const [a, b] = [apart(0.3, 40), apart(0.7, 40)];
  const expected = [
    a.weight,
    ...[a, b].flatMap(({ mean, covariance }, k) => {
      const [[ii, ij], [, jj]] = covariances[k];
      return [mean(ii), mean(jj), covariance(ii, ii, ii), covariance(ii, jj, ij), covariance(jj, jj, jj)];
    }),
  ];
  const errors = standardErrors(G, { sampleSize: 40, draws: 40_000 });
  expect(errors.length).toBe(expected.length);
  expected.forEach((value, i) => {
    expect(Math.abs(errors[i] / value - 1)).toBeLessThan(0.03);
  });
});

it('fall with the root of the sample size', () => {
  const G = gaussianMixture({ weights: [0.4, 0.6], means: [[0], [2]], covariances: [[[1]], [[2]]] });
  const [few, many] = [100, 10_000].map((sampleSize) => standardErrors(G, { sampleSize }));
  few.forEach((error, i) => {
    expect(error / many[i]).toBeCloseTo(10, 12);
  });
});

describe('take the sample size', () => {
  const fitted = (n: number, seed: number) => fit(sample(bell(0), n, seed).data, { order: 1 });
  const fits = [fitted(100, 1), fitted(300, 2)];
  const error = ({ parameters: [{ covariance }] }: ReturnType<typeof bell>, N: number) => Math.sqrt(covariance[0] / N);

  it('of a fit', () => {
    expect(standardErrors(fits[0])[0]).toBeCloseTo(error(fits[0].mixture, 100), 12);
  });

  it('of all fits that were reduced', () => {
    const reduced = reduce(fits);
    expect(reduced.sampleSize).toBe(400);
    expect(standardErrors(reduced)[0]).toBeCloseTo(error(reduced.mixture, 400), 12);
  });

  it('of the machines that dfmr kept, and that did not fail', () => {
    const all = [...fits, fitted(200, 3), { mixture: bell(50), sampleSize: 1e9 }];
    const { kept, sampleSize } = dfmr(all, { inflationFactor: 5 });
    expect([...kept]).toEqual([0, 1, 2]);
    expect(sampleSize).toBe(600);
    const strict = dfmr(all, { inflationFactor: 1 }); // the two nearest
    expect(strict.kept.length).toBe(2);
    expect(strict.sampleSize).toBe([...strict.kept].reduce((sum, i) => sum + all[i].sampleSize, 0));
    expect(standardErrors(strict)[0]).toBeCloseTo(error(strict.mixture, strict.sampleSize as number), 12);
    expect(oracle(all, [3]).sampleSize).toBe(600);
  });

  it('that was given to the reduction, for all machines', () => {
    const machines = [bell(0), bell(0.1), bell(30)];
    expect(reduce(machines, { sampleSizes: [10, 20, 40] }).sampleSize).toBe(70);
    expect(oracle(machines, [1], { sampleSizes: [10, 20, 40] }).sampleSize).toBe(50);
  });

  it('that is told, before that of the result', () => {
    expect(standardErrors(fits[0], { sampleSize: 25 })[0]).toBeCloseTo(error(fits[0].mixture, 25), 12);
  });

  it('or say that it is not known', () => {
    const reduced = reduce([bell(0), bell(0.1)]);
    expect(reduced.sampleSize).toBeUndefined();
    for (const unknown of [reduced, dfmr([bell(0), bell(0.1)]), bell(0)]) {
      expect(() => standardErrors(unknown)).toThrow(
        'the sample size is undefined: give { sampleSize }, the rows of all machines that were reduced',
      );
    }
    expect(standardErrors(reduced, { sampleSize: 100 })[0]).toBeCloseTo(error(reduced.mixture, 100), 12);
  });

  it.each([0, -5, Infinity, Number.NaN])('or say that %s is none', (sampleSize) => {
    expect(() => standardErrors(bell(0), { sampleSize })).toThrow(`the sample size is ${sampleSize}: give`);
  });
});

it('say where components cannot be told apart', () => {
  const G = gaussianMixture({ weights: [0.5, 0.5], means: [[1], [1]], covariances: [[[1]], [[1]]] });
  expect(() => standardErrors(G, { sampleSize: 10 })).toThrow(/the Fisher information is singular/);
});

it('make intervals that hold the truth 95 times of 100, machines and all', () => {
  const truth = gaussianMixture({ weights: [0.4, 0.6], means: [[0], [5]], covariances: [[[1]], [[1.5]]] });
  const [repetitions, m, n] = [550, 3, 600];
  const squares = new Float64Array(mixtureToVector(truth).length);
  for (let r = 0; r < repetitions; r++) {
    const fits = Array.from({ length: m }, (_, i) => {
      const { data } = sample(truth, n, `repetition ${r}, machine ${i}`);
      return fit(data, { start: truth, tolerance: 1e-9, accelerate: true });
    });
    const { mixture, difference }: { mixture: Mixture; difference: Float64Array } = align(reduce(fits), truth);
    const errors = standardErrors(mixture, { sampleSize: m * n });
    difference.forEach((value, c) => {
      squares[c] += (value / errors[c]) ** 2 / repetitions;
    });
  }
  squares.forEach((square) => {
    expect(coverageOf(square)).toBeGreaterThan(0.93);
    expect(coverageOf(square)).toBeLessThan(0.97);
  });
});

it('comes in many short steps, whose last one is at the end', () => {
  const G = drawnMixture(1, 3, 4);
  const options = { sampleSize: 100, draws: 30_000 };
  const seen: Progress[] = [];
  const steps = standardErrorsSteps(G, options);
  let step = steps.next();
  for (; !step.done; step = steps.next()) seen.push(step.value);
  expect(seen.length).toBeGreaterThan(3 * 2 * 2); // draws and sums of each component, 10 000 rows in thousands
  const done = seen.map((progress) => progress.done);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(seen.at(-1)).toEqual({ stage: 'information', done: 100, total: 100 });
  expect(step.value).toEqual(standardErrors(G, options));
});

describe('of fits to rows with missing cells', () => {
  const reference = JSON.parse(readFileSync(path.join(__dirname, '../estimate/missing.reference.json'), 'utf8'));
  interface Known {
    readonly family: FamilyName;
    readonly dimension: number;
    readonly weights: number[];
    readonly means: number[][];
    readonly covariances: number[][][];
    readonly standardErrors: number[];
  }
  const known: Known[] = reference.fits.filter((one: Partial<Known>) => one.standardErrors);

  it.each(known)('are those of the scores of the observed cells: $family, d = $dimension', (one) => {
    const { family, dimension, weights, means, covariances, standardErrors: expected } = one;
    const parameters = means.map((mean: number[], k: number) => ({
      mean,
      covariance: covariances[k],
      variances: covariances[k].map((row: number[], i: number) => row[i]),
    }));
    const errors = standardErrors(mixture<unknown>(family, weights, parameters), {
      table: reference.tables[dimension],
    });
    expect(errors.length).toBe(expected.length);
    for (let i = 0; i < errors.length; i++) expect(errors[i] / expected[i]).toBeCloseTo(1, 5);
  });

  const { data } = sample(bell(7, 3), 60, 1);
  const wide = { data: Float64Array.from(data.data, (x, i) => (i % 7 === 3 ? Number.NaN : x)), rows: 30, columns: 2 };

  it('need the rows, and are never those of whole ones', () => {
    const found = fit(wide, { order: 1, missing: 'em' });
    const message =
      /^\d+ cells of the rows are missing, so that standard errors of whole rows would be too small: give \{ table \}/;
    expect(() => standardErrors(found)).toThrow(message);
    for (const result of [reduce([found, found]), dfmr([found, found, found]), dfmrComponents([found, found, found])])
      expect(() => standardErrors(result)).toThrow(message);
    const whole = standardErrors(found, { sampleSize: 30 }); // as the user says
    const own = standardErrors(found, { table: wide });
    expect(own[0]).toBeGreaterThan(whole[0]);
  });

  it('are not told by aggregate, which says why', async () => {
    const found = fit(wide, { order: 1, missing: 'em' });
    for (const rule of ['components', 'dfmr', 'vanilla']) {
      const { standardErrors: errors, decisions } = await aggregate([found, found, found], { rule });
      expect(errors).toBeUndefined();
      expect(decisions.join(' ')).toMatch(/Standard errors are not known: \d+ cells of the rows are missing/);
    }
    const sent = [1, 2, 3].map((machine) => estimateFromJSON(estimateToJSON(found, { machine: `machine ${machine}` })));
    expect(sent[0].fitted?.missingCells).toBe(found.missingCells);
    const { decisions } = await aggregate(sent);
    expect(decisions.join(' ')).toMatch(
      /3 of 3 machines say that cells of their rows are missing \(machine 0, machine 1, machine 2\): standard errors .* too small/,
    );
  });

  it('of whole rows are about those of their expected information', () => {
    const { data: many } = sample(bell(7, 3), 20_000, 1);
    const [mean, variance] = standardErrors(fit(many, { order: 1, penalty: 0 }), { table: many });
    expect(mean / Math.sqrt(3 / 20_000)).toBeCloseTo(1, 1);
    expect(variance / (3 * Math.sqrt(2 / 20_000))).toBeCloseTo(1, 1);
    const information = (samples: Samples) => finished(observedInformationSteps(bell(7, 3), samples)).entries;
    const four = information({ ...many, weights: new Float64Array(20_000).fill(4) });
    information(many).forEach((entry, i) => {
      expect(four[i] / entry).toBeCloseTo(4, 10);
    });
  });

  it('refuse rows of another shape, or another family', () => {
    expect(() => standardErrors(bell(7, 3), { table: wide })).toThrow(
      'the table has 2 columns, but the mixture is 1-dim',
    );
    const G = mixture('exponential', [1], [{ mean: 1 }]);
    expect(() => standardErrors(G, { table: [1, Number.NaN] })).toThrow(/^exponential components cannot have missing/);
  });
});

describe('with noise', () => {
  const at = ([weight, mean, variance]: readonly number[]) =>
    gaussianMixture({
      weights: [1],
      means: [[mean]],
      covariances: [[[variance]]],
      noise: { weight, lower: [-6], upper: [8] },
    });

  it('are those of the information, an integral of products of derivatives of the density, last that of the weight of noise', () => {
    const theta = [0.2, 1, 2];
    const grid = Array.from({ length: 40_000 }, (_, i) => -19 + ((i + 0.5) * 40) / 40_000);
    const density = (of: readonly number[]) => logDensity(at(of), grid).map(Math.exp);
    const f = density(theta);
    const derivatives = theta.map((_, i) => {
      const step = (h: number) => theta.map((value, l) => (l === i ? value + h : value));
      const [up, down] = [density(step(1e-5)), density(step(-1e-5))];
      return up.map((value, j) => (value - down[j]) / 2e-5);
    });
    const information = Matrix.zeros(3, 3);
    for (let a = 0; a < 3; a++)
      for (let b = 0; b < 3; b++)
        information.set(
          a,
          b,
          f.reduce((sum, value, j) => sum + (derivatives[a][j] * derivatives[b][j]) / value, 0) / 1000,
        );
    const covariance = inverse(information);
    const errors = standardErrors(at(theta), { sampleSize: 100, draws: 200_000 });
    expect(errors.length).toBe(3);
    [1, 2, 0].forEach((coordinate, i) => {
      const expected = Math.sqrt(covariance.get(coordinate, coordinate) / 100);
      expect(Math.abs(errors[i] / expected - 1)).toBeLessThan(0.01); // of the draws
    });
  });

  it('are what fits of many samples scatter by', () => {
    const truth = at([0.2, 1, 2]);
    const errors = standardErrors(truth, { sampleSize: 400 });
    const found = Array.from({ length: 200 }, (_, seed) => {
      const { mixture } = fit(sample(truth, 400, seed).data, { start: truth, penalty: 0 });
      return [...mixtureToVector(mixture), mixture.noise?.weight ?? 0];
    });
    errors.forEach((error, i) => {
      const values = found.map((one) => one[i]);
      const mean = values.reduce((a, b) => a + b) / 200;
      const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 199);
      expect(Math.abs(deviation / error - 1)).toBeLessThan(0.2); // four standard errors of a deviation
    });
  });

  it('of weight 0 are those without noise', () => {
    expect(standardErrors(at([0, 1, 2]), { sampleSize: 9 })).toEqual(standardErrors(bell(1, 2), { sampleSize: 9 }));
  });

  it('are larger by the share of rows that are noise, if it is far from all components', () => {
    const noise = { weight: 0.36, lower: [1e6], upper: [1e7] };
    const G = gaussianMixture({ weights: [1], means: [[0]], covariances: [[[3]]], noise });
    const [mean, , weight] = standardErrors(G, { sampleSize: 100 });
    expect(mean).toBeCloseTo(Math.sqrt(3 / 64), 10);
    expect(weight).toBeCloseTo(Math.sqrt((0.36 * 0.64) / 100), 10);
  });
});
