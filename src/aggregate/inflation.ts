import { wasserstein1 } from '../distance/transport-divergence';
import { DfmrError } from '../errors';
import { shortNumber } from '../math/short-number';
import type { Estimate } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { finished, type Steps } from '../work/work';
import { type Coat, type CoatOptions, coatSteps } from './coat';
import { mixturesOf } from './estimates';
import { type ReduceOptions, reduceSteps } from './reduce';

/** What DFMR makes of the estimates from one inflation factor on, to the next. */
export interface InflationStep<Parameter> {
  /** the least ρ at which these machines are kept */
  readonly inflationFactor: number;
  /** the machines that are kept there, ascending */
  readonly kept: Int32Array;
  /** their reduction */
  readonly mixture: Mixture<Parameter>;
  /** W₁ between this mixture and that of ρ = 1 */
  readonly moved: number;
}

/** What DFMR makes of the estimates as ρ grows. */
export interface InflationCurve<Parameter> {
  /** which estimate is the centre of attention */
  readonly coat: number;
  /** the least ρ that keeps each machine, its distance to the centre in radii; Infinity if none does, as when the radius is 0 */
  readonly ratios: Float64Array;
  /**
   * one for each change of what is kept as ρ grows from 1 on, as long as the kept estimates can be reduced together. Of more than
   * 32 changes only so many are reduced: the first, the last, those on both sides of the first clear gap and of the four widest, and
   * others between which about equally many machines are added
   */
  readonly steps: readonly InflationStep<Parameter>[];
  /** the widest gap between neighbouring ratios from 1 on, as their quotient; undefined if no machine is beyond the radius */
  readonly largestGap?: Gap;
  /** an inflation factor and the reason for it: look at it before you trust it */
  readonly suggestion: {
    /** ρ */
    readonly inflationFactor: number;
    /** why this one, in a sentence */
    readonly reason: string;
  };
}

/** No machine is between `from` and `to`, in radii. */
export interface Gap {
  /** the last ratio before the gap */
  readonly from: number;
  /** the first ratio after it */
  readonly to: number;
}

/** Neighbours whose quotient is at least this are apart; honest machines with large samples lie closer together. */
const GAP_FACTOR = 1.5;

/** Up to this many radii from the centre, without a gap, honest machines are common. */
const HONEST_RADII = 2;

/** No more kept sets than this are reduced, so that the work grows with m and not with its square. */
const MOST_STEPS = 32;

/** How many of the widest gaps get a step on either side. */
const WIDEST_GAPS = 4;

/** ρ if the distances show no clear gap: the paper's choice for Gaussian mixtures. */
const USUAL_FACTOR = 1.3;

/**
 * All that DFMR can make of the estimates as ρ grows, from one distance matrix, and a suggestion. The suggested ρ lies in the
 * first clear gap: what is before it looks alike, and what is beyond may have failed.
 * @param estimates m mixtures, or results that hold one, of one family, dimension and order
 * @param options the distance, and how the kept estimates are reduced
 * @returns a step for each machine that a larger ρ adds, or of many such steps 32, and the suggested ρ
 * @throws InvalidInput, NoCentre or BeyondFloat64 as `coat` and `reduce` do
 * @example
 * const { estimates } = fail(fits, { kind: 'mean', fraction: 0.2, seed: 1 });
 * const { suggestion, steps } = inflationCurve(estimates);
 * suggestion.inflationFactor; // 2.39
 * steps.map(({ kept }) => kept.length); // [3, 4, 5]: machines, as ρ grows
 */
export function inflationCurve<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  options: CoatOptions & ReduceOptions<Parameter> = {},
): InflationCurve<Parameter> {
  return finished(inflationSteps(estimates, options));
}

/** The steps of `inflationCurve`: distances, if the centre is not known, then rounds of the reductions. */
export function* inflationSteps<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  {
    radiusBy,
    distanceMatrix,
    candidates,
    seed,
    centre: known,
    start,
    ...reduction
  }: CoatOptions & ReduceOptions<Parameter> & { readonly centre?: Coat<Parameter> },
): Steps<InflationCurve<Parameter>> {
  const centre = known ?? (yield* coatSteps(mixturesOf(estimates), { radiusBy, distanceMatrix, candidates, seed }));
  const ratios = centre.distances.map((distance) => leastFactor(distance, centre.radius));
  const levels = [...new Set([1, ...ratios.filter((ratio) => ratio > 1 && ratio < Infinity)])].sort((a, b) => a - b);
  const ends = ratios.includes(Infinity) ? [...levels.slice(1), Infinity] : levels.slice(1);
  const gaps = ends.map((to, at): Gap => ({ from: levels[at], to }));
  const counts = countsAt(levels, centre);
  const all = Int32Array.from(estimates.keys());
  const steps: InflationStep<Parameter>[] = [];
  const chosen = stepsAmong(levels, gaps, counts);
  try {
    for (const [done, at] of chosen.entries()) {
      yield { stage: 'inflation factors', done, total: chosen.length };
      const inflationFactor = levels[at];
      const kept = all.filter((i) => centre.distances[i] <= inflationFactor * centre.radius);
      const { mixture } = yield* reduceSteps(estimates, kept, { start: start ?? centre.mixture, ...reduction });
      const moved = done === 0 ? 0 : wasserstein1(mixture, steps[0].mixture);
      steps.push({ inflationFactor, kept, mixture, moved });
    }
  } catch (error) {
    // the last machine may be beyond float64, or have no sample size; the steps before it hold
    if (!(error instanceof DfmrError && steps.length > 0)) throw error;
  }
  const largestGap = gaps.reduce<Gap | undefined>(
    (one, gap) => (one && width(one) >= width(gap) ? one : gap),
    undefined,
  );
  const suggestion = centre.radius > 0 ? suggestionFrom(gaps, levels, counts) : withoutRadius(counts[0], all.length);
  return { coat: centre.index, ratios, steps, largestGap, suggestion };
}

