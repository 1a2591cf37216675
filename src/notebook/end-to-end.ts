import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { compareNotebooks } from './compare';
import { jupyterEnvironment } from './jupyter';
import { type Cell, hasTag, joinText, type Notebook, type Output, readNotebook, writeNotebook } from './notebook-file';
import { notebookPage } from './page';
import { REPOSITORY } from './repository';
import { PLOTLY_MIME } from './show';
import { BROWSER_FLAGS, findBrowser } from './static-images';

// The notebooks in the programs that people use: Jupyter's nbconvert, a browser without a network, Jupyter Notebook itself.
// Needs jupyter-notebook, jupyter-nbconvert and Chromium:  node dist/notebook/end-to-end.js [notebook.ipynb …]

const run = promisify(execFile);
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'dfmr-end-to-end-'));
let passed = 0;
let failed = 0;

async function check(name: string, body: () => Promise<void>): Promise<void> {
  try {
    await body();
    passed++;
    console.log(`ok      ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}\n${String((error as Error).message).replace(/^/gm, '        ')}`);
  }
}

async function main(): Promise<void> {
  const given = process.argv.slice(2);
  const notebooks = given.length > 0 ? given : tutorials();

  for (const file of notebooks) {
    await check(`nbconvert executes ${path.basename(file)} to the committed outputs`, () => executesAsCommitted(file));
  }
  await check('20 000 printed lines all arrive', printsAllLines);
  await check('600 cells in a row run', runsManyCells);
  await check('errors arrive with name and message, and the cells after them still run', tellsErrors);

  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error('no Chromium found: install it or set CHROMIUM to its path');
  const browser = await chromium.launch({ executablePath, args: [...BROWSER_FLAGS] });
  for (const file of notebooks) {
    await check(`the page of ${path.basename(file)} draws its figures offline`, () => drawsOffline(browser, file));
    await check(`Jupyter Notebook runs ${path.basename(file)} and draws its figures`, () => runsLive(browser, file));
  }
  await browser.close();
}

function tutorials(): string[] {
  const folder = path.join(REPOSITORY, 'notebooks');
  const names = fs.readdirSync(folder).filter((name) => /^[^.]+\.ipynb$/.test(name));
  return names.sort().map((name) => path.join(folder, name));
}

/** Execute with our kernel by Jupyter's own tool. */
async function nbconvert(file: string, ...options: string[]): Promise<Notebook> {
  const output = path.join(scratch, `executed-${path.basename(file)}`);
  const common = ['--to', 'notebook', '--execute', '--ExecutePreprocessor.record_timing=False'];
  const timeout = '--ExecutePreprocessor.timeout=600';
  await run('jupyter', ['nbconvert', ...common, timeout, ...options, '--output', output, file], {
    env: jupyterEnvironment(),
  });
  return readNotebook(output);
}

async function executesAsCommitted(file: string): Promise<void> {
  const executed = await nbconvert(file);
  for (const cell of executed.cells) {
    if (hasTag(cell, 'raises-exception')) continue;
    const error = cell.outputs?.find((output) => output.output_type === 'error');
    assert.equal(error, undefined, `a cell failed: ${JSON.stringify(error)}`);
  }
  const differences = compareNotebooks(readNotebook(file), executed).map(
    ({ cell, where, expected, got }) => `cell ${cell}, ${where}: expected ${expected}, got ${got}`,
  );
  assert.equal(differences.join('\n'), '');
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
  assert.equal(printed(cells[0]), Array.from({ length: 20000 }, (_, i) => `${i}\n`).join(''));
  assert.equal(printed(cells[1]), 'after\n');
}

async function runsManyCells(): Promise<void> {
  const codes = Array.from({ length: 600 }, (_, i) => `console.log(${i});`);
  const cells = await nbconvertCells('cells', codes);
  assert.deepEqual(
    cells.map((cell) => [cell.execution_count, printed(cell)]),
    codes.map((_, i) => [i + 1, `${i}\n`]),
  );
}

async function tellsErrors(): Promise<void> {
  const codes = ['throw new RangeError("order 0");', 'const text: string = null;', 'console.log("after");'];
  const cells = await nbconvertCells('errors', codes, '--allow-errors');
  const names = cells.map(({ outputs = [] }) =>
    outputs.map((output: Output) => ('ename' in output ? output.ename : '')),
  );
  assert.deepEqual(names, [['RangeError'], ['TypeScriptError'], ['']]);
  const [first, second] = cells.map((cell) => cell.outputs?.[0]);
  assert.equal(first && 'evalue' in first && first.evalue, 'order 0');
  assert.match(String(second && 'evalue' in second && second.evalue), /Type 'null' is not assignable to type 'string'/);
  assert.equal(printed(cells[2]), 'after\n');
}

async function drawsOffline(browser: Browser, file: string): Promise<void> {
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
  assert.deepEqual(complaints, []);
  assert.deepEqual(
    requests.filter((url) => !/^(file|data|blob):/.test(url)),
    [],
  );
  await context.close();
}

async function runsLive(browser: Browser, file: string): Promise<void> {
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
    assert.equal(await page.locator('.output_error').count(), expectedErrors, 'cells that failed');
    const figures = await allFiguresDrawn(page, file);
    const fromServer = `${address}/files/node_modules/plotly.js-dist/plotly.js`;
    assert.deepEqual(scripts, figures > 0 ? [fromServer] : [], 'Plotly is loaded once, from the server itself');
    assert.deepEqual(exceptions, []);
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
    assert.fail(`${await page.evaluate(drawn)} of ${count} figures are drawn`);
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

main()
  .catch((error: Error) => {
    failed++;
    console.log(`FAILED  ${error.message}`);
  })
  .finally(() => {
    fs.rmSync(scratch, { recursive: true, force: true });
    console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed === 0 ? 0 : 1);
  });
