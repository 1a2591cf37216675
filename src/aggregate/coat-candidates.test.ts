import * as fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { type Distance, pairwise } from '../distance/distance';
import type { DistanceMatrix } from '../distance/distance-matrix';
import { l2DistanceMatrix } from '../distance/l2';
import { wasserstein1 } from '../distance/transport-divergence';
import { randomStream } from '../math/random';
import { gammaMixture, gaussianMixture } from '../mixture/constructors';
import type { Mixture } from '../mixture/mixture';
import { bell } from '../mixture/mixtures.fixture';
import { finished } from '../work/work';
import { aggregate } from './aggregate';
import { drawnCandidates } from './candidates';
import { coat, coatSteps } from './coat';
import { dfmr } from './dfmr';
import { inflationCurve } from './inflation';
import { aggregateBy } from './rules';

type Random = () => number;

const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Where a liar's means are, given the true ones: anywhere, all at one other place, or near. */
const lies: Record<string, (truth: number[], common: number[], random: Random) => number[]> = {
  anywhere: (truth, _, random) => truth.map((mean) => mean + 3 * normal(random)),
  'at one place': (_, common, random) => common.map((mean) => mean + 0.01 * normal(random)),
  near: (truth, _, random) => truth.map((mean) => mean + 0.5 * normal(random)),
};

/** Estimates of three components in five dimensions, of which the last ones lie. */
function sent(m: number, lying: number, kind: keyof typeof lies, seed: string): Mixture[] {
  const random = randomStream(seed, 'test');
  const [K, d] = [3, 5];
  const truth = Array.from({ length: K * d }, () => 2 * normal(random));
  const common = truth.map((mean) => mean + 2 * normal(random));
  return Array.from({ length: m }, (_, i) => {
    const isHonest = i < m - lying;
    const means = isHonest ? truth.map((mean) => mean + 0.05 * normal(random)) : lies[kind](truth, common, random);
    const variances = Array.from({ length: K * d }, () => 1 + 0.05 * normal(random));
    return gaussianMixture({
      weights: [0.3, 0.3, 0.4],
      means: [0, 1, 2].map((k) => means.slice(k * d, (k + 1) * d)),
      covariances: [0, 1, 2].map((k) => Matrix.diag(variances.slice(k * d, (k + 1) * d))),
    });
  });
}

const bells = (m: number) => Array.from({ length: m }, (_, i) => bell(i));
const pointsMatrix = (points: readonly (readonly number[])[]): DistanceMatrix => ({
  size: points.length,
  logScale: 0,
  at: (i, j) => Math.hypot(...points[i].map((x, k) => x - points[j][k])),
});

describe('the draw', () => {
  it('is of all up to 2000 machines, and of 40 above', () => {
    expect(drawnCandidates(2000, {})).toBeUndefined();
    expect(drawnCandidates(2001, {})?.machines).toHaveLength(40);
    expect(drawnCandidates(30, { candidates: 30 })).toBeUndefined();
    expect(drawnCandidates(30, { candidates: 29 })?.machines).toHaveLength(29);
  });

  it('is the same for the same seed, and one that nobody can foresee for none', () => {
    const draw = (seed?: number | string) => drawnCandidates(5000, { seed });
    expect(draw('a')).toEqual(draw('a'));
    expect(draw('a')?.machines).not.toEqual(draw('b')?.machines);
    const [first, second] = [draw(), draw()];
    expect(first?.seed).toMatch(/^[0-9a-f]{12}$/);
    expect(first?.seed).not.toBe(second?.seed);
    expect(draw(first?.seed)).toEqual(first);
  });

  it.each([0, -1, 1.5, Number.NaN])('cannot be of %d', (candidates) => {
    expect(() => coat(bells(3), { candidates })).toThrow(/candidates is/);
  });
});

