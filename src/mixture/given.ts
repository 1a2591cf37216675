import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import type { Mixture } from './mixture';

/** A mixture, or a result that holds one, such as a fit or a reduction. */
export type Estimate<Parameter = unknown> =
  | Mixture<Parameter>
  | {
      /** the mixture */
      readonly mixture: Mixture<Parameter>;
      /** n, the number of rows behind it */
      readonly sampleSize?: number;
    };

/** @throws InvalidInput if it is not an estimate; `where` begins the message */
export function mixtureOf<Parameter>(estimate: Estimate<Parameter>, where = 'the mixture'): Mixture<Parameter> {
  const { mixture = estimate } = (estimate ?? {}) as { mixture?: Mixture<Parameter> };
  if (typeof (mixture as Mixture<Parameter> | undefined)?.family !== 'object') {
    throw new InvalidInput(
      `${where} is ${described(estimate)}: a Mixture or a Fit is needed (mixtureFromJSON makes one of a JSON)`,
    );
  }
  return mixture as Mixture<Parameter>;
}

/**
 * The mixtures of estimates.
 * @throws InvalidInput if there are none, or they are not of one family and one dimension
 */
export function comparable<Parameter>(estimates: readonly Estimate<Parameter>[]): Mixture<Parameter>[] {
  if (!(estimates?.length > 0)) throw new InvalidInput('the list of mixtures is empty: at least one is needed');
  const mixtures = Array.from(estimates, (estimate, i) => mixtureOf(estimate, `estimate ${i}`));
  const [first] = mixtures;
  mixtures.forEach((mixture, i) => {
    if (mixture.family !== first.family) {
      throw new InvalidInput(`mixture ${i} is of the family ${mixture.family.name}, mixture 0 of ${first.family.name}`);
    }
    if (mixture.dimension !== first.dimension) {
      throw new InvalidInput(
        `mixture ${i} is ${mixture.dimension}-dimensional, mixture 0 ${first.dimension}-dimensional: leave one of them out`,
      );
    }
  });
  return mixtures;
}
