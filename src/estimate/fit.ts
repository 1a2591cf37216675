import { DegenerateComponent, DfmrError, InvalidInput, withMessage } from '../errors';
import { type FamilyName, familyForTables, type ParameterOf, requireMissingCells } from '../families/families-registry';
import type { Family, LocalProblem } from '../families/family';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { described, requireNonNegative, requireOneOf, requirePositiveInteger } from '../math/checks';
import type { Seed } from '../math/random';
import { shortNumber } from '../math/short-number';
import { countOf, effectiveCount, type Missing, type Samples, type Table } from '../math/table';
import { type Estimate, mixtureOf } from '../mixture/given';
import { assemble, type Mixture, withNoise } from '../mixture/mixture';
import { requireNoise } from '../mixture/noise';
import { finished, type Progress, type Steps } from '../work/work';
import { type EmResult, emSteps, ROUNDING_PER_ROW } from './em';
import type { Posing } from './membership';
import { rowsToFit } from './missing-rows';
import { type NoiseSetting, noiseBeside, noiseStarts } from './noise-starts';
import { penaltyNotes } from './penalty-notes';
import { type Initialisation, initialisations, type Starts, startsOf } from './starts';

/** Options of `fit`. */
export interface FitOptions<Parameter = GaussianParameter> {
  /**
   * K, the number of components; not needed if there is a start
   * @defaultValue that of the start
   */
  readonly order?: number;
  /**
   * the family of the components, by name, or your own; 'categorical' counts the categories of the table, or of all that are fitted
   * together
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
   * of them rearranged if that is better, unless rows times parameters are more than five million. 'k-means++': greedy k-means++ clusterings, all run to their end
   * @defaultValue 'mixed'
   */
  readonly initialisation?: Initialisation;
  /**
   * 'em' if cells may be missing at random: NaN, and in arrays of rows null and undefined too. Gaussian families only: the likelihood is
   * that of the observed cells. A row with no observed cell is left out, which the notes say
   * @defaultValue a cell without a value is an error
   */
  readonly missing?: Missing;
  /**
   * a_n, the strength of the penalty; 0 for the MLE. Or 'published', the paper's own penalty at n^(−1/2): for gamma and inverse
   * gamma components r log r, which erases clusters whose spread is small beside their mean; for others it is the default one.
   * Exponential, Rayleigh, Weibull, Laplace and Poisson mixtures have no penalty
   * @defaultValue n^(−1/2)
   */
  readonly penalty?: number | 'published';
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
  /**
   * how often each row counts, n numbers from 0 on, whole or not: the fit is that of a table in which a row of weight 3 stands three
   * times. Rows of weight 0 are left out. Weights count rows; those of a survey, or of importance sampling, which are known up to a
   * factor, are scaled so that they sum to the number of rows
   * @defaultValue the `weights` of the table; if it has none, every row counts once
   */
  readonly rowWeights?: ArrayLike<number>;
  /**
   * whether there is a noise component, uniform on the range of the table, beside the Gaussian ones: rows that are of no cluster
   * then do not widen one
   * @defaultValue whether the start has one
   */
  readonly noise?: boolean;
}

/** One machine's local estimate. */
export interface Fit<Parameter = GaussianParameter> extends EmResult<Parameter> {
  /** n, the number of rows that were fitted; N = Σ w if they are weighted, whole or not */
  readonly sampleSize: number;
  /** only if rows are weighted: (Σ w)² / Σ w² (Kish 1965), how many rows of one weight say as much of a mean */
  readonly effectiveSampleSize?: number;
  /**
   * the maxima of pℓ that EM reached, −Infinity if a component degenerated: one for each run that went on to its end, which are up to
   * three that differed after a short run, and one more where these were of some rows of a large table; for k-means++ starts, one
   * for each start
   */
  readonly maxima: Float64Array;
  /** what a user should know of such a mixture, and of the penalty where it makes much of a component, in sentences */
  readonly notes: readonly string[];
  /** how many cells of the rows that were fitted are missing; absent if none is */
  readonly missingCells?: number;
  /** how many rows were left out, as none of their cells is observed; absent if there were none */
  readonly emptyRows?: number;
}

