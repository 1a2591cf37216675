import type { SetAside } from '../aggregate/rule';
import { unlessError } from '../errors';
import { expertsGates } from '../experts/experts-density';
import type { ExpertsErrors } from '../experts/experts-errors';
import { expertsStandardErrors } from '../experts/experts-standard-errors';
import { type AnyExperts, type ExpertsEstimate, expertsOf } from '../experts/model';
import { expertCoefficientsFigure } from '../figures/expert-coefficients-figure';
import { type CompleteNames, lineOf, namesOf, varianceOf } from '../figures/expert-curves';
import { expertsMachinesFigure } from '../figures/experts-machines-figure';
import { normalQuantile } from '../math/normal';
import { type Samples, type Table, toSamples } from '../math/table';
import { figure, heading, wholeTable } from './sections';

/** What a rule made of mixtures of experts. */
export interface ExpertsResult {
  readonly model: AnyExperts;
  readonly kept: ArrayLike<number>;
  readonly setAside: readonly SetAside[];
  /** N, the rows behind the result */
  readonly sampleSize?: number;
  /** the rows of covariates on which the models were compared */
  readonly covariates?: Samples;
}

/** What a report says of experts beside their aggregate. */
export interface ExpertsReportOptions {
  /**
   * S × d, rows of covariates over which lines are drawn, and of which standard errors are
   * @defaultValue those of the result, on which the machines were compared
   */
  readonly covariates?: Table;
  /**
   * the names of the responses; those of the covariates are `features`
   * @defaultValue 'y', or 'y0', 'y1', … of several
   */
  readonly responses?: readonly string[];
}

/** The options of a report that its experts need. */
interface Told extends ExpertsReportOptions {
  /** in the form of the model, as of `aggregate` */
  readonly standardErrors?: unknown;
  readonly features?: readonly string[];
  readonly machines?: readonly string[];
  readonly estimates?: readonly unknown[];
}

/** Panels of lines on a page, at most: of the first responses over the first covariates. */
const MOST_SLICES = 6;

/** 95 % intervals are this many standard errors to either side. */
const HALF_WIDTH = normalQuantile(0.975);

/** The experts of an aggregate: the lines of all machines, coefficients with intervals, and the gates. */
export function expertsSections(result: ExpertsResult, options: Told): string[] {
  const { model } = result;
  const { features, responses, covariates = result.covariates } = options;
  const names = namesOf(model, { covariates: features, responses });
  const errors = expertsErrorsOf(result, options);
  const intervals = errors ? ', with 95 % intervals' : '';
  return [
    heading('The experts'),
    ...linesSections(result, options, names),
    ...names.responses.map((name, response) =>
      figure(
        expertCoefficientsFigure(model, { standardErrors: errors, covariates: features, responses, response }),
        `The coefficients of the experts${names.responses.length > 1 ? ` for ${name}` : ''}${intervals}.`,
      ),
    ),
    wholeTable(
      names.responses.flatMap((_, r) => coefficientRows(model, names, r, errors)),
      `Coefficients of the experts${errors ? ', their standard errors and 95 % intervals' : ''}.`,
    ),
    heading('The gates'),
    wholeTable(
      gateRows(model, names, errors, covariates),
      `Gates: coefficients relative to the last expert${errors ? ', with standard errors' : ''}${covariates ? '; shares are means over the rows of covariates' : ''}.`,
    ),
  ];
}

/** The lines of the machines and what they say together, by covariate. */
function linesSections(result: ExpertsResult, options: Told, names: CompleteNames): string[] {
  const { covariates = result.covariates, estimates, machines, features, responses } = options;
  const models = estimates?.map((estimate) => unlessError(() => expertsOf(estimate as ExpertsEstimate)));
  if (!covariates || !models?.every((model) => model !== undefined)) return [];
  const slices = names.responses.flatMap((response) => names.covariates.map((covariate) => ({ response, covariate })));
  const others = names.covariates.length > 1 ? ', other covariates at their means' : '';
  return slices
    .slice(0, MOST_SLICES)
    .map((slice) =>
      figure(
        expertsMachinesFigure(models, result, covariates, { ...slice, machines, covariates: features, responses }),
        `${slice.response} by ${slice.covariate}${others}: thin and grey what was used of each machine, dotted and orange what was set aside, and bold what they say together; what lies far outside is cut off. Below, the gates.`,
      ),
    );
}

type Errors = ExpertsErrors<AnyExperts['coefficients'][number], AnyExperts['variances'][number]>;

/** Those of the aggregate, or of N rows whose covariates are like the server's; undefined if they are not known. */
function expertsErrorsOf(
  result: ExpertsResult,
  { covariates = result.covariates, standardErrors }: Told,
): Errors | undefined {
  if (standardErrors !== undefined) return standardErrors as Errors;
  if (!covariates || result.sampleSize === undefined) return undefined;
  return unlessError(() => expertsStandardErrors(result, covariates));
}

/** The coefficients and the standard deviation of each expert, for one response. */
function coefficientRows(
  model: AnyExperts,
  { experts, covariates, responses }: CompleteNames,
  r: number,
  errors: Errors | undefined,
): object[] {
  return experts.flatMap((expert, k) => {
    const line = lineOf(model, k, r);
    const own = errors && lineOf(errors, k, r);
    const variance = varianceOf(model, k, r);
    const shared = { expert, ...(responses.length > 1 && { response: responses[r] }) };
    return [
      ...['constant', ...covariates].map((coefficient, c) => ({
        ...shared,
        coefficient,
        estimate: line[c],
        ...(own && {
          'standard error': own[c],
          from: line[c] - HALF_WIDTH * own[c],
          to: line[c] + HALF_WIDTH * own[c],
        }),
      })),
      ...(variance === undefined
        ? []
        : [{ ...shared, coefficient: 'standard deviation', estimate: Math.sqrt(variance) }]),
    ];
  });
}

/** The gate of each expert: its share of the rows, and its coefficients. */
function gateRows(
  model: AnyExperts,
  { experts, covariates: names }: CompleteNames,
  errors: Errors | undefined,
  covariates: Table | undefined,
): object[] {
  const rows = covariates && toSamples(covariates);
  const probabilities = rows && expertsGates(model, rows);
  const K = experts.length;
  return experts.map((expert, k) => ({
    expert,
    ...(rows && {
      share: (probabilities as Float64Array).reduce((sum, p, i) => (i % K === k ? sum + p / rows.rows : sum), 0),
    }),
    ...Object.fromEntries(
      ['constant', ...names].flatMap((name, c): [string, number][] => [
        [name, model.gates[k][c]],
        ...(errors ? [[`± ${name}`, errors.gates[k][c]] as [string, number]] : []),
      ]),
    ),
  }));
}

/** The experts of a report as plain JSON. */
export function expertsJson(result: ExpertsResult, options: Told): object {
  const { model, sampleSize } = result;
  const errors = expertsErrorsOf(result, options);
  return {
    experts: model.toJSON(),
    sampleSize,
    covariates: options.features,
    responses: options.responses,
    ...(errors && { standardErrors: errors }),
  };
}
