import { describe, expect, it } from 'vitest';
import {
  diagonalGaussianMixture,
  gammaMixture,
  gaussianMixture,
  sphericalGaussianMixture,
  tiedGaussianMixture,
} from './constructors';
import type { Mixture } from './mixture';
import { logDensity } from './posterior';
import { unstandardisedMixture } from './unstandardised-mixture';

describe('a mixture in the original units', () => {
  const centre = Float64Array.of(10, -3);
  const scale = Float64Array.of(0.25, 40);
  const weights = [0.3, 0.7];
  const means = [
    [0.5, -1],
    [-0.2, 2],
  ];
  const covariance = [
    [0.8, -0.3],
    [-0.3, 1.5],
  ];
  const other = [
    [2, 0.4],
    [0.4, 0.9],
  ];
  const standard = [
    [0.1, 0.2],
    [-2, 1.5],
    [3, -4],
  ];
  const original = standard.map((row) => row.map((x, i) => centre[i] + scale[i] * x));

  it.each<[string, Mixture]>([
    ['full', gaussianMixture({ weights, means, covariances: [covariance, other] })],
    ['tied', tiedGaussianMixture({ weights, means, covariance })],
    [
      'diagonal',
      diagonalGaussianMixture({
        weights,
        means,
        variances: [
          [0.5, 2],
          [1, 3],
        ],
      }),
    ],
    ['round', sphericalGaussianMixture({ weights, means, variances: [1, 2] })],
  ])('has the densities of the standardised one, over the scales: %s', (_, mixture) => {
    const back = unstandardisedMixture(mixture as Mixture<never>, { centre, scale }) as Mixture;
    expect(back.family.name).toBe(mixture.family.name.replace('spherical', 'diagonal'));
    const [own, expected] = [logDensity(back, original), logDensity(mixture, standard)];
    expected.forEach((log, i) => {
      expect(own[i] + Math.log(scale[0]) + Math.log(scale[1])).toBeCloseTo(log, 10);
    });
  });

  it('is none for other families, or other dimensions', () => {
    const gamma = gammaMixture({ weights: [1], shapes: [2], scales: [1] });
    const one = { centre: Float64Array.of(0), scale: Float64Array.of(2) };
    expect(() => unstandardisedMixture(gamma as never, one)).toThrow(/family "gamma"/);
    const full = gaussianMixture({ weights, means, covariances: [covariance, other] });
    expect(() => unstandardisedMixture(full, one)).toThrow(/of 2 columns is needed, but this one has 1/);
  });
});

it('takes the box of noise along', () => {
  const noise = { weight: 0.2, lower: [-2], upper: [1] };
  const G = gaussianMixture({ weights: [1], means: [[0]], covariances: [[[1]]], noise });
  const back = unstandardisedMixture(G, { centre: Float64Array.of(10), scale: Float64Array.of(4) });
  expect(back.noise).toEqual({ weight: 0.2, lower: Float64Array.of(2), upper: Float64Array.of(14) });
});
