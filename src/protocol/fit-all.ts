import { availableParallelism } from 'node:os';
import { InvalidInput } from '../errors';
import type { Fit, FitOptions } from '../estimate/fit';
import { type FamilyName, familyOf, isPortable, type ParameterOf } from '../families/families-registry';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { requirePositiveInteger } from '../math/checks';
import type { Missing, Table } from '../math/table';
import type { WorkOptions } from '../work/work';
import { askOf, oneShot } from './one-shot';
import { converse, type Runner, withWeightsOf } from './protocol';
import { runHere } from './run-here';
import { runOnThreads } from './run-threads';

/** Options of `fitAll`: those of `fit`, and how many threads work. */
export interface FitAllOptions<Parameter = GaussianParameter>
  extends Omit<FitOptions<Parameter>, 'rowWeights'>,
    WorkOptions {
  /**
   * how often each row of each table counts, as `rowWeights` of `fit` says: a list for each table
   * @defaultValue the `weights` of each table; if it has none, every row counts once
   */
  readonly rowWeights?: readonly ArrayLike<number>[];
  /**
   * how many threads fit; 1 to stay in this one
   * @defaultValue one for each core
   */
  readonly workers?: number;
}

/**
 * Fits every machine's table, each as `fit` does with the same options, on all cores: the same numbers for any number of
 * workers. Your own family is fitted in this thread, unless a module that `loadModule` loaded registers it.
 * @param tables one for each machine
 * @param options those of `fit`, how many threads work, the signal and the progress
 * @returns a fit for each table, in order
 * @throws InvalidInput if there is neither an order nor a start; as `fit` does, naming the machine; the signal's reason when it aborts
 * @example
 * const estimates = await fitAll(tables, { order: 3 });
 * estimates.map(({ converged }) => converged); // [true, true, true, true, true]
 */
export async function fitAll<Name extends FamilyName>(
  tables: readonly Table[],
  options: FitAllOptions<ParameterOf<Name>> & {
    /** the family of the components, by its name */
    readonly family: Name;
  },
): Promise<Fit<ParameterOf<Name>>[]>;
export async function fitAll<Parameter = GaussianParameter>(
  tables: readonly Table[],
  options: FitAllOptions<Parameter>,
): Promise<Fit<Parameter>[]>;
export async function fitAll<Parameter>(
  tables: readonly Table[],
  options: FitAllOptions<Parameter> = {},
): Promise<Fit<Parameter>[]> {
  return fitSome(tables, options);
}

/**
 * `fitAll` of some of the tables, for callers that have so many that they come one after another.
 * @param atOnce how many tables are fitted at a time, in all calls together, which share the threads; if undefined, those that are given
 */
export async function fitSome<Parameter>(
  tables: readonly Table[],
  { workers, onProgress, signal, rowWeights, ...options }: FitAllOptions<Parameter>,
  atOnce?: number,
): Promise<Fit<Parameter>[]> {
  if (options.order === undefined && options.start === undefined)
    throw new InvalidInput(
      'fitAll needs order, the number of components: give it, as in fitAll(tables, { order: 3 }), or let chooseOrder(tables) choose it',
    );
  const weighted = withWeightsOf(tables, rowWeights, options.missing);
  const ask = askOf(options, weighted);
  const report = onProgress && {
    onProgress: (p: { done: number; total: number }) => onProgress({ ...p, stage: 'fitting' }),
  };
  const fits = await converse(oneShot, ask, runnerFor(weighted, ask, workers, atOnce), { signal, ...report });
  return fits as Fit<Parameter>[];
}

/** Threads, if there is work for more than one and the family can be sent to them. */
export function runnerFor(
  tables: readonly Table[],
  { family, missing }: Pick<ReturnType<typeof askOf>, 'family' | 'missing'>,
  workers?: number,
  atOnce?: number,
): Runner {
  return runnerOf(tables, isPortable(familyOf(family as string)), missing, workers, atOnce);
}

/** Threads, if there is work for more than one and what they are asked can be sent to them. */
export function runnerOf(
  tables: readonly Table[],
  portable: boolean,
  missing: Missing | undefined,
  workers: number = availableParallelism(),
  atOnce: number = tables.length,
): Runner {
  requirePositiveInteger('workers', workers);
  const threads = portable ? Math.min(workers, atOnce) : 1;
  return threads > 1 ? runOnThreads(tables, threads, missing) : runHere(tables, missing);
}
