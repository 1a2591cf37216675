import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { claimsOf, held, withClaimsHeld } from './claims.fixture';
import { builtOf, examples, given, library, writeFiles } from './docstring-examples.fixture';

describe('the examples of docstrings', () => {
  const before = process.cwd();
  const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-examples-'));

  beforeAll(() => {
    process.chdir(folder);
    vi.spyOn(console, 'log').mockImplementation(() => {});
    writeFiles(folder);
  });
  afterAll(() => {
    vi.restoreAllMocks();
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  it.each(examples)('$name', async ({ file, code }) => {
    const load = createRequire(file);
    const find = (to: string) =>
      load(to.replace(/^dfmr(\/\w+)?$/, (_, entry = '/index') => builtOf(path.join(__dirname, `${entry}.ts`))));
    const scope = { ...library, ...find(builtOf(file)), ...given, require: find, held };
    const { outputText } = ts.transpileModule(withClaimsHeld(code, 'held'), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
    });
    const loaded = { ...load.cache };
    const body = `return (async () => {\n${outputText}\n})();`;
    await new Function(...Object.keys(scope), 'exports', body)(...Object.values(scope), {});
    Object.assign(load.cache, loaded); // `reload` forgets the library, of which there would then be two
  });
});

describe('what examples claim', () => {
  it.each([
    [0.0512, '0.05: of the two that overlap most'],
    [-3, '−3'],
    [Float64Array.of(1, 2.04), '[1, 2.0]'],
    [{ order: 3, kept: [0, 2], other: 1 }, '{ order: 3, kept: [0, 2] }'],
    [5, '5 machines are kept'],
    [3, '3 (of 5)'],
    ['gaussian', "'gaussian'"],
    [undefined, 'undefined'],
    [1.4e-9, '1e-9'],
  ])('%j is %s', (value, comment) => expect(() => held(value, comment)).not.toThrow());

  it.each([
    [0.056, '0.05: of the two that overlap most'],
    [3.2, '3'],
    [[1, 2, 3], '[1, 2]'],
    [{ order: 2 }, '{ order: 3 }'],
    ['gamma', "'gaussian'"],
    [null, 'undefined'],
  ])('%j is not %s', (value, comment) => expect(() => held(value, comment)).toThrow('but the example says'));

  it('are found behind expressions, and are words if they begin with no value', () => {
    expect(
      claimsOf('coat(fits).index; // 2\nconst [first] = tables; // the first machine').map((one) => one.comment),
    ).toEqual(['2']);
  });

  it('are refused where nothing could compare them', () => {
    expect(() => claimsOf('const order = 3; // 3')).toThrow('nothing compares // 3');
  });
});
