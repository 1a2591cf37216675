import { InvalidInput } from '../errors';
import type { RandomStream } from '../math/random';
import type { Samples } from '../math/table';

/**
 * The contract of an experts' law: the distribution of one response y given the linear predictor η = x̃ᵀβ of an expert, by the law's
 * canonical link, so that d log f / dη is (y − mean(η)), over the variance if the law has one. Where it has none, `variance` is not read.
 */
export interface ExpertLaw {
  /** as models, files and options call it */
  readonly name: string;
  /** whether every expert has a variance σ² of its own */
  readonly hasVariance: boolean;
  /** whether a response takes whole numbers only, so that intervals end on them */
  readonly discrete: boolean;
  /**
   * Checks that responses can be of the law.
   * @throws InvalidInput if one cannot, naming its row
   */
  requireSupport(y: Samples): void;
  /** E(y | η), the inverse of the link */
  mean(eta: number): number;
  /** d mean / dη: the variance of y where the law has none of its own */
  slope(eta: number): number;
  /** log f(y | η), also of a y between whole numbers, as means are; −∞ where the density is beyond float64 */
  logDensity(y: number, eta: number, variance: number): number;
  /** P(Y ≤ y | η) */
  cdf(y: number, eta: number, variance: number): number;
  /** P(Y > y | η), exact where it is small */
  upper(y: number, eta: number, variance: number): number;
  /** a draw of y, given the stream */
  sampler(random: RandomStream): (eta: number, variance: number) => number;
  /** log ∫ f(y | η) f(y | η′) dy, or of the sum over y */
  logInnerProduct(eta: number, variance: number, otherEta: number, otherVariance: number): number;
  /** KL(f(· | η) ‖ f(· | η′)) */
  divergence(eta: number, variance: number, otherEta: number, otherVariance: number): number;
}

/** @throws InvalidInput if a response is not as `holds` says, naming its row */
export function requireResponses({ data }: Samples, holds: (y: number) => boolean, remedy: string): void {
  const bad = data.findIndex((y) => !holds(y));
  if (bad >= 0) throw new InvalidInput(`the response of row ${bad} is ${data[bad]}: ${remedy}`);
}
