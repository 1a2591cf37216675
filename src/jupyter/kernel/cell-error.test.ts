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
