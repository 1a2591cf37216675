import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { leastAssignment } from './assignment';

/** All orders of 0 … n − 1. */
function orders(n: number): number[][] {
  if (n === 0) return [[]];
  return orders(n - 1).flatMap((order) => Array.from({ length: n }, (_, at) => order.toSpliced(at, 0, n - 1)));
}

const total = (cost: Float64Array, taskOf: ArrayLike<number>): number =>
  Array.from(taskOf).reduce((sum, j, i) => sum + cost[i * taskOf.length + j], 0);

it('is the cheapest of all orders', () => {
  const table = fc
    .integer({ min: 1, max: 6 })
    .chain((n) => fc.array(fc.integer({ min: -20, max: 20 }), { minLength: n * n, maxLength: n * n }));
  fc.assert(
    fc.property(table, (entries) => {
      const n = Math.sqrt(entries.length);
      const cost = Float64Array.from(entries);
      const found = leastAssignment(cost, n);
      expect([...found].sort()).toEqual(Array.from({ length: n }, (_, i) => i));
      expect(total(cost, found)).toBe(Math.min(...orders(n).map((order) => total(cost, order))));
    }),
    { seed: 1, numRuns: 300 },
  );
});

it('finds an order that is hidden among far places, of many', () => {
  const n = 60;
  const order = Array.from({ length: n }, (_, i) => (i * 23) % n);
  const cost = Float64Array.from({ length: n * n }, (_, ij) => (order[Math.floor(ij / n)] === ij % n ? 1e-9 : 1e12));
  expect([...leastAssignment(cost, n)]).toEqual(order);
});

it('of nobody is empty', () => {
  expect(leastAssignment(new Float64Array(0), 0)).toHaveLength(0);
});
