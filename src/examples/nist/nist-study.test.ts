import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coat } from '../../aggregate/coat';
import { dfmr } from '../../aggregate/dfmr';
import { oracle } from '../../aggregate/oracle';
import { reduce } from '../../aggregate/reduce';
import { trim } from '../../aggregate/trim';
import { adjustedRandIndex } from '../../distance/adjusted-rand-index';
import { l2DistanceMatrix } from '../../distance/l2';
import { transportDistanceMatrix } from '../../distance/transport-distance';
import { fit } from '../../estimate/fit';
import { randomOrder } from '../../math/random';
import { takeRows } from '../../math/table';
import { gaussianMixture } from '../../mixture/constructors';
import type { Estimate } from '../../mixture/given';
import { classify } from '../../mixture/posterior';
import { sample } from '../../mixture/sample';
import { readResults } from '../../study/results-file';
import { writeNpy } from '../../tables/write-npy';
import type * as Study from './nist-study';
import { type NistDesign, type NistRow, nistDesign, nistFormat, repeatNist, runNistStudy } from './nist-study';
import { summariseNist } from './nist-summary';

const folder = mkdtempSync(path.join(tmpdir(), 'nist-study-'));
afterAll(() => rmSync(folder, { recursive: true }));

const blobs = (means: number[][], n: number, seed: number) =>
  sample(gaussianMixture({ weights: [1, 1, 1].map((one) => one / 3), means, covariances: means.map(() => [2, 0.4, 0.4, 1]) }), n, seed); // biome-ignore format: short

/** Three classes that overlap, and letters that lie elsewhere, two of them near. */
const digits = blobs([[0, 0], [3, 0], [0, 3]], 500, 1); // biome-ignore format: a table
const letters = blobs([[1, 1], [6, 2], [-9, 7]], 200, 2); // biome-ignore format: a table

const design: NistDesign = {
  features: folder,
  machines: 7,
  order: 3,
  sampleSizes: [60, 20],
  test: 75,
  letters: 90,
  starts: 2,
  fractions: [0, 0.43, 0.3],
  smoothings: [0.5],
  inflationFactors: [2, 1],
  compared: 1.4,
  transported: 1.1,
  seed: 5,
};

let rows: readonly NistRow[];
beforeAll(async () => {
  writeNpy(path.join(folder, 'nist-digits-features.npy'), digits.data);
  writeNpy(path.join(folder, 'nist-digits-labels.npy'), digits.labels);
  writeNpy(path.join(folder, 'nist-letters-features.npy'), letters.data);
  writeNpy(path.join(folder, 'nist-letters-labels.npy'), letters.labels.map((label) => label + 10)); // biome-ignore format: short
  ({ rows } = await repeatNist(design, 1));
});

const sixDigits = (value: number) => Number(value.toPrecision(6));
const middle = (values: number[]) => sixDigits(values.sort((a, b) => a - b)[Math.floor(values.length / 2)]);

