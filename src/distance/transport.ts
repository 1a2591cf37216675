import type { Family } from '../families/family';
import { type TransportPlan, transport } from '../math/transport';
import { requireComparable } from '../mixture/comparable';
import type { Mixture } from '../mixture/mixture';

/** c(θ, θ′) between subpopulations with its barycentre argmin_θ Σ π c(θ_γ, θ): what a reduction minimises. */
export type CostFunction<Parameter> = Pick<Family<Parameter>, 'divergence' | 'barycentre'>;

/** A cost by name, 'kl' the Kullback–Leibler divergence KL(θ ‖ θ′), or one's own. */
export type Cost<Parameter> = 'kl' | CostFunction<Parameter>;

export function costOf<Parameter>(cost: Cost<Parameter>, family: Family<Parameter>): CostFunction<Parameter> {
  if (typeof cost === 'object') return cost;
  if (cost !== 'kl') throw new Error(`there is no cost "${cost}": use 'kl' or { divergence, barycentre }`);
  return family;
}

/**
 * The composite transportation divergence T_c(G, G′) (2): the least cost of turning the components of G into those of
 * G′, and the plan (K × K′, row-major) that does it.
 */
export function transportDivergence<Parameter>(
  G: Mixture<Parameter>,
  H: Mixture<Parameter>,
  { cost = 'kl' }: { readonly cost?: Cost<Parameter> } = {},
): TransportPlan {
  requireComparable([G, H]);
  const { divergence } = costOf(cost, G.family);
  return transport(table(G, H, divergence), G.weights, H.weights);
}

/** W₁(G, H) between mixing distributions, with the family's ground distance between components. */
export function wasserstein1<Parameter>(G: Mixture<Parameter>, H: Mixture<Parameter>): number {
  requireComparable([G, H]);
  return transport(table(G, H, G.family.groundDistance), G.weights, H.weights).value;
}

function table<P>(G: Mixture<P>, H: Mixture<P>, between: (a: P, b: P) => number): Float64Array {
  return Float64Array.from(G.parameters.flatMap((a) => H.parameters.map((b) => between(a, b))));
}
