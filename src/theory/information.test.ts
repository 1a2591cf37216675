import * as fc from 'fast-check';
import { EigenvalueDecomposition, inverse, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { l2Distance } from '../distance/l2';
import { examples } from '../families/examples.fixture';
import type { Family } from '../families/family';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { randomStream } from '../math/random';
import type { Samples } from '../math/table';
import {
  diagonalGaussianMixture,
  gammaMixture,
  gaussianMixture,
  gumbelMixture,
  logNormalMixture,
  poissonMixture,
  tiedGaussianMixture,
  weibullMixture,
} from '../mixture/constructors';
import { type Mixture, mixture, mixtureFromVector, mixtureToVector } from '../mixture/mixture';
import { bell, drawnMixture } from '../mixture/mixtures.fixture';
import { logDensity } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { innerProductDerivatives, mixtureScores } from './derivatives';
import {
  type CoordinateMatrix,
  fisherInformation,
  inverseBlocks,
  inverseInformation,
  l2Hessian,
  l2Limit,
} from './information';

const RUNS = { seed: 1, numRuns: 20 };
const honest = (name: 'diagonal-gaussian' | 'dirichlet'): Mixture =>
  mixture(name, examples[name].honest.weights, examples[name].honest.parameters);

const two = gaussianMixture({ weights: [0.3, 0.7], means: [[-1], [1.5]], covariances: [[[0.6]], [[1.8]]] });
const gammas = gammaMixture({ weights: [0.4, 0.6], shapes: [2, 9], scales: [1, 1.5] });
const poissons = poissonMixture({ weights: [0.35, 0.65], means: [2, 9] });
const mixtures: [string, Mixture][] = [
  ['two Gaussians on the line', two],
  ['three Gaussians on the line', drawnMixture(1, 3, 1)],
  ['two Gaussians in the plane', drawnMixture(2, 2, 2)],
  ['three Gaussians in the plane', drawnMixture(3, 3, 2)],
  ['two Gaussians in space', drawnMixture(4, 2, 3)],
  ['one Gaussian in space', drawnMixture(5, 1, 3)],
  ['gamma', gammas],
  ['log-normal', logNormalMixture({ weights: [0.4, 0.6], locations: [0, 1], scales: [0.5, 0.8] })],
  ['Poisson', poissons],
  ['Weibull', weibullMixture({ shape: 3, weights: [0.2, 0.5, 0.3], scales: [1, 2, 6] })],
  ['diagonal Gaussian', honest('diagonal-gaussian')],
  ['Dirichlet', honest('dirichlet')],
  ['Gumbel', gumbelMixture({ weights: [0.4, 0.6], locations: [0, 2], scales: [1, 1.5] })],
];

/** What central differences with the steps h, h/2 and h/4 extrapolate to: the places, in h, and their weights. */
const RICHARDSON = [
  [1, 1 / 45],
  [1 / 2, -20 / 45],
  [1 / 4, 64 / 45],
] as const;

/** The mixture whose vector is v away. */
function away(G: Mixture, v: (i: number) => number): Mixture {
  const { family, order, dimension } = G;
  return mixtureFromVector(
    mixtureToVector(G).map((value, i) => value + v(i)),
    { family, order, dimension },
  );
}

/** f_G(x), or another function of the density, and its derivatives by all coordinates of G, at every place. */
function differentiated(G: Mixture, places: Samples, of = Math.exp) {
  const value = (H: Mixture) => logDensity(H, places).map(of);
  const derivatives = Array.from(mixtureToVector(G), (coordinate, i) => {
    const h = 0.02 * Math.max(Math.abs(coordinate), 0.5);
    const terms = RICHARDSON.map(([part, weight]) => {
      const [up, down] = [1, -1].map((sign) => value(away(G, (j) => (j === i ? sign * part * h : 0))));
      return up.map((one, x) => (weight * (one - down[x])) / (2 * part * h));
    });
    return terms[0].map((_, x) => terms[0][x] + terms[1][x] + terms[2][x]);
  });
  return { f: value(G), derivatives };
}

const table = (places: number[]): Samples => ({ data: Float64Array.from(places), rows: places.length, columns: 1 });
const line = table(Array.from({ length: 2501 }, (_, i) => -25 + i / 50));

/** ∫ ∂f ∂fᵀ g(f), the places and weights those of a trapezoidal rule. */
function integrated(
  G: Mixture,
  places: Samples,
  { weight, g }: { weight: (x: number) => number; g: (f: number) => number },
): Matrix {
  const { f, derivatives } = differentiated(G, places);
  const mass = f.map((value, x) => weight(places.data[x]) * g(value));
  return new Matrix(derivatives.map((a) => derivatives.map((b) => mass.reduce((s, m, x) => s + m * a[x] * b[x], 0))));
}

/** 1 / f, where it is above the rounding of the derivatives. */
const reciprocal = (f: number) => (f > 1e-25 ? 1 / f : 0);

const matrixOf = ({ size, entries }: CoordinateMatrix): Matrix => Matrix.from1DArray(size, size, [...entries]);

/** Compares entry by entry, in units of the roots of the diagonal. */
function expectMatrix(actual: Matrix, expected: Matrix, tolerance: number): void {
  expect([actual.rows, actual.columns]).toEqual([expected.rows, expected.columns]);
  const unit = expected.diagonal().map(Math.sqrt);
  const worst = unit.flatMap((a, i) => unit.map((b, j) => Math.abs(actual.get(i, j) - expected.get(i, j)) / (a * b)));
  expect(Math.max(...worst)).toBeLessThan(tolerance);
}

/** The eigenvalues, ascending. */
const eigenvalues = (matrix: Matrix): number[] =>
  new EigenvalueDecomposition(matrix).realEigenvalues.sort((a, b) => a - b);

describe('the quadratic form of D²', () => {
  it.each(mixtures)('is half the second derivative of D² in any direction, %s', (_, G) => {
    const H = matrixOf(l2Hessian(G));
    const random = randomStream(1, 'directions');
    for (let direction = 0; direction < 4; direction++) {
      const v = Array.from(mixtureToVector(G), (value) => (2 * random() - 1) * Math.max(Math.abs(value), 0.3));
      const squared = (t: number) =>
        l2Distance(
          away(G, (i) => t * v[i]),
          G,
        ) ** 2;
      const second = RICHARDSON.reduce((sum, [part, weight]) => {
        const t = 0.03 * part;
        return sum + (weight * (squared(t) + squared(-t))) / (2 * t * t);
      }, 0);
      const column = Matrix.columnVector(v);
      const form = column.transpose().mmul(H).mmul(column).get(0, 0);
      expect(Math.abs(form / second - 1)).toBeLessThan(1e-6);
    }
  });

  it('of Gaussian mixtures on the line is the integral of products of derivatives of the density', () => {
    for (const G of [bell(0.5, 2), two, drawnMixture(7, 3, 1)]) {
      const expected = integrated(G, line, { weight: () => 1 / 50, g: () => 1 });
      expectMatrix(matrixOf(l2Hessian(G)), expected, 1e-8);
    }
  });

  it('of Poisson mixtures is the sum of such products', () => {
    const counts = table(Array.from({ length: 100 }, (_, x) => x));
    const expected = integrated(poissons, counts, { weight: () => 1, g: () => 1 });
    expectMatrix(matrixOf(l2Hessian(poissons)), expected, 1e-8);
  });

  it.each(mixtures)('is symmetric and has no negative eigenvalue, %s', (_, G) => {
    const { size, entries } = l2Hessian(G);
    expect(size).toBe(mixtureToVector(G).length);
    const unit = Array.from({ length: size }, (_, i) => Math.sqrt(entries[i * size + i]));
    for (let i = 0; i < size; i++)
      for (let j = 0; j < i; j++) expect(entries[i * size + j]).toBe(entries[j * size + i]);
    const scaled = new Matrix(unit.map((a, i) => unit.map((b, j) => entries[i * size + j] / (a * b))));
    expect(eigenvalues(scaled)[0]).toBeGreaterThan(-1e-8);
  });

  it('is of the mixture that a fit holds', () => {
    expect(l2Hessian({ mixture: two })).toEqual(l2Hessian(two));
  });
});

describe('derivatives', () => {
  // as if the family had no closed forms
  const numerical: Family<GaussianParameter> = { ...gaussian, theory: undefined };

  it('of Gaussian inner products in closed form are the numerical ones', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 3 }), fc.boolean(), (seed, d, same) => {
        const [a, b] = drawnMixture(seed, 2, d).parameters;
        const [closed, other] = [gaussian, numerical].map((one) => innerProductDerivatives(one, a, same ? a : b));
        expect(Math.abs(closed.value / other.value - 1)).toBeLessThan(1e-12);
        for (const part of ['first', 'second', 'mixed'] as const) {
          expect(closed[part].length).toBe(other[part].length);
          const scale = Math.max(closed.value, ...closed[part].map(Math.abs));
          const worst = Math.max(...closed[part].map((value, i) => Math.abs(value - other[part][i])));
          expect(worst / scale).toBeLessThan(1e-7);
        }
      }),
      RUNS,
    );
  });

  it('of Gaussian log densities in closed form are the numerical ones', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 3 }), (seed, d) => {
        const G = drawnMixture(seed, 2, d);
        const { data } = sample(G, 20, seed);
        const [closed, other] = [G, mixture(numerical, G.weights, G.parameters)].map((one) => mixtureScores(one)(data));
        const scale = Math.max(...closed.map(Math.abs));
        expect(closed.length).toBe(20 * mixtureToVector(G).length);
        expect(Math.max(...closed.map((value, i) => Math.abs(value - other[i]))) / scale).toBeLessThan(1e-8);
      }),
      RUNS,
    );
  });

  it.each(mixtures)('of the log density of a mixture are those of differences, %s', (_, G) => {
    const { data } = sample(G, 30, 1);
    const scores = mixtureScores(G)(data);
    const { derivatives } = differentiated(G, data, (log) => log);
    derivatives.forEach((expected, a) => {
      const scale = Math.max(1, ...expected.map(Math.abs));
      expected.forEach((value, j) => {
        expect(Math.abs(scores[j * derivatives.length + a] - value) / scale).toBeLessThan(1e-7);
      });
    });
  });
});

