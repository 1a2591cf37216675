import { randomBinomial } from 'd3-random';
import { InvalidInput } from '../errors';
import { besselRatio, i0e } from '../math/bessel';
import { described } from '../math/checks';
import { lgam } from '../math/gamma-function';
import type { Samples } from '../math/table';
import { type ExponentialFamily, exponentialFamily } from './exponential-family';
import type { Family } from './family';
import {
  allCounts,
  checkedProbabilities,
  evenPenalty,
  logOfShare,
  logSumExp,
  softmax,
  totalVariation,
  uniformProbabilities,
  withLast,
  withListedRows,
} from './probabilities';

/** The probabilities of the d categories, above 0, which sum to 1. */
export interface MultinomialParameter {
  /** d probabilities, one of each category */
  readonly probabilities: Float64Array;
}

/** More trials lose digits of inner products, which are sums over all tables of so many. */
const MOST_TRIALS = 1e5;

/** Steps of Newton's method for the unit of a generating function, of which a few digits are enough. */
const NEWTON_STEPS = 6;

/** Terms that are below e^−45 of the largest change no sum in float64. */
const NEGLIGIBLE = Math.exp(-45);

/**
 * Multinomial distributions of a known number of trials T: rows of d ≥ 2 counts that sum to T. Their mixtures are identifiable if, and
 * only if, T ≥ 2 K − 1 (Kim 1984). Their L² distance is by sums over all such rows. The ground distance of W₁ is the total variation
 * distance of one trial. Penalised so that no probability of a fit is 0.
 * @param trials T
 * @throws InvalidInput if it is not 1, 2, … 100 000
 */
export function multinomial(trials: number): Family<MultinomialParameter> {
  if (!(Number.isInteger(trials) && trials >= 1 && trials <= MOST_TRIALS))
    throw new InvalidInput(
      `the number of trials of a multinomial family is ${described(trials)}: it must be a whole number from 1 to ${MOST_TRIALS}`,
    );
  const name = `multinomial(${trials})`;
  const logFactorials = Float64Array.from({ length: trials + 1 }, (_, k) => lgam(k + 1));
  const natural: ExponentialFamily<MultinomialParameter> = {
    name,
    parameter(value, where) {
      const given = (value as Partial<MultinomialParameter> | null)?.probabilities;
      if (!(given && given.length > 0))
        throw new InvalidInput(`${where} needs a list of probabilities, but is ${described(value)}`);
      return { probabilities: checkedProbabilities(given, `${where}: probabilities`) };
    },
    dimension: ({ probabilities }) => probabilities.length,
    size: (d) => d - 1,
    toVector: ({ probabilities }) => probabilities.slice(0, -1),
    fromVector: (vector) => ({ probabilities: withLast(vector) }),
    toJSON: ({ probabilities }) => ({ probabilities: [...probabilities] }),
    groundDistance: (a, b) => totalVariation(a.probabilities, b.probabilities),
    requireSupport: (samples) => requireTrials(samples, trials),
    clusterScale: (samples) => ({ ...samples, data: samples.data.map(Math.sqrt) }),
    notes: (parameters) =>
      trials >= 2 * parameters.length - 1
        ? []
        : [
            `Mixtures of ${parameters.length} multinomial distributions of ${trials} trials are not identifiable: ` +
              `${2 * parameters.length - 1} trials or more are needed, so other parameters fit as well.`,
          ],
    failures: {
      probabilities: ({ probabilities }, random) => ({
        probabilities: uniformProbabilities(probabilities.length, random),
      }),
    },
    sampler({ probabilities }, random) {
      const binomial = randomBinomial.source(random);
      return (out, offset) => {
        let [left, rest] = [trials, 1];
        probabilities.forEach((p, i) => {
          const last = i === probabilities.length - 1;
          out[offset + i] = last ? left : binomial(left, Math.min(1, p / rest))();
          left -= out[offset + i];
          rest -= p;
        });
      };
    },

    // T(x) = x, θ = log p, h(x) = T! / Π x!
    toNatural: ({ probabilities }) => probabilities.map(Math.log),
    fromNatural: (theta) => ({ probabilities: softmax(theta) }),
    statistics: (x) => x,
    logCarrier: (x) => x.reduce((log, count) => log - logFactorials[count], logFactorials[trials]),
    logPartition: (theta) => trials * logSumExp(theta),
    logSquarePartition: (eta) => logSquareSum(eta, trials),
    gradient: (theta) => softmax(theta).map((p) => trials * p),
    inverseGradient: (t) => t.map((mean) => logOfShare(mean / trials)),
  };
  return withListedRows(
    exponentialFamily<MultinomialParameter>({
      ...natural,
      penalty: (whole, rows, origin) => evenPenalty(natural, () => trials / whole.length)(whole, rows, origin),
    }),
    ({ probabilities }) => allCounts(probabilities.length, trials),
  );
}

