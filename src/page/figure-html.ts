import { createHash } from 'node:crypto';
import type { Config, Layout } from 'plotly.js-dist';
import type { Figure } from '../figures/figure';
import { captionHtml, escapeHtml, scriptJson } from './html';
import type { MimeBundle } from './mime-bundle';

/** The MIME type of a figure as Plotly's JSON. */
export const PLOTLY_MIME = 'application/vnd.plotly.v1+json';

/** Whether a value has Plotly's data and layout: then it is a figure, also if nobody calls `show`. */
export function isFigure(value: unknown): value is Figure {
  const { data, layout } = (value ?? {}) as Partial<Figure>;
  return Array.isArray(data) && typeof layout === 'object' && layout !== null;
}

/** A figure as it is stored in a notebook: plain JSON, complete with the kit's defaults. */
export interface PlainFigure {
  data: unknown[];
  layout: Partial<Layout> & { height: number };
  config: Partial<Config>;
}

/**
 * A figure for every front end: interactive HTML for Jupyter and exported pages, Plotly JSON for front ends that draw it
 * themselves (VS Code), and the caption as plain text.
 */
export function figureBundle(figure: Figure, caption = ''): MimeBundle {
  const plain = plainFigure(figure);
  return {
    [PLOTLY_MIME]: caption === '' ? plain : withCaptionAsTitle(plain, caption),
    'text/html': figureHtml(plain, caption),
    'text/plain': caption === '' ? 'Figure' : caption,
  };
}

/**
 * The figure as plain JSON: typed arrays become arrays, NaN and ±∞ become null, and numbers keep 6 significant digits, which is a
 * third of their length and the same on any machine.
 */
export function plainFigure({ data, layout }: Figure): PlainFigure {
  const complete = {
    data,
    layout: { height: 420, margin: { t: 40, r: 20, b: 50, l: 60 }, ...layout },
    config: { responsive: true, displaylogo: false },
  };
  return JSON.parse(JSON.stringify(complete, (_key, value) => plainValue(value)));
}

function plainValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? value : Number(value.toPrecision(6));
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Float64Array);
  return value;
}

/** Front ends that draw the JSON themselves show nothing else of the bundle: there, the caption is (part of) the title. */
function withCaptionAsTitle(figure: PlainFigure, caption: string): PlainFigure {
  const lines = wrap(caption, 100).map(escapeHtml);
  const small = `<span style="font-size:12px;color:#666">${lines.join('<br>')}</span>`;
  const title = figure.layout.title?.text;
  const margin = figure.layout.margin;
  const extra = 22 * lines.length;
  return {
    ...figure,
    layout: {
      ...figure.layout,
      title: { text: title ? `${title}<br>${small}` : small, x: 0.01, xanchor: 'left', y: 0.98, yanchor: 'top' },
      margin: { ...margin, t: (margin?.t ?? 40) + extra },
      height: figure.layout.height + extra,
    },
  };
}

/** Lines of at most `width` characters, broken at spaces. */
function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(/\s+/)) {
    const last = lines.length - 1;
    if (lines[last] === '') lines[last] = word;
    else if (`${lines[last]} ${word}`.length <= width) lines[last] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The figure as HTML. The same figure gives the same bytes: its name on the page is a digest of what it shows. */
function figureHtml(figure: PlainFigure, caption: string): string {
  const json = scriptJson(figure);
  const name = createHash('sha256').update(json).digest('hex').slice(0, 12);
  return [
    `<figure class="dfmr-figure" data-dfmr="${name}" style="margin:0">`,
    '<div class="dfmr-plot"></div>',
    `<script type="application/json">${json}</script>`,
    ...(caption === '' ? [] : [captionHtml(caption)]),
    '</figure>',
    `<script>${drawScript(name)}</script>`,
  ].join('\n');
}

/** The figure with a static image (a data URL): where scripts run, they replace it by the interactive figure. */
export function withStaticImage(figureHtml: string, dataUrl: string, alt: string): string {
  const image = `<img src="${dataUrl}" alt="${escapeHtml(alt)}" style="max-width:100%">`;
  return figureHtml.replace(/<div class="dfmr-plot">.*?<\/div>/, () => `<div class="dfmr-plot">${image}</div>`);
}

/** The figure that an HTML output draws, without the caption; undefined if the output is something else. */
export function figureInHtml(html: string): PlainFigure | undefined {
  const json = /<figure class="dfmr-figure".*?<script type="application\/json">(.*?)<\/script>/s.exec(html)?.[1];
  return json === undefined ? undefined : JSON.parse(json);
}

/**
 * Runs in the page. `window.dfmrPlotly` is a promise of Plotly, made once per page: an exported page brings it along; Jupyter
 * serves it from the repository's node_modules, wherever between the server's root and the notebook that is. Where there is
 * neither, the static image stays. The figure is looked for a while because Jupyter may run scripts before it attaches them.
 */
function drawScript(name: string): string {
  return `(function () {
  window.dfmrPlotly = window.dfmrPlotly || new Promise(function (resolve, reject) {
    if (window.Plotly) return resolve(window.Plotly);
    var config = document.getElementById('jupyter-config-data');
    var base = config ? JSON.parse(config.textContent).baseUrl : document.body.dataset.baseUrl;
    if (!base) return reject();
    var folders = location.pathname.replace(/^.*?\\/(notebooks|tree)\\//, '').split('/');
    (function load(depth) {
      if (depth === folders.length) return reject();
      var script = document.createElement('script');
      script.src = [base + 'files'].concat(folders.slice(0, depth), 'node_modules/plotly.js-dist/plotly.js').join('/');
      script.onload = function () { resolve(window.Plotly); };
      script.onerror = function () { load(depth + 1); };
      document.head.appendChild(script);
    })(0);
  });
  window.dfmrPlotly.then(function draw(Plotly, tries) {
    var found = document.querySelectorAll('[data-dfmr="${name}"]:not([data-drawn])');
    if (!found.length && (tries || 0) < 40) setTimeout(draw, 50, Plotly, (tries || 0) + 1);
    found.forEach(function (element) {
      var text = element.querySelector('script').textContent;
      var figure = window.dfmrFigure ? window.dfmrFigure(text) : JSON.parse(text);
      var plot = element.querySelector('.dfmr-plot');
      element.dataset.drawn = '';
      plot.textContent = '';
      // without a mouse, the tools would always lie over the legend
      if (!window.matchMedia('(hover: hover)').matches) figure.config.displayModeBar = false;
      Plotly.newPlot(plot, figure.data, figure.layout, figure.config);
    });
  }, function () {});
})();`;
}
