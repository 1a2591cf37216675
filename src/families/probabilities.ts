import { randomExponential } from 'd3-random';
import { InvalidInput } from '../errors';
import { described, numbersOf } from '../math/checks';
import type { RandomStream } from '../math/random';
import type { Samples } from '../math/table';
import { conjugatePenalty, type ExponentialFamily } from './exponential-family';
import type { Family } from './family';

// Probabilities of categories: what Bernoulli, multinomial and categorical components have in common.

/**
 * Without a penalty, a fit gives this to what a component never saw: it costs 1e-12 of a likelihood a row, and a row that has it
 * after all is improbable, not impossible.
 */
const LEAST_PROBABILITY = 1e-12;

/** Probabilities that are given may be as small as this, and sum to 1 to 1e-9. */
const LEAST_GIVEN = 1e-100;

const sumOf = (values: ArrayLike<number>): number => Array.prototype.reduce.call(values, plus, 0) as number;
const plus = (sum: unknown, value: unknown): unknown => (sum as number) + (value as number);

/** @throws InvalidInput if it is not above 0 and below 1: what is seen after all would be impossible */
export function checkedProbability(value: number, what: string): number {
  if (value >= LEAST_GIVEN && value < 1) return value;
  throw new InvalidInput(
    `${what} is ${described(value)}: it must be above 0 and below 1, such as 1e-9 for what is rare`,
  );
}

/**
 * Probabilities of at least two categories, divided by their sum if rounding made it another than 1.
 * @throws InvalidInput if there are fewer, one is not above 0, or they do not sum to 1
 */
export function checkedProbabilities(given: ArrayLike<unknown>, what: string): Float64Array {
  const values = numbersOf(given, (i) => `${what}[${i}]`);
  if (values.length < 2)
    throw new InvalidInput(`${what} has ${values.length} numbers: two categories or more are needed`);
  values.forEach((value, i) => {
    checkedProbability(value, `${what}[${i}]`);
  });
  const total = sumOf(values);
  if (!(Math.abs(total - 1) <= 1e-9)) throw new InvalidInput(`${what} sums to ${total}, not to 1: divide by the sum`);
  return Math.abs(total - 1) <= 1e-14 ? values : values.map((value) => value / total);
}

/** All coordinates of probabilities of which the last is left out. */
export const withLast = (values: Float64Array): Float64Array => Float64Array.of(...values, 1 - sumOf(values));

/** log Σ exp η */
export function logSumExp(eta: Float64Array): number {
  const most = eta.reduce((a, b) => Math.max(a, b), -Infinity);
  return most + Math.log(eta.reduce((sum, value) => sum + Math.exp(value - most), 0));
}

/** The probabilities proportional to exp θ. */
export function softmax(theta: Float64Array): Float64Array {
  const log = logSumExp(theta);
  return theta.map((value) => Math.exp(value - log));
}

/** log p of the probability of an event, as seen, which keeps away from 0. */
export const logOfShare = (share: number): number => Math.log(Math.max(share, LEAST_PROBABILITY));

/** log{p / (1 − p)} of the probability of an event, as seen, which keeps away from 0 and from 1. */
export function logitOfShare(share: number): number {
  const p = Math.min(Math.max(share, LEAST_PROBABILITY), 1 - LEAST_PROBABILITY);
  return Math.log(p) - Math.log1p(-p);
}

/** ½ Σ |p − p′|, the total variation distance. */
export const totalVariation = (p: Float64Array, q: Float64Array): number =>
  p.reduce((sum, value, i) => sum + Math.abs(value - q[i]), 0) / 2;

/** Probabilities with the uniform distribution on the simplex. */
export function uniformProbabilities(count: number, random: RandomStream): Float64Array {
  const draw = randomExponential.source(random)(1);
  const drawn = Float64Array.from({ length: count }, () => Math.max(draw(), 1e-12));
  const total = sumOf(drawn);
  return drawn.map((value) => value / total);
}

