import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { determinant, inverse, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../math/random';
import { floats, symmetric } from '../mixture/mixtures.fixture';
import { gaussian } from './gaussian';
import type { GaussianParameter } from './gaussian-parameter';

const reference = JSON.parse(readFileSync(path.join(__dirname, 'gaussian.reference.json'), 'utf8'));
const truth = JSON.parse(readFileSync(path.join(__dirname, '../distance/case1.reference.json'), 'utf8'));
const RUNS = { seed: 1, numRuns: 40 };
const sizes = { seed: fc.nat(), d: fc.integer({ min: 1, max: 6 }) };

/** The components of a mixture as it is stored: K weights, then each component's mean and lower triangle. */
function componentsOf(values: Float64Array, order: number, d: number): GaussianParameter[] {
  const size = d + (d * (d + 1)) / 2;
  return Array.from({ length: order }, (_, k) => {
    const own = values.subarray(order + k * size, order + (k + 1) * size);
    return gaussian.parameter({ mean: own.subarray(0, d), covariance: symmetric(own.subarray(d), d) }, `${k}`);
  });
}

function drawn(seed: number, d: number, name = 'a'): GaussianParameter {
  const random = randomStream(seed, name);
  const a = new Matrix(Array.from({ length: d }, () => Array.from({ length: d }, () => 2 * random() - 1)));
  const covariance = a.mmul(a.transpose()).add(Matrix.eye(d).mul(0.1)).to2DArray();
  return gaussian.parameter({ mean: Array.from({ length: d }, () => 4 * random() - 2), covariance }, 'drawn');
}

const square = (covariance: Float64Array): Matrix => {
  const d = Math.sqrt(covariance.length);
  return Matrix.from1DArray(d, d, [...covariance]);
};

/** log f(x), from the textbook. */
function naiveLogDensity({ mean, covariance }: GaussianParameter, x: ArrayLike<number>): number {
  const sigma = square(covariance);
  const centred = Matrix.columnVector(Array.from(mean, (m, i) => x[i] - m));
  const squared = centred.transpose().mmul(inverse(sigma)).mmul(centred).get(0, 0);
  return -0.5 * (mean.length * Math.log(2 * Math.PI) + Math.log(determinant(sigma)) + squared);
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs));
  const worst = Math.max(...Array.from(actual, (value, i) => Math.abs(value - expected[i])));
  expect(worst).toBeLessThanOrEqual(tolerance * scale);
}

describe('agrees with the reference', () => {
  it.each(['d1', 'd2', 'd50'])('KL, ground distance and barycentre of random components, %s', (name) => {
    const { dimension: d, order, first, second, kl, groundDistance, barycentre } = reference[name];
    const [from, to] = [first, second].map((text) => componentsOf(floats(text), order, d));
    const costs = (cost: typeof gaussian.divergence) => from.flatMap((a) => to.map((b) => cost(a, b)));
    expectClose(costs(gaussian.divergence), kl.flat(), 1e-12);
    expectClose(costs(gaussian.groundDistance), groundDistance.flat(), 1e-12);
    const centre = gaussian.barycentre(from, Float64Array.from(barycentre.weights));
    expectClose(centre.mean, barycentre.mean, 1e-13);
    expectClose(centre.covariance, symmetric(floats(barycentre.lower), d).flat(), 1e-13);
  });

  it('KL and ground distance in ten dimensions, of a true mixture and an estimate of it', () => {
    const { order, dimension } = truth;
    const components = componentsOf(floats(truth.truth), order, dimension);
    const estimates = componentsOf(floats(truth.estimates), order, dimension);
    const table = (from: GaussianParameter[], to: GaussianParameter[], cost = gaussian.divergence) =>
      from.flatMap((a) => to.map((b) => cost(a, b)));
    const { truthToTruth, estimateToTruth, truthToEstimate } = reference.truthAndEstimate0;
    expectClose(table(components, components), truthToTruth.flat(), 1e-12);
    expectClose(table(estimates, components), estimateToTruth.flat(), 1e-12);
    expectClose(table(components, estimates), truthToEstimate.flat(), 1e-12);
    const distances = table(estimates, components, gaussian.groundDistance);
    expectClose(distances, truth.groundDistancesOfEstimate0ToTruth.flat(), 1e-11);
  });
});

