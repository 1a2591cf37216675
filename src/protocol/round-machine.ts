import { availableParallelism } from 'node:os';
import path from 'node:path';
import { DfmrError, errorFromJSON, InvalidInput, messageOf, withMessage } from '../errors';
import { isPortable } from '../families/families-registry';
import { described, requirePositiveInteger } from '../math/checks';
import { countOf, type Samples, type Table, takeRows, toSamples } from '../math/table';
import { type Mixture, mixtureFromJSON } from '../mixture/mixture';
import { loadedModules } from '../registry/modules';
import { poolOf } from '../work/pool';
import { performed } from '../work/work';
import { type Reply, withWeightsOf } from './protocol';
import type { AnswerResult, AnswerTask } from './protocol-worker';
import type { RoundAnswer } from './round-door';
import { type RoundReply, roundStep } from './round-step';
import { hashOf } from './rounds-protocol';
import type { RoundAsk } from './rounds-state';

/** What a machine is told beside the mixture. */
export interface StepOptions {
  /** the EM steps to make */
  readonly iterations: number;
  /** a_i, the strength of the penalty on this machine's rows, as `fit` takes it */
  readonly penalty: number;
  /**
   * aborts when nobody waits for the answer any more
   * @defaultValue the step goes on to its end
   */
  readonly signal?: AbortSignal;
}

/**
 * A machine in rounds: anything that makes EM steps on its own rows from a mixture that it is given. Its rows never leave it. One that
 * throws, or does not answer in time, is silent in that round.
 */
export interface RoundMachine<Parameter = unknown> {
  /** n_i, if it is known beforehand */
  readonly sampleSize?: number;
  /** d, if it is known beforehand */
  readonly dimension?: number;
  /** the mixture after EM steps from `start`, and how likely the rows are under it */
  step(start: Mixture<Parameter>, options: StepOptions): Promise<RoundReply<Parameter>>;
}

/** A machine of a table: it makes steps from mixtures of any family that its rows may be of. */
export interface TableMachine {
  /** n_i */
  readonly sampleSize: number;
  /** d */
  readonly dimension: number;
  /** the mixture after EM steps from `start`, and how likely the rows are under it */
  step<Parameter>(start: Mixture<Parameter>, options: StepOptions): Promise<RoundReply<Parameter>>;
}

/**
 * The machines of tables in this process, as `dfmrRounds` takes them. Their steps run on all cores; the same numbers for any number of
 * threads. A family of your own runs in this thread, unless a module that `loadModule` loaded registers it.
 * @param tables one for each machine
 * @param options `workers`, how many threads work, 1 to stay in this one, one for each core if not given; `rowWeights`, how often each row
 *   of each table counts, that of the table if not given
 * @returns a machine for each table
 * @throws InvalidInput if a table is not finite or not rectangular, naming the machine
 * @example
 * const [machine] = machinesOf(tables);
 * const { mixture, logLikelihood } = await machine.step(truth, { iterations: 1, penalty: 0.01 });
 * machine.sampleSize; // 200
 * wasserstein1(mixture, truth); // 0.0196
 */
export function machinesOf(
  tables: readonly Table[],
  options: {
    /**
     * how many threads work; 1 to stay in this one
     * @defaultValue one for each core
     */
    readonly workers?: number;
    /**
     * how often each row of each table counts
     * @defaultValue as the table says, or once
     */
    readonly rowWeights?: readonly ArrayLike<number>[];
  } = {},
): TableMachine[] {
  const { workers = availableParallelism(), rowWeights } = options;
  const weighted = withWeightsOf(tables, rowWeights);
  requirePositiveInteger('workers', workers);
  const threads = Math.min(workers, tables.length);
  return weighted.map((table, i) => {
    try {
      return machineOf(toSamples(table), threads);
    } catch (error) {
      throw withMessage(error, `machine ${i}: ${messageOf(error)}`);
    }
  });
}

