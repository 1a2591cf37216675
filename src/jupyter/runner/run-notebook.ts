import fs from 'node:fs';
import { NOTEBOOK_PAGE_PACKAGES } from '../../page/html-page';
import { need } from '../../registry/packages';
import type { Progress } from '../../work/work';
import { compareNotebooks, type Difference } from './compare';
import { type Execution, executeNotebook } from './execute';
import { readNotebook, writeNotebook } from './notebook-file';
import { addStaticImages, keepStaticImages, lacksStaticImages, startDrawing } from './static-images';

/** How a notebook file is run. */
export interface RunOptions {
  /** whether the outputs are only compared with those in the file, which is left alone */
  readonly check?: boolean;
  /** whether the notebook is also written as a page beside it, .html */
  readonly html?: boolean;
  /** the seconds that a cell may take */
  readonly timeoutSeconds?: number;
  /** called after each code cell */
  readonly onProgress?: (progress: Progress) => void;
  /** ends the notebook's process, with the signal's reason */
  readonly signal?: AbortSignal;
}

/** How a run went. */
export interface Run {
  /** whether no cell failed and, in a check, no output differs */
  readonly good: boolean;
  /** the verdict in the first line, then what failed or differs */
  readonly report: string;
}

/**
 * Executes a notebook file and writes the outputs into it, or compares them with those in it. The outputs of a run that is not good
 * are in a file beside it, .actual.ipynb, and the notebook is as it was.
 * @throws DamagedFile if the file is not a notebook, and the signal's reason when it aborts
 */
export async function runNotebook(
  file: string,
  { check = false, html = false, ...options }: RunOptions = {},
): Promise<Run> {
  if (html) need('a notebook as a page', ['tslab', ...NOTEBOOK_PAGE_PACKAGES]);
  const execution = await executeNotebook(file, options);
  const { notebook, failure } = execution;
  const committed = readNotebook(file);
  keepStaticImages(committed, notebook);
  const differences = check && !failure ? compareNotebooks(committed, notebook) : [];
  const good = !failure && differences.length === 0;
  const actual = file.replace(/\.ipynb$/, '.actual.ipynb');
  if (good) fs.rmSync(actual, { force: true });
  else writeNotebook(actual, notebook);
  const drawn = !(good && !check) || (await drawMissingImages(execution));
  if (good && !check) writeNotebook(file, notebook);
  if (good && html) {
    const { notebookPage } = await import('./notebook-page');
    fs.writeFileSync(file.replace(/\.ipynb$/, '.html'), notebookPage(notebook));
  }
  const lines = [verdictLine(execution, differences), ...details(execution, differences)];
  if (!good) lines.push(indent(`the outputs of this run are in ${actual}`));
  if (!drawn)
    lines.push(indent('no Chromium starts here (set CHROMIUM to its path), so new figures have no static image'));
  return { good, report: lines.join('\n') };
}

/** Whether every figure of the notebook has a static image now. */
async function drawMissingImages({ notebook }: Execution): Promise<boolean> {
  if (!lacksStaticImages(notebook)) return true;
  const drawing = await startDrawing();
  if (drawing === undefined) return false;
  try {
    await addStaticImages(notebook, drawing.draw);
    return true;
  } finally {
    await drawing.stop();
  }
}

function verdictLine({ file, failure, seconds }: Execution, differences: readonly Difference[]): string {
  const verdict = failure ? 'FAILED' : differences.length > 0 ? 'differs' : 'ok';
  return `${verdict.padEnd(7)} ${file} (${seconds.toFixed(1)} s)`;
}

function details({ failure }: Execution, differences: readonly Difference[]): string[] {
  if (failure) return [indent(`cell ${failure.cell}:\n${indent(failure.code)}\n${failure.message}`)];
  return differences.map(({ cell, where, expected, got }) =>
    indent(`cell ${cell}, ${where}\n  expected: ${expected}\n  got:      ${got}`),
  );
}

const indent = (text: string): string => text.replace(/^/gm, '    ');
