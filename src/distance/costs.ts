import { InvalidInput } from '../errors';
import type { BatchForms, Family } from '../families/family';
import { fastForm } from '../families/fast-form';
import { described } from '../math/checks';
import { cholesky } from '../math/linear-algebra';

/** c(θ, θ′) between subpopulations with its barycentre argmin_θ Σ π c(θ_γ, θ): what a reduction minimises. */
export type CostFunction<Parameter> = Pick<Family<Parameter>, 'divergence' | 'barycentre' | 'tie'>;

/** A cost function, with its batch form if it has one. */
export type BatchCost<Parameter> = CostFunction<Parameter> & Pick<BatchForms<Parameter>, 'divergences'>;

/**
 * A strictly convex function A of θ as a vector, with its gradient and the inverse of the gradient. It makes the reversed Bregman
 * divergence c(θ′, θ) = D_A(θ, θ′) = A(θ) − A(θ′) − (θ − θ′)ᵀ ∇A(θ′) of Assumption 3.5, from the support point θ′ to the centre
 * θ, whose barycentre has ∇A(θ) = Σ π ∇A(θ_γ) / Σ π.
 */
export interface ConvexFunction {
  /** A(θ) */
  value(theta: Float64Array): number;
  /** ∇A(θ) */
  gradient(theta: Float64Array): Float64Array;
  /** θ with ∇A(θ) = gradient */
  inverseGradient(gradient: Float64Array): Float64Array;
}

/**
 * The cost of a reduction, Assumption 3.5: 'kl', the Kullback–Leibler divergence KL(θ′ ‖ θ); 'euclidean', ½ ‖θ − θ′‖² of θ as
 * a vector; { mahalanobis: M }, ½ (θ − θ′)ᵀ M (θ − θ′) with a p × p matrix M; a convex function, for its Bregman divergence; or
 * a divergence and its barycentre. The order of θ as a vector is that of `mixtureToVector`.
 */
export type Cost<Parameter> =
  | 'kl'
  | 'euclidean'
  | {
      /** M, p rows of p numbers, symmetric and positive definite */
      readonly mahalanobis: readonly ArrayLike<number>[];
    }
  | ConvexFunction
  | CostFunction<Parameter>;

/** @throws InvalidInput if there is no such cost, or mixtures of the family cannot be reduced by it */
export function costOf<Parameter>(cost: Cost<Parameter>, family: Family<Parameter>): BatchCost<Parameter> {
  if (cost === 'kl') {
    const { divergence, barycentre, tie } = family;
    return { divergence, barycentre, tie, divergences: fastForm(family, 'divergences') };
  }
  if (cost === 'euclidean')
    return { ...vectorCost(family, (a, b) => squaredNorm(difference(a, b)) / 2), tie: family.tie };
  const own = (cost ?? {}) as Record<string, unknown>;
  const answers = (...names: string[]) => names.every((name) => typeof own[name] === 'function');
  if (answers('divergence', 'barycentre') && !(family.tie && own.tie === undefined)) {
    const { divergence, barycentre, tie } = cost as CostFunction<Parameter>;
    return { divergence, barycentre, tie };
  }
  if (family.tie)
    throw new InvalidInput(`${family.name} mixtures can be reduced by the costs 'kl' and 'euclidean' only`);
  if (own.mahalanobis !== undefined) {
    const form = quadraticForm(own.mahalanobis as readonly ArrayLike<number>[]);
    return vectorCost(family, (a, b) => form(difference(a, b)) / 2);
  }
  if (answers('value', 'gradient', 'inverseGradient')) {
    const { value, gradient, inverseGradient } = cost as ConvexFunction;
    const bregman = (from: Float64Array, to: Float64Array) =>
      value(to) - value(from) - gradient(from).reduce((sum, slope, i) => sum + (to[i] - from[i]) * slope, 0);
    return vectorCost(family, bregman, gradient, inverseGradient);
  }
  throw new InvalidInput(
    `there is no cost ${described(cost)}: use 'kl', 'euclidean', { mahalanobis: matrix }, { value, gradient, inverseGradient } ` +
      'or { divergence, barycentre }',
  );
}

/** A cost of θ as a vector, whose barycentre is the mean on the scale of `mean` and `inverse`. */
function vectorCost<Parameter>(
  family: Family<Parameter>,
  between: (a: Float64Array, b: Float64Array) => number,
  mean = (theta: Float64Array): Float64Array => theta,
  inverse = mean,
): CostFunction<Parameter> {
  return {
    divergence: (a, b) => Math.max(0, between(family.toVector(a), family.toVector(b))),
    barycentre(parameters, weights) {
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const scaled = parameters.map((parameter) => mean(family.toVector(parameter)));
      const centre = scaled[0].map((_, i) =>
        scaled.reduce((sum, theta, g) => sum + (weights[g] / total) * theta[i], 0),
      );
      const dimension = family.dimension(parameters[0]);
      return family.parameter(family.fromVector(inverse(centre), dimension), 'the barycentre');
    },
  };
}

const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - b[i]);

const squaredNorm = (theta: Float64Array): number => theta.reduce((sum, value) => sum + value * value, 0);

/** θ ↦ θᵀ M θ. */
function quadraticForm(matrix: readonly ArrayLike<number>[]): (theta: Float64Array) => number {
  const p = matrix.length;
  const square = p > 0 && Array.from(matrix).every((row) => row?.length === p);
  const M = square ? Float64Array.from(matrix.flatMap((row) => Array.from(row))) : new Float64Array();
  const size = Math.max(...M.map(Math.abs));
  const symmetric = M.every((value, ij) => Math.abs(value - M[(ij % p) * p + Math.floor(ij / p)]) <= 1e-12 * size);
  if (!(square && symmetric && cholesky(M, p))) {
    throw new InvalidInput('the matrix of a Mahalanobis cost must be square, symmetric and positive definite');
  }
  return (theta) => {
    if (theta.length !== p) {
      throw new InvalidInput(
        `the matrix of the Mahalanobis cost is ${p} × ${p}, but θ has ${theta.length} coordinates`,
      );
    }
    return theta.reduce((sum, x, i) => sum + x * theta.reduce((inner, y, j) => inner + M[i * p + j] * y, 0), 0);
  };
}
