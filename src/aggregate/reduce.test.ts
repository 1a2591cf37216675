import * as fc from 'fast-check';
import { determinant, inverse, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { transportDivergence, wasserstein1 } from '../distance/transport-divergence';
import { fit } from '../estimate/fit';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { randomOrder, randomStream } from '../math/random';
import { gaussianMixture } from '../mixture/constructors';
import { type Mixture, mixture } from '../mixture/mixture';
import { bell, unrelated } from '../mixture/mixtures.fixture';
import { sample } from '../mixture/sample';
import { type Progress, performed } from '../work/work';
import { coat } from './coat';
import { dfmr, dfmrSteps } from './dfmr';
import { oracle } from './oracle';
import { type ReduceOptions, type Reduction, reduce, reduceSteps } from './reduce';
import { trim } from './trim';

const RUNS = { seed: 1, numRuns: 40 };
const shapes = {
  seed: fc.nat(),
  m: fc.integer({ min: 1, max: 6 }),
  order: fc.integer({ min: 1, max: 4 }),
  d: fc.integer({ min: 1, max: 3 }),
};

const bells = (weights: number[], means: number[]): Mixture<GaussianParameter> =>
  gaussianMixture({ weights, means: means.map((mean) => [mean]), covariances: means.map(() => [[1]]) });

/** KL(a ‖ b), from the textbook. */
function naiveDivergence(a: GaussianParameter, b: GaussianParameter): number {
  const d = a.mean.length;
  const [from, to] = [a, b].map(({ covariance }) => Matrix.from1DArray(d, d, [...covariance]));
  const apart = Matrix.columnVector(Array.from(a.mean, (m, i) => m - b.mean[i]));
  const precision = inverse(to);
  const squared = apart.transpose().mmul(precision).mmul(apart).get(0, 0);
  return 0.5 * (Math.log(determinant(to) / determinant(from)) + precision.mmul(from).trace() + squared - d);
}

/** Σ λ_i w_ik KL(θ_ik ‖ its centre). */
function naiveObjective(
  estimates: Mixture<GaussianParameter>[],
  result: Reduction<GaussianParameter>,
  sizes: number[],
) {
  const total = sizes.reduce((a, b) => a + b);
  let objective = 0;
  let g = 0;
  estimates.forEach(({ weights, parameters }, i) => {
    parameters.forEach((parameter, k) => {
      const centre = result.mixture.parameters[result.assignment[g++]];
      objective += (sizes[i] / total) * weights[k] * naiveDivergence(parameter, centre);
    });
  });
  return objective;
}

/** Ḡ = Σ λ_i Ĝ_i as one mixture of mK components. */
const averageOf = (estimates: Mixture<GaussianParameter>[], sizes: number[]) =>
  mixture<GaussianParameter>(
    gaussian,
    estimates.flatMap(({ weights }, i) => Array.from(weights, (w) => (w * sizes[i]) / sizes.reduce((a, b) => a + b))),
    estimates.flatMap(({ parameters }) => parameters),
  );

describe('lowers the transport divergence from the average', () => {
  it('in every round, to what can be computed from its mixture and its assignment', () => {
    fc.assert(
      fc.property(fc.record(shapes), ({ seed, m, order, d }) => {
        const estimates = unrelated(seed, m, order, d);
        const sizes = estimates.map((_, i) => 10 + i);
        const result = reduce(estimates, { sampleSizes: sizes });
        const { trace, objective, iterations, converged, assignment } = result;
        for (let i = 1; i < trace.length; i++) expect(trace[i]).toBeLessThanOrEqual(trace[i - 1]);
        expect([trace.length, trace.at(-1), converged]).toEqual([iterations + 1, objective, true]);
        expect(Math.abs(naiveObjective(estimates, result, sizes) - objective)).toBeLessThan(1e-10);
        expect(assignment.length).toBe(m * order);
      }),
      RUNS,
    );
  });

  it('to the exact transport divergence of the mixture that it returns', () => {
    fc.assert(
      fc.property(fc.record(shapes), ({ seed, m, order, d }) => {
        const estimates = unrelated(seed, m, order, d);
        const sizes = estimates.map((_, i) => 10 + i);
        const { objective, mixture } = reduce(estimates, { sampleSizes: sizes });
        expect(Math.abs(transportDivergence(averageOf(estimates, sizes), mixture).value - objective)).toBeLessThan(
          1e-8,
        );
      }),
      RUNS,
    );
  });

  it('to where every point has its cheapest centre, every centre is the barycentre, and every weight the mass', () => {
    fc.assert(
      fc.property(fc.record(shapes), ({ seed, m, order, d }) => {
        const estimates = unrelated(seed, m, order, d);
        const { mixture, assignment } = reduce(estimates);
        const points = estimates.flatMap(({ parameters }) => parameters);
        const masses = estimates.flatMap(({ weights }) => Array.from(weights, (w) => w / m));
        points.forEach((point, g) => {
          const own = naiveDivergence(point, mixture.parameters[assignment[g]]);
          for (const centre of mixture.parameters) {
            expect(own).toBeLessThanOrEqual(naiveDivergence(point, centre) + 1e-10);
          }
        });
        mixture.parameters.forEach((centre, k) => {
          const members = points.map((_, g) => g).filter((g) => assignment[g] === k);
          const mass = members.reduce((sum, g) => sum + masses[g], 0);
          expect(mixture.weights[k]).toBeCloseTo(mass, 12);
          expect(mass).toBeGreaterThan(0);
          centre.mean.forEach((value, i) => {
            const pooled = members.reduce((sum, g) => sum + masses[g] * points[g].mean[i], 0) / mass;
            expect(value).toBeCloseTo(pooled, 10);
          });
        });
        expect(Math.abs(mixture.weights.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-12);
      }),
      RUNS,
    );
  });
});

it('keeps the mean of the average mixture, whatever the start', () => {
  const estimates = unrelated(3, 5, 3, 2);
  const mean = ({ weights, parameters }: Mixture<GaussianParameter>, i: number) =>
    parameters.reduce((sum, parameter, k) => sum + weights[k] * parameter.mean[i], 0);
  const { mixture } = reduce(estimates, { start: estimates[2] });
  for (const i of [0, 1]) {
    expect(mean(mixture, i)).toBeCloseTo(
      estimates.reduce((sum, one) => sum + mean(one, i) / 5, 0),
      12,
    );
  }
});

it('of one component is the barycentre of all estimates, weighed by their sample sizes', () => {
  const { mixture, objective } = reduce([bell(0, 1), bell(4, 3)], { sampleSizes: [300, 100] });
  const [{ mean, covariance }] = mixture.parameters;
  expect(mean[0]).toBeCloseTo(1, 14);
  expect(covariance[0]).toBeCloseTo(0.75 * 1 + 0.25 * 3 + 0.75 * 1 + 0.25 * 9, 14);
  expect(objective).toBeCloseTo(
    0.75 * naiveDivergence({ mean: Float64Array.of(0), covariance: Float64Array.of(1) }, mixture.parameters[0]) +
      0.25 * naiveDivergence({ mean: Float64Array.of(4), covariance: Float64Array.of(3) }, mixture.parameters[0]),
    12,
  );
});

it('counts a machine with twice the rows as two machines', () => {
  const [a, b] = unrelated(4, 2, 3, 2);
  const weighed = reduce([a, b], { start: a, sampleSizes: [200, 100] });
  const counted = reduce([a, a, b], { start: a });
  expect(wasserstein1(weighed.mixture, counted.mixture)).toBeLessThan(1e-10);
  expect(weighed.objective).toBeCloseTo(counted.objective, 12);
});

it('takes the sample sizes of fits, and says where only some are known', () => {
  const [truth] = unrelated(5, 1, 2, 2);
  const fits = [100, 300].map((n, seed) => fit(sample(truth, n, seed).data, { start: truth }));
  const mixtures = fits.map((one) => one.mixture);
  const expected = reduce(mixtures, { sampleSizes: [100, 300] });
  expect(reduce(fits).mixture.toJSON()).toEqual(expected.mixture.toJSON());
  expect(() => reduce([fits[0], mixtures[1]])).toThrow(/the sample size of estimate 1 is undefined: it must be/);
  expect(() => reduce(mixtures, { sampleSizes: [1, Number.NaN] })).toThrow(
    /the sample size of estimate 1 is NaN: it must/,
  );
});

describe('the start', () => {
  it('is the centre of attention, if none is given', () => {
    const estimates = unrelated(6, 5, 3, 2);
    const expected = reduce(estimates, { start: coat(estimates).mixture });
    expect(reduce(estimates).mixture.toJSON()).toEqual(expected.mixture.toJSON());
  });

  it('tells the order', () => {
    const estimates = unrelated(7, 5, 3, 2);
    const [start] = unrelated(8, 1, 2, 2);
    expect(reduce(estimates, { start }).mixture.order).toBe(2);
    expect(reduce(estimates, { start }).assignment.length).toBe(15);
    expect(Math.max(...reduce(estimates, { start }).assignment)).toBe(1);
  });

  it('may be every estimate in turn, of which the least objective is kept', () => {
    fc.assert(
      fc.property(fc.record(shapes), ({ seed, m, order, d }) => {
        const estimates = unrelated(seed, m, order, d);
        const each = estimates.map((start) => reduce(estimates, { start }).objective);
        expect(reduce(estimates, { from: 'every' }).objective).toBe(Math.min(...each));
        const [start] = unrelated(seed + 1, 1, order, d);
        const better = Math.min(...each, reduce(estimates, { start }).objective);
        expect(reduce(estimates, { from: 'every', start }).objective).toBe(better);
      }),
      RUNS,
    );
  });

  it('of all estimates helps where one alone ends badly', () => {
    const estimates = unrelated(7, 6, 4, 3); // on purpose without anything in common
    expect(reduce(estimates, { from: 'every' }).objective).toBeLessThan(0.97 * reduce(estimates).objective);
  });
});

describe('a centre that no point chooses', () => {
  it('moves to a point that is badly served, so that the order is kept', () => {
    const estimates = [0, 0.1, -0.1].map((shift) => bells([0.4, 0.6], [shift, 10 + shift]));
    const start = bells([0.5, 0.5], [100, 0.05]);
    const { mixture, objective, trace, converged } = reduce(estimates, { start });
    const centres = mixture.parameters.map(({ mean }, k) => [mean[0], mixture.weights[k]]);
    centres.sort((a, b) => a[0] - b[0]);
    expect(centres[0][0]).toBeCloseTo(0, 12);
    expect(centres[1][0]).toBeCloseTo(10, 12);
    expect(centres.map(([, weight]) => Number(weight.toFixed(12)))).toEqual([0.4, 0.6]);
    expect(converged).toBe(true);
    expect(objective).toBeLessThan(0.01);
    for (let i = 1; i < trace.length; i++) expect(trace[i]).toBeLessThanOrEqual(trace[i - 1]);
  });

  it('whatever the start, from which many centres may be empty', () => {
    fc.assert(
      fc.property(fc.record(shapes), fc.constantFrom(1, 1e3, 1e8), ({ seed, m, order, d }, far) => {
        const estimates = unrelated(seed, m, order, d);
        const start = gaussianMixture({
          weights: new Array(order).fill(1 / order),
          means: Array.from({ length: order }, (_, k) => new Array(d).fill(far * k)),
          covariances: new Array(order).fill(Matrix.eye(d).to2DArray()),
        });
        const { mixture, objective, trace, converged } = reduce(estimates, { start });
        expect([mixture.order, converged]).toEqual([order, true]);
        for (const weight of mixture.weights) expect(weight).toBeGreaterThan(0);
        expect(Number.isFinite(objective)).toBe(true);
        for (let i = 1; i < trace.length; i++) expect(trace[i]).toBeLessThanOrEqual(trace[i - 1]);
      }),
      RUNS,
    );
  });

  it('stays where there are fewer points than centres', () => {
    const start = bells([0.25, 0.25, 0.5], [0, 1, 2]);
    const { mixture, objective } = reduce([bell(0), bell(9)], { start });
    expect(objective).toBe(0);
    expect(mixture.order).toBe(3);
    expect([...mixture.weights].sort()).toEqual([0, 0.5, 0.5]);
  });
});

it('finds the same from any order of the machines where an empty centre and a point of weight zero are first', () => {
  const [a, b, c] = [bells([0, 1], [0.9, 3.3]), bells([0.9, 0.1], [3.1, 3.6]), bells([0, 1], [1.6, 3.6])];
  const [first, second] = [reduce([b, a, c]), reduce([c, b, a])];
  expect(second.objective).toBeCloseTo(first.objective, 14);
  for (const weight of second.mixture.weights) expect(weight).toBeGreaterThan(0);
});

it('gives an empty centre to what costs most by its weight, not to a featherweight far away', () => {
  const estimate = bells([0.5 - 1e-9, 0.5, 1e-9], [0, 6, 1000]);
  const { mixture, objective } = reduce([estimate], { start: bells([1, 0], [0, -5]) });
  expect([...mixture.weights].sort()[0]).toBeGreaterThan(0.49);
  expect(objective).toBeLessThan(1e-3);
});

it('of identical estimates is that estimate, however ill-conditioned', () => {
  for (const closeness of [1e-3, 1e-6, 1e-9, 1e-12]) {
    for (let seed = 0; seed < 10; seed++) {
      const random = randomStream(seed, 'variances');
      const [a, b] = [random() + 0.01, random() + 0.01];
      const s = Math.sqrt(a * b) * (1 - closeness);
      const covariances = [
        [
          [a, s],
          [s, b],
        ],
      ];
      const copies: Mixture<GaussianParameter>[] = Array(3).fill(
        gaussianMixture({ weights: [1], means: [[1, 2]], covariances }),
      );
      for (const { mixture, converged } of [reduce(copies), trim(copies), dfmr(copies)]) {
        expect(converged).toBe(true);
        expect(mixture.parameters[0].covariance[1] / s).toBeCloseTo(1, 14);
      }
    }
  }
});

it('weighs by sample sizes whose sum is beyond float64', () => {
  const { mixture } = reduce([bell(0), bell(4)], { sampleSizes: [1e308, 1e308] });
  expect(mixture.parameters[0].mean[0]).toBe(2);
});

it('takes no account of a component of weight zero that is infinitely far, and comes first', () => {
  const unit = 1e-10; // so that from 1e150 the divergence is beyond float64
  const tiny = (weights: number[], means: number[]) =>
    gaussianMixture({ weights, means: means.map((m) => [m]), covariances: means.map(() => [[unit ** 2]]) });
  const estimates = [tiny([0, 0.4, 0.6], [1e9, 0, 10 * unit]), tiny([0, 0.5, 0.5], [1e150, 0.1 * unit, 10.1 * unit])];
  const { mixture, objective } = reduce(estimates, { start: tiny([0.5, 0.5], [5 * unit, 1e6 * unit]) });
  const centres = mixture.parameters.map(({ mean }, k) => [mean[0] / unit, mixture.weights[k]]);
  centres.sort((a, b) => a[0] - b[0]);
  expect(centres.flat()).toEqual([0.05 / 0.9, 0.45, 11.05 / 1.1, 0.55].map((x) => expect.closeTo(x, 12)));
  // the pooled variance of each centre, in units, is one plus the spread of its two means
  const spread = [
    0.2 * (0.05 / 0.9) ** 2 + 0.25 * (0.04 / 0.9) ** 2,
    0.3 * (0.05 / 1.1) ** 2 + 0.25 * (0.06 / 1.1) ** 2,
  ];
  const cost = (mass: number, squares: number) => (mass / 2) * Math.log(1 + squares / mass);
  expect(objective).toBeCloseTo(cost(0.45, spread[0]) + cost(0.55, spread[1]), 12);
});

it('takes no account of components of weight zero, whatever they are', () => {
  const [mean, variance] = [1e150, 1e-200];
  const zero = (w: number, a: number, b: number) =>
    gaussianMixture({ weights: [w, 1 - w, 0], means: [[a], [b], [mean]], covariances: [[[1]], [[1]], [[variance]]] });
  const estimates = [zero(0.5, 0, 10), zero(0.4, 0.1, 10.1), zero(0.6, -0.1, 9.9)];
  const { mixture, objective, converged } = reduce(estimates);
  expect(converged).toBe(true);
  expect(Number.isFinite(objective)).toBe(true);
  expect(objective).toBeLessThan(0.01);
  expect(mixture.order).toBe(3);
  for (const { mean, covariance } of mixture.parameters) {
    expect([...mean, ...covariance].every(Number.isFinite)).toBe(true);
  }
  const total = mixture.parameters.reduce(
    (sum, p, k) => sum + (mixture.weights[k] > 0 ? mixture.weights[k] * p.mean[0] : 0),
    0,
  );
  expect(total).toBeCloseTo((0.5 * 10 + (0.4 * 0.1 + 0.6 * 10.1) + (-0.6 * 0.1 + 0.4 * 9.9)) / 3, 12);
});

it('does not depend on the order of the machines', () => {
  fc.assert(
    fc.property(fc.record(shapes), ({ seed, m, order, d }) => {
      const estimates = unrelated(seed, m, order, d);
      const way = [...randomOrder(m, seed)];
      const first = reduce(estimates, { start: estimates[0] });
      const second = reduce(
        way.map((i) => estimates[i]),
        { start: estimates[0] },
      );
      expect(second.objective).toBeCloseTo(first.objective, 11);
      expect(wasserstein1(second.mixture, first.mixture)).toBeLessThan(1e-8);
    }),
    RUNS,
  );
});

it('reports how many starts are done, and ends with the reason of a signal', async () => {
  const few = [bell(0), bell(1), bell(2)];
  const reported: string[] = [];
  const onProgress = ({ stage, done, total }: Progress) => reported.push(`${stage}: ${done} of ${total}`);
  const { mixture } = await performed(reduceSteps(few, Int32Array.of(0, 1, 2), { from: 'every' }), { onProgress });
  expect(mixture.toJSON()).toEqual(reduce(few, { from: 'every' }).mixture.toJSON());
  expect([...new Set(reported)]).toEqual([0, 1, 2, 3].map((done) => `reduction: ${done} of 3`));
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(performed(dfmrSteps([bell(0), bell(1)], {}), { signal })).rejects.toThrow(/^enough$/);
});

it('goes on for as many rounds as it takes', () => {
  const estimates = Array.from({ length: 60 }, (_, i) => bells([0.5, 0.5], [i ** 1.5, -i]));
  const { iterations, converged } = reduce(estimates, { start: bells([0.5, 0.5], [-60, -59]) });
  expect(converged).toBe(true);
  expect(iterations).toBeGreaterThan(8);
});

it('stops early when told to', () => {
  const estimates = unrelated(3, 6, 4, 3);
  const start = estimates[3];
  const full = reduce(estimates, { start });
  expect(full.iterations).toBeGreaterThan(2);
  const one = reduce(estimates, { start, maxIterations: 1 });
  expect([one.iterations, one.converged, one.objective]).toEqual([1, false, full.trace[1]]);
  const coarse = reduce(estimates, { start, tolerance: 0.999 });
  expect([coarse.iterations, coarse.converged]).toEqual([1, true]);
});

describe("with a cost of one's own", () => {
  const squaredMeans: ReduceOptions<GaussianParameter>['cost'] = {
    divergence: (a, b) => (a.mean[0] - b.mean[0]) ** 2 / 2,
    barycentre: (points, weights) => {
      const total = weights.reduce((a, b) => a + b);
      const mean = points.reduce((sum, point, g) => sum + (weights[g] / total) * point.mean[0], 0);
      return gaussian.parameter({ mean: [mean], covariance: [[1]] }, 'mean');
    },
  };

  it('minimises that: here k-means of the means', () => {
    const { mixture, objective } = reduce([bells([0.5, 0.5], [0, 10]), bells([0.5, 0.5], [2, 14])], {
      cost: squaredMeans,
    });
    expect(mixture.parameters.map(({ mean }) => mean[0])).toEqual([1, 12]);
    expect(objective).toBeCloseTo(0.5 * (1 / 2) + 0.5 * (4 / 2), 14);
  });

  it('may be negative', () => {
    const cost = { ...gaussian, divergence: (...[a, b]: GaussianParameter[]) => gaussian.divergence(a, b) - 5 };
    const estimates = [bells([0.5, 0.5], [0, 10]), bells([0.5, 0.5], [2, 14])];
    expect(reduce(estimates, { cost }).objective).toBeCloseTo(reduce(estimates).objective - 5, 12);
  });

  it('says where it is no number, and that it needs a barycentre', () => {
    const bad = { ...gaussian, divergence: () => Number.NaN };
    expect(() => reduce([bell(0), bell(1)], { cost: bad })).toThrow(
      /cost from component 0 of estimate 0 to centre 0 is NaN/,
    );
    for (const cost of [null, {}, { divergence: gaussian.divergence }] as unknown[] as 'kl'[]) {
      expect(() => reduce([bell(0)], { cost })).toThrow(
        /there is no cost .*: use 'kl', 'euclidean', .* or \{ divergence, barycentre \}/,
      );
    }
  });

  it('says if its barycentre is no minimiser', () => {
    const cost = { ...gaussian, barycentre: () => gaussian.parameter({ mean: [77], covariance: [[1]] }, 'wrong') };
    expect(() => reduce([bell(0), bell(1)], { cost })).toThrow(
      /raised the objective .* barycentre of this cost does not minimise Σ π c/,
    );
  });
});

it('pools machines however far apart, and names one that is too far for float64', () => {
  const at = (x: number, variance = 1) =>
    gaussianMixture({ weights: [1], means: [[x, x]], covariances: [Matrix.eye(2).mul(variance)] });
  const [{ mean, covariance }] = reduce([at(0), at(1), at(1e9), at(2)]).mixture.parameters;
  expect(mean[0] / ((1e9 + 3) / 4)).toBeCloseTo(1, 12);
  expect(covariance[0] / (3 / 16) / 1e18).toBeCloseTo(1, 7);
  expect(covariance[1] / covariance[0]).toBeCloseTo(1, 11);
  const wide = [at(0), at(0.1), at(0), at(1e150)];
  const infinite = (a: GaussianParameter, b: GaussianParameter) =>
    a.mean[0] > 1e100 ? Infinity : gaussian.divergence(a, b);
  expect(() => oracle([at(7), ...wide], [0], { start: wide[0], cost: { ...gaussian, divergence: infinite } })).toThrow(
    /component 0 of estimate 4 is too far/,
  );
});

describe('says what is wrong', () => {
  const estimates = unrelated(1, 3, 2, 2);

  it.each<[string, ReduceOptions<GaussianParameter>, RegExp]>([
    ['from', { from: 'both' as 'every' }, /from is "both": it must be 'start' or 'every'/],
    ['the cost', { cost: 'euclid' as 'kl' }, /there is no cost "euclid": use 'kl'/],
    ['too few sample sizes', { sampleSizes: [1, 2] }, /3 estimates need as many sample sizes, but 2 are given/],
    ['too many sample sizes', { sampleSizes: [1, 2, 3, 4] }, /but 4 are given/],
    ['no sample sizes', { sampleSizes: [] }, /but 0 are given/],
    ['a sample size of zero', { sampleSizes: [1, 0, 3] }, /the sample size of estimate 1 is 0: it must be a positive/],
    ['a negative sample size', { sampleSizes: [1, 2, -3] }, /the sample size of estimate 2 is -3/],
    ['a sample size that is NaN', { sampleSizes: [Number.NaN, 2, 3] }, /the sample size of estimate 0 is NaN/],
    ['sample sizes that are all NaN', { sampleSizes: [Number.NaN, Number.NaN, Number.NaN] }, /estimate 0 is NaN/],
    ['an infinite sample size', { sampleSizes: [1, Infinity, 3] }, /the sample size of estimate 1 is Infinity/],
    ['a start of another dimension', { start: bell(0) }, /mixture 1 is 1-dimensional, mixture 0 2-dimensional/],
    ['a tolerance that is NaN', { tolerance: Number.NaN }, /tolerance is NaN: it must be 0 or a positive number/],
    ['a negative tolerance', { tolerance: -1 }, /tolerance is -1: it must be 0 or a positive number/],
    ['no iterations', { maxIterations: 0 }, /maxIterations is 0: it must be a positive integer/],
    ['iterations that are NaN', { maxIterations: Number.NaN }, /maxIterations is NaN: it must be a positive integer/],
  ])('with %s', (_, options, message) => {
    expect(() => reduce(estimates, options)).toThrow(message);
  });

  it('with the estimates', () => {
    expect(() => reduce([])).toThrow(/list of mixtures is empty: at least one is needed/);
    const json = JSON.parse(JSON.stringify(estimates[0]));
    for (const bad of [null, undefined, 7, json]) {
      expect(() => reduce([estimates[0], bad])).toThrow(
        /^estimate 1 is .*: a Mixture or a Fit is needed .mixtureFromJSON/,
      );
    }
    expect(() => reduce([...estimates, bell(0)])).toThrow(/mixture 3 is 1-dimensional, mixture 0 2-dimensional/);
    expect(() => reduce([...estimates, ...unrelated(2, 1, 3, 2)])).toThrow(
      /estimate 3 has 3 components, estimate 0 has 2: only estimates of one order/,
    );
  });
});
