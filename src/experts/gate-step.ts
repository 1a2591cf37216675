import { solvePositive } from './weighted-coefficients';

/** The curvature of the gates, as sums over the rows. */
export interface GateCurvature {
  /** K × p: the score of the gates, Σ_j (r_jk − π_jk) (1, z_j) */
  readonly scores: Float64Array;
  /** for each pair k < l, (0, 1), (0, 2) … (1, 2) …, Σ_j π_jk π_jl (1, z_j)(1, z_j)ᵀ: the lower triangle, row by row, with more behind it */
  readonly products: readonly Float64Array[];
}

/**
 * The penalty of gates, (ρ / 2) Σ_k ‖a_k − ā‖² over their slopes: half of ρ times the variance over the rows of the predictors of all
 * experts about their mean, as the covariates are orthonormal. It is the same whichever expert is the one of reference.
 * @param gates K × p, the constant first
 */
export function gatePenalty(gates: Float64Array, order: number, ridge: number): number {
  const p = gates.length / order;
  let sum = 0;
  for (let a = 1; a < p; a++) {
    const mean = meanOver(gates, order, p, a);
    for (let k = 0; k < order; k++) sum += (gates[k * p + a] - mean) ** 2;
  }
  return (ridge / 2) * sum;
}

const meanOver = (gates: Float64Array, order: number, p: number, a: number): number => {
  let sum = 0;
  for (let k = 0; k < order; k++) sum += gates[k * p + a];
  return sum / order;
};

/**
 * Newton's step of the gates for the responsibilities of a pass, Σ_j Σ_k r_jk log π_k(z_j) less the penalty.
 * @param gates K × p, the last row 0
 * @returns the step, K × p, the last row 0: a direction of ascent
 */
export function gateStep(
  gates: Float64Array,
  order: number,
  ridge: number,
  { scores, products }: GateCurvature,
): Float64Array {
  const p = gates.length / order;
  const size = (order - 1) * p;
  const step = new Float64Array(order * p);
  if (size === 0) return step;
  const hessian = new Float64Array(size * size);
  let pair = 0;
  for (let k = 0; k < order; k++)
    for (let l = k + 1; l < order; l++, pair++) {
      const product = products[pair];
      for (let a = 0, i = 0; a < p; a++)
        for (let b = 0; b <= a; b++, i++) {
          addTo(hessian, size, k, k, a, b, product[i]);
          if (l === order - 1) continue;
          addTo(hessian, size, l, l, a, b, product[i]);
          addTo(hessian, size, l, k, a, b, -product[i]);
          if (a !== b) addTo(hessian, size, l, k, b, a, -product[i]);
        }
    }
  for (let a = 1; a < p; a++) {
    const mean = meanOver(gates, order, p, a);
    for (let k = 0; k < order - 1; k++) {
      step[k * p + a] = -ridge * (gates[k * p + a] - mean);
      for (let l = 0; l <= k; l++) addTo(hessian, size, k, l, a, a, ridge * (Number(k === l) - 1 / order));
    }
  }
  for (let i = 0; i < size; i++) step[i] += scores[i];
  function addTo(H: Float64Array, side: number, k: number, l: number, a: number, b: number, value: number): void {
    H[(k * p + a) * side + l * p + b] += value;
  }
  step.set(solvePositive(hessian, step.subarray(0, size), 0));
  return step;
}
