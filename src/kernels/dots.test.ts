import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { randomStream } from '../math/random';
import { dots, plainDots } from './dots';

it('products in WebAssembly are those of plain TypeScript, of any shape, again and again', () => {
  const sizes = {
    n: fc.integer({ min: 1, max: 40 }),
    K: fc.integer({ min: 1, max: 11 }),
    w: fc.integer({ min: 1, max: 90 }),
  };
  fc.assert(
    fc.property(fc.nat(), fc.record(sizes), (seed, { n, K, w }) => {
      const random = randomStream(seed, 'dots');
      const draw = (length: number) => Float64Array.from({ length }, () => 2 * random() - 1);
      const rows = draw(n * w);
      const [fast, plain] = [dots(n, w), plainDots(n, w)];
      for (const { rows: to, stride } of [fast, plain])
        rows.forEach((value, i) => {
          to[Math.floor(i / w) * stride + (i % w)] = value;
        });
      for (const lines of [draw(K * w), draw(K * w), draw(3 * K * w)]) {
        const expected = plain.products(lines);
        const actual = fast.products(lines);
        expect(actual.length).toBe((n * lines.length) / w);
        actual.forEach((value, i) => {
          expect(Math.abs(value - expected[i])).toBeLessThan(1e-13 * w);
        });
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});

it('takes other rows after products whose lines made its memory grow', () => {
  const [n, w] = [100, 80];
  const fast = dots(n, w);
  fast.rows.fill(1);
  fast.products(new Float64Array(300 * w).fill(1));
  fast.rows.fill(2);
  expect(fast.products(new Float64Array(w).fill(1))[n - 1]).toBe(2 * w);
});
