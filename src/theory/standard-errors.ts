import { InvalidInput } from '../errors';
import type { Estimate } from '../mixture/given';
import { finished, type Steps } from '../work/work';
import { type InformationOptions, informationSteps, inverseInformation } from './information';

export interface StandardErrorOptions extends InformationOptions {
  /**
   * N, the rows of all machines that were reduced
   * @defaultValue what the result knows
   */
  readonly sampleSize?: number;
}

/**
 * The asymptotic standard errors of an aggregated estimate (Theorem 3.2 b): those of the MLE of all N rows of the machines that were
 * reduced, (I⁻¹ / N)^½, at the estimate, in the order of `mixtureToVector`. They hold where machines are few beside the rows of
 * each, m = o(n); a machine that claims more rows than it has makes them too small.
 * @param result of `fit`, `reduce`, `dfmr` …, which knows how many rows it is of; or a mixture, with `sampleSize`
 * @returns a standard error for each coordinate
 * @throws InvalidInput where N is not known, a weight is 0, or the information is singular
 * @example
 * const errors = standardErrors(fit(table, { order: 2 }));
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
  { sampleSize = 'sampleSize' in result ? result.sampleSize : undefined, ...options }: StandardErrorOptions = {},
): Steps<Float64Array> {
  if (!(sampleSize !== undefined && sampleSize > 0 && sampleSize < Infinity)) {
    throw new InvalidInput(
      `the sample size is ${sampleSize}: give { sampleSize }, the rows of all machines that were reduced`,
    );
  }
  const information = yield* informationSteps(result, options);
  const covariance = inverseInformation(information);
  return Float64Array.from({ length: information.size }, (_, i) =>
    Math.sqrt(covariance[i * information.size + i] / sampleSize),
  );
}
