import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

// What TypeDoc tells of the public names, as its JSON has it, and as the reference shows it.

/** The kinds of reflections that the reference tells apart, by TypeDoc's numbers. */
export const KIND = {
  module: 2,
  variable: 32,
  function: 64,
  class: 128,
  interface: 256,
  property: 1024,
  method: 2048,
  type: 2097152,
  /** what another module has already */
  reference: 4194304,
} as const;

export interface CommentPart {
  readonly kind: 'text' | 'code' | 'inline-tag' | 'relative-link';
  readonly text: string;
  /** of a link: the reflection, or an address */
  readonly target?: number | string | object;
}

export interface Comment {
  readonly summary: readonly CommentPart[];
  readonly blockTags?: readonly { tag: string; name?: string; content: readonly CommentPart[] }[];
}

export interface Reflection {
  readonly id: number;
  readonly name: string;
  readonly kind: number;
  readonly flags: { readonly isOptional?: boolean; readonly isRest?: boolean; readonly isReadonly?: boolean };
  readonly comment?: Comment;
  readonly children?: readonly Reflection[];
  readonly signatures?: readonly Reflection[];
  readonly indexSignatures?: readonly Reflection[];
  readonly parameters?: readonly Reflection[];
  readonly typeParameters?: readonly Reflection[];
  readonly type?: TypeNode;
  readonly default?: TypeNode;
  readonly extendedTypes?: readonly TypeNode[];
  readonly defaultValue?: string;
  readonly sources?: readonly { fileName: string; line: number }[];
  /** of a reference: the reflection that it repeats */
  readonly target?: number;
}

export interface TypeNode {
  readonly type: string;
  readonly name?: string;
  readonly value?: unknown;
  readonly target?: number | TypeNode | object;
  readonly types?: readonly TypeNode[];
  readonly typeArguments?: readonly TypeNode[];
  readonly elementType?: TypeNode;
  readonly elements?: readonly TypeNode[];
  readonly element?: TypeNode;
  readonly operator?: string;
  readonly declaration?: Reflection;
  readonly objectType?: TypeNode;
  readonly indexType?: TypeNode;
  readonly queryType?: TypeNode;
  readonly checkType?: TypeNode;
  readonly extendsType?: TypeNode;
  readonly trueType?: TypeNode;
  readonly falseType?: TypeNode;
  readonly constraint?: TypeNode;
  readonly head?: string;
  readonly tail?: readonly [TypeNode, string][];
  readonly asserts?: boolean;
  readonly targetType?: TypeNode;
  readonly isOptional?: boolean;
}

/** A public name. */
export interface Entry {
  readonly name: string;
  readonly reflection: Reflection;
  /** the entries of the package that export it, such as `dfmr/core` */
  readonly from: readonly string[];
  /** the folder of its file in src/ */
  readonly room: string;
  /** its file, from the top of the repository, and its line */
  readonly file: string;
  readonly line: number;
}

/** The entries of the package; a name that several export belongs to the first. */
const ENTRIES = ['index', 'core', 'notebook', 'nist'];

/** What TypeDoc says of the entries of the package: its JSON, and its warnings. */
export function convert(repository: string): { project: Reflection; warnings: string[] } {
  const entries = ENTRIES.map((name) => `src/${name}.ts`).filter((file) => fs.existsSync(path.join(repository, file)));
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dfmr-reference-'));
  const json = path.join(folder, 'reference.json');
  const program = path.join(repository, 'node_modules/typedoc/bin/typedoc');
  const options = [
    '--readme',
    'none',
    '--excludeInternal',
    '--skipErrorChecking',
    '--disableGit',
    '--sourceLinkTemplate',
    '{path}',
  ];
  const output = ['--logLevel', 'Warn', '--pretty', 'false', '--json', json];
  try {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [program, ...options, ...output, '--entryPoints', ...entries],
      { cwd: repository, encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } },
    );
    if (status !== 0) throw new Error(`TypeDoc could not read the sources:\n${stdout}${stderr}`);
    const told = `${stdout}${stderr}`.split('\n').filter((line) => /\[(warning|error)\]/.test(line));
    const warnings = told.filter((line) => !line.includes('Found 0 errors'));
    return { project: JSON.parse(fs.readFileSync(json, 'utf8')), warnings };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** The public names of all modules, each once, in the order of their names. */
export function entriesOf(project: Reflection): Entry[] {
  const modules = project.children ?? [];
  const from = new Map<number, string[]>();
  for (const module of modules)
    for (const child of module.children ?? []) {
      const id = child.kind === KIND.reference ? (child.target as number) : child.id;
      from.set(id, [...(from.get(id) ?? []), module.name === 'index' ? 'dfmr' : `dfmr/${module.name}`]);
    }
  return modules
    .flatMap(({ children = [] }) => children.filter(({ kind }) => kind !== KIND.reference))
    .map((reflection) => {
      const { fileName = '', line = 1 } = reflection.sources?.[0] ?? {};
      const file = fileName.slice(Math.max(0, fileName.indexOf('src/')));
      const room = file.split('/').length > 2 ? (file.split('/')[1] as string) : 'errors';
      return { name: reflection.name, reflection, from: from.get(reflection.id)?.sort() ?? [], room, file, line };
    })
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}
