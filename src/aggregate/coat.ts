import type { DistanceMatrix } from '../distance/distance-matrix';
import { l2Steps } from '../distance/l2';
import { InvalidInput, NoCentre } from '../errors';
import { requireOneOf } from '../math/checks';
import type { Estimate } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { finished } from '../work/work';
import { emptyComponents, mixturesOf } from './estimates';
import { withMedianNoise } from './median-noise';

/** How `coat` measures a ball. */
export interface CoatOptions {
  /**
   * what the radius of an estimate is: by 'definition' (10), that of the smallest ball about it that holds at least m/2 estimates,
   * itself counted; or the 'median' of its distances, which reproduces the published runs
   * @defaultValue 'definition'
   */
  readonly radiusBy?: 'definition' | 'median';
  /**
   * the distances between the estimates, if they are known
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
}

/**
 * The centre of attention (10): the estimate whose closed ball around at least half of the estimates, itself counted, is
 * smallest. If radii are equal, the one whose next larger balls are smaller is chosen, so that the machines' order does not
 * matter (if all balls are equal, the first is chosen).
 * Two estimates cannot outvote each other: if m = 2 the first is returned, with radius 0. If half or more of the
 * machines have failed alike, the centre may be one of theirs, and nothing in the estimates shows it. The same holds if the
 * radius is not small beside the L² norms of the densities, as for small samples of many features: a flat density is then
 * nearer to the honest ones than they are to each other.
 * @param estimates m mixtures, or results that hold one, of one family, dimension and order
 * @returns the centre, its radius, and the distances of all estimates to it
 * @throws InvalidInput if there are no estimates, they differ in family, dimension or order, or the distances are of others;
 *   NoCentre if more than half of the densities (half, by 'median') are not square integrable
 * @example
 * const { index, radius } = coat(fits);
 */
export function coat<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  { radiusBy = 'definition', distanceMatrix }: CoatOptions = {},
): Coat<Parameter> {
  requireOneOf('radiusBy', radiusBy, ['definition', 'median']);
  const mixtures = mixturesOf(estimates);
  return centreOf(mixtures, distanceMatrix ?? finished(l2Steps(mixtures)), radiusBy);
}

/** `coat` of mixtures that were checked, and their distances. */
export function centreOf<Parameter>(
  mixtures: readonly Mixture<Parameter>[],
  matrix: DistanceMatrix,
  radiusBy: 'definition' | 'median' = 'definition',
): Coat<Parameter> {
  const m = mixtures.length;
  if (matrix.size !== m)
    throw new InvalidInput(
      `there are ${m} estimates, but the distance matrix is of ${matrix.size}: compute it from the same estimates`,
    );
  const rows = mixtures.map((_, i) => Float64Array.from({ length: m }, (_, j) => matrix.at(i, j)));
  const half = Math.ceil(m / 2) - 1; // the ⌈m/2⌉-th smallest, counted from 0
  const balls = rows.map((row) => {
    const sorted = row.slice().sort();
    const upperHalf = Math.floor(m / 2);
    const first = radiusBy === 'definition' ? sorted[half] : (sorted[half] + sorted[upperHalf]) / 2;
    return [first, ...sorted.subarray(half)];
  });
  const may = [...balls.keys()].filter((i) => !matrix.notSquareIntegrable?.has(i));
  const index = may.reduce((best, i) => (smaller(balls[i], balls[best]) ? i : best), may[0] ?? 0);

  if (!(may.length > 0 && balls[index][0] < Infinity)) {
    const [reason] = matrix.notSquareIntegrable?.values() ?? [];
    const empty = emptyComponents(mixtures);
    throw new NoCentre(
      'no estimate is at a finite distance from half of the estimates, so they have no centre' +
        (reason ? `; for example, ${reason}${empty ? `. ${empty}` : ''}` : ': rescale the data'),
    );
  }
  return {
    index,
    mixture: withMedianNoise(mixtures[index], mixtures),
    radius: balls[index][0],
    distances: rows[index],
  };
}

/** Lexicographic order. */
function smaller(a: readonly number[], b: readonly number[]): boolean {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at >= 0 && a[at] < b[at];
}
