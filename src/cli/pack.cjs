// `npm pack`: dist as it is published, `slim` before and `whole` after. What is published names no source maps, as these are not in it;
// its JavaScript has no comments, which the types have; and types of Plotly, where it is not installed, are any.
const { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const WHOLE = 'node_modules/.cache/dfmr-dist'; // the build as it was, meanwhile

if (process.argv[2] === 'slim') {
  const { transformSync } = require('esbuild');
  rmSync(WHOLE, { recursive: true, force: true });
  cpSync('dist', WHOLE, { recursive: true });
  for (const file of readdirSync('dist', { recursive: true }).map((name) => path.join('dist', name))) {
    if (!/(\.js|\.d\.m?ts)$/.test(file)) continue;
    const text = readFileSync(file, 'utf8').replace(/^\/\/# sourceMappingURL=.*\n?/gm, '');
    const slim = /\.js$/.test(file) && text.includes('/**');
    const typed = text.replace(
      /^import type .* from 'plotly\.js-dist';$/gm,
      '// @ts-ignore: of any type where plotly.js-dist is not installed\n$&',
    );
    writeFileSync(file, slim ? transformSync(text, { charset: 'utf8', legalComments: 'none' }).code : typed);
  }
} else if (existsSync(WHOLE)) {
  rmSync('dist', { recursive: true });
  renameSync(WHOLE, 'dist');
}
