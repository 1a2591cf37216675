import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unlessError } from '../errors';
import { fit } from '../estimate/fit';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { columnMoments } from '../math/column-moments';
import type { Samples } from '../math/table';
import { gaussianMixture } from '../mixture/constructors';
import type { Mixture } from '../mixture/mixture';
import { csvOf } from '../tables/write-csv';
import { fitProblems } from './fit-problems';

// npm run fit-peers -- data/fit-peers.csv: the maxima that fits find beside those of scikit-learn, mclust and mixtools, and the CPU
// seconds of each. Every solution is polished by our EM, and judged by the published penalised likelihood. With a folder as second
// argument, the problems and what the peers answer stay there; a third, 1, 2, …, is a set of other problems of the same shapes.

/** The starts of ours, and scikit-learn's n_init. */
const STARTS = 10;

/** Runs of which the fastest counts; mixtools has one, as it takes minutes. */
const RUNS = 3;

/** A peer's solution with a variance below this share of the column's is a likelihood without bound, and left out. */
const MIN_VARIANCE_SHARE = 1e-6;

/** Maxima that are no farther apart, in nats, are equal. */
const EQUAL = 1e-3;

interface Answer {
  readonly solution: {
    readonly weights: readonly number[];
    readonly means: readonly (readonly number[])[];
    readonly covariances: readonly (readonly (readonly number[])[])[];
  } | null;
  readonly seconds: number;
}

const peers = ['scikit-learn', 'mclust', 'mixtools'] as const;

/** What the peers answer to all problems, by the files of a folder; who answered there before is not asked again. */
function answersOf(folder: string): Record<(typeof peers)[number], Answer[]> {
  const ask = (name: string, program: string, script: string, ...words: readonly string[]): Answer[] => {
    const file = path.join(folder, `${name}.json`);
    const command = [path.join(__dirname, '../../src/bench', script), folder, ...words];
    if (!existsSync(file)) execFileSync(program, command, { stdio: ['ignore', 'inherit', 'ignore'] });
    return JSON.parse(readFileSync(file, 'utf8'));
  };
  return {
    'scikit-learn': ask('scikit-learn', '/usr/bin/python3', 'fit-peers.py', `${STARTS}`, `${RUNS}`),
    mclust: ask('mclust', 'Rscript', 'fit-peers.R', 'mclust', `${RUNS}`),
    mixtools: ask('mixtools', 'Rscript', 'fit-peers.R', 'mixtools', '1'),
  };
}

/** The penalised log-likelihood pℓ where EM ends that begins at a solution. */
const polished = (samples: Samples, start: Mixture<GaussianParameter>): number =>
  fit(samples, { start, tolerance: 1e-11, maxIterations: 20_000, accelerate: true }).penalisedLogLikelihood;

/** pℓ of a peer's solution, polished; undefined if there is none, or it is left out. */
function polishedValueOf(samples: Samples, { solution }: Answer): number | undefined {
  if (!solution?.weights) return undefined;
  const { weights, means, covariances } = solution;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return unlessError(() => {
    const start = gaussianMixture({ weights: weights.map((weight) => weight / total), means, covariances });
    const { columns: d } = samples;
    const smallest = Array.from({ length: d }, (_, c) => MIN_VARIANCE_SHARE * columnMoments(samples, c).variance);
    const spurious = start.parameters.some(({ covariance }) =>
      smallest.some((least, c) => !(covariance[c * d + c] >= least)),
    );
    return spurious ? undefined : polished(samples, start);
  });
}

/** Our fit, and the CPU seconds of the fastest of some runs. */
function ours(samples: Samples, order: number): { value: number; seconds: number } {
  let [value, seconds] = [-Infinity, Infinity];
  for (let run = 0; run < RUNS; run++) {
    const before = process.cpuUsage();
    const { mixture } = fit(samples, { order, starts: STARTS });
    const { user, system } = process.cpuUsage(before);
    seconds = Math.min(seconds, (user + system) / 1e6);
    if (run === 0) value = polished(samples, mixture);
  }
  return { value, seconds };
}

function main(file: string, given?: string, set = 0): void {
  const problems = fitProblems(set);
  const folder = given ?? mkdtempSync(path.join(tmpdir(), 'fit-peers-'));
  const inputs = problems.map(({ shape, samples, order }, i) => {
    writeFileSync(path.join(folder, `${i}.f64`), Buffer.from(samples.data.buffer));
    return { file: `${i}.f64`, shape, n: samples.rows, d: samples.columns, K: order };
  });
  writeFileSync(path.join(folder, 'problems.json'), JSON.stringify(inputs));
  const answers = answersOf(folder);
  for (const { samples, order } of problems.slice(0, 30)) fit(samples, { order }); // so that all is compiled
  const rows = problems.map(({ shape, samples, order }, i) => {
    const own = ours(samples, order);
    const values = peers.map((name) => polishedValueOf(samples, answers[name][i]));
    const best = Math.max(...values.map((value) => value ?? -Infinity));
    const six = (value: number | undefined) => value && Number(value.toFixed(4));
    const seconds = (value: number) => Number(value.toFixed(3));
    return {
      shape,
      ...{ n: samples.rows, d: samples.columns, K: order },
      ours: six(own.value),
      ...Object.fromEntries(peers.map((name, p) => [name, six(values[p])])),
      atLeastBest: own.value >= best - EQUAL,
      oursSeconds: seconds(own.seconds),
      ...Object.fromEntries(peers.map((name) => [`${name}Seconds`, seconds(answers[name][i].seconds)])),
    };
  });
  writeFileSync(file, csvOf(rows));
  const won = rows.filter(({ atLeastBest }) => atLeastBest).length;
  const total = (name: string) =>
    rows.reduce((sum, row) => sum + ((row as Record<string, unknown>)[`${name}Seconds`] as number), 0).toFixed(1);
  console.log(`${won} of ${rows.length} at least as high as the best of the peers`);
  console.log(`CPU seconds: ours ${total('ours')}, ${peers.map((name) => `${name} ${total(name)}`).join(', ')}`);
  if (given === undefined) rmSync(folder, { recursive: true });
}

main(process.argv[2] ?? 'data/fit-peers.csv', process.argv[3], Number(process.argv[4] ?? 0));
