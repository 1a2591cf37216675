import { BeyondFloat64, InvalidInput } from '../errors';
import { requireMissingCells } from '../families/families-registry';
import type { LogDensity } from '../families/family';
import { fastForm } from '../families/fast-form';
import { type Missing, type Table, toSamples } from '../math/table';
import { type Estimate, mixtureOf } from './given';
import type { Mixture } from './mixture';
import { type Box, noiseDensityOf } from './noise';

/**
 * The E-step (14) over all n rows, whose component densities `density` gives: fills `out` (K × n, row k that of component
 * k) with the responsibilities r_jk = w_k f(x_j; θ_k) / f_G(x_j), and `logs` (n), if given, with log f_G(x_j). With noise, whose
 * density `noiseDensity` then gives, `out` has a last row more, for the noise.
 * Works in the log domain: exact even if every density underflows.
 * @returns the log-likelihood Σ_j log f_G(x_j)
 * @throws BeyondFloat64 if a row is so far from all components that the log of its density is beyond float64
 */
export function expectation<Parameter>(
  { order: K, weights, parameters, noise }: Pick<Mixture<Parameter>, 'order' | 'weights' | 'parameters' | 'noise'>,
  density: LogDensity<Parameter>,
  out: Float64Array,
  logs?: Float64Array,
  noiseDensity?: LogDensity<Box>,
): number {
  const order = noise ? K + 1 : K;
  const n = out.length / order;
  const logWeights = Float64Array.from(termWeights({ weights, noise }), Math.log);
  for (let k = 0; k < K; k++) density(parameters[k], out.subarray(k * n, (k + 1) * n));
  if (noise) noiseDensity?.(noise, out.subarray(K * n));
  let logLikelihood = 0;
  for (let j = 0; j < n; j++) {
    let most = -Infinity;
    for (let k = 0, i = j; k < order; k++, i += n) {
      out[i] += logWeights[k];
      if (out[i] > most) most = out[i];
    }
    let sum = 0;
    for (let i = j; i < order * n; i += n) {
      out[i] = Math.exp(out[i] - most);
      sum += out[i];
    }
    for (let i = j; i < order * n; i += n) out[i] /= sum;
    const logDensity = most + Math.log(sum);
    if (!Number.isFinite(logDensity)) {
      throw new BeyondFloat64(`row ${j} is too far from every component: the log of its density is beyond float64`);
    }
    logLikelihood += logDensity;
    if (logs) logs[j] = logDensity;
  }
  return logLikelihood;
}

/** How rows are judged by a mixture. */
export interface RowsOptions {
  /**
   * 'em' if cells may be missing, in Gaussian families: the densities are then those of the observed cells. Where none is observed the log
   * density is 0, so that the responsibilities are the weights, and the row is of the component of the largest weight
   * @defaultValue a cell without a value is an error
   */
  readonly missing?: Missing;
}

/** The weights of the terms of f: (1 − w₀) w_1 … (1 − w₀) w_K and, last, w₀ of the noise; w_1 … w_K if there is none. */
export function termWeights({ weights, noise }: Pick<Mixture, 'weights' | 'noise'>): Float64Array {
  return noise ? Float64Array.of(...weights.map((weight) => (1 - noise.weight) * weight), noise.weight) : weights;
}

/**
 * log f_G(x_j) of every row; with noise, log {(1 − w₀) f_G(x_j) + w₀ / volume}, the latter only in the box.
 * @param mixture G, or a result that holds it
 * @param table n rows of d features
 * @param options whether cells of the rows are missing
 * @returns n numbers
 * @throws InvalidInput if the table is invalid or has another number of columns, or a row is not an observation of the family;
 *   BeyondFloat64 if a row is too far from every component; both name the row
 * @example
 * const G = gaussianMixture({ weights: [1], means: [[0]], covariances: [[[1]]] });
 * logDensity(G, [0, 1]); // [−0.919, −1.419]: −½ log 2π, and ½ less
 * logDensity(truth, [[0.5, NaN]], { missing: 'em' }); // [1.39]: of the first cell alone
 */
export function logDensity(mixture: Estimate, table: Table, options: RowsOptions = {}): Float64Array {
  return posterior(mixture, table, options).logs;
}

