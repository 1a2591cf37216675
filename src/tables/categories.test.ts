import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { codingOf, readCoded } from './categories';

const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-'));
const written = (name: string, text: string) => {
  const file = path.join(folder, name);
  writeFileSync(file, text);
  return file;
};
const first = written('first.csv', 'colour,size,n\nred,L,0\nblue,S,2\n,S,1\n');
const second = written('second.jsonl', '{"colour":"green","size":"S","n":3}\n{"colour":"red","size":"M","n":0}\n');

it('codes columns of text by the sorted values of all files, and leaves codes as they are', async () => {
  const coding = await codingOf([first, second]);
  expect(coding).toEqual({
    names: ['colour', 'size', 'n'],
    categories: [['blue', 'green', 'red'], ['L', 'M', 'S'], []],
  });
  const table = await readCoded(second, coding);
  expect([...table.data]).toEqual([1, 2, 3, 2, 1, 0]);
  expect([table.rows, table.columns, table.names, table.droppedRows]).toEqual([2, 3, coding.names, 0]);
});

it('chooses columns, and rejects or leaves out rows with missing values', async () => {
  const coding = await codingOf([first], { columns: ['size', 'colour'], label: 'n' });
  expect(coding.categories).toEqual([
    ['L', 'S'],
    ['blue', 'red'],
  ]);
  const options = { columns: ['size', 'colour'] };
  await expect(readCoded(first, coding, options)).rejects.toThrow(/first\.csv: row 2, column "colour" is missing/);
  const table = await readCoded(first, coding, { ...options, missing: 'drop' });
  expect([[...table.data], table.droppedRows]).toEqual([[0, 1, 1, 0], 1]);
});

it('names what it cannot code', async () => {
  const coding = await codingOf([first]);
  await expect(readCoded(second, coding)).rejects.toThrow(
    /second\.jsonl: row 0, column "colour" is "green": its categories are "blue", "red"/,
  );
  await expect(codingOf([first, written('other.csv', 'colour,weight\nred,1\n')])).rejects.toThrow(
    /other\.csv has the columns "colour", "weight", but .*first\.csv has "colour", "size", "n"/,
  );
  await expect(codingOf([first], { columns: ['shape'] })).rejects.toThrow(/has no column "shape"/);
  const many = written('many.csv', `id\n${Array.from({ length: 1001 }, (_, i) => `x${i}\n`).join('')}`);
  await expect(codingOf([many])).rejects.toThrow(/column "id" has more than 1000 values/);
});
