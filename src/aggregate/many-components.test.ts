import { randomNormal } from 'd3-random';
import { describe, expect, it } from 'vitest';
import type { Family } from '../families/family';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { randomStream } from '../math/random';
import { type Mixture, mixture } from '../mixture/mixture';
import { finished } from '../work/work';
import { type Components, componentsSteps, dfmrComponents } from './components';

// Of many machines candidates and references stand for all pairs. With limits of their own, few machines count as many.

const MANY = { allPairs: 50, references: 80 };

const KINDS = [-20, 0, 30];

interface Sent {
  readonly mixture: Mixture<GaussianParameter>;
  readonly sampleSize: number;
}

/** m machines of n = 600 rows in three kinds of equal weight, of which those that `lie` says send something else. */
function machines(
  m: number,
  seed: string,
  lie: (i: number, kind: number) => { readonly mean?: number; readonly variance?: number } = () => ({}),
  family: Family<GaussianParameter> = gaussian,
): Sent[] {
  const normal = randomNormal.source(randomStream(seed, 'machines'))();
  return Array.from({ length: m }, (_, i) => {
    const parameters = KINDS.map((place, kind) => {
      const { mean = 0, variance = 1 } = lie(i, kind);
      return {
        mean: Float64Array.of(place + mean + normal() * Math.sqrt(1 / 200)),
        covariance: Float64Array.of(variance * Math.exp(normal() * Math.sqrt(2 / 200))),
      };
    });
    const weights = KINDS.map(() => 1 / 3 + (normal() * Math.sqrt(2 / 9 / 600)) / 2);
    const total = weights.reduce((sum, w) => sum + w, 0);
    const turned = KINDS.map((__, k) => (k + i) % 3); // labels are arbitrary
    return {
      mixture: mixture(
        family,
        turned.map((k) => weights[k] / total),
        turned.map((k) => parameters[k]),
      ),
      sampleSize: 600,
    };
  });
}

/** Which components of each machine were used, as it numbers them, whatever the result's own order. */
function usedOf({ mixture: { order: K }, keptComponents, assignment }: Components<unknown>): number[][] {
  return Array.from({ length: keptComponents.length / K }, (_, i) =>
    [...assignment.subarray(i * K, (i + 1) * K)].filter((__, k) => keptComponents[i * K + k]).sort(),
  );
}

const isLiar = (i: number, share: number) => (i * 0.61803398875) % 1 < share;

describe.each([0.2, 0.45])('of 160 machines of which a share of %d lies', (share) => {
  it.each([
    ['anywhere', (i: number) => ({ mean: 5 + ((i * 7919) % 100) })],
    ['all together', () => ({ mean: 2 })],
    ['too wide', () => ({ variance: 4 })],
    ['in one component', (_: number, kind: number) => (kind === 1 ? { mean: -3 } : {})],
  ])('%s, the same parts are used as by all pairs', (kind, lie) => {
    const sent = machines(160, kind, (i, k) => (isLiar(i, share) ? lie(i, k) : {}));
    const exact = dfmrComponents(sent);
    expect(exact.seed).toBeUndefined();
    const found = finished(componentsSteps(sent, { seed: 'a' }, Infinity, MANY));
    expect(found.seed).toBe('a');
    expect(found.notes[0]).toMatch(
      /^Among 160 machines the centres of components were sought among 40 .* of 80 more .*\(seed a\)/,
    );
    expect(usedOf(found)).toEqual(usedOf(exact));
    expect([...found.keptWeights]).toEqual([...exact.keptWeights]);
  });
});

it('the same seed gives the same bits, and each call draws one of its own', () => {
  const sent = machines(60, 'bits', (i) => (isLiar(i, 0.3) ? { mean: 1 } : {}));
  const found = (seed?: string) => finished(componentsSteps(sent, { seed }, Infinity, MANY));
  expect(found('a')).toEqual(found('a'));
  expect(found().seed).not.toBe(found().seed);
});

it('of more than 500 machines some stand for all', () => {
  expect(dfmrComponents(machines(501, 'limit')).seed).toMatch(/^[0-9a-f]{12}$/);
});

it('few pairs are compared: as many for each machine, however many there are', () => {
  let compared = 0;
  const counting: Family<GaussianParameter> = {
    ...gaussian,
    divergence(a, b) {
      compared++;
      return gaussian.divergence(a, b);
    },
  };
  const limits = { allPairs: 50, references: 30 };
  const ofEach = [200, 400].map((m) => {
    compared = 0;
    finished(componentsSteps(machines(m, 'count', undefined, counting), { seed: 1 }, Infinity, limits));
    return compared / m;
  });
  // 40 candidates of 9 pairs, 30 references and 2 neighbours of 3 kinds, both ways; some for the law of honest distances
  expect(ofEach[1]).toBeLessThan(2 * (40 * 9 + 3 * 30 + 3 * 2 * 3) + 50);
  expect(Math.abs(ofEach[1] / ofEach[0] - 1)).toBeLessThan(0.05);
});

describe('copies', () => {
  const limits = { allPairs: 100, references: 40 };

  it('of one machine count once, if they are a tenth of all or more', () => {
    const sent = machines(400, 'copies');
    const own = sent[3];
    const copied = sent.map((one, i) => (i % 8 === 3 ? moved(own, 0.01 * Math.cos(i)) : one));
    const { copies, seed } = finished(componentsSteps(copied, { seed: 'copies' }, Infinity, limits));
    expect(seed).toBe('copies');
    expect(copies.filter(({ machine }) => machine % 8 === 3)).toHaveLength(49);
    expect(new Set(copies.filter(({ machine }) => machine % 8 === 3).map(({ of }) => of)).size).toBe(1);
  });

  it('that are nearly the same are found, however few they are', () => {
    const sent = machines(400, 'pair');
    const copied = sent.map((one, i) => (i === 200 ? moved(sent[100], 1e-7) : one));
    const { copies } = finished(componentsSteps(copied, { seed: 'pair' }, Infinity, limits));
    expect(copies.map(({ machine, of }) => [machine, of].sort((a, b) => a - b))).toContainEqual([100, 200]);
  });

  /** What another sent, each mean moved by so many standard errors. */
  function moved({ mixture: { family, weights, parameters }, sampleSize }: Sent, by: number): Sent {
    const other = parameters.map(({ mean, covariance }) => ({
      mean: mean.map((x) => x + by / Math.sqrt(200)),
      covariance,
    }));
    return { mixture: mixture(family, weights, other), sampleSize };
  }
});

it('rounds of many machines with one start are filtered too', () => {
  const sent = machines(150, 'started', (i) => (isLiar(i, 0.4) ? { mean: 3 } : {})).map(
    ({ mixture: one, sampleSize }) => {
      const order = [...one.parameters.keys()].sort((a, b) => one.parameters[a].mean[0] - one.parameters[b].mean[0]);
      return {
        mixture: mixture(
          one.family,
          order.map((k) => one.weights[k]),
          order.map((k) => one.parameters[k]),
        ),
        sampleSize,
      };
    },
  );
  const { kept } = finished(componentsSteps(sent, { seed: 1 }, 50, MANY));
  expect([...kept].filter((i) => isLiar(i, 0.4))).toEqual([]);
  expect(kept.length).toBeGreaterThan(0.58 * 150);
});
