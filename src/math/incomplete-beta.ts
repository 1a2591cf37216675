import { excessOverLog, lbetaRest } from './gamma-function';
import { fallingRoot } from './root';

/** x^a y^b / B(a, b), y = 1 − x, without the cancellation of large terms */
function betaPeak(a: number, b: number, x: number, y: number): number {
  const n = a + b;
  return Math.exp(-a * excessOverLog(x, a / n) - b * excessOverLog(y, b / n) - lbetaRest(a, b));
}

/** The continued fraction of I_x(a, b) (DLMF 8.17.22), for x below (a + 1) / (a + b + 2), by Lentz's method: some √(a + b) terms */
function betaFraction(a: number, b: number, x: number): number {
  let d = 1;
  let c = Infinity;
  let fraction = 1;
  for (let n = 1, change = 2; Math.abs(change - 1) > Number.EPSILON; n++) {
    const m = n >> 1;
    const numerator = ((n % 2 === 0 ? m * (b - m) : -(a + m) * (a + b + m)) * x) / ((a + n) * (a + n - 1));
    d = 1 / (1 + numerator * d);
    c = 1 + numerator / c;
    change = c * d;
    fraction *= change;
  }
  return fraction;
}

/** I_x(a, b), the distribution function of the beta distribution, y = 1 − x, and what it lacks to 1, each exact where it is small */
function incompleteBeta(
  a: number,
  b: number,
  x: number,
  y: number,
): { readonly below: number; readonly above: number } {
  const peak = betaPeak(a, b, x, y);
  if (x * (a + b + 2) <= a + 1) {
    const below = (peak * betaFraction(a, b, x)) / a;
    return { below, above: 1 - below };
  }
  const above = (peak * betaFraction(b, a, y)) / b;
  return { below: 1 - above, above };
}

/** The quantile of a beta distribution, to the accuracy of p and of 1 − p. */
export function betaQuantile(a: number, b: number, p: number): number {
  if (p === 0 || p === 1) return p;
  const f = (logit: number): [number, number] => {
    const [x, y] = [1 / (1 + Math.exp(-logit)), 1 / (1 + Math.exp(logit))];
    const { below, above } = incompleteBeta(a, b, x, y);
    const peak = betaPeak(a, b, x, y);
    return p < 0.5 ? [Math.log(p / below), -peak / below] : [Math.log(above / (1 - p)), -peak / above];
  };
  return 1 / (1 + Math.exp(-fallingRoot(f, -700, 700, Math.log(a / b))));
}
