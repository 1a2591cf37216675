import { describe, expect, it } from 'vitest';
import { l2Distance } from '../distance/l2';
import { wasserstein1 } from '../distance/transport-divergence';
import { type Fit, fit } from '../estimate/fit';
import { randomStream } from '../math/random';
import {
  diagonalGaussianMixture,
  exponentialMixture,
  gammaMixture,
  gaussianMixture,
  gumbelMixture,
  inverseGammaMixture,
  logNormalMixture,
  rayleighMixture,
  sphericalGaussianMixture,
  studentTMixture,
  tiedGaussianMixture,
  weibullMixture,
} from '../mixture/constructors';
import type { Mixture } from '../mixture/mixture';
import { logDensity } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { familyOf } from './families-registry';
import { gaussianGamma } from './gaussian-gamma';
import { gumbel } from './gumbel';

// Families that are special cases or transforms of each other must say the same.

const draw = (low: number, high: number, random: () => number): number => low * (high / low) ** random();

describe.each<[string, (a: number) => Mixture, (a: number) => Mixture, number]>([
  [
    'exponential and gamma of shape 1',
    (a) => exponentialMixture({ weights: [1], means: [a] }),
    (a) => gammaMixture({ weights: [1], shapes: [1], scales: [a] }),
    1e-13,
  ],
  [
    'exponential and Weibull of shape 1',
    (a) => exponentialMixture({ weights: [1], means: [a] }),
    (a) => weibullMixture({ shape: 1, weights: [1], scales: [a] }),
    1e-13,
  ],
  [
    'Rayleigh and Weibull of shape 2',
    (a) => rayleighMixture({ weights: [1], scales: [a] }),
    (a) => weibullMixture({ shape: 2, weights: [1], scales: [a * Math.SQRT2] }),
    1e-13,
  ],
  [
    'Gaussian of full and of diagonal covariance',
    (a) => gaussianMixture({ weights: [1], means: [[a, 1]], covariances: [[a, 0, 0, 2]] }),
    (a) => diagonalGaussianMixture({ weights: [1], means: [[a, 1]], variances: [[a, 2]] }),
    1e-13,
  ],
  [
    'Gaussian of full and of spherical covariance',
    (a) => gaussianMixture({ weights: [1], means: [[a, 1]], covariances: [[a, 0, 0, a]] }),
    (a) => sphericalGaussianMixture({ weights: [1], means: [[a, 1]], variances: [a] }),
    1e-13,
  ],
  [
    'Gaussian of own and of tied covariance',
    (a) => gaussianMixture({ weights: [1], means: [[a]], covariances: [[a]] }),
    (a) => tiedGaussianMixture({ weights: [1], means: [[a]], covariance: [a] }),
    0,
  ],
])('%s', (_, first, second, tolerance) => {
  it('have the same densities, inner products and divergences', () => {
    const random = randomStream(1, 'relations');
    for (let i = 0; i < 20; i++) {
      const [a, b] = [draw(0.2, 5, random), draw(0.2, 5, random)];
      const [F, G] = [first(a), first(b)];
      const [f, g] = [second(a), second(b)];
      const rows = sample(F, 50, i).data;
      logDensity(F, rows).forEach((log, j) => {
        expect(Math.abs(log - logDensity(f, rows)[j])).toBeLessThanOrEqual(10 * tolerance);
      });
      const [own, other] = [F.family, f.family];
      for (const [p, q, r, s] of [
        [F.parameters[0], G.parameters[0], f.parameters[0], g.parameters[0]],
        [F.parameters[0], F.parameters[0], f.parameters[0], f.parameters[0]],
      ]) {
        expect(Math.abs(own.logInnerProduct(p, q) - other.logInnerProduct(r, s))).toBeLessThanOrEqual(10 * tolerance);
        expect(Math.abs(own.divergence(p, q) - other.divergence(r, s))).toBeLessThanOrEqual(100 * tolerance);
      }
    }
  });
});

/** Fits of the same rows to two families, from the same start. */
function bothFits(table: number[], first: Mixture, second: Mixture, transform: (x: number) => number): [Fit, Fit] {
  const options = { tolerance: 1e-9 };
  return [
    fit(table, { ...options, start: first as Mixture as never }),
    fit(table.map(transform), { ...options, start: second as never }),
  ];
}

it('learns log-normals as Gaussians of the logarithm, with the same penalty, wherever it lies', () => {
  for (const offset of [0, 200]) {
    const G = logNormalMixture({ weights: [0.3, 0.7], locations: [offset, offset + 1.5], scales: [0.4, 0.3] });
    const H = gaussianMixture({
      weights: [0.3, 0.7],
      means: [[offset], [offset + 1.5]],
      covariances: [[0.16], [0.09]],
    });
    const rows = [...sample(G, 400, 1).data.data];
    const [own, logs] = bothFits(rows, G, H, Math.log);
    const jacobian = rows.reduce((sum, x) => sum + Math.log(x), 0);
    expect(own.iterations).toBe(logs.iterations);
    own.trace.forEach((value, i) => {
      expect(Math.abs(value + jacobian - logs.trace[i])).toBeLessThan(1e-7);
    });
    expect(wasserstein1(own as never, G as never)).toBeCloseTo(wasserstein1(logs, H), 7);
  }
});

