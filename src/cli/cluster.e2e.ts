import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { gaussianMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';
import { csvOf } from '../tables/write-csv';
import { type Slurm, startSlurm, until } from './slurm.fixture';

// The recipes of notebooks/cluster/ under real schedulers: Slurm with three nodes on this machine, Snakemake over it, GNU parallel.
// `npm run end-to-end -- cluster` needs slurmctld, slurmd, slurm-client, munge, snakemake and parallel.

const COMMAND = path.join(__dirname, '../../dist/cli/dfmr.js');
const recipes = path.join(__dirname, '../../notebooks/cluster');
const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-cluster-'));
const at = (...parts: string[]) => path.join(folder, ...parts);
let slurm: Slurm;

beforeAll(async () => {
  chmodSync(folder, 0o755); // munged trusts no folder that others may write to
  mkdirSync(at('slurm'));
  slurm = await startSlurm(at('slurm'));
  await until('three nodes are idle', () => /^3\s+idle/m.test(spawned('sinfo', '-h', '-o', '%D %T')));
});
afterAll(async () => {
  await slurm?.stop();
  rmSync(folder, { recursive: true });
});

const spawned = (command: string, ...words: string[]): string =>
  spawnSync(command, words, { env: slurm.environment, encoding: 'utf8' }).stdout;

/** Runs a recipe, which calls `dfmr` by a wrapper that can be told to stand still. */
function submitted(cwd: string, dfmr: string, recipe: string, ...words: string[]): string {
  return execFileSync('sh', [path.join(recipes, recipe), ...words], {
    cwd,
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...slurm.environment, DFMR: dfmr },
  }).trim();
}

/** A command for DFMR: some lines of shell, and then dfmr. */
function wrapped(name: string, lines: string): string {
  writeFileSync(at(name), `#!/bin/sh\n${lines}\nexec ${process.execPath} ${COMMAND} "$@"\n`, { mode: 0o755 });
  return at(name);
}

const queueIsEmpty = () => spawned('squeue', '-h').trim() === '';
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
/** The machines of which something was used. */
const usedIn = (file: string): string[] =>
  json(file)
    .machines.filter(({ verdict }: { verdict: string }) => verdict !== 'set aside')
    .map(({ machine }: { machine: string }) => path.basename(machine));

const identity = [
  [1, 0],
  [0, 1],
];
const mixtureAt = (shift: number) =>
  gaussianMixture({
    weights: [0.4, 0.6],
    means: [
      [0, shift],
      [6, 6],
    ],
    covariances: [identity, identity],
  });

function writeShards(cwd: string, count: number, { broken, liar }: { broken: number; liar?: number }): void {
  mkdirSync(path.join(cwd, 'shards'), { recursive: true });
  for (let i = 0; i < count; i++) {
    const { data, rows } = sample(mixtureAt(i === liar ? 30 : 0), 300, i).data;
    const table = Array.from({ length: rows }, (_, j) => ({ x: data[2 * j], y: data[2 * j + 1] }));
    writeFileSync(path.join(cwd, `shards/ward-${i}.csv`), i === broken ? 'x,y\n1,2\n3\n' : csvOf(table));
  }
}

it('Slurm: an array with a failed, a cancelled, a killed and a lying task is aggregated over the others', async () => {
  const cwd = at('fits');
  writeShards(cwd, 9, { broken: 1, liar: 2 });
  const dfmr = wrapped('killed.sh', `case "$*" in *ward-3.csv*) echo $$ > ${at('killed.pid')}; exec sleep 300;; esac`);
  submitted(cwd, dfmr, 'slurm.sh', 'shards', '9', '2', 'run');
  const fit = /^(\d+)_/m.exec(spawned('squeue', '-h', '-n', 'fit', '-o', '%i'))?.[1];
  spawned('scancel', `${fit}_8`);
  await until(
    'the task to be killed runs',
    () => existsSync(at('killed.pid')) && readFileSync(at('killed.pid')).length > 0,
    120,
  );
  process.kill(Number(readFileSync(at('killed.pid'), 'utf8')), 'SIGKILL');
  await until('all jobs have ended', queueIsEmpty, 180);
  const sent = [0, 2, 4, 5, 6, 7].map((i) => `ward-${i}.json`);
  expect(readdirSync(path.join(cwd, 'run/estimates'))).toEqual(sent);
  expect(usedIn(path.join(cwd, 'run/mixture.json'))).toEqual(sent);
  const log = readFileSync(path.join(cwd, 'run/log/aggregate.out'), 'utf8');
  expect(log).toMatch(/3 of 9 machines/);
  expect(log).toMatch(/ward-2\.json is set aside/);
  expect(existsSync(path.join(cwd, 'run/report.html'))).toBe(true);
});

