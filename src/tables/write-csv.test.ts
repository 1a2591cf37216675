import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { readTable } from './read-table';
import { csvOf } from './write-csv';

const folder = mkdtempSync(path.join(tmpdir(), 'write-csv-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, 'table.csv');

it('has a header, and a line for each record; null is empty', () => {
  const rows = [
    { method: 'COAT', ari: 0.8, kept: null, failed: undefined },
    { method: 'DFMR(1)', ari: -1e-7, kept: 5, failed: true },
  ];
  expect(csvOf(rows)).toBe('method,ari,kept,failed\nCOAT,0.8,,\nDFMR(1),-1e-7,5,true\n');
});

it('takes the columns of the first record, in its order', () => {
  expect(csvOf([{ b: 1, a: 2 }, { a: 3, b: 4, c: 5 }])).toBe('b,a\n1,2\n4,3\n'); // biome-ignore format: short
});

it('quotes words that need it, as RFC 4180 says', () => {
  expect(csvOf([{ 'a,b': 'L², h = 0.5', c: 'say "no"', d: 'two\nlines', e: 'plain words' }])).toBe(
    '"a,b",c,d,e\n"L², h = 0.5","say ""no""","two\nlines",plain words\n',
  );
});

it('needs a record, whose keys are the header', () => {
  expect(() => csvOf([])).toThrow('there are no rows to write: the first one names the columns');
});

it('is read back as it was, number by number and word by word', async () => {
  const record = fc.record({
    'a "name", quoted': fc.double({ noNaN: true, noDefaultInfinity: true }),
    other: fc.double({ noNaN: true, noDefaultInfinity: true }),
    word: fc
      .string({ minLength: 1, unit: fc.constantFrom('a', '"', ',', '\n', ';', 'é', '1') })
      .map((s) => s.trim() || 'a'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 6 }), async (rows) => {
      writeFileSync(file, csvOf(rows));
      const table = await readTable(file, { label: 'word', header: true });
      expect(table.names).toEqual(['a "name", quoted', 'other']);
      const zero = (value: number) => value + 0; // −0 is written as 0
      expect([...table.data]).toEqual(rows.flatMap((row) => [row['a "name", quoted'], row.other].map(zero)));
      expect(table.labels).toEqual(rows.map(({ word }) => word));
    }),
    { numRuns: 60 },
  );
});
