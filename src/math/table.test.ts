import { inspect } from 'node:util';
import { DataFrame } from 'danfojs-node';
import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { countOf, effectiveCount, type Table, takeRows, toSamples, withWeights } from './table';

const expected = { data: Float64Array.of(1, 2, 3, 4, 5, 6), rows: 3, columns: 2 };
const anything = (value: unknown): Table => value as Table;

describe('reads the same samples from', () => {
  it.each<[string, () => Table]>([
    [
      'an array of rows',
      () => [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
    ['an array of typed rows', () => [Float64Array.of(1, 2), Float64Array.of(3, 4), Float32Array.of(5, 6)]],
    [
      'an ml-matrix Matrix',
      () =>
        new Matrix([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
    ],
    [
      'a view of an ml-matrix Matrix',
      () =>
        new Matrix([
          [1, 3, 5],
          [2, 4, 6],
        ]).transpose(),
    ],
    [
      'a danfojs DataFrame',
      () =>
        new DataFrame(
          [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
          { columns: ['a', 'b'] },
        ),
    ],
    ['flat float64 data', () => ({ data: Float64Array.of(1, 2, 3, 4, 5, 6), rows: 3, columns: 2 })],
    ['flat float32 data', () => ({ data: Float32Array.of(1, 2, 3, 4, 5, 6), rows: 3, columns: 2 })],
  ])('%s', (_, table) => {
    expect(toSamples(table())).toEqual(expected);
  });
});

it('reads one column from an array of numbers and from a DataFrame of one column', () => {
  const column = { data: Float64Array.of(1, 2, 3), rows: 3, columns: 1 };
  expect(toSamples([1, 2, 3])).toEqual(column);
  expect(toSamples(new DataFrame([[1], [2], [3]], { columns: ['a'] }))).toEqual(column);
  expect(toSamples(new DataFrame({ a: [1, 2, 3] }))).toEqual(column);
  expect(toSamples([[1], [2], [3]])).toEqual(column);
});

it('reads one row', () => {
  expect(toSamples([[1, 2, 3]])).toEqual({ data: Float64Array.of(1, 2, 3), rows: 1, columns: 3 });
  expect(toSamples(new DataFrame([[1, 2, 3]]))).toEqual({ data: Float64Array.of(1, 2, 3), rows: 1, columns: 3 });
});

it('does not copy what already is samples', () => {
  expect(toSamples(expected).data).toBe(expected.data);
});

it('leaves the table as it was', () => {
  const rows = [
    [1, 2],
    [3, 4],
  ];
  toSamples(rows).data.fill(0);
  expect(rows).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

describe('names the row and the column of', () => {
  it.each<[string, Table]>([
    [
      'NaN',
      [
        [1, 2],
        [3, Number.NaN],
      ],
    ],
    [
      'NaN',
      new Matrix([
        [1, 2],
        [3, Number.NaN],
      ]),
    ],
    [
      'NaN',
      new DataFrame([
        [1, 2],
        [3, Number.NaN],
      ]),
    ],
    ['NaN', { data: Float64Array.of(1, 2, 3, Number.NaN), rows: 2, columns: 2 }],
    [
      'Infinity',
      [
        [1, 2],
        [3, Infinity],
      ],
    ],
    ['-Infinity', { data: Float32Array.of(1, 2, 3, -1e39), rows: 2, columns: 2 }],
  ])('%s', (value, table) => {
    expect(() => toSamples(table)).toThrow(new RegExp(`row 1, column 1.* is ${value}: .*not finite`));
  });
});

it('names the row that is longer or shorter than the first, or is missing', () => {
  expect(() => toSamples([[1, 2], [3]])).toThrow(/row 1 has 1 values, row 0 has 2/);
  expect(() =>
    toSamples([
      [1, 2],
      [3, 4],
      [5, 6, 7],
    ]),
  ).toThrow(/row 2 has 3 values, row 0 has 2/);
  expect(() => toSamples(anything([[1, 2], null]))).toThrow(/row 1 has no values/);
  expect(() => toSamples(anything([[1, 2], 3]))).toThrow(/row 1 has no values, row 0 has 2/);
  const rows = [[1, 2]];
  rows[2] = [3, 4];
  expect(() => toSamples(rows)).toThrow(/row 1 has no values, row 0 has 2/);
});

it('names what is not a number, and a DataFrame column by its name', () => {
  expect(() => toSamples(anything([[1, 'two']]))).toThrow(/row 0, column 1 of the table is "two".*numbers only/);
  expect(() => toSamples(anything([[1, null]]))).toThrow(/row 0, column 1 of the table is null/);
  expect(() => toSamples(anything([[1, undefined]]))).toThrow(/row 0, column 1 of the table is undefined/);
  expect(() => toSamples(anything([1, '2']))).toThrow(/row 1, column 0 of the table is "2"/);
  const frame = new DataFrame(
    [
      [1, 'a'],
      [2, 'b'],
    ],
    { columns: ['size', 'letter'] },
  );
  expect(() => toSamples(frame)).toThrow(/row 0, column "letter" of the table is "a": choose columns of numbers/);
});

it('wants at least one row and one column', () => {
  expect(() => toSamples([])).toThrow(/0 rows and 0 columns: it needs at least one of each/);
  expect(() => toSamples([[], []])).toThrow(/2 rows and 0 columns/);
  expect(() => toSamples({ data: new Float64Array(0), rows: 0, columns: 3 })).toThrow(/0 rows and 3 columns/);
});

it('says that a flat typed array does not tell its columns', () => {
  expect(() => toSamples(anything(Float64Array.of(1, 2)))).toThrow(/flat typed array.*pass \{ data, rows, columns \}/);
});

it('says when flat data do not fit their shape', () => {
  expect(() => toSamples({ data: new Float64Array(6), rows: 4, columns: 1.5 })).toThrow(/4 rows of 1.5 columns need 6/);
  const data = new Float64Array(6);
  expect(() => toSamples({ data, rows: 2, columns: 2 })).toThrow(/2 rows of 2 columns need 4 values.* holds 6/);
  expect(() => toSamples({ data, rows: 1.5, columns: 4 })).toThrow(/1.5 rows/);
  expect(() => toSamples(anything({ data }))).toThrow(/undefined rows/);
});

it.each([null, undefined, 'rows', 3])('says that %s is not a table', (value) => {
  expect(() => toSamples(anything(value))).toThrow(new RegExp(`a table is needed, not ${value}`));
});

it('says what a table may be', () => {
  expect(() => toSamples(anything({ rows: [[1]] }))).toThrow(/pass an array of rows, a Matrix, a DataFrame/);
  expect(() => toSamples(anything({ values: [1, 2], rows: 2, columns: 1 }))).toThrow(/this is not a table/);
});

it('prints the first rows and columns of what it takes', () => {
  const wide = takeRows(
    { data: Float64Array.from({ length: 70 }, (_, i) => i / 8), rows: 7, columns: 10 },
    [1, 0, 2, 3, 4, 5],
  );
  expect(inspect(wide).split('\n').slice(0, 3)).toEqual(
    [
      '6 rows × 10 columns',
      '   1.250  1.375  1.500  1.625  1.750  1.875  …',
      '  0.000 0.1250 0.2500 0.3750 0.5000 0.6250  …',
    ].map((line) => expect.stringContaining(line.trim())),
  );
  expect(inspect(wide).split('\n').length).toBe(7);
});

it('says that flat data must be a typed array', () => {
  expect(() => toSamples({ data: [1, 2], rows: 2, columns: 1 } as unknown as Table)).toThrow(/must be a Float64Array/);
});

describe('takeRows', () => {
  it('takes the rows in the order given, also more than once', () => {
    expect(takeRows(expected, [2, 0, 2])).toEqual({ data: Float64Array.of(5, 6, 1, 2, 5, 6), rows: 3, columns: 2 });
    expect(takeRows([[1], [2]], Int32Array.of(1))).toEqual({ data: Float64Array.of(2), rows: 1, columns: 1 });
  });

  it.each([3, -1, 0.5, Number.NaN])('names the row %s, which there is not', (row) => {
    expect(() => takeRows(expected, [0, row])).toThrow(`there is no row ${row}: the table has 3`);
  });
});

describe('weights of rows', () => {
  const rows = [[1], [2], [3]];

  it('stay with the table and with rows that are taken of it', () => {
    const samples = withWeights(rows, [2, 0, 0.5]);
    expect(samples.weights).toEqual(Float64Array.of(2, 0, 0.5));
    expect(toSamples(samples)).toEqual(samples);
    expect(toSamples({ ...samples, weights: [2, 0, 0.5] })).toEqual(samples);
    expect(takeRows(samples, [2, 0]).weights).toEqual(Float64Array.of(0.5, 2));
    expect(withWeights(samples, undefined)).toEqual(samples);
    expect(withWeights(samples, [1, 1, 4]).weights).toEqual(Float64Array.of(1, 1, 4));
    expect(inspect(takeRows(samples, [2, 0]))).toMatch(/^2 rows × 1 columns, which count as 2.5\n/);
  });

  it('say as how many rows they count, and how many of one weight say as much', () => {
    expect(countOf(toSamples(rows))).toBe(3);
    expect(countOf(withWeights(rows, [2, 0, 0.5]))).toBe(2.5);
    expect(effectiveCount(Float64Array.of(3, 3, 3, 3))).toBe(4);
    expect(effectiveCount(Float64Array.of(1, 2, 3))).toBeCloseTo(36 / 14, 14);
    expect(effectiveCount(Float64Array.of(1e200, 3e200))).toBeCloseTo(1.6, 14);
  });

  it.each<[unknown, RegExp]>([
    [[1, 2], /there are 2 weights for 3 rows/],
    [[1, -2, 1], /the weight of row 1 is -2: .* from 0 on/],
    [[1, 2, Number.NaN], /the weight of row 2 is NaN/],
    [[Infinity, 2, 1], /the weight of row 0 is Infinity/],
    [['1', 2, 1], /the weight of row 0 is "1"/],
    [[0, 0, 0], /weights of all 3 rows are 0/],
    [[1e300, 1, 1], /sum to 1e\+300: .* divide them/],
    ['weight', /the weights of the rows are "weight": a list of 3 numbers/],
    [null, /the weights of the rows are null/],
  ])('cannot be %j', (weights, message) => {
    expect(() => withWeights(rows, weights as number[])).toThrow(message);
    const flat = { data: Float64Array.of(1, 2, 3), rows: 3, columns: 1, weights };
    expect(() => toSamples(anything(flat))).toThrow(message);
  });
});