/**
 * Fits a mixture to the n rows of a table by EM for the penalised MLE (App. A.1), or for the MLE. `fitAll` fits many tables, with
 * pauses in which an abort has its turn.
 * @param table n rows of d features
 * @param options the order K, the family, and how EM starts and ends
 * @returns the mixture of the greatest maximum that EM reached, and how it got there
 * @throws InvalidInput if the table is not finite or not rectangular, a column is wholly missing, there are fewer rows than components, or
 *   the family cannot be fitted to them; if weights of rows are negative, not finite or all 0, sum to 1 or less or to less than the order;
 *   for the MLE, if the likelihood is unbounded and every start runs into it
 * @example
 * const { mixture, converged } = fit(table, { order: 3 });
 * wasserstein1(mixture, truth); // 0.0195
 * const counted = fit([1, 2, 9, 10], { order: 2, rowWeights: [30, 12, 8, 41] });
 * counted.sampleSize; // 91: rows of four values
 */
export function fit<Name extends FamilyName>(
  table: Table,
  options: FitOptions<ParameterOf<Name>> & {
    /** the family of the components, by its name */
    readonly family: Name;
  },
): Fit<ParameterOf<Name>>;
export function fit<Parameter = GaussianParameter>(table: Table, options: FitOptions<Parameter>): Fit<Parameter>;
export function fit(table: Table, options: OfAnyFamily<FitOptions<unknown>>): Fit<unknown>;
export function fit<Parameter>(
  table: Table,
  options: FitOptions<Parameter> | OfAnyFamily<FitOptions<unknown>> = {},
): Fit<Parameter> {
  return finished(fitSteps(table, options as FitOptions<Parameter>));
}

/** Options with the family by a name that may be a registered one. */
export type OfAnyFamily<Options> = Omit<Options, 'family'> & {
  /** the family of the components, by a name that need not be known when the program is compiled */
  readonly family: string;
};

/**
 * The steps of `fit`: each is short, as an iteration of k-means or EM is. Progress counts EM iterations, as if every start took all that it may.
 * @throws as `fit` does
 */
export function* fitSteps<Parameter>(table: Table, options: FitOptions<Parameter> = {}): Steps<Fit<Parameter>> {
  const { samples, places, notes: ofRows, ...gaps } = rowsToFit(table, options.missing, options.rowWeights);
  // rows go by their places in the table
  const inTable = (text: string) =>
    places ? text.replace(/\b(row) (\d+)/gi, (_, row, j) => `${row} ${places[j]}`) : text;
  try {
    const { notes, ...fitted } = yield* fitSamples(samples, options, table);
    return { ...fitted, notes: [...notes.map(inTable), ...ofRows], ...gaps };
  } catch (error) {
    if (!(error instanceof DfmrError && places)) throw error;
    throw withMessage(error, inTable(error.message));
  }
}

/** `fitSteps` of the rows of the table that can be used. */
function* fitSamples<Parameter>(samples: Samples, options: FitOptions<Parameter>, table: Table): Steps<Fit<Parameter>> {
  const { family, penalty, published, start, starting, noise, ...stopping } = settings(options, samples, table);
  family.requireSupport?.(samples);
  const pose: Posing<Parameter> = (rows, strength) => family.localProblem(rows, strength, published);
  const problem = pose(samples, penalty);
  const completed = (rows: Samples) => family.clusterScale?.(rows) ?? rows;
  const { from, counts, enough } = start
    ? only(withNoise(admissible(start, problem), noise ? noiseBeside(start, samples) : undefined))
    : noise
      ? yield* startsBesideNoise(
          samples,
          { seed: starting.seed, penalty, pose: (rows) => pose(rows, penalty), completed },
          options,
        )
      : yield* startsOf(samples, family, pose, { penalty, ...starting });
  const { maxIterations } = stopping;
  const progress = (done: number): Progress => ({ stage: 'fitting', done, total: enough * maxIterations });
  const same = ROUNDING_PER_ROW * countOf(samples); // of runs that end as high, rounding is not to choose: components may be in another order
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
      if (!(best && best.penalisedLogLikelihood + same >= result.penalisedLogLikelihood)) best = result;
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
  const { mixture } = best;
  return {
    ...best,
    sampleSize: countOf(samples),
    ...(samples.weights && { effectiveSampleSize: effectiveCount(samples.weights) }),
    maxima,
    notes: [
      ...(family.notes?.(mixture.parameters, samples) ?? []),
      ...penaltyNotes(mixture, problem, samples, { penalty, published }),
    ],
  };
}

