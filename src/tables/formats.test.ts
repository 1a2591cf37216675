import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { DamagedFile, InvalidInput } from '../errors';
import { loadModule } from '../registry/modules';
import { formatOf, registerTableFormat, tableFormats } from './formats';
import { readNpy } from './npy';
import { readTable } from './read-table';
import type { TableFormat } from './source';
import { splitTable } from './split-table';

const folder = mkdtempSync(path.join(tmpdir(), 'formats-'));
afterAll(() => rmSync(folder, { recursive: true }));

function put(name: string, content: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, content);
  return file;
}

/** A line of numbers for each row, and a word after them: 1 2.5 red. Lines that begin with # are left out. */
const plain: TableFormat = {
  name: 'plain',
  endings: ['.plain', '.plain.txt'],
  open(file) {
    const lines = readFileSync(file, 'utf8').split('\n');
    const rows = lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(' '));
    const width = rows[0].length;
    return {
      columns: rows[0].map((_, j) => (j === width - 1 ? { name: 'word', holds: 'text' } : { name: `x${j}` })),
      *blocks(chosen, label) {
        for (const [i, row] of rows.entries()) {
          const data = Float64Array.from(chosen, (j) => Number(row[j]));
          yield { rows: 1, data, ...(label !== undefined && { labels: [row[label]] }), done: (i + 1) / rows.length };
        }
      },
    };
  },
};
registerTableFormat(plain);

describe('a format of one’s own', () => {
  const content = '# made by hand\n1 2.5 red\n3 4 blue\n5 NaN red\n6 7 blue\n';

  it('is read by readTable, with labels, columns and missing values', async () => {
    const table = await readTable(put('a.plain', content), { label: 'word', missing: 'drop' });
    expect(table).toMatchObject({ names: ['x0', 'x1'], rows: 3, droppedRows: 1, labels: ['red', 'blue', 'blue'] });
    expect([...table.data]).toEqual([1, 2.5, 3, 4, 6, 7]);
    expect([...(await readTable(put('A.PLAIN.TXT', content), { columns: ['x0'] })).data]).toEqual([1, 3, 5, 6]);
  });

  it('is refused with the words of built-in ones', async () => {
    const file = put('b.plain', content);
    await expect(readTable(file, { columns: ['x2'] })).rejects.toThrow(
      `${file}: has no column "x2": its columns are "x0", "x1", "word"`,
    );
    await expect(readTable(file)).rejects.toThrow(/column "word" holds text: choose from those of numbers, "x0", "x1"/);
    await expect(readTable(file, { label: 'word' })).rejects.toThrow(/1 of 4 rows have missing values \(row 2/);
  });

  it('is split by splitTable', async () => {
    const file = put('c.plain', content);
    const directory = path.join(folder, 'shards');
    const { shards, rows } = await splitTable(file, { machines: 2, directory, seed: 1, columns: ['x0'] });
    expect(rows).toBe(4);
    expect(shards.flatMap((shard) => [...readNpy(shard).data]).sort()).toEqual([1, 3, 5, 6]);
  });

  it('whose function throws, is a damaged file', async () => {
    registerTableFormat({
      name: 'broken',
      endings: ['.broken'],
      open() {
        throw new RangeError('no such luck');
      },
    });
    const file = put('d.broken', '');
    await expect(readTable(file)).rejects.toBeInstanceOf(DamagedFile);
    await expect(readTable(file)).rejects.toThrow(
      `${file}: is damaged, or of another format than its name says: no such`,
    );
  });

  it('whose blocks are not as the contract says, is an error', async () => {
    const answering = (block: object): TableFormat => ({
      name: 'odd',
      endings: ['.odd'],
      open: () => ({ columns: [{ name: 'x' }, { name: 'l' }], blocks: () => [block as never] }),
    });
    const file = put('e.odd', '');
    registerTableFormat(answering({ rows: 2, data: Float64Array.of(1), done: 1 }));
    await expect(readTable(file)).rejects.toThrow(/e\.odd: the format gave 1 values for 2 rows × 2 columns/);
    registerTableFormat(answering({ rows: 1, data: Float64Array.of(1), done: 1 }), { replace: true });
    await expect(readTable(file, { label: 'l' })).rejects.toThrow(/the format gave 0 labels for 1 rows/);
  });

  it('that a module registers, is there for threads and commands too', async () => {
    const module = put(
      'mine.cjs',
      `globalThis.registerTableFormat({ name: 'one', endings: ['.one'], open: () => ({
        columns: [{ name: 'x' }],
        blocks: () => [{ rows: 1, data: Float64Array.of(7), done: 1 }],
      }) });`,
    );
    vi.stubGlobal('registerTableFormat', registerTableFormat);
    loadModule(module);
    vi.unstubAllGlobals();
    expect([...(await readTable(put('f.one', ''))).data]).toEqual([7]);
    expect(['one', 'csv', 'plain'].map(tableFormats.isPortable)).toEqual([true, true, false]);
  });
});

describe('a registration is refused', () => {
  it('whose name is taken, unless it is to replace it', () => {
    expect(() => registerTableFormat({ ...plain, endings: ['.other'] })).toThrow(
      /there is a table format named "plain"/,
    );
    registerTableFormat({ ...plain, endings: ['.flat'] }, { replace: true });
    expect(formatOf('a.flat').name).toBe('plain');
    expect(() => formatOf('a.plain')).toThrow(/a\.plain has none of the endings of tables: \.npy, .*\.flat/);
    registerTableFormat(plain, { replace: true });
  });

  it('whose ending is taken', () => {
    expect(() => registerTableFormat({ ...plain, name: 'mine', endings: ['.mine', '.CSV'] })).toThrow(
      'files that end in .csv are read as csv already: choose another ending, or replace the format csv',
    );
    expect(tableFormats.has('mine')).toBe(false);
  });

  it.each<[string, object, RegExp]>([
    ['that has no name', { ...plain, name: '', endings: ['.a'] }, /name of a table format is ""/],
    ['that has no endings', { ...plain, name: 'a', endings: [] }, /endings of a table format are \[\]/],
    ['whose ending has no dot', { ...plain, name: 'a', endings: ['txt'] }, /\[ 'txt' \]: give a list like \['\.csv'\]/],
    ['that cannot be opened', { name: 'a', endings: ['.a'] }, /open is undefined: it is a function/],
  ])('%s', (_, format, message) => {
    expect(() => registerTableFormat(format as TableFormat)).toThrow(message);
    expect(() => registerTableFormat(format as TableFormat)).toThrow(InvalidInput);
  });
});

it('goes by the longest ending, in capitals or not', () => {
  expect(['a.txt', 'a.PLAIN.txt', 'b.csv.GZ', 'c.tsv'].map((file) => formatOf(file).name)).toEqual([
    'txt',
    'plain',
    'csv',
    'csv',
  ]);
});
