import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dirichletMixture, exponentialMixture, gammaMixture } from '../mixture/constructors';
import { type Mixture, mixture, mixtureToVector } from '../mixture/mixture';
import { drawnMixture, permuted } from '../mixture/mixtures.fixture';
import { align } from './align';

const RUNS = { seed: 1, numRuns: 40 };

/** All orders of 0 … K − 1. */
function orders(K: number): number[][] {
  if (K === 0) return [[]];
  return orders(K - 1).flatMap((order) => Array.from({ length: K }, (_, at) => order.toSpliced(at, 0, K - 1)));
}

const ordered = (G: Mixture, order: readonly number[]): Mixture =>
  mixture(
    G.family,
    order.map((k) => G.weights[k]),
    order.map((k) => G.parameters[k]),
  );

/** The vector of a mixture less that of another. */
function between(G: Mixture, H: Mixture): Float64Array {
  const origin = mixtureToVector(H);
  return mixtureToVector(G).map((value, i) => value - origin[i]);
}

it('is the best of all orders', () => {
  const shapes = { seed: fc.nat(), K: fc.integer({ min: 1, max: 6 }), d: fc.integer({ min: 1, max: 3 }) };
  fc.assert(
    fc.property(fc.record(shapes), ({ seed, K, d }) => {
      const [G, H] = ['estimate', 'reference'].map((name): Mixture => drawnMixture(seed, K, d, { name }));
      const { mixture: aligned, permutation, difference, distance } = align(G, H);
      const all = orders(K).map((order) => Math.hypot(...between(ordered(G, order), H)));
      expect(distance).toBeCloseTo(Math.min(...all), 12);
      expect(aligned.toJSON()).toEqual(ordered(G, [...permutation]).toJSON());
      expect(difference).toEqual(between(aligned, H));
      expect(distance).toBeCloseTo(Math.hypot(...difference), 14);
    }),
    RUNS,
  );
});

it('is the best where weights alone tell the components apart', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 5, maxLength: 5 }), fc.nat(119), (raw, which) => {
      const total = raw.reduce((a, b) => a + b);
      const weights = raw.map((weight) => weight / total);
      const H: Mixture = exponentialMixture({ weights, means: [1, 1.01, 1.02, 1.01, 1] });
      const G: Mixture = exponentialMixture({
        weights: orders(5)[which].map((k) => weights[k]),
        means: H.weights.map(() => 1),
      });
      const all = orders(5).map((order) => Math.hypot(...between(ordered(G, order), H)));
      expect(align(G, H).distance).toBeCloseTo(Math.min(...all), 12);
    }),
    RUNS,
  );
});

it('recovers an order exactly, also of many components', () => {
  for (const K of [2, 5, 30]) {
    const H = drawnMixture(K, K, 2);
    const G = permuted(H, 5);
    const { mixture: aligned, distance, difference, permutation } = align(G, H);
    expect(distance).toBe(0);
    expect(Math.max(...difference.map(Math.abs))).toBe(0);
    expect(aligned.toJSON()).toEqual(H.toJSON());
    expect(Array.from(permutation, (from) => G.parameters[from])).toEqual([...H.parameters]);
  }
});

it('of a mixture to itself changes nothing', () => {
  const G = drawnMixture(1, 4, 2);
  expect([...align(G, G).permutation]).toEqual([0, 1, 2, 3]);
});

it('is of the coordinates of the theory, of which the last weight is none', () => {
  // in place: 0.2² for the weight; the other way round: 2 · 0.17² = 0.0578, less than 0.2² + 0.2²
  const H = exponentialMixture({ weights: [0.4, 0.6], means: [1, 1.17] });
  const G = exponentialMixture({ weights: [0.6, 0.4], means: [1, 1.17] });
  const { permutation, distance } = align(G, H);
  expect([...permutation]).toEqual([0, 1]);
  expect(distance).toBeCloseTo(0.2, 14);
});

it('is of any family, and of results that hold a mixture', () => {
  const G = gammaMixture({ weights: [0.3, 0.7], shapes: [1, 8], scales: [2, 6] });
  const H = gammaMixture({ weights: [0.7, 0.3], shapes: [8, 1], scales: [6, 5] });
  const { permutation, difference, mixture: aligned } = align({ mixture: G, sampleSize: 3 }, { mixture: H });
  expect([...permutation]).toEqual([1, 0]);
  expect([...difference]).toEqual([0, 0, 0, 0, -3]);
  expect(aligned.family).toBe(G.family);
});

describe('says what is wrong', () => {
  it('with other orders', () => {
    expect(() => align(drawnMixture(1, 3, 2), drawnMixture(1, 2, 2))).toThrow(
      'a mixture of 3 components cannot be aligned to one of 2',
    );
  });

  it('with other dimensions and families', () => {
    expect(() => align(drawnMixture(1, 2, 2), drawnMixture(1, 2, 3))).toThrow(/3-dimensional.*2-dimensional/);
    const exponential: Mixture = exponentialMixture({ weights: [1], means: [1] });
    const dirichlet: Mixture = dirichletMixture({ weights: [1], concentrations: [[1, 2, 3]] });
    expect(() => align(exponential, dirichlet)).toThrow(
      /mixture 1 is of the family dirichlet, mixture 0 of exponential/,
    );
  });
});
