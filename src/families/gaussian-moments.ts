import { InvalidInput } from '../errors';
import { cholesky } from '../math/linear-algebra';
import { constancyOf } from '../math/missing-cells';
import type { Samples } from '../math/table';

// Moments of rows that count by their shares.

/** A column of which less than this share of variance is left, given those before it, cannot be fitted in float64. */
const MIN_RESIDUAL_SHARE = 1e-11;

/** The rows whose share is above the least. */
export function rowsAbove(shares: Float64Array, least: number): Int32Array {
  const rows = new Int32Array(shares.length);
  let count = 0;
  for (let j = 0; j < shares.length; j++) if (shares[j] > least) rows[count++] = j;
  return rows.subarray(0, count);
}

/** Σ r x / Σ r over the members. */
export function weightedMean({ data, columns: d }: Samples, members: Int32Array, shares: Float64Array): Float64Array {
  const mean = new Float64Array(d);
  let mass = 0;
  for (const j of members) {
    mass += shares[j];
    for (let i = 0; i < d; i++) mean[i] += shares[j] * data[j * d + i];
  }
  return mean.map((sum) => sum / mass);
}

/**
 * Σ_j r_j (x_j − μ)(x_j − μ)ᵀ over the members, lower triangle and its mirror image.
 * Four rows at a time, so that each sum is loaded and stored once for four.
 */
export function scatter(
  { data, columns: d }: Samples,
  members: Int32Array,
  shares: Float64Array,
  mean: Float64Array,
): Float64Array {
  const sums = new Float64Array(d * d);
  const centred = new Float64Array(4 * d); // feature by feature, four rows each
  const share = new Float64Array(4);
  for (let first = 0; first < members.length; first += 4) {
    for (let lane = 0; lane < 4; lane++) {
      const j = members[Math.min(first + lane, members.length - 1)];
      share[lane] = first + lane < members.length ? shares[j] : 0;
      for (let i = 0; i < d; i++) centred[4 * i + lane] = data[j * d + i] - mean[i];
    }
    for (let i = 0; i < d; i++) {
      const a0 = share[0] * centred[4 * i];
      const a1 = share[1] * centred[4 * i + 1];
      const a2 = share[2] * centred[4 * i + 2];
      const a3 = share[3] * centred[4 * i + 3];
      for (let x = 0, s = i * d; x <= 4 * i; x += 4, s++) {
        sums[s] += a0 * centred[x] + a1 * centred[x + 1] + a2 * centred[x + 2] + a3 * centred[x + 3];
      }
    }
  }
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) sums[j * d + i] = sums[i * d + j];
  return sums;
}

/** The first column that is a linear combination of those before it, up to rounding; −1 if none is. */
export function firstDependentColumn(covariance: Float64Array, d: number): number {
  const deviation = Array.from({ length: d }, (_, i) => Math.sqrt(covariance[i * d + i]));
  const correlation = covariance.map((value, ij) => value / deviation[Math.floor(ij / d)] / deviation[ij % d]);
  const lower = new Float64Array(d * d);
  cholesky(correlation, d, lower);
  return deviation.findIndex((_, i) => lower[i * d + i] ** 2 < MIN_RESIDUAL_SHARE);
}

/** @throws InvalidInput if a column has one value only, or none */
export function requireVarying(samples: Samples, column: number): void {
  const observed = constancyOf(samples, column);
  if (!observed) throw new InvalidInput(`no cell of column ${column} is observed: drop it`);
  if (observed.constant)
    throw new InvalidInput(
      `column ${column} is constant (${observed.value}): a Gaussian needs columns that vary, so drop it`,
    );
}
