import { describe, expect, it } from 'vitest';
import { lgam } from './gamma-function';
import { lineRule, logIntegral } from './quadrature';

const relative = (log: number, expected: number): number => Math.abs(Math.exp(log - expected) - 1);

describe('log ∫ exp(g)', () => {
  it.each([1e-6, 1, 1e5])('of a normal density of standard deviation %d', (scale) => {
    const g = (x: number) => -0.5 * (x / scale) ** 2;
    expect(relative(logIntegral(g, 0, scale), Math.log(scale * Math.sqrt(2 * Math.PI)))).toBeLessThan(1e-12);
  });

  it('of tails that fall as slowly as 1/x²', () => {
    expect(
      relative(
        logIntegral((x) => -Math.log1p(x * x), 0, 1),
        Math.log(Math.PI),
      ),
    ).toBeLessThan(1e-12);
  });

  it('of a kink', () => {
    expect(
      relative(
        logIntegral((x) => -Math.abs(x), 0, 1),
        Math.LN2,
      ),
    ).toBeLessThan(1e-12);
  });

  it.each([1000, 1e9, 1e25])('of peaks that are %d apart, of which one is a million times narrower', (length) => {
    const bell = (x: number, sd: number) => Math.exp(-0.5 * (x / sd) ** 2) / sd;
    const g = (low: number, high: number) => Math.log(bell(low, 1e-3) + bell(high, 1000));
    expect(relative(logIntegral(g, length, 1e-3), Math.log(2 * Math.sqrt(2 * Math.PI)))).toBeLessThan(1e-9);
  });

  it('that is beyond float64 on either side', () => {
    for (const shift of [1e4, -1e4]) {
      const log = logIntegral((x) => shift - 0.5 * x * x, 0, 1);
      expect(log - shift).toBeCloseTo(0.5 * Math.log(2 * Math.PI), 11);
    }
  });

  it('with a peak that is elsewhere: ∫ exp(−s u − exp(−u)) = Γ(s)', () => {
    for (const s of [0.3, 2, 40]) {
      expect(
        relative(
          logIntegral((u) => -s * u - Math.exp(-u), 0, 1),
          lgam(s),
        ),
      ).toBeLessThan(1e-11);
    }
  });

  it('by distances from both places that agree', () => {
    const worst = { difference: 0 };
    logIntegral(
      (low, high) => {
        worst.difference = Math.max(worst.difference, Math.abs(low - high - 3) / Math.max(1, Math.abs(low)));
        return -low * low;
      },
      3,
      1,
    );
    expect(worst.difference).toBeLessThan(1e-14);
  });

  it('of nothing, and of what has no end', () => {
    expect(logIntegral(() => -Infinity, 0, 1)).toBe(-Infinity);
    expect(logIntegral(() => Infinity, 0, 1)).toBe(Infinity);
  });
});

it('has a rule of places and weights that says the same', () => {
  const { x, weight } = lineRule(1, 3);
  expect(x.reduce((total, at, i) => total + weight[i] * Math.exp(-0.5 * at * at), 0)).toBeCloseTo(
    Math.sqrt(2 * Math.PI),
    12,
  );
});
