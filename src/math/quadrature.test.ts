import { lgam } from 'cephes';
import { describe, expect, it } from 'vitest';
import { lineRule, logIntegral } from './quadrature';

const relative = (log: number, expected: number): number => Math.abs(Math.exp(log - expected) - 1);

describe('log ∫ exp(g)', () => {
  it.each([1e-6, 1, 1e5])('of a normal density of standard deviation %d', (scale) => {
    const g = (x: number) => -0.5 * (x / scale) ** 2;
    expect(relative(logIntegral(g, [0], scale), Math.log(scale * Math.sqrt(2 * Math.PI)))).toBeLessThan(1e-12);
  });

  it('of tails that fall as slowly as 1/x²', () => {
    expect(
      relative(
        logIntegral((x) => -Math.log1p(x * x), [0], 1),
        Math.log(Math.PI),
      ),
    ).toBeLessThan(1e-12);
  });

  it('of a kink at a break', () => {
    expect(
      relative(
        logIntegral((x) => -Math.abs(x - 3), [3], 1),
        Math.LN2,
      ),
    ).toBeLessThan(1e-12);
  });

  it('of peaks that are far apart, of which one is a million times narrower', () => {
    const bell = (x: number, mean: number, sd: number) => Math.exp(-0.5 * ((x - mean) / sd) ** 2) / sd;
    const g = (x: number) => Math.log(bell(x, 0, 1e-3) + bell(x, 1000, 1000));
    expect(relative(logIntegral(g, [0, 1000], 1e-3), Math.log(2 * Math.sqrt(2 * Math.PI)))).toBeLessThan(1e-11);
  });

  it('that is beyond float64 on either side', () => {
    for (const shift of [1e4, -1e4]) {
      const log = logIntegral((x) => shift - 0.5 * x * x, [0], 1);
      expect(log - shift).toBeCloseTo(0.5 * Math.log(2 * Math.PI), 11);
    }
  });

  it('with a peak that is not at the break: ∫ exp(−s u − exp(−u)) = Γ(s)', () => {
    for (const s of [0.3, 2, 40])
      expect(
        relative(
          logIntegral((u) => -s * u - Math.exp(-u), [0], 1),
          lgam(s),
        ),
      ).toBeLessThan(1e-11);
  });

  it('of nothing, and of a point with no end', () => {
    expect(logIntegral(() => -Infinity, [0], 1)).toBe(-Infinity);
    expect(logIntegral(() => Infinity, [0], 1)).toBe(Infinity);
  });

  it('does not mind a break that stands twice', () => {
    expect(logIntegral((x) => -x * x, [0, 0], 1)).toBe(logIntegral((x) => -x * x, [0], 1));
  });
});

it('has a rule of places and weights that says the same', () => {
  const { x, weight } = lineRule([-1, 2], 1, 3);
  const sum = x.reduce((total, at, i) => total + weight[i] * Math.exp(-Math.abs(at + 1) - Math.abs(at - 2)), 0);
  expect(sum).toBeCloseTo(Math.exp(-3) * (1 + 3), 12); // between the breaks the integrand is exp(−3), over a length of 3
});
