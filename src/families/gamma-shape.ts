import { InvalidInput } from '../errors';
import { fallingRoot, logMinusDigamma, trigamma } from '../math/special';
import type { Penalty } from './exponential-family';

// The shape r > 0 of gamma distributions, from D = log E x − E log x > 0: log r − ψ(r) = D.

/** Fits are restricted to shapes r ≥ ½, App. D … */
export const LEAST_SHAPE = 0.5;

/** … and no shape is larger: a spread of 3e-4 of the mean, up to which inner products keep 1e-8. */
export const MOST_SHAPE = 1e7;

/**
 * r with log r − ψ(r) = D.
 * @throws InvalidInput if D is not above 0, as for a constant
 */
export function gammaShape(difference: number): number {
  if (!(difference > 0 && difference < Infinity)) {
    throw new InvalidInput(`no gamma distribution has log E x − E log x = ${difference}`);
  }
  return 1 / inverseShape(difference, 1, 0, difference, 2 * difference); // as 1/(2r) < log r − ψ(r) < 1/r
}

/**
 * The penalty r log r of App. A.1, which keeps a component from shrinking onto a row. The shape of its M-step is the root of
 * n_k {log r − ψ(r) − D} − a_n (1 + log r) = 0 in [½, 10⁷], or the end that is nearest to it.
 * @param difference D of mean statistics t
 * @param withShape θ of the best scale, given t and the shape
 */
export function shapePenalty<P extends { readonly shape: number }>(
  difference: (t: Float64Array) => number,
  withShape: (t: Float64Array, shape: number) => P,
): Penalty<P> {
  return {
    value: ({ shape }) => shape * Math.log(shape),
    maximise(t, mass, strength) {
      const [least, most] = [1 / MOST_SHAPE, 1 / LEAST_SHAPE];
      const inverse = inverseShape(difference(t), mass, strength, least, most);
      if (strength === 0 && inverse === least) throw new InvalidInput('its shape has no maximum');
      return withShape(t, Math.min(1 / inverse, MOST_SHAPE));
    },
    admissible: (parameter) => ({ ...parameter, shape: Math.max(parameter.shape, LEAST_SHAPE) }),
  };
}

/** The root in q = 1/r, in which log r − ψ(r) is nearly a straight line. */
function inverseShape(difference: number, mass: number, strength: number, low: number, high: number): number {
  const falling = (q: number): [number, number] => {
    const r = 1 / q;
    return [
      mass * (difference - logMinusDigamma(r)) + strength * (1 + Math.log(r)),
      mass * r * (1 - r * trigamma(r)) - strength * r,
    ];
  };
  const guess = (12 * difference) / (3 - difference + Math.sqrt((difference - 3) ** 2 + 24 * difference)); // Minka 2002
  return fallingRoot(falling, low, high, guess || low);
}
