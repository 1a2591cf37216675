import { productsWith } from '../kernels/dots';
import type { Divergences } from './family';
import { factorsOf, type GaussianParameter } from './gaussian-parameter';

/** Where a divergence is below this share of what it is the sum of, its digits are lost to cancellation. */
const MIN_SHARE_OF_TERMS = 1e-4;

/**
 * Prepares KL(θ_γ ‖ θ_k) of n points to any centres: with everything counted from the points' mean c, twice a divergence is
 * ⟨Σ_k⁻¹, Σ_γ + (μ_γ − c)(μ_γ − c)ᵀ⟩ − 2 (μ_γ − c)ᵀ Σ_k⁻¹ (μ_k − c) + (μ_k − c)ᵀ Σ_k⁻¹ (μ_k − c) + log det Σ_k − log det Σ_γ − d,
 * one product of p + d numbers for each pair in place of two quadratic forms.
 * @param exact KL(θ_γ ‖ θ_k) of one pair, for pairs whose sum loses digits
 * @returns of K centres, n × K divergences, row-major
 */
export function gaussianDivergences(
  points: readonly GaussianParameter[],
  exact: (a: GaussianParameter, b: GaussianParameter) => number,
): Divergences<GaussianParameter> {
  const n = points.length;
  const d = points[0].mean.length;
  const p = (d * (d + 1)) / 2;
  const width = Math.ceil((p + d) / 4) * 4; // zeros after them
  const centre = new Float64Array(d);
  for (const { mean } of points) for (let i = 0; i < d; i++) centre[i] += mean[i] / n;

  // a row of numbers for each point: the second moments about c, lower triangle, then μ − c
  const rows = new Float64Array(n * width);
  for (let g = 0; g < n; g++) {
    const { mean, covariance } = points[g];
    for (let i = 0, first = g * width, at = first; i < d; i++) {
      const from = mean[i] - centre[i];
      rows[first + p + i] = from;
      for (let j = 0; j <= i; j++) rows[at++] = covariance[i * d + j] + from * rows[first + p + j];
    }
  }

  const products = productsWith(rows, width);
  const logDeterminants = Float64Array.from(points, (point) => factorsOf(point).logDeterminant);

  return (centres) => {
    const K = centres.length;
    // and a line for each centre: Σ⁻¹, with twice what stands off its diagonal, then −2 Σ⁻¹ (μ − c)
    const lines = new Float64Array(K * width);
    const squares = new Float64Array(K);
    centres.forEach((to, k) => {
      const { precision } = factorsOf(to);
      const line = lines.subarray(k * width, (k + 1) * width);
      for (let i = 0, at = 0; i < d; i++) {
        let pulled = 0;
        for (let j = 0; j < d; j++) pulled += precision[i * d + j] * (to.mean[j] - centre[j]);
        for (let j = 0; j <= i; j++) line[at++] = precision[i * d + j] * (j < i ? 2 : 1);
        line[p + i] = -2 * pulled;
        squares[k] += pulled * (to.mean[i] - centre[i]);
      }
    });
    const all = products(lines);
    const logDeterminantsTo = Float64Array.from(centres, (to) => factorsOf(to).logDeterminant);
    const lost = divergencesFrom(all, { squares, logDeterminantsTo, logDeterminants, d });
    for (const at of lost) all[at] = exact(points[Math.floor(at / K)], centres[at % K]);
    return all;
  };
}

/**
 * Makes divergences of scalar products, n × K, and returns the places of those whose digits are lost. A function of its own, as its loop
 * is compiled to slower code where it reads what surrounds it.
 */
function divergencesFrom(
  products: Float64Array,
  {
    squares,
    logDeterminantsTo,
    logDeterminants,
    d,
  }: { squares: Float64Array; logDeterminantsTo: Float64Array; logDeterminants: Float64Array; d: number },
): number[] {
  const K = squares.length;
  const n = logDeterminants.length;
  const sizes = squares.map((square, k) => square + Math.abs(logDeterminantsTo[k]) + d);
  const lost: number[] = [];
  for (let g = 0, at = 0; g < n; g++) {
    const own = logDeterminants[g];
    for (let k = 0; k < K; k++, at++) {
      const product = products[at];
      const divergence = 0.5 * (product + squares[k] + logDeterminantsTo[k] - own - d);
      if (!(divergence > MIN_SHARE_OF_TERMS * (Math.abs(product) + sizes[k]))) lost.push(at);
      products[at] = divergence;
    }
  }
  return lost;
}
