import { BeyondFloat64 } from '../errors';
import { NEGLIGIBLE } from '../kernels/gaussian-em-plain';
import { LOG_2PI } from '../math/gamma-function';
import { cholesky, gram, invertLower, logDeterminant } from '../math/linear-algebra';
import { countOf, type Samples, samplesOf } from '../math/table';
import type { LogDensity } from './family';
import { firstDependentColumn, scatter, weightedMean } from './gaussian-moments';
import type { GaussianParameter } from './gaussian-parameter';
import { type Pattern, patternsOf } from './incomplete-patterns';

// Gaussians of rows with missing cells (Little and Rubin 2002, chapter 11; Ghahramani and Jordan 1994). Of a pattern, with its observed
// columns o before its missing ones m, one factorisation says all:
//
//   Σ = L Lᵀ,  L = ( L_oo   0   )    z = L_oo⁻¹ (x_o − μ_o)    log f(x_o) = −½ (|o| log 2π + log det L_oo L_ooᵀ + |z|²)
//                  ( L_mo  L_mm )    E(x_m | x_o) = μ_m + L_mo z    cov(x_m | x_o) = L_mm L_mmᵀ

/** Prepares log f of the observed cells of all rows; 0 for a row without any. `whole` is the density of rows that miss nothing. */
export function incompleteLogDensity(
  samples: Samples,
  whole: (samples: Samples) => LogDensity<GaussianParameter>,
): LogDensity<GaussianParameter> {
  const { data, columns: d } = samples;
  const all = patternsOf(samples);
  const patterns = all.filter(({ observed }) => observed < d);
  const wholeRows = all.find(({ observed }) => observed === d)?.rows;
  const ofWhole = wholeRows && whole(rowsOf(samples, wholeRows));
  const logs = new Float64Array(wholeRows?.length ?? 0);
  const lower = new Float64Array(d * d);
  const z = new Float64Array(d);
  return (parameter, out) => {
    ofWhole?.(parameter, logs);
    wholeRows?.forEach((j, at) => {
      out[j] = logs[at];
    });
    for (const pattern of patterns) {
      const { observed, rows } = pattern;
      factorise(parameter.covariance, pattern, observed, lower);
      const constant = -0.5 * (observed * LOG_2PI + logDeterminant(lower, observed));
      for (const j of rows) {
        const squared = standardise(data, j * d, parameter.mean, pattern, lower, observed, z);
        out[j] = Number.isNaN(squared) ? -Infinity : constant - 0.5 * squared; // Infinity − Infinity: beyond float64
      }
    }
  };
}

/** Of each pattern, Σ_oo⁻¹ at the places of the observed columns, and 0 elsewhere, d × d. */
export function* marginalPrecisions(
  samples: Samples,
  { covariance }: GaussianParameter,
): Generator<{ readonly rows: Int32Array; readonly precision: Float64Array }> {
  const d = samples.columns;
  for (const pattern of patternsOf(samples)) {
    const { columns, observed, rows } = pattern;
    const lower = new Float64Array(observed * observed);
    factorise(covariance, pattern, observed, lower);
    const inverse = gram(invertLower(lower, observed), observed);
    const precision = new Float64Array(d * d);
    for (let i = 0; i < observed; i++)
      for (let j = 0; j < observed; j++) precision[columns[i] * d + columns[j]] = inverse[i * observed + j];
    yield { rows, precision };
  }
}

/** Some rows of the samples, in a table of their own. */
function rowsOf({ data, columns: d }: Samples, rows: Int32Array): Samples {
  const own = new Float64Array(rows.length * d);
  rows.forEach((j, at) => {
    own.set(data.subarray(j * d, (j + 1) * d), at * d);
  });
  return samplesOf(own, rows.length, d);
}

/** L of the first `size` columns of a pattern, size × size: |o| for a density, d for what is missing too. */
function factorise(covariance: Float64Array, { columns }: Pattern, size: number, lower: Float64Array): void {
  const d = columns.length;
  for (let i = 0; i < size; i++) {
    const row = columns[i] * d;
    for (let c = 0; c <= i; c++) lower[i * size + c] = covariance[row + columns[c]];
  }
  if (!cholesky(lower, size, lower))
    throw new BeyondFloat64('the covariance of some features is singular in float64: rescale them, or drop one');
}

/** Writes z = L_oo⁻¹ (x_o − μ_o) of the row that begins at a place of the data, and answers |z|². */
function standardise(
  data: Float64Array,
  row: number,
  mean: Float64Array,
  { columns, observed }: Pattern,
  lower: Float64Array,
  size: number,
  z: Float64Array,
): number {
  let squared = 0;
  for (let i = 0; i < observed; i++) {
    const line = i * size;
    let rest = data[row + columns[i]] - mean[columns[i]];
    for (let c = 0; c < i; c++) rest -= lower[line + c] * z[c];
    z[i] = rest / lower[line + i];
    squared += z[i] * z[i];
  }
  return squared;
}

/** The rows as a component expects them. */
export interface CompletedRows {
  /** the rows with E(x_m | x_o) in place of what is missing, valid until rows are completed again */
  readonly rows: Samples;
  /** Σ_j r_j cov(x_j | its observed cells), d × d: what a scatter about expected cells lacks */
  readonly spread: Float64Array;
}

/**
 * Prepares the completion of rows by a component. Where the share r of a row is negligible, its cells are left as they were.
 * @returns the expected rows under θ, and how far they scatter about what is expected
 */
