import { describe, expect, it } from 'vitest';
import { fit } from '../estimate/fit';
import { gammaMixture, gaussianMixture, poissonMixture, tiedGaussianMixture } from '../mixture/constructors';
import type { Mixture } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { finished } from '../work/work';
import { fisherInformation, inverseInformation } from './information';
import { noiseLaws } from './noise-laws';

const lawsOf = (mixture: Mixture) => finished(noiseLaws(mixture)) ?? [];
const unit = (d: number, variance = 1) =>
  Array.from({ length: d }, (_, i) => Array.from({ length: d }, (__, j) => (i === j ? variance : 0)));

/** Laws are means of some thousand draws. */
const MONTE_CARLO = 0.06;

describe('of components that never meet', () => {
  it.each<[string, Mixture, number]>([
    ['Gaussian', gaussianMixture({ weights: [0.3, 0.7], means: [[0], [1000]], covariances: [[[1]], [[4]]] }), 2],
    ['Gaussian in the plane', gaussianMixture({ weights: [0.2, 0.3, 0.5], means: [[0, 0], [1e3, 0], [0, 1e3]], covariances: [unit(2), unit(2, 9), unit(2)] }), 5],
    ['Poisson', poissonMixture({ weights: [0.4, 0.6], means: [4, 4000] }), 1],
    ['gamma', gammaMixture({ weights: [0.5, 0.5], shapes: [3, 40], scales: [1, 1e4] }), 2],
  ])('%s, errors are those of labelled rows', (_, mixture, p) => {
    const laws = lawsOf(mixture);
    expect(laws).toHaveLength(mixture.order + 1);
    laws.forEach(({ inflation, degreesOfFreedom }, k) => {
      expect(Math.abs(inflation - 1)).toBeLessThan(MONTE_CARLO);
      const expected = k < mixture.order ? p : mixture.order - 1;
      expect(Math.abs(degreesOfFreedom / expected - 1)).toBeLessThan(MONTE_CARLO);
    });
  }); // biome-ignore format: short

  it('there are no weights of one component', () => {
    expect(lawsOf(gaussianMixture({ weights: [1], means: [[0]], covariances: [[[1]]] }))).toHaveLength(1);
  });
});

describe('of components that overlap', () => {
  /** tr(w J C) / p by the exact information, with J = diag(1 / v, 1 / 2 v²) of a Gaussian's mean and variance. */
  function exact(weights: number[], means: number[], variances: number[]) {
    const K = weights.length;
    const mixture = gaussianMixture({
      weights,
      means: means.map((x) => [x]),
      covariances: variances.map((v) => [[v]]),
    });
    const information = fisherInformation(mixture);
    const C = inverseInformation(information);
    const P = information.size;
    const moments = (M: number[][]) => {
      const trace = M.reduce((sum, row, i) => sum + row[i], 0);
      const square = M.reduce((sum, row, i) => sum + row.reduce((all, x, j) => all + x * M[j][i], 0), 0);
      return { inflation: trace / M.length, degreesOfFreedom: trace ** 2 / square };
    };
    const components = weights.map((w, k) => {
      const at = K - 1 + 2 * k;
      const J = [1 / variances[k], 1 / (2 * variances[k] ** 2)];
      return moments([0, 1].map((i) => [0, 1].map((j) => w * J[i] * C[(at + i) * P + at + j])));
    });
    const last = weights[K - 1];
    const free = weights.slice(0, -1);
    const ofWeights = moments(
      free.map((w, i) =>
        free.map((_, j) => free.reduce((sum, __, l) => sum + ((i === l ? 1 / w : 0) + 1 / last) * C[l * P + j], 0)),
      ),
    );
    return { mixture, expected: [...components, ofWeights] };
  }

  it.each<[number[], number[], number[]]>([
    [[0.4, 0.6], [0, 3], [1, 1.5]],
    [[0.5, 0.5], [0, 2.5], [1, 1]],
    [[0.2, 0.3, 0.5], [0, 4, 8], [1, 1, 2]],
  ])('weights %j, means %j, variances %j: as the exact information has it', (weights, means, variances) => {
    const { mixture, expected } = exact(weights, means, variances);
    lawsOf(mixture).forEach(({ inflation, degreesOfFreedom }, k) => {
      expect(Math.abs(inflation / expected[k].inflation - 1)).toBeLessThan(2 * MONTE_CARLO);
      expect(Math.abs(degreesOfFreedom / expected[k].degreesOfFreedom - 1)).toBeLessThan(2 * MONTE_CARLO);
    });
    expect(Math.max(...expected.map(({ inflation }) => inflation))).toBeGreaterThan(1.5);
  }); // biome-ignore format: short
});

