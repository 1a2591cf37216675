import * as fc from 'fast-check';
import { determinant, inverse, Matrix } from 'ml-matrix';
import { expect, it } from 'vitest';
import { cholesky, congruence, gram, invertLower, logDeterminant, squareRoot, symmetricEigen } from './linear-algebra';
import { randomStream } from './random';

const RUNS = { seed: 1, numRuns: 40 };
const sizes = { seed: fc.nat(), d: fc.integer({ min: 1, max: 12 }) };

/** A positive definite matrix: A Aᵀ + I / 10. */
function drawnMatrix(seed: number, d: number): Float64Array {
  const random = randomStream(seed, 'test');
  const a = new Matrix(Array.from({ length: d }, () => Array.from({ length: d }, () => 2 * random() - 1)));
  return flat(a.mmul(a.transpose()).add(Matrix.eye(d).mul(0.1)));
}

const flat = (matrix: Matrix): Float64Array => Float64Array.from(matrix.to1DArray());
const square = (values: Float64Array, d: number): Matrix => Matrix.from1DArray(d, d, [...values]);

function expectClose(actual: Float64Array, expected: Float64Array, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
  expect(worst).toBeLessThanOrEqual(tolerance * scale);
}

it('factors a positive definite matrix into L Lᵀ with a lower triangle L', () => {
  fc.assert(
    fc.property(fc.record(sizes), ({ seed, d }) => {
      const matrix = drawnMatrix(seed, d);
      const lower = square(cholesky(matrix, d) as Float64Array, d);
      expectClose(flat(lower.mmul(lower.transpose())), matrix, 1e-14);
      for (let i = 0; i < d; i++) for (let j = i + 1; j < d; j++) expect(lower.get(i, j)).toBe(0);
    }),
    RUNS,
  );
});

it('reads only the lower triangle and may write the factor over the matrix', () => {
  const matrix = Float64Array.of(4, Number.NaN, 2, 10);
  expect(cholesky(matrix, 2, matrix)).toBe(matrix);
  expect([matrix[0], matrix[2], matrix[3]]).toEqual([2, 1, 3]);
});

it.each([
  ['indefinite', [1, 2, 2, 1]],
  ['singular', [1, 1, 1, 1]],
  ['negative', [-1, 0, 0, 1]],
  ['NaN', [1, 0, Number.NaN, 1]],
  ['infinite', [Infinity, 0, 0, 1]],
])('has no factor of a matrix that is %s', (_, values) => {
  expect(cholesky(Float64Array.from(values), 2)).toBeUndefined();
});

it('finds log determinant and inverse from the factor', () => {
  fc.assert(
    fc.property(fc.record(sizes), ({ seed, d }) => {
      const matrix = drawnMatrix(seed, d);
      const lower = cholesky(matrix, d) as Float64Array;
      const expected = Math.log(determinant(square(matrix, d)));
      expect(Math.abs(logDeterminant(lower, d) - expected)).toBeLessThan(1e-11 * d);
      const whitening = invertLower(lower, d);
      expectClose(flat(square(whitening, d).mmul(square(lower, d))), flat(Matrix.eye(d)), 1e-12);
      expectClose(gram(whitening, d), flat(inverse(square(matrix, d))), 1e-10);
    }),
    RUNS,
  );
});

it('keeps the log determinant where the determinant itself under- or overflows', () => {
  const d = 500;
  for (const scale of [1e-200, 1e200]) {
    const matrix = Float64Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? scale : 0));
    const lower = cholesky(matrix, d) as Float64Array;
    expect(logDeterminant(lower, d)).toBeCloseTo(d * Math.log(scale), 6);
  }
});

it('lists eigenvalues in ascending order, with their eigenvectors as columns', () => {
  fc.assert(
    fc.property(fc.record(sizes), ({ seed, d }) => {
      const matrix = drawnMatrix(seed, d);
      const { values, vectors } = symmetricEigen(matrix, d);
      for (let i = 1; i < d; i++) expect(values[i]).toBeGreaterThanOrEqual(values[i - 1]);
      const rebuilt = vectors.mmul(Matrix.diag(values)).mmul(vectors.transpose());
      expectClose(flat(rebuilt), matrix, 1e-13);
    }),
    RUNS,
  );
});

it('has a symmetric square root, also of a singular matrix', () => {
  const check = (matrix: Float64Array, d: number) => {
    const root = square(squareRoot(matrix, d), d);
    expectClose(flat(root.transpose()), flat(root), 1e-13);
    expectClose(flat(root.mmul(root)), matrix, 1e-13);
  };
  fc.assert(
    fc.property(fc.record(sizes), ({ seed, d }) => check(drawnMatrix(seed, d), d)),
    RUNS,
  );
  check(Float64Array.of(1, 1, 1, 1), 2);
  const line = [0.3, 0.7, 0.9]; // whose matrix has an eigenvalue that rounding makes negative
  check(Float64Array.from(line.flatMap((a) => line.map((b) => a * b))), 3);
  check(new Float64Array(9), 3);
});

it('the congruence of a matrix is Fᵀ M F', () => {
  const [M, F] = [Float64Array.of(2, 1, 1, 3), Float64Array.of(1, 2, 0, 5)];
  expect([...congruence(M, F, 2)]).toEqual([2, 9, 9, 103]); // M F = [[2, 9], [1, 17]]
});
