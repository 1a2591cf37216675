import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../errors';
import { randomStream } from '../math/random';
import { expertLawNames, expertLawOf } from './expert-laws';

/** The sum over whole numbers, or the integral by trapezoids, which converge faster than any power for smooth densities. */
function total(name: string, of: (y: number) => number): number {
  const [from, to, step] = { gaussian: [-40, 40, 1 / 64], logistic: [0, 1, 1], poisson: [0, 400, 1] }[name] as number[];
  let sum = 0;
  for (let y = from; y <= to; y += step) sum += of(y) * step;
  return sum;
}

const points = [
  [0.3, 1.2, -1.1, 0.7],
  [2.5, 0.4, 2.5, 0.4],
  [-2, 3, 1.5, 2],
];

describe.each(expertLawNames())('%s experts', (name) => {
  const law = expertLawOf(name);

  it.each(points)('at η = %d: density, mean, slope, distribution function', (eta, variance) => {
    const f = (y: number) => Math.exp(law.logDensity(y, eta, variance));
    const mean = total(name, (y) => y * f(y));
    expect(total(name, f)).toBeCloseTo(1, 12);
    expect(mean).toBeCloseTo(law.mean(eta), 11);
    expect((law.mean(eta + 1e-6) - law.mean(eta - 1e-6)) / 2e-6).toBeCloseTo(law.slope(eta), 7);
    const spread = total(name, (y) => (y - mean) ** 2 * f(y));
    expect(spread).toBeCloseTo(law.hasVariance ? variance : law.slope(eta), 10);
    for (const y of [0, 1, 4]) {
      const below = law.discrete ? total(name, (at) => (at <= y ? f(at) : 0)) : integral(f, -40, y);
      expect(law.cdf(y, eta, variance)).toBeCloseTo(below, 9);
      expect(law.upper(y, eta, variance)).toBeCloseTo(1 - below, 9);
    }
    // canonical: the slope of log f is y − mean, over the variance
    const slope = (law.logDensity(1, eta + 1e-6, variance) - law.logDensity(1, eta - 1e-6, variance)) / 2e-6;
    expect(slope).toBeCloseTo((1 - law.mean(eta)) / (law.hasVariance ? variance : 1), 7);
  });

  it.each(points)(
    'at η = %d, %d and η′ = %d, %d: inner product and divergence',
    (eta, variance, other, otherVariance) => {
      const f = (y: number) => Math.exp(law.logDensity(y, eta, variance));
      const g = (y: number) => Math.exp(law.logDensity(y, other, otherVariance));
      expect(Math.exp(law.logInnerProduct(eta, variance, other, otherVariance))).toBeCloseTo(
        total(name, (y) => f(y) * g(y)),
        12,
      );
      const kl = total(
        name,
        (y) => f(y) * (law.logDensity(y, eta, variance) - law.logDensity(y, other, otherVariance)),
      );
      expect(law.divergence(eta, variance, other, otherVariance)).toBeCloseTo(kl, 10);
    },
  );

  it('draws with this mean and spread', () => {
    const draw = law.sampler(randomStream(1, name));
    const y = Array.from({ length: 20_000 }, () => draw(0.4, 2));
    const mean = y.reduce((sum, one) => sum + one / y.length, 0);
    const variance = y.reduce((sum, one) => sum + (one - mean) ** 2 / y.length, 0);
    expect(Math.abs(mean - law.mean(0.4))).toBeLessThan(4 * Math.sqrt(2 / 20_000));
    expect(variance / (law.hasVariance ? 2 : law.slope(0.4))).toBeGreaterThan(0.95);
    expect(variance / (law.hasVariance ? 2 : law.slope(0.4))).toBeLessThan(1.05);
  });
});

/** The integral by Simpson's rule. */
function integral(f: (y: number) => number, from: number, to: number, steps = 20_000): number {
  const h = (to - from) / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) sum += f(from + i * h) * (i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2);
  return (sum * h) / 3;
}

it('stays finite far out', () => {
  const logistic = expertLawOf('logistic');
  expect(logistic.logDensity(0, 1e5, 1)).toBe(-1e5);
  expect(logistic.logDensity(1, 1e5, 1)).toBeCloseTo(0, 12);
  expect(logistic.divergence(1e5, 1, -1e5, 1)).toBe(1e5);
  expect(logistic.logInnerProduct(-800, 1, 800, 1)).toBeCloseTo(-800 + Math.LN2, 10);
});

it('refuses responses that are none of the law, by their row', () => {
  const y = (value: number) => ({ data: Float64Array.of(1, value), rows: 2, columns: 1 });
  expect(() => expertLawOf('logistic').requireSupport(y(2))).toThrow(
    /response of row 1 is 2: logistic experts are of 0 and 1/,
  );
  expect(() => expertLawOf('poisson').requireSupport(y(0.5))).toThrow(
    /response of row 1 is 0.5: Poisson experts are of whole numbers/,
  );
  expect(() => expertLawOf('poisson').requireSupport(y(-1))).toThrow(InvalidInput);
});
