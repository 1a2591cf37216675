import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type EngineName, fetchEngine } from '../jupyter/engines';
import { REPOSITORY } from '../jupyter/repository';

// Other engines than Node run what a user of the library writes: README's ten lines, fits and a study on threads, tables, reports.

const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-engines-'));
beforeAll(() => {
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(REPOSITORY, path.join(folder, 'node_modules/dfmr'), 'dir');
  writeFileSync(path.join(folder, 'package.json'), '{}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a program prints, and that it ends well with nothing on standard error. */
function printed(name: string, text: string, program: string, ...options: string[]): string {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  const env = { ...process.env, DFMR_FUSED: 'no', NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(program, [...options, file], { cwd: folder, encoding: 'utf8', env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

const PROGRAM = `
import { fitAll, aggregate, analyse, mixsim, readTable, runStudy, sample } from 'dfmr';
import { reportPage } from 'dfmr/notebook';

const mixture = mixsim({ order: 3, dimension: 2, maximumOverlap: 0.05, seed: 1 });
const tables = [1, 2, 3, 4].map((seed) => sample(mixture, 300, seed).data);
const fits = await fitAll(tables, { order: 3, workers: 2 });
const { result } = await aggregate(fits);

const design = {
  settings: [{ population: mixture.toJSON(), sampleSize: 200, machines: [6] }],
  failures: ['mean'],
  fractions: [0.2],
  methods: ['Oracle', 'DFMR(1.3)', 'Vanilla'],
  seed: 1,
};
const { results } = await runStudy(design, { repetitions: 2, workers: 2 });

const penguins = await readTable('PENGUINS', { columns: ['flipper_length_mm', 'body_mass_g'], missing: 'drop' });
const analysis = await analyse(penguins, { machines: 4, order: 2, standardise: true });
const page = reportPage(analysis, { title: 'Penguins' });

console.log(
  JSON.stringify({
    logLikelihoods: fits.map(({ logLikelihood }) => logLikelihood),
    weights: [...result.mixture.weights],
    study: results,
    rows: penguins.rows,
    clusters: [...analysis.clusters],
    page: page.startsWith('<!doctype html>') && page.includes('Penguins'),
  }),
);
`;

/** Where two values differ, numbers by more than EM at its tolerance may: engines round exp and log differently in the last digit. */
function differences(one: unknown, other: unknown, place = ''): string[] {
  if (typeof one === 'number' && typeof other === 'number' && Math.abs(one - other) <= 1e-5 * (1 + Math.abs(one)))
    return [];
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other)
    return Object.is(one, other) ? [] : [`${place}: ${one}, ${other}`];
  const [left, right] = [one, other] as Record<string, unknown>[];
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].flatMap((key) => differences(left[key], right[key], `${place}.${key}`));
}

const RUN: { readonly [name in EngineName]: readonly string[] } = {
  bun: [],
  deno: ['run', '--allow-all', '--no-lock'],
  node24: [],
};

it.each(['bun', 'deno', 'node24'] as const)('%s fits, aggregates, studies and reports as this Node does', (name) => {
  const program = PROGRAM.replace('PENGUINS', path.join(REPOSITORY, 'data/penguins.csv'));
  const here = JSON.parse(printed('program.mjs', program, process.execPath));
  const there = JSON.parse(printed('program.mjs', program, fetchEngine(name), ...RUN[name]));
  expect(here).toMatchObject({ rows: 342, page: true });
  expect(differences(here, there)).toEqual([]);
});

it.each(['bun', 'deno'] as const)('%s runs the ten lines of the README', (name) => {
  const readme = readFileSync(path.join(REPOSITORY, 'README.md'), 'utf8');
  const [, lines] = /## Ten lines\n\n```ts\n(.*?)```/s.exec(readme) ?? [];
  const text = `${lines}\nconsole.log(JSON.stringify([...labels]));\n`;
  const output = printed('ten-lines.ts', text, fetchEngine(name), ...RUN[name])
    .trim()
    .split('\n');
  expect(output.at(-1)).toBe('[1,0]');
  expect(output.join('\n').match(/machine: \d/g)).toEqual(['machine: 7', 'machine: 8', 'machine: 9']);
});