export function completion(samples: Samples): (parameter: GaussianParameter, shares: Float64Array) => CompletedRows {
  const { data, columns: d } = samples;
  const patterns = patternsOf(samples).filter(({ observed }) => observed < d);
  const filled = data.slice();
  const rows = { ...samples, data: filled };
  const lower = new Float64Array(d * d);
  const z = new Float64Array(d);
  return ({ mean, covariance }, shares) => {
    const spread = new Float64Array(d * d);
    for (const pattern of patterns) {
      const { columns, observed } = pattern;
      let mass = 0;
      for (const j of pattern.rows) {
        if (!(shares[j] > NEGLIGIBLE)) continue;
        if (mass === 0) factorise(covariance, pattern, d, lower);
        mass += shares[j];
        standardise(data, j * d, mean, pattern, lower, d, z);
        for (let i = observed; i < d; i++) {
          let expected = mean[columns[i]];
          for (let c = 0; c < observed; c++) expected += lower[i * d + c] * z[c];
          filled[j * d + columns[i]] = expected;
        }
      }
      if (mass > 0) addSpread(pattern, lower, mass, spread);
    }
    return { rows, spread };
  };
}

/** Adds mass · L_mm L_mmᵀ to the places of the missing columns. */
function addSpread({ columns, observed }: Pattern, lower: Float64Array, mass: number, spread: Float64Array): void {
  const d = columns.length;
  for (let i = observed; i < d; i++) {
    for (let j = observed; j <= i; j++) {
      let sum = 0;
      for (let c = observed; c <= j; c++) sum += lower[i * d + c] * lower[j * d + c];
      spread[columns[i] * d + columns[j]] += mass * sum;
      if (i !== j) spread[columns[j] * d + columns[i]] += mass * sum;
    }
  }
}

/** Rounds of EM for the moments of all rows, at most. */
const MAX_ROUNDS = 1000;

/** EM for the moments ends once a round changes each by no more than this, in units of the standard deviations. */
const MOMENT_TOLERANCE = 1e-11;

/** What all rows with missing cells say together. */
export interface IncompleteMoments {
  readonly mean: Float64Array;
  /** Σ, the maximum of the likelihood, divisor n */
  readonly covariance: Float64Array;
  /** the rows with what is expected in place of what is missing */
  readonly completed: Samples;
}

const known = new WeakMap<Samples, IncompleteMoments>();

/**
 * The mean and the covariance of all rows by EM with one component, from the moments of each column's observed cells. Every column
 * must vary. Ends early where the covariance becomes singular, as that of columns that follow from others does.
 */
export function incompleteMoments(samples: Samples): IncompleteMoments {
  const before = known.get(samples);
  if (before) return before;
  const { rows, columns: d, weights } = samples;
  const shares = weights ?? new Float64Array(rows).fill(1);
  const members = Int32Array.from({ length: rows }, (_, j) => j);
  const total = countOf(samples);
  const complete = completion(samples);
  let { mean, covariance } = momentsOfColumns(samples, shares);
  let completed = complete({ mean, covariance }, shares);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const last = { mean, covariance, lower: cholesky(covariance, d) };
    mean = weightedMean(completed.rows, members, shares);
    covariance = scatter(completed.rows, members, shares, mean).map((sum, i) => (sum + completed.spread[i]) / total);
    const lower = cholesky(covariance, d);
    if (!lower || !last.lower || firstDependentColumn(covariance, d) >= 0) break;
    completed = complete({ mean, covariance }, shares);
    if (movedBy({ mean, covariance, lower }, { ...last, lower: last.lower }) <= MOMENT_TOLERANCE) break;
  }
  const moments = { mean, covariance, completed: { ...completed.rows, data: completed.rows.data.slice() } };
  known.set(samples, moments);
  return moments;
}

interface Factorised extends GaussianParameter {
  readonly lower: Float64Array;
}

/** The largest change of a mean or a covariance, in standard deviations, or of a conditional deviation L_ii, as a share of it. */
function movedBy(to: Factorised, from: Factorised): number {
  const d = to.mean.length;
  const deviation = Array.from({ length: d }, (_, i) => Math.sqrt(to.covariance[i * d + i]));
  let most = 0;
  for (let i = 0; i < d; i++) {
    most = Math.max(
      most,
      Math.abs(to.mean[i] - from.mean[i]) / deviation[i],
      Math.abs(to.lower[i * d + i] - from.lower[i * d + i]) / to.lower[i * d + i],
    );
    for (let c = 0; c < i; c++) {
      const change = Math.abs(to.covariance[i * d + c] - from.covariance[i * d + c]);
      most = Math.max(most, change / deviation[i] / deviation[c]);
    }
  }
  return most;
}

/** The mean and the variance of the observed cells of each column. */
function momentsOfColumns({ data, columns: d }: Samples, shares: Float64Array): GaussianParameter {
  const mean = new Float64Array(d);
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    let mass = 0;
    for (let j = 0; j < shares.length; j++) {
      const value = data[j * d + i];
      if (Number.isNaN(value)) continue;
      mass += shares[j];
      mean[i] += (shares[j] / mass) * (value - mean[i]);
    }
    for (let j = 0; j < shares.length; j++) {
      const value = data[j * d + i];
      if (!Number.isNaN(value)) covariance[i * d + i] += (shares[j] / mass) * (value - mean[i]) ** 2;
    }
  }
  return { mean, covariance };
}
