import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { BeyondFloat64, DamagedFile, DfmrError, InvalidInput } from '../errors';
import { readTable, type TableOptions } from './read-table';
import { npyHeadBytes } from './write-npy';

const folder = mkdtempSync(path.join(tmpdir(), 'tables-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Files that other programs wrote. */
const written = JSON.parse(readFileSync(path.join(__dirname, 'written.reference.json'), 'utf8')) as {
  [name: string]: string;
};
const bytesOf = (name: string) => Buffer.from(written[name], 'base64');

function put(name: string, content: string | Uint8Array): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** A .npy file of one integer. */
function int64(value: bigint): Buffer {
  const head = npyHeadBytes('<i8', [1]);
  return Buffer.concat([head, Buffer.from(BigInt64Array.of(value).buffer)]);
}

const read = (name: string, content: string | Uint8Array, options?: TableOptions) =>
  readTable(put(name, content), options);

async function values(name: string, content: string | Uint8Array, options?: TableOptions): Promise<unknown> {
  const { names, data, rows, columns, labels, droppedRows } = await read(name, content, options);
  const table = Array.from({ length: rows }, (_, i) => [...data.subarray(i * columns, (i + 1) * columns)]);
  return { names, table, ...(labels && { labels }), ...(droppedRows > 0 && { droppedRows }) };
}

const two = {
  names: ['a', 'b'],
  table: [
    [1, 2.5],
    [-3, 4],
  ],
};

describe('reads text', () => {
  it.each([
    ['t.csv', 'a,b\n1,2.5\n-3,4\n'],
    ['t.csv', 'a,b\r\n1,2.5\r\n-3,4'],
    ['t.csv', '\ufeffa,b\n1,2.5\n\n-3,4\n\n'],
    ['t.csv', '"a","b"\r\n"1","2.5"\r\n"-3",4\r\n'],
    ['t.csv', ' a , b\n 1 ,\t+2.50\n-3e0 , .4E1\n'],
    ['t.csv', 'a;b\n1;2.5\n-3;4\n'],
    ['t.csv', '"a";b\n"1";2.5\n-3;4\n'],
    ['t.tsv', 'a\tb\n1\t2.5\n-3\t4\n'],
    ['t.CSV', 'a,b\n1,2.5\n-3,4\n'],
    ['t.csv.gz', gzipSync('a,b\n1,2.5\n-3,4\n')],
    ['t.tsv.gz', gzipSync('a\tb\n1\t2.5\n-3\t4\n')],
    ['t.jsonl', '{"a":1,"b":2.5}\n{"b":4,"a":-3}\n'],
    ['t.ndjson', '{"a":1,"b":2.5}\r\n\r\n{"b":4,"a":-3}'],
  ])('of %s, %j', async (name, content) => {
    expect(await values(name, content)).toEqual(two);
  });

  it('without a header, with names by number, from 0', async () => {
    const expected = { ...two, names: ['column 0', 'column 1'] };
    expect(await values('t.csv', '1,2.5\n-3,4\n')).toEqual(expected);
    expect(await values('t.jsonl', '[1,2.5]\n[-3,4]\n')).toEqual(expected);
    expect(await values('t.csv', '1,2.5\n-3,4\n', { columns: ['column 1'] })).toMatchObject({ table: [[2.5], [4]] });
    expect(await values('t.csv', ',b\n1,2\n')).toMatchObject({ names: ['column 0', 'b'] });
  });

  it('with names that are numbers, where the text above numbers tells, or the option', async () => {
    const expected = { names: ['id', '2019'], table: [[1, 2]] };
    expect(await values('t.csv', 'id,2019\n1,2\n')).toEqual(expected);
    expect(await values('t.csv', '1,2\n3,4\n', { header: true })).toEqual({ names: ['1', '2'], table: [[3, 4]] });
  });

  it('but asks where the first line may be names or a row', async () => {
    const content = '5.1,3.5,setosa\n7,3.2,versicolor\n';
    await expect(read('t.csv', content)).rejects.toThrow(
      /line 1 holds text and numbers.*header: true or header: false/,
    );
    const table = await values('t.csv', content, { header: false, label: 'column 2' });
    expect(table).toMatchObject({ names: ['column 0', 'column 1'], labels: ['setosa', 'versicolor'] });
  });

  it.each([
    ['0,1,2\n4.5,1,2\n', /line 1 counts \(0, 1, 2\), which may be names or a row: give header: true/],
    ['2019,2020\n4.5,1\n', /line 1 counts \(2019, 2020\)/],
    ['7,8,9\n4.5,1,2\n', /line 1 counts/],
    [',0,1\n5,4.5,1\n7,2,3\n', /line 1 counts \(0, 1\)/],
  ])('but asks where the first line counts, as names of pandas and years do: %j', async (content, message) => {
    await expect(read('t.csv', content)).rejects.toThrow(message);
    await expect(read('t.csv', content, { header: true, missing: 'em' })).resolves.toBeDefined();
    await expect(read('t.csv', content, { header: false, missing: 'em' })).resolves.toBeDefined();
  });

  it.each(['1,2\n2,3\n3,4\n', '0,1\n', '1\n2\n4\n', '5,6\n1,9\n', '-1,0\n4,2\n', '2,1\n3,7\n'])(
    'as rows where all lines count, or none does: %j',
    async (content) => {
      const { rows } = await read('t.csv', content);
      expect(rows).toBe(content.trim().split('\n').length);
    },
  );

  it('without the column behind a last delimiter, which is empty, and says so', async () => {
    const table = await read('t.csv', 'x,y,\n1.5,2,\n3,4,\n5,6,\n');
    expect([...table.data]).toEqual([1.5, 2, 3, 4, 5, 6]);
    expect(table.notes).toEqual([
      'Column "column 2" is empty and has no name, so it is no feature: choose the columns if it is one.',
    ]);
  });

  it.each([
    [',x,y\n0,1.5,2\n1,3,4\n2,5,6\n', 'column 0', 'counts'],
    [',0,1\n0,1.5,2\n1,3,4\n2,5,6\n', 'column 0', 'counts'],
    ['"","x","y"\n"1",1.5,2\n"2",3,4\n"3",5,6\n', 'column 0', 'counts'],
    ['"","x","y"\n"Mazda",1.5,2\n"Datsun",3,4\n"Fiat",5,6\n', 'column 0', 'names'],
    ['x,y\na,1.5,2\nb,3,4\nc,5,6\n', 'column 0', 'names'],
    ['Unnamed: 0,x,y\n0,1.5,2\n1,3,4\n2,5,6\n', 'Unnamed: 0', 'counts'],
    ['x,y,ID\n1.5,2,1\n3,4,2\n5,6,3\n', 'ID', 'counts'],
  ])('without the column that counts or names the rows, and says so: %j', async (content, name, what) => {
    const table = await read('t.csv', content);
    expect([...table.data]).toEqual([1.5, 2, 3, 4, 5, 6]);
    expect(table.notes).toEqual([
      `Column ${JSON.stringify(name)} ${what} the rows, so it is no feature: choose the columns if it is one.`,
    ]);
    if (what === 'counts')
      expect(await values('t.csv', content, { columns: [name] })).toMatchObject({
        names: [name],
        table: { length: 3 },
      });
  });

  it('with an identity that does not count as a feature', async () => {
    expect(await values('t.csv', 'id,x\n3,1\n5,2\n9,4\n')).toMatchObject({ names: ['id', 'x'] });
  });

  it.each([
    ['t.csv', 'a;b\n1,5;2\n-3,25;4,125\n'],
    ['t.csv', 'a;b\n1,5;2,000\n-3,25;4,125\n'],
    ['t.csv', '1,5;2\n-3,25;4,125\n'],
    ['t.tsv', 'a\tb\n1,5\t2\n-3,25\t4,125\n'],
    ['t.csv', 'a,b\n"1,5",2\n"-3,25","4,125"\n'],
    ['t.txt', 'a b\n1,5 2\n-3,25 4,125\n'],
  ])('with decimal commas, and says so: %s %j', async (name, content) => {
    const table = await read(name, content);
    expect([...table.data]).toEqual([1.5, 2, -3.25, 4.125]);
    expect(table.notes).toEqual(['Numbers are read with decimal commas.']);
  });

  it.each([
    ['a;b\n1.234,5;2\n-12.345.678,25;4\n', {}],
    ['a;b\n1 234,5;2\n-12\u202f345\u00a0678,25;4\n', {}],
    ["a;b\n1'234,5;2\n-12’345’678,25;4\n", {}],
    ['a,b\n"1,234.5",2\n"-12,345,678.25",4\n', {}],
    ['a,b\n"1.234,5","2"\n"-12.345.678,25",4\n', { decimal: ',' as const }],
  ])('with thousands: %j', async (content, options) => {
    expect([...(await read('t.csv', content, options)).data]).toEqual([1234.5, 2, -12345678.25, 4]);
  });

  it('with commas of thousands where a comma delimits', async () => {
    const content = 'a,b\n"1,234",2\n"12,345,678",4\n';
    expect([...(await read('t.csv', content)).data]).toEqual([1234, 2, 12345678, 4]);
  });

  it('with marks that contradict each other as text', async () => {
    await expect(read('t.csv', 'a;b\n1,5;2.25\n3;4\n')).rejects.toThrow(/column "a" holds text \("1,5" in line 2\)/);
  });

  it('as two columns of integers what may be one of decimal commas, and says so', async () => {
    const { notes, columns } = await read('t.csv', '1,5\n2,25\n3,125\n');
    expect([columns, notes[0]]).toEqual([2, expect.stringMatching(/one comma and no point.*two columns/)]);
    const given = await read('t.csv', '1,5\n2,25\n3,125\n', { delimiter: ';' });
    expect([...given.data]).toEqual([1.5, 2.25, 3.125]);
  });

  it.each([
    ['t.txt', '\n  a   b\n 1.5  2\n\n-3\t4  \n'],
    ['t.dat', '# a b\n1.5 2\n# a comment\n-3 4\n'],
    ['t.txt', '"a" "b"\n1.5 2\r\n-3 4\r\n'],
    ['t.txt', 'a\tb\n1.5\t2\n-3\t4\n'],
    ['t.txt', 'a,b\n1.5,2\n-3,4\n'],
    ['t.csv', 'a|b\n1.5|2\n-3|4\n'],
    ['t.csv', '\n \r\na,b\n1.5,2\n-3,4\n'],
    ['t.csv', '# a,b\n1.5,2\n-3,4\n'],
  ])('of other delimiters, with lines that are blank: %s %j', async (name, content) => {
    expect(await values(name, content)).toEqual({
      names: ['a', 'b'],
      table: [
        [1.5, 2],
        [-3, 4],
      ],
    });
  });

  it('delimited as the option says, or by nothing else than one character', async () => {
    expect(await values('t.csv', 'a:b\n1:2\n', { delimiter: ':' })).toMatchObject({ names: ['a', 'b'] });
    await expect(read('t.csv', 'a:b\n1:2\n', { delimiter: '::' })).rejects.toThrow(/delimiter is "::": one character/);
  });

  it.each([
    ['t.csv', 'a,b\n1,-999\n-999.0,4\n5,.\n7,8\n'],
    ['t.jsonl', '{"a":1,"b":-999}\n{"a":-999,"b":4}\n{"a":5,"b":null}\n{"a":7,"b":8}\n'],
  ])('with codes for missing values: %s', async (name, content) => {
    const table = await read(name, content, { missingCodes: ['-999', '.'], missing: 'drop' });
    expect([[...table.data], [...(table.places ?? [])], table.droppedRows]).toEqual([[7, 8], [3], 3]);
    expect([...(await read(name, content, { missingCodes: ['-999', '.'], missing: 'em' })).data]).toEqual([
      1,
      NaN,
      NaN,
      4,
      5,
      NaN,
      7,
      8,
    ]);
  });

  it.each(['9007199254740993', '-9007199254740993', '123456789012345678901'])(
    'but not integers that float64 would round: %s',
    async (integer) => {
      await expect(read('t.csv', `id,x\n${integer},1\n5,2\n`)).rejects.toThrow(`holds the integer ${integer}`);
      await expect(read('t.jsonl', `{"id":${integer},"x":1}\n`)).rejects.toThrow(`holds the integer ${integer}`);
      for (const [name, content] of [
        ['t.csv', `id,x\n${integer},1\n5,2\n`],
        ['t.jsonl', `{"id":${integer},"x":"\\"1"}\n{"id":5,"x":"NA"}\n`.replace('"\\"1"', '1')],
      ] as const) {
        const { labels } = await read(name, content, { label: 'id', missing: 'em' });
        expect(labels).toEqual([integer, '5']);
      }
    },
  );

  it('with large integers that float64 holds, or that a program wrote of a float64', async () => {
    const texts = ['9007199254740992', '100000000000000000000', '123456789012345670000', '1152921504606846976'];
    expect([...(await read('t.csv', texts.join('\n'))).data]).toEqual(texts.map(Number));
    expect([...(await read('t.jsonl', texts.map((text) => `[${text}]`).join('\n'))).data]).toEqual(texts.map(Number));
  });

  it('with names that stand twice, if none of them is chosen', async () => {
    expect(await values('t.csv', 'id,id,x\n1,2,3\n', { columns: ['x'] })).toEqual({ names: ['x'], table: [[3]] });
    await expect(read('t.csv', 'id,id,x\n1,2,3\n', { label: 'id' })).rejects.toThrow(/two columns are named "id"/);
  });

  it('of a workbook, by the name of the sheet or the first', async () => {
    const { utils, write } = require('xlsx');
    const book = utils.book_new();
    const rows = [['site', 'x', 'y'], ['A', 1.5, 2], [], ['B', null, '=']];
    utils.book_append_sheet(book, utils.aoa_to_sheet(rows), 'first');
    utils.book_append_sheet(
      book,
      utils.aoa_to_sheet([
        [0.5, 7],
        [1, 8],
      ]),
      'second',
    );
    const content = write(book, { type: 'buffer', bookType: 'xlsx' });
    const first = await read('t.xlsx', content, { label: 'site', missingCodes: ['='], missing: 'em' });
    expect([[...first.data], first.names, first.labels]).toEqual([
      [1.5, 2, NaN, NaN],
      ['x', 'y'],
      ['A', 'B'],
    ]);
    expect(first.notes).toEqual(['Of 2 sheets "first" is read: member names another.']);
    expect([...(await read('t.xlsx', content, { member: 'second' })).data]).toEqual([0.5, 7, 1, 8]);
    await expect(read('t.xlsx', content, { member: 'third' })).rejects.toThrow(
      /no sheet "third": its sheets are "first"/,
    );
    await expect(read('t.xlsx', Buffer.from('no workbook'), { header: true })).rejects.toThrow(/t\.xlsx/);
  });

  it('delimited by commas if the first line has as many of them as semicolons', async () => {
    expect(await values('t.csv', 'a;b,c\n1,2\n')).toEqual({ names: ['a;b', 'c'], table: [[1, 2]] });
  });

  it('delimited by what is outside quotes', async () => {
    expect(await values('t.csv', '"a;b;c",d\n1,2\n')).toEqual({ names: ['a;b;c', 'd'], table: [[1, 2]] });
    expect(await values('t.csv', '"a,b,c";d\n1;2\n')).toEqual({ names: ['a,b,c', 'd'], table: [[1, 2]] });
  });

  it('with labels, quotes, delimiters and line breaks in them', async () => {
    const content = 'x,"the ""label"""\n1,"a, b"\n2,"c\nd"\n3, é \n';
    const table = await values('t.csv', content, { label: 'the "label"' });
    expect(table).toEqual({ names: ['x'], table: [[1], [2], [3]], labels: ['a, b', 'c\nd', 'é'] });
  });

  it('with numbers rounded correctly', async () => {
    const texts = ['0.1', '9007199254740993.0', '1e23', '123456789012345.6', '5e-324', '1.7976931348623157e308', '-0'];
    const { data } = await read('t.csv', texts.join('\n'));
    expect([...data]).toEqual([0.1, 9007199254740992, 1e23, 123456789012345.6, 5e-324, 1.7976931348623157e308, -0]);
  });

  it('of several pieces, with letters and line ends across them', async () => {
    const rows = 60_000;
    const lines = Array.from({ length: rows }, (_, i) => `${i},"é${i % 7}"\r\n`);
    const { data, labels } = await read('t.csv', `n,ü\r\n${lines.join('')}`, { label: 'ü' });
    expect(data).toEqual(Float64Array.from({ length: rows }, (_, i) => i));
    expect(labels).toEqual(Array.from({ length: rows }, (_, i) => `é${i % 7}`));
  });

  it('back exactly, whatever the numbers, the quotes and the line ends', async () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    const cell = fc.tuple(number, fc.boolean(), fc.constantFrom('', ' '));
    const table = fc.integer({ min: 1, max: 4 }).chain((columns) =>
      fc.record({
        rows: fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 20 }),
        labels: fc.array(fc.string({ unit: 'grapheme', maxLength: 6 }), { minLength: 20, maxLength: 20 }),
        end: fc.constantFrom('\n', '\r\n'),
        last: fc.boolean(),
      }),
    );
    const property = fc.asyncProperty(table, async ({ rows, labels, end, last }) => {
      const told = labels.map((label) => `l${label.replaceAll('\0', '')}.`);
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const lines = rows.map((cells, i) =>
        [
          ...cells.map(([x, quotes, space]) => {
            const text = Object.is(x, -0) ? '-0' : String(x);
            return quotes ? quoted(text) : space + text + space;
          }),
          quoted(told[i]),
        ].join(','),
      );
      const names = [...rows[0].map((_, j) => `x${j}`), 'label'];
      const content = [names.join(','), ...lines].join(end) + (last ? end : '');
      const { data, labels: found } = await read('p.csv', content, { label: 'label' });
      expect(data).toEqual(Float64Array.from(rows.flat(), ([x]) => x));
      expect(found).toEqual(told.slice(0, rows.length));
    });
    await fc.assert(property, { numRuns: 150 });
  });
});

