import { describe, expect, it } from 'vitest';
import { reduce } from '../aggregate/reduce';
import { gamma } from '../families/gamma';
import { gaussian } from '../families/gaussian';
import { tiedGaussian } from '../families/tied-gaussian';
import { randomStream } from '../math/random';
import { gammaMixture, tiedGaussianMixture } from '../mixture/constructors';
import { type Mixture, mixture } from '../mixture/mixture';
import { bell, unrelated } from '../mixture/mixtures.fixture';
import { type ConvexFunction, type Cost, costOf } from './costs';
import { transportDivergence } from './transport-divergence';

const [a, b, c] = [
  { shape: 2, scale: 3 },
  { shape: 5, scale: 1 },
  { shape: 1, scale: 8 },
];
const masses = Float64Array.of(0.5, 0.3, 0.4);
const M = [
  [2, 0.5],
  [0.5, 1],
];

/** A(θ) = Σ θ log θ, whose Bregman divergence is Σ θ log(θ/θ′) − θ + θ′ and whose barycentre is the weighted geometric mean. */
const entropy: ConvexFunction = {
  value: (theta) => theta.reduce((sum, x) => sum + x * Math.log(x), 0),
  gradient: (theta) => theta.map((x) => Math.log(x) + 1),
  inverseGradient: (gradient) => gradient.map((y) => Math.exp(y - 1)),
};

describe('from the support point to the centre', () => {
  it('½ ‖θ − θ′‖²', () => {
    expect(costOf('euclidean', gamma).divergence(a, b)).toBe((9 + 4) / 2);
    expect(costOf('euclidean', gamma).barycentre([a, b, c], masses)).toEqual({
      shape: expect.closeTo(2.9 / 1.2, 14),
      scale: expect.closeTo(5 / 1.2, 14),
    });
  });

  it('½ (θ − θ′)ᵀ M (θ − θ′)', () => {
    const cost = costOf({ mahalanobis: M }, gamma);
    expect(cost.divergence(a, b)).toBeCloseTo((2 * 9 - 2 * 0.5 * 3 * 2 + 4) / 2, 13);
    expect(cost.barycentre([a, b, c], masses)).toEqual(costOf('euclidean', gamma).barycentre([a, b, c], masses));
  });

  it('D_A(θ, θ′), in this order, of a convex function', () => {
    const cost = costOf(entropy, gamma);
    // Σ θ log(θ/θ′) − θ + θ′ with θ = b the centre
    expect(cost.divergence(a, b)).toBeCloseTo(5 * Math.log(5 / 2) - 3 + Math.log(1 / 3) + 2, 13);
    const { shape, scale } = cost.barycentre([a, b, c], masses);
    expect(shape).toBeCloseTo(Math.exp((0.5 * Math.log(2) + 0.3 * Math.log(5)) / 1.2), 13);
    expect(scale).toBeCloseTo(Math.exp((0.5 * Math.log(3) + 0.4 * Math.log(8)) / 1.2), 13);
  });

  it('has a barycentre that no other point is better than', () => {
    for (const cost of ['euclidean', { mahalanobis: M }, entropy] as Cost<typeof a>[]) {
      const { divergence, barycentre } = costOf(cost, gamma);
      const total = (theta: typeof a) => [a, b, c].reduce((sum, one, g) => sum + masses[g] * divergence(one, theta), 0);
      const centre = barycentre([a, b, c], masses);
      const random = randomStream(1, 'points');
      for (let i = 0; i < 200; i++) {
        const reach = 10 ** (-4 * random());
        const other = {
          shape: centre.shape * (1 + reach * (random() - 0.5)),
          scale: centre.scale * (1 + reach * (random() - 0.5)),
        };
        expect(total(other)).toBeGreaterThanOrEqual(total(centre));
      }
    }
  });
});

describe('a reduction', () => {
  const machines = Array.from({ length: 7 }, (_, i) => {
    const random = randomStream(i, 'gammas');
    const draw = (from: number, to: number) => [0, 0, 0].map(() => from + (to - from) * random());
    return gammaMixture({ weights: [0.2, 0.3, 0.5], shapes: draw(1, 9), scales: draw(1, 5) });
  });

  it.each<[string, Cost<typeof a>]>([
    ['squared Euclidean', 'euclidean'],
    ['Mahalanobis', { mahalanobis: M }],
    ['Bregman', entropy],
    ['KL', 'kl'],
  ])('descends to a fixed point by the %s cost', (_, cost) => {
    const result = reduce(machines, { cost, start: machines[0] });
    expect(result.converged).toBe(true);
    expect(result.iterations).toBeGreaterThan(1);
    result.trace.forEach((value, i) => {
      expect(value).toBeLessThanOrEqual(result.trace[Math.max(0, i - 1)]);
    });
    const again = reduce(machines, { cost, start: result.mixture });
    expect(again.objective).toBeCloseTo(result.objective, 12);
  });

  it('by half the squared distance of Gaussians of one dimension is k-means of (μ, σ²)', () => {
    const estimates = [bell(0, 1), bell(2, 3), bell(1, 2)];
    const { mixture, objective } = reduce(estimates, { cost: 'euclidean', start: bell(9, 9) });
    expect([...gaussian.toVector(mixture.parameters[0])]).toEqual([1, 2]);
    expect(objective).toBeCloseTo((2 + 2) / 2 / 3, 14);
    expect(transportDivergence(estimates[0], mixture, { cost: 'euclidean' }).value).toBe(1);
  });
});

