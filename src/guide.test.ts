import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { commandIn } from './cli/command.fixture';
import { joinText, readNotebook } from './jupyter/runner/notebook-file';

// What is written for readers, outside of docstrings and notebooks: README.md and the pages of .github/.

const ROOT = path.join(__dirname, '..');
const LONGEST_LINE = 110;

const pages = [
  'README.md',
  'data/README.md',
  ...['.github', '.github/docs'].flatMap((folder) =>
    readdirSync(path.join(ROOT, folder))
      .filter((file) => file.endsWith('.md'))
      .map((file) => `${folder}/${file}`),
  ),
];
const textOf = (page: string): string => readFileSync(path.join(ROOT, page), 'utf8');

/** The blocks of code of a page, fenced or indented, with their language. */
function blocksOf(page: string): { language: string; code: string }[] {
  const text = textOf(page);
  const fenced = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map(([, language, code]) => ({ language, code }));
  const rest = text.replace(/^```[\s\S]*?^```/gm, '');
  const indented = [...rest.matchAll(/(?:^ {4}\S.*\n?(?: *\n(?= {4}\S))?)+/gm)].map(([code]) => ({
    language: 'sh',
    code: code.replace(/^ {4}/gm, ''),
  }));
  return [...fenced, ...indented];
}

/** The anchor that GitHub gives a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replace(/ /g, '-');

/** The notebooks in their order: the first line, which asks, and the texts of their cells. */
const notebooks = readdirSync(path.join(ROOT, 'notebooks'))
  .filter((file) => file.endsWith('.ipynb'))
  .sort()
  .map((file) => {
    const { cells } = readNotebook(path.join(ROOT, 'notebooks', file));
    const texts = (type: string) =>
      cells.filter((cell) => cell.cell_type === type).map(({ source }) => joinText(source));
    const [markdown, code] = [texts('markdown'), texts('code')];
    return { file, markdown, code, question: markdown[0].split('\n')[0].replace('# ', '') };
  });

