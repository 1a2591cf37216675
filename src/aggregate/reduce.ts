import { type Cost, type CostFunction, costOf } from '../distance/costs';
import { BeyondFloat64 } from '../errors';
import { requireNonNegative, requireOneOf, requirePositiveInteger } from '../math/checks';
import { comparable, type Estimate } from '../mixture/given';
import { assemble, type Mixture } from '../mixture/mixture';
import { finished, type Steps } from '../work/work';
import { FIXED_START } from './candidates';
import {
  type Assignment,
  assignment as assignmentOf,
  clusterMasses,
  costs,
  recentre,
  requireDescent,
  sameNumbers,
  totalCost,
} from './clusters';
import { coat } from './coat';
import { type AverageMixing, averageMixing, missingCellsOf, mixturesOf, sampleSizesOf } from './estimates';
import { withMedianNoise } from './median-noise';

/** Options of a mixture reduction. */
export interface ReduceOptions<Parameter> {
  /**
   * the mixture at which the iteration starts, which also gives the order K
   * @defaultValue the COAT of the estimates
   */
  readonly start?: Estimate<Parameter>;
  /**
   * whether to start at `start`, or at 'every' estimate in turn and keep the result with the least objective: poor local fits make
   * bad starts. Of more than 100 estimates, 100 are starts that lie evenly in their list
   * @defaultValue 'start'
   */
  readonly from?: 'start' | 'every';
  /**
   * c(θ, θ′)
   * @defaultValue 'kl', the Kullback–Leibler divergence
   */
  readonly cost?: Cost<Parameter>;
  /**
   * n_1 … n_m, counts of rows, which weigh the average
   * @defaultValue the fits' own, or equal ones if they have none
   */
  readonly sampleSizes?: ArrayLike<number>;
  /**
   * stops when a round lowers the objective by no more than this share of it
   * @defaultValue 0, which is until nothing moves
   */
  readonly tolerance?: number;
  /**
   * stops after this many rounds
   * @defaultValue 1000
   */
  readonly maxIterations?: number;
}

/** The reduced mixture and how it was found. */
export interface Reduction<Parameter> {
  /** the mixture of order K */
  readonly mixture: Mixture<Parameter>;
  /** T_c(Ḡ, G), the transport cost from the average mixing distribution to the mixture */
  readonly objective: number;
  /** the objective of the start and after each round; it never increases */
  readonly trace: Float64Array;
  /** how many rounds were made */
  readonly iterations: number;
  /** whether the last round moved no support point, or less than the tolerance */
  readonly converged: boolean;
  /** the centre that component k of estimate i went to, at [i · K + k] */
  readonly assignment: Int32Array;
  /** N, the rows of all machines that were reduced; undefined if sample sizes are not known */
  readonly sampleSize?: number;
  /** how many cells of these rows are missing, as far as the fits say; absent if none is */
  readonly missingCells?: number;
  /** what to know of such a mixture before it is used, in sentences; empty for Gaussian ones */
  readonly notes: readonly string[];
}

/**
 * Mixture reduction (3) by the MM algorithm (Algorithm 2): the mixture of order K with the least transport divergence
 * from the average mixing distribution Ḡ = Σ λ_i Ĝ_i, λ_i = n_i / N. All estimates together are the Vanilla estimator.
 * Each round assigns every support point to its cheapest centre, then moves each centre to its points' barycentre. A
 * centre that no point chooses moves to the point that costs most, which lowers the objective and keeps the order.
 * @param estimates m mixtures, or results that hold one, of one family, dimension and order
 * @param options the cost, the sample sizes of the machines, and where the iteration starts and ends
 * @returns the reduced mixture, its objective, and which centre each component went to
 * @throws InvalidInput if there are no estimates, they differ in family, dimension or order, or an option is invalid;
 *   BeyondFloat64 if an estimate is too far from the others, naming it
 * @example
 * const { mixture, objective } = reduce(fits);
 * mixture.order; // 3: of the 15 components of five machines
 * objective; // 0.0282: the transport divergence of their mean to the mixture, in nats
 */
export function reduce<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  options: ReduceOptions<Parameter> = {},
): Reduction<Parameter> {
  return finished(reduceSteps(estimates, Int32Array.from(estimates?.keys() ?? []), options));
}

