import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** Every link, picture and script of a site's pages that leads to no file, or to no element of a page: `page: link`. */
export function deadLinks(folder: string): string[] {
  const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
  const names = new Map<string, Set<string>>();
  const namesOf = (file: string): Set<string> => {
    const known =
      names.get(file) ?? new Set([...textOf(file).matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id as string));
    names.set(file, known);
    return known;
  };
  return pages.flatMap((page) => {
    const from = path.join(folder, page);
    const links = [...textOf(from).matchAll(/<[a-z]+\b[^>]*?\s(?:href|src|srcset)="([^"]*)"/g)].map(
      ([, link]) => link as string,
    );
    return [...new Set(links)].filter((link) => !leadsSomewhere(link, from, namesOf)).map((link) => `${page}: ${link}`);
  });
}

function leadsSomewhere(link: string, from: string, namesOf: (file: string) => Set<string>): boolean {
  if (/^(https?:|mailto:|data:)/.test(link)) return true;
  const [to = '', name] = decodeURI(link).split('#');
  const file = to === '' ? from : path.join(path.dirname(from), to);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return false;
  return name === undefined || namesOf(file).has(name);
}

/** The page without its scripts and their data, in which links may be parts of other things. */
function textOf(file: string): string {
  return readFileSync(file, 'utf8').replace(/(<script\b[^>]*>)[\s\S]*?<\/script>/g, '$1</script>');
}
