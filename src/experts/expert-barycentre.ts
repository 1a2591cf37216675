import { type DesignRows, solved, weightedMoments } from './design-rows';
import type { Expert } from './expert';
import type { ExpertLaw } from './expert-law';
import { weightedCoefficients } from './weighted-coefficients';

/** Of coefficients that have no maximum, as of separable responses, in the shares of the rows, which sum to one. */
const RIDGE = 1e-12;

/**
 * The expert of least Σ_γ W_γ Σ_s share_γs KL(f_γ(· | x_s) ‖ f(· | x_s)): with W_s = Σ_γ W_γ share_γs, the regression on the rows of the
 * experts' own means, each row by W_s; of Gaussian experts by least squares, and then Σ = Σ W (Σ_γ + r rᵀ) / Σ W with r what their lines differ
 * from it; of others by Newton's method. Along directions of which the rows say nothing, coefficients are the experts' mean.
 */
export function expertBarycentre(
  experts: readonly Expert[],
  weights: Float64Array,
  { rows, law, q }: { readonly rows: DesignRows; readonly law: ExpertLaw; readonly q: number },
): Pick<Expert, 'share' | 'coefficients' | 'covariance'> {
  const { rows: S, columns: c } = rows;
  const total = weights.reduce((sum, one) => sum + one, 0);
  const masses = weights.map((one) => one / total);
  const share = averaged(experts, masses, ({ share }) => share);
  const start = averaged(experts, masses, ({ coefficients }) => coefficients);
  const coefficients = new Float64Array(q * c);
  for (let r = 0; r < q; r++) {
    // the mean of y at each row, times its share
    const sums = new Float64Array(S);
    experts.forEach((one, g) => {
      for (let s = 0; s < S; s++) sums[s] += masses[g] * one.share[s] * law.mean(one.predictors[s * q + r]);
    });
    const own = start.subarray(r * c, (r + 1) * c);
    const found =
      law.name === 'gaussian'
        ? leastSquares(rows, share, sums, own)
        : weightedCoefficients(
            law,
            { design: rows.design, y: meansOf(sums, share), weights: share },
            { ridge: RIDGE, start: own },
          );
    coefficients.set(found, r * c);
  }
  return {
    share,
    coefficients,
    covariance: law.hasVariance ? covarianceOf(experts, masses, rows, coefficients, q) : new Float64Array(),
  };
}

/** Σ_γ m_γ of the experts' arrays. */
function averaged(experts: readonly Expert[], masses: Float64Array, of: (one: Expert) => Float64Array): Float64Array {
  const mean = new Float64Array(of(experts[0]).length);
  experts.forEach((one, g) => {
    const values = of(one);
    for (let i = 0; i < mean.length; i++) mean[i] += masses[g] * values[i];
  });
  return mean;
}

/** Means of y from their sums; 0 where there is no share. */
const meansOf = (sums: Float64Array, share: Float64Array): Float64Array =>
  sums.map((sum, s) => (share[s] > 0 ? sum / share[s] : 0));

/** x̃_sᵀβ of every row. */
function predicted({ rows: S, columns: c, design }: DesignRows, beta: Float64Array): Float64Array {
  const out = new Float64Array(S);
  for (let s = 0; s < S; s++) for (let j = 0; j < c; j++) out[s] += design[s * c + j] * beta[j];
  return out;
}

/** β + M⁻¹ Σ_s (sums_s − share_s x̃_sᵀβ) x̃_s, M = Σ share x̃ x̃ᵀ. */
function leastSquares(rows: DesignRows, share: Float64Array, sums: Float64Array, beta: Float64Array): Float64Array {
  const { columns: c, standardised } = rows;
  const moments = weightedMoments(standardised, c, share);
  const fitted = predicted(rows, beta);
  const right = gradientOf(
    rows,
    sums.map((sum, s) => sum - share[s] * fitted[s]),
  );
  const step = rows.unstandardised(solved(moments, right));
  return beta.map((one, j) => one + step[j]);
}

function gradientOf({ rows: S, columns: c, standardised }: DesignRows, residuals: Float64Array): Float64Array {
  const gradient = new Float64Array(c);
  for (let s = 0; s < S; s++) for (let j = 0; j < c; j++) gradient[j] += residuals[s] * standardised[s * c + j];
  return gradient;
}

/** Σ_γ m_γ {Σ_γ + Σ_s share_γs r rᵀ}, r = B_γ x̃_s − B x̃_s. */
function covarianceOf(
  experts: readonly Expert[],
  masses: Float64Array,
  rows: DesignRows,
  coefficients: Float64Array,
  q: number,
): Float64Array {
  const { rows: S, columns: c } = rows;
  const lines = Array.from({ length: q }, (_, r) => predicted(rows, coefficients.subarray(r * c, (r + 1) * c)));
  const covariance = averaged(experts, masses, (one) => one.covariance);
  experts.forEach(({ share, predictors }, g) => {
    for (let i = 0; i < q; i++) {
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let s = 0; s < S; s++)
          sum += share[s] * (predictors[s * q + i] - lines[i][s]) * (predictors[s * q + j] - lines[j][s]);
        covariance[i * q + j] += masses[g] * sum;
        if (j < i) covariance[j * q + i] = covariance[i * q + j];
      }
    }
  });
  return covariance;
}
