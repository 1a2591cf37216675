import { type Mixture, mixtureFromVector, mixtureToVector } from '../mixture/mixture';

/**
 * Squared extrapolation (SQUAREM, Varadhan and Roland 2008): from two EM steps θ₀ → θ₁ → θ₂, with r = θ₁ − θ₀ and
 * v = (θ₂ − θ₁) − r, to θ₀ + 2 s r + s² v, where s = ‖r‖ / ‖v‖: where the steps would lead if they went on shrinking as they do.
 * Each coordinate counts in units of its own size, so that the units of the features do not matter.
 * @param longest the largest s that is taken; for s ≤ 1 the result is θ₂ itself
 * @returns undefined where it is no mixture of the family
 */
export function extrapolate<Parameter>(
  [G0, G1, G2]: readonly [Mixture<Parameter>, Mixture<Parameter>, Mixture<Parameter>],
  longest: number,
): { readonly mixture: Mixture<Parameter>; readonly step: number } | undefined {
  const [a, b, c] = [G0, G1, G2].map(mixtureToVector);
  let [r2, v2] = [0, 0];
  a.forEach((value, i) => {
    const unit = Math.abs(value) + Math.abs(b[i]) || 1;
    const r = (b[i] - value) / unit;
    r2 += r * r;
    v2 += ((c[i] - b[i]) / unit - r) ** 2;
  });
  const s = Math.min(longest, Math.sqrt(r2 / v2));
  if (!(s > 1)) return { mixture: G2, step: 1 };
  const vector = a.map((value, i) => value + 2 * s * (b[i] - value) + s * s * (c[i] - 2 * b[i] + value));
  const { family, order, dimension } = G0;
  try {
    return { mixture: mixtureFromVector(vector, { family, order, dimension }), step: s };
  } catch {
    return undefined; // a weight below 0, a covariance that is none
  }
}
