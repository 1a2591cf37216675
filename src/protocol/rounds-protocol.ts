import { createHash } from 'node:crypto';
import { cappedClaims } from '../aggregate/capped-claims';
import { componentsSteps } from '../aggregate/components';
import { DamagedFile, InvalidInput, NoCentre } from '../errors';
import { extrapolate } from '../estimate/acceleration';
import { requireNonNegative, requirePositiveInteger } from '../math/checks';
import { median } from '../math/quantile';
import { countOf } from '../math/table';
import { type Mixture, type MixtureJSON, mixtureFromJSON } from '../mixture/mixture';
import type { RowsBehind } from '../theory/standard-errors';
import { performed, type WorkOptions } from '../work/work';
import type { Protocol } from './protocol';
import { familyIn, type Read, type RoundAnswer, type RoundReplies, readReplies } from './round-door';
import { roundStep } from './round-step';
import { decisionsOf } from './rounds-decisions';
import type {
  Proposal,
  ProposalKind,
  RoundAsk,
  RoundRecord,
  RoundsOutcome,
  RoundsSetup,
  RoundsState,
  Standing,
} from './rounds-state';

/** Votes lost in a row after which rounds end: the best so far stays. */
const MOST_LOST = 3;

/** The factor by which the longest extrapolation grows while they are taken, and shrinks when one is not. */
const STEP_GROWTH = 4;

const BYTES_PER_NUMBER = 8;

/**
 * Rounds: machines make a few EM steps from the server's mixture, the component rule aggregates what they send, and the aggregate goes
 * back to them. See `dfmrRounds`.
 */
export const roundsProtocol: Protocol<RoundsSetup, RoundAsk, RoundAnswer, RoundsState, RoundsOutcome> = {
  name: 'rounds',

  begin(setup) {
    const { iterations, tolerance, penalty, start, sampleSize } = setup;
    iterations.forEach((E, t) => {
      requirePositiveInteger(`the iterations of round ${t + 1}`, E);
    });
    requirePositiveInteger('rounds', iterations.length);
    requireNonNegative('tolerance', tolerance);
    if (penalty !== undefined) requireNonNegative('penalty', penalty);
    mixtureFromJSON(start, familyIn(setup.family));
    const proposal: Proposal = { kind: 'start', mixture: start, round: 0, sampleSize, iterations: 0 };
    const nothing = { machines: [], claims: [], lost: 0, history: [], chain: { iterations: 0, mixtures: [] } };
    const steps = { iterations: iterations[0], mostIterations: Math.max(...iterations), longest: STEP_GROWTH };
    return asking({ setup, proposal, ...steps, ...nothing });
  },

  *answer(samples, { start, hash, family, iterations, penaltyPerRow, penalty: own }) {
    if (hashOf(start) !== hash)
      throw new DamagedFile('the mixture that is asked about is not the one that was sent: copy the ask again');
    const n = countOf(samples);
    const penalty = own ?? (penaltyPerRow === null ? n ** -0.5 : penaltyPerRow * n);
    const reply = yield* roundStep(samples, mixtureFromJSON(start, familyIn(family)), { iterations, penalty });
    return { ...reply, mixture: reply.mixture.toJSON() };
  },

  async next(before, replies, work) {
    const machines = before.machines.length > 0 ? before.machines : replies.map(({ machine }) => machine);
    requireMachines(machines);
    const start = mixtureFromJSON(before.proposal.mixture, familyIn(before.setup.family));
    const received = readReplies(replies, machines, start);
    const { read, silent } = received;
    const claims = machines.map((_, i) => read[i]?.sampleSize ?? before.claims[i] ?? null);
    const state = judged({ ...before, machines, claims }, read);
    const round = state.history.length + 1;
    const answered = machines.length - silent.length;
    if (2 * answered <= machines.length && round === 1)
      throw new NoCentre(
        `${silent.length} of ${machines.length} machines did not answer: without more than half there is nothing to trust. ${machines[silent[0].machine]}: ${silent[0].reason}`,
      );
    const converged = hasConverged(state);
    if (converged || state.lost >= MOST_LOST || round > state.setup.iterations.length)
      return { done: outcomeOf(state, converged) };
    const proposed = await proposedBy(state, { ...received, start }, work);
    if (!proposed) return { done: outcomeOf(state, false) };
    const { vote, iterations } = state.setup;
    if (proposed.history.length === iterations.length && !vote && proposed.proposal.kind !== 'extrapolation')
      return { done: outcomeOf(unjudged(proposed), false) };
    return asking(proposed);
  },
};

