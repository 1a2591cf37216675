import fc from 'fast-check';
import { expect, it } from 'vitest';
import { jsonFault, parseJson } from './parse-json';

it.each([
  ['{"a": NaN}', 6],
  ['{"a": [1, 2, Infinity, 3]}', 13],
  ['[1, 2,]', 6],
  ['[1 2]', 3],
  ['{"a" 1}', 5],
  ['{"a": 1, }', 9],
  ['{a: 1}', 1],
  ["{'a': 1}", 1],
  ['[1]]', 3],
  ['{"a": 1}\n{"a": 2}', 9],
  ['[01]', 1],
  ['[1.]', 1],
  ['[.5]', 1],
  ['[+1]', 1],
  ['[truer]', 1],
  ['["a\nb"]', 3],
  ['["a\\x"]', 3],
  ['["a\\u12g4"]', 3],
  ['<html>', 0],
  ['[1}', 2],
  ['{"a": 1]', 7],
])('finds where %j stops being JSON', (text, at) => {
  expect(() => JSON.parse(text)).toThrow();
  expect(jsonFault(text)).toBe(at);
});

it('tells every text that was cut off, wherever that was, from one that is wrong', () => {
  const whole = JSON.stringify({ a: [-1.5e-7, true, false, null, 'é"\\\n\u0001', {}, []], 'b c': { d: 'x' } }, null, 1);
  for (let end = 1; end < whole.length; end++) expect(jsonFault(whole.slice(0, end)), whole.slice(0, end)).toBe(end);
});

it('takes what is JSON for JSON, up to a sign too many at its end', () => {
  fc.assert(fc.property(fc.json(), (text) => jsonFault(`${text} }`) === text.length + 1));
});

it('reads a string of ten million characters', () => {
  const long = `{"a": "${'x'.repeat(1e7)}", "b": nan}`;
  expect(jsonFault(long)).toBe(long.length - 4);
});

it('says the place by line and column, and nothing of the text', () => {
  expect(parseJson('{"a": [1]}')).toEqual({ a: [1] });
  expect(() => parseJson('{\n "a": secret\n}')).toThrow(/^it is wrong from line 2, column 7 on$/);
  expect(() => parseJson('{\n "a": "secret')).toThrow(/^it ends too early$/);
});