describe('reads what other programs wrote', () => {
  const arrow = ['uncompressed.arrow', 'lz4.arrow', 'zstd.arrow', 'stream.arrow'];
  const parquet = ['uncompressed', 'snappy', 'gzip', 'zstd', 'lz4', 'brotli'].map((codec) => `${codec}.parquet`);

  it.each([...arrow, ...parquet])('polars, %s', async (name) => {
    const options = { columns: ['n', 'ok'], label: 't' };
    const expected = [
      [7, 1],
      [-3, 0],
      [2 ** 40, 1],
      [4, 1],
    ];
    const { table, labels } = (await values(name, bytesOf(name), options)) as { table: unknown; labels: unknown };
    expect(table).toEqual(expected);
    expect(labels).toEqual(['u', 'v', 'u', 'v']);
    const dropped = await values(name, bytesOf(name), { columns: ['x'], missing: 'drop' });
    expect(dropped).toEqual({ names: ['x'], table: [[1.5], [-2], [4]], droppedRows: 1 });
    await expect(read(name, bytesOf(name))).rejects.toThrow(
      `${path.join(folder, name)}: column "t" holds text: choose from those of numbers, "x", "n", "ok"`,
    );
    await expect(read(name, bytesOf(name), { columns: ['day'] })).rejects.toThrow(/column "day" holds dates/);
    await expect(read(name, bytesOf(name), { label: 'day' })).rejects.toThrow(/labels are text or numbers/);
    await expect(read(name, bytesOf(name), { columns: ['x'] })).rejects.toThrow(
      /1 of 4 rows have missing values \(row 2, column "x"; rows count from 0\)/,
    );
  });

  it('NumPy, .npz and .npy', async () => {
    const names = ['column 0', 'column 1', 'column 2'];
    const table = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    expect(await values('one.npz', bytesOf('one.npz'))).toEqual({ names, table });
    expect(await values('packed.npz', bytesOf('packed.npz'), { member: 'table' })).toEqual({ names, table });
    expect(await values('packed.npz', bytesOf('packed.npz'), { member: 'other' })).toMatchObject({ table: [[7], [8]] });
    await expect(read('packed.npz', bytesOf('packed.npz'))).rejects.toThrow(/"table", "other", "names": say which/);
    await expect(read('packed.npz', bytesOf('packed.npz'), { member: 'x' })).rejects.toThrow(/has no array "x"/);
    const fortran = {
      table: [
        [1.5, 2],
        [4, 5],
      ],
      labels: ['3', '-6.25'],
    };
    expect(await values('big.npy', bytesOf('big.npy'), { label: 'column 2' })).toMatchObject(fortran);
  });
});

