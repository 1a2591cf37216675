import type { Figure } from '../figures/figure';
import { joinText } from '../jupyter/runner/notebook-file';
import { figureBundle } from '../page/figure-html';
import { highlightTypeScript } from '../page/highlight';
import { escapeHtml } from '../page/html';
import type { NotebookEntry, Picture } from './notebook-pages';
import { exampleOf, summaryText } from './reference-entries';
import { type Entry, KIND } from './reference-model';
import type { SiteWriter } from './site-page';

/** The functions that draw figures. */
export const figureEntries = (entries: readonly Entry[]): Entry[] =>
  entries.filter(({ name, reflection }) => reflection.kind === KIND.function && name.endsWith('Figure'));

/** A notebook's cell that shows a figure function at work. */
interface Shown {
  readonly notebook: NotebookEntry;
  readonly picture: Picture;
  readonly call: string;
}

/** Which figure functions no notebook draws, with the code of their examples. */
export function examplesToDraw(entries: readonly Entry[], notebooks: readonly NotebookEntry[]): Map<string, string> {
  const missing = figureEntries(entries).filter(({ name }) => shownIn(notebooks, name, entries) === undefined);
  return new Map(missing.map((entry) => [entry.name, exampleOf(entry) ?? '']));
}

/** Writes the gallery: every figure function once, as notebooks draw it, or else by its example. */
export function writeGallery(
  writer: SiteWriter,
  entries: readonly Entry[],
  notebooks: readonly NotebookEntry[],
  places: ReadonlyMap<string, string>,
  drawn: ReadonlyMap<string, Figure>,
): void {
  const own = figureEntries(entries).map((entry) => ({ entry, shown: shownIn(notebooks, entry.name, entries) }));
  const order = ({ shown }: (typeof own)[number]): number =>
    shown ? notebooks.indexOf(shown.notebook) * 1000 + shown.picture.cell : Number.POSITIVE_INFINITY;
  own.sort((a, b) => order(a) - order(b) || 0);
  const cards = own.map(({ entry, shown }) => {
    const link = `<a href="${places.get(entry.name)}"><code>${entry.name}</code></a>`;
    const figure = drawn.get(entry.name);
    if (shown) return card(entry, link, pictureOf(shown), shown.call, whereFrom(shown));
    return card(entry, link, figure ? drawnFigure(figure) : '', exampleOf(entry) ?? '', '');
  });
  writer.page({
    address: 'gallery.html',
    title: 'Gallery',
    sections: [
      '<h1>Gallery</h1>',
      '<p>Every figure that the library draws, as the notebooks draw it. Each is a plain Plotly specification: in a cell, <code>show(figure, caption)</code> draws it, and it can be changed before.</p>',
      `<div class="cards large">${cards.join('\n')}</div>`,
    ],
    hasFigures: drawn.size > 0,
    look: 'wide',
  });
}

function card(entry: Entry, link: string, picture: string, call: string, from: string): string {
  const code = `<pre><code>${highlightTypeScript(call)}</code></pre>`;
  const says = `<div class="says">${link}${from}<p>${escapeHtml(summaryText(entry))}</p></div>`;
  return `<div class="card" id="${entry.name}">${picture}${says}${code}</div>`;
}

const pictureOf = ({ notebook, picture }: Shown): string =>
  `<a href="${notebook.address}#cell-${picture.cell}"><img class="still" loading="lazy" alt="${escapeHtml(picture.caption)}" src="${picture.address}"></a>`;

const whereFrom = ({ notebook, picture }: Shown): string =>
  ` <span class="number">in <a href="${notebook.address}#cell-${picture.cell}">${notebook.number}: ${escapeHtml(notebook.title)}</a></span>`;

const drawnFigure = (figure: Figure): string =>
  String(figureBundle({ ...figure, layout: { ...figure.layout, height: 300 } })['text/html']);

/** The shortest cell that draws this figure alone, or else the shortest that draws it. */
function shownIn(notebooks: readonly NotebookEntry[], name: string, entries: readonly Entry[]): Shown | undefined {
  const names = figureEntries(entries).map((entry) => entry.name);
  const found = notebooks.flatMap((notebook) =>
    notebook.pictures.flatMap((picture) => {
      const source = joinText(notebook.notebook.cells[picture.cell]?.source);
      const call = callIn(source, name);
      if (call === undefined) return [];
      const others = names.filter((other) => other !== name && callIn(source, other) !== undefined).length;
      return [{ notebook, picture, call, cost: others * 1e6 + source.length }];
    }),
  );
  return found.sort((a, b) => a.cost - b.cost)[0];
}

/** The first call of a function in code, whole and without its indentation; undefined if there is none. */
export function callIn(code: string, name: string): string | undefined {
  const start = code.search(new RegExp(`(?<![\\w.])${name}\\(`));
  if (start < 0) return undefined;
  let depth = 0;
  let quote = '';
  for (let i = start + name.length; i < code.length; i++) {
    const character = code[i] as string;
    if (quote !== '') {
      if (character === '\\') i++;
      else if (character === quote) quote = '';
    } else if (/['"`]/.test(character)) quote = character;
    else if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character) && --depth === 0) return dedented(code.slice(start, i + 1));
  }
  return undefined;
}

/** Lines after the first, moved left by what the last is indented. */
function dedented(text: string): string {
  const lines = text.split('\n');
  const indent = /^ */.exec(lines.at(-1) ?? '')?.[0].length ?? 0;
  return lines.map((line, i) => (i === 0 ? line : line.slice(Math.min(indent, line.search(/\S|$/))))).join('\n');
}
