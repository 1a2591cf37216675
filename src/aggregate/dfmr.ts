import { l2DistanceMatrix } from '../distance/l2';
import { InvalidInput } from '../errors';
import type { Estimate } from '../mixture/given';
import { type Coat, type CoatOptions, coat } from './coat';
import { mixturesOf } from './estimates';
import { type ReduceOptions, type Reduction, reduceSome } from './reduce';

export interface DfmrOptions<Parameter> extends CoatOptions, ReduceOptions<Parameter> {
  /** ρ ≥ 1: an estimate is kept if its distance to the COAT is at most ρ times the radius; 1.3 */
  readonly inflationFactor?: number;
}

/** The aggregated mixture, and why it can be trusted. The reduction's assignment is of the kept estimates. */
export interface Dfmr<Parameter> extends Reduction<Parameter> {
  /** the machines that were kept, ascending */
  readonly kept: Int32Array;
  /** the machines that were set aside, ascending, each with the reason */
  readonly setAside: readonly SetAside[];
  readonly coat: Coat<Parameter>;
  /** D(Ĝ^COAT, G̃_i) of all machines */
  readonly distances: Float64Array;
  /** r^COAT */
  readonly radius: number;
  /** ρ r^COAT */
  readonly threshold: number;
}

export interface SetAside {
  readonly machine: number;
  readonly reason: string;
}

/**
 * Distance-filtered mixture reduction (12): keeps the estimates within ρ r^COAT of the centre of attention (11) and
 * reduces them, starting at the COAT. For large samples it tolerates any failure of fewer than half of the machines; it
 * works when more have failed, but then the centre may be one of theirs, and it cannot know. See `coat` for small samples.
 * @throws as `coat` and `reduce` do, and where the inflation factor is below 1
 */
export function dfmr<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  { inflationFactor = 1.3, radius, distances, start, ...reduction }: DfmrOptions<Parameter> = {},
): Dfmr<Parameter> {
  if (!(inflationFactor >= 1 && inflationFactor < Infinity)) {
    throw new InvalidInput(
      `inflationFactor is ${inflationFactor}: it must be a number from 1 on (1.3 for Gaussian mixtures)`,
    );
  }
  const { onProgress, signal } = reduction;
  const matrix = distances ?? l2DistanceMatrix(mixturesOf(estimates), { onProgress, signal });
  const centre = coat(estimates, { radius, distances: matrix });
  const threshold = inflationFactor * centre.radius;
  const kept = Int32Array.from(estimates.keys()).filter((i) => centre.distances[i] <= threshold);
  const reduced = reduceSome(estimates, kept, { start: start ?? centre.mixture, ...reduction });
  const far = (i: number) => `its distance ${short(centre.distances[i])} is above the threshold ${short(threshold)}`;
  const setAside = Array.from(centre.distances.keys())
    .filter((i) => !(centre.distances[i] <= threshold))
    .map((machine) => ({ machine, reason: matrix.notSquareIntegrable?.get(machine) ?? far(machine) }));
  return { ...reduced, kept, setAside, coat: centre, distances: centre.distances, radius: centre.radius, threshold };
}

const short = (value: number): string => String(Number(value.toPrecision(4)));
