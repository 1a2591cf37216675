import { describe, expect, it } from 'vitest';
import { dfmr } from '../aggregate/dfmr';
import { gaussian as gaussianFamily } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { gammaMixture, gaussianMixture, gumbelMixture, studentTMixture } from '../mixture/constructors';
import { type Mixture, mixture } from '../mixture/mixture';
import { outlying } from './outlying';

/** Gumbel estimates with a component of weight 1e-6, about the same on every honest machine. */
const gumbel = (i: number, location: number, scale: number) =>
  gumbelMixture({
    weights: [0.4, 0.6 - 1e-6, 1e-6],
    locations: [-4 + i / 100, 5, location],
    scales: [0.6, 1.2, scale],
  });

const honest = (m: number) => Array.from({ length: m }, (_, i) => gumbel(i, 1, 1));

const gaussian = (weight: number, mean: number, variance: number, unit = 1) =>
  gaussianMixture({
    weights: [1 - weight, weight],
    means: [[0], [mean * unit]],
    covariances: [[[unit ** 2]], [[variance * unit ** 2]]],
  });

const which = (mixtures: readonly Mixture[]) =>
  outlying(mixtures).flatMap((reason, i) => (reason === undefined ? [] : [i]));

it('finds the component with which the reduction of the kept estimates has no finite objective', () => {
  const estimates = [...honest(4), gumbel(0, 1, 1e4)];
  expect(() => dfmr(estimates)).toThrow(/component 2 of estimate 4 is too far from every centre for float64/);
  expect(outlying(estimates)).toEqual([
    ...new Array(4).fill(undefined),
    'component 2, { location: 1, scale: 10000 }, is too far from those of most estimates for float64',
  ]);
  expect(dfmr(estimates.slice(0, 4)).objective).toBeLessThan(1);
});

describe('a component', () => {
  it.each([
    [2e6, 1, 'too far from'],
    [-1e150, 1, 'too far from'],
    [0, 1e-11, 'too narrow beside'],
    [0, 1e11, 'too wide beside'],
  ])('with the mean %d and the variance %d is %s those of others, in any unit', (mean, variance, how) => {
    for (const unit of [1e-100, 1, 1e70].filter((one) => Math.abs(mean * one) < 1e150)) {
      const others = [1, 2, 3].map((i) => gaussian(0.1, i, 1, unit));
      const [reason] = outlying([gaussian(1e-9, mean, variance, unit), ...others]);
      expect(reason).toMatch(new RegExp(`^component 1, .* is ${how} those of most estimates for float64$`));
    }
  });

  it.each([
    [1e5, 1],
    [0, 1e-9],
    [0, 1e9],
  ])('with the mean %d and the variance %d is not', (mean, variance) => {
    expect(which([gaussian(0.1, mean, variance), ...[1, 2, 3].map((i) => gaussian(0.1, i, 1))])).toEqual([]);
  });

  it('of weight 0 is not, wherever it is', () => {
    expect(which([gaussian(0, 1e100, 1), ...[1, 2, 3].map((i) => gaussian(0.1, i, 1))])).toEqual([]);
  });

  it('whose density is not square integrable is left for dfmr to tell', () => {
    const gamma = (shape: number) => gammaMixture({ weights: [0.5, 0.5], shapes: [shape, 3], scales: [1, 1] });
    expect(which([gamma(0.4), gamma(2), gamma(3)])).toEqual([]);
  });

  it('of heavy tails is found by its width, as divergences hardly grow', () => {
    const cauchy = (scale: number) =>
      studentTMixture({ degreesOfFreedom: 1, weights: [1], locations: [0], scales: [scale] });
    expect(which([cauchy(1), cauchy(1.1), cauchy(1e30), cauchy(0.9), cauchy(1e-30)])).toEqual([2, 4]);
  });
});

it('does not let fewer than half make an honest one fail', () => {
  for (const [location, scale] of [[1, 1e-4], [1e9, 1], [1, 1e5], [1e90, 1e-90]]) // biome-ignore format: short
    expect(which([...[0, 1, 2].map((i) => gumbel(i, location, scale)), ...honest(4)]).every((i) => i < 3)).toBe(true);
});

describe('of 700 estimates', () => {
  // three kinds of components, and liars of all kinds among 45 %
  const kinds = [-20, 0, 30];
  const lies = [1e9, -1e12, 1e7].map((mean) => ({ mean: Float64Array.of(mean), covariance: Float64Array.of(1) }));
  const machines = (family: typeof gaussianFamily) =>
    Array.from({ length: 700 }, (_, i) => {
      const parameters = kinds.map((mean) => ({
        mean: Float64Array.of(mean + ((i * 37) % 100) / 500),
        covariance: Float64Array.of(1 + ((i * 53) % 100) / 500),
      }));
      if (i % 20 < 9) parameters[i % 3] = lies[(i >> 2) % 3];
      return mixture(family, [0.3, 0.3, 0.4], parameters);
    });

  it('those that are far are found, and no others', () => {
    const expected = Array.from({ length: 700 }, (_, i) => i).filter((i) => i % 20 < 9);
    expect(which(machines(gaussianFamily))).toEqual(expected);
  });

  it('few pairs are compared', () => {
    let compared = 0;
    const counting = {
      ...gaussianFamily,
      divergence(a: GaussianParameter, b: GaussianParameter) {
        compared++;
        return gaussianFamily.divergence(a, b);
      },
    };
    outlying(machines(counting));
    expect(compared).toBeGreaterThan(0);
    expect(compared).toBeLessThan(40 * 700 * 9);
  });

  it('all pairs decide if components are of no kinds', () => {
    const scattered = Array.from({ length: 600 }, (_, i) => gaussian(0.5, i === 7 ? 1e9 : 100 * i, 1));
    expect(which(scattered)).toEqual([7]);
  });
});
