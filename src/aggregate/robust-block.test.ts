import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../math/random';
import { gaussianMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';
import { finished } from '../work/work';
import { cappedClaims } from './capped-claims';
import { blockOf, effectiveRows, filterBlock, originalsOf } from './robust-block';

/** m points of p independent normal coordinates each, of variance 1 / n_i. */
function normalPoints(m: number, p: number, seed: string, claims: ArrayLike<number>): number[][] {
  const standard = gaussianMixture({ weights: [1], means: [[0]], covariances: [[[1]]] });
  const { data } = sample(standard, m * p, seed).data;
  return Array.from({ length: m }, (_, i) =>
    Array.from({ length: p }, (__, j) => data[i * p + j] / Math.sqrt(claims[i])),
  );
}

const distance = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, j) => sum + (x - b[j]) ** 2, 0);

/** What the block is given: ½ |x − x′|², as Jeffreys divergences are near by. */
function pointsOf(points: readonly number[][], claims = new Float64Array(points.length).fill(1)) {
  const m = points.length;
  const squared = Float64Array.from(
    { length: m * m },
    (_, ij) => distance(points[Math.floor(ij / m)], points[ij % m]) / 2,
  );
  const references = Int32Array.from({ length: m }, (_, i) => i);
  const between = (i: number, j: number) => squared[i * m + j];
  return { squared, references, claims, size: points[0].length, between };
}

const filtered = (points: readonly number[][], claims?: Float64Array) => {
  const given = pointsOf(points, claims);
  const block = finished(blockOf(given, finished(originalsOf([given], points.length))));
  const { size } = given;
  return { block, ...finished(filterBlock(block, { expected: 0.5, degreesOfFreedom: size, tests: points.length })) };
};

const mean = (points: readonly number[][], masses: ArrayLike<number>, which: readonly number[]) => {
  const total = which.reduce((sum, i) => sum + masses[i], 0);
  return points[0].map((_, j) => which.reduce((sum, i) => sum + masses[i] * points[i][j], 0) / total);
};

describe('distances from squared distances', () => {
  it.each([1, 2, 5, 20])('are those to the mean of what is kept, of points of %d coordinates', (p) => {
    const random = randomStream(p, 'claims');
    const claims = Float64Array.from({ length: 15 }, () => 1 + 3 * random());
    const points = normalPoints(15, p, 'far ones', claims).map((x, i) => (i < 3 ? x.map((one) => one + 6) : x));
    const { block, kept, squaredDistances } = filtered(points, claims);
    const list = [...kept.keys()].filter((i) => kept[i]);
    expect(list.length).toBeGreaterThan(9);
    expect(list[0]).toBe(3);
    const centre = mean(points, block.mass, list);
    const total = list.reduce((sum, i) => sum + block.mass[i], 0);
    const ofMean = list.reduce((sum, i) => sum + (block.mass[i] / total) ** 2 / claims[i], 0);
    points.forEach((point, i) => {
      // Var(x_i − x̄) with x_i a part of x̄, or not
      const variance = (1 / claims[i]) * (kept[i] ? 1 - (2 * block.mass[i]) / total : 1) + ofMean;
      const expected = distance(point, centre) / 2 / variance;
      expect(squaredDistances[i] / expected).toBeCloseTo(1, 9);
    });
  });
});

describe('of honest points alone', () => {
  it.each([
    [1, 20],
    [2, 20],
    [5, 20],
    [20, 20],
    [65, 20],
    [5, 7],
    [5, 60],
  ])('with %d coordinates, on %d machines, all are kept nearly always', (p, m) => {
    let [lost, inAny] = [0, 0];
    for (let seed = 0; seed < 200; seed++) {
      const { kept } = filtered(normalPoints(m, p, `honest ${seed}`, new Float64Array(m).fill(1)));
      const out = kept.filter((one) => one === 0).length;
      lost += out;
      inAny += out > 0 ? 1 : 0;
    }
    // 5 % by themselves and some by groups: three standard errors of 200 repetitions are 5 %
    expect(inAny / 200).toBeLessThan(0.12);
    expect(lost / (200 * m)).toBeLessThan(0.02);
  });

  it('of unequal sizes, small machines are not accused', () => {
    let small = 0;
    for (let seed = 0; seed < 100; seed++) {
      const claims = Float64Array.from({ length: 20 }, (_, i) => 200 * 100 ** (i / 19));
      const { kept } = filtered(normalPoints(20, 5, `sizes ${seed}`, claims), claims);
      small += kept.slice(0, 10).filter((one) => one === 0).length;
    }
    expect(small / 1000).toBeLessThan(0.02);
  });
});