function requireMachines(machines: readonly string[]): void {
  if (machines.length === 0) throw new InvalidInput('there are no machines: at least one is needed');
  const twice = machines.find((name, i) => machines.indexOf(name) < i);
  if (twice !== undefined)
    throw new InvalidInput(`two machines are called ${JSON.stringify(twice)}: give each a name of its own`);
}

/** The SHA-256 of a mixture, as asks hold it. */
export const hashOf = (mixture: MixtureJSON): string =>
  createHash('sha256').update(JSON.stringify(mixture)).digest('hex');

function asking(state: RoundsState): { ask: RoundAsk; state: RoundsState } {
  const { proposal, setup, iterations, history } = state;
  const ask = {
    round: history.length + 1,
    start: proposal.mixture,
    hash: hashOf(proposal.mixture),
    family: setup.family,
    ...(setup.features && { features: setup.features }),
    iterations,
    penaltyPerRow: penaltyPerRow(state),
  };
  return { ask, state };
}

/** a / N, with N as machines claim it, none so much that a minority has more than half. */
function penaltyPerRow({ setup, claims }: RoundsState): number | null {
  const { penalty, sampleSize } = setup;
  const known = claims.filter((claim) => claim !== null);
  const N = known.length > 0 ? cappedClaims(Float64Array.from(known)).reduce((sum, n) => sum + n, 0) : sampleSize;
  if (penalty === 0) return 0;
  return N === undefined ? null : (penalty ?? N ** -0.5) / N;
}

/** Counts the votes on the proposal. */
function judged(state: RoundsState, read: readonly (Read | undefined)[]): RoundsState {
  const { proposal, setup, history, longest } = state;
  const best = state.best ?? { ...proposal, logLikelihoods: read.map(() => null) };
  const logLikelihoods = read.map((one) => one?.logLikelihood ?? null);
  const { mixture, sampleSize, rowsBehind, round } = proposal;
  const standing = { mixture, sampleSize, rowsBehind, round, logLikelihoods };
  if (proposal.kind === 'start') return { ...state, best: standing, chain: grown(state, mixture) };
  if (proposal.kind === 'best so far') {
    const known = logLikelihoods.map((one, i) => one ?? best.logLikelihoods[i]);
    return { ...state, best: { ...best, logLikelihoods: known }, chain: grown(state, mixture) };
  }
  const gains = logLikelihoods.map((one, i) => {
    const before = best.logLikelihoods[i];
    return one === null || before === null ? null : one - before;
  });
  const votes = gains.filter((gain) => gain !== null && gain > 0).length;
  const extrapolated = proposal.kind === 'extrapolation';
  const accepted = 2 * votes > gains.length || !(setup.vote || extrapolated);
  const last = { ...history[history.length - 1], gains, accepted };
  const all = [...history.slice(0, -1), last];
  if (!accepted)
    return extrapolated
      ? { ...state, history: all, longest: Math.max(1, longest / STEP_GROWTH) }
      : { ...state, history: all, lost: state.lost + 1 };
  const next = { ...state, history: all, best: standing, lost: 0 };
  return { ...next, chain: extrapolated ? { iterations: 0, mixtures: [mixture] } : grown(state, mixture) };
}

