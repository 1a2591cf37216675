import { DfmrError } from '../errors';
import type { Family, InnerProductDerivatives, ScoreOfRow } from '../families/family';
import { fastForm } from '../families/fast-form';
import { NEGLIGIBLE } from '../kernels/gaussian-em-plain';
import type { SumOfSquares } from '../kernels/squares';
import { missingIn } from '../math/missing-cells';
import { type Samples, samplesOf } from '../math/table';
import type { Mixture } from '../mixture/mixture';
import { noiseProbabilities, responsibilities } from '../mixture/posterior';

/** Central differences of this step, in units of the scale on which a density changes, extrapolated twice (Richardson). */
const DIFFERENCE_STEP = 0.02;

const STEP_PARTS = [1, 0.5, 0.25];

/** What central differences with the steps h, h/2 and h/4 extrapolate to, their errors being even powers of h. */
function extrapolated(difference: (step: number, part: number) => number): number {
  const [one, half, quarter] = STEP_PARTS.map((part, i) => difference(DIFFERENCE_STEP * part, i));
  const [a, b] = [(4 * half - one) / 3, (4 * quarter - half) / 3];
  return (16 * b - a) / 15;
}

/** I(θ, θ′) and its derivatives: the family's own, or numerical ones, to about 1e-9 of their scale. */
export function innerProductDerivatives<P>(family: Family<P>, a: P, b: P): InnerProductDerivatives {
  const exact = fastForm(family, 'innerProductDerivatives');
  if (exact) return exact(a, b);
  const [x, y] = [family.toVector(a), family.toVector(b)];
  const value = Math.exp(family.logInnerProduct(a, b));
  const [scaleA, scaleB] = [scales(family, a), scales(family, b)];
  const d = family.dimension(a);
  const at = (i: number, stepA: number, j: number, stepB: number): number =>
    Math.exp(
      family.logInnerProduct(moved(family, d, x, i, stepA * scaleA[i]), moved(family, d, y, j, stepB * scaleB[j])),
    );
  const p = x.length;
  const first = Float64Array.from({ length: p }, (_, i) =>
    extrapolated((h) => (at(i, h, 0, 0) - at(i, -h, 0, 0)) / (2 * h * scaleA[i])),
  );
  const second = Float64Array.from({ length: p }, (_, j) =>
    extrapolated((h) => (at(0, 0, j, h) - at(0, 0, j, -h)) / (2 * h * scaleB[j])),
  );
  const mixed = Float64Array.from({ length: p * p }, (_, ij) => {
    const [i, j] = [Math.floor(ij / p), ij % p];
    const four = (h: number) => at(i, h, j, h) - at(i, h, j, -h) - at(i, -h, j, h) + at(i, -h, j, -h);
    return extrapolated((h) => four(h) / (4 * h * h * scaleA[i] * scaleB[j]));
  });
  return { value, first, second, mixed };
}

function moved<P>(family: Family<P>, d: number, vector: Float64Array, i: number, step: number): P {
  if (step === 0) return family.parameter(family.fromVector(vector, d), 'θ');
  const other = vector.slice();
  other[i] += step;
  return family.parameter(family.fromVector(other, d), 'a θ near by');
}

/**
 * How far each coordinate of θ can move before the density is another: (I / ∂_i ∂_i′ I)^½ at θ′ = θ, found from small steps that are
 * made larger or smaller until the density changes by enough to measure; less if the family, or its square integrable densities, end near by.
 */
function scales<P>(family: Family<P>, theta: P): Float64Array {
  const x = family.toVector(theta);
  const d = family.dimension(theta);
  const value = Math.exp(family.logInnerProduct(theta, theta));
  if (!(value < Infinity)) return x.map((coordinate) => 0.1 * (Math.abs(coordinate) || 1));
  const product = (a: P, b: P) => Math.exp(family.logInnerProduct(a, b));
  /** 4 h² ∂∂′I / I, of which 4 DIFFERENCE_STEP² is wanted; Infinity if a step is too far */
  const change = (i: number, h: number): number => {
    try {
      for (const sign of [1, -1]) moved(family, d, x, i, 10 * sign * h); // near an end of the family densities bend
      const [up, down] = [moved(family, d, x, i, h), moved(family, d, x, i, -h)];
      const seen = (product(up, up) - 2 * product(up, down) + product(down, down)) / value;
      return Number.isNaN(seen) ? Infinity : seen;
    } catch (error) {
      if (!(error instanceof DfmrError)) throw error;
      return Infinity;
    }
  };
  return x.map((coordinate, i) => {
    let scale = 0.1 * (Math.abs(coordinate) || 1);
    let highest = Infinity;
    for (let round = 0; round < 60; round++) {
      const seen = change(i, DIFFERENCE_STEP * scale);
      if (seen === Infinity) highest = scale / 2;
      // what is below 1e-9 is rounding
      const next = seen > 1e-9 ? scale * Math.min(10, (2 * DIFFERENCE_STEP) / Math.sqrt(seen)) : 10 * scale;
      const last = scale;
      scale = Math.min(seen > 0.5 ? scale / 10 : next, highest);
      if (Math.abs(scale - last) < 0.1 * last) break;
    }
    return scale;
  });
}

