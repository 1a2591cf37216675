import fs from 'node:fs';
import { parseArgs } from 'node:util';
import { compareNotebooks, type Difference } from './compare';
import { type Execution, executeNotebook } from './execute';
import { readNotebook, writeNotebook } from './notebook-file';
import { notebookPage } from './page';
import { progress } from './progress';
import { addStaticImages, keepStaticImages, lacksStaticImages, startDrawing } from './static-images';

const USAGE = `Execute notebooks and write their outputs into them.

  node dist/notebook/run.js [--check] [--html] [--timeout seconds] notebook.ipynb …

  --check     write nothing; fail when the outputs are not the committed ones (those are then in notebook.actual.ipynb)
  --html      also write each notebook as a page, notebook.html, that needs no network
  --timeout   the longest time a cell may take, in seconds; 600 unless given`;

interface Flags {
  check: boolean;
  html: boolean;
  timeoutSeconds: number;
}

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      check: { type: 'boolean' },
      html: { type: 'boolean' },
      timeout: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return true;
  }
  const timeoutSeconds = Number(values.timeout ?? 600);
  if (positionals.length === 0) throw new Error(`no notebook given\n\n${USAGE}`);
  if (!(timeoutSeconds > 0))
    throw new Error(`--timeout ${values.timeout}: give a positive number of seconds\n\n${USAGE}`);
  const flags: Flags = { check: values.check ?? false, html: values.html ?? false, timeoutSeconds };
  let good = true;
  for (const file of positionals.filter((name) => !name.endsWith('.actual.ipynb'))) {
    // one after the other: the notebooks themselves use all cores
    const well = await runOne(file, flags).catch((error: Error) => {
      console.error(`FAILED  ${error.message}`);
      return false;
    });
    good &&= well;
  }
  return good;
}

/** Execute one notebook and say how it went. */
async function runOne(file: string, { check, html, timeoutSeconds }: Flags): Promise<boolean> {
  const bar = progress(file);
  const execution = await executeNotebook(file, { timeoutSeconds, onProgress: bar });
  bar(1, 1); // off the terminal, also when the notebook failed
  const { notebook, failure } = execution;
  const committed = readNotebook(file);
  keepStaticImages(committed, notebook);
  const differences = check && !failure ? compareNotebooks(committed, notebook) : [];
  const good = !failure && differences.length === 0;
  const actual = file.replace(/\.ipynb$/, '.actual.ipynb');
  if (good) fs.rmSync(actual, { force: true });
  else writeNotebook(actual, notebook);
  if (good && !check) {
    await drawMissingImages(execution);
    writeNotebook(file, notebook);
  }
  if (good && html) fs.writeFileSync(file.replace(/\.ipynb$/, '.html'), notebookPage(notebook));
  report(execution, differences, actual);
  return good;
}

async function drawMissingImages({ file, notebook }: Execution): Promise<void> {
  if (!lacksStaticImages(notebook)) return;
  const drawing = await startDrawing();
  if (drawing === undefined) {
    console.log(
      `      ${file}: no Chromium that starts (set CHROMIUM to its path), so new figures get no static image`,
    );
    return;
  }
  try {
    await addStaticImages(notebook, drawing.draw);
  } finally {
    await drawing.stop();
  }
}

function report({ file, failure, seconds }: Execution, differences: readonly Difference[], actual: string): void {
  const verdict = failure ? 'FAILED' : differences.length > 0 ? 'differs' : 'ok';
  console.log(`${verdict.padEnd(7)} ${file} (${seconds.toFixed(1)} s)`);
  if (failure) console.log(indent(`cell ${failure.cell}:\n${indent(failure.code)}\n${failure.message}`));
  for (const { cell, where, expected, got } of differences) {
    console.log(indent(`cell ${cell}, ${where}\n  expected: ${expected}\n  got:      ${got}`));
  }
  if (failure || differences.length > 0) console.log(indent(`what came out is in ${actual}`));
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}

main().then(
  (good) => process.exit(good ? 0 : 1),
  (error: Error) => {
    console.error(error.message);
    process.exit(2);
  },
);
