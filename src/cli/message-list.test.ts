import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fit } from '../estimate/fit';
import { estimateToJSON } from '../messages/estimate-file';
import { gaussianMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';
import { commandIn } from './command.fixture';

// The command is a file of the build: these are tests of the package as it is built.
const COMMAND = path.join(__dirname, '../../dist/cli/dfmr.js');
const cwd = mkdtempSync(path.join(tmpdir(), 'dfmr-'));
const dfmr = commandIn(cwd);
const aggregated = (...words: string[]) => dfmr('aggregate', ...words);
const read = (file: string) => readFileSync(path.join(cwd, file), 'utf8');

const truth = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [9]], covariances: [[[1]], [[1]]] });
mkdirSync(path.join(cwd, 'estimates'));
const files = Array.from({ length: 18 }, (_, i) => `estimates/${i}.json`);
files.forEach((file, i) => {
  const estimate = estimateToJSON(fit(sample(truth, 200, i).data, { order: 2, seed: 1 }), { machine: `machine ${i}` });
  writeFileSync(path.join(cwd, file), JSON.stringify(estimate));
});
for (const beside of ['0.json.sig', '.cache.json', '18.json.part'])
  writeFileSync(path.join(cwd, 'estimates', beside), '');

describe('dfmr aggregate', () => {
  it('does not take what it wrote for a message', async () => {
    const words = ['aggregate', 'estimates', '--expect', '18', '-o', 'estimates/mixture.json'];
    expect((await dfmr(...words)).stderr).toBe('');
    const first = read('estimates/mixture.json');
    const { status, stderr } = await dfmr(...words, '--force');
    expect([status, stderr, read('estimates/mixture.json')]).toEqual([0, '', first]);
    rmSync(path.join(cwd, 'estimates', 'mixture.json'));
  });

  it('writes the same bytes from a folder, a list and names in any order', async () => {
    writeFileSync(path.join(cwd, 'list.txt'), `# of May\r\n  ${[...files].reverse().join('\r\n')} \r\n\n`);
    const fromInput = [COMMAND, 'aggregate', '--from', '-', '-o', 'input.json'];
    for (const [out, { status, stderr }] of [
      ['folder.json', await aggregated('estimates', '-o', 'folder.json')],
      ['names.json', await aggregated(...files, '-o', 'names.json')],
      ['list.json', await aggregated('--from', 'list.txt', '-o', 'list.json')],
      ['input.json', spawnSync(process.execPath, fromInput, { cwd, encoding: 'utf8', input: 'estimates/\n' })],
    ] as const) {
      expect([out, status, stderr]).toEqual([out, 0, '']);
      expect(read(out)).toBe(read('folder.json'));
    }
    expect((await aggregated('estimates', 'estimates/3.json', '-o', 'twice.json')).stderr).toMatch(
      /3.json" is given twice/,
    );
  });

  it('counts machines that sent nothing as failed', async () => {
    const some = await aggregated('estimates', '--expect', '20', '-o', 'some.json', '-r', 'some.html');
    expect([some.status, some.stderr]).toEqual([0, '']);
    expect(some.stdout).toMatch(/^2 of 20 machines sent nothing\.$/m);
    expect(JSON.parse(read('some.json')).decisions).toContain('2 of 20 machines sent nothing.');
    expect(read('some.html')).toMatch(/20 machines, aggregated/);
    for (const m of ['36', '40']) {
      const few = await aggregated('estimates', '--expect', m, '-o', 'few.json', '-r', 'few.html');
      expect([few.status, few.stdout]).toEqual([1, '']);
      expect(few.stderr).toMatch(
        /^dfmr: \d+ of \d+ machines sent nothing; when half or more are silent or set aside, the rest/,
      );
      expect([existsSync(path.join(cwd, 'few.json')), existsSync(path.join(cwd, 'few.html'))]).toEqual([false, false]);
    }
    expect((await aggregated('estimates', '--expect', '17', '-o', 'few.json')).stderr).toMatch(
      /18 estimates, but 17 machines are/,
    );
  });

  it('names those of a list that sent nothing, and those that sent an empty file', async () => {
    writeFileSync(path.join(cwd, 'empty.json'), '');
    writeFileSync(path.join(cwd, 'all.txt'), [...files, 'gone.json', 'empty.json'].join('\n'));
    const { status, stdout, stderr } = await aggregated('--from', 'all.txt', '--expect', '20', '-o', 'all.json');
    expect([status, stderr]).toEqual([
      0,
      'empty.json is set aside: the text is empty: send the file again\ngone.json is set aside: there is no such file\n',
    ]);
    expect(stdout).toMatch(/^2 of 20 estimates were set aside\.$/m);
  });

  it('says what is wrong with a folder or a list', async () => {
    mkdirSync(path.join(cwd, 'none'));
    writeFileSync(path.join(cwd, 'none/readme.txt'), '');
    expect((await aggregated('none', '-o', 'x.json')).stderr).toMatch(/^dfmr: the folder none has no estimates/);
    expect((await aggregated('-o', 'x.json')).stderr).toMatch(
      /^dfmr: there are no estimates: name files or a folder, or give a list/,
    );
    expect((await aggregated('--from', 'nothing.txt', '-o', 'x.json')).stderr).toMatch(
      /^dfmr: the list nothing.txt cannot be read/,
    );
    writeFileSync(path.join(cwd, 'estimates/notes.txt'), '');
    const left = await aggregated('estimates', '-o', 'left.json');
    expect([left.status, left.stderr]).toEqual([
      0,
      'dfmr: 1 files are left out, which do not end in .json or .jsonl: estimates/notes.txt\n',
    ]);
    expect(read('left.json')).toBe(read('folder.json'));
  });
});