/** The reduction of the estimates `which`, by index, a round each step; sample sizes are those of all. */
export function* reduceSteps<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  which: Int32Array,
  { start, from = 'start', cost = 'kl', sampleSizes, tolerance = 0, maxIterations = 1000 }: ReduceOptions<Parameter>,
): Steps<Reduction<Parameter>> {
  requireOneOf('from', from, ['start', 'every']);
  requireNonNegative('tolerance', tolerance);
  requirePositiveInteger('maxIterations', maxIterations);
  const mixtures = mixturesOf(Array.from(which, (i) => estimates[i]));
  const given = start ? [comparable([mixtures[0], start])[1]] : [];
  const average = averageMixing(mixtures, sampleSizesOf(estimates, sampleSizes, which), which);
  const costFunction = costOf(cost, mixtures[0].family);
  const assign = assignmentOf(average, costFunction);
  const starts =
    from === 'every' ? [...given, ...evenly(mixtures)] : start ? given : [coat(mixtures, FIXED_START).mixture];
  let best: Reduction<Parameter> | undefined;
  for (const [s, one] of starts.entries()) {
    const rounds = descend(average, one, { cost, costFunction, assign, tolerance, maxIterations });
    let round = rounds.next();
    while (!round.done) {
      yield { stage: 'reduction', done: s, total: starts.length };
      round = rounds.next();
    }
    if (!best || best.objective - round.value.objective > SAME_OBJECTIVE * Math.abs(best.objective)) best = round.value;
  }
  yield { stage: 'reduction', done: starts.length, total: starts.length };
  const reduced = best as Reduction<Parameter>;
  return { ...reduced, mixture: withMedianNoise(reduced.mixture, mixtures), ...missingCellsOf(estimates, which) };
}

/** No more estimates than this are starts, so that the work grows with m and not with its square. */
const MOST_STARTS = 100;

/** All of a list, or MOST_STARTS of it, evenly. */
function evenly<T>(list: readonly T[]): readonly T[] {
  if (list.length <= MOST_STARTS) return list;
  return Array.from({ length: MOST_STARTS }, (_, s) => list[Math.floor((s * list.length) / MOST_STARTS)]);
}

/** Objectives that differ by less than this share are the same minimum, reached from two sides: the first is kept. */
const SAME_OBJECTIVE = 1e-10;

/** The MM algorithm from one start; yields after each round. */
function* descend<P>(
  average: AverageMixing<P>,
  start: Mixture<P>,
  {
    cost,
    costFunction,
    assign,
    tolerance,
    maxIterations,
  }: {
    cost: Cost<P>;
    costFunction: CostFunction<P>;
    assign: (centres: readonly P[]) => Assignment;
    tolerance: number;
    maxIterations: number;
  },
): Generator<void, Reduction<P>, void> {
  const { weights, nameOf } = average;
  let { centres, assignment } = occupied(average, start.parameters, costFunction, assign);
  const trace = [totalCost(weights, assignment)];
  let converged = false;
  while (!converged && trace.length <= maxIterations) {
    const last = trace[trace.length - 1];
    const moved = recentre(centres, average, weights, assignment, costFunction);
    const next = occupied(average, moved, costFunction, assign);
    const objective = totalCost(weights, next.assignment);
    requireDescent(trace, objective, cost);
    converged = sameNumbers(next.assignment.centre, assignment.centre) || !(last - objective > tolerance * last);
    if (objective <= last) ({ centres, assignment } = next); // more is rounding at the fixed point
    trace.push(Math.min(last, objective));
    yield;
  }
  const objective = trace[trace.length - 1];
  if (!Number.isFinite(objective)) {
    const dearest = nameOf(costs(weights, assignment).indexOf(Infinity));
    throw new BeyondFloat64(
      `${dearest} is too far from every centre for float64: leave that estimate out, or let dfmr do it`,
    );
  }
  return {
    mixture: assemble(start.family, clusterMasses(weights, assignment, start.order), centres),
    objective,
    trace: Float64Array.from(trace),
    iterations: trace.length - 1,
    converged,
    assignment: assignment.centre,
    sampleSize: average.sampleSize,
    notes: start.family.notes?.(centres) ?? [],
  };
}

/** The assignment to centres of which each has mass: one that has none moves to the point that costs most, if any does. */
function occupied<P>(
  average: AverageMixing<P>,
  given: readonly P[],
  { tie }: CostFunction<P>,
  assign: (centres: readonly P[]) => Assignment,
): { centres: readonly P[]; assignment: Assignment } {
  let centres = [...given];
  for (let moves = 0; ; moves++) {
    const assignment = assign(centres);
    const masses = clusterMasses(average.weights, assignment, centres.length);
    const empty = masses.indexOf(0);
    const each = costs(average.weights, assignment);
    const dearest = each.reduce((most, one, g) => (one > each[most] ? g : most), 0);
    if (empty < 0 || moves === centres.length || !(each[dearest] > 0)) return { centres, assignment };
    centres[empty] = average.support[dearest];
    centres = tie?.(centres, masses) ?? centres; // of mass 0, it takes what the others share
  }
}