describe('the density', () => {
  it('is that of the textbook, for any number of rows', () => {
    fc.assert(
      fc.property(fc.record({ ...sizes, rows: fc.integer({ min: 1, max: 9 }) }), ({ seed, d, rows }) => {
        const parameter = drawn(seed, d);
        const random = randomStream(seed, 'rows');
        const data = Float64Array.from({ length: rows * d }, () => 10 * random() - 5);
        const out = new Float64Array(rows);
        gaussian.logDensity({ data, rows, columns: d })(parameter, out);
        const expected = Array.from(out, (_, j) => naiveLogDensity(parameter, data.subarray(j * d, (j + 1) * d)));
        expectClose(out, expected, 1e-10);
      }),
      RUNS,
    );
  });

  it('integrates to one', () => {
    const parameter = gaussian.parameter(
      {
        mean: [1, -2],
        covariance: [
          [2, 0.9],
          [0.9, 1],
        ],
      },
      'it',
    );
    const side = Array.from({ length: 401 }, (_, i) => (i - 200) / 20);
    const data = Float64Array.from(side.flatMap((x) => side.flatMap((y) => [x + 1, y - 2])));
    const out = new Float64Array(data.length / 2);
    gaussian.logDensity({ data, rows: out.length, columns: 2 })(parameter, out);
    expect(out.reduce((sum, log) => sum + Math.exp(log) / 400, 0)).toBeCloseTo(1, 10);
  });
});

describe('the inner product', () => {
  it('is the integral of the product of the densities, in one dimension', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const [a, b] = [drawn(seed, 1, 'a'), drawn(seed, 1, 'b')];
        let integral = 0;
        for (let x = -20; x <= 20; x += 0.01) {
          integral += 0.01 * Math.exp(naiveLogDensity(a, [x]) + naiveLogDensity(b, [x]));
        }
        expect(Math.exp(gaussian.logInnerProduct(a, b)) / integral).toBeCloseTo(1, 9);
      }),
      { seed: 1, numRuns: 5 },
    );
  });

  it('is the same to the last bit the other way round', () => {
    fc.assert(
      fc.property(fc.record(sizes), ({ seed, d }) => {
        const [a, b] = [drawn(seed, d, 'a'), drawn(seed, d, 'b')];
        expect(gaussian.logInnerProduct(b, a)).toBe(gaussian.logInnerProduct(a, b));
      }),
      RUNS,
    );
  });
});

