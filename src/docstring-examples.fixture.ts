import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import ts from 'typescript';
import type * as Library from '.';
import { exampleScope } from './site/example-figures';

// Examples of docstrings. They may use without import all that `dfmr` exports, and:
//
//   truth      a mixture of three Gaussian components in two dimensions
//   tables     tables of 200 rows each, drawn from it, for five machines
//   table      the first of them
//   fits       the machines' estimates
//   images     the mean images of the ten digits and of the letters A–J, as if they were a test set
//   files      machine-0.json … machine-4.json, estimates as `dfmr fit` writes them; table.csv; data/, the data of the project; my-rules.js, a
//              module that registers a rule; emnist/, the images as files; features/, made-up features of digits and letters, as
//              `writeFeatures` writes them
//
// They are run in a folder of their own, and checked by the compiler.

const built = path.join(__dirname, '../dist');
export const library: typeof Library = createRequire(__filename)(path.join(built, 'index.js'));

export interface Example {
  /** the function */
  readonly name: string;
  /** its source file */
  readonly file: string;
  readonly code: string;
}

const sources = ts.sys.readDirectory(
  __dirname,
  ['.ts'],
  ['**/*.test.ts', '**/*.assembly.ts', '**/*.fixture.ts', '**/wasm.ts'],
);

/** The examples of all docstrings, of what is not exported too. */
export const examples: readonly Example[] = sources.flatMap((file) => {
  const text = readFileSync(file, 'utf8');
  if (!text.includes('@example')) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  return source.statements.flatMap((statement) =>
    ts
      .getJSDocCommentsAndTags(statement)
      .filter(ts.isJSDoc)
      .flatMap(({ tags = [] }) => tags)
      .filter(({ tagName }) => tagName.text === 'example')
      .map(({ comment }) => ({ name: nameOf(statement), file, code: ts.getTextOfJSDocComment(comment) ?? '' })),
  );
});

function nameOf(statement: ts.Statement): string {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations[0].name.getText();
  return (statement as ts.FunctionDeclaration).name?.text ?? '';
}

/** The JavaScript of a source file. */
export const builtOf = (file: string): string =>
  path.join(built, path.relative(__dirname, file)).replace(/\.ts$/, '.js');

const data = path.join(__dirname, '../data');
const { estimateToJSON, mixsim, readNpy, sample, writeNpy } = library;
const { truth, tables, table, fits } = exampleScope(library) as {
  truth: Library.Mixture<Library.GaussianParameter>;
  tables: Library.Samples[];
  table: Library.Samples;
  fits: Library.Fit[];
};

/** What examples find. */
export const given = {
  truth,
  tables,
  table,
  fits,
  images: {
    count: 20,
    pixels: Uint8Array.from(readNpy(path.join(data, 'nist-class-means.npy')).data, (ink) => Math.round(255 * ink)),
    labels: Uint8Array.from({ length: 20 }, (_, label) => label),
    test: new Uint8Array(20).fill(1),
  },
};

/** Writes the files that examples find. */
export function writeFiles(folder: string): void {
  const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
  for (const [i, one] of given.fits.entries())
    write(`machine-${i}.json`, JSON.stringify(estimateToJSON(one, { machine: `machine ${i}` })));
  write('table.csv', ['height,width', ...tables.flatMap(rowsOf)].join('\n'));
  symlinkSync(data, path.join(folder, 'data'));
  write(
    'my-rules.js',
    `require(${JSON.stringify(built)}).registerRule({ name: 'last', aggregate: (all) => ({ mixture: all[all.length - 1] }) });`,
  );
  writeImages(path.join(folder, 'emnist'));
  writeFeatures(path.join(folder, 'features'));
}

/** Writes the images as EMNIST does, mirrored at the diagonal. */
function writeImages(folder: string): void {
  const { count, pixels, labels } = given.images;
  const idx = (shape: readonly number[], values: Uint8Array) =>
    Buffer.concat([Buffer.of(0, 0, 8, shape.length), ...shape.map((n) => Buffer.of(0, 0, 0, n)), values]);
  const mirrored = pixels.map(
    (_, at) => pixels[784 * Math.floor(at / 784) + 28 * (at % 28) + (Math.floor(at / 28) % 28)],
  );
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'test-images-idx3-ubyte'), idx([count, 28, 28], mirrored));
  writeFileSync(path.join(folder, 'test-labels-idx1-ubyte'), idx([count], labels));
}

/** Writes features of three made-up digits and letters, in two dimensions. */
function writeFeatures(folder: string): void {
  mkdirSync(folder);
  for (const [kind, seed, first] of [
    ['digits', 1, 0],
    ['letters', 2, 10],
  ] as const) {
    const { data, labels } = sample(mixsim({ order: 3, dimension: 2, maximumOverlap: 0.05, seed }), 400, seed);
    writeNpy(path.join(folder, `nist-${kind}-features.npy`), data);
    writeNpy(
      path.join(folder, `nist-${kind}-labels.npy`),
      labels.map((label) => label + first),
    );
  }
}

const rowsOf = ({ data, rows, columns }: Library.Samples): string[] =>
  Array.from({ length: rows }, (_, j) => data.subarray(j * columns, (j + 1) * columns).join(','));

/** The examples as modules for the compiler, by paths beside the declarations, and a file that declares what they find. */
export function modules(): Map<string, string> {
  const found =
    'truth: L.Mixture<L.GaussianParameter>; const tables: L.Samples[]; const table: L.Samples; const fits: L.Fit[]; const images: N.Images;';
  const all = Object.keys(library).map((name) => `const ${name}: typeof L.${name};`);
  const scope = `import type * as L from './index'; import type * as N from './nist';\ndeclare global { ${all.join(' ')} const ${found} }`;
  const one = ({ name, file, code }: Example, i: number): [string, string] => {
    const own = name in library || new RegExp(`^import .*\\b${name}\\b`, 'm').test(code) ? '' : importOf(name, file);
    return [path.join(built, `example-${i}.ts`), `${own}export {};\n${code}`];
  };
  return new Map([[path.join(built, 'example-scope.ts'), scope], ...examples.map(one)]);
}

function importOf(name: string, file: string): string {
  return `import { ${name} } from './${path.relative(__dirname, file).replace(/\.ts$/, '')}';\n`;
}
