import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Aggregated, SetAside } from '../aggregate/rule';
import { InvalidInput, messageOf } from '../errors';
import { isRegistered } from '../families/families-registry';
import type { Family } from '../families/family';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { described, requirePositiveInteger } from '../math/checks';
import { parseJson } from '../messages/parse-json';
import { type Estimate, mixtureOf } from '../mixture/given';
import { type Mixture, mixtureFromJSON } from '../mixture/mixture';
import type { RowsBehind } from '../theory/standard-errors';
import type { WorkOptions } from '../work/work';
import { askMachines, type RoundMachine, type TableMachine } from './round-machine';
import { roundsProtocol } from './rounds-protocol';
import type { RoundAsk, RoundRecord, RoundsOutcome, RoundsSetup, RoundsState } from './rounds-state';

/** What is asked of rounds, with a machine or with files. */
export interface RoundsPlan {
  /**
   * how many rounds are held at most
   * @defaultValue 12
   */
  readonly rounds?: number;
  /**
   * the EM steps of each round, or of round t = 1, 2, … : many lead there fast, but to the average of what machines would do alone;
   * one by one leads to the maximum for all rows
   * @defaultValue 10 in rounds 1 and 2, 3 to round 6, then 1
   */
  readonly iterations?: number | ((round: number) => number);
  /**
   * whether a proposal replaces the best so far only if the log-likelihood rises on more than half of all machines. Without it, liars
   * that push the mixture a little in every round lead it away.
   * @defaultValue true
   */
  readonly vote?: boolean;
  /**
   * whether every other proposal extrapolates (SQUAREM), which takes a third of the rounds where components overlap
   * @defaultValue false
   */
  readonly accelerate?: boolean;
  /**
   * a, the strength of the penalty on all rows; machine i has the share n_i / N of it
   * @defaultValue N^(−1/2)
   */
  readonly penalty?: number;
  /**
   * rounds end if the median machine gains no more than this, in nats a row
   * @defaultValue 1e-6
   */
  readonly tolerance?: number;
}

/** Options of `dfmrRounds`. */
export interface RoundsOptions<Parameter = GaussianParameter> extends RoundsPlan, WorkOptions {
  /** where the first round starts: best an aggregate of local estimates */
  readonly start: Estimate<Parameter>;
  /**
   * a machine that does not answer within this many seconds is silent in that round
   * @defaultValue none
   */
  readonly timeLimit?: number;
  /**
   * where the state is kept after each round, so that rounds that were killed go on from there, to the same bytes
   * @defaultValue in memory only
   */
  readonly file?: string;
}

/** What became of one round. */
export interface RoundOfHistory<Parameter = unknown> extends Omit<RoundRecord, 'mixture'> {
  /** what the round proposed */
  readonly mixture: Mixture<Parameter>;
}

/** Where rounds led, and every round on the way. */
export interface Rounds<Parameter = GaussianParameter> extends Aggregated<Parameter> {
  /** the round that proposed the mixture; 0 for the start */
  readonly round: number;
  /** every round, which `JSON.stringify` writes */
  readonly history: readonly RoundOfHistory<Parameter>[];
  /** the rows behind each part, for standard errors; undefined for the start */
  readonly rowsBehind?: RowsBehind;
  /** the names of the machines */
  readonly machines: readonly string[];
  /** what rounds did, why they ended, what they cost and what they lead to, in sentences */
  readonly decisions: readonly string[];
}

