import { randomNormal } from 'd3-random';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { randomStream } from '../math/random';
import { emLabels, emMoments, emPass } from './gaussian-em';
import {
  type EmComponents,
  type EmMoments,
  type EmSums,
  plainMoments,
  plainPass,
  type Rows,
} from './gaussian-em-plain';

/** Rows about K centres, and K components near them. */
function drawn(
  seed: number,
  {
    n,
    d,
    K,
    spread = 1,
    offset = 0,
    weighted = false,
  }: {
    n: number;
    d: number;
    K: number;
    spread?: number;
    offset?: number;
    weighted?: boolean;
  },
): { rows: Rows; components: EmComponents } {
  const random = randomStream(seed, 'kernels');
  const normal = randomNormal.source(random)();
  const centres = Float64Array.from({ length: K * d }, () => offset + spread * normal());
  const label = Int32Array.from({ length: n }, () => Math.floor(K * random()));
  return {
    rows: {
      data: Float64Array.from({ length: n * d }, (_, i) => centres[label[Math.floor(i / d)] * d + (i % d)] + normal()),
      rows: n,
      columns: d,
      ...(weighted && { weights: Float64Array.from({ length: n }, () => Math.exp(3 * normal())) }),
    },
    components: {
      means: centres.map((centre) => centre + 0.2 * normal()),
      whitenings: Array.from({ length: K }, () =>
        Float64Array.from({ length: d * d }, (_, i) => {
          const [row, column] = [Math.floor(i / d), i % d];
          return row === column ? 0.7 + random() : row > column ? (0.3 * normal()) / Math.sqrt(d) : 0;
        }),
      ),
      logs: Float64Array.from({ length: K }, () => Math.log(random() / K) - 0.5 * d * Math.log(2 * Math.PI)),
    },
  };
}

function expectSame(actual: EmSums, expected: EmSums, tolerance = 1e-12): void {
  expect(Math.abs(actual.logLikelihood / expected.logLikelihood - 1)).toBeLessThan(tolerance);
  expectSameMoments(actual, expected, tolerance);
}

function expectSameMoments(actual: EmMoments, expected: EmMoments, tolerance = 1e-12): void {
  for (const name of ['masses', 'moments', 'scatters'] as const) {
    const scale = expected[name].reduce((most, value) => Math.max(most, Math.abs(value)), 1e-300);
    expect(actual[name].length).toBe(expected[name].length);
    actual[name].forEach((value, i) => {
      expect(Math.abs(value - expected[name][i])).toBeLessThanOrEqual(tolerance * scale);
    });
  }
}

it('collects in WebAssembly what plain TypeScript collects of given responsibilities, again and again', () => {
  const shape = {
    n: fc.integer({ min: 1, max: 300 }),
    d: fc.integer({ min: 1, max: 20 }),
    K: fc.integer({ min: 1, max: 9 }),
  };
  fc.assert(
    fc.property(fc.nat(), fc.record(shape), (seed, { n, d, K }) => {
      const { rows, components } = drawn(seed, { n, d, K });
      const random = randomStream(seed, 'shares');
      const collect = emMoments(rows, K);
      for (const rare of [0, 0.9]) {
        const shares = Float64Array.from({ length: K * n }, () => (random() < rare ? 0 : random()));
        expectSameMoments(collect(shares, components.means), plainMoments(rows, shares, components.means));
      }
    }),
  );
});

it('hands given responsibilities over in chunks', () => {
  const { rows, components } = drawn(3, { n: 20_011, d: 7, K: 3 });
  const shares = Float64Array.from({ length: 3 * 20_011 }, (_, i) => (i % 17) / 17);
  expectSameMoments(emMoments(rows, 3)(shares, components.means), plainMoments(rows, shares, components.means), 1e-11);
});

