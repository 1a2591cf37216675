import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DistanceMatrix } from '../distance/distance-matrix';
import { l2DistanceMatrix } from '../distance/l2';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { randomOrder, randomStream } from '../math/random';
import { gaussianMixture } from '../mixture/constructors';
import { type Mixture, mixture } from '../mixture/mixture';
import { bell, floats } from '../mixture/mixtures.fixture';
import { type CoatOptions, coat } from './coat';
import { dfmr } from './dfmr';

const read = (file: string) => JSON.parse(readFileSync(path.join(__dirname, file), 'utf8'));
const { cases } = read('case1.reference.json');
const m100 = read('m100.reference.json');
const inputs = read('../distance/case1.reference.json');
const inputs100 = read('../distance/m100.reference.json');
const readings = ['definition', 'median'] as const;

/** A distance matrix from its entries below the diagonal, row by row. */
function matrixOf(entries: ArrayLike<number>): DistanceMatrix {
  const size = (1 + Math.sqrt(1 + 8 * entries.length)) / 2;
  const at = (i: number, j: number): number => {
    const [a, b] = [Math.max(i, j), Math.min(i, j)];
    return a === b ? 0 : entries[(a * (a - 1)) / 2 + b];
  };
  return { size, logScale: 0, at };
}

const bells = (n: number): Mixture<GaussianParameter>[] => Array.from({ length: n }, (_, i) => bell(i));

describe('agrees with the reference, by the definition and by the median', () => {
  const matrices = new Map<string, string>([
    ['none', inputs.l2],
    ['other', inputs.otherL2],
    ...inputs.attacks.map(({ name, l2 }: { name: string; l2: string }) => [name, l2] as const),
  ]);

  it.each(Object.keys(cases).flatMap((name) => readings.map((radius) => [name, radius] as const)))(
    'failures: %s, radius: %s',
    (name, radius) => {
      const distances = matrixOf(floats(matrices.get(name) as string));
      const expected = cases[name].coat[radius];
      const result = coat(bells(20), { radiusBy: radius, distanceMatrix: distances });
      expect(result.index).toBe(expected.index);
      expect(Math.abs(result.radius / expected.radius - 1)).toBeLessThan(1e-14);
    },
  );

  it.each(readings)('of 100 machines, radius: %s', (radius) => {
    const result = coat(bells(100), { radiusBy: radius, distanceMatrix: matrixOf(floats(inputs100.l2)) });
    expect(result.index).toBe(m100.coat[radius].index);
    expect(Math.abs(result.radius / m100.coat[radius].radius - 1)).toBeLessThan(1e-14);
  });
});

describe('the radius', () => {
  const radii = (entries: number[][], radius: CoatOptions['radiusBy']) => {
    const m = entries.length;
    const at = (i: number, j: number) => entries[i][j];
    return coat(bells(m), { radiusBy: radius, distanceMatrix: { size: m, logScale: 0, at } });
  };
  const line = (positions: number[]) => positions.map((a) => positions.map((b) => Math.abs(a - b)));

  it('by the definition holds at least half of the estimates, the centre itself counted', () => {
    expect(radii(line([0, 1, 5, 20]), 'definition')).toMatchObject({ index: 1, radius: 1 });
    expect(radii(line([0, 1, 5, 20, 30]), 'definition')).toMatchObject({ index: 1, radius: 4 });
    expect(radii(line([0, 10, 11, 13, 30, 50]), 'definition')).toMatchObject({ index: 2, radius: 2 });
  });

  it('by the median is that of a whole row, which for even m averages the two in the middle', () => {
    expect(radii(line([0, 1, 5, 20]), 'median')).toMatchObject({ index: 1, radius: 2.5 });
    expect(radii(line([0, 1, 5, 20, 30]), 'median')).toMatchObject({ index: 1, radius: 4 });
  });

  it('is the least of all, by counting', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 12 }), (seed, m) => {
        const random = randomStream(seed, 'test');
        const positions = Array.from({ length: m }, () => [random(), random()]);
        const distance = (i: number, j: number) =>
          Math.hypot(positions[i][0] - positions[j][0], positions[i][1] - positions[j][1]);
        const all = positions.map((_, i) => positions.map((_, j) => distance(i, j)));
        const holdsHalf = all.map((row) => Math.min(...row.filter((r) => 2 * row.filter((d) => d <= r).length >= m)));
        const { index, radius, distances } = radii(all, 'definition');
        expect(radius).toBe(Math.min(...holdsHalf));
        expect(radius).toBe(holdsHalf[index]);
        expect([...distances]).toEqual(all[index]);
      }),
      { seed: 1, numRuns: 60 },
    );
  });
});

