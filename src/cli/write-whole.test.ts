import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { InvalidInput } from '../errors';
import { writeWhole } from './command-support';

// What fails on clusters: two writers of one file, a full disk, a process that is killed. These are tests of the build.

const BUILT = path.join(__dirname, '../../dist/cli');
const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-write-'));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (file: string) => path.join(folder, file);
const exitOf = (child: ReturnType<typeof spawn>) =>
  new Promise((resolve) => child.once('exit', (code) => resolve(code)));

it('two processes that write one file at the same time leave one of the two, whole', async () => {
  const file = at('estimate.json');
  const script = `const { writeWhole } = require(${JSON.stringify(path.join(BUILT, 'command-support.js'))});
for (let i = 0; i < 200; i++) writeWhole(${JSON.stringify(file)}, process.argv[1].repeat(300000));`;
  writeWhole(file, 'a'.repeat(300_000));
  const writers = ['a', 'b'].map((letter) => exitOf(spawn(process.execPath, ['-e', script, letter])));
  let ended = false;
  const both = Promise.all(writers).finally(() => {
    ended = true;
  });
  while (!ended) {
    const text = readFileSync(file, 'utf8');
    expect([text.length, new Set(text).size]).toEqual([300_000, 1]);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(await both).toEqual([0, 0]);
  expect(readdirSync(folder)).toEqual(['estimate.json']);
});

it('a full disk is told, and leaves no file', () => {
  writeFileSync(at('table.csv'), `x\n${Array.from({ length: 100 }, (_, i) => i % 7).join('\n')}\n`);
  // files of no bytes are the most that the system allows
  const command = `trap '' XFSZ; ulimit -f 0; exec "$0" "$@"`;
  const words = ['fit', 'table.csv', '-k', '1', '-w', '1', '-o', 'full.json'];
  const done = spawnSync('sh', ['-c', command, process.execPath, path.join(BUILT, 'dfmr.js'), ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect([done.status, done.stderr]).toEqual([1, expect.stringMatching(/^dfmr: full\.json cannot be written: E/)]);
  expect(readdirSync(folder).filter((name) => name.startsWith('full'))).toEqual([]);
});

it('a folder that is not there, or is a file, is told by the name of the file', () => {
  mkdirSync(at('taken'));
  for (const name of ['none/x.json', 'taken']) {
    expect(() => writeWhole(at(name), 'x')).toThrow(InvalidInput);
    expect(() => writeWhole(at(name), 'x')).toThrow(`${at(name)} cannot be written: `);
  }
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});

it.skipIf(process.platform === 'win32')('a pipe is written to, and stays one', async () => {
  expect(spawnSync('mkfifo', [at('pipe')]).status).toBe(0);
  const script = `require(${JSON.stringify(path.join(BUILT, 'command-support.js'))}).writeWhole('pipe', 'text');`;
  const writer = exitOf(spawn(process.execPath, ['-e', script], { cwd: folder }));
  expect(spawnSync('cat', [at('pipe')], { encoding: 'utf8', timeout: 20_000 }).stdout).toBe('text');
  expect(await writer).toBe(0);
  expect(statSync(at('pipe')).isFIFO()).toBe(true);
});