/**
 * The conjugate penalty about the rows as a whole and one more row that is like every category alike, so that what no row has is
 * improbable in every component, not impossible.
 * @param even the mean of T over such a row
 */
export function evenPenalty<Parameter>(
  own: ExponentialFamily<Parameter>,
  even: (statistic: number) => number,
): NonNullable<ExponentialFamily<Parameter>['penalty']> {
  const penalty = conjugatePenalty(own);
  return (whole, rows, origin) =>
    penalty(
      whole.map((mean, i) => (rows * mean + even(i)) / (rows + 1)),
      rows,
      origin,
    );
}

/**
 * What is known of whether K products of categorical distributions can be told apart (Allman, Matias and Rhodes 2009): they can for
 * all parameters but those of measure 0 if the features fall into three groups of κ₁, κ₂, κ₃ combinations of categories with
 * Σ min(K, κ) ≥ 2 K + 2; for two categories each, if there are 2 ⌈log₂ K⌉ + 1 features.
 */
export function latentClassNotes(counts: readonly number[], order: number): string[] {
  if (order === 1) return [];
  const groups = [1, 1, 1];
  let at = 0;
  for (const count of [...counts].sort((a, b) => b - a)) {
    if (at < 2 && groups[at] >= order) at++;
    groups[at] *= count;
  }
  const told = groups.reduce((sum, combinations) => sum + Math.min(order, combinations), 0) >= 2 * order + 2;
  return [
    told
      ? `Mixtures of ${order} such products over ${counts.length} features are identifiable for most parameters only (Allman et al. ` +
        '2009): near the others, estimates that are close in L² may differ in their parameters.'
      : `${counts.length} features may be too few to tell ${order} components apart: such mixtures are known to be identifiable for ` +
        'most parameters where the features fall into three groups of κ combinations each with Σ min(K, κ) ≥ 2 K + 2 ' +
        '(Allman et al. 2009; of two categories each, from 2 ⌈log₂ K⌉ + 1 features on).',
  ];
}

/** Rows that are listed for expectations: more take longer than draws do. */
const MOST_LISTED = 4096;

/** All rows of which the c-th number is from 0 to below counts[c]; undefined if they are too many. */
export function allCombinations(counts: readonly number[]): Samples | undefined {
  const rows = counts.reduce((product, count) => product * count, 1);
  if (rows > MOST_LISTED) return undefined;
  const data = new Float64Array(rows * counts.length);
  for (let j = 0; j < rows; j++) {
    let rest = j;
    counts.forEach((count, c) => {
      data[j * counts.length + c] = rest % count;
      rest = Math.floor(rest / count);
    });
  }
  return { data, rows, columns: counts.length };
}

/** All rows of d counts that sum to a number; undefined if they are too many. */
export function allCounts(d: number, total: number): Samples | undefined {
  let rows: number[][] = [[]];
  for (let c = 0; c < d - 1; c++) {
    rows = rows.flatMap((row) => {
      const left = total - row.reduce((sum, x) => sum + x, 0);
      return Array.from({ length: left + 1 }, (_, x) => [...row, x]);
    });
    if (rows.length > MOST_LISTED) return undefined;
  }
  const whole = rows.flatMap((row) => [...row, total - row.reduce((sum, x) => sum + x, 0)]);
  return { data: Float64Array.from(whole), rows: rows.length, columns: d };
}

/**
 * The family with exact expectations for the theory, where all its rows can be listed: draws would hardly ever have what is rare, whose
 * probability has the smallest error.
 * @param rowsOf all rows that can be; undefined if they are too many
 */
export function withListedRows<Parameter>(
  family: Family<Parameter>,
  rowsOf: (parameter: Parameter) => Samples | undefined,
): Family<Parameter> {
  const quadrature = (parameters: readonly Parameter[], k: number) => {
    const places = rowsOf(parameters[k]);
    if (!places) return undefined;
    const masses = new Float64Array(places.rows);
    family.logDensity(places)(parameters[k], masses);
    return { places, masses: masses.map(Math.exp) };
  };
  return { ...family, theory: { of: family, quadrature } };
}