function machineOf(table: Samples, threads: number): TableMachine {
  const given = withoutUncounted(table);
  const samples = threads > 1 ? { ...given, data: shared(given.data) } : given;
  return {
    sampleSize: countOf(samples),
    dimension: samples.columns,
    async step<P>(start: Mixture<P>, { iterations, penalty, signal }: StepOptions) {
      const { family } = start;
      if (threads === 1 || !isPortable(family))
        return performed(roundStep(samples, start, { iterations, penalty }), { signal });
      const sent = start.toJSON();
      const ask = { start: sent, hash: hashOf(sent), family: family.name, iterations, penaltyPerRow: null, penalty };
      const task: AnswerTask = { modules: loadedModules(), protocol: 'rounds', samples, ask };
      const result = await poolOf<AnswerTask, AnswerResult>(path.join(__dirname, 'protocol-worker'), threads).run(
        task,
        { signal },
      );
      if ('error' in result) throw errorFromJSON(result.error);
      const { mixture, ...rest } = result.answer as RoundAnswer;
      return { ...rest, mixture: mixtureFromJSON(mixture, family) };
    },
  };
}

/** The rows that count. */
function withoutUncounted(samples: Samples): Samples {
  const { weights } = samples;
  return weights?.includes(0)
    ? takeRows(
        samples,
        Array.from(weights.keys()).filter((j) => weights[j] > 0),
      )
    : samples;
}

/** A copy in memory that threads share, so that no step copies it again. */
function shared(data: Float64Array): Float64Array {
  if (data.buffer instanceof SharedArrayBuffer) return data;
  const copy = new Float64Array(new SharedArrayBuffer(data.byteLength));
  copy.set(data);
  return copy;
}

/** What machines are asked with, by the server that knows them. */
interface Asking {
  readonly ask: RoundAsk;
  readonly start: Mixture;
  /** the rows that each said it has */
  readonly claims: readonly (number | null)[];
  /** seconds after which a machine is silent */
  readonly timeLimit?: number;
  readonly signal?: AbortSignal;
  readonly onAnswer?: (answers: number) => void;
}

/** Asks all machines at once; those that throw or are late are silent. */
export async function askMachines(machines: readonly RoundMachine[], asking: Asking): Promise<Reply<RoundAnswer>[]> {
  let answers = 0;
  return Promise.all(
    machines.map(async (machine, i): Promise<Reply<RoundAnswer>> => {
      const name = `machine ${i}`;
      try {
        return { machine: name, answer: await answerOf(machine, asking.claims[i], asking) };
      } catch (error) {
        asking.signal?.throwIfAborted();
        return { machine: name, silent: error instanceof Error ? error : new InvalidInput(described(error)) };
      } finally {
        asking.onAnswer?.(++answers);
      }
    }),
  );
}

async function answerOf(
  machine: RoundMachine,
  claim: number | null | undefined,
  { ask, start, timeLimit, signal }: Asking,
): Promise<RoundAnswer> {
  const late = new AbortController();
  const ended = AbortSignal.any(signal ? [signal, late.signal] : [late.signal]);
  const n = machine.sampleSize ?? claim ?? USUAL_ROWS;
  const penalty = ask.penaltyPerRow === null ? n ** -0.5 : ask.penaltyPerRow * n;
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    ended.addEventListener('abort', () => reject(ended.reason), { once: true });
    if (timeLimit === undefined) return;
    const reason = new DfmrError(`it did not answer within ${timeLimit} s`);
    timer = setTimeout(() => late.abort(reason), 1000 * timeLimit);
  });
  over.catch(() => {});
  try {
    const { iterations } = ask;
    const reply = await Promise.race([machine.step(start, { iterations, penalty, signal: ended }), over]);
    const { mixture, sampleSize, logLikelihood } = reply ?? ({} as Partial<RoundReply>);
    const plain = typeof mixture?.toJSON === 'function' ? mixture.toJSON() : mixture;
    return {
      mixture: plain as RoundAnswer['mixture'],
      sampleSize: sampleSize as number,
      logLikelihood: logLikelihood as number,
    };
  } finally {
    clearTimeout(timer);
  }
}

/** n of a machine that has not said how many rows it has, in the penalty of its first steps. */
const USUAL_ROWS = 1000;
