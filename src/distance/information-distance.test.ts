import { describe, expect, it } from 'vitest';
import { dfmr } from '../aggregate/dfmr';
import { aggregateBy } from '../aggregate/rules';
import { InvalidInput } from '../errors';
import { gammaMixture, gaussianMixture } from '../mixture/constructors';
import { bell, drawnMixture, permuted, unrelated } from '../mixture/mixtures.fixture';
import { runStudy } from '../study/run-study';
import { finished } from '../work/work';
import { informationDistanceMatrix, jeffreysTable } from './information-distance';

const between = (...pair: Parameters<typeof informationDistanceMatrix>[0]) => informationDistanceMatrix(pair).at(0, 1);

/** The Jeffreys divergence of two Gaussians: the logarithms of both directions cancel. */
const ofBells = (apart: number, v: number, w: number) => (v / w + w / v - 2 + apart ** 2 * (1 / v + 1 / w)) / 4;

describe('the divergence of components', () => {
  it('is half of both Kullback–Leibler divergences, of univariate Gaussians', () => {
    for (const [apart, v, w] of [
      [0, 1, 1],
      [1, 1, 1],
      [-3, 0.5, 2],
      [0.001, 4, 4.1],
    ]) {
      const table = finished(jeffreysTable([bell(7, v), bell(7 + apart, w)]));
      expect(table[1]).toBeCloseTo(ofBells(apart, v, w), 12);
      expect(table[2]).toBe(table[1]);
      for (const same of [table[0], table[3]]) expect(same).toBeCloseTo(0, 14);
    }
  });

  it('of Gaussians in the plane, too', () => {
    const one = { mean: [1, -2], covariance: [[2, 0.6], [0.6, 1]] }; // biome-ignore format: matrix
    const other = { mean: [0, 1], covariance: [[1, -0.3], [-0.3, 3]] }; // biome-ignore format: matrix
    const inverse = ([[a, b], [, c]]: number[][]) => [[c, -b], [-b, a]].map((row) => row.map((x) => x / (a * c - b * b))); // biome-ignore format: matrix
    const trace = (A: number[][], B: number[][]) => A.flatMap((row, i) => row.map((x, j) => x * B[j][i])).reduce((s, x) => s + x, 0); // biome-ignore format: short
    const [P, Q] = [inverse(one.covariance), inverse(other.covariance)];
    const step = one.mean.map((x, i) => x - other.mean[i]);
    const form = P.flatMap((row, i) => row.map((x, j) => (x + Q[i][j]) * step[i] * step[j])).reduce((s, x) => s + x, 0);
    const expected = (trace(Q, one.covariance) + trace(P, other.covariance) - 4 + form) / 4;
    const of = ({ mean, covariance }: typeof one) => gaussianMixture({ weights: [1], means: [mean], covariances: [covariance] }); // biome-ignore format: short
    expect(finished(jeffreysTable([of(one), of(other)]))[1]).toBeCloseTo(expected, 12);
  });

  it('is ½ ∫ (f − g) log (f / g), of gamma densities', () => {
    const density = (shape: number, scale: number) => (x: number) =>
      ((x / scale) ** (shape - 1) * Math.exp(-x / scale)) / (scale * [0, 1, 1, 2, 6][shape]); // Γ(shape) of 1 … 4
    const [f, g] = [density(2, 1.5), density(4, 0.8)];
    let integral = 0;
    for (let t = -30; t < 6; t += 1e-3) {
      const x = Math.exp(t); // the trapezoidal rule on the logarithm's line
      if (f(x) > 0 && g(x) > 0) integral += 1e-3 * x * (f(x) - g(x)) * Math.log(f(x) / g(x));
    }
    const of = (shape: number, scale: number) => gammaMixture({ weights: [1], shapes: [shape], scales: [scale] });
    expect(finished(jeffreysTable([of(2, 1.5), of(4, 0.8)]))[1]).toBeCloseTo(integral / 2, 8);
  });

  it('of mixtures has a row for every component', () => {
    const [G, H] = [
      gaussianMixture({ weights: [0.2, 0.8], means: [[0], [3]], covariances: [[[1]], [[2]]] }),
      gaussianMixture({ weights: [0.5, 0.5], means: [[5], [1]], covariances: [[[4]], [[1]]] }),
    ];
    const places = [[0, 1], [3, 2], [5, 4], [1, 1]]; // biome-ignore format: mean and variance of all
    const expected = places.flatMap(([a, v]) => places.map(([b, w]) => ofBells(a - b, v, w)));
    finished(jeffreysTable([G, H])).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 12);
    });
  });
});