describe('takes weights of rows', () => {
  const content = 'a,w,b,l\n1,2,3,x\n4,0.5,6,y\n7,0,9,z\n';

  it('from a column, which is then no feature', async () => {
    const table = await read('w.csv', content, { weights: 'w', label: 'l' });
    expect(table.names).toEqual(['a', 'b']);
    expect([...table.data]).toEqual([1, 3, 4, 6, 7, 9]);
    expect(table.weights).toEqual(Float64Array.of(2, 0.5, 0));
    expect(table.labels).toEqual(['x', 'y', 'z']);
    const json = '{"a":1,"w":3}\n{"a":2,"w":null}\n{"a":4,"w":1}\n';
    const whole = await read('w.jsonl', json, { weights: 'w', columns: ['a'], missing: 'drop' });
    expect([[...whole.data], [...(whole.weights ?? [])], whole.droppedRows]).toEqual([[1, 4], [3, 1], 1]);
  });

  it('and standardises the rows by them', async () => {
    const table = await read('w.csv', content, { weights: 'w', columns: ['a'], standardise: true });
    expect(table.standardisation?.centre[0]).toBeCloseTo((2 * 1 + 0.5 * 4) / 2.5, 14);
    expect(table.weights).toEqual(Float64Array.of(2, 0.5, 0));
  });
});

