import { type Estimate, mixtureOf } from './given';

/**
 * How many free coordinates a mixture has: K − 1 weights and the components' parameters, of which what they share counts once, and the weight of
 * noise if there is noise, whose box is given by the table.
 * @param estimate a mixture, or a result that holds one
 * @returns their number
 * @example
 * freeParameters(truth); // 17: two weights, and two means and three covariances of each of three components
 */
export function freeParameters(estimate: Estimate): number {
  const { family, order, dimension, noise } = mixtureOf(estimate);
  if (family.proportions) return family.proportions.size(order) + order * family.proportions.componentSize;
  const shared = family.sharedSize?.(dimension) ?? 0;
  return order - 1 + order * (family.size(dimension) - shared) + shared + (noise ? 1 : 0);
}
