import { expect, it } from 'vitest';
import { bell } from '../mixture/mixtures.fixture';
import { oracle } from './oracle';
import { reduce } from './reduce';

const estimates = [bell(0), bell(1), bell(50), bell(2)];

it('is the reduction of those that have not failed, with their own sample sizes', () => {
  const { mixture, objective } = oracle(estimates, [2], { sampleSizes: [1, 2, 100, 1] });
  expect(mixture.parameters[0].mean[0]).toBeCloseTo(1, 14);
  const expected = reduce([estimates[0], estimates[1], estimates[3]], { sampleSizes: [1, 2, 1] });
  expect(mixture.toJSON()).toEqual(expected.mixture.toJSON());
  expect(objective).toBe(expected.objective);
});

it('takes the failed in any order, twice, as typed numbers, or none', () => {
  const expected = oracle(estimates, [1, 2]).mixture.toJSON();
  expect(oracle(estimates, Int32Array.of(2, 1, 2)).mixture.toJSON()).toEqual(expected);
  expect(oracle(estimates, []).mixture.toJSON()).toEqual(reduce(estimates).mixture.toJSON());
});

it.each([4, -1, 1.5, Number.NaN, '1', 'map'])('says that there is no machine %s to have failed', (machine) => {
  expect(() => oracle(estimates, [0, machine as number])).toThrow(
    `machine ${typeof machine === 'string' ? `"${machine}"` : machine} is said to have failed, but the machines are 0 … 3`,
  );
});

it('says that nothing is left when all have failed, or there was nothing', () => {
  expect(() => oracle(estimates, [0, 1, 2, 3])).toThrow(/every machine is said to have failed: nothing is left/);
  expect(() => oracle([], [])).toThrow(/nothing is left|list of mixtures is empty/);
});
