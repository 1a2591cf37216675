import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FamilyName, familyOf } from '../families/families-registry';
import { randomStream } from '../math/random';
import { samplesOf, takeRows } from '../math/table';
import { gaussianMixture } from '../mixture/constructors';
import { type Mixture, mixture } from '../mixture/mixture';
import { noiseLogDensity, rangeOf } from '../mixture/noise';
import { classify, logDensity, noiseProbabilities } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { fit } from './fit';

interface Reference {
  family: FamilyName;
  startLogLikelihood: number;
  startNoise: number[];
  logLikelihood: number;
  noise: number;
  weights: number[];
  means: number[][];
  covariances: number[][][];
}

const reference: {
  rows: number[][];
  volume: number;
  start: { weights: number[]; noise: number; means: number[][] };
  fits: Reference[];
} = JSON.parse(readFileSync(path.join(__dirname, 'noise.reference.json'), 'utf8'));

/** The θ of a family that has these means and this covariance, as far as it can. */
function parameterOf(family: string, mean: number[], covariance: number[][]) {
  if (family === 'diagonal-gaussian') return { mean, variances: mean.map((_, i) => covariance[i][i]) };
  if (family === 'spherical-gaussian') return { mean, variance: covariance[0][0] };
  return { mean, covariance };
}

const box = rangeOf(samplesOf(Float64Array.from(reference.rows.flat()), reference.rows.length, 2));

describe.each(reference.fits)('agrees with mclust about $family components and noise', (expected) => {
  const { rows, start: from } = reference;
  const start = mixture(
    expected.family,
    from.weights,
    from.means.map((mean) =>
      parameterOf(expected.family, mean, [
        [2, 0],
        [0, 2],
      ]),
    ),
    { noise: { weight: from.noise, ...box } },
  );

  it('at the start', () => {
    expect(-noiseLogDensity(box)).toBeCloseTo(Math.log(reference.volume), 12);
    const logs = logDensity(start, rows);
    expect(logs.reduce((a, b) => a + b)).toBeCloseTo(expected.startLogLikelihood, 8);
    const noise = noiseProbabilities(start, rows);
    [0, 150, 179].forEach((j, i) => {
      expect(noise[j]).toBeCloseTo(expected.startNoise[i], 10);
    });
  });

  it('at the maximum of the likelihood', () => {
    const { mixture: found, logLikelihood, converged, trace } = fit(rows, { start, penalty: 0, tolerance: 1e-13 });
    expect(converged).toBe(true);
    expect(trace[0]).toBeCloseTo(expected.startLogLikelihood, 8);
    expect(Math.abs(logLikelihood - expected.logLikelihood)).toBeLessThan(1e-6);
    expect(found.noise?.weight).toBeCloseTo(expected.noise, 5);
    expect(found.noise).toMatchObject(box);
    const { family, parameters, weights } = found as Mixture<unknown>;
    parameters.forEach((parameter, k) => {
      expect(weights[k]).toBeCloseTo(expected.weights[k], 5);
      const theirs = family.parameter(
        parameterOf(expected.family, expected.means[k], expected.covariances[k]),
        'the reference',
      );
      const vector = family.toVector(theirs);
      family.toVector(parameter).forEach((value, i) => {
        expect(value).toBeCloseTo(vector[i], 4);
      });
    });
  });

  it('or finds a higher one by itself', () => {
    const { logLikelihood } = fit(rows, { order: 3, family: expected.family, noise: true, penalty: 0 });
    expect(logLikelihood).toBeGreaterThan(expected.logLikelihood - 1e-3);
  });
});

/** Three clusters, and noise in a box that is wider than they are. */
const truth = gaussianMixture({
  weights: [0.5, 0.3, 0.2],
  means: [
    [0, 0],
    [6, 1],
    [2, 7],
  ],
  covariances: [
    [
      [1, 0.5],
      [0.5, 1],
    ],
    [
      [1, -0.4],
      [-0.4, 0.8],
    ],
    [
      [0.5, 0],
      [0, 1.5],
    ],
  ],
  noise: { weight: 0.15, lower: [-12, -10], upper: [18, 17] },
});