it('learns and compares one-dimensional Gaussians of any structure alike, whatever the penalty', () => {
  const means = [[0], [3]];
  const weights = [0.4, 0.6];
  const G = gaussianMixture({ weights, means, covariances: [[1], [2]] });
  const rows = sample(G, 200, 1).data;
  for (const penalty of [0, 0.1, 50]) {
    const own = fit(rows, { start: G, penalty });
    for (const other of [
      fit(rows, { start: diagonalGaussianMixture({ weights, means, variances: [[1], [2]] }), penalty }),
      fit(rows, { start: sphericalGaussianMixture({ weights, means, variances: [1, 2] }), penalty }),
    ] as Fit<never>[]) {
      expect(other.penalisedLogLikelihood).toBeCloseTo(own.penalisedLogLikelihood, 8);
      expect(other.logLikelihood).toBeCloseTo(own.logLikelihood, 6);
    }
  }
  const [a, b] = [diagonalGaussianMixture, diagonalGaussianMixture].map((make, i) =>
    make({ weights: [1], means: [[i, 2]], variances: [[1 + 8 * i, 4]] }),
  );
  expect(wasserstein1(a, b)).toBeCloseTo(1 + 2, 12); // ‖μ − μ′‖ + |1 − 3|
});

it('learns tied Gaussians by K times the penalty of one', () => {
  const weights = [0.5, 0.5];
  const start = tiedGaussianMixture({ weights, means: [[0], [4]], covariance: [1] });
  const rows = [-1, 0, 1, 3, 4, 5.5];
  const { mixture } = fit(rows, { start, penalty: 2, maxIterations: 1 });
  const { logLikelihood, penalisedLogLikelihood } = fit(rows, { start, penalty: 2, maxIterations: 1 });
  const variance = mixture.parameters[0].covariance[0];
  const mean = rows.reduce((sum, x) => sum + x / 6, 0);
  const whole = rows.reduce((sum, x) => sum + (x - mean) ** 2 / 5, 0);
  expect(logLikelihood - penalisedLogLikelihood).toBeCloseTo(2 * 2 * (whole / variance + Math.log(variance)), 10);
});

it('learns inverse gammas as gammas of the inverse, with the same penalty', () => {
  const G = inverseGammaMixture({ weights: [0.4, 0.6], shapes: [3, 8], scales: [2, 50] });
  const H = gammaMixture({ weights: [0.4, 0.6], shapes: [3, 8], scales: [1 / 2, 1 / 50] });
  const rows = [...sample(G, 400, 1).data.data];
  const [own, inverses] = bothFits(rows, G as never, H as never, (x) => 1 / x);
  const jacobian = 2 * rows.reduce((sum, x) => sum + Math.log(x), 0);
  own.trace.forEach((value, i) => {
    expect(Math.abs(value + jacobian - inverses.trace[i])).toBeLessThan(1e-8);
  });
});

it('is a Gaussian for many degrees of freedom', () => {
  const t = studentTMixture({ degreesOfFreedom: 1000, weights: [1], locations: [0], scales: [1] });
  const G = gaussianMixture({ weights: [1], means: [[0]], covariances: [[1]] });
  const grid = Array.from({ length: 81 }, (_, i) => i / 10 - 4);
  const [log, other] = [logDensity(t, grid), logDensity(G, grid)];
  log.forEach((value, i) => {
    expect(Math.abs(Math.exp(value) - Math.exp(other[i]))).toBeLessThan(3e-4);
  });
});

describe('KL where it has a closed form of its own', () => {
  it('Gumbel', () => {
    const gumbel = familyOf('gumbel');
    const EULER = 0.5772156649015329;
    const kl = (a: { location: number; scale: number }, b: { location: number; scale: number }): number => {
      const ratio = a.scale / b.scale; // Γ(1 + 1/2) and Γ(1 + 2) are known
      const gamma = ratio === 0.5 ? Math.sqrt(Math.PI) / 2 : 2;
      const between = (b.location - a.location) / b.scale;
      return -Math.log(ratio) + EULER * (ratio - 1) + Math.exp(between) * gamma - 1 - between;
    };
    for (const location of [-3, 0, 0.1, 5]) {
      for (const scale of [0.5, 2]) {
        const [a, b] = [
          { location: 0, scale: 1 },
          { location, scale },
        ];
        expect(Math.abs(gumbel.divergence(a, b) / kl(a, b) - 1)).toBeLessThan(1e-10);
      }
    }
  });

  it("Cauchy's: log {((σ + σ′)² + (μ − μ′)²) / (4 σ σ′)} (Chyzak and Nielsen 2019)", () => {
    const cauchy = familyOf('student-t(1)');
    for (const location of [0, 1e-3, 1, 1e4, -1e10, 1e20]) {
      for (const scale of [1e-6, 1, 3]) {
        const [a, b] = [
          { location: 0, scale: 1 },
          { location, scale },
        ];
        const expected = Math.log(((1 + scale) ** 2 + location ** 2) / (4 * scale));
        expect(Math.abs(cauchy.divergence(a, b) - expected)).toBeLessThan(1e-9 * (1e-6 + expected));
      }
    }
  });
});

