import fs from 'node:fs';
import path from 'node:path';
import { escapeHtml } from '../page/html';
import { renderMarkdown } from '../page/markdown';
import { type Addresses, relativeAddress, withHeadingNames, withSiteLinks } from './addresses';
import type { SiteWriter } from './site-page';

/** A Markdown file of the repository and its page. */
export interface GuideFile {
  /** such as `.github/docs/commands.md` */
  readonly file: string;
  readonly address: string;
  /** what the guide calls it, if not by its first heading */
  readonly called?: string;
}

/** What other pages tell of a guide page. */
export interface GuideEntry extends GuideFile {
  readonly title: string;
  /** HTML: its first sentence */
  readonly summary: string;
}

/** The Markdown files that become pages: the README first, then what it leads to, in its order. */
export function guideFiles(repository: string): GuideFile[] {
  const docs = path.join(repository, '.github/docs');
  const names = fs.existsSync(docs) ? fs.readdirSync(docs).filter((name) => name.endsWith('.md')) : [];
  const readme = fs.readFileSync(path.join(repository, 'README.md'), 'utf8');
  const place = (name: string): number => {
    const found = readme.indexOf(`.github/docs/${name}`);
    return found < 0 ? Number.POSITIVE_INFINITY : found;
  };
  return [
    { file: 'README.md', address: 'guide/readme.html', called: 'Overview' },
    ...names
      .sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
      .map((name) => ({ file: `.github/docs/${name}`, address: `guide/${name.replace(/\.md$/, '.html')}` })),
    { file: 'data/README.md', address: 'guide/data.html' },
    { file: '.github/CONTRIBUTING.md', address: 'guide/contributing.html' },
    { file: '.github/CHANGELOG.md', address: 'changelog.html' },
  ];
}

/** Writes a page for each Markdown file. */
export function writeGuide(
  writer: SiteWriter,
  files: readonly GuideFile[],
  repository: string,
  addresses: Addresses,
): GuideEntry[] {
  return files.map(({ file, address, called }) => {
    const markdown = fs.readFileSync(path.join(repository, file), 'utf8');
    const html = withSiteLinks(withHeadingNames(renderMarkdown(markdown)), file, address, addresses);
    const title = called ?? plain(/<h1[^>]*>([\s\S]*?)<\/h1>/.exec(html)?.[1] ?? file);
    writer.page({ address, title, sections: [`<section class="prose">\n${withContents(html)}</section>`] });
    return { file, address, title, summary: firstSentence(html) };
  });
}

/** The index of the guide. */
export function writeGuideIndex(
  writer: SiteWriter,
  entries: readonly { address: string; title: string; summary: string }[],
): void {
  const address = 'guide/index.html';
  const items = entries.map(
    (one) =>
      `<li><a href="${relativeAddress(address, one.address)}">${escapeHtml(one.title)}</a><p>${one.summary}</p></li>`,
  );
  writer.page({
    address,
    title: 'Guide',
    sections: ['<h1>Guide</h1>', `<ul class="entry-list">${items.join('\n')}</ul>`],
  });
}

/** A page of contents below the title, where there is much to find. */
function withContents(html: string): string {
  const headings = [...html.matchAll(/<h2 id="([^"]*)">([\s\S]*?)<\/h2>/g)];
  if (headings.length < 4) return html;
  const items = headings.map(([, name, inner]) => `<li><a href="#${name}">${plain(inner ?? '')}</a></li>`);
  return html.replace('</h1>', `</h1>\n<ul class="toc">${items.join('')}</ul>`);
}

/** The text of a heading; letters of HTML stay escaped. */
function plain(html: string): string {
  return html.replace(/<annotation[\s\S]*?<\/annotation>|<[^>]*>/g, '').trim();
}

/** The first sentence of the first paragraph, without links. */
export function firstSentence(html: string): string {
  const paragraph = /<p>([\s\S]*?)<\/p>/.exec(html)?.[1] ?? '';
  const text = paragraph.replace(/<\/?a\b[^>]*>|<img[^>]*>/g, '').trim();
  return /^[\s\S]*?(?<!\b(?:al|App|Fig|e\.g|i\.e))[.?!](?=\s|$)/.exec(text)?.[0] ?? text;
}
