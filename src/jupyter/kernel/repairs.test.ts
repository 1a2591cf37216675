import ts from 'typescript';
import { expect, it } from 'vitest';
import { expandShorthand, mentionsAwait, nameTags } from './repairs';

const expand = (cell: string, declarations = 'declare let x: number, y: number;') =>
  expandShorthand(ts, declarations, cell);

it('expands shorthand properties of earlier cells', () => {
  expect(expand('f({ x, y, z: 1 });')).toBe('f({ x: x, y: y, z: 1 });');
});

it('expands assignments to variables of earlier cells, with their defaults', () => {
  expect(expand('({ x, y = 2 } = value);')).toBe('({ x: x, y: y = 2 } = value);');
});

it('leaves names of the cell itself, declarations and strings alone', () => {
  const cell = 'const { a } = value; const s = "{ x }"; g({ a });';
  expect(expand(cell)).toBe(cell);
});

it('finds awaits in every form', () => {
  expect(mentionsAwait('await (f());')).toBe(true);
  expect(mentionsAwait('for await (const v of s) {}')).toBe(true);
  expect(mentionsAwait('awaiting(f);')).toBe(false);
});

it('names the tags of documentation, but for parameters, which tslab names', () => {
  const tag = (name: string, text: string) => ({ name, text: [{ kind: 'text', text }] });
  const info = { tags: [tag('throws', 'where n < K'), tag('param', 'n rows')] } as unknown as ts.QuickInfo;
  expect(nameTags(info)?.tags?.map(({ text }) => text?.map((part) => part.text).join(''))).toEqual([
    '@throws where n < K',
    'n rows',
  ]);
  expect(nameTags(undefined)).toBeUndefined();
});
