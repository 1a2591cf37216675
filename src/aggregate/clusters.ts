import type { BatchCost, Cost, CostFunction } from '../distance/costs';
import { InvalidInput } from '../errors';
import type { AverageMixing } from './estimates';

/** Each support point's cheapest centre, and what it costs to go there. */
export interface Assignment {
  readonly centre: Int32Array;
  readonly cost: Float64Array;
}

/**
 * Prepares the majorisation step: every support point goes to the centre of least cost, the first one if several are equal.
 */
export function assignment<P>(
  { support, nameOf }: AverageMixing<P>,
  { divergence, divergences }: BatchCost<P>,
): (centres: readonly P[]) => Assignment {
  const all =
    divergences?.(support) ??
    ((centres) => Float64Array.from(support.flatMap((point) => centres.map((to) => divergence(point, to)))));
  return (centres) => {
    const K = centres.length;
    const table = all(centres);
    const centre = new Int32Array(support.length);
    const cost = new Float64Array(support.length).fill(Infinity);
    for (let g = 0; g < support.length; g++) {
      for (let k = 0; k < K; k++) {
        const c = table[g * K + k];
        if (Number.isNaN(c)) throw new InvalidInput(`the cost from ${nameOf(g)} to centre ${k} is NaN`);
        if (c < cost[g]) {
          centre[g] = k;
          cost[g] = c;
        }
      }
    }
    return { centre, cost };
  };
}

/** The minimisation step: each centre moves to the barycentre of its points and tied parts are made the same; a centre without mass stays. */
export function recentre<P>(
  centres: readonly P[],
  { support }: AverageMixing<P>,
  masses: Float64Array,
  { centre }: Assignment,
  { barycentre, tie }: CostFunction<P>,
): readonly P[] {
  const clusters = centres.map((): number[] => []);
  for (let g = 0; g < support.length; g++) if (masses[g] > 0) clusters[centre[g]].push(g);
  const moved = clusters.map((members, k) => {
    if (members.length === 0) return centres[k];
    const points = members.map((g) => support[g]);
    return barycentre(
      points,
      Float64Array.from(members, (g) => masses[g]),
    );
  });
  return tie?.(moved, clusterMasses(masses, { centre }, centres.length)) ?? moved;
}

/** The mass that each of K centres is assigned. */
export function clusterMasses(
  masses: Float64Array,
  { centre }: Pick<Assignment, 'centre'>,
  order: number,
): Float64Array {
  const sums = new Float64Array(order);
  for (let g = 0; g < masses.length; g++) sums[centre[g]] += masses[g];
  return sums;
}

/** π_γ c_γ of every support point; 0 if it has no mass, whatever the cost. */
export function costs(masses: Float64Array, { cost }: Assignment): Float64Array {
  return masses.map((mass, g) => (mass > 0 ? mass * cost[g] : 0));
}

/** Σ_γ π_γ c_γ. */
export function totalCost(masses: Float64Array, assignment: Assignment): number {
  const each = costs(masses, assignment);
  let sum = 0;
  for (let g = 0; g < each.length; g++) sum += each[g];
  return sum;
}

export function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * A round can raise the objective by rounding only, and then the iteration ends.
 * @throws InvalidInput if the objective rose with a user's cost: its barycentre then does not minimise Σ π c
 */
export function requireDescent<P>(trace: readonly number[], objective: number, cost: Cost<P>): void {
  const last = trace[trace.length - 1];
  if (typeof cost !== 'string' && objective - last > 1e-6 * Math.abs(trace[0]) + 1e-9) {
    throw new InvalidInput(
      `a round raised the objective from ${last} to ${objective}: the barycentre of this cost does not minimise Σ π c`,
    );
  }
}
