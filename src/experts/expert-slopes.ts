import { cholesky, gram, invertLower } from '../math/linear-algebra';
import type { FlatExperts } from './flat-experts';

/**
 * The derivatives of log φ_k(y; η, Σ) in q linear predictors η and, row by row, the lower triangle of Σ: what an expert learns from a response, for
 * any covariates. What is returned is overwritten by the next call.
 */
export interface ExpertSlopes {
  /** the first derivatives */
  slopes(k: number, y: Float64Array, eta: Float64Array): Float64Array;
  /** the second ones, a lower triangle in a square */
  curvatures(k: number, y: Float64Array, eta: Float64Array): Float64Array;
}

export function expertSlopes(flat: FlatExperts): ExpertSlopes {
  const { law } = flat;
  if (law.hasVariance) return gaussianSlopes(flat);
  return {
    slopes: (_, [y], [eta]) => Float64Array.of(y - law.mean(eta)),
    curvatures: (_, __, [eta]) => Float64Array.of(-law.slope(eta)),
  };
}

function gaussianSlopes({ order, responses: q, variances }: FlatExperts): ExpertSlopes {
  // a step in a coordinate a > b of Σ is D = E_ab + E_ba, in one on its diagonal E_aa, of which D has twice
  const pairs = Array.from({ length: q }, (_, a) => Array.from({ length: a + 1 }, (__, b) => [a, b] as const)).flat();
  const m = q + pairs.length;
  const u = new Float64Array(m);
  const second = new Float64Array(m * m);
  const precisions = Array.from({ length: order }, (_, k) => {
    const lower = cholesky(variances.subarray(k * q * q, (k + 1) * q * q), q) as Float64Array;
    return gram(invertLower(lower, q), q);
  });

  // u = P e, and ½ {uᵀ D u − tr(P D)}
  const slopes: ExpertSlopes['slopes'] = (k, y, eta) => {
    const P = precisions[k];
    for (let r = 0; r < q; r++) {
      u[r] = 0;
      for (let s = 0; s < q; s++) u[r] += P[r * q + s] * (y[s] - eta[s]);
    }
    for (let i = 0; i < pairs.length; i++) {
      const [a, b] = pairs[i];
      u[q + i] = (a === b ? 0.5 : 1) * (u[a] * u[b] - P[a * q + b]);
    }
    return u;
  };

  // −P; −P D u; ½ tr(P D P D′) − uᵀ D P D′ u
  const curvatures: ExpertSlopes['curvatures'] = (k, y, eta) => {
    slopes(k, y, eta);
    const P = precisions[k];
    for (let r = 0; r < q; r++) for (let s = 0; s <= r; s++) second[r * m + s] = -P[r * q + s];
    for (let i = 0; i < pairs.length; i++) {
      const [a, b] = pairs[i];
      const share = a === b ? 0.5 : 1;
      const row = (q + i) * m;
      for (let r = 0; r < q; r++) second[row + r] = -share * (P[r * q + a] * u[b] + P[r * q + b] * u[a]);
      for (let l = 0; l <= i; l++) {
        const [c, e] = pairs[l];
        const trace = P[b * q + c] * P[e * q + a] + P[b * q + e] * P[c * q + a];
        const form =
          u[a] * (P[b * q + c] * u[e] + P[b * q + e] * u[c]) + u[b] * (P[a * q + c] * u[e] + P[a * q + e] * u[c]);
        second[row + q + l] = share * (c === e ? 0.5 : 1) * (trace - form);
      }
    }
    return second;
  };

  return { slopes, curvatures };
}
