import { BeyondFloat64, DfmrError, InvalidInput, unlessError, withMessage } from '../errors';
import { requireNonNegative, requireOneOf, requirePositiveInteger } from '../math/checks';
import { randomOrder, type Seed } from '../math/random';
import { shortNumber } from '../math/short-number';
import { effectiveCount, type Samples, type Table, takeRows, toSamples, withWeights } from '../math/table';
import { finished, type Steps } from '../work/work';
import type { ExpertLaw } from './expert-law';
import { type ExpertLawName, expertLawOf } from './expert-laws';
import { type Design, designSteps } from './experts-design';
import { type ExpertsRun, expertsEm } from './experts-em';
import { expertsNotes } from './experts-notes';
import { promising, searchedRuns } from './experts-search';
import type { FlatExperts } from './flat-experts';
import {
  type AnyExperts,
  assembleExperts,
  type ExpertsEstimate,
  type ExpertsModel,
  expertsOf,
  flatExperts,
} from './model';

/** Whether the probabilities of experts depend on the covariates. */
export const gateKinds = ['softmax', 'constant'] as const satisfies readonly FitExpertsOptions['gates'][];

/** Options of `fitExperts`. */
export interface FitExpertsOptions {
  /**
   * K, the number of experts; not needed if there is a start
   * @defaultValue that of the start
   */
  readonly order?: number;
  /**
   * the law of a response, given the expert: 'gaussian', 'logistic' for 0 and 1, or 'poisson' for counts
   * @defaultValue that of the start, or 'gaussian'
   */
  readonly law?: ExpertLawName;
  /**
   * 'softmax' if the probabilities of the experts depend on the covariates, 'constant' if not (a mixture of regressions)
   * @defaultValue 'softmax'
   */
  readonly gates?: 'softmax' | 'constant';
  /**
   * the mixture of experts at which EM starts
   * @defaultValue starts that the seed draws
   */
  readonly start?: ExpertsEstimate;
  /**
   * how many starts are made, of several kinds: clusters of rows, of covariates, of responses; planes through neighbours, through few rows, or
   * one after another; random responsibilities. Each has a short run of EM, the best five that differ go on, and the best maximum is kept. Of
   * more than 5000 rows, or 20 for each parameter, some are searched
   * @defaultValue 10
   */
  readonly starts?: number;
  /**
   * a_n, the strength of the experts' penalty, (a_n / 2) Σ_k {tr(S Σ_k⁻¹) + log |S⁻¹ Σ_k|}, S the covariance of the residuals about the plane of
   * all rows, so that no variance shrinks to 0; of logistic and Poisson experts it draws coefficients toward the line of all rows. 0 for
   * the MLE. It has no part in a single expert
   * @defaultValue N^(−1/2)
   */
  readonly penalty?: number;
  /**
   * ρ, the strength of the gates' penalty: half of ρ times the variance over the rows of the gates' linear predictors, so that gates stay
   * finite where the covariates part the experts; 0 for the MLE
   * @defaultValue N^(−1/2)
   */
  readonly ridge?: number;
  /**
   * EM stops when the penalised log-likelihood of a row changes by no more than this
   * @defaultValue 1e-8
   */
  readonly tolerance?: number;
  /**
   * EM stops after this many iterations, converged or not
   * @defaultValue 1000
   */
  readonly maxIterations?: number;
  /**
   * of the starts
   * @defaultValue 1
   */
  readonly seed?: Seed;
  /**
   * how often each row counts, n numbers from 0 on, whole or not: the fit is that of a table in which a row of weight 3 stands three times
   * @defaultValue the `weights` of the covariates' table; if it has none, every row counts once
   */
  readonly rowWeights?: ArrayLike<number>;
  /**
   * 'drop' if rows with cells that have no value (NaN, null, undefined) are left out, which the notes say
   * @defaultValue a cell without a value is an error
   */
  readonly missing?: 'drop';
}