describe('the Kullback–Leibler divergence', () => {
  it('is zero from a component to itself and positive to any other', () => {
    fc.assert(
      fc.property(fc.record(sizes), ({ seed, d }) => {
        const [a, b] = [drawn(seed, d, 'a'), drawn(seed, d, 'b')];
        expect(gaussian.divergence(a, a)).toBeLessThan(1e-12);
        expect(gaussian.divergence(a, a)).toBeGreaterThanOrEqual(0);
        expect(gaussian.divergence(a, b)).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });

  it('is ∫ f log (f / f′), by quadrature in one dimension', () => {
    const a = gaussian.parameter({ mean: [1], covariance: [[2]] }, 'a');
    const b = gaussian.parameter({ mean: [-0.5], covariance: [[0.7]] }, 'b');
    let integral = 0;
    for (let x = -30; x <= 30; x += 0.01) {
      const log = naiveLogDensity(a, [x]);
      integral += 0.01 * Math.exp(log) * (log - naiveLogDensity(b, [x]));
    }
    expect(gaussian.divergence(a, b)).toBeCloseTo(integral, 9);
  });
});

describe('the barycentre', () => {
  it('has the least weighted divergence: no step away from it is lower', () => {
    fc.assert(
      fc.property(fc.record(sizes), ({ seed, d }) => {
        const points = ['a', 'b', 'c'].map((name) => drawn(seed, d, name));
        const weights = Float64Array.of(0.5, 0.1, 0.9);
        const total = (centre: GaussianParameter) =>
          points.reduce((sum, point, g) => sum + weights[g] * gaussian.divergence(point, centre), 0);
        const centre = gaussian.barycentre(points, weights);
        const least = total(centre);
        const vector = gaussian.toVector(centre);
        for (let i = 0; i < vector.length; i++) {
          for (const step of [-1e-3, 1e-3]) {
            const moved = vector.slice();
            moved[i] += step;
            expect(total(gaussian.parameter(gaussian.fromVector(moved, d), 'moved'))).toBeGreaterThan(least);
          }
        }
      }),
      RUNS,
    );
  });

  it('of one point is the point, and does not depend on the unit of the weights', () => {
    const [a, b] = [drawn(1, 3, 'a'), drawn(1, 3, 'b')];
    const alone = gaussian.barycentre([a], Float64Array.of(0.3));
    expectClose([...alone.mean, ...alone.covariance], [...a.mean, ...a.covariance], 1e-15);
    const one = gaussian.barycentre([a, b], Float64Array.of(0.25, 0.75));
    const same = gaussian.barycentre([a, b], Float64Array.of(1, 3));
    expectClose([...one.mean, ...one.covariance], [...same.mean, ...same.covariance], 1e-15);
  });
});

it('has as ground distance that of the means plus that of the square roots of the covariances', () => {
  const a = gaussian.parameter(
    {
      mean: [0, 0],
      covariance: [
        [4, 0],
        [0, 9],
      ],
    },
    'a',
  );
  const b = gaussian.parameter(
    {
      mean: [3, 4],
      covariance: [
        [25, 0],
        [0, 49],
      ],
    },
    'b',
  );
  expect(gaussian.groundDistance(a, b)).toBeCloseTo(5 + Math.hypot(3, 4), 12);
  expect(gaussian.groundDistance(a, a)).toBe(0);
});

describe('the M-step', () => {
  /** Σ_j r_j log f(x_j; θ) − a_n {tr(Σ⁻¹ S_x) + log det Σ}, from the textbook. */
  function objective(theta: GaussianParameter, rows: number[][], shares: Float64Array, penalty: number): number {
    const n = rows.length;
    const centred = new Matrix(rows).center('column');
    const sample = centred
      .transpose()
      .mmul(centred)
      .div(n - 1);
    const sigma = square(theta.covariance);
    const likelihood = rows.reduce((sum, row, j) => sum + shares[j] * naiveLogDensity(theta, row), 0);
    return likelihood - penalty * (inverse(sigma).mmul(sample).trace() + Math.log(determinant(sigma)));
  }

  it('is at a maximum of the penalised objective: its slope is zero in every direction, and every step is lower', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 3 }), fc.constantFrom(0, 0.1, 5), (seed, d, penalty) => {
        const [n, order] = [25, 2];
        const random = randomStream(seed, 'rows');
        const rows = Array.from({ length: n }, () => Array.from({ length: d }, () => 4 * random() - 2));
        const responsibilities = new Float64Array(order * n);
        for (let j = 0; j < n; j++) {
          responsibilities[j] = random();
          responsibilities[n + j] = 1 - responsibilities[j];
        }
        const samples = { data: Float64Array.from(rows.flat()), rows: n, columns: d };
        const maxima = gaussian.localProblem(samples, penalty).maximise(responsibilities, order);
        maxima.forEach((theta, k) => {
          const shares = responsibilities.subarray(k * n, (k + 1) * n);
          const most = objective(theta, rows, shares, penalty);
          const vector = gaussian.toVector(theta);
          const at = (i: number, step: number) => {
            const moved = vector.slice();
            moved[i] += step;
            return objective(gaussian.parameter(gaussian.fromVector(moved, d), 'moved'), rows, shares, penalty);
          };
          for (let i = 0; i < vector.length; i++) {
            expect(Math.abs(at(i, 1e-5) - at(i, -1e-5)) / 2e-5).toBeLessThan(1e-3);
            expect(at(i, 1e-3)).toBeLessThan(most);
            expect(at(i, -1e-3)).toBeLessThan(most);
          }
        });
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  it('has the penalty tr(Σ⁻¹ S_x) + log det Σ, S_x with divisor n − 1', () => {
    const samples = { data: Float64Array.of(1, 2, 3, 6), rows: 4, columns: 1 };
    const { penalty } = gaussian.localProblem(samples, 0.5);
    expect(penalty?.(gaussian.parameter({ mean: [0], covariance: [[2]] }, 'it'))).toBeCloseTo(
      14 / 3 / 2 + Math.log(2),
      14,
    );
  });

  it('leaves a component without rows where it was, with the sample covariance', () => {
    const samples = { data: Float64Array.of(1, 2, 3, 6), rows: 4, columns: 1 };
    const problem = gaussian.localProblem(samples, 0.5);
    const previous = [7, 8].map((mean) => gaussian.parameter({ mean: [mean], covariance: [[1]] }, 'it'));
    const [full, empty] = problem.maximise(Float64Array.of(1, 1, 1, 1, 0, 0, 0, 0), 2, previous);
    expect(full.mean[0]).toBe(3);
    expect(full.covariance[0]).toBeCloseTo((14 / 3 + 14) / 5, 14);
    expect(empty.mean[0]).toBe(8);
    expect(empty.covariance[0]).toBeCloseTo(14 / 3, 14);
  });
});

describe('as a vector and as JSON', () => {
  it('lists the mean, then the lower triangle column by column', () => {
    const covariance = [
      [4, 1, 0.5],
      [1, 5, 0.25],
      [0.5, 0.25, 6],
    ];
    const parameter = gaussian.parameter({ mean: [1, 2, 3], covariance }, 'it');
    expect([...gaussian.toVector(parameter)]).toEqual([1, 2, 3, 4, 1, 0.5, 5, 0.25, 6]);
    expect(gaussian.size(3)).toBe(9);
    expect(gaussian.toJSON(parameter)).toEqual({ mean: [1, 2, 3], covariance });
  });

  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.record(sizes), ({ seed, d }) => {
        const parameter = drawn(seed, d);
        const vector = gaussian.toVector(parameter);
        expect(vector.length).toBe(gaussian.size(d));
        expect(gaussian.parameter(gaussian.fromVector(vector, d), 'it')).toEqual(parameter);
        expect(gaussian.parameter(JSON.parse(JSON.stringify(gaussian.toJSON(parameter))), 'it')).toEqual(parameter);
      }),
      RUNS,
    );
  });
});

