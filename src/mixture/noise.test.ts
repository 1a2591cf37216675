import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../errors';
import {
  diagonalGaussianMixture,
  gaussianMixture,
  sphericalGaussianMixture,
  tiedGaussianMixture,
} from './constructors';
import { freeParameters } from './free-parameters';
import { conditional, marginal } from './marginal';
import { type MixtureJSON, mixture, mixtureFromJSON, mixtureToVector, withNoise } from './mixture';
import { checkedNoise, type NoiseInput, noiseDensityOf } from './noise';
import { classify, logDensity, noiseProbabilities, responsibilities } from './posterior';
import { sample } from './sample';

const noise: NoiseInput = { weight: 0.1, lower: [-4, -3], upper: [6, 5] };
const weights = [0.25, 0.75];
const means = [
  [0, 0],
  [2, 1],
];
const G = gaussianMixture({
  weights,
  means,
  covariances: [
    [
      [1, 0.3],
      [0.3, 0.5],
    ],
    [
      [0.4, 0],
      [0, 0.2],
    ],
  ],
  noise,
});
const parts = gaussianMixture({ weights, means, covariances: G.parameters.map(({ covariance }) => covariance) });

describe('a Gaussian mixture with noise', () => {
  it('has the density (1 − w₀) f_G(x) + w₀ / volume, the latter in the box only', () => {
    const rows = [
      [0, 0],
      [-3.9, 4.9],
      [6, 5],
      [6.0001, 5],
      [0, -3.1],
    ];
    const own = logDensity(parts, rows);
    const inside = [1, 1, 1, 0, 0];
    logDensity(G, rows).forEach((log, j) => {
      expect(log).toBeCloseTo(Math.log(0.9 * Math.exp(own[j]) + (inside[j] * 0.1) / 80), 12);
    });
  });

  it('has a density that a product of textbook densities is', () => {
    const diagonal = diagonalGaussianMixture({
      weights: [1],
      means: [[1, 2]],
      variances: [[0.5, 2]],
      noise: { weight: 0.3, lower: [0, 0], upper: [2, 5] },
    });
    const normal = (x: number, variance: number) =>
      Math.exp((-x * x) / 2 / variance) / Math.sqrt(2 * Math.PI * variance);
    expect(Math.exp(logDensity(diagonal, [[1.5, 1]])[0])).toBeCloseTo(0.7 * normal(0.5, 0.5) * normal(1, 2) + 0.03, 14);
  });

  it('integrates to one', () => {
    const line = gaussianMixture({
      weights: [0.5, 0.5],
      means: [[0], [3]],
      covariances: [[[1]], [[0.25]]],
      noise: { weight: 0.4, lower: [-6], upper: [7] },
    });
    const steps = 13_000; // midpoints of cells that end at the box's ends
    const cells = Array.from({ length: 2 * steps }, (_, i) => -12.5 + ((i + 0.5) * 13) / steps);
    const total = logDensity(line, cells).reduce((sum, log) => sum + Math.exp(log), 0) * (13 / steps);
    expect(total).toBeCloseTo(1, 8);
    const plane = Array.from({ length: 300 * 240 }, (_, i) => [
      -10 + (Math.floor(i / 240) + 0.5) / 12.5,
      -8 + ((i % 240) + 0.5) / 13.3333333333,
    ]);
    const volume = logDensity(G, plane).reduce((sum, log) => sum + Math.exp(log), 0) / 12.5 / 13.3333333333;
    expect(volume).toBeCloseTo(1, 2);
  });

  it('gives probabilities of components and of noise that sum to one', () => {
    const rows = sample(G, 500, 1).data;
    const [shares, of] = [responsibilities(G, rows), noiseProbabilities(G, rows)];
    const logs = logDensity(G, rows);
    const labels = classify(G, rows);
    for (let j = 0; j < 500; j++) {
      expect(shares[2 * j] + shares[2 * j + 1] + of[j]).toBeCloseTo(1, 14);
      const x = rows.data.subarray(2 * j, 2 * j + 2);
      const isIn = x[0] >= -4 && x[0] <= 6 && x[1] >= -3 && x[1] <= 5;
      expect(of[j]).toBeCloseTo(isIn ? 0.1 / 80 / Math.exp(logs[j]) : 0, 13);
      const most = Math.max(shares[2 * j], shares[2 * j + 1]);
      expect(labels[j]).toBe(of[j] > most ? -1 : shares[2 * j] === most ? 0 : 1);
    }
    expect(new Set(labels)).toEqual(new Set([-1, 0, 1]));
    expect([...noiseProbabilities(parts, rows)].every((p) => p === 0)).toBe(true);
  });

  it('is drawn as often as its weight says, anywhere in the box', () => {
    const { data, labels } = sample(G, 20_000, 7);
    const rows = [...labels.keys()].filter((j) => labels[j] === -1);
    expect(Math.abs(rows.length / 20_000 - 0.1)).toBeLessThan(0.0085); // four standard errors
    for (const i of [0, 1]) {
      const values = rows.map((j) => data.data[2 * j + i]).sort((a, b) => a - b);
      // Kolmogorov and Smirnov's distance, of which 1.95 / √n has a chance of 0.1 %
      const distance = Math.max(
        ...values.map((x, r) => Math.abs((r + 0.5) / values.length - (x - [-4, -3][i]) / [10, 8][i])),
      );
      expect(distance).toBeLessThan(1.95 / Math.sqrt(values.length));
    }
    const ones = labels.filter((k) => k === 1).length / labels.filter((k) => k >= 0).length;
    expect(Math.abs(ones - 0.75)).toBeLessThan(0.013);
    expect(sample(G, 100, 7).labels).toEqual(labels.subarray(0, 100));
    expect(sample(withNoise(G, undefined), 100, 7)).toEqual(sample(parts, 100, 7));
  });

  it('survives JSON to the last bit, and prints its share', () => {
    const odd = gaussianMixture({
      weights: [1],
      means: [[1 / 3]],
      covariances: [[[0.1]]],
      noise: { weight: 1 / 7, lower: [-1 / 3], upper: [Math.PI] },
    });
    expect(mixtureFromJSON(JSON.stringify(odd))).toEqual(odd);
    expect(JSON.parse(JSON.stringify(parts))).not.toHaveProperty('noise');
    expect(inspect(G)).toMatch(
      /and noise\n.*\n.*\n {2}and 10 % of all is noise, uniform on \{ lower: \[ -4, -3 \], upper/,
    );
  });

  it('has a vector of its components, and one more parameter', () => {
    expect(mixtureToVector(G)).toEqual(mixtureToVector(parts));
    expect(freeParameters(G)).toBe(freeParameters(parts) + 1);
  });

  it('skips cells that are missing, in the box of the others', () => {
    const rows = { data: Float64Array.of(0, Number.NaN, Number.NaN, 9, Number.NaN, Number.NaN), rows: 3, columns: 2 };
    const out = new Float64Array(3);
    noiseDensityOf(rows)({ lower: Float64Array.of(-4, -3), upper: Float64Array.of(6, 5) }, out);
    expect(out[0]).toBeCloseTo(-Math.log(10), 14);
    expect([out[1], out[2]]).toEqual([-Infinity, 0]);
  });
});

it.each([
  sphericalGaussianMixture({ weights: [1], means: [[0, 0]], variances: [1], noise }),
  tiedGaussianMixture({
    weights: [1],
    means: [[0, 0]],
    covariance: [
      [1, 0],
      [0, 1],
    ],
    noise,
  }),
  diagonalGaussianMixture({ weights: [1], means: [[0, 0]], variances: [[1, 1]], noise }),
])('is made by every Gaussian constructor: %#', (one) => {
  expect(Math.exp(logDensity(one, [[0, 1]])[0])).toBeCloseTo((0.9 * Math.exp(-0.5)) / 2 / Math.PI + 0.1 / 80, 14);
  expect(mixtureFromJSON(JSON.stringify(one))).toEqual(one);
});

describe('noise cannot be', () => {
  it.each<[unknown, RegExp]>([
    [{ weight: 1, lower: [0, 0], upper: [1, 1] }, /the weight of the noise is 1: .* from 0 to below 1/],
    [{ weight: -0.1, lower: [0, 0], upper: [1, 1] }, /weight of the noise is -0.1/],
    [{ weight: Number.NaN, lower: [0, 0], upper: [1, 1] }, /weight of the noise is NaN/],
    [{ weight: '0.1', lower: [0, 0], upper: [1, 1] }, /weight of the noise is "0.1"/],
    [null, /weight of the noise is undefined/],
    [{ weight: 0.1, lower: [0], upper: [1, 1] }, /the noise's lower is \[ 0 \]: it must be 2 numbers/],
    [{ weight: 0.1, lower: [0, 0] }, /the noise's upper is undefined: it must be 2 numbers/],
    [{ weight: 0.1, lower: [0, 'a'], upper: [1, 1] }, /the noise's lower\[1\] is "a"/],
    [{ weight: 0.1, lower: [0, 0], upper: [1, Infinity] }, /the noise's upper\[1\] is Infinity/],
    [{ weight: 0.1, lower: [0, 0], upper: [1, 1e200] }, /the noise's upper\[1\] is 1e\+200/],
    [{ weight: 0.1, lower: [0, 2], upper: [1, 2] }, /goes from 2 to 2 in feature 1: lower must be below upper/],
  ])('%j', (given, message) => {
    const json = { ...parts.toJSON(), noise: given } as MixtureJSON;
    expect(() => mixtureFromJSON(json)).toThrow(message);
    expect(() => mixtureFromJSON(json)).toThrow(InvalidInput);
  });

  it('of another family', () => {
    const given = { noise: { weight: 0.1, lower: [0], upper: [9] } };
    expect(() => mixture('gamma', [1], [{ shape: 2, scale: 1 }], given)).toThrow(
      /mixtures of the family "gamma" have no noise component/,
    );
  });

  it('changed by who gave it', () => {
    const lower = Float64Array.of(-4, -3);
    const checked = checkedNoise({ ...noise, lower }, { name: 'gaussian', noise: true }, 2);
    lower[0] = 100;
    expect(checked.lower[0]).toBe(-4);
  });
});

describe('parts of a mixture with noise', () => {
  it('have the marginal density of the box, and given values the density of both over that of the given', () => {
    const line = marginal(G, [1]);
    expect(line.noise).toEqual({ weight: 0.1, lower: Float64Array.of(-3), upper: Float64Array.of(5) });
    for (const y of [-2.5, 0.5, 4.9]) {
      // the integral over x of the whole density, by midpoints of cells that end at the box's ends
      const cells = Array.from({ length: 4000 }, (_, i) => [-9 + ((i + 0.5) * 20) / 4000, y]);
      const integral = (logDensity(G, cells).reduce((sum, log) => sum + Math.exp(log), 0) * 20) / 4000;
      const given = Math.exp(logDensity(line, [y])[0]);
      expect(given).toBeCloseTo(integral, 8);
      const rest = conditional(G, { 1: y });
      for (const x of [-3.5, 0.3, 2.2, 7])
        expect(Math.exp(logDensity(rest, [x])[0])).toBeCloseTo(Math.exp(logDensity(G, [[x, y]])[0]) / given, 12);
    }
    expect(conditional(G, { 1: 6 }).noise?.weight).toBe(0);
    const far = mixture(
      'gaussian',
      [1],
      [
        {
          mean: [0, 0],
          covariance: [
            [1e-6, 0],
            [0, 1e-6],
          ],
        },
      ],
      { noise },
    );
    expect(conditional(far, { 1: 4 }).noise?.weight).toBe(1 - Number.EPSILON / 2);
  });
});
