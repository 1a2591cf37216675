import { inspect } from 'node:util';
import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { gammaMixture, gaussianMixture, poissonMixture } from '../mixture/constructors';
import type { Estimate } from '../mixture/given';
import { drawnMixture } from '../mixture/mixtures.fixture';
import { logDensity } from '../mixture/posterior';
import { distanceMatrixOf, distancesAmong } from './distance-matrix';
import { l2Distance, l2DistanceMatrix } from './l2';

describe('a distance matrix', () => {
  const matrix = distanceMatrixOf('way', Float64Array.of(0, 2.5, 2.5, 0));

  it('gives its entries by row and column', () => {
    expect([matrix.size, matrix.logScale]).toEqual([2, 0]);
    expect([0, 1].map((i) => [0, 1].map((j) => matrix.at(i, j)))).toEqual([
      [0, 2.5],
      [2.5, 0],
    ]);
    expect([matrix.norms, matrix.notSquareIntegrable]).toEqual([undefined, undefined]);
  });

  it('prints under its name, with the reasons of those who are at no distance', () => {
    expect(inspect(matrix)).toBe('ways between 2 estimates\n    0  2.5\n  2.5    0');
    expect(inspect(distanceMatrixOf('far', new Float64Array(144)))).toMatch(/\n( {2}0){10} {2}…\n {2}…$/);
    const notSquareIntegrable = new Map([[1, 'the second is not square integrable']]);
    const entries = Float64Array.of(0, Infinity, Infinity, 0);
    expect(inspect(distanceMatrixOf('two', entries, { notSquareIntegrable }))).toMatch(/\nthe second is not square/);
  });
});

it('of some estimates, in any order, is what it would be of them alone', () => {
  const mixtures = [0, 1, 2, 3, 4].map((seed) => drawnMixture(seed, 2, 2));
  const pareto = { weights: [0.4, 0.6], shapes: [0.3, 1], scales: [1, 1] }; // a gamma density with a pole at 0
  for (const all of [
    mixtures,
    [gammaMixture(pareto), ...[2, 3, 4].map((shape) => gammaMixture({ ...pareto, shapes: [shape, 2] }))],
  ] as Estimate[][]) {
    const which = [3, 0, 2];
    const [part, alone] = [distancesAmong(l2DistanceMatrix(all), which), l2DistanceMatrix(which.map((i) => all[i]))];
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) expect(part.at(i, j)).toBe(alone.at(i, j));
    expect([part.size, part.title, part.logScale, part.norms]).toEqual([3, alone.title, alone.logScale, alone.norms]);
    expect([...(part.notSquareIntegrable?.keys() ?? [])]).toEqual([...(alone.notSquareIntegrable?.keys() ?? [])]);
  }
});

/** ‖f‖ of one Gaussian, the root of (4π)^(−d/2) |Σ|^(−½). */
const normOf = (d: number, determinant: number) => Math.sqrt((4 * Math.PI) ** (-d / 2) / Math.sqrt(determinant));

/** One Gaussian with the mean (μ, μ, …) and the covariance v I. */
const ball = (d: number, mean: number, variance: number) =>
  gaussianMixture({ weights: [1], means: [new Array(d).fill(mean)], covariances: [Matrix.eye(d).mul(variance)] });

const normsOf = (estimates: readonly Estimate[], options = {}): number[] => {
  const { norms, logScale } = l2DistanceMatrix(estimates, options);
  return Array.from(norms ?? [], (norm) => norm * Math.exp(logScale));
};

describe('the norms of densities', () => {
  it('are those of one Gaussian in closed form', () => {
    for (const d of [1, 2, 5]) {
      const estimates = [ball(d, 0, 1), ball(d, 3, 0.2), ball(d, -50, 7)];
      normsOf(estimates).forEach((norm, i) => {
        expect(norm / normOf(d, [1, 0.2, 7][i] ** d)).toBeCloseTo(1, 12);
      });
    }
    const oblique = gaussianMixture({
      weights: [1],
      means: [[1, 2]],
      covariances: [
        [
          [2, 0.9],
          [0.9, 1],
        ],
      ],
    });
    expect(normsOf([oblique])[0]).toBeCloseTo(normOf(2, 2 - 0.81), 12);
  });

  it('are distances to a density that is about 0 everywhere', () => {
    const estimates = [1, 2, 3].map((seed) => drawnMixture(seed, 3, 2));
    const flat = ball(2, 0, 1e20);
    normsOf(estimates).forEach((norm, i) => {
      expect(norm / l2Distance(estimates[i], flat)).toBeCloseTo(1, 8);
    });
  });

  it('are the roots of ∫ f², by quadrature of a gamma mixture and by the sum of a Poisson one', () => {
    const gamma = gammaMixture({ weights: [0.3, 0.7], shapes: [2, 6], scales: [1, 0.5] });
    const step = 0.001;
    const places = Array.from({ length: 60_000 }, (_, i) => [(i + 0.5) * step]);
    const integral = logDensity(gamma, places).reduce((sum, log) => sum + Math.exp(2 * log) * step, 0);
    expect(normsOf([gamma])[0]).toBeCloseTo(Math.sqrt(integral), 6);
    const poisson = poissonMixture({ weights: [0.3, 0.7], means: [2, 6] });
    const counts = Array.from({ length: 80 }, (_, i) => [i]);
    const sum = logDensity(poisson, counts).reduce((total, log) => total + Math.exp(2 * log), 0);
    expect(normsOf([poisson])[0]).toBeCloseTo(Math.sqrt(sum), 12);
  });

  it('are on the scale of the distances where those are beyond float64', () => {
    const narrow = [0, 1].map((mean) => ball(300, mean, 1e-6));
    const { norms, logScale } = l2DistanceMatrix(narrow);
    expect(logScale).not.toBe(0);
    const logNorm = 0.5 * ((-300 / 2) * Math.log(4 * Math.PI) - 0.5 * 300 * Math.log(1e-6));
    norms?.forEach((norm) => {
      expect(logScale + Math.log(norm)).toBeCloseTo(logNorm, 8);
    });
  });

  it('are those of the smoothed densities, with h', () => {
    const h = 0.5; // S is the median variance, 1
    const estimates = [ball(3, 0, 1), ball(3, 1, 1), ball(3, 0, 4)];
    normsOf(estimates, { smoothing: h }).forEach((norm, i) => {
      expect(norm).toBeCloseTo(normOf(3, ([1, 1, 4][i] + h) ** 3), 12);
    });
  });

  it('are Infinity where a density is not square integrable', () => {
    const gamma = (shape: number) => gammaMixture({ weights: [1], shapes: [shape], scales: [1] });
    const { norms, notSquareIntegrable } = l2DistanceMatrix([gamma(2), gamma(0.4)]);
    expect(norms?.[0]).toBeCloseTo(0.5, 12); // ∫ x² e^(−2x) dx = ¼
    expect(norms?.[1]).toBe(Infinity);
    expect([...(notSquareIntegrable?.keys() ?? [])]).toEqual([1]);
  });
});
