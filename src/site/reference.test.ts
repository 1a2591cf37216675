import { expect, it } from 'vitest';
import { callIn } from './gallery-page';
import { entryHtml, exampleOf, type Links, proseHtml, summaryText } from './reference-entries';
import { type Entry, entriesOf, KIND, type Reflection, type TypeNode } from './reference-model';
import { signatureHtml, typeHtml } from './reference-types';

const intrinsic = (name: string): TypeNode => ({ type: 'intrinsic', name });
const reference = (name: string, target: number, ...typeArguments: TypeNode[]): TypeNode => ({
  type: 'reference',
  name,
  target,
  ...(typeArguments.length > 0 && { typeArguments }),
});
const reflection = (name: string, kind: number, more: Partial<Reflection> = {}): Reflection => ({
  id: 0,
  name,
  kind,
  flags: {},
  ...more,
});
const link = (id: number) => (id === 7 ? 'mixture.html#Mixture' : undefined);
const written = (type: TypeNode): string => typeHtml(type, link).replace(/<[^>]*>/g, '');

it('writes types as TypeScript does', () => {
  const numbers: TypeNode = { type: 'array', elementType: intrinsic('number') };
  const union: TypeNode = {
    type: 'union',
    types: [
      { type: 'literal', value: 'em' },
      { type: 'literal', value: null },
    ],
  };
  const call = reflection('__type', 65536, {
    signatures: [
      reflection('__type', 4096, { parameters: [reflection('x', 32768, { type: numbers })], type: intrinsic('void') }),
    ],
  });
  expect(written({ type: 'array', elementType: union })).toBe('(&#39;em&#39; | null)[]');
  expect(written({ type: 'typeOperator', operator: 'readonly', target: numbers })).toBe('readonly number[]');
  expect(written({ type: 'tuple', elements: [numbers, intrinsic('string')] })).toBe('[number[], string]');
  expect(written({ type: 'reflection', declaration: call })).toBe('(x: number[]) =&gt; void');
  expect(written({ type: 'union', types: [{ type: 'reflection', declaration: call }, intrinsic('undefined')] })).toBe(
    '((x: number[]) =&gt; void) | undefined',
  );
});

it('makes links of public names alone', () => {
  const type = reference('Mixture', 7, reference('Parameter', 8));
  expect(typeHtml(type, link)).toBe('<a href="mixture.html#Mixture">Mixture</a>&lt;Parameter&gt;');
});

it('breaks long signatures, a parameter in a line', () => {
  const parameter = (name: string, optional = false) =>
    reflection(name, 32768, { type: reference('Mixture', 7), flags: { isOptional: optional } });
  const signature = (count: number) =>
    reflection('f', 4096, {
      parameters: Array.from({ length: count }, (_, i) => parameter(`mixture${i}`, i > 0)),
      type: intrinsic('number'),
    });
  const plain = (count: number) => signatureHtml(signature(count), link).replace(/<[^>]*>/g, '');
  expect(plain(2)).toBe('f(mixture0: Mixture, mixture1?: Mixture): number');
  expect(plain(6)).toMatch(/^f\(\n {2}mixture0: Mixture,\n {2}mixture1\?: Mixture,\n/);
});

const text = (...parts: string[]) =>
  parts.map((part) => ({ kind: part.startsWith('`') ? ('code' as const) : ('text' as const), text: part }));
const fit = reflection('fit', KIND.function, {
  id: 3,
  sources: [{ fileName: 'src/estimate/fit.ts', line: 12 }],
  signatures: [
    reflection('fit', 4096, {
      parameters: [reflection('options', 32768, { type: reference('FitOptions', 4) })],
      comment: {
        summary: text('Fits a mixture, as ', '`bic`', ' likes it. And more.'),
        blockTags: [
          { tag: '@throws', content: text('InvalidInput if it cannot') },
          { tag: '@example', content: text('```ts\nfit({ order: 3 });\n```') },
        ],
      },
    }),
  ],
});
const options = reflection('FitOptions', KIND.interface, {
  id: 4,
  sources: [{ fileName: 'src/estimate/fit.ts', line: 5 }],
  children: [
    reflection('order', KIND.property, {
      flags: { isOptional: true },
      type: intrinsic('number'),
      comment: {
        summary: text('how many components'),
        blockTags: [{ tag: '@defaultValue', content: text('```ts\n2\n```') }],
      },
    }),
  ],
});
const project = reflection('dfmr', 1, {
  children: [
    reflection('index', KIND.module, { children: [fit, options] }),
    reflection('core', KIND.module, { children: [reflection('fit', KIND.reference, { id: 9, target: 3 })] }),
  ],
});

it('takes each public name once, with its room and all entries that export it', () => {
  expect(entriesOf(project).map(({ name, room, from, line }) => [name, room, from, line])).toEqual([
    ['fit', 'estimate', ['dfmr', 'dfmr/core'], 12],
    ['FitOptions', 'estimate', ['dfmr'], 5],
  ]);
});

it('tells of a function what it does, the fields of its options, its errors and its example', () => {
  const entries = entriesOf(project);
  const links: Links = {
    byId: () => undefined,
    byName: (name) => ({ bic: '#bic', InvalidInput: 'errors.html#InvalidInput' })[name],
    entries: new Map(entries.map((one) => [one.reflection.id, one])),
  };
  const [entry] = entries as [Entry];
  const html = entryHtml(entry, links, (file) => `../files/${file}.html`);
  expect(html).toContain('<section class="entry" id="fit">');
  expect(html).toContain('href="../files/src/estimate/fit.ts.html#L12"');
  expect(html).toContain('<a href="#bic"><code>bic</code></a>');
  expect(html).toContain('<a href="errors.html#InvalidInput"><code>InvalidInput</code></a> if it cannot');
  expect(html).toMatch(
    /fields of FitOptions<[\s\S]*<b>order<\/b>\?: number[\s\S]*how many components[\s\S]*Default: <code>2<\/code>/,
  );
  expect(exampleOf(entry)).toBe('fit({ order: 3 });');
  expect(summaryText(entry)).toBe('Fits a mixture, as bic likes it.');
  expect(proseHtml(text('`unknown`'), links)).toContain('<code>unknown</code>');
});

it('finds a call in code, whole, whatever stands in its strings', () => {
  const code = "const a = 1;\nshow(\n  distanceFigure(result, {\n    title: 'a ) of (',\n  }),\n  'Caption',\n);";
  expect(callIn(code, 'distanceFigure')).toBe("distanceFigure(result, {\n  title: 'a ) of (',\n})");
  expect(callIn('my.distanceFigure(1); otherdistanceFigure(2)', 'distanceFigure')).toBeUndefined();
  expect(callIn('distanceFigure(never', 'distanceFigure')).toBeUndefined();
});
