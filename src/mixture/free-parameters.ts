import { type Estimate, mixtureOf } from './given';

/**
 * How many free coordinates a mixture has: K − 1 weights and the components' parameters; what they share counts once.
 * @param estimate a mixture, or a result that holds one
 * @returns their number
 */
export function freeParameters(estimate: Estimate): number {
  const { family, order, dimension } = mixtureOf(estimate);
  const shared = family.sharedSize?.(dimension) ?? 0;
  return order - 1 + order * (family.size(dimension) - shared) + shared;
}
