import { describe, expect, it } from 'vitest';
import { gaussian } from '../families/gaussian';
import { randomStream } from '../math/random';
import type { Samples } from '../math/table';
import { mixtureToVector } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { mixsim } from '../simulate/mixsim';
import { finished } from '../work/work';
import { fit } from './fit';
import { wardLabels } from './hierarchical-clustering';
import { standardised } from './k-means';
import { membershipOf } from './membership';
import { rearrangements } from './rearrangements';
import { startKinds } from './start-kinds';
import reference from './starts.reference.json';

const samplesOf = ({ data, columns }: { readonly data: readonly number[]; readonly columns: number }): Samples => ({
  data: Float64Array.from(data),
  rows: data.length / columns,
  columns,
});

/** Uniform rows. */
const uniform = (rows: number, columns: number, seed: number): Samples => ({
  data: Float64Array.from({ length: rows * columns }, randomStream(seed, 'uniform rows')),
  rows,
  columns,
});

describe('with the default options EM finds the greatest maximum that another program knows', () => {
  it.each(reference)('of $name', (one) => {
    const { penalisedLogLikelihood } = fit(samplesOf(one), { order: one.order });
    expect(penalisedLogLikelihood - one.penalised).toBeGreaterThan(-1e-3 * (one.data.length / one.columns));
    const polished = fit(samplesOf(one), { order: one.order, tolerance: 1e-9 }).penalisedLogLikelihood;
    expect(Math.abs(polished - one.penalised)).toBeLessThan(1e-3);
  });

  it('where k-means++ starts miss it', () => {
    const missed = reference.filter((one) => {
      const { penalisedLogLikelihood } = fit(samplesOf(one), { order: one.order, initialisation: 'k-means++' });
      return penalisedLogLikelihood < one.penalised - 1;
    });
    expect(missed.length).toBeGreaterThan(2);
  });
});

describe('a start', () => {
  it.each(startKinds.map((kind, i) => [i, kind] as const))(
    'of kind %i gives each row and each component something',
    (_, kind) => {
      for (const [rows, columns, order] of [
        [40, 2, 3],
        [600, 1, 5],
        [7, 3, 7],
      ]) {
        const places = { ...uniform(rows, columns, rows), data: standardised(uniform(rows, columns, rows)) };
        const made = kind(places, order, randomStream(1, 'a start'));
        const membership = made instanceof Float64Array ? made : finished(made);
        expect(membership).toHaveLength(order * rows);
        for (let j = 0; j < rows; j++) {
          let total = 0;
          for (let k = 0; k < order; k++) total += membership[k * rows + j];
          expect(total).toBeCloseTo(1, 12);
        }
        for (let k = 0; k < order; k++)
          expect(Math.max(...membership.subarray(k * rows, (k + 1) * rows))).toBeGreaterThan(0);
      }
    },
  );
});

/** Ward's clustering by trying all pairs at every merge, from sums of squares. */
function wardByBruteForce({ data, rows, columns }: Samples, order: number): number[][] {
  const row = (j: number) => [...data.subarray(j * columns, (j + 1) * columns)];
  const squares = (members: readonly number[]) => {
    const centre = row(0).map((_, c) => members.reduce((sum, j) => sum + row(j)[c], 0) / members.length);
    return members.reduce((sum, j) => sum + row(j).reduce((s, x, c) => s + (x - centre[c]) ** 2, 0), 0);
  };
  let clusters = Array.from({ length: rows }, (_, j) => [j]);
  while (clusters.length > order) {
    let best: { a: number; b: number; cost: number } | undefined;
    for (let a = 0; a < clusters.length; a++) {
      for (let b = 0; b < a; b++) {
        const cost = squares([...clusters[a], ...clusters[b]]) - squares(clusters[a]) - squares(clusters[b]);
        if (!best || cost < best.cost) best = { a, b, cost };
      }
    }
    const { a, b } = best as NonNullable<typeof best>;
    const union = [...clusters[a], ...clusters[b]].sort((i, j) => i - j);
    clusters = [...clusters.filter((_, i) => i !== a && i !== b), union];
  }
  return clusters.sort(([i], [j]) => i - j);
}

