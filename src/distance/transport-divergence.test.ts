import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { gaussianMixture } from '../mixture/constructors';
import { mixture } from '../mixture/mixture';
import { drawnMixture, storedMixtures } from '../mixture/mixtures.fixture';
import type { Cost } from './costs';
import { transportDivergence, wasserstein1 } from './transport-divergence';

const read = (file: string) => JSON.parse(readFileSync(path.join(__dirname, file), 'utf8'));
const pairs = read('../families/gaussian.reference.json');
const case1 = read('case1.reference.json');

describe('agrees with the reference', () => {
  it.each(['d1', 'd2', 'd50'])('between random mixtures, %s', (name) => {
    const { order, dimension, first, second, ...expected } = pairs[name];
    const [G, H] = [first, second].map((text) => storedMixtures(text, order, dimension)[0]);
    expect(wasserstein1(G, H) / expected.wasserstein1).toBeCloseTo(1, 9);
    const { value, plan } = transportDivergence(G, H);
    expect(value / expected.transportDivergence).toBeCloseTo(1, 9);
    expect(plan.length).toBe(order * order);
  });

  it('W₁ of twenty estimates to the truth', () => {
    const { order, dimension } = case1;
    const [truth] = storedMixtures(case1.truth, order, dimension);
    const distances = storedMixtures(case1.estimates, order, dimension).map((estimate) =>
      wasserstein1(estimate, truth),
    );
    distances.forEach((distance, i) => {
      expect(Math.abs(distance / case1.wasserstein1ToTruth[i] - 1)).toBeLessThan(1e-9);
    });
  });
});

it('is zero between a mixture and itself with its components permuted', () => {
  const G = drawnMixture(1, 4, 3);
  const order = [2, 0, 3, 1];
  const H = mixture<GaussianParameter>(
    'gaussian',
    order.map((k) => G.weights[k]),
    order.map((k) => G.parameters[k]),
  );
  expect(wasserstein1(G, H)).toBeLessThan(1e-9);
  const { value, plan } = transportDivergence(G, H);
  expect(value).toBeLessThan(1e-9);
  order.forEach((k, l) => {
    expect(plan[4 * k + l]).toBeCloseTo(G.weights[k], 10);
  });
});

it('W₁ is symmetric and obeys the triangle inequality', () => {
  const shapes = fc.record({
    seed: fc.nat(),
    order: fc.integer({ min: 1, max: 4 }),
    d: fc.integer({ min: 1, max: 3 }),
  });
  fc.assert(
    fc.property(shapes, ({ seed, order, d }) => {
      const [F, G, H] = [
        drawnMixture(seed, order, d, { name: 'a' }),
        drawnMixture(seed, 2, d, { name: 'b' }),
        drawnMixture(seed, 3, d, { name: 'c' }),
      ];
      expect(wasserstein1(G, F)).toBeCloseTo(wasserstein1(F, G), 9);
      expect(wasserstein1(F, H)).toBeLessThanOrEqual(wasserstein1(F, G) + wasserstein1(G, H) + 1e-9);
      expect(wasserstein1(F, G)).toBeGreaterThan(0);
    }),
    { seed: 1, numRuns: 30 },
  );
});

it('takes mixtures of different order', () => {
  const one = gaussianMixture({ weights: [1], means: [[0]], covariances: [[[1]]] });
  const two = gaussianMixture({ weights: [0.25, 0.75], means: [[1], [-2]], covariances: [[[1]], [[1]]] });
  expect(wasserstein1(one, two)).toBeCloseTo(0.25 * 1 + 0.75 * 2, 10);
  const { value, plan } = transportDivergence(two, one);
  expect(value).toBeCloseTo(0.25 * 0.5 + 0.75 * 2, 10);
  expect([...plan].map((mass) => Number(mass.toFixed(10)))).toEqual([0.25, 0.75]);
});

it('moves nothing from or to a component of weight zero', () => {
  const G = gaussianMixture({ weights: [1, 0], means: [[0], [50]], covariances: [[[1]], [[1]]] });
  const H = gaussianMixture({ weights: [0, 1], means: [[-50], [3]], covariances: [[[1]], [[1]]] });
  expect(wasserstein1(G, H)).toBeCloseTo(3, 10);
  expect(transportDivergence(G, H).value).toBeCloseTo(4.5, 10);
});

it("takes a cost of one's own, of which the first argument is the component that is moved", () => {
  const G = gaussianMixture({ weights: [1], means: [[3]], covariances: [[[1]]] });
  const H = gaussianMixture({ weights: [1], means: [[1]], covariances: [[[1]]] });
  const cost = { ...gaussian, divergence: (a: GaussianParameter, b: GaussianParameter) => a.mean[0] ** 2 + b.mean[0] };
  expect(transportDivergence(G, H, { cost }).value).toBeCloseTo(10, 10);
  expect(transportDivergence(H, G, { cost }).value).toBeCloseTo(4, 10);
});

it('W₁ is known wherever covariances are', () => {
  const round = (variance: number) =>
    gaussianMixture({ weights: [1], means: [[0, 0]], covariances: [[variance, 0, 0, variance]] });
  for (const variance of [1e-290, 1e290]) {
    expect(wasserstein1(round(variance), round(4 * variance)) / Math.sqrt(2 * variance)).toBeCloseTo(1, 12);
  }
});

it('takes weights that miss one by rounding', () => {
  const off = (miss: number) =>
    gaussianMixture({ weights: [0.5 + miss, 0.5], means: [[0], [1]], covariances: [[[1]], [[1]]] });
  expect(wasserstein1(off(5e-10), off(-5e-10))).toBeLessThan(2e-9);
});

it('says that there is no such cost, and that dimensions must agree', () => {
  const G = drawnMixture(1, 2, 2);
  expect(() => transportDivergence(G, G, { cost: 'w2' as Cost<GaussianParameter> })).toThrow(
    /there is no cost "w2": use 'kl', 'euclidean', .* or \{ divergence, barycentre \}/,
  );
  expect(() => wasserstein1(G, drawnMixture(1, 2, 3))).toThrow(/mixture 1 is 3-dimensional, mixture 0 2-dimensional/);
  expect(() => transportDivergence(G, drawnMixture(1, 2, 3))).toThrow(/mixture 1 is 3-dimensional/);
});
