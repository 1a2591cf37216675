import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type * as Library from '../index';

// The worker is a file of the build only: these are tests of the package as it is built.
const { chooseExpertsOrder, expertsModel, fitAllExperts, fitExperts, sampleExperts }: typeof Library = createRequire(
  __filename,
)(path.join(__dirname, '../../dist/index.js'));

const truth = expertsModel({
  gates: [
    [0.2, 1],
    [0, 0],
  ],
  coefficients: [
    [2, 1.5],
    [-2, -1],
  ],
  variances: [0.5, 1],
});
const machines = ['a', 'b', 'c', 'd'].map((seed, i) => {
  const x = Array.from({ length: 120 + 10 * i }, (_, j) => 4 * ((j * 0.6180339887498949 + i / 10) % 1) - 2);
  return { x, y: sampleExperts(truth, x, seed).data };
});
const plain = ({ model, mixture, ...rest }: Library.ExpertsFit<Library.AnyExperts>) => ({ ...rest, ...model.toJSON() });

describe.each([1, 2])('with workers: %i', (workers) => {
  it.each<[string, Omit<Library.FitExpertsOptions, 'rowWeights'>]>([
    ['from starts', { order: 2, starts: 3, seed: 5 }],
    ['from a start, of constant gates', { start: truth, gates: 'constant' }],
  ])('gives the numbers of fitExperts one by one, %s', async (_, options) => {
    const all = await fitAllExperts(machines, { ...options, workers });
    expect(all.map(plain)).toEqual(machines.map(({ x, y }) => plain(fitExperts(x, y, options))));
    expect(all[0].trace).toBeInstanceOf(Float64Array);
    expect(all[0].mixture).toBe(all[0].model);
  });

  it('counts rows by weights, and leaves out those with gaps', async () => {
    const weighted = machines.map((machine) => ({ ...machine, rowWeights: machine.x.map((_, j) => j % 3) }));
    const all = await fitAllExperts(weighted, { order: 2, starts: 2, workers });
    const one = weighted[2];
    expect(plain(all[2])).toEqual(plain(fitExperts(one.x, one.y, { order: 2, starts: 2, rowWeights: one.rowWeights })));
    const gaps = machines.map(({ x, y }) => ({ x: x.with(7, Number.NaN), y }));
    const left = await fitAllExperts(gaps, { start: truth, missing: 'drop', workers });
    expect(left[0].notes[0]).toMatch(/1 row that lacks a value is left out: 7/);
    await expect(fitAllExperts(gaps, { start: truth, workers })).rejects.toThrow(/^machine 0: row 7, column 0/);
  });

  it('names the machine that cannot be fitted', async () => {
    const bad = machines.with(2, { x: [1, 2], y: { data: Float64Array.of(1, 2), rows: 2, columns: 1 } as never });
    await expect(fitAllExperts(bad, { order: 2, workers })).rejects.toThrow(/^machine 2: 2 rows are too few/);
  });

  it('ends when the signal aborts', async () => {
    const many = Array.from({ length: 40 }, () => machines).flat();
    const signal = AbortSignal.timeout(30);
    const began = fitAllExperts(many, { order: 4, starts: 40, tolerance: 0, signal, workers });
    await expect(began).rejects.toThrow(/timeout/);
  });
});

it.each<[string, unknown, RegExp]>([
  ['none', [], /machines is \[\]: a list of \{ x, y \} is needed/],
  ['rows that differ', [{ x: [1, 2, 3], y: [1, 2] }], /^machine 0: there are 3 rows of covariates and 2 of responses/],
  ['a table', [[[1, 2]]], /^machine 0: /],
  [
    'responses that differ',
    [
      machines[0],
      {
        x: [1, 2],
        y: [
          [1, 2],
          [3, 4],
        ],
      },
    ],
    /machine 1 has 2 responses, machine 0 has 1/,
  ],
])('refuses %s', async (_, given, message) => {
  await expect(fitAllExperts(given as never, { order: 1 })).rejects.toThrow(message);
});

describe('the number of experts by BIC', () => {
  it('is that of the truth, by all machines and by one', async () => {
    const all = await chooseExpertsOrder(machines, { orders: [3, 1, 2], starts: 4 });
    expect(all.order).toBe(2);
    expect(all.scores.map(({ order }) => order)).toEqual([1, 2, 3]);
    expect(all.reasons[0]).toMatch(
      /^K = 2: its aggregate has the least BIC of 1 to 3, by the median of 4 machines; [234] of them/,
    );
    const one = await chooseExpertsOrder(machines.slice(0, 1), { orders: [1, 2, 3], starts: 4 });
    expect(one.order).toBe(2);
    // −2 ℓ + p log n, of 1 + d gates, and 2 + 1 numbers of each expert
    const { logLikelihood } = fitExperts(machines[0].x, machines[0].y, { order: 2, starts: 4 });
    expect(one.scores[1].bic).toBeCloseTo(-2 * logLikelihood + 8 * Math.log(120), 8);
  });

  it('leaves out orders that cannot be fitted, and says so', async () => {
    const few = [{ x: [0, 1, 2, 3, 4], y: [0.1, 1, 2.2, 2.9, 4] }];
    const { order, reasons } = await chooseExpertsOrder(few, { orders: [1, 40], starts: 1 }).catch((error) => ({
      order: 0,
      reasons: [String(error)],
    }));
    expect([order, reasons.length > 0]).toEqual([1, true]);
    await expect(chooseExpertsOrder(machines, { orders: [] })).rejects.toThrow(/orders is \[\]: a list is needed/);
    await expect(chooseExpertsOrder(machines, { orders: [0] })).rejects.toThrow(/an order is 0/);
  });
});
