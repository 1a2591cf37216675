import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Cell, ErrorOutput, Notebook, Output } from './notebook-file';
import { joinText, textOfTagged, writeNotebook } from './notebook-file';

// The built runner, because tslab has to run in a process of its own.
const { executeNotebook } = require('../../../dist/jupyter/runner/execute.js') as typeof import('./execute');

const REPOSITORY = path.resolve(__dirname, '../../..');
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'dfmr-execute-'));
const modules = path.join(directory, 'node_modules');
fs.mkdirSync(modules);
fs.symlinkSync(REPOSITORY, path.join(modules, 'dfmr'), 'dir');
fs.symlinkSync(path.join(REPOSITORY, 'node_modules/danfojs-node'), path.join(modules, 'danfojs-node'), 'dir');
afterAll(() => fs.rmSync(directory, { recursive: true }));

let files = 0;

/** Write code cells as a notebook; a cell may be given as [code, ...tags]. */
function notebookOf(...codes: (string | [string, ...string[]])[]): string {
  const cells = codes.map((code): Cell => {
    const [source, ...tags] = typeof code === 'string' ? [code] : code;
    return { cell_type: 'code', source, metadata: { tags }, execution_count: null, outputs: [] };
  });
  const file = path.join(directory, `test-${files++}.ipynb`);
  writeNotebook(file, { cells, metadata: {}, nbformat: 4, nbformat_minor: 4 });
  return file;
}

/** What each code cell said, its outputs separated by bars. */
function said({ cells }: Notebook): string[] {
  const text = (output: Output): string => {
    if (output.output_type === 'stream') return joinText(output.text);
    return output.output_type === 'error' ? `${output.ename}: ${output.evalue}` : joinText(output.data['text/plain']);
  };
  return cells.map((cell) => (cell.outputs ?? []).map(text).join('|'));
}

describe.concurrent('tslab, repaired', () => {
  it('knows `{ x }` of earlier cells, and awaits in every form', async () => {
    const file = notebookOf(
      'let x = 1; let y = 2;',
      '({ x, y })',
      '({ x } = { x: 7 });\nx',
      'const later = async (n: number) => n;\nawait (later(1))',
      'for await (const n of [later(2)]) console.log(n);',
      'await (async () => { console.log(3); })();',
    );
    const { notebook } = await executeNotebook(file);
    expect(said(notebook)).toEqual(['', '{ x: 1, y: 2 }\n', '7\n', '1\n', '2\n', '3\n']);
  });

  it('checks types strictly, also those of dfmr, and tells errors with line and source', async () => {
    const file = notebookOf(
      ['const a = 1;\nconst text: string = null;', 'raises-exception'],
      ["import { table } from 'dfmr/notebook';\ntable([{ a: 1 }], { digit: 3 });", 'raises-exception'],
      'function f(n: number) {\n  throw new RangeError("order " + n);\n}',
      ['f(0);', 'raises-exception'],
    );
    const { notebook, failure } = await executeNotebook(file);
    expect(failure).toBeUndefined();
    const [strict, typed] = said(notebook);
    expect(strict).toBe("TypeScriptError: line 2: Type 'null' is not assignable to type 'string'.");
    expect(typed).toMatch(/TypeScriptError: line 2: .*'digit' does not exist in type 'TableOptions'/s);
    const thrown = notebook.cells[3]?.outputs?.[0] as ErrorOutput;
    expect(thrown.traceback).toEqual([
      'RangeError: order 0',
      '    at f (In [3])',
      '        throw new RangeError("order " + n);',
      '    at In [4]',
      '        f(0);',
    ]);
  });

  it('shows rich values and data frames of last expressions, without the banner of TensorFlow', async () => {
    const file = notebookOf(
      "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 'myself' }) })",
      "import { DataFrame } from 'danfojs-node';\nconst frame = new DataFrame([[1, 0.5]], { columns: ['n', 'x'] });\nframe",
      'frame.add(1);\nframe.tensor.sum().dataSync()[0]',
    );
    const { notebook } = await executeNotebook(file);
    expect(said(notebook)).toEqual(['myself', 'n    x\n─  ───\n1  0.5', '1.5\n']);
  });
});

