import { describe, expect, it } from 'vitest';
import type { GaussianParameter } from '../families/gaussian-parameter';
import {
  bernoulliMixture,
  categoricalMixture,
  gammaMixture,
  gaussianMixture,
  poissonMixture,
  tiedGaussianMixture,
  vonMisesMixture,
} from '../mixture/constructors';
import { type Mixture, mixtureFromJSON } from '../mixture/mixture';
import { runStudy } from '../study/run-study';
import { adversaries, adversaryLibrary, alone, mergeLie, moveLie } from './adversaries';
import { fail } from './fail';

const bells = (i: number) =>
  gaussianMixture({
    weights: [0.1, 0.9],
    means: [[0.01 * i, 0], [5, 5]],
    covariances: [[[4, 1], [1, 1]], [[1, 0], [0, 1]]],
  }); // biome-ignore format: matrices
const machines: Record<string, Mixture[]> = {
  gaussian: Array.from({ length: 10 }, (_, i) => bells(i)),
  gamma: Array.from({ length: 10 }, (_, i) => gammaMixture({ weights: [0.5, 0.5], shapes: [2, 20 + 0.1 * i], scales: [1, 1] })),
  poisson: Array.from({ length: 10 }, (_, i) => poissonMixture({ weights: [0.4, 0.6], means: [3 + 0.01 * i, 20] })),
  'tied-gaussian': Array.from({ length: 10 }, (_, i) => tiedGaussianMixture({ weights: [0.5, 0.5], means: [[0.01 * i], [7]], covariance: [[2]] })),
  bernoulli: Array.from({ length: 10 }, (_, i) => bernoulliMixture({ weights: [0.5, 0.5], probabilities: [[0.02, 0.9, 0.5 + 0.01 * i], [0.8, 0.99, 0.3]] })),
  'categorical(3,2)': Array.from({ length: 10 }, (_, i) => categoricalMixture({ weights: [0.5, 0.5], probabilities: [[[0.98 - 0.01 * i, 0.01, 0.01 + 0.01 * i], [0.1, 0.9]], [[0.1, 0.2, 0.7], [0.7, 0.3]]] })),
  'von-mises': Array.from({ length: 10 }, (_, i) => vonMisesMixture({ weights: [0.5, 0.5], meanAngles: [3.1, 0.01 * i], concentrations: [0.1, 20] })),
}; // biome-ignore format: short

describe.each(Object.keys(adversaries))('%s', (kind) => {
  it.each(Object.keys(machines))('sends valid %s mixtures, the same for the same seed', (family) => {
    const estimates = machines[family].map((mixture) => ({ mixture, sampleSize: 1000 }));
    const { estimates: sent, failed } = fail(estimates, { kind, fraction: 0.4, seed: 1 });
    expect(failed).toHaveLength(4);
    for (const i of failed) {
      const { mixture } = sent[i] as { mixture: Mixture };
      expect(mixture.family.name).toBe(family);
      expect(mixture.order).toBe(2);
      // what it sends survives its JSON, which checks it as the door does
      expect(mixtureFromJSON(JSON.parse(JSON.stringify(mixture.toJSON()))).weights).toEqual(mixture.weights);
      expect(mixture.weights.reduce((sum, w) => sum + w, 0)).toBeCloseTo(1, 12);
    }
    const again = fail(estimates, { kind, fraction: 0.4, seed: 1 }).estimates as { mixture: Mixture }[];
    expect(again.map(({ mixture }) => mixture.toJSON())).toEqual(
      (sent as { mixture: Mixture }[]).map(({ mixture }) => mixture.toJSON()),
    );
  });
});

const send = <P>(lie: Parameters<typeof alone>[1], own: Mixture<P>): Mixture<P> =>
  fail([own], { kind: alone('lie', lie), fraction: 1, seed: 1 }).estimates[0] as Mixture<P>;

describe('a lie', () => {
  it('moves a component by so many standard deviations of its density', () => {
    for (const deviations of [0.5, 3, 1e5]) {
      const { parameters } = send(moveLie(0, deviations), bells(0));
      const [x, y] = parameters[0].mean;
      // along one axis with the others fixed, the Mahalanobis distance: the inverse of [[4, 1], [1, 1]] has 1/3 at (0, 0)
      expect(Math.hypot(x) / Math.sqrt(3) / deviations).toBeCloseTo(1, 6);
      expect(y).toBe(0);
      expect(parameters[1]).toEqual(bells(0).parameters[1]);
    }
  });

  it('moves a Poisson mean to where the Jeffreys divergence of one deviation is ½', () => {
    const { parameters } = send(moveLie(0, 1), poissonMixture({ weights: [1], means: [9] }));
    const { mean } = parameters[0] as { mean: number };
    expect(((mean - 9) * Math.log(mean / 9)) / 2).toBeCloseTo(0.5, 8); // ½ (λ − μ) log (λ / μ)
  });

  it('merges two components into one of their mean and covariance, and sends the other away', () => {
    const own = bells(0);
    const { weights, parameters } = send(mergeLie(1, 0, 0.03, 1e5), own);
    const mean = [0.9 * 5, 0.9 * 5];
    const spread = 0.1 * 0.9 * 25; // of two means five apart in each feature
    expect([...parameters[1].mean].map((x, i) => x - mean[i])).toEqual([expect.closeTo(0, 12), expect.closeTo(0, 12)]);
    const expected = [0.1 * 4 + 0.9 + spread, 0.1 + spread, 0.1 + spread, 1 + spread];
    parameters[1].covariance.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 10);
    });
    expect([...weights]).toEqual([expect.closeTo(0.03, 12), expect.closeTo(0.97, 12)]);
    expect(Math.hypot(...parameters[0].mean)).toBeGreaterThan(1e4);
  });

  it('that is told together is nudged, so that no two are the same', () => {
    const sent = fail(machines.gaussian, { kind: 'copies-of-centre', fraction: 0.4, seed: 1 });
    const copies = [...sent.failed].map((i) => sent.estimates[i] as Mixture<GaussianParameter>);
    const means = copies.map(({ parameters }) => parameters[1].mean[0]);
    expect(new Set(means).size).toBe(4);
    for (const mean of means) {
      expect(Math.abs(mean - 5)).toBeLessThan(2e-7);
      expect(Math.abs(mean - 5)).toBeGreaterThan(0);
    }
  });
});

it('the library has some hundred, of different names', () => {
  for (const order of [1, 3, 5]) {
    const names = adversaryLibrary(order).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    // 9 moves and 6 drops of each component, 2 vacuous ones of each, 2 merges of each pair, 5 + 6 + 2 of all; each twice; and 5 kinds of copies
    expect(names).toHaveLength(2 * (17 * order + order * (order - 1) + 13) + 5);
  }
});

it('studies have adversaries by name, with a size', async () => {
  const population = poissonMixture({ weights: [0.5, 0.5], means: [2, 20] }).toJSON();
  const { repetitions } = await runStudy(
    { settings: [{ population, sampleSize: 200, machines: [10] }], failures: ['move(100)'], fractions: [0.3], methods: ['Components', 'Vanilla', 'Oracle'], clusteredRows: 100, seed: 1 },
    { repetitions: 1, workers: 1 },
  ); // biome-ignore format: short
  const [components, vanilla, oracle] = repetitions[0].w1;
  expect(components).toBeLessThan(2 * oracle);
  expect(vanilla).toBeGreaterThan(10 * oracle);
});
