import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, openSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandIn } from './command.fixture';

// The command is a file of the build: these are tests of the package as it is built.
const COMMAND = path.join(__dirname, '../../dist/cli/dfmr.js');
const cwd = mkdtempSync(path.join(tmpdir(), 'dfmr-'));
const dfmr = commandIn(cwd);
const at = (file: string) => path.join(cwd, file);
writeFileSync(
  at('t.csv'),
  `x\n${Array.from({ length: 60 }, (_, j) => (j % 2 ? 9 : 0) + Math.sin(7 * j)).join('\n')}\n`,
);
const design = {
  settings: [
    { population: { kind: 'mixsim', order: 2, dimension: 2, maximumOverlap: 0.1 }, sampleSize: 100, machines: [4] },
  ],
  failures: ['mean'],
  fractions: [0.25],
  methods: ['Oracle'],
  seed: 1,
};
writeFileSync(at('design.json'), JSON.stringify(design));

describe('every command', () => {
  it('has --json and --quiet, and tells of exit codes', async () => {
    const names = [
      'split',
      'fit',
      'aggregate',
      'validate',
      'classify',
      'round',
      'answer',
      'next',
      'study',
      'notebook',
      'run',
    ];
    for (const name of [...names.map((one) => [one]), ['ask', 'choose-order'], ['nist', 'train']]) {
      const { status, stdout } = await dfmr(...name, '--help');
      expect([name, status]).toEqual([name, 0]);
      expect(stdout).toMatch(/--json .*-q, --quiet/s);
      if (!/^(validate|notebook)$/.test(name[0]))
        expect([name, stdout]).toEqual([name, expect.stringMatching(/--force /)]);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(stdout).not.toMatch(/\x1b/);
    }
    expect((await dfmr('--help')).stdout).toMatch(
      /Exit codes: 0 done; 1 refused, .*; 2 incomplete, .*; 130 or 143 interrupted/,
    );
  });

  it('prints nothing when quiet, but errors and the JSON that is asked for', async () => {
    const fitted = await dfmr('fit', 't.csv', '-k', '2', '-m', '3', '--max-iterations', '1', '-o', 'e', '--quiet');
    expect([fitted.status, fitted.stdout, fitted.stderr]).toEqual([0, '', '']);
    const again = await dfmr('fit', 't.csv', '-k', '2', '-m', '3', '-o', 'e', '-q');
    expect([again.status, again.stdout]).toEqual([1, '']);
    expect(again.stderr).toMatch(/^dfmr: e.shard-0.json exists: [^\n]*\n$/);
    writeFileSync(at('torn.json'), '{');
    const quiet = await dfmr('aggregate', 'e', 'torn.json', '-o', 'm.json', '-q');
    expect([quiet.status, quiet.stdout, quiet.stderr]).toEqual([0, '', '']);
    const json = await dfmr('aggregate', 'e', 'torn.json', '-o', 'm.json', '-q', '--json', '--force');
    expect([json.status, json.stderr]).toEqual([0, '']);
    expect(JSON.parse(json.stdout).machines.length).toBe(4);
    expect((await dfmr('aggregate', 'e', 'torn.json', '-o', 'm.json', '--force')).stderr).toMatch(
      /^torn.json is set aside/,
    );
  });

  it.skipIf(!existsSync('/dev/full'))('says that a result could not be printed, as on a full disk', () => {
    const words = [COMMAND, 'families', '--json'];
    const full = spawnSync(process.execPath, words, { stdio: ['ignore', openSync('/dev/full', 'w'), 'pipe'] });
    expect([full.status, String(full.stderr)]).toEqual([
      1,
      expect.stringMatching(/standard output cannot be written: /),
    ]);
  });

  it('tells errors as JSON, as the last line of standard error, and what is missing', async () => {
    const last = ({ stderr }: { stderr: string }) => JSON.parse(stderr.trim().split('\n').at(-1) as string);
    const none = await dfmr('aggregate', 'nothing', '-o', 'x.json', '--json');
    expect([none.status, none.stdout]).toEqual([1, '']);
    expect(last(none).error).toMatchObject({ kind: 'NoCentre', message: expect.stringMatching(/no such file/) });
    expect(last(await dfmr('study', 'none', '-r', '1', '--json')).error.kind).toBe('InvalidInput');
    const usage = await dfmr('study', 'design.json', '-r', '0', '--json');
    expect([usage.status, last(usage).error.kind]).toEqual([1, 'InvalidInput']);
    expect(last(usage).error.message).toMatch(/positive integer/);
    expect(last(await dfmr('fly', '--json')).error.message).toMatch(/unknown command 'fly'/);
    expect(
      (await dfmr('study', 'design.json', '-r', '2', '-w', '1', '--part', '0/2', '-o', 'p.jsonl', '-q')).stdout,
    ).toBe('');
    const merged = await dfmr('study', 'design.json', '-r', '2', '--merge', 'p.jsonl', '-o', 'all.jsonl', '--json');
    expect([merged.status, merged.stdout]).toEqual([2, '']);
    expect(last(merged).error).toMatchObject({ kind: 'Incomplete', missing: [{ setting: 0, repetition: 1 }] });
    const done = await dfmr('study', 'design.json', '-r', '2', '-w', '1', '-o', 'all.jsonl', '-s', 'all.csv', '--json');
    expect(JSON.parse(done.stdout)).toEqual({ file: 'all.jsonl', repetitions: 2, settings: 1, summary: 'all.csv' });
    expect(existsSync(at('x.json'))).toBe(false);
  });
});
