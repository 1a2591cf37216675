import type { Family } from '../families/family';
import type { MixtureJSON } from '../mixture/mixture';

// What goes between the server and its machines in rounds, and what the server keeps: plain JSON, so that a thread or a file can carry it.

/** What the server wants of the machines. */
export interface RoundsSetup {
  /** where the first round starts */
  readonly start: MixtureJSON;
  /** its name, or the user's own if it has none */
  readonly family: string | Family<never>;
  /** N of the rows behind the start; not needed */
  readonly sampleSize?: number;
  /** the names of the d features; not needed */
  readonly features?: readonly string[];
  /** the EM steps of each round, as many numbers as there are rounds at most */
  readonly iterations: readonly number[];
  /** whether a proposal needs the votes of more than half of all machines */
  readonly vote: boolean;
  /** whether every other proposal is an extrapolation of those before it */
  readonly accelerate: boolean;
  /** a, the strength of the penalty on all rows; N^(−1/2) if not given */
  readonly penalty?: number;
  /** rounds end if the median machine gains no more than this, in nats a row */
  readonly tolerance: number;
}

/** What all machines are asked in a round. */
export interface RoundAsk {
  /** counted from 1 */
  readonly round: number;
  /** from which they make their steps, and which they judge by its log-likelihood */
  readonly start: MixtureJSON;
  /** the SHA-256 of the start */
  readonly hash: string;
  readonly family: string | Family<never>;
  /** the names of the d features, if the server knows them */
  readonly features?: readonly string[];
  readonly iterations: number;
  /** a_i / n_i, so that all penalties together are that of all rows; null if N is not known: each takes n_i^(−1/2) */
  readonly penaltyPerRow: number | null;
  /** a_i itself, if the server knows n_i */
  readonly penalty?: number;
}

/** How a mixture came to be proposed. */
export type ProposalKind = 'start' | 'aggregate' | 'extrapolation' | 'aggregate, not extrapolated' | 'best so far';

/** What became of one round, as plain JSON. */
export interface RoundRecord {
  /** counted from 1 */
  readonly round: number;
  /** the EM steps that machines made */
  readonly iterations: number;
  /** what the round proposes, on which machines vote with their next replies */
  readonly mixture: MixtureJSON;
  /** how the proposal was made */
  readonly proposal: ProposalKind;
  /** `[i K + k]` is 1 if machine i's component k was used; empty if nothing was aggregated */
  readonly keptComponents: readonly number[];
  /** 1 for the machines whose weights were used */
  readonly keptWeights: readonly number[];
  /** what was not used, by machine, each with the reason */
  readonly setAside: readonly {
    /** the machine, by its index */
    readonly machine: number;
    /** the component, as the machine numbers them; absent if the whole machine was set aside */
    readonly component?: number;
    /** why, in words */
    readonly reason: string;
  }[];
  /** of each machine, ℓ_i of the proposal less ℓ_i of the best before it, as the machine says; null if it was silent */
  readonly gains: readonly (number | null)[];
  /** whether it replaced the best so far */
  readonly accepted: boolean;
  /** the numbers that were sent to machines and back, as float64 */
  readonly bytes: number;
  /** what to know of the round, in sentences */
  readonly notes: readonly string[];
}

/** A mixture, and what is known of it. */
export interface Standing {
  readonly mixture: MixtureJSON;
  /** what each machine says of it; null if it was silent */
  readonly logLikelihoods: readonly (number | null)[];
  /** N of the rows behind it */
  readonly sampleSize?: number;
  readonly rowsBehind?: { readonly weights: number; readonly components: readonly number[] };
  /** the round that proposed it; 0 for the start */
  readonly round: number;
}

export interface Proposal extends Omit<Standing, 'logLikelihoods'> {
  readonly kind: ProposalKind;
  /** the EM steps that led to it from the mixture before; 0 if none did */
  readonly iterations: number;
  /** the aggregate, if this is an extrapolation */
  readonly instead?: Proposal;
}

/** What the server knows between rounds. */
export interface RoundsState {
  readonly setup: RoundsSetup;
  /** the names of those that replied, or failed to, in round 1 */
  readonly machines: readonly string[];
  /** the rows that each machine said it has; null if it never did */
  readonly claims: readonly (number | null)[];
  readonly best?: Standing;
  /** on which machines are voting */
  readonly proposal: Proposal;
  /** the EM steps of the ask, and the most of any that follows: 1 once a vote was lost */
  readonly iterations: number;
  readonly mostIterations: number;
  /** votes lost in a row */
  readonly lost: number;
  /** accepted mixtures one step after another, each by the same number of EM steps, of which an extrapolation is made */
  readonly chain: { readonly iterations: number; readonly mixtures: readonly MixtureJSON[] };
  /** the longest step of an extrapolation */
  readonly longest: number;
  readonly history: readonly RoundRecord[];
}

/** What rounds led to, as plain JSON. */
export interface RoundsOutcome {
  readonly mixture: MixtureJSON;
  readonly features?: readonly string[];
  readonly converged: boolean;
  readonly machines: readonly string[];
  readonly sampleSize?: number;
  readonly rowsBehind?: { readonly weights: number; readonly components: readonly number[] };
  /** the round that proposed the mixture; 0 for the start */
  readonly round: number;
  readonly history: readonly RoundRecord[];
  readonly decisions: readonly string[];
}
