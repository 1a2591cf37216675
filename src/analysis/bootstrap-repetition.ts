import type { Rule } from '../aggregate/rule';
import { aggregateBy } from '../aggregate/rules';
import { DfmrError, messageOf, withMessage } from '../errors';
import { type Fit, fitSteps } from '../estimate/fit';
import type { Family } from '../families/family';
import { leastAssignment } from '../math/assignment';
import type { Seed } from '../math/random';
import { assemble, type Mixture, type MixtureJSON, mixtureFromJSON, mixtureToVector } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import type { Task } from '../study/results-file';
import { pause, performed } from '../work/work';

/** What every repetition of a bootstrap needs; plain JSON if the family and the rule are registered. */
export interface BootstrapDesign {
  /** the mixture that takes the place of the truth */
  readonly mixture: MixtureJSON;
  readonly family: string | Family;
  /** n_i of each machine */
  readonly sampleSizes: readonly number[];
  readonly rule: string | Rule;
  readonly penalty?: number | 'published';
  readonly seed: Seed;
}

/** The aggregate of one repetition as a vector, or why there is none. */
export interface BootstrapRepetition extends Task {
  readonly vector?: readonly number[];
  readonly failed?: string;
}

/** EM from the mixture that is refitted ends where it began if its steps are short, and simulated estimates then scatter too little. */
const TOLERANCE = 1e-10;

/** One repetition, by the design's seed alone: new rows on each machine, their fits from the mixture, and the rule on these. */
export async function repeatBootstrap(
  { mixture: json, family, sampleSizes, rule, penalty, seed }: BootstrapDesign,
  setting: number,
  repetition: number,
  signal?: AbortSignal,
): Promise<BootstrapRepetition> {
  const truth = mixtureFromJSON(json, family as Family);
  try {
    const fits: Fit<unknown>[] = [];
    for (const [i, n] of sampleSizes.entries()) {
      await pause(signal);
      const { data } = sample(truth, n, `${seed}: bootstrap ${repetition}, machine ${i}`);
      const steps = fitSteps<unknown>(data, { start: truth, penalty, tolerance: TOLERANCE, accelerate: true });
      fits.push(await performed(steps, { signal }).catch(named(`machine ${i}`)));
    }
    const options = { rule, sampleSizes, seed: `${seed}: bootstrap ${repetition}`, signal };
    const { mixture } = fits.length > 1 ? await aggregateBy<unknown>(fits, options) : fits[0];
    return { setting, repetition, vector: [...mixtureToVector(inOrderOf(truth, mixture))] };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof DfmrError)) throw error;
    return { setting, repetition, failed: messageOf(error) };
  }
}

const named = (what: string) => (error: unknown) => {
  throw withMessage(error, `${what}: ${messageOf(error)}`);
};

/** The mixture with its components in the order in which Σ KL(θ_k ‖ θ′_k) from the reference's is least, whatever their units. */
export function inOrderOf(
  reference: Mixture<unknown>,
  { family, order: K, weights, parameters }: Mixture<unknown>,
): Mixture<unknown> {
  const costs = Float64Array.from({ length: K * K }, (_, kl) =>
    Math.min(family.divergence(reference.parameters[Math.floor(kl / K)], parameters[kl % K]), Number.MAX_VALUE / K),
  );
  const own = leastAssignment(costs, K);
  return assemble(
    family,
    Float64Array.from(own, (k) => weights[k]),
    Array.from(own, (k) => parameters[k]),
  );
}
