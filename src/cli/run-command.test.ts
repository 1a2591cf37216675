import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import type { Output } from '../jupyter/runner/notebook-file';
import { PLOTLY_MIME } from '../page/figure-html';

const DFMR = path.resolve(__dirname, '../../dist/cli/dfmr.js');
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dfmr-run-'));
const file = path.join(directory, 'test.ipynb');
const actual = path.join(directory, 'test.actual.ipynb');
afterAll(() => fs.rmSync(directory, { recursive: true }));

function write(code: string, outputs: Output[] = []): void {
  const cell = { cell_type: 'code', source: code, metadata: {}, execution_count: null, outputs };
  fs.writeFileSync(file, JSON.stringify({ cells: [cell], metadata: {}, nbformat: 4, nbformat_minor: 5 }));
}

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [DFMR, 'run', ...args], { cwd: directory, encoding: 'utf8' });
}

beforeEach(() => fs.rmSync(actual, { force: true }));

it('writes outputs into the notebook, the same bytes each time, and a page beside it', () => {
  write('console.log(6 * 7);');
  fs.writeFileSync(actual, 'what an earlier run left');
  expect(run('--html', 'test.ipynb', 'test.actual.ipynb')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^ok +test\.ipynb \(\d+\.\d s\)\n$/),
  });
  expect(fs.existsSync(actual)).toBe(false);
  const once = fs.readFileSync(file, 'utf8');
  expect(once).toContain('"42\\n"');
  expect(fs.readFileSync(path.join(directory, 'test.html'), 'utf8')).toContain('42\n</pre>');
  run('test.ipynb');
  expect(fs.readFileSync(file, 'utf8')).toBe(once);
  expect(run('--check', 'test.ipynb').status).toBe(0);
});

it('keeps static images; --check tells what differs, leaves the notebook alone and writes the other', () => {
  const figure = { [PLOTLY_MIME]: { data: [] } };
  write(`console.log(1);\n({ [Symbol.for('Jupyter.display')]: () => (${JSON.stringify(figure)}) })`, [
    { output_type: 'display_data', data: { ...figure, 'image/png': 'KEPT' }, metadata: {} },
  ]);
  run('test.ipynb');
  expect(fs.readFileSync(file, 'utf8')).toContain('"image/png": "KEPT"');
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"1\\n"', '"2\\n"'));
  const before = fs.readFileSync(file, 'utf8');
  const { status, stdout } = run('--check', 'test.ipynb');
  expect(status).toBe(1);
  expect(stdout).toContain('differs test.ipynb');
  expect(stdout).toContain('cell 1, output 1, text, line 1\n      expected: 2\n      got:      1\n');
  expect(fs.readFileSync(file, 'utf8')).toBe(before);
  expect(fs.readFileSync(actual, 'utf8')).toContain('"1\\n"');
});

it('leaves a notebook that fails as it was, and tells why', () => {
  write('throw new Error("no data");');
  const before = fs.readFileSync(file, 'utf8');
  const { status, stdout } = run('test.ipynb');
  expect(status).toBe(1);
  expect(stdout).toMatch(/^FAILED {2}test\.ipynb/);
  expect(stdout).toContain('Error: no data');
  expect(fs.readFileSync(file, 'utf8')).toBe(before);
  expect(fs.readFileSync(actual, 'utf8')).toContain('"evalue": "no data"');
});

it('explains itself when it is called wrongly', () => {
  expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining("missing required argument 'notebooks'") });
  const { status: refused, stderr: why } = run('--timeout', 'soon', 'x.ipynb');
  expect([refused, why]).toEqual([1, expect.stringMatching(/'soon' is invalid.*positive number of seconds/)]);
  expect(run('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('<notebooks...>') });
  fs.writeFileSync(file, 'not JSON');
  const { status, stderr } = run('test.ipynb', 'none.ipynb');
  expect(status).toBe(1);
  expect(stderr).toContain('test.ipynb is not a notebook');
  expect(stderr).toContain('none.ipynb cannot be read: there is no such file');
});
