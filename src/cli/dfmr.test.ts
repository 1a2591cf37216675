import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';

// The command is a file of the build: these are tests of the package as it is built.
const COMMAND = path.join(__dirname, '../../dist/cli/dfmr.js');
const cwd = mkdtempSync(path.join(tmpdir(), 'dfmr-'));
const dfmr = (...words: string[]) => spawnSync(process.execPath, [COMMAND, ...words], { cwd, encoding: 'utf8' });

writeFileSync(
  path.join(cwd, 'small.json'),
  JSON.stringify({
    settings: [
      { population: { kind: 'mixsim', order: 2, dimension: 2, maximumOverlap: 0.1 }, sampleSize: 100, machines: [4] },
    ],
    failures: ['mean'],
    fractions: [0.25],
    methods: ['Oracle', 'DFMR(1.3)'],
    seed: 1,
  }),
);

it('runs a study to a file and a summary, quietly in a pipe', () => {
  const { status, stdout, stderr } = dfmr('study', 'small.json', '--repetitions', '3', '--summary', 'small.csv');
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toBe('small.jsonl: 3 repetitions of 1 settings\nsmall.csv: means and standard errors\n');
  expect(readFileSync(path.join(cwd, 'small.jsonl'), 'utf8').trim().split('\n').length).toBe(4);
  expect(readFileSync(path.join(cwd, 'small.csv'), 'utf8')).toMatch(
    /^family,.*\ngaussian,0.1,4,100,mean,0.25,Oracle,3,/,
  );
});

it.each<[string[], RegExp]>([
  [
    ['study', 'nothing', '-r', '1'],
    /^dfmr: there is no design nothing: use inflation-factor, gaussian, gamma, rounds, rounds-honest, rounds-partly, rounds-drift, experts, experts-elsewhere, or a JSON file\n$/,
  ],
  [['study', 'small.json'], /required option '-r, --repetitions <R>' not specified/],
  [['study', 'small.json', '-r', '0'], /must be a positive integer/],
  [['fly'], /unknown command 'fly'/],
])('says what is wrong with dfmr %j, and fails', (words, message) => {
  const { status, stdout, stderr } = dfmr(...words);
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(message);
});

it('says that a design is not JSON, and leaves no file', () => {
  writeFileSync(path.join(cwd, 'torn.json'), '{"settings":');
  const { status, stderr } = dfmr('study', 'torn.json', '-r', '1');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^dfmr: torn.json is not JSON: /);
  expect(existsSync(path.join(cwd, 'torn.jsonl'))).toBe(false);
});

it('has help', () => {
  const { status, stdout } = dfmr('study', '--help');
  expect(status).toBe(0);
  expect(stdout).toMatch(/Usage: dfmr study \[options\] <design>/);
});
