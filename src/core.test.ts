import { readFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import * as library from './index';

const REPOSITORY = path.resolve(__dirname, '..');

/** What a bundler makes of a program for a browser; `dfmr/core` is what was built. */
async function bundled(program: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: REPOSITORY },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  return { text: outputFiles[0].text, inputs: Object.keys(metafile.inputs), outputs: Object.values(metafile.outputs) };
}

it('needs nothing of Node, in any of its files', async () => {
  const { inputs, outputs } = await bundled("export * from 'dfmr/core';"); // a built-in would be an error
  const own = inputs.filter((file) => file.startsWith('dist/esm/'));
  expect(own.length).toBeGreaterThan(100);
  expect(outputs.flatMap(({ imports }) => imports)).toEqual([]);
  const needing = own.filter((file) =>
    /\b(process\.|Buffer\b|__dirname|require\(|setInterval)/.test(readFileSync(path.join(REPOSITORY, file), 'utf8')),
  );
  expect(needing).toEqual([]);
});

it('gives a program what it imports, and little more', async () => {
  const { text } = await bundled("import { dfmr } from 'dfmr/core'; globalThis.result = dfmr(globalThis.given);");
  expect(text.length).toBeLessThan(60_000);
  expect(text.length).toBeGreaterThan(10_000);
  const gaussian = await bundled(
    "import { dfmr, fit, gaussianMixture } from 'dfmr/core'; globalThis.run = { dfmr, fit, gaussianMixture };",
  );
  expect(gaussian.text.length).toBeLessThan(400_000);
});

it('as ES modules exports the same, with the same numbers', async () => {
  const modules: typeof library = await import(path.join(REPOSITORY, 'dist/esm/core.mjs'));
  const names = Object.keys(modules);
  expect(names.length).toBeGreaterThan(140);
  expect(names.filter((name) => !(name in library))).toEqual([]);
  const answer = ({ gaussianMixture, dfmr, sample }: typeof library) => {
    const G = gaussianMixture({ weights: [0.3, 0.7], means: [[0], [3]], covariances: [[[1]], [[2]]] });
    const liar = gaussianMixture({ weights: [0.3, 0.7], means: [[9], [3]], covariances: [[[1]], [[2]]] });
    const { mixture, radius, kept } = dfmr([G, G, liar]);
    return { mixture: mixture.toJSON(), radius, kept, draws: sample(G, 5, 1).data };
  };
  expect(answer(modules)).toEqual(answer(library));
});