/** Prepares ∂ log f(x; θ) / ∂θ of the rows of tables. */
function scoresOf<P>(family: Family<P>, theta: P): (rows: Samples) => ScoreOfRow {
  const exact = fastForm(family, 'scores');
  if (exact) return (rows) => exact(rows, theta);
  const x = family.toVector(theta);
  const p = x.length;
  const scale = scales(family, theta);
  const d = family.dimension(theta);
  return (rows) => {
    const n = rows.rows;
    const scores = new Float64Array(n * p);
    const density = family.logDensity(rows);
    const [up, down] = [0, 1].map(() => STEP_PARTS.map(() => new Float64Array(n)));
    for (let i = 0; i < p; i++) {
      const step = (part: number) => DIFFERENCE_STEP * STEP_PARTS[part] * scale[i];
      for (const part of STEP_PARTS.keys()) {
        density(moved(family, d, x, i, step(part)), up[part]);
        density(moved(family, d, x, i, -step(part)), down[part]);
      }
      for (let j = 0; j < n; j++)
        scores[j * p + i] = extrapolated((_, part) => (up[part][j] - down[part][j]) / (2 * step(part)));
    }
    return (j, factor, out, offset) => {
      for (let i = 0; i < p; i++) out[offset + i] = factor * scores[j * p + i];
    };
  };
}

/**
 * Prepares ∂ log f_G(x) / ∂(w_1 … w_{K−1}, θ_1 … θ_K) of rows, n × P, row-major; with noise last that by its weight w₀, for a known box.
 * They are written to an array that is given, or to a new one.
 */
export function mixtureScores<P>(mixture: Mixture<P>): (rows: Samples, out?: Float64Array) => Float64Array {
  const { family, dimension, order: K, weights, parameters, noise } = mixture;
  const p = family.size(dimension);
  const P = K - 1 + K * p + (noise ? 1 : 0);
  const last = K - 1;
  const components = parameters.map((theta) => scoresOf(family, theta));
  return (rows, out) => {
    const shares = responsibilities(mixture, rows, missingIn(rows));
    const scores = out?.fill(0) ?? new Float64Array(rows.rows * P);
    const scoreOf = components.map((prepared) => prepared(rows));
    for (let j = 0; j < rows.rows; j++) {
      for (let k = 0; k < K; k++) {
        const share = shares[j * K + k];
        if (k < last) scores[j * P + k] = share / weights[k] - shares[j * K + last] / weights[last];
        if (share > NEGLIGIBLE) scoreOf[k](j, share, scores, j * P + last + k * p);
      }
    }
    if (noise) {
      noiseProbabilities(mixture, rows, missingIn(rows)).forEach((share, j) => {
        scores[(j + 1) * P - 1] = share / noise.weight - (1 - share) / (1 - noise.weight);
      });
    }
    return scores;
  };
}

/** Multiplications between two steps, a few hundredths of a second; and rows at most. */
const [STEP_SIZE, STEP_ROWS] = [2 ** 27, 4096];

/**
 * Adds Σ_j m_j s_j s_jᵀ of the scores s_j of rows, in steps that say how many rows are done.
 * @param masses m_j ≥ 0
 */
export function* addScores<P>(
  sum: SumOfSquares,
  mixture: Mixture<P>,
  { data, rows, columns }: Samples,
  masses: Float64Array,
): Generator<number, void, void> {
  const scores = mixtureScores(mixture);
  const P = mixture.order * (1 + mixture.family.size(columns)) - (mixture.noise ? 0 : 1);
  const step = Math.min(rows, STEP_ROWS, Math.ceil(STEP_SIZE / P ** 2));
  const room = new Float64Array(step * P); // of all steps: new memory takes longer to be given out than to be filled
  for (let first = 0; first < rows; first += step) {
    const end = Math.min(first + step, rows);
    const some = samplesOf(data.subarray(first * columns, end * columns), end - first, columns);
    sum.add(scores(some, room.subarray(0, (end - first) * P)), masses.subarray(first, end));
    yield end;
  }
}
