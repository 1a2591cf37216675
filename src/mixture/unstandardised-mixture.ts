import { InvalidInput } from '../errors';
import { type DiagonalGaussianParameter, diagonalGaussian } from '../families/diagonal-gaussian';
import type { Family } from '../families/family';
import { type GaussianParameter, gaussianParameter } from '../families/gaussian-parameter';
import type { SphericalGaussianParameter } from '../families/spherical-gaussian';
import { checkedStandardisation, type Standardisation } from '../tables/standardise';
import { assemble, type Mixture } from './mixture';
import type { Noise } from './noise';

/**
 * The mixture of the original features, of one that was fitted to standardised ones: with D = diag(scale), μ → centre + D μ
 * and Σ → D Σ D; the box of noise goes with them. Components of full, tied or diagonal covariance stay in their family; round ones
 * become diagonal.
 * @param mixture of standardised features
 * @param standardisation as `standardise` gives it
 * @returns the mixture of the features in their original units
 * @throws InvalidInput if the family is another, or the mixture has another dimension
 * @example
 * const scaled = standardise(table);
 * const { mixture } = fit(scaled, { order: 3 });
 * const inUnits = unstandardisedMixture(mixture, scaled.standardisation);
 * wasserstein1(inUnits, truth); // 0.0195
 */
export function unstandardisedMixture(
  mixture: Mixture<SphericalGaussianParameter>,
  standardisation: Standardisation,
): Mixture<DiagonalGaussianParameter>;
export function unstandardisedMixture<Parameter extends GaussianParameter | DiagonalGaussianParameter>(
  mixture: Mixture<Parameter>,
  standardisation: Standardisation,
): Mixture<Parameter>;
export function unstandardisedMixture<Parameter extends GaussianParameter | DiagonalGaussianParameter>(
  mixture: Mixture<Parameter>,
  standardisation: Standardisation,
): Mixture<Parameter> {
  const { family, weights, parameters, dimension: d, noise: given } = mixture;
  const { centre, scale } = checkedStandardisation(standardisation, d);
  const mean = (of: Float64Array) => of.map((value, i) => centre[i] + scale[i] * value);
  const noise: Noise | undefined = given && { ...given, lower: mean(given.lower), upper: mean(given.upper) };
  switch (family.name) {
    case 'gaussian':
    case 'tied-gaussian': {
      const original = (parameters as readonly GaussianParameter[]).map((parameter, k) =>
        gaussianParameter(
          mean(parameter.mean),
          parameter.covariance.map((entry, ij) => entry * scale[Math.floor(ij / d)] * scale[ij % d]),
          `component ${k}`,
        ),
      );
      return assemble(family as Family<unknown>, weights, original, noise) as Mixture<Parameter>;
    }
    case 'diagonal-gaussian': {
      const original = (parameters as readonly DiagonalGaussianParameter[]).map((parameter) => ({
        mean: mean(parameter.mean),
        variances: parameter.variances.map((variance, i) => variance * scale[i] ** 2),
      }));
      return assemble(family as Family<unknown>, weights, original, noise) as Mixture<Parameter>;
    }
    case 'spherical-gaussian': {
      const original = (parameters as readonly unknown[] as readonly SphericalGaussianParameter[]).map((parameter) => ({
        mean: mean(parameter.mean),
        variances: scale.map((one) => parameter.variance * one ** 2),
      }));
      return assemble(diagonalGaussian as Family<unknown>, weights, original, noise) as Mixture<Parameter>;
    }
    default:
      throw new InvalidInput(`a mixture of the family "${family.name}" has no counterpart in the original units`);
  }
}
