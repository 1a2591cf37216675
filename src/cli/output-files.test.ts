import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { targetsOf } from './command-support';
import { addForce, OutputOption, prepareOutputs } from './output-files';

const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-output-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (...names: string[]) => path.join(folder, ...names);
beforeEach(() => {
  rmSync(folder, { recursive: true });
  mkdirSync(at('full'), { recursive: true });
  writeFileSync(at('old.json'), 'old');
  writeFileSync(at('full', 'shard-9.json'), 'old');
});

/** What is said of a command with these flags, before it does anything; undefined if it may begin. */
function said(...flags: string[]): string | boolean {
  const command = new Command('try')
    .addOption(new OutputOption('-o, --out <file>', 'a file').makeOptionMandatory())
    .addOption(new OutputOption('-r, --report <file>', 'another'))
    .addOption(new OutputOption('--into <folder>', 'a folder', 'folder'))
    .addOption(new OutputOption('--many <path>', 'either', 'of one or many'));
  addForce(command);
  command.parse(flags, { from: 'user' });
  try {
    return prepareOutputs(command);
  } catch (error) {
    return (error as Error).message.replaceAll(folder, '');
  }
}

it('refuses what would be overwritten, unless forced, and changes nothing', () => {
  const refusal = '/old.json exists: give another name, or overwrite it with --force';
  expect(said('--out', at('old.json'))).toBe(refusal);
  expect(said('--out', at('new.json'), '--report', at('old.json'))).toBe(refusal);
  symlinkSync(at('old.json'), at('link.json'));
  expect(said('--out', at('link.json'))).toBe(refusal.replace('old', 'link'));
  expect(said('--out', at('old.json'), '--force')).toBe(false);
  expect(readFileSync(at('old.json'), 'utf8')).toBe('old');
  expect(said('--out', at('x'), '--into', at('full'))).toMatch(
    /^\/full exists: .* or overwrite what it holds with --force/,
  );
  expect(said('--out', at('x'), '--into', at('full'), '--force')).toBe(false);
  expect(said('--out', at('x'), '--many', at('old.json'))).toBe(false); // targetsOf knows how many there are
});

it('makes folders, and says before the work what cannot be written', () => {
  expect(said('--out', at('a', 'b', 'x.json'), '--into', at('c'))).toBe(false);
  expect([existsSync(at('a', 'b')), readdirSync(at('c'))]).toEqual([true, []]);
  expect(said('--out', at('full'))).toBe('/full is a folder: name a file in it');
  expect(said('--out', at('x'), '--into', at('old.json'))).toBe('/old.json is a file: name a folder');
  expect(said('--out', at('old.json', 'x'))).toMatch(/^\/old.json\/x cannot be written: it is a file, not a folder$/);
  expect(said('--out', at('x'), '--report', at('full', '..', 'x'))).toMatch(/^--out and --report are both /);
});

it('knows devices and standard output, which nothing is lost by', () => {
  expect(said('--out', '-')).toBe(true);
  expect(said('--out', '/dev/null')).toBe(false);
  expect(existsSync('-')).toBe(false);
});

it('finds the estimates that are left to make, and none of another split among them', () => {
  const shards = ['shard-0.npy', 'shard-1.npy'];
  const split = (options: object) => targetsOf(shards, at('full'), { folder: true, ...options });
  expect(() => split({})).toThrow(/shard-9\.json exists, and is of a split among more machines/);
  expect(() => split({ resume: true })).toThrow(/among more machines/);
  expect(split({ force: true }).left).toEqual(shards);
  expect(readdirSync(at('full'))).toEqual([]);
  writeFileSync(at('full', 'shard-0.json'), '{}');
  expect(() => split({})).toThrow(/shard-0\.json exists: give another name, keep it .* --resume, or overwrite it/);
  expect(split({ resume: true }).left).toEqual(['shard-1.npy']);
  expect(split({ force: true }).left).toEqual(shards);
  expect(targetsOf(['a.csv'], '-', {}).targetOf('a.csv')).toBe('-');
  expect(() => targetsOf(['a.csv', 'b.csv'], '-', {})).toThrow('--out - is for one table: name a folder for several');
});
