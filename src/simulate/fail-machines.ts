import { requirePositiveInteger } from '../math/checks';
import { mixtureOf } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import type { RoundMachine, StepOptions, TableMachine } from '../protocol/round-machine';
import type { RoundReply } from '../protocol/round-step';
import { type FailOptions, failedMachines, failureFrom, sentBy } from './fail';

/** Which machines fail in every round, and how. */
export interface FailMachinesOptions<Parameter = unknown> extends FailOptions<Parameter> {
  /**
   * how failed machines vote on every proposal
   * @defaultValue as the failure has it; by their rows, if it does not say
   */
  readonly votes?: 'yes' | 'no' | 'by rows';
}

/** More than any log-likelihood rises or falls from round to round. */
const VOTE = 1e6;

/**
 * Byzantine failure in rounds: the failed machines see what all machines would send in a round, and then choose what they send. Which
 * machines fail is as in `fail` with the same share and seed.
 * @param machines m, as `dfmrRounds` takes them; failed ones have rows too, by which they know what they would send honestly
 * @param options how machines fail, which share of them, and the seed
 * @returns machines that fail so, in order, and which of them do
 * @throws InvalidInput if the share is not in [0, 1]; a machine's step as `fail` does
 * @example
 * const { machines, failed } = failMachines(machinesOf(tables), { kind: 'mean', fraction: 0.2, seed: 1 });
 * const { mixture } = await dfmrRounds(machines, { start: truth, rounds: 3 });
 * failed; // [2]
 * wasserstein1(mixture, truth); // 0.00869
 */
export function failMachines(
  machines: readonly TableMachine[],
  options: FailMachinesOptions,
): {
  /** all machines, those that fail in the places that they had */
  readonly machines: TableMachine[];
  /** the machines that fail, by index, ascending */
  readonly failed: Int32Array;
};
export function failMachines<Parameter>(
  machines: readonly RoundMachine<Parameter>[],
  options: FailMachinesOptions<Parameter>,
): {
  /** all machines, those that fail in the places that they had */
  readonly machines: RoundMachine<Parameter>[];
  /** the machines that fail, by index, ascending */
  readonly failed: Int32Array;
};
export function failMachines<Parameter>(
  machines: readonly RoundMachine<Parameter>[],
  { kind, fraction, components, seed, votes }: FailMachinesOptions<Parameter>,
): {
  /** all machines, those that fail in the places that they had */
  readonly machines: RoundMachine<Parameter>[];
  /** the machines that fail, by index, ascending */
  readonly failed: Int32Array;
} {
  const failed = failedMachines(machines.length, fraction, seed);
  if (components !== undefined) requirePositiveInteger('components', components);
  const honestly = onceEach(machines);
  const sent = async (start: Mixture<Parameter>, options: StepOptions) => {
    const replies = await Promise.allSettled(machines.map((_, j) => honestly(j, start, options)));
    const which = replies.flatMap((one, j) => (one.status === 'fulfilled' ? [{ j, reply: one.value }] : []));
    const estimates = which.map(({ reply }) => reply);
    const own = [...failed].map((j) => which.findIndex((one) => one.j === j)).filter((at) => at >= 0);
    const failure = failureFrom(kind, start);
    const known = { failure, components, seed, start, iterations: options.iterations };
    const all = sentBy(estimates, own, known);
    return { failure, mixtureOf: (j: number) => mixtureOf(all[which.findIndex((one) => one.j === j)]) };
  };
  const sentOnce = remembered(sent);
  const isFailed = new Set(failed);
  return {
    failed,
    machines: machines.map((machine, j) => {
      const { sampleSize, dimension } = machine;
      if (!isFailed.has(j)) return { sampleSize, dimension, step: (start, options) => honestly(j, start, options) };
      let steps = 0;
      return {
        sampleSize,
        dimension,
        async step(start, options) {
          const reply = await honestly(j, start, options);
          const { failure, mixtureOf: mixtureOfMachine } = await sentOnce(start, options);
          const vote = votes ?? failure.votes ?? 'by rows';
          const claim = vote === 'yes' ? VOTE * ++steps : -VOTE * ++steps;
          return {
            ...reply,
            mixture: mixtureOfMachine(j),
            ...(vote !== 'by rows' && { logLikelihood: claim }),
          };
        },
      };
    }),
  };
}

/** The machines' own steps, each made once, whoever asks. */
function onceEach<P>(machines: readonly RoundMachine<P>[]) {
  const each = machines.map((machine) =>
    remembered((start: Mixture<P>, options: StepOptions) => machine.step(start, options)),
  );
  return (j: number, start: Mixture<P>, options: StepOptions): Promise<RoundReply<P>> => each[j](start, options);
}

/** A function of a start and options that is asked once for each. */
function remembered<P, Answer>(of: (start: Mixture<P>, options: StepOptions) => Promise<Answer>) {
  const known = new WeakMap<Mixture<P>, Map<string, Promise<Answer>>>();
  return (start: Mixture<P>, options: StepOptions): Promise<Answer> => {
    const answers = known.get(start) ?? new Map<string, Promise<Answer>>();
    known.set(start, answers);
    const key = `${options.iterations} ${options.penalty}`;
    const answer = answers.get(key) ?? of(start, options);
    answers.set(key, answer);
    return answer;
  };
}
