import { describe, expect, it } from 'vitest';
import { BeyondFloat64 } from '../errors';
import { expertsDensity } from './experts-density';
import { expertsModel, type VectorExperts } from './model';
import { predictExperts } from './predict-experts';

const lines = expertsModel({
  gates: [
    [0.5, 1],
    [0, 0],
  ],
  coefficients: [
    [1, 2],
    [-3, -1],
  ],
  variances: [0.5, 2],
});

/** ∫ of g f(y | x) from −∞ to `to`, by Simpson's rule. */
function integral(x: number, to: number, g = (_: number) => 1): number {
  const [from, steps] = [-40, 16_000];
  const y = Array.from({ length: steps + 1 }, (_, i) => from + ((to - from) * i) / steps);
  const f = expertsDensity(
    lines,
    y.map(() => x),
    y,
  );
  const sum = y.reduce((all, at, i) => all + g(at) * f[i] * (i % steps === 0 ? 1 : i % 2 === 1 ? 4 : 2), 0);
  return (sum * (to - from)) / steps / 3;
}

describe('a prediction', () => {
  it.each([-2, 0, 0.3, 1.7])('has the mean and the tails of the density, at x = %d', (x) => {
    for (const level of [0.5, 0.95]) {
      const { mean, lower, upper, gates } = predictExperts(lines, [x], { level });
      expect(mean[0]).toBeCloseTo(
        integral(x, 40, (y) => y),
        8,
      );
      expect(integral(x, lower[0])).toBeCloseTo((1 - level) / 2, 9);
      expect(integral(x, upper[0])).toBeCloseTo((1 + level) / 2, 9);
      expect(gates[0]).toBeCloseTo(1 / (1 + Math.exp(-0.5 - x)), 14);
    }
  });

  it('of one expert is a normal interval, however narrow the tail', () => {
    const line = expertsModel({ gates: [[0, 0]], coefficients: [[1, 2]], variances: [4] });
    const { mean, lower, upper, expertMeans } = predictExperts(line, [3]);
    expect([...mean, ...expertMeans]).toEqual([7, 7]);
    expect(lower[0]).toBeCloseTo(7 - 2 * 1.959963984540054, 12);
    expect(upper[0]).toBeCloseTo(7 + 2 * 1.959963984540054, 12);
    const wide = predictExperts(line, [3], { level: 1 - 2 ** -50 });
    expect(wide.upper[0] - 7).toBeCloseTo(7 - wide.lower[0], 8);
    expect(wide.upper[0]).toBeGreaterThan(22);
  });

  it('of several responses has the intervals of each by itself', () => {
    const both = expertsModel<VectorExperts>({
      gates: lines.gates,
      coefficients: [
        [
          [1, 2],
          [0, 1],
        ],
        [
          [-3, -1],
          [9, 9],
        ],
      ],
      variances: [
        [
          [0.5, 0.2],
          [0.2, 1],
        ],
        [
          [2, -1],
          [-1, 3],
        ],
      ],
    });
    const x = [0.3, -1];
    const all = predictExperts(both, x);
    const first = predictExperts(lines, x);
    const second = predictExperts(
      expertsModel({
        gates: lines.gates,
        coefficients: [
          [0, 1],
          [9, 9],
        ],
        variances: [1, 3],
      }),
      x,
    );
    for (const name of ['mean', 'lower', 'upper'] as const)
      expect([...all[name]]).toEqual([0, 1].flatMap((j) => [first[name][j], second[name][j]]));
  });

  it('of counts ends at the whole numbers that the probabilities say', () => {
    const counts = expertsModel({
      gates: [
        [0, 1],
        [0, 0],
      ],
      coefficients: [
        [0, 1],
        [3, 0],
      ],
      law: 'poisson',
    });
    for (const x of [-3, 0, 1.5]) {
      const { mean, lower, upper } = predictExperts(counts, [x], { level: 0.9 });
      const y = Array.from({ length: 200 }, (_, at) => at);
      const f = expertsDensity(
        counts,
        y.map(() => x),
        y,
      );
      const cumulative = y.map((at) => f.subarray(0, at + 1).reduce((sum, p) => sum + p, 0));
      expect(mean[0]).toBeCloseTo(
        y.reduce((sum, at) => sum + at * f[at], 0),
        10,
      );
      expect(lower[0]).toBe(cumulative.findIndex((p) => p >= 0.05));
      expect(upper[0]).toBe(cumulative.findIndex((p) => p >= 0.95));
    }
    const classes = expertsModel({ gates: [[0, 0]], coefficients: [[0, 1]], law: 'logistic' });
    const { mean, lower, upper } = predictExperts(classes, [-5, 0, 5]);
    expect([...lower]).toEqual([0, 0, 1]);
    expect([...upper]).toEqual([0, 1, 1]);
    expect(mean[2]).toBeCloseTo(1 / (1 + Math.exp(-5)), 14);
  });

  it('leaves out experts whose gates are 0, however far they are', () => {
    const far = expertsModel({
      gates: [
        [0, 1e5],
        [0, 0],
      ],
      coefficients: [
        [0, 1],
        [1e200, 1e200],
      ],
      variances: [1, 1],
    });
    const { mean, lower, upper } = predictExperts(far, [1]);
    expect(mean[0]).toBe(1);
    expect([lower[0], upper[0]]).toEqual([expect.closeTo(1 - 1.95996, 4), expect.closeTo(1 + 1.95996, 4)]);
  });
});

it('is an error where it is beyond float64, or the level is none', () => {
  const counts = expertsModel({ gates: [[0, 0]], coefficients: [[0, 1]], law: 'poisson' });
  expect(() => predictExperts(counts, [1, 800])).toThrow(/row 1: the mean of its response is beyond/);
  expect(() => predictExperts(counts, [1, 50])).toThrow(BeyondFloat64);
  expect(() => predictExperts(lines, [1, Number.NaN])).toThrow(/row 1, column 0 of the covariates has no value/);
  expect(predictExperts(counts, [20]).lower[0]).toBeGreaterThan(4.85e8);
  for (const level of [0, 1, Number.NaN, '0.9'])
    expect(() => predictExperts(lines, [1], { level: level as number })).toThrow(/level is .* above 0 and below 1/);
});