/** The chain with one more mixture, if it came by as many EM steps as those before; else of that step alone. */
function grown({ chain, proposal }: RoundsState, mixture: MixtureJSON): RoundsState['chain'] {
  const { kind, iterations } = proposal;
  if (!kind.startsWith('aggregate')) return { iterations, mixtures: [mixture] };
  return { iterations, mixtures: [...chain.mixtures.slice(-1), mixture] };
}

/** Whether the median machine is as good as where it was, of a proposal by as few EM steps as there will be. */
function hasConverged({ setup, proposal, history, claims }: RoundsState): boolean {
  const { iterations, tolerance } = setup;
  const last = history[history.length - 1];
  if (!last || !isVotedOn(proposal.kind) || proposal.iterations > iterations[iterations.length - 1]) return false;
  if (proposal.kind === 'extrapolation' && !last.accepted) return false;
  const changes = last.gains.flatMap((gain, i) => (gain === null ? [] : [Math.abs(gain) / (claims[i] as number)]));
  return 2 * changes.length > last.gains.length && median(changes) <= tolerance;
}

const isVotedOn = (kind: ProposalKind): boolean => kind !== 'start' && kind !== 'best so far';

/** The state with the next proposal, and the record of the round; undefined if it is one that was refused before. */
async function proposedBy(
  state: RoundsState,
  received: RoundReplies & { readonly start: Mixture },
  work: WorkOptions,
): Promise<RoundsState | undefined> {
  const { proposal, history, machines } = state;
  const { silent, notes } = received;
  const refused = isVotedOn(proposal.kind) && !history[history.length - 1].accepted;
  if (refused && proposal.instead) return withRecord(state, proposal.instead, { ...received, setAside: silent });
  if (refused) {
    const lost = { ...state, mostIterations: 1 };
    return withRecord(lost, bestOf(state), { ...received, setAside: silent });
  }
  const answered = machines.length - silent.length;
  if (2 * answered <= machines.length) {
    const told = [...notes, `No more than half of the machines answered: they are asked again.`];
    const lost = { ...state, lost: state.lost + 1 };
    return withRecord(lost, bestOf(state), { ...received, setAside: silent, notes: told });
  }
  return aggregated(state, received, work);
}

/** The best so far, to be asked about again. */
const bestOf = ({ best, proposal }: RoundsState): Proposal => {
  const { logLikelihoods: _, ...standing } = best as Standing;
  return { ...standing, kind: 'best so far', iterations: 0, ...(!best && { mixture: proposal.mixture }) };
};

/** The proposal of the component rule, or where the steps to it lead if they go on; undefined if it was refused before. */
async function aggregated(
  state: RoundsState,
  received: RoundReplies & { readonly start: Mixture },
  work: WorkOptions,
): Promise<RoundsState | undefined> {
  const { read, silent, start } = received;
  const { machines, iterations, history } = state;
  const { order: K } = start;
  const which = machines.flatMap((_, i) => (read[i] ? [i] : []));
  const found = await performed(
    componentsSteps(
      which.map((i) => read[i] as Read),
      {},
      iterations,
    ),
    work,
  );
  const keptComponents = new Array<number>(machines.length * K).fill(0);
  const keptWeights = new Array<number>(machines.length).fill(0);
  which.forEach((i, at) => {
    for (let k = 0; k < K; k++) keptComponents[i * K + k] = found.keptComponents[at * K + k];
    keptWeights[i] = found.keptWeights[at];
  });
  const setAside = [...silent, ...found.setAside.map((one) => ({ ...one, machine: which[one.machine] }))];
  const { sampleSize, rowsBehind } = found;
  const aggregate: Proposal = {
    kind: 'aggregate',
    iterations,
    mixture: found.mixture.toJSON(),
    round: history.length + 1,
    sampleSize,
    rowsBehind: rowsBehind && plainRows(rowsBehind),
  };
  if (wasRefused(history, aggregate.mixture)) return undefined;
  const { proposal, longest } = farther(state, aggregate, found.mixture);
  return withRecord({ ...state, longest }, proposal, {
    ...received,
    notes: [...received.notes, ...found.notes],
    setAside: setAside.sort((a, b) => a.machine - b.machine),
    keptComponents,
    keptWeights,
  });
}