describe('a repetition', () => {
  const named = (what: string) => `5, repetition 1: ${what}`;
  const order = randomOrder(500, named('digits'));
  const testRows = order.slice(425); // 7 · 60 are with machines, 5 with nobody
  const test = takeRows(digits.data, testRows);
  const truth = [...testRows].map((row) => digits.labels[row]);
  const ariOf = (mixture: Estimate) => sixDigits(adjustedRandIndex(classify(mixture, test), truth));
  const honest = (n: number) =>
    Array.from({ length: 7 }, (_, i) =>
      fit(takeRows(digits.data, order.slice(i * n, (i + 1) * n)), {
        order: 3,
        starts: 2,
        initialisation: 'k-means++',
        seed: named(`machine ${i}`),
      }),
    );
  const wrong = [0, 1, 2].map((i) =>
    fit(takeRows(letters.data, randomOrder(200, named(`letters ${i}`)).slice(0, 90)), {
      order: 3,
      starts: 1,
      initialisation: 'k-means++',
      accelerate: true,
      maxIterations: 50,
      seed: named(`letters ${i}`),
    }),
  );
  const failing = [...randomOrder(7, named('failures'))];
  const at = (sampleSize: number, fraction: number) =>
    rows.filter((row) => row.sampleSize === sampleSize && row.fraction === fraction);

  it.each([
    [60, 0, 0],
    [60, 0.3, 2],
    [60, 0.43, 3],
    [20, 0.43, 3],
  ])('is what one would do by hand, n = %i, α = %f', (n, fraction, count) => {
    const own = honest(n);
    const failed = failing.slice(0, count);
    const estimates = [...own];
    failed.forEach((machine, i) => {
      estimates[machine] = wrong[i];
    });
    const found = new Map(at(n, fraction).map((row) => [`${row.distance}; ${row.method}; ${row.starts}`, row]));
    const expected = new Map<string, Partial<NistRow>>();
    expected.set('; Local; one', { ari: middle(own.map(ariOf)) });
    if (count > 0) expected.set('; Letters; one', { ari: middle(wrong.map(ariOf)) });
    for (const [distance, distances, factors, more] of [
      ['L²', l2DistanceMatrix(estimates), [1, 1.4], [2]],
      ['L², h = 0.5', l2DistanceMatrix(estimates, { smoothing: 0.5 }), [1.4], []],
      ['transport', transportDistanceMatrix(estimates), [1.1, 1.4], []],
    ] as const) {
      const { mixture: start, radius, distances: away } = coat(estimates, { distanceMatrix: distances });
      const inRadii = (wanted: boolean) =>
        [...away].filter((_, i) => failed.includes(i) === wanted).map((value) => value / radius);
      const put = (method: string, starts: 'one' | 'all', of: Partial<NistRow>) =>
        expected.set(`${distance}; ${method}; ${starts}`, of);
      put('COAT', 'one', {
        ari: ariOf(start),
        farthestHonest: sixDigits(Math.max(...inRadii(false))),
        nearestFailed: count > 0 ? sixDigits(Math.min(...inRadii(true))) : null,
      });
      const dfmrs = [...factors, ...more].map((factor) => [factor, 'one'] as const);
      for (const [inflationFactor, starts] of [...dfmrs, ...factors.map((factor) => [factor, 'all'] as const)]) {
        const result = dfmr(estimates, {
          inflationFactor,
          distanceMatrix: distances,
          from: starts === 'all' ? 'every' : 'start',
        });
        const keptFailed = [...result.kept].filter((i) => failed.includes(i)).length;
        put(`DFMR(${inflationFactor})`, starts, { ari: ariOf(result), kept: result.kept.length, keptFailed });
      }
      if (distance !== 'L²') continue;
      put('Oracle', 'one', { ari: ariOf(oracle(estimates, failed, { start })) });
      put('Vanilla', 'one', { ari: ariOf(reduce(estimates, { start })) });
      put('Trim', 'one', { ari: ariOf(trim(estimates, { start })) });
      put('Oracle', 'all', { ari: ariOf(oracle(estimates, failed, { from: 'every' })) });
      put('Vanilla', 'all', { ari: ariOf(reduce(estimates, { from: 'every' })) });
    }
    expect(found.size).toBe(at(n, fraction).length); // none is there twice
    const nothing = { kept: null, keptFailed: null, farthestHonest: null, nearestFailed: null };
    for (const [key, row] of expected) expect.soft(found.get(key), key).toMatchObject({ ...nothing, ...row });
    expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
  });

  it('tells methods apart, so that the above says something', () => {
    const aris = at(60, 0.43).filter(({ distance }) => distance === 'L²').map(({ ari }) => ari); // biome-ignore format: short
    expect(new Set(aris).size).toBeGreaterThan(4);
    expect(new Set(rows.map(({ kept }) => kept)).size).toBeGreaterThan(3);
  });

  it('lets the same machines fail, and more, as α grows, alike for each n', async () => {
    const nearest = (n: number, fraction: number, distance: string) =>
      at(n, fraction).find((row) => row.distance === distance && row.method === 'COAT');
    for (const row of rows.filter(({ keptFailed }) => keptFailed !== null)) {
      expect(row.keptFailed).toBeLessThanOrEqual(row.fraction === 0 ? 0 : row.fraction === 0.3 ? 2 : 3);
    }
    expect(nearest(60, 0, 'L²')?.nearestFailed).toBeNull();
    expect(nearest(60, 0.3, 'L²')?.nearestFailed).toBeGreaterThan(0);
    const { rows: alone } = await repeatNist({ ...design, fractions: [0.3], sampleSizes: [60] }, 1); // whatever else is in the design
    const withoutLetters = (all: readonly NistRow[]) => all.filter(({ method }) => method !== 'Letters');
    expect(withoutLetters(alone)).toEqual(withoutLetters(at(60, 0.3)));
  });

  it('has each factor once, though it was asked for twice', async () => {
    const same = { ...design, compared: 1, transported: 1, inflationFactors: [1], fractions: [0.3], sampleSizes: [20] };
    const { rows: once } = await repeatNist(same, 0);
    const names = once.map(({ distance, method, starts }) => `${distance}; ${method}; ${starts}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it('counts failures as one does: 1 − 0.9 of 10 machines is one', async () => {
    const small = { ...design, machines: 10, sampleSizes: [20], fractions: [1 - 0.9] };
    expect((await repeatNist(small, 0)).rows.some(({ method }) => method === 'Letters')).toBe(true);
  });

  it('needs rows that no machine has, and letters', async () => {
    const just = await repeatNist({ ...design, sampleSizes: [20], test: 360 }, 0);
    expect(just.rows.length).toBeGreaterThan(0);
    await expect(repeatNist({ ...design, sampleSizes: [20], test: 361 }, 0)).rejects.toThrow(
      'there are 500 digits, but machines and test need 501: take fewer',
    );
    await expect(repeatNist({ ...design, letters: 201 }, 0)).rejects.toThrow(/200 letters, but 201 are asked for/);
    await expect(repeatNist({ ...design, features: path.join(folder, 'none') }, 0)).rejects.toThrow(
      /nist-digits-features\.npy/,
    );
  });
});

// The worker is a file of the build only.
const built: typeof Study = createRequire(__filename)(
  path.join(__dirname, '../../../dist/examples/nist/nist-study.js'),
);

describe('the study', () => {
  const quick = { ...design, sampleSizes: [20], inflationFactors: [1] };

  it('finds the same for any number of workers, in memory or in a file, at once or in parts', async () => {
    const [one, two] = [path.join(folder, 'one.jsonl'), path.join(folder, 'two.jsonl')];
    const results = await runNistStudy(quick, { repetitions: 4, workers: 1 });
    await built.runNistStudy(quick, { repetitions: 1, workers: 1, file: one });
    await built.runNistStudy(quick, { repetitions: 4, workers: 1, file: one });
    await built.runNistStudy(quick, { repetitions: 4, workers: 2, file: two });
    expect(readFileSync(two, 'utf8')).toBe(readFileSync(one, 'utf8'));
    expect(readResults(one, nistFormat)).toEqual(results);
    expect(results.repetitions.map(({ repetition }) => repetition)).toEqual([0, 1, 2, 3]);
    expect(new Set(results.repetitions.map((repetition) => JSON.stringify(repetition.rows))).size).toBe(4);
  });

  it('names the repetition that failed', async () => {
    const missing = { ...quick, features: path.join(folder, 'none') };
    await expect(runNistStudy(missing, { repetitions: 1, workers: 1 })).rejects.toThrow(
      /repetition 0: .*nist-digits-features\.npy/,
    );
  });

  it.each<[object, RegExp]>([
    [{ machines: 0 }, /machines is 0: it must be a positive integer/],
    [{ machines: 2 }, /machines is 2: fewer than 3 have no majority/],
    [{ order: 2.5 }, /order is 2\.5/],
    [{ letters: '9' }, /letters is "9"/],
    [{ starts: -1 }, /starts is -1/],
    [{ test: 0 }, /test is 0: it must be a positive integer/],
    [{ sampleSizes: [] }, /sampleSizes is \[\]: a list of positive integers is needed/],
    [{ sampleSizes: [20, 0] }, /sampleSizes is \[ 20, 0 \]: a list of positive integers/],
    [{ sampleSizes: [20.5] }, /sampleSizes is \[ 20\.5 \]/],
    [{ sampleSizes: 20 }, /sampleSizes is 20: a list/],
    [{ fractions: [0.1, 0.5] }, /fractions is \[ 0\.1, 0\.5 \]: a list of numbers from 0 to below ½/],
    [{ fractions: [-0.1] }, /fractions is/],
    [{ fractions: [0.1, 0.1] }, /fractions is \[ 0\.1, 0\.1 \]: .* each once/],
    [{ fractions: [Number.NaN] }, /fractions is \[ NaN \]/],
    [{ smoothings: [0.5, 0] }, /smoothings is \[ 0\.5, 0 \]: a list of numbers above 0/],
    [{ inflationFactors: [0.9] }, /inflationFactors is \[ 0\.9 \]: a list of numbers from 1 on/],
    [{ compared: 0.5 }, /compared is 0\.5: it must be a number from 1 on/],
    [{ transported: undefined }, /transported is undefined/],
    [{ transported: Infinity }, /transported is Infinity/],
    [{ seed: undefined }, /the seed is undefined: a number or a word/],
    [{ seed: Number.NaN }, /the seed is NaN/],
  ])('says what is wrong with %j', async (change, message) => {
    await expect(runNistStudy({ ...design, ...change } as NistDesign, { repetitions: 1 })).rejects.toThrow(message);
  });

  it('has a sound design of its own', () => {
    expect(nistFormat.checked(nistDesign)).toBe(nistDesign);
    expect(nistFormat.checked(design)).toBe(design);
  });

  it('takes no line for a repetition that is none', () => {
    const line = { setting: 0, repetition: 0, rows };
    expect(nistFormat.isResult(design, line)).toBe(true);
    for (const change of [
      { setting: 1 },
      { repetition: 'a' },
      { rows: 'b' },
      { rows: [{ ari: null }] },
      { rows: [null] },
    ]) {
      expect(nistFormat.isResult(design, { ...line, ...change } as never)).toBe(false);
    }
    expect(nistFormat.isResult(design, undefined as never)).toBe(false);
  });
});

describe('the summary', () => {
  const row = (change: Partial<NistRow>): NistRow => ({
    sampleSize: 20,
    fraction: 0.1,
    distance: 'L²',
    starts: 'one',
    method: 'COAT',
    ari: 0,
    kept: null,
    keptFailed: null,
    farthestHonest: null,
    nearestFailed: null,
    ...change,
  });
  const summaryOf = (...repetitions: NistRow[][]) =>
    summariseNist({ design, repetitions: repetitions.map((of, repetition) => ({ setting: 0, repetition, rows: of })) });

  it('has medians and quartiles of R’s type 7', () => {
    // R: quantile(c(1, 2, 4, 8, 16), c(.25, .5, .75)) is 2, 4, 8; of c(1, 2, 4, 8) it is 1.75, 3, 5; of c(3, 4) 3.25, 3.5, 3.75
    const of = (...aris: number[]) => summaryOf(...aris.map((ari) => [row({ ari })]))[0];
    expect(of(16, 1, 8, 2, 4)).toMatchObject({ repetitions: 5, lowerQuartile: 2, ari: 4, upperQuartile: 8 });
    expect(of(8, 1, 4, 2)).toMatchObject({ repetitions: 4, lowerQuartile: 1.75, ari: 3, upperQuartile: 5 });
    expect(of(4, 3)).toMatchObject({ lowerQuartile: 3.25, ari: 3.5, upperQuartile: 3.75 });
    expect(of(0.7)).toMatchObject({ repetitions: 1, lowerQuartile: 0.7, ari: 0.7, upperQuartile: 0.7 });
    expect(of(-0.5, 10, 9)).toMatchObject({ ari: 9 }); // numbers, not words, in order
  });

  it('has means of the kept machines, medians of what the COAT sees, and nulls', () => {
    const [dfmrs, coats] = summaryOf(
      [row({ method: 'DFMR(1)', kept: 5, keptFailed: 0 }), row({ farthestHonest: 1.5, nearestFailed: 4 })],
      [row({ method: 'DFMR(1)', kept: 6, keptFailed: 1 }), row({ farthestHonest: 2.5, nearestFailed: 9 })],
      [row({ method: 'DFMR(1)', kept: 9, keptFailed: 0 }), row({ farthestHonest: 1, nearestFailed: 5 })],
    );
    expect(dfmrs).toMatchObject({ kept: 6.66667, keptFailed: 0.333333, farthestHonest: null, nearestFailed: null });
    expect(coats).toMatchObject({ kept: null, keptFailed: null, farthestHonest: 1.5, nearestFailed: 5 });
  });

  it('has a row for each n, α, distance, start and method', () => {
    const all = [
      row({}),
      row({ sampleSize: 60 }),
      row({ fraction: 0.2 }),
      row({ distance: 'transport' }),
      row({ starts: 'all' }),
      row({ method: 'Trim' }),
    ];
    const summary = summaryOf(all, all);
    expect(summary.map(({ repetitions }) => repetitions)).toEqual(Array(6).fill(2));
    all.forEach((one, i) => {
      expect(summary[i]).toMatchObject(one);
    });
    expect(summaryOf()).toEqual([]);
  });
});
