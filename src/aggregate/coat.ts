import { type Distance, distanceRowsSteps, distanceSteps } from '../distance/distance';
import { type DistanceMatrix, type DistanceRows, rowsOfMatrix } from '../distance/distance-matrix';
import { InvalidInput, NoCentre } from '../errors';
import { requireOneOf } from '../math/checks';
import type { Estimate } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { finished, type Steps } from '../work/work';
import { type CandidateOptions, type Candidates, drawnCandidates } from './candidates';
import { emptyComponents, mixturesOf } from './estimates';
import { withMedianNoise } from './median-noise';

/** How `coat` measures a ball, and about which estimates. */
export interface CoatOptions extends CandidateOptions {
  /**
   * what the radius of an estimate is: by 'definition' (10), that of the smallest ball about it that holds at least m/2 estimates,
   * itself counted; or the 'median' of its distances, which reproduces the published runs
   * @defaultValue 'definition'
   */
  readonly radiusBy?: 'definition' | 'median';
  /**
   * the distances between the estimates, if they are known: then all are candidates, unless it is said how many
   * @defaultValue those of `l2DistanceMatrix`
   */
  readonly distanceMatrix?: DistanceMatrix;
}

/** The centre of attention, and how far the estimates lie from it. Distances are true ones, unless those would leave the range of float64. */
export interface Coat<Parameter> {
  /** which estimate it is */
  readonly index: number;
  /** the estimate at the centre; its noise, if there is some, is the median of all, as the centre may be a liar about that */
  readonly mixture: Mixture<Parameter>;
  /** r^COAT, the radius of the ball about it */
  readonly radius: number;
  /** D(Ĝ^COAT, G̃_i) of all m estimates */
  readonly distances: Float64Array;
  /** the estimates whose density is not square integrable, by index, each with the reason; absent if none is known */
  readonly notSquareIntegrable?: ReadonlyMap<number, string>;
  /** the estimates among which the centre was sought; absent if all were */
  readonly candidates?: Candidates;
}

/**
 * The centre of attention (10): the estimate whose closed ball around at least half of the estimates, itself counted, is
 * smallest. If radii are equal, the one whose next larger balls are smaller is chosen, so that the machines' order does not
 * matter (if all balls are equal, the first is chosen).
 * Two estimates cannot outvote each other: if m = 2 the first is returned, with radius 0. If half or more of the
 * machines have failed alike, the centre may be one of theirs, and nothing in the estimates shows it. The same holds if the
 * radius is not small beside the L² norms of the densities, as for small samples of many features: a flat density is then
 * nearer to the honest ones than they are to each other.
 *
 * Among more than 2000 estimates the centre is the best of 40 that are drawn at random, in 40 m distances rather than m² / 2: see
 * `candidates`.
 * @param estimates m mixtures, or results that hold one, of one family, dimension and order
 * @param options how the radius is defined, the distances if they are known, and how many candidates are tried
 * @returns the centre, its radius, and the distances of all estimates to it
 * @throws InvalidInput if there are no estimates, they differ in family, dimension or order, or the distances are of others;
 *   NoCentre if more than half of the densities (half, by 'median') are not square integrable
 * @example
 * const { index, radius } = coat(fits);
 * index; // 2: the machine whose distance to half of the machines is least
 * radius; // 1.93: that distance
 */
export function coat<Parameter>(estimates: readonly Estimate<Parameter>[], options: CoatOptions = {}): Coat<Parameter> {
  return finished(coatSteps(mixturesOf(estimates), options));
}

/** `coat` of mixtures that were checked, by any distance. */
export function* coatSteps<Parameter>(
  mixtures: readonly Mixture<Parameter>[],
  {
    radiusBy = 'definition',
    distanceMatrix,
    distance = 'l2',
    ...options
  }: CoatOptions & { readonly distance?: string | Distance },
): Steps<Coat<Parameter>> {
  requireOneOf('radiusBy', radiusBy, ['definition', 'median']);
  const m = mixtures.length;
  const candidates = distanceMatrix && options.candidates === undefined ? undefined : drawnCandidates(m, options);
  if (!candidates) return centreOf(mixtures, distanceMatrix ?? (yield* distanceSteps(distance, mixtures)), radiusBy);
  const { machines } = candidates;
  const rows = distanceMatrix
    ? rowsOfMatrix(distanceMatrix, machines)
    : yield* distanceRowsSteps(distance, mixtures, machines);
  return { ...centreOf(mixtures, rows, radiusBy), candidates };
}

/** The centre of mixtures that were checked: the best of those whose distances to all are given. */
export function centreOf<Parameter>(
  mixtures: readonly Mixture<Parameter>[],
  given: DistanceMatrix | DistanceRows,
  radiusBy: 'definition' | 'median' = 'definition',
): Coat<Parameter> {
  const m = mixtures.length;
  if (given.size !== m)
    throw new InvalidInput(
      `there are ${m} estimates, but the distance matrix is of ${given.size}: compute it from the same estimates`,
    );
  const { from, row, notSquareIntegrable } = 'row' in given ? given : rowsOfMatrix(given, [...mixtures.keys()]);
  const half = Math.ceil(m / 2) - 1; // the ⌈m/2⌉-th smallest, counted from 0
  const radiusOf = (sorted: Float64Array) =>
    radiusBy === 'definition' ? sorted[half] : (sorted[half] + sorted[Math.floor(m / 2)]) / 2;
  let [sorted, ofBest] = [new Float64Array(m), new Float64Array(m)];
  let best = -1;
  for (let r = 0; r < from.length; r++) {
    if (notSquareIntegrable?.has(from[r])) continue;
    sorted.set(row(r));
    sorted.sort();
    const [radius, least] = [radiusOf(sorted), radiusOf(ofBest)];
    if (best >= 0 && !(radius === least ? comesBefore(sorted, ofBest, half) : radius < least)) continue;
    best = r;
    [sorted, ofBest] = [ofBest, sorted];
  }
  const radius = radiusOf(ofBest);
  if (best < 0 || !(radius < Infinity)) {
    const [reason] = notSquareIntegrable?.values() ?? [];
    const empty = emptyComponents(mixtures);
    const which = from.length < m ? `none of ${from.length} candidates` : 'no estimate';
    throw new NoCentre(
      `${which} is at a finite distance from half of the estimates, so they have no centre` +
        (reason ? `; for example, ${reason}${empty ? `. ${empty}` : ''}` : ': rescale the data'),
    );
  }
  const index = from[best];
  return {
    index,
    mixture: withMedianNoise(mixtures[index], mixtures),
    radius,
    distances: row(best).slice(),
    ...(notSquareIntegrable?.size && { notSquareIntegrable }),
  };
}

/** Lexicographic order of the radii of the balls that hold half of the estimates and more. */
function comesBefore(a: Float64Array, b: Float64Array, half: number): boolean {
  for (let i = half; i < a.length; i++) if (a[i] !== b[i]) return a[i] < b[i];
  return false;
}
