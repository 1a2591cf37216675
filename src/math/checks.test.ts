import { expect, it } from 'vitest';
import { described } from './checks';
import { samplesOf } from './table';

it.each([
  ['text', '"text"'],
  ['two\nlines', '"two\\nlines"'],
  [Number.NaN, 'NaN'],
  [-0, '-0'],
  [12n, '12n'],
  [undefined, 'undefined'],
  [null, 'null'],
  [Symbol('x'), 'Symbol(x)'],
  [[1, 'two', [3, [4, [5]]]], "[ 1, 'two', [ 3, [ 4, [Array] ] ] ]"],
  [Float64Array.of(1, 2), 'Float64Array [ 1, 2 ]'],
  [new Array(100).fill(0), `[ ${'0, '.repeat(12)}… 88 more ]`],
  [{ a: { b: { c: { d: 1 } } } }, '{ a: { b: { c: [Object] } } }'],
  [{}, '{}'],
  [[], '[]'],
  [new Map([[1, 2]]), 'Map [ [ 1, 2 ] ]'],
  [Object.create(null), '{}'],
  [Math.sqrt, '[Function: sqrt]'],
  [() => 0, '[Function: without a name]'],
  [new RangeError('too far'), '[RangeError: too far]'],
  [samplesOf(Float64Array.of(1, 2), 1, 2), '1 rows × 2 columns 1.000 2.000'],
])('a message shows %o as %s', (value, text) => {
  expect(described(value)).toBe(text);
});

it('cuts what is long', () => {
  expect(described('x'.repeat(500))).toBe(`"${'x'.repeat(119)} …`);
});