/**
 * Rounds (section 7 of the paper): the aggregate goes back to the machines as their next start, and machines lie again in every round.
 * With few rows a machine, local maxima are poor and averages of local estimates biased; rounds lead to the penalised MLE of all rows
 * that are kept.
 *
 * 1. Every machine makes a few EM steps on its own rows from the server's mixture, and says what the log-likelihood of that mixture is.
 * 2. Replies pass the door of all messages. The component rule (`dfmrComponents`) keeps what belongs together; components keep the
 *    labels of the mixture that all started from. One EM step of each machine and the barycentres of what is kept are the EM step of all
 *    kept rows, exactly: Σ_i n_ik ∇A(θ_ik) / Σ_i n_ik.
 * 3. The aggregate replaces the best so far if the log-likelihood rises on more than half of all machines; who is silent votes no. The
 *    values come with the next replies. A lost vote leads back to the best so far, and to single steps; three in a row end it.
 *
 * A push that no filter sees would be multiplied by the slowness of EM over the rounds: the vote bounds it. It gives safety, not
 * progress: if 40 % of the machines vote no whatever comes, nearly all honest ones must gain. Near the maximum, where a step gains less than
 * the luck of single machines, honest ones stop it too: some hundredths to two tenths of a nat a machine below.
 * @param machines anything that makes EM steps on rows of its own: those of tables by `machinesOf`, or yours
 * @param options where the rounds start, how many are held, and how they are judged
 * @returns the mixture, whether it converged, every round, and what was decided
 * @throws InvalidInput if there are no machines, an option is invalid, or machines are of another dimension than the start; NoCentre if half
 *   of the machines or more do not answer the first round; the signal's reason when it aborts
 * @example
 * const { result } = await aggregate(fits);
 * const { mixture, history } = await dfmrRounds(machinesOf(tables), { start: result, rounds: 4 });
 * history.map(({ accepted }) => accepted); // [true, true, false, false]
 * [wasserstein1(result, truth), wasserstein1(mixture, truth)]; // [0.00918, 0.00892]
 */
export async function dfmrRounds<Parameter = GaussianParameter>(
  machines: readonly TableMachine[],
  options: RoundsOptions<Parameter>,
): Promise<Rounds<Parameter>>;
export async function dfmrRounds<Parameter = GaussianParameter>(
  machines: readonly RoundMachine<Parameter>[],
  options: RoundsOptions<Parameter>,
): Promise<Rounds<Parameter>>;
export async function dfmrRounds<Parameter>(
  machines: readonly RoundMachine<Parameter>[],
  { start: given, timeLimit, file, signal, onProgress, ...plan }: RoundsOptions<Parameter>,
): Promise<Rounds<Parameter>> {
  const start = mixtureOf(given, 'the start');
  requireMachines(machines, start);
  if (timeLimit !== undefined && !(timeLimit > 0))
    throw new InvalidInput(`timeLimit is ${described(timeLimit)}: it must be a positive number of seconds`);
  const setup = roundsSetup(given, plan);
  let next: { readonly ask: RoundAsk; readonly state: RoundsState } =
    (file === undefined ? undefined : resumedFrom(file, setup)) ?? roundsProtocol.begin(setup);
  for (;;) {
    const { ask, state } = next;
    const total = Math.max(ask.round, setup.iterations.length) * machines.length;
    const replies = await askMachines(machines as readonly RoundMachine[], {
      ask,
      start: mixtureFromJSON(ask.start, start.family) as Mixture,
      claims: state.claims,
      timeLimit,
      signal,
      onAnswer: (answers) =>
        onProgress?.({
          stage: 'rounds',
          done: (ask.round - 1) * machines.length + answers,
          total,
        }),
    });
    signal?.throwIfAborted();
    const following = await roundsProtocol.next(state, replies, { signal });
    if ('done' in following) {
      onProgress?.({ stage: 'rounds', done: total, total }); // where rounds end early, too
      return roundsFrom(following.done, start.family);
    }
    next = following;
    if (file !== undefined) keep(file, next);
  }
}

/** @throws InvalidInput if a machine cannot step, or has rows of another dimension */
function requireMachines<P>(machines: readonly RoundMachine<P>[], start: Mixture<P>): void {
  if (!(Array.isArray(machines) && machines.length > 0))
    throw new InvalidInput(
      `machines is ${described(machines)}: a list of machines is needed, such as machinesOf(tables)`,
    );
  machines.forEach((machine: RoundMachine<P> | undefined, i) => {
    if (typeof machine?.step !== 'function')
      throw new InvalidInput(`machine ${i} is ${described(machine)}: it needs a function step(start, options)`);
    if (machine.dimension !== undefined && machine.dimension !== start.dimension)
      throw new InvalidInput(
        `machine ${i} has rows of ${machine.dimension} features, but the start is a mixture in ${start.dimension} dimensions`,
      );
  });
}