describe('what is written for readers', () => {
  it('has no line of code that is too long to read', () => {
    const long = pages.flatMap((page) =>
      blocksOf(page).flatMap(({ code }) => code.split('\n').filter((line) => line.length > LONGEST_LINE)),
    );
    expect(long).toEqual([]);
  });

  it('has no dead link', () => {
    const dead = pages.flatMap((page) =>
      [...textOf(page).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)]
        .map(([, link, source]) => link ?? source)
        .filter((link) => !/^https?:/.test(link))
        .filter((link) => {
          const [file, anchor] = link.split('#');
          const target = path.join(ROOT, file === '' ? page : path.join(path.dirname(page), file));
          if (!existsSync(target)) return true;
          if (anchor === undefined) return false;
          return ![...readFileSync(target, 'utf8').matchAll(/^#+ (.*)$/gm)].some(
            ([, text]) => anchorOf(text) === anchor,
          );
        })
        .map((link) => `${page}: ${link}`),
    );
    expect(dead).toEqual([]);
  });

  it('names commands and options that are there', async () => {
    const named = pages.flatMap((page) =>
      blocksOf(page)
        .filter(({ language }) => language === 'sh')
        .flatMap(({ code }) => [
          ...code
            .replace(/\\\n/g, ' ')
            .matchAll(
              /npx dfmr ((?:[a-z][a-z-]*(?= |\n))(?: (?:study|train|features|fetch|choose-order)(?= |\n))?)([^\n|#]*)/g,
            ),
        ])
        .map(([, command, rest]) => {
          const words = command.split(' ');
          const nested = ['nist', 'ask'].includes(words[0]) ? words : words.slice(0, 1);
          return { page, command, nested, options: rest.match(/--[a-z][a-z-]+/g) ?? [] };
        }),
    );
    const dfmr = commandIn(ROOT);
    const help = new Map<string, string>();
    for (const { nested } of named)
      if (!help.has(nested.join(' '))) help.set(nested.join(' '), (await dfmr(...nested, '--help')).stdout);
    expect(help.size).toBeGreaterThan(8);
    expect([...help.entries()].filter(([, text]) => !text.startsWith('Usage: dfmr ')).map(([name]) => name)).toEqual(
      [],
    );
    const wrong = named.flatMap(({ page, command, nested, options }) =>
      options
        .filter((option) => !help.get(nested.join(' '))?.includes(`${option} `))
        .map((option) => `${page}: dfmr ${command} ${option}`),
    );
    expect(wrong).toEqual([]);
  });

  it('lists every notebook in the README, with its question, and every guide', () => {
    const readme = textOf('README.md');
    const rows = notebooks.map(
      ({ file, question }) => `| [${file.replace('.ipynb', '')}](notebooks/${file}) | ${question} |`,
    );
    expect(readme.match(/^\| \[\d\d-.*$/gm)).toEqual(rows);
    const guides = readdirSync(path.join(ROOT, '.github/docs')).filter((file) => file.endsWith('.md'));
    expect(guides.filter((file) => !readme.includes(`](.github/docs/${file})`))).toEqual([]);
  });

  it('keeps the README short', () => {
    expect(textOf('README.md').split('\n').length).toBeLessThanOrEqual(150);
  });
});

describe('a notebook', () => {
  it.each(notebooks)(
    '$file asks first, has something to try, answers last, and links to its neighbours',
    (notebook) => {
      const { file, markdown, question } = notebook;
      expect(question).toMatch(/[?]$/);
      expect(markdown.some((text) => text.includes('**Try:** '))).toBe(true);
      const [answer, navigation] = markdown.slice(-2);
      expect(answer).toContain('**Answer.** ');
      const at = notebooks.findIndex((one) => one.file === file);
      const neighbours = [notebooks[at - 1], notebooks[at + 1]].filter((one) => one !== undefined);
      expect(neighbours.filter((one) => !navigation.includes(`[${one.question}](${one.file})`))).toEqual([]);
    },
  );

  it.each(notebooks)('$file has no line of code that is too long to read', ({ code }) => {
    expect(code.flatMap((text) => text.split('\n')).filter((line) => line.length > LONGEST_LINE)).toEqual([]);
  });
});

describe('the programs of README and guides', () => {
  const before = process.cwd();
  const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-guide-'));
  const printed: unknown[] = [];
  beforeAll(() => {
    process.chdir(folder);
    symlinkSync(path.join(ROOT, 'data'), path.join(folder, 'data'), 'junction');
    vi.spyOn(console, 'log').mockImplementation((...values) => void printed.push(...values));
  });
  afterAll(() => {
    vi.restoreAllMocks();
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  /** Runs a program in the folder, and returns the values of these names at its end. */
  async function run(code: string, ...names: string[]): Promise<Record<string, unknown>> {
    const load = createRequire(__filename);
    const built: Record<string, string> = {
      dfmr: 'index',
      'dfmr/notebook': 'notebook',
      'dfmr/nist': 'nist',
      'dfmr/core': 'core',
    };
    const find = (to: string) => load(to in built ? path.join(ROOT, 'dist', `${built[to]}.js`) : to);
    const { outputText } = ts.transpileModule(`${code}\nreturn { ${names.join(', ')} };`, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
    });
    return new Function('require', 'exports', `return (async () => {\n${outputText}\n})();`)(find, {});
  }

  const programs = pages.flatMap((page) =>
    blocksOf(page)
      .filter(({ language, code }) => language === 'ts' && code.includes("from 'dfmr'"))
      .map(({ code }) => ({ page, code })),
  );

  it('are some', () => {
    expect(programs.length).toBeGreaterThanOrEqual(4);
  });

  it.each(programs)('$page', async ({ page, code }) => {
    printed.length = 0;
    const names = ['labels', 'result', 'analysis'].filter((name) =>
      new RegExp(`\\b${name}\\b.* = await|const ${name} `).test(code),
    );
    const values = await run(code, ...names);
    if (page === 'README.md') {
      const { setAside } = values.result as { setAside: { machine: number; component: number }[] };
      expect(Array.from(values.labels as Int32Array)).toEqual([1, 0]);
      expect(setAside.map(({ machine }) => machine)).toEqual([7, 8, 9]);
      expect(setAside.every(({ component }) => component >= 0)).toBe(true);
    }
    if (page.endsWith('library.md')) {
      expect((values.analysis as { result: { mixture: { order: number } } }).result.mixture.order).toBe(3);
      expect((printed[1] as number).toFixed(2)).toBe('0.93');
      expect(existsSync('report.html')).toBe(true);
    }
  });
});
