import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fallingRoot, logMinusDigamma, normalCdf, poissonCdf, poissonUpper, trigamma } from './special';

// mpmath 1.3 with 40 digits
it.each([
  [1e-6, 999986.7617034621, 1000000000001.645],
  [0.05, 17.502112717745877, 401.53235734211506],
  [0.5, 1.2703628454614782, 4.934802200544679],
  [1.5, 0.3689751341295879, 0.9348022005446793],
  [15.9, 0.031776039050411986, 0.06491228159906011],
  [16.1, 0.03137726647579433, 0.06408064504241856],
  [123.25, 0.004062280957980609, 0.008146594456080266],
  [1e5, 5.000008333333333e-6, 1.0000050000166667e-5],
  [1e9, 5.000000000833333e-10, 1.0000000005e-9],
])('at %d: log x − ψ(x) and ψ′(x) to the last digits', (x, difference, derivative) => {
  expect(Math.abs(logMinusDigamma(x) / difference - 1)).toBeLessThan(2e-14);
  expect(Math.abs(trigamma(x) / derivative - 1)).toBeLessThan(1e-14);
});

// scipy.stats.norm and poisson
it.each([
  [-37, 5.7255712225239266e-300],
  [-8, 6.22096057427174e-16],
  [-1.3, 0.09680048458561036],
  [2, 0.9772498680518208],
])('the normal distribution function at %d', (z, probability) => {
  expect(Math.abs(normalCdf(z) / probability - 1)).toBeLessThan(1e-12);
});

it('of normal and Poisson variables the tails are 0 and 1 where they are beyond float64', () => {
  expect([normalCdf(-1e9), normalCdf(-Infinity), normalCdf(40), normalCdf(Infinity)]).toEqual([0, 0, 1, 1]);
  expect([poissonCdf(0, 1e9), poissonUpper(0, 1e9), poissonCdf(1e6, 1e-3), poissonUpper(1e6, 1e-3)]).toEqual([
    0, 1, 1, 0,
  ]);
  expect([poissonCdf(3, Infinity), poissonUpper(3, Infinity), poissonCdf(3, 0), poissonUpper(3, 0)]).toEqual([
    0, 1, 1, 0,
  ]);
  expect(poissonCdf(3, 2.5)).toBeCloseTo(0.7575761331330662, 14);
  expect(poissonUpper(100, 120)).toBeCloseTo(0.965331965305575, 12);
  expect(poissonUpper(80, 5) / 5.119014210079072e-67 - 1).toBeCloseTo(0, 9);
});

describe('the root of a falling function', () => {
  it('is found wherever it is, and from wherever the search begins', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -5, max: 5, noNaN: true }),
        fc.double({ min: -5, max: 5, noNaN: true }),
        fc.constantFrom(1, 1e-6, 1e6),
        (root, guess, steepness) => {
          const f = (x: number): [number, number] => [
            Math.atan(steepness * (root - x)),
            -steepness / (1 + (steepness * (root - x)) ** 2),
          ];
          expect(Math.abs(fallingRoot(f, -6, 6, guess) - root)).toBeLessThan(1e-14 * (1 + Math.abs(root)));
        },
      ),
      { seed: 1, numRuns: 200 },
    );
  });

  it('is found where the slope is wrong, by halving', () => {
    expect(fallingRoot((x) => [2 - x * x, 1], 0, 5, 3)).toBeCloseTo(Math.SQRT2, 14);
    expect(fallingRoot((x) => [2 - x * x, Number.NaN], 0, 5, 3)).toBeCloseTo(Math.SQRT2, 14);
  });

  it('is the end of the bracket that is nearer, where there is none inside', () => {
    expect(fallingRoot((x) => [-1 - x, -1], 0, 5, 3)).toBe(0);
    expect(fallingRoot((x) => [9 - x, -1], 0, 5, 3)).toBe(5);
  });
});