describe('copies', () => {
  const standard = (m: number) => new Float64Array(m).fill(1);

  it.each([1, 2, 5, 20, 65])('of %d coordinates are found in spite of a jitter of 1e-7', (p) => {
    for (let seed = 0; seed < 20; seed++) {
      const honest = normalPoints(12, p, `honest ${seed}`, standard(12));
      const jitter = normalPoints(8, p, `jitter ${seed}`, new Float64Array(8).fill(1e14));
      const far = honest[0].map((x) => x + (seed % 2 === 0 ? 0 : 20)); // of an honest one, or of a lie
      const copies = jitter.map((step) => step.map((x, j) => x + far[j]));
      const original = finished(originalsOf([pointsOf([...honest, ...copies])], 20));
      const first = seed % 2 === 0 ? 0 : 12;
      expect([...original.slice(12)]).toEqual(new Array(8).fill(first));
    }
  });

  it.each([1, 2, 5, 20, 65])('are hardly ever found among honest points of %d coordinates', (p) => {
    let found = 0;
    for (let seed = 0; seed < 300; seed++) {
      const original = finished(originalsOf([pointsOf(normalPoints(20, p, `honest ${seed}`, standard(20)))], 20));
      found += original.filter((of, i) => of !== i).length;
    }
    expect(found).toBeLessThanOrEqual(9); // one in a hundred repetitions: 3 of 300, and three standard deviations more
  });

  it('count once, together', () => {
    const honest = normalPoints(12, 5, 'honest', standard(12));
    const lie = honest[3].map((x) => x + 5);
    const { block, kept } = filtered([...honest, ...Array.from({ length: 8 }, (_, i) => lie.map((x) => x + i * 1e-7))]);
    const masses = block.mass.slice(12).reduce((sum, one) => sum + one, 0);
    expect(masses).toBeCloseTo(Math.max(...block.mass), 12);
    expect([...kept]).toEqual([...new Array(12).fill(1), ...new Array(8).fill(0)]);
  });
});

describe('a minority, wherever it is and whatever it sends,', () => {
  const places = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 3, maxLength: 3 });
  const honestAt = (m: number, p: number, seed: number) => normalPoints(m, p, `honest ${seed}`, new Float64Array(m).fill(1)); // biome-ignore format: short

  it('moves the mean of what is kept by a few units of the honest spread at most', () => {
    let worst = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 20 }),
        fc.nat(1000),
        fc.array(fc.tuple(places, fc.double({ min: 1e-6, max: 1, noNaN: true })), { minLength: 9, maxLength: 9 }),
        (m, seed, lies) => {
          const f = Math.ceil(m / 2) - 1;
          const honest = honestAt(m - f, 3, seed);
          const liars = lies.slice(0, f).map(([place, scale]) => place.map((x) => x * scale));
          const points = [...liars, ...honest];
          const { block, kept } = filtered(points);
          const list = [...kept.keys()].filter((i) => kept[i]);
          expect(list.some((i) => i >= f)).toBe(true);
          const moved = Math.sqrt(distance(mean(points, block.mass, list), new Array(3).fill(0)));
          worst = Math.max(worst, moved);
          // the honest points have the norm √3 each; the mean is in a ball that most of them lie in
          expect(moved).toBeLessThan(6);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
    expect(worst).toBeGreaterThan(0.1);
  });

  it('near or far together, too', () => {
    for (const far of [0, 0.5, 1, 2, 3, 5, 8, 20, 1e3, 1e6, 1e12]) {
      for (const spread of [1e-9, 0.1, 1, 3]) {
        for (let seed = 0; seed < 5; seed++) {
          const honest = honestAt(11, 3, seed);
          const liars = honestAt(9, 3, 1000 + seed).map((x) => x.map((one) => far + spread * one));
          const points = [...honest, ...liars];
          const { block, kept } = filtered(points);
          const moved = mean(points, block.mass, [...kept.keys()].filter((i) => kept[i])); // biome-ignore format: short
          expect(Math.hypot(...moved)).toBeLessThan(4);
        }
      }
    }
  });
});

it('a far minority wins nothing by its claims', () => {
  for (const claim of [0.01, 1, 10, 1e3, 1e9]) {
    for (let seed = 0; seed < 10; seed++) {
      // honest ones of 0.1 to 10 rows, liars far and as near to each other as their claims allow
      const claims = Float64Array.from({ length: 20 }, (_, i) => (i < 11 ? 0.1 * 100 ** (i / 10) : claim));
      const points = normalPoints(20, 3, `claims ${seed}`, claims).map((x, i) =>
        i < 11 ? x : x.map((one) => one + 4000),
      );
      expect([...filtered(points, claims).kept.subarray(11)]).toEqual(new Array(9).fill(0));
    }
  }
});

describe('what claims count', () => {
  it('is as claimed where nobody claims much more than others', () => {
    expect([...cappedClaims(Float64Array.of(3, 3, 3, 3, 3))]).toEqual([3, 3, 3, 3, 3]);
    expect([...cappedClaims(Float64Array.of(7))]).toEqual([7]);
    expect([...cappedClaims(Float64Array.of(2, 9))]).toEqual([2, 9]);
  });

  it('is not more than half for any minority, whatever the claims are', () => {
    const claimed = fc.double({ min: 1e-9, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(fc.array(claimed, { minLength: 3, maxLength: 30 }), (claims) => {
        const m = claims.length;
        const mass = cappedClaims(Float64Array.from(claims)).sort();
        const [ofMinority, all] = [mass.slice(m - Math.ceil(m / 2) + 1), mass].map((some) =>
          some.reduce((sum, one) => sum + one, 0),
        );
        expect(ofMinority / all).toBeLessThanOrEqual(0.5 * (1 + 1e-9));
      }),
      { seed: 2, numRuns: 500 },
    );
  });
});

it('rows behind a mean are those of one machine that says as much', () => {
  const claims = Float64Array.of(100, 400, 100, 50);
  const { block } = filtered([[0], [0.01], [0.1], [0.3]], claims);
  // the variance of the mean with weights a is Σ a² / n over (Σ a)²
  const [a, b, , c] = block.share;
  const variance = (a ** 2 / 100 + b ** 2 / 400 + c ** 2 / 50) / (a + b + c) ** 2;
  expect(effectiveRows([1, 1, 0, 1], block)).toBeCloseTo(1 / variance, 9);
  expect(effectiveRows([0, 0, 0, 0], block)).toBe(0);
});