it('gives the estimate, its index and the distances from it', () => {
  const estimates = [bell(0), bell(0.1), bell(9), bell(0.3), bell(-0.2)];
  const { index, mixture, radius, distances } = coat(estimates);
  const { at } = l2DistanceMatrix(estimates);
  expect(mixture).toBe(estimates[index]);
  expect([...distances]).toEqual(estimates.map((_, i) => at(index, i)));
  expect(radius).toBe([...distances].sort((a, b) => a - b)[2]);
});

it('does not depend on the order of the machines, where there are at least three', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 3, max: 9 }), fc.constantFrom(...readings), (seed, m, radius) => {
      const random = randomStream(seed, 'test');
      const estimates = Array.from({ length: m }, () => bell(3 * random(), 0.5 + random()));
      const order = [...randomOrder(m, seed)];
      const first = coat(estimates, { radiusBy: radius });
      const second = coat(
        order.map((i) => estimates[i]),
        { radiusBy: radius },
      );
      expect(order[second.index]).toBe(first.index);
      expect(second.radius).toBeCloseTo(first.radius, 14);
    }),
    { seed: 1, numRuns: 40 },
  );
});

it('is an honest estimate while fewer than half have failed, however they did', () => {
  const honest = [0, 0.01, 0.02, -0.01, 0.03].map((mean) => bell(mean));
  const hostile = [
    [bell(1e150), bell(1e150), bell(1e150), bell(1e150)],
    [bell(0, 1e-200), bell(0, 1e-200), bell(0, 1e-200), bell(0, 1e200)],
    [bell(5), bell(5), bell(5), bell(5)],
    [bell(0, 1e200), bell(0, 1e200), bell(0, 1e-30), bell(1e9, 1e-30)],
  ];
  for (const failed of hostile) {
    for (const radius of readings) {
      const result = coat([...failed, ...honest], { radiusBy: radius });
      expect(result.index).toBeGreaterThanOrEqual(4);
      expect(result.radius).toBeLessThan(0.05);
      expect(result.distances.some(Number.isNaN)).toBe(false);
    }
  }
});

it('keeps, with its threshold, what the reference keeps, from the distances alone', () => {
  const distances = matrixOf(floats(inputs.otherL2));
  for (const [rho, kept] of Object.entries<number[]>(cases.other.kept)) {
    expect([...dfmr(bells(20), { distanceMatrix: distances, inflationFactor: Number(rho) }).kept]).toEqual(kept);
  }
});

it('of equal radii is the one whose next larger balls are smaller, in any order of the machines', () => {
  const points = [
    [0, 0],
    [1, 0],
    [0.5, 3],
    [10, 0],
  ];
  for (const order of [
    [0, 1, 2, 3],
    [1, 0, 3, 2],
    [3, 2, 1, 0],
  ]) {
    const below = order.flatMap((i, a) =>
      order.slice(0, a).map((j) => Math.hypot(points[i][0] - points[j][0], points[i][1] - points[j][1])),
    );
    expect(order[coat(bells(4), { distanceMatrix: matrixOf(below) }).index]).toBe(1);
  }
});

