import { randomNormal } from 'd3-random';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../math/random';
import { mixture } from '../mixture/mixture';
import { type Example, examples, examplesOfConstant } from './examples.fixture';
import { brokenAlike } from './failures';
import { type FamilyName, familyOf } from './families-registry';
import { gaussian } from './gaussian';

const all = Object.entries<Example>(
  Object.assign({}, examples, ...Object.values(examplesOfConstant)) as Record<string, Example>,
);

const DRAWS = 4000;

/** Numbers that a failure draws, one after another from one stream. */
function draws(name: string, kind: string, from: unknown, number: (sent: never) => number): number[] {
  const family = familyOf<unknown>(name as FamilyName);
  const theta = family.parameter(from, 'it');
  const random = randomStream(1, 'failures');
  return Array.from({ length: DRAWS }, () => number(family.failures?.[kind](theta, random) as never));
}

/** How far the mean of independent draws is from its expectation, in its standard deviations. */
const z = (values: number[], mean: number, variance: number) =>
  Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - mean) / Math.sqrt(variance / values.length);

describe.each(all)('what fails of a %s component', (name, { honest }) => {
  const family = familyOf<unknown>(name as FamilyName);

  it('is there, and is a θ of the family that differs from the honest one', () => {
    const failures = Object.entries(family.failures ?? {});
    expect(failures.length).toBeGreaterThan(0);
    for (const given of honest.parameters) {
      for (const [kind, wrong] of failures) {
        const theta = family.parameter(given, 'honest');
        const before = JSON.stringify(family.toJSON(theta));
        const sent = wrong(theta, randomStream(1, kind));
        expect(JSON.stringify(family.toJSON(family.parameter(sent, kind)))).not.toBe(before);
        expect(JSON.stringify(family.toJSON(theta))).toBe(before);
        expect(wrong(theta, randomStream(1, kind))).toEqual(sent);
      }
    }
  });

  it('is its mean, where it has one', () => {
    const [theta] = honest.parameters.map((given) => family.toJSON(family.parameter(given, 'honest')) as object);
    expect(family.failures?.mean !== undefined).toBe('mean' in theta || 'location' in theta);
  });
});

it('draws the means and covariances of Gaussians as the paper does, from the stream alone', () => {
  const theta = gaussian.parameter({ mean: [1, 2], covariance: [3, 1, 1, 4] }, 'it');
  const normal = randomNormal.source(randomStream(7, 'test'))(0, 100);
  expect(gaussian.failures?.mean(theta, randomStream(7, 'test'))).toEqual({
    mean: Float64Array.of(normal(), normal()),
    covariance: theta.covariance,
  });
  const standard = randomNormal.source(randomStream(7, 'test'))();
  const [a, b, c, d] = Array.from({ length: 4 }, () => standard()); // ξ_1 = (a, b), ξ_2 = (c, d)
  const sum = [3 + (a * a + c * c) / 4, 1 + (a * b + c * d) / 4, 4 + (b * b + d * d) / 4];
  const wider = gaussian.failures?.covariance(theta, randomStream(7, 'test')) as typeof theta;
  [sum[0], sum[1], sum[1], sum[2]].forEach((entry, i) => {
    expect(wider.covariance[i]).toBeCloseTo(entry, 14);
  });
});

it('widens the variances of diagonal and round Gaussians by d⁻² χ² of d degrees of freedom', () => {
  const diagonal = draws(
    'diagonal-gaussian',
    'covariance',
    { mean: [0, 0, 0], variances: [1, 2, 3] },
    ({ variances }: { variances: Float64Array }) => variances[1] - 2,
  );
  expect(z(diagonal, 1 / 3, 6 / 81)).toBeLessThan(4);
  const round = draws(
    'spherical-gaussian',
    'covariance',
    { mean: [0, 0, 0], variance: 1 },
    ({ variance }: { variance: number }) => variance - 1,
  );
  expect(z(round, 1 / 3, 6 / 81 / 3)).toBeLessThan(4); // the mean of three
});

it('draws locations from N(0, 100²), positive means as its sizes, shapes from U(1, 10), and adds U(0, 10) to scales', () => {
  const location = { location: 5, scale: 2 };
  for (const name of ['log-normal', 'logistic', 'student-t(3)']) {
    const far = draws(name, 'mean', location, (sent: typeof location) => sent.location);
    expect(z(far, 0, 100 ** 2)).toBeLessThan(4);
    expect(
      z(
        far.map((x) => (x / 100) ** 2),
        1,
        2,
      ),
    ).toBeLessThan(4);
    const wider = draws(name, 'scale', location, (sent: typeof location) => sent.scale - 2);
    expect(z(wider, 5, 100 / 12)).toBeLessThan(4);
  }
  for (const name of ['exponential', 'poisson']) {
    const sizes = draws(name, 'mean', { mean: 3 }, ({ mean }: { mean: number }) => mean);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    expect(z(sizes, 100 * Math.sqrt(2 / Math.PI), 100 ** 2 * (1 - 2 / Math.PI))).toBeLessThan(4);
  }
  const shapes = draws('gamma', 'shape', { shape: 3, scale: 2 }, ({ shape }: { shape: number }) => shape);
  expect(z(shapes, 5.5, 81 / 12)).toBeLessThan(4);
});

it('breaks what tied components share alike, as the one component that fails says', () => {
  const tied = familyOf<typeof theta>('tied-gaussian');
  const theta = gaussian.parameter({ mean: [1, 2], covariance: [3, 1, 1, 4] }, 'it');
  const other = gaussian.parameter({ mean: [5, 6], covariance: [3, 1, 1, 4] }, 'it');
  const wrong = tied.failures?.covariance(other, randomStream(1, 'test')) as typeof theta;
  const sent = brokenAlike(tied, [theta, wrong], 1);
  const G = mixture(tied, [0.5, 0.5], sent); // which would refuse two covariances
  expect(G.parameters.map(({ mean }) => [...mean])).toEqual([
    [1, 2],
    [5, 6],
  ]);
  for (const { covariance } of G.parameters) expect(covariance).toEqual(wrong.covariance);
  const given = [theta, wrong];
  expect(brokenAlike(gaussian, given, 1)).toBe(given);
});
