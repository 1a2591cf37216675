import type { DistanceMatrix } from '../distance/distance-matrix';
import { DfmrError, InvalidInput, messageOf, withMessage } from '../errors';
import { described } from '../math/checks';
import { mixtureOf } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import type { WorkOptions } from '../work/work';
import type { CandidateOptions } from './candidates';
import type { Coat } from './coat';
import { withMedianNoise } from './median-noise';

/** Why a machine, or one component of it, was not used. */
export interface SetAside {
  /** its number, from 0 */
  readonly machine: number;
  /** the component that was not used, as the machine numbers it; all of them if not given */
  readonly component?: number;
  /** a clause without subject and full stop: "it lies 2.6 times as far from the centre of attention as the threshold allows" */
  readonly reason: string;
}

/** What every aggregation rule answers. */
export interface Aggregated<Parameter = unknown> {
  /** what the kept machines say together; its noise, if there is some, is the median of theirs, on the box of the medians of its ends */
  readonly mixture: Mixture<Parameter>;
  /** the machines of which at least one component was used, ascending */
  readonly kept: Int32Array;
  /** what was not used, by machine, each with the reason */
  readonly setAside: readonly SetAside[];
  /** whether the rule's iteration came to its end */
  readonly converged: boolean;
  /** N, the rows behind the result; undefined if sample sizes are not known */
  readonly sampleSize?: number;
  /** how many cells of these rows are missing, as far as the fits say; absent if none is */
  readonly missingCells?: number;
  /** what to know of the result before it is used, in sentences */
  readonly notes: readonly string[];
}

/** What a rule may use beside the estimates. */
export interface RuleInput<Parameter = unknown> extends WorkOptions, CandidateOptions {
  /** n_1 … n_m; undefined if they are not known */
  readonly sampleSizes?: ArrayLike<number>;
  /** all pairs by the distance that was chosen, computed when it is first asked for */
  distances(): Promise<DistanceMatrix>;
  /**
   * the centre of attention by that distance, computed when it is first asked for; among more than 2000 machines it takes the
   * distances of some candidates only, and says of which
   */
  centre(): Promise<Coat<Parameter>>;
  /** the mixture at which iterations start; the rule's own choice if not given */
  readonly start?: Mixture<Parameter>;
  /** whether reductions start at `start` or at every estimate in turn; see `reduce` */
  readonly from?: 'start' | 'every';
  /** the machines that failed: known in simulations only, for yardsticks */
  readonly failed?: ArrayLike<number>;
}

/** The contract of an aggregation rule: a name, how figures show it, and how it aggregates. */
export interface Rule {
  /** as in the registry: 'dfmr(1.3)' */
  readonly name: string;
  /**
   * as figures and tables show it: 'DFMR(1.3)'
   * @defaultValue the name
   */
  readonly title?: string;
  /**
   * the rule's colour in every figure, as CSS has it
   * @defaultValue one of the palette
   */
  readonly colour?: string;
  /**
   * whether it decides by what the machines sent which of them it uses, so that studies count those
   * @defaultValue true
   */
  readonly filters?: boolean;
  /**
   * Aggregates m mixtures of one family, dimension and order. Your own rule may leave out `setAside` (all that is not
   * kept), `converged` (true), `notes` (none) and the mixture's noise, which is the median of the kept machines' in any case, of all if
   * one is kept.
   */
  aggregate<Parameter>(
    mixtures: readonly Mixture<Parameter>[],
    input: RuleInput<Parameter>,
  ): RuleAnswer<Parameter> | Promise<RuleAnswer<Parameter>>;
}

/** What a rule must answer; `applyRule` completes and checks it. */
export type RuleAnswer<Parameter> = Pick<Aggregated<Parameter>, 'mixture'> &
  Partial<Omit<Aggregated<Parameter>, 'mixture' | 'kept'>> & {
    /** the machines of which something was used, by index; all if not given */
    readonly kept?: ArrayLike<number>;
  };

/**
 * What a rule makes of the mixtures, complete and checked: a user's rule is trusted no more than a file is.
 * @throws InvalidInput if the rule returns anything but a mixture like the estimates and machines that exist; what the rule
 *   throws, with its name
 */
export async function applyRule<Parameter>(
  rule: Rule,
  mixtures: readonly Mixture<Parameter>[],
  input: RuleInput<Parameter>,
): Promise<Aggregated<Parameter>> {
  let answer: RuleAnswer<Parameter>;
  try {
    answer = await rule.aggregate(mixtures, input);
  } catch (error) {
    input.signal?.throwIfAborted();
    if (error instanceof DfmrError) throw error;
    throw withMessage(error, `the rule "${rule.name}" failed: ${messageOf(error)}`);
  }
  const refuse = (what: string): never => {
    throw new InvalidInput(`the rule "${rule.name}" returned ${what}`);
  };
  const [first] = mixtures;
  const { converged = true, notes = [], ...rest } = answer ?? {};
  const mixture = mixtureOf(rest.mixture, `the answer of the rule "${rule.name}"`);
  if (mixture.family !== first.family || mixture.dimension !== first.dimension)
    refuse(
      `a ${mixture.dimension}-dimensional ${mixture.family.name} mixture: the estimates are ${first.dimension}-dimensional ${first.family.name} mixtures`,
    );
  const given = rest.kept ? Array.from(rest.kept) : [...mixtures.keys()];
  const used = new Set<number>();
  for (const i of given) {
    if (!(Number.isInteger(i) && i >= 0 && i < mixtures.length))
      refuse(`machine ${described(i)} as kept: the machines are 0 … ${mixtures.length - 1}`);
    if (used.has(i)) refuse(`machine ${i} as kept twice`);
    used.add(i);
  }
  const kept = Int32Array.from(given).sort();
  const unused = [...mixtures.keys()].filter((machine) => !used.has(machine));
  const setAside = rest.setAside ?? unused.map((machine) => ({ machine, reason: 'the rule did not use it' }));
  // one machine alone could lie about noise
  const machines = kept.length > 1 ? Array.from(kept, (i) => mixtures[i]) : mixtures;
  return { ...rest, mixture: withMedianNoise(mixture, machines), kept, setAside, converged, notes };
}
