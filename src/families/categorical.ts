import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import type { Samples } from '../math/table';
import { type ExponentialFamily, exponentialFamily } from './exponential-family';
import type { Family } from './family';
import {
  allCombinations,
  checkedProbabilities,
  evenPenalty,
  latentClassNotes,
  logOfShare,
  logSumExp,
  softmax,
  totalVariation,
  uniformProbabilities,
  withLast,
  withListedRows,
} from './probabilities';

/** For each of the d features, the probabilities of its categories 0, 1, …, above 0, which sum to 1. */
export interface CategoricalParameter {
  /** of each feature the probabilities of its categories */
  readonly probabilities: readonly Float64Array[];
}

/** A feature has no more categories than this: more are numbers, or names. */
const MOST_CATEGORIES = 1000;

/**
 * Products of categorical distributions (latent classes): each of the d features is one of a known number of categories, coded by
 * the integers from 0 on, and features are independent of each other within a component. Identifiable for most parameters if there
 * are enough features (Allman et al. 2009). The ground distance of W₁ is the sum of the features' total variation distances. Penalised
 * so that no probability of a fit is 0.
 * @param counts the number of categories of each feature
 * @throws InvalidInput if a number of categories is not 2, 3, … 1000
 */
export function categorical(counts: readonly number[]): Family<CategoricalParameter> {
  if (counts.length === 0)
    throw new InvalidInput(
      'the categorical family needs the numbers of categories of its features: categorical(3,2,4) for three features, ' +
        'of 3, 2 and 4 categories',
    );
  const odd = counts.find((count) => !(Number.isInteger(count) && count >= 2 && count <= MOST_CATEGORIES));
  if (odd !== undefined)
    throw new InvalidInput(`a number of categories is ${odd}: it must be a whole number from 2 to ${MOST_CATEGORIES}`);
  const d = counts.length;
  const offsets = counts.map((_, c) => counts.slice(0, c).reduce((sum, count) => sum + count, 0));
  const size = counts.reduce((sum, count) => sum + count, 0);
  /** What belongs to each feature, of what all features have. */
  const features = (values: Float64Array, less = 0) =>
    counts.map((count, c) => values.subarray(offsets[c] - less * c, offsets[c] + count - less * (c + 1)));
  const joined = (parts: readonly Float64Array[]) => Float64Array.from(parts.flatMap((part) => [...part]));

  const natural: ExponentialFamily<CategoricalParameter> = {
    name: `categorical(${counts})`,
    parameter(value, where) {
      const given = (value as Partial<CategoricalParameter> | null)?.probabilities;
      if (!Array.isArray(given))
        throw new InvalidInput(`${where} needs a list of probabilities for each feature, but is ${described(value)}`);
      const lengths = given.map((one) => one?.length);
      if (String(lengths) !== String(counts))
        throw new InvalidInput(
          `${where}: probabilities has lists of ${lengths.join(', ')} numbers: ${counts.join(', ')} are needed`,
        );
      return { probabilities: given.map((one, c) => checkedProbabilities(one, `${where}: probabilities[${c}]`)) };
    },
    dimension: () => d,
    size: () => size - d,
    toVector: ({ probabilities }) => joined(probabilities.map((p) => p.subarray(0, -1))),
    fromVector: (vector) => ({ probabilities: features(vector, 1).map(withLast) }),
    toJSON: ({ probabilities }) => ({ probabilities: probabilities.map((p) => [...p]) }),
    groundDistance: (a, b) => a.probabilities.reduce((sum, p, c) => sum + totalVariation(p, b.probabilities[c]), 0),
    requireSupport: (samples) => requireCodes(samples, counts),
    clusterScale: (samples) => {
      const { data, rows } = samples;
      const marks = new Float64Array(rows * size);
      for (let j = 0; j < rows; j++) for (let c = 0; c < d; c++) marks[j * size + offsets[c] + data[j * d + c]] = 1;
      return { ...samples, data: marks, columns: size };
    },
    notes: (parameters) => latentClassNotes(counts, parameters.length),
    failures: {
      probabilities: (_, random) => ({ probabilities: counts.map((count) => uniformProbabilities(count, random)) }),
    },
    sampler:
      ({ probabilities }, random) =>
      (out, offset) => {
        probabilities.forEach((p, c) => {
          let category = 0;
          for (let rest = random() - p[0]; rest >= 0 && category < p.length - 1; rest -= p[category]) category++;
          out[offset + c] = category;
        });
      },

    // T(x) marks the category of each feature, θ = log p; A is 0, and more where θ is a sum of two
    toNatural: ({ probabilities }) => joined(probabilities).map(Math.log),
    fromNatural: (theta) => ({ probabilities: features(theta).map(softmax) }),
    statistics: (x) => {
      const marks = new Float64Array(size);
      x.forEach((category, c) => {
        marks[offsets[c] + category] = 1;
      });
      return marks;
    },
    logPartition: (theta) => features(theta).reduce((sum, own) => sum + logSumExp(own), 0),
    gradient: (theta) => joined(features(theta).map(softmax)),
    inverseGradient: (t) => t.map(logOfShare),
  };
  const even = joined(counts.map((count) => new Float64Array(count).fill(1 / count)));
  return withListedRows(
    exponentialFamily<CategoricalParameter>({ ...natural, penalty: evenPenalty(natural, (i) => even[i]) }),
    () => allCombinations(counts),
  );
}

/**
 * The numbers of categories that the machines' tables show: of each column, its largest code and one more, at least 2.
 * @throws InvalidInput if there is a value that is no code, naming it and its row
 */
export function categoriesOf(tables: readonly Samples[]): number[] {
  const counts = new Array<number>(tables[0].columns).fill(2);
  for (const [i, table] of tables.entries()) {
    const where = tables.length > 1 ? `machine ${i}: ` : '';
    const { data, columns: d } = table;
    if (d !== counts.length)
      throw new InvalidInput(`${where}the table has ${d} columns, that of machine 0 has ${counts.length}`);
    requireCodes(table, new Array(d).fill(MOST_CATEGORIES), where);
    data.forEach((category, at) => {
      counts[at % d] = Math.max(counts[at % d], category + 1);
    });
  }
  return counts;
}

function requireCodes({ data, columns: d }: Samples, counts: readonly number[], where = ''): void {
  if (d !== counts.length)
    throw new InvalidInput(
      `the categorical(${counts}) family is over ${counts.length} columns, but the table has ${d}`,
    );
  const bad = data.findIndex((x, i) => !(Number.isInteger(x) && x >= 0 && x < counts[i % d]));
  if (bad < 0) return;
  const most = counts[bad % d] - 1;
  throw new InvalidInput(
    `${where}row ${Math.floor(bad / d)}, column ${bad % d} is ${data[bad]}: its categories are coded by the integers from 0 to ${most}`,
  );
}