describe('a family whose components share a covariance', () => {
  const tied = unrelated(1, 6, 3, 2).map(({ weights, parameters }) =>
    tiedGaussianMixture({
      weights,
      means: parameters.map(({ mean }) => mean),
      covariance: parameters[0].covariance,
    }),
  );

  const shared = ({ parameters }: Mixture<(typeof tied)[0]['parameters'][0]>) =>
    new Set(parameters.map(({ covariance }) => [...covariance].join())).size;

  it.each<Cost<(typeof tied)[0]['parameters'][0]>>(['kl', 'euclidean'])('keeps it shared by the cost "%s"', (cost) => {
    const result = reduce(tied, { cost, start: tied[2] });
    expect(shared(result.mixture)).toBe(1);
    result.trace.forEach((value, i) => {
      expect(value).toBeLessThanOrEqual(result.trace[Math.max(0, i - 1)]);
    });
    expect(result.iterations).toBeGreaterThan(1);
  });

  it('has the covariance of least cost: no other is better', () => {
    const result = reduce(tied, { start: tied[2] });
    const { order, parameters } = result.mixture;
    const total = (covariance: number[]) =>
      tied.reduce((sum, estimate, i) => {
        const each = estimate.parameters.map((point, k) => {
          const { mean } = parameters[result.assignment[i * order + k]];
          const centre = tiedGaussian.parameter({ mean, covariance }, 'it');
          return (estimate.weights[k] / tied.length) * tiedGaussian.divergence(point, centre);
        });
        return sum + each.reduce((one, cost) => one + cost, 0);
      }, 0);
    const [xx, xy, , yy] = parameters[0].covariance;
    expect(total([xx, xy, xy, yy])).toBeCloseTo(result.objective, 12);
    for (const [dx, dxy, dy] of [
      [1, 0, 0],
      [-1, 0, 0],
      [0, 1, 0],
      [0, -1, 0],
      [0, 0, 1],
      [0, 0, -1],
    ]) {
      const step = 1e-3;
      const other = [xx + step * dx, xy + step * dxy, xy + step * dxy, yy + step * dy];
      expect(total(other)).toBeGreaterThan(result.objective);
    }
  });

  it('moves a centre that no point chooses, and keeps the covariance shared', () => {
    const start = tiedGaussianMixture({
      weights: [0.4, 0.3, 0.3],
      means: [
        [0, 0],
        [900, 900],
        [0, 1],
      ],
      covariance: [1, 0, 0, 1],
    });
    const result = reduce(tied, { start });
    expect(Math.min(...result.mixture.weights)).toBeGreaterThan(0);
    expect(shared(result.mixture)).toBe(1);
  });

  it('can be reduced by no cost whose best shared covariance is not known', () => {
    expect(() => reduce(tied, { cost: { mahalanobis: M } })).toThrow(
      /tied-gaussian mixtures can be reduced by the costs 'kl'/,
    );
    expect(() => reduce(tied, { cost: entropy })).toThrow(/tied-gaussian mixtures can be reduced by the costs 'kl'/);
  });

  it('is refused where components differ in it', () => {
    const parameters = tied[0].parameters.map(({ mean }, k) => ({ mean, covariance: [1 + k / 100, 0, 0, 1] }));
    expect(() => mixture('tied-gaussian', tied[0].weights, parameters)).toThrow(
      /component 0 differs from the others in what all tied-gaussian components share: make it the same/,
    );
    const nearly = parameters.map(({ mean }, k) => ({ mean, covariance: [1 + k * 1e-15, 0, 0, 1] }));
    expect(() => mixture('tied-gaussian', tied[0].weights, nearly)).not.toThrow();
  });
});

it.each([
  [{ mahalanobis: [[1, 0]] }, /must be square, symmetric and positive definite/],
  [
    {
      mahalanobis: [
        [1, 2],
        [2, 1],
      ],
    },
    /must be square, symmetric and positive definite/,
  ],
  [
    {
      mahalanobis: [
        [1, 2],
        [0, 1],
      ],
    },
    /must be square, symmetric and positive definite/,
  ],
  [{ mahalanobis: [] }, /must be square, symmetric and positive definite/],
  [{ mahalanobis: [[1]] }, /the matrix of the Mahalanobis cost is 1 × 1, but θ has 2 coordinates/],
  [{ value: Math.abs }, /there is no cost .*: use 'kl', 'euclidean'/],
])('has no cost %j', (cost, message) => {
  const G = gammaMixture({ weights: [1], shapes: [1], scales: [1] });
  expect(() => reduce([G], { cost: cost as never })).toThrow(message);
});
