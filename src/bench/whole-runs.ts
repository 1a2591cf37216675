import { availableParallelism } from 'node:os';
import { dfmr } from '../aggregate/dfmr';
import { adjustedRandIndex } from '../distance/adjusted-rand-index';
import { wasserstein1 } from '../distance/transport-divergence';
import { fit } from '../estimate/fit';
import { diagonalGaussian } from '../families/diagonal-gaussian';
import { gamma } from '../families/gamma';
import { gaussian } from '../families/gaussian';
import { sphericalGaussian } from '../families/spherical-gaussian';
import { randomStream } from '../math/random';
import type { Samples } from '../math/table';
import { diagonalGaussianMixture, gammaMixture, sphericalGaussianMixture } from '../mixture/constructors';
import { mixture } from '../mixture/mixture';
import { classify } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { fitAll } from '../protocol/fit-all';
import { normalNumbers, population } from './bench-inputs';
import { leastAndMedian, milliseconds, short } from './comparison';
import { iteration } from './em-comparisons';

/** Interleaved runs with weights of rows and without: the difference is small beside what other work on the machine changes. */
const WEIGHTED_ROUNDS = 40;

/** A mixture of K components that overlap in d features. */
function overlapping(K: number, d: number, seed: number) {
  const random = randomStream(seed, `${d}, ${K}`);
  const normal = normalNumbers(random);
  return mixture(
    gaussian,
    new Array(K).fill(1 / K),
    Array.from({ length: K }, () => ({
      mean: Array.from({ length: d }, () => normal()),
      covariance: Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? 0.5 + random() : 0)),
    })),
  );
}

/** The passes of accelerated EM over those of plain EM, for 18 mixtures that overlap. */
export function passes(): string {
  let logRatio = 0;
  for (const d of [2, 5, 10]) {
    for (const K of [3, 5]) {
      for (const seed of [1, 2, 3]) {
        const table = sample(overlapping(K, d, seed), 4000, seed).data;
        const run = (accelerate: boolean) =>
          fit(table, { order: K, starts: 1, initialisation: 'k-means++', seed, maxIterations: 10_000, accelerate })
            .iterations;
        logRatio += Math.log(run(true) / run(false)) / 18;
      }
    }
  }
  return `| EM to convergence, 18 overlapping mixtures: passes | | plain EM's | | **${short(Math.exp(logRatio))}** | ≤ 0.5 |`;
}

/** Times of 100 fits on two threads and on one. */
export async function threads(): Promise<string> {
  const truth = population(5, 10, 1);
  const tables = Array.from({ length: 100 }, (_, i) => sample(truth, 5000, i).data);
  const options = { order: 5, start: truth, tolerance: 1e-9 };
  const time = async (workers: number) => {
    const start = performance.now();
    await fitAll(tables, { ...options, workers });
    return performance.now() - start;
  };
  const [one, two]: [number[], number[]] = [[], []];
  for (let round = 0; round < 5; round++) {
    two.push(await time(2));
    one.push(await time(1));
  }
  const ratio = Math.min(...one) / Math.min(...two);
  return `| 100 fits, n = 5000, d = 10, two threads | ${leastAndMedian(two)} | one thread | ${leastAndMedian(one)} | **${short(ratio)}** | ≥ 1.7 |`;
}

/** The time of all that a repetition of the paper's largest Gaussian cell needs. */
export async function repetition(): Promise<string> {
  const truth = population(5, 10, 0.9);
  const tables = Array.from({ length: 100 }, (_, i) => sample(truth, 5000, i).data);
  const start = performance.now();
  const fits = await fitAll(tables, { order: 5, start: truth, workers: Math.min(2, availableParallelism()) });
  const result = dfmr(fits);
  wasserstein1(result, truth);
  for (const table of tables) adjustedRandIndex(classify(result, table), classify(truth, table));
  const time = performance.now() - start;
  return `| repetition, m = 100, n = 5000, two threads | ${short(time)} | the published Python, elsewhere | 38 000 | **${short(38_000 / time)}** | ≥ 40 |`;
}

/** Times of EM iterations over rows that have weights beside those over the same rows without, in interleaved runs. */
export function weightedRows(): string[] {
  const shapes = [
    { n: 50_000, d: 10, K: 5 },
    { n: 50_000, d: 4, K: 4 },
    { n: 50_000, d: 2, K: 3 },
  ];
  const gaussians = shapes.map(({ n, d, K }) => {
    const truth = population(K, d, 1);
    const { data } = sample(truth, n, 1);
    const { mixture: start } = fit(data, { start: truth, maxIterations: 1 });
    return line(`n = 50 000, d = ${d}, K = ${K}`, data, (rows) => iteration(gaussian, rows, start));
  });
  const gammas = gammaMixture({ weights: [1 / 3, 1 / 3, 1 / 3], shapes: [1, 8, 30], scales: [1, 6, 10] });
  const { data } = sample(gammas, 100_000, 1);
  return [...gaussians, line('gamma, n = 100 000, K = 3', data, (rows) => iteration(gamma, rows, gammas))];

  function line(name: string, data: Samples, iterationOf: (rows: Samples) => () => unknown): string {
    const random = randomStream(1, 'weights');
    const runs = [{ ...data, weights: Float64Array.from({ length: data.rows }, () => 0.5 + random()) }, data].map(
      iterationOf,
    );
    const times = runs.map((): number[] => []);
    for (let round = 0; round < WEIGHTED_ROUNDS; round++)
      for (const [i, run] of runs.entries()) times[i].push(milliseconds(run));
    const [own, without] = times;
    const ratio = short(Math.min(...own) / Math.min(...without));
    return `| weights of rows: EM iteration, ${name} | ${leastAndMedian(own)} | none | ${leastAndMedian(without)} | **${ratio}** | ≤ 1.1 |`;
  }
}

/** Times of EM iterations of Gaussians without correlations beside those of full covariances, in interleaved runs. */
export function axisRows(): string[] {
  const truth = population(5, 10, 1);
  const { data } = sample(truth, 100_000, 1);
  const [weights, means] = [truth.weights, truth.parameters.map(({ mean }) => mean)];
  const starts = {
    full: iteration(gaussian, data, truth),
    diagonal: iteration(
      diagonalGaussian,
      data,
      diagonalGaussianMixture({ weights, means, variances: means.map((mean) => mean.map(() => 1)) }),
    ),
    spherical: iteration(
      sphericalGaussian,
      data,
      sphericalGaussianMixture({ weights, means, variances: means.map(() => 1) }),
    ),
  };
  const names = ['full', 'diagonal', 'spherical'] as const;
  const times = names.map((): number[] => []);
  for (let round = 0; round < WEIGHTED_ROUNDS; round++)
    for (const [i, name] of names.entries()) times[i].push(milliseconds(starts[name]));
  const [full, ...others] = times;
  return others.map((own, i) => {
    const ratio = short(Math.min(...full) / Math.min(...own));
    return `| EM iteration, n = 100 000, d = 10, K = 5, ${names[i + 1]} | ${leastAndMedian(own)} | the full ones | ${leastAndMedian(full)} | **${ratio}** | ≥ 2 |`;
  });
}
