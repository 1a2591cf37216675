import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';

// What is loaded when: tests of the build, in processes of their own.

const DIST = path.join(__dirname, '../dist');

/** What code has loaded when it ends: packages, and the files of the library and their rooms. */
function loadedBy(code: string) {
  const report = `process.on('exit', () => console.error(JSON.stringify(Object.keys(require.cache))));\n${code}`;
  const { stderr } = spawnSync(process.execPath, ['-e', report], { cwd: DIST, encoding: 'utf8' });
  const all: string[] = JSON.parse(stderr);
  const names = all.flatMap((file) => /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file)?.[1] ?? []);
  const files = all.filter((file) => file.startsWith(DIST));
  const rooms = new Set(files.map((file) => path.relative(DIST, file).split(path.sep)[0]));
  return { packages: [...new Set(names)], files: files.length, rooms: [...rooms].sort() };
}

/** What few calls need, and what takes longest to load. */
const RARE =
  /^(ajv|piscina|yauzl|@petamoriken.float16|apache-arrow|hyparquet.*|katex|markdown-it|highlight\.js|plotly.*|tslab|@tensorflow.*|pngjs|xlsx)$/;

it.each(['index', 'core', 'notebook'])('loads nothing with %s before something of it is used', (entry) => {
  expect(loadedBy(`require('./${entry}')`)).toMatchObject({ packages: [], files: 1 });
});

it.each(['fit', 'aggregate', 'dfmr', 'readTable', 'estimateToJSON', 'fitAll', 'mixtureFigure'])(
  'loads no package that few need when %s is first used',
  (name) => {
    const { packages, files } = loadedBy(`if (typeof require('./index').${name} !== 'function') throw new Error();`);
    expect(packages.filter((one) => RARE.test(one))).toEqual([]);
    expect(files).toBeGreaterThan(2);
  },
);

it('has each export once it is used, as the same value', () => {
  const code = `const a = require('./index'); const f = a.fit;
    if (a.fit !== f || f !== require('./estimate/fit').fit || Object.keys(a).some((name) => a[name] === undefined)) throw new Error();`;
  expect(loadedBy(code).files).toBeGreaterThan(200);
});

it.each([
  ['--version', ['cli', 'errors.js', 'jupyter', 'page', 'registry', 'tables']],
  ['--help', ['cli', 'errors.js', 'jupyter', 'page', 'registry', 'tables']],
  ['split --help', ['cli', 'errors.js', 'jupyter', 'math', 'page', 'registry', 'tables', 'work']],
])('loads for dfmr %s the rooms that it needs', (words, needed) => {
  const { packages, rooms } = loadedBy(asked(words));
  expect(packages).toContain('commander');
  expect(rooms).toEqual(needed);
});

it.each(['fit --help', 'classify --help', 'validate --help'])(
  'loads no figure, study or report for dfmr %s',
  (words) => {
    const { packages, rooms } = loadedBy(asked(words));
    expect(packages.filter((one) => RARE.test(one))).toEqual([]);
    expect(rooms).toContain('families');
    expect(rooms.filter((room) => ['analysis', 'figures', 'report', 'simulate', 'study'].includes(room))).toEqual([]);
  },
);

/** The command line as if it had these words. */
const asked = (words: string) =>
  `process.argv = ${JSON.stringify(['node', 'dfmr', ...words.split(' ')])}; require('./cli/dfmr.js');`;
