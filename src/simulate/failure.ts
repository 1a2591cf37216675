import { InvalidInput } from '../errors';
import type { RandomStream } from '../math/random';
import type { Mixture } from '../mixture/mixture';

/** n if sample sizes are not known. */
export const USUAL_ROWS = 1000;

/** What failing machines know when they choose what to send. */
export interface Situation<Parameter = unknown> {
  /** their own honest estimates, in order of the machines */
  readonly own: readonly Mixture<Parameter>[];
  /** the estimates of the machines that do not fail: colluding adversaries know them */
  readonly honest: readonly Mixture<Parameter>[];
  /** n, the rows of an honest machine; undefined if sample sizes are not known */
  readonly sampleSize?: number;
  /** in rounds, the mixture from which all machines made their steps, whose labels all estimates have */
  readonly start?: Mixture<Parameter>;
  /** in rounds, how many EM steps they made */
  readonly iterations?: number;
  /** how many components of a machine are to be wrong; all if not given */
  readonly components?: number;
  /** the stream of the machine of own[i], which does not depend on the other machines */
  random(i: number): RandomStream;
}

/** The contract of a failure, random or adversarial: a name, and what the failed machines send. */
export interface Failure {
  /** as in the registry */
  readonly name: string;
  /** in rounds, how failed machines vote on every proposal; by their rows if not given */
  readonly votes?: 'yes' | 'no';
  /**
   * What the failed machines send.
   * @returns a mixture for each of `own`, of the same family and dimension
   */
  send<Parameter>(situation: Situation<Parameter>): readonly Mixture<Parameter>[];
}

/**
 * What each failed machine sends by itself, in place of its estimate.
 * @throws InvalidInput if only some components are to be wrong
 */
export function wholly<Parameter>(
  { own, components, random }: Situation<Parameter>,
  replace: (estimate: Mixture<Parameter>, random: RandomStream) => Mixture<Parameter>,
): readonly Mixture<Parameter>[] {
  if (components !== undefined)
    throw new InvalidInput('components is given, but this failure is of the whole mixture: leave it out');
  return own.map((estimate, i) => replace(estimate, random(i)));
}