const wasRefused = (history: readonly RoundRecord[], mixture: MixtureJSON): boolean =>
  history.some((one) => !one.accepted && one.proposal === 'aggregate' && hashOf(one.mixture) === hashOf(mixture));

const plainRows = ({ weights, components }: RowsBehind) => ({ weights, components: Array.from(components) });

/** The extrapolation of the last two steps and this one, if they are wanted and alike; else the aggregate itself. */
function farther(
  { setup, chain, iterations, history, longest }: RoundsState,
  aggregate: Proposal,
  mixture: Mixture,
): { readonly proposal: Proposal; readonly longest: number } {
  const alike = chain.mixtures.length === 2 && chain.iterations === iterations;
  const last = history.length + 1 === setup.iterations.length; // after which nothing could be proposed instead
  if (!(setup.accelerate && alike && !last)) return { proposal: aggregate, longest };
  const [first, second] = chain.mixtures.map((one) => mixtureFromJSON(one, mixture.family));
  const leap = extrapolate([first, second, mixture], longest);
  if (!leap || leap.step === 1) return { proposal: aggregate, longest: Math.max(longest, STEP_GROWTH) };
  const proposal = { ...aggregate, kind: 'extrapolation', mixture: leap.mixture.toJSON() } as const;
  return {
    proposal: { ...proposal, instead: { ...aggregate, kind: 'aggregate, not extrapolated' } },
    longest: leap.step === longest ? longest * STEP_GROWTH : longest,
  };
}

/** The state that asks about the proposal, with the record of the round that made it. */
function withRecord(
  state: RoundsState,
  proposal: Proposal,
  {
    start,
    read,
    notes,
    ...found
  }: RoundReplies & { readonly start: Mixture } & Pick<RoundRecord, 'setAside'> &
    Partial<Pick<RoundRecord, 'keptComponents' | 'keptWeights'>>,
): RoundsState {
  const { setup, machines, history, mostIterations } = state;
  const source = history.find(({ round }) => round === proposal.round);
  const round = history.length + 1;
  const numbers = start.order * (1 + start.family.size(start.dimension));
  const answered = read.filter((one) => one).length;
  const record: RoundRecord = {
    round,
    iterations: state.iterations,
    mixture: proposal.mixture,
    proposal: proposal.kind,
    keptComponents: found.keptComponents ?? (proposal.kind === 'best so far' ? [] : (source?.keptComponents ?? [])),
    keptWeights: found.keptWeights ?? (proposal.kind === 'best so far' ? [] : (source?.keptWeights ?? [])),
    setAside: found.setAside,
    gains: machines.map(() => null),
    accepted: false,
    bytes: BYTES_PER_NUMBER * (machines.length * numbers + answered * (numbers + 2)),
    notes,
  };
  const iterations = Math.min(mostIterations, setup.iterations[round] ?? 1);
  const asked = proposal.kind === 'best so far' ? 1 : iterations;
  return { ...state, proposal, iterations: asked, history: [...history, record] };
}

/** The state with the proposal as the best, on which nobody votes. */
function unjudged(state: RoundsState): RoundsState {
  const { proposal, history, machines } = state;
  const { mixture, sampleSize, rowsBehind, round } = proposal;
  const best = { mixture, sampleSize, rowsBehind, round, logLikelihoods: machines.map(() => null) };
  return { ...state, best, history: [...history.slice(0, -1), { ...history[history.length - 1], accepted: true }] };
}

function outcomeOf(state: RoundsState, converged: boolean): RoundsOutcome {
  const { mixture, sampleSize, rowsBehind, round } = state.best as Standing;
  const { machines, history } = state;
  const decisions = decisionsOf(state, converged);
  const { features } = state.setup;
  return {
    mixture,
    ...(features && { features }),
    converged,
    machines,
    sampleSize,
    rowsBehind,
    round,
    history,
    decisions,
  };
}
