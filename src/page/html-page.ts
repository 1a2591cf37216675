import fs from 'node:fs';
import { gzipSync } from 'node:zlib';
import { need } from '../registry/packages';
import { highlightStyle } from './highlight';
import { escapeHtml } from './html';
import { PAGE_STYLE } from './page-style';

/** What pages of one folder share, in place of what a page that stands alone brings along. */
export interface Shared {
  /** the address of `sharedStyle()` */
  readonly style: string;
  /** the address of `sharedPlotly()` */
  readonly plotly: string;
  /** HTML above the sections */
  readonly header: string;
}

/** What pages are made with: figures, and, of notebooks, code and prose. */
export const FIGURE_PACKAGES: readonly string[] = ['plotly.js-dist'];
export const NOTEBOOK_PAGE_PACKAGES: readonly string[] = [...FIGURE_PACKAGES, 'markdown-it', 'katex', 'highlight.js'];

/**
 * One HTML page of sections that needs no network; with Plotly, if there are figures, and the style of code, if there is some.
 * @throws InvalidInput if a package is not installed that it is made with
 */
export function htmlPage(title: string, sections: readonly string[], hasFigures: boolean, shared?: Shared): string {
  const hasCode = sections.some((section) => section.includes('class="hljs'));
  need('a page', [...(hasFigures ? FIGURE_PACKAGES : []), ...(hasCode ? ['highlight.js'] : [])]);
  const style = () => `<style>${hasCode ? sharedStyle() : PAGE_STYLE}</style>`;
  const plotly = () => `<script id="plotly">${sharedPlotly()}</script>`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    shared ? `<link rel="icon" href="data:,">\n<link rel="stylesheet" href="${shared.style}">` : style(),
    ...(hasFigures ? [shared ? `<script src="${shared.plotly}"></script>` : plotly()] : []),
    '</head>',
    '<body>',
    ...(shared ? [shared.header] : []),
    '<main>',
    ...sections,
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** The style of all pages. */
export const sharedStyle = (): string => `${highlightStyle()}\n${PAGE_STYLE}`;

/**
 * Where the page is dark, figures are too: greys change places with their opposites, from the paper to the lines, and colours stay. The
 * page's own figures alone ask for it: those in Jupyter stay as light as it is.
 */
const DARK_FIGURES = `
if (window.matchMedia('(prefers-color-scheme: dark)').matches) window.dfmrFigure = function (text) {
  var named = { __proto__: null, white: '#ffffff', black: '#000000' };
  function dark(key, value) {
    var hex = typeof value === 'string' && /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(named[value] || value);
    if (!hex) return value;
    var digits = hex[1].length === 3 ? hex[1].replace(/./g, '$&$&') : hex[1];
    var levels = [0, 2, 4].map(function (at) { return parseInt(digits.slice(at, at + 2), 16); });
    if (Math.max.apply(null, levels) - Math.min.apply(null, levels) > 12) return value;
    return '#' + levels.map(function (level) { return Math.round(22 + (255 - level) * 0.84).toString(16).padStart(2, '0'); }).join('');
  }
  var figure = JSON.parse(text, dark);
  figure.layout.font = Object.assign({ color: '#c9ced6' }, figure.layout.font);
  return figure;
};`;

let compressedPlotly: string | undefined; // it takes a fifth of a second

/**
 * A classic script with Plotly, compressed to a quarter, and the promise `window.dfmrPlotly` for which figures wait. The bundle is put in
 * a script of its own so that it runs as on any page.
 */
export function sharedPlotly(): string {
  compressedPlotly ??= gzipSync(fs.readFileSync(require.resolve('plotly.js-dist')), { level: 6 }).toString('base64');
  return `${DARK_FIGURES}
window.dfmrPlotly = (async function () {
  var bytes = Uint8Array.from(atob('${compressedPlotly}'), function (c) { return c.charCodeAt(0); });
  var script = document.createElement('script');
  script.textContent = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
  document.head.appendChild(script);
  return window.Plotly;
})();`;
}
