import fs from 'node:fs';
import path from 'node:path';
import { highlightTypeScript } from '../page/highlight';
import { escapeHtml } from '../page/html';
import { type Addresses, addressOfFile, relativeAddress } from './addresses';
import type { SiteWriter } from './site-page';

/**
 * Writes what pages link to and has no page of its own: text with numbered lines, the contents of folders, copies of everything else.
 */
export function writeFiles(writer: SiteWriter, repository: string, addresses: Addresses): void {
  for (const file of addresses.wanted) {
    const full = path.join(repository, file);
    const isFolder = fs.statSync(full).isDirectory();
    const address = addressOfFile(file, isFolder);
    const title = `<h1>${escapeHtml(file)}</h1>`;
    if (isFolder) {
      const items = fs
        .readdirSync(full)
        .sort()
        .map((name) => {
          const to = relativeAddress(address, addresses.of(path.posix.join(file, name)) as string);
          return `<li><a href="${encodeURI(to)}">${escapeHtml(name)}</a></li>`;
        });
      writer.page({ address, title: file, sections: [title, `<ul>${items.join('\n')}</ul>`] });
    } else if (address.endsWith('.html')) {
      writer.page({
        address,
        title: file,
        sections: [title, codeWithLines(file, fs.readFileSync(full, 'utf8'))],
        look: 'wide',
      });
    } else writer.file(address, fs.readFileSync(full));
  }
}

/** Code whose lines are numbered, and can be linked to as `#L12`. */
export function codeWithLines(file: string, text: string): string {
  const html = /\.(ts|mts|js|cjs|mjs|json)$/.test(file)
    ? highlightTypeScript(text.trimEnd())
    : escapeHtml(text.trimEnd());
  const lines = closedLines(html).map((line, i) => `<span id="L${i + 1}">${line}</span>`);
  return `<pre class="code"><code class="lines">${lines.join('')}</code></pre>`;
}

/** The lines of highlighted code, each whole: an element that goes on in the next line is closed, and opened again. */
function closedLines(html: string): string[] {
  let open: string[] = [];
  return html.split('\n').map((line) => {
    const before = open.join('');
    for (const [tag] of line.matchAll(/<span[^>]*>|<\/span>/g)) {
      if (tag === '</span>') open = open.slice(0, -1);
      else open = [...open, tag];
    }
    return before + line + '</span>'.repeat(open.length);
  });
}
