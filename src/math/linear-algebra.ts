import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { InvalidInput } from '../errors';

// Symmetric d × d matrices and lower triangles, flat and row-major.

/**
 * The lower triangle L with L Lᵀ = matrix, or undefined if the matrix is not positive definite.
 * Reads the lower triangle only; writes into `out`, which may be the matrix itself.
 */
export function cholesky(
  matrix: Float64Array,
  d: number,
  out: Float64Array = new Float64Array(d * d),
): Float64Array | undefined {
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * d + j];
      for (let k = 0; k < j; k++) sum -= out[i * d + k] * out[j * d + k];
      if (i > j) out[i * d + j] = sum / out[j * d + j];
      else if (sum > 0 && sum < Infinity) out[i * d + i] = Math.sqrt(sum);
      else return undefined;
    }
  }
  return out;
}

/** log det(L Lᵀ) of a lower triangle. */
export function logDeterminant(lower: Float64Array, d: number): number {
  let sum = 0;
  for (let i = 0; i < d; i++) sum += Math.log(lower[i * d + i]);
  return 2 * sum;
}

/** The inverse of a lower triangle, itself a lower triangle. */
export function invertLower(lower: Float64Array, d: number): Float64Array {
  const inverse = new Float64Array(d * d);
  for (let j = 0; j < d; j++) {
    inverse[j * d + j] = 1 / lower[j * d + j];
    for (let i = j + 1; i < d; i++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum += lower[i * d + k] * inverse[k * d + j];
      inverse[i * d + j] = -sum / lower[i * d + i];
    }
  }
  return inverse;
}

/** Wᵀ W of a lower triangle W: the inverse of L Lᵀ when W = L⁻¹. */
export function gram(lower: Float64Array, d: number): Float64Array {
  const product = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = i; k < d; k++) sum += lower[k * d + i] * lower[k * d + j];
      product[i * d + j] = sum;
      product[j * d + i] = sum;
    }
  }
  return product;
}

/** Eigenvalues, ascending, and eigenvectors (as columns) of a symmetric matrix. */
export function symmetricEigen(matrix: Float64Array, d: number): { values: number[]; vectors: Matrix } {
  const largest = matrix.reduce((most, entry) => Math.max(most, Math.abs(entry)), 0);
  if (!(largest < Infinity)) throw new InvalidInput(`a matrix with an entry ${largest} has no eigenvalues`);
  const scale = 2 ** Math.floor(Math.log2(largest)) || 1; // squares of the entries stay within float64
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(
    toMatrix(
      matrix.map((entry) => entry / scale),
      d,
    ),
    { assumeSymmetric: true },
  );
  return { values: realEigenvalues.map((value) => value * scale), vectors: eigenvectorMatrix };
}

/** The symmetric square root of a positive semidefinite matrix. */
export function squareRoot(matrix: Float64Array, d: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, d);
  const roots = Matrix.diag(values.map((value) => Math.sqrt(Math.max(value, 0))));
  return Float64Array.from(vectors.mmul(roots).mmul(vectors.transpose()).to1DArray());
}

/** Fᵀ M F. */
export function congruence(matrix: Float64Array, factor: Float64Array, d: number): Float64Array {
  const [M, F] = [toMatrix(matrix, d), toMatrix(factor, d)];
  return Float64Array.from(F.transpose().mmul(M).mmul(F).to1DArray());
}

function toMatrix(flat: Float64Array, d: number): Matrix {
  return Matrix.from1DArray(d, d, flat as unknown as number[]);
}
