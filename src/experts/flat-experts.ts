import type { ExpertLaw } from './expert-law';

/** The numbers of a mixture of experts, flat, for hot loops. */
export interface FlatExperts {
  readonly law: ExpertLaw;
  /** K */
  readonly order: number;
  /** d */
  readonly covariates: number;
  /** q */
  readonly responses: number;
  /** K × (1 + d), the last row 0 */
  readonly gates: Float64Array;
  /** K × q × (1 + d) */
  readonly coefficients: Float64Array;
  /** K × q × q; empty for laws that have none */
  readonly variances: Float64Array;
}
