import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BROWSER_FLAGS, findBrowser } from '../jupyter/runner/static-images';
import { answersOf, SCENES } from './live/scene';
import { livePage } from './live-page';

// The live page in Chromium, opened from its file: by mouse, by touch and by keys.

const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-live-'));
const file = path.join(folder, 'live.html');
let browser: Browser;
let page: Page;
let complaints: string[] = [];

beforeAll(async () => {
  writeFileSync(file, livePage());
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error('no Chromium found: install it or set CHROMIUM to its path');
  browser = await chromium.launch({ executablePath, args: [...BROWSER_FLAGS] });
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = async (options: BrowserContextOptions) => {
  const context = await browser.newContext({ offline: true, ...options });
  page = await context.newPage();
  complaints = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => complaints.push(message.text()));
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) complaints.push(request.url());
  });
  await page.goto(pathToFileURL(file).href);
};
afterEach(async () => {
  expect(complaints).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  await page.context().close();
});

const errors = async (): Promise<number[]> =>
  (await page.locator('#errors .value').allTextContents()).map((text) => Number(text));

/** The middle of the handle of component k. */
async function handleAt(k: number): Promise<{ x: number; y: number }> {
  const box = await page.locator(`.handle[data-component="${k}"] .grip`).boundingBox();
  if (!box) throw new Error(`handle ${k} is not to be seen`);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Waits until the rules have answered something else than before. */
const answered = (before: readonly number[]) =>
  expect.poll(async () => JSON.stringify(await errors())).not.toBe(JSON.stringify(before));

describe('on a desktop', () => {
  beforeEach(() => open({ viewport: { width: 1200, height: 900 } }));

  it('shows what Node computes, and answers to a drag at once', async () => {
    const shown = await errors();
    const order = ['vanilla', 'coat', 'dfmr', 'components', 'oracle'];
    const expected = order.map((name) => answersOf(SCENES.far).rules.find((rule) => rule.name === name)?.error ?? 0);
    for (const [r, error] of expected.entries()) expect(shown[r]).toBeCloseTo(error, 2);
    const from = await handleAt(0);
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x + 40, from.y + 60, { steps: 4 });
    await answered(shown);
    await page.mouse.up();
    await expect.poll(async () => Math.abs((await handleAt(0)).y - from.y - 60)).toBeLessThan(2);
  });

  it('answers to keys, and tells it in words', async () => {
    const before = await errors();
    await page.locator('.handle[data-component="1"]').focus();
    for (let press = 0; press < 4; press++) await page.keyboard.press('Shift+ArrowUp');
    await answered(before);
    expect(await page.locator('.handle[data-component="1"]').getAttribute('aria-label')).toContain('(2.5, 2.8)');
    expect(await page.locator('[data-choose="1"]').getAttribute('aria-pressed')).toBe('true');
    await page.locator('#liars').focus();
    for (let press = 0; press < 10; press++) await page.keyboard.press('ArrowLeft');
    await expect.poll(() => page.locator('#summary').textContent()).toMatch(/^Nobody lies\./);
  });

  it('has scenes to try, switches for rules, and a story for every machine', async () => {
    const before = await errors();
    await page.getByRole('button', { name: 'A lie that is light and wide' }).click();
    await answered(before);
    const [vanilla, , dfmr, components] = await errors();
    expect(dfmr / vanilla).toBeGreaterThan(0.9);
    expect(vanilla / components).toBeGreaterThan(3);
    expect(await page.locator('.merged.oracle').count()).toBe(0);
    await page.locator('[data-rule="oracle"]').click();
    expect(await page.locator('.merged.oracle').count()).toBe(3);
    await page.locator('.chip.liar').first().click();
    expect(await page.locator('#story').textContent()).toMatch(/^Machine \d+ lies\. .*Component rule: its component 2/);
    await page.locator('#machines').fill('40');
    await expect.poll(() => page.locator('.chip').count()).toBe(40);
    await page.locator('#rows').fill('5');
    await expect.poll(() => page.locator('#rows-value').textContent()).toBe('4000');
  });
});

it('on a phone in the dark, a finger moves the liar and not the page', async () => {
  await open({ viewport: { width: 400, height: 800 }, isMobile: true, hasTouch: true, colorScheme: 'dark' });
  const before = await errors();
  const from = await handleAt(0);
  const client = await page.context().newCDPSession(page);
  const touch = (type: string, dx: number, dy: number) =>
    client.send('Input.dispatchTouchEvent', {
      type: type as 'touchStart',
      touchPoints: type === 'touchEnd' ? [] : [{ x: from.x + dx, y: from.y + dy }],
    });
  await touch('touchStart', 0, 0);
  for (let step = 1; step <= 5; step++) await touch('touchMove', 8 * step, 10 * step);
  await answered(before);
  await touch('touchEnd', 0, 0);
  const moved = async () => {
    const { x, y } = await handleAt(0);
    return Math.round(Math.hypot(x - from.x - 40, y - from.y - 50));
  };
  await expect.poll(moved).toBeLessThanOrEqual(1);
  expect(await page.evaluate('scrollY')).toBe(0);
});