describe('leaves out rows', () => {
  const content = 'a,b,l\n1,NA,x\n2,3,\n4,5,z\n,?,y\n6,7,w\n';

  it('with missing values or labels, where asked', async () => {
    const kept = {
      table: [
        [4, 5],
        [6, 7],
      ],
      labels: ['z', 'w'],
      droppedRows: 3,
    };
    expect(await values('t.csv', content, { label: 'l', missing: 'drop' })).toMatchObject(kept);
    const json = '{"a":1,"b":null}\n{"a":2,"b":3}\n{"a":4}\n{"a":5,"b":"NA"}\n';
    expect(await values('t.jsonl', json, { missing: 'drop' })).toMatchObject({ table: [[2, 3]], droppedRows: 3 });
  });

  it('and else tells how many and where', async () => {
    await expect(read('t.csv', content, { label: 'l' })).rejects.toThrow(
      '3 of 5 rows have missing values (row 0, column "b"; row 1, the label; row 3, column "a"; rows count from 0)',
    );
  });

  it.each(['', 'NA', 'NaN', 'nan', 'null', 'NULL', 'None', '?', 'n/a', ' '])('that say %j', async (text) => {
    expect(await values('t.csv', `a,b\n1,${text}\n2,3\n`, { missing: 'drop' })).toMatchObject({ table: [[2, 3]] });
  });

  it('or keeps them with NaN, for fits that can use them', async () => {
    expect(await values('t.csv', content, { label: 'l', missing: 'em' })).toMatchObject({
      table: [
        [1, Number.NaN],
        [2, 3],
        [4, 5],
        [Number.NaN, Number.NaN],
        [6, 7],
      ],
      labels: ['x', '', 'z', 'y', 'w'],
    });
    const { standardisation, data } = await read('t.csv', content, { label: 'l', missing: 'em', standardise: true });
    expect([...(standardisation?.centre ?? [])]).toEqual([3.25, 5]);
    expect([data[1], data[3], data[5]]).toEqual([Number.NaN, -1, 0]);
    await expect(read('t.csv', 'a,b\n1,\n2,inf\n', { missing: 'em' })).rejects.toThrow(/row 1, column "b" is Infinity/);
  });

  it('but not all', async () => {
    await expect(read('t.csv', 'a,b\n1,\n,2\n', { missing: 'drop' })).rejects.toThrow(/all 2 rows have missing values/);
  });
});

