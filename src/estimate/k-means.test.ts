import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { randomStream } from '../math/random';
import { type Samples, toSamples } from '../math/table';
import { finished } from '../work/work';
import { kMeansSteps } from './k-means';

const RUNS = { seed: 1, numRuns: 50 };
const shapes = fc.record({
  seed: fc.nat(),
  n: fc.integer({ min: 5, max: 40 }),
  d: fc.integer({ min: 1, max: 4 }),
  order: fc.integer({ min: 1, max: 5 }),
});
const cluster = (samples: Samples, order: number, seed: number) =>
  finished(kMeansSteps(samples, order, randomStream(seed, 'test')));

function drawn(seed: number, n: number, d: number): Samples {
  const random = randomStream(seed, 'rows');
  return { data: Float64Array.from({ length: n * d }, random), rows: n, columns: d };
}

/** Partitions are the same if the labels are, up to names. */
function sameParts(a: Int32Array, b: Int32Array): boolean {
  return a.every((_, i) => a.every((_, j) => (a[i] === a[j]) === (b[i] === b[j])));
}

it('labels every row, and gives every cluster a member', () => {
  fc.assert(
    fc.property(shapes, ({ seed, n, d, order }) => {
      const labels = cluster(drawn(seed, n, d), order, seed);
      expect(labels.length).toBe(n);
      expect([...new Set(labels)].sort((a, b) => a - b)).toEqual(Array.from({ length: order }, (_, k) => k));
    }),
    RUNS,
  );
});

it('gives every cluster a member also where most rows are the same', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 2, max: 4 }), (seed, order) => {
      const values = [...new Array(30).fill(0), ...Array.from({ length: order - 1 }, (_, i) => i + 1)];
      expect(new Set(cluster(toSamples(values), order, seed)).size).toBe(order);
    }),
    RUNS,
  );
});

it('makes every row a cluster where there are as many rows as clusters', () => {
  expect(new Set(cluster(toSamples([1, 2, 4, 8, 16]), 5, 1)).size).toBe(5);
});

it('finds the same clusters from the same seed', () => {
  const samples = drawn(3, 200, 2);
  expect(cluster(samples, 4, 1)).toEqual(cluster(samples, 4, 1));
  const others = [2, 3, 4, 5].map((seed) => cluster(samples, 4, seed));
  expect(others.some((labels) => !sameParts(labels, cluster(samples, 4, 1)))).toBe(true);
});

it('does not depend on the unit and the origin of any column', () => {
  fc.assert(
    fc.property(shapes, ({ seed, n, d, order }) => {
      const samples = drawn(seed, n, d);
      const data = samples.data.map((x, i) => x * 2 ** (20 * (i % d) - 20)); // powers of two, so that nothing rounds
      expect(cluster({ ...samples, data }, order, seed)).toEqual(cluster(samples, order, seed));
    }),
    RUNS,
  );
  const samples = drawn(1, 60, 2);
  const moved = { ...samples, data: samples.data.map((x, i) => 300 * x + 7 * (i % 2)) };
  expect(cluster(moved, 3, 1)).toEqual(cluster(samples, 3, 1));
});

it('separates groups that are far apart, whatever the seed', () => {
  const random = randomStream(1, 'groups');
  const rows = Array.from({ length: 90 }, (_, j) => [(j % 3) * 20 + random(), (j % 3) ** 2 * 30 + random()]);
  const groups = Int32Array.from({ length: 90 }, (_, j) => j % 3);
  for (let seed = 0; seed < 20; seed++) expect(sameParts(cluster(toSamples(rows), 3, seed), groups)).toBe(true);
});

it('numbers clusters in the order in which the rows meet them', () => {
  for (let seed = 0; seed < 10; seed++) {
    const met = [...new Set(cluster(drawn(seed, 40, 2), 4, seed))];
    expect(met).toEqual([0, 1, 2, 3]);
  }
});

it('ends where every row is nearest to the mean of its own cluster, in units of deviations', () => {
  for (const seed of [1, 2, 3]) {
    const [n, order] = [150, 3];
    const samples = drawn(seed, n, 2);
    const labels = cluster(samples, order, seed);
    const column = (c: number) => Array.from({ length: n }, (_, j) => samples.data[2 * j + c]);
    const deviations = [0, 1].map((c) => {
      const mean = column(c).reduce((a, b) => a + b) / n;
      return Math.sqrt(column(c).reduce((sum, x) => sum + (x - mean) ** 2, 0) / n);
    });
    const means = [0, 1, 2].map((k) =>
      [0, 1].map((c) => {
        const own = column(c).filter((_, j) => labels[j] === k);
        return own.reduce((a, b) => a + b) / own.length;
      }),
    );
    labels.forEach((label, j) => {
      const distance = (k: number) =>
        Math.hypot(...[0, 1].map((c) => (samples.data[2 * j + c] - means[k][c]) / deviations[c]));
      for (const k of [0, 1, 2]) expect(distance(label)).toBeLessThanOrEqual(distance(k) + 1e-12);
    });
  }
});

it('takes a constant column', () => {
  const labels = cluster(
    toSamples([
      [0, 5],
      [0.1, 5],
      [9, 5],
      [9.1, 5],
    ]),
    2,
    1,
  );
  expect(sameParts(labels, Int32Array.of(0, 0, 1, 1))).toBe(true);
});

it('says how many rows are distinct where those are too few', () => {
  expect(() => cluster(toSamples([1, 1, 2, 2, 2]), 3, 1)).toThrow(/only 2 rows are distinct, so 3 components cannot/);
  expect(() => cluster(toSamples([1, 1]), 2, 1)).toThrow(/only 1 rows are distinct.*lower the order/);
});
