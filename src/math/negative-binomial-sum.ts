/** Nodes of the trapezoidal rule are this far apart: the integrand is analytic to ±iπ/4 about the line, so that its error is e^−44. */
const STEP = 1 / 9;

/** e^−REACH of the integrand is below rounding. */
const REACH = 38;

/**
 * log Σ_x C(x + r − 1, x)² z^x = log ₂F₁(r, r; 1; z), 0 < z < 1, to about 1e-14 however near z is to 1 and however large r is. By
 * Parseval's identity, with s = √z, the sum is (1 / π) ∫ (1 − 2 s cos φ + s²)^−r dφ over half a circle, of a positive integrand; with
 * tan(φ / 2) = e^v it is analytic on the line, and its trapezoidal sum is exact.
 * @param r > 0
 * @param logZ log z < 0
 */
export function logSquaredBinomials(r: number, logZ: number): number {
  const root = Math.exp(logZ / 2); // s
  const rest = -Math.expm1(logZ / 2); // 1 − s
  const contrast = (4 * root) / (rest * rest);
  const width = -Math.log1p(Math.sqrt((1 + r) * contrast)); // the integrand's, or less
  let sum = 0;
  for (let v = width - REACH; v <= REACH; v += STEP) {
    // (1 − s)^{2r} (1 − 2 s cos φ + s²)^−r dφ / dv
    const term = Math.exp(-r * Math.log1p(contrast / (1 + Math.exp(-2 * v)))) / Math.cosh(v);
    sum += term;
    if (v > 0 && term < Number.EPSILON ** 2 * sum) break;
  }
  return -2 * r * (root < 0.5 ? Math.log1p(-root) : Math.log(rest)) + Math.log((STEP * sum) / Math.PI);
}
