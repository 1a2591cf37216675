import { randomNormal } from 'd3-random';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussian } from '../families/gaussian';
import { randomStream } from '../math/random';
import { logProducts, type MeanAndCovariance } from './products';

/** n Gaussians with covariances B Bᵀ + ridge I, B of standard normal entries times `scale`. */
function drawn(
  seed: number,
  { n, d, spread, scale, ridge }: { n: number; d: number; spread: number; scale: number; ridge: number },
): MeanAndCovariance[] {
  const normal = randomNormal.source(randomStream(seed, 'products'))();
  return Array.from({ length: n }, () => {
    const B = Float64Array.from({ length: d * d }, normal);
    const covariance = Float64Array.from({ length: d * d }, (_, ij) => {
      const [i, j] = [Math.floor(ij / d), ij % d];
      let sum = i === j ? ridge : 0;
      for (let k = 0; k < d; k++) sum += B[i * d + k] * B[j * d + k];
      return scale * scale * sum;
    });
    return { mean: Float64Array.from({ length: d }, () => spread * scale * normal()), covariance };
  });
}

/** N(0, variance · I). */
const flat = (d: number, variance: number): MeanAndCovariance => ({
  mean: new Float64Array(d),
  covariance: Float64Array.from({ length: d * d }, (_, ij) => (ij % (d + 1) === 0 ? variance : 0)),
});

/** What the family says one by one, in plain TypeScript: the reference. */
function expectSame(gaussians: readonly MeanAndCovariance[], rows: [number, number], columns: [number, number]): void {
  const products = logProducts(gaussians);
  if (!products) throw new Error('this machine cannot run the kernel');
  const actual = products(rows, columns);
  expect(actual.length).toBe((rows[1] - rows[0]) * (columns[1] - columns[0]));
  actual.forEach((value, at) => {
    const width = columns[1] - columns[0];
    const [a, b] = [gaussians[rows[0] + Math.floor(at / width)], gaussians[columns[0] + (at % width)]];
    const expected = gaussian.logInnerProduct(a, b);
    expect(Math.abs(value - expected)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(expected), a.mean.length));
  });
}

describe('the log products in WebAssembly are those of plain TypeScript', () => {
  it('for any number of Gaussians and features, near and far, small and large, of any part of them', () => {
    const shapes = {
      n: fc.integer({ min: 1, max: 11 }),
      d: fc.integer({ min: 1, max: 40 }),
      spread: fc.constantFrom(0, 1, 30, 1e6),
      scale: fc.constantFrom(1, 1e-6, 1e5),
      ridge: fc.constantFrom(0.5, 100),
    };
    fc.assert(
      fc.property(fc.nat(), fc.record(shapes), fc.nat(), fc.nat(), (seed, shape, from, to) => {
        const columns: [number, number] = [Math.min(from, to) % shape.n, shape.n];
        expectSame(drawn(seed, shape), [Math.max(from, to) % shape.n, shape.n], columns);
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  it.each([16, 31, 32, 33, 34, 63, 64])('on both sides of every width that is laid out otherwise, d = %i', (d) => {
    expectSame(drawn(2, { n: 6, d, spread: 1, scale: 1, ridge: 1 }), [0, 6], [0, 6]);
  });

  it('and are the same bits from either side', () => {
    for (const d of [1, 2, 5, 16, 17, 50]) {
      const gaussians = drawn(3, { n: 7, d, spread: 1, scale: 1, ridge: 0.1 });
      const all = logProducts(gaussians)?.([0, 7], [0, 7]) as Float64Array;
      for (let i = 0; i < 7; i++) for (let j = 0; j < i; j++) expect(all[i * 7 + j]).toBe(all[j * 7 + i]);
    }
  });

  it('of several lists in turns, of any size, as of each alone', () => {
    const large = Array.from({ length: 93 }, (_, i) => flat(300, 1 + i)); // more than is kept for others
    const lists = [...[2, 5].map((d) => drawn(d, { n: 6, d, spread: 1, scale: 1, ridge: 1 })), large];
    const alone = lists.map((list) => logProducts(list)?.([1, 3], [0, 2]).slice());
    const prepared = lists.map(logProducts);
    for (let turn = 0; turn < 2; turn++)
      prepared.forEach((products, i) => {
        expect(products?.([1, 3], [0, 2])).toEqual(alone[i]);
      });
  });

  it('but NaN where a sum of covariances is singular, which only the family can tell', () => {
    const line = { mean: Float64Array.of(0, 0), covariance: Float64Array.of(1, 1, 1, 1) };
    const round = { mean: Float64Array.of(0, 0), covariance: Float64Array.of(1, 0, 0, 1) };
    const all = logProducts([line, round])?.([0, 2], [0, 2]) as Float64Array;
    expect([...all].map(Number.isNaN)).toEqual([true, false, false, false]);
  });
});

it('leaves more than 1000 features, whose mantissas could overflow, to the family', () => {
  const [product] = logProducts([flat(1000, 0.99)])?.([0, 1], [0, 1]) ?? [];
  expect(product).toBeCloseTo(-500 * Math.log(2 * Math.PI * 1.98), 9);
  expect(logProducts([flat(1001, 0.99)])).toBeUndefined();
});
