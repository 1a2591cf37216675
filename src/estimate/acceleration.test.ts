import { describe, expect, it } from 'vitest';
import { BeyondFloat64 } from '../errors';
import type { FamilyName } from '../families/families-registry';
import type { GaussianParameter } from '../families/gaussian-parameter';
import {
  gammaMixture,
  gaussianMixture,
  poissonMixture,
  studentTMixture,
  tiedGaussianMixture,
} from '../mixture/constructors';
import type { Mixture } from '../mixture/mixture';
import { drawnMixture } from '../mixture/mixtures.fixture';
import { sample } from '../mixture/sample';
import { type EmPoint, extrapolate, extrapolation } from './acceleration';
import { type Fit, type FitOptions, fit, fitSteps } from './fit';

const overlapping = Array.from({ length: 8 }, (_, i) =>
  drawnMixture(i, 2 + (i % 3), 1 + (i % 4), { name: 'overlapping' }),
);

function expectRising({ trace, iterations }: Fit<unknown>): void {
  expect(trace.length).toBe(iterations + 1);
  for (let i = 1; i < trace.length; i++) expect(trace[i]).toBeGreaterThanOrEqual(trace[i - 1]);
}

describe('accelerated EM', () => {
  it('never lowers the objective, and ends where plain EM ends, after far fewer passes', () => {
    let logRatio = 0;
    for (const [i, G] of overlapping.entries()) {
      const rows = sample(G, 1500, i).data;
      const options = { start: G, tolerance: 1e-10, maxIterations: 20_000 };
      const [plain, fast] = [fit(rows, options), fit(rows, { ...options, accelerate: true })];
      expectRising(fast);
      expect(plain.converged && fast.converged).toBe(true);
      expect(Math.abs(fast.penalisedLogLikelihood - plain.penalisedLogLikelihood)).toBeLessThan(1e-3);
      logRatio += Math.log(fast.iterations / plain.iterations) / overlapping.length;
    }
    expect(Math.exp(logRatio)).toBeLessThan(0.5);
  });

  it.each<[FamilyName, Mixture]>([
    ['gamma', gammaMixture({ weights: [0.5, 0.5], shapes: [2, 4], scales: [1, 2] })],
    ['poisson', poissonMixture({ weights: [0.5, 0.5], means: [3, 6] })],
    ['student-t(3)', studentTMixture({ degreesOfFreedom: 3, weights: [0.5, 0.5], locations: [0, 2], scales: [1, 1] })],
    [
      'tied-gaussian',
      tiedGaussianMixture({
        weights: [0.5, 0.5],
        means: [
          [0, 0],
          [1.5, 1],
        ],
        covariance: [1, 0.3, 0.3, 1],
      }),
    ],
  ])('works for %s mixtures', (_, G) => {
    const rows = sample(G, 800, 1).data;
    const options = { start: G, tolerance: 1e-9, maxIterations: 20_000 } as FitOptions<unknown>;
    const [plain, fast] = [fit(rows, options), fit(rows, { ...options, accelerate: true })];
    expectRising(fast);
    expect(Math.abs(fast.penalisedLogLikelihood - plain.penalisedLogLikelihood)).toBeLessThan(0.02);
    expect(fast.iterations).toBeLessThan(plain.iterations);
  });

  it('stops at the number of iterations, each a pass, and tells each', () => {
    const [G] = overlapping;
    const seen: number[] = [];
    const options = { start: G, maxIterations: 6, tolerance: 0, accelerate: true };
    const steps = fitSteps(sample(G, 200, 1).data, options);
    let step = steps.next();
    for (; !step.done; step = steps.next()) seen.push(step.value.done);
    const result = step.value;
    expect([result.iterations, result.converged]).toEqual([6, false]);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 6]); // the last for the end of the start
  });
});

describe('an extrapolation', () => {
  const at = (mean: number, variance = 1) =>
    gaussianMixture({ weights: [1], means: [[mean]], covariances: [[variance]] });

  it('lands where a geometric approach ends', () => {
    const [a, b, c] = [at(1), at(1.5), at(1.75)]; // to 2, halving the distance
    const leap = extrapolate([a, b, c], 100);
    expect(leap?.step).toBeCloseTo(2, 12);
    expect(leap?.mixture.parameters[0].mean[0]).toBeCloseTo(2, 12);
  });

  it('is the second step where it would be shorter, and none where it is no mixture', () => {
    const steps = [at(1), at(1.5), at(1.75)] as const;
    expect(extrapolate(steps, 1)?.mixture).toBe(steps[2]);
    expect(extrapolate([at(0), at(0, 0.1), at(0, 0.05)], 1)?.mixture.parameters[0].covariance[0]).toBe(0.05);
    expect(extrapolate([at(0, 3), at(0, 2), at(0, 1.01)], 100)).toBeUndefined();
  });
});

describe('extrapolations one after another', () => {
  const at = (mean: number) => gaussianMixture({ weights: [1], means: [[mean]], covariances: [[1]] });

  /** Steps of EM from 0 to 1 to 2, in which extrapolations reach 2 s, s the longest step; each is as good as `value` says. */
  function run(values: readonly number[]) {
    const reached: number[] = [];
    let steps = 0;
    const point = (mean: number, penalisedLogLikelihood: number): EmPoint<GaussianParameter> => ({
      mixture: at(mean),
      logLikelihood: penalisedLogLikelihood,
      penalisedLogLikelihood,
      next: () => {
        steps++;
        return at(2);
      },
    });
    const leap = extrapolation<GaussianParameter>((mixture) => {
      reached.push(mixture.parameters[0].mean[0]);
      return point(mixture.parameters[0].mean[0], values[reached.length - 1]);
    });
    const results = values.map(() => leap(point(0, -1), point(1, 0)));
    return { reached, results, steps: () => steps };
  }

  it('may be four times as long after each that succeeds, and a quarter after one that fails', () => {
    const { reached } = run([1, 1, 1, -9, 1, -9, -9, 1]);
    // s = 1, 4, 16, 64 (fails), 16, 64 (fails), 16 (fails), 4
    expect(reached).toEqual([2, 8, 32, 128, 32, 128, 32, 8]);
  });

  it('are never shorter than a step of EM', () => {
    expect(run([-9, -9, -9, 1]).reached).toEqual([2, 2, 2, 2]);
  });

  it('reuse the M-step that they began with where they fail', () => {
    const { results, steps } = run([-9]);
    expect(steps()).toBe(1);
    expect(results[0].mixture.parameters[0].mean[0]).toBe(1);
    expect(results[0].next().parameters[0].mean[0]).toBe(2);
    expect(steps()).toBe(1);
  });

  it('leave a fault of the evaluation to be seen, but not a mixture that is too far from the rows', () => {
    const point = (mean: number) => ({
      mixture: at(mean),
      logLikelihood: 0,
      penalisedLogLikelihood: 0,
      next: () => at(2),
    });
    const failing = (error: Error) =>
      extrapolation<GaussianParameter>(() => {
        throw error;
      })(point(0), point(1));
    expect(failing(new BeyondFloat64('too far')).mixture.parameters[0].mean[0]).toBe(1);
    expect(() => failing(new TypeError('a fault'))).toThrow('a fault');
  });
});
