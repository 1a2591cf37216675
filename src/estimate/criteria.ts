import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import { missingIn } from '../math/missing-cells';
import { countOf, type Samples, type Table } from '../math/table';
import { type ConditionalModel, freeCoordinates } from '../mixture/conditional';
import { freeParameters } from '../mixture/free-parameters';
import type { Mixture } from '../mixture/mixture';
import { noiseProbabilities, type RowsOptions, responsibilities } from '../mixture/posterior';
import { rowsToFit } from './missing-rows';

/** What a criterion needs of a fit. */
export interface Likely {
  /** the fitted mixture, whose free parameters are counted */
  readonly mixture: Mixture;
  /** ℓ, the log-likelihood without penalty */
  readonly logLikelihood: number;
  /** N, the number of rows */
  readonly sampleSize: number;
}

/** What a criterion needs of a fit of responses given covariates, such as a mixture of experts. */
export interface LikelyResponses extends Omit<Likely, 'mixture'> {
  /** the fitted model, whose free parameters are counted */
  readonly mixture: ConditionalModel;
}

/** BIC of a likelihood with p free parameters from N rows. */
export const bicOf = (logLikelihood: number, p: number, N: number): number => -2 * logLikelihood + p * Math.log(N);

/** ICL of a BIC and the entropy of the classes. */
export const iclOf = (bic: number, entropy: number): number => bic + 2 * entropy;

/** The entropy of the classes of all rows, −Σ_jk r_jk log r_jk, noise one of them: 0 if every row is certainly of one. */
export function classEntropy(mixture: Mixture, samples: Samples): number {
  const entropyOf = (shares: Float64Array) =>
    shares.reduce((sum, r, i) => {
      const rowWeight = samples.weights?.[Math.floor((i * samples.rows) / shares.length)] ?? 1;
      return sum - (r > 0 ? rowWeight * r * Math.log(r) : 0);
    }, 0);
  const gaps = missingIn(samples);
  const ofComponents = entropyOf(responsibilities(mixture, samples, gaps));
  return mixture.noise ? ofComponents + entropyOf(noiseProbabilities(mixture, samples, gaps)) : ofComponents;
}

/**
 * The Bayesian information criterion of a fit, BIC = −2 ℓ + p log N, with p = `freeParameters`, or `freeParametersOfExperts`. Less is
 * better, as in scikit-learn and flexmix; R's mclust has the opposite sign.
 * @param fit of `fit` or `fitExperts`, with its log-likelihood and sample size
 * @returns BIC
 * @throws InvalidInput if it is not a fit
 * @example
 * const candidates = [1, 2, 3, 4].map((order) => fit(table, { order }));
 * candidates.map(bic); // [−933.6, −1373.0, −1472.2, −1455.5]: the least is that of order 3, as the truth is
 */
export function bic(fit: Likely | LikelyResponses): number {
  const { logLikelihood, sampleSize, p } = checked(fit);
  return bicOf(logLikelihood, p, sampleSize);
}

/**
 * Akaike's information criterion of a fit, AIC = −2 ℓ + 2 p, with p as in `bic`. Less is better. It takes more components than
 * BIC does: enough to predict well, rather than as many as there are.
 * @param fit with its log-likelihood
 * @returns AIC
 * @throws InvalidInput if it is not a fit
 * @example
 * const candidates = [1, 2, 3, 4].map((order) => fit(table, { order }));
 * candidates.map(aic); // [−950.1, −1409.2, −1528.2, −1531.4]: the least, by a little, is that of order 4
 */
export function aic(fit: Likely | LikelyResponses): number {
  const { logLikelihood, p } = checked(fit);
  return -2 * logLikelihood + 2 * p;
}

/**
 * The integrated completed likelihood of a fit, ICL = BIC − 2 Σ_jk r_jk log r_jk: BIC, and twice the entropy of the classes, so that
 * components that overlap are not taken for clusters (McLachlan and Peel 2000, §6.10). Less is better. R's mclust has the opposite
 * sign, and of each row only the log of its greatest responsibility.
 * @param fit with its log-likelihood and sample size
 * @param table the rows that were fitted
 * @param options the weights of the rows, and whether cells are missing
 * @returns ICL
 * @throws InvalidInput if it is not a fit, or the table has other columns or another number of rows
 * @example
 * const two = fit(table, { order: 2 });
 * icl(two, table) - bic(two); // 0.00266: nearly 0, as no row is in doubt
 */
export function icl(
  fit: Likely,
  table: Table,
  options: RowsOptions & {
    /**
     * how often each row counts, as it was given to `fit`
     * @defaultValue the `weights` of the table; if it has none, every row counts once
     */
    readonly rowWeights?: ArrayLike<number>;
  } = {},
): number {
  const { rowWeights, missing } = options;
  const { mixture, sampleSize } = checked(fit);
  const { samples } = rowsToFit(table, missing, rowWeights);
  const count = countOf(samples);
  if (!(Math.abs(count - sampleSize) <= 1e-9 * sampleSize))
    throw new InvalidInput(
      `the table has ${count} rows, but ${sampleSize} were fitted: give the table of the fit, with its weights if it has any`,
    );
  return iclOf(bic(fit), classEntropy(mixture, samples));
}

function checked<Fit extends Likely | LikelyResponses>(fit: Fit): Fit & { readonly p: number } {
  const { mixture, logLikelihood, sampleSize } = fit ?? {};
  if (!(mixture && Number.isFinite(logLikelihood) && sampleSize > 0))
    throw new InvalidInput(`a fit with its logLikelihood and sampleSize is needed, not ${described(fit)}`);
  const p = freeCoordinates in mixture ? mixture[freeCoordinates]() : freeParameters(mixture);
  return { ...fit, p };
}
