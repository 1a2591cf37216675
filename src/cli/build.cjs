// Builds what is not up to date: packages, kernels, dist. Names the steps that take long. Plain JavaScript: it runs before anything is built.
const { execFileSync, execSync } = require('node:child_process');
const { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const STAMP = 'dist/.built'; // what the last build was made of
const modified = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
const run = (...files) => execFileSync(process.execPath, files, { stdio: 'inherit' });

if (!isInstalled()) {
  console.log('Installing packages, once: 600 MB, one to five minutes …');
  const npm = (command) =>
    execSync(`npm ${command} --ignore-scripts --no-audit --no-fund --loglevel=error`, { stdio: 'inherit' });
  npm('ci');
  npm('rebuild typescript'); // tslab's compiler has a tsc too, and bare `npx tsc` should be the project's
}

run('src/kernels/compile.cjs');

const sources = readdirSync('src', { recursive: true })
  .map((file) => path.join('src', file))
  .filter((file) => /\.(ts|json)$/.test(file) && !/\.(test|fixture|e2e|assembly)\.ts$/.test(file))
  .concat('tsconfig.json', '.tsconfig.build.json', 'package-lock.json')
  .sort();
const newest = Math.max(...sources.map(modified));
const built = modified(STAMP);
if (built < newest || readFileSync(STAMP, 'utf8') !== sources.join('\n')) {
  if (built === 0) console.log('Compiling, once: about twenty seconds …');
  try {
    run('node_modules/typescript/bin/tsc', '--project', '.tsconfig.build.json');
  } catch {
    process.exit(1); // tsc has said why
  }
  for (const entry of ['dist/core.js', 'dist/index.js', 'dist/notebook.js']) loadWhenUsed(entry);
  writeModules('src/core.ts', 'dist/esm');
  writeFileSync(STAMP, sources.join('\n'));
}

/** Whether every package of the lock file is there in its version, whenever the files were written. */
function isInstalled() {
  const packagesOf = (file) => (modified(file) === 0 ? {} : JSON.parse(readFileSync(file, 'utf8')).packages);
  const installed = packagesOf('node_modules/.package-lock.json');
  return Object.entries(packagesOf('package-lock.json')).every(
    ([place, { version, optional }]) => place === '' || optional || installed[place]?.version === version,
  );
}

/**
 * The ES modules of an entry, a file for each, of which a bundler takes what is used; its types are those of the CommonJS entry.
 * Packages stay imports.
 */
function writeModules(entry, folder) {
  const { buildSync, transformSync } = require('esbuild');
  const options = { bundle: true, format: 'esm', target: 'es2022', packages: 'external' };
  const { metafile } = buildSync({ ...options, entryPoints: [entry], metafile: true, write: false });
  rmSync(folder, { recursive: true, force: true });
  for (const file of Object.keys(metafile.inputs)) {
    const { code } = transformSync(readFileSync(file, 'utf8'), { loader: 'ts', format: 'esm', target: 'es2022' });
    const out = path.join(folder, path.relative('src', file)).replace(/\.ts$/, '.mjs');
    mkdirSync(path.dirname(out), { recursive: true });
    writeFileSync(out, code.replace(/(\bfrom "\.[^"]*)"/g, '$1.mjs"'));
  }
  const types = path.relative(folder, entry.replace('src', 'dist')).replaceAll(path.sep, '/').replace(/ts$/, 'js');
  writeFileSync(path.join(folder, 'core.d.mts'), `export * from '${types}';\n`);
}

/**
 * Makes an entry load the file of what it exports when that is first used, not all files when the entry is loaded. The last line, never
 * executed, tells ES modules the names.
 */
function loadWhenUsed(entry) {
  const exported = exportsOf(entry);
  const lines = exported.map(([name, file, own]) => `lazy("${name}", () => require("${file}").${own});`);
  const head = `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
const define = (name, how) => Object.defineProperty(exports, name, { enumerable: true, configurable: true, ...how });
function lazy(name, load) {
  define(name, {
    get() {
      const value = load();
      define(name, { value });
      return value;
    },
  });
}`;
  const names = exported.map(([name]) => name);
  writeFileSync(entry, [head, ...lines, `0 && (module.exports = { ${names.join(', ')} });`, ''].join('\n'));
}

/** What an entry exports, as tsc or `loadWhenUsed` wrote it: the name, the file, and the name there. */
function exportsOf(entry) {
  const text = readFileSync(entry, 'utf8');
  const all = (pattern) => [...text.matchAll(pattern)].map(([, ...parts]) => parts);
  const files = new Map(all(/^(?:var|const) (\w+) = require\("([^"]+)"\);$/gm));
  return [
    ...all(/^__exportStar\(require\("\.\/(\w+)"\), exports\);$/gm).flatMap(([other]) => exportsOf(`dist/${other}.js`)),
    ...all(/exports, "(\w+)", .* return (\w+)\.(\w+); } }\);$/gm).map(([name, file, own]) => [
      name,
      files.get(file),
      own,
    ]),
    ...all(/^lazy\("(\w+)", \(\) => require\("([^"]+)"\)\.(\w+)\);$/gm),
  ];
}
