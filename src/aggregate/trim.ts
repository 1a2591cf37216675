import { type Cost, costOf } from '../distance/costs';
import { InvalidInput } from '../errors';
import { requirePositiveInteger } from '../math/checks';
import { valueAtWeight } from '../math/quantile';
import { comparable, type Estimate } from '../mixture/given';
import { assemble, type Mixture } from '../mixture/mixture';
import { finished, type Steps } from '../work/work';
import { FIXED_START } from './candidates';
import {
  assignment as assignmentOf,
  clusterMasses,
  recentre,
  requireDescent,
  sameNumbers,
  totalCost,
} from './clusters';
import { coat } from './coat';
import { averageMixing, mixturesOf, sampleSizesOf } from './estimates';
import { withMedianNoise } from './median-noise';

/** Options of `trim`. */
export interface TrimOptions<Parameter> {
  /**
   * η, the share of the weight that is left out
   * @defaultValue 0.5
   */
  readonly trimming?: number;
  /**
   * the mixture at which the iteration starts
   * @defaultValue the COAT of the estimates
   */
  readonly start?: Estimate<Parameter>;
  /**
   * c(θ, θ′)
   * @defaultValue 'kl', the Kullback–Leibler divergence
   */
  readonly cost?: Cost<Parameter>;
  /**
   * n_1 … n_m
   * @defaultValue the fits' own, or equal ones if they have none
   */
  readonly sampleSizes?: ArrayLike<number>;
  /**
   * stops after this many rounds
   * @defaultValue 1000
   */
  readonly maxIterations?: number;
}

/** The trimmed mixture and how it was found. */
export interface Trimmed<Parameter> {
  /** the mixture of order K */
  readonly mixture: Mixture<Parameter>;
  /** the share of each support point that was left out, 0 … 1; component k of estimate i at [i · K + k] */
  readonly trimmed: Float64Array;
  /** Σ κ_γ c_γ, the cost of what was kept */
  readonly objective: number;
  /** the objective of the start and after each round; it never increases */
  readonly trace: Float64Array;
  /** how many rounds were made */
  readonly iterations: number;
  /** whether the last round changed neither the assignment nor what is trimmed */
  readonly converged: boolean;
  /** what to know of such a mixture before it is used, in sentences; empty for Gaussian ones */
  readonly notes: readonly string[];
}

/**
 * Trimmed k-barycentres (Del Barrio et al. 2019, Algorithm 3), a baseline: like mixture reduction, but each round leaves
 * out the share η of the weight that costs most. A centre without points stays where it is, at weight 0.
 * @param estimates m mixtures, or results that hold one, of one family, dimension and order
 * @param options the share that is trimmed, and where the iteration starts and ends
 * @returns the mixture, and the share of each component that was left out
 * @throws InvalidInput if η is not in [0, 1), and as `reduce` does
 * @example
 * const { estimates } = fail(fits, { kind: 'mean', fraction: 0.2, seed: 1 });
 * const { mixture, trimmed } = trim(estimates, { trimming: 0.3 });
 * trimmed.filter((share) => share > 0).length; // 5: of the 15 components, at least in part
 * wasserstein1(mixture, truth); // 0.0168
 */
export function trim<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  options: TrimOptions<Parameter> = {},
): Trimmed<Parameter> {
  return finished(trimSteps(estimates, options));
}

/** The steps of `trim`, a round each. */
export function* trimSteps<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  { trimming = 0.5, start, cost = 'kl', sampleSizes, maxIterations = 1000 }: TrimOptions<Parameter>,
): Steps<Trimmed<Parameter>> {
  if (!(trimming >= 0 && trimming < 1))
    throw new InvalidInput(`trimming is ${trimming}: it must be at least 0 and below 1`);
  requirePositiveInteger('maxIterations', maxIterations);
  const mixtures = mixturesOf(estimates);
  const { family, parameters, order } = start
    ? comparable([mixtures[0], start])[1]
    : coat(mixtures, FIXED_START).mixture;
  const all = Int32Array.from(estimates.keys());
  const average = averageMixing(mixtures, sampleSizesOf(estimates, sampleSizes, all), all);
  const { weights } = average;
  const costFunction = costOf(cost, family);

  const assign = assignmentOf(average, costFunction);
  let centres = parameters;
  let assignment = assign(centres);
  let kept = cheapest(weights, assignment.cost, 1 - trimming);
  const trace = [totalCost(kept, assignment)];
  let converged = false;
  while (!converged && trace.length <= maxIterations) {
    const last = trace[trace.length - 1];
    const moved = recentre(centres, average, kept, assignment, costFunction);
    const next = assign(moved);
    const nextKept = cheapest(weights, next.cost, 1 - trimming);
    const objective = totalCost(nextKept, next);
    requireDescent(trace, objective, cost);
    const same = sameNumbers(next.centre, assignment.centre) && sameNumbers(nextKept, kept);
    converged = same || !(objective < last);
    if (objective <= last) [centres, assignment, kept] = [moved, next, nextKept]; // more is rounding at the fixed point
    trace.push(Math.min(last, objective));
    yield { stage: 'reduction', done: 0, total: 1 };
  }
  return {
    mixture: withMedianNoise(
      assemble(
        family,
        clusterMasses(kept, assignment, order).map((mass) => mass / (1 - trimming)),
        centres,
      ),
      mixtures,
    ),
    trimmed: weights.map((weight, g) => (weight > 0 ? 1 - kept[g] / weight : 0)),
    objective: trace[trace.length - 1],
    trace: Float64Array.from(trace),
    iterations: trace.length - 1,
    converged,
    notes: family.notes?.(centres) ?? [],
  };
}

/**
 * κ: the weight of each support point that is kept if the cheapest ones are taken until `total` is full, the first of those with
 * equal costs first: all points below a limit and some at it.
 */
function cheapest(weights: Float64Array, costs: Float64Array, total: number): Float64Array {
  const limit = valueAtWeight(costs, weights, total);
  let left = total;
  for (let g = 0; g < costs.length; g++) if (costs[g] < limit) left -= weights[g];
  return weights.map((weight, g) => {
    if (costs[g] !== limit) return costs[g] < limit ? weight : 0;
    const kept = left < ROUNDING ? 0 : left > weight - ROUNDING ? weight : left;
    left -= kept;
    return kept;
  });
}

/** Of a weight, less is rounding, and may be a failed machine's. */
const ROUNDING = 1e-12;
