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
