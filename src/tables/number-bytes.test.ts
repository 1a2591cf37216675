import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type CellValues, cellReader } from './number-bytes';
import { numberOfText } from './text-number';

const reader = (columns: number, chosen: readonly number[], label?: number) =>
  cellReader({ delimiter: 44, columns, chosen, label, numberOf: numberOfText });

const read = (text: string, columns: number, chosen = Array.from({ length: columns }, (_, j) => j), label?: number) =>
  reader(columns, chosen, label)(Buffer.from(text));

/** The number that a cell of one column is read as. */
const numberOf = (cell: string) => (read(`${cell}\n`, 1) as CellValues).data[0];

it('reads decimal numbers as JavaScript does, to the last bit', () => {
  const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 21 }).map((all) => all.join(''));
  const written = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc
      .tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.integer({ min: 1, max: 21 }))
      .map(([x, n]) => x.toPrecision(n)),
    fc
      .tuple(fc.double({ min: 1e-9, max: 1e9, noNaN: true }), fc.integer({ min: 0, max: 20 }))
      .map(([x, n]) => x.toExponential(n)),
    fc.tuple(fc.constantFrom('', '-'), digits, digits).map(([sign, whole, part]) => `${sign}${whole}.${part}`),
    fc
      .tuple(digits, fc.integer({ min: -30, max: 30 }))
      .map(([whole, e]) => `${whole.slice(0, 1)}.${whole.slice(1)}e${e}`),
  );
  fc.assert(
    fc.property(written, (cell) => Object.is(numberOf(cell), Number(cell))),
    { numRuns: 20_000 },
  );
});

it('reads numbers in the middle between two float64, and next to it', () => {
  const middles = Array.from({ length: 200 }, (_, i) => {
    const high = 2n ** 53n + 2n * BigInt(i) + 1n; // between two float64 beyond 2^53
    return [-1n, 0n, 1n].flatMap((step) =>
      [3, 7, 19].map((point) => {
        const all = String(high * 1000n + step).padStart(20, '0');
        return `${all.slice(0, -point)}.${all.slice(-point)}`;
      }),
    );
  }).flat();
  for (const cell of middles) expect(numberOf(cell), cell).toBe(Number(cell));
});

it.each([
  '0',
  '-0',
  '.5',
  '5.',
  '-.25',
  '007',
  '1e5',
  '1E+05',
  '12e-3',
  ' 1.5',
  '1.5 ',
  '9007199254740993.0',
  '1e-400',
  '0e-30',
])('reads %j', (cell) => expect(numberOf(cell)).toBe(Number(cell)));

it.each(['', 'NA', 'nan', ' '])('takes %j for a missing value', (cell) => {
  expect(read(`1,${cell}\n`, 2)?.data[1]).toBeNaN();
});

it.each([
  ['quotes', '1,"2"\n'],
  ['text', '1,a\n'],
  ['a sign alone', '1,-\n'],
  ['two points', '1,1.2.3\n'],
  ['a short line', '1\n'],
  ['a long line', '1,2,3\n'],
  ['an integer that float64 does not hold', '1,9007199254740993\n'],
])('leaves %s to others', (_, text) => {
  expect(read(text, 2)).toBeUndefined();
});

it('skips blank lines, takes either line end, and a last line without one', () => {
  const values = read('1,2\r\n\r\n\n3,4\n5,6', 2);
  expect(values?.rows).toBe(3);
  expect(values?.data).toEqual(Float64Array.of(1, 2, 3, 4, 5, 6));
});

it('gives the columns in the order wanted, and the labels', () => {
  const values = read('1, ü ,3,4\n5,b,7,8\r\n', 4, [3, 0], 1);
  expect(values?.data).toEqual(Float64Array.of(4, 1, 8, 5));
  expect(values?.labels).toEqual(['ü', 'b']);
});
