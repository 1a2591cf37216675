import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type * as Library from './index';

// What a user registers works wherever a built-in does. Threads and commands are files of the build: these are tests of the package as
// it is built.
const library: typeof Library = createRequire(__filename)(path.join(__dirname, '../dist/index.js'));
const { aggregateBy, fit, estimateToJSON, loadModule, methodsFigure, mixture, runStudy, sample, summarise } = library;
const MODULE = path.join(__dirname, 'own-module.fixture.cjs');
const COMMAND = path.join(__dirname, '../dist/cli/dfmr.js');
loadModule(MODULE);

const design: Library.StudyDesign = {
  settings: [
    {
      population: { family: 'maxwell', weights: [0.4, 0.6], parameters: [{ scale: 1 }, { scale: 6 }] },
      sampleSize: 300,
      machines: [7],
    },
  ],
  failures: ['clones', 'scale', 'weight'],
  fractions: [0, 0.3],
  methods: ['Oracle', 'median-machine', 'DFMR(2)'],
  distance: 'wasserstein',
  seed: 1,
};

describe('a rule, a distance, a failure and a family of one module', () => {
  it('are those of a study, on two threads as on one', async () => {
    const [one, two] = await Promise.all([1, 2].map((workers) => runStudy(design, { repetitions: 2, workers })));
    expect(two).toEqual(one);
    const rows = summarise(two);
    expect(rows).toHaveLength(3 * 2 * 3);
    const of = (method: string, failure: string, fraction: number) =>
      rows.find((row) => row.method === method && row.failure === failure && row.fraction === fraction);
    expect(of('median-machine', 'scale', 0.3)).toMatchObject({ family: 'maxwell', kept: 1, keptFailed: 0 });
    expect(of('DFMR(2)', 'scale', 0.3)?.keptFailed).toBe(0); // scales two to three times too large are far
    expect(of('Oracle', 'clones', 0.3)?.kept).toBeNull();
  });

  it('are those of an aggregation from files, by the command', async () => {
    const cwd = mkdtempSync(path.join(tmpdir(), 'dfmr-own-'));
    const truth = mixture('maxwell' as 'gamma', [0.4, 0.6], [{ scale: 1 }, { scale: 6 }]);
    const fits = [1, 2, 3, 4, 5].map((seed) => fit(sample(truth, 300, seed).data, { start: truth }));
    const files = fits.map((one, i) => {
      const file = path.join(cwd, `machine-${i}.json`);
      writeFileSync(file, JSON.stringify(estimateToJSON(one, { machine: `machine ${i}` })));
      return file;
    });
    const flags = ['--module', MODULE, '--rule', 'median-machine', '--distance', 'wasserstein', '-o', 'out.json'];
    const ended = spawnSync(process.execPath, [COMMAND, 'aggregate', ...files, ...flags], { cwd, encoding: 'utf8' });
    expect([ended.status, ended.stdout]).toEqual([0, expect.stringContaining('1 of 5 machines are kept')]);
    const { mixture: found, rule } = JSON.parse(readFileSync(path.join(cwd, 'out.json'), 'utf8'));
    const expected = await aggregateBy(fits, { rule: 'median-machine', distance: 'wasserstein' });
    expect([rule, found]).toEqual(['median-machine', JSON.parse(JSON.stringify(expected.mixture))]);
    expect([...expected.kept]).toHaveLength(1);
  });

  it('are those of a figure, the rule in its colour', () => {
    const [trace] = methodsFigure({ 'median-machine': 0.2, DFMR: 0.1 }, 'W₁').data;
    expect(trace).toMatchObject({ y: ['DFMR', 'median-machine'], marker: { color: ['#0072B2', '#7F3C8D'] } });
  });
});
