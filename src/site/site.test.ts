import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deadLinks } from './dead-links.fixture';
import { writeSite } from './site';

const repository = path.join(__dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-site-'));
const text = (page: string): string => readFileSync(path.join(folder, page), 'utf8');

describe('the site without the reference', () => {
  let bytes = 0;
  beforeAll(async () => {
    ({ bytes } = await writeSite({ repository, folder, live: '<body><!-- navigation --></body>' }));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('has no dead link', () => {
    expect(deadLinks(folder)).toEqual([]);
  });

  it('has a page for each notebook, which the first page shows with its question and a picture', () => {
    const notebooks = readdirSync(path.join(repository, 'notebooks')).filter((name) => /^\d.*\.ipynb$/.test(name));
    const cards = text('index.html').match(/<a class="card" href="notebooks\/[^"]+\.html"><img /g) ?? [];
    expect(cards).toHaveLength(notebooks.length);
  });

  it('leads from each notebook to the one before and the one after', () => {
    const [first = '', second = '', third = ''] = readdirSync(path.join(folder, 'notebooks')).sort();
    expect(text(`notebooks/${second}`)).toMatch(
      new RegExp(`class="previous" href="${first}"[\\s\\S]*class="next" href="${third}"`),
    );
    expect(text(`notebooks/${first}`)).not.toContain('class="previous"');
  });

  it('is small: pages share one Plotly, and pictures are files', () => {
    expect(bytes).toBeLessThan(25e6);
    for (const page of readdirSync(path.join(folder, 'notebooks'))) {
      expect(text(`notebooks/${page}`)).toContain('<script src="../plotly.js"></script>');
      expect(text(`notebooks/${page}`)).not.toContain('data:image/png');
    }
  });

  it('has the live page in the navigation of every page, and the navigation on it', () => {
    expect(text('live.html')).toContain('<a href="live.html" aria-current="page">Live</a>');
    expect(text('notebooks/01-mixtures-and-em.html')).toContain('<a href="../live.html">Live</a>');
  });
});

it('finds links that lead nowhere', () => {
  const site = mkdtempSync(path.join(tmpdir(), 'dfmr-site-'));
  mkdirSync(path.join(site, 'a'));
  writeFileSync(
    path.join(site, 'a/one.html'),
    '<h1 id="here"></h1><a href="#here">1</a><a href="../two.html#gone">2</a><img src="none.png">',
  );
  writeFileSync(
    path.join(site, 'two.html'),
    '<a href="a/one.html#here">1</a><a href="https://arxiv.org">2</a><script>"<a href="no.html">"</script>',
  );
  expect(deadLinks(site)).toEqual(['a/one.html: ../two.html#gone', 'a/one.html: none.png']);
  rmSync(site, { recursive: true });
});
