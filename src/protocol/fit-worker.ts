import { type Fit, type FitOptions, fit } from '../estimate/fit';
import type { FamilyName } from '../families/registry';
import type { Samples } from '../math/table';
import { type MixtureJSON, mixtureFromJSON } from '../mixture/mixture';

// What a thread of fitAll's pool runs. Mixtures cross the border as JSON objects, which keep every bit.

export interface SentTask {
  readonly samples: Samples;
  readonly options: Omit<FitOptions, 'family' | 'start'> & {
    readonly family: string;
    readonly start?: MixtureJSON;
  };
}

export type SentFit = Omit<Fit, 'mixture'> & { readonly mixture: MixtureJSON };

export default function fitSent({ samples, options: { family, start, ...options } }: SentTask): SentFit {
  const result = fit(samples, { ...options, family: family as FamilyName, start: start && mixtureFromJSON(start) });
  return { ...result, mixture: result.mixture.toJSON() };
}
