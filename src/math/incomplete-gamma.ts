// The incomplete gamma function (DLMF 8.2), and the χ² and Poisson distributions by it. Sums and fractions take some √a terms.

import { excessOverLog, LOG_2PI, lgam, stirlingRest } from './gamma-function';
import { fallingRoot } from './root';

/** x^a exp(−x) / Γ(a), a ≥ ½, without the cancellation of large terms */
function gammaPeak(a: number, x: number): number {
  if (x > 1000 * Math.max(a, 1)) return 0; // below float64
  if (a < 10) return Math.exp(a * Math.log(x) - lgam(a)) * Math.exp(-x);
  return Math.exp(0.5 * (Math.log(a) - LOG_2PI) - a * excessOverLog(x, a) - stirlingRest(a));
}

/** P(a, x), the distribution function of the gamma distribution of shape a ≥ ½, and Q = 1 − P, each exact where it is small */
function incompleteGamma(a: number, x: number): { readonly below: number; readonly above: number } {
  const peak = gammaPeak(a, x);
  if (x < a + 1) {
    let [term, sum] = [peak / a, peak / a];
    for (let n = 1; term > 1e-17 * sum; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return { below: sum, above: 1 - sum };
  }
  if (peak === 0) return { below: 1, above: 0 };
  // DLMF 8.9.2, by Lentz's method
  let b = x + 1 - a;
  let d = 1 / b;
  let c = Infinity;
  let fraction = d;
  for (let n = 1, change = 2; Math.abs(change - 1) > Number.EPSILON; n++) {
    const numerator = n * (a - n);
    b += 2;
    d = 1 / (b + numerator * d);
    c = b + numerator / c;
    change = c * d;
    fraction *= change;
  }
  return { below: 1 - peak * fraction, above: peak * fraction };
}

/** The probability that χ² of some degrees of freedom is at most x. */
export const chiSquareCdf = (degreesOfFreedom: number, x: number): number =>
  incompleteGamma(degreesOfFreedom / 2, x / 2).below;

/** The x that χ² of some degrees of freedom exceeds with the probability p, to the accuracy of p and of 1 − p. */
export function chiSquareUpper(degreesOfFreedom: number, p: number): number {
  if (p === 0) return Infinity;
  if (p === 1) return 0;
  const a = degreesOfFreedom / 2;
  const isLow = p > 0.5;
  const probability = isLow ? 1 - p : p;
  const f = (logX: number): [number, number] => {
    const x = Math.exp(logX);
    const { below, above } = incompleteGamma(a, x);
    const peak = gammaPeak(a, x);
    return isLow ? [Math.log(probability / below), -peak / below] : [Math.log(above / probability), -peak / above];
  };
  const low = (Math.log(isLow ? probability : 0.5) + lgam(a + 1)) / a; // P(a, x) ≤ x^a / Γ(a + 1)
  const high = isLow ? Math.log(a) : Math.log(a - Math.log(p) + Math.sqrt(-2 * a * Math.log(p))); // the median is below a
  return 2 * Math.exp(fallingRoot(f, low, high, high));
}

/** The probability that a Poisson variable of some mean is at most k, exact where it is small. */
export const poissonCdf = (k: number, mean: number): number => incompleteGamma(k + 1, mean).above;

/** The probability that a Poisson variable of some mean is above k, exact where it is small. */
export const poissonUpper = (k: number, mean: number): number => incompleteGamma(k + 1, mean).below;