describe('refuses, with the name of the file,', () => {
  const file = (name: string) => path.join(folder, name);

  it.each<[string, string, string | Uint8Array, RegExp, TableOptions?]>([
    ['other extensions', 't.xls', '', /none of the endings of tables: \.npy, \.npz, \.csv, \.tsv/],
    ['an empty file', 't.csv', '', /holds no rows/],
    ['a header alone', 't.csv', 'a,b\n', /holds no rows/],
    ['ragged rows', 't.csv', 'a,b\n1,2\n"3\n"\n', /line 3 has 1 fields, line 1 has 2/],
    ['a row that is cut off', 't.csv', 'a,b\n1,2\n3', /line 3 has 1 fields/],
    ['a quote that does not end', 't.csv', 'a,b\n1,2\n3,"4\n5,6\n', /begins in line 3, the quotes/],
    ['a quote within quotes', 't.csv', 'a,b\n"1"2,2\n3,4\n', /begins in line 2, the quotes/],
    [
      'text',
      't.csv',
      'a,b,c\n1,2,3\n4,x y,6\n',
      /"b" holds text \("x y" in line 3\): choose from those of numbers, "a", "c"/,
    ],
    ['text far down', 't.csv', `a,b\n${'1,2\n'.repeat(300)}3,x\n`, /column "b" holds "x" in line 302/],
    ['hexadecimal', 't.csv', 'a\n0x10\n', /"0x10" in line 2/, { header: true }],
    ['infinite values', 't.csv', 'a,b\n1,2\n3,-inf\n', /row 1, column "b" is -Infinity/],
    ['values beyond float64', 't.csv', 'a,b\n1,1e999\n', /row 0, column "b" is Infinity/, { missing: 'drop' }],
    [
      'names that are not there',
      't.csv',
      'a,b\n1,2\n',
      /has no column "z": its columns are "a", "b"/,
      { columns: ['z'] },
    ],
    ['a label that is not there', 't.csv', 'a,b\n1,2\n', /has no column "z"/, { label: 'z' }],
    ['weights that are not there', 't.csv', 'a,b\n1,2\n', /has no column "z"/, { weights: 'z' }],
    ['weights that are text', 't.csv', 'a,b\n1,x\n', /"b" holds text/, { weights: 'b' }],
    ['negative weights', 't.csv', 'a,b\n1,2\n2,-1\n', /row 1, column "b" is -1: weights say/, { weights: 'b' }],
    ['weights that miss', 't.csv', 'a,b\n1,2\n2,\n', /\(row 1, column "b"; rows/, { weights: 'b' }],
    ['infinite weights', 't.csv', 'a,b\n1,2\n2,inf\n', /row 1, column "b" is Infinity/, { weights: 'b' }],
    ['weights of 0', 't.csv', 'a,b\n1,0\n2,0\n', /column "b" is 0 in all rows/, { weights: 'b' }],
    ['weights that are a feature', 't.csv', 'a,b\n1,2\n', /it is no feature/, { weights: 'b', columns: ['a', 'b'] }],
    ['weights that are a label', 't.csv', 'a,b\n1,2\n', /it is no label/, { weights: 'b', label: 'b' }],
    ['no column', 't.csv', 'a\n1\n', /no column is chosen/, { label: 'a' }],
    ['names twice', 't.csv', 'a,a\n1,2\n', /two columns are named "a"/],
    ['NUL bytes', 't.csv', Buffer.from('a,b\n1,2\n', 'utf16le'), /byte 1 of the text is NUL/],
    ['a line without an end', 't.csv', `a\n${'1'.repeat(2 ** 25)}`, /line 2 is longer than 16777216 bytes/],
    ['gzip cut off', 't.csv.gz', gzipSync('a,b\n1,2\n').subarray(0, 20), /unexpected end of file/],
    ['no gzip', 't.csv.gz', 'a,b\n1,2\n', /incorrect header check/],
    ['no JSON', 't.jsonl', '{"a":1}\n{"a":\n', /line 2 is not JSON/],
    ['JSON of other forms', 't.jsonl', '{"a":1}\n[1]\n', /line 2 is \[ 1 \], line 1 is/],
    ['keys that are new', 't.jsonl', '{"a":1}\n{"a":1,"z":2}\n', /line 2 has "z", which line 1 has not/],
    ['lists', 't.jsonl', '{"a":[1]}\n', /column "a" holds lists or objects/],
    ['numbers in quotes', 't.jsonl', '{"a":"1"}\n', /column "a" holds text/],
    ['no Arrow', 't.arrow', 'nonsense, and more of it', /t\.arrow: is damaged or cut off/],
    ['old Feather', 't.feather', 'FEA1............', /Feather version 1/],
    ['Arrow cut off', 't.arrow', bytesOf('lz4.arrow').subarray(0, 900), /is not whole/],
    ['no Parquet', 't.parquet', 'nonsense, and more of it', /parquet/],
    ['no zip', 't.npz', 'nonsense, and more of it', /\.npz/],
    ['a constant column', 't.csv', 'a,b\n1,2\n1,3\n', /column "a" is constant/, { standardise: true }],
    ['a wrong option', 't.csv', 'a\n1\n', /missing is "skip"/, { missing: 'skip' as 'drop' }],
  ])('%s', async (_, name, content, message, options) => {
    const error: Error = await read(name, content, options).then(
      () => new Error('none'),
      (thrown) => thrown,
    );
    expect(error.message).toMatch(message);
    if (!options?.missing) expect(error.message).toContain(file(name));
  });

  it('a file that is not there', async () => {
    for (const name of ['n.csv', 'n.npy', 'n.npz', 'n.parquet', 'n.arrow', 'n.jsonl', 'n.csv.gz']) {
      await expect(readTable(file(name))).rejects.toThrow(file(name));
    }
  });

  it('an array of .npz whose bytes were changed', async () => {
    const bytes = bytesOf('one.npz');
    bytes[bytes.indexOf(Buffer.from(Float64Array.of(5).buffer))] ^= 1;
    await expect(read('one.npz', bytes)).rejects.toThrow(/one\.npz: table\.npy is damaged: its checksum differs/);
  });

  it.each<[string, string, string | Uint8Array, typeof DfmrError]>([
    ['InvalidInput: text', 't.csv', 'a\n1\nx\n', InvalidInput],
    ['InvalidInput: ragged rows', 't.csv', 'a,b\n1\n', InvalidInput],
    ['DamagedFile: gzip cut off', 't.csv.gz', gzipSync('a,b\n1,2\n').subarray(0, 20), DamagedFile],
    ['DamagedFile: no Parquet', 't.parquet', 'nonsense, and more of it', DamagedFile],
    ['DamagedFile: no zip', 't.npz', 'nonsense, and more of it', DamagedFile],
    ['DamagedFile: Arrow cut off', 't.arrow', bytesOf('lz4.arrow').subarray(0, 900), DamagedFile],
    ['BeyondFloat64: an integer', 't.npy', int64(2n ** 53n + 1n), BeyondFloat64],
  ])('with the kind of error: %s', async (_, name, content, kind) => {
    await expect(read(name, content)).rejects.toBeInstanceOf(kind);
  });

  it('a file that is not there, as wrong input', async () => {
    await expect(readTable(file('none.csv'))).rejects.toBeInstanceOf(InvalidInput);
  });

  it('damaged bytes, or reads them, but does nothing else', async () => {
    const names = ['uncompressed.arrow', 'zstd.arrow', 'stream.arrow', 'snappy.parquet', 'packed.npz', 'double.npy'];
    const files = [...names.map((name) => [name, bytesOf(name)] as const)];
    files.push(
      ['t.csv', Buffer.from('a,"t",b\r\n1,"x ""y""",2\n3,z,4.5e3\n')],
      ['t.csv.gz', gzipSync('a,b\n1,2\n3,4\n')],
    );
    files.push(['t.jsonl', Buffer.from('{"x":1,"t":"u"}\n{"x":null,"t":"v"}\n')]);
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const property = fc.asyncProperty(
      fc.constantFrom(...files),
      damage,
      fc.nat(),
      async ([name, whole], changes, cut) => {
        const bytes = Buffer.from(whole);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        const content = cut % 4 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
        const typed = /arrow|parquet/.test(name) ? { columns: ['x', 'n', 'ok'], label: 't' } : {};
        const member = name.endsWith('npz') ? { member: 'table' } : {};
        await read(name, content, { ...typed, ...member, missing: 'drop' }).catch((error: Error) => {
          if (!(error instanceof DfmrError && error.message.startsWith(file(name)))) throw error;
        });
      },
    );
    await fc.assert(property, { numRuns: 300 });
  });
});

it('tells how far it is, and stops when told to', async () => {
  const file = put('long.csv', `a,b\n${'1.5,2\n'.repeat(100_000)}`);
  const bytes: number[] = [];
  await readTable(file, {
    onProgress({ stage, done, total }) {
      expect([stage, total]).toEqual(['reading', 600_004]);
      bytes.push(done);
    },
  });
  expect(bytes.length).toBeGreaterThan(2);
  expect(bytes).toEqual([...bytes].sort((a, b) => a - b));
  expect(bytes.at(-1)).toBe(600_004);
  const stop = new AbortController();
  const reading = readTable(file, { signal: stop.signal, onProgress: () => stop.abort(new Error('enough')) });
  await expect(reading).rejects.toThrow(/^enough$/);
});

it('standardises, and tells how to go back', async () => {
  const { data, names, standardisation } = await read('t.csv', 'a,b\n1,10\n2,30\n3,20\n', { standardise: true });
  expect(names).toEqual(['a', 'b']);
  expect([...data]).toEqual([-1, -1, 0, 1, 1, 0]);
  expect(standardisation).toEqual({ centre: Float64Array.of(2, 20), scale: Float64Array.of(1, 10) });
});