describe('a parameter', () => {
  it('is a copy, with a covariance as rows or flat', () => {
    const mean = [1, 2];
    const parameter = gaussian.parameter({ mean, covariance: [2, 0, 0, 3] }, 'it');
    mean[0] = 9;
    expect(parameter).toEqual({ mean: Float64Array.of(1, 2), covariance: Float64Array.of(2, 0, 0, 3) });
    expect(
      gaussian.parameter(
        {
          mean: [1, 2],
          covariance: [
            [2, 0],
            [0, 3],
          ],
        },
        'it',
      ),
    ).toEqual(parameter);
  });

  it('forgives an asymmetry of rounding', () => {
    const { covariance } = gaussian.parameter(
      {
        mean: [0, 0],
        covariance: [
          [1, 0.5 + 1e-14],
          [0.5, 1],
        ],
      },
      'it',
    );
    expect(covariance[1]).toBe(covariance[2]);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /component 2 needs a mean and a covariance, but is undefined/],
    ['no covariance', { mean: [1] }, /component 2 needs a mean and a covariance, but is \{ mean: \[ 1 \] \}/],
    ['an empty mean', { mean: [], covariance: [[1]] }, /needs a mean and a covariance/],
    [
      'NaN in the mean',
      { mean: [0, Number.NaN], covariance: [1, 0, 0, 1] },
      /component 2: mean\[1\] is NaN: it must be a/,
    ],
    [
      'Infinity',
      { mean: [0], covariance: [[Infinity]] },
      /component 2: covariance\[0\]\[0\] is Infinity: it must be a/,
    ],
    [
      'NaN',
      {
        mean: [0, 0],
        covariance: [
          [1, 0],
          [Number.NaN, 1],
        ],
      },
      /covariance\[1\]\[0\] is NaN/,
    ],
    ['too few numbers', { mean: [0, 0], covariance: [1, 2, 3] }, /length 2 needs a 2 × 2 covariance.*has 3 numbers/],
    ['too few rows', { mean: [0, 0], covariance: [[1, 0]] }, /needs a 2 × 2 covariance.*1 rows of 2/],
    ['ragged rows', { mean: [0, 0], covariance: [[1, 0], [0]] }, /needs a 2 × 2 covariance.*2 rows of 2,1/],
    [
      'asymmetry',
      {
        mean: [0, 0],
        covariance: [
          [2, 1],
          [0.5, 2],
        ],
      },
      /not symmetric: \[1\]\[0\] = 0.5, \[0\]\[1\] = 1/,
    ],
    [
      'indefinite',
      {
        mean: [0, 0],
        covariance: [
          [1, 2],
          [2, 1],
        ],
      },
      /not positive definite \(smallest eigenvalue -1\)/,
    ],
    [
      'singular',
      {
        mean: [0, 0],
        covariance: [
          [1, 1],
          [1, 1],
        ],
      },
      /component 2: .* not positive definite/,
    ],
    ['zero', { mean: [0], covariance: [[0]] }, /not positive definite \(smallest eigenvalue 0\)/],
    ['null in the mean', { mean: [null], covariance: [[1]] }, /component 2: mean\[0\] is null: it must be a number/],
    ['text', { mean: [0], covariance: [['1']] }, /component 2: covariance\[0\]\[0\] is "1": it must be a number/],
    ['true', { mean: [0], covariance: [true] }, /component 2: covariance\[0\]\[0\] is true: it must be a number/],
    [
      'singular but for rounding',
      { mean: [0, 0], covariance: [1.5, 1.4999999999999996, 1.4999999999999996, 1.4999999999999993] },
      /component 2: the covariance is singular in float64, as feature \d follows linearly from the others/,
    ],
    [
      'indefinite and large',
      { mean: [0, 0, 0], covariance: [1e155, 2e155, 1e155, 2e155, 1e155, 3e155, 1e155, 3e155, 1e155] },
      /component 2: the covariance is not positive definite \(smallest eigenvalue -2.\d*e\+155\)/,
    ],
    ['too small', { mean: [0], covariance: [1e-320] }, /component 2: the covariance is too small for float64: rescale/],
    [
      'nearly symmetric',
      { mean: [0, 0], covariance: [1, 0.5, 0.5001, 1] },
      /component 2: the covariance is not symmetric/,
    ],
    [
      'a mean beyond what can be squared',
      { mean: [1e151], covariance: [1] },
      /component 2: mean\[0\] is 1e\+151: it must/,
    ],
    [
      'a covariance as large',
      { mean: [0], covariance: [1e301] },
      /component 2: covariance\[0\]\[0\] is 1e\+301: it must/,
    ],
    ['negative', { mean: [0], covariance: [[-2]] }, /not positive definite \(smallest eigenvalue -2\)/],
  ])('is refused, naming the component and the value: %s', (_, value, message) => {
    expect(() => gaussian.parameter(value, 'component 2')).toThrow(message);
  });
});