describe('the distance of mixtures', () => {
  it('of one component is √2 times the root of its divergence', () => {
    expect(between(bell(0), bell(1.5, 2))).toBeCloseTo(Math.sqrt(2 * ofBells(1.5, 1, 2)), 12);
  });

  it('is over the best of all matchings', () => {
    const permutations = (of: number[]): number[][] =>
      of.length < 2 ? [of] : of.flatMap((x) => permutations(of.filter((y) => y !== x)).map((rest) => [x, ...rest]));
    for (const seed of [1, 2, 3, 4]) {
      const [G, H] = unrelated(seed, 2, 4, 2);
      const table = finished(jeffreysTable([G, H]));
      const costs = permutations([0, 1, 2, 3]).map((order) =>
        order.reduce((sum, l, k) => {
          const [v, w] = [G.weights[k], H.weights[l]];
          return sum + (v + w) * table[k * 8 + 4 + l] + (v - w) ** 2 / ((v + w) / 2);
        }, 0),
      );
      expect(costs).toHaveLength(24);
      expect(between(G, H)).toBeCloseTo(Math.sqrt(Math.min(...costs)), 10);
      expect(Math.max(...costs)).toBeGreaterThan(1.1 * Math.min(...costs));
    }
  });

  it('is 0 of copies, in whatever order their components are', () => {
    for (const seed of [1, 2, 3]) {
      const G = drawnMixture(seed, 5, 3);
      expect(between(G, permuted(G, seed))).toBeLessThan(1e-6);
      const H = drawnMixture(seed + 10, 5, 3);
      expect(between(permuted(G, 4), permuted(H, 5))).toBeCloseTo(between(G, H), 10);
      expect(between(H, G)).toBeCloseTo(between(G, H), 12);
    }
  });

  it('sees a light component that L² does not, as 2 w δ² is a part of its square', () => {
    const of = (mean: number) =>
      gaussianMixture({ weights: [0.01, 0.99], means: [[mean], [0]], covariances: [[[1]], [[1]]] });
    expect(between(of(10), of(1010))).toBeCloseTo(Math.sqrt(2 * 0.01 * ofBells(1000, 1, 1)), 10);
  });

  it('is of weights alone where the components are the same', () => {
    const of = (w: number) => gaussianMixture({ weights: [w, 1 - w], means: [[0], [90]], covariances: [[[1]], [[1]]] });
    expect(between(of(0.3), of(0.4)) ** 2).toBeCloseTo(0.01 / 0.35 + 0.01 / 0.65, 12);
  });

  it('is infinite beyond float64, and costs nothing where there is no mass', () => {
    expect(between(bell(0), bell(1e150))).toBe(Infinity);
    const empty = (mean: number) =>
      gaussianMixture({ weights: [0, 1], means: [[mean], [0]], covariances: [[[1]], [[1]]] });
    expect(between(empty(5), empty(1e6))).toBe(0);
  });

  it('is refused of mixtures of different orders, by number', () => {
    const work = () => informationDistanceMatrix([drawnMixture(1, 2, 1), drawnMixture(2, 2, 1), drawnMixture(3, 3, 1)]);
    expect(work).toThrow(InvalidInput);
    expect(work).toThrow(/^mixture 2 has 3 components, mixture 0 has 2: the information distance matches them/);
    expect(() => informationDistanceMatrix([])).toThrow(/the list of mixtures is empty/);
  });
});

describe('as a distance of the registry', () => {
  const honest = Array.from({ length: 9 }, (_, i) => drawnMixtureNear(i));
  function drawnMixtureNear(i: number, light = 8) {
    const step = Math.sin(3 * i) / 20;
    return gaussianMixture({
      weights: [0.02, 0.98],
      means: [[light + step], [2 * step]],
      covariances: [[[1]], [[1 + step]]],
    });
  }
  const sent = [...honest, drawnMixtureNear(9, 1e4)];

  it('DFMR sets a liar aside that it keeps by L²', async () => {
    const distanceMatrix = informationDistanceMatrix(sent);
    const expected = dfmr(sent, { inflationFactor: 3, distanceMatrix });
    const found = await aggregateBy(sent, { rule: 'dfmr(3)', distance: 'information' });
    expect(found.mixture.toJSON()).toEqual(expected.mixture.toJSON());
    expect([...found.kept]).not.toContain(9);
    expect([...found.kept].length).toBeGreaterThan(6);
    expect([...(await aggregateBy(sent, { rule: 'dfmr(3)' })).kept]).toContain(9);
  });

  it('studies have it', async () => {
    const { repetitions } = await runStudy(
      {
        settings: [
          { population: { family: 'poisson', weights: [0.5, 0.5], parameters: [{ mean: 2 }, { mean: 20 }] }, sampleSize: 200, machines: [5] },
        ],
        failures: ['mean'],
        fractions: [0.2],
        methods: ['DFMR(3)', 'Oracle'],
        distance: 'information',
        clusteredRows: 100,
        seed: 1,
      },
      { repetitions: 2, workers: 1 },
    ); // biome-ignore format: short
    for (const { w1, keptFailed } of repetitions) {
      expect(keptFailed[0]).toBe(0);
      expect(w1[0]).toBeLessThan(2 * w1[1]);
    }
  });
});