describe('there is none', () => {
  it.each<[string, Mixture]>([
    ['where components share parameters', tiedGaussianMixture({ weights: [0.5, 0.5], means: [[0], [9]], covariance: [[1]] })],
    ['of more than 400 coordinates', gaussianMixture({ weights: [1], means: [new Array(29).fill(0)], covariances: [unit(29)] })],
    ['where a weight is 0', gaussianMixture({ weights: [0, 1], means: [[0], [5]], covariances: [[[1]], [[1]]] })],
  ])('%s', (_, mixture) => {
    expect(finished(noiseLaws(mixture))).toBeUndefined();
  }); // biome-ignore format: short

  it('that is not a number: two components that are one have no law, or a large and finite one', () => {
    const twice = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [0]], covariances: [[[1]], [[1]]] });
    for (const { inflation, degreesOfFreedom } of lawsOf(twice)) {
      expect(inflation).toBeGreaterThan(5);
      expect(inflation).toBeLessThan(1e6);
      expect(degreesOfFreedom).toBeGreaterThan(0);
    }
  });
});

it('is the same each time', () => {
  const mixture = poissonMixture({ weights: [0.4, 0.6], means: [4, 9] });
  expect(lawsOf(mixture)).toEqual(lawsOf(mixture));
});

describe('of estimates some EM steps away from a start that all machines share', () => {
  const start = gaussianMixture({
    weights: [0.3, 0.3, 0.4],
    means: [[0], [2.5], [6]],
    covariances: [[[1]], [[1]], [[2]]],
  });
  const [machines, n] = [400, 2000];
  const tables = Array.from({ length: machines }, (_, i) => sample(start, n, `law ${i}`).data);

  it.each([1, 2, 5])('after %d, they vary as such estimates of many machines do', (iterations) => {
    const estimates = tables.map((table) => fit(table, { start, maxIterations: iterations, tolerance: 0, penalty: 0 }));
    const laws = finished(noiseLaws(start, iterations)) ?? [];
    start.parameters.forEach((_, k) => {
      const own = estimates.map(({ mixture }) => mixture.parameters[k]);
      const meanOf = (of: (i: number) => number) => own.reduce((sum, __, i) => sum + of(i), 0) / machines;
      const [mean, variance] = [meanOf((i) => own[i].mean[0]), meanOf((i) => own[i].covariance[0])];
      const squares =
        meanOf((i) => (own[i].mean[0] - mean) ** 2) / variance +
        meanOf((i) => (own[i].covariance[0] - variance) ** 2) / (2 * variance ** 2);
      const found = (n * start.weights[k] * squares) / 2;
      expect(Math.abs(laws[k].inflation / found - 1)).toBeLessThan(0.2); // of 400 squares
    });
    const weightOf = (i: number, k: number) => estimates[i].mixture.weights[k];
    let found = 0;
    for (let k = 0; k < 3; k++) {
      const mean = tables.reduce((sum, _, i) => sum + weightOf(i, k), 0) / machines;
      found += tables.reduce((sum, _, i) => sum + (weightOf(i, k) - mean) ** 2, 0) / machines / mean;
    }
    expect(Math.abs(laws[3].inflation / ((n * found) / 2) - 1)).toBeLessThan(0.2);
    if (iterations === 1) expect(Math.max(...laws.map(({ inflation }) => inflation))).toBeLessThan(1);
  });
});