describe('the sampler', () => {
  it('draws from the Gaussian: Mahalanobis distances are χ², here with four degrees of freedom', () => {
    const parameter = drawn(3, 4);
    const draw = gaussian.sampler(parameter, randomStream(1, 'test'));
    const n = 20000;
    const data = new Float64Array(4 * n);
    for (let j = 0; j < n; j++) draw(data, 4 * j);
    const precision = inverse(square(parameter.covariance));
    const bins = new Float64Array(20);
    for (let j = 0; j < n; j++) {
      const z = Matrix.columnVector(Array.from(parameter.mean, (m, i) => data[4 * j + i] - m));
      const q = z.transpose().mmul(precision).mmul(z).get(0, 0);
      bins[Math.floor(20 * (1 - Math.exp(-q / 2) * (1 + q / 2)))]++;
    }
    const statistic = bins.reduce((sum, count) => sum + (count - n / 20) ** 2 / (n / 20), 0);
    expect(statistic).toBeLessThan(43.8); // the 0.999 quantile of χ² with 19 degrees of freedom
  });

  it('draws with the mean and the covariance of the parameter', () => {
    const parameter = gaussian.parameter(
      {
        mean: [5, -5],
        covariance: [
          [4, 1.5],
          [1.5, 1],
        ],
      },
      'it',
    );
    const draw = gaussian.sampler(parameter, randomStream(2, 'test'));
    const n = 40000;
    const data = new Float64Array(2 * n);
    for (let j = 0; j < n; j++) draw(data, 2 * j);
    const moment = (f: (x: number, y: number) => number) =>
      Array.from({ length: n }, (_, j) => f(data[2 * j] - 5, data[2 * j + 1] + 5)).reduce((a, b) => a + b) / n;
    const close = (value: number, expected: number, variance: number) =>
      expect(Math.abs(value - expected)).toBeLessThan(4 * Math.sqrt(variance / n));
    close(
      moment((x) => x),
      0,
      4,
    );
    close(
      moment((_, y) => y),
      0,
      1,
    );
    close(
      moment((x) => x * x),
      4,
      2 * 16,
    );
    close(
      moment((_, y) => y * y),
      1,
      2,
    );
    close(
      moment((x, y) => x * y),
      1.5,
      4 * 1 + 1.5 ** 2,
    );
  });
});