it("clusters as Ward's method by all pairs does", () => {
  for (const seed of [1, 2, 3, 4]) {
    const samples = uniform(25, 1 + (seed % 3), seed);
    for (const order of [1, 2, 4, 9, 25]) {
      const labels = wardLabels(samples, order);
      const clusters = Array.from({ length: order }, (_, k) => [...labels.keys()].filter((j) => labels[j] === k));
      expect(clusters).toEqual(wardByBruteForce(samples, order));
    }
  }
});

describe('rearrangements', () => {
  // 30 rows about each of 0, 10 and 30; the responsibilities have two components for the first group, and one for the others
  const places = { ...uniform(90, 1, 1), data: uniform(90, 1, 1).data.map((x, j) => x + [0, 10, 30][j % 3]) };
  const labels = Int32Array.from({ length: 90 }, (_, j) => (j % 3 > 0 ? 2 : (j / 3) % 2));
  const memberships = rearrangements(places, membershipOf(labels, 3), 3).map((make) => make());

  it('share every row among the components', () => {
    expect(memberships.length).toBeGreaterThan(3);
    for (const membership of memberships) {
      for (let j = 0; j < 90; j++) {
        expect(membership[j] + membership[90 + j] + membership[180 + j]).toBeCloseTo(1, 12);
      }
    }
  });

  it('leave a component out that the others can do without, and split the one that is two', () => {
    const groups = memberships.map((membership) =>
      Array.from({ length: 3 }, (_, k) =>
        [0, 1, 2].filter((group) => membership.subarray(k * 90, (k + 1) * 90).some((r, j) => r > 0 && j % 3 === group)),
      ),
    );
    expect(groups.some((parts) => JSON.stringify([...parts].sort()) === '[[0],[1],[2]]')).toBe(true);
  });
});

describe('of a large table', () => {
  const { data } = sample(mixsim({ order: 3, dimension: 2, meanOverlap: 0.05, seed: 1 }), 12_000, 1);

  /** How often all rows were passed. */
  function passes(table: Samples, options: object): number {
    let rows = 0;
    const counting: typeof gaussian = {
      ...gaussian,
      localProblem(samples, strength) {
        const problem = gaussian.localProblem(samples, strength);
        const { fast } = problem;
        if (!fast) return problem;
        const pass: typeof fast.pass = (...mixture) => {
          rows += samples.rows;
          return fast.pass(...mixture);
        };
        return { ...problem, fast: { ...fast, pass } };
      },
    };
    fit(table, { family: counting, ...options });
    return rows / table.rows;
  }

  it('ten starts of different kinds take less than half the passes of ten k-means++ starts', () => {
    const table = sample(mixsim({ order: 5, dimension: 4, meanOverlap: 0.1, seed: 1 }), 8000, 1).data;
    const mixed = passes(table, { order: 5 });
    expect(mixed).toBeGreaterThan(10);
    expect(2 * mixed).toBeLessThan(passes(table, { order: 5, initialisation: 'k-means++' }));
  });

  it('a row that is far from all others is among those that are searched', () => {
    const far = { ...data, data: data.data.slice() };
    far.data.set([1000, -1000], 2 * 7777);
    const { mixture } = fit(far, { order: 4 });
    expect(Math.min(...mixture.weights)).toBeCloseTo(1 / 12_000, 6);
  });

  it('are the same for the same seed', () => {
    const vector = (seed: number) => mixtureToVector(fit(data, { order: 3, seed, maxIterations: 2 }).mixture);
    expect(vector(1)).toEqual(vector(1));
    expect(vector(2)).not.toEqual(vector(1));
  });
});
