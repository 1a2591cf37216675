import { expect, it } from 'vitest';
import { figureBundle, figureInHtml } from '../../page/figure-html';
import type { Notebook, Output } from './notebook-file';
import { notebookPage } from './notebook-page';

const text = '</script><script>alert(1)</script>';
const shown = (data: Record<string, unknown>): Output => ({ output_type: 'display_data', data, metadata: {} });
const outputs: Output[] = [
  { output_type: 'stream', name: 'stdout', text: ['a < b\n'] },
  shown(figureBundle({ data: [{ type: 'scatter', text }], layout: {} }, 'A point')),
  shown({ 'image/svg+xml': ['<svg/>'], 'text/plain': 'no picture' }),
  shown({ 'text/markdown': 'It *lies*.', 'text/plain': 'no Markdown' }),
  { output_type: 'error', ename: 'E', evalue: '<x>', traceback: ['E: <x>'] },
];
const notebook: Notebook = {
  cells: [
    { cell_type: 'markdown', source: ['# Who *lies* & why?\n', '\n', 'With $K=3$.'], metadata: {} },
    { cell_type: 'code', source: 'const a = "<b>";', metadata: {}, outputs },
  ],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
};
const page = notebookPage(notebook);
const withoutPlotly = page.replace(/<script id="plotly">[^<]*<\/script>/, '');

it('is titled by the first heading', () => {
  expect(page).toContain('<title>Who lies &amp; why?</title>');
});

it('refers to nothing outside of itself', () => {
  expect(withoutPlotly.length).toBeLessThan(page.length - 1e6);
  expect(withoutPlotly).not.toMatch(/(src|href)="?https?:|url\(|@import|<link/);
});

it('embeds Plotly once, and not at all where there is no figure', () => {
  expect(page.match(/id="plotly"/g)).toHaveLength(1);
  expect(notebookPage({ ...notebook, cells: notebook.cells.slice(0, 1) }).length).toBeLessThan(20_000);
});

it('holds prose, formulas, code, prints, figures, pictures and errors, all escaped', () => {
  expect(page).toContain('<math');
  expect(page).toContain('&quot;&lt;b&gt;&quot;');
  expect(page).toContain('<pre class="stdout">a &lt; b\n</pre>');
  expect(page).toContain('<pre class="error">E: &lt;x&gt;</pre>');
  expect(page).toContain('A point</figcaption>');
  expect(page).not.toContain('alert(1)</script>');
  expect(page).toContain('<div class="output"><img alt="" src="data:image/svg+xml;base64,PHN2Zy8+"></div>');
  expect(page).toContain('<p>It <em>lies</em>.</p>');
  expect(page).not.toMatch(/no (picture|Markdown)/);
  expect(figureInHtml(page)?.data).toEqual([{ type: 'scatter', text }]);
});

it('folds the code away, and shows pictures that were pasted', () => {
  expect(page).toMatch(/<details class="folded"><summary>Code<\/summary>\n<pre class="code">/);
  const attachments = { 'p 1.png': { 'image/png': 'iVBORw0KGgo=' } };
  const pasted = (source: string) =>
    notebookPage({ ...notebook, cells: [{ cell_type: 'markdown', source, metadata: {}, attachments }] });
  expect(pasted('![a map](attachment:p%201.png)')).toContain(
    '<img src="data:image/png;base64,iVBORw0KGgo=" alt="a map">',
  );
  expect(pasted('![gone](attachment:q.png)')).toContain('attachment:q.png');
});

it('folds away what a cell with the tag `folded` shows', () => {
  const [prose, code] = notebook.cells;
  const folded = notebookPage({ ...notebook, cells: [prose, { ...code, metadata: { tags: ['folded'] } }] });
  expect(folded).toMatch(/<details class="folded more"[^>]*><summary>More: A point<\/summary>\n<div class="output">/);
  expect(page).not.toContain('folded more');
});
