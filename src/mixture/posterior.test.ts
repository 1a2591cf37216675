import * as fc from 'fast-check';
import { determinant, inverse, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { randomStream } from '../math/random';
import { gaussianMixture } from './constructors';
import { type Mixture, mixture } from './mixture';
import { drawnMixture } from './mixtures.fixture';
import { classify, logDensity, responsibilities } from './posterior';

const RUNS = { seed: 1, numRuns: 40 };
const shapes = { seed: fc.nat(), order: fc.integer({ min: 1, max: 5 }), d: fc.integer({ min: 1, max: 5 }) };
const identity = (d: number): number[][] => Matrix.eye(d).to2DArray();

function drawnRows(seed: number, n: number, d: number, spread = 4): number[][] {
  const random = randomStream(seed, 'rows');
  return Array.from({ length: n }, () => Array.from({ length: d }, () => spread * (2 * random() - 1)));
}

/** w_k f(x; θ_k) of every component, from the textbook. */
function naiveParts({ weights, parameters }: Mixture<GaussianParameter>, x: number[]): number[] {
  return parameters.map(({ mean, covariance }, k) => {
    const sigma = Matrix.from1DArray(x.length, x.length, [...covariance]);
    const centred = Matrix.columnVector(x.map((value, i) => value - mean[i]));
    const squared = centred.transpose().mmul(inverse(sigma)).mmul(centred).get(0, 0);
    return (weights[k] * Math.exp(-squared / 2)) / Math.sqrt((2 * Math.PI) ** x.length * determinant(sigma));
  });
}

it('agrees with the textbook', () => {
  fc.assert(
    fc.property(fc.record(shapes), ({ seed, order, d }) => {
      const G = drawnMixture(seed, order, d);
      const rows = drawnRows(seed, 9, d);
      const [logs, shares, labels] = [logDensity(G, rows), responsibilities(G, rows), classify(G, rows)];
      rows.forEach((x, j) => {
        const parts = naiveParts(G, x);
        const density = parts.reduce((a, b) => a + b);
        expect(Math.abs(logs[j] - Math.log(density))).toBeLessThan(1e-9 * Math.abs(logs[j]) + 1e-12);
        parts.forEach((part, k) => {
          expect(Math.abs(shares[j * order + k] - part / density)).toBeLessThan(1e-9);
        });
        expect(labels[j]).toBe(parts.indexOf(Math.max(...parts)));
      });
    }),
    RUNS,
  );
});

it('gives responsibilities that sum to one in every row, near and far', () => {
  fc.assert(
    fc.property(fc.record(shapes), fc.constantFrom(1, 1e3, 1e9, 1e100), ({ seed, order, d }, spread) => {
      const shares = responsibilities(drawnMixture(seed, order, d), drawnRows(seed, 10, d, spread));
      for (let j = 0; j < 10; j++) {
        const row = shares.subarray(j * order, (j + 1) * order);
        for (const share of row) expect(share).toBeGreaterThanOrEqual(0);
        expect(Math.abs(row.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-14);
      }
    }),
    RUNS,
  );
});

it('is exact in the log domain where every density underflows', () => {
  const G = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [2]], covariances: [[[1]], [[1]]] });
  const [log] = logDensity(G, [1001]);
  expect(log).toBeCloseTo(-0.5 * Math.log(2 * Math.PI) - Math.log(2) - 999 ** 2 / 2, 6);
  const [far] = responsibilities(G, [1.5]);
  expect(far).toBeCloseTo(1 / (1 + Math.exp(1)), 14); // the odds at x are exp(2 x − 2)
  expect([...classify(G, [-1e6, 1e6])]).toEqual([0, 1]);
});

it('integrates to one', () => {
  const G = drawnMixture(3, 3, 1);
  const grid = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 200);
  expect(logDensity(G, grid).reduce((sum, log) => sum + Math.exp(log) / 200, 0)).toBeCloseTo(1, 10);
});

it('does not depend on what other rows are in the table', () => {
  const G = drawnMixture(1, 3, 3);
  const rows = drawnRows(1, 11, 3);
  const together = logDensity(G, rows);
  expect(Float64Array.from(rows, (row) => logDensity(G, [row])[0])).toEqual(together);
});

