import { createRequire } from 'node:module';
import path from 'node:path';
import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type * as Library from '../index';

// The worker is a file of the build only: these are tests of the package as it is built.
const { fit, fitAll, gaussianMixture, sample, takeRows }: typeof Library = createRequire(__filename)(
  path.join(__dirname, '../../dist/index.js'),
);

const truth = gaussianMixture({
  weights: [0.3, 0.7],
  means: [
    [0, 0],
    [4, 3],
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
const tables = [1, 2, 3, 4, 5].map((seed) => sample(truth, 80 + 20 * seed, seed).data);
const long = takeRows(
  tables[4],
  Int32Array.from({ length: 18000 }, (_, j) => j % 180),
);
const slow = { order: 6, tolerance: 0, maxIterations: 5000 };
const plain = ({ mixture, ...rest }: Library.Fit) => ({ ...rest, ...mixture.toJSON(), order: mixture.order });

describe.each([1, 2])('with workers: %i', (workers) => {
  it.each<[string, Omit<Library.FitOptions, 'rowWeights'>]>([
    ['from k-means++', { order: 3, seed: 5, starts: 2 }],
    ['from a start', { start: truth, tolerance: 1e-9 }],
    ['for the MLE', { order: 2, penalty: 0, maxIterations: 20 }],
  ])('gives the numbers of fit one by one, %s', async (_, options) => {
    const all = await fitAll(tables, { ...options, workers });
    expect(all.map(plain)).toEqual(tables.map((table) => plain(fit(table, options))));
    expect(all.map(({ sampleSize }) => sampleSize)).toEqual([100, 120, 140, 160, 180]);
    expect(all[0].trace).toBeInstanceOf(Float64Array);
  });

  it('counts the rows of each table by weights of its own', async () => {
    const rowWeights = tables.map(({ rows }, i) => Float64Array.from({ length: rows }, (_, j) => (i + j) % 4));
    const all = (await fitAll(tables, { order: 2, rowWeights, workers })).map(plain);
    expect(all).toEqual(tables.map((table, i) => plain(fit(table, { order: 2, rowWeights: rowWeights[i] }))));
    const weighted = tables.map((table, i) => ({ ...table, weights: rowWeights[i] }));
    expect((await fitAll(weighted, { order: 2, workers })).map(plain)).toEqual(all);
    expect(weighted.map(({ weights }) => weights.length)).toEqual([100, 120, 140, 160, 180]); // not given away
    const bad = rowWeights.with(3, rowWeights[3].with(7, -1));
    await expect(fitAll(tables, { order: 2, rowWeights: bad, workers })).rejects.toThrow(
      /^machine 3: the weight of row 7 is -1/,
    );
    await expect(fitAll(tables, { order: 2, rowWeights: bad.slice(1), workers })).rejects.toThrow(
      /a list for each of 5 tables/,
    );
  });

  it('takes every kind of table', async () => {
    const rows = [
      [1, 2],
      [2, 5],
      [4, 4],
      [0, 1],
    ];
    const kinds = [rows, new Matrix(rows), { data: Float32Array.from(rows.flat()), rows: 4, columns: 2 }];
    const [first, ...others] = (await fitAll(kinds, { order: 1, workers })).map(plain);
    for (const other of others) expect(other).toEqual(first);
  });

  it('takes parts of a longer array, in shared memory or not', async () => {
    const both = Float64Array.from([...tables[0].data, ...tables[1].data]);
    const shared = new Float64Array(new SharedArrayBuffer(both.byteLength));
    shared.set(both);
    for (const data of [both, shared]) {
      const parts = [
        { data: data.subarray(0, 200), rows: 100, columns: 2 },
        { data: data.subarray(200), rows: 120, columns: 2 },
      ];
      const fits = await fitAll(parts, { order: 2, workers });
      expect(fits.map(plain)).toEqual(tables.slice(0, 2).map((table) => plain(fit(table, { order: 2 }))));
    }
  });

  it('tells after each machine how many are done', async () => {
    const told: string[] = [];
    await fitAll(tables, {
      order: 2,
      workers,
      onProgress: ({ stage, done, total }) => told.push(`${stage}: ${done} of ${total}`),
    });
    expect(told).toEqual([1, 2, 3, 4, 5].map((done) => `fitting: ${done} of 5`));
  });

  it('names the machine whose data or fit are wrong', async () => {
    const bad = [
      tables[0],
      [
        [1, 2],
        [Number.NaN, 3],
      ],
      tables[2],
    ];
    await expect(fitAll(bad, { order: 2, workers })).rejects.toThrow(/^machine 1: row 1, column 0 of the table is NaN/);
  });

  it('ends with the reason of the signal', async () => {
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(fitAll(tables, { order: 2, workers, signal: aborted })).rejects.toThrow('enough');
    const abort = new AbortController();
    const onProgress = () => abort.abort(new Error('one is enough'));
    const fits = fitAll([tables[0], long, long], { ...slow, workers, signal: abort.signal, onProgress });
    await expect(fits).rejects.toThrow('one is enough');
  });

  it('of no machines is no fits', async () => {
    expect(await fitAll([], { order: 2, workers })).toEqual([]);
  });
});

it('names the machine whose fit failed, in a thread', async () => {
  const constant = [
    [1, 7],
    [2, 7],
    [3, 7],
    [4, 7],
  ];
  const fits = fitAll([long, constant], { ...slow, order: 2, workers: 2 });
  await expect(fits).rejects.toThrow(/^machine 1: column 1 is constant \(7\): a Gaussian needs columns that vary/);
});

it('ends the other fits when one failed, and then fits again', async () => {
  let done = 0;
  const options = { order: 3, tolerance: 0, maxIterations: 300, starts: 1, workers: 2, onProgress: () => done++ };
  await expect(fitAll([[1, 1, 1, 1], ...new Array(6).fill(long)], options)).rejects.toThrow(/^machine 0: /);
  const before = done;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(done).toBe(before);
  expect(await fitAll(tables, { order: 3, workers: 2 })).toHaveLength(5);
});

it('names the machine whose fit failed, in this thread', async () => {
  await expect(fitAll(tables, { order: 0, workers: 1 })).rejects.toThrow(/^machine 0: order is 0: it must be/);
});

it('ends at once when the signal aborts while threads are fitting', async () => {
  const abort = new AbortController();
  const fits = fitAll([long, long, long], { ...slow, workers: 2, signal: abort.signal });
  setTimeout(() => abort.abort(new Error('too long')), 100);
  await expect(fits).rejects.toThrow('too long');
});

it('lets a timer abort between the machines when it fits in this thread', async () => {
  const abort = new AbortController();
  const told: number[] = [];
  const fits = fitAll(Array(200).fill(tables[4]), {
    ...{ order: 3, tolerance: 0, maxIterations: 30, workers: 1, signal: abort.signal },
    onProgress: ({ done }) => told.push(done),
  });
  setTimeout(() => abort.abort(new Error('too long')), 1);
  await expect(fits).rejects.toThrow('too long');
  expect(told.length).toBeLessThan(200);
});

it('listens to one signal for many machines without a warning', async () => {
  const warnings: Error[] = [];
  process.on('warning', (warning) => warnings.push(warning));
  const { signal } = new AbortController();
  await fitAll(Array(14).fill(tables[0]), { order: 1, workers: 2, signal });
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(warnings).toEqual([]);
});

it.each([1, 2])('passes on what its progress throws, with workers: %i', async (workers) => {
  const onProgress = () => {
    throw new Error('no screen');
  };
  await expect(fitAll(tables, { order: 1, workers, onProgress })).rejects.toThrow(/^no screen$/);
});

it('needs tables', async () => {
  await expect(fitAll(undefined as unknown as [], { order: 1 })).rejects.toThrow(/list of tables is needed/);
});

it('needs to know the order', async () => {
  await expect(fitAll(tables, {})).rejects.toThrow(/^fitAll needs order, .* chooseOrder\(tables\) choose it$/);
});

it('takes more workers than machines', async () => {
  const [result, ...others] = await fitAll(tables.slice(0, 2), { start: truth, workers: 8 });
  expect(others.length).toBe(1);
  expect(plain(result)).toEqual(plain(fit(tables[0], { start: truth })));
});

it('fits the family of one’s own in this thread', async () => {
  const { family } = truth;
  const own = { ...family, name: 'own' } as typeof family;
  const [result] = await fitAll([tables[0]], { order: 2, family: own, workers: 2 });
  expect(result.mixture.family).toBe(own);
  expect(result.trace).toEqual(fit(tables[0], { order: 2 }).trace);
});

it.each([0, -1, 1.5, Number.NaN])('says that %s is no number of workers', async (workers) => {
  await expect(fitAll(tables, { order: 2, workers })).rejects.toThrow(
    `workers is ${workers}: it must be a positive integer`,
  );
});

it('says that there is no such family', async () => {
  const family = 'normal' as Library.FamilyName;
  await expect(fitAll(tables, { order: 2, family })).rejects.toThrow(/there is no family "normal"/);
});
