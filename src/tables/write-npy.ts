import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { BeyondFloat64, InvalidInput } from '../errors';
import { requireOneOf } from '../math/checks';
import { type Table, toSamples } from '../math/table';
import { float16 } from './float16';

/** How the numbers of a .npy file are kept. */
export type NpyPrecision = 'float64' | 'float32' | 'float16';

/** Values that are written at once. */
const PIECE_LENGTH = 2 ** 18;

/** Bytes of a head: a multiple of 64, as the format asks for, with room for any shape. */
const HEAD_LENGTH = 128;

interface NumberType {
  readonly descr: string;
  readonly bytes: number;
  /** the number as it is kept */
  rounded(value: number): number;
  set(view: DataView, at: number, value: number): void;
}

const TYPES: { readonly [name in NpyPrecision | 'int32' | 'uint8']: NumberType } = {
  float64: { descr: '<f8', bytes: 8, rounded: (x) => x, set: (view, at, value) => view.setFloat64(at, value, true) },
  float32: { descr: '<f4', bytes: 4, rounded: Math.fround, set: (view, at, value) => view.setFloat32(at, value, true) },
  float16: {
    descr: '<f2',
    bytes: 2,
    rounded: (x) => float16().f16round(x),
    set: (view, at, value) => float16().setFloat16(view, at, value, true),
  },
  uint8: { descr: '|u1', bytes: 1, rounded: (x) => x, set: (view, at, value) => view.setUint8(at, value) },
  int32: { descr: '<i4', bytes: 4, rounded: (x) => x, set: (view, at, value) => view.setInt32(at, value, true) },
};

/**
 * Writes a table as a NumPy .npy file, in C order, or labels as a vector of 32-bit integers or of bytes. Values are rounded to the nearest
 * of the precision, ties to even. The file is written whole or not at all.
 * @param file its path, which ends in .npy
 * @param values a table, or labels
 * @param options the precision of a table; float64 keeps every bit
 * @defaultValue `precision` is 'float64'
 * @throws InvalidInput if the file is not named .npy, or the table is not one; BeyondFloat64 if a value is beyond the precision
 * @example
 * writeNpy('features.npy', [[0.5, 1], [2, 3]], { precision: 'float16' });
 * readNpy('features.npy').data; // [0.5, 1, 2, 3]
 */
export function writeNpy(
  file: string,
  values: Table | Int32Array | Uint8Array,
  options: {
    /**
     * the precision of a table's numbers; float64 keeps every bit
     * @defaultValue 'float64'
     */
    readonly precision?: NpyPrecision;
  } = {},
): void {
  const { precision = 'float64' } = options;
  if (!/\.npy$/i.test(file)) throw new InvalidInput(`the name ${file} does not end in .npy: give one that does`);
  requireOneOf('precision', precision, ['float64', 'float32', 'float16']);
  const labels = values instanceof Int32Array || values instanceof Uint8Array;
  const type = TYPES[values instanceof Int32Array ? 'int32' : values instanceof Uint8Array ? 'uint8' : precision];
  const { data, rows, columns } = labels ? { data: values, rows: values.length, columns: 1 } : toSamples(values);
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(type.rounded(data[i]))) continue;
    const where = `row ${Math.floor(i / columns)}, column ${i % columns}`;
    throw new BeyondFloat64(
      `${where} is ${data[i]}, beyond ${precision}: rescale the column, or write a higher precision`,
    );
  }
  const part = `${file}.part`;
  try {
    const descriptor = openSync(part, 'w');
    try {
      writeAll(descriptor, npyHeadBytes(type.descr, labels ? [rows] : [rows, columns]));
      for (let from = 0; from < data.length; from += PIECE_LENGTH) {
        const piece = data.subarray(from, from + PIECE_LENGTH);
        const bytes = Buffer.alloc(piece.length * type.bytes);
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        for (let i = 0; i < piece.length; i++) type.set(view, i * type.bytes, piece[i]);
        writeAll(descriptor, bytes);
      }
    } finally {
      closeSync(descriptor);
    }
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/** The head of a .npy file, of one length whatever the shape. */
export function npyHeadBytes(descr: string, shape: readonly number[]): Buffer {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${axes}), }`;
  const head = Buffer.from(`\x93NUMPY\x01\x00..${text.padEnd(HEAD_LENGTH - 11)}\n`, 'latin1');
  head.writeUInt16LE(HEAD_LENGTH - 10, 8);
  return head;
}

/** Writes all the bytes, at a position, or after what was written before. */
export function writeAll(descriptor: number, bytes: Uint8Array, position?: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, position === undefined ? null : position + done);
  }
}
