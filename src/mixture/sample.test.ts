import * as fc from 'fast-check';
import { inverse, Matrix } from 'ml-matrix';
import { expect, it } from 'vitest';
import { gaussianMixture } from './constructors';
import { sample, sampleSteps } from './sample';

const G = gaussianMixture({
  weights: [0.2, 0, 0.5, 0.3],
  means: [
    [0, 0, 0, 0],
    [9, 9, 9, 9],
    [3, 0, 0, 1],
    [0, -2, 5, 0],
  ],
  covariances: [
    [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ],
    [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ],
    [
      [2, 0.8, 0, 0],
      [0.8, 1, 0.3, 0],
      [0, 0.3, 0.5, 0],
      [0, 0, 0, 3],
    ],
    [
      [4, 0, 1, 0],
      [0, 1, 0, 0.5],
      [1, 0, 2, 0],
      [0, 0.5, 0, 1],
    ],
  ],
});
const n = 20000;
const { data, labels } = sample(G, n, 1);

it('draws the same bytes from the same seed, and others from another', () => {
  expect(sample(G, n, 1)).toEqual({ data, labels });
  expect(sample(G, n, 2).data.data).not.toEqual(data.data);
  expect(sample(G, n, 'one').data.data).not.toEqual(data.data);
});

it('draws a table of n rows and d columns, with a label for each', () => {
  expect([data.rows, data.columns, data.data.length, labels.length]).toEqual([n, 4, 4 * n, n]);
});

it('begins a longer draw with the shorter one', () => {
  const short = sample(G, 100, 1);
  expect(short.data.data).toEqual(data.data.slice(0, 400));
  expect(short.labels).toEqual(labels.slice(0, 100));
});

it('draws every component in its proportion, and one of weight zero never', () => {
  G.weights.forEach((weight, k) => {
    const count = labels.filter((label) => label === k).length;
    expect(Math.abs(count - n * weight)).toBeLessThanOrEqual(4 * Math.sqrt(n * weight * (1 - weight)));
  });
});

it('draws only components of positive weight, wherever zeros stand', () => {
  const weights = fc
    .array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 6 })
    .filter((counts) => counts.some((count) => count > 0));
  fc.assert(
    fc.property(weights, fc.nat(), (counts, seed) => {
      const total = counts.reduce((a, b) => a + b);
      const H = gaussianMixture({
        weights: counts.map((count) => count / total),
        means: counts.map((_, k) => [k]),
        covariances: counts.map(() => [[1e-12]]),
      });
      const draw = sample(H, 50, seed);
      draw.labels.forEach((label, j) => {
        expect(H.weights[label]).toBeGreaterThan(0);
        expect(Math.abs(draw.data.data[j] - label)).toBeLessThan(1e-4);
      });
    }),
    { seed: 1, numRuns: 50 },
  );
});

it.each([0, 2, 3])('draws component %i with its mean and covariance, and Mahalanobis distances that are χ²', (k) => {
  const { mean, covariance } = G.parameters[k];
  const rows = [...labels.keys()].filter((j) => labels[j] === k).map((j) => data.data.subarray(4 * j, 4 * j + 4));
  for (let a = 0; a < 4; a++) {
    const [m, v] = [mean[a], covariance[5 * a]];
    const average = rows.reduce((sum, row) => sum + row[a], 0) / rows.length;
    expect(Math.abs(average - m)).toBeLessThan(4 * Math.sqrt(v / rows.length));
    for (let b = 0; b <= a; b++) {
      const product = rows.reduce((sum, row) => sum + (row[a] - m) * (row[b] - mean[b]), 0) / rows.length;
      const variance = v * covariance[5 * b] + covariance[4 * a + b] ** 2;
      expect(Math.abs(product - covariance[4 * a + b])).toBeLessThan(4 * Math.sqrt(variance / rows.length));
    }
  }
  const precision = inverse(Matrix.from1DArray(4, 4, [...covariance]));
  const bins = new Float64Array(20);
  for (const row of rows) {
    const z = Matrix.columnVector(Array.from(row, (x, i) => x - mean[i]));
    const q = z.transpose().mmul(precision).mmul(z).get(0, 0);
    bins[Math.floor(20 * (1 - Math.exp(-q / 2) * (1 + q / 2)))]++; // by the distribution function of χ²₄
  }
  const each = rows.length / 20;
  const statistic = bins.reduce((sum, count) => sum + (count - each) ** 2 / each, 0);
  expect(statistic).toBeLessThan(43.8); // the 0.999 quantile of χ² with 19 degrees of freedom
});

it('draws successive rows independently', () => {
  const H = gaussianMixture({ weights: [1], means: [[0]], covariances: [[[1]]] });
  const { data: x } = sample(H, n, 5).data;
  const lagged = x.subarray(1).reduce((sum, value, j) => sum + value * x[j], 0) / n;
  expect(Math.abs(lagged)).toBeLessThan(4 / Math.sqrt(n));
});

it.each([0, -1, 2.5, Number.NaN, Infinity])('says that %s is no number of draws', (count) => {
  expect(() => sample(G, count, 1)).toThrow(`the number of draws is ${count}: it must be a positive integer`);
});

it('comes in steps of some thousand rows', () => {
  expect([...sampleSteps(G, 10_000, 1)]).toHaveLength(2);
});
