import { randomNormal } from 'd3-random';
import { InvalidInput } from '../errors';
import { type ExpertsModel, expertsModel } from '../experts/model';
import { requireNonNegative, requirePositiveInteger } from '../math/checks';
import { randomStream, type Seed } from '../math/random';
import { type Samples, samplesOf } from '../math/table';

/** Options of `expertsPopulation`. */
export interface ExpertsPopulationOptions {
  /** K, the number of experts */
  readonly order: number;
  /** d */
  readonly covariates: number;
  /**
   * the standard deviation of the slopes; that of the constants is 4/3 of it. Small ones make experts that are hard to tell apart
   * @defaultValue 3
   */
  readonly slopes?: number;
  /**
   * the standard deviation of the gates' slopes; that of their constants is 0.3 of it. 0 for constant, equal gates
   * @defaultValue 1
   */
  readonly gates?: number;
  /** a number or a word */
  readonly seed: Seed;
}

/**
 * A random mixture of linear experts, for simulations: slopes N(0, 3²), gates N(0, 1) against the last expert, variances from U(½, 1½).
 * @param options how many experts and covariates, how different they are, and the seed
 * @returns the mixture of experts
 * @throws InvalidInput if an option is not a number that it can be
 * @example
 * const population = expertsPopulation({ order: 3, covariates: 2, seed: 1 });
 * const x = expertsCovariates(500, { covariates: 2, seed: 1 });
 * const { data, labels } = sampleExperts(population, x, 1);
 * [population.order, data.rows]; // [3, 500]
 */
export function expertsPopulation(options: ExpertsPopulationOptions): ExpertsModel {
  const { order: K, covariates: d, slopes = 3, gates = 1, seed } = options;
  requirePositiveInteger('order', K);
  requirePositiveInteger('covariates', d);
  requireNonNegative('slopes', slopes);
  requireNonNegative('gates', gates);
  const random = randomStream(seed, 'population of experts');
  const normal = randomNormal.source(random)();
  const line = (deviation: number, ofConstant: number) =>
    Array.from({ length: 1 + d }, (_, j) => (j === 0 ? ofConstant : 1) * deviation * normal());
  return expertsModel({
    gates: Array.from({ length: K }, (_, k) => line(k < K - 1 ? gates : 0, 0.3)),
    coefficients: Array.from({ length: K }, () => line(slopes, 4 / 3)),
    variances: Array.from({ length: K }, () => 0.5 + random()),
  });
}

/** Options of `expertsCovariates`. */
export interface ExpertsCovariatesOptions {
  /** d */
  readonly covariates: number;
  /**
   * the mean of each covariate, d numbers: of machines that see other rows
   * @defaultValue 0
   */
  readonly mean?: readonly number[];
  /** a number or a word */
  readonly seed: Seed;
}

/**
 * Rows of normal covariates of variance 1 and correlations 4^(−|u − v|), for simulations.
 * @param n how many rows
 * @param options how many covariates, their mean, and the seed
 * @returns n × d numbers
 * @throws InvalidInput if n or an option is not a number that it can be
 * @example
 * const x = expertsCovariates(200, { covariates: 4, seed: 'server' });
 * [x.rows, x.columns]; // [200, 4]
 */
export function expertsCovariates(n: number, options: ExpertsCovariatesOptions): Samples {
  const { covariates: d, mean, seed } = options;
  requirePositiveInteger('the number of rows', n);
  requirePositiveInteger('covariates', d);
  if (mean && !(mean.length === d && mean.every(Number.isFinite)))
    throw new InvalidInput(`mean is ${mean.join(', ')}: ${d} numbers are needed, one for each covariate`);
  const normal = randomNormal.source(randomStream(seed, 'covariates'))();
  const data = new Float64Array(n * d);
  for (let i = 0; i < n; i++) {
    let last = normal();
    for (let j = 0; j < d; j++) {
      data[i * d + j] = last + (mean?.[j] ?? 0);
      last = CORRELATION * last + Math.sqrt(1 - CORRELATION ** 2) * normal();
    }
  }
  return samplesOf(data, n, d);
}

/** Between neighbours. */
const CORRELATION = 0.25;
