import type { Family } from './family';

// What the complete and the incomplete forms of Gaussians without correlations share.

/** Σ r of a component, in rows, below which none is left to say where it is. */
export const MIN_MASS = 1e-290;

/** Without a penalty, a variance below this share of the data's is rounding. */
export const MIN_VARIANCE_SHARE = 1e-14;

/** How the variances of the d features are kept in θ. */
export interface Variances<Parameter>
  extends Pick<Family<Parameter>, 'name' | 'parameter' | 'size' | 'toVector' | 'fromVector' | 'toJSON'> {
  /** σ²_1 … σ²_d */
  variances(parameter: Parameter): Float64Array;
  /** θ of a mean and of d variances that were estimated one by one */
  build(mean: Float64Array, variances: Float64Array): Parameter;
  /** whether all features have one variance, the average of those that were estimated */
  readonly shared?: boolean;
}
