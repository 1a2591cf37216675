import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { gaussianMixture } from '../mixture/constructors';
import { bell, unrelated } from '../mixture/mixtures.fixture';
import { reduce } from './reduce';
import { type TrimOptions, trim } from './trim';

const RUNS = { seed: 1, numRuns: 40 };
const shapes = {
  seed: fc.nat(),
  m: fc.integer({ min: 1, max: 6 }),
  order: fc.integer({ min: 1, max: 4 }),
  trimming: fc.constantFrom(0, 0.1, 0.3, 0.5, 0.8),
};

it('lowers its objective in every round, to the cost of what it keeps', () => {
  fc.assert(
    fc.property(fc.record(shapes), ({ seed, m, order, trimming }) => {
      const estimates = unrelated(seed, m, order, 2);
      const { mixture, trimmed, objective, trace, iterations, converged } = trim(estimates, { trimming });
      for (let i = 1; i < trace.length; i++) expect(trace[i]).toBeLessThanOrEqual(trace[i - 1]);
      expect([trace.length, trace.at(-1), converged]).toEqual([iterations + 1, objective, true]);
      const points = estimates.flatMap(({ weights, parameters }) =>
        parameters.map((parameter, k) => ({
          mass: weights[k] / m,
          cost: Math.min(...mixture.parameters.map((centre) => gaussian.divergence(parameter, centre))),
        })),
      );
      const cost = points.reduce((sum, { mass, cost }, g) => sum + mass * (1 - trimmed[g]) * cost, 0);
      expect(Math.abs(cost - objective)).toBeLessThan(1e-10);
      const left = points.reduce((sum, { mass }, g) => sum + mass * trimmed[g], 0);
      expect(left).toBeCloseTo(trimming, 12);
      expect(mixture.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
      const keptMost = Math.max(...points.filter((_, g) => trimmed[g] < 1 - 1e-9).map((point) => point.cost));
      points.forEach((point, g) => {
        expect(trimmed[g]).toBeGreaterThanOrEqual(0);
        expect(trimmed[g]).toBeLessThanOrEqual(1);
        if (trimmed[g] > 1e-9) expect(point.cost).toBeGreaterThanOrEqual(keptMost - 1e-9);
      });
    }),
    RUNS,
  );
});

it('without trimming is mixture reduction', () => {
  const estimates = unrelated(2, 5, 3, 2);
  const [trimmed, reduced] = [trim(estimates, { trimming: 0 }), reduce(estimates)];
  expect(trimmed.objective).toBeCloseTo(reduced.objective, 12);
  trimmed.mixture.parameters.forEach(({ mean }, k) => {
    expect(mean[0]).toBeCloseTo(reduced.mixture.parameters[k].mean[0], 12);
  });
  expect(Math.max(...trimmed.trimmed)).toBeLessThan(1e-12);
});

it('leaves out what costs most, and a part of the point at the bound', () => {
  const { mixture, trimmed } = trim([bell(0), bell(0.5), bell(90), bell(0.1)], { trimming: 0.4, start: bell(0) });
  expect([...trimmed].map((share) => Number(share.toFixed(10)))).toEqual([0, 0.6, 1, 0]);
  expect(mixture.parameters[0].mean[0]).toBeCloseTo((0.25 * 0 + 0.25 * 0.1 + 0.1 * 0.5) / 0.6, 12);
  expect(mixture.weights[0]).toBeCloseTo(1, 14);
});

it('trims half if not told', () => {
  const estimates = unrelated(3, 4, 2, 2);
  expect(trim(estimates).objective).toBe(trim(estimates, { trimming: 0.5 }).objective);
});

it('starts where it is told, at the centre of attention if it is not, and takes the order from there', () => {
  const estimates = unrelated(4, 5, 3, 2);
  const [start] = unrelated(5, 1, 2, 2);
  expect(trim(estimates, { start }).mixture.order).toBe(2);
  expect(trim(estimates).mixture.order).toBe(3);
});

it('weighs machines by their sample sizes', () => {
  const { mixture } = trim([bell(0), bell(1)], { trimming: 0, sampleSizes: [300, 100] });
  expect(mixture.parameters[0].mean[0]).toBeCloseTo(0.25, 14);
});

it('keeps a centre that has no points where it is, at weight 0', () => {
  const start = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [1000]], covariances: [[[1]], [[1]]] });
  const { mixture } = trim([bell(0), bell(0.2)], { start, trimming: 0.2 });
  expect(mixture.weights[1]).toBe(0);
  expect(mixture.parameters[1].mean[0]).toBe(1000);
});

