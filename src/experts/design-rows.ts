import { InvalidInput } from '../errors';
import { cholesky, gram, invertLower } from '../math/linear-algebra';
import type { Samples } from '../math/table';

/** Rows of covariates with the constant, x̃ = (1, x), as regressions on them need them. */
export interface DesignRows {
  /** S */
  readonly rows: number;
  /** 1 + d */
  readonly columns: number;
  /** the covariates, S × d */
  readonly table: Samples;
  /** x̃ of every row, S × (1 + d) */
  readonly design: Float64Array;
  /** the same with covariates of mean 0 and variance 1, so that sums of their squares keep their digits */
  readonly standardised: Float64Array;
  /** coefficients of the covariates from those of the standardised ones */
  unstandardised(coefficients: Float64Array): Float64Array;
}

/** A covariate with a variance below this share of its square is constant, and one that the others give up to this share depends on them. */
const SINGULAR = 1e-12;

/**
 * The rows of a table of covariates.
 * @throws InvalidInput if they are too few, or a covariate is constant on them or follows from others
 */
export function designRows(table: Samples): DesignRows {
  const { data, rows: S, columns: d } = table;
  const columns = d + 1;
  const [mean, deviation] = [new Float64Array(d), new Float64Array(d)];
  for (let i = 0; i < data.length; i++) mean[i % d] += data[i] / S;
  for (let i = 0; i < data.length; i++) deviation[i % d] += (data[i] - mean[i % d]) ** 2 / S;
  deviation.forEach((variance, j) => {
    deviation[j] = Math.sqrt(variance);
  });
  const constant = deviation.findIndex((one, j) => !(one > SINGULAR * Math.abs(mean[j])));
  if (constant >= 0)
    throw new InvalidInput(
      `covariate ${constant} is ${data[constant]} on all ${S} rows, so that nothing shows what depends on it: give rows on which it varies`,
    );
  const design = new Float64Array(S * columns);
  const standardised = new Float64Array(S * columns);
  for (let s = 0; s < S; s++) {
    design[s * columns] = standardised[s * columns] = 1;
    for (let j = 0; j < d; j++) {
      design[s * columns + 1 + j] = data[s * d + j];
      standardised[s * columns + 1 + j] = (data[s * d + j] - mean[j]) / deviation[j];
    }
  }
  const moments = weightedMoments(standardised, columns, new Float64Array(S).fill(1 / S));
  if (S < columns || !isRegular(moments, columns))
    throw new InvalidInput(
      `${S} rows of ${d} covariates do not tell coefficients apart: ${S < columns ? `at least ${columns} are needed, better some hundred` : 'some covariates follow from others, so leave them out of the models, or give other rows'}`,
    );
  return {
    rows: S,
    columns,
    table,
    design,
    standardised,
    unstandardised(coefficients) {
      const out = coefficients.slice();
      for (let j = 0; j < d; j++) {
        out[1 + j] /= deviation[j];
        out[0] -= out[1 + j] * mean[j];
      }
      return out;
    },
  };
}

/** Σ_s w_s z_s z_sᵀ, of rows z_s. */
export function weightedMoments(rows: Float64Array, columns: number, weights: Float64Array): Float64Array {
  const moments = new Float64Array(columns * columns);
  for (let s = 0; s < weights.length; s++) {
    for (let a = 0; a < columns; a++) {
      const one = weights[s] * rows[s * columns + a];
      if (one !== 0) for (let b = 0; b <= a; b++) moments[a * columns + b] += one * rows[s * columns + b];
    }
  }
  for (let a = 0; a < columns; a++) for (let b = 0; b < a; b++) moments[b * columns + a] = moments[a * columns + b];
  return moments;
}

function isRegular(moments: Float64Array, columns: number): boolean {
  const lower = cholesky(moments, columns);
  if (!lower) return false;
  for (let i = 0; i < columns; i++)
    if (!(lower[i * columns + i] ** 2 > SINGULAR * moments[i * columns + i])) return false;
  return true;
}

/** How much of its diagonal is added to a matrix that is nearly singular, a little more until it is not. */
const RIDGES = [0, 1e-10, 1e-7, 1e-4];

/** M⁻¹ b of a positive semidefinite matrix; along directions of which it says nothing, about 0. */
export function solved(matrix: Float64Array, right: Float64Array): Float64Array {
  const p = right.length;
  const scale = Float64Array.from(right, (_, i) => 1 / (Math.sqrt(matrix[i * p + i]) || 1));
  const scaled = matrix.map((entry, ij) => entry * scale[Math.floor(ij / p)] * scale[ij % p]);
  for (const ridge of RIDGES) {
    const ridged = scaled.slice();
    for (let i = 0; i < p; i++) ridged[i * p + i] += scaled[i * p + i] > 0 ? ridge : 1;
    if (ridge < RIDGES[RIDGES.length - 1] && !isRegular(ridged, p)) continue;
    const lower = cholesky(ridged, p);
    if (!lower) break;
    const inverse = gram(invertLower(lower, p), p);
    return right.map((_, i) => {
      let sum = 0;
      for (let j = 0; j < p; j++) sum += inverse[i * p + j] * right[j] * scale[j];
      return sum * scale[i];
    });
  }
  return new Float64Array(p);
}