/** A fit of a mixture of experts. */
export interface ExpertsFit<Model extends AnyExperts = ExpertsModel> {
  /** the mixture of experts */
  readonly model: Model;
  /** the same as `model`, as other fits call it */
  readonly mixture: Model;
  /** n, the number of rows that were fitted; N = Σ w if they are weighted */
  readonly sampleSize: number;
  /** only if rows are weighted: (Σ w)² / Σ w² */
  readonly effectiveSampleSize?: number;
  /** Σ_j log f(y_j | x_j), each row as often as it counts */
  readonly logLikelihood: number;
  /** the log-likelihood less the penalties, which EM maximises */
  readonly penalisedLogLikelihood: number;
  /** the penalised log-likelihood at the start and after each iteration; it never decreases */
  readonly trace: Float64Array;
  /** how many iterations of EM were made */
  readonly iterations: number;
  /** whether the last iteration changed the penalised log-likelihood of a row by no more than the tolerance */
  readonly converged: boolean;
  /** the maxima that EM reached, one for each start that went on to its end */
  readonly maxima: Float64Array;
  /** what a user should know, in sentences */
  readonly notes: readonly string[];
}

/**
 * Fits a mixture of experts, f(y | x) = Σ_k π_k(x) φ(y; B_k x̃, Σ_k) with x̃ = (1, x) and π = softmax(A x̃), by EM for the penalised MLE.
 * @param x n rows of d covariates
 * @param y n responses, or n rows of q responses (Gaussian experts)
 * @param options the order K, the law, and how EM starts and ends
 * @returns the mixture of experts of the greatest maximum that EM reached, and how it got there
 * @throws InvalidInput if a table is not finite or not rectangular, they differ in length, there are too few rows, or responses are constant,
 *   linear in the covariates, or none of the law
 * @example
 * const [x, y] = [[-3, -2, -1, 1, 2, 3], [3.1, 1.9, 1.2, 0.9, 2.1, 2.8]];
 * const { model, converged } = fitExperts(x, y, { order: 2, gates: 'constant' });
 * model.coefficients.map(([, slope]) => slope); // [−0.950, 0.950]
 */
export function fitExperts<Model extends AnyExperts = ExpertsModel>(
  x: Table,
  y: Table,
  options: FitExpertsOptions = {},
): ExpertsFit<Model> {
  return finished(fitExpertsSteps<Model>(x, y, options));
}

/**
 * The steps of `fitExperts`.
 * @throws as `fitExperts` does
 */
