import type { Divergences } from './family';
import { factorsOf, type GaussianParameter } from './gaussian-parameter';

/** Where a divergence is below this share of what it is the sum of, its digits are lost to cancellation. */
const CANCELLED = 1e-4;

/**
 * Prepares KL(θ_γ ‖ θ_k) of n points to any centres: with everything counted from the points' mean c, twice a divergence is
 * ⟨Σ_k⁻¹, Σ_γ + (μ_γ − c)(μ_γ − c)ᵀ⟩ − 2 (μ_γ − c)ᵀ Σ_k⁻¹ (μ_k − c) + (μ_k − c)ᵀ Σ_k⁻¹ (μ_k − c) + log det Σ_k − log det Σ_γ − d,
 * one product of p + d numbers for each pair in place of two quadratic forms.
 * @param exact KL(θ_γ ‖ θ_k) of one pair, where the sum loses digits
 * @returns of K centres, n × K divergences, row-major
 */
export function gaussianDivergences(
  points: readonly GaussianParameter[],
  exact: (a: GaussianParameter, b: GaussianParameter) => number,
): Divergences<GaussianParameter> {
  const n = points.length;
  const d = points[0].mean.length;
  const p = (d * (d + 1)) / 2;
  const width = p + d;
  const centre = new Float64Array(d);
  for (const { mean } of points) for (let i = 0; i < d; i++) centre[i] += mean[i] / n;

  // a row of numbers for each point: the second moments about c, lower triangle, then μ − c
  const rows = new Float64Array(n * width);
  points.forEach(({ mean, covariance }, g) => {
    const row = rows.subarray(g * width, (g + 1) * width);
    for (let i = 0, at = 0; i < d; i++) {
      row[p + i] = mean[i] - centre[i];
      for (let j = 0; j <= i; j++) row[at++] = covariance[i * d + j] + row[p + i] * row[p + j];
    }
  });

  const logDeterminants = Float64Array.from(points, (point) => factorsOf(point).logDeterminant);

  return (centres) => {
    const all = new Float64Array(n * centres.length);
    centres.forEach((to, k) => {
      // and one for each centre: Σ⁻¹, with twice what stands off its diagonal, then −2 Σ⁻¹ (μ − c)
      const { precision, logDeterminant } = factorsOf(to);
      const line = new Float64Array(width);
      let squared = 0;
      for (let i = 0, at = 0; i < d; i++) {
        let pulled = 0;
        for (let j = 0; j < d; j++) pulled += precision[i * d + j] * (to.mean[j] - centre[j]);
        for (let j = 0; j <= i; j++) line[at++] = precision[i * d + j] * (j < i ? 2 : 1);
        line[p + i] = -2 * pulled;
        squared += pulled * (to.mean[i] - centre[i]);
      }
      for (let g = 0; g < n; g++) {
        const product = dot(rows, g * width, line);
        const constant = squared + logDeterminant - logDeterminants[g] - d;
        const divergence = 0.5 * (product + constant);
        const size = Math.abs(product) + Math.abs(squared) + Math.abs(logDeterminant) + d;
        all[g * centres.length + k] = divergence > CANCELLED * size ? divergence : exact(points[g], to);
      }
    });
    return all;
  };
}

/** Four sums at a time, so that one addition need not wait for another. */
function dot(rows: Float64Array, start: number, line: Float64Array): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let i = 0;
  for (let at = start; i + 3 < line.length; i += 4, at += 4) {
    s0 += rows[at] * line[i];
    s1 += rows[at + 1] * line[i + 1];
    s2 += rows[at + 2] * line[i + 2];
    s3 += rows[at + 3] * line[i + 3];
  }
  for (; i < line.length; i++) s0 += rows[start + i] * line[i];
  return s0 + s1 + (s2 + s3);
}
