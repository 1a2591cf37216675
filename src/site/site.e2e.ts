import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BROWSER_FLAGS, findBrowser } from '../jupyter/runner/static-images';
import { deadLinks } from './dead-links.fixture';
import { livePage } from './live-page';
import { convert, type Entry, entriesOf, KIND } from './reference-model';
import { writeSite } from './site';

// The whole site, as `npm run docs` writes it, opened from files in Chromium.

const repository = path.join(__dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-whole-site-'));
let browser: Browser;
let files: readonly string[];
let entries: Entry[];
let warnings: string[];

beforeAll(async () => {
  const converted = convert(repository);
  warnings = converted.warnings;
  entries = entriesOf(converted.project);
  ({ files } = await writeSite({ repository, folder, live: livePage(), entries }));
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error('no Chromium found: install it or set CHROMIUM to its path');
  browser = await chromium.launch({ executablePath, args: [...BROWSER_FLAGS] });
}, 300_000);
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const isFunction = ({ reflection }: Entry): boolean => reflection.kind === KIND.function;

it('TypeDoc has nothing to say against the docstrings', () => {
  expect(warnings).toEqual([]);
});

it('no link of the site is dead', () => {
  expect(deadLinks(folder)).toEqual([]);
});

it('the reference has every public function, with an example', () => {
  expect(entries.filter(isFunction).length).toBeGreaterThan(170);
  const examples = (entry: Entry) =>
    (entry.reflection.signatures ?? []).some(({ comment }) =>
      comment?.blockTags?.some(({ tag }) => tag === '@example'),
    );
  expect(entries.filter((entry) => isFunction(entry) && !examples(entry)).map(({ name }) => name)).toEqual([]);
});

it('every page opens from its file without an error, and fits a phone', async () => {
  const context = await browser.newContext({
    offline: true,
    viewport: { width: 400, height: 800 },
    colorScheme: 'dark',
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on('requestfailed', (request) => complaints.push(`${page.url()}: ${request.url()}`));
  const seen = files.filter((file) => file.endsWith('.html') && !/^files\/(?!notebooks)/.test(file));
  for (const file of seen) {
    await page.goto(pathToFileURL(path.join(folder, file)).href);
    await page.waitForFunction(`document.querySelectorAll('[data-dfmr]:not([data-drawn])').length === 0`);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    if (Number(width) > 400) complaints.push(`${file} is ${width} px wide`);
  }
  expect(seen.length).toBeGreaterThan(50);
  expect(complaints).toEqual([]);
  await context.close();
});

it('the filter of the reference leaves what has all words, and the way to it', async () => {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(path.join(folder, 'reference/index.html')).href);
  await page.fill('.filter', 'wasserstein distance');
  const left = await page.$$eval('.entry-list li', (items) =>
    items.filter((one) => !(one as unknown as { hidden: boolean }).hidden).map((one) => one.textContent ?? ''),
  );
  expect(left.length).toBeGreaterThan(0);
  for (const item of left) expect(item.toLowerCase()).toMatch(/wasserstein[\s\S]*distance|distance[\s\S]*wasserstein/);
  await page.fill('.filter', 'wasserstein1');
  await page.press('.filter', 'Enter');
  await page.waitForURL(/distance\.html#wasserstein1$/);
  await page.close();
});
