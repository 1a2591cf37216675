import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aggregate } from '../aggregate/aggregate';
import { wasserstein1 } from '../distance/transport-divergence';
import { dfmrExpertsComponents } from '../experts/aggregate-experts';
import { type ExpertsModel, expertsModel } from '../experts/model';
import { sampleExperts } from '../experts/sample-experts';
import { randomStream } from '../math/random';
import { estimateFromJSON, type LocalEstimate } from '../messages/estimate-file';
import { readEstimates } from '../messages/screen';
import { gaussianMixture } from '../mixture/constructors';
import type { Mixture } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { csvOf } from '../tables/write-csv';

// Estimates that Python and R write by the recipes of notebooks/cluster/. `npm run end-to-end -- other-programs` needs Debian's
// python3-sklearn, r-cran-mclust, r-cran-flexmix and r-cran-jsonlite.

const recipes = path.join(__dirname, '../../notebooks/cluster');
const COMMAND = path.join(__dirname, '../../dist/cli/dfmr.js');
const cwd = mkdtempSync(path.join(tmpdir(), 'dfmr-other-programs-'));
afterAll(() => rmSync(cwd, { recursive: true }));
const PYTHON = '/usr/bin/python3'; // Debian's, whatever other is in the path

const truth = gaussianMixture({
  weights: [0.3, 0.7],
  means: [
    [0, 0],
    [5, 4],
  ],
  covariances: [
    [
      [1, 0.3],
      [0.3, 1],
    ],
    [
      [2, 0],
      [0, 0.5],
    ],
  ],
});
const runs = (command: string, ...words: string[]) =>
  execFileSync(command, words, { cwd, encoding: 'utf8', stdio: 'pipe' });

beforeAll(() => {
  for (let i = 0; i < 6; i++) {
    const { data, rows } = sample(truth, 500, i).data;
    const table = Array.from({ length: rows }, (_, j) => ({ 'length, "cm"': data[2 * j], width: data[2 * j + 1] }));
    writeFileSync(path.join(cwd, `plain-${i}.csv`), csvOf(table).replace(/^.*\n/, 'length,width\n'));
    writeFileSync(path.join(cwd, `one-${i}.csv`), csvOf(table.map(({ width }) => ({ width }))));
  }
});

/** The weights, means and covariances of an estimate. */
function numbersOf(mixture: Mixture): number[] {
  const { weights, parameters } = mixture.toJSON();
  const all = parameters as { mean: number[]; covariance: number[][] }[];
  return [...weights, ...all.flatMap(({ mean }) => mean), ...all.flatMap(({ covariance }) => covariance.flat())];
}
const estimateIn = (file: string) => estimateFromJSON(readFileSync(path.join(cwd, file), 'utf8'));

/** What the recipe's program has in memory, after it has run, as it writes float64 to a file. */
const PROGRAMS = [
  {
    name: 'scikit-learn',
    write: (table: string, order: string, out: string) =>
      runs(
        PYTHON,
        '-c',
        `import runpy, sys
sys.argv = ['', '${table}', '${order}', '${out}']
found = runpy.run_path('${recipes}/estimate_from_sklearn.py')
np, fit = found['np'], found['fit']
covariances = (fit.covariances_ + fit.covariances_.transpose(0, 2, 1)) / 2
np.concatenate([fit.weights_, fit.means_.ravel(), covariances.ravel()]).tofile('${out}.f8')`,
      ),
  },
  {
    name: 'mclust',
    write: (table: string, order: string, out: string) =>
      runs(
        'Rscript',
        '-e',
        `commandArgs <- function(...) c('${table}', '${order}', '${out}')
source('${recipes}/estimate-from-mclust.R')
p <- fit$parameters
S <- if (length(p$variance$sigmasq) && d == 1) p$variance$sigmasq else (p$variance$sigma + aperm(p$variance$sigma, c(2, 1, 3))) / 2
writeBin(as.double(c(p$pro, p$mean, S)), '${out}.f8', endian = 'little')`,
      ),
  },
];

