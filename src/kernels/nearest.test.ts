import fc from 'fast-check';
import { expect, it } from 'vitest';
import { randomStream } from '../math/random';
import { nearestCentres, plainNearest } from './nearest';

it('finds the nearest centres that plain TypeScript finds, of any shape, again and again', () => {
  const sizes = {
    rows: fc.integer({ min: 1, max: 60 }),
    K: fc.integer({ min: 1, max: 9 }),
    columns: fc.integer({ min: 1, max: 17 }),
  };
  fc.assert(
    fc.property(fc.nat(), fc.record(sizes), (seed, { rows, K, columns }) => {
      const random = randomStream(seed, 'nearest');
      const draw = (length: number) => Float64Array.from({ length }, () => 2 * random() - 1);
      const samples = { data: draw(rows * columns), rows, columns };
      const [fast, plain] = [nearestCentres(samples, K), plainNearest(samples)];
      for (const count of [K, 1]) {
        const centres = draw(count * columns);
        const [own, right] = [fast(centres), plain(centres)];
        expect(own.labels).toEqual(right.labels);
        right.squared.forEach((value, j) => {
          expect(Math.abs(own.squared[j] - value)).toBeLessThanOrEqual(1e-14 * value);
        });
      }
    }),
    { numRuns: 200 },
  );
});

it('hands over rows in chunks', () => {
  const rows = 50_000;
  const samples = { data: Float64Array.from({ length: rows * 3 }, (_, i) => (i * 7919) % 1000), rows, columns: 3 };
  const centres = Float64Array.of(0, 0, 0, 500, 500, 500, 999, 0, 500);
  const [{ labels, squared }, right] = [nearestCentres(samples, 3)(centres), plainNearest(samples)(centres)];
  expect(labels).toEqual(right.labels);
  expect(squared).toEqual(right.squared);
});

it('takes the first of equal centres, and says that no distance is finite', () => {
  const rows = { data: Float64Array.of(1, 2, Number.NaN, 0), rows: 2, columns: 2 };
  for (const find of [nearestCentres(rows, 3), plainNearest(rows)]) {
    const { labels, squared } = find(Float64Array.of(5, 5, 1, 1, 1, 1));
    expect(labels).toEqual(Int32Array.of(1, 0));
    expect(squared).toEqual(Float64Array.of(1, Infinity));
  }
});
