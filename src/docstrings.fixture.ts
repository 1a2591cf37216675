import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

// What the entries of the package export, as the declarations say that a user's compiler reads.

const root = path.join(__dirname, '..');
const dist = path.join(root, 'dist');

/** The declarations of each entry, by the name that one imports, such as 'dfmr/notebook'. */
export const entries: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).exports).flatMap(([name, to]) => {
    const { types } = to as { types?: string };
    return types ? [[path.posix.join('dfmr', name), path.join(root, types)]] : [];
  }),
);

/** A program of all entries, and of other files, whose text may be given. */
export function programOf(files: readonly string[], texts: ReadonlyMap<string, string> = new Map()): ts.Program {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Node10,
    esModuleInterop: true,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: ['node'],
    paths: Object.fromEntries(Object.entries(entries).map(([name, file]) => [name, [file]])),
  };
  const host = ts.createCompilerHost(options, true);
  const { readFile, fileExists } = host;
  host.readFile = (file) => texts.get(file) ?? readFile.call(host, file);
  host.fileExists = (file) => texts.has(file) || fileExists.call(host, file);
  return ts.createProgram([...Object.values(entries), ...files], options, host);
}

/** Something that an entry exports. */
export interface Exported {
  readonly name: string;
  /** the entry, as one imports it */
  readonly entry: string;
  readonly symbol: ts.Symbol;
  /** all declarations, as of overloads */
  readonly nodes: readonly ts.Declaration[];
}

/** What an entry of a program exports. */
export function exportsOf(program: ts.Program, entry: string): Exported[] {
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(entries[entry]) as ts.SourceFile) as ts.Symbol;
  return checker.getExportsOfModule(module).map((one) => {
    const symbol = aimed(checker, one);
    return { name: one.name, entry, symbol, nodes: (symbol.declarations ?? []).filter(isOurs) };
  });
}

/** What an import or export of a name stands for. */
const aimed = (checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

const isOurs = (node: ts.Node): boolean => node.getSourceFile().fileName.startsWith(`${dist}/`);

/** The source file of a declaration, as a path from src/. */
export const sourceOf = (node: ts.Node): string =>
  path.relative(dist, node.getSourceFile().fileName).replace(/\.d\.ts$/, '.ts');

/** The docstrings of a declaration or a member. */
export function docsOf(node: ts.Node): readonly ts.JSDoc[] {
  const owner = ts.isVariableDeclaration(node) ? node.parent.parent : node;
  return ts.getJSDocCommentsAndTags(owner).filter(ts.isJSDoc);
}

/** The tags of a name in the docstrings of declarations. */
export const tagsOf = (nodes: readonly ts.Node[], name: string): readonly ts.JSDocTag[] =>
  nodes.flatMap(docsOf).flatMap(({ tags = [] }) => tags.filter(({ tagName }) => tagName.text === name));

/** Whether a declaration or a member has a sentence. */
export const isDescribed = (node: ts.Node): boolean =>
  docsOf(node).some(({ comment }) => ts.getTextOfJSDocComment(comment)?.trim());

/** The nodes of what a user reads of a declaration: constraints of type parameters are left out. */
export function* nodesOf(node: ts.Node): Generator<ts.Node, void> {
  yield node;
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) if (!ts.isTypeParameterDeclaration(child)) yield* nodesOf(child);
}

/** The fields and methods that a declaration has, in its literal types too, each with its path. */
export function membersOf(nodes: readonly ts.Node[]): { readonly path: string; readonly node: ts.Node }[] {
  return nodes
    .flatMap((node) => [...nodesOf(node)])
    .filter(
      (node): node is ts.PropertySignature =>
        ts.isPropertySignature(node) ||
        ts.isMethodSignature(node) ||
        ((ts.isPropertyDeclaration(node) || ts.isMethodDeclaration(node)) &&
          !(ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private)),
    )
    .map((node) => ({ path: pathOf(node), node }));
}

function pathOf(node: ts.Node): string {
  const { name } = node as ts.PropertySignature;
  const own = name && !ts.isParameter(node) ? [name.getText()] : [];
  return [...(node.parent && !ts.isSourceFile(node.parent) ? [pathOf(node.parent)] : []), ...own]
    .filter(Boolean)
    .join('.');
}

/** The types of the library that a declaration names. */
export function typesNamedBy(program: ts.Program, nodes: readonly ts.Node[]): ts.Symbol[] {
  const checker = program.getTypeChecker();
  return nodes
    .flatMap((node) => [...nodesOf(node)])
    .flatMap((node) => {
      const name = ts.isTypeReferenceNode(node)
        ? node.typeName
        : ts.isExpressionWithTypeArguments(node)
          ? node.expression
          : ts.isTypeQueryNode(node)
            ? node.exprName
            : undefined;
      const found = name && checker.getSymbolAtLocation(name);
      const symbol = found && aimed(checker, found);
      const declared = symbol?.declarations?.[0];
      return symbol && declared && isOurs(declared) && !ts.isTypeParameterDeclaration(declared) ? [symbol] : [];
    });
}
