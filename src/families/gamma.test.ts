import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { l2Distance, l2DistanceMatrix } from '../distance/l2';
import { wasserstein1 } from '../distance/transport-divergence';
import { masses } from '../estimate/em';
import { type Fit, fit } from '../estimate/fit';
import { gammaMixture } from '../mixture/constructors';
import type { Mixture } from '../mixture/mixture';
import { floats } from '../mixture/mixtures.fixture';
import { expectation } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { type GammaParameter, gamma } from './gamma';

const reference = JSON.parse(readFileSync(path.join(__dirname, 'gamma.reference.json'), 'utf8'));

const parametersOf = ({ shapes, scales }: { shapes: number[]; scales: number[] }): GammaParameter[] =>
  shapes.map((shape, k) => ({ shape, scale: scales[k] }));

const relative = (actual: number, expected: number): number => Math.abs(actual - expected) / (Math.abs(expected) || 1);

function expectMixture(
  { weights, parameters }: Mixture<GammaParameter>,
  expected: typeof reference,
  tolerance: number,
) {
  parameters.forEach(({ shape, scale }, k) => {
    expect(relative(weights[k], expected.weights[k])).toBeLessThan(tolerance);
    expect(relative(shape, expected.shapes[k])).toBeLessThan(tolerance);
    expect(relative(scale, expected.scales[k])).toBeLessThan(tolerance);
  });
}

describe('agrees with the reference', () => {
  const components = parametersOf(reference.components);

  it('inner products and KL of components, of which one has a shape near ½', () => {
    components.forEach((a, i) => {
      components.forEach((b, j) => {
        expect(relative(Math.exp(gamma.logInnerProduct(a, b)), reference.innerProducts[i][j])).toBeLessThan(1e-12);
        expect(Math.abs(gamma.divergence(a, b) - reference.kl[i][j])).toBeLessThan(1e-12 * (1 + reference.kl[i][j]));
      });
    });
  });

  it('the barycentre, whose shape is far below those of its points', () => {
    const { lam, shape, scale, objective } = reference.barycentre;
    const centre = gamma.barycentre(components, Float64Array.from(lam));
    expect(relative(centre.shape, shape)).toBeLessThan(1e-12);
    expect(relative(centre.scale, scale)).toBeLessThan(1e-12);
    const total = components.reduce((sum, one, g) => sum + lam[g] * gamma.divergence(one, centre), 0);
    expect(relative(total, objective)).toBeLessThan(1e-12);
  });

  it('L² and W₁ between mixtures', () => {
    const mixtures = reference.mixtures.map(gammaMixture);
    const distances = l2DistanceMatrix(mixtures);
    reference.l2.forEach((row: number[], i: number) => {
      row.forEach((expected, j) => {
        expect(relative(distances.at(i, j), expected)).toBeLessThan(1e-10);
      });
    });
    expect(reference.wasserstein1.length).toBeGreaterThan(3);
    for (const { i, j, value } of reference.wasserstein1) {
      expect(relative(wasserstein1(mixtures[i], mixtures[j]), value)).toBeLessThan(1e-9);
    }
  });

  it.each(reference.maximum as Record<string, never>[])(
    'the M-step of mass $nk, mean $mean_x, mean log $mean_logx, a_n = $a_n',
    (given) => {
      const { nk, mean_x, mean_logx, a_n, result } = given;
      const { shape, scale } = ofMeans(nk, mean_x, mean_logx, a_n);
      expect(relative(shape, result[0])).toBeLessThan(1e-9); // the reference's root finder stopped at 1e-10
      expect(relative(scale, result[1])).toBeLessThan(1e-9);
    },
  );

  describe.each(['truth', 'perturbed'])('EM of 2000 rows from the start "%s"', (name) => {
    const { init, init_ploglik, one_step, tol1e6, direct_maximum_scipy } = reference.em[name];
    const { maximum } = reference.em;
    const table = { data: floats(reference.em.data), rows: 2000, columns: 1 };
    const run = (options: { tolerance?: number; maxIterations?: number }): Fit<GammaParameter> =>
      fit(table, { family: 'gamma', start: gammaMixture(init), penalty: 'published', ...options });

    /** The mixture after more iterations of EM, which no objective ends. */
    const iterated = (from: Mixture<GammaParameter>, times: number): Mixture<GammaParameter> => {
      const problem = gamma.localProblem(table, reference.em.penalty, true);
      const density = gamma.logDensity(table);
      const shares = new Float64Array(3 * table.rows);
      let mixture = from;
      for (let step = 0; step < times; step++) {
        expectation(mixture, density, shares);
        const weights = Array.from(masses(shares, 3, table.rows), (mass) => mass / table.rows);
        const parameters = problem.maximise(shares, 3, mixture.parameters);
        mixture = gammaMixture({
          weights,
          shapes: parameters.map(({ shape }) => shape),
          scales: parameters.map(({ scale }) => scale),
        });
      }
      return mixture;
    };

    it('one step', () => {
      const result = run({ maxIterations: 1 });
      expect(relative(result.trace[0], init_ploglik)).toBeLessThan(1e-13);
      expectMixture(result.mixture, one_step, 1e-11);
    });

    it('to a tolerance of 1e-6, step by step', () => {
      const result = run({ tolerance: 1e-6 });
      expect(result.iterations).toBe(tol1e6.n_iter);
      tol1e6.trace.forEach(({ ploglik }: { ploglik: number }, i: number) => {
        expect(relative(result.trace[i + 1], ploglik)).toBeLessThan(1e-12);
      });
      expectMixture(result.mixture, tol1e6, 1e-10);
    });

    it('to its maximum, as far as the objective tells, which a direct search found too', () => {
      const { mixture, penalisedLogLikelihood } = run({ tolerance: 1e-13 });
      expect(penalisedLogLikelihood).toBeGreaterThan(direct_maximum_scipy.ploglik - 1e-9);
      expect(relative(penalisedLogLikelihood, maximum.ploglik)).toBeLessThan(1e-13);
      // A run ends before a step that gains less than 2e-10, 1e-13 a row, or less than rounding of the objective hides. By the least
      // eigenvalue of the information in log θ, 0.25 × 655 rows of component 2, that step may be 1.6e-6 long; these runs end closer.
      expectMixture(mixture, maximum, 3e-7);
      expectMixture(iterated(mixture, 10), maximum, 1e-11);
    });
  });
});

