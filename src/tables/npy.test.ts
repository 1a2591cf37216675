import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { toSamples } from '../math/table';
import { readNpy } from './npy';

const folder = mkdtempSync(path.join(tmpdir(), 'npy-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

/** A .npy file as NumPy's format description has it: magic, version, header of a multiple of 64 bytes, values. */
function write(
  { descr = '<f8', shape = '(2, 3)', fortran = 'False', version = 1 },
  values: ArrayBufferView | Uint8Array,
): string {
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
  const fixed = version === 1 ? 10 : 12;
  const length = Math.ceil((fixed + text.length + 1) / 64) * 64 - fixed;
  const head = Buffer.alloc(fixed);
  head.write('\x93NUMPY', 'latin1');
  head[6] = version;
  if (version === 1) head.writeUInt16LE(length, 8);
  else head.writeUInt32LE(length, 8);
  const header = `${text.padEnd(length - 1)}\n`;
  const body = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const file = path.join(folder, `${files++}.npy`);
  writeFileSync(file, Buffer.concat([head, Buffer.from(header, 'latin1'), body]));
  return file;
}

const expected = { data: Float64Array.of(1, 2, 3, 4, 5, 6), rows: 2, columns: 3 };

describe('reads', () => {
  it.each<[string, string, ArrayBufferView]>([
    ['float64', '<f8', Float64Array.of(1, 2, 3, 4, 5, 6)],
    ['float32', '<f4', Float32Array.of(1, 2, 3, 4, 5, 6)],
    ['float16', '<f2', Uint16Array.of(0x3c00, 0x4000, 0x4200, 0x4400, 0x4500, 0x4600)],
    ['int8', '|i1', Int8Array.of(1, 2, 3, 4, 5, 6)],
    ['uint8', '|u1', Uint8Array.of(1, 2, 3, 4, 5, 6)],
    ['int16', '<i2', Int16Array.of(1, 2, 3, 4, 5, 6)],
    ['int32', '<i4', Int32Array.of(1, 2, 3, 4, 5, 6)],
    ['int64', '<i8', BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n)],
    ['uint64', '<u8', BigUint64Array.of(1n, 2n, 3n, 4n, 5n, 6n)],
  ])('%s', (_, descr, values) => {
    expect(readNpy(write({ descr }, values))).toEqual(expected);
  });

  it('float64 to the last bit', () => {
    const values = Float64Array.of(Math.PI, 5e-324, -1.7976931348623157e308, 0.1, 1 / 3, 2 ** -1022);
    expect(readNpy(write({}, values)).data).toEqual(values);
  });

  it('float16, small, large and negative', () => {
    const halves = Uint16Array.of(0x0001, 0x7bff, 0xc000, 0x3555, 0x0000, 0x03ff);
    const values = [2 ** -24, 65504, -2, 0.333251953125, 0, 1023 * 2 ** -24];
    expect([...readNpy(write({ descr: '<f2' }, halves)).data]).toEqual(values);
  });

  it('negative integers', () => {
    expect([...readNpy(write({ descr: '<i8', shape: '(2,)' }, BigInt64Array.of(-5n, 7n))).data]).toEqual([-5, 7]);
  });

  it('values in Fortran order', () => {
    expect(readNpy(write({ fortran: 'True' }, Float64Array.of(1, 4, 2, 5, 3, 6)))).toEqual(expected);
  });

  it('values in Fortran order, of several blocks', () => {
    // 3 blocks of 2^18 values, about: the value in row i, column j is i + j / 8
    const [rows, columns] = [200_001, 3];
    const values = new Float64Array(rows * columns);
    for (let j = 0; j < columns; j++) for (let i = 0; i < rows; i++) values[j * rows + i] = i + j / 8;
    const { data } = readNpy(write({ fortran: 'True', shape: `(${rows}, ${columns})` }, values));
    const wrong = data.findIndex((value, ij) => value !== Math.floor(ij / columns) + (ij % columns) / 8);
    expect([data.length, wrong]).toEqual([rows * columns, -1]);
  });

  it('any byte of a boolean but 0 as 1', () => {
    const booleans = readNpy(write({ descr: '|b1', shape: '(4,)' }, Uint8Array.of(0, 2, 255, 1)));
    expect([...booleans.data]).toEqual([0, 1, 1, 1]);
  });

  it('big-endian values, and booleans as 0 and 1', () => {
    const values = Buffer.alloc(48);
    expected.data.forEach((value, i) => {
      values.writeDoubleBE(value, 8 * i);
    });
    expect(readNpy(write({ descr: '>f8' }, values))).toEqual(expected);
    const booleans = readNpy(write({ descr: '|b1', shape: '(3,)' }, Uint8Array.of(1, 0, 1)));
    expect([...booleans.data]).toEqual([1, 0, 1]);
  });

  it('a vector as one column', () => {
    const column = readNpy(write({ shape: '(3,)' }, Float64Array.of(1, 2, 3)));
    expect(column).toEqual({ data: Float64Array.of(1, 2, 3), rows: 3, columns: 1 });
  });

  it('the newer version of the format', () => {
    expect(readNpy(write({ version: 2 }, expected.data))).toEqual(expected);
  });

  it('heads of more than 64 KiB, which need the newer version', () => {
    const names = ' '.repeat(2 ** 16);
    expect(readNpy(write({ version: 2, shape: `(2, 3)${names}` }, expected.data))).toEqual(expected);
  });

  it('what is a table everywhere else', () => {
    expect(toSamples(readNpy(write({}, expected.data)))).toEqual(expected);
    const withNaN = readNpy(write({}, Float64Array.of(1, 2, 3, 4, Number.NaN, 6)));
    expect(() => toSamples(withNaN)).toThrow(/row 1, column 1 of the table is NaN/);
  });
});

describe('names the file that', () => {
  it('is not there', () => {
    expect(() => readNpy(path.join(folder, 'none.npy'))).toThrow(/none\.npy/);
  });

  it('is not .npy', () => {
    const file = path.join(folder, 'text.npy');
    writeFileSync(file, 'a,b\n1,2\n');
    expect(() => readNpy(file)).toThrow(/text\.npy: is not a readable \.npy file/);
    writeFileSync(file, '');
    expect(() => readNpy(file)).toThrow(/text\.npy: is not a readable \.npy file/);
  });

  it.each([8, 44, 41])('is not complete, as %i bytes of 48 are there', (bytes) => {
    const file = write({}, new Uint8Array(expected.data.buffer.slice(0, bytes)));
    expect(() => readNpy(file)).toThrow(new RegExp(`^${file}`));
  });

  it('announces fewer values than it holds', () => {
    expect(() => readNpy(write({ shape: '(2, 2)' }, expected.data))).toThrow(/announces 2 × 2 values, but holds 6/);
  });

  it('holds an integer that float64 does not', () => {
    expect(() => readNpy(write({ descr: '<i8', shape: '(1,)' }, BigInt64Array.of(2n ** 53n + 1n)))).toThrow(
      /holds the integer 9007199254740993, which float64 does not hold exactly/,
    );
  });

  it('has no axis, or three', () => {
    expect(() => readNpy(write({ shape: '()' }, Float64Array.of(1)))).toThrow(/has 0 axes: a table has one or two/);
    expect(() => readNpy(write({ shape: '(1, 2, 3)' }, expected.data))).toThrow(/has 3 axes/);
  });

  it('holds complex numbers, which it names', () => {
    expect(() => readNpy(write({ descr: '<c16' }, new Float64Array(12)))).toThrow(/c16/);
  });

  it.each(['<c16', '<U3', '|O', '|S8'])('holds other values than real numbers, %s', (descr) => {
    const file = write({ descr }, new Float64Array(12));
    expect(() => readNpy(file)).toThrow(new RegExp(`^${file}`));
  });
});
