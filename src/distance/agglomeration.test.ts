import { describe, expect, it } from 'vitest';
import { randomOrder } from '../math/random';
import { gammaMixture, gaussianMixture } from '../mixture/constructors';
import { bell } from '../mixture/mixtures.fixture';
import { type Agglomeration, agglomerate, agglomerateComponents } from './agglomeration';
import reference from './agglomeration.reference.json';
import { distanceMatrixOf } from './distance-matrix';
import { l2DistanceMatrix } from './l2';
import { transportDivergence } from './transport-divergence';

const matrix = (entries: readonly (readonly number[])[]) =>
  distanceMatrixOf('distance', Float64Array.from(entries.flat()));

/** The leaves of each merge, as text, with its height. */
function groupsOf({ leaves, merges }: Agglomeration): [string, number][] {
  const members = Array.from({ length: leaves }, (_, leaf) => [leaf]);
  return merges.map(({ first, second, height }) => {
    members.push([...members[first], ...members[second]].sort((a, b) => a - b));
    return [members[members.length - 1].join(' '), height];
  });
}

const tree = (merges: readonly number[][], leaves: number): Agglomeration => ({
  title: '',
  of: 'machine',
  leaves,
  merges: merges.map(([first, second, height]) => ({ first, second, height })),
});

/** Whether two trees have the same groups at the same heights; groups at equal heights in any order. */
function expectSame(found: Agglomeration, expected: Agglomeration): void {
  const [own, other] = [found, expected].map((one) => new Map(groupsOf(one)));
  const positive = (groups: Map<string, number>) => [...groups].filter(([, height]) => height > 0);
  expect(found.merges.length).toBe(found.leaves - 1);
  expect(positive(own).map(([group]) => group)).toEqual(positive(other).map(([group]) => group));
  for (const [group, height] of positive(own)) expect(height).toBeCloseTo(other.get(group) as number, 10);
}

describe('average linkage', () => {
  const { distances, average } = reference;

  it('has the groups and the heights of SciPy', () => {
    expectSame(agglomerate(matrix(distances)), tree(average, 24));
  });

  it('does not depend on the order of the machines', () => {
    const order = [...randomOrder(24, 5)];
    const turned = agglomerate(matrix(order.map((i) => order.map((j) => distances[i][j]))));
    const heights = (of: Agglomeration) => of.merges.map(({ height }) => expect.closeTo(height, 10));
    expect(turned.merges.map(({ height }) => height)).toEqual(heights(agglomerate(matrix(distances))));
  });

  it('merges copies at 0, and what is at Infinity last', () => {
    const sent = [bell(0), bell(1), bell(0), bell(0)];
    expect(groupsOf(agglomerate(l2DistanceMatrix(sent))).slice(0, 2)).toEqual([
      [expect.stringMatching(/^(0 2|0 3|2 3)$/), 0],
      ['0 2 3', 0],
    ]);
    const far = [
      [0, 1, Infinity],
      [1, 0, Infinity],
      [Infinity, Infinity, 0],
    ];
    expect(groupsOf(agglomerate(matrix(far)))).toEqual([
      ['0 1', 1],
      ['0 1 2', Infinity],
    ]);
    const apart = [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => (i === j ? 0 : Infinity)));
    expect(agglomerate(matrix(apart)).merges.map(({ height }) => height)).toEqual([Infinity, Infinity, Infinity]);
  });

  it('numbers groups by height, each after those that made it', () => {
    const { merges, leaves } = agglomerate(matrix(distances));
    merges.forEach(({ first, second, height }, s) => {
      expect(Math.max(first, second)).toBeLessThan(leaves + s);
      for (const group of [first, second])
        if (group >= leaves) expect(merges[group - leaves].height).toBeLessThanOrEqual(height);
    });
    expect(new Set(merges.flatMap(({ first, second }) => [first, second])).size).toBe(2 * leaves - 2);
  });

  it('takes ties as they come: each group merges once, whatever rounding does to their means', () => {
    const equal = [0, 1, 2, 3, 4, 5].map((i) => [0, 1, 2, 3, 4, 5].map((j) => (i === j ? 0 : 0.7))); // (0.7 + 2 · 0.7) / 3 < 0.7
    const { merges } = agglomerate(matrix(equal));
    expect(merges.map(({ height }) => height)).toEqual(new Array(5).fill(expect.closeTo(0.7, 14)));
    expect(new Set(merges.flatMap(({ first, second }) => [first, second])).size).toBe(10);
  });

  it('has no merge of one machine, and names a distance that is none', () => {
    expect(agglomerate(matrix([[0]])).merges).toEqual([]);
    const bad = [
      [0, NaN],
      [NaN, 0],
    ];
    expect(() => agglomerate(matrix(bad))).toThrow(/distance between estimates 1 and 0 is NaN/);
  });
});

describe('merges of components', () => {
  it('have the groups and costs of the closed form for Gaussians', () => {
    expectSame(agglomerateComponents(gaussianMixture(reference.mixture)), tree(reference.components, 7));
  });

  it('cost as much in the end as the transport to one component', () => {
    const G = gammaMixture({ weights: [0.2, 0.3, 0.5], shapes: [2, 5, 40], scales: [1, 1, 0.5] });
    const { family, parameters, weights } = G;
    const one = family.barycentre(parameters, weights);
    const { shape, scale } = one;
    const { value } = transportDivergence(G, gammaMixture({ weights: [1], shapes: [shape], scales: [scale] }));
    const { merges } = agglomerateComponents({ mixture: G });
    expect(merges[1].height).toBeCloseTo(value, 10);
    expect(merges[0].height).toBeLessThan(value);
  });

  it('are at 0 for components that are the same, also without weight, and none for one component', () => {
    const same = gaussianMixture({
      weights: [0, 0, 1],
      means: [[1], [1], [4]],
      covariances: [[[1]], [[1]], [[1]]],
    });
    expect(agglomerateComponents(same).merges[0]).toEqual({ first: 0, second: 1, height: 0 });
    expect(agglomerateComponents(same).merges[1].height).toBeLessThan(1e-300);
    expect(agglomerateComponents(bell(3)).merges).toEqual([]);
  });
});
