/** θ of an expert on S rows of covariates. */
export interface Expert {
  /** at which rows it answers: π_k(x_s) / Σ_s π_k(x_s), which sum to one */
  readonly share: Float64Array;
  /** B_k, q × (1 + d), the constant first */
  readonly coefficients: Float64Array;
  /** Σ_k, q × q; empty for laws that have none */
  readonly covariance: Float64Array;
  /** B_k x̃_s of every row, S × q */
  readonly predictors: Float64Array;
}

/** π_k(x_s), S × K: each row of a mixture on rows has the probability 1 / S in all. */
export function proportionsOf(weights: Float64Array, parameters: readonly Expert[]): Float64Array {
  const K = weights.length;
  const S = parameters[0].share.length;
  const proportions = new Float64Array(S * K);
  for (let s = 0; s < S; s++) {
    let total = 0;
    for (let k = 0; k < K; k++) {
      proportions[s * K + k] = weights[k] * parameters[k].share[s];
      total += proportions[s * K + k];
    }
    for (let k = 0; k < K; k++) proportions[s * K + k] = total > 0 ? proportions[s * K + k] / total : 1 / K;
  }
  return proportions;
}
