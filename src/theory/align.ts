import { InvalidInput } from '../errors';
import { leastAssignment } from '../math/assignment';
import { comparable, type Estimate } from '../mixture/given';
import { assemble, type Mixture, mixtureToVector } from '../mixture/mixture';

/** A mixture with its components in another's order. */
export interface Alignment<Parameter> {
  /** the same mixture, its components in the other's order */
  readonly mixture: Mixture<Parameter>;
  /** which component of the given mixture stands at place k */
  readonly permutation: Int32Array;
  /** (5): the aligned vector less the reference's, in the coordinates of `mixtureToVector` */
  readonly difference: Float64Array;
  /** its Euclidean length */
  readonly distance: number;
}

/**
 * The order of a mixture's components that brings its vector nearest to the reference's, (5): an assignment problem, solved
 * exactly.
 * @param estimate whose components are put in order
 * @param reference whose order they get
 * @returns the mixture in that order, and the order
 * @throws InvalidInput if the two differ in family, dimension or order
 * @example
 * const relabelled = mixture('exponential', [0.7, 0.3], [{ mean: 21 }, { mean: 1 }]);
 * const reference = mixture('exponential', [0.3, 0.7], [{ mean: 1 }, { mean: 20 }]);
 * const { permutation, distance } = align(relabelled, reference);
 * permutation; // [1, 0]
 * distance; // 1: of the means 20 and 21
 */
export function align<P>(estimate: Estimate<P>, reference: Estimate<P>): Alignment<P> {
  const [mixture, target] = comparable([estimate, reference]);
  const { family, order: K } = target;
  if (mixture.order !== K)
    throw new InvalidInput(`a mixture of ${mixture.order} components cannot be aligned to one of ${K}`);
  const vectors = [mixture, target].map(({ parameters }) => parameters.map((theta) => family.toVector(theta)));
  const costs = Float64Array.from({ length: K * K }, (_, ij) => {
    const [from, to] = [Math.floor(ij / K), ij % K];
    const byWeight = to < K - 1 ? (mixture.weights[from] - target.weights[to]) ** 2 : 0; // the last weight is not a coordinate
    return vectors[0][from].reduce((sum, value, i) => sum + (value - vectors[1][to][i]) ** 2, byWeight);
  });
  const permutation = new Int32Array(K);
  leastAssignment(costs, K).forEach((to, from) => {
    permutation[to] = from;
  });
  const weights = Float64Array.from(permutation, (from) => mixture.weights[from]);
  const parameters = Array.from(permutation, (from) => mixture.parameters[from]);
  const aligned = assemble(family, weights, parameters, mixture.noise);
  const origin = mixtureToVector(target);
  const difference = mixtureToVector(aligned).map((value, i) => value - origin[i]);
  return { mixture: aligned, permutation, difference, distance: Math.hypot(...difference) };
}
