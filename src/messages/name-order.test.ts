import { expect, it } from 'vitest';
import { fit } from '../estimate/fit';
import { fitExperts } from '../experts/fit-experts';
import { type AnyExperts, flatExperts } from '../experts/model';
import { type Samples, samplesOf } from '../math/table';
import { categoricalMixture, dirichletMixture, gaussianGammaMixture, gaussianMixture } from '../mixture/constructors';
import type { Estimate } from '../mixture/given';
import { mixtureToVector } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { estimateToJSON } from './estimate-file';
import { screenEstimates } from './screen';

const permuted = ({ data, rows, columns }: Samples, order: readonly number[]): Samples =>
  samplesOf(
    Float64Array.from({ length: rows * columns }, (_, i) => data[i - (i % columns) + order[i % columns]]),
    rows,
    columns,
  );

const gaussian = gaussianMixture({
  weights: [0.4, 0.6],
  means: [[0, 5, 20], [4, 9, 12]],
  covariances: [[[1, 0.3, 0], [0.3, 2, 0.1], [0, 0.1, 3]], [[2, 0, 0], [0, 1, 0.5], [0, 0.5, 1]]],
}); // biome-ignore format: short
const categories = categoricalMixture({
  weights: [0.5, 0.5],
  probabilities: [
    [[0.8, 0.2], [0.1, 0.2, 0.7], [0.25, 0.25, 0.25, 0.25]],
    [[0.1, 0.9], [0.6, 0.3, 0.1], [0.7, 0.1, 0.1, 0.1]],
  ],
}); // biome-ignore format: short
const proportions = dirichletMixture({ weights: [0.5, 0.5], concentrations: [[20, 3, 5], [2, 9, 20]] }); // biome-ignore format: short

it.each([
  ['gaussian', 'gaussian', gaussian],
  ['diagonal-gaussian', 'diagonal-gaussian', gaussian],
  ['spherical-gaussian with noise', 'spherical-gaussian', gaussian],
  ['categorical', 'categorical(2,3,4)', categories],
  ['dirichlet', 'dirichlet', proportions],
])('one machine with its columns in another order says the same: %s', (name, family, truth) => {
  const noise = name.endsWith('noise');
  const names = ['age', 'dose', 'weight'];
  const order = [2, 0, 1];
  const sent = [1, 2, 3].map((seed, i) => {
    const { data } = sample(truth as Estimate, 400, seed);
    // the same fit, by the order of its own table
    const other = family.replace('2,3,4', '4,2,3');
    const [here, there] = [[0, 1, 2], order].map((own, o) =>
      fit(permuted(data, own), { order: 2, family: o === 0 ? family : other, seed: 1, noise } as never),
    );
    const straight = estimateToJSON(here as never, { machine: `${i}`, names });
    const turned = estimateToJSON(there as never, { machine: `${i}`, names: order.map((c) => names[c]) });
    return { straight, turned };
  });
  const texts = (which: readonly ('straight' | 'turned')[]) =>
    which.map((one, i) => ({ name: `${i}`, text: JSON.stringify(sent[i][one]) }));
  const plain = screenEstimates(texts(['straight', 'straight', 'straight']));
  const mixed = screenEstimates(texts(['straight', 'turned', 'straight']));
  expect([plain.refused, mixed.refused]).toEqual([[], []]);
  mixed.estimates.forEach(({ mixture, names: own }, i) => {
    const expected = plain.estimates[i].mixture;
    expect(own).toEqual(names);
    expect(mixture.family.name).toBe(expected.family.name);
    const [vector, other] = [mixtureToVector(mixture), mixtureToVector(expected)];
    for (const [c, value] of vector.entries())
      expect(Math.abs(value - other[c])).toBeLessThan(1e-6 * (1 + Math.abs(other[c])));
    expect(mixture.noise?.lower.length).toBe(expected.noise?.lower.length);
    for (const [c, end] of (mixture.noise?.lower ?? []).entries()) expect(end).toBe(expected.noise?.lower[c]);
  });
});

it('refuses what does not say which of its numbers are of which feature, and tells the order', () => {
  const pair = gaussianGammaMixture({
    weights: [1],
    means: [0],
    strengths: [1],
    shapes: [3],
    rates: [2],
  } as never);
  const message = (i: number, names: string[]) => ({
    name: `${i}`,
    text: JSON.stringify({
      ...{ format: 'dfmr-estimate', version: 2, machine: `${i}`, order: 1, dimension: 2, sampleSize: 100 + i, names },
      ...pair.toJSON(),
    }),
  });
  const { refused, estimates } = screenEstimates([['value', 'precision'], ['value', 'precision'], ['precision', 'value']].map((names, i) => message(i, names))); // biome-ignore format: short
  expect(estimates).toHaveLength(2);
  expect(refused).toEqual([
    {
      name: '2',
      reason:
        'its features are "precision", "value", in another order than those of the others: fit with "value", "precision"',
    },
  ]);
});

it('takes responses of experts by their names', () => {
  const x = Array.from({ length: 300 }, (_, j) => [Math.sin(j), Math.cos(3 * j)]);
  const y = x.map(([u, v], j) => [1 + u + 0.1 * Math.sin(7 * j), 5 - 2 * v + 0.2 * Math.cos(11 * j)]);
  const sent = [0, 1, 2].map((i) => {
    const own = i === 1 ? y.map(([a, b]) => [b, a]) : y;
    const found = fitExperts(x, own, { order: 1, rowWeights: x.map((_, j) => 1 + ((i + j) % 3)) });
    const responses = i === 1 ? ['b', 'a'] : ['a', 'b'];
    return {
      name: `${i}`,
      text: JSON.stringify(estimateToJSON(found, { machine: `${i}`, names: ['u', 'v'], responses })),
    };
  });
  const { estimates } = screenEstimates(sent);
  expect(estimates.map(({ responses }) => responses)).toEqual(Array(3).fill(['a', 'b']));
  for (const { model } of estimates) {
    const { coefficients, variances } = flatExperts(model as AnyExperts);
    for (const [c, value] of [1, 1, 0, 5, 0, -2].entries()) expect(Math.abs(coefficients[c] - value)).toBeLessThan(0.1);
    expect(variances[0]).toBeLessThan(variances[3]);
  }
});
