import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DistanceMatrix } from '../distance/distance-matrix';
import { l2DistanceMatrix } from '../distance/l2';
import { wasserstein1 } from '../distance/transport-divergence';
import { fit } from '../estimate/fit';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { randomOrder, randomStream } from '../math/random';
import { gaussianMixture } from '../mixture/constructors';
import { type Mixture, mixture } from '../mixture/mixture';
import { type Attack, attacked, bell, floats, storedMixtures } from '../mixture/mixtures.fixture';
import { sample } from '../mixture/sample';
import { coat } from './coat';
import { type DfmrOptions, dfmr } from './dfmr';
import { oracle } from './oracle';
import { reduce } from './reduce';
import { trim } from './trim';

interface Reduced {
  mixture: number;
  objective: number;
  trace: number[];
  indices?: number[];
  assignment: string;
  kept?: string;
}

const read = (file: string) => JSON.parse(readFileSync(path.join(__dirname, file), 'utf8'));
const results = read('case1.reference.json');
const results100 = read('m100.reference.json');
const published = read('published.reference.json');
const inputs = read('../distance/case1.reference.json');
const inputs100 = read('../distance/m100.reference.json');
const stored = (text: string) => storedMixtures(text, 5, 10);

/** The largest difference of any weight, mean or covariance, relative to the largest number of its kind. */
function difference(actual: Mixture<GaussianParameter>, expected: Mixture<GaussianParameter>): number {
  const parts = ({ weights, parameters }: Mixture<GaussianParameter>) => [
    [...weights],
    parameters.flatMap(({ mean }) => [...mean]),
    parameters.flatMap(({ covariance }) => [...covariance]),
  ];
  const other = parts(expected);
  const worst = parts(actual).map((values, kind) => {
    expect(values.length).toBe(other[kind].length);
    const scale = Math.max(...other[kind].map(Math.abs));
    return Math.max(...values.map((value, i) => Math.abs(value - other[kind][i]))) / scale;
  });
  return Math.max(...worst);
}

const honest = stored(inputs.estimates);
const [truth] = stored(inputs.truth);
const rhos = ['1.0', '1.3', '1.5', '2.0'];

