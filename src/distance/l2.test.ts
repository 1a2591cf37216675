import { readFileSync } from 'node:fs';
import path from 'node:path';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { gaussianMixture } from '../mixture/constructors';
import { type Mixture, mixture } from '../mixture/mixture';
import {
  type Attack,
  attacked,
  bell,
  drawnMixture,
  floats,
  permuted,
  storedMixtures,
} from '../mixture/mixtures.fixture';
import { logDensity } from '../mixture/posterior';
import { type Progress, performed } from '../work/work';
import type { DistanceMatrix } from './distance-matrix';
import { l2Distance, l2DistanceMatrix, l2Steps } from './l2';

const read = (file: string) => JSON.parse(readFileSync(path.join(__dirname, file), 'utf8'));
const case1 = read('case1.reference.json');
const m100 = read('m100.reference.json');
const pairs = read('../families/gaussian.reference.json');
const RUNS = { seed: 1, numRuns: 40 };
const shapes = { seed: fc.nat(), d: fc.integer({ min: 1, max: 5 }) };

/** One Gaussian with mean (μ, μ, …) and covariance v I. */
const ball = (d: number, mean: number, variance: number): Mixture<GaussianParameter> =>
  gaussianMixture({ weights: [1], means: [new Array(d).fill(mean)], covariances: [Matrix.eye(d).mul(variance)] });

const logDistance = ({ logScale, at }: DistanceMatrix, i: number, j: number) => logScale + Math.log(at(i, j));

/** The entries below the diagonal, row by row, against those of the reference. */
function expectDistances(distances: DistanceMatrix, expected: Float64Array): void {
  const { size, logScale, at } = distances;
  expect((size * (size - 1)) / 2).toBe(expected.length);
  let next = 0;
  let worst = 0;
  for (let i = 0; i < size; i++) {
    expect(at(i, i)).toBe(0);
    for (let j = 0; j < i; j++, next++) {
      worst = Math.max(worst, Math.abs((Math.exp(logScale) * at(i, j)) / expected[next] - 1));
    }
  }
  expect(worst).toBeLessThan(1e-10);
}

describe('agrees with the reference to 1e-10', () => {
  const estimates = storedMixtures(case1.estimates, case1.order, case1.dimension);

  it.each(['d1', 'd2', 'd50'])('between random mixtures, %s', (name) => {
    const { order, dimension, first, second, l2 } = pairs[name];
    const [G, H] = [first, second].map((text) => storedMixtures(text, order, dimension)[0]);
    expect(Math.abs(l2Distance(G, H) / l2 - 1)).toBeLessThan(1e-10);
  });

  it('the 20 × 20 matrix of local estimates', () => {
    expectDistances(l2DistanceMatrix(estimates), floats(case1.l2));
  });

  it.each<Attack & { l2: string }>(case1.attacks)('with failures, $name', (attack) => {
    expectDistances(l2DistanceMatrix(attacked(estimates, attack)), floats(attack.l2));
  });

  it('the 100 × 100 matrix of local estimates with mean failures', () => {
    const { order, dimension, estimates, l2 } = m100;
    expectDistances(l2DistanceMatrix(storedMixtures(estimates, order, dimension)), floats(l2));
  });
});

describe('is the root of ∫ (f − g)² by quadrature', () => {
  it('in one dimension', () => {
    const grid = Array.from({ length: 6001 }, (_, i) => (i - 3000) / 200);
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 4 }), (seed, order) => {
        const [G, H] = [drawnMixture(seed, order, 1, { name: 'a' }), drawnMixture(seed, 3, 1, { name: 'b' })];
        const [f, g] = [logDensity(G, grid), logDensity(H, grid)];
        const integral = f.reduce((sum, log, i) => sum + (Math.exp(log) - Math.exp(g[i])) ** 2 / 200, 0);
        expect(l2Distance(G, H) / Math.sqrt(integral)).toBeCloseTo(1, 9);
      }),
      { seed: 1, numRuns: 10 },
    );
  });

  it('in two dimensions', () => {
    const side = Array.from({ length: 401 }, (_, i) => (i - 200) / 20);
    const grid = {
      data: Float64Array.from(side.flatMap((x) => side.flatMap((y) => [x, y]))),
      rows: 401 ** 2,
      columns: 2,
    };
    for (const seed of [1, 2, 3]) {
      const [G, H] = [drawnMixture(seed, 2, 2, { name: 'a' }), drawnMixture(seed, 3, 2, { name: 'b' })];
      const [f, g] = [logDensity(G, grid), logDensity(H, grid)];
      const integral = f.reduce((sum, log, i) => sum + (Math.exp(log) - Math.exp(g[i])) ** 2 / 400, 0);
      expect(l2Distance(G, H) / Math.sqrt(integral)).toBeCloseTo(1, 8);
    }
  });
});