/** The schedule that led nearest to the MLE in the fewest rounds, with poor starts and without. */
const usualIterations = (round: number): number => (round <= 2 ? 10 : round <= 6 ? 3 : 1);

/**
 * What the protocol `rounds` begins with.
 * @throws InvalidInput if the start is no mixture, or the number of rounds is not positive
 */
export function roundsSetup<Parameter>(given: Estimate<Parameter>, plan: RoundsPlan = {}): RoundsSetup {
  const {
    rounds = 12,
    iterations = usualIterations,
    vote = true,
    accelerate = false,
    tolerance = 1e-6,
    penalty,
  } = plan;
  requirePositiveInteger('rounds', rounds);
  const start = mixtureOf(given, 'the start');
  const { sampleSize } = given as { readonly sampleSize?: number };
  const family = start.family as Family;
  return {
    start: start.toJSON(),
    family: isRegistered(family) ? family.name : (family as Family<never>),
    ...(sampleSize !== undefined && { sampleSize }),
    iterations: Array.from({ length: rounds }, (_, t) =>
      typeof iterations === 'number' ? iterations : iterations(t + 1),
    ),
    vote,
    accelerate,
    ...(penalty !== undefined && { penalty }),
    tolerance,
  };
}

/** Where the outcome of the protocol led, as objects. */
export function roundsFrom<Parameter>(outcome: RoundsOutcome, family: Family<Parameter>): Rounds<Parameter> {
  const { mixture, round, history, machines, ...rest } = outcome;
  const source = history.find((one) => one.round === round);
  const { keptComponents = [], setAside = [], notes = [] } = source ?? {};
  const K = keptComponents.length / machines.length;
  const isKept = (i: number) => keptComponents.slice(i * K, (i + 1) * K).includes(1);
  const { rowsBehind, ...others } = rest;
  return {
    ...others,
    ...(rowsBehind && { rowsBehind }),
    mixture: mixtureFromJSON(mixture, family),
    round,
    kept: Int32Array.from(machines.keys()).filter(isKept),
    setAside: setAside as readonly SetAside[],
    history: history.map((one) => ({ ...one, mixture: mixtureFromJSON(one.mixture, family) })),
    machines,
    notes,
  };
}

/** The state of rounds that were killed. */
interface KeptRounds {
  readonly format: 'dfmr-rounds';
  readonly ask: RoundAsk;
  readonly state: RoundsState;
}

/** Writes the state at once, so that none is left half written. */
function keep(file: string, { ask, state }: { readonly ask: RoundAsk; readonly state: RoundsState }): void {
  const kept: KeptRounds = { format: 'dfmr-rounds', ask, state };
  writeFileSync(`${file}.part`, `${JSON.stringify(kept)}\n`);
  renameSync(`${file}.part`, file);
}

/**
 * The state that a file keeps; undefined if there is none.
 * @throws InvalidInput if it is of other rounds
 */
function resumedFrom(file: string, setup: RoundsSetup): Pick<KeptRounds, 'ask' | 'state'> | undefined {
  if (!existsSync(file)) return undefined;
  let kept: Partial<KeptRounds> | null;
  try {
    kept = parseJson(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InvalidInput(`${file} is not a file of rounds (${messageOf(cause)}): give another`, { cause });
  }
  const { ask, state } = kept ?? {};
  if (!(kept?.format === 'dfmr-rounds' && ask && state))
    throw new InvalidInput(`${file} is not a file of rounds: give another`);
  const plain = JSON.parse(JSON.stringify(setup));
  const other = JSON.parse(JSON.stringify(state.setup));
  const differs = Object.keys({ ...plain, ...other }).find((key) => !isDeepStrictEqual(plain[key], other[key]));
  if (differs !== undefined)
    throw new InvalidInput(`${file} is of other rounds, which differ in ${differs}: give another file`);
  const { family } = setup; // which may be the user's own, that no file holds
  return { ask: { ...ask, family }, state: { ...state, setup } };
}
