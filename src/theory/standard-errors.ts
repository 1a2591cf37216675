import { InvalidInput } from '../errors';
import { type Estimate, mixtureOf } from '../mixture/given';
import { finished, type Steps } from '../work/work';
import { type InformationOptions, informationSteps, inverseInformation } from './information';

export interface StandardErrorOptions extends InformationOptions {
  /**
   * N, the rows of all machines that were reduced
   * @defaultValue what the result knows
   */
  readonly sampleSize?: number;
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
 * machines, as a component rule uses them, each part has the N of its own.
 * @param result of `fit`, `reduce`, `dfmr` …, which knows how many rows it is of; or a mixture, with `sampleSize`
 * @returns a standard error for each coordinate
 * @throws InvalidInput if N is not known, a weight is 0, or the information is singular
 * @example
 * const errors = standardErrors(fit([1, 2, 2.5, 9, 10, 11.5], { order: 1 }));
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
  { sampleSize, ...options }: StandardErrorOptions = {},
): Steps<Float64Array> {
  const { sampleSize: own, rowsBehind } = result as { sampleSize?: number; rowsBehind?: RowsBehind };
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
    return i < order - 1 ? parts.weights : parts.components[Math.floor((i - order + 1) / p)];
  };
  return Float64Array.from({ length: information.size }, (_, i) =>
    Math.sqrt(covariance[i * information.size + i] / rowsOf(i)),
  );
}
