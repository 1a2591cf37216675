import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { symmetricEigen } from '../math/linear-algebra';
import { type MixsimOptions, mixsim } from './mixsim';
import { overlap } from './overlap';

const shapes = fc.record({
  order: fc.integer({ min: 2, max: 6 }),
  dimension: fc.integer({ min: 1, max: 5 }),
  spherical: fc.boolean(),
  homogeneous: fc.boolean(),
  share: fc.option(fc.double({ min: 0.05, max: 1, noNaN: true }), { nil: undefined }),
  seed: fc.nat({ max: 1e6 }),
});

it('attains the maximum or mean overlap that is asked, in a population as it is asked', () => {
  fc.assert(
    fc.property(
      shapes,
      fc.constantFrom('maximum', 'mean'),
      fc.constantFrom(1e-4, 0.01, 0.1, 0.3),
      ({ share, ...shape }, measure, wanted) => {
        const { order, dimension, spherical, homogeneous } = shape;
        const minimumWeight = share && share / order;
        const asked = measure === 'maximum' ? { maximumOverlap: wanted } : { meanOverlap: wanted / 3 };
        const G = mixsim({ ...shape, ...asked, minimumWeight });
        expect([G.family.name, G.order, G.dimension]).toEqual(['gaussian', order, dimension]);
        const { maximum, mean } = overlap(G);
        expect(Math.abs(measure === 'maximum' ? maximum - wanted : mean - wanted / 3)).toBeLessThan(1e-6);

        expect(Math.abs(G.weights.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-12);
        expect(Math.min(...G.weights)).toBeGreaterThanOrEqual((minimumWeight ?? 1 / order) - 1e-15);
        G.parameters.forEach(({ mean, covariance }) => {
          expect(Math.min(...mean)).toBeGreaterThanOrEqual(0);
          expect(Math.max(...mean)).toBeLessThanOrEqual(1);
          const { values } = symmetricEigen(covariance, dimension);
          expect(values[0]).toBeGreaterThan(0);
          expect(Math.sqrt(1 - values[0] / values[dimension - 1])).toBeLessThanOrEqual(0.9 + 1e-9);
          const round = covariance.map((_, ij) => (ij % (dimension + 1) === 0 ? covariance[0] : 0));
          if (spherical) expect(covariance).toEqual(round);
          else if (dimension > 1) expect(covariance).not.toEqual(round);
        });
        const [first, ...others] = G.parameters.map(({ covariance }) => covariance);
        for (const other of others) {
          if (homogeneous) expect(other).toEqual(first);
          else expect(other).not.toEqual(first);
        }
      },
    ),
    { seed: 1, numRuns: 25 },
  );
});

// on the way to the overlap that is asked, these meet overlaps below 1e-308
it.each<MixsimOptions>([
  { order: 6, dimension: 2, spherical: true, meanOverlap: 0.03760295901085692, seed: 82 },
  { order: 6, dimension: 1, spherical: true, maximumOverlap: 0.2853587403615194, seed: 109 },
  { order: 6, dimension: 1, homogeneous: true, meanOverlap: 4.0302873167002936e-5, seed: 109 },
])('finds the overlap of seed $seed', (options) => {
  const { maximum, mean } = overlap(mixsim(options));
  const { maximumOverlap = maximum, meanOverlap = mean } = options;
  expect(Math.abs(maximum - maximumOverlap) + Math.abs(mean - meanOverlap)).toBeLessThan(1e-6);
});

it('is the population of the paper: five components in ten dimensions', () => {
  for (const maximumOverlap of [0.1, 0.2, 0.3]) {
    const G = mixsim({ order: 5, dimension: 10, maximumOverlap, seed: 1 });
    expect(Math.abs(overlap(G).maximum - maximumOverlap)).toBeLessThan(1e-9);
    expect([...G.weights]).toEqual([0.2, 0.2, 0.2, 0.2, 0.2]);
  }
});

it('spreads the means over the unit cube', () => {
  const n = 160;
  const means = Array.from({ length: n / 4 }, (_, seed) =>
    mixsim({ order: 4, dimension: 1, maximumOverlap: 0.1, homogeneous: true, seed }).parameters.map((p) => p.mean[0]),
  ).flat();
  const average = means.reduce((a, b) => a + b) / n;
  expect(Math.abs(average - 0.5)).toBeLessThan(4 / Math.sqrt(12 * n));
  const lowest = means.filter((mean) => mean < 0.25).length;
  expect(Math.abs(lowest - n / 4)).toBeLessThan(4 * Math.sqrt(n * 0.25 * 0.75));
});

it('draws covariances from the Wishart law of d + 1 degrees of freedom, up to their common factor', () => {
  // In two dimensions and ν degrees of freedom, √W = 2 √|Σ| / tr Σ has P(√W > w) = 1 − w^(ν − 1) (Mauchly 1940). Eccentricities
  // of at most 0.9 leave what is above 0.733 as it is.
  const draws = Array.from({ length: 300 }, (_, seed) =>
    mixsim({ order: 2, dimension: 2, maximumOverlap: 0.1, seed }).parameters.map(
      ({ covariance: [a, b, , c] }) => (2 * Math.sqrt(a * c - b * b)) / (a + c),
    ),
  ).flat();
  for (const w of [0.75, 0.85, 0.95]) {
    const share = draws.filter((one) => one > w).length / draws.length;
    const expected = 1 - w ** 2;
    expect(Math.abs(share - expected)).toBeLessThan(3 * Math.sqrt((expected * (1 - expected)) / draws.length));
  }
});

it('draws weights that differ where there is a minimum, and shares out all where that is 1 / K', () => {
  const shape = { order: 4, dimension: 2, maximumOverlap: 0.1, seed: 1 };
  expect(new Set(mixsim({ ...shape, minimumWeight: 0.1 }).weights).size).toBe(4);
  for (const weight of mixsim({ ...shape, minimumWeight: 0.25 }).weights) expect(weight).toBeCloseTo(0.25, 14);
  expect([...mixsim(shape).weights]).toEqual([0.25, 0.25, 0.25, 0.25]);
});

it('gives the same mixture for a seed, and another for another', () => {
  const drawn = (seed: MixsimOptions['seed']) =>
    JSON.stringify(mixsim({ order: 3, dimension: 3, maximumOverlap: 0.1, minimumWeight: 0.1, seed }));
  expect(drawn(1)).toBe(drawn(1));
  expect(drawn('a word')).toBe(drawn('a word'));
  expect(new Set([1, 2, 3, 'a word', 'another'].map(drawn)).size).toBe(5);
});

describe('says what is wrong', () => {
  const good = { order: 3, dimension: 2, maximumOverlap: 0.1, seed: 1 };

  it.each<[string, Partial<MixsimOptions>, string]>([
    ['no order', { order: 0 }, 'order is 0: it must be a positive integer'],
    ['half an order', { order: 2.5 }, 'order is 2.5: it must be a positive integer'],
    ['one component', { order: 1 }, 'order is 1: at least two components are needed for an overlap'],
    ['no dimension', { dimension: 0 }, 'dimension is 0: it must be a positive integer'],
    ['both measures', { meanOverlap: 0.1 }, 'give either maximumOverlap or meanOverlap'],
    ['no measure', { maximumOverlap: undefined }, 'give either maximumOverlap or meanOverlap'],
    ['no overlap', { maximumOverlap: 0 }, 'the maximum overlap is 0: it must be between 0 and 1'],
    ['NaN', { maximumOverlap: Number.NaN }, 'the maximum overlap is NaN: it must be between 0 and 1'],
    ['all overlap', { maximumOverlap: undefined, meanOverlap: 1 }, 'the mean overlap is 1: it must be between 0 and 1'],
    ['a weight of 0', { minimumWeight: 0 }, 'minimumWeight is 0: it must be above 0, and 3 times it at most 1'],
    ['too much weight', { minimumWeight: 0.4 }, 'minimumWeight is 0.4: it must be above 0, and 3 times it at most 1'],
    ['NaN as a weight', { minimumWeight: Number.NaN }, 'minimumWeight is NaN: it must be above 0'],
  ])('with %s', (_, options, message) => {
    expect(() => mixsim({ ...good, ...options })).toThrow(message);
  });

  it('where no population of the kind has so much overlap', () => {
    expect(() => mixsim({ order: 2, dimension: 5, meanOverlap: 0.99, seed: 1 })).toThrow(
      'none of 1000 populations of order 2 in 5 dimensions has a mean overlap of 0.99: ask for another',
    );
  });
});
