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
  for (let j = 0; j < d; j++) {
    const own = j * d;
    let pivot = matrix[own + j];
    for (let k = 0; k < j; k++) pivot -= out[own + k] * out[own + k];
    if (!(pivot > 0 && pivot < Infinity)) return undefined;
    const root = Math.sqrt(pivot);
    out[own + j] = root;
    let i = j + 1;
    // four rows at once, as each sum waits for its last term
    for (; i + 4 <= d; i += 4) {
      const [r0, r1, r2, r3] = [i * d, (i + 1) * d, (i + 2) * d, (i + 3) * d];
      let [s0, s1, s2, s3] = [matrix[r0 + j], matrix[r1 + j], matrix[r2 + j], matrix[r3 + j]];
      for (let k = 0; k < j; k++) {
        const factor = out[own + k];
        s0 -= out[r0 + k] * factor;
        s1 -= out[r1 + k] * factor;
        s2 -= out[r2 + k] * factor;
        s3 -= out[r3 + k] * factor;
      }
      out[r0 + j] = s0 / root;
      out[r1 + j] = s1 / root;
      out[r2 + j] = s2 / root;
      out[r3 + j] = s3 / root;
    }
    for (; i < d; i++) {
      let sum = matrix[i * d + j];
      for (let k = 0; k < j; k++) sum -= out[i * d + k] * out[own + k];
      out[i * d + j] = sum / root;
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
  for (let i = 0; i < d; i++) {
    const row = i * d;
    let k = 0;
    // four lines at once, so that a sum is loaded and stored once for them; above their diagonal is 0
    for (; k + 4 <= i; k += 4) {
      const [f0, f1, f2, f3] = [lower[row + k], lower[row + k + 1], lower[row + k + 2], lower[row + k + 3]];
      const [r0, r1, r2, r3] = [k * d, (k + 1) * d, (k + 2) * d, (k + 3) * d];
      for (let j = 0; j < k + 4; j++)
        inverse[row + j] =
          inverse[row + j] + f0 * inverse[r0 + j] + f1 * inverse[r1 + j] + f2 * inverse[r2 + j] + f3 * inverse[r3 + j];
    }
    for (; k < i; k++) {
      const factor = lower[row + k];
      for (let j = 0, from = k * d; j <= k; j++) inverse[row + j] += factor * inverse[from + j];
    }
    for (let j = 0; j < i; j++) inverse[row + j] = -inverse[row + j] / lower[row + i];
    inverse[row + i] = 1 / lower[row + i];
  }
  return inverse;
}

/** Wᵀ W of a lower triangle W: the inverse of L Lᵀ when W = L⁻¹. */
export function gram(lower: Float64Array, d: number): Float64Array {
  const product = new Float64Array(d * d);
  const addLine = (k: number, first: number) => {
    for (let i = first; i <= k; i++) {
      const factor = lower[k * d + i];
      for (let j = 0, to = i * d; j <= i; j++) product[to + j] += factor * lower[k * d + j];
    }
  };
  let k = 0;
  // four lines at once, so that a sum is loaded and stored once for them
  for (; k + 4 <= d; k += 4) {
    const [r0, r1, r2, r3] = [k * d, (k + 1) * d, (k + 2) * d, (k + 3) * d];
    for (let i = 0; i <= k; i++) {
      const [f0, f1, f2, f3] = [lower[r0 + i], lower[r1 + i], lower[r2 + i], lower[r3 + i]];
      for (let j = 0, to = i * d; j <= i; j++)
        product[to + j] =
          product[to + j] + f0 * lower[r0 + j] + f1 * lower[r1 + j] + f2 * lower[r2 + j] + f3 * lower[r3 + j];
    }
    for (let line = k + 1; line < k + 4; line++) addLine(line, k + 1);
  }
  for (; k < d; k++) addLine(k, 0);
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) product[j * d + i] = product[i * d + j];
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
