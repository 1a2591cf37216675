import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  diagonalGaussianMixture,
  gammaMixture,
  gaussianMixture,
  sphericalGaussianMixture,
  tiedGaussianMixture,
} from '../../mixture/constructors';
import type { Mixture } from '../../mixture/mixture';
import { logDensity } from '../../mixture/posterior';
import { standardise, unstandardised, unstandardisedMixture } from './standardise';

describe('a standardised table', () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const rows = fc.array(fc.tuple(value, value), { minLength: 3, maxLength: 30 });
  const spread = (column: number[]) => Math.max(...column) - Math.min(...column) > 1;

  it('has mean 0 and standard deviation 1, and goes back', () => {
    const property = fc.property(rows, (table) => {
      fc.pre([0, 1].every((j) => spread(table.map((row) => row[j]))));
      const standard = standardise(table);
      for (const j of [0, 1]) {
        const column = [...standard.data].filter((_, i) => i % 2 === j);
        const mean = column.reduce((sum, x) => sum + x, 0) / column.length;
        const variance = column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (column.length - 1);
        expect(mean).toBeCloseTo(0, 8);
        expect(variance).toBeCloseTo(1, 8);
      }
      const { data } = unstandardised(standard);
      table.flat().forEach((x, i) => {
        expect(Math.abs(data[i] - x)).toBeLessThan(1e-9 * (1 + Math.max(...table.flat().map(Math.abs))));
      });
    });
    fc.assert(property);
  });

  it('keeps names and labels, there and back', () => {
    const table = { data: Float64Array.of(1, 2, 3), rows: 3, columns: 1, names: ['x'], labels: ['a', 'b', 'c'] };
    const standard = standardise(table);
    expect(standard).toMatchObject({ names: ['x'], labels: ['a', 'b', 'c'], data: Float64Array.of(-1, 0, 1) });
    expect({ ...unstandardised(standard) }).toEqual(table);
  });

  it('has no constant column, nor one beyond float64', () => {
    const constant = { data: Float64Array.of(0.1, 1, 0.1, 2, 0.1, 3), rows: 3, columns: 2 };
    expect(() => standardise({ ...constant, names: ['a', 'b'] })).toThrow(/column "a" is constant \(0\.1\)/);
    expect(() => standardise(constant)).toThrow(/column 0 is constant/);
    expect(() => standardise([[1], [1e300]])).toThrow(/column 0 is beyond float64/);
    expect(() => standardise([[1], [1 + 1e-200], [1e-200]])).not.toThrow();
    expect(() => standardise([[1, 2]])).toThrow(/1 row has no standard deviation/);
  });
});

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
  ])('has the densities of the standardised one, over the scales: %s', (_, mixture) => {
    const back = unstandardisedMixture(mixture as Mixture<never>, { centre, scale }) as Mixture;
    expect(back.family).toBe(mixture.family);
    const [own, expected] = [logDensity(back, original), logDensity(mixture, standard)];
    expected.forEach((log, i) => {
      expect(own[i] + Math.log(scale[0]) + Math.log(scale[1])).toBeCloseTo(log, 10);
    });
  });

  it('is none for round components, other families, or other dimensions', () => {
    const round = sphericalGaussianMixture({ weights, means, variances: [1, 2] });
    const gamma = gammaMixture({ weights: [1], shapes: [2], scales: [1] });
    const one = { centre: Float64Array.of(0), scale: Float64Array.of(2) };
    expect(() => unstandardisedMixture(round as never, { centre, scale })).toThrow(/no longer round/);
    expect(() => unstandardisedMixture(gamma as never, one)).toThrow(/family "gamma"/);
    const full = gaussianMixture({ weights, means, covariances: [covariance, other] });
    expect(() => unstandardisedMixture(full, one)).toThrow(/of 2 columns is needed, but this one has 1/);
  });
});
