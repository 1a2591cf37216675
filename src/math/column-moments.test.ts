import { expect, it } from 'vitest';
import { columnMoments } from './column-moments';

const table = { data: Float64Array.of(1, 7, 2, 7, 6, 7), rows: 3, columns: 2 };

it('are the mean, and the variance with n − 1 or another divisor', () => {
  const { mean, variance, constant } = columnMoments(table, 0);
  expect([mean, variance, constant]).toEqual([3, 7, false]); // (4 + 1 + 9) / 2
  expect(columnMoments(table, 0, 7).variance).toBeCloseTo(2, 15);
  expect(columnMoments(table, 1)).toEqual({
    mean: expect.closeTo(7, 14),
    variance: expect.closeTo(0, 25),
    constant: true,
  });
});

it('stay within float64 where sums would not', () => {
  const large = { data: new Float64Array(4).fill(1e308), rows: 4, columns: 1 };
  expect(columnMoments(large, 0).mean).toBe(1e308);
});

it('count rows as often as their weights say', () => {
  const weights = Float64Array.of(3, 0, 2);
  const repeated = { data: Float64Array.of(1, 1, 1, 6, 6), rows: 5, columns: 1 };
  const [counted, stood] = [columnMoments({ ...table, weights }, 0), columnMoments(repeated, 0)];
  expect(counted.mean).toBeCloseTo(stood.mean, 15);
  expect(counted.variance).toBeCloseTo(7.5, 14); // (3 · 4 + 2 · 9) / 4
  expect(stood.variance).toBeCloseTo(7.5, 14);
  expect(columnMoments({ ...table, weights: Float64Array.of(3, 0, 0) }, 0).constant).toBe(true);
});
