import { build } from 'esbuild';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as library from './index';
import { REPOSITORY } from './jupyter/repository';
import { BROWSER_FLAGS, findBrowser } from './jupyter/runner/static-images';

// dfmr/core in Chromium, with the numbers that Node has.

/** What is asked, at once when the library is there, by a function that has no other name than the library. */
async function numbersOf(dfmr: typeof import('./core')) {
  const pair = (means: [number, number], weight: number) =>
    dfmr.gaussianMixture({ weights: [weight, 1 - weight], means: means.map((x) => [x, -x]), covariances: [1, 2].map((v) => [[v, 0.3], [0.3, 1]]) }); // biome-ignore format: short
  const truth = pair([-2, 2], 0.4);
  const fits = Array.from({ length: 8 }, (_, i) =>
    dfmr.fit(dfmr.sample(i < 2 ? pair([-2, 7], 0.4) : truth, 400, i).data, { order: 2, start: truth }),
  );
  const waits = dfmr.gammaMixture({ weights: [0.5, 0.5], shapes: [2, 9], scales: [1, 2] });
  const gamma = dfmr.fit(dfmr.sample(waits, 500, 1).data, { order: 2, seed: 1 });
  const gammaFit = dfmr.fit(dfmr.sample(waits, 500, 1).data, { order: 2, family: 'gamma', seed: 1 });
  const filtered = dfmr.dfmr(fits);
  const parts = dfmr.dfmrComponents(fits);
  const aggregated = await dfmr.aggregate(fits, { uncertainty: false });
  const starts = dfmr.fit(dfmr.sample(truth, 5000, 3).data, { order: 2, starts: 2, seed: 4 });
  return {
    fits: fits.map(({ mixture, logLikelihood }) => [...dfmr.mixtureToVector(mixture), logLikelihood]),
    starts: [...dfmr.mixtureToVector(starts.mixture)],
    gamma: [...dfmr.mixtureToVector(gammaFit.mixture), gamma.logLikelihood, gammaFit.logLikelihood],
    dfmr: {
      vector: [...dfmr.mixtureToVector(filtered.mixture)],
      kept: [...filtered.kept],
      threshold: filtered.threshold,
    },
    components: { vector: [...dfmr.mixtureToVector(parts.mixture)], kept: [...parts.keptComponents] },
    setAside: aggregated.result.setAside.map(({ machine, component }) => ({ machine, component })),
    error: dfmr.wasserstein1(filtered.mixture, truth),
    overlap: dfmr.overlap(truth).maximum,
    simulated: [...dfmr.mixtureToVector(dfmr.mixsim({ order: 3, dimension: 2, maximumOverlap: 0.05, seed: 5 }))],
    standardErrors: [...dfmr.standardErrors(filtered, { draws: 2000 })],
    trimmed: [...dfmr.mixtureToVector(dfmr.trim(fits).mixture)],
    figures: [
      dfmr.mixtureFigure(filtered.mixture),
      dfmr.densityFigure(waits),
      dfmr.distanceFigure(filtered),
      dfmr.inflationCurveFigure(dfmr.inflationCurve(fits), 1.3),
    ],
  };
}

let browser: Browser;
beforeAll(async () => {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error('no Chromium found: install it or set CHROMIUM to its path');
  browser = await chromium.launch({ executablePath, args: [...BROWSER_FLAGS] });
});
afterAll(() => browser?.close());

/** Numbers that differ by more than fused products may, by their places. */
function differences(a: unknown, b: unknown, place = ''): string[] {
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= 1e-6 * Math.max(1e-3, Math.abs(b)) ? [] : [`${place}: ${a}, not ${b}`];
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return a === b ? [] : [`${place}: ${a}, not ${b}`];
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return keys.flatMap((key) =>
    differences((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], `${place}.${key}`),
  );
}

it('fits, rules, theory and figures have the numbers of Node, at once when a page is loaded', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: `import * as dfmr from 'dfmr/core'; const __name = (x) => x; globalThis.answer = (${numbersOf})(dfmr);`,
      resolveDir: REPOSITORY,
    },
    ...{ bundle: true, format: 'iife', platform: 'browser', target: 'es2022', write: false },
  });
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => complaints.push(message.text()));
  await page.setContent(
    `<!doctype html><title>dfmr</title><script>${outputFiles[0].text.replaceAll('</script', '<\\/script')}</script>`,
  );
  const inBrowser = await page.evaluate('globalThis.answer');
  const here = JSON.parse(JSON.stringify(await numbersOf(library))) as Awaited<ReturnType<typeof numbersOf>>;
  expect(complaints).toEqual([]);
  expect(here.dfmr.kept).toEqual([2, 3, 4, 5, 6, 7].filter((i) => here.dfmr.kept.includes(i)));
  expect(here.setAside.map(({ machine }) => machine)).toEqual(expect.arrayContaining([0, 1]));
  expect(differences(JSON.parse(JSON.stringify(inBrowser)), here)).toEqual([]);
  await page.close();
});