/** Definition (10) with its order of ties, all rows sorted: the index of the centre. */
function centreByDefinition(entries: readonly (readonly number[])[], radiusBy: CoatOptions['radiusBy']): number {
  const m = entries.length;
  const half = Math.ceil(m / 2) - 1;
  const balls = entries.map((row) => {
    const sorted = [...row].sort((a, b) => a - b);
    const radius = radiusBy === 'median' ? (sorted[half] + sorted[Math.floor(m / 2)]) / 2 : sorted[half];
    return [radius, ...sorted.slice(half)];
  });
  const isLess = (a: readonly number[], b: readonly number[]) => {
    const at = a.findIndex((value, i) => value !== b[i]);
    return at >= 0 && a[at] < b[at];
  };
  return balls.reduce((best, ball, i) => (isLess(ball, balls[best]) ? i : best), 0);
}

it('is that of the definition where many radii and balls are equal, to the bit', () => {
  const few = fc.constantFrom(0, 1, 1, 2, 2.5, Infinity);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 14 }),
      fc.infiniteStream(few),
      fc.constantFrom(...readings),
      (m, stream, by) => {
        const below = Float64Array.from({ length: (m * (m - 1)) / 2 }, () => stream.next().value as number);
        const matrix = m === 1 ? { size: 1, logScale: 0, at: () => 0 } : matrixOf(below);
        const entries = Array.from({ length: m }, (_, i) => Array.from({ length: m }, (__, j) => matrix.at(i, j)));
        const index = centreByDefinition(entries, by);
        const row = [...entries[index]].sort((a, b) => a - b);
        const [low, high] = [row[Math.ceil(m / 2) - 1], row[Math.floor(m / 2)]];
        const radius = by === 'median' ? (low + high) / 2 : low;
        const found = () => coat(bells(m), { radiusBy: by, distanceMatrix: matrix });
        if (radius === Infinity) expect(found).toThrow(/no estimate is at a finite distance/);
        else expect(found()).toMatchObject({ index, radius, distances: Float64Array.from(entries[index]) });
      },
    ),
    { seed: 1, numRuns: 400 },
  );
});

describe('of few or equal estimates', () => {
  it('of one is that one, with radius 0', () => {
    for (const radius of readings) expect(coat([bell(3)], { radiusBy: radius })).toMatchObject({ index: 0, radius: 0 });
  });

  it('of two is the first, as two cannot outvote each other', () => {
    const result = coat([bell(0), bell(1)]);
    expect(result).toMatchObject({ index: 0, radius: 0 });
    expect(result.distances[1]).toBeGreaterThan(0);
  });

  it('of equal ones is the first, with radius 0, also where their components are permuted', () => {
    const G = gaussianMixture({ weights: [0.3, 0.7], means: [[0], [3]], covariances: [[[1]], [[2]]] });
    const H = mixture<GaussianParameter>('gaussian', G.weights.toReversed(), G.parameters.toReversed());
    expect(coat([G, H, G, H, H])).toEqual({ index: 0, mixture: G, radius: 0, distances: new Float64Array(5) });
  });
});

describe('says', () => {
  it('that the list is empty', () => {
    expect(() => coat([])).toThrow(/list of mixtures is empty: at least one is needed/);
  });

  it('that an estimate is of another dimension, or another order', () => {
    const plane = gaussianMixture({
      weights: [1],
      means: [[0, 0]],
      covariances: [
        [
          [1, 0],
          [0, 1],
        ],
      ],
    });
    expect(() => coat([bell(0), bell(1), plane])).toThrow(/mixture 2 is 2-dimensional, mixture 0 1-dimensional/);
    const two = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [1]], covariances: [[[1]], [[1]]] });
    expect(() => coat([bell(0), two])).toThrow(
      /estimate 1 has 2 components, estimate 0 has 1: .*leave the odd ones out/,
    );
  });

  it('that there is no such radius', () => {
    const radius = 'mean' as CoatOptions['radiusBy'];
    expect(() => coat([bell(0)], { radiusBy: radius })).toThrow(
      /radiusBy is "mean": it must be 'definition' or 'median'/,
    );
  });

  it('that the distances are of other estimates', () => {
    expect(() => coat(bells(3), { distanceMatrix: l2DistanceMatrix(bells(2)) })).toThrow(
      /3 estimates, but the distance matrix is of 2/,
    );
  });
});
