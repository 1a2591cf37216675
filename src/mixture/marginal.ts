import { BeyondFloat64, InvalidInput } from '../errors';
import { type AnyGaussian, isGaussian } from '../families/any-gaussian';
import type { GaussianInput, GaussianParameter } from '../families/gaussian-parameter';
import { described } from '../math/checks';
import { cholesky } from '../math/linear-algebra';
import { type Estimate, mixtureOf } from './given';
import { assemble, type Mixture, withNoise } from './mixture';
import type { Noise } from './noise';
import { expectation, noiseProbabilities } from './posterior';

/** What `marginal` and `conditional` may be told. */
export interface ColumnNames {
  /**
   * the names of the d features, so that columns can be chosen by them: `names` of a table that was read, for one
   * @defaultValue those that the estimate carries, as a machine's file may
   */
  readonly names?: readonly string[];
}

/**
 * The marginal distribution of some features under a Gaussian mixture: f(x_A) = Σ w_k φ(x_A; μ_A,k, Σ_AA,k). It is of the same
 * family, and its features are in the order of `columns`. Noise is uniform on these sides of its box.
 * @param estimate G, or a result that holds it
 * @param columns A, by number from 0 or by name
 * @param options the names of the columns, if they are meant by their names
 * @returns the mixture of these features alone
 * @throws InvalidInput if there is no such column, none is given or one twice, or the family is not Gaussian
 * @example
 * const G = gaussianMixture({ weights: [1], means: [[1, 2]], covariances: [[[1, 0.5], [0.5, 4]]] });
 * marginal(G, ['width'], { names: ['height', 'width'] }).parameters[0].mean; // [2]
 * marginal(G, [1]).parameters[0].covariance; // [4]: by its place, the same
 */
export function marginal<Parameter extends AnyGaussian>(
  estimate: Estimate<Parameter>,
  columns: readonly (number | string)[],
  options: ColumnNames = {},
): Mixture<Parameter> {
  const { mixture, names } = gaussianOf(estimate, options);
  if (!Array.isArray(columns)) throw new InvalidInput(`columns is ${described(columns)}: a list is needed`);
  return marginalOf(mixture, columnNumbers(columns, mixture.dimension, names));
}

/**
 * The conditional distribution of the other features, A, under a Gaussian mixture, given the values of some, B. It is of the same
 * family: component k has the weight w_k φ(x_B; μ_B, Σ_BB) / f(x_B), the mean μ_A + Σ_AB Σ_BB⁻¹ (x_B − μ_B) and the covariance
 * Σ_AA − Σ_AB Σ_BB⁻¹ Σ_BA. Weights are computed in the log domain, so that values far out in the tails have a conditional, too. Noise has
 * as its weight the probability that x_B is noise.
 * @param estimate G, or a result that holds it
 * @param given x_B: the value of each column, by its number from 0 or its name
 * @param options the names of the columns, if they are meant by their names
 * @returns the mixture of the other features, in their order
 * @throws InvalidInput if there is no such column, none is given or one twice, no column is left, a value is not a finite number, or
 *   the family is not Gaussian; BeyondFloat64 if x_B is too far out for float64 to tell which component it is of
 * @example
 * const G = gaussianMixture({ weights: [1], means: [[1, 2]], covariances: [[[1, 0.5], [0.5, 4]]] });
 * const width = conditional(G, { 0: 3 }); // the second feature, if the first is 3
 * width.parameters[0].mean; // [3]: 2 + 0.5 · (3 − 1)
 * width.parameters[0].covariance; // [3.75]: 4 − 0.5²
 */
export function conditional<Parameter extends AnyGaussian>(
  estimate: Estimate<Parameter>,
  given: Readonly<Record<string | number, number>>,
  options: ColumnNames = {},
): Mixture<Parameter> {
  const { mixture, names } = gaussianOf(estimate, options);
  const { family, dimension, parameters, noise } = mixture;
  if (typeof given !== 'object' || given === null)
    throw new InvalidInput(`what is given is ${described(given)}: { column: value } is needed`);
  const known = columnNumbers(Object.keys(given), dimension, names);
  const values = Float64Array.from(Object.entries(given), ([name, value]) => {
    if (!Number.isFinite(value)) throw new InvalidInput(`column ${name} is ${described(value)}: it must be a number`);
    return value;
  });
  const rest = Array.from({ length: dimension }, (_, column) => column).filter((column) => !known.includes(column));
  if (rest.length === 0) throw new InvalidInput(`all ${dimension} columns are given: leave one to be described`);
  const seen = marginalOf(mixture, known);
  const weights = conditionalWeights(withNoise(seen, undefined), values, given);
  const restOf = parameters.map((parameter, k) =>
    family.parameter(
      'covariance' in parameter ? regression(parameter, rest, known, values) : subset(parameter, rest), // features without correlations say nothing of each other
      `component ${k} of the conditional`,
    ),
  );
  return assemble(family, weights, restOf, noise && conditionalNoise(noise, seen, values, rest));
}

/** The largest number below 1: noise is never all of a mixture. */
const GREATEST_SHARE = 1 - Number.EPSILON / 2;

/** Noise of the features that are left, given the values of the others. */
function conditionalNoise(
  noise: Noise,
  seen: Mixture<AnyGaussian>,
  values: Float64Array,
  rest: readonly number[],
): Noise {
  const [share] = noiseProbabilities(seen, { data: values, rows: 1, columns: values.length });
  return { ...noiseOf(noise, rest), weight: Math.min(share, GREATEST_SHARE) };
}

/** Noise of some of the features, in the order given. */
function noiseOf({ weight, lower, upper }: Noise, columns: readonly number[]): Noise {
  const pick = (side: Float64Array) => Float64Array.from(columns, (column) => side[column]);
  return { weight, lower: pick(lower), upper: pick(upper) };
}

