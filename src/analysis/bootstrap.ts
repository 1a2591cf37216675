import path from 'node:path';
import type { Aggregate } from '../aggregate/aggregate';
import type { Rule, SetAside } from '../aggregate/rule';
import { isPortableRule } from '../aggregate/rules';
import { DfmrError, InvalidInput, messageOf } from '../errors';
import type { Fit } from '../estimate/fit';
import { isPortable, isRegistered } from '../families/families-registry';
import type { Family } from '../families/family';
import { described, requirePositiveInteger } from '../math/checks';
import { normalQuantile } from '../math/normal';
import { quantiles } from '../math/quantile';
import type { Seed } from '../math/random';
import { type Estimate, mixtureOf } from '../mixture/given';
import { mixtureToVector } from '../mixture/mixture';
import { runRepetitions, type StudyKind } from '../study/repetitions';
import { standardErrorsSteps } from '../theory/standard-errors';
import { performed, type WorkOptions } from '../work/work';
import { type BootstrapDesign, type BootstrapRepetition, repeatBootstrap } from './bootstrap-repetition';

/** Options of `bootstrap`. */
export interface BootstrapOptions extends WorkOptions {
  /**
   * R, how often the machines are simulated anew
   * @defaultValue 399, of which the 10th from either end are those of a 95 % interval
   */
  readonly repetitions?: number;
  /**
   * a number or a word, from which every draw follows
   * @defaultValue 1
   */
  readonly seed?: Seed;
  /**
   * how many threads work; 1 to stay in this one
   * @defaultValue one for each core
   */
  readonly workers?: number;
  /**
   * how often an interval is to hold the true value
   * @defaultValue 0.95
   */
  readonly level?: number;
  /**
   * n_1 … n_m of all machines, of which those that were kept count
   * @defaultValue those of the fits, if the result has them; else N is shared equally
   */
  readonly sampleSizes?: ArrayLike<number>;
  /**
   * the rule that aggregates the simulated machines, or its name
   * @defaultValue that of the result of `aggregate`; else 'vanilla', the reduction
   */
  readonly rule?: string | Rule;
  /**
   * the penalty with which the machines were fitted, as for `fit`
   * @defaultValue n^(−1/2)
   */
  readonly penalty?: number | 'published';
}

/** Standard errors and intervals of every coordinate, in the order of `mixtureToVector`, of which the weight of noise is none. */
export interface Intervals {
  /** the standard deviation of each coordinate, in its unit */
  readonly standardErrors: Float64Array;
  /** where the interval of each coordinate begins */
  readonly lower: Float64Array;
  /** where the interval of each coordinate ends */
  readonly upper: Float64Array;
}

/** What a bootstrap found. */
export interface Bootstrap extends Intervals {
  /** the asymptotic standard errors, and the estimate ± z of them; undefined if they are not known, which `notes` explains */
  readonly asymptotic?: Intervals;
  /** the mean of the simulated estimates less the estimate: what the true value may differ by on the average */
  readonly bias: Float64Array;
  /** the probability with which an interval holds the true value, such as 0.95 */
  readonly level: number;
  /** the simulated estimates as vectors, with their components in the order of the result's */
  readonly simulated: readonly Float64Array[];
  /** how many repetitions gave no estimate */
  readonly failed: number;
  /** what to know of it, in sentences */
  readonly notes: readonly string[];
}

/** Fewer simulated estimates than this say nothing of the ends of intervals. */
const LEAST_SIMULATED = 20;

