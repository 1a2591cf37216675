import fs from 'node:fs';
import hljs from 'highlight.js/lib/core';
import typescript from 'highlight.js/lib/languages/typescript';

hljs.registerLanguage('typescript', typescript);

const style = (name: string) => fs.readFileSync(require.resolve(`highlight.js/styles/${name}.min.css`), 'utf8');

export const HIGHLIGHT_STYLE = `${style('github')}\n@media (prefers-color-scheme: dark) { ${style('github-dark')} }`;

/** TypeScript as HTML with the classes of the style above. */
export function highlightTypeScript(code: string): string {
  return hljs.highlight(code, { language: 'typescript' }).value;
}
