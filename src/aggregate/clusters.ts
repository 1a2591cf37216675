import type { CostFunction } from '../distance/transport';

/** Each support point's cheapest centre, and what it costs to go there. */
export interface Assignment {
  readonly centre: Int32Array;
  readonly cost: Float64Array;
}

/** The majorisation step: every support point goes to the centre of least cost; of equals, to the first. */
export function assign<P>(support: readonly P[], centres: readonly P[], { divergence }: CostFunction<P>): Assignment {
  const centre = new Int32Array(support.length);
  const cost = new Float64Array(support.length).fill(Infinity);
  support.forEach((point, g) => {
    centres.forEach((to, k) => {
      const c = divergence(point, to);
      if (c < cost[g]) [centre[g], cost[g]] = [k, c];
    });
  });
  return { centre, cost };
}

/** The minimisation step: each centre goes to the barycentre of its points; one whose points have no mass stays. */
export function recentre<P>(
  centres: readonly P[],
  support: readonly P[],
  masses: Float64Array,
  { centre }: Assignment,
  { barycentre }: CostFunction<P>,
): P[] {
  return centres.map((current, k) => {
    const members = support.map((_, g) => g).filter((g) => centre[g] === k && masses[g] > 0);
    if (members.length === 0) return current;
    const points = members.map((g) => support[g]);
    return barycentre(
      points,
      Float64Array.from(members, (g) => masses[g]),
    );
  });
}

/** The mass that each of K centres is assigned. */
export function clusterMasses(masses: Float64Array, { centre }: Assignment, order: number): Float64Array {
  const sums = new Float64Array(order);
  masses.forEach((mass, g) => {
    sums[centre[g]] += mass;
  });
  return sums;
}

/** Σ_γ π_γ c_γ. */
export function totalCost(masses: Float64Array, { cost }: Assignment): number {
  return masses.reduce((sum, mass, g) => (mass > 0 ? sum + mass * cost[g] : sum), 0);
}

export function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * The objective after a round, which no round increases beyond rounding.
 * @throws where it grew: the cost's barycentre is not the minimiser of Σ π c
 */
export function descended(last: number, objective: number): number {
  if (objective > last * (1 + 1e-9) + 1e-11) {
    throw new Error(`a round raised the objective from ${last} to ${objective}: the cost's barycentre is no minimiser`);
  }
  return Math.min(last, objective);
}