/** How many machines are kept at each level. */
function countsAt(levels: readonly number[], { distances, radius }: Coat<unknown>): number[] {
  const ascending = distances.slice().sort();
  let count = 0;
  return levels.map((level) => {
    while (count < ascending.length && ascending[count] <= level * radius) count++;
    return count;
  });
}

/** Which levels are reduced, ascending: all if they are few; else see `InflationCurve.steps`. */
function stepsAmong(levels: readonly number[], gaps: readonly Gap[], counts: readonly number[]): number[] {
  const last = levels.length - 1;
  if (last < MOST_STEPS) return [...levels.keys()];
  const inner = [...gaps.keys()].filter((at) => at < last); // a gap to Infinity has no level beyond it
  const widest = inner.sort((a, b) => width(gaps[b]) - width(gaps[a]) || a - b).slice(0, WIDEST_GAPS);
  const clear = firstClear(gaps);
  const beside = [...(clear < 0 ? [] : [clear]), ...widest].flatMap((at) => [at, Math.min(at + 1, last)]);
  const chosen = new Set([0, last, ...beside]);
  while (chosen.size < MOST_STEPS)
    chosen.add(
      middleOfLongest(
        [...chosen].sort((a, b) => a - b),
        counts,
      ),
    );
  return [...chosen].sort((a, b) => a - b);
}

/** The level in the middle, by the machines that are kept, of the two neighbours among some between which most are added. */
function middleOfLongest(chosen: readonly number[], counts: readonly number[]): number {
  const added = (at: number) => (chosen[at + 1] - chosen[at] > 1 ? counts[chosen[at + 1]] - counts[chosen[at]] : 0);
  const most = chosen.slice(1).reduce((best, _, at) => (added(at) > added(best) ? at : best), 0);
  const [from, to] = [chosen[most], chosen[most + 1]];
  const middle = (counts[from] + counts[to]) / 2;
  const beyond = counts.findIndex((count, at) => at > from && count >= middle);
  return Math.min(Math.max(beyond, from + 1), to - 1);
}

/** The least ρ with distance ≤ ρ radius, as `dfmr` computes it. */
function leastFactor(distance: number, radius: number): number {
  if (!(radius > 0)) return distance > 0 ? Infinity : 0;
  const ratio = distance / radius;
  return ratio >= 1 && ratio * radius < distance ? ratio * (1 + Number.EPSILON) : ratio;
}

const width = ({ from, to }: Gap): number => to / from;

/** The first gap by a factor of GAP_FACTOR or more; −1 if there is none. */
const firstClear = (gaps: readonly Gap[]): number => gaps.findIndex((gap) => width(gap) >= GAP_FACTOR);

function suggestionFrom(
  gaps: readonly Gap[],
  levels: readonly number[],
  counts: readonly number[],
): InflationCurve<unknown>['suggestion'] {
  const clear = firstClear(gaps);
  if (clear >= 0) {
    const { from, to } = gaps[clear];
    const inflationFactor = Number((from * Math.sqrt(to === Infinity ? GAP_FACTOR : to / from)).toPrecision(3));
    const gap = `no machine lies between ${shortNumber(from, 3)} and ${shortNumber(to, 3)} radii, the first gap by a factor of ${GAP_FACTOR} or more`;
    return { inflationFactor, reason: `${gap}; ${counts[clear]} lie before it` };
  }
  const [farthest, m] = [levels[levels.length - 1], counts[counts.length - 1]];
  const within =
    farthest === 1
      ? 'no machine lies beyond the radius'
      : `all ${m} machines lie within ${shortNumber(farthest, 3)} radii`;
  const alike = `, with no gap by a factor of ${GAP_FACTOR}`;
  if (farthest > HONEST_RADII) {
    const reason = `${within}${alike}, so that the distances do not show which are honest; ${USUAL_FACTOR} is the usual factor`;
    return { inflationFactor: USUAL_FACTOR, reason };
  }
  if (farthest <= USUAL_FACTOR) return { inflationFactor: USUAL_FACTOR, reason: within };
  return { inflationFactor: Number((farthest + 0.005).toFixed(2)), reason: `${within}${alike}, as honest ones do` };
}

function withoutRadius(kept: number, m: number): InflationCurve<unknown>['suggestion'] {
  return { inflationFactor: USUAL_FACTOR, reason: `the radius is 0, and every ρ keeps the same ${kept} of ${m}` };
}