describe('the centre among candidates', () => {
  it('is that of all, if all are candidates', () => {
    const estimates = sent(40, 15, 'near', 'all');
    const { candidates, ...found } = coat(estimates, { candidates: 40, seed: 1 });
    expect(candidates).toBeUndefined();
    expect(found).toEqual(coat(estimates));
    const allButOne = coat(estimates, { candidates: 39, seed: 1 });
    const exact = coat(estimates);
    if (allButOne.candidates?.machines.includes(exact.index)) expect(allButOne).toMatchObject(exact);
  });

  it('is the best of the candidates, and its distances are those of the matrix', () => {
    const estimates = sent(60, 20, 'anywhere', 'best');
    const matrix = l2DistanceMatrix(estimates);
    const all = estimates.map((_, i) => estimates.map((__, j) => matrix.at(i, j)));
    const radii = all.map((row) => [...row].sort((a, b) => a - b)[29]);
    for (const seed of [1, 2, 3]) {
      const { index, radius, distances, candidates } = coat(estimates, { candidates: 10, seed });
      const machines = [...(candidates?.machines ?? [])];
      expect(machines).toHaveLength(10);
      expect(machines).toContain(index);
      expect(radius).toBe(Math.min(...machines.map((i) => radii[i])));
      expect([...distances]).toEqual(all[index]);
      expect(coat(estimates, { candidates: 10, seed, distanceMatrix: matrix })).toEqual(coat(estimates, { candidates: 10, seed })); // biome-ignore format: short
    }
  });

  it('by the median too', () => {
    const estimates = sent(30, 5, 'anywhere', 'median');
    const all = coat(estimates, { radiusBy: 'median' });
    const some = coat(estimates, { radiusBy: 'median', candidates: 29, seed: 4 });
    expect(some.radius).toBeGreaterThanOrEqual(all.radius);
    expect(coat(estimates, { radiusBy: 'median', candidates: 30 })).toEqual(all);
  });

  it.each(Object.keys(lies))('is honest and hardly wider, if 90 of 201 machines lie: %s', (kind) => {
    const estimates = sent(201, 90, kind, 'liars');
    const distanceMatrix = l2DistanceMatrix(estimates);
    const exact = coat(estimates, { distanceMatrix });
    for (let seed = 0; seed < 100; seed++) {
      const { index, radius } = coat(estimates, { distanceMatrix, candidates: 40, seed });
      expect(index).toBeLessThan(111);
      expect(radius).toBeLessThanOrEqual(1.1 * exact.radius);
    }
  });

  it('has at most twice the radius, wherever points lie', () => {
    const places = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.double({ min: -9, max: 9, noNaN: true })), {
      minLength: 41,
      maxLength: 90,
    });
    fc.assert(
      fc.property(places, fc.nat(), (points, seed) => {
        const distanceMatrix = pointsMatrix(points);
        const exact = coat(bells(points.length), { distanceMatrix });
        const { radius } = coat(bells(points.length), { distanceMatrix, candidates: 40, seed });
        expect(radius).toBeGreaterThanOrEqual(exact.radius);
        expect(radius).toBeLessThanOrEqual(2 * exact.radius * (1 + 1e-12));
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('is found by 40 m pairs', () => {
    const m = 201;
    let pairs = 0;
    const distance: Distance = pairwise({
      name: 'counted',
      between: (G, H) => {
        pairs++;
        return Math.abs(G.weights[0] - H.weights[0]);
      },
    });
    finished(coatSteps(sent(m, 20, 'near', 'pairs'), { distance, candidates: 40, seed: 1 }));
    expect(pairs).toBeLessThanOrEqual(40 * m);
    expect(pairs).toBe(40 * (m - 1));
  });

  it('of densities of which most have no distance is none, which is said', () => {
    const gamma = (shape: number) => gammaMixture({ weights: [1], shapes: [shape], scales: [1] });
    const estimates = [...new Array(4).fill(0).map((_, i) => gamma(2 + i / 10)), ...new Array(6).fill(gamma(0.4))];
    expect(() => coat(estimates, { candidates: 3, seed: 1 })).toThrow(
      /^none of 3 candidates is at a finite distance from half of the estimates.*not square integrable/,
    );
  });
});

describe('rules with candidates', () => {
  const estimates = sent(60, 20, 'anywhere', 'rules');
  const options = { candidates: 12, seed: 'mine' };
  const told =
    /^Among 60 machines the centre was sought among 12 .* \(seed mine\): .* one of them is honest with probability 1 − 2\^−12,/;

  it('tell of how many, and the seed', async () => {
    expect(dfmr(estimates, options).notes[0]).toMatch(told);
    for (const rule of ['dfmr', 'coat', 'trim', 'vanilla'])
      expect((await aggregateBy(estimates, { ...options, rule })).notes[0]).toMatch(told);
    expect(dfmr(estimates).notes).toEqual([]);
  });

  it('are the same again by the seed, and by its name the function', async () => {
    const expected = dfmr(estimates, options);
    expect(dfmr(estimates, options)).toEqual(expected);
    expect(await aggregateBy(estimates, { ...options, rule: 'dfmr' })).toEqual(expected);
    expect(expected.kept.every((i) => i < 40)).toBe(true);
    expect(expected.coat.candidates?.seed).toBe('mine');
  });

  it('give the curve of inflation factors from the same centre', () => {
    const curve = inflationCurve(estimates, options);
    expect(curve.coat).toBe(dfmr(estimates, options).coat.index);
    expect(curve.suggestion.inflationFactor).toBeGreaterThan(1);
  });
});

describe('aggregate of many machines', () => {
  const estimates = sent(60, 20, 'anywhere', 'aggregate');
  const options = { rule: 'dfmr', uncertainty: false, candidates: 12 } as const;

  it('keeps whom the exact centre keeps, tells of the candidates, and needs no matrix', async () => {
    const { dfmr: choice, decisions, result } = await aggregate(estimates, { ...options, seed: 'mine' });
    const exact = await aggregate(estimates, { rule: 'dfmr', uncertainty: false });
    expect([...result.kept]).toEqual([...exact.result.kept]);
    expect(decisions.filter((one) => one.includes('12 that were drawn at random'))).toEqual([
      expect.stringContaining('(seed mine)'),
    ]);
    expect(choice?.distances).toMatchObject({ size: 60, from: choice?.result.coat.candidates?.machines });
    expect(choice?.distances).not.toHaveProperty('at');
    expect(wasserstein1(result.mixture, exact.result.mixture)).toBeLessThan(1e-9);
  });

  it('is the same again by the seed that it tells', async () => {
    const { decisions, dfmr: choice, result } = await aggregate(estimates, options);
    const seed = choice?.result.coat.candidates?.seed;
    expect(decisions.join('\n')).toContain(`(seed ${seed})`);
    const again = await aggregate(estimates, { ...options, seed });
    expect(again.decisions).toEqual(decisions);
    expect(again.result).toEqual(result);
  });

  it('smooths by candidates, and takes any distance', async () => {
    const apart = [0, 1, 2, -1, -2, 0.5, -0.5].map((mean) => bell(mean));
    const { decisions } = await aggregate(apart, { ...options, candidates: 5, seed: 1 });
    expect(decisions[0]).toMatch(/^Distances are between densities smoothed by h = /);
    const transport = await aggregate(estimates, { ...options, seed: 1, distance: 'transport' });
    expect(transport.dfmr?.distances.title).toBe('transport distance');
    expect([...transport.result.kept].every((i) => i < 40)).toBe(true);
  });
});
