import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Piscina } from 'piscina';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { familyOf, isRegistered } from '../families/registry';
import { type Table, toSamples } from '../math/table';
import { mixtureFromJSON } from '../mixture/mixture';
import { type Fit, type FitOptions, fit } from './fit';
import type { SentFit, SentTask } from './fit-worker';

export interface FitAllOptions<Parameter = GaussianParameter> extends Omit<FitOptions<Parameter>, 'onProgress'> {
  /** how many threads fit: as many as there are cores; 1 to stay in this one */
  readonly workers?: number;
  /** called after each machine's fit */
  readonly onProgress?: (done: number, total: number) => void;
}

const WORKER = path.join(__dirname, 'fit-worker.js');

/**
 * Fits every machine's table, each as `fit` does with the same options, on all cores: the same numbers for any number of
 * workers. A family of one's own is fitted in this thread, as functions cannot be sent to another.
 * @throws as `fit` does, naming the machine; with the signal's reason when it aborts
 */
export async function fitAll<Parameter = GaussianParameter>(
  tables: readonly Table[],
  { workers = availableParallelism(), onProgress, signal, ...options }: FitAllOptions<Parameter>,
): Promise<Fit<Parameter>[]> {
  if (!(Number.isInteger(workers) && workers >= 1)) {
    throw new Error(`workers is ${workers}: it must be a positive integer`);
  }
  let done = 0;
  const fitEach = (fitOne: (table: Table) => Promise<Fit<Parameter>>): Promise<Fit<Parameter>[]> =>
    Promise.all(
      tables.map(async (table, machine) => {
        try {
          const result = await fitOne(table);
          onProgress?.(++done, tables.length);
          return result;
        } catch (error) {
          signal?.throwIfAborted();
          throw new Error(`machine ${machine}: ${(error as Error).message}`, { cause: error });
        }
      }),
    );

  const { family: named, start, ...plain } = options;
  const family = familyOf(named ?? start?.family ?? 'gaussian');
  const threads = isRegistered(family) && existsSync(WORKER) ? Math.min(workers, tables.length) : 1;
  if (threads <= 1) return fitEach((table) => setImmediate().then(() => fit(table, { ...options, signal })));

  const pool = new Piscina<SentTask, SentFit>({ filename: WORKER, maxThreads: threads });
  try {
    const sent = { ...plain, family: family.name, start: start?.toJSON() };
    return await fitEach(async (table) => {
      const { mixture, ...result } = await pool.run({ samples: toSamples(table), options: sent }, { signal });
      return { mixture: mixtureFromJSON<Parameter>(mixture), ...result };
    });
  } finally {
    await pool.destroy();
  }
}