/**
 * The parametric bootstrap of an aggregate, or of one fit: again and again each kept machine draws as many rows as it had from the
 * mixture found, is fitted with the same penalty from there, and the same rule aggregates; how the results vary says how exact the
 * mixture is. Other than the asymptotic standard errors, it knows of the bias of small samples, of the rule's choices, and of machines
 * that are many beside the rows of each. It knows as little as they do of a model that is not true, and of machines that lie and were kept.
 *
 * Intervals are basic ones: the estimate less the quantiles of the simulated errors, 2 θ̂ − θ*. The bias of an aggregate is that of its
 * machines' small samples, and more machines do not lessen it, but make intervals shorter: percentiles of θ* then count the bias twice
 * and miss the true value, where basic intervals take it away. Their ends, as those of the asymptotic ones, may lie where no variance
 * or weight can be. For one small sample, percentiles of `simulated` hold the true value more often (data/bootstrap-coverage.csv).
 * @param result of `fit`, `aggregate`, `analyse` or a rule, which knows how many rows it is of; or a mixture, with `sampleSizes`
 * @param options how many repetitions, their seed, and the level of the intervals
 * @returns standard errors and intervals of each coordinate, with the asymptotic ones beside them
 * @throws InvalidInput if an option or the result cannot be used, or hardly any repetition gives an estimate, with the first reason;
 *   the signal's reason when it aborts
 * @example
 * const { standardErrors, lower, upper } = await bootstrap(await aggregate(fits), { repetitions: 5, seed: 1, workers: 1 });
 * [lower[0], upper[0]]; // [0.324, 0.365]: the weight of component 0, with probability 0.95; take 200 repetitions or more
 */
export async function bootstrap<Parameter>(
  result: Estimate<Parameter> | Aggregate<Parameter>,
  options: BootstrapOptions = {},
): Promise<Bootstrap> {
  const { repetitions = 399, level = 0.95, workers, signal, onProgress } = options;
  requirePositiveInteger('repetitions', repetitions);
  if (!(level > 0 && level < 1)) throw new InvalidInput(`the level is ${described(level)}: it must be between 0 and 1`);
  const { design, notes } = designOf(result, options);
  const found = await runRepetitions(design, kind, {
    repetitions,
    workers,
    signal,
    onProgress: onProgress && (({ done, total }) => onProgress({ stage: 'bootstrap', done, total })),
  });
  const simulated = found.repetitions.flatMap(({ vector }) => (vector ? [Float64Array.from(vector)] : []));
  const failures = found.repetitions.flatMap(({ failed }) => failed ?? []);
  if (simulated.length < Math.min(LEAST_SIMULATED, repetitions))
    throw new InvalidInput(
      `${failures.length} of ${repetitions} repetitions gave no estimate: ${failures[0]}; so there is nothing to tell how exact the mixture is`,
    );
  if (failures.length > 0)
    notes.push(`${failures.length} of ${repetitions} repetitions gave no estimate, and are left out: ${failures[0]}.`);
  const estimate = mixtureToVector(mixtureOf('result' in result ? result.result : result));
  const asymptotic = await asymptoticOf(result, level, notes, { signal });
  return {
    ...intervalsOf(estimate, simulated, level),
    asymptotic,
    bias: estimate.map((value, i) => meanOf(simulated, i) - value),
    level,
    simulated,
    failed: failures.length,
    notes,
  };
}

const kind: StudyKind<BootstrapDesign, BootstrapRepetition> = {
  version: 'bootstrap-1',
  checked: (design) => design,
  isResult: () => true,
  repeat: repeatBootstrap,
  worker: path.join(__dirname, 'bootstrap-worker'),
  isPortable: ({ family, rule }) => typeof family === 'string' && typeof rule === 'string' && isPortableRule(rule),
  work: () => [1],
};

/** What the result of a rule says of the machines; that of a reduction says nothing of who was reduced, but has an objective. */
interface Kept {
  readonly kept: Int32Array;
  readonly sampleSize: number;
  readonly setAside: readonly SetAside[];
}

