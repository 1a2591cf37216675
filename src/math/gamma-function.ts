// Γ, its logarithm's derivatives and B, for arguments above 0. Stirling's series are accurate to float64 from 10 on, and recurrences
// lead there; about 1 and 2, where log Γ is 0, its Taylor series keeps the digits.

/** From here on the series of `BERNOULLI` terms are accurate to float64. */
const LARGE = 10;

/** The Bernoulli numbers B₂, B₄ … B₁₈. */
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798];

/** (ζ(k) − 1) / k for k = 2, 3 … 27: the Taylor series of log Γ(2 + z), but for signs */
const TAYLOR = /* @__PURE__ */ [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
  0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645,
  0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-5, 3.058823630702049e-5, 1.528225940865187e-5,
  7.637197637899763e-6, 3.81729326499984e-6, 1.908212716553939e-6, 9.539620338727962e-7, 4.769329867878064e-7,
  2.38450502727733e-7, 1.1921992596531106e-7, 5.960818905125948e-8, 2.980350351465228e-8, 1.4901554828365043e-8,
  7.45071178983543e-9,
].map((zetaMinusOne, i) => zetaMinusOne / (i + 2));

const EULER_GAMMA = 0.5772156649015329;
export const LOG_2PI = 1.8378770664093456;

/** The factors of x^{1 − 2k}, k = 1, 2 … in log Γ(x), and of x^{−2k} in ψ(x) (DLMF 5.11.1 and 2) */
const LOG_GAMMA_SERIES = /* @__PURE__ */ BERNOULLI.map((b, i) => b / ((2 * i + 2) * (2 * i + 1)));
const DIGAMMA_SERIES = /* @__PURE__ */ BERNOULLI.map((b, i) => b / (2 * i + 2));

/** Σ_k terms[k] / x^{2k + 2} */
function inInverseSquares(terms: readonly number[], x: number): number {
  const y = 1 / (x * x);
  let sum = 0;
  for (let k = terms.length - 1; k >= 0; k--) sum = (sum + terms[k]) * y;
  return sum;
}

/** log Γ(x) − {(x − ½) log x − x + ½ log 2π} for x ≥ `LARGE` */
export const stirlingRest = (x: number): number => inInverseSquares(LOG_GAMMA_SERIES, x) * x;

/** log Γ(1 + z), |z| ≤ ½, with all its digits where it is near 0 */
function logGammaOnePlus(z: number): number {
  let sum = 0;
  for (let k = TAYLOR.length - 1; k >= 0; k--) sum = TAYLOR[k] - z * sum;
  return z * (1 - EULER_GAMMA + z * sum) - Math.log1p(z); // DLMF 5.7.3
}

/** log Γ(x), x > 0; Infinity at 0 */
export function lgam(x: number): number {
  if (x >= LARGE) return x * (Math.log(x) - 1) - 0.5 * Math.log(x) + 0.5 * LOG_2PI + stirlingRest(x);
  if (x < 0.5) return logGammaOnePlus(x) - Math.log(x);
  let z = x - 1;
  let product = 1; // Γ(x) = (x − 1) (x − 2) … Γ(1 + z)
  for (; z > 0.5; z--) product *= z;
  return Math.log(product) + logGammaOnePlus(z);
}

/** log B(a, b), a, b > 0 */
export function lbeta(a: number, b: number): number {
  const [p, q] = a < b ? [a, b] : [b, a];
  if (q < LARGE) return lgam(p) + lgam(q) - lgam(p + q);
  if (p >= LARGE) return lbetaRest(p, q) - p * Math.log1p(q / p) - q * Math.log1p(p / q);
  // log Γ(q) − log Γ(p + q) without their cancellation
  return lgam(p) + stirlingRest(q) - stirlingRest(p + q) - (q - 0.5) * Math.log1p(p / q) - p * (Math.log(p + q) - 1);
}

/** log B(a, b) − a log{a / (a + b)} − b log{b / (a + b)}, which stays small where both are large */
export function lbetaRest(a: number, b: number): number {
  if (Math.min(a, b) < LARGE) return lbeta(a, b) + a * Math.log1p(b / a) + b * Math.log1p(a / b);
  const rest = stirlingRest(a) + stirlingRest(b) - stirlingRest(a + b);
  return 0.5 * (LOG_2PI + Math.log1p(b / a) - Math.log(b)) + rest;
}

/** log x − ψ(x) > 0, x > 0, without the cancellation at large x, where it is about 1 / (2x) */
export function logMinusDigamma(x: number): number {
  let y = x;
  let sum = 0; // ψ(x) = ψ(y) − Σ
  for (; y < LARGE; y++) sum += 1 / y;
  const quotient = x < 1 ? Math.log(y) - Math.log(x) : Math.log(y / x);
  return 0.5 / y + inInverseSquares(DIGAMMA_SERIES, y) + (sum - quotient);
}

/** ψ(x), the derivative of log Γ, x > 0 */
export const psi = (x: number): number => Math.log(x) - logMinusDigamma(x);

/** ψ′(x), x > 0; Infinity at 0 */
export function trigamma(x: number): number {
  let y = x;
  let sum = 0;
  for (; y < LARGE; y++) sum += 1 / (y * y);
  return sum + (1 + 0.5 / y + inInverseSquares(BERNOULLI, y)) / y;
}

/** μ − log(1 + μ) ≥ 0 with 1 + μ = x / mean, without the cancellation at small μ, where it is about μ² / 2 */
export function excessOverLog(x: number, mean: number): number {
  const mu = (x - mean) / mean;
  if (Math.abs(mu) > 0.25) return mu - Math.log(x / mean);
  const r = mu / (2 + mu); // log(1 + μ) = 2 artanh r
  const y = r * r;
  let sum = 0;
  for (let k = 21; k >= 3; k -= 2) sum = sum * y + 1 / k;
  return r * (mu - 2 * y * sum);
}
