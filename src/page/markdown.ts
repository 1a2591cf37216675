import katex from 'katex';
import MarkdownIt from 'markdown-it';
import { highlightTypeScript } from './highlight';

/** Markdown with mathematics as Jupyter understands it: $…$, $$…$$ and \begin{…}…\end{…}. */
export function renderMarkdown(markdown: string): string {
  return renderer.render(markdown);
}

const renderer = new MarkdownIt({
  html: true,
  highlight: (code, language) => (/^(ts|typescript)$/.test(language) ? highlightTypeScript(code) : ''),
});
renderer.block.ruler.before('fence', 'math', blockMath, { alt: ['paragraph', 'blockquote', 'list'] });
renderer.inline.ruler.before('escape', 'math', inlineMath);
renderer.renderer.rules.math = (tokens, i) => {
  const { content, info } = tokens[i] as { content: string; info: string };
  return mathml(content, info === 'display');
};

/** MathML needs no fonts and no scripts. Mistakes are shown in red instead of ending the export. */
function mathml(tex: string, displayMode: boolean): string {
  return katex.renderToString(tex, { displayMode, output: 'mathml', throwOnError: false });
}

/** Display mathematics that begins a line. It must be a block: a line of it that begins with `-` or `=` is not a list or heading. */
function blockMath(state: MarkdownIt.StateBlock, startLine: number, endLine: number, silent: boolean): boolean {
  const begin = (state.bMarks[startLine] ?? 0) + (state.tShift[startLine] ?? 0);
  const rest = state.src.slice(begin, state.eMarks[endLine - 1]);
  const match =
    /^\$\$([\s\S]+?)\$\$[ \t]*(?=\n|$)/.exec(rest) ??
    /^(\\begin\{(\w+\*?)\}[\s\S]+?\\end\{\2\})[ \t]*(?=\n|$)/.exec(rest);
  if (!match || match[1]?.includes('\n\n')) return false;
  if (silent) return true;
  const token = state.push('math', '', 0);
  token.content = match[1] ?? '';
  token.info = 'display';
  token.block = true;
  state.line = startLine + match[0].split('\n').length;
  return true;
}

/** $…$ as in Jupyter: no space just inside the dollars and no digit after them, so that prices stay prices. */
function inlineMath(state: MarkdownIt.StateInline, silent: boolean): boolean {
  const rest = state.src.slice(state.pos);
  if (!rest.startsWith('$')) return false;
  const display = /^\$\$([\s\S]+?)\$\$/.exec(rest);
  const match = display ?? /^\$(?![\s$])((?:\\[\s\S]|[^\\$])+?)(?<!\s)\$(?!\d)/.exec(rest);
  if (!match) return false;
  if (!silent) {
    const token = state.push('math', '', 0);
    token.content = match[1] ?? '';
    token.info = display ? 'display' : 'inline';
  }
  state.pos += match[0].length;
  return true;
}
