import fs from 'node:fs';
import path from 'node:path';
import { escapeHtml } from '../page/html';

/** Files that a page can show as text; others are copied. */
const TEXT = /\.(ts|cjs|mjs|js|json|py|R|sh|ya?ml|md|txt|mts)$|(^|\/)[^./]+$/;

/**
 * Where the files of the repository are in the site, by their paths from its top. Files that have no page get one, or are copied, when
 * something links to them.
 */
export class Addresses {
  /** what was linked to and has no page of its own, by its path: its page is `files/…` */
  readonly wanted = new Set<string>();

  /**
   * @param pages the pages of files and folders of the repository, such as `guide/readme.html` of `README.md`
   * @param names where the public names are in the reference; empty where there is no reference
   */
  constructor(
    private readonly repository: string,
    private readonly pages: ReadonlyMap<string, string>,
    readonly names: ReadonlyMap<string, string> = new Map(),
  ) {}

  /** The address in the site of a file or a folder of the repository; undefined if there is none. */
  of(file: string): string | undefined {
    const page = this.pages.get(file);
    if (page !== undefined) return page;
    const stat = fs.statSync(path.join(this.repository, file), { throwIfNoEntry: false });
    if (!stat || file.startsWith('..')) return undefined;
    this.wanted.add(file);
    return addressOfFile(file, stat.isDirectory());
  }
}

/** The page on which a file without a page of its own is shown, or where it is copied to. */
export function addressOfFile(file: string, isFolder: boolean): string {
  if (isFolder) return `files/${file}/index.html`;
  return TEXT.test(file) ? `files/${file}.html` : `files/${file}`;
}

/** The address `to` as seen from the page `from`, both from the top of the site. */
export function relativeAddress(from: string, to: string): string {
  return path.posix.relative(path.posix.dirname(from), to) || path.posix.basename(to);
}

/**
 * HTML that was made of a file of the repository, with its relative links to other files turned into links of the site,
 * and public names in code into links to the reference.
 *
 * @param html what the page `page` shows of the file
 * @param file the file, from the top of the repository
 * @throws Error if a link leads nowhere
 */
export function withSiteLinks(html: string, file: string, page: string, addresses: Addresses): string {
  const linked = html.replace(
    /(<(?:a|img|source)\b[^>]*?\s(?:href|src|srcset)=")([^"]*)"/g,
    (whole, before: string, link: string) => {
      if (/^([a-z]+:|#)/i.test(link)) return whole;
      const [, to = '', rest = ''] = /^([^#?]*)(.*)$/.exec(link.replaceAll('&amp;', '&')) ?? [];
      const target = path.posix.normalize(path.posix.join(path.posix.dirname(file), decodeURI(to))).replace(/\/$/, '');
      const address = addresses.of(target);
      if (address === undefined) throw new Error(`${file} links to ${link}, and there is no ${target}`);
      return `${before}${escapeHtml(encodeURI(relativeAddress(page, address)) + rest)}"`;
    },
  );
  return withNamesLinked(linked, page, addresses.names);
}

/** Prose in which public names in code lead to the reference: those that are called, or that no word of English is like. */
export function withNamesLinked(html: string, page: string, names: ReadonlyMap<string, string>): string {
  const links =
    /<a\b[\s\S]*?<\/a>|<pre\b[\s\S]*?<\/pre>|<h[1-6]\b[\s\S]*?<\/h[1-6]>|<code>([A-Za-z]\w*)(\(.*?)?<\/code>/g;
  return html.replace(links, (whole, name = '', called) => {
    const address = names.get(name);
    if (address === undefined || (called === undefined && !/.[A-Z]/.test(name))) return whole;
    return `<a class="name" href="${relativeAddress(page, address)}">${whole}</a>`;
  });
}

/** HTML whose headings can be linked to, by the names that GitHub gives them. */
export function withHeadingNames(html: string): string {
  const used = new Map<string, number>();
  return html.replace(/<(h[1-6])>([\s\S]*?)<\/\1>/g, (_, tag: string, inner: string) => {
    const name = headingName(inner);
    const times = used.get(name) ?? 0;
    used.set(name, times + 1);
    return `<${tag} id="${times === 0 ? name : `${name}-${times}`}">${inner}</${tag}>`;
  });
}

/** The name of a heading as GitHub makes it: small letters, hyphens for spaces, no punctuation. */
export function headingName(html: string): string {
  const text = html
    .replace(/<annotation[\s\S]*?<\/annotation>|<[^>]*>/g, '')
    .replace(/&(amp|lt|gt|quot|#39);/g, '')
    .trim();
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}
