import { afterEach, describe, expect, it } from 'vitest';
import { InvalidInput } from '../errors';
import { gammaMixture } from '../mixture/constructors';
import type { Mixture } from '../mixture/mixture';
import { bell, drawnMixture } from '../mixture/mixtures.fixture';
import type { Progress } from '../work/work';
import {
  type Distance,
  distanceMatrix,
  distanceNames,
  isPortableDistance,
  pairwise,
  registerDistance,
} from './distance';
import { distanceMatrixOf } from './distance-matrix';
import { l2DistanceMatrix } from './l2';
import { transportDistanceMatrix } from './transport-distance';

const few = [1, 2, 3, 4].map((seed) => drawnMixture(seed, 2, 2));
const entriesOf = ({ size, at }: Awaited<ReturnType<typeof distanceMatrix>>) =>
  Array.from({ length: size ** 2 }, (_, ij) => at(Math.floor(ij / size), ij % size));

describe('by name', () => {
  it.each([
    ['l2', l2DistanceMatrix(few)],
    ['L2', l2DistanceMatrix(few)],
    ['smoothed-l2(0.5)', l2DistanceMatrix(few, { smoothing: 0.5 })],
    ['transport', transportDistanceMatrix(few)],
  ])('%s is its function, to the bit', async (distance, expected) => {
    const found = await distanceMatrix(few, { distance });
    expect(entriesOf(found)).toEqual(entriesOf(expected));
    expect([found.title, found.logScale, found.norms]).toEqual([expected.title, expected.logScale, expected.norms]);
  });

  it('L² is what is taken if none is given', async () => {
    expect(entriesOf(await distanceMatrix(few))).toEqual(entriesOf(l2DistanceMatrix(few)));
  });

  it('says that there is none, naming all', async () => {
    const work = distanceMatrix(few, { distance: 'hellinger' });
    await expect(work).rejects.toThrow(InvalidInput);
    await expect(work).rejects.toThrow(`there is no distance "hellinger": use ${distanceNames().join(', ')}`);
    expect(distanceNames().slice(0, 3)).toEqual(['l2', 'smoothed-l2(number)', 'transport']);
    await expect(distanceMatrix(few, { distance: 'smoothed-l2(-1)' })).rejects.toThrow(/smoothing is -1/);
  });
});

describe('a distance of one’s own', () => {
  const first = ({ parameters }: Mixture) => (parameters[0] as { mean: Float64Array }).mean[0];
  afterEach(() => {
    asked = [];
  });
  let asked: [number, number][] = [];
  const means = [3, 0, 7].map((mean) => bell(mean));
  registerDistance({
    name: 'first-means',
    between(G, H) {
      asked.push([first(G), first(H)]);
      return Math.abs(first(G) - first(H));
    },
  });

  it('of a pair is asked of each pair once, and is symmetric', async () => {
    const found = await distanceMatrix(means, { distance: 'first-means' });
    expect(entriesOf(found)).toEqual([0, 3, 4, 3, 0, 7, 4, 7, 0]);
    expect(asked).toEqual([[0, 3], [7, 3], [7, 0]]); // biome-ignore format: pairs
    expect(found.title).toBe('first-means distance');
  });

  it('that differs one way from the other is that of the later from the earlier one, both ways', async () => {
    const distance = pairwise({ name: 'one-way', between: (G, H) => Math.max(0, first(G) - first(H)) });
    expect(entriesOf(await distanceMatrix(means, { distance }))).toEqual([0, 0, 4, 0, 0, 7, 4, 7, 0]);
  });

  it('may be infinite', async () => {
    const distance = pairwise({ name: 'far', between: (G) => (first(G) === 7 ? Infinity : 1) });
    expect(entriesOf(await distanceMatrix(means, { distance }))).toEqual([
      0,
      1,
      Infinity,
      1,
      0,
      Infinity,
      Infinity,
      Infinity,
      0,
    ]);
  });

  it.each([Number.NaN, -1, undefined, 'far'])('that answers %j is refused, with the pair', async (value) => {
    const distance = pairwise({ name: 'odd', between: (G) => (first(G) === 7 ? (value as number) : 1) });
    const work = distanceMatrix(means, { distance });
    await expect(work).rejects.toThrow(InvalidInput);
    await expect(work).rejects.toThrow(
      `the distance "odd" between estimates 2 and 0 is ${value}: it must be 0 or a positive number`,
    );
  });

  it.each<[string, number[], RegExp]>([
    ['NaN', [0, 1, 1, 1, 0, Number.NaN, 1, 1, 0], /^the distance "whole" between estimates 1 and 2 is NaN: it must be/],
    [
      'a negative number',
      [0, -1, 1, 1, 0, 1, 1, 1, 0],
      /^the distance "whole" between estimates 0 and 1 is -1: it must/,
    ],
    ['too few', [0, 1, 1, 0], /^the distance "whole" returned a matrix of size 2, but there are 3 estimates/],
  ])('that answers a whole matrix with %s is refused', async (_, entries, message) => {
    const distance: Distance = {
      name: 'whole',
      *matrix() {
        yield { stage: 'distances', done: 1, total: 1 };
        return distanceMatrixOf('whole', Float64Array.from(entries));
      },
    };
    await expect(distanceMatrix(means, { distance })).rejects.toThrow(message);
  });

  it('cannot take a name that is taken, or none', () => {
    const between = () => 1;
    expect(() => registerDistance({ name: 'transport', between })).toThrow(
      /^there is a distance named "transport" already/,
    );
    expect(() => registerDistance({ name: 'my distance', between })).toThrow(
      /^the name of a distance is "my distance"/,
    );
  });

  it('is not found by other threads if a cell registered it', () => {
    expect(['l2', 'smoothed-l2(2)', 'transport', 'first-means'].map(isPortableDistance)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('of a large work', () => {
  it.each([
    ['l2', [1, 3, 6]],
    ['transport', [3, 5, 6]],
    [pairwise({ name: 'one', between: () => 1 }), [1, 2, 3, 4, 5, 6]],
  ])('the pairs that are done are reported: %j', async (distance, expected) => {
    const reported: Progress[] = [];
    await distanceMatrix(few, { distance, onProgress: (progress) => reported.push(progress) });
    expect(reported).toEqual(expected.map((done) => ({ stage: 'distances', done, total: 6 })));
  });

  it.each(['l2', 'smoothed-l2(1)', 'transport'])(
    'a signal ends it with its reason, before the next row: %s',
    async (distance) => {
      const controller = new AbortController();
      let reports = 0;
      const onProgress = () => {
        reports++;
        controller.abort(new Error('enough'));
      };
      const work = distanceMatrix(few, { distance, onProgress, signal: controller.signal });
      await expect(work).rejects.toThrow(/^enough$/);
      expect(reports).toBe(1);
    },
  );
});

it('says which estimates cannot be compared', async () => {
  const gamma = gammaMixture({ weights: [1], shapes: [1], scales: [1] });
  await expect(distanceMatrix([bell(0), gamma] as Mixture[])).rejects.toThrow(/mixture 1 is of the family gamma/);
  await expect(distanceMatrix([])).rejects.toThrow(/the list of mixtures is empty/);
});