it("has Cauchy's inner product (σ + σ′) / π / {(σ + σ′)² + (μ − μ′)²}, far apart and of very different scales", () => {
  const cauchy = familyOf('student-t(1)');
  for (const location of [0, 1, 1e4, -1e10, 1e20]) {
    for (const scale of [1e-6, 1, 1e3]) {
      const product = cauchy.logInnerProduct({ location: 0, scale: 1 }, { location, scale });
      const expected = Math.log((1 + scale) / Math.PI / ((1 + scale) ** 2 + location ** 2));
      expect(Math.abs(product - expected)).toBeLessThan(1e-10);
    }
  }
});

it('has the L² distance of two families that say the same be the same', () => {
  const [a, b] = [1, 2].map((scale) => rayleighMixture({ weights: [1], scales: [scale] }));
  const [c, d] = [1, 2].map((s) => weibullMixture({ shape: 2, weights: [1], scales: [s * Math.SQRT2] }));
  expect(l2Distance(a, b)).toBeCloseTo(l2Distance(c, d), 13);
});

describe('at the edge of what float64 holds', () => {
  it('KL of Gaussians without correlation, from a point that is much narrower', () => {
    const family = familyOf('diagonal-gaussian');
    for (const variance of [1e-14, 1e-17, 1e-60]) {
      const [a, b] = [variance, 1].map((one) => ({ mean: Float64Array.of(0), variances: Float64Array.of(one) }));
      expect(family.divergence(a, b) / (0.5 * (variance - 1 - Math.log(variance)))).toBeCloseTo(1, 12);
    }
  });

  it('KL and barycentre of Gaussian–gammas whose means are far apart', () => {
    const family = gaussianGamma;
    const a = { mean: 7, strength: 36, shape: 330, rate: 1.8e5 };
    const b = { mean: 1e6, strength: 2068, shape: 7.1, rate: 2.8e-6 };
    const between = 0.5 * 2068 * (330 / 1.8e5) * (1e6 - 7) ** 2; // all else is far smaller
    expect(family.divergence(a, b) / between).toBeCloseTo(1, 4);
    const [mean, tau] = [1e6, 0.61 / 201];
    const points = [
      { mean, strength: 1.2e-4, shape: 0.61, rate: 201 },
      { mean: -8.4, strength: 1341, shape: 5651, rate: 0.016 },
    ];
    const other = 5651 / 0.016;
    const centre = family.barycentre(points, Float64Array.of(1, 1));
    expect(centre.shape / centre.rate / ((tau + other) / 2)).toBeCloseTo(1, 12);
    expect(centre.mean).toBeCloseTo((tau * mean - other * 8.4) / (tau + other), 6);
  });

  it('a Gumbel fit with a row where f is below 1e-1e20, and starts from far off', () => {
    const G = gumbelMixture({ weights: [1], locations: [0], scales: [1] });
    const rows = [...sample(G, 300, 1).data.data];
    const best = fit(rows, { family: 'gumbel', order: 1 });
    for (const [location, scale] of [
      [-500, 1],
      [500, 1],
      [0, 0.02],
      [0, 1e9],
    ]) {
      const start = gumbelMixture({ weights: [1], locations: [location], scales: [scale] });
      expect(fit(rows, { family: 'gumbel', start }).logLikelihood).toBeCloseTo(best.logLikelihood, 3);
    }
    const outlier = fit([...rows, -50], { family: 'gumbel', start: G });
    const { location, scale } = outlier.mixture.parameters[0];
    for (const factor of [0.99, 1.01]) {
      for (const shift of [-0.05, 0.05]) {
        const other = gumbelMixture({ weights: [1], locations: [location + shift], scales: [scale * factor] });
        const log = logDensity(other, [...rows, -50]).reduce((sum, one) => sum + one, 0);
        expect(log).toBeLessThan(outlier.logLikelihood);
      }
    }
  });

  it('barycentres of Gumbels that are hundreds of scales apart', () => {
    const family = gumbel;
    const points = [0, 0.1, -360].map((location) => ({ location, scale: 1 }));
    const weights = Float64Array.of(4, 4, 1);
    const total = (theta: { location: number; scale: number }) =>
      points.reduce((sum, point, g) => sum + weights[g] * family.divergence(point, theta), 0);
    const centre = family.barycentre(points, weights);
    for (const [shift, factor] of [
      [1, 1],
      [-1, 1],
      [0, 0.98],
      [0, 1.02],
    ]) {
      expect(total({ location: centre.location + shift, scale: centre.scale * factor })).toBeGreaterThan(total(centre));
    }
  });
});