/** The M-step for n_k rows of two values that have this mean and this mean log. */
function ofMeans(mass: number, mean: number, meanLog: number, penalty: number): GammaParameter {
  // a, b with (a + b)/2 = mean and √(a b) = exp(mean log)
  const half = mean * Math.sqrt(Math.max(0, -Math.expm1(2 * (meanLog - Math.log(mean)))));
  const low = Math.exp(2 * meanLog) / (mean + half);
  const data = Float64Array.of(low, 2 * mean - low);
  const shares = Float64Array.of(mass / 2, mass / 2);
  return gamma.localProblem({ data, rows: 2, columns: 1 }, penalty, true).maximise(shares, 1)[0];
}

describe('the shape', () => {
  it('has the published penalty r log r', () => {
    const { penalty } = gamma.localProblem({ data: Float64Array.of(1, 2), rows: 2, columns: 1 }, 1, true);
    expect(penalty?.({ shape: 3, scale: 7 })).toBeCloseTo(3 * Math.log(3), 14);
  });

  it('is at least ½ in fits, which a note tells, as such a density has no L² norm', () => {
    const draws = sample(gammaMixture({ weights: [1], shapes: [0.2], scales: [1] }), 2000, 1).data;
    const { mixture, notes } = fit(draws, { family: 'gamma', order: 1 });
    expect(mixture.parameters[0].shape).toBe(0.5);
    expect(notes.join(' ')).toMatch(/Component 0 has the shape 0.5: its density is not square integrable/);
    expect(notes.join(' ')).toMatch(/not first-order strongly identifiable/);
  });

  it('of a start below ½ is taken as ½', () => {
    const draws = sample(gammaMixture({ weights: [1], shapes: [2], scales: [1] }), 500, 1).data;
    const start = gammaMixture({ weights: [0.5, 0.5], shapes: [0.1, 3], scales: [1, 1] });
    const { trace } = fit(draws, { family: 'gamma', start });
    const atHalf = gammaMixture({ weights: [0.5, 0.5], shapes: [0.5, 3], scales: [1, 1] });
    expect(trace[0]).toBe(fit(draws, { family: 'gamma', start: atHalf }).trace[0]);
    trace.forEach((value, i) => {
      expect(value).toBeGreaterThanOrEqual(trace[Math.max(0, i - 1)]);
    });
  });

  it('has no maximum for the MLE of a component on one value, and one with a penalty', () => {
    const table = [5, 5, 5, 1, 2, 3];
    const start = gammaMixture({ weights: [0.5, 0.5], shapes: [1e6, 4], scales: [5e-6, 0.5] });
    expect(() => fit(table, { family: 'gamma', start, penalty: 0 })).toThrow(/component 0.*use a penalty above 0/);
    const { mixture } = fit(table, { family: 'gamma', start });
    expect(mixture.parameters[0].shape).toBeLessThan(1e3);
  });
});

it.each([1e3, 1e6])('keeps 1e-8 of its inner products at shapes of %d', (shape) => {
  // means one standard deviation apart: nearly two normal densities of one variance, φ(μ − μ′; 2 σ²)
  const [a, b] = [
    { shape, scale: 1 },
    { shape, scale: 1 + 1 / Math.sqrt(shape) },
  ];
  const asNormal = -0.25 - 0.5 * Math.log(4 * Math.PI * shape);
  expect(Math.abs(gamma.logInnerProduct(a, b) - asNormal)).toBeLessThan(3 / Math.sqrt(shape));
  const [logs, step] = [new Float64Array(4001), Math.sqrt(shape) / 100];
  const data = logs.map((_, i) => shape + (i - 2000) * step);
  const density = gamma.logDensity({ data, rows: data.length, columns: 1 });
  const [f, g] = [a, b].map((parameter) => {
    const out = new Float64Array(data.length);
    density(parameter, out);
    return out;
  });
  const integral = f.reduce((sum, log, i) => sum + step * Math.exp(log + g[i]), 0);
  expect(relative(Math.exp(gamma.logInnerProduct(a, b)), integral)).toBeLessThan(1e-8);
});

it('has no inner product where r + r′ ≤ 1, and says so', () => {
  const narrow = gammaMixture({ weights: [0.5, 0.5], shapes: [2, 0.4], scales: [1, 3] });
  const usual = gammaMixture({ weights: [0.5, 0.5], shapes: [2, 5], scales: [1, 3] });
  expect(gamma.logInnerProduct({ shape: 0.4, scale: 1 }, { shape: 0.6, scale: 1 })).toBe(Infinity);
  expect(gamma.logInnerProduct({ shape: 0.4, scale: 1 }, { shape: 0.61, scale: 1 })).toBeLessThan(Infinity);
  expect(() => l2Distance(usual, narrow)).toThrow(
    /no L² distance: the density of component 1 of mixture 1, \{ shape: 0.4, scale: 3 \}, is not square integrable: .* more than 1/,
  );
});