const GAUSSIANS = ['gaussian', 'tied-gaussian', 'diagonal-gaussian', 'spherical-gaussian'] as const;

describe('a fit with noise', () => {
  const { data, labels } = sample(truth, 2000, 1);

  it('finds components and the share of noise, which the fit without noise does not', () => {
    const { mixture: found } = fit(data, { order: 3, noise: true });
    expect(Math.abs((found.noise?.weight ?? 0) - 0.15)).toBeLessThan(0.03); // three standard errors
    const largest = (of: Mixture<{ covariance: Float64Array }>) =>
      Math.max(...of.parameters.map(({ covariance }) => covariance[0] * covariance[3] - covariance[1] ** 2));
    expect(largest(found)).toBeLessThan(1.5);
    expect(largest(fit(data, { order: 3 }).mixture)).toBeGreaterThan(10);
    const agree = classify(found, data).filter((k, j) => (k === -1) === (labels[j] === -1)).length;
    expect(agree).toBeGreaterThan(0.95 * 2000);
  });

  it.each(GAUSSIANS)('of %s components never lowers the objective, accelerated or not', (family) => {
    for (const accelerate of [false, true]) {
      const start = fit(data, { order: 3, family, maxIterations: 1, starts: 1 });
      const {
        trace,
        penalisedLogLikelihood,
        mixture: found,
      } = fit(data, {
        start: start.mixture as Mixture<never>,
        noise: true,
        accelerate,
        tolerance: 1e-9,
      });
      for (let i = 1; i < trace.length; i++) expect(trace[i]).toBeGreaterThanOrEqual(trace[i - 1]);
      const penalty = familyOf(family).localProblem(data, 2000 ** -0.5).penalty as (theta: unknown) => number;
      const penalties = found.parameters.reduce<number>((sum, theta) => sum + penalty(theta), 0);
      const expected = logDensity(found, data).reduce((a, b) => a + b) - 2000 ** -0.5 * penalties;
      expect(Math.abs(penalisedLogLikelihood - expected)).toBeLessThan(1e-7);
      expect(found.weights.reduce((a, b) => a + b)).toBeCloseTo(1, 13);
    }
  });

  it.each(GAUSSIANS)('of %s components is as high as the one without noise', (family) => {
    const random = randomStream(family, 'tables');
    for (let trial = 0; trial < 6; trial++) {
      const noisy = trial % 2 === 0;
      const rows = Array.from({ length: 40 + 20 * trial }, (_, j) => [
        random() + 3 * (j % 2) + (noisy && j % 9 === 0 ? 20 * random() : 0),
        random() + (j % 2),
      ]);
      const options = { order: 2, family, seed: trial };
      const [plain, found] = [fit(rows, options), fit(rows, { ...options, noise: true })];
      expect(found.penalisedLogLikelihood).toBeGreaterThanOrEqual(plain.penalisedLogLikelihood - 1e-9);
      expect(found.mixture.noise).toMatchObject(rangeOf(samplesOf(Float64Array.from(rows.flat()), rows.length, 2)));
    }
  });

  it('goes the same way by the fast pass over the rows and by the plain one', () => {
    const plain = { ...familyOf('gaussian'), name: 'plain-gaussian' };
    const slow = {
      ...plain,
      localProblem: (rows: typeof data, a: number) => ({ ...plain.localProblem(rows, a), fast: undefined }),
    };
    const { weights, parameters, noise } = truth;
    const options = { tolerance: 0, maxIterations: 6 };
    const [fast, byRows] = [plain, slow].map((family) =>
      fit(data, { start: mixture(family, weights, parameters, { noise }), ...options }),
    );
    expect(fast.trace.length).toBe(7);
    fast.trace.forEach((value, i) => {
      expect(Math.abs(value - byRows.trace[i])).toBeLessThan(1e-8);
    });
    expect(fast.mixture.noise?.weight).toBeCloseTo(byRows.mixture.noise?.weight ?? 0, 11);
  });

  it.each(GAUSSIANS)('of %s components counts rows by their weights as if they were repeated', (family) => {
    const few = sample(truth, 150, 4).data;
    const rowWeights = Array.from({ length: 150 }, (_, j) => j % 4);
    const repeated = takeRows(
      few,
      rowWeights.flatMap((times, j) => new Array<number>(times).fill(j)),
    );
    const { mixture: start } = fit(few, { order: 3, family, noise: true, maxIterations: 3 });
    const options = { start: start as Mixture<never>, tolerance: 1e-8 };
    const [one, other] = [fit(few, { ...options, rowWeights }), fit(repeated, options)];
    expect(Math.abs(one.penalisedLogLikelihood / other.penalisedLogLikelihood - 1)).toBeLessThan(1e-12);
    expect(one.iterations).toBe(other.iterations);
    expect(one.mixture.noise?.weight).toBeCloseTo(other.mixture.noise?.weight ?? 0, 11);
    expect(one.mixture.noise?.upper).toEqual(other.mixture.noise?.upper);
    const own = fit(few, { order: 3, family, noise: true, rowWeights });
    expect(own.penalisedLogLikelihood).toBeGreaterThanOrEqual(
      fit(few, { order: 3, family, rowWeights }).penalisedLogLikelihood - 1e-9,
    );
  });

  it('is the same for the same seed, and for a table in other units', () => {
    const [one, other] = [data, data].map((rows) => fit(rows, { order: 3, noise: true, seed: 5 }));
    expect(one.mixture).toEqual(other.mixture);
    const scaled = { ...data, data: data.data.map((x, i) => (i % 2 === 0 ? 1000 * x : x / 8 - 3)) };
    const { mixture: there } = fit(scaled, { order: 3, noise: true, seed: 5 });
    expect(there.noise?.weight).toBeCloseTo(one.mixture.noise?.weight ?? 0, 4);
  });

  it('of rows without noise has next to none', () => {
    const clean = sample({ ...truth, noise: undefined } as Mixture, 1000, 3).data;
    expect(fit(clean, { order: 3, noise: true }).mixture.noise?.weight).toBeLessThan(0.02);
  });

  it('bears a row that is far from all others', () => {
    const rows = data.data.slice();
    rows.set([400, -400], 0);
    const { mixture: found } = fit({ ...data, data: rows }, { order: 3, noise: true });
    expect(classify(found, [[400, -400]])[0]).toBe(-1);
    expect(found.noise?.weight).toBeLessThan(0.01); // the box is so large that only this row is noise
  });

  it('starts with the noise of the start, on the range of the table', () => {
    const { mixture: found, trace } = fit(data, { start: truth, maxIterations: 1 });
    expect(found.noise?.lower).toEqual(rangeOf(data).lower);
    const range = { weight: 0.15, ...rangeOf(data) };
    const { weights, parameters } = truth;
    const there = mixture('gaussian', weights, parameters, { noise: range });
    const { penalty } = familyOf('gaussian').localProblem(data, 2000 ** -0.5);
    const penalties = parameters.reduce((sum, theta) => sum + (penalty?.(theta) ?? 0), 0);
    expect(trace[0]).toBeCloseTo(logDensity(there, data).reduce((a, b) => a + b) - 2000 ** -0.5 * penalties, 8);
  });

  it('has none if it is not wanted, though the start has', () => {
    expect(fit(data, { start: truth, noise: false, maxIterations: 1 }).mixture.noise).toBeUndefined();
    expect(fit(data, { order: 2, maxIterations: 1 }).mixture.noise).toBeUndefined();
  });

  it('is refused where there is no such mixture', () => {
    expect(() => fit([1, 2, 3, 9], { order: 1, family: 'gamma', noise: true })).toThrow(
      /the family "gamma" have no noise component/,
    );
    expect(() =>
      fit(
        [
          [1, 7],
          [2, 7],
          [3, 7],
          [9, 7],
        ],
        { order: 1, noise: true },
      ),
    ).toThrow(/column 1 is constant/);
    expect(() => fit([1, 2, 3, 9], { order: 1, noise: 0.1 as unknown as boolean })).toThrow(/noise is 0.1/);
  });
});
