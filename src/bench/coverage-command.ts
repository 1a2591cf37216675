import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { progress } from '../jupyter/show/progress';
import { gammaMixture, gaussianMixture } from '../mixture/constructors';
import { csvOf } from '../tables/write-csv';
import { type CoverageDesign, runCoverage, summariseCoverage } from './coverage';

// npm run coverage: how often the bootstrap's and the asymptotic intervals hold the true value. It can be stopped, and resumes.

const two = gaussianMixture({ weights: [0.4, 0.6], means: [[0], [4]], covariances: [[[1]], [[2]]] }).toJSON();
const plane = gaussianMixture({
  weights: [0.5, 0.5],
  means: [
    [0, 0],
    [3, 1],
  ],
  covariances: [
    [
      [1, 0.5],
      [0.5, 1],
    ],
    [
      [0.5, 0],
      [0, 1],
    ],
  ],
}).toJSON();
const lifetimes = gammaMixture({ weights: [0.4, 0.6], shapes: [4, 25], scales: [1, 0.8] }).toJSON();

const design: CoverageDesign = {
  settings: [
    { population: 'two Gaussians', truth: two, machines: 1, sampleSize: 100, rule: 'vanilla' },
    { population: 'two Gaussians', truth: two, machines: 20, sampleSize: 50, rule: 'vanilla' },
    { population: 'two Gaussians', truth: two, machines: 4, sampleSize: 100, rule: 'components' },
    { population: 'two Gaussians in the plane', truth: plane, machines: 3, sampleSize: 100, rule: 'vanilla' },
    { population: 'two gamma distributions', truth: lifetimes, machines: 3, sampleSize: 100, rule: 'vanilla' },
  ],
  simulations: 99,
  level: 0.95,
  seed: 'coverage',
};

interface Flags {
  readonly repetitions: string;
  readonly out: string;
  readonly summary?: string;
  readonly workers: string;
}

new Command('coverage')
  .description('How often 95 % intervals hold the true value: those of the bootstrap beside the asymptotic ones.')
  .option('-r, --repetitions <R>', 'of each population', '200')
  .option('-o, --out <file>', 'where repetitions are kept as they come', 'coverage.jsonl')
  .option('-s, --summary <file>', 'a CSV of the table')
  .option('-w, --workers <count>', 'threads', String(availableParallelism()))
  .action(async ({ repetitions, out, summary, workers }: Flags) => {
    const results = await runCoverage(design, {
      repetitions: Number(repetitions),
      workers: Number(workers),
      file: out,
      onProgress: progress('coverage'),
    });
    const rows = summariseCoverage(results);
    console.table(rows.filter(({ coordinate }) => coordinate === 'all'));
    if (summary !== undefined) writeFileSync(summary, csvOf(rows));
  })
  .parseAsync();
