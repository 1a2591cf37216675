// Compiles the AssemblyScript of this folder into wasm.ts, when a source has changed: each module as base64, with relaxed SIMD (fused
// products and sums) and without.
// Plain JavaScript: it runs before anything is built.
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');

const FLAGS = ['--enable', 'simd', '-O3', '--noAssert', '--runtime', 'stub'];
const OUT = path.join(__dirname, 'wasm.ts');

/** A file's name as an identifier: gaussian-em is gaussianEm. */
const nameOf = (file) => file.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const files = readdirSync(__dirname).filter((file) => file.endsWith('.assembly.ts'));
const sources = files.filter((file) => !file.endsWith('.part.assembly.ts')); // parts are imported by others
const hash = createHash('sha256');
for (const file of [__filename, ...files.map((file) => path.join(__dirname, file))]) hash.update(readFileSync(file));
const HEAD = `// Compiled from *.assembly.ts by compile.cjs. Sources: ${hash.digest('hex')}\n`;

if (!existsSync(OUT) || !readFileSync(OUT, 'utf8').startsWith(HEAD)) {
  console.log('Compiling kernels, once: about twenty seconds …');
  const compiler = require.resolve('assemblyscript/package.json').replace('package.json', 'bin/asc.js');
  const folder = mkdtempSync(path.join(tmpdir(), 'kernels-'));
  const compiled = (source, ...more) => {
    const wasm = path.join(folder, 'out.wasm');
    execFileSync(process.execPath, [compiler, path.join(__dirname, source), '--outFile', wasm, ...FLAGS, ...more], {
      stdio: 'inherit',
    });
    return `'${readFileSync(wasm).toString('base64')}'`;
  };
  const modules = sources.map(
    (source) =>
      `export const ${nameOf(path.basename(source, '.assembly.ts'))}: readonly string[] = [\n` +
      `  ${compiled(source, '--enable', 'relaxed-simd')},\n  ${compiled(source)},\n];\n`,
  );
  rmSync(folder, { recursive: true });
  writeFileSync(OUT, `${HEAD}\n${modules.join('\n')}`);
}