it.each(PROGRAMS)('$name writes its mixture to the last bit', ({ write }) => {
  for (const [table, order] of [
    ['plain-0', '2'],
    ['plain-0', '1'],
    ['one-0', '2'],
    ['one-0', '1'],
  ]) {
    write(`${table}.csv`, order, 'estimate.json');
    const { mixture, machine, sampleSize, names } = estimateIn('estimate.json');
    const bytes = readFileSync(path.join(cwd, 'estimate.json.f8'));
    const own = Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(8 * i));
    expect(numbersOf(mixture)).toEqual(own);
    expect([machine, sampleSize, names]).toEqual([table, 500, table === 'one-0' ? ['width'] : ['length', 'width']]);
  }
});

it('estimates of both pass the door and are aggregated together', { timeout: 120_000 }, async () => {
  mkdirSync(path.join(cwd, 'sent'));
  for (let i = 0; i < 3; i++)
    runs(PYTHON, path.join(recipes, 'estimate_from_sklearn.py'), `plain-${i}.csv`, '2', `sent/plain-${i}.json`);
  for (let i = 3; i < 6; i++)
    runs('Rscript', path.join(recipes, 'estimate-from-mclust.R'), `plain-${i}.csv`, '2', `sent/plain-${i}.json`);
  runs(process.execPath, COMMAND, 'validate', 'sent'); // whose exit code is 0
  const files = readdirSync(path.join(cwd, 'sent')).map((name) => path.join(cwd, 'sent', name));
  const { estimates, refused } = await readEstimates(files);
  expect(refused).toEqual([]);
  const { result } = await aggregate(estimates);
  expect(result.kept).toHaveLength(6);
  expect(wasserstein1(result.mixture, truth)).toBeLessThan(0.15);
});

it('flexmix writes its regressions and gates to the last bit, and machines with them are aggregated', {
  timeout: 120_000,
}, async () => {
  const truth = expertsModel({
    gates: [
      [0.3, 1.2, 0],
      [0, 0, 0],
    ],
    coefficients: [
      [1, 2, -1],
      [-2, -1, 0.5],
    ],
    variances: [0.1, 0.25],
  });
  mkdirSync(path.join(cwd, 'experts'));
  const random = randomStream(1, 'flexmix');
  const rowsOf = (rows: number) => Array.from({ length: rows }, () => [4 * random() - 2, 2 * random() - 1]);
  for (let i = 0; i < 3; i++) {
    const x = rowsOf(500);
    const { data } = sampleExperts(truth, x, i).data;
    writeFileSync(path.join(cwd, `costs-${i}.csv`), csvOf(x.map(([a, b], j) => ({ a, b, cost: data[j] }))));
    const script = `commandArgs <- function(...) c('costs-${i}.csv', 'cost', '2', 'experts/costs-${i}.json')
source('${recipes}/estimate-from-flexmix.R')
writeBin(as.double(c(t(gates), found[1:3, ], found['sigma', ]^2)), 'costs.f8', endian = 'little')`;
    runs('Rscript', '-e', script);
    const { model, responses, names } = estimateIn(`experts/costs-${i}.json`) as {
      model: ExpertsModel;
    } & LocalEstimate;
    const bytes = readFileSync(path.join(cwd, 'costs.f8'));
    const own = Array.from({ length: bytes.length / 8 }, (_, j) => bytes.readDoubleLE(8 * j));
    expect([...model.gates.flat(), ...model.coefficients.flat(), ...(model.variances ?? [])]).toEqual(own);
    expect([names, responses]).toEqual([['a', 'b'], ['cost']]);
  }
  runs(process.execPath, COMMAND, 'validate', 'experts');
  const files = readdirSync(path.join(cwd, 'experts')).map((name) => path.join(cwd, 'experts', name));
  const covariates = rowsOf(200);
  const { estimates, refused } = await readEstimates(files, { covariates });
  expect(refused).toEqual([]);
  const { coefficients } = dfmrExpertsComponents(
    estimates.map(({ model }) => model as ExpertsModel),
    covariates,
  ).model;
  const sorted = [...coefficients].sort((a, b) => b[0] - a[0]);
  truth.coefficients.forEach((row, k) => {
    row.forEach((value, j) => {
      expect(Math.abs(sorted[k][j] - value)).toBeLessThan(0.1);
    });
  });
});
