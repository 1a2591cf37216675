import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { commandIn } from './command.fixture';

// The command is a file of the build: these are tests of the package as it is built.
const COMMAND = path.join(__dirname, '../../dist/cli/dfmr.js');
const cwd = mkdtempSync(path.join(tmpdir(), 'dfmr-'));
const at = (file: string) => path.join(cwd, file);
const dfmr = commandIn(cwd);
const study = (...words: string[]) => dfmr('study', 'design.json', '-r', '4', ...words);
const sha = (file: string) =>
  createHash('sha256')
    .update(readFileSync(at(file)))
    .digest('hex');
const lines = (file: string) => readFileSync(at(file), 'utf8').trim().split('\n');

const design = {
  settings: [
    { population: { kind: 'mixsim', order: 2, dimension: 2, maximumOverlap: 0.1 }, sampleSize: 100, machines: [4] },
  ],
  failures: ['mean'],
  fractions: [0.25],
  methods: ['Oracle', 'DFMR(1.3)'],
  seed: 1,
};

/** Does a part, kills it as soon as it has begun its file, and does it again. */
async function killedAndDone(i: number): Promise<number | null> {
  const words = [COMMAND, 'study', 'design.json', '-r', '4', '-w', '1', '--part', `${i}/3`, '-o', `parts/${i}.jsonl`];
  const first = spawn(process.execPath, words, { cwd, stdio: 'ignore' });
  const ended = new Promise((resolve) => first.once('exit', resolve));
  while (!existsSync(at(`parts/${i}.jsonl`)) && first.exitCode === null) await wait(5);
  first.kill('SIGKILL');
  await ended;
  const second = spawn(process.execPath, words, { cwd, stdio: 'ignore' });
  return new Promise((resolve) => second.once('exit', resolve));
}

beforeAll(async () => {
  writeFileSync(at('design.json'), JSON.stringify(design));
  writeFileSync(at('other.json'), JSON.stringify({ ...design, seed: 2 }));
  expect((await study('-w', '1', '-o', 'one.jsonl')).status).toBe(0);
  expect(await Promise.all([2, 0, 1].map(killedAndDone))).toEqual([0, 0, 0]);
});

describe('dfmr study in parts', () => {
  it('is the study of one machine to the byte, in any order, in parallel, each part killed and run again', async () => {
    const { status, stdout, stderr } = await study(
      '--merge',
      'parts/1.jsonl',
      'parts/2.jsonl',
      'parts/0.jsonl',
      '-o',
      'all.jsonl',
      '-s',
      'all.csv',
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toBe('all.jsonl: 4 repetitions of 1 settings, of 3 parts\nall.csv: means and standard errors\n');
    expect(sha('all.jsonl')).toBe(sha('one.jsonl'));
    expect(lines('parts/0.jsonl').length + lines('parts/1.jsonl').length + lines('parts/2.jsonl').length).toBe(4 + 3);
  });

  it('names what is missing with exit code 2, and what does it', async () => {
    const { status, stdout, stderr } = await study(
      '--merge',
      'parts/1.jsonl',
      'parts/2.jsonl',
      '-o',
      'some.jsonl',
      '-s',
      'some.csv',
    );
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'dfmr: some.jsonl: 2 of 4 repetitions are missing, of settings[0]: 0, 3: run their parts again, or do them here with: ' +
        'dfmr study design.json --repetitions 4 --out some.jsonl\n',
    );
    expect(existsSync(at('some.csv'))).toBe(false);
    expect((await study('-w', '1', '-o', 'some.jsonl')).status).toBe(0);
    expect(sha('some.jsonl')).toBe(sha('one.jsonl'));
  });

  it('counts a repetition that was done twice once, and refuses one that differs', async () => {
    const parts = ['parts/0.jsonl', 'parts/1.jsonl', 'parts/2.jsonl', 'one.jsonl'];
    expect((await study('--merge', ...parts, '-o', 'twice.jsonl')).status).toBe(0);
    expect(sha('twice.jsonl')).toBe(sha('one.jsonl'));
    const [head, first] = lines('one.jsonl');
    const changed = { ...JSON.parse(first), w1: [9, 9] };
    writeFileSync(at('changed.jsonl'), `${head}\n${JSON.stringify(changed)}\n`);
    const { status, stderr } = await study('--merge', 'parts/0.jsonl', 'changed.jsonl', '-o', 'x.jsonl');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^dfmr: changed.jsonl and parts.0.jsonl differ, though both are repetition 0 of settings\[0\]: /,
    );
    appendFileSync(at('changed.jsonl'), `${first}\n`);
    expect((await study('--merge', 'changed.jsonl', '-o', 'x.jsonl')).stderr).toMatch(
      /^dfmr: line 3 of changed.jsonl and line 2 of changed.jsonl differ/,
    );
    expect(existsSync(at('x.jsonl'))).toBe(false);
  });

  it('bears two that write one part, and a part that had hardly begun', async () => {
    const words = [COMMAND, 'study', 'design.json', '-r', '4', '-w', '1', '--part', '0/2', '-o', 'both.jsonl'];
    const both = [0, 1].map(() => spawn(process.execPath, words, { cwd, stdio: 'ignore' }));
    expect(await Promise.all(both.map((one) => new Promise((resolve) => one.once('exit', resolve))))).toEqual([0, 0]);
    expect(lines('both.jsonl').slice(1)).toEqual(
      lines('one.jsonl')
        .slice(1)
        .filter((_, r) => r % 2 === 0),
    );
    expect(readdirSync(cwd).filter((file) => file.endsWith('.part'))).toEqual([]);
    writeFileSync(at('begun.jsonl'), lines('one.jsonl')[0].slice(0, 20));
    writeFileSync(at('empty.jsonl'), '');
    expect((await study('--merge', 'begun.jsonl', 'empty.jsonl', 'both.jsonl', '-o', 'half.jsonl')).status).toBe(2);
  });

  it.each<[string[], RegExp]>([
    [['--part', '3/3'], /'3\/3' is invalid. It must be i\/N, with i from 0 to N − 1/],
    [['--part', '1'], /It must be i\/N/],
    [['--part', '0/3', '--merge', 'parts/0.jsonl'], /cannot be used with option '--merge/],
    [['--part', '0/3', '--summary', 'x.csv'], /cannot be used with option '-s, --summary/],
    [['--merge', 'gone.jsonl', '-o', 'y.jsonl'], /^dfmr: there is no part gone.jsonl/],
    [['--merge', 'parts', '-o', 'y.jsonl'], /^dfmr: the part parts is a folder: name its files, parts.\*.jsonl/],
    [['--merge', 'design.json', '-o', 'y.jsonl'], /^dfmr: design.json is not a study/],
  ])('refuses %j', async (words, message) => {
    const { status, stdout, stderr } = await study(...words);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(message);
    expect(existsSync(at('y.jsonl'))).toBe(false);
  });

  it('refuses a part of another design', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [COMMAND, 'study', 'other.json', '-r', '4', '--merge', 'parts/0.jsonl', '-o', 'z.jsonl'],
      { cwd, encoding: 'utf8' },
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/^dfmr: parts\/0.jsonl is of another design, which differs in its seed: /);
    expect(existsSync(at('z.jsonl'))).toBe(false);
  });
});