describe.each<[string, Mixture<GaussianParameter>[], typeof results100, string[]]>([
  ...inputs.attacks.map(
    (attack: Attack) => [attack.name, attacked(honest, attack), results.cases[attack.name], results.mixtures] as const,
  ),
  ['mean 0.2, of 100 machines', stored(inputs100.estimates), results100, results100.mixtures],
])('agrees with the reference, failures: %s', (name, estimates, reference, mixtures) => {
  const { kept, reductions } = reference as { kept: Record<string, number[]>; reductions: Record<string, Reduced> };
  const distances = l2DistanceMatrix(estimates);
  const start = coat(estimates, { radiusBy: 'median', distanceMatrix: distances }).mixture; // where the reference started

  function expectReduced(
    actual: { mixture: Mixture<GaussianParameter>; objective: number; trace: Float64Array; converged: boolean },
    expected: Reduced,
  ): void {
    expect(actual.converged).toBe(true);
    expect(Math.abs(actual.objective / expected.objective - 1)).toBeLessThan(1e-10);
    expect(difference(actual.mixture, stored(mixtures[expected.mixture])[0])).toBeLessThan(1e-10);
  }

  it.each(rhos)('kept set and mixture of DFMR(%s)', (rho) => {
    const result = dfmr(estimates, { inflationFactor: Number(rho), distanceMatrix: distances });
    expect([...result.kept]).toEqual(kept[rho]);
    expect(result.coat.index).toBe(reference.coat.definition.index);
    expect(result.radius).toBeCloseTo(reference.coat.definition.radius, 10);
    expect(result.threshold).toBeCloseTo(Number(rho) * reference.coat.definition.radius, 10);
    if (rho !== '1.0') return expectReduced(result, reductions[`DFMR_${rho}`]);
    const { objective, mixture } = published.cases[name].dfmr1; // the published code keeps one machine more
    expect(Math.abs(result.objective / objective - 1)).toBeLessThan(1e-10);
    expect(difference(result.mixture, stored(mixture)[0])).toBeLessThan(1e-10);
  });

  it('W₁ to the truth of what each method gives', () => {
    const { COAT, ...expected } = published.cases[name].wasserstein1 as { COAT: [number, number] } & Record<
      string,
      number
    >;
    const failed = [...estimates.keys()].filter((i) => !reductions.Oracle.indices?.includes(i));
    const actual: Record<string, Mixture<GaussianParameter>> = {
      'DFMR_1.3': dfmr(estimates, { inflationFactor: 1.3, distanceMatrix: distances }).mixture,
      'DFMR_2.0': dfmr(estimates, { inflationFactor: 2, distanceMatrix: distances }).mixture,
      Oracle: oracle(estimates, failed, { start }).mixture,
      Vanilla: reduce(estimates, { start }).mixture,
      'TRIM_0.5': trim(estimates, { start }).mixture,
    };
    for (const [method, distance] of Object.entries(expected)) {
      expect(Math.abs(wasserstein1(actual[method], truth) / distance - 1)).toBeLessThan(1e-9);
    }
    expect(Math.abs(wasserstein1(estimates[COAT[0]], truth) / COAT[1] - 1)).toBeLessThan(1e-9);
  });

  it('the least objective of the reductions from every estimate', () => {
    const { Vanilla, 'DFMR_1.3': filtered } = published.cases[name].allStarts ?? {};
    if (Vanilla === undefined) return; // not computed for 100 machines
    expect(Math.abs(reduce(estimates, { from: 'every' }).objective / Vanilla - 1)).toBeLessThan(1e-9);
    const kept = dfmr(estimates, { distanceMatrix: distances, from: 'every' });
    expect(Math.abs(kept.objective / filtered - 1)).toBeLessThan(1e-9);
  });

  it.each(rhos)('the reduction of the machines that the published code kept, for the factor %s', (rho) => {
    const expected = reductions[`DFMR_${rho}`];
    const chosen = (expected.indices as number[]).map((i) => estimates[i]);
    const result = reduce(chosen, { start });
    expectReduced(result, expected);
    expect([...result.assignment].join('')).toBe(expected.assignment);
    expect(Math.abs(result.trace[0] / expected.trace[0] - 1)).toBeLessThan(1e-10);
  });

  it('Oracle', () => {
    const all = [...estimates.keys()];
    const failed = all.filter((i) => !reductions.Oracle.indices?.includes(i));
    expectReduced(oracle(estimates, failed, { start }), reductions.Oracle);
    expectReduced(oracle(estimates, failed), reductions.Oracle);
  });

  it('Vanilla, round by round', () => {
    const result = reduce(estimates, { start });
    expectReduced(result, reductions.Vanilla);
    expect([...result.assignment].join('')).toBe(reductions.Vanilla.assignment);
    reductions.Vanilla.trace.forEach((value, i) => {
      expect(Math.abs(result.trace[i] / value - 1)).toBeLessThan(1e-10);
    });
  });

  it('Trim to its fixed point, round by round', () => {
    const expected = reductions['TRIM_0.5'];
    const result = trim(estimates, { start });
    expectReduced(result, expected);
    expected.trace.forEach((value, i) => {
      expect(Math.abs(result.trace[i] / value - 1)).toBeLessThan(1e-10);
    });
    const weights = estimates.flatMap((estimate) => [...estimate.weights]);
    const left = Array.from(floats(expected.kept as string), (mass, g) => 1 - (mass * estimates.length) / weights[g]);
    left.forEach((share, g) => {
      expect(Math.abs(result.trimmed[g] - share)).toBeLessThan(1e-9);
    });
  });
});

it('agrees with the reference on the kept sets where nothing failed', () => {
  for (const rho of rhos) {
    expect([...dfmr(honest, { inflationFactor: Number(rho) }).kept]).toEqual(results.cases.none.kept[rho]);
  }
});

it('agrees with the published curve of ρ, whose radius is the 51st smallest of 100 distances', () => {
  const estimates = stored(inputs100.estimates);
  const distances = l2DistanceMatrix(estimates);
  const centre = coat(estimates, { radiusBy: 'median', distanceMatrix: distances });
  const theirs = centre.distances.slice().sort()[50] * (1 + 1e-14); // kept up to the ball's own boundary
  for (const [rho, selected, distance] of published.rhoCurve) {
    const inflationFactor = (rho * theirs) / centre.radius;
    const { kept, mixture } = dfmr(estimates, { radiusBy: 'median', distanceMatrix: distances, inflationFactor });
    expect(kept.length).toBe(selected);
    expect(Math.abs(wasserstein1(mixture, truth) / distance - 1)).toBeLessThan(1e-9);
  }
});

