import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { InvalidInput } from '../errors';
import { requirePositiveInteger } from '../math/checks';
import { poolOf } from '../protocol/pool';
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

export interface StudyOptions {
  /** R, of each setting; a file that has more keeps them */
  readonly repetitions: number;
  /** where results are kept as they come, so that the study can be stopped at any time and gone on with; in memory only if not given */
  readonly file?: string;
  /** how many threads work: as many as there are cores; 1 to stay in this one */
  readonly workers?: number;
  /** called with the share of the work that is done, in rows fitted */
  readonly onProgress?: (done: number, total: number) => void;
  /** ends the work, with the signal's reason; what is in the file stays */
  readonly signal?: AbortSignal;
}

/** A kind of study: its file, and how one repetition of a setting is done, here or in a thread. */
export interface StudyKind<Design, Result extends Task> extends ResultsFormat<Design, Result> {
  /** does one repetition in this thread */
  repeat(design: Design, setting: number, repetition: number): Result | Promise<Result>;
  /** the compiled file whose default export does the same with `{ design, setting, repetition }` */
  readonly worker: string;
  /** the work of a repetition of each setting, in rows fitted */
  work(design: Design): readonly number[];
}

/**
 * Does R repetitions of each setting of a design on all cores: the same results, and the same bytes in the file, for any number of
 * threads, and however often it was stopped.
 * @throws where the design is invalid, or not that of the file; with the signal's reason when it aborts
 */
export async function runRepetitions<Design, Result extends Task>(
  given: Design,
  kind: StudyKind<Design, Result>,
  { repetitions: R, file, workers = availableParallelism(), onProgress, signal }: StudyOptions,
): Promise<Results<Design, Result>> {
  requirePositiveInteger('repetitions', R);
  requirePositiveInteger('workers', workers);
  const design = kind.checked(given);
  const done = new Map<string, Result>();
  for (const one of file === undefined ? [] : openResults(file, design, kind)) done.set(nameOf(one), one);

  const work = kind.work(design);
  const all = Array.from({ length: R * work.length }, (_, i) => ({
    setting: i % work.length,
    repetition: Math.floor(i / work.length),
  }));
  const left = all.filter((task) => !done.has(nameOf(task)));
  const total = left.reduce((sum, { setting }) => sum + work[setting], 0);
  let finished = 0;
  const threads = existsSync(kind.worker) ? Math.min(workers, left.length) : 1;
  const pool = threads > 1 ? poolOf<{ design: Design } & Task, Result>(kind.worker, threads) : undefined;
  const failure = new AbortController();
  const ended = AbortSignal.any(signal ? [signal, failure.signal] : [failure.signal]);
  const waiting = left.values();
  const ofTask = async ({ setting, repetition }: Task) => {
    try {
      return await (pool
        ? pool.run({ design, setting, repetition }, { signal: ended })
        : kind.repeat(design, setting, repetition));
    } catch (error) {
      signal?.throwIfAborted();
      const where = `settings[${setting}], repetition ${repetition}`;
      throw new InvalidInput(`${where}: ${(error as Error).message}`, { cause: error });
    }
  };
  const lane = async () => {
    for (const task of waiting) {
      await setImmediate(); // timers and events have their turn, and may abort
      signal?.throwIfAborted();
      const result = await ofTask(task);
      if (file !== undefined) appendResult(file, result);
      done.set(nameOf(task), result);
      finished += work[task.setting];
      onProgress?.(finished, total);
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
