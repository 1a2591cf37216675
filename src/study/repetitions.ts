import { availableParallelism } from 'node:os';
import { errorFromJSON, InvalidInput, messageOf, withMessage } from '../errors';
import { described, requirePositiveInteger } from '../math/checks';
import { loadedModules } from '../registry/modules';
import { poolOf } from '../work/pool';
import { pause, type WorkOptions } from '../work/work';
import {
  appendResult,
  inOrder,
  nameOf,
  openResults,
  type Results,
  type ResultsFormat,
  sortResults,
  type Task,
} from './results-file';
import type { RepetitionResult, RepetitionTask } from './study-worker';

/** How far a study is carried, and where its results are kept. */
export interface StudyOptions extends WorkOptions {
  /** R, how often each setting is repeated; a file that has more repetitions keeps them */
  readonly repetitions: number;
  /**
   * where results are kept as they come, so that the study can be stopped at any time and resumed
   * @defaultValue in memory only
   */
  readonly file?: string;
  /**
   * how many threads work; 1 to stay in this one
   * @defaultValue one for each core
   */
  readonly workers?: number;
  /**
   * which part of the repetitions is done, of how many, counted from 0: machines that share no memory each do one, to a file of its
   * own, and `mergeStudy` puts the files together
   * @defaultValue all repetitions
   */
  readonly part?: {
    /** which part, from 0 */
    readonly index: number;
    /** how many parts there are */
    readonly of: number;
  };
}

/** A kind of study: its file, and how one repetition of a setting is done, here or in a thread. */
export interface StudyKind<Design, Result extends Task> extends ResultsFormat<Design, Result> {
  /** does one repetition in this thread */
  repeat(design: Design, setting: number, repetition: number, signal?: AbortSignal): Result | Promise<Result>;
  /** the path of the compiled file, without its ending, whose default export does the same in a thread */
  readonly worker: string;
  /** whether other threads find all that the design names */
  isPortable(design: Design): boolean;
  /** the work of a repetition of each setting, in rows fitted */
  work(design: Design): readonly number[];
}

/**
 * Does R repetitions of each setting of a design on all cores: the same results, and the same bytes in the file, for any number of
 * threads, and however often it was stopped.
 * @throws InvalidInput if the design is invalid, or not that of the file; the signal's reason when it aborts
 */
export async function runRepetitions<Design, Result extends Task>(
  given: Design,
  kind: StudyKind<Design, Result>,
  { repetitions: R, file, workers = availableParallelism(), part, onProgress, signal }: StudyOptions,
): Promise<Results<Design, Result>> {
  requirePositiveInteger('repetitions', R);
  requirePositiveInteger('workers', workers);
  requirePart(part);
  const design = kind.checked(given);
  const done = new Map<string, Result>();
  for (const one of file === undefined ? [] : openResults(file, design, kind)) done.set(nameOf(one), one);

  const work = kind.work(design);
  const left = tasksOf(work.length, R, part).filter((task) => !done.has(nameOf(task)));
  const total = left.reduce((sum, { setting }) => sum + work[setting], 0);
  let finished = 0;
  const threads = kind.isPortable(design) ? Math.min(workers, left.length) : 1;
  const failure = new AbortController();
  const ended = AbortSignal.any(signal ? [signal, failure.signal] : [failure.signal]);
  const once = threads > 1 ? inThreads(design, kind, threads, ended) : inThisThread(design, kind, ended);
  const waiting = left.values();
  const lane = async () => {
    for (const task of waiting) {
      await pause(signal);
      const result = await once(task).catch((error) => {
        signal?.throwIfAborted();
        throw withMessage(error, `settings[${task.setting}], repetition ${task.repetition}: ${messageOf(error)}`);
      });
      if (file !== undefined) appendResult(file, result);
      done.set(nameOf(task), result);
      finished += work[task.setting];
      onProgress?.({ stage: 'study', done: finished, total });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.max(1, threads) }, lane));
  } catch (error) {
    failure.abort();
    signal?.throwIfAborted();
    throw error;
  }
  const repetitions = inOrder([...done.values()]);
  if (file !== undefined) sortResults(file, design, repetitions, kind);
  return { design, repetitions: repetitions.filter(({ repetition }) => repetition < R) };
}

/** R repetitions of each of S settings, or the part of them whose numbers add up to its index, so that parts are of about equal work. */
export function tasksOf(
  S: number,
  R: number,
  { index, of }: NonNullable<StudyOptions['part']> = { index: 0, of: 1 },
): Task[] {
  const all = Array.from({ length: R * S }, (_, i) => ({ setting: i % S, repetition: Math.floor(i / S) }));
  return all.filter(({ setting, repetition }) => (setting + repetition) % of === index);
}

function requirePart(part: StudyOptions['part']): void {
  if (!part) return;
  requirePositiveInteger('part.of', part.of);
  if (!(Number.isInteger(part.index) && part.index >= 0 && part.index < part.of))
    throw new InvalidInput(
      `part.index is ${described(part.index)} of ${part.of} parts: it must be from 0 to ${part.of - 1}`,
    );
}

type Once<Result> = (task: Task) => Promise<Result>;

function inThreads<Design, Result extends Task>(
  design: Design,
  { worker }: StudyKind<Design, Result>,
  threads: number,
  signal: AbortSignal,
): Once<Result> {
  const pool = poolOf<RepetitionTask<Design>, RepetitionResult<Result>>(worker, threads);
  return async ({ setting, repetition }) => {
    const answer = await pool.run({ modules: loadedModules(), design, setting, repetition }, { signal });
    if ('error' in answer) throw errorFromJSON(answer.error);
    return answer.result;
  };
}

function inThisThread<Design, Result extends Task>(
  design: Design,
  kind: StudyKind<Design, Result>,
  signal: AbortSignal,
): Once<Result> {
  return async ({ setting, repetition }) => kind.repeat(design, setting, repetition, signal);
}
