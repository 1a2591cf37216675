import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { randomStream } from '../math/random';
import { plainSumOfSquares, sumOfSquares } from './squares';

it('sums of squares in WebAssembly are those of plain TypeScript, of any shape, in any pieces', () => {
  const shapes = {
    P: fc.integer({ min: 1, max: 45 }),
    pieces: fc.array(fc.constantFrom(1, 7, 127, 128, 129, 300), { minLength: 1, maxLength: 3 }),
    filled: fc.constantFrom(0.05, 0.5, 1),
  };
  fc.assert(
    fc.property(fc.nat(), fc.record(shapes), (seed, { P, pieces, filled }) => {
      const random = randomStream(seed, 'squares');
      const draw = (length: number) => Float64Array.from({ length }, () => 2 * random() - 1);
      const columns = draw(P).map(() => (random() < filled ? 1 : 0)); // some numbers are 0 in all rows
      const [fast, plain] = [sumOfSquares(P), plainSumOfSquares(P)];
      for (const n of pieces) {
        const rows = draw(n * P).map((value, i) => value * columns[i % P]);
        const masses = draw(n).map(Math.abs);
        for (const sum of [fast, plain]) sum.add(rows, masses);
      }
      const [actual, expected] = [fast.sums(), plain.sums()];
      expect(actual.length).toBe(P * P);
      const most = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-300);
      actual.forEach((value, i) => {
        expect(Math.abs(value - expected[i])).toBeLessThanOrEqual(1e-12 * most);
        expect(value).toBe(actual[(i % P) * P + Math.floor(i / P)]);
      });
    }),
    { seed: 1, numRuns: 60 },
  );
});

it('takes more rows at once than its memory has room for', () => {
  const [n, P] = [5000, 20];
  const sum = sumOfSquares(P);
  sum.add(new Float64Array(n * P).fill(3), new Float64Array(n).fill(2));
  const sums = sum.sums();
  expect(sums.length).toBe(P * P);
  for (const value of sums) expect(Math.abs(value / (2 * 9 * n) - 1)).toBeLessThan(1e-12);
});
