import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type * as Library from '.';

/** What users call first: each has an example. */
const FIRST =
  'gaussianMixture gammaMixture mixture logDensity responsibilities classify sample fit fitAll l2Distance l2DistanceMatrix ' +
  'wasserstein1 adjustedRandIndex transportDivergence coat dfmr reduce trim oracle aggregate analyse overlap mixsim fail ' +
  'standardErrors bootstrap readTable readEstimates chooseOrder runStudy summarise inflationCurve registerRule registerDistance ' +
  'registerFailure expertsModel expertsDensity predictExperts sampleExperts expertsStandardErrors registerFamily registerTableFormat aggregateBy distanceMatrix estimateToJSON show reportPage marginal conditional bic icl';

interface Documented {
  readonly name: string;
  readonly file: string;
  readonly node: ts.Node;
  readonly docs: readonly ts.JSDoc[];
}

const parsed = new Map<string, ts.SourceFile>();

function sourceOf(file: string): ts.SourceFile {
  const known = parsed.get(file);
  if (known) return known;
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
  parsed.set(file, source);
  return source;
}

/** The declarations of a file that have a name, with their docstrings. */
function declarationsIn(file: string): Documented[] {
  return sourceOf(file).statements.flatMap((statement): Documented[] => {
    const docs = ts.getJSDocCommentsAndTags(statement).filter(ts.isJSDoc);
    if (ts.isVariableStatement(statement))
      return statement.declarationList.declarations.map((node) => ({ name: node.name.getText(), file, node, docs }));
    const { name } = statement as ts.FunctionDeclaration;
    return name ? [{ name: name.text, file, node: statement, docs }] : [];
  });
}

/** What the entries export, by the declarations that have a docstring, or the first one. */
const exported: Documented[] = ['core.ts', 'index.ts', 'notebook.ts', 'nist.ts'].flatMap((entry) =>
  sourceOf(path.join(__dirname, entry)).statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause || !statement.moduleSpecifier) return [];
    const to = (statement.moduleSpecifier as ts.StringLiteral).text;
    const declared = declarationsIn(path.join(__dirname, `${to}.ts`));
    return (statement.exportClause as ts.NamedExports).elements.flatMap(({ name, propertyName }) => {
      const own = declared.filter((one) => one.name === (propertyName ?? name).text);
      return own.find(({ docs }) => docs.length > 0) ?? own[0] ?? [];
    });
  }),
);

const tagsOf = ({ docs }: Documented, name: string): readonly ts.JSDocTag[] =>
  docs.flatMap(({ tags = [] }) => tags.filter(({ tagName }) => tagName.text === name));

describe('the docstrings of what is exported', () => {
  it('are there', () => {
    expect(exported.length).toBeGreaterThan(200);
    expect(exported.filter(({ docs }) => docs.length === 0).map(({ name }) => name)).toEqual([]);
  });

  it('say what functions return, and describe their parameters', () => {
    const missing = exported.flatMap((one) => {
      const { name, node } = one;
      if (!ts.isFunctionDeclaration(node)) return [];
      const returned = node.type?.getText() ?? '';
      const described = tagsOf(one, 'param').map((tag) => (tag as ts.JSDocParameterTag).name.getText());
      const parameters = node.parameters
        .map((parameter) => parameter.name.getText())
        .filter((parameter) => !/^(\{|options$)/.test(parameter) && !described.includes(parameter));
      const silent = /^(void|Promise<void>|asserts .*|Figure)$/.test(returned) || tagsOf(one, 'returns').length > 0;
      return [
        ...parameters.map((parameter) => `${name}: @param ${parameter}`),
        ...(silent ? [] : [`${name}: @returns`]),
      ];
    });
    expect(missing).toEqual([]);
  });

  it('have an example of all that users call first', () => {
    const without = FIRST.split(' ').filter(
      (name) => !exported.some((one) => one.name === name && tagsOf(one, 'example').length > 0),
    );
    expect(without).toEqual([]);
  });
});

// Examples run as they are in the docstring, in a folder of their own. They may use without import all that the library exports, and:
//
//   truth      a mixture of three Gaussian components in two dimensions
//   tables     tables of 200 rows each, drawn from it, for five machines
//   table      the first of them
//   fits       the machines' estimates
//   files      machine-0.json … machine-4.json, estimates as `dfmr fit` writes them; table.csv; my-rules.js, a module that registers a rule

const library: typeof Library = createRequire(__filename)(path.join(__dirname, '../dist/index.js'));

describe('the examples of docstrings', () => {
  const before = process.cwd();
  const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-examples-'));
  const { estimateToJSON, fit, mixsim, sample } = library;
  const truth = mixsim({ order: 3, dimension: 2, maximumOverlap: 0.01, seed: 1 });
  const tables = [0, 1, 2, 3, 4].map((machine) => sample(truth, 200, machine).data);
  const fits = tables.map((rows) => fit(rows, { order: 3 }));

  beforeAll(() => {
    process.chdir(folder);
    vi.spyOn(console, 'log').mockImplementation(() => {});
    for (const [i, one] of fits.entries())
      writeFileSync(`machine-${i}.json`, JSON.stringify(estimateToJSON(one, { machine: `machine ${i}` })));
    writeFileSync('table.csv', ['height,width', ...tables.flatMap(rowsOf)].join('\n'));
    writeFileSync('my-rules.js', `require(${JSON.stringify(path.join(__dirname, '../dist'))});`);
  });
  afterAll(() => {
    vi.restoreAllMocks();
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  const files = ts.sys.readDirectory(__dirname, ['.ts'], ['**/*.test.ts', '**/*.assembly.ts', '**/kernels/wasm.ts']);
  const examples = files.flatMap(declarationsIn).flatMap((one) =>
    tagsOf(one, 'example').map((tag) => ({
      name: one.name,
      file: one.file,
      code: ts.getTextOfJSDocComment(tag.comment) ?? '',
    })),
  );

  it.each(examples)('$name', async ({ file, code }) => {
    const built = (of: string) => path.join(__dirname, '../dist', path.relative(__dirname, of)).replace(/\.ts$/, '.js');
    const load = createRequire(file);
    const find = (to: string) => load(to === 'dfmr' ? built(path.join(__dirname, 'index.ts')) : to);
    const scope = {
      ...library,
      ...find(built(path.join(__dirname, 'notebook.ts'))),
      truth,
      tables,
      table: tables[0],
      fits,
      ...find(built(file)),
      require: find,
    };
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
    });
    const body = `return (async () => {\n${outputText}\n})();`;
    await new Function(...Object.keys(scope), 'exports', body)(...Object.values(scope), {});
  });
});

const rowsOf = ({ data, rows, columns }: Library.Samples): string[] =>
  Array.from({ length: rows }, (_, j) => data.subarray(j * columns, (j + 1) * columns).join(','));
