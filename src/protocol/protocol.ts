import { InvalidInput, messageOf, withMessage } from '../errors';
import { described } from '../math/checks';
import { type Missing, type Samples, type Table, withWeights } from '../math/table';
import type { Steps, WorkOptions } from '../work/work';

/** What comes after the server has read the machines' replies: another round, or the end. */
export type Next<Ask, State, Result> =
  | {
      /** what is asked in the next round */
      readonly ask: Ask;
      /** what the server must remember until the replies are in */
      readonly state: State;
    }
  | {
      /** the result of the conversation */
      readonly done: Result;
    };

/** What a machine answered in a round, or why it has no answer. */
export type Reply<Answer> =
  | {
      /** the name of the machine */
      readonly machine: string;
      /** what it answered */
      readonly answer: Answer;
    }
  | {
      /** the name of the machine */
      readonly machine: string;
      /** why it has no answer */
      readonly silent: Error;
    };

/**
 * The contract of a conversation between a server and its machines: what the server asks, what a machine answers from its rows, which
 * never leave it, and what comes next. Asks, answers and states are plain JSON (numbers may be infinite within a process), so that
 * a runner can carry them to a thread or a file; whoever runs it, the replies pass the same checks in `next`.
 */
export interface Protocol<Setup, Ask, Answer, State, Result> {
  /** as threads and files call it */
  readonly name: string;
  /**
   * What the server asks first.
   * @throws InvalidInput if the setup is not valid
   */
  begin(setup: Setup): {
    /** what is asked in the first round */
    readonly ask: Ask;
    /** what the server must remember until the replies are in */
    readonly state: State;
  };
  /** on a machine */
  answer(samples: Samples, ask: Ask): Steps<Answer>;
  /**
   * What comes after the replies: another round, or the end.
   * @param replies of all machines, in order, with those that were silent
   */
  next(state: State, replies: readonly Reply<Answer>[], work: WorkOptions): Promise<Next<Ask, State, Result>>;
}

/** Carries what the server asks to all machines, and their replies back. */
export interface Runner {
  /** m */
  readonly machines: number;
  /**
   * Asks all machines, and waits for their replies, in order.
   * @throws if the machines are tables of the caller's and one cannot answer: naming it
   */
  ask<Ask, Answer>(
    protocol: Pick<Protocol<never, Ask, Answer, never, never>, 'name' | 'answer'>,
    ask: Ask,
    work: WorkOptions,
  ): Promise<readonly Reply<Answer>[]>;
}

/** More rounds than this are a conversation that does not end. */
const MAX_ROUNDS = 10_000;

/**
 * Holds a conversation to its end.
 * @param protocol what is asked, answered, and made of the answers
 * @param setup what the server wants to know
 * @param runner carries asks to the machines and replies back
 * @param work progress and a signal
 * @returns the result
 * @throws what the protocol throws; the signal's reason when it aborts
 * @example
 * import type { Reply, Runner, Samples } from 'dfmr';
 * // every machine sends the mean of its own numbers; the server takes the median of these
 * const medianOfMeans = {
 *   name: 'median of means',
 *   begin: () => ({ ask: null, state: null }),
 *   *answer({ data }: Samples) {
 *     return data.reduce((sum, x) => sum + x, 0) / data.length;
 *   },
 *   async next(_: null, replies: readonly Reply<number>[]) {
 *     const means = replies.flatMap((one) => ('answer' in one ? one.answer : [])).sort((a, b) => a - b);
 *     return { done: means[Math.floor(means.length / 2)] };
 *   },
 * };
 * // who carries questions and answers: here, to tables in this process
 * const runner: Runner = {
 *   machines: tables.length,
 *   async ask(protocol, question) {
 *     return tables.map((rows, i) => {
 *       const steps = protocol.answer(rows, question);
 *       let step = steps.next();
 *       while (!step.done) step = steps.next();
 *       return { machine: `machine ${i}`, answer: step.value };
 *     });
 *   },
 * };
 * await converse(medianOfMeans, null, runner); // 0.458
 */
export async function converse<Setup, Ask, Answer, State, Result>(
  protocol: Protocol<Setup, Ask, Answer, State, Result>,
  setup: Setup,
  runner: Runner,
  work: WorkOptions = {},
): Promise<Result> {
  let { ask, state } = protocol.begin(setup);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const replies = await runner.ask(protocol, ask, work);
    work.signal?.throwIfAborted();
    const next = await protocol.next(state, replies, work);
    if ('done' in next) return next.done;
    ({ ask, state } = next);
  }
  throw new Error(`the protocol ${protocol.name} did not end after ${MAX_ROUNDS} rounds`);
}

/**
 * The machines' tables, whose rows count as often as the weights of each table say.
 * @param rowWeights a list for each table; if undefined, tables are as they are
 * @param missing 'em' if cells of the tables may be missing
 * @throws InvalidInput if it is not a list of tables, or weights are none of theirs, naming the machine
 */
export function withWeightsOf(
  tables: readonly Table[],
  rowWeights: readonly ArrayLike<number>[] | undefined,
  missing?: Missing,
): readonly Table[] {
  if (!Array.isArray(tables))
    throw new InvalidInput(`tables is ${described(tables)}: a list of tables is needed, one for each machine`);
  if (rowWeights === undefined) return tables;
  if (!(Array.isArray(rowWeights) && rowWeights.length === tables.length))
    throw new InvalidInput(
      `rowWeights is ${described(rowWeights)}: a list for each of ${tables.length} tables is needed`,
    );
  return tables.map((table, i) => {
    try {
      return withWeights(table, rowWeights[i], missing);
    } catch (error) {
      throw withMessage(error, `machine ${i}: ${messageOf(error)}`);
    }
  });
}
