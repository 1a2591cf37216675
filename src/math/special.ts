type Cephes = typeof import('cephes');

// By require: its ES module, which bundlers and tests would take, is ready only some time after it was imported.
const cephes: Cephes = require('cephes');

/** log |Γ(x)| */
export const lgam: Cephes['lgam'] = cephes.lgam;
/** log |B(a, b)| */
export const lbeta: Cephes['lbeta'] = cephes.lbeta;
/** ψ(x), the derivative of log Γ */
export const psi: Cephes['psi'] = cephes.psi;
/** exp(−|x|) I₀(x), a modified Bessel function */
export const i0e: Cephes['i0e'] = cephes.i0e;

/** The probability that χ² of some degrees of freedom is at most x. */
export const chiSquareCdf: Cephes['chdtr'] = cephes.chdtr;
/** The x that χ² of some degrees of freedom exceeds with a given probability. */
export const chiSquareUpper: Cephes['chdtri'] = cephes.chdtri;
/** The quantile of the standard normal distribution. */
export const normalQuantile: Cephes['ndtri'] = cephes.ndtri;
/** The quantile of a beta distribution. */
export const betaQuantile: Cephes['incbi'] = cephes.incbi;
/** The distribution function of the standard normal distribution, exact where it is small; 0 below float64. */
export const normalCdf = (z: number): number => (z < -37.5 ? 0 : z > 9 ? 1 : 0.5 * cephes.erfc(-z / Math.SQRT2));

/** The probability that a Poisson variable of some mean is at most k; to 1e-6 where the mean is 1e9. */
export const poissonCdf = (k: number, mean: number): number =>
  isFarInTail(k + 1, mean) ? Number(mean < k) : cephes.igamc(k + 1, mean);
/** The probability that a Poisson variable of some mean is above k, exact where it is small; 0 below float64. */
export const poissonUpper = (k: number, mean: number): number =>
  isFarInTail(k + 1, mean) ? Number(mean > k) : cephes.igam(k + 1, mean);

/** Whether x^a exp(−x) / Γ(a), and a tail of the gamma distribution with it, is below float64, where Cephes throws. */
const isFarInTail = (a: number, x: number): boolean => !(a * Math.log(x) - x - lgam(a) > -700);

export const LOG_2PI: number = Math.log(2 * Math.PI);

/** ψ′(x), x > 0. */
export function trigamma(x: number): number {
  return cephes.zeta(2, x);
}

/** log x − ψ(x) > 0, x > 0, without the cancellation at large x, where it is about 1 / (2x). */
export function logMinusDigamma(x: number): number {
  if (x < 16) return Math.log(x) - psi(x);
  const y = 1 / (x * x); // Abramowitz and Stegun 6.3.18
  return 0.5 / x + y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y / 132))));
}

/**
 * The root of a continuous function that falls from above 0 to below 0 between `low` and `high`; the end on its own side
 * if it does not. Newton's method, with halving if a step would leave the bracket or does not help.
 * @param f the value and the slope at x
 */
export function fallingRoot(
  f: (x: number) => readonly [value: number, slope: number],
  low: number,
  high: number,
  guess: number,
): number {
  if (f(low)[0] <= 0) return low;
  if (f(high)[0] >= 0) return high;
  let [least, most] = [low, high];
  let x = Math.min(Math.max(guess, low), high);
  for (let step = 0; step < 200; step++) {
    const [value, slope] = f(x);
    if (value === 0) return x;
    if (value > 0) least = x;
    else most = x;
    const newton = x - value / slope;
    const next = newton > least && newton < most ? newton : (least + most) / 2;
    if (Math.abs(next - x) <= 4 * Number.EPSILON * Math.abs(x) || next === least || next === most) return next;
    x = next;
  }
  return x;
}