describe('a pass in WebAssembly says what plain TypeScript says', () => {
  it('for any number of rows, features and components, near and far, pass after pass', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.record({
          n: fc.integer({ min: 1, max: 300 }),
          d: fc.integer({ min: 1, max: 20 }),
          K: fc.integer({ min: 1, max: 9 }),
          spread: fc.constantFrom(0, 1, 10, 1000),
          offset: fc.constantFrom(0, -1e4, 1e7),
          weighted: fc.boolean(),
        }),
        (seed, shape) => {
          const { rows, components } = drawn(seed, shape);
          const pass = emPass(rows, shape.K);
          const expected = plainPass(rows, components);
          const tolerance = shape.offset === 0 ? 1e-12 : 1e-12 + 1e-15 * Math.abs(shape.offset);
          expectSame(pass(components), expected, tolerance);
          expectSame(pass(components), expected, tolerance); // the rows may have been sorted
        },
      ),
      { seed: 1, numRuns: 150 },
    );
  });

  it.each([
    { n: 64, d: 64, K: 32 },
    { n: 1001, d: 50, K: 10, spread: 3 },
    { n: 40_000, d: 3, K: 4 },
    { n: 130, d: 33, K: 1 },
    { n: 1001, d: 50, K: 10, spread: 3, weighted: true },
    { n: 40_000, d: 3, K: 4, weighted: true },
    { n: 130, d: 33, K: 1, weighted: true },
  ])('for %j', (shape) => {
    const { rows, components } = drawn(7, shape);
    const pass = emPass(rows, shape.K);
    for (let i = 0; i < 2; i++) expectSame(pass(components), plainPass(rows, components));
  });

  it('for weights of 0 and 1e-300, and for components that no row is near', () => {
    const { rows, components } = drawn(3, { n: 200, d: 4, K: 5 });
    const logs = components.logs.slice();
    logs[1] = -Infinity;
    logs[3] += Math.log(1e-300);
    const means = components.means.map((mean, i) => (i >= 16 ? 1e8 : mean));
    const sums = emPass(rows, 5)({ ...components, logs, means });
    expectSame(sums, plainPass(rows, { ...components, logs, means }));
    expect([sums.masses[1], sums.masses[4]]).toEqual([0, 0]);
  });

  it('for rows that repeat and rows that count so often', () => {
    const { rows, components } = drawn(9, { n: 500, d: 3, K: 3, spread: 10 });
    const counts = Float64Array.from({ length: 500 }, (_, j) => 1 + (j % 5));
    const places = [...counts].flatMap((count, j) => new Array<number>(count).fill(j));
    const data = Float64Array.from(places.flatMap((j) => [...rows.data.subarray(3 * j, 3 * j + 3)]));
    const repeated = emPass({ data, rows: places.length, columns: 3 }, 3);
    const counted = emPass({ ...rows, weights: counts }, 3);
    for (let i = 0; i < 2; i++) expectSame(counted(components), repeated(components));
  });

  it('where rows repeat, and where all are the same', () => {
    const { components } = drawn(3, { n: 1, d: 2, K: 3 });
    const data = new Float64Array(2 * 100).fill(0.5);
    const rows = { data, rows: 100, columns: 2 };
    expectSame(emPass(rows, 3)(components), plainPass(rows, components));
  });

  it('and is not finite where a row is beyond every component', () => {
    const { rows, components } = drawn(3, { n: 70, d: 2, K: 2 });
    rows.data[130] = 1e200;
    expect(Number.isFinite(emPass(rows, 2)(components).logLikelihood)).toBe(false);
    expect(Number.isFinite(plainPass(rows, components).logLikelihood)).toBe(false);
    const counted = { ...rows, weights: new Float64Array(70).fill(0.5) };
    expect(Number.isFinite(emPass(counted, 2)(components).logLikelihood)).toBe(false);
  });

  it('for several mixtures of several fits at a time', () => {
    const [one, other] = [drawn(1, { n: 100, d: 3, K: 2 }), drawn(2, { n: 90, d: 5, K: 4 })];
    const [first, second] = [emPass(one.rows, 2), emPass(other.rows, 4)];
    const before = first(one.components);
    second(other.components);
    expectSame(first(one.components), before);
  });
});

it('reads rows by component once components are apart, so that whole blocks of the others are skipped', () => {
  const read = (spread: number, d: number) => {
    const { rows, components } = drawn(11, { n: 65, d, K: 3, spread }); // so few that their centre does not depend on their order
    const labels = emLabels(rows, components) as Int32Array;
    const order = Array.from(labels.keys()).sort((a, b) => labels[a] - labels[b] || a - b);
    const sorted = {
      ...rows,
      data: Float64Array.from(order.flatMap((j) => [...rows.data.subarray(d * j, d * j + d)])),
    };
    const passes = [rows, sorted].map((table) => {
      const pass = emPass(table, 3);
      return [pass(components), pass(components)];
    });
    return { order, own: passes[0], ofSorted: passes[1] };
  };
  const apart = read(30, 16);
  expect(apart.order).not.toEqual([...apart.order.keys()]);
  expect(apart.own[0]).not.toEqual(apart.ofSorted[0]); // sums in another order
  expect(apart.own[1]).toEqual(apart.ofSorted[1]);
  const together = read(0, 2);
  expect(together.own[1]).toEqual(together.own[0]);
});

it('has the same sums where rows are kept in blocks as where they are arranged in each pass', () => {
  for (const [n, d] of [
    [1, 1],
    [64, 2],
    [200, 3],
    [14_000, 10], // more than stay in the kernel
  ]) {
    const { rows, components } = drawn(12, { n, d, K: 3, spread: 0, weighted: n === 200 });
    const pass = emPass(rows, 3);
    const first = pass(components);
    expect(pass(components)).toEqual(first);
    expect(pass(components)).toEqual(first);
  }
});

describe('labels', () => {
  it('are the components of largest density', () => {
    for (const spread of [0, 1, 30]) {
      const { rows, components } = drawn(5, { n: 333, d: 7, K: 6, spread });
      const labels = emLabels(rows, components) as Int32Array;
      labels.forEach((label, j) => {
        const row = { data: rows.data.subarray(7 * j, 7 * j + 7), rows: 1, columns: 7 };
        const { masses } = plainPass(row, components);
        expect(masses[label]).toBeGreaterThanOrEqual(Math.max(...masses) - 1e-9);
      });
    }
  });

  it('are −1 for a row beyond every component', () => {
    const { rows, components } = drawn(5, { n: 70, d: 2, K: 2 });
    rows.data[130] = 1e200;
    const labels = emLabels(rows, components) as Int32Array;
    expect([...labels].map((label) => label === -1).indexOf(true)).toBe(65);
    expect(labels.filter((label) => label < 0).length).toBe(1);
  });
});

describe('without WebAssembly', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it('plain TypeScript takes over', async () => {
    vi.resetModules();
    vi.stubGlobal('WebAssembly', undefined);
    const { emPass: fallback } = await import('./gaussian-em');
    const { rows, components } = drawn(1, { n: 100, d: 3, K: 2 });
    expect(fallback(rows, 2)(components)).toEqual(plainPass(rows, components));
  });
});