describe('is a metric', () => {
  it('zero from a mixture to itself, also with its components permuted', () => {
    fc.assert(
      fc.property(fc.record(shapes), fc.integer({ min: 1, max: 12 }), ({ seed, d }, order) => {
        const G = drawnMixture(seed, order, d);
        expect(l2Distance(G, G)).toBe(0);
        expect(l2Distance(G, permuted(G, seed))).toBe(0);
      }),
      RUNS,
    );
  });

  it('zero too for many components, in whatever order their products are summed', () => {
    for (const order of [50, 80]) {
      const G = drawnMixture(order, order, 2);
      for (let seed = 0; seed < 5; seed++) expect(l2Distance(G, permuted(G, seed))).toBe(0);
    }
  });

  it('the same both ways, to the last bit', () => {
    fc.assert(
      fc.property(fc.record(shapes), ({ seed, d }) => {
        const [G, H] = [drawnMixture(seed, 3, d, { name: 'a' }), drawnMixture(seed, 2, d, { name: 'b' })];
        const distances = l2DistanceMatrix([G, H]);
        expect(distances.at(1, 0)).toBe(distances.at(0, 1));
        expect(Math.abs(l2Distance(H, G) / l2Distance(G, H) - 1)).toBeLessThan(1e-14);
        expect(l2Distance(G, H)).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });

  it('with the triangle inequality, for mixtures near and far', () => {
    fc.assert(
      fc.property(fc.record(shapes), fc.constantFrom(1e-4, 1, 1e3), ({ seed, d }, unit) => {
        const [F, G, H] = [
          drawnMixture(seed, 2, d, { name: 'a' }),
          drawnMixture(seed, 3, d, { name: 'b', unit }),
          drawnMixture(seed, 1, d, { name: 'c' }),
        ];
        const { at } = l2DistanceMatrix([F, G, H]);
        for (const [i, j, k] of [
          [0, 1, 2],
          [1, 2, 0],
          [2, 0, 1],
        ]) {
          expect(at(i, k)).toBeLessThanOrEqual((at(i, j) + at(j, k)) * (1 + 1e-12));
        }
      }),
      RUNS,
    );
  });

  it('and does not depend on the order of the components', () => {
    fc.assert(
      fc.property(fc.record(shapes), ({ seed, d }) => {
        const [G, H] = [drawnMixture(seed, 5, d, { name: 'a' }), drawnMixture(seed, 4, d, { name: 'b' })];
        expect(l2Distance(permuted(G, seed), permuted(H, seed)) / l2Distance(G, H)).toBeCloseTo(1, 12);
      }),
      RUNS,
    );
  });

  it('nor on a shift of all means', () => {
    fc.assert(
      fc.property(fc.record(shapes), fc.constantFrom(1, 100, -1000), ({ seed, d }, shift) => {
        const moved = ({ weights, parameters }: Mixture<GaussianParameter>) =>
          gaussianMixture({
            weights,
            means: parameters.map(({ mean }) => mean.map((m, i) => m + shift * (i + 1))),
            covariances: parameters.map(({ covariance }) => covariance),
          });
        const [G, H] = [drawnMixture(seed, 3, d, { name: 'a' }), drawnMixture(seed, 2, d, { name: 'b' })];
        expect(l2Distance(moved(G), moved(H)) / l2Distance(G, H)).toBeCloseTo(1, 9);
      }),
      RUNS,
    );
  });
});

it('resolves mixtures that differ a little', () => {
  const [G, H] = [ball(1, 0, 1), ball(1, 1e-6, 1)];
  const slope = Math.sqrt(1 / (4 * Math.sqrt(Math.PI))); // ‖φ′‖, φ the standard normal density
  expect(l2Distance(G, H) / (1e-6 * slope)).toBeCloseTo(1, 3);
});

it('is between fits, or whatever holds a mixture, that of their mixtures', () => {
  const mixtures = [1, 2, 3].map((seed) => drawnMixture(seed, 2, 2));
  const expected = l2DistanceMatrix(mixtures);
  const actual = l2DistanceMatrix(mixtures.map((G) => ({ mixture: G })));
  expect(actual.at(0, 2)).toBe(expected.at(0, 2));
  expect(l2Distance({ mixture: mixtures[0] }, mixtures[1])).toBe(l2Distance(mixtures[0], mixtures[1]));
});

it('is in the matrix what it is for each pair', () => {
  const mixtures = [1, 2, 3, 4, 5].map((seed) => drawnMixture(seed, (seed % 3) + 1, 3));
  const { size, logScale, at } = l2DistanceMatrix(mixtures);
  expect([size, logScale]).toEqual([5, 0]);
  mixtures.forEach((G, i) => {
    mixtures.forEach((H, j) => {
      expect(Math.abs(at(i, j) - l2Distance(G, H))).toBeLessThanOrEqual(1e-13 * at(i, j));
    });
  });
});

it('reports how many pairs are done', async () => {
  const few = [0, 1, 2, 3].map((mean) => bell(mean));
  const reported: Progress[] = [];
  await performed(l2Steps(few), { onProgress: (progress) => reported.push(progress) });
  expect(reported).toEqual([1, 3, 6].map((done) => ({ stage: 'distances', done, total: 6 })));
});

it('prints readably, a few lines only', () => {
  const few = [0, 1, 2].map((mean) => bell(mean));
  const text = inspect(l2DistanceMatrix(few));
  expect(text).toMatch(/^L² distances between 3 estimates\n/);
  expect(inspect(l2DistanceMatrix(few, { smoothing: 1 }))).toMatch(/^smoothed L² distances between 3 estimates\n/);
  expect(text).toContain(l2Distance(few[0], few[2]).toPrecision(3));
  expect(inspect(l2DistanceMatrix([ball(50, 0, 1), ball(50, 0, 1e20)]))).toMatch(/2 estimates, divided by exp\(-\d/);
  expect(inspect(l2DistanceMatrix(Array(100).fill(bell(0)))).split('\n').length).toBeLessThan(25);
});

it('of one mixture is a matrix of one zero', () => {
  const distances = l2DistanceMatrix([drawnMixture(1, 2, 2)]);
  expect([distances.size, distances.at(0, 0)]).toEqual([1, 0]);
});

describe('in many dimensions neither under- nor overflows', () => {
  // ∫ φ_a φ_b of N(μ, v I) and N(ν, u I) is (2π (v + u))^(−d/2) exp(−d (μ − ν)² / 2 (v + u))
  const logProduct = (d: number, mean: number, variance: number) =>
    -(d / 2) * (Math.log(2 * Math.PI * variance) + mean ** 2 / variance);

  it.each([
    [50, 1],
    [50, 1e-8],
    [50, 1e8],
    [500, 1e-8],
    [500, 1e8],
  ])('d = %i, variance %d', (d, variance) => {
    const step = 0.1 * Math.sqrt(variance);
    const distances = l2DistanceMatrix([ball(d, 0, variance), ball(d, step, variance), ball(d, 2 * step, variance)]);
    const own = logProduct(d, 0, 2 * variance);
    for (const [i, j, apart] of [
      [1, 0, 1],
      [2, 1, 1],
      [2, 0, 2],
    ]) {
      const across = logProduct(d, apart * step, 2 * variance);
      const expected = (own + Math.log(2 * (1 - Math.exp(across - own)))) / 2;
      expect(distances.at(i, j)).toBeGreaterThan(1e-100);
      expect(distances.at(i, j)).toBeLessThan(1e100);
      expect(Math.abs(logDistance(distances, i, j) - expected)).toBeLessThan(1e-9);
    }
  });
});

describe('a hostile estimate', () => {
  const honest = (d: number) => [1, 2, 3, 4].map((seed) => drawnMixture(seed, 3, d));
  const hostile: [string, (d: number) => Mixture<GaussianParameter>][] = [
    ['so narrow that its density overflows', (d) => ball(d, 0, 1e-200)],
    ['so wide that its density underflows', (d) => ball(d, 0, 1e200)],
    ['far away', (d) => ball(d, 1e150, 1)],
    ['far away and narrow', (d) => ball(d, 1e150, 1e-200)],
    ['far away and wide', (d) => ball(d, -1e150, 1e200)],
  ];

  it.each(hostile)('%s never gives NaN and leaves the distances of the others as they were', (_, bad) => {
    for (const d of [1, 2, 10, 50]) {
      const expected = l2DistanceMatrix(honest(d));
      const actual = l2DistanceMatrix([bad(d), ...honest(d)]);
      for (let i = 0; i < 4; i++) {
        for (let j = 0; j < i; j++) {
          expect(logDistance(actual, i + 1, j + 1)).toBeCloseTo(logDistance(expected, i, j), 9);
        }
        expect(actual.at(i + 1, 0)).toBeGreaterThan(0);
        expect(actual.at(i + 1, 0)).toBe(actual.at(0, i + 1));
      }
      expect(actual.at(0, 0)).toBe(0);
    }
  });

  it('that is too narrow for float64 is infinitely far', () => {
    const { at } = l2DistanceMatrix([...honest(10), ball(10, 0, 1e-200), ball(10, 1, 1e-200)]);
    for (const i of [0, 1, 2, 3]) expect(at(i, 4)).toBe(Infinity);
    expect(at(4, 5)).toBe(Infinity);
  });

  it('is not at distance zero from another to which the way is beyond float64', () => {
    const distance = l2Distance(ball(2, 1e150, 1e-160), ball(2, -1e150, 1e-160));
    expect(distance / Math.sqrt(2 / (4 * Math.PI * 1e-160))).toBeCloseTo(1, 12);
  });

  it('of features in units that are worlds apart does not make the way to itself NaN', () => {
    const tilted = [1e-290, 0.9e5, 0.5e5, 0.9e5, 1e300, 0.5e300, 0.5e5, 0.5e300, 1e300];
    const bad = gaussianMixture({
      weights: [0.5, 0.5],
      means: [
        [1e150, 0, 0],
        [-1e150, 0, 0],
      ],
      covariances: [tilted, tilted],
    });
    const { at } = l2DistanceMatrix([...honest(3), bad]);
    for (const i of [0, 1, 2, 3]) expect(at(i, 4)).toBeGreaterThan(0);
  });

  it('that is too narrow even for its own norm is at distance zero from itself', () => {
    for (const [d, variance] of [
      [200, 1e-8],
      [50, 1e-26],
    ]) {
      const G = ball(d, 0, variance);
      expect(l2Distance(G, G)).toBe(0);
    }
  });

  it('that is too wide is as far as the norm of the others', () => {
    const G = ball(2, 0, 1);
    expect(l2Distance(G, ball(2, 0, 1e200))).toBeCloseTo(Math.sqrt(1 / (4 * Math.PI)), 12);
    expect(l2Distance(G, ball(2, 1e150, 1))).toBeCloseTo(Math.sqrt(2 / (4 * Math.PI)), 12);
  });
});

it('takes no account of components of weight zero, whatever they are', () => {
  const zero = (mean: number, variance: number) =>
    gaussianMixture({ weights: [1, 0], means: [[0], [mean]], covariances: [[[1]], [[variance]]] });
  for (const [mean, variance] of [
    [0, 1],
    [5, 2],
    [1e150, 1e-200],
    [0, 1e200],
  ]) {
    expect(l2Distance(zero(mean, variance), ball(1, 1, 1))).toBeCloseTo(l2Distance(ball(1, 0, 1), ball(1, 1, 1)), 14);
    expect(l2Distance(zero(mean, variance), ball(1, 0, 1))).toBe(0);
  }
});

describe('says', () => {
  it('that mixtures differ in dimension', () => {
    expect(() => l2Distance(ball(2, 0, 1), ball(3, 0, 1))).toThrow(/mixture 1 is 3-dimensional, mixture 0 2-dim/);
    expect(() => l2DistanceMatrix([ball(2, 0, 1), ball(2, 0, 1), ball(1, 0, 1)])).toThrow(/mixture 2 is 1-dimensional/);
  });

  it('that they differ in family', () => {
    const other = mixture({ ...gaussian, name: 'other' }, [1], [{ mean: [0], covariance: [1] }]);
    expect(() => l2Distance(ball(1, 0, 1), other)).toThrow(/mixture 1 is of the family other, mixture 0 of gaussian/);
  });

  it('that an inner product is not a number, as that of a wrong family would be', () => {
    const wrong = { ...gaussian, logInnerProduct: () => Number.NaN };
    const [G, H] = [0, 1].map((mean) => mixture(wrong, [1], [{ mean: [mean], covariance: [1] }]));
    expect(() => l2Distance(G, H)).toThrow(/inner product of component 0 with component 0 is beyond float64/);
  });

  it('that there are none', () => {
    expect(() => l2DistanceMatrix([])).toThrow(/list of mixtures is empty: at least one is needed/);
  });
});
