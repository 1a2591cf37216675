import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

/** The rooms from the ground up; a file beside them stands where it is named. */
const FLOORS = [
  'errors.ts',
  'work',
  'registry',
  'kernels',
  'math',
  'tables',
  'families',
  'mixture',
  'estimate',
  'distance',
  'theory',
  'aggregate',
  'experts',
  'messages',
  'protocol',
  'simulate',
  'study',
  'analysis',
  'figures',
  'core.ts',
  'page',
  'report',
  'jupyter',
  'site',
  'examples',
  'bench',
  'cli',
  'index.ts',
  'notebook.ts',
  'nist.ts',
];

/** The source files, as paths from src/, without tests. */
const files = readdirSync(__dirname, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(path.sep).join('/'))
  .filter((file) => file.endsWith('.ts') && !/\.(test|fixture|e2e|d)\.ts$/.test(file))
  .sort();

/** The files of the house that a file imports, by any kind of import. */
function importsOf(file: string): string[] {
  const text = readFileSync(path.join(__dirname, file), 'utf8');
  const named = text.matchAll(/\b(?:from|import|require)\s*\(?\s*'(\.[^']*)'/g);
  return [...named].map(([, to]) => {
    const target = path.posix.join(path.posix.dirname(file), to);
    return [`${target}.ts`, `${target}/index.ts`, target].find((one) => files.includes(one)) ?? target;
  });
}

const floorOf = (file: string): number => FLOORS.indexOf(file.split('/')[0]);

it('has every source file in a room of the house', () => {
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((file) => floorOf(file) < 0)).toEqual([]);
});

it('imports only files that are there', () => {
  const missing = files.flatMap((file) =>
    importsOf(file).filter((to) => !files.includes(to) && !/\.c?js(on)?$/.test(to)),
  );
  expect(missing).toEqual([]);
});

it('imports only from the same room or from rooms below', () => {
  const upward = files.flatMap((file) =>
    importsOf(file)
      .filter((to) => floorOf(to) > floorOf(file))
      .map((to) => `${file} imports ${to}`),
  );
  expect(upward).toEqual([]);
});

it('has no two source files of one name, but the rule and the command that are both called dfmr', () => {
  const names = files.map((file) => path.posix.basename(file));
  expect(names.filter((name, i) => names.indexOf(name) < i)).toEqual(['dfmr.ts']);
});

it('has no circle of imports', () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
    if (way.includes(file) || done.has(file)) return;
    for (const to of importsOf(file)) visit(to, [...way, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});
