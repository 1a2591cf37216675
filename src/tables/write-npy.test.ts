import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readNpy } from './npy';
import { type NpyPrecision, writeNpy } from './write-npy';

const folder = mkdtempSync(path.join(tmpdir(), 'write-npy-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = path.join(folder, 'table.npy');

const written = JSON.parse(readFileSync(path.join(__dirname, 'written.reference.json'), 'utf8'));
const table = [
  [0.1, -2],
  [65504, 1e-7],
];

describe('writes the bytes of NumPy', () => {
  it.each<[string, NpyPrecision]>([
    ['double.npy', 'float64'],
    ['single.npy', 'float32'],
    ['half.npy', 'float16'],
  ])('%s', (name, precision) => {
    writeNpy(file, table, { precision });
    expect(readFileSync(file)).toEqual(Buffer.from(written[name], 'base64'));
  });

  it('labels.npy', () => {
    writeNpy(file, Int32Array.of(3, -1, 0));
    expect(readFileSync(file)).toEqual(Buffer.from(written['labels.npy'], 'base64'));
  });
});

it('rounds halves to even, and small numbers to those without a leading one', () => {
  const values = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 2048 + 1, 65519, 2 ** -25, 3 * 2 ** -25, -0.000061];
  writeNpy(file, values, { precision: 'float16' });
  const rounded = [1, 1 + 2 ** -9, 2048, 65504, 0, 2 ** -23, -1023 * 2 ** -24];
  expect([...readNpy(file).data]).toEqual(rounded);
});

it('is read back to the last bit, in several pieces', () => {
  const data = Float64Array.from({ length: 300_000 }, (_, i) => Math.sin(i));
  writeNpy(file, { data, rows: 100_000, columns: 3 });
  const back = readNpy(file);
  expect(back).toMatchObject({ rows: 100_000, columns: 3 });
  expect(Buffer.from(back.data.buffer).equals(Buffer.from(data.buffer))).toBe(true);
});

it('writes nothing where it refuses', () => {
  const other = path.join(folder, 'other.npy');
  const half = { precision: 'float16' } as const;
  expect(() =>
    writeNpy(
      other,
      [
        [1, 2],
        [3, 65520],
      ],
      half,
    ),
  ).toThrow(/row 1, column 1 is 65520, beyond float16/);
  expect(() => writeNpy(other, [[1e39]], { precision: 'float32' })).toThrow(/beyond float32/);
  expect(() => writeNpy(other, [[Number.NaN]])).toThrow(/row 0, column 0 of the table is NaN/);
  expect(() => writeNpy(other, [[1]], { precision: 'int32' as 'float64' })).toThrow(/precision is "int32"/);
  expect(() => writeNpy(path.join(folder, 'table.csv'), [[1]])).toThrow(
    /table\.csv does not end in \.npy: give one that does/,
  );
  expect(() => writeNpy(path.join(folder, 'none', 'table.npy'), [[1]])).toThrow(/none/);
  expect(existsSync(other)).toBe(false);
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});
