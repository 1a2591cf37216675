import { InvalidInput } from '../errors';
import { shortNumber } from '../math/short-number';
import type { Estimate } from '../mixture/given';
import { finished, type Steps } from '../work/work';
import { candidatesNote } from './candidates';
import { type Coat, type CoatOptions, coatSteps } from './coat';
import { mixturesOf } from './estimates';
import { type ReduceOptions, type Reduction, reduceSteps } from './reduce';
import type { Aggregated } from './rule';

/** Options of `dfmr`: how far it filters, and those of `coat` and `reduce`. */
export interface DfmrOptions<Parameter> extends CoatOptions, ReduceOptions<Parameter> {
  /**
   * ρ ≥ 1: an estimate is kept if its distance to the COAT is at most ρ times the radius
   * @defaultValue 1.3, the paper's choice for Gaussian mixtures; for gamma mixtures the paper takes 2
   */
  readonly inflationFactor?: number;
}

/** The aggregated mixture, and why it can be trusted. `assignment` is that of the kept estimates. */
export interface Dfmr<Parameter> extends Reduction<Parameter>, Aggregated<Parameter> {
  /** the centre of attention */
  readonly coat: Coat<Parameter>;
  /** D(Ĝ^COAT, G̃_i) of all machines */
  readonly distances: Float64Array;
  /** r^COAT, the radius of the ball about the COAT */
  readonly radius: number;
  /** ρ r^COAT: farther estimates are set aside */
  readonly threshold: number;
}

/**
 * Distance-filtered mixture reduction (12): keeps the estimates within ρ r^COAT of the centre of attention (11) and
 * reduces them, starting at the COAT. For large samples it tolerates any failure of fewer than half of the machines; if
 * more have failed it returns a result all the same, but the centre may be one of theirs, and nothing shows it. See `coat` for small samples.
 * @param estimates m mixtures, or results that hold one, of one family, dimension and order
 * @param options ρ, the distance, and how the kept estimates are reduced
 * @returns the aggregated mixture, the machines that were kept and those that were set aside, with the distances that decided
 * @throws InvalidInput if the inflation factor is below 1, and as `coat` and `reduce` do
 * @example
 * const { estimates, failed } = fail(fits, { kind: 'mean', fraction: 0.2, seed: 1 });
 * const { mixture, kept } = dfmr(estimates, { inflationFactor: 1.3 });
 * failed; // [2]
 * kept; // [0, 1, 3, 4]
 * wasserstein1(mixture, truth); // 0.00940
 */
export function dfmr<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  options: DfmrOptions<Parameter> = {},
): Dfmr<Parameter> {
  return finished(dfmrSteps(estimates, options));
}

/** The steps of `dfmr`: distances, if the centre is not known, then rounds of the reduction. */
export function* dfmrSteps<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  {
    inflationFactor = 1.3,
    radiusBy,
    distanceMatrix,
    candidates,
    seed,
    centre: known,
    start,
    ...reduction
  }: DfmrOptions<Parameter> & { readonly centre?: Coat<Parameter> },
): Steps<Dfmr<Parameter>> {
  requireInflationFactor(inflationFactor);
  const mixtures = mixturesOf(estimates);
  const centre = known ?? (yield* coatSteps(mixtures, { radiusBy, distanceMatrix, candidates, seed }));
  const { kept, setAside, threshold } = withinThreshold(centre, inflationFactor);
  const reduced = yield* reduceSteps(estimates, kept, { start: start ?? centre.mixture, ...reduction });
  const { distances, radius } = centre;
  const notes = [...(centre.candidates ? [candidatesNote(centre.candidates, mixtures.length)] : []), ...reduced.notes];
  return { ...reduced, notes, kept, setAside, coat: centre, distances, radius, threshold };
}

/** @throws InvalidInput if ρ is below 1 or not finite */
export function requireInflationFactor(inflationFactor: number): void {
  if (!(inflationFactor >= 1 && inflationFactor < Infinity)) {
    throw new InvalidInput(
      `inflationFactor is ${inflationFactor}: it must be a number of at least 1 (1.3 for Gaussian mixtures)`,
    );
  }
}

/** The filter (11): which machines lie within ρ r^COAT of the centre. */
export function withinThreshold(
  { distances, radius, notSquareIntegrable }: Coat<unknown>,
  inflationFactor: number,
): Pick<Dfmr<unknown>, 'kept' | 'setAside' | 'threshold'> {
  const threshold = inflationFactor * radius;
  const all = Int32Array.from(distances.keys());
  const far = (i: number) =>
    distances.length === 2
      ? 'two estimates cannot outvote each other, and the first is taken: put the one that you trust first'
      : threshold > 0
        ? `it lies ${shortNumber(distances[i] / threshold, 3)} times as far from the centre of attention as the threshold allows`
        : 'it differs from the half of the machines that sent the same';
  return {
    threshold,
    kept: all.filter((i) => distances[i] <= threshold),
    setAside: Array.from(all.filter((i) => !(distances[i] <= threshold))).map((machine) => ({
      machine,
      reason: notSquareIntegrable?.get(machine) ?? far(machine),
    })),
  };
}
