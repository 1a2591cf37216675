import { PLOTLY_MIME } from '../../page/figure-html';
import { highlightTypeScript } from '../../page/highlight';
import { escapeHtml } from '../../page/html';
import { htmlPage } from '../../page/html-page';
import { renderMarkdown } from '../../page/markdown';
import { type Cell, joinText, type Notebook, type Output } from './notebook-file';

/**
 * An executed notebook as one HTML page that needs nothing else: no network, no server, no fonts. Figures are interactive;
 * where scripts don't run, their static images (if the notebook has them) are shown.
 */
export function notebookPage(notebook: Notebook): string {
  const { title, sections, hasFigures } = notebookSections(notebook);
  return htmlPage(title, sections, hasFigures);
}

/** What a page of a notebook holds. */
export interface NotebookSections {
  /** the first heading, without its marks */
  readonly title: string;
  /** HTML, one for each cell that shows anything, and before them what folds the code */
  readonly sections: readonly string[];
  readonly hasFigures: boolean;
}

/** The notebook's cells as sections of a page. */
export function notebookSections(notebook: Notebook): NotebookSections {
  const cells = notebook.cells.map(renderCell).filter((html) => html !== '');
  const hasFigures = notebook.cells.some((cell) =>
    cell.outputs?.some((output) => 'data' in output && PLOTLY_MIME in output.data),
  );
  const hasCode = cells.some((html) => html.startsWith('<section class="cell"'));
  return { title: titleOf(notebook), sections: hasCode ? [SHOW_CODE, ...cells] : cells, hasFigures };
}

/** Code is folded away; this unfolds all of it, and folds it again. */
const SHOW_CODE = `<button type="button" class="show-code" onclick="var all = document.querySelectorAll('.folded'), open = !all[0].open;
  all.forEach(function (one) { one.open = open; }); this.textContent = open ? 'Hide code' : 'Show code';">Show code</button>`;

function titleOf(notebook: Notebook): string {
  const markdown = notebook.cells.filter((cell) => cell.cell_type === 'markdown').map((cell) => joinText(cell.source));
  const heading = /^#+\s+(.+)$/m.exec(markdown.join('\n'))?.[1] ?? 'Notebook';
  return heading.replace(/[*_`$]/g, '');
}

/** A section of code can be linked to by the cell's place in the notebook, from 0. */
function renderCell(cell: Cell, place: number): string {
  const source = joinText(cell.source);
  if (cell.cell_type === 'markdown')
    return `<section class="prose">\n${renderMarkdown(withAttachments(source, cell.attachments))}</section>`;
  if (cell.cell_type !== 'code' || source.trim() === '') return '';
  const outputs = (cell.outputs ?? []).map(renderOutput).filter((html) => html !== '');
  return [
    `<section class="cell" id="cell-${place}">`,
    '<details class="folded"><summary>Code</summary>',
    `<pre class="code"><code class="hljs">${highlightTypeScript(source)}</code></pre></details>`,
    ...(cell.metadata.tags?.includes('folded') ? [folding(cell)] : []),
    ...outputs.map((html) => `<div class="output">${html}</div>`),
    ...(cell.metadata.tags?.includes('folded') ? ['</details>'] : []),
    '</section>',
  ].join('\n');
}

/** What a cell with the tag `folded` shows is for those who want more; figures take their width when it is unfolded. */
function folding({ outputs = [] }: Cell): string {
  const captions = outputs.flatMap((output) => ('data' in output ? [joinText(output.data['text/plain'] ?? '')] : []));
  const [first = ''] = captions.filter((caption) => caption !== '').map((caption) => caption.split(/[.:;] /)[0]);
  const more = first === '' ? 'More' : `More: ${escapeHtml(first.replace(/[.]$/, ''))}`;
  return `<details class="folded more" ontoggle="dispatchEvent(new Event('resize'))"><summary>${more}</summary>`;
}

/** The Markdown of a cell with the pictures that were pasted into it in place of their names. */
function withAttachments(source: string, attachments: Cell['attachments'] = {}): string {
  const named = new Map(Object.entries(attachments).map(([name, bundle]) => [encodeURIComponent(name), bundle]));
  return source.replace(/attachment:([^)\s"'>]+)/g, (link, name: string) => {
    const [[type, data] = []] = Object.entries(attachments[name] ?? named.get(name) ?? {});
    return type === undefined ? link : `data:${type};base64,${joinText(data)}`;
  });
}

function renderOutput(output: Output): string {
  if (output.output_type === 'stream') {
    return `<pre class="${output.name === 'stderr' ? 'stderr' : 'stdout'}">${escapeHtml(joinText(output.text))}</pre>`;
  }
  if (output.output_type === 'error') return `<pre class="error">${escapeHtml(output.traceback.join('\n'))}</pre>`;
  return renderBundle(output.data);
}

/** The richest form that a page can show. HTML is trusted: it comes from the notebook that was just executed. */
function renderBundle(data: Record<string, unknown>): string {
  const textOf = (type: string): string | undefined => (type in data ? joinText(data[type]).trim() : undefined);
  const html = textOf('text/html');
  if (html !== undefined) return html;
  const svg = textOf('image/svg+xml');
  if (svg !== undefined) return `<img alt="" src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}">`;
  for (const type of ['image/png', 'image/jpeg']) {
    const image = textOf(type);
    if (image !== undefined) return `<img alt="" src="data:${type};base64,${image}">`;
  }
  const markdown = textOf('text/markdown') ?? textOf('text/latex');
  if (markdown !== undefined) return renderMarkdown(markdown);
  const text = textOf('text/plain');
  return text ? `<pre class="stdout">${escapeHtml(text)}</pre>` : '';
}