/** One start. */
const only = <Parameter>(start: Mixture<Parameter>): Starts<Parameter> => ({
  from: [() => start],
  counts: [0],
  enough: 1,
});

/** How the rows that lie densest are fitted, for several shares of them. */
const CRUDE = { starts: 3, initialisation: 'k-means++', accelerate: false } as const;

/** The starts with noise, of which the fit without is one. */
function* startsBesideNoise<Parameter>(
  samples: Samples,
  setting: NoiseSetting<Parameter>,
  options: FitOptions<Parameter>,
): Steps<Starts<Parameter>> {
  const whole = { ...options, noise: false, rowWeights: undefined }; // which the rows have
  // the strength that was given is for all rows, not for some of them; the usual tolerance is enough for a start
  const penalty = options.penalty === 'published' ? options.penalty : undefined;
  const crude = { ...whole, ...CRUDE, penalty, tolerance: undefined };
  const mixtures = yield* noiseStarts(samples, setting, (rows, maxIterations) =>
    fitSteps(rows, maxIterations === undefined ? whole : { ...crude, maxIterations }),
  );
  return { from: mixtures.map((one) => () => one), counts: [...mixtures.keys()], enough: mixtures.length };
}

/** The start with parameters that may be estimates. */
export function admissible<Parameter>(
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

function settings<Parameter>(options: FitOptions<Parameter>, samples: Samples, table: Table) {
  const { rows, columns, weights } = samples;
  const count = countOf(samples);
  const start = options.start && mixtureOf(options.start, 'the start');
  const { order = start?.order, seed = 1, starts = 10, initialisation = 'mixed' } = options;
  const { penalty: given, tolerance = 1e-6, maxIterations = 1000, noise = start?.noise !== undefined } = options;
  const { accelerate = !start && initialisation === 'mixed' } = options;
  const family = familyForTables(options.family ?? start?.family ?? 'gaussian', [table]) as Family<Parameter>;
  if (options.missing) requireMissingCells(family);
  if (order === undefined)
    throw new InvalidInput(
      'fit needs the order K, the number of components: give order, or let chooseOrder([table]) choose it',
    );
  requirePositiveInteger('order', order);
  requirePositiveInteger('starts', starts);
  requireOneOf('initialisation', initialisation, initialisations);
  requirePositiveInteger('maxIterations', maxIterations);
  if (typeof given === 'string' && given !== 'published')
    throw new InvalidInput(`penalty is ${described(given)}: it must be a number from 0 on, or 'published'`);
  const published = given === 'published';
  const penalty = published || given === undefined ? count ** -0.5 : given;
  requireNonNegative('penalty', penalty);
  requireNonNegative('tolerance', tolerance);
  if (rows < order)
    throw new InvalidInput(`${rows} rows cannot tell ${order} components apart: at least ${order} are needed`);
  if (weights && (count < order || !(count > 1)))
    throw new InvalidInput(
      `the weights of the rows sum to ${shortNumber(count)}, but they say how often each row counts, and ${order} components need ` +
        `${Math.max(2, order)} rows: multiply them by ${shortNumber(rows / count)}, so that they sum to the number of rows`,
    );
  if (start && (start.order !== order || start.dimension !== columns || start.family !== family)) {
    throw new InvalidInput(
      `the start is a mixture of ${start.order} ${start.family.name} components in ${start.dimension} dimensions, ` +
        `but ${order} ${family.name} components in ${columns} are to be fitted`,
    );
  }
  if (typeof noise !== 'boolean')
    throw new InvalidInput(`noise is ${described(noise)}: it must be true or false; the share of noise is fitted`);
  if (noise) requireNoise(family);
  const starting = { order, seed, starts, initialisation, accelerate, maxIterations };
  return { family, penalty, published, start, starting, noise, tolerance, maxIterations, accelerate };
}
