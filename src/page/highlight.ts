import fs from 'node:fs';
import hljs from 'highlight.js/lib/core';
import typescript from 'highlight.js/lib/languages/typescript';

hljs.registerLanguage('typescript', typescript);

export const HIGHLIGHT_STYLE: string = fs.readFileSync(require.resolve('highlight.js/styles/github.min.css'), 'utf8');

/** TypeScript as HTML with the classes of the style above. */
export function highlightTypeScript(code: string): string {
  return hljs.highlight(code, { language: 'typescript' }).value;
}
