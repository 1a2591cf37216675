import { setMaxListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { InvalidInput } from '../errors';
import { type Fit, type FitOptions, fitSteps } from '../estimate/fit';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { type FamilyName, familyOf, isPortable, type ParameterOf } from '../families/registry';
import { described, requirePositiveInteger } from '../math/checks';
import { type Samples, type Table, toSamples } from '../math/table';
import { mixtureOf } from '../mixture/given';
import { mixtureFromJSON } from '../mixture/mixture';
import { performed } from '../work/work';
import type { SentFit, SentTask } from './fit-worker';
import { poolOf } from './pool';

export interface FitAllOptions<Parameter = GaussianParameter> extends FitOptions<Parameter> {
  /** how many threads fit: as many as there are cores; 1 to stay in this one */
  readonly workers?: number;
  /** called after each machine's fit */
  readonly onProgress?: (done: number, total: number) => void;
  /** ends the fits, with the signal's reason */
  readonly signal?: AbortSignal;
}

const WORKER = path.join(__dirname, 'fit-worker.js');

/**
 * Fits every machine's table, each as `fit` does with the same options, on all cores: the same numbers for any number of
 * workers. A table that lies in a SharedArrayBuffer is not copied. A family of one's own is fitted in this thread, as functions cannot be sent to another. A signal ends other
 * threads at once, and this one between two machines.
 * @throws as `fit` does, naming the machine; with the signal's reason when it aborts
 */
export async function fitAll<Name extends FamilyName>(
  tables: readonly Table[],
  options: FitAllOptions<ParameterOf<Name>> & { readonly family: Name },
): Promise<Fit<ParameterOf<Name>>[]>;
export async function fitAll<Parameter = GaussianParameter>(
  tables: readonly Table[],
  options?: FitAllOptions<Parameter>,
): Promise<Fit<Parameter>[]>;
export async function fitAll<Parameter>(
  tables: readonly Table[],
  { workers = availableParallelism(), onProgress, signal, ...options }: FitAllOptions<Parameter> = {},
): Promise<Fit<Parameter>[]> {
  requirePositiveInteger('workers', workers);
  if (!Array.isArray(tables))
    throw new InvalidInput(`an array of tables is needed, one for each machine, not ${described(tables)}`);
  let done = 0;
  const ofMachine = async (
    machine: number,
    fitted: () => Fit<Parameter> | Promise<Fit<Parameter>>,
  ): Promise<Fit<Parameter>> => {
    let result: Fit<Parameter>;
    try {
      result = await fitted();
    } catch (error) {
      signal?.throwIfAborted();
      throw new InvalidInput(`machine ${machine}: ${(error as Error).message}`, { cause: error });
    }
    onProgress?.(++done, tables.length);
    return result;
  };

  const { family: named, start: from, ...plain } = options;
  const start = from && mixtureOf(from, 'the start');
  const family = familyOf(named ?? start?.family ?? 'gaussian');
  const threads = isPortable(family) && existsSync(WORKER) ? Math.min(workers, tables.length) : 1;
  if (threads <= 1) {
    const fits: Fit<Parameter>[] = [];
    for (const [machine, table] of tables.entries()) {
      await setImmediate(); // timers and events have their turn, and may abort
      fits.push(await ofMachine(machine, () => performed(fitSteps(table, options), { signal })));
    }
    return fits;
  }

  const failure = new AbortController();
  const ended = AbortSignal.any(signal ? [signal, failure.signal] : [failure.signal]);
  setMaxListeners(0, ended); // each task listens
  const pool = poolOf<SentTask, SentFit>(WORKER, threads);
  const sent = { ...plain, family: family.name, start: start?.toJSON() };
  const inThread = async (table: Table): Promise<Fit<Parameter>> => {
    const samples = toSend(toSamples(table));
    const transferList = samples.data.buffer instanceof ArrayBuffer ? [samples.data.buffer] : [];
    const { mixture, ...result } = await pool.run({ samples, options: sent }, { signal: ended, transferList });
    return { mixture: mixtureFromJSON(mixture, family), ...result };
  };
  const fits = new Array<Fit<Parameter>>(tables.length);
  const waiting = tables.entries();
  const lane = async () => {
    for (const [machine, table] of waiting) fits[machine] = await ofMachine(machine, () => inThread(table));
  };
  try {
    await Promise.all(Array.from({ length: 2 * threads }, lane)); // one table in work and one ready, for each thread
    return fits;
  } catch (error) {
    failure.abort(); // the other machines' fits, which nobody waits for
    throw error;
  }
}

/** The table, if it lies in shared memory, else a copy that can be given away, of its part of a longer array. */
function toSend(samples: Samples): Samples {
  return samples.data.buffer instanceof SharedArrayBuffer ? samples : { ...samples, data: samples.data.slice() };
}
