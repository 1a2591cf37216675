import { unlessError } from '../errors';
import { type Mixture, mixtureFromVector, mixtureToVector, withNoise } from '../mixture/mixture';
import { checkedNoise } from '../mixture/noise';

/** The factor by which the longest step of an extrapolation grows while steps succeed, and shrinks when one fails. */
const STEP_GROWTH = 4;

/** A mixture on the way of an EM run. */
export interface EmPoint<Parameter> {
  readonly mixture: Mixture<Parameter>;
  /** Σ_j log f_G(x_j) */
  readonly logLikelihood: number;
  /** pℓ(G) */
  readonly penalisedLogLikelihood: number;
  /** the M-step from here */
  readonly next: () => Mixture<Parameter>;
}

/**
 * Every other iteration of an accelerated EM run: given the two points before it, the extrapolation of the steps from the first
 * to the second and on, if that raises the objective; else the second point, whose M-step is known already.
 * @param evaluate the E-step at a mixture
 */
export function extrapolation<Parameter>(
  evaluate: (mixture: Mixture<Parameter>) => EmPoint<Parameter>,
): (before: EmPoint<Parameter>, current: EmPoint<Parameter>) => EmPoint<Parameter> {
  let longest = 1;
  return (before, current) => {
    const second = current.next();
    const leap = extrapolate([before.mixture, current.mixture, second], longest);
    const there = leap && unlessError(() => evaluate(leap.mixture)); // it may be too far from the rows
    if (leap && there && there.penalisedLogLikelihood >= current.penalisedLogLikelihood) {
      if (leap.step === longest) longest *= STEP_GROWTH;
      return there;
    }
    longest = Math.max(1, longest / STEP_GROWTH);
    return { ...current, next: () => second };
  };
}

/**
 * Squared extrapolation (SQUAREM, Varadhan and Roland 2008): from two EM steps θ₀ → θ₁ → θ₂, with r = θ₁ − θ₀ and
 * v = (θ₂ − θ₁) − r, to θ₀ + 2 s r + s² v, where s = ‖r‖ / ‖v‖: the point to which the steps would lead if they continued to shrink at this rate.
 * Each coordinate counts in units of its own size, so that the units of the features do not matter; the weight of noise is one more.
 * @param longest the largest s that is taken; for s ≤ 1 the result is θ₂ itself
 * @returns undefined if it is not a mixture of the family
 */
export function extrapolate<Parameter>(
  [G0, G1, G2]: readonly [Mixture<Parameter>, Mixture<Parameter>, Mixture<Parameter>],
  longest: number,
): { readonly mixture: Mixture<Parameter>; readonly step: number } | undefined {
  const [a, b, c] = [G0, G1, G2].map(coordinatesOf);
  let [r2, v2] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const unit = Math.abs(a[i]) + Math.abs(b[i]) || 1;
    const r = (b[i] - a[i]) / unit;
    r2 += r * r;
    v2 += ((c[i] - b[i]) / unit - r) ** 2;
  }
  const s = Math.min(longest, Math.sqrt(r2 / v2));
  if (!(s > 1)) return { mixture: G2, step: 1 };
  const vector = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) vector[i] = a[i] + 2 * s * (b[i] - a[i]) + s * s * (c[i] - 2 * b[i] + a[i]);
  const { family, order, dimension, noise } = G0;
  const [ofComponents, [weight]] = noise ? [vector.subarray(0, -1), vector.subarray(-1)] : [vector, []];
  const mixture = unlessError(() => {
    const leap = mixtureFromVector(ofComponents, { family, order, dimension }); // a weight below 0 …
    return noise ? withNoise(leap, checkedNoise({ ...noise, weight }, family, dimension)) : leap;
  });
  return mixture && { mixture, step: s };
}

/** The mixture as a vector, with the weight of noise, if there is some, as its last coordinate. */
function coordinatesOf<Parameter>(mixture: Mixture<Parameter>): Float64Array {
  const vector = mixtureToVector(mixture);
  return mixture.noise ? Float64Array.of(...vector, mixture.noise.weight) : vector;
}
