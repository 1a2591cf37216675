import type { Fit } from '../estimate/fit';
import type { Family } from '../families/family';
import { type MixtureJSON, mixtureFromJSON } from '../mixture/mixture';

/** A fit in the form in which a machine sends it: the mixture as plain JSON, the rest as it is, so that no bit is lost between threads. */
export type FitJSON = Omit<Fit<unknown>, 'mixture'> & { readonly mixture: MixtureJSON };

/** The fit as a machine sends it. */
export function fitToJSON({ mixture, ...rest }: Fit<unknown>): FitJSON {
  return { ...rest, mixture: mixture.toJSON() };
}

/**
 * The fit that a machine sent.
 * @param family the user's family, if it is not registered
 */
export function fitFromJSON<Parameter>({ mixture, ...rest }: FitJSON, family?: Family<Parameter>): Fit<Parameter> {
  return {
    ...rest,
    trace: Float64Array.from(rest.trace),
    maxima: Float64Array.from(rest.maxima, (one) => one ?? -Infinity), // as JSON has no infinite numbers
    mixture: mixtureFromJSON(mixture, family as Family<Parameter>),
  };
}
