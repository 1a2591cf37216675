import { expect, it } from 'vitest';
import { randomOrder, randomStream } from './random';

const take = (random: () => number, n: number): number[] => Array.from({ length: n }, random);

it('draws the same stream again from the same seed and purpose, and another from another', () => {
  const first = take(randomStream(7, 'sample'), 50);
  expect(take(randomStream(7, 'sample'), 50)).toEqual(first);
  expect(take(randomStream(8, 'sample'), 50)).not.toEqual(first);
  expect(take(randomStream('seven', 'sample'), 50)).not.toEqual(first);
  expect(take(randomStream(7, 'k-means++'), 50)).not.toEqual(first);
});

it('draws uniform numbers of [0, 1)', () => {
  const n = 20000;
  const draws = take(randomStream(1, 'test'), n);
  expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...draws)).toBeLessThan(1);
  const bins = new Float64Array(20);
  for (const u of draws) bins[Math.floor(20 * u)]++;
  const statistic = bins.reduce((sum, count) => sum + (count - n / 20) ** 2 / (n / 20), 0);
  expect(statistic).toBeLessThan(43.8); // the 0.999 quantile of χ² with 19 degrees of freedom
});

it('puts 0 … n − 1 in an order that the seed decides', () => {
  const order = randomOrder(1000, 3);
  expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
  expect(randomOrder(1000, 3)).toEqual(order);
  expect(randomOrder(1000, 4)).not.toEqual(order);
  expect([...randomOrder(1, 1)]).toEqual([0]);
  expect([...randomOrder(0, 1)]).toEqual([]);
});

it('finds each of the orders of three equally likely', () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 6000; seed++) {
    const order = String(randomOrder(3, seed));
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  const statistic = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(statistic).toBeLessThan(20.5); // the 0.999 quantile of χ² with 5 degrees of freedom
});

it.each([-1, 2.5, Number.NaN])('says that %s numbers cannot be put in order', (n) => {
  expect(() => randomOrder(n, 1)).toThrow(`n is ${n}: it must be 0 or a positive integer`);
});
