import { expect, it } from 'vitest';
import {
  diagonalGaussianMixture,
  dirichletMixture,
  exponentialMixture,
  gammaMixture,
  gaussianGammaMixture,
  gaussianMixture,
  poissonMixture,
  sphericalGaussianMixture,
  studentTMixture,
  tiedGaussianMixture,
} from './constructors';
import { freeParameters } from './free-parameters';
import type { Mixture } from './mixture';

const weights = [0.2, 0.3, 0.5];
const means = [0, 1, 2].map((mean) => new Array(4).fill(mean));
const unit = [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => Number(i === j)));
const three = [1, 2, 3];

it.each<[string, number, Mixture]>([
  ['Gaussian: 2 weights, 3 · 4 means, 3 · 10 covariances', 44, gaussianMixture({ weights, means, covariances: [unit, unit, unit] })],
  ['tied Gaussian: 2 weights, 3 · 4 means, 10 covariances', 24, tiedGaussianMixture({ weights, means, covariance: unit })],
  ['diagonal Gaussian: 2 weights, 3 · 4 means, 3 · 4 variances', 26, diagonalGaussianMixture({ weights, means, variances: [1, 2, 3].map((v) => [v, v, v, v]) })],
  ['spherical Gaussian: 2 weights, 3 · 4 means, 3 variances', 17, sphericalGaussianMixture({ weights, means, variances: three })],
  ['gamma: 2 weights, 3 shapes, 3 scales', 8, gammaMixture({ weights, shapes: three, scales: three })],
  ['exponential: 2 weights, 3 means', 5, exponentialMixture({ weights, means: three })],
  ['Poisson: 2 weights, 3 means', 5, poissonMixture({ weights, means: three })],
  ['Dirichlet: 2 weights, 3 · 4 concentrations', 14, dirichletMixture({ weights, concentrations: [1, 2, 3].map((a) => [a, a, a, a]) })],
  ['Gaussian–gamma: 2 weights, 3 · 4 numbers', 14, gaussianGammaMixture({ weights, means: three, strengths: three, shapes: three, rates: three })],
  ['Student’s t of known degrees of freedom: 2 weights, 3 locations, 3 scales', 8, studentTMixture({ degreesOfFreedom: 3, weights, locations: three, scales: three })],
])('counts the coordinates of a mixture, %s', (_, count, mixture) => {
  expect(freeParameters(mixture)).toBe(count);
  expect(freeParameters({ mixture, sampleSize: 10 })).toBe(count);
}); // biome-ignore format: short

it('counts no weight of a single component, and all that is shared', () => {
  expect(freeParameters(exponentialMixture({ weights: [1], means: [2] }))).toBe(1);
  expect(
    freeParameters(
      tiedGaussianMixture({
        weights: [1],
        means: [[0, 0]],
        covariance: [
          [1, 0],
          [0, 1],
        ],
      }),
    ),
  ).toBe(5);
});