export function* fitExpertsSteps<Model extends AnyExperts = ExpertsModel>(
  x: Table,
  y: Table,
  options: FitExpertsOptions = {},
): Steps<ExpertsFit<Model>> {
  const { covariates, responses, places, notes } = usableRows(x, y, options);
  const start = options.start && expertsOf(options.start, 'the start');
  const { order = start?.order, law: name = start?.law ?? 'gaussian', gates = 'softmax' } = options;
  if (order === undefined) throw new InvalidInput('fitExperts needs the order K, the number of experts');
  requirePositiveInteger('order', order);
  requireOneOf('gates', gates, gateKinds);
  const law = expertLawOf(name);
  if (start)
    requireAlike(flatExperts(start), { law, order, covariates: covariates.columns, responses: responses.columns });
  if (responses.columns > 1 && !law.hasVariance)
    throw new InvalidInput(
      `there are ${responses.columns} responses, but ${name} experts have one: fit each by itself`,
    );
  inTables(places, () => law.requireSupport(responses));
  const design = yield* designSteps(covariates, responses, law);
  requireEnoughWeight(design.count, covariates, order);
  const { penalty = design.count ** -0.5, ridge = design.count ** -0.5 } = options;
  const { tolerance = 1e-8, maxIterations = 1000, starts = 10, seed = 1 } = options;
  requireNonNegative('penalty', penalty);
  requireNonNegative('ridge', ridge);
  requireNonNegative('tolerance', tolerance);
  requirePositiveInteger('maxIterations', maxIterations);
  requirePositiveInteger('starts', starts);
  const objective = { order, softmax: gates === 'softmax' && order > 1, penalty, ridge };
  const em = expertsEm(design, objective);
  const stopping = { tolerance, maxIterations };
  const search = { order, starts, seed, stopping };
  const some = start ? undefined : searchedPart({ covariates, responses }, law, order, seed);
  let runs: readonly ExpertsRun[];
  if (start) runs = [yield* em.run(design.fromModel(flatExperts(start)), stopping)];
  else if (!some) runs = yield* searchedRuns(design, em, search);
  else {
    const share = some.count / design.count; // penalties as strong beside a row as among all
    const part = expertsEm(some, { ...objective, penalty: share * penalty, ridge: share * ridge });
    const found = yield* searchedRuns(some, part, search);
    const ended: ExpertsRun[] = [];
    for (const { point } of promising(found))
      ended.push(yield* em.run(design.fromModel(some.toModel(point)), stopping));
    runs = ended;
  }
  const best = runs.reduce((most, run) => (run.penalisedLogLikelihood > most.penalisedLogLikelihood ? run : most));
  const shift = design.count * design.logScale;
  const model = assembleExperts(representable(design.toModel(best.point))) as Model;
  return {
    model,
    mixture: model,
    sampleSize: design.count,
    ...(design.weights && { effectiveSampleSize: effectiveCount(design.weights) }),
    logLikelihood: best.logLikelihood + shift,
    penalisedLogLikelihood: best.penalisedLogLikelihood + shift,
    trace: Float64Array.from(best.trace, (value) => value + shift),
    iterations: best.trace.length - 1,
    converged: best.converged,
    maxima: Float64Array.from(runs, (run) => run.penalisedLogLikelihood + shift),
    notes: [...expertsNotes(model, best, design, objective), ...notes],
  };
}

/** Of larger tables as many random rows are searched, or this many for each parameter if that is more. */
const SEARCHED_ROWS = 5000;
const SEARCHED_ROWS_PER_PARAMETER = 20;

/** The design of some of many rows, in which starts are sought; undefined if there are not so many, or these say too little. */
function searchedPart(
  { covariates, responses }: Pick<UsableRows, 'covariates' | 'responses'>,
  law: ExpertLaw,
  order: number,
  seed: Seed,
): Design | undefined {
  const parameters = order * (1 + covariates.columns) * (1 + responses.columns) + order * responses.columns ** 2;
  const most = Math.max(SEARCHED_ROWS, SEARCHED_ROWS_PER_PARAMETER * parameters);
  if (covariates.rows <= most || order === 1) return undefined;
  const some = randomOrder(covariates.rows, `${seed}: searched rows`).subarray(0, most).sort();
  return unlessError(() => finished(designSteps(takeRows(covariates, some), takeRows(responses, some), law)));
}

/** @throws InvalidInput if the start is of other experts than those that are to be fitted */
function requireAlike(
  start: FlatExperts,
  wanted: Pick<FlatExperts, 'law' | 'order' | 'covariates' | 'responses'>,
): void {
  const { law, order, covariates, responses } = wanted;
  const same = start.law === law && start.order === order;
  if (same && start.covariates === covariates && start.responses === responses) return;
  const described = (one: typeof wanted) =>
    `order ${one.order} with ${one.law.name} experts, ${one.covariates} covariates and ${one.responses} responses`;
  throw new InvalidInput(`the start is of ${described(start)}, but the fit is to be of ${described(wanted)}`);
}

/** @throws InvalidInput if the weights of the rows do not say how often they count */
function requireEnoughWeight(count: number, { rows, weights }: Samples, order: number): void {
  if (!weights || (count >= order && count > 1)) return;
  throw new InvalidInput(
    `the weights of the rows sum to ${shortNumber(count)}, but they say how often each row counts, and ${order} experts need ` +
      `${Math.max(2, order)} rows: multiply them by ${shortNumber(rows / count)}, so that they sum to the number of rows`,
  );
}

