import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { Matrix, solve } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { randomStream } from '../math/random';
import { diagonalGaussianMixture, gammaMixture, gaussianMixture } from '../mixture/constructors';
import { type Mixture, mixture } from '../mixture/mixture';
import { bell, drawnMixture, symmetric } from '../mixture/mixtures.fixture';
import { sample } from '../mixture/sample';
import { overlap, overlaps } from './overlap';

const { erfc }: typeof import('cephes') = require('cephes');

interface Stored {
  readonly name: string;
  readonly weights: number[];
  readonly means: number[][];
  /** of each covariance the lower triangle, row by row */
  readonly lower: number[][][];
  readonly matrix: number[][];
  readonly maxOmega: number;
  readonly attained: number;
}

const reference: { cases: Stored[]; mixsim: Stored[] } = JSON.parse(
  readFileSync(path.join(__dirname, 'overlap.reference.json'), 'utf8'),
);

const stored = ({ weights, means, lower }: Stored) =>
  gaussianMixture({
    weights: weights ?? means.map(() => 1 / means.length),
    means,
    covariances: lower.map((rows) => symmetric(Float64Array.from(rows.flat()), rows.length)),
  });

/** Φ(x) */
const phi = (x: number) => erfc(-x / Math.SQRT2) / 2;

const bells = (weights: number[], means: number[], variances: number[]) =>
  gaussianMixture({ weights, means: means.map((m) => [m]), covariances: variances.map((v) => [[v]]) });

/** One component as a mixture. */
const single = (G: Mixture<GaussianParameter>, k: number) => mixture(gaussian, [1], [G.parameters[k]]);

it.each(reference.cases)('agrees with the reference on $name', (of) => {
  const { matrix, maximum, mean } = overlap(stored(of));
  const K = of.weights.length;
  of.matrix.flat().forEach((expected, ij) => {
    expect(Math.abs(matrix[ij] / expected - 1)).toBeLessThan(1e-11);
  });
  const pairs = of.matrix.flatMap((row, i) => row.slice(0, i).map((value, j) => value + of.matrix[j][i]));
  expect(pairs.length).toBe((K * (K - 1)) / 2);
  expect(maximum).toBeCloseTo(Math.max(...pairs), 12);
  expect(mean).toBeCloseTo(pairs.reduce((a, b) => a + b) / pairs.length, 12);
});

it.each(reference.mixsim)('finds the MaxOmega $attained that MixSim gave its population', (of) => {
  const { maximum } = overlap(stored(of));
  expect(Math.abs(maximum - of.attained)).toBeLessThan(1e-5);
  expect(Math.abs(maximum - of.maxOmega)).toBeLessThan(1e-5);
});

describe('in closed form', () => {
  it.each([1, 0.5, 2, 7])('of two variances %d in one dimension', (variance) => {
    const [w, v] = [0.7, 0.3];
    const { matrix } = overlap(bells([w, v], [1, 3], [variance, variance]));
    const sd = Math.sqrt(variance);
    const shift = (sd / 2) * Math.log(w / v); // of the point where both are as likely
    expect(matrix[1]).toBeCloseTo(phi(-1 / sd - shift), 13);
    expect(matrix[2]).toBeCloseTo(phi(-1 / sd + shift), 13);
  });

  it('of a narrow and a wide component in one dimension, between and outside of two points', () => {
    const [w, v, m, s] = [0.4, 0.6, 0.5, 2]; // N(0, 1) and N(m, s²)
    const { matrix } = overlap(bells([w, v], [0, m], [1, s * s]));
    // log w − x² / 2 = log v − log s − (x − m)² / (2 s²)
    const [a, b] = [0.5 / s ** 2 - 0.5, -m / s ** 2];
    const c = (0.5 * m * m) / s ** 2 + Math.log((w * s) / v);
    const root = Math.sqrt(b * b - 4 * a * c);
    const [left, right] = [(-b + root) / (2 * a), (-b - root) / (2 * a)];
    expect(matrix[1]).toBeCloseTo(phi(left) + phi(-right), 13);
    expect(matrix[2]).toBeCloseTo(phi((right - m) / s) - phi((left - m) / s), 13);
  });

  it('of one covariance and equal weights in any dimension, by the Mahalanobis distance', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 8 }), (seed, d) => {
        const { parameters } = drawnMixture(seed, 2, d);
        const [{ mean, covariance }, other] = parameters;
        const tied = [parameters[0], { mean: other.mean, covariance }];
        const { matrix } = overlap(mixture(gaussian, [0.5, 0.5], tied));
        const shift = Matrix.columnVector(mean.map((value, i) => value - other.mean[i]));
        const sigma = Matrix.from1DArray(d, d, covariance);
        const distance = Math.sqrt(shift.transpose().mmul(solve(sigma, shift)).get(0, 0));
        expect(Math.abs(matrix[1] - phi(-distance / 2))).toBeLessThan(1e-11);
        expect(Math.abs(matrix[2] - phi(-distance / 2))).toBeLessThan(1e-11);
      }),
      { seed: 1, numRuns: 40 },
    );
  });
});