/** Estimates of one population of three components in two dimensions, of which some have failed. */
function drawn(seed: number, m: number, failed = 0): Mixture<GaussianParameter>[] {
  const random = randomStream(seed, 'test');
  const noise = () => 0.2 * (random() - 0.5);
  return Array.from({ length: m }, (_, i) => {
    const [a, b] = [0.3 + noise() / 2, 0.3 + noise() / 2];
    const shift = i < failed ? 50 * random() : 0;
    return gaussianMixture({
      weights: [a, b, 1 - a - b],
      means: [
        [0, 0],
        [4, 1],
        [-2, 5],
      ].map((mean) => mean.map((x) => x + noise() + shift)),
      covariances: [1, 2, 0.5].map((v) => [
        [v + noise() / 2, 0.1],
        [0.1, v + noise() / 2],
      ]),
    });
  });
}

describe('keeps the estimates near the centre of attention', () => {
  it('and says which, how far each is, and what the bound was', () => {
    const estimates = drawn(1, 9, 3);
    const result = dfmr(estimates, { inflationFactor: 1.5 });
    expect(result.coat).toEqual(coat(estimates));
    expect(result.distances).toBe(result.coat.distances);
    expect(result.radius).toBe(result.coat.radius);
    expect(result.threshold).toBe(1.5 * result.radius);
    const near = [...estimates.keys()].filter((i) => result.distances[i] <= result.threshold);
    expect([...result.kept]).toEqual(near);
    expect(result.kept.every((i) => i >= 3)).toBe(true);
    const again = reduce(
      near.map((i) => estimates[i]),
      { start: result.coat.mixture },
    );
    expect(result.mixture.toJSON()).toEqual(again.mixture.toJSON());
    expect(result.assignment.length).toBe(3 * near.length);
  });

  it('has the factor 1.3 if none is given', () => {
    const estimates = drawn(2, 12, 4);
    expect(dfmr(estimates).threshold).toBe(dfmr(estimates, { inflationFactor: 1.3 }).threshold);
    expect(dfmr(estimates).kept).toEqual(dfmr(estimates, { inflationFactor: 1.3 }).kept);
  });

  it('more of them the larger the factor, and at least half at any', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 12 }), (seed, m) => {
        const estimates = drawn(seed, m, Math.floor((m - 1) / 2));
        const sets = [1, 1.1, 1.3, 2, 5, 1e6].map((inflationFactor) => [...dfmr(estimates, { inflationFactor }).kept]);
        expect(2 * sets[0].length).toBeGreaterThanOrEqual(m);
        for (let i = 1; i < sets.length; i++) expect(sets[i]).toEqual(expect.arrayContaining(sets[i - 1]));
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  it('up to and including the bound', () => {
    const estimates = [bell(0), bell(1), bell(2), bell(30), bell(40)];
    expect([...dfmr(estimates, { inflationFactor: 1 }).kept]).toEqual([0, 1, 2]);
  });
});

it('does not depend on the order of the machines, where there are at least three', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 3, max: 12 }), (seed, m) => {
      const estimates = drawn(seed, m, Math.floor((m - 1) / 3));
      const order = [...randomOrder(m, seed)];
      const sampleSizes = estimates.map((_, i) => 100 + 7 * i);
      const first = dfmr(estimates, { sampleSizes });
      const second = dfmr(
        order.map((i) => estimates[i]),
        { sampleSizes: order.map((i) => sampleSizes[i]) },
      );
      expect([...second.kept].map((i) => order[i]).sort((a, b) => a - b)).toEqual([...first.kept]);
      expect(order[second.coat.index]).toBe(first.coat.index);
      expect(second.objective).toBeCloseTo(first.objective, 12);
      expect(wasserstein1(second.mixture, first.mixture)).toBeLessThan(1e-9);
    }),
    { seed: 1, numRuns: 30 },
  );
});

it('does not depend on the order of the components of any machine', () => {
  const estimates = drawn(4, 9, 3);
  const permuted = estimates.map((estimate, i) => {
    const order = [...randomOrder(3, i)];
    return mixture<GaussianParameter>(
      gaussian,
      order.map((k) => estimate.weights[k]),
      order.map((k) => estimate.parameters[k]),
    );
  });
  const [first, second] = [dfmr(estimates), dfmr(permuted)];
  expect(second.kept).toEqual(first.kept);
  expect(wasserstein1(second.mixture, first.mixture)).toBeLessThan(1e-9);
});