/** @throws BeyondFloat64 if the numbers of the model are */
function representable(flat: FlatExperts): FlatExperts {
  const { gates, coefficients, variances, responses: q } = flat;
  const holds =
    [gates, coefficients, variances].every((list) => list.every(Number.isFinite)) &&
    variances.every((value, i) => Math.floor((i % (q * q)) / q) !== i % q || value > 0);
  if (holds) return flat;
  throw new BeyondFloat64(
    'in the units of the tables the experts are beyond float64: rescale covariates and responses',
  );
}

/** The rows that can be used. */
interface UsableRows {
  readonly covariates: Samples;
  readonly responses: Samples;
  /** their places in the tables; absent if they are all */
  readonly places?: Int32Array;
  readonly notes: readonly string[];
}

/** Rows that a note names. */
const NAMED_ROWS = 5;

function usableRows(x: Table, y: Table, { rowWeights, missing }: FitExpertsOptions): UsableRows {
  if (missing !== undefined) requireOneOf('missing', missing, ['drop']);
  const covariates = named('covariates', () => withWeights(x, rowWeights, 'em'));
  const responses = named('responses', () => toSamples(y, 'em'));
  if (covariates.rows !== responses.rows)
    throw new InvalidInput(
      `there are ${covariates.rows} rows of covariates and ${responses.rows} of responses: each row needs both`,
    );
  const { weights } = covariates;
  const counts = (j: number) => !weights || weights[j] > 0;
  const incomplete: number[] = [];
  for (let j = 0; j < covariates.rows; j++) {
    const [ofX, ofY] = [gapIn(covariates, j), gapIn(responses, j)];
    if (!counts(j) || (ofX < 0 && ofY < 0)) continue;
    if (!missing)
      throw new InvalidInput(
        `row ${j}, column ${ofX >= 0 ? `${ofX} of the covariates` : `${ofY} of the responses`} has no value: leave such rows out by missing: 'drop', or impute it`,
      );
    incomplete.push(j);
  }
  const gone = new Set(incomplete);
  const places = Int32Array.from({ length: covariates.rows }, (_, j) => j).filter((j) => counts(j) && !gone.has(j));
  if (places.length === covariates.rows) return { covariates, responses, notes: [] };
  if (places.length === 0) throw new InvalidInput('no row has a value in every column');
  const some = `${incomplete.slice(0, NAMED_ROWS).join(', ')}${incomplete.length > NAMED_ROWS ? ' …' : ''}`;
  return {
    covariates: takeRows(covariates, places),
    responses: takeRows(responses, places),
    places,
    notes:
      incomplete.length === 0
        ? []
        : [
            `${incomplete.length === 1 ? '1 row that lacks a value is' : `${incomplete.length} rows that lack a value are`} left out: ${some}. If they lack it because of what it is, the others are no fair sample.`,
          ],
  };
}

/** The first column of a row without a value; −1 if there is none. */
function gapIn({ data, columns }: Samples, row: number): number {
  for (let c = 0; c < columns; c++) if (Number.isNaN(data[row * columns + c])) return c;
  return -1;
}

/** A table by the name of what it holds. */
function named<Result>(what: string, of: () => Result): Result {
  try {
    return of();
  } catch (error) {
    if (!(error instanceof DfmrError)) throw error;
    throw withMessage(
      error,
      error.message.replace('of the table', `of the ${what}`).replace('the table', `the table of ${what}`),
    );
  }
}

/** What a row that was left out moved: rows in the message by their places in the tables. */
function inTables<Result>(places: Int32Array | undefined, of: () => Result): Result {
  try {
    return of();
  } catch (error) {
    if (!(error instanceof DfmrError && places)) throw error;
    throw withMessage(
      error,
      error.message.replace(/\brow (\d+)/g, (_, j) => `row ${places[j]}`),
    );
  }
}
