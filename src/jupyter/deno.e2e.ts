import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';
import { PLOTLY_MIME } from '../page/figure-html';
import { fetchEngine } from './engines';
import { withDenoKernel } from './kernel/deno-kernelspec';
import { jupyterEnvironment } from './kernel/jupyter-environment';
import { REPOSITORY } from './repository';
import { type Cell, hasTag, readNotebook } from './runner/notebook-file';

// The notebooks in Deno's kernel. `DFMR_DENO=all npm run end-to-end -- deno` executes all of them, which takes twice as long.

const HEAVY = /^(00|06|08|09|15|16)-/;

const folder = path.join(REPOSITORY, 'notebooks');
const notebooks = readdirSync(folder).filter((name) => /^[^.]+\.ipynb$/.test(name));
const chosen = notebooks.filter((name) => process.env.DFMR_DENO === 'all' || !HEAVY.test(name));
const scratch = mkdtempSync(path.join(tmpdir(), 'dfmr-deno-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it('tries twelve notebooks or more', () => {
  expect(chosen.length).toBeGreaterThanOrEqual(12);
});

it.each(chosen)('Deno executes %s without an error, and all figures and tables arrive', async (name) => {
  const options = ['--ExecutePreprocessor.kernel_name=deno', '--ExecutePreprocessor.timeout=600'];
  const output = path.join(scratch, name);
  await promisify(execFile)(
    'jupyter',
    ['nbconvert', '--to', 'notebook', '--execute', ...options, '--output', output, path.join(folder, name)],
    { env: withDenoKernel(jupyterEnvironment(), scratch, fetchEngine('deno')) },
  );
  const executed = readNotebook(output).cells;
  const failed = executed.filter((cell) => !hasTag(cell, 'raises-exception') && outputsOf(cell).includes('error'));
  expect(failed.map(({ source }) => source)).toEqual([]);
  const shown = (cells: readonly Cell[]) =>
    cells.map((cell) => outputsOf(cell).filter((what) => what === PLOTLY_MIME || what === 'text/html'));
  expect(shown(executed)).toEqual(shown(readNotebook(path.join(folder, name)).cells));
});

/** What a cell put out, without the place of a progress bar: the MIME types of what it showed, an error, a stream. */
function outputsOf({ outputs = [] }: Cell): string[] {
  return outputs.flatMap((output) => {
    if (!('data' in output)) return output.output_type;
    return 'metadata' in output && output.metadata.transient === true ? [] : Object.keys(output.data).sort();
  });
}