/**
 * log Σ_x (T! / Π x!)² Π exp(η_i x_i) over the counts x ≥ 0 that sum to T: the coefficient of z^T in T!² Π I₀(2 e^{η_i / 2} z^½), by
 * convolution of positive numbers. z is in a unit in which T is the mean of the indices, so that nothing leaves float64, and what is
 * left out of a series is below rounding.
 */
function logSquareSum(eta: Float64Array, trials: number): number {
  const d = eta.length;
  const half = eta.map((value) => value / 2);
  const logTotal = logSumExp(half); // log Q
  const shares = half.map((value) => Math.exp(value - logTotal));
  // the indices of I₀(y), y = 2 c s, have the mean y I₁(y) / {2 I₀(y)}; that their sum is about T is enough
  let c = trials + d / 4;
  for (let step = 0; step < NEWTON_STEPS; step++) {
    let [value, slope] = [-trials, 0];
    for (const share of shares) {
      const y = 2 * c * share;
      const { ratio, complement } = besselRatio(0, y);
      value += (y / 2) * ratio;
      slope += share * y * complement * (1 + ratio);
    }
    c = Math.min(Math.max(c - value / slope, trials), trials + d / 2); // between which it is
  }
  let sums = { first: 0, values: Float64Array.of(1) };
  let log = 2 * lgam(trials + 1) + 2 * trials * (logTotal - Math.log(c)) + 2 * c;
  for (const share of shares) {
    const y = 2 * c * share;
    log += Math.log(i0e(y));
    sums = convolved(sums, besselTerms(y, trials), trials);
  }
  return log + Math.log(sums.values[trials - sums.first]);
}

/** Numbers from an index on; those before and after are as good as 0. */
interface Window {
  readonly first: number;
  readonly values: Float64Array;
}

/** The terms (y / 2)^{2k} / k!² of I₀(y), as shares of it, up to k = T. */
function besselTerms(y: number, most: number): Window {
  const mode = Math.min(Math.floor(y / 2), most);
  const peak = Math.exp(2 * mode * Math.log(y / 2 || 1) - 2 * lgam(mode + 1) - y) / i0e(y);
  const below: number[] = [];
  for (let k = mode, term = peak; k > 0; k--) {
    term *= (k / (y / 2)) ** 2;
    if (!(term > NEGLIGIBLE * peak)) break;
    below.push(term);
  }
  const from = [peak];
  for (let k = mode + 1, term = peak; k <= most; k++) {
    term *= (y / 2 / k) ** 2;
    if (!(term > NEGLIGIBLE * peak)) break;
    from.push(term);
  }
  return { first: mode - below.length, values: Float64Array.of(...below.reverse(), ...from) };
}

function convolved(a: Window, b: Window, most: number): Window {
  const first = a.first + b.first;
  const values = new Float64Array(Math.min(a.values.length + b.values.length - 1, most + 1 - first));
  for (let i = 0; i < a.values.length; i++)
    for (let j = 0; j < b.values.length && i + j < values.length; j++) values[i + j] += a.values[i] * b.values[j];
  return { first, values };
}

function requireTrials({ data, rows, columns: d }: Samples, trials: number): void {
  if (d < 2)
    throw new InvalidInput(`the multinomial family is over two or more columns of counts, but the table has ${d}`);
  for (let j = 0; j < rows; j++) {
    const row = data.subarray(j * d, (j + 1) * d);
    const bad = row.findIndex((x) => !(Number.isInteger(x) && x >= 0));
    if (bad >= 0) throw new InvalidInput(`row ${j}, column ${bad} is ${row[bad]}: counts are whole numbers from 0 on`);
    const total = row.reduce((sum, x) => sum + x, 0);
    if (total !== trials)
      throw new InvalidInput(
        `row ${j} sums to ${total}, but the trials are ${trials}: leave it out, or fit rows of each sum apart, by multinomial(${total})`,
      );
  }
}
