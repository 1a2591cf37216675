import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dirichletMixture,
  exponentialMixture,
  gammaMixture,
  poissonMixture,
  tiedGaussianMixture,
} from '../mixture/constructors';
import type { Estimate } from '../mixture/given';
import { bell, drawnMixture, permuted } from '../mixture/mixtures.fixture';
import type { Cost } from './costs';
import { transportDistanceMatrix, transportSteps } from './transport-distance';
import { transportDivergence } from './transport-divergence';

/** All entries against the divergences of the pairs, one by one. */
function expectPairs<P>(estimates: readonly Estimate<P>[], cost?: Cost<P>): void {
  const { size, logScale, at } = transportDistanceMatrix(estimates, { cost });
  expect([size, logScale]).toEqual([estimates.length, 0]);
  for (const [i, G] of estimates.entries()) {
    expect(at(i, i)).toBe(0);
    for (const [j, H] of estimates.entries()) {
      if (i === j) continue;
      const there = transportDivergence(G, H, { cost }).value;
      const back = transportDivergence(H, G, { cost }).value;
      expect(at(i, j)).toBeCloseTo(Math.sqrt((there + back) / 2), 9);
      expect(at(i, j)).toBe(at(j, i));
      expect(at(i, j)).toBeGreaterThan(0);
    }
  }
}

describe('the distances', () => {
  it('are the roots of the symmetrised divergences of all pairs', () => {
    expectPairs([1, 2, 3, 4].map((seed) => drawnMixture(seed, 3, 2)));
    expectPairs([1, 2, 3].map((seed) => drawnMixture(seed, 2, 5)));
  });

  it('are so between mixtures of different orders', () => {
    expectPairs([drawnMixture(1, 1, 2), drawnMixture(2, 3, 2), drawnMixture(3, 4, 2)]);
  });

  it('are so in other families', () => {
    const weights = [0.3, 0.7];
    expectPairs([1, 2, 3].map((a) => gammaMixture({ weights, shapes: [a, 5], scales: [1, a] })));
    expectPairs([1, 2, 3].map((a) => exponentialMixture({ weights, means: [a, 10 * a] })));
    expectPairs([1, 2, 3].map((a) => poissonMixture({ weights, means: [a, 10 * a] })));
    expectPairs([1, 2, 3].map((a) => dirichletMixture({ weights, concentrations: [[a, 2, 3], [3, 1, a]] })));
    expectPairs([1, 2, 3].map((a) => tiedGaussianMixture({ weights, means: [[0, 0], [a, 1]], covariance: [[a, 0], [0, 1]] })));
  }); // biome-ignore format: short

  it('are so of the cost that is given', () => {
    const estimates = [1, 2, 3].map((seed) => drawnMixture(seed, 2, 2));
    expectPairs(estimates, 'euclidean');
    const own: Cost<(typeof estimates)[number]['parameters'][number]> = {
      divergence: (a, b) => Math.abs(a.mean[0] - b.mean[0]) + Math.max(0, a.mean[1] - b.mean[1]),
      barycentre: ([a]) => a,
    };
    expectPairs(estimates, own);
  });

  it('are J divergences in closed form where there is one component', () => {
    const mean = fc.double({ min: -5, max: 5, noNaN: true });
    const variance = fc.double({ min: 0.1, max: 5, noNaN: true });
    fc.assert(
      fc.property(fc.tuple(mean, mean), fc.tuple(variance, variance), ([a, b], [v, w]) => {
        // KL(a, v ‖ b, w) = ½ (v / w − 1 + (a − b)² / w + log w / v)
        const J = (v / w + w / v - 2 + (a - b) ** 2 * (1 / v + 1 / w)) / 2;
        const D = transportDistanceMatrix([bell(a, v), bell(b, w)]).at(0, 1);
        expect(Math.abs(D ** 2 - J / 2)).toBeLessThan(1e-10 * (1 + J));
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('do not see in which order components are listed', () => {
    const G = drawnMixture(1, 4, 2);
    const H = drawnMixture(2, 4, 2);
    const { at } = transportDistanceMatrix([G, permuted(G, 3), H]);
    expect(at(0, 1)).toBeLessThan(1e-6);
    expect(at(0, 2)).toBeCloseTo(at(1, 2), 9);
  });

  it('tell where components lie, though densities do not overlap', () => {
    const far = [0, 30, 60, 200].map((mean) => bell(mean));
    const { at } = transportDistanceMatrix(far);
    expect([1, 2, 3].map((j) => at(0, j))).toEqual([30, 60, 200].map((delta) => expect.closeTo(delta / Math.SQRT2, 9)));
  });
});

describe('a cost beyond float64', () => {
  const far = [bell(0), bell(1), bell(1e150, 1e-20), bell(2)];

  it('is a distance of Infinity, and of this machine only', () => {
    const { at } = transportDistanceMatrix(far);
    expect([0, 1, 3].map((i) => at(i, 2))).toEqual([Infinity, Infinity, Infinity]);
    expect([at(2, 2), at(0, 1), at(0, 3)]).toEqual([
      0,
      expect.closeTo(Math.SQRT1_2, 12),
      expect.closeTo(Math.SQRT2, 12),
    ]);
  });

  it('is never NaN in an own cost either', () => {
    const own = {
      divergence: (a: { mean: Float64Array }) => (a.mean[0] > 1e9 ? Number.NaN : 1),
      barycentre: () => far[0].parameters[0],
    };
    expect(transportDistanceMatrix(far, { cost: own }).at(0, 2)).toBe(Infinity);
  });
});

describe('of a large work', () => {
  const estimates = [1, 2, 3, 4].map((seed) => drawnMixture(seed, 2, 2));

  it('each row reports the number of pairs that are done', () => {
    expect([...transportSteps(estimates)]).toEqual([3, 5, 6].map((done) => ({ stage: 'distances', done, total: 6 })));
  });
});

it('is of one machine too, and prints as a matrix', () => {
  expect(transportDistanceMatrix([bell(0)])).toMatchObject({ size: 1 });
  expect(transportDistanceMatrix([bell(0)]).at(0, 0)).toBe(0);
  expect(inspect(transportDistanceMatrix([bell(0), bell(2)]))).toMatch(
    /^transport distances between 2 estimates\n +0 +/,
  );
});

it('throws where there are no mixtures, they are not comparable, or there is no such cost', () => {
  expect(() => transportDistanceMatrix([])).toThrow(/the list of mixtures is empty/);
  const gamma = gammaMixture({ weights: [1], shapes: [1], scales: [1] });
  expect(() => transportDistanceMatrix<unknown>([bell(0), gamma])).toThrow(/mixture 1 is of the family gamma/);
  expect(() => transportDistanceMatrix([bell(0), drawnMixture(1, 1, 2)])).toThrow(/2-dimensional/);
  expect(() => transportDistanceMatrix([bell(0)], { cost: 'l1' as 'kl' })).toThrow(/there is no cost "l1"/);
});
