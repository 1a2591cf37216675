import { describe, expect, it } from 'vitest';
import { fit } from '../estimate/fit';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { gaussianMixture } from '../mixture/constructors';
import { type Mixture, mixtureToVector, withNoise } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { fail } from '../simulate/fail';
import { aggregate } from './aggregate';
import { coat } from './coat';
import { dfmrComponents, mixturesOfMachines } from './components';
import { dfmr } from './dfmr';
import { withMedianNoise } from './median-noise';
import { oracle } from './oracle';
import { reduce } from './reduce';
import { aggregateBy } from './rules';
import { trim } from './trim';

const truth = gaussianMixture({
  weights: [0.4, 0.6],
  means: [
    [0, 0],
    [8, 0],
  ],
  covariances: [
    [
      [1, 0],
      [0, 1],
    ],
    [
      [1, 0.6],
      [0.6, 1],
    ],
  ],
  noise: { weight: 0.1, lower: [-10, -10], upper: [18, 10] },
});

const fits = Array.from({ length: 9 }, (_, i) => fit(sample(truth, 400, i).data, { start: truth }));
const mixtures = fits.map(({ mixture }) => mixture);
const noises = mixtures.map(({ noise }) => noise as NonNullable<Mixture['noise']>);
const middle = (values: number[]) => values.sort((a, b) => a - b)[4];

/** What each rule makes of the estimates. */
const rules: Record<string, (of: readonly Mixture<GaussianParameter>[]) => Promise<Mixture>> = {
  coat: async (of) => coat(of).mixture,
  dfmr: async (of) => dfmr(of, { inflationFactor: 4 }).mixture,
  components: async (of) => dfmrComponents(of).mixture,
  trim: async (of) => trim(of).mixture,
  reduce: async (of) => reduce(of).mixture,
  'aggregate, as it is': async (of) => (await aggregate(of)).result.mixture,
  'aggregate by dfmr': async (of) => (await aggregate(of, { rule: 'dfmr', inflationFactor: 4 })).result.mixture,
  'the coat of the registry': async (of) => (await aggregateBy(of, { rule: 'coat' })).mixture,
  'vanilla of the registry': async (of) => (await aggregateBy(of, { rule: 'vanilla' })).mixture,
  'trim of the registry': async (of) => (await aggregateBy(of, { rule: 'trim' })).mixture,
  "a user's rule that keeps one": async (of) =>
    (await aggregateBy(of, { rule: { name: 'last', aggregate: (all) => ({ mixture: all[8], kept: [8] }) } })).mixture,
};

describe.each(Object.entries(rules))('%s', (_, rule) => {
  it('has the median of the weights of noise, on the box of the medians of its ends', async () => {
    const { noise } = await rule(mixtures);
    expect(noise?.weight).toBe(middle(noises.map(({ weight }) => weight)));
    for (const side of ['lower', 'upper'] as const)
      expect([...(noise?.[side] ?? [])]).toEqual([0, 1].map((i) => middle(noises.map((one) => one[side][i]))));
  });

  it('is moved by no minority that lies about noise, be it in the weight, the box or by having none', async () => {
    const lies = [
      { weight: 0.99, lower: Float64Array.of(-1e90, -1e90), upper: Float64Array.of(1e90, 1e90) },
      { weight: 0, lower: Float64Array.of(0, 0), upper: Float64Array.of(1e-90, 1e-90) },
      undefined,
    ];
    for (const lie of lies) {
      const sent = mixtures.map((mixture, i) => (i > 4 ? withNoise(mixture, lie) : mixture));
      const { noise } = await rule(sent);
      const honest = noises.slice(0, 5);
      const within = (value: number | undefined, values: number[]) => {
        expect(value).toBeGreaterThanOrEqual(Math.min(...values));
        expect(value).toBeLessThanOrEqual(Math.max(...values));
      };
      within(
        noise?.weight,
        honest.map(({ weight }) => weight),
      );
      for (const i of [0, 1])
        for (const side of ['lower', 'upper'] as const)
          within(
            noise?.[side][i],
            honest.map((one) => one[side][i]),
          );
    }
  });

  it('is the same of the components with noise and without', async () => {
    const [noisy, plain] = [mixtures, mixtures.map((one) => withNoise(one, undefined))];
    const [one, other] = await Promise.all([noisy, plain].map((of) => rule(of)));
    expect(mixtureToVector(one)).toEqual(mixtureToVector(other));
    expect(other.noise).toBeUndefined();
  });
});

it('of the oracle is that of the machines that did not fail', () => {
  const sent = mixtures.map((mixture, i) => (i > 2 ? withNoise(mixture, { ...noises[i], weight: 0.9 }) : mixture));
  const { noise } = oracle(sent, [3, 4, 5, 6, 7, 8]).mixture;
  expect(noise?.weight).toBe(
    noises
      .slice(0, 3)
      .map(({ weight }) => weight)
      .sort()[1],
  );
});

it('is of the machines that are kept, if others are set aside', () => {
  const { estimates, failed } = fail(
    mixtures.map((mixture, i) => withNoise(mixture, { ...noises[i], weight: i / 100 })),
    { kind: 'mean', fraction: 0.4, seed: 1 },
  );
  const { mixture, kept } = dfmrComponents(estimates);
  expect([...kept].some((i) => failed.includes(i))).toBe(false);
  const sorted = [...kept].sort((a, b) => a - b);
  const half = sorted.length / 2;
  const expected = (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2;
  expect(mixture.noise?.weight).toBeCloseTo(expected / 100, 14);
  for (const i of failed) expect((estimates[i] as { mixture?: Mixture; noise?: unknown }).noise).toBeDefined();
});

it('counts machines without noise as weight 0, and is none if most have none', () => {
  const box = { lower: Float64Array.of(-1, -1), upper: Float64Array.of(1, 1) };
  const with1 = withNoise(mixtures[0], { weight: 0.2, ...box });
  const without = withNoise(mixtures[0], undefined);
  expect(withMedianNoise(without, [with1, with1, without]).noise).toEqual({ weight: 0.2, ...box });
  expect(withMedianNoise(without, [with1, without]).noise?.weight).toBeCloseTo(0.1, 15);
  expect(withMedianNoise(with1, [with1, without, without]).noise).toBeUndefined();
});

it('of machines with proportions of their own is their own', () => {
  const result = dfmrComponents(mixtures);
  mixturesOfMachines(mixtures, result).forEach((mixture, i) => {
    expect(mixture.noise).toEqual(noises[i]);
  });
});
