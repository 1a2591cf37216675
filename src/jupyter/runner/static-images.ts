import fs from 'node:fs';
import type { Browser } from 'playwright-core';
import { figureInHtml, PLOTLY_MIME, type PlainFigure, withStaticImage } from '../../page/figure-html';
import { folderOf } from '../../registry/packages';
import { canonicalJson, type DisplayOutput, joinText, type Notebook, splitText } from './notebook-file';

// Static images of the interactive figures, for places where no scripts run: GitHub, notebooks that Jupyter doesn't trust.

/** Pixels across an image of a figure that says no width: the width of a page's text. */
const WIDTH = 800;

/** Keeps the images of figures whose Plotly JSON is that of a figure of the earlier notebook, wherever it stands. */
export function keepStaticImages(earlier: Notebook, notebook: Notebook): void {
  const images = new Map<string, string>();
  for (const { data } of figureOutputs(earlier)) {
    if (data['image/png']) images.set(canonicalJson(data[PLOTLY_MIME]), joinText(data['image/png']));
  }
  for (const output of figureOutputs(notebook)) {
    const png = images.get(canonicalJson(output.data[PLOTLY_MIME]));
    if (png !== undefined) addImage(output, png);
  }
}

/** Adds an image to each figure that has none. */
export async function addStaticImages(notebook: Notebook, draw: DrawFigure): Promise<void> {
  const without = figureOutputs(notebook).filter(({ data }) => data['image/png'] === undefined);
  for (const output of without) {
    const figure = figureInHtml(joinText(output.data['text/html']));
    if (figure) addImage(output, await draw(figure));
  }
}

/** Whether a figure of the notebook has no image. */
export function lacksStaticImages(notebook: Notebook): boolean {
  return figureOutputs(notebook).some(({ data }) => data['image/png'] === undefined);
}

function figureOutputs(notebook: Notebook): DisplayOutput[] {
  return notebook.cells
    .flatMap((cell) => cell.outputs ?? [])
    .filter((output): output is DisplayOutput => 'data' in output && PLOTLY_MIME in output.data);
}

function addImage({ data }: DisplayOutput, png: string): void {
  const base64 = png.replace(/\s/g, '');
  const html = joinText(data['text/html']);
  data['image/png'] = base64;
  data['text/html'] = splitText(withStaticImage(html, `data:image/png;base64,${base64}`, joinText(data['text/plain'])));
}

/** Makes the PNG of a figure, as base64. */
export type DrawFigure = (figure: PlainFigure) => Promise<string>;

const BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** With these a Chromium starts without a screen, as root and without a network. */
export const BROWSER_FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--enable-unsafe-swiftshader', // 3-D figures without a graphics card
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The path of a Chromium: the environment variable CHROMIUM, else one in a usual place. */
export function findBrowser(): string | undefined {
  return [process.env.CHROMIUM ?? '', ...BROWSERS].find((file) => file !== '' && fs.existsSync(file));
}

/** Starts a browser that draws figures; undefined if none starts, or a package that draws is not installed. */
export async function startDrawing(): Promise<{ draw: DrawFigure; stop(): Promise<void> } | undefined> {
  const executablePath = findBrowser();
  const playwright = await import('playwright-core').catch(() => undefined);
  if (executablePath === undefined || playwright === undefined || !folderOf('plotly.js-dist')) return undefined;
  const browser: Browser | undefined = await playwright.chromium
    .launch({ executablePath, args: [...BROWSER_FLAGS] })
    .catch(() => undefined);
  if (browser === undefined) return undefined;
  const page = await browser.newPage();
  await page.setContent('<!doctype html><body></body>');
  await page.addScriptTag({ path: require.resolve('plotly.js-dist') });
  return {
    async draw({ data, layout }) {
      const size = { format: 'png', width: layout.width ?? WIDTH, height: layout.height, scale: 1 };
      const call = `Plotly.toImage(${JSON.stringify({ data, layout })}, ${JSON.stringify(size)})`;
      const url = (await page.evaluate(call)) as string;
      return url.slice(url.indexOf(',') + 1);
    },
    stop: () => browser.close(),
  };
}
