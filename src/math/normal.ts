// The standard normal distribution, to float64 in both tails.

/** The step of the trapezoidal rule for the tail: it is exact to exp(−π² / h²) = 7e-18. */
const STEP = 0.5;

/** exp(−h² k²), k = 1, 2 … until they are below float64 */
const BELL = /* @__PURE__ */ Array.from({ length: 12 }, (_, i) => Math.exp(-((STEP * (i + 1)) ** 2)));

/** exp(−z² / 2), to float64 of its size though z² is rounded */
function bell(z: number): number {
  const short = Math.round(z * 1024) / 1024; // whose square is exact
  return Math.exp(-0.5 * short * short) * Math.exp(0.5 * (short - z) * (short + z));
}

/** The probability of more than z ≥ 0 */
function upperTail(z: number): number {
  if (z > 39) return 0; // below float64
  if (z < 0.7) {
    let [term, sum] = [z, z]; // DLMF 7.6.2
    for (let n = 1; term > 1e-18 * sum; n++) {
      term *= (z * z) / (2 * n + 1);
      sum += term;
    }
    return 0.5 - (bell(z) * sum) / Math.sqrt(2 * Math.PI);
  }
  const x = z / Math.SQRT2;
  let sum = 0.5 / (x * x);
  for (let k = 1; k <= BELL.length; k++) sum += BELL[k - 1] / ((STEP * k) ** 2 + x * x);
  // Matta and Reichel 1971: the trapezoidal rule for x / π ∫ exp(−t²) / (x² + t²) dt, and what the poles add
  const poles = x < Math.PI / STEP ? 1 / Math.expm1((2 * Math.PI * x) / STEP) : 0;
  return ((STEP * x) / Math.PI) * bell(z) * sum - poles;
}

/** The distribution function of the standard normal distribution, exact where it is small */
export const normalCdf = (z: number): number => (z < 0 ? upperTail(-z) : 1 - upperTail(z));

/** The quantile of the standard normal distribution; −Infinity at 0 and Infinity at 1 */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  if (!(p > 0 && p < 0.5)) return p === 0 ? -Infinity : p === 0.5 ? 0 : Number.NaN;
  // Φ(z) ≤ ½ exp(−z² / 2), and log Φ is concave: from here Newton's method rises to the quantile
  let z = -Math.sqrt(-2 * Math.log(2 * p));
  for (let step = 0; step < 20; step++) {
    const cdf = normalCdf(z);
    const slope = bell(z) / Math.sqrt(2 * Math.PI) / cdf;
    const next = z + Math.log(p / cdf) / slope;
    if (!(next > z)) break;
    z = next;
  }
  return z;
}