it('agrees with the draws of each component, at any weights', () => {
  const G = drawnMixture(3, 3, 3);
  const n = 40_000;
  const { matrix } = overlap(G);
  G.parameters.forEach((_, i) => {
    const { data } = sample(single(G, i), n, i);
    const density = gaussian.logDensity(data);
    const logs = G.parameters.map((parameter, k) => {
      const out = new Float64Array(n);
      density(parameter, out);
      return out.map((log) => log + Math.log(G.weights[k]));
    });
    logs.forEach((log, j) => {
      if (i === j) return;
      const count = log.filter((value, row) => value > logs[i][row]).length;
      const p = matrix[i * 3 + j];
      expect(p).toBeGreaterThan(1e-3);
      expect(Math.abs(count - n * p)).toBeLessThan(4 * Math.sqrt(n * p * (1 - p)));
    });
  });
});

it('does not change with the coordinates', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 5 }), (seed, K, d) => {
      const G = drawnMixture(seed, K, d);
      const random = randomStream(seed, 'map');
      const A = Array.from({ length: d }, (_, i) =>
        Array.from({ length: d }, (_, j) => (i === j ? 30 : 0) + 20 * random() - 10),
      );
      const shift = A.map(() => 100 * random());
      const indices = A.map((_, i) => i);
      const sumOf = (f: (i: number) => number) => indices.reduce((sum, i) => sum + f(i), 0);
      const mapped = gaussianMixture({
        weights: G.weights,
        means: G.parameters.map(({ mean }) => A.map((row, i) => shift[i] + sumOf((j) => row[j] * mean[j]))),
        covariances: G.parameters.map(({ covariance }) =>
          A.map((left) => A.map((right) => sumOf((i) => left[i] * sumOf((j) => covariance[i * d + j] * right[j])))),
        ),
      });
      const [before, after] = [overlap(G), overlap(mapped)];
      before.matrix.forEach((value, ij) => {
        expect(Math.abs(after.matrix[ij] - value)).toBeLessThan(1e-10);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      });
      expect(before.maximum).toBeLessThanOrEqual(1);
      expect(before.mean).toBeLessThanOrEqual(before.maximum);
    }),
    { seed: 1, numRuns: 60 },
  );
});

it('of covariances all multiplied by a number needs one preparation', () => {
  const G = drawnMixture(4, 3, 2);
  const prepared = overlaps(G);
  for (const factor of [0.1, 1, 6]) {
    const inflated = gaussianMixture({
      weights: G.weights,
      means: G.parameters.map(({ mean }) => mean),
      covariances: G.parameters.map(({ covariance }) => covariance.map((entry) => entry * factor)),
    });
    overlap(inflated).matrix.forEach((value, ij) => {
      expect(Math.abs(prepared(factor).matrix[ij] - value)).toBeLessThan(1e-12);
    });
  }
});

it('is of a mixture, or of a result that holds one', () => {
  const G = drawnMixture(5, 3, 2);
  expect(overlap({ mixture: G, sampleSize: 10 })).toEqual(overlap(G));
});

it('takes a component of weight 0 for any other, and no other for it', () => {
  const { matrix, maximum } = overlap(bells([0, 0.4, 0.6], [0, 1, 2], [1, 1, 1]));
  expect([matrix[1], matrix[2], matrix[3], matrix[6]]).toEqual([1, 1, 0, 0]);
  expect(maximum).toBe(1);
  const both = overlap(bells([0, 0, 1], [0, 1, 2], [1, 1, 1])).matrix;
  expect([both[1], both[3]]).toEqual([0, 0]); // 0 < 0 is false
});

it('is next to nothing far apart, and goes to 1 for components that come together', () => {
  expect(overlap(bells([0.5, 0.5], [0, 1e6], [1, 1])).maximum).toBe(0);
  expect(overlap(bells([0.5, 0.5], [0, 60], [1, 1])).matrix[1] / phi(-30)).toBeCloseTo(1, 10);
  expect(overlap(bells([0.5, 0.5], [0, 1e-6], [1, 1])).maximum).toBeCloseTo(1, 6);
});

describe('says', () => {
  it('that the mixture is of another family', () => {
    const gamma = gammaMixture({ weights: [0.5, 0.5], shapes: [1, 2], scales: [1, 2] });
    const diagonal = diagonalGaussianMixture({ weights: [0.5, 0.5], means: [[0], [1]], variances: [[1], [1]] });
    for (const [G, family] of [
      [gamma, 'gamma'],
      [diagonal, 'diagonal-gaussian'],
    ] as const) {
      expect(() => overlap(G as never)).toThrow(
        `overlap needs a Gaussian mixture with full covariances, but this one is of the family ${family}`,
      );
    }
  });

  it('that there is one component only', () => {
    expect(() => overlap(bell(0))).toThrow(/a mixture with one component has no overlap/);
  });

  it('that it is no mixture', () => {
    expect(() => overlap({ weights: [1] } as never)).toThrow(
      /the mixture is \{ weights: \[ 1 \] \}: a Mixture or a Fit/,
    );
  });
});

it('does not let rounding decide between components that are the same', () => {
  const covariance = [
    [2, 0.3, 0.1],
    [0.3, 1, 0.2],
    [0.1, 0.2, 0.7],
  ];
  const twins = (weights: number[]) =>
    overlap(
      gaussianMixture({
        weights,
        means: [
          [1, 2, 3],
          [1, 2, 3],
        ],
        covariances: [covariance, covariance],
      }),
    );
  // as their distance goes to 0, each is taken for the other half of the time
  expect([...twins([0.5, 0.5]).matrix]).toEqual([1, 0.5, 0.5, 1]);
  expect(twins([0.5, 0.5]).maximum).toBe(1);
  expect([...twins([0.4, 0.6]).matrix]).toEqual([1, 1, 0, 1]);
});
