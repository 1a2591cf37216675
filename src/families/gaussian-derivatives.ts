import { isIncomplete } from '../math/missing-cells';
import type { Samples } from '../math/table';
import type { InnerProductDerivatives, ScoreOfRow } from './family';
import { factorsOf, type GaussianParameter, gaussianParameter } from './gaussian-parameter';
import { marginalPrecisions } from './incomplete-gaussian';

/** The entries (i, j), i ≥ j, of a symmetric matrix in the order of vech. */
function vechEntries(d: number): (readonly [number, number])[] {
  const entries: (readonly [number, number])[] = [];
  for (let j = 0; j < d; j++) for (let i = j; i < d; i++) entries.push([i, j]);
  return entries;
}

/**
 * The derivatives of I = φ(δ; S), δ = μ − μ′, S = Σ + Σ′, P = S⁻¹, v = P δ. An entry of vech stands for both of its places, so that a unit
 * E of it is e_i e_jᵀ + e_j e_iᵀ, or e_i e_iᵀ: ∂_E I = I g_E, g_E = ½ (vᵀ E v − tr P E), and ∂_F g_E = −vᵀ E P F v + ½ tr P F P E.
 */
export function gaussianInnerProductDerivatives(
  a: GaussianParameter,
  b: GaussianParameter,
  logInnerProduct: number,
): InnerProductDerivatives {
  const d = a.mean.length;
  const sum = a.covariance.map((entry, ij) => entry + b.covariance[ij]);
  const { precision: P } = factorsOf(gaussianParameter(new Float64Array(d), sum, 'the sum of two covariances'));
  const delta = a.mean.map((value, i) => value - b.mean[i]);
  const v = delta.map((_, i) => delta.reduce((total, value, j) => total + P[i * d + j] * value, 0));
  const value = Math.exp(logInnerProduct);
  const entries = vechEntries(d);
  const p = d + entries.length;
  const both = (i: number, j: number) => (i === j ? 0.5 : 1);
  // vᵀ E v = 2 both v_i v_j, tr P E = 2 both P_ij
  const g = entries.map(([i, j]) => both(i, j) * (v[i] * v[j] - P[i * d + j]));

  const first = new Float64Array(p);
  const second = new Float64Array(p);
  const mixed = new Float64Array(p * p);
  for (let i = 0; i < d; i++) {
    first[i] = -value * v[i];
    second[i] = value * v[i];
    for (let j = 0; j < d; j++) mixed[i * p + j] = value * (P[i * d + j] - v[i] * v[j]);
  }
  entries.forEach(([i, j], e) => {
    first[d + e] = second[d + e] = value * g[e];
    for (let k = 0; k < d; k++) {
      // (P E v)_k = both (P_ki v_j + P_kj v_i)
      const pev = both(i, j) * (P[k * d + i] * v[j] + P[k * d + j] * v[i]);
      mixed[k * p + d + e] = value * (pev - g[e] * v[k]);
      mixed[(d + e) * p + k] = value * (g[e] * v[k] - pev);
    }
    entries.forEach(([r, s], f) => {
      const scale = both(i, j) * both(r, s);
      const [ir, is, jr, js] = [P[i * d + r], P[i * d + s], P[j * d + r], P[j * d + s]];
      const vepfv = scale * (v[i] * jr * v[s] + v[i] * js * v[r] + v[j] * ir * v[s] + v[j] * is * v[r]);
      const trace = scale * 2 * (ir * js + is * jr); // tr P F P E
      mixed[(d + e) * p + d + f] = value * (g[e] * g[f] - vepfv + 0.5 * trace);
    });
  });
  return { value, first, second, mixed };
}

/**
 * ∂ log f(x; θ) / ∂θ of a row: P y for μ, and ½ (yᵀ P E P y − tr P E) for an entry of vech, y = x − μ. Where cells are missing, P is
 * the inverse of the covariance of those that are observed, and 0 elsewhere.
 */
export function gaussianScores(samples: Samples, parameter: GaussianParameter): ScoreOfRow {
  const { data, rows, columns: d } = samples;
  const { mean } = parameter;
  const [y, u] = [new Float64Array(d), new Float64Array(d)];
  const precisions = isIncomplete(samples) ? new Array<Float64Array>(rows) : undefined;
  if (precisions)
    for (const group of marginalPrecisions(samples, parameter))
      for (const j of group.rows) precisions[j] = group.precision;
  const whole = factorsOf(parameter).precision;
  return (j, factor, out, offset) => {
    const P = precisions ? precisions[j] : whole;
    for (let i = 0; i < d; i++) {
      const value = data[j * d + i];
      y[i] = Number.isNaN(value) ? 0 : value - mean[i];
    }
    scoreOf(P, y, u, factor, out, offset);
  };
}

/** A function of its own, as its loops are compiled to slower code where they read what surrounds them. */
function scoreOf(
  P: Float64Array,
  y: Float64Array,
  u: Float64Array,
  factor: number,
  out: Float64Array,
  offset: number,
): void {
  const d = y.length;
  let next = offset;
  for (let i = 0; i < d; i++) {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += P[i * d + j] * y[j];
    u[i] = sum;
    out[next++] = factor * sum;
  }
  for (let j = 0; j < d; j++) {
    const one = factor * u[j];
    out[next++] = 0.5 * (one * u[j] - factor * P[j * d + j]);
    for (let i = j + 1; i < d; i++) out[next++] = one * u[i] - factor * P[i * d + j];
  }
}
