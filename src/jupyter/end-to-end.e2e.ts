import { type ChildProcess, execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PLOTLY_MIME } from '../page/figure-html';
import { jupyterEnvironment } from './kernel/jupyter-environment';
import { REPOSITORY } from './repository';
import { compareNotebooks } from './runner/compare';
import {
  type Cell,
  hasTag,
  joinText,
  type Notebook,
  type Output,
  readNotebook,
  writeNotebook,
} from './runner/notebook-file';
import { notebookPage } from './runner/notebook-page';
import { BROWSER_FLAGS, findBrowser } from './runner/static-images';

// The notebooks in the programs that people use: Jupyter's nbconvert, a browser without a network, Jupyter Notebook itself.
// `npm run end-to-end` needs jupyter-notebook, jupyter-nbconvert and Chromium; `npm run end-to-end -- -t 03-l2` tries one notebook.

const run = promisify(execFile);
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'dfmr-end-to-end-'));
const folder = path.join(REPOSITORY, 'notebooks');
const tutorials = fs.readdirSync(folder).filter((name) => /^[^.]+\.ipynb$/.test(name));

let browser: Browser;
beforeAll(async () => {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error('no Chromium found: install it or set CHROMIUM to its path');
  browser = await chromium.launch({ executablePath, args: [...BROWSER_FLAGS] });
});
afterAll(async () => {
  await browser?.close();
  fs.rmSync(scratch, { recursive: true, force: true });
});

it.each(tutorials)('nbconvert executes %s to the committed outputs', (name) =>
  executesAsCommitted(path.join(folder, name)),
);
it('20 000 printed lines all arrive', printsAllLines);
it('600 cells in a row run', runsManyCells);
it('errors arrive with name and message, and the cells after them still run', reportsErrors);
it.each(tutorials)('the page of %s draws its figures offline', (name) => drawsOffline(path.join(folder, name)));
it.each(tutorials)('Jupyter Notebook runs %s and draws its figures', (name) => runsLive(path.join(folder, name)));

/** Execute with our kernel by Jupyter's own tool. */
async function nbconvert(file: string, ...options: string[]): Promise<Notebook> {
  const output = path.join(scratch, `executed-${path.basename(file)}`);
  const common = ['--to', 'notebook', '--execute', '--ExecutePreprocessor.record_timing=False'];
  const timeout = '--ExecutePreprocessor.timeout=600';
  await run('jupyter', ['nbconvert', ...common, timeout, ...options, '--output', output, file], {
    env: { ...jupyterEnvironment(), DFMR_FUSED: 'no' }, // as `dfmr run` does, whose outputs are committed
  });
  return readNotebook(output);
}

async function executesAsCommitted(file: string): Promise<void> {
  const executed = await nbconvert(file);
  for (const cell of executed.cells) {
    if (hasTag(cell, 'raises-exception')) continue;
    const error = cell.outputs?.find((output) => output.output_type === 'error');
    expect(error).toBeUndefined();
  }
  const differences = compareNotebooks(readNotebook(file), executed).map(
    ({ cell, where, expected, got }) => `cell ${cell}, ${where}: expected ${expected}, got ${got}`,
  );
  expect(differences).toEqual([]);
}

async function nbconvertCells(name: string, codes: string[], ...options: string[]): Promise<Cell[]> {
  const cells = codes.map((source, i): Cell => {
    return { id: `cell-${i}`, cell_type: 'code', source, metadata: {}, execution_count: null, outputs: [] };
  });
  const kernelspec = { display_name: 'TypeScript (tslab)', language: 'typescript', name: 'tslab' };
  const file = path.join(scratch, `${name}.ipynb`);
  writeNotebook(file, { cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 });
  return (await nbconvert(file, ...options)).cells;
}

function printed(cell: Cell | undefined): string {
  return (cell?.outputs ?? []).map((output) => (output.output_type === 'stream' ? joinText(output.text) : '')).join('');
}

async function printsAllLines(): Promise<void> {
  const cells = await nbconvertCells('lines', [
    'for (let i = 0; i < 20000; i++) console.log(i);',
    'console.log("after");',
  ]);
  expect(printed(cells[0])).toBe(Array.from({ length: 20000 }, (_, i) => `${i}\n`).join(''));
  expect(printed(cells[1])).toBe('after\n');
}

async function runsManyCells(): Promise<void> {
  const codes = Array.from({ length: 600 }, (_, i) => `console.log(${i});`);
  const cells = await nbconvertCells('cells', codes);
  expect(cells.map((cell) => [cell.execution_count, printed(cell)])).toEqual(codes.map((_, i) => [i + 1, `${i}\n`]));
}

