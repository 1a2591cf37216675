import { equalTo, solve } from 'yalps';
import { InvalidInput } from '../errors';

/** A transport plan, flat and row-major (suppliers × consumers), and its cost. */
export interface TransportPlan {
  /** the least cost */
  readonly value: number;
  /** the mass from i to j, row-major */
  readonly plan: Float64Array;
}

/**
 * The cheapest plan that moves `supply` (K masses) to `demand` (L masses), at `cost[k · L + l]` a unit:
 * min Σ π c subject to the row sums of π being the supply and its column sums the demand. Exact: a linear program by
 * the simplex method. Both sides must have the same total.
 */
export function transport(cost: Float64Array, supply: Float64Array, demand: Float64Array): TransportPlan {
  const columns = demand.length;
  const bad = cost.findIndex((c) => !Number.isFinite(c));
  if (bad >= 0) {
    const way = `from ${Math.floor(bad / columns)} to ${bad % columns}`;
    throw new InvalidInput(`the cost of a transport ${way} is ${cost[bad]}: every cost must be a finite number`);
  }
  const [supplied, demanded] = [supply, demand].map((masses) => masses.reduce((sum, mass) => sum + mass, 0));
  if (!(Math.abs(supplied - demanded) <= 1e-8 * supplied)) {
    throw new InvalidInput(
      `the supply of a transport is ${supplied} in total, its demand ${demanded}: they must be the same`,
    );
  }
  const scale = cost.reduce((most, c) => Math.max(most, c), 0) || 1; // the solver's tolerance is absolute
  const solution = solve(
    {
      direction: 'minimize',
      objective: 'cost',
      constraints: [
        ...Array.from(supply, (mass, k) => [`from ${k}`, equalTo(mass)] as const),
        ...Array.from(demand, (mass, l) => [`to ${l}`, equalTo(mass * (supplied / demanded))] as const),
      ],
      variables: Array.from(cost, (c, kl) => {
        const [k, l] = [Math.floor(kl / columns), kl % columns];
        return [kl, [['cost', c / scale] as const, [`from ${k}`, 1] as const, [`to ${l}`, 1] as const]] as const;
      }),
    },
    { precision: 1e-12, checkCycles: true, maxPivots: Number.POSITIVE_INFINITY },
  );
  if (solution.status !== 'optimal') {
    throw new InvalidInput(`no transport plan was found (${solution.status}): masses must be numbers from 0 on`);
  }
  const plan = new Float64Array(cost.length);
  for (const [kl, mass] of solution.variables) plan[kl] = mass;
  return { value: plan.reduce((sum, mass, kl) => sum + mass * cost[kl], 0), plan };
}
