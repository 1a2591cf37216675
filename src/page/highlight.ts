import fs from 'node:fs';
import type { HLJSApi } from 'highlight.js';

/** The style of highlighted code. */
export function highlightStyle(): string {
  const style = (name: string) => fs.readFileSync(require.resolve(`highlight.js/styles/${name}.min.css`), 'utf8');
  return `${style('github')}\n@media (prefers-color-scheme: dark) { ${style('github-dark')} }`;
}

/** TypeScript as HTML with the classes of the style above. */
export function highlightTypeScript(code: string): string {
  return highlighter().highlight(code, { language: 'typescript' }).value;
}

let made: HLJSApi | undefined;

/** Loaded when there is code: a page without code does without the package. */
function highlighter(): HLJSApi {
  if (made) return made;
  made = require('highlight.js/lib/core') as HLJSApi;
  made.registerLanguage('typescript', require('highlight.js/lib/languages/typescript'));
  return made;
}
