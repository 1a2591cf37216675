import { describe, expect, it } from 'vitest';
import { gaussianMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';
import { fitAll } from '../protocol/fit-all';
import { fit, fitSteps } from './fit';

/** Bells of variance 1 with these means, as likely as each other. */
const bells = (...means: number[]) =>
  gaussianMixture({
    weights: means.map(() => 1 / means.length),
    means: means.map((mean) => [mean]),
    covariances: means.map(() => [[1]]),
  });
const overlapping = sample(bells(0, 1.5, 3), 150, 1).data;
const apart = sample(bells(0, 50), 100, 1).data;

const clusterings = { initialisation: 'k-means++' } as const;

describe('the maxima of a fit from k-means++ starts', () => {
  it('are one for each start, and the greatest is that of the result', () => {
    const { maxima, penalisedLogLikelihood } = fit(overlapping, { order: 5, starts: 8, ...clusterings });
    expect(maxima).toHaveLength(8);
    expect(Math.max(...maxima)).toBe(penalisedLogLikelihood);
    expect(new Set(maxima).size).toBeGreaterThan(1);
  });

  it('begin with those of fewer starts, of which the greatest is their result', () => {
    const { maxima } = fit(overlapping, { order: 5, starts: 6, seed: 3, ...clusterings });
    for (const starts of [1, 2, 3, 4, 5]) {
      const fewer = fit(overlapping, { order: 5, starts, seed: 3, ...clusterings });
      expect(fewer.maxima).toEqual(maxima.slice(0, starts));
      expect(fewer.penalisedLogLikelihood).toBe(Math.max(...maxima.slice(0, starts)));
    }
  });

  it('are the same number where starts are the same clustering, which is fitted once', () => {
    const options = { order: 2, starts: 7, maxIterations: 100, ...clusterings };
    const iterations = [...fitSteps(apart, options)].filter(({ stage }) => stage === 'fitting');
    expect(iterations[0].total).toBeLessThan(7 * 100); // as many as the distinct starts may take
    const { maxima, penalisedLogLikelihood } = fit(apart, options);
    expect([...maxima]).toEqual(new Array(7).fill(penalisedLogLikelihood));
  });

  it('are one where the start is given', () => {
    const start = bells(0, 1, 2);
    const { maxima, penalisedLogLikelihood } = fit(overlapping, { start });
    expect([...maxima]).toEqual([penalisedLogLikelihood]);
    expect(fit(overlapping, { start, starts: 9 }).maxima).toHaveLength(1);
  });

  it('are −Infinity where a component shrank onto a few rows, and those of other starts stay', () => {
    const rows = [...overlapping.data, 1.5, 1.5, 1.5, 1.5].map((x) => [x]);
    const { maxima, penalisedLogLikelihood } = fit(rows, { order: 6, penalty: 0, starts: 12, ...clusterings });
    expect(maxima.filter((one) => one === -Infinity).length).toBeGreaterThan(0);
    expect(Math.max(...maxima)).toBe(penalisedLogLikelihood);
    expect(penalisedLogLikelihood).toBeGreaterThan(-1000);
  });

  it('are those of each machine, where many are fitted', async () => {
    const fits = await fitAll([overlapping, apart], { order: 3, starts: 4, workers: 1 });
    expect(fits.map(({ maxima }) => maxima)).toEqual(
      [overlapping, apart].map((table) => fit(table, { order: 3, starts: 4 }).maxima),
    );
  });
});

describe('the maxima of a fit from starts of different kinds', () => {
  it('are of up to three runs that differed after a short run, and the greatest is that of the result', () => {
    for (const [table, order] of [
      [overlapping, 5],
      [overlapping, 2],
      [apart, 3],
    ] as const) {
      const { maxima, penalisedLogLikelihood } = fit(table, { order });
      expect(maxima.length).toBeGreaterThan(0);
      expect(maxima.length).toBeLessThanOrEqual(3);
      expect(Math.max(...maxima)).toBe(penalisedLogLikelihood);
    }
  });

  it('are one for a single component, and the same where clusters lie far apart', () => {
    expect(fit(overlapping, { order: 1 }).maxima).toHaveLength(1);
    const { maxima } = fit(apart, { order: 2 });
    expect(Math.max(...maxima) - Math.min(...maxima)).toBeLessThan(1e-6);
  });

  it('are those of runs that stood by, where others degenerate', () => {
    const rows = [...overlapping.data, 1.5, 1.5, 1.5, 1.5].map((x) => [x]);
    const { maxima, penalisedLogLikelihood } = fit(rows, { order: 6, penalty: 0 });
    expect(maxima.filter(Number.isFinite).length).toBeGreaterThan(0);
    expect(penalisedLogLikelihood).toBeLessThan(-100); // no component is on the four equal rows
  });
});
