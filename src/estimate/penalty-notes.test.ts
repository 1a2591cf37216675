import { describe, expect, it } from 'vitest';
import { gammaMixture, gaussianMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';
import { fit } from './fit';

const clusters = gaussianMixture({
  weights: [0.5, 0.5],
  means: [
    [0, 0],
    [6, 4],
  ],
  covariances: [
    [
      [1, 0],
      [0, 0.25],
    ],
    [
      [1, 0],
      [0, 1],
    ],
  ],
});

/** Clusters of which every hundredth row has the code −999 in the second column, or about. */
function coded(about = 0) {
  const table = sample(clusters, 3000, 1).data;
  for (let j = 50; j < 3000; j += 100) table.data[2 * j + 1] = -999 + about * (j % 700);
  return table;
}

describe('the penalty of a fit', () => {
  it('is noted where a code for missing values makes most of a variance, with the remedies', () => {
    for (const family of ['gaussian', 'diagonal-gaussian'] as const) {
      const [note, ...others] = fit(coded(), { order: 3, family }).notes;
      expect(note).toMatch(/The penalty makes \d\d % of the variance of component \d in column 1/);
      expect(note).toMatch(/Row 50, with -999 there, is far from the others: .* leave such rows out/);
      expect(note).toMatch(/smaller penalty than 0.018.*--penalty/);
      expect(others).toEqual([]);
    }
  });

  it('has the share in a variance that the same rows without it show', () => {
    const table = coded(1e-3);
    const { mixture, notes } = fit(table, { order: 3, tolerance: 1e-12 });
    // one M-step without the penalty, from the same responsibilities, is what the rows alone make of the variance
    const { mixture: alone } = fit(table, { start: mixture, penalty: 0, maxIterations: 1 });
    const shares = mixture.parameters.map(({ covariance }, k) => 1 - alone.parameters[k].covariance[3] / covariance[3]);
    const told = [...notes[0].matchAll(/(\d+) % of the variance of component (\d) in column 1/g)];
    expect(told.length).toBeGreaterThan(1);
    for (const [, percent, k] of told) expect(Math.abs(Number(percent) / 100 - shares[Number(k)])).toBeLessThan(0.011);
  });

  it('is not noted of clusters that are as wide as usual, without a penalty, or without such rows', () => {
    const clean = sample(clusters, 3000, 1).data;
    expect(fit(clean, { order: 2 }).notes).toEqual([]);
    expect(fit(coded(), { order: 2, penalty: 1e-7 }).notes.join()).not.toMatch(/column 0/);
    expect(fit(clean, { order: 2, penalty: 0 }).notes).toEqual([]);
  });

  it('is noted where it is the published one of narrow gamma clusters, and what that costs', () => {
    const means = [100, 106, 112];
    const narrow = gammaMixture({
      weights: [1 / 3, 1 / 3, 1 / 3],
      shapes: means.map((mean) => mean ** 2),
      scales: means.map((mean) => 1 / mean),
    });
    const table = sample(narrow, 600, 1).data;
    const published = fit(table, { order: 3, family: 'gamma', penalty: 'published' });
    expect(published.notes.join(' ')).toMatch(/The penalty makes \d+ % of the variance of component \d\. That takes/);
    expect(published.notes.join(' ')).toMatch(/Leave out the published penalty/);
    expect(published.notes.join(' ')).toMatch(/Components \d and \d have less than one row/);
    const notes = fit(table, { order: 3, family: 'gamma' }).notes.join(' ');
    expect(notes).not.toMatch(/penalty/);
    // what it takes from the log-likelihood of one component, told and found
    const one = fit(table, { order: 1, family: 'gamma', penalty: 'published', tolerance: 1e-12 });
    const mle = fit(table, { order: 1, family: 'gamma', penalty: 0, tolerance: 1e-12 });
    const [, told] = /takes about ([\d.]+) from/.exec(one.notes.join(' ')) ?? [];
    expect(Math.abs(Number(told) / (mle.logLikelihood - one.logLikelihood) - 1)).toBeLessThan(0.02);
  });
});