it('passes on what the reduction and the centre of attention are told', () => {
  const estimates = drawn(5, 8, 2);
  const distances = l2DistanceMatrix(estimates);
  const result = dfmr(estimates, {
    radiusBy: 'median',
    distanceMatrix: distances,
    sampleSizes: [1, 2, 3, 4, 5, 6, 7, 8],
  });
  expect(result.coat).toEqual(coat(estimates, { radiusBy: 'median' }));
  const kept = [...result.kept];
  const expected = reduce(
    kept.map((i) => estimates[i]),
    { start: result.coat.mixture, sampleSizes: kept.map((i) => i + 1) },
  );
  expect(result.mixture.toJSON()).toEqual(expected.mixture.toJSON());
});

it('starts the reduction at the centre of all, even if that of the kept is another', () => {
  // 0 is nearest to half of all; without −7, it is 1 that is nearest to half of the kept
  const at = [0, 1, 1.15, -0.9, -7, 7, 8];
  const spread = at.map((mean) => bell(mean));
  const distances = at.map((a) => at.map((b) => Math.abs(a - b)));
  const matrix = (which: readonly number[]): DistanceMatrix => ({
    size: which.length,
    logScale: 0,
    at: (i, j) => distances[which[i]][which[j]],
  });
  const all = [...at.keys()];
  const { trace, kept, coat: centre } = dfmr(spread, { inflationFactor: 1, distanceMatrix: matrix(all) });
  const own = coat(
    [...kept].map((i) => spread[i]),
    { distanceMatrix: matrix([...kept]) },
  );
  expect([...kept][own.index]).not.toBe(centre.index); // else this shows nothing
  const parts = [...kept].map((i) => spread[i]);
  expect(trace[0]).toBe(reduce(parts, { start: spread[centre.index] }).trace[0]);
  expect(trace[0]).not.toBe(reduce(parts, { start: own.mixture }).trace[0]);
});

it('starts the reduction at the centre of attention, or where it is told', () => {
  const spread = drawn(7, 9, 9); // nine machines that do not agree at all
  const { trace, kept, coat: centre } = dfmr(spread, { inflationFactor: 1 });
  const parameters = [...kept].flatMap((i) => spread[i].parameters);
  const weights = [...kept].flatMap((i) => Array.from(spread[i].weights, (w) => w / kept.length));
  const nearest = parameters.map((p) => Math.min(...centre.mixture.parameters.map((c) => gaussian.divergence(p, c))));
  expect(trace[0]).toBeCloseTo(
    nearest.reduce((sum, c, g) => sum + weights[g] * c, 0),
    10,
  );
  expect(dfmr(spread, { inflationFactor: 1, start: undefined }).trace).toEqual(trace);
  const start = drawn(8, 1)[0];
  expect(dfmr(spread, { inflationFactor: 1, start }).trace[0]).toBe(
    reduce(
      [...kept].map((i) => spread[i]),
      { start },
    ).trace[0],
  );
});

it('weighs fits by their sample sizes, unless others are given', () => {
  const truth = drawn(6, 1)[0];
  const fits = [100, 200, 400, 800].map((n, i) => fit(sample(truth, n, i).data, { start: truth }));
  const plain = fits.map((one) => one.mixture);
  const result = dfmr(fits, { inflationFactor: 100 });
  expect([...result.kept]).toEqual([0, 1, 2, 3]);
  const same = dfmr(plain, { inflationFactor: 100, sampleSizes: [100, 200, 400, 800] });
  expect(result.mixture.toJSON()).toEqual(same.mixture.toJSON());
  const equal = dfmr(plain, { inflationFactor: 100 });
  expect(dfmr(fits, { inflationFactor: 100, sampleSizes: [1, 1, 1, 1] }).mixture.toJSON()).toEqual(
    equal.mixture.toJSON(),
  );
  expect(equal.mixture.toJSON()).not.toEqual(result.mixture.toJSON());
});

it('does not look at the sample size of a machine that is set aside', () => {
  const good = [100, 200, 400].map((sampleSize, i) => ({ mixture: bell(i / 10), sampleSize }));
  for (const sampleSize of [Number.NaN, -5, Infinity]) {
    const { kept, mixture } = dfmr([...good, { mixture: bell(50), sampleSize }], { inflationFactor: 3 });
    expect([...kept]).toEqual([0, 1, 2]);
    expect(mixture.parameters[0].mean[0]).toBeCloseTo((0.1 * 200 + 0.2 * 400) / 700, 14);
  }
});