/** |log f| up to which rounding moves it, and so the log of a weight, by less than 1e-6 nats: a value 90 000 standard deviations away. */
const GREATEST_LOG = 2 ** 32;

/** w_k φ(x_B; μ_B, Σ_BB) / f(x_B), of the marginal mixture of B. */
function conditionalWeights(known: Mixture<AnyGaussian>, values: Float64Array, given: unknown): Float64Array {
  const { family, order } = known;
  const tooFar = (why: string, cause?: unknown) =>
    new BeyondFloat64(`${described(given)} is too far from every component: ${why}`, { cause });
  const weights = new Float64Array(order);
  let log = 0;
  try {
    log = expectation(known, family.logDensity({ data: values, rows: 1, columns: values.length }), weights);
  } catch (error) {
    throw error instanceof BeyondFloat64 ? tooFar('the log of its density is beyond float64', error) : error;
  }
  if (order > 1 && Math.abs(log) > GREATEST_LOG)
    throw tooFar(`float64 cannot tell components apart by a log density of ${log.toExponential(1)}`);
  return weights;
}

const marginalOf = <Parameter extends AnyGaussian>(
  { family, weights, parameters, noise }: Mixture<Parameter>,
  columns: readonly number[],
): Mixture<Parameter> =>
  assemble(
    family,
    weights,
    parameters.map((parameter, k) => family.parameter(subset(parameter, columns), `component ${k} of the marginal`)),
    noise && noiseOf(noise, columns),
  );

/** θ of some of the features, as the family reads it. */
function subset(parameter: AnyGaussian, columns: readonly number[]): unknown {
  const pick = (values: Float64Array) => Float64Array.from(columns, (column) => values[column]);
  const mean = pick(parameter.mean);
  if ('variance' in parameter) return { mean, variance: parameter.variance };
  if ('variances' in parameter) return { mean, variances: pick(parameter.variances) };
  return { mean, covariance: block(parameter, columns) };
}

/** Σ of some of the features, in the order given. */
function block({ mean: { length: d }, covariance }: GaussianParameter, columns: readonly number[]): Float64Array {
  return Float64Array.from(columns.flatMap((i) => columns.map((j) => covariance[i * d + j])));
}

/**
 * The Gaussian of the features A given the values of B, by the Cholesky factor of Σ with B first: with
 *
 *     Σ = L Lᵀ,   L = [ L_B  0   ]    and   z = L_B⁻¹ (x_B − μ_B),
 *                     [ M    L_A ]
 *
 * its mean is μ_A + M z, and its covariance L_A L_Aᵀ, which is positive definite however close x_B determines x_A.
 */
function regression(
  parameter: GaussianParameter,
  rest: readonly number[],
  known: readonly number[],
  values: Float64Array,
): GaussianInput {
  const { mean } = parameter;
  const d = mean.length;
  const b = known.length;
  const lower = cholesky(block(parameter, [...known, ...rest]), d);
  if (!lower) throw new BeyondFloat64('a covariance is singular in float64 if its features are reordered: drop one');
  const z = new Float64Array(b);
  for (let i = 0; i < b; i++) {
    let centred = values[i] - mean[known[i]];
    for (let c = 0; c < i; c++) centred -= lower[i * d + c] * z[c];
    z[i] = centred / lower[i * d + i];
  }
  const rowOf = (i: number) => lower.subarray((b + i) * d, (b + i + 1) * d);
  return {
    mean: rest.map((column, i) => z.reduce((sum, value, c) => sum + rowOf(i)[c] * value, mean[column])),
    covariance: rest.map((_, i) =>
      rest.map((__, j) => rowOf(i).reduce((sum, entry, c) => (c < b ? 0 : sum + entry * rowOf(j)[c]), 0)),
    ),
  };
}

/** The mixture of a Gaussian family, and the names of its features if they are known. */
function gaussianOf<Parameter extends AnyGaussian>(
  estimate: Estimate<Parameter>,
  { names = (estimate as { readonly names?: readonly string[] } | undefined)?.names }: ColumnNames,
): { mixture: Mixture<Parameter>; names: readonly string[] | undefined } {
  const mixture = mixtureOf(estimate);
  const { family } = mixture;
  if (!isGaussian(family))
    throw new InvalidInput(`a mixture of the family "${family.name}" is not Gaussian: only of these are parts known`);
  return { mixture, names };
}

/**
 * The numbers of columns that are given by number, or by name.
 * @throws InvalidInput if there is no such column, none is given or one twice
 */
export function columnNumbers(
  columns: readonly (number | string)[],
  dimension: number,
  names: readonly string[] | undefined,
): number[] {
  if (names && names.length !== dimension)
    throw new InvalidInput(`${names.length} names are given for ${dimension} features: give one of each`);
  if (columns.length === 0) throw new InvalidInput('no column is given: at least one is needed');
  const numbers = columns.map((column) => {
    const found = names?.indexOf(column as string) ?? -1;
    if (found >= 0 && names?.lastIndexOf(column as string) !== found)
      throw new InvalidInput(`"${column}" is the name of several columns: give its number`);
    const number = found < 0 && /^\d+$/.test(String(column)) ? Number(column) : found;
    if (number >= 0 && number < dimension) return number;
    const all = names ? ` (${names.join(', ')})` : '';
    throw new InvalidInput(`there is no column ${described(column)}: the mixture has ${dimension}, from 0${all}`);
  });
  const twice = numbers.findIndex((number, i) => numbers.indexOf(number) < i);
  if (twice >= 0) throw new InvalidInput(`column ${described(columns[twice])} is given twice`);
  return numbers;
}
