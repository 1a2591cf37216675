import fs from 'node:fs';
import path from 'node:path';
import { escapeHtml } from '../page/html';
import { renderMarkdown } from '../page/markdown';
import { type Addresses, withSiteLinks } from './addresses';
import { coverOf, type NotebookEntry } from './notebook-pages';
import type { Place, SiteWriter } from './site-page';

/** The first page: what the library is, in the README's words, the notebooks, and where to go next. */
export function writeHome(
  writer: SiteWriter,
  repository: string,
  notebooks: readonly NotebookEntry[],
  places: readonly Place[],
  addresses: Addresses,
): void {
  const readme = fs.readFileSync(path.join(repository, 'README.md'), 'utf8');
  const address = 'index.html';
  const beginning = withSiteLinks(renderMarkdown(readme.split(/^## /m)[0] ?? ''), 'README.md', address, addresses);
  const ways = places
    .filter(({ name }) => name in WAYS)
    .map(({ name, address: to }) => `<li><a href="${to}">${escapeHtml(name)}</a><br>${WAYS[name]}</li>`);
  const isWhole = places.some(({ name }) => name === 'Reference');
  writer.page({
    address,
    title: 'dfmr',
    sections: [
      `<section class="prose beginning">\n${beginning}</section>`,
      `<h2>Where to go</h2>\n<ul class="ways">${ways.join('\n')}</ul>`,
      isWhole
        ? ''
        : '<p class="from"><code>npm run docs</code> adds the API reference and a gallery of all figures.</p>',
      '<h2 id="notebooks">Notebooks</h2>\n<p>Each asks one question, and answers it in its last line.</p>',
      `<div class="cards">${notebooks.map(card).join('\n')}</div>`,
    ],
    look: 'wide',
  });
}

/** What is where, by the name of the place. */
const WAYS: Record<string, string> = {
  Live: 'Move a liar, and see the filter answer: in your browser, without a server.',
  Reference: 'Every function and type, with an example that runs as a test.',
  Guide: 'Install, commands, families, clusters, files, how to cite, what a version promises.',
  Gallery: 'Every figure that the library draws, with the call that draws it.',
  Changelog: 'What changed, and what must be adapted.',
};

function card(entry: NotebookEntry): string {
  const picture = coverOf(entry);
  const image = picture
    ? `<img class="still" loading="lazy" alt="${escapeHtml(picture.caption)}" src="${picture.address}">`
    : '<div class="blank"></div>';
  return `<a class="card" href="${entry.address}">${image}<div class="says"><span class="number">${entry.number}</span>${escapeHtml(entry.title)}</div></a>`;
}
