import { InvalidInput } from '../errors';
import { described, numbersOf } from '../math/checks';
import type { Samples } from '../math/table';
import { type ExponentialFamily, exponentialFamily } from './exponential-family';
import type { Family } from './family';
import {
  allCombinations,
  checkedProbability,
  evenPenalty,
  latentClassNotes,
  logitOfShare,
  withListedRows,
} from './probabilities';

/** The probability that a feature is 1, above 0 and below 1, for each of the d features. */
export interface BernoulliParameter {
  /** d probabilities of a one */
  readonly probabilities: Float64Array;
}

/** 1 / (1 + e^−θ) */
const logistic = (theta: number): number =>
  theta > 0 ? 1 / (1 + Math.exp(-theta)) : Math.exp(theta) / (1 + Math.exp(theta));

/** log(1 + e^θ) */
const softplus = (theta: number): number => Math.max(theta, 0) + Math.log1p(Math.exp(-Math.abs(theta)));

const natural: ExponentialFamily<BernoulliParameter> = {
  name: 'bernoulli',
  parameter(value, where) {
    const given = (value as Partial<BernoulliParameter> | null)?.probabilities;
    if (!(given && given.length > 0))
      throw new InvalidInput(`${where} needs a list of probabilities, but is ${described(value)}`);
    const name = (i: number) => `${where}: probabilities[${i}]`;
    return { probabilities: numbersOf(given, name).map((p, i) => checkedProbability(p, name(i))) };
  },
  dimension: ({ probabilities }) => probabilities.length,
  size: (d) => d,
  toVector: ({ probabilities }) => probabilities.slice(),
  fromVector: (probabilities) => ({ probabilities }),
  toJSON: ({ probabilities }) => ({ probabilities: [...probabilities] }),
  groundDistance: (a, b) => a.probabilities.reduce((sum, p, i) => sum + Math.abs(p - b.probabilities[i]), 0),
  requireSupport: requireZerosAndOnes,
  notes: (parameters) => latentClassNotes(Array(parameters[0].probabilities.length).fill(2), parameters.length),
  failures: {
    probabilities: ({ probabilities }, random) => ({ probabilities: probabilities.map(() => random() || 0.5) }),
  },
  sampler:
    ({ probabilities }, random) =>
    (out, offset) => {
      probabilities.forEach((p, i) => {
        out[offset + i] = random() < p ? 1 : 0;
      });
    },

  // T(x) = x, θ = log{p / (1 − p)}
  toNatural: ({ probabilities }) => probabilities.map((p) => Math.log(p) - Math.log1p(-p)),
  fromNatural: (theta) => ({ probabilities: theta.map(logistic) }),
  statistics: (x) => x,
  logPartition: (theta) => theta.reduce((sum, value) => sum + softplus(value), 0),
  gradient: (theta) => theta.map(logistic),
  inverseGradient: (t) => t.map(logitOfShare),
};

/**
 * Products of Bernoulli distributions: rows of d zeros and ones, such as answers and marks, independent of each other within a
 * component (latent classes). Identifiable for most parameters from 2 ⌈log₂ K⌉ + 1 features on (Allman et al. 2009). Their L² distance
 * is by sums over all rows that can be. Penalised so that no probability of a fit is 0 or 1.
 */
export const bernoulli: Family<BernoulliParameter> = withListedRows(
  exponentialFamily<BernoulliParameter>({ ...natural, penalty: evenPenalty(natural, () => 0.5) }),
  ({ probabilities }) => allCombinations(Array(probabilities.length).fill(2)),
);

function requireZerosAndOnes({ data, columns: d }: Samples): void {
  const bad = data.findIndex((x) => x !== 0 && x !== 1);
  if (bad < 0) return;
  throw new InvalidInput(
    `row ${Math.floor(bad / d)}, column ${bad % d} is ${data[bad]}: bernoulli features are 0 or 1; ` +
      'use categorical for more categories',
  );
}
