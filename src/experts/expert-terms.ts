import { randomNormal } from 'd3-random';
import { LOG_2PI } from '../math/gamma-function';
import { cholesky, invertLower, logDeterminant } from '../math/linear-algebra';
import type { RandomStream } from '../math/random';
import type { Expert } from './expert';
import type { ExpertLaw } from './expert-law';

/** What the law of experts gives on S rows: of Gaussian experts by closed forms, of others row by row. */
export interface ExpertTerms {
  /** log f(y | x_s) */
  logDensity(expert: Expert, s: number, y: Float64Array): number;
  /** draws y at row s into `out` from `at` on */
  sampler(expert: Expert, random: RandomStream): (s: number, out: Float64Array, at: number) => void;
  /** log {S Σ_s share_s share′_s ∫ f(y | x_s) f′(y | x_s) dy} */
  logInnerProduct(a: Expert, b: Expert): number;
  /** Σ_s share_s KL(f(· | x_s) ‖ f′(· | x_s)) */
  divergence(a: Expert, b: Expert): number;
}

export function termsOf(law: ExpertLaw, q: number, S: number): ExpertTerms {
  if (q > 1) return vectorTerms(q, S);
  const variance = ({ covariance }: Expert) => Math.max(covariance[0], LEAST_VARIANCE);
  return {
    logDensity: (one, s, y) => law.logDensity(y[0], one.predictors[s], variance(one)),
    sampler(one, random) {
      const draw = law.sampler(random);
      return (s, out, at) => {
        out[at] = draw(one.predictors[s], variance(one));
      };
    },
    logInnerProduct(a, b) {
      const [v, w] = [variance(a), variance(b)];
      if (law.name !== 'gaussian')
        return logSum(a, b, S, (s) => law.logInnerProduct(a.predictors[s], v, b.predictors[s], w));
      const half = -0.5 / (v + w);
      return (
        -0.5 * (LOG_2PI + Math.log(v + w)) + logSum(a, b, S, (s) => half * (a.predictors[s] - b.predictors[s]) ** 2)
      );
    },
    divergence(a, b) {
      const [v, w] = [variance(a), variance(b)];
      let sum = 0;
      if (law.name === 'gaussian') {
        for (let s = 0; s < S; s++) sum += a.share[s] * (a.predictors[s] - b.predictors[s]) ** 2;
        return 0.5 * (logRatioExcess(v / w) + sum / w);
      }
      for (let s = 0; s < S; s++)
        if (a.share[s] > 0) sum += a.share[s] * law.divergence(a.predictors[s], v, b.predictors[s], w);
      return Math.max(0, sum);
    },
  };
}

/** Smaller variances are as good as 0: one over them stays within float64. */
const LEAST_VARIANCE = 1e-290;

/** r − 1 − log r ≥ 0. */
const logRatioExcess = (ratio: number): number => Math.max(0, ratio - 1 - Math.log(ratio));

/** Sums below this have lost digits: they are formed in logarithms. */
const SAFE_SUM = 1e-250;

/** log {S Σ_s share_s share′_s exp(log(s))} */
function logSum({ share: a }: Expert, { share: b }: Expert, S: number, log: (s: number) => number): number {
  let sum = 0;
  for (let s = 0; s < S; s++) {
    const both = a[s] * b[s];
    if (both > 0) sum += both * Math.exp(log(s));
  }
  if (sum > SAFE_SUM && sum < Infinity) return Math.log(S * sum);
  const logs = Float64Array.from({ length: S }, (_, s) =>
    a[s] > 0 && b[s] > 0 ? Math.log(a[s]) + Math.log(b[s]) + log(s) : -Infinity,
  );
  const most = logs.reduce((largest, one) => Math.max(largest, one), -Infinity);
  if (!Number.isFinite(most)) return -Infinity;
  return most + Math.log(S * logs.reduce((total, one) => total + Math.exp(one - most), 0));
}

/** Gaussian experts of q responses. */
function vectorTerms(q: number, S: number): ExpertTerms {
  const residual = new Float64Array(q);
  /** |W r|² */
  const whitened = (W: Float64Array): number => {
    let squares = 0;
    for (let i = 0; i < q; i++) {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += W[i * q + j] * residual[j];
      squares += sum * sum;
    }
    return squares;
  };
  const apart = (a: Expert, b: Expert, s: number, W: Float64Array): number => {
    for (let r = 0; r < q; r++) residual[r] = a.predictors[s * q + r] - b.predictors[s * q + r];
    return whitened(W);
  };
  return {
    logDensity({ predictors, covariance }, s, y) {
      const { W, logDet } = factors(covariance, q);
      for (let r = 0; r < q; r++) residual[r] = y[r] - predictors[s * q + r];
      return -0.5 * (q * LOG_2PI + logDet + whitened(W));
    },
    sampler({ predictors, covariance }, random) {
      const { L } = factors(covariance, q);
      const normal = randomNormal.source(random)();
      return (s, out, at) => {
        const z = Float64Array.from({ length: q }, () => normal());
        for (let r = 0; r < q; r++) {
          let sum = predictors[s * q + r];
          for (let j = 0; j <= r; j++) sum += L[r * q + j] * z[j];
          out[at + r] = sum;
        }
      };
    },
    logInnerProduct(a, b) {
      const { W, logDet } = factors(
        a.covariance.map((one, i) => one + b.covariance[i]),
        q,
      );
      if (Number.isNaN(logDet)) return Infinity; // beyond float64: at an infinite distance from all
      return -0.5 * (q * LOG_2PI + logDet) + logSum(a, b, S, (s) => -0.5 * apart(a, b, s, W));
    },
    divergence(a, b) {
      const { L, logDet } = factors(a.covariance, q);
      const { W, logDet: other } = factors(b.covariance, q);
      let trace = 0; // of Σ_b⁻¹ Σ_a, |W L|²
      for (let i = 0; i < q; i++) {
        for (let j = 0; j <= i; j++) {
          let sum = 0;
          for (let l = j; l <= i; l++) sum += W[i * q + l] * L[l * q + j];
          trace += sum * sum;
        }
      }
      let sum = 0;
      for (let s = 0; s < S; s++) if (a.share[s] > 0) sum += a.share[s] * apart(a, b, s, W);
      const divergence = 0.5 * (other - logDet + trace - q + sum);
      return Number.isNaN(divergence) ? Infinity : Math.max(0, divergence);
    },
  };
}

interface Factors {
  readonly L: Float64Array;
  readonly W: Float64Array;
  readonly logDet: number;
}

const known = new WeakMap<Float64Array, Factors>();

/** Σ = L Lᵀ, W = L⁻¹ and log det Σ; NaN if Σ is singular in float64. */
function factors(covariance: Float64Array, q: number): Factors {
  const found = known.get(covariance);
  if (found) return found;
  const L = cholesky(covariance, q) ?? new Float64Array(q * q).fill(Number.NaN);
  const made = { L, W: invertLower(L, q), logDet: logDeterminant(L, q) };
  known.set(covariance, made);
  return made;
}