/** The mixture, the machines and the rule of a result, and what was assumed of them. */
function designOf<P>(
  result: Estimate<P> | Aggregate<P>,
  { sampleSizes: given, rule, penalty, seed = 1 }: BootstrapOptions,
): { design: BootstrapDesign; notes: string[] } {
  const [aggregated, own] = 'result' in result ? [result.result, result.rule] : [result, 'vanilla'];
  const mixture = mixtureOf(aggregated);
  const family = mixture.family as unknown as Family;
  const { kept, sampleSize: N, setAside = [] } = aggregated as Partial<Kept>;
  const { fits } = result as { fits?: readonly Fit<P>[] };
  const known = given ?? fits?.map(({ sampleSize }) => sampleSize);
  const machines = kept ? [...kept] : Array.from({ length: known?.length ?? 1 }, (_, i) => i);
  const notes: string[] = [];
  if (known === undefined && (!(N !== undefined && N > 0) || (!kept && 'objective' in aggregated)))
    throw new InvalidInput('the sample sizes are not known: give { sampleSizes }, the rows of every machine');
  if (known === undefined && machines.length > 1)
    notes.push(
      `The ${machines.length} kept machines are taken to have equally many rows: give { sampleSizes } if they have not.`,
    );
  const sampleSizes = machines.map((i) => {
    const n = known === undefined ? (N as number) / machines.length : known[i];
    if (!(n >= 1 && n < Infinity))
      throw new InvalidInput(`the sample size of machine ${i} is ${n}: it must be 1 or more`);
    return Math.max(Math.round(n), mixture.order);
  });
  const partly = new Set(setAside.flatMap(({ machine }) => (machines.includes(machine) ? machine : []))).size;
  if (partly > 0) notes.push(`${partly} machines that were kept in part are simulated as a whole.`);
  const named = isRegistered(family) && isPortable(family) ? family.name : family;
  return { design: { mixture: mixture.toJSON(), family: named, sampleSizes, rule: rule ?? own, penalty, seed }, notes };
}

function meanOf(vectors: readonly Float64Array[], i: number): number {
  return vectors.reduce((sum, vector) => sum + vector[i] / vectors.length, 0);
}

/** Standard deviations of the simulated estimates θ*, and the ends of 2 θ̂ − θ* that hold the level. */
export function intervalsOf(estimate: Float64Array, simulated: readonly Float64Array[], level: number): Intervals {
  const R = simulated.length;
  const all = Array.from(estimate, (value, i) => {
    const values = simulated.map((vector) => vector[i]);
    const [low, high] = tailQuantiles(values, [(1 - level) / 2, (1 + level) / 2]);
    const mean = meanOf(simulated, i);
    const variance = values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / Math.max(R - 1, 1);
    return { lower: 2 * value - high, upper: 2 * value - low, error: Math.sqrt(variance) };
  });
  return {
    standardErrors: Float64Array.from(all, ({ error }) => error),
    lower: Float64Array.from(all, ({ lower }) => lower),
    upper: Float64Array.from(all, ({ upper }) => upper),
  };
}

/**
 * The p (R + 1)-th smallest values, or between two of them: one value more is below with the probability p, other than below the sample
 * quantile, which makes intervals too short.
 */
export function tailQuantiles(values: readonly number[], shares: readonly number[]): number[] {
  const R = values.length;
  const place = (p: number) => Math.min(Math.max((p * (R + 1) - 1) / Math.max(R - 1, 1), 0), 1);
  return quantiles(values, shares.map(place));
}

/** The estimate ± z asymptotic standard errors; undefined, with a note, if there are none. */
async function asymptoticOf<P>(
  result: Estimate<P> | Aggregate<P>,
  level: number,
  notes: string[],
  work: WorkOptions,
): Promise<Intervals | undefined> {
  const [aggregated, known] = 'result' in result ? [result.result, result.standardErrors] : [result, undefined];
  try {
    const estimate = mixtureToVector(mixtureOf(aggregated));
    const errors = known ?? (await performed(standardErrorsSteps(aggregated), work));
    const standardErrors = errors.subarray(0, estimate.length); // without that of noise
    const z = normalQuantile((1 + level) / 2);
    return {
      standardErrors,
      lower: estimate.map((value, i) => value - z * standardErrors[i]),
      upper: estimate.map((value, i) => value + z * standardErrors[i]),
    };
  } catch (error) {
    work.signal?.throwIfAborted();
    if (!(error instanceof DfmrError)) throw error;
    notes.push(`Asymptotic standard errors are not known: ${messageOf(error)}.`);
    return undefined;
  }
}
