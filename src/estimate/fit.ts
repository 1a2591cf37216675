import { DegenerateComponent, InvalidInput } from '../errors';
import { type FamilyName, familyOf, type ParameterOf } from '../families/families-registry';
import type { Family, LocalProblem } from '../families/family';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { requireNonNegative, requireOneOf, requirePositiveInteger } from '../math/checks';
import type { Seed } from '../math/random';
import { type Samples, type Table, toSamples } from '../math/table';
import { type Estimate, mixtureOf } from '../mixture/given';
import { assemble, type Mixture } from '../mixture/mixture';
import { finished, type Progress, type Steps } from '../work/work';
import { type EmResult, emSteps } from './em';
import type { Posing } from './membership';
import { type Initialisation, initialisations, startsOf } from './starts';

/** Options of `fit`. */
export interface FitOptions<Parameter = GaussianParameter> {
  /** K, the number of components; not needed if there is a start */
  readonly order?: number;
  /**
   * the family of the components, by name, or your own
   * @defaultValue that of the start, or 'gaussian'
   */
  readonly family?: FamilyName | Family<Parameter>;
  /**
   * the mixture at which EM starts
   * @defaultValue starts that the seed draws
   */
  readonly start?: Estimate<Parameter>;
  /**
   * how many starts are made; the best maximum is kept
   * @defaultValue 10
   */
  readonly starts?: number;
  /**
   * how starts are made. 'mixed': of different kinds, which are k-means++, plain and greedy, hierarchical clustering, shells, random
   * rows as centres, and random responsibilities; each has a short run of EM, and the best three that differ go on to their end, one
   * of them rearranged if that is better. 'k-means++': greedy k-means++ clusterings, all run to their end
   * @defaultValue 'mixed'
   */
  readonly initialisation?: Initialisation;
  /**
   * a_n, the strength of the penalty; 0 for the MLE. Exponential, Rayleigh, Weibull, Laplace and Poisson mixtures have no penalty
   * @defaultValue n^(−1/2)
   */
  readonly penalty?: number;
  /**
   * EM stops when pℓ / n changes by no more than this
   * @defaultValue 1e-6
   */
  readonly tolerance?: number;
  /**
   * EM stops after this many iterations, converged or not
   * @defaultValue 1000
   */
  readonly maxIterations?: number;
  /**
   * whether every other iteration extrapolates from those before (SQUAREM): if components overlap, it takes about half as many
   * passes over the rows, to the same maximum or, at times, another
   * @defaultValue true from mixed starts, else false
   */
  readonly accelerate?: boolean;
  /**
   * of the starts
   * @defaultValue 1
   */
  readonly seed?: Seed;
}

/** One machine's local estimate. */
export interface Fit<Parameter = GaussianParameter> extends EmResult<Parameter> {
  /** n, the number of rows that were fitted */
  readonly sampleSize: number;
  /**
   * the maxima of pℓ that EM reached, −Infinity if a component degenerated: one for each run that went on to its end, which are up to
   * three that differed after a short run, and one more where these were of some rows of a large table; for k-means++ starts, one
   * for each start
   */
  readonly maxima: Float64Array;
  /** what a user of such a mixture should know, in sentences; empty for Gaussian mixtures */
  readonly notes: readonly string[];
}

/**
 * Fits a mixture to the n rows of a table by EM for the penalised MLE (App. A.1), or for the MLE. `fitAll` fits many tables, with
 * pauses in which an abort has its turn.
 * @param table n rows of d features
 * @returns the mixture of the greatest maximum that EM reached, and how it got there
 * @throws InvalidInput if the table is not finite or not rectangular, has fewer rows than components, or cannot be fitted by
 *   the family; for the MLE, if the likelihood is unbounded and every start runs into it
 * @example
 * const { mixture, converged } = fit([1, 2, 2.5, 9, 10, 11.5], { order: 2 });
 */
export function fit<Name extends FamilyName>(
  table: Table,
  options: FitOptions<ParameterOf<Name>> & { readonly family: Name },
): Fit<ParameterOf<Name>>;
export function fit<Parameter = GaussianParameter>(table: Table, options?: FitOptions<Parameter>): Fit<Parameter>;
export function fit(table: Table, options: OfAnyFamily<FitOptions<unknown>>): Fit<unknown>;
export function fit<Parameter>(
  table: Table,
  options: FitOptions<Parameter> | OfAnyFamily<FitOptions<unknown>> = {},
): Fit<Parameter> {
  return finished(fitSteps(table, options as FitOptions<Parameter>));
}

/** Options with the family by a name that may be a registered one. */
export type OfAnyFamily<Options> = Omit<Options, 'family'> & { readonly family: string };

/**
 * The steps of `fit`: each is short, as an iteration of k-means or EM is. Progress counts EM iterations, as if every start took all that it may.
 * @throws as `fit` does
 */
