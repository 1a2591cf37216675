import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  ascendingPlaces,
  lowerMedian,
  lowerQuantile,
  median,
  quantile,
  quantiles,
  upperQuantile,
  valueAtWeight,
  valueInOrder,
} from './quantile';

it.each<[number, number]>([
  [0, 1],
  [0.25, 2.25], // R: quantile(c(7, 1, 4, 3, 2, 10), c(0, 0.25, 0.5, 0.9, 1)) is 1, 2.25, 3.5, 8.5, 10
  [0.5, 3.5],
  [0.9, 8.5],
  [1, 10],
])('interpolates between order statistics at p = %d', (p, expected) => {
  const six = [7, 1, 4, 3, 2, 10];
  expect(quantile(six, p)).toBeCloseTo(expected, 14);
});

it('takes the middle, or the mean of the two in the middle, and leaves infinite values what they are', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([5])]).toEqual([2, 2.5, 5]);
  expect(median([Infinity, Infinity, 1])).toBe(Infinity);
});

it('has the values beside a quantile, which are values that there are', () => {
  const four = Float64Array.of(10, 1, 2, 20);
  expect([0, 0.3, 0.5, 1].map((p) => [lowerQuantile(four, p), upperQuantile(four, p)])).toEqual([
    [1, 1],
    [1, 2],
    [2, 10],
    [20, 20],
  ]);
  expect([lowerQuantile([5, 3, 4], 0.5), upperQuantile([5, 3, 4], 0.5)]).toEqual([4, 4]);
  expect(four).toEqual(Float64Array.of(10, 1, 2, 20));
});

it('has a lower median, which is among the values', () => {
  const values = [5, -1, 30, 4];
  expect([lowerMedian(values), upperQuantile(values, 0.5)]).toEqual([4, 5]);
  expect([lowerMedian([3, 1, 2]), upperQuantile([3, 1, 2], 0.5)]).toEqual([2, 2]);
  expect(values).toEqual([5, -1, 30, 4]);
});

it('sorts typed arrays by number, too, and leaves them as they are', () => {
  const values = Float64Array.of(10, 9, 1, 100);
  expect(quantiles(values, [0, 0.5, 1])).toEqual([1, 9.5, 100]);
  expect([...values]).toEqual([10, 9, 1, 100]);
});

it('counts values as often as their weights say', () => {
  const some = fc.array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: 0, max: 3 })), { minLength: 1 });
  fc.assert(
    fc.property(some, fc.constantFrom(0, 0.1, 0.25, 0.5, 0.9, 1), (pairs, p) => {
      fc.pre(pairs.some(([, weight]) => weight > 0));
      const [values, weights] = [0, 1].map((i) => pairs.map((pair) => pair[i]));
      const repeated = pairs.flatMap(([value, weight]) => new Array<number>(weight).fill(value));
      expect(quantiles(values, [p], weights)).toEqual(quantiles(repeated, [p]));
      expect(upperQuantile(values, p, weights)).toBe(upperQuantile(repeated, p));
    }),
    { seed: 1, numRuns: 300 },
  );
  // by hand: N = 4, so that the quartiles are at 0.75, 1.5 and 2.25 of (1, 1 | 2 from 1.5 on | 3 from 2.5 on)
  expect(quantiles([3, 1, 2], [0.25, 0.5, 0.75], [1.5, 1.5, 1])).toEqual([1, 1.5, 2.25]);
});

const someNumbers = fc.array(fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(1, 2, Infinity)), { minLength: 1 });

it('finds the value at any place in order, whatever ties there are', () => {
  fc.assert(
    fc.property(someNumbers, fc.nat(), (numbers, n) => {
      const place = n % numbers.length;
      const sorted = [...numbers].sort((a, b) => a - b || 0);
      expect(valueInOrder(Float64Array.from(numbers), place) === sorted[place]).toBe(true);
    }),
  );
});

it('finds the value at which weights sum to more than a bound, without sorting', () => {
  const weighed = fc.array(fc.tuple(fc.integer({ min: -4, max: 4 }), fc.integer({ min: 0, max: 3 })), { minLength: 1 });
  fc.assert(
    fc.property(weighed, fc.integer({ min: 0, max: 20 }), (pairs, bound) => {
      const [values, weights] = [0, 1].map((i) => Float64Array.from(pairs, (pair) => pair[i]));
      const upTo = (value: number) =>
        pairs.reduce((sum, [other, weight]) => sum + (other <= value ? weight : 0), 0) > bound;
      const expected = Math.min(...values.filter(upTo), Math.max(...values));
      expect(valueAtWeight(values, weights, bound)).toBe(expected);
      expect(values[0]).toBe(pairs[0][0]);
    }),
  );
});

it('puts places in ascending order, equal values as they stand', () => {
  fc.assert(
    fc.property(someNumbers, (numbers) => {
      const expected = [...numbers.keys()].sort((i, j) =>
        numbers[i] < numbers[j] ? -1 : numbers[i] > numbers[j] ? 1 : i - j,
      );
      expect(ascendingPlaces(Float64Array.from(numbers))).toEqual(expected);
    }),
  );
});
