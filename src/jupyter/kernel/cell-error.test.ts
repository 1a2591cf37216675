import path from 'node:path';
import { expect, it } from 'vitest';
import { describeDiagnostics, describeThrown } from './cell-error';

it('tells what does not type-check with the line it stands in', () => {
  const error = describeDiagnostics([{ file: '', line: 2, message: 'Not a number.' }], 'let a;\n  a = "b";');
  expect(error).toEqual({
    ename: 'TypeScriptError',
    evalue: 'line 2: Not a number.',
    traceback: ['line 2: Not a number.', '    a = "b";'],
  });
});

it('puts the details of a complaint together', () => {
  const details = ['Not assignable.', 'But why?'].map((message) => ({ file: 'helper.ts', line: 2, message }));
  expect(describeDiagnostics(details, '').traceback).toEqual(['helper.ts, line 2: Not assignable.\nBut why?']);
});

it('says of a call that fits no overload what is wrong, in one sentence', () => {
  const key =
    "Object literal may only specify known properties, but 'ordr' does not exist in type 'FitOptions<unknown>'. Did you mean to write 'order'?";
  const chain = [
    'No overload matches this call.',
    "  Overload 1 of 2, '(table: Table, options: FitOptions<unknown>): Fit<unknown>', gave the following error.",
    "    Argument of type '{ ordr: number; }' is not assignable to parameter of type 'FitOptions<unknown>'.",
    `      ${key}`,
    "  Overload 2 of 2, '(table: Table): Fit<unknown>', gave the following error.",
    '    Expected 1 argument.',
  ];
  const told = (messages: string[]) =>
    describeDiagnostics(
      messages.map((message) => ({ file: '', line: 1, message })),
      '',
    ).evalue;
  expect(told([chain.join('\n')])).toBe(`line 1: ${key}`);
  expect(told(chain)).toBe(`line 1: ${key}`);
  expect(told([...chain.slice(0, 3), ...chain.slice(4)])).toBe('line 1: Expected 1 argument.');
});

it('says where a name lives, and how a package is installed', () => {
  const told = (message: string) => describeDiagnostics([{ file: '', line: 1, message }], '').evalue;
  const missing = (from: string, name: string) => told(`Module '"${from}"' has no exported member '${name}'.`);
  expect(missing('dfmr', 'show')).toMatch(/\nIt is in dfmr\/notebook: import \{ show \} from 'dfmr\/notebook';$/);
  expect(missing('dfmr', 'ReportOptions')).toMatch(/It is in dfmr\/notebook/);
  expect(missing('dfmr/notebook', 'fit')).toMatch(/It is in dfmr: import \{ fit \} from 'dfmr';$/);
  expect(missing('dfmr', 'unheardOf')).not.toMatch(/It is in/);
  const module = (name: string) => told(`Cannot find module '${name}' or its corresponding type declarations.`);
  expect(module('lodash')).toMatch(/in the folder of the notebook or in one above it: npm install lodash$/);
  expect(module('@scope/one/part')).toMatch(/npm install @scope\/one$/);
  expect(module('./mine')).toBe("line 1: Cannot find module './mine' or its corresponding type declarations.");
});

it('tells where an error was thrown, without the machine and without the machinery', () => {
  const error = new RangeError('order 0');
  const file = path.resolve(__dirname, '../../estimate/fit.ts');
  error.stack = [
    'cell-3:2',
    'RangeError: order 0',
    `    at fit (${file}:10:5)`,
    '    at run (cell-3:2:7)',
    '    at cell-3:9:1',
    '    at node:internal/vm:1:1',
    '    at execute (/node_modules/tslab/dist/executor.js:1:1)',
    '    at caller (/child.js:1:1)',
  ].join('\n');
  expect(describeThrown(error, new Map([['cell-3', 'first\n  exports.fit(0);']]))).toEqual({
    ename: 'RangeError',
    evalue: 'order 0',
    traceback: [
      'RangeError: order 0',
      `    at fit (${path.join('src', 'estimate', 'fit.ts')}:10:5)`,
      '    at run (In [3])',
      '        fit(0);',
    ],
  });
});

it('tells thrown values that are no errors', () => {
  expect(describeThrown({ code: 7 }, new Map()).evalue).toBe('{ code: 7 }');
  expect(describeThrown(undefined, new Map()).evalue).toBe('undefined');
});
