import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Example, examples, examplesOfConstant } from '../families/examples.fixture';
import { exponential } from '../families/exponential';
import { type FamilyName, familyOf } from '../families/families-registry';
import { exponentialMixture, gammaMixture, poissonMixture, studentTMixture } from '../mixture/constructors';
import { mixture } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { fitAll } from '../protocol/fit-all';
import { fit } from './fit';

it('is typed by the name of the family', () => {
  const rows = [...sample(gammaMixture({ weights: [1], shapes: [3], scales: [2] }), 200, 1).data.data];
  const { shape, scale }: { shape: number; scale: number } = fit(rows, { order: 1, family: 'gamma' }).mixture
    .parameters[0];
  expect(shape * scale).toBeCloseTo(
    rows.reduce((sum, x) => sum + x / 200, 0),
    10,
  );
});

it('fits zero-inflated counts; a component of zeros only has the mean 1e-12', () => {
  const rows = [...new Array(300).fill(0), ...sample(poissonMixture({ weights: [1], means: [9] }), 200, 1).data.data];
  const { mixture, converged } = fit(rows, { order: 2, family: 'poisson', tolerance: 1e-12 });
  const zeros = mixture.parameters.findIndex(({ mean }) => mean < 1);
  expect(converged).toBe(true);
  expect(mixture.weights[zeros]).toBeCloseTo(0.6, 2);
  expect(mixture.parameters[zeros].mean).toBeLessThan(0.01);
  expect(fit([0, 0, 0], { order: 1, family: 'poisson' }).mixture.parameters[0].mean).toBeCloseTo(1e-12, 25);
});

describe('says what a family cannot fit', () => {
  it('waiting times that are all 0, which have no maximum', () => {
    expect(() => fit([0, 0, 0], { order: 1, family: 'exponential' })).toThrow(
      /all 3 rows are the same: exponential components/,
    );
    const start = exponentialMixture({ weights: [0.5, 0.5], means: [1e-90, 1] });
    expect(() => fit([0, 0, 0, 1, 2], { family: 'exponential', start })).toThrow(
      /component 0 has no maximum.*: fit fewer/,
    );
  });

  it('half of the rows the same, for a penalty by the interquartile range', () => {
    const rows = [1, 2, 3, 3, 3, 3, 3, 3, 4, 5];
    expect(() => fit(rows, { order: 1, family: 'logistic' })).toThrow(
      /interquartile range is 0, as half of the rows are 3/,
    );
    expect(fit(rows, { order: 1, family: 'logistic', penalty: 0 }).mixture.parameters[0].location).toBeCloseTo(3, 1);
  });

  it('most of the rows the same, for a t distribution without a penalty', () => {
    const rows = [1, 3, 3, 3, 3, 3, 3, 3, 9];
    expect(() => fit(rows, { order: 1, family: 'student-t(1)', penalty: 0 })).toThrow(
      /component 0.*shrinks onto one value/,
    );
  });

  it('constant columns', () => {
    expect(() =>
      fit(
        [
          [1, 2],
          [1, 3],
          [1, 4],
        ],
        { order: 1, family: 'diagonal-gaussian' },
      ),
    ).toThrow(/column 0 is constant \(1\)/);
  });
});

it('takes a component without rows where the penalty alone is least', () => {
  const rows = [...sample(gammaMixture({ weights: [1], shapes: [3], scales: [2] }), 200, 1).data.data];
  const start = gammaMixture({ weights: [1, 0], shapes: [3, 900], scales: [2, 1] });
  const { mixture, notes } = fit(rows, { family: 'gamma', start });
  expect([...mixture.weights]).toEqual([1, 0]);
  expect(mixture.parameters[1].shape).toBeCloseTo(
    fit(rows, { family: 'gamma', order: 1 }).mixture.parameters[0].shape,
    8,
  );
  expect(notes.join(' ')).toMatch(/Component 1 has less than one row: the penalty alone says where/);
  const published = fit(rows, { family: 'gamma', start, penalty: 'published' }).mixture;
  expect(published.parameters[1].shape).toBe(0.5); // r log r is least at 1/e, below the restriction
});

