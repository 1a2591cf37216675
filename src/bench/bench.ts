import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { dfmr } from '../aggregate/dfmr';
import { reduce } from '../aggregate/reduce';
import { trim } from '../aggregate/trim';
import { adjustedRandIndex } from '../distance/adjusted-rand-index';
import { l2DistanceMatrix } from '../distance/l2';
import { wasserstein1 } from '../distance/transport-divergence';
import { fit } from '../estimate/fit';
import { gamma } from '../families/gamma';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { randomStream } from '../math/random';
import { type Samples, takeRows } from '../math/table';
import { gammaMixture, gaussianMixture } from '../mixture/constructors';
import { type Mixture, mixture } from '../mixture/mixture';
import { classify } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { fitAll } from '../protocol/fit-all';
import { readNpy } from '../tables/npy';

// Times of the library beside those of its peers, in interleaved runs of one process each: npm run bench [word of a row …]

const ROUNDS = 9;

/** For so many milliseconds the work runs before it is timed, until it is compiled. */
const WARM_UP = 400;
const folder = mkdtempSync(path.join(tmpdir(), 'bench-'));
const wanted = process.argv.slice(2);

interface Row {
  readonly work: string;
  readonly peer: string;
  readonly goal: string;
  /** the work, once */
  readonly run: () => unknown;
  /** what the peers are asked, if they are; of several, the faster counts */
  readonly tasks: readonly object[];
  /** whom they are asked: bench.py if not given */
  readonly language?: 'R';
}

/** A process of Python or R that times what it is asked. */
class Peer {
  private readonly process: ChildProcessWithoutNullStreams;
  private readonly lines: AsyncIterator<string>;

  constructor(program: string, script: string) {
    this.process = spawn(program, [path.join(__dirname, '../../src/bench', script)]);
    this.process.stderr.pipe(process.stderr);
    this.lines = createInterface(this.process.stdout)[Symbol.asyncIterator]();
  }

  async ask(line: string): Promise<string> {
    this.process.stdin.write(`${line}\n`);
    const { value, done } = await this.lines.next();
    if (done) throw new Error('the peer has ended: see above');
    return value;
  }

  end(): void {
    this.process.kill();
  }
}

const python = ['/usr/bin/python3', 'python3'].find(
  (name) => spawnSync(name, ['-c', 'import numpy, scipy, sklearn']).status === 0,
);
const hasR = spawnSync('Rscript', ['-e', 'library(mclust); library(jsonlite)']).status === 0;

function peersOf({ tasks, language }: Row): Peer[] {
  if (language) return hasR ? tasks.map(() => new Peer('Rscript', 'bench.R')) : [];
  return python ? tasks.map(() => new Peer(python, 'bench.py')) : [];
}

function file(name: string, numbers: Float64Array | Int32Array): string {
  const where = path.join(folder, name);
  writeFileSync(where, Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength));
  return where;
}

const milliseconds = (run: () => unknown): number => {
  const start = performance.now();
  run();
  return performance.now() - start;
};

/** A mixture of unit covariances whose means are `spread` apart. */
function population(K: number, d: number, spread: number): Mixture<GaussianParameter> {
  const random = randomStream(1, 'bench');
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const identity = Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? 1 : 0));
  return gaussianMixture({
    weights: new Array(K).fill(1 / K),
    means: Array.from({ length: K }, () => Array.from({ length: d }, () => spread * normal())),
    covariances: new Array(K).fill(identity),
  });
}

/** One iteration of EM: the pass and the M-step, with the penalty. */
function iteration<P>(family: typeof gaussian | typeof gamma, samples: Samples, start: Mixture<P>): () => unknown {
  const problem = (family as typeof gaussian).localProblem(samples, samples.rows ** -0.5);
  const parameters = start.parameters as unknown as readonly GaussianParameter[];
  return () => {
    const next = problem.fast?.pass(start.weights, parameters)?.next()?.parameters as readonly GaussianParameter[];
    return next.reduce((sum, parameter) => sum + (problem.penalty?.(parameter) ?? 0), 0);
  };
}

