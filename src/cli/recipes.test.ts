import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
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
import { afterAll, describe, expect, it } from 'vitest';
import { gaussianMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';
import { csvOf } from '../tables/write-csv';

// The recipes of notebooks/cluster/, with the sbatch of notebooks/cluster/try/, which runs tasks here. cluster.e2e.ts has the real one.

const recipes = path.join(__dirname, '../../notebooks/cluster');
const cwd = mkdtempSync(path.join(tmpdir(), 'dfmr-recipes-'));
afterAll(() => rmSync(cwd, { recursive: true }));
const at = (file: string) => path.join(cwd, file);
const COMMAND = path.join(__dirname, '../../dist/cli/dfmr.js');

const run = (recipe: string, ...words: string[]) =>
  spawnSync('sh', [path.join(recipes, recipe), ...words], {
    cwd,
    encoding: 'utf8',
    env: {
      ...process.env,
      PATH: `${path.join(recipes, 'try')}:${process.env.PATH}`,
      FAKE_SLURM: at('jobs'),
      DFMR: `${process.execPath} ${COMMAND}`,
    },
  });

const truth = gaussianMixture({
  weights: [0.4, 0.6],
  means: [
    [0, 0],
    [6, 6],
  ],
  covariances: [
    [
      [1, 0],
      [0, 1],
    ],
    [
      [1, 0],
      [0, 1],
    ],
  ],
});
function writeTable(file: string, rows: number, seed: number): void {
  const { data } = sample(truth, rows, seed).data;
  mkdirSync(path.dirname(at(file)), { recursive: true });
  writeFileSync(at(file), csvOf(Array.from({ length: rows }, (_, j) => ({ x: data[2 * j], y: data[2 * j + 1] }))));
}

describe('slurm.sh', () => {
  it('fits a folder of tables, goes on without those that fail, and is resumed', () => {
    for (let i = 0; i < 3; i++) writeTable(`shards/ward ${i}.csv`, 200, i);
    writeFileSync(at('shards/broken.csv'), 'x,y\n1,2\n3\n');
    const first = run('slurm.sh', 'shards', '4', '2', 'run');
    expect([first.stderr, first.status]).toEqual(['', 0]);
    const names = ['ward 0.json', 'ward 1.json', 'ward 2.json'];
    expect(readdirSync(at('run/estimates'))).toEqual(names);
    expect(readFileSync(at('run/log/fit-0.out'), 'utf8')).toMatch(/broken\.csv: line 3 has 1 fields/);
    const machines = () =>
      JSON.parse(readFileSync(at('run/mixture.json'), 'utf8')).machines.map(({ machine }: { machine: string }) =>
        path.basename(machine),
      );
    expect(machines()).toEqual(names);
    expect(readFileSync(at('run/log/aggregate.out'), 'utf8')).toMatch(/1 of 4 machines/);
    expect(existsSync(at('run/report.html'))).toBe(true);

    const times = () => names.map((name) => statSync(at(`run/estimates/${name}`)).mtimeMs);
    const before = times();
    writeTable('shards/broken.csv', 200, 5);
    expect(run('slurm.sh', 'shards', '4', '2', 'run').status).toBe(0);
    expect(times()).toEqual(before);
    expect(machines()).toHaveLength(4);
  });
});

describe('slurm.sh of a folder', () => {
  it('knows tables apart that have dots in their names, and takes no estimate of another order', () => {
    for (let i = 0; i < 3; i++) writeTable(`dots/ward.${i}.csv`, 200, i);
    expect(run('slurm.sh', 'dots', '3', '2', 'of dots').status).toBe(0);
    expect(readdirSync(at('of dots/estimates'))).toEqual(['ward.0.json', 'ward.1.json', 'ward.2.json']);
    expect(run('slurm.sh', 'dots', '3', '1', 'of dots').status).toBe(0);
    expect(readFileSync(at('of dots/log/aggregate.out'), 'utf8')).toMatch(/3 of 3 estimates were set aside/);
  });

  it('leaves out no table', () => {
    const { status, stderr } = run('slurm.sh', 'dots', '2', '2', 'few');
    expect([status, stderr]).toEqual([1, 'dots has 3 files, not 2\n']);
  });
});

describe('slurm.sh from one table', () => {
  it('splits a Parquet file, and ends with a report', () => {
    const table = path.join(__dirname, '../../data/sensors.parquet');
    expect(run('slurm.sh', table, '3', '3', 'sensors').status).toBe(0);
    expect(readdirSync(at('sensors/estimates'))).toEqual(['shard-0.json', 'shard-1.json', 'shard-2.json']);
    expect(existsSync(at('sensors/report.html'))).toBe(true);
  });

  it('ends with a refusal if there is no table', () => {
    expect(run('slurm.sh', 'none.parquet', '3', '3', 'none').status).toBe(0);
    expect(readFileSync(at('none/log/split.out'), 'utf8')).toMatch(/none\.parquet/);
    expect(readdirSync(at('none'))).toEqual(['estimates', 'log']);
  });
});

describe('slurm-study.sh', () => {
  it('merges its parts to the bytes of one machine', () => {
    const design = {
      settings: [
        { population: { kind: 'mixsim', order: 2, dimension: 2, maximumOverlap: 0.1 }, sampleSize: 100, machines: [4] },
      ],
      failures: ['mean'],
      fractions: [0.25],
      methods: ['Oracle', 'DFMR(1.3)'],
      seed: 1,
    };
    writeFileSync(at('design.json'), JSON.stringify(design));
    expect(run('slurm-study.sh', 'design.json', '3', '2', 'study').status).toBe(0);
    spawnSync(process.execPath, [COMMAND, 'study', 'design.json', '-r', '3', '-w', '1', '-o', 'one.jsonl'], { cwd });
    const sha = (file: string) =>
      createHash('sha256')
        .update(readFileSync(at(file)))
        .digest('hex');
    expect(sha('study/study.jsonl')).toBe(sha('one.jsonl'));
    expect(existsSync(at('study/study.csv'))).toBe(true);
  });
});

describe('every recipe', () => {
  const files = readdirSync(recipes, { withFileTypes: true }).filter((entry) =>
    /^(Snakefile|.*\.(sh|yaml))$/.test(entry.name),
  );
  const texts = files.map(({ name }) => [name, readFileSync(path.join(recipes, name), 'utf8')] as const);
  const commands = texts.flatMap(([name, text]) =>
    text.split('\n').flatMap((line) => {
      const words = /^[^#]*(?:\bdfmr[, ]+|DFMR\}? )(fit|aggregate|study)\b(.*)/i.exec(line.replace(/"/g, ''));
      return words ? [{ name, command: words[1], flags: words[2] }] : [];
    }),
  );

  it('gives each fit one thread, and tells each aggregate how many machines there are', () => {
    for (const { name, command, flags } of commands) {
      if (command === 'fit') expect([name, flags]).toEqual([name, expect.stringMatching(/--workers (1|\{threads\})/)]);
      if (command === 'aggregate') expect([name, flags]).toEqual([name, expect.stringContaining('--expect')]);
    }
    expect(commands.filter(({ command }) => command !== 'study').map(({ name }) => name)).toEqual(
      ['Snakefile', 'kubernetes.yaml', 'parallel.sh', 'slurm.sh'].flatMap((name) => [name, name]),
    );
  });

  it('of Kubernetes lets fewer than half of its machines fail', () => {
    const text = readFileSync(path.join(recipes, 'kubernetes.yaml'), 'utf8');
    const [completions, failed] = [/completions: (\d+)/, /maxFailedIndexes: (\d+)/].map((name) =>
      Number(name.exec(text)?.[1]),
    );
    expect(2 * failed).toBeLessThan(completions);
    expect(text).toContain(`--expect, '${completions}'`);
  });
});
