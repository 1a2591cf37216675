import { InvalidInput, unlessError } from '../errors';
import type { Samples, Table } from '../math/table';
import { withWeights } from '../math/table';
import { inverseInformation } from '../theory/information';
import type { RowsBehind } from '../theory/standard-errors';
import type { Steps } from '../work/work';
import { covariatesFor, responsesFor } from './expert-rows';
import { expertsInformationSteps, informationLayout } from './experts-information';
import type { FlatExperts } from './flat-experts';

/** Standard errors of a mixture of experts, in the form of its fields; of one response `Coefficients` are 1 + d numbers and `Variance` is a number. */
export interface ExpertsErrors<Coefficients = readonly number[], Variance = number> {
  /** K × (1 + d): 0 where nothing is estimated, in the last row and of constant gates beyond the first column */
  readonly gates: readonly (readonly number[])[];
  /**
   * of the coefficients of each of the K experts, the constant first, in the unit of the response per unit of the
   * covariate
   */
  readonly coefficients: readonly Coefficients[];
  /** empty for laws that have none */
  readonly variances: readonly Variance[];
}

/** Of which rows standard errors are. */
export interface ExpertsErrorsOptions {
  /**
   * the responses of the rows, n × q: the errors are then of the observed information of these rows, −∂² log f at the estimate
   * @defaultValue the expected information of N rows whose covariates are like these
   */
  readonly y?: Table;
  /**
   * N, the rows of all machines that were reduced
   * @defaultValue what the result knows; of given responses, the rows
   */
  readonly sampleSize?: number;
  /**
   * how often each row counts
   * @defaultValue the weights of the table, or once
   */
  readonly rowWeights?: ArrayLike<number>;
}

/** The standard errors of a mixture of experts, of one response or of several. */
export type AnyExpertsErrors =
  | ExpertsErrors
  | ExpertsErrors<readonly (readonly number[])[], readonly (readonly number[])[]>;

/**
 * The steps of the standard errors of a model by its numbers.
 * @param several whether its fields are those of several responses
 * @param known what a result knows of the rows behind it
 * @throws as `expertsStandardErrors` does
 */
export function* errorsOfNumbers(
  flat: FlatExperts,
  several: boolean,
  x: Table,
  { y, sampleSize, rowWeights }: ExpertsErrorsOptions,
  { sampleSize: own, rowsBehind }: { readonly sampleSize?: number; readonly rowsBehind?: RowsBehind },
): Steps<AnyExpertsErrors> {
  const covariates = withWeights(covariatesFor(flat, x), rowWeights);
  const responses = y === undefined ? undefined : responsesFor(flat, y, covariates.rows);
  const total = covariates.weights?.reduce((sum, weight) => sum + weight, 0) ?? covariates.rows;
  const parts = sampleSize === undefined && !responses ? rowsBehind : undefined;
  const N = sampleSize ?? (responses ? total : own);
  if (!(N !== undefined && N > 0 && N < Infinity))
    throw new InvalidInput(
      `the sample size is ${N}: give { y }, the responses of these rows, or { sampleSize }, the rows of all machines that were reduced`,
    );
  const { z, means, scales } = standardised(covariates);
  const information = yield* expertsInformationSteps(flat, covariates, z, responses);
  const layout = informationLayout(flat);
  const inverse = inverseOf(information, layout, total);
  /** √ of tᵀ C t for the coordinates from `from` on */
  const errorOf = (from: number, t: ArrayLike<number>): number => {
    let sum = 0;
    for (let a = 0; a < t.length; a++)
      for (let b = 0; b < t.length; b++) sum += t[a] * t[b] * inverse[(from + a) * layout.size + from + b];
    return Math.sqrt(Math.max(0, sum * total));
  };
  const toConstant = [1, ...Array.from(means, (mean, c) => -mean / scales[c])];
  /** of the constant and the slopes of x, of those of z from `from` on */
  const lineErrors = (from: number, rows: number): number[] =>
    [errorOf(from, toConstant), ...Array.from(scales, (scale, c) => errorOf(from + 1 + c, [1 / scale]))].map(
      (error) => error / Math.sqrt(rows),
    );
  return shaped(flat, layout, {
    lineErrors,
    errorOf: (from, rows) => errorOf(from, [1]) / Math.sqrt(rows),
    ofWeights: parts?.weights ?? N,
    ofExpert: (k) => parts?.components[k] ?? N,
    several: several,
  });
}