describe('numerical derivatives', () => {
  it.each([0, 1e-12, 1e-9, 1e-6, 1e-3, 1, 1e6])('know the scale of a density, wherever its location %d is', (mean) => {
    const G = diagonalGaussianMixture({ weights: [1], means: [[mean]], variances: [[1]] });
    // 1 / (4 √π) and 3 / (32 √π), as of the closed form for a variance of 1
    expect(l2Hessian(G).entries[0]).toBeCloseTo(1 / (4 * Math.sqrt(Math.PI)), 8);
    expect(l2Hessian(G).entries[3]).toBeCloseTo(3 / (32 * Math.sqrt(Math.PI)), 8);
    const [byMean] = mixtureScores(G)(table([mean + 1]));
    expect(byMean).toBeCloseTo(1, 8);
  });

  it.each([0.5, 0.02, 0.01, 0.001])('stay within the family near its end, at a Poisson mean of %d', (mean) => {
    const G = poissonMixture({ weights: [1], means: [mean] });
    const counts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    const scores = mixtureScores(G)(table(counts));
    counts.forEach((x, j) => {
      expect(Math.abs(scores[j] / (x / mean - 1) - 1)).toBeLessThan(1e-9);
    });
    const f = logDensity(G, table(counts)).map(Math.exp);
    const expected = counts.reduce((sum, x) => sum + (f[x] * (x / mean - 1)) ** 2, 0);
    expect(Math.abs(l2Hessian(G).entries[0] / expected - 1)).toBeLessThan(2e-6);
  });

  it.each([0.51, 0.501, 0.5001])('stay within the square integrable densities, at a gamma shape of %d', (shape) => {
    const G = gammaMixture({ weights: [1], shapes: [shape], scales: [1] });
    const [theta] = G.parameters;
    const I = Math.exp(G.family.logInnerProduct(theta, theta)); // ∂∂′I by the scales is I r / 2
    const { entries } = l2Hessian(G);
    expect(Math.abs(entries[3] / ((I * shape) / 2) - 1)).toBeLessThan(1e-7);
    expect(entries[0] * entries[3]).toBeGreaterThan(entries[1] ** 2);
  });
});