describe('gives an answer', () => {
  it('for one machine: its own estimate', () => {
    const [estimate] = drawn(1, 1);
    const result = dfmr([estimate]);
    expect([...result.kept]).toEqual([0]);
    expect(difference(result.mixture, estimate)).toBeLessThan(1e-12);
    expect([result.radius, result.threshold]).toEqual([0, 0]);
    expect(result.objective).toBeLessThan(1e-12);
  });

  it('for two machines: the first, as two cannot outvote each other', () => {
    expect([...dfmr(drawn(1, 2)).kept]).toEqual([0]);
  });

  it('for machines that are all identical: everything is kept, at radius 0', () => {
    const [estimate] = drawn(1, 1);
    const result = dfmr([1, 2, 3, 4, 5, 6, 7].map(() => estimate));
    expect([...result.kept]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([result.radius, result.converged]).toEqual([0, true]);
    expect(difference(result.mixture, estimate)).toBeLessThan(1e-12);
  });

  it('when more than half of the machines have failed, alike or not', () => {
    const spread = drawn(7, 9, 5);
    const result = dfmr(spread);
    expect(result.kept.length).toBeGreaterThanOrEqual(5);
    expect(result.mixture.weights.every(Number.isFinite)).toBe(true);
    const alike = dfmr([bell(50), bell(50.1), bell(50.2), bell(0), bell(0.1)]);
    expect([...alike.kept]).toEqual([0, 1, 2]);
    expect(alike.mixture.parameters[0].mean[0]).toBeCloseTo(50.1, 12);
  });

  it('whatever fewer than half of them send', () => {
    const good = [bell(0), bell(0.1), bell(0.2), bell(0.3), bell(0.15)];
    const expected = dfmr(good, { inflationFactor: 1 }).coat.mixture.parameters[0].mean[0];
    for (const bad of [bell(1e150), bell(0, 1e-200), bell(0, 1e200), bell(-1e150, 1e-200), bell(3, 1e-12)]) {
      const result = dfmr([bad, bad, ...good, bad, bad]);
      expect(result.kept.every((i) => i >= 2 && i < 7)).toBe(true);
      expect(result.kept.length).toBe(5);
      expect(result.mixture.parameters[0].mean[0]).toBeCloseTo(expected, 12);
      expect(result.distances.some(Number.isNaN)).toBe(false);
    }
  });
});

it('gives an answer also where a machine that is kept has a light component far away, which L² does not see', () => {
  const at = (shift: number, far: number) =>
    gaussianMixture({
      weights: [0.99, 0.01],
      means: [
        [shift, 0],
        [far, far],
      ],
      covariances: [
        [1, 0, 0, 1],
        [1, 0, 0, 1],
      ],
    });
  const { mixture } = dfmr([0, 0.05, 0.1, 0.15, 0.2].map((shift) => at(shift, 4)).concat(at(0.1, 1e9)));
  expect(mixture.weights[0]).toBeGreaterThanOrEqual(0.99 - 1e-12);
  expect(mixture.parameters[0].mean[0]).toBeLessThan(0.21); // the heavy component is what it was
});

describe('says what is wrong', () => {
  const estimates = drawn(1, 4);

  it.each([0.99, 0, -1, Number.NaN, Infinity])('with the inflation factor %s', (inflationFactor) => {
    expect(() => dfmr(estimates, { inflationFactor })).toThrow(
      `inflationFactor is ${inflationFactor}: it must be a number of at least 1`,
    );
  });

  it.each<[string, DfmrOptions<GaussianParameter>, RegExp]>([
    ['radiusBy', { radiusBy: 'mean' as 'median' }, /radiusBy is "mean"/],
    ['from', { from: 'some' as 'every' }, /from is "some": it must be 'start' or 'every'/],
    ['cost', { cost: 'w2' as 'kl' }, /there is no cost "w2"/],
    ['sample sizes', { sampleSizes: [1, 2] }, /4 estimates need as many sample sizes, but 2 are given/],
    ['tolerance', { tolerance: -1 }, /tolerance is -1: it must be 0 or a positive number/],
  ])('with the option %s', (_, options, message) => {
    expect(() => dfmr(estimates, options)).toThrow(message);
  });

  it('with the estimates', () => {
    expect(() => dfmr([])).toThrow(/list of mixtures is empty/);
    expect(() => dfmr([...estimates, bell(0)])).toThrow(/mixture 4 is 1-dimensional, mixture 0 2-dimensional/);
    expect(() =>
      dfmr([bell(0), gaussianMixture({ weights: [0.5, 0.5], means: [[0], [1]], covariances: [[[1]], [[1]]] })]),
    ).toThrow(/estimate 1 has 2 components, estimate 0 has 1/);
  });
});