async function reportsErrors(): Promise<void> {
  const codes = ['throw new RangeError("order 0");', 'const text: string = null;', 'console.log("after");'];
  const cells = await nbconvertCells('errors', codes, '--allow-errors');
  const names = cells.map(({ outputs = [] }) =>
    outputs.map((output: Output) => ('ename' in output ? output.ename : '')),
  );
  expect(names).toEqual([['RangeError'], ['TypeScriptError'], ['']]);
  const [first, second] = cells.map((cell) => cell.outputs?.[0]);
  expect(first).toMatchObject({ evalue: 'order 0' });
  expect(second).toMatchObject({ evalue: expect.stringMatching(/Type 'null' is not assignable to type 'string'/) });
  expect(printed(cells[2])).toBe('after\n');
}

async function drawsOffline(file: string): Promise<void> {
  const html = path.join(scratch, `${path.basename(file)}.html`);
  fs.writeFileSync(html, notebookPage(readNotebook(file)));
  const context = await browser.newContext({ offline: true });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url().slice(0, 100)));
  await page.goto(pathToFileURL(html).href);
  await allFiguresDrawn(page, file);
  expect(complaints).toEqual([]);
  expect(requests.filter((url) => !/^(file|data|blob):/.test(url))).toEqual([]);
  await context.close();
}

async function runsLive(file: string): Promise<void> {
  const { server, address } = await startJupyter();
  const page = await browser.newPage();
  try {
    const exceptions: string[] = []; // of Jupyter's own console messages there are always some
    page.on('pageerror', (error) => exceptions.push(error.message));
    const scripts: string[] = [];
    page.on('request', (request) => {
      if (/plotly/.test(request.url())) scripts.push(request.url());
    });
    await page.route('**/api/contents/**', (route) =>
      route.request().method() === 'GET' ? route.continue() : route.abort(),
    );
    const relative = path.relative(REPOSITORY, path.resolve(file)).split(path.sep).join('/');
    await page.goto(`${address}/notebooks/${relative}`);
    await page.waitForFunction('window.Jupyter?.notebook?.kernel?.is_connected()', undefined, { timeout: 60_000 });
    await page.evaluate('Jupyter.notebook.set_autosave_interval(0); Jupyter.notebook.clear_all_output();');
    await page.evaluate('Jupyter.notebook.execute_all_cells();');
    // a cell that runs or waits has the prompt '*'; those after a failure are aborted and have none
    const finished = "Jupyter.notebook.get_cells().every((cell) => cell.input_prompt_number !== '*')";
    await page.waitForFunction(finished, undefined, { timeout: 300_000 });
    const expectedErrors = readNotebook(file).cells.filter((cell) => hasTag(cell, 'raises-exception')).length;
    expect(await page.locator('.output_error').count(), 'cells that failed').toBe(expectedErrors);
    const figures = await allFiguresDrawn(page, file);
    const fromServer = `${address}/files/node_modules/plotly.js-dist/plotly.js`;
    expect(scripts, 'Plotly is loaded once, from the server itself').toEqual(figures > 0 ? [fromServer] : []);
    expect(exceptions).toEqual([]);
  } finally {
    await page.evaluate('window.onbeforeunload = null').catch(() => {});
    await page.close();
    server.kill('SIGTERM');
    await new Promise((resolve) => server.once('exit', resolve));
  }
}

/** Wait until every figure of the notebook is there and has a size. Returns how many there are. */
async function allFiguresDrawn(page: Page, file: string): Promise<number> {
  const outputs = readNotebook(file).cells.flatMap((cell) => cell.outputs ?? []);
  const count = outputs.filter((output) => 'data' in output && PLOTLY_MIME in output.data).length;
  const drawn = `[...document.querySelectorAll('[data-dfmr]')].filter((figure) => {
    const box = figure.querySelector('svg.main-svg')?.getBoundingClientRect();
    return box && box.width > 100 && box.height > 100;
  }).length`;
  await page.waitForFunction(`${drawn} === ${count}`, undefined, { timeout: 30_000 }).catch(async () => {
    throw new Error(`${await page.evaluate(drawn)} of ${count} figures are drawn`);
  });
  return count;
}

async function startJupyter(): Promise<{ server: ChildProcess; address: string }> {
  const port = await freePort();
  const options = [
    '--no-browser',
    '--ip=127.0.0.1',
    `--port=${port}`,
    '--NotebookApp.token=',
    `--notebook-dir=${REPOSITORY}`,
  ];
  const asRoot = process.getuid?.() === 0 ? ['--allow-root'] : [];
  const server = spawn('jupyter', ['notebook', ...options, ...asRoot], { env: jupyterEnvironment(), stdio: 'ignore' });
  const address = `http://127.0.0.1:${port}`;
  for (let attempt = 0; attempt < 120; attempt++) {
    if (server.exitCode !== null) break;
    const response = await fetch(`${address}/api`).catch(() => undefined);
    if (response?.ok) return { server, address };
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  server.kill('SIGTERM');
  throw new Error(`Jupyter Notebook does not answer at ${address}: does \`jupyter notebook\` start here?`);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as net.AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
