import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { familyOf } from '../families/families-registry';
import type { Family } from '../families/family';
import { gamma } from '../families/gamma';
import { gaussian } from '../families/gaussian';
import { logNormal } from '../families/log-normal';
import { tiedGaussian } from '../families/tied-gaussian';
import { randomStream } from '../math/random';
import { takeRows } from '../math/table';
import { gammaMixture, gaussianMixture } from '../mixture/constructors';
import { type Mixture, mixture, mixtureToVector } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { finished } from '../work/work';
import { fit, fitSteps } from './fit';
import { kMeansSteps } from './k-means';

const truth = gaussianMixture({ weights: [0.4, 0.6], means: [[0], [6]], covariances: [[[1]], [[2]]] });
const table = sample(truth, 60, 1).data;

describe('fit tells of weights that', () => {
  const even = new Array(60).fill(1);

  it.each<[string, number[], RegExp]>([
    ['are too few', [1, 2], /there are 2 weights for 60 rows/],
    ['are negative', even.with(7, -0.5), /the weight of row 7 is -0\.5/],
    ['are NaN', even.with(0, Number.NaN), /the weight of row 0 is NaN/],
    ['are infinite', even.with(59, Infinity), /the weight of row 59 is Infinity/],
    ['are all 0', even.map(() => 0), /the weights of all 60 rows are 0/],
    ['sum to 1, not to rows', even.map(() => 1 / 60), /sum to 1, .* 2 components need 2 rows: multiply them by 60/],
    ['sum to less than the order', even.map(() => 1 / 40), /sum to 1\.5, .* multiply them by 40/],
    ['leave fewer rows than the order', even.map((_, j) => (j === 3 ? 5 : 0)), /1 rows cannot tell 2 components/],
  ])('%s', (_, rowWeights, message) => {
    expect(() => fit(table, { order: 2, rowWeights })).toThrow(message);
  });

  it('by the place of a row in the table, though rows of weight 0 are left out', () => {
    const start = gammaMixture({ weights: [1], shapes: [2], scales: [1] });
    expect(() => fit([1, 2, 3, -4, 5], { start, rowWeights: [1, 0, 0, 2, 1] })).toThrow(/row 3 is -4: gamma/);
    const once = fit([1, 3, 5], { start });
    const left = fit([1, -2, 3, -4, 5], { start, rowWeights: [1, 0, 1, 0, 1] });
    expect(left.mixture.toJSON()).toEqual(once.mixture.toJSON());
  });
});

it('names in notes a row by its place in the table', () => {
  const far = [...table.data, 99_999];
  const rowWeights = far.map((_, j) => (j < 7 ? 0 : 1));
  const start = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [6]], covariances: [[[1]], [[1]]] });
  const { notes } = fit(far, { start, rowWeights });
  expect(notes.join()).toMatch(/Row 60, with 99999, is far/);
});

it('tells as how many rows they count, and how many rows of one weight say as much', () => {
  const rowWeights = Array.from({ length: 60 }, (_, j) => (j % 3) * 1.5);
  const weighted = fit(table, { order: 2, rowWeights });
  expect(weighted.sampleSize).toBe(20 * 1.5 + 20 * 3);
  expect(weighted.effectiveSampleSize).toBeCloseTo(90 ** 2 / (20 * 1.5 ** 2 + 20 * 3 ** 2), 12);
  expect(fit({ ...table, weights: rowWeights }, { order: 2 })).toEqual(weighted);
  expect('effectiveSampleSize' in fit(table, { order: 2 })).toBe(false);
});

it('starts from the clusters of rows that stand so often', () => {
  const counts = Array.from({ length: 60 }, (_, j) => 1 + (j % 4));
  const places = counts.flatMap((count, j) => new Array<number>(count).fill(j));
  const repeated = takeRows(table, places);
  for (const seed of [1, 2, 3]) {
    const [counted, stood] = [
      finished(kMeansSteps({ ...table, weights: Float64Array.from(counts) }, 4, randomStream(seed, 'k-means++'))),
      finished(kMeansSteps(repeated, 4, randomStream(seed, 'k-means++'))),
    ];
    expect(places.map((j) => counted[j])).toEqual([...stood]);
  }
  const options = { order: 3, starts: 5, initialisation: 'k-means++', tolerance: 1e-9 } as const;
  const [counted, stood] = [fit(table, { ...options, rowWeights: counts }), fit(repeated, options)];
  counted.maxima.forEach((maximum, s) => {
    expect(maximum).toBeCloseTo(stood.maxima[s], 6);
  });
});

