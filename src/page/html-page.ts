import fs from 'node:fs';
import { gzipSync } from 'node:zlib';
import { HIGHLIGHT_STYLE } from './highlight';
import { escapeHtml } from './html';
import { PAGE_STYLE } from './page-style';

/** One HTML page of sections that needs no network; with Plotly, if there are figures. */
export function htmlPage(title: string, sections: readonly string[], hasFigures: boolean): string {
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${HIGHLIGHT_STYLE}\n${PAGE_STYLE}</style>`,
    ...(hasFigures ? [embeddedPlotly()] : []),
    '</head>',
    '<body>',
    '<main>',
    ...sections,
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

let compressedPlotly: string | undefined; // it takes half a second

/**
 * Plotly, compressed to a third, and the promise `window.dfmrPlotly` for which the figures wait. The bundle is put in a script
 * of its own so that it runs as on any page.
 */
function embeddedPlotly(): string {
  compressedPlotly ??= gzipSync(fs.readFileSync(require.resolve('plotly.js-dist')), { level: 9 }).toString('base64');
  const plotly = compressedPlotly;
  return `<script type="text/plain" id="plotly">${plotly}</script>
<script>
window.dfmrPlotly = (async function () {
  var bytes = Uint8Array.from(atob(document.getElementById('plotly').textContent), function (c) { return c.charCodeAt(0); });
  var script = document.createElement('script');
  script.textContent = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
  document.head.appendChild(script);
  return window.Plotly;
})();
</script>`;
}