it('gives a finite answer when the trimmed part is far away, narrow or wide', () => {
  for (const bad of [bell(1e150), bell(0, 1e-200), bell(0, 1e200)]) {
    const { mixture, objective } = trim([bell(0), bad, bell(0.1), bell(0.2)], { trimming: 0.5 });
    expect(Math.abs(mixture.parameters[0].mean[0])).toBeLessThan(0.2);
    expect(objective).toBeLessThan(0.1);
  }
});

it('keeps nothing of the trimmed, not even what rounding leaves of it', () => {
  const { mixture } = trim([bell(0), bell(0.01), bell(1e150)], { trimming: 1 / 3 });
  expect(mixture.parameters[0].mean[0]).toBeCloseTo(0.005, 12);
});

it('does not count a component of weight 0 as trimmed, nor anything of it', () => {
  const absent = (mean: number) =>
    gaussianMixture({ weights: [1, 0], means: [[mean], [90]], covariances: [[[1]], [[1]]] });
  const { trimmed } = trim([absent(0), absent(0.1), absent(50)], { trimming: 1 / 3, start: bell(0) });
  expect([...trimmed].map((share) => Number(share.toFixed(9)))).toEqual([0, 0, 0, 0, 1, 0]);
});

it('gives a point that is as near to two centres to the first', () => {
  const start = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [2]], covariances: [[[1]], [[1]]] });
  expect([...trim([bell(1)], { start, trimming: 0 }).mixture.weights]).toEqual([1, 0]);
});

it('stops after as many rounds as it is told', () => {
  const estimates = unrelated(6, 6, 4, 2);
  const full = trim(estimates, { start: unrelated(7, 1, 4, 2)[0] });
  const one = trim(estimates, { start: unrelated(7, 1, 4, 2)[0], maxIterations: 1 });
  expect(full.iterations).toBeGreaterThan(1);
  expect([one.iterations, one.converged, one.objective]).toEqual([1, false, full.trace[1]]);
});

describe('says what is wrong', () => {
  const estimates = unrelated(1, 3, 2, 2);

  it.each([1, -0.1, 2, Number.NaN, Infinity])('with the trimming %s', (trimming) => {
    expect(() => trim(estimates, { trimming })).toThrow(`trimming is ${trimming}: it must be at least 0 and below 1`);
  });

  it.each<[string, TrimOptions<GaussianParameter>, RegExp]>([
    ['the cost', { cost: 'euclid' as 'kl' }, /there is no cost "euclid"/],
    ['the sample sizes', { sampleSizes: [1, 2] }, /3 estimates need as many sample sizes, but 2 are given/],
    ['the start', { start: bell(0) }, /mixture 1 is 1-dimensional, mixture 0 2-dimensional/],
    ['the number of iterations', { maxIterations: -2 }, /maxIterations is -2: it must be a positive integer/],
  ])('with %s', (_, options, message) => {
    expect(() => trim(estimates, options)).toThrow(message);
  });

  it('with the estimates', () => {
    expect(() => trim([])).toThrow(/list of mixtures is empty/);
    expect(() => trim([...estimates, ...unrelated(1, 1, 3, 2)])).toThrow(
      /estimate 3 has 3 components, estimate 0 has 2/,
    );
  });
});