describe('the Fisher information', () => {
  it('of Gaussian mixtures on the line is the integral of products of scores', () => {
    for (const G of [two, drawnMixture(7, 3, 1), drawnMixture(8, 2, 1)]) {
      const expected = integrated(G, line, { weight: () => 1 / 50, g: reciprocal });
      expectMatrix(matrixOf(fisherInformation(G)), expected, 1e-8);
    }
  });

  it('of components a thousand times as narrow as others is that integral too', () => {
    const G = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [5]], covariances: [[[100]], [[1e-4]]] });
    const { size, entries } = fisherInformation(G);
    // the diagonal, from a trapezoidal rule of 800 000 places in NumPy
    const expected = [3.9790712025873143, 0.004996729837103659, 2.498160553398694e-5, 4936.5155637854195, 23816765.3];
    expected.forEach((value, i) => {
      expect(Math.abs(entries[i * size + i] / value - 1)).toBeLessThan(1e-6);
    });
  });

  it('of one Gaussian on the line is 1/σ² and 1/(2σ⁴)', () => {
    for (const variance of [1e-8, 0.7, 1, 25, 1e12]) {
      const { size, entries } = fisherInformation(bell(-3, variance));
      expect(size).toBe(2);
      expect(Math.abs(entries[0] * variance - 1)).toBeLessThan(1e-12);
      expect(Math.abs(entries[3] * 2 * variance ** 2 - 1)).toBeLessThan(1e-12);
      expect(entries[1]).toBe(entries[2]);
      expect(Math.abs(entries[1]) * variance ** 1.5).toBeLessThan(1e-12);
    }
  });

  /** That the mean of independent runs is the expected matrix, within five standard errors. */
  function expectMean(G: Mixture, expected: Matrix): void {
    const runs = Array.from({ length: 40 }, (_, seed) => matrixOf(fisherInformation(G, { draws: 2000, seed })));
    for (let i = 0; i < expected.rows; i++) {
      for (let j = 0; j <= i; j++) {
        const values = runs.map((run) => run.get(i, j));
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
        expect(Math.abs(mean - expected.get(i, j))).toBeLessThan(5 * Math.sqrt(variance / values.length));
      }
    }
  }

  it('of one Gaussian in the plane is P, and ½ tr P E P F for entries of the covariance', () => {
    const covariance = [
      [2, 0.6],
      [0.6, 0.5],
    ];
    const P = inverse(new Matrix(covariance));
    const units = [
      [1, 0, 0, 0],
      [0, 1, 1, 0],
      [0, 0, 0, 1],
    ].map((entries) => P.mmul(Matrix.from1DArray(2, 2, entries)));
    const expected = Matrix.zeros(5, 5).setSubMatrix(P, 0, 0);
    units.forEach((PE, e) => {
      units.forEach((PF, f) => {
        expected.set(2 + e, 2 + f, PE.mmul(PF).trace() / 2);
      });
    });
    expectMean(gaussianMixture({ weights: [1], means: [[3, -1]], covariances: [covariance] }), expected);
  });

  it('of a Poisson mixture is a sum', () => {
    const counts = table(Array.from({ length: 100 }, (_, x) => x));
    expectMean(poissons, integrated(poissons, counts, { weight: () => 1, g: reciprocal }));
  });

  it('of a gamma mixture is an integral', () => {
    const places = table(Array.from({ length: 2000 }, (_, i) => Math.exp(-14 + i / 100)));
    expectMean(gammas, integrated(gammas, places, { weight: (x) => x / 100, g: reciprocal }));
  });

  it('from draws is the same for the same seed, and another for another', () => {
    const [one, same, other] = [1, 1, 2].map((seed) => fisherInformation(gammas, { draws: 100, seed }));
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it('has an inverse, in whatever units the coordinates are', () => {
    const G = gaussianMixture({ weights: [0.3, 0.7], means: [[0], [1e-9]], covariances: [[[1e-20]], [[4e-20]]] });
    const information = fisherInformation(G);
    const { size } = information;
    const product = Matrix.from1DArray(size, size, [...inverseInformation(information)]).mmul(matrixOf(information));
    const unit = [1, 1e-10, 1e-20, 1e-10, 1e-20]; // w, μ, σ², μ, σ²
    unit.forEach((a, i) => {
      unit.forEach((b, j) => {
        expect((product.get(i, j) / a) * b).toBeCloseTo(i === j ? 1 : 0, 10);
      });
    });
  });

  it('has squares along the diagonal of its inverse, one of no coordinates, too', () => {
    const information = fisherInformation(drawnMixture(3, 3, 2), { draws: 1000 });
    const whole = inverse(matrixOf(information));
    const sizes = [2, 5, 0, 5, 5];
    const blocks = inverseBlocks(information, sizes);
    let first = 0;
    for (const [b, p] of sizes.entries()) {
      expect(blocks[b]).toHaveLength(p * p);
      blocks[b].forEach((entry, ij) => {
        const [i, j] = [first + Math.floor(ij / p), first + (ij % p)];
        const unit = Math.sqrt(whole.get(i, i) * whole.get(j, j));
        expect((entry - whole.get(i, j)) / unit).toBeCloseTo(0, 10);
      });
      first += p;
    }
  });
});

