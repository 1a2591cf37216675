/**
 * The share of 2 a_n s² in a variance σ² = (2 a_n s² + scatter) / (2 a_n + n_k): what of it the penalty makes.
 * @param ratio s² / σ²
 * @param mass n_k
 * @param strength a_n
 */
export function penaltyShare(ratio: number, mass: number, strength: number): number {
  return (2 * strength * ratio) / (2 * strength + mass);
}
