import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { poolOf } from '../estimate/pool';
import { requirePositiveInteger } from '../math/checks';
import { checkedDesign, type StudyDesign } from './design';
import { type Repetition, repeat } from './repetition';
import { appendRepetition, inOrder, openStudyFile, type Study, sortStudyFile } from './study-file';
import type { RepetitionTask } from './study-worker';

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

type Task = Pick<Repetition, 'setting' | 'repetition'>;

const WORKER = path.join(__dirname, 'study-worker.js');

/**
 * Runs a simulation study on all cores: the same results, and the same bytes in the file, for any number of threads, and however
 * often it was stopped. More repetitions can be asked of a file that is complete.
 * @throws where the design is invalid, or not that of the file; with the signal's reason when it aborts
 */
export async function runStudy(
  given: StudyDesign,
  { repetitions: R, file, workers = availableParallelism(), onProgress, signal }: StudyOptions,
): Promise<Study> {
  requirePositiveInteger('repetitions', R);
  requirePositiveInteger('workers', workers);
  const design = checkedDesign(given);
  const nameOf = ({ setting, repetition }: Task) => `${setting}, ${repetition}`;
  const done = new Map<string, Repetition>();
  for (const one of file === undefined ? [] : openStudyFile(file, design)) done.set(nameOf(one), one);

  const work = ({ setting }: Pick<Task, 'setting'>) =>
    design.settings[setting].sampleSize * Math.max(...design.settings[setting].machines);
  const all = Array.from({ length: R * design.settings.length }, (_, i) => ({
    setting: i % design.settings.length,
    repetition: Math.floor(i / design.settings.length),
  }));
  const left = all.filter((task) => !done.has(nameOf(task)));
  const total = left.reduce((sum, task) => sum + work(task), 0);
  let finished = 0;
  const threads = existsSync(WORKER) ? Math.min(workers, left.length) : 1;
  const pool = threads > 1 ? poolOf<RepetitionTask, Repetition>(WORKER, threads) : undefined;
  const failure = new AbortController();
  const ended = AbortSignal.any(signal ? [signal, failure.signal] : [failure.signal]);
  const waiting = left.values();
  const ofTask = async ({ setting, repetition }: Task, run: () => Repetition | Promise<Repetition>) => {
    try {
      return await run();
    } catch (error) {
      signal?.throwIfAborted();
      const where = `settings[${setting}], repetition ${repetition}`;
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
    }
  };
  const lane = async () => {
    for (const task of waiting) {
      await setImmediate(); // timers and events have their turn, and may abort
      signal?.throwIfAborted();
      const result = await ofTask(task, () =>
        pool ? pool.run({ design, ...task }, { signal: ended }) : repeat(design, task.setting, task.repetition),
      );
      if (file !== undefined) appendRepetition(file, result);
      done.set(nameOf(task), result);
      finished += work(task);
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
  if (file !== undefined) sortStudyFile(file, design, repetitions);
  return { design, repetitions: repetitions.filter(({ repetition }) => repetition < R) };
}
