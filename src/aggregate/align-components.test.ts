import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jeffreysTable } from '../distance/information-distance';
import { randomOrder, randomStream } from '../math/random';
import { gaussianMixture } from '../mixture/constructors';
import { finished } from '../work/work';
import { alignComponents } from './align-components';

/** A component of an honest machine or a wild one: its kind, and where it lies. */
interface Sent {
  readonly kind: number;
  readonly place: readonly number[];
}

/** The kinds' places, ten standard deviations apart. */
const kindAt = (k: number) => [10 * (k % 3), 10 * Math.floor(k / 3)];

const near = (k: number, random: () => number): Sent => ({
  kind: k,
  place: kindAt(k).map((x) => x + 0.4 * (random() - 0.5)),
});

/** The kinds that are matched to each other: [k][i], the true kind of machine i's component that was matched to k. */
function matchedKinds(machines: readonly (readonly Sent[])[]): number[][] {
  const m = machines.length;
  const [{ length: K }] = machines;
  const mixtures = machines.map((sent) =>
    gaussianMixture({
      weights: sent.map(() => 1 / K),
      means: sent.map(({ place }) => [...place]),
      covariances: sent.map(() => [[1, 0], [0, 1]]), // biome-ignore format: matrix
    }),
  );
  const matched = finished(alignComponents(finished(jeffreysTable(mixtures)), m, K));
  for (let i = 0; i < m; i++)
    expect([...matched.slice(i * K, (i + 1) * K)].sort((a, b) => a - b)).toEqual([...machines[i].keys()]);
  return Array.from({ length: K }, (_, k) => machines.map((sent, i) => sent[matched[i * K + k]].kind));
}

/** Expects that every row of kinds is of one kind, save for the wild ones (kind −1), and all kinds are found. */
function expectPure(kinds: number[][]): void {
  const found = kinds.map((row) => new Set(row.filter((kind) => kind >= 0)));
  for (const row of found) expect(row.size).toBe(1);
  expect(found.map(([kind]) => kind).sort((a, b) => a - b)).toEqual([...kinds.keys()]);
}

const shuffled = <T>(of: readonly T[], seed: number): T[] => [...randomOrder(of.length, seed)].map((k) => of[k]);

describe('labels that every machine permutes at random', () => {
  it('are undone, of any number of machines and kinds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 7 }), fc.nat(1e6), (m, K, seed) => {
        const random = randomStream(seed, 'places');
        const machines = Array.from({ length: m }, (_, i) =>
          shuffled(
            Array.from({ length: K }, (_, k) => near(k, random)),
            seed + i,
          ),
        );
        expectPure(matchedKinds(machines));
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  it('are undone where a minority of each kind is anywhere', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 20 }), fc.integer({ min: 2, max: 6 }), fc.nat(1e6), (m, K, seed) => {
        const random = randomStream(seed, 'places');
        const wild = Array.from({ length: K }, (_, k) => new Set(shuffled([...new Array(m).keys()], seed + 99 * k).slice(0, Math.floor(0.3 * m)))); // biome-ignore format: short
        const machines = Array.from({ length: m }, (_, i) =>
          shuffled(
            Array.from(
              { length: K },
              (_, k): Sent =>
                wild[k].has(i)
                  ? { kind: -1, place: [0, 1].map(() => (random() - 0.5) * 10 ** (1 + 4 * random())) }
                  : near(k, random),
            ),
            seed + i,
          ),
        );
        // one that is wild may lie near a kind: then it takes that place, and another is wild
        const kinds = matchedKinds(machines);
        const majority = kinds.map((row) => {
          const counts = [...new Array(K).keys()].map((kind) => row.filter((one) => one === kind).length);
          return counts.indexOf(Math.max(...counts));
        });
        expect([...majority].sort((a, b) => a - b)).toEqual([...new Array(K).keys()]);
        const wrong = kinds.flatMap((row, k) => row.filter((kind) => kind >= 0 && kind !== majority[k])).length;
        expect(wrong / (m * K)).toBeLessThan(0.05);
      }),
      { seed: 4, numRuns: 60 },
    );
  });

  it('are undone where whole machines lie', () => {
    for (const [liars, place] of [
      [9, (k: number) => [500 + 10 * k, 0]], // together
      [9, (k: number) => kindAt(k).map((x) => -3 * x - 50)],
      [5, () => [5, 5]], // between the others, all of them
    ] as const) {
      const random = randomStream(liars, 'places');
      const machines = Array.from({ length: 20 }, (_, i) =>
        shuffled(
          Array.from({ length: 4 }, (_, k): Sent => (i < liars ? { kind: -1, place: place(k) } : near(k, random))),
          i,
        ),
      );
      expectPure(matchedKinds(machines));
    }
  });

  it('are undone where a minority sends what one honest machine sent', () => {
    const random = randomStream(6, 'places');
    const own = () => Array.from({ length: 4 }, (_, k) => near(k, random));
    const copied = own();
    const machines = Array.from({ length: 20 }, (_, i) => shuffled(i < 10 ? copied : own(), i)); // nine copies
    expectPure(matchedKinds(machines));
  });

  it('are undone where a minority sends one kind twice, and another not at all', () => {
    const random = randomStream(5, 'places');
    const machines = Array.from({ length: 20 }, (_, i) =>
      shuffled([near(0, random), i < 8 ? { ...near(0, random), kind: -1 } : near(1, random), near(2, random)], i),
    );
    const kinds = matchedKinds(machines);
    // which of the two is taken for which is open on those eight; the others are all right
    expectPure(kinds.map((row) => row.slice(8)));
  });
});

it('distances beyond float64 and components that are the same are no obstacle', () => {
  const place = (k: number) => [1e140 * k, 0];
  const machines = Array.from(
    { length: 7 },
    (_, i) =>
    shuffled([0, 1, 2].map((k): Sent => ({ kind: k, place: place(k) })), i), // biome-ignore format: short
  );
  expectPure(matchedKinds(machines));
  const same = Array.from({ length: 5 }, () => [0, 1].map((kind): Sent => ({ kind, place: [0, 0] })));
  matchedKinds(same);
});