it('is the same by a pass of the kernel and by responsibilities', () => {
  const rowWeights = Array.from({ length: 60 }, (_, j) => 0.3 + (j % 7));
  for (const family of [gaussian, tiedGaussian, gamma, logNormal] as unknown as Family[]) {
    const plainly: Family = { ...family, logDensity: (samples) => family.logDensity(samples) };
    const rows = Array.from(table.data, (x) => Math.abs(x) + 0.1);
    const start = finished(fitSteps(rows, { order: 2, family, maxIterations: 2 })).mixture;
    const options = { rowWeights, tolerance: 0, maxIterations: 4 };
    const one = fit(rows, { ...options, start, family });
    const other = fit(rows, { ...options, start: mixture(plainly, start.weights, start.parameters), family: plainly });
    const [a, b] = [one, other].map((of) => mixtureToVector(of.mixture));
    a.forEach((value, i) => {
      expect(Math.abs(value - b[i])).toBeLessThan(1e-11 * (1 + Math.abs(b[i])));
    });
    expect(one.logLikelihood).toBeCloseTo(other.logLikelihood, 9);
  }
});

/** A mixture as row-weights.reference.R writes it. */
interface Given {
  readonly weights: number[];
  readonly means: number[][];
  readonly covariances: number[][][];
}

describe("agrees with mclust's me.weighted, unequal weights and no penalty, after 25 iterations", () => {
  const { rows, rowWeights, iterations, results } = JSON.parse(
    readFileSync(path.join(__dirname, 'row-weights.reference.json'), 'utf8'),
  );
  const parameterOf: Record<string, (mean: number[], covariance: number[][]) => unknown> = {
    gaussian: (mean, covariance) => ({ mean, covariance }),
    'tied-gaussian': (mean, covariance) => ({ mean, covariance }),
    'diagonal-gaussian': (mean, covariance) => ({ mean, variances: covariance.map((row, i) => row[i]) }),
    'spherical-gaussian': (mean, covariance) => ({ mean, variance: covariance[0][0] }),
  };

  it.each(Object.keys(parameterOf))('%s', (name) => {
    const family = familyOf(name);
    const given = ({ weights, means, covariances }: Given) =>
      mixture(
        family,
        weights,
        means.map((mean, k) => parameterOf[name](mean, covariances[k])),
      );
    const { start, mixture: expected, logLikelihood } = results[name];
    const options = { rowWeights, penalty: 0, tolerance: 0, maxIterations: iterations };
    const found = fit(rows, { ...options, family, start: given(start) });
    expect(found.iterations).toBe(iterations);
    expect(found.logLikelihood).toBeCloseTo(logLikelihood, 8);
    const [a, b] = [found.mixture, given(expected)].map(mixtureToVector);
    a.forEach((value, i) => {
      expect(Math.abs(value - b[i])).toBeLessThan(1e-8);
    });
  });
});

it.each(['gaussian', 'tied-gaussian', 'diagonal-gaussian', 'spherical-gaussian'] as const)(
  'counts rows with missing cells several times as if they stood so often, %s',
  (name) => {
    const rows = [0, 1, 2].map((seed) => sample(truth, 60, seed).data.data);
    const points = Array.from({ length: 60 }, (_, j) =>
      rows.map((column, c) => (j % 4 === c + 1 ? Number.NaN : column[j])),
    );
    const counts = points.map((_, j) => j % 5);
    const repeated = counts.flatMap((count, j) => new Array<number[]>(count).fill(points[j]));
    const { mixture: start } = fit(repeated, { order: 2, family: name, missing: 'em', maxIterations: 2 });
    const options = { start: start as Mixture, missing: 'em', tolerance: 0, maxIterations: 5 } as const;
    const [counted, stood] = [fit(points, { ...options, rowWeights: counts }), fit(repeated, options)];
    const [a, b] = [counted, stood].map((one) => [...one.trace, ...mixtureToVector(one.mixture)]);
    a.forEach((value, i) => {
      expect(Math.abs(value - b[i])).toBeLessThan(1e-11 * (1 + Math.abs(b[i])));
    });
  },
);
