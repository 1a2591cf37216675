import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { randomStream } from '../math/random';
import { dots, plainDots, productsWith } from './dots';

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

it('rows that stay have the same memory in turn', () => {
  const random = randomStream(1, 'dots in turn');
  const draw = (length: number) => Float64Array.from({ length }, () => 2 * random() - 1);
  const shapes = [[5, 8], [300, 12], [1, 4], [2_200_000, 4]] as const; // biome-ignore format: the last has memory of its own
  const all = shapes.map(([n, w]) => {
    const rows = draw(n * w);
    const plain = plainDots(n, w);
    plain.rows.set(rows);
    return { w, plain, products: productsWith(rows, w) };
  });
  for (const K of [1, 5, 40, 1]) {
    for (const { w, plain, products } of K > 5 ? all.slice(0, 3) : all) {
      const lines = draw(K * w);
      const expected = plain.products(lines);
      const actual = products(lines);
      expect(actual.length).toBe(expected.length);
      let worst = 0;
      for (let i = 0; i < actual.length; i++) worst = Math.max(worst, Math.abs(actual[i] - expected[i]));
      expect(worst).toBeLessThan(1e-13 * w);
    }
  }
});
