import { type DesignRows, solved, weightedMoments } from './design-rows';
import type { Expert } from './expert';
import type { ExpertLaw } from './expert-law';

/** Newton steps after which a barycentre has long settled. */
const MOST_STEPS = 50;

/** A step that changes predictors by less than this, in their spread, is the last. */
const SMALL_STEP = 1e-14;

/**
 * The expert of least Σ_γ W_γ Σ_s share_γs KL(f_γ(· | x_s) ‖ f(· | x_s)): with W_s = Σ_γ W_γ share_γs, the regression on the rows of the
 * experts' own means, each row by W_s; of Gaussian experts by least squares, and then Σ = Σ W (Σ_γ + r rᵀ) / Σ W with r what their lines differ
 * from it; of others by Newton's method with halving. Along directions of which the rows say nothing, coefficients are the experts' mean.
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
    coefficients.set(
      law.name === 'gaussian' ? leastSquares(rows, share, sums, own) : newton(rows, law, share, sums, own),
      r * c,
    );
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

/** The coefficients of a canonical law: the root of Σ_s {sums_s − share_s mean(x̃_sᵀβ)} x̃_s, of which the objective is convex. */
function newton(
  rows: DesignRows,
  law: ExpertLaw,
  share: Float64Array,
  sums: Float64Array,
  start: Float64Array,
): Float64Array {
  const { columns: c, standardised } = rows;
  let beta = start;
  for (let step = 0; step < MOST_STEPS; step++) {
    const eta = predicted(rows, beta);
    const slopes = share.map((one, s) => one * law.slope(eta[s]));
    const residuals = (at: Float64Array) => sums.map((sum, s) => sum - share[s] * law.mean(at[s]));
    const right = gradientOf(rows, residuals(eta));
    const direction = rows.unstandardised(solved(weightedMoments(standardised, c, slopes), right));
    const along = predicted(rows, direction);
    // convex: as long as the objective still falls at the end of a step, it has fallen all along
    const falls = (size: number) => {
      const left = residuals(eta.map((one, s) => one + size * along[s]));
      return left.reduce((sum, one, s) => sum + one * along[s], 0) >= 0;
    };
    let size = 1;
    while (size > SMALL_STEP && !falls(size)) size /= 2;
    beta = beta.map((one, j) => one + size * direction[j]);
    if (!(size * Math.max(...along.map(Math.abs)) > SMALL_STEP * (1 + Math.max(...eta.map(Math.abs))))) break;
  }
  return beta;
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