function emRow(name: string, samples: Samples, truth: Mixture<GaussianParameter>, goal: string): Row {
  const { rows: n, columns: d } = samples;
  const K = truth.order;
  const fitted = fit(samples, { start: truth, maxIterations: 2 }).mixture; // covariances that are not the identity
  const means = file(`${name}.means`, Float64Array.from(fitted.parameters.flatMap(({ mean }) => [...mean])));
  const task = { task: 'em', data: file(`${name}.x`, samples.data), n, d, K, means };
  return {
    work: `EM iteration, ${name}`,
    peer: 'scikit-learn, better of 1 and 2 threads',
    goal,
    run: iteration(gaussian, samples, fitted),
    tasks: [1, 2].map((threads) => ({ ...task, threads })),
  };
}

/** Estimates of m machines, each with its own sampling error. */
function estimates(m: number, K: number, d: number): Mixture<GaussianParameter>[] {
  const truth = population(K, d, d > 20 ? 0.4 : 1);
  return Array.from(
    { length: m },
    (_, i) => fit(sample(truth, 60 * d, i).data, { start: truth, maxIterations: 2 }).mixture,
  );
}

function stored(name: string, machines: readonly Mixture<GaussianParameter>[]) {
  const [{ order: K, dimension: d }] = machines;
  const parameters = machines.flatMap((one) => one.parameters);
  return {
    weights: file(`${name}.w`, Float64Array.from(machines.flatMap(({ weights }) => [...weights]))),
    means: file(`${name}.m`, Float64Array.from(parameters.flatMap(({ mean }) => [...mean]))),
    covariances: file(`${name}.s`, Float64Array.from(parameters.flatMap(({ covariance }) => [...covariance]))),
    m: machines.length,
    K,
    d,
  };
}

