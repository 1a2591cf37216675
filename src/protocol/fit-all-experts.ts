import { InvalidInput, messageOf, withMessage } from '../errors';
import type { ExpertsFit, FitExpertsOptions } from '../experts/fit-experts';
import { type AnyExperts, type ExpertsModel, expertsOf } from '../experts/model';
import { described } from '../math/checks';
import { type Samples, type Table, toSamples, withWeights } from '../math/table';
import type { Progress, WorkOptions } from '../work/work';
import { type ExpertsAsk, expertsProtocol, joined } from './experts-protocol';
import { runnerOf } from './fit-all';
import { converse, type Runner } from './protocol';

/** A machine's rows. */
export interface ExpertsRows {
  /** n rows of d covariates */
  readonly x: Table;
  /** n rows of q responses */
  readonly y: Table;
  /**
   * how often each row counts
   * @defaultValue the `weights` of x; if it has none, every row counts once
   */
  readonly rowWeights?: ArrayLike<number>;
}

/** Options of `fitAllExperts`: those of `fitExperts`, and how many threads work. */
export interface FitAllExpertsOptions extends Omit<FitExpertsOptions, 'rowWeights'>, WorkOptions {
  /**
   * how many threads fit; 1 to stay in this one
   * @defaultValue one for each core
   */
  readonly workers?: number;
}

/**
 * Fits a mixture of experts to every machine's rows, each as `fitExperts` does with the same options, on all cores: the same numbers for any
 * number of workers.
 * @param machines the covariates and the responses of each
 * @param options those of `fitExperts`, how many threads work, the signal and the progress
 * @returns a fit for each machine, in order
 * @throws as `fitExperts` does, naming the machine; the signal's reason when it aborts
 * @example
 * const population = expertsModel({ gates: [[0, 1], [0, 0]], coefficients: [[0, 2], [1, -1]], variances: [0.1, 0.2] });
 * const x = Array.from({ length: 100 }, (_, j) => j / 25 - 2);
 * const machines = ['a', 'b', 'c'].map((seed) => ({ x, y: sampleExperts(population, x, seed).data }));
 * const models = await fitAllExperts(machines, { order: 2, workers: 1 });
 * models.map(({ converged }) => converged); // [true, true, true]
 */
export async function fitAllExperts<Model extends AnyExperts = ExpertsModel>(
  machines: readonly ExpertsRows[],
  options: FitAllExpertsOptions = {},
): Promise<ExpertsFit<Model>[]> {
  return fitSomeExperts(machines, options);
}

/**
 * `fitAllExperts` of some of the machines, for callers that have so many that they come one after another.
 * @param atOnce how many are fitted at a time, in all calls together, which share the threads; if undefined, those that are given
 */
export async function fitSomeExperts<Model extends AnyExperts = ExpertsModel>(
  machines: readonly ExpertsRows[],
  { workers, onProgress, signal, start, ...fitting }: FitAllExpertsOptions,
  atOnce?: number,
): Promise<ExpertsFit<Model>[]> {
  const tables = expertsTables(machines, fitting);
  const responses = responsesOf(machines);
  const ask: ExpertsAsk = { ...fitting, responses, ...(start && { start: expertsOf(start, 'the start').toJSON() }) };
  const report = onProgress && { onProgress: (p: Progress) => onProgress({ ...p, stage: 'fitting' }) };
  const runner: Runner = runnerOf(tables, true, fitting.missing && 'em', workers, atOnce);
  return (await converse(expertsProtocol, ask, runner, { signal, ...report })) as unknown as ExpertsFit<Model>[];
}

/** The rows of each machine as one table, the responses last. */
function expertsTables(machines: readonly ExpertsRows[], { missing }: Pick<FitExpertsOptions, 'missing'>): Samples[] {
  if (!(Array.isArray(machines) && machines.length > 0))
    throw new InvalidInput(`machines is ${described(machines)}: a list of { x, y } is needed, one for each machine`);
  return machines.map((machine, i) => {
    try {
      const { x, y, rowWeights } = machine ?? {};
      return joined(withWeights(x, rowWeights, missing && 'em'), toSamples(y, missing && 'em'));
    } catch (error) {
      throw withMessage(error, `machine ${i}: ${messageOf(error)}`);
    }
  });
}

/** q, which all machines must have. */
function responsesOf(machines: readonly ExpertsRows[]): number {
  const counts = machines.map(({ y }) => toSamples(y, 'em').columns);
  const odd = counts.findIndex((count) => count !== counts[0]);
  if (odd >= 0)
    throw new InvalidInput(
      `machine ${odd} has ${counts[odd]} responses, machine 0 has ${counts[0]}: give all the same`,
    );
  return counts[0];
}
