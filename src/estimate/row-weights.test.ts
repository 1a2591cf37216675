import { describe, expect, it } from 'vitest';
import { gammaMixture, gaussianMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';
import { fit } from './fit';

const truth = gaussianMixture({ weights: [0.4, 0.6], means: [[0], [6]], covariances: [[[1]], [[2]]] });
const table = sample(truth, 60, 1).data;

describe('fit tells of weights that', () => {
  const even = new Array(60).fill(1);

  it.each<[string, number[], RegExp]>([
    ['are too few', [1, 2], /there are 2 weights for 60 rows/],
    ['are negative', even.with(7, -0.5), /the weight of row 7 is -0\.5/],
    ['are NaN', even.with(0, Number.NaN), /the weight of row 0 is NaN/],
    ['are infinite', even.with(59, Infinity), /the weight of row 59 is Infinity/],
    ['are all 0', even.map(() => 0), /the weights of all 60 rows are 0/],
    ['sum to 1, not to rows', even.map(() => 1 / 60), /sum to 1, .* 2 components need 2 rows: multiply them by 60/],
    ['sum to less than the order', even.map(() => 1 / 40), /sum to 1\.5, .* multiply them by 40/],
    ['leave fewer rows than the order', even.map((_, j) => (j === 3 ? 5 : 0)), /1 rows cannot tell 2 components/],
  ])('%s', (_, rowWeights, message) => {
    expect(() => fit(table, { order: 2, rowWeights })).toThrow(message);
  });

  it('by the place of a row in the table, though rows of weight 0 are left out', () => {
    const start = gammaMixture({ weights: [1], shapes: [2], scales: [1] });
    expect(() => fit([1, 2, 3, -4, 5], { start, rowWeights: [1, 0, 0, 2, 1] })).toThrow(/row 3 is -4: gamma/);
    const once = fit([1, 3, 5], { start });
    const left = fit([1, -2, 3, -4, 5], { start, rowWeights: [1, 0, 1, 0, 1] });
    expect(left.mixture.toJSON()).toEqual(once.mixture.toJSON());
  });
});

it('tells as how many rows they count, and how many rows of one weight say as much', () => {
  const rowWeights = Array.from({ length: 60 }, (_, j) => (j % 3) * 1.5);
  const weighted = fit(table, { order: 2, rowWeights });
  expect(weighted.sampleSize).toBe(20 * 1.5 + 20 * 3);
  expect(weighted.effectiveSampleSize).toBeCloseTo(90 ** 2 / (20 * 1.5 ** 2 + 20 * 3 ** 2), 12);
  expect(fit({ ...table, weights: rowWeights }, { order: 2 })).toEqual(weighted);
  expect('effectiveSampleSize' in fit(table, { order: 2 })).toBe(false);
});
