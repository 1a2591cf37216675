import type { Figure } from '../figures/figure';
import { figureBundle } from '../page/figure-html';
import { escapeHtml } from '../page/html';
import { type Frame, tableBundle } from '../page/table-html';

/** The parts of a report's page. */

export const heading = (text: string): string => `<section class="prose"><h2>${escapeHtml(text)}</h2></section>`;

export const prose = (text: string): string => `<section class="prose"><p>${escapeHtml(text)}</p></section>`;

export const output = (html: unknown): string => `<section class="cell"><div class="output">${html}</div></section>`;

export const figure = (of: Figure, caption: string): string => output(figureBundle(of, caption)['text/html']);

/** A table as it is, with a caption. */
export const table = (rows: readonly object[] | Frame, caption?: string): string =>
  output(tableBundle(rows, { caption })['text/html']);

/** Sections that are folded away until somebody wants them; figures take their width when they are unfolded. */
export const folded = (summary: string, sections: readonly string[]): string =>
  [
    `<details class="folded more" ontoggle="dispatchEvent(new Event('resize'))"><summary>${escapeHtml(summary)}</summary>`,
    ...sections,
    '</details>',
  ].join('\n');

/** Sentences, each with a mark. */
export const list = (sentences: readonly string[]): string =>
  `<section class="prose"><ul>${sentences.map((one) => `<li>${escapeHtml(one)}</li>`).join('')}</ul></section>`;

/** Rows of a table that are shown whole: longer tables are abbreviated, but each machine's verdict should be seen. */
const MOST_ROWS = 20;

/** A table in full, in parts, with a caption below the last. */
export function wholeTable(rows: readonly object[], caption?: string): string {
  const parts = Array.from({ length: Math.ceil(rows.length / MOST_ROWS) }, (_, i) =>
    rows.slice(i * MOST_ROWS, (i + 1) * MOST_ROWS),
  );
  return parts
    .map((part, i) => output(tableBundle(part, i === parts.length - 1 ? { caption } : {})['text/html']))
    .join('\n');
}
