import type { Table } from '../math/table';
import { finished, type Steps } from '../work/work';
import {
  type AnyExpertsErrors,
  type ExpertsErrors,
  type ExpertsErrorsOptions,
  errorsOfNumbers,
} from './experts-errors';
import { type ExpertsEstimate, expertsOf, flatExperts } from './model';

/**
 * The asymptotic standard errors of a mixture of experts: those of the maximum likelihood estimate, the roots of the diagonal of the inverse
 * information. Of a fit, give the rows that were fitted, x and y. Of an aggregate nobody has the rows of all: give the server's covariates,
 * which stand for those of all machines; the errors are then those of the MLE of N rows, and hold if machines are few beside the rows of each.
 * The estimates of a fit are a little drawn in by its penalties, the errors are of none.
 * @param result of `fitExperts`, `reduceExperts`, …, which knows how many rows it is of; or a model, with `sampleSize` or `y`
 * @param x n rows of d covariates, without the constant
 * @param options the rows behind the model, and how its information is computed
 * @returns the standard error of each number of the model, in the form of its fields
 * @throws InvalidInput if N is not known, a covariate is constant or a combination of others, or the information is singular, as if two experts
 *   are the same
 * @example
 * const [x, y] = [[0, 1, 2, 3, 4, 5], [1, 2.9, 5.2, 6.8, 9.1, 11]];
 * const line = fitExperts(x, y, { order: 1 });
 * line.model.coefficients[0]; // [0.986, 2.01]: constant and slope
 * expertsStandardErrors(line, x, { y }).coefficients[0]; // [0.0932, 0.0308]
 */
export function expertsStandardErrors<Errors = ExpertsErrors>(
  result: ExpertsEstimate,
  x: Table,
  options: ExpertsErrorsOptions = {},
): Errors {
  return finished(expertsStandardErrorsSteps(result, x, options)) as Errors;
}

/**
 * The steps of `expertsStandardErrors`.
 * @throws as `expertsStandardErrors` does
 */
export function* expertsStandardErrorsSteps(
  result: ExpertsEstimate,
  x: Table,
  options: ExpertsErrorsOptions = {},
): Steps<AnyExpertsErrors> {
  const model = expertsOf(result);
  const several = typeof model.coefficients[0][0] !== 'number';
  return yield* errorsOfNumbers(flatExperts(model), several, x, options, 'model' in result ? result : {});
}