describe('the limit of n D²', () => {
  it.each(mixtures.slice(0, 9))('has the eigenvalues of I⁻¹ H*, and their sum as its mean, %s', (_, G) => {
    const options = { draws: 5000, seed: 3 };
    const product = inverse(matrixOf(fisherInformation(G, options))).mmul(matrixOf(l2Hessian(G)));
    const { quadratic, linear, constant } = l2Limit(G, options);
    const actual = Array.from(quadratic).sort((a, b) => a - b);
    const expected = eigenvalues(product);
    expect(actual.length).toBe(expected.length);
    const largest = expected[expected.length - 1];
    actual.forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(1e-9 * largest);
    });
    expect(Math.abs(actual.reduce((a, b) => a + b) / product.trace() - 1)).toBeLessThan(1e-9);
    expect([Array.from(linear), constant]).toEqual([actual.map(() => 0), 0]);
  });

  it('of one Gaussian has the eigenvalues ½ and ⅜ of 1 / (2 σ √π)', () => {
    const values = Array.from(l2Limit(bell(4, 2.5)).quadratic).sort((a, b) => b - a);
    const norm = 1 / (2 * Math.sqrt(2.5 * Math.PI));
    expect(values[0]).toBeCloseTo(norm / 2, 12);
    expect(values[1]).toBeCloseTo((3 * norm) / 8, 12);
  });

  it('has the mean of n D² of the means and variances of many samples', () => {
    const [n, repetitions] = [400, 3000];
    const { data } = sample(bell(0), n * repetitions, 1).data;
    const squared = Array.from({ length: repetitions }, (_, r) => {
      const own = data.subarray(r * n, (r + 1) * n);
      const mean = own.reduce((sum, x) => sum + x, 0) / n;
      return n * l2Distance(bell(mean, own.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n), bell(0)) ** 2;
    });
    const mean = squared.reduce((sum, value) => sum + value, 0) / repetitions;
    const variance = squared.reduce((sum, value) => sum + (value - mean) ** 2, 0) / repetitions;
    const expected = l2Limit(bell(0)).quadratic as Float64Array;
    const limit = expected.reduce((sum, value) => sum + value, 0);
    expect(Math.abs(mean - limit)).toBeLessThan(4 * Math.sqrt(variance / repetitions));
  });
});

