import { expect, it } from 'vitest';
import { fit } from '../estimate/fit';
import { gaussianMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';
import { standardise } from '../tables/standardise';
import { unstandardisedFit } from './unstandardised-fit';

const identity = [
  [1, 0],
  [0, 1],
];
const truth = gaussianMixture({ weights: [0.4, 0.6], means: [[0, 0], [5, 5]], covariances: [identity, identity] }); // biome-ignore format: a table
const { data } = sample(truth, 300, 1);
/** the same rows, in grams and metres, say */
const table = { ...data, data: data.data.map((value, i) => (i % 2 === 0 ? 4000 + 500 * value : 1.7 + 0.1 * value)) };

it('a fit of standardised columns is the fit of the columns, with its likelihoods, and with missing cells too', () => {
  const gaps = { ...table, data: table.data.map((value, i) => (i % 40 === 7 ? NaN : value)) };
  for (const [rows, missing] of [[table], [gaps, 'em']] as const) {
    const options = { order: 2, starts: 2, seed: 1, missing } as const;
    const plain = fit(rows, options);
    const scaled = standardise(rows, { missing });
    const back = unstandardisedFit(fit(scaled, options), scaled, 300 ** -0.5);
    expect(back.logLikelihood).toBeCloseTo(plain.logLikelihood, 6);
    expect(back.penalisedLogLikelihood).toBeCloseTo(plain.penalisedLogLikelihood, 6);
    expect(back.mixture.toJSON().parameters).toHaveLength(2);
    const means = (of: { mixture: { parameters: readonly unknown[] } }) =>
      of.mixture.parameters.map((parameter) => (parameter as { mean: Float64Array }).mean[0]).sort();
    means(back).forEach((mean, k) => {
      expect(mean / means(plain)[k]).toBeCloseTo(1, 8);
    });
  }
});

it('round clusters of columns in other units are found round in their standard deviations, and told as diagonal', () => {
  const scaled = standardise(table);
  const options = { family: 'spherical-gaussian', order: 2, starts: 2, seed: 1 } as const;
  const back = unstandardisedFit(fit(scaled, options), scaled, 300 ** -0.5);
  expect(back.mixture.family.name).toBe('diagonal-gaussian');
  const [first] = back.mixture.parameters as readonly { readonly variances: Float64Array }[];
  const [grams, metres] = first.variances;
  const { scale } = scaled.standardisation;
  expect(Math.sqrt(grams / metres)).toBeCloseTo(scale[0] / scale[1], 8);
  expect(Math.sqrt(grams) / 500).toBeCloseTo(1, 0.8);
});