it('lets data and means move together', () => {
  const G = drawnMixture(2, 3, 2);
  const rows = drawnRows(2, 10, 2);
  const shift = [3, -7];
  const moved = gaussianMixture({
    weights: G.weights,
    means: G.parameters.map(({ mean }) => mean.map((m, i) => m + shift[i])),
    covariances: G.parameters.map(({ covariance }) => covariance),
  });
  const there = logDensity(
    moved,
    rows.map((row) => row.map((x, i) => x + shift[i])),
  );
  logDensity(G, rows).forEach((log, j) => {
    expect(there[j]).toBeCloseTo(log, 9);
  });
});

it('never chooses a component of weight zero', () => {
  const G = gaussianMixture({ weights: [0, 1], means: [[0], [5]], covariances: [[[1]], [[1]]] });
  expect([...responsibilities(G, [0, 5])]).toEqual([0, 1, 0, 1]);
  expect([...classify(G, [0, 5])]).toEqual([1, 1]);
  expect(logDensity(G, [0])[0]).toBeCloseTo(-0.5 * Math.log(2 * Math.PI) - 12.5, 12);
});

it('takes the first of equals', () => {
  const G = gaussianMixture({ weights: [0.5, 0.5], means: [[-1], [1]], covariances: [[[1]], [[1]]] });
  expect([...classify(G, [0])]).toEqual([0]);
});

it('works in 500 dimensions', () => {
  const d = 500;
  const G = gaussianMixture({
    weights: [0.5, 0.5],
    means: [new Array(d).fill(0), new Array(d).fill(1)],
    covariances: [identity(d), identity(d)],
  });
  const [atZero] = logDensity(G, [new Array(d).fill(0)]);
  expect(atZero).toBeCloseTo(Math.log(0.5) - (d / 2) * Math.log(2 * Math.PI), 8);
  expect([...classify(G, [new Array(d).fill(0.4), new Array(d).fill(0.6)])]).toEqual([0, 1]);
});

it('takes a component that is too far for float64 as one of density zero', () => {
  const wide = [1e300, 0, 0, 1e300];
  const tilted = [1e-300, 5e-301, 5e-301, 1e-300];
  const parameters = [wide, tilted].map((covariance) => ({ mean: [0, 0], covariance }));
  const G = mixture('gaussian', [0.5, 0.5], parameters);
  expect([...responsibilities(G, [[1e160, 1e160]])]).toEqual([1, 0]);
  expect(logDensity(G, [[1e160, 1e160]])[0]).toBeCloseTo(Math.log(0.5 / (2 * Math.PI)) - 300 * Math.LN10 - 1e20, 10);
});

it('takes a fit for its mixture', () => {
  const G = drawnMixture(1, 2, 2);
  expect(logDensity({ mixture: G }, [[0, 1]])).toEqual(logDensity(G, [[0, 1]]));
});

describe('says', () => {
  it.each([null, undefined, { weights: [1] }])('that %s is no mixture', (value) => {
    expect(() => classify(value as unknown as Mixture, [[1]])).toThrow(
      /^the mixture is .*: a Mixture or a Fit is needed/,
    );
  });

  const G = drawnMixture(1, 2, 3);

  it.each(Object.entries({ logDensity, responsibilities, classify }))(
    'that table and mixture differ, in %s',
    (_, of) => {
      expect(() => of(G, [[1, 2]])).toThrow(/table has 2 columns, but the mixture is 3-dimensional/);
    },
  );

  it('which row is too far for float64', () => {
    expect(() =>
      responsibilities(G, [
        [0, 0, 0],
        [1e200, 0, 0],
      ]),
    ).toThrow(/row 1 is too far from every component/);
    expect(() => logDensity(G, [[1e308, -1e308, 1e308]])).toThrow(/row 0 is too far from every component/);
  });

  it('which value is not finite', () => {
    expect(() => classify(G, [[0, Number.NaN, 0]])).toThrow(/row 0, column 1 of the table is NaN/);
  });
});