function rows(): Row[] {
  const chosen = (work: string) => wanted.length === 0 || wanted.some((word) => work.includes(word));
  const list: (() => Row)[] = [];
  const add = (work: string, make: () => Row) => {
    if (chosen(work)) list.push(make);
  };
  for (const n of [5000, 50_000, 500_000]) {
    const name = `n = ${n}, d = 10, K = 5`;
    add(`EM iteration, ${name}`, () => {
      const truth = population(5, 10, 1);
      return emRow(name, sample(truth, n, 1).data, truth, '≥ 5');
    });
  }
  add('EM iteration, n = 5000, d = 10, K = 5', () => {
    const truth = population(5, 10, 1);
    const row = emRow('n = 5000, d = 10, K = 5', sample(truth, 5000, 1).data, truth, '');
    return { ...row, peer: 'R, mclust', tasks: row.tasks.slice(0, 1), language: 'R' };
  });
  add('EM iteration, n = 5000, d = 50, K = 10, overlapping', () => {
    const truth = population(10, 50, 0.2);
    return emRow('n = 5000, d = 50, K = 10, overlapping', sample(truth, 5000, 1).data, truth, '≥ 1.7');
  });
  add('EM iteration, n = 5000, d = 50, K = 10, digits', () => {
    const digits = takeRows(readNpy(path.join(__dirname, '../../data/nist-digits-features.npy')), [
      ...Array(5000).keys(),
    ]);
    const { mixture: start } = fit(digits, { order: 10, starts: 1, maxIterations: 3 });
    return emRow('n = 5000, d = 50, K = 10, digits', digits, start, '≥ 6');
  });
  for (const [m, K, d, goal] of [
    [100, 5, 10, '≥ 10'],
    [30, 10, 50, '≥ 4'],
  ] as const) {
    const work = `L² matrix, m = ${m}, K = ${K}, d = ${d}`;
    add(work, () => {
      const machines = estimates(m, K, d);
      const task = { task: 'l2', ...stored(work.replace(/\W+/g, '-'), machines) };
      return { work, peer: 'NumPy, one batched Cholesky', goal, run: () => l2DistanceMatrix(machines), tasks: [task] };
    });
  }
  for (const [work, trimming] of [
    ['reduction of 500 components to 5, d = 10', 0],
    ['Trim of 500 components to 5, d = 10', 0.5],
  ] as const) {
    add(work, () => {
      const machines = estimates(100, 5, 10);
      const [start] = machines;
      const run = () => (trimming > 0 ? trim(machines, { start, trimming }) : reduce(machines, { start }));
      const task = { task: 'reduction', ...stored(`reduction-${trimming}`, machines), trimming };
      return { work, peer: 'NumPy, vectorised', goal: '≥ 3', run, tasks: [task] };
    });
  }
  add('classify 500 000 × 10, K = 5', () => {
    const truth = population(5, 10, 1);
    const { data } = sample(truth, 500_000, 1);
    const means = file('classify.m', Float64Array.from(truth.parameters.flatMap(({ mean }) => [...mean])));
    const task = { task: 'classify', data: file('classify.x', data.data), means, n: 500_000, d: 10, K: 5 };
    return {
      work: 'classify 500 000 × 10, K = 5',
      peer: 'NumPy',
      goal: '≥ 4',
      run: () => classify(truth, data),
      tasks: [task],
    };
  });
  add('ARI of 500 000 labels', () => {
    const random = randomStream(1, 'labels');
    const both = Int32Array.from({ length: 1_000_000 }, () => Math.floor(5 * random()));
    const [a, b] = [both.subarray(0, 500_000), both.subarray(500_000)];
    const task = { task: 'ari', labels: file('ari', both), n: 500_000 };
    return {
      work: 'ARI of 500 000 labels',
      peer: 'scikit-learn',
      goal: '≥ 4',
      run: () => adjustedRandIndex(a, b),
      tasks: [task],
    };
  });
  add('gamma EM iteration, n = 100 000, K = 3', () => {
    const truth = gammaMixture({ weights: [1 / 3, 1 / 3, 1 / 3], shapes: [1, 8, 30], scales: [1, 6, 10] });
    const { data } = sample(truth, 100_000, 1);
    const task = { task: 'gamma', data: file('gamma.x', data.data), n: 100_000 };
    return {
      work: 'gamma EM iteration, n = 100 000, K = 3',
      peer: 'SciPy, vectorised',
      goal: '≥ 3',
      run: iteration(gamma, data, truth),
      tasks: [task],
    };
  });
  return list.map((make) => make());
}

const median = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
const short = (time: number): string => `${Number(time.toPrecision(3))}`;

async function compare(row: Row): Promise<string> {
  const { work, peer, goal, run, tasks } = row;
  const peers = peersOf(row);
  const ready: Peer[] = [];
  for (const [i, one] of peers.entries()) {
    if ((await one.ask(JSON.stringify(tasks[i]))) === 'ready') ready.push(one);
  }
  for (const start = performance.now(); performance.now() - start < WARM_UP; ) run();
  const own: number[] = [];
  const others = ready.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    own.push(milliseconds(run));
    for (const [i, one] of ready.entries()) others[i].push(Number(await one.ask('run')));
  }
  for (const one of peers) one.end();
  const least = Math.min(...own);
  const best = others.toSorted((a, b) => Math.min(...a) - Math.min(...b))[0];
  const theirs = best ? `${short(Math.min(...best))} (${short(median(best))})` : 'not installed';
  const ratio = best ? `**${short(Math.min(...best) / least)}**` : '';
  return `| ${work} | ${short(least)} (${short(median(own))}) | ${peer} | ${theirs} | ${ratio} | ${goal} |`;
}