/** Above this share of what a coordinate would have alone, the inverse is rounding. */
const MOST_INFLATION = 1e11;

/** Information of a row on a gate that is below this is rounding. */
const LEAST_OF_GATES = 1e-24;

/** @throws InvalidInput if the information is singular to rounding */
function inverseOf(
  information: Float64Array,
  { size, ofGates }: ReturnType<typeof informationLayout>,
  total: number,
): Float64Array {
  const inverse = unlessError(() => inverseInformation({ size, entries: information }));
  const isLost = (_: unknown, i: number) => {
    const own = information[i * (size + 1)];
    return (
      !(inverse && inverse[i * (size + 1)] * own <= MOST_INFLATION) || (i < ofGates && own < LEAST_OF_GATES * total)
    );
  };
  if (!inverse || Array.from({ length: size }).some(isLost))
    throw new InvalidInput(
      'the information of these rows is singular: two experts are the same, or an expert has too few rows, or covariates are combinations of one another',
    );
  return inverse;
}

interface Parts {
  readonly lineErrors: (from: number, rows: number) => number[];
  readonly errorOf: (from: number, rows: number) => number;
  readonly ofWeights: number;
  readonly ofExpert: (k: number) => number;
  readonly several: boolean;
}

/** The errors in the form of the model's fields. */
function shaped(
  { law, order, covariates, responses: q }: FlatExperts,
  { softmax, starts, perExpert }: ReturnType<typeof informationLayout>,
  { lineErrors, errorOf, ofWeights, ofExpert, several }: Parts,
): AnyExpertsErrors {
  const none = new Array<number>(covariates).fill(0);
  const gates = Array.from({ length: order }, (_, k) => {
    if (k === order - 1) return [0, ...none];
    return softmax ? lineErrors(starts[k], ofWeights) : [errorOf(starts[k], ofWeights), ...none];
  });
  const experts = Array.from({ length: order }, (_, k) => order - 1 + k * perExpert);
  const rows = experts.map((at, k) => Array.from({ length: q }, (_, r) => lineErrors(starts[at + r], ofExpert(k))));
  const matrices = experts.map((at, k) =>
    Array.from({ length: q }, (_, a) =>
      Array.from({ length: q }, (__, b) => {
        const [high, low] = a > b ? [a, b] : [b, a];
        return errorOf(starts[at + q + (high * (high + 1)) / 2 + low], ofExpert(k));
      }),
    ),
  );
  const variances = law.hasVariance ? matrices : [];
  if (several) return { gates, coefficients: rows, variances };
  return { gates, coefficients: rows.map(([own]) => own), variances: variances.map(([[own]]) => own) };
}

/** The rows (1, z) of covariates less their means, over their standard deviations, so that no unit makes the information ill-conditioned. */
function standardised({ data, rows, columns: d, weights }: Samples): {
  z: Float64Array;
  means: Float64Array;
  scales: Float64Array;
} {
  const [means, scales] = [new Float64Array(d), new Float64Array(d)];
  let total = 0;
  for (let j = 0; j < rows; j++) {
    const count = weights?.[j] ?? 1;
    total += count;
    if (count > 0) for (let c = 0; c < d; c++) means[c] += (count * (data[j * d + c] - means[c])) / total;
  }
  for (let j = 0; j < rows; j++)
    for (let c = 0; c < d; c++) scales[c] += (weights?.[j] ?? 1) * (data[j * d + c] - means[c]) ** 2;
  for (let c = 0; c < d; c++) {
    scales[c] = Math.sqrt(scales[c] / total);
    if (!(scales[c] > 1e-12 * Math.abs(means[c]) && scales[c] < Infinity))
      throw new InvalidInput(
        `covariate ${c} has the standard deviation ${scales[c]} over these rows: nothing tells its coefficients from the constant`,
      );
  }
  const z = new Float64Array(rows * (1 + d));
  for (let j = 0, at = 0; j < rows; j++) {
    z[at++] = 1;
    for (let c = 0; c < d; c++) z[at++] = (data[j * d + c] - means[c]) / scales[c];
  }
  return { z, means, scales };
}
