import type { RandomStream } from '../math/random';

/** The location μ, and the scale σ > 0 in the unit of the data: x = μ + σ u. */
export type LocationScaleParameter = {
  /** μ, in the unit of the data */
  readonly location: number;
  /** σ, in the unit of the data */
  readonly scale: number;
};

/** A standard density f₀(u) on the real line, smooth and with one peak near 0. */
export interface StandardDensity {
  /** what the family is called, such as 'logistic' */
  readonly name: string;
  /** log f₀(u) */
  logDensity(u: number): number;
  /** the first derivative of log f₀ at u */
  slope(u: number): number;
  /** the second derivative of log f₀ at u */
  curvature(u: number): number;
  /** draws u */
  sampler(random: RandomStream): () => number;
}