/** Passes of plain and of accelerated EM over 18 mixtures that overlap. */
function passes(): string {
  let logRatio = 0;
  for (const d of [2, 5, 10]) {
    for (const K of [3, 5]) {
      for (const seed of [1, 2, 3]) {
        const random = randomStream(seed, `${d}, ${K}`);
        const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
        const truth = mixture(
          gaussian,
          new Array(K).fill(1 / K),
          Array.from({ length: K }, () => ({
            mean: Array.from({ length: d }, () => normal()),
            covariance: Array.from({ length: d * d }, (_, i) => (i % (d + 1) === 0 ? 0.5 + random() : 0)),
          })),
        );
        const table = sample(truth, 4000, seed).data;
        const run = (accelerate: boolean) =>
          fit(table, { order: K, starts: 1, seed, maxIterations: 10_000, accelerate }).iterations;
        logRatio += Math.log(run(true) / run(false)) / 18;
      }
    }
  }
  return `| EM to convergence, 18 overlapping mixtures: passes | | plain EM's | | **${short(Math.exp(logRatio))}** | ≤ 0.5 |`;
}

async function threads(): Promise<string> {
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
  const [a, b] = [Math.min(...two), Math.min(...one)];
  return `| 100 fits, n = 5000, d = 10, two threads | ${short(a)} (${short(median(two))}) | one thread | ${short(b)} (${short(median(one))}) | **${short(b / a)}** | ≥ 1.7 |`;
}

/** All that a repetition of the paper's largest Gaussian cell needs. */
async function repetition(): Promise<string> {
  const truth = population(5, 10, 0.9);
  const tables = Array.from({ length: 100 }, (_, i) => sample(truth, 5000, i).data);
  const start = performance.now();
  const fits = await fitAll(tables, { order: 5, start: truth, workers: Math.min(2, availableParallelism()) });
  const result = dfmr(fits);
  wasserstein1(result, truth);
  for (const table of tables) adjustedRandIndex(classify(result, table), classify(truth, table));
  const time = performance.now() - start;
  return `| repetition, m = 100, n = 5000, two threads | ${short(time)} | the published Python, elsewhere | 38 000 | **${short(38_000 / time)}** | ≥ 30 |`;
}

/** How times grow when sizes do. */
function growth(): string[] {
  const table = (n: number, K: number) => {
    const truth = population(K, 10, 1);
    const run = iteration(
      gaussian,
      sample(truth, n, 1).data,
      fit(sample(truth, n, 1).data, { start: truth, maxIterations: 1 }).mixture,
    );
    return Math.min(...Array.from({ length: 7 }, () => milliseconds(run)));
  };
  const matrix = (m: number) => {
    const machines = estimates(m, 5, 10);
    return Math.min(...Array.from({ length: 5 }, () => milliseconds(() => l2DistanceMatrix(machines))));
  };
  const line = (name: string, sizes: readonly number[], time: (size: number) => number) =>
    `| ${name} | ${sizes.map((size) => `${size}: ${short(time(size))} ms`).join(' | ')} |`;
  return [
    line('EM iteration, d = 10, K = 5, n =', [20_000, 80_000, 320_000], (n) => table(n, 5)),
    line('EM iteration, d = 10, n = 20 000, K =', [2, 8, 32], (K) => table(20_000, K)),
    line('L² matrix, K = 5, d = 10, m =', [25, 100, 400], matrix),
  ];
}

async function main(): Promise<void> {
  const [{ model }] = cpus();
  console.log(
    `${model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB; Node ${process.versions.node}; times in ms, least (median) of ${ROUNDS} interleaved runs.\n`,
  );
  console.log('| work | dfmr | peer | its time | ratio | goal |\n|---|---|---|---|---|---|');
  for (const row of rows()) console.log(await compare(row));
  if (wanted.length === 0) {
    console.log(passes());
    console.log(await threads());
    console.log(await repetition());
    console.log('\n| growth | | | |\n|---|---|---|---|');
    for (const line of growth()) console.log(line);
  }
  rmSync(folder, { recursive: true });
}

main();
