import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adjustedRandIndex } from './adjusted-rand-index';

interface Case {
  name: string;
  value: number;
  a: number[] | string;
  b: number[] | string;
}

const { cases }: { cases: Case[] } = JSON.parse(
  readFileSync(path.join(__dirname, 'adjusted-rand-index.reference.json'), 'utf8'),
);
const labelling = fc
  .integer({ min: 2, max: 25 })
  .chain((n) => fc.tuple(...[3, 5].map((most) => fc.array(fc.nat(most), { minLength: n, maxLength: n }))));
const RUNS = { seed: 1, numRuns: 60 };

describe('agrees with the reference', () => {
  it.each(cases.map((one) => [one.name, one] as const))('%s', (_, { a, b, value }) => {
    expect(adjustedRandIndex([...a], [...b])).toBeCloseTo(value, 14);
  });
});

function byAllPairs(a: readonly number[], b: readonly number[]): number {
  let [both, inA, inB, all] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < i; j++) {
      all++;
      if (a[i] === a[j]) inA++;
      if (b[i] === b[j]) inB++;
      if (a[i] === a[j] && b[i] === b[j]) both++;
    }
  }
  const expected = (inA * inB) / all;
  const most = (inA + inB) / 2;
  return most === expected ? 1 : (both - expected) / (most - expected);
}

it('is what counting all pairs of rows gives', () => {
  fc.assert(
    fc.property(labelling, ([a, b]) => {
      expect(adjustedRandIndex(a, b)).toBeCloseTo(byAllPairs(a, b), 12);
    }),
    RUNS,
  );
});

it('is that of hundreds of clusters, too', () => {
  const rows = Array.from({ length: 1200 }, (_, j) => j);
  const [a, b] = [rows.map((j) => j % 400), rows.map((j) => (j % 7 === 0 ? j % 400 : Math.floor(j / 3)))];
  expect(adjustedRandIndex(a, b)).toBeCloseTo(byAllPairs(a, b), 12);
});

it('is symmetric, at most one, and does not depend on the names of the labels or the order of the rows', () => {
  const names = ['six', 'one', 'five', 'two', 'four', 'three'];
  fc.assert(
    fc.property(labelling, ([a, b]) => {
      const value = adjustedRandIndex(a, b);
      expect(value).toBeLessThanOrEqual(1);
      expect(adjustedRandIndex(b, a)).toBeCloseTo(value, 14);
      expect(
        adjustedRandIndex(
          a.map((label) => names[label]),
          Int32Array.from(b, (label) => 7 - label),
        ),
      ).toBe(value);
      expect(adjustedRandIndex(a.toReversed(), b.toReversed())).toBeCloseTo(value, 14);
    }),
    RUNS,
  );
});

it('is one for the same partition, also a trivial one', () => {
  for (const labels of [[0, 0, 1, 1, 2], [3], [1, 1, 1], [1, 2, 3], new Array(100000).fill(0)]) {
    expect(
      adjustedRandIndex(
        labels,
        labels.map((label) => 10 - label),
      ),
    ).toBe(1);
  }
});

it('is exact for a million rows', () => {
  const n = 1e6;
  const a = Int32Array.from({ length: n }, (_, j) => j % 4);
  const b = Int32Array.from({ length: n }, (_, j) => (j % 4) % 2);
  const pairs = (count: number) => (count * (count - 1)) / 2;
  const [both, inA, inB] = [4 * pairs(n / 4), 4 * pairs(n / 4), 2 * pairs(n / 2)];
  const expected = inA * (inB / pairs(n));
  expect(adjustedRandIndex(a, b)).toBeCloseTo((both - expected) / ((inA + inB) / 2 - expected), 12);
});

it('says that the labellings must be of the same rows', () => {
  expect(() => adjustedRandIndex([1, 2], [1])).toThrow(/same rows are needed, but they have 2 and 1 labels/);
  expect(() => adjustedRandIndex([], [])).toThrow(/0 and 0 labels/);
});
