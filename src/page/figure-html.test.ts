import { expect, it } from 'vitest';
import type { Figure } from '../figures/figure';
import { figureBundle, figureInHtml, PLOTLY_MIME, type PlainFigure, plainFigure, withStaticImage } from './figure-html';

const figure: Figure = {
  data: [{ type: 'scatter', x: Float64Array.of(1, 2, Number.NaN), y: [1 / 3, 1234567, Number.POSITIVE_INFINITY] }],
  layout: { title: { text: 'Two points' } },
};

it('makes figures plain: arrays of rounded numbers, null for what is not finite', () => {
  expect(plainFigure(figure).data).toEqual([{ type: 'scatter', x: [1, 2, null], y: [0.333333, 1234567, null] }]);
});

it('keeps what the figure says about its layout and adds a height', () => {
  expect(plainFigure(figure).layout).toMatchObject({ title: { text: 'Two points' }, height: 420 });
  expect(plainFigure({ data: [], layout: { height: 100 } }).layout.height).toBe(100);
});

it('shows a figure as JSON, as HTML with a caption, and as text', () => {
  const bundle = figureBundle(figure, 'What <to> see');
  expect(Object.keys(bundle)).toEqual([PLOTLY_MIME, 'text/html', 'text/plain']);
  expect(bundle['text/plain']).toBe('What <to> see');
  expect(bundle['text/html']).toMatch(/<figcaption [^>]*>What &lt;to&gt; see<\/figcaption>/);
  expect(bundle['text/html']).not.toMatch(/https?:/);
});

it('puts the caption below the title for front ends that show only the JSON', () => {
  const { layout } = figureBundle(figure, 'word '.repeat(30))[PLOTLY_MIME] as PlainFigure;
  expect(layout.title?.text).toMatch(/^Two points<br><span [^>]*>word .* word<br>word/);
  expect(layout.height).toBe(420 + 2 * 22);
});

it('breaks the caption in the title into lines of at most 100 characters', () => {
  const title = (caption: string) =>
    (figureBundle(figure, caption)[PLOTLY_MIME] as PlainFigure).layout.title?.text?.replace(/.*<span [^>]*>/, '');
  const [a, b] = ['a'.repeat(49), 'b'.repeat(50)];
  expect(title(`${a} ${b} c`)).toBe(`${a} ${b}<br>c</span>`);
  expect(title(`${a}a ${b}`)).toBe(`${a}a<br>${b}</span>`);
});

it('names the same figure by the same name, and another by another', () => {
  const other: Figure = { ...figure, layout: {} };
  expect(figureBundle(figure)).toEqual(figureBundle(figure));
  const name = (f: Figure) => /data-dfmr="(\w+)"/.exec(String(figureBundle(f)['text/html']))?.[1];
  expect(name(figure)).not.toBe(name(other));
});

it('lets no data close the script that holds them', () => {
  const text = '</script><script>alert(1)</script><!--';
  const html = String(figureBundle({ data: [{ type: 'scatter', text }], layout: {} })['text/html']);
  expect(html).not.toContain('alert(1)</script>');
  expect(html).not.toContain('<!--');
  expect(figureInHtml(html)?.data).toEqual([{ type: 'scatter', text }]);
});

it('replaces the static image, which stands where the figure will be', () => {
  const html = String(figureBundle(figure, 'A "caption"')['text/html']);
  const once = withStaticImage(html, 'data:image/png;base64,AAAA', 'A "caption"');
  expect(once).toContain('<div class="dfmr-plot"><img src="data:image/png;base64,AAAA" alt="A &quot;caption&quot;"');
  expect(withStaticImage(once, 'data:image/png;base64,AAAA', 'A "caption"')).toBe(once);
  expect(figureInHtml(once)).toEqual(plainFigure(figure));
});
