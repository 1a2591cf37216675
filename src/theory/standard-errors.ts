import { InvalidInput } from '../errors';
import type { Fit } from '../estimate/fit';
import { requireMissingCells } from '../families/families-registry';
import { isIncomplete } from '../math/missing-cells';
import { type Samples, type Table, toSamples } from '../math/table';
import { type Estimate, mixtureOf } from '../mixture/given';
import { finished, type Steps } from '../work/work';
import { type InformationOptions, informationSteps, inverseInformation, observedInformationSteps } from './information';

/** Options of `standardErrors`: the rows behind the result, and how its information is computed. */
export interface StandardErrorOptions extends InformationOptions {
  /**
   * N, the rows of all machines that were reduced. Where rows have weights that are not counts, such as those of a survey or of
   * importance sampling: the effective number, `effectiveSampleSize` of a fit, or the sum of the machines'
   * @defaultValue what the result knows; of weighted rows Σ w, as if each row stood so often
   */
  readonly sampleSize?: number;
  /**
   * the rows that were fitted, with their weights if they have any: the standard errors are then (Σ_j s_j s_jᵀ)^−½ of their own scores s_j. Needed where cells were missing:
   * their rows say less than whole ones, by how much is in them
   * @defaultValue the expected information of N whole rows
   */
  readonly table?: Table;
}

/** The rows behind the parts of a result whose weights and components come from different machines. */
export interface RowsBehind {
  /** N of the machines whose weights were used */
  readonly weights: number;
  /** of each component, N of the machines of which it was used */
  readonly components: ArrayLike<number>;
}

/**
 * The asymptotic standard errors of an aggregated estimate (Theorem 3.2 b): those of the MLE of all N rows of the machines that were
 * reduced, (I⁻¹ / N)^½, at the estimate, in the order of `mixtureToVector`. They hold if machines are few beside the rows of
 * each, m = o(n); a machine that claims more rows than it has makes them too small. If weights and components come from different
 * machines, as a component rule uses them, each part has the N of its own. With noise the last error is that of its weight, as of the MLE of
 * all rows: the median of many machines' weights has 1.25 times as much.
 *
 * Weights of rows count rows: N = Σ w, and a grouped table has the errors of the table that it stands for. Weights that are known up to
 * a factor only say how much each row counts beside the others; with these, give the effective sample size.
 * @param result of `fit`, `reduce`, `dfmr` …, which knows how many rows it is of; or a mixture, with `sampleSize`
 * @param options the rows behind the result, and how its information is computed
 * @returns a standard error for each coordinate, and last for the weight of noise, if it is above 0
 * @throws InvalidInput if N is not known, cells of the rows were missing and `table` is not given, a weight is 0, or the information is
 *   singular
 * @example
 * standardErrors(fit([1, 2, 2.5, 9, 10, 11.5], { order: 1 })); // [1.76, 10.7]: of mean and variance
 * const survey = fit([1, 2, 2.5, 9, 10, 11.5], { order: 1, rowWeights: [0.5, 2, 1, 1, 0.5, 1] });
 * standardErrors(survey, { sampleSize: survey.effectiveSampleSize }); // [1.90, 11.2]
 */
export function standardErrors<P>(result: Estimate<P>, options: StandardErrorOptions = {}): Float64Array {
  return finished(standardErrorsSteps(result, options));
}

/**
 * The steps of `standardErrors`.
 * @throws as `standardErrors` does
 */
export function* standardErrorsSteps<P>(
  result: Estimate<P>,
  { sampleSize, table, ...options }: StandardErrorOptions = {},
): Steps<Float64Array> {
  if (typeof result === 'object' && result !== null && 'model' in result)
    throw new InvalidInput('this is a mixture of experts, whose standard errors expertsStandardErrors(…) gives');
  if (table) return yield* errorsFromRows(result, toSamples(table, 'em'));
  const { sampleSize: own, rowsBehind, missingCells } = result as Partial<Fit<P>> & { rowsBehind?: RowsBehind };
  if (missingCells && sampleSize === undefined)
    throw new InvalidInput(
      `${missingCells} cells of the rows are missing, so that standard errors of whole rows would be too small: ` +
        'give { table }, the rows that were fitted, or { sampleSize }, how many whole rows they are worth',
    );
  const parts = sampleSize === undefined ? rowsBehind : undefined;
  const N = sampleSize ?? own;
  if (!(N !== undefined && N > 0 && N < Infinity))
    throw new InvalidInput(`the sample size is ${N}: give { sampleSize }, the rows of all machines that were reduced`);
  const information = yield* informationSteps(result, options);
  const covariance = inverseInformation(information);
  const { order, dimension, family } = mixtureOf(result);
  const p = family.size(dimension);
  const rowsOf = (i: number) => {
    if (!parts) return N;
    const k = Math.floor((i - order + 1) / p);
    return i < order - 1 || k === order ? parts.weights : parts.components[k];
  };
  return Float64Array.from({ length: information.size }, (_, i) =>
    Math.sqrt(covariance[i * information.size + i] / rowsOf(i)),
  );
}

/** Of the mixture that was fitted to these rows. */
function* errorsFromRows<P>(result: Estimate<P>, samples: Samples): Steps<Float64Array> {
  const { dimension, family } = mixtureOf(result);
  if (samples.columns !== dimension)
    throw new InvalidInput(`the table has ${samples.columns} columns, but the mixture is ${dimension}-dimensional`);
  if (isIncomplete(samples)) requireMissingCells(family);
  family.requireSupport?.(samples);
  const information = yield* observedInformationSteps(result, samples);
  const covariance = inverseInformation(information);
  return Float64Array.from({ length: information.size }, (_, i) => Math.sqrt(covariance[i * information.size + i]));
}