/**
 * r_jk = w_k f(x_j; θ_k) / f_G(x_j) (14), the probability that row j came from component k. With noise, what the K probabilities
 * of a row lack of 1 is that of noise, which `noiseProbabilities` gives.
 * @param mixture G, or a result that holds it
 * @param table n rows of d features
 * @param options whether cells of the rows are missing
 * @returns n × K probabilities, row-major
 * @throws as `logDensity` does
 * @example
 * const r = responsibilities(truth, table);
 * r.subarray(0, 3); // [0.570, 0.00, 0.430]: the probabilities that row 0 is of component 0, 1 and 2
 */
export function responsibilities(mixture: Estimate, table: Table, options: RowsOptions = {}): Float64Array {
  const { columns, n, order } = posterior(mixture, table, options);
  return Float64Array.from({ length: n * order }, (_, i) => columns[(i % order) * n + Math.floor(i / order)]);
}

/**
 * The probability of every row that it is noise, w₀ / volume over f(x_j): 0 outside of the noise's box, and if there is no noise.
 * @param mixture G, or a result that holds it
 * @param table n rows of d features
 * @param options whether cells of the rows are missing
 * @returns n probabilities
 * @throws as `logDensity` does
 * @example
 * const noise = { weight: 0.1, lower: [-5], upper: [5] };
 * const G = gaussianMixture({ weights: [1], means: [[0]], covariances: [[[1]]], noise });
 * noiseProbabilities(G, [0, 4]); // [0.027, 0.988]
 */
export function noiseProbabilities(mixture: Estimate, table: Table, options: RowsOptions = {}): Float64Array {
  const { columns, n, order } = posterior(mixture, table, options);
  return columns.length > n * order ? columns.slice(n * order) : new Float64Array(n);
}

/** The label of a row that is noise. */
export const NOISE_LABEL = -1;

/**
 * The most probable component of every row; the first of several that are equally probable. With noise, −1 where noise is more
 * probable than each of them; a row outside of its box is none.
 * @param mixture G, or a result that holds it
 * @param table n rows of d features
 * @param options whether cells of the rows are missing
 * @returns n labels from 0 to K − 1, or −1 for noise
 * @throws as `logDensity` does
 * @example
 * const { data, labels } = sample(truth, 1000, 'new rows');
 * const clusters = classify(fits[0], data);
 * adjustedRandIndex(clusters, labels); // 0.988
 */
export function classify(mixture: Estimate, table: Table, options: RowsOptions = {}): Int32Array {
  const { family, weights, parameters, noise, samples } = checked(mixture, table, options);
  const labels = noise ? undefined : fastForm(family, 'labels')?.(weights, parameters, samples);
  if (labels && !labels.includes(-1)) return labels;
  const { columns, n, order } = posterior(mixture, table, options); // names a row that is too far from everything
  return Int32Array.from({ length: n }, (_, j) => {
    let best = 0;
    for (let k = 1; k < order; k++) if (columns[k * n + j] > columns[best * n + j]) best = k;
    return noise && columns[order * n + j] > columns[best * n + j] ? NOISE_LABEL : best;
  });
}

function posterior(
  estimate: Estimate,
  table: Table,
  options: RowsOptions,
): { columns: Float64Array; logs: Float64Array; n: number; order: number } {
  const { samples, ...mixture } = checked(estimate, table, options);
  const columns = new Float64Array((mixture.order + (mixture.noise ? 1 : 0)) * samples.rows);
  const logs = new Float64Array(samples.rows);
  expectation(mixture, mixture.family.logDensity(samples), columns, logs, noiseDensityOf(samples));
  return { columns, logs, n: samples.rows, order: mixture.order };
}

/** The mixture, and the table as samples that it may have. */
function checked(estimate: Estimate, table: Table, { missing }: RowsOptions) {
  const { family, order, dimension, weights, parameters, noise } = mixtureOf(estimate);
  if (missing) requireMissingCells(family);
  const samples = toSamples(table, missing);
  if (samples.columns !== dimension) {
    throw new InvalidInput(`the table has ${samples.columns} columns, but the mixture is ${dimension}-dimensional`);
  }
  family.requireSupport?.(samples);
  return { family, order, weights, parameters, noise, samples };
}