it('Slurm: when half of the tasks fail, there is no mixture', async () => {
  const cwd = at('dead');
  writeShards(cwd, 4, { broken: 1 });
  const dfmr = wrapped('dying.sh', 'case "$*" in fit*ward-3.csv*) exit 1;; esac');
  submitted(cwd, dfmr, 'slurm.sh', 'shards', '4', '2', 'run');
  await until('all jobs have ended', queueIsEmpty, 180);
  expect(existsSync(path.join(cwd, 'run/mixture.json'))).toBe(false);
  expect(readFileSync(path.join(cwd, 'run/log/aggregate.out'), 'utf8')).toMatch(/2 of 4/);
});

it('Slurm: a study whose node is lost is merged to the bytes of one machine', async () => {
  const cwd = at('study');
  mkdirSync(cwd);
  const population = { kind: 'mixsim', order: 2, dimension: 2, maximumOverlap: 0.1 };
  const settings = [{ population, sampleSize: 100, machines: [4] }];
  const design = { settings, failures: ['mean'], fractions: [0.25], methods: ['Oracle', 'DFMR(1.3)'], seed: 1 };
  writeFileSync(path.join(cwd, 'design.json'), JSON.stringify(design));
  // on the third node the part is killed once it has begun, and the task goes on until the node is lost
  const dfmr = wrapped(
    'lost.sh',
    `if [ "$SLURMD_NODENAME" = node3 ] && [ -z "$SLURM_RESTART_COUNT" ]; then
  for part; do :; done
  ${process.execPath} ${COMMAND} "$@" & until [ "$(wc -l < "$part")" -ge 2 ]; do sleep 0.05; done 2> ${at('wait.log')}
  kill -KILL $!; echo "$part" > ${at('lost.txt')}; exec sleep 300
fi`,
  );
  submitted(cwd, dfmr, 'slurm-study.sh', 'design.json', '24', '4', 'run');
  await until('a part runs on the third node', () => existsSync(at('lost.txt')), 120);
  slurm.kill('node3');
  await until('all jobs have ended', queueIsEmpty, 240);
  const [, index] = /parts\/(\d)-0/.exec(readFileSync(at('lost.txt'), 'utf8')) ?? [];
  const parts = ['0', '1', '2', '3'].flatMap((i) =>
    i === index ? [`${i}-0.jsonl`, `${i}-1.jsonl`] : [`${i}-0.jsonl`],
  );
  expect(readdirSync(path.join(cwd, 'run/parts'))).toEqual(parts);
  const one = ['study', 'design.json', '-r', '24', '-w', '1', '-o', 'one.jsonl'];
  execFileSync(process.execPath, [COMMAND, ...one], { cwd, stdio: 'ignore' });
  const sha = (file: string) =>
    createHash('sha256')
      .update(readFileSync(path.join(cwd, file)))
      .digest('hex');
  expect(sha('run/study.jsonl')).toBe(sha('one.jsonl'));
});

it('Snakemake over Slurm: a hopeless table does not stop the aggregate, and only what is missing is fitted again', () => {
  const cwd = at('snake');
  writeShards(cwd, 3, { broken: 1 });
  copyFileSync(path.join(recipes, 'Snakefile'), path.join(cwd, 'Snakefile'));
  const cluster = 'sbatch --parsable --requeue --cpus-per-task={threads} --mem={resources.mem_mb} --output=/dev/null';
  const snakemake = () =>
    execFileSync(
      'snakemake',
      [
        ...['--jobs', '3', '--keep-going', '--latency-wait', '20', '--cluster-cancel', 'scancel', '--cluster', cluster],
        ...['--config', `dfmr=${process.execPath} ${COMMAND}`, 'order=2'],
      ],
      { cwd, env: slurm.environment, stdio: ['ignore', 'ignore', 'pipe'] },
    );
  snakemake();
  expect(usedIn(path.join(cwd, 'mixture.json'))).toEqual(['ward-0.json', 'ward-2.json']);
  expect(statSync(path.join(cwd, 'estimates/ward-1.json')).size).toBe(0);
  const time = (i: number) => statSync(path.join(cwd, `estimates/ward-${i}.json`)).mtimeMs;
  const [kept, gone] = [time(0), time(2)];
  for (const file of ['estimates/ward-2.json', 'mixture.json']) rmSync(path.join(cwd, file));
  snakemake();
  expect([time(0), time(2) > gone]).toEqual([kept, true]);
});

it('GNU parallel: what fails three times is left out', () => {
  const cwd = at('parallel');
  writeShards(cwd, 4, { broken: 1 });
  submitted(cwd, `${process.execPath} ${COMMAND}`, 'parallel.sh', 'shards', '2', 'run');
  expect(usedIn(path.join(cwd, 'run/mixture.json'))).toEqual(['ward-0.json', 'ward-2.json', 'ward-3.json']);
  expect(readFileSync(path.join(cwd, 'run/jobs.tsv'), 'utf8').trim().split('\n')).toHaveLength(5);
});
