import path from 'node:path';
import { expect, it } from 'vitest';
import { Addresses, headingName, relativeAddress, withHeadingNames, withNamesLinked, withSiteLinks } from './addresses';

const pages = new Map([
  ['README.md', 'guide/readme.html'],
  ['notebooks/02-families.ipynb', 'notebooks/02-families.html'],
]);
const addresses = () => new Addresses(path.join(__dirname, '../..'), pages);

it('turns links between files into links between pages', () => {
  const html = '<a href="02-families.ipynb">2</a> <a href="../README.md#ten-lines">1</a>';
  expect(withSiteLinks(html, 'notebooks/00-quickstart.ipynb', 'notebooks/00-quickstart.html', addresses())).toBe(
    '<a href="02-families.html">2</a> <a href="../guide/readme.html#ten-lines">1</a>',
  );
});

it('leaves addresses of the world and of the same page alone', () => {
  const html =
    '<a href="https://arxiv.org/abs/2407.13980">a</a> <a href="#b">b</a> <img src="data:image/png;base64,AAAA">';
  expect(withSiteLinks(html, 'README.md', 'guide/readme.html', addresses())).toBe(html);
});

it('shows text that has no page of its own as a page, and copies what is no text', () => {
  const wanted = addresses();
  const html =
    '<img src="notebooks/00-quickstart.png"><a href="src/errors.ts">e</a><a href="notebooks/cluster/">c</a><a href="LICENSE">l</a>';
  expect(withSiteLinks(html, 'README.md', 'guide/readme.html', wanted)).toBe(
    '<img src="../files/notebooks/00-quickstart.png"><a href="../files/src/errors.ts.html">e</a>' +
      '<a href="../files/notebooks/cluster/index.html">c</a><a href="../files/LICENSE.html">l</a>',
  );
  expect([...wanted.wanted]).toEqual(['notebooks/00-quickstart.png', 'src/errors.ts', 'notebooks/cluster', 'LICENSE']);
});

it('refuses a link that leads nowhere, or out of the repository', () => {
  for (const link of ['no-such-file.md', '../../elsewhere.md'])
    expect(() => withSiteLinks(`<a href="${link}">x</a>`, 'data/README.md', 'guide/data.html', addresses())).toThrow(
      `data/README.md links to ${link}`,
    );
});

it('names headings as GitHub does, and the second of one name by a number', () => {
  expect(headingName('What it <em>can</em> &amp; cannot do: 2 × K')).toBe('what-it-can--cannot-do-2--k');
  expect(headingName('<code>dfmr fit</code>')).toBe('dfmr-fit');
  expect(withHeadingNames('<h2>Added</h2><h2>Added</h2>')).toBe('<h2 id="added">Added</h2><h2 id="added-1">Added</h2>');
});

it('sees addresses from where a page is', () => {
  expect(relativeAddress('index.html', 'style.css')).toBe('style.css');
  expect(relativeAddress('files/src/math/x.ts.html', 'style.css')).toBe('../../../style.css');
  expect(relativeAddress('notebooks/a.html', 'index.html#notebooks')).toBe('../index.html#notebooks');
});

it('leads from names in prose to the reference, but not from words of commands, links and blocks of code', () => {
  const names = new Map([
    ['fit', 'reference/estimate.html#fit'],
    ['fitAll', 'reference/protocol.html#fitAll'],
  ]);
  const linked = (html: string) => withNamesLinked(html, 'guide/library.html', names);
  expect(linked('<code>fitAll</code>')).toBe(
    '<a class="name" href="../reference/protocol.html#fitAll"><code>fitAll</code></a>',
  );
  expect(linked('<code>fit(table, { order: 3 })</code>')).toContain('href="../reference/estimate.html#fit"');
  const alone = [
    '<code>fit</code>',
    '<code>dfmr fitAll</code>',
    '<a href="x"><code>fitAll</code></a>',
    '<pre><code>fitAll</code></pre>',
  ];
  for (const html of alone) expect(linked(html)).toBe(html);
});