export function* fitSteps<Parameter>(table: Table, options: FitOptions<Parameter> = {}): Steps<Fit<Parameter>> {
  const samples = toSamples(table);
  const { family, penalty, start, starting, ...stopping } = settings(options, samples);
  family.requireSupport?.(samples);
  const pose: Posing<Parameter> = (rows, strength) => family.localProblem(rows, strength);
  const problem = pose(samples, penalty);
  const { from, counts, enough } = start
    ? { from: [() => admissible(start, problem)], counts: [0], enough: 1 }
    : yield* startsOf(samples, family, pose, { penalty, ...starting });
  const { maxIterations } = stopping;
  const progress = (done: number): Progress => ({ stage: 'fitting', done, total: enough * maxIterations });
  const reached: number[] = [];
  let ended = 0;
  let best: EmResult<Parameter> | undefined;
  let degenerate: DegenerateComponent | undefined;
  for (const [s, beginning] of from.entries()) {
    if (ended === enough) break;
    try {
      const steps = emSteps(samples, problem, beginning(), { penalty, ...stopping });
      let step = steps.next();
      for (; !step.done; step = steps.next()) yield progress(ended * maxIterations + step.value);
      const result = step.value;
      reached.push(result.penalisedLogLikelihood);
      ended++;
      if (!(best && best.penalisedLogLikelihood >= result.penalisedLogLikelihood)) best = result;
    } catch (error) {
      if (!(error instanceof DegenerateComponent)) throw error;
      degenerate = error;
      reached.push(-Infinity);
      ended = Math.max(ended, s + 1 - (from.length - enough)); // none stands by
    }
    yield progress(ended * maxIterations);
  }
  if (!best) throw refusal(degenerate as DegenerateComponent, samples, family, problem, penalty);
  const maxima = Float64Array.from(counts.flatMap((at) => reached[at] ?? []));
  return { ...best, sampleSize: samples.rows, maxima, notes: family.notes?.(best.mixture.parameters) ?? [] };
}

/** The start with parameters that may be estimates. */
function admissible<Parameter>(
  { family, weights, parameters }: Mixture<Parameter>,
  problem: LocalProblem<Parameter>,
): Mixture<Parameter> {
  return assemble(
    family,
    weights,
    parameters.map((p) => problem.admissible?.(p) ?? p),
  );
}

/** Why no start led to a maximum, and what to do. */
function refusal<Parameter>(
  degenerate: DegenerateComponent,
  { data, rows, columns }: Samples,
  family: Family<Parameter>,
  problem: LocalProblem<Parameter>,
  penalty: number,
): Error {
  const because = (message: string) => new InvalidInput(message, { cause: degenerate });
  if (data.every((value, i) => value === data[i % columns]))
    return because(`all ${rows} rows are the same: ${family.name} components need rows that differ`);
  const remedy = !problem.penalty
    ? 'fit fewer components, or leave out the rows that one shrinks onto, such as zeros'
    : penalty === 0
      ? 'the likelihood is unbounded where a component shrinks onto a few rows, so use a penalty above 0'
      : `raise the penalty ${penalty}, or fit fewer components`;
  return because(`${degenerate.message}: ${remedy}`);
}

function settings<Parameter>(options: FitOptions<Parameter>, { rows, columns }: Samples) {
  const start = options.start && mixtureOf(options.start, 'the start');
  const { order = start?.order, seed = 1, starts = 10, initialisation = 'mixed' } = options;
  const { penalty = rows ** -0.5, tolerance = 1e-6, maxIterations = 1000 } = options;
  const { accelerate = !start && initialisation === 'mixed' } = options;
  const family = familyOf(options.family ?? start?.family ?? 'gaussian') as Family<Parameter>;
  if (order === undefined) throw new InvalidInput('fit needs the order K, the number of components');
  requirePositiveInteger('order', order);
  requirePositiveInteger('starts', starts);
  requireOneOf('initialisation', initialisation, initialisations);
  requirePositiveInteger('maxIterations', maxIterations);
  requireNonNegative('penalty', penalty);
  requireNonNegative('tolerance', tolerance);
  if (rows < order)
    throw new InvalidInput(`${rows} rows cannot tell ${order} components apart: at least ${order} are needed`);
  if (start && (start.order !== order || start.dimension !== columns || start.family !== family)) {
    throw new InvalidInput(
      `the start is a mixture of ${start.order} ${start.family.name} components in ${start.dimension} dimensions, ` +
        `but ${order} ${family.name} components in ${columns} are to be fitted`,
    );
  }
  const starting = { order, seed, starts, initialisation, accelerate, maxIterations };
  return { family, penalty, start, starting, tolerance, maxIterations, accelerate };
}
