import { type TransportPlan, transport } from '../math/transport';
import { comparable, type Estimate } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { type Cost, costOf } from './costs';

/**
 * The composite transportation divergence T_c(G, G′) (2): the least cost of turning the components of G into those of
 * G′, and the plan (K × K′, row-major) that does it.
 * @param G a mixture, or a result that holds one
 * @param H another, of the same family and dimension
 * @param options the cost between components
 * @returns `value`, the least cost, and the plan
 * @throws InvalidInput if G and H differ in family or dimension, or a cost is not finite
 * @example
 * const { value, plan } = transportDivergence(fits[0], truth);
 * value; // 2.73: nats
 * plan.length; // 9: the mass from each of three components to each
 */
export function transportDivergence<Parameter>(
  G: Estimate<Parameter>,
  H: Estimate<Parameter>,
  options: {
    /**
     * c(θ, θ′)
     * @defaultValue 'kl', the Kullback–Leibler divergence
     */
    readonly cost?: Cost<Parameter>;
  } = {},
): TransportPlan {
  const { cost = 'kl' } = options;
  const [from, to] = comparable([G, H]);
  const { divergence } = costOf(cost, from.family);
  return transport(table(from, to, divergence), from.weights, to.weights);
}

/**
 * W₁(G, H) between mixing distributions: transport at the family's ground distance D₁, for Gaussians
 * ‖μ − μ′‖₂ + ‖Σ^½ − Σ′^½‖_F, for others Σ |θ_i − θ′_i| of their parameters; masses to 1e-12.
 * @param G a mixture, or a result that holds one
 * @param H another, of the same family and dimension
 * @returns W₁(G, H)
 * @throws InvalidInput if G and H differ in family or dimension
 * @example
 * wasserstein1(fits[0], truth); // 0.0195: how far an estimate is from the truth
 * wasserstein1(reduce(fits), truth); // 0.00918: and how far what all say together
 */
export function wasserstein1<Parameter>(G: Estimate<Parameter>, H: Estimate<Parameter>): number {
  const [from, to] = comparable([G, H]);
  return transport(table(from, to, from.family.groundDistance), from.weights, to.weights).value;
}

function table<P>(G: Mixture<P>, H: Mixture<P>, between: (a: P, b: P) => number): Float64Array {
  return Float64Array.from(G.parameters.flatMap((a) => H.parameters.map((b) => between(a, b))));
}
