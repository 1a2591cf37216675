import { InvalidInput } from '../errors';
import { lgam, logMinusDigamma, trigamma } from '../math/gamma-function';
import { fallingRoot } from '../math/root';
import type { Penalty } from './exponential-family';
import { penaltyShare } from './penalty-share';

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

/** Where the shape of a family is, in its statistics and its θ. */
export interface ShapeOf<P> {
  /** the family's name, for messages */
  readonly name: string;
  /** D of mean statistics t */
  difference(t: Float64Array): number;
  /** θ of the best scale, given t and the shape */
  withShape(t: Float64Array, shape: number): P;
}

/**
 * The default penalty p(θ) = 2 {log Γ(r) − r log r + r + r D_x}, with D_x the D of all rows: as if 2 a_n more rows had been seen, about
 * the component's own mean, that spread as all rows do beside theirs. For a small spread it is the Gaussian's s²/σ² + log σ², which no
 * change of unit or of spread alters. In its M-step log r − ψ(r) = (n_k D + 2 a_n D_x) / (n_k + 2 a_n), with r in [½, 10⁷], or the end
 * that is nearest.
 * @throws InvalidInput if all rows are nearer together than shapes can tell
 */
export function shapePenalty<P extends { readonly shape: number }>(own: ShapeOf<P>, t: Float64Array): Penalty<P> {
  const whole = own.difference(t);
  if (!(whole > logMinusDigamma(MOST_SHAPE)))
    throw new InvalidInput(
      `the rows are all the same, or about: as they spread over less than 3e-4 of their mean, no ${own.name} shape up to ` +
        `${MOST_SHAPE} is theirs, so use the gaussian family`,
    );
  return {
    value: ({ shape }) => 2 * (lgam(shape) - shape * Math.log(shape) + shape + shape * whole),
    maximise(t, mass, strength) {
      const drawn = (mass * own.difference(t) + 2 * strength * whole) / (mass + 2 * strength);
      const inverse = inverseShape(drawn, 1, 0, LEAST_INVERSE, MOST_INVERSE);
      if (strength === 0) requireMaximum(inverse);
      return own.withShape(t, Math.min(1 / inverse, MOST_SHAPE));
    },
    admissible,
    share: ({ shape }, mass, strength) => penaltyShare(whole / logMinusDigamma(shape), mass, strength),
  };
}

/**
 * The published penalty r log r of App. A.1. It is not relative to the data: for components whose spread is small beside their mean it
 * outweighs the likelihood. The shape of its M-step is the root of n_k {log r − ψ(r) − D} − a_n (1 + log r) = 0 in [½, 10⁷], or the end
 * that is nearest to it.
 */
export function publishedShapePenalty<P extends { readonly shape: number }>(own: ShapeOf<P>): Penalty<P> {
  return {
    value: ({ shape }) => shape * Math.log(shape),
    maximise(t, mass, strength) {
      const inverse = inverseShape(own.difference(t), mass, strength, LEAST_INVERSE, MOST_INVERSE);
      if (strength === 0) requireMaximum(inverse);
      return own.withShape(t, Math.min(1 / inverse, MOST_SHAPE));
    },
    admissible,
    share: ({ shape }, mass, strength) =>
      Math.max(0, strength * (1 + Math.log(shape))) / (mass * logMinusDigamma(shape)),
  };
}

const [LEAST_INVERSE, MOST_INVERSE] = [1 / MOST_SHAPE, 1 / LEAST_SHAPE];

function requireMaximum(inverse: number): void {
  if (inverse === LEAST_INVERSE) throw new InvalidInput('its shape has no maximum');
}

const admissible = <P extends { readonly shape: number }>(parameter: P): P => ({
  ...parameter,
  shape: Math.max(parameter.shape, LEAST_SHAPE),
});

/** What a user of components at the largest shape should know. */
export function narrowestNotes(parameters: readonly { readonly shape: number }[]): string[] {
  return parameters.flatMap(({ shape }, k) =>
    shape < MOST_SHAPE
      ? []
      : `Component ${k} has the largest shape that there is, ${MOST_SHAPE}: its rows may spread over less than 3e-4 of their ` +
        'mean. Such components are about Gaussian, and the gaussian family fits them.',
  );
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