it('reports components that shrink onto tied rows, in place of a spurious fit', () => {
  const ties = [1, 1, 1, 1, 2, 2, 3, 3, 3, 7];
  for (const family of ['gamma', 'inverse-gamma', 'log-normal'] as const) {
    const start = gammaMixture({ weights: [0.5, 0.5], shapes: [9e6, 4], scales: [1 / 9e6, 0.7] });
    const options = family === 'gamma' ? { start } : { order: 4, starts: 8 };
    expect(() => fit(ties, { family, penalty: 0, ...options } as never)).toThrow(/component \d.*use a penalty above 0/);
  }
});

it('learns a t mixture among outliers that would mislead means', () => {
  const G = studentTMixture({ degreesOfFreedom: 3, weights: [0.5, 0.5], locations: [0, 10], scales: [1, 1] });
  const rows = [...sample(G, 600, 1).data.data, 1e6, -1e7, 1e8];
  const { mixture } = fit(rows, { order: 2, family: 'student-t(3)' });
  const locations = mixture.parameters.map(({ location }) => location).sort((a, b) => a - b);
  expect(Math.abs(locations[0])).toBeLessThan(0.3);
  expect(Math.abs(locations[1] - 10)).toBeLessThan(0.3);
});

it('counts locations from near the data, so that an offset costs no digits', () => {
  const logs = Array.from({ length: 40 }, (_, i) => 1e-4 * Math.sin(i));
  for (const name of ['log-normal', 'logistic', 'gumbel'] as const) {
    const near = fit(
      logs.map((y) => (name === 'log-normal' ? Math.exp(y) : y)),
      { order: 1, family: name },
    );
    const far = fit(
      logs.map((y) => (name === 'log-normal' ? Math.exp(y + 100) : y + 100)),
      { order: 1, family: name },
    );
    const [a, b] = [near, far].map(({ mixture }) => mixture.parameters[0]);
    expect(Math.abs(b.scale / a.scale - 1)).toBeLessThan(1e-9);
    expect(b.location - 100).toBeCloseTo(a.location, 11);
  }
  const pairs = logs.map((x, i) => [x, 2 + Math.cos(i)]);
  const [a, b] = [0, 1000].map((offset) => {
    const table = pairs.map(([x, tau]) => [x + offset, tau]);
    return fit(table, { order: 1, family: 'gaussian-gamma' }).mixture.parameters[0];
  });
  expect(Math.abs(b.strength / a.strength - 1)).toBeLessThan(1e-6);
  expect(Math.abs(b.rate / a.rate - 1)).toBeLessThan(1e-9);
});

it("fits a family of one's own that is made by a builder, as the library's", async () => {
  const own = { ...exponential, name: 'my waiting times' };
  const rows = [...sample(exponentialMixture({ weights: [0.3, 0.7], means: [1, 20] }), 400, 1).data.data];
  const ours = fit(rows, { order: 2, family: 'exponential' });
  const [mine] = await fitAll([rows], { order: 2, family: own });
  expect(mine.mixture.parameters).toEqual(ours.mixture.parameters);
  expect(mine.mixture.family).toBe(own);
});

it('fits every family in other threads, to the same bits', async () => {
  const dist: typeof import('../index') = await import(path.resolve('dist/index.js')); // where threads can be had
  const all = Object.entries<Example>(Object.assign({}, examples, ...Object.values(examplesOfConstant)));
  expect(all.length).toBeGreaterThan(15);
  for (const [name, { honest }] of all) {
    const G = mixture(familyOf(name as FamilyName), honest.weights, honest.parameters);
    const tables = [1, 2].map((seed) => sample(G, 100, seed).data);
    const options = { order: G.order, family: name as FamilyName, maxIterations: 10, starts: 1 };
    const threads = await dist.fitAll(tables, { ...options, workers: 2 });
    const here = await dist.fitAll(tables, { ...options, workers: 1 });
    expect(JSON.stringify(threads)).toBe(JSON.stringify(here));
  }
});