describe('says what is wrong', () => {
  const all = [l2Hessian, fisherInformation, l2Limit] as ((G: Mixture) => unknown)[];

  it('with a weight of 0', () => {
    const G = gaussianMixture({ weights: [1, 0], means: [[0], [1]], covariances: [[[1]], [[1]]] });
    for (const theory of all) {
      expect(() => theory(G)).toThrow(
        'the weight of component 1 is 0: the mixture has fewer components than its order',
      );
    }
  });

  it('with components that share parameters', () => {
    const G = tiedGaussianMixture({ weights: [0.5, 0.5], means: [[0], [1]], covariance: [[1]] });
    for (const theory of all) {
      expect(() => theory(G)).toThrow(/components with parameters of their own, those of tied-gaussian mixtures share/);
    }
  });

  it('with a density that is not square integrable, which has a Fisher information', () => {
    const G = gammaMixture({ weights: [0.5, 0.5], shapes: [0.4, 5], scales: [1, 1] });
    for (const theory of [l2Hessian, l2Limit] as typeof all) {
      expect(() => theory(G)).toThrow(/a density of the mixture is not square integrable/);
    }
    expect(fisherInformation(G, { draws: 100 }).entries.every(Number.isFinite)).toBe(true);
  });

  it('with two components that are the same', () => {
    const G = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [0]], covariances: [[[1]], [[1]]] });
    expect(() => inverseInformation(fisherInformation(G))).toThrow(
      'the Fisher information is singular: some components are the same, or the order is too large',
    );
  });

  it.each([0, -1, 1.5, Number.NaN])('with %s draws', (draws) => {
    expect(() => fisherInformation(gammas, { draws })).toThrow(`draws is ${draws}: it must be a positive integer`);
  });

  it('with what is no mixture', () => {
    expect(() => l2Hessian({} as Mixture)).toThrow(/a Mixture or a Fit is needed/);
  });
});

it('draws as often from rare components as from others', () => {
  const G = gammaMixture({ weights: [0.001, 0.999], shapes: [2, 8], scales: [0.1, 2] });
  const information = (seed: number) => fisherInformation(G, { draws: 40_000, seed }).entries[8];
  const [a, b] = [information(1), information(2)]; // of the first shape
  expect(Math.abs(a / b - 1)).toBeLessThan(0.1);
});

it('says where numbers leave float64', () => {
  const one = (deviation: number, d: number) =>
    gaussianMixture({
      weights: [1],
      means: [new Array(d).fill(0)],
      covariances: [Array.from({ length: d * d }, (_, ij) => (ij % (d + 1) === 0 ? deviation ** 2 : 0))],
    });
  expect(() => l2Hessian(one(1e-7, 50))).toThrow(/beyond float64: rescale the data/);
  expect(() => l2Hessian(one(1e7, 50))).toThrow(/beyond float64: rescale the data/);
});
