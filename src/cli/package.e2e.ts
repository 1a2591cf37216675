import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// The package as others get it: packed, and installed from the npm registry alone into an empty project.

const ROOT = path.resolve(__dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-package-'));
const project = path.join(folder, 'project');
const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const tarball = path.join(folder, `dfmr-${version}.tgz`);

/** Runs a program; what it printed, or an error with all of it. */
function run(command: string, words: readonly string[], cwd = project): string {
  const { status, stdout, stderr } = spawnSync(command, words, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** Runs the command that the project has; how it ended. */
function dfmr(...words: string[]) {
  const env = { ...process.env, JUPYTER_DATA_DIR: path.join(folder, 'jupyter') };
  const { status, stdout, stderr } = spawnSync('npx', ['--no', '--', 'dfmr', ...words], {
    cwd: project,
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr };
}

const write = (name: string, text: string) => writeFileSync(path.join(project, name), text);

/** The ten lines of the README. */
const [, TEN_LINES] = /## Ten lines\s+```ts\n(.*?)```/s.exec(readFileSync(path.join(ROOT, 'README.md'), 'utf8')) ?? [];

beforeAll(() => {
  run('npm', ['pack', '--pack-destination', folder], ROOT);
  mkdirSync(project);
  write('package.json', '{ "name": "empty", "private": true }');
  run('npm', ['install', tarball, '--no-audit', '--no-fund', '--prefer-offline']);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

/** All files below a folder. */
const filesIn = (where: string) =>
  readdirSync(where, { recursive: true, encoding: 'utf8' })
    .map((name) => path.join(where, name))
    .filter((file) => statSync(file).isFile());

it('is at most 1 MB, and with all it needs at most 40 packages and 30 MB', () => {
  expect(statSync(tarball).size).toBeLessThanOrEqual(1e6);
  const modules = path.join(project, 'node_modules');
  const { packages } = JSON.parse(readFileSync(path.join(modules, '.package-lock.json'), 'utf8'));
  expect(Object.keys(packages).length).toBeLessThanOrEqual(40);
  const bytes = filesIn(modules).reduce((sum, file) => sum + statSync(file).size, 0);
  expect(bytes).toBeLessThanOrEqual(30e6);
});

it('holds what it exports, and neither maps nor what is for the repository', () => {
  const installed = path.join(project, 'node_modules/dfmr');
  const names = filesIn(installed).map((file) => path.relative(installed, file).split(path.sep).join('/'));
  expect(names).toContain('dist/messages/estimate.schema.json');
  expect(
    names.filter((name) => /\.map$|^dist\/(bench|site)|\.test\.|\.tsbuildinfo|^(src|notebooks|data)\//.test(name)),
  ).toEqual([]);
  const mapped = names.filter((name) =>
    /^\/\/# sourceMappingURL/m.test(readFileSync(path.join(installed, name), 'utf8')),
  );
  expect(mapped).toEqual([]);
  expect(existsSync(path.join(ROOT, 'dist/index.d.ts.map'))).toBe(true); // the build is as it was
});

it.each([
  ['an ES module', 'ten.mjs', (text: string) => text],
  [
    'CommonJS',
    'ten.cjs',
    (text: string) => `(async () => {${text.replace(/^import (.*) from '(.*)';/gm, "const $1 = require('$2');")}})();`,
  ],
])('runs the ten lines as %s', (_, name, form) => {
  write(
    name,
    form(TEN_LINES.replace(/: number/g, '')).replace(
      'console.log(result.setAside)',
      'console.log(labels, result.setAside.map(({ machine }) => machine).sort())',
    ),
  );
  expect(run('node', [name]).replace(/\s+/g, ' ')).toMatch(/\[ ?1, 0 ?\] \[ 7, 8, 9 \]/);
});

it('is the same from dfmr and dfmr/core, by import and by require', () => {
  write(
    'same.mjs',
    `import * as all from 'dfmr'; import * as core from 'dfmr/core'; import schema from 'dfmr/estimate.schema.json' with { type: 'json' };
import { createRequire } from 'node:module';
const required = createRequire(import.meta.url)('dfmr');
const differ = Object.keys(required).filter((name) => all[name] !== required[name] || (name in core && core[name] !== all[name]));
console.log(differ.length, typeof core.fit, schema.type);`,
  );
  expect(run('node', ['--no-warnings', 'same.mjs'])).toBe('0 function object\n');
});

it.each([
  ['node16', 'node16'],
  ['esnext', 'bundler'],
  ['commonjs', 'node10'],
])('has types for module %s and resolution %s, whose own are checked too', (module, resolution) => {
  write(
    'ten.ts',
    `export async function ten() {\n${TEN_LINES.replace(/^import .*$/gm, '')}\nreturn labels[0] + result.kept.length;\n}
${/^import .*$/m.exec(TEN_LINES)?.[0]}
import { mixtureFigure } from 'dfmr';
import { fit } from 'dfmr/core';
import { show } from 'dfmr/notebook';
export const draw = (rows: number[][]) => show(mixtureFigure(fit(rows, { order: 2 }).mixture, rows));
// @ts-expect-error: the order is a number
export const wrong = fit([[1], [2]], { order: 'two' });`,
  );
  const compiler = path.join(ROOT, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', module, '--moduleResolution', resolution];
  expect(run('node', [compiler, ...options, '--types', 'node', 'ten.ts'])).toBe('');
});

describe('the command', () => {
  it('has its version, and fits, aggregates and classifies', () => {
    write(
      'make.cjs',
      `const { mixsim, sample } = require('dfmr');
const { data, rows, columns } = sample(mixsim({ order: 2, dimension: 2, maximumOverlap: 0.001, seed: 1 }), 1000, 1).data;
console.log('x,y'); for (let i = 0; i < rows; i++) console.log([...data.subarray(i * columns, (i + 1) * columns)].join());`,
    );
    write('mine.csv', run('node', ['make.cjs']));
    expect(dfmr('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
    expect(dfmr('fit', 'mine.csv', '--machines', '4', '--order', '2', '--out', 'estimates').status).toBe(0);
    expect(dfmr('aggregate', 'estimates', '--out', 'mixture.json').status).toBe(0);
    expect(dfmr('classify', 'mine.csv', '--mixture', 'mixture.json', '--out', 'clusters.csv').status).toBe(0);
    expect(readFileSync(path.join(project, 'clusters.csv'), 'utf8').trim().split('\n')).toHaveLength(1001);
  });

  it('names in one line what a use misses, before it begins', () => {
    const report = dfmr('aggregate', 'estimates', '--out', 'again.json', '--report', 'report.html');
    expect([report.status, report.stderr]).toEqual([
      1,
      expect.stringMatching(/npm install plotly\.js-dist, or leave it out\n$/),
    ]);
    expect(existsSync(path.join(project, 'again.json'))).toBe(false);
    expect(dfmr('notebook', 'mine').stdout).toMatch(
      /The tutorials are in .*The kernel needs .*: npm install tslab plotly\.js-dist\n/s,
    );
    const page = dfmr('run', '--html', 'mine/notebooks/start.ipynb');
    expect([page.status, page.stderr]).toEqual([
      1,
      expect.stringMatching(/npm install tslab plotly\.js-dist markdown-it katex highlight\.js\n/),
    ]);
    write('mine.xlsx', '');
    expect(dfmr('fit', 'mine.xlsx', '--order', '2', '--out', 'x.json').stderr).toMatch(
      /npm install xlsx@npm:@e965\/xlsx, or export the sheet as \.csv\n$/,
    );
    const nist = spawnSync('node', ['-e', "require('dfmr/nist')"], { cwd: project, encoding: 'utf8' }).stderr;
    expect(nist).toMatch(
      /npm install @tensorflow\/tfjs-core @tensorflow\/tfjs-layers @tensorflow\/tfjs-backend-wasm pngjs/,
    );
  });

  it('runs the starter notebook once these are installed', () => {
    run('npm', [
      'install',
      'tslab',
      'plotly.js-dist',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
    ]);
    expect(dfmr('run', 'mine/notebooks/start.ipynb').stdout).toMatch(/^ok /);
  });
});

it('is what publint and arethetypeswrong want', () => {
  const tools = path.join(ROOT, '.tools/package');
  mkdirSync(tools, { recursive: true });
  writeFileSync(path.join(tools, 'package.json'), '{ "private": true }');
  run(
    'npm',
    [
      'install',
      'publint@0.3',
      '@arethetypeswrong/cli@0.18',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--prefer-offline',
    ],
    tools,
  );
  const tool = (name: string) => path.join(tools, 'node_modules/.bin', name);
  expect(run(tool('publint'), [tarball, '--strict'], folder)).toMatch(/All good!/);
  const { analysis } = JSON.parse(run(tool('attw'), [tarball, '--format', 'json'], folder));
  expect(analysis.problems).toEqual([]);
});
