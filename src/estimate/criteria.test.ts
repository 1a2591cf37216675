import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { samplesOf, toSamples } from '../math/table';
import {
  diagonalGaussianMixture,
  gaussianMixture,
  sphericalGaussianMixture,
  tiedGaussianMixture,
} from '../mixture/constructors';
import type { Mixture } from '../mixture/mixture';
import { readTable } from '../tables/read-table';
import { aic, bic, classEntropy, icl } from './criteria';
import reference from './criteria.reference.json';
import { fit } from './fit';

/** The mixture that mclust fitted, in the family of its model. */
function fitted({ model, weights, means, covariances }: (typeof reference)[number]): Mixture {
  switch (model) {
    case 'EEE':
      return tiedGaussianMixture({ weights, means, covariance: covariances[0] });
    case 'VVI':
      return diagonalGaussianMixture({ weights, means, variances: covariances.map((c) => [c[0][0], c[1][1]]) });
    case 'VII':
      return sphericalGaussianMixture({ weights, means, variances: covariances.map((c) => c[0][0]) });
    default:
      return gaussianMixture({ weights, means, covariances });
  }
}

describe('criteria of fits, against mclust', async () => {
  const table = await readTable(path.join(__dirname, '../../data/old-faithful.csv'));

  it.each(reference)('$model, $weights.length components', (one) => {
    const likely = { mixture: fitted(one), logLikelihood: one.logLikelihood, sampleSize: one.sampleSize };
    expect(bic(likely)).toBeCloseTo(-one.bic, 8);
    expect(aic(likely)).toBeCloseTo(one.aic, 8);
    expect(icl(likely, table)).toBeCloseTo(-one.bic + 2 * one.entropy, 6);
    expect(icl(likely, table)).toBeGreaterThanOrEqual(-one.icl); // entropy ≥ −log of the greatest
  });
});

it('counts a row of weight 3 as three rows', () => {
  const rows = [0, 1, 1.9, 2, 5];
  const G = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [3]], covariances: [[[1]], [[1]]] });
  const weighted = { ...samplesOf(Float64Array.from(rows), 5, 1), weights: Float64Array.of(1, 1, 3, 1, 1) };
  const repeated = classEntropy(G, toSamples([0, 1, 1.9, 1.9, 1.9, 2, 5]));
  expect(classEntropy(G, weighted)).toBeCloseTo(repeated, 13);
  expect(repeated).toBeGreaterThan(1); // nats
  const [once, often] = [rows, [0, 1, 1.9, 1.9, 1.9, 2, 5]];
  const likely = { mixture: G, logLikelihood: -10, sampleSize: 7 };
  expect(icl(likely, once, { rowWeights: [1, 1, 3, 1, 1] })).toBeCloseTo(icl(likely, often), 12);
  expect(() => icl(likely, once)).toThrow(/the table has 5 rows, but 7 were fitted/);
});

it('prefers the order that the rows have', () => {
  const rows = [0, 0.1, 0.2, 0.3, 0.35, 10, 10.1, 10.2, 10.3, 10.35];
  const fits = [1, 2, 3].map((order) => fit(rows, { order }));
  expect(fits.map(bic).indexOf(Math.min(...fits.map(bic)))).toBe(1);
  expect(icl(fits[1], rows) - bic(fits[1])).toBeLessThan(1e-3); // no row is in doubt
});

it('asks for a fit, and for the table of the fit', () => {
  const rows = [0, 1, 2, 9, 10, 11];
  const one = fit(rows, { order: 2 });
  expect(() => bic(one.mixture as never)).toThrow(/a fit with its logLikelihood and sampleSize is needed, not mixture/);
  expect(() => aic(undefined as never)).toThrow(/a fit .* is needed, not undefined/);
  expect(() => icl(one, [1, 2, 3])).toThrow(/the table has 3 rows, but 6 were fitted: give the table of the fit/);
});

it('take noise for a class: of rows that are as likely noise as not, the entropy is log 2 each', () => {
  const weight = 10 / (10 + Math.sqrt(2 * Math.PI)); // (1 − w) φ(0) = w / 10
  const noise = { weight, lower: [-5], upper: [5] };
  const G = gaussianMixture({ weights: [1], means: [[0]], covariances: [[[1]]], noise });
  expect(classEntropy(G, toSamples([0, 0]))).toBeCloseTo(2 * Math.log(2), 12);
  expect(classEntropy(G, toSamples([7]))).toBe(0);
});