describe('outputs', () => {
  it('hold figures, tables and prints in order, and nothing of progress bars, the same each time', async () => {
    const file = notebookOf("import { show, table, progress } from 'dfmr/notebook';", [
      `console.log('first');
show({ data: [{ type: 'scatter', y: [1, 2] }], layout: {} }, 'A line.');
const report = progress('points');
for (let i = 0; i < 3; i++) report(i, 10);
process.stdout.write('50 %\\r');
process.stdout.write('100 %\\n');
table([{ a: 1 }]);
console.error('last');`,
      'headline',
    ]);
    const { notebook, seconds } = await executeNotebook(file);
    const texts = ['first\n', 'A line.', '100 %\n', 'a\n─\n1', 'last\n'];
    expect(said(notebook)[1]).toBe(texts.join('|'));
    expect(textOfTagged(notebook, 'headline')).toEqual(texts.map((text) => text.trimEnd()));
    expect(seconds).toBeGreaterThan(0);
    expect(notebook).toMatchObject({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec: { name: 'tslab' } } });
    expect(notebook.cells.map((cell) => [cell.id, cell.execution_count])).toEqual([
      ['cell-1', 1],
      ['cell-2', 2],
    ]);
    writeNotebook(file, notebook);
    expect((await executeNotebook(file)).notebook).toEqual(notebook);
  });
});

it('gives each cell an id of its own and drops the times of earlier runs', async () => {
  const file = path.join(directory, 'ids.ipynb');
  const metadata = { tags: ['kept'], execution: { 'shell.execute_reply': '2024-01-01T00:00:00Z' } };
  const given = [undefined, 'a', 'a', 'cell-1', 'cell-1-new', null].map((id) => ({ id: id as string | undefined }));
  const cells = given.map(({ id }): Cell => ({ id, cell_type: 'code', source: '', metadata }));
  writeNotebook(file, { cells, metadata: {}, nbformat: 4, nbformat_minor: 5 });
  const { notebook } = await executeNotebook(file);
  const ids = notebook.cells.map(({ id }) => id);
  expect(new Set(ids).size).toBe(6);
  expect([ids[1], ids[3], ids[4]]).toEqual(['a', 'cell-1', 'cell-1-new']);
  for (const id of ids) expect(id).toMatch(/^[\w-]+$/);
  for (const cell of notebook.cells) expect(cell.metadata).toEqual({ tags: ['kept'] });
});

describe.concurrent('a notebook that fails', () => {
  it('stops at the cell and tells which, after cells that may fail or shall be skipped', async () => {
    const file = notebookOf(
      ['throw 1;', 'raises-exception'],
      ['throw 2;', 'skip-execution'],
      'throw new Error("no data");',
      'console.log(3);',
    );
    const { notebook, failure } = await executeNotebook(file);
    expect(said(notebook)).toEqual(['Error: 1', '', 'Error: no data', '']);
    expect(failure).toMatchObject({ cell: 3, code: 'throw new Error("no data");' });
    expect(failure?.message).toContain('Error: no data');
    expect(notebook.cells[3]).toMatchObject({ outputs: [], execution_count: null });
  });

  it('is ended when a cell takes too long', async () => {
    const file = notebookOf(['while (true);', 'raises-exception']);
    const { failure } = await executeNotebook(file, { timeoutSeconds: 1 });
    expect(failure?.message).toBe('Timeout: the cell did not finish in 1 s');
  });

  it('is ended when the signal aborts, with its reason', async () => {
    const signal = AbortSignal.timeout(1000);
    await expect(executeNotebook(notebookOf('while (true);'), { signal })).rejects.toThrow('aborted due to timeout');
  });

  it('tells that its process has ended', async () => {
    const { failure } = await executeNotebook(notebookOf('process.exit(3);', '1'));
    expect(failure?.message).toBe("KernelDied: the notebook's process ended with exit code 3");
  });
});
