import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fallingRoot } from './root';

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
