import { BeyondFloat64, InvalidInput } from '../errors';
import { described } from '../math/checks';
import { normalQuantile } from '../math/normal';
import { fallingRoot } from '../math/root';
import type { Table } from '../math/table';
import type { ExpertLaw } from './expert-law';
import { covariatesFor, linearPredictors, logGates } from './expert-rows';
import { type ExpertsEstimate, expertsOf, flatExperts } from './model';

/** What a mixture of experts says of responses before they are known. */
export interface ExpertsPrediction {
  /** E(y | x), n × q, row-major */
  readonly mean: Float64Array;
  /** the lower ends of the intervals, n × q */
  readonly lower: Float64Array;
  /** the upper ends of the intervals, n × q */
  readonly upper: Float64Array;
  /** π_k(x), n × K, row-major */
  readonly gates: Float64Array;
  /** the mean of each expert, n × K × q, row-major */
  readonly expertMeans: Float64Array;
  /** the probability with which a response lies in its interval, by the model */
  readonly level: number;
}

/**
 * Predicts the responses of rows: their mean Σ_k π_k(x) E_k(y | x), and central intervals of their distribution f(y | x), the whole mixture: as
 * much probability below as above. Where experts disagree, an interval may hold values between them that hardly occur. Of several responses
 * each has an interval of its own. The intervals are of the model as it is, without the uncertainty of its coefficients. Of whole numbers
 * they have at least the probability that is asked for.
 * @param model a mixture of experts, or a result that holds one
 * @param x n rows of d covariates, without the constant
 * @param options `level`, the probability of an interval
 * @returns means and intervals, n × q, and the gates, n × K
 * @throws InvalidInput if the table is invalid or has another number of columns, or the level is not between 0 and 1; BeyondFloat64 if what a
 *   row predicts is beyond float64, naming it
 * @example
 * const line = expertsModel({ gates: [[0, 0]], coefficients: [[1, 2]], variances: [4] });
 * const { mean, lower, upper } = predictExperts(line, [3]);
 * mean; // [7]
 * [lower[0], upper[0]]; // [3.08, 10.92]: with probability 0.95
 */
export function predictExperts(
  model: ExpertsEstimate,
  x: Table,
  options: {
    /**
     * the probability with which the interval holds the response
     * @defaultValue 0.95
     */
    readonly level?: number;
  } = {},
): ExpertsPrediction {
  const { level = 0.95 } = options;
  if (!(typeof level === 'number' && level > 0 && level < 1))
    throw new InvalidInput(`level is ${described(level)}: it must be above 0 and below 1, such as 0.95`);
  const flat = flatExperts(expertsOf(model));
  const { law, order, responses: q, coefficients, variances } = flat;
  const covariates = covariatesFor(flat, x);
  const n = covariates.rows;
  const gates = logGates(flat, covariates).map(Math.exp);
  const predictors = linearPredictors(covariates, coefficients);
  const expertMeans = predictors.map(law.mean);
  const [mean, lower, upper] = [0, 0, 0].map(() => new Float64Array(n * q));
  const tail = (1 - level) / 2;
  for (let j = 0; j < n; j++) {
    for (let r = 0; r < q; r++) {
      const mixed: Mixed = { law, weights: [], etas: [], variances: [] };
      for (let k = 0; k < order; k++) {
        const weight = gates[j * order + k];
        if (weight === 0) continue; // whose mean may be beyond float64
        const at = (j * order + k) * q + r;
        mixed.weights.push(weight);
        mixed.etas.push(predictors[at]);
        mixed.variances.push(variances[(k * q + r) * q + r]);
        mean[j * q + r] += weight * expertMeans[at];
      }
      if (!(Math.abs(mean[j * q + r]) <= (law.discrete ? MOST_COUNT : MOST)))
        throw new BeyondFloat64(
          `row ${j}: the mean of its response is beyond what float64 counts: rescale the covariates`,
        );
      lower[j * q + r] = quantile(mixed, tail, false);
      upper[j * q + r] = quantile(mixed, tail, true);
    }
  }
  return { mean, lower, upper, gates, expertMeans, level };
}

/** Means above this have no intervals in float64. */
const MOST = 1e300;
const MOST_COUNT = 2 ** 53;

/** The distribution of one response at one row. */
interface Mixed {
  readonly law: ExpertLaw;
  readonly weights: number[];
  readonly etas: number[];
  readonly variances: number[];
}

/** The probability up to y, or above it, and the density. */
function tailOf(
  { law, weights, etas, variances }: Mixed,
  y: number,
  above: boolean,
): [probability: number, density: number] {
  let [sum, density] = [0, 0];
  for (let k = 0; k < weights.length; k++) {
    sum += weights[k] * (above ? law.upper : law.cdf)(y, etas[k], variances[k]);
    density += weights[k] * Math.exp(law.logDensity(y, etas[k], variances[k]));
  }
  return [sum, density];
}

/** The point with the probability `tail` below it, or above it. */
function quantile(mixed: Mixed, tail: number, above: boolean): number {
  if (mixed.law.discrete) return wholeQuantile(mixed, tail, above);
  // between the least and the largest of the experts' own
  const z = (above ? -1 : 1) * normalQuantile(tail);
  const own = mixed.etas.map((eta, k) => eta + z * Math.sqrt(mixed.variances[k]));
  const falls = (y: number): [number, number] => {
    const [probability, density] = tailOf(mixed, y, above);
    return [above ? probability - tail : tail - probability, -density];
  };
  const [low, high] = [Math.min(...own), Math.max(...own)];
  return fallingRoot(falls, low, high, (low + high) / 2);
}

/** The least whole number with at least `tail` at or below it, or at most `tail` above it. */
function wholeQuantile(mixed: Mixed, tail: number, above: boolean): number {
  const reached = (y: number) => {
    const [probability] = tailOf(mixed, y, above);
    return above ? probability <= tail : probability >= tail;
  };
  if (reached(0)) return 0;
  let [low, high] = [0, 1]; // not reached, perhaps reached
  for (; !reached(high); high *= 2) low = high;
  for (;;) {
    const middle = Math.floor((low + high) / 2);
    if (middle <= low || middle >= high) return high;
    if (reached(middle)) high = middle;
    else low = middle;
  }
}
