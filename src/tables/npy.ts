import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { DamagedFile, InvalidInput } from '../errors';
import { type Samples, samplesOf } from '../math/table';
import { fileError } from './file-error';
import { fromFloat16 } from './float16';
import { BLOCK_VALUES, defaultName, exactly, type TableBlock, type TableSource } from './source';

/** Bytes that can be read from any place. */
export interface Bytes {
  readonly size: number;
  /** The bytes of a range that is within the size. */
  read(position: number, length: number): Buffer;
}

/** What the head of a .npy file says. */
export interface NpyHead {
  readonly shape: readonly number[];
  /** a letter and the bytes of a value: f8, i4 */
  readonly type: string;
  readonly littleEndian: boolean;
  readonly fortranOrder: boolean;
  /** where the values begin */
  readonly start: number;
}

const VALUES: { readonly [type: string]: (view: DataView, at: number, littleEndian: boolean) => number } = {
  f8: (view, at, little) => view.getFloat64(at, little),
  f4: (view, at, little) => view.getFloat32(at, little),
  f2: (view, at, little) => fromFloat16(view.getUint16(at, little)),
  i8: (view, at, little) => exactly(view.getBigInt64(at, little)),
  i4: (view, at, little) => view.getInt32(at, little),
  i2: (view, at, little) => view.getInt16(at, little),
  i1: (view, at) => view.getInt8(at),
  u8: (view, at, little) => exactly(view.getBigUint64(at, little)),
  u4: (view, at, little) => view.getUint32(at, little),
  u2: (view, at, little) => view.getUint16(at, little),
  u1: (view, at) => view.getUint8(at),
  b1: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
};

/**
 * Reads a NumPy .npy file of real numbers with one or two axes, at once and whole.
 * @param file its path
 * @returns samples: a vector is one column, booleans are 0 and 1
 * @throws InvalidInput if the file cannot be read or holds something else, DamagedFile if it is not a whole .npy file, BeyondFloat64 if
 *   float64 does not hold an integer of it; the message names the file
 * @example
 * writeNpy('squares.npy', [[1, 1], [2, 4]]);
 * readNpy('squares.npy').data; // [1, 1, 2, 4]
 */
export function readNpy(file: string): Samples {
  try {
    return withFile(file, (bytes) => {
      const head = npyHead(bytes);
      const { rows, columns } = npyTable(head, bytes.size);
      const data = new Float64Array(rows * columns);
      let next = 0;
      const all = Array.from({ length: columns }, (_, j) => j);
      for (const block of npyBlocks(bytes, head, all)) {
        data.set(block.data, next);
        next += block.data.length;
      }
      return samplesOf(data, rows, columns);
    });
  } catch (error) {
    throw fileError(file, error);
  }
}

/** A .npy file, read block by block. */
export function npySource(file: string): TableSource {
  const head = withFile(file, (bytes) => {
    const read = npyHead(bytes);
    npyTable(read, bytes.size);
    return read;
  });
  return {
    columns: npyColumns(head),
    *blocks(chosen, label) {
      const descriptor = openSync(file, 'r');
      try {
        yield* npyBlocks(fileBytes(descriptor), head, chosen, label);
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

/** The columns of an array, which have no names. */
export function npyColumns({ shape: [, columns = 1] }: NpyHead): TableSource['columns'] {
  return Array.from({ length: columns }, (_, j) => ({ name: defaultName(j) }));
}

/**
 * What the head says.
 * @throws DamagedFile if the bytes are not of a .npy file, InvalidInput if they hold records
 */
export function npyHead(bytes: Bytes): NpyHead {
  const fixed = bytes.read(0, Math.min(12, bytes.size));
  if (fixed.length < 12 || fixed.toString('latin1', 0, 6) !== '\x93NUMPY') {
    throw new DamagedFile('is not a readable .npy file: it does not begin like one');
  }
  const [from, length] = fixed[6] === 1 ? [10, fixed.readUInt16LE(8)] : [12, fixed.readUInt32LE(8)];
  const text = from + length > bytes.size ? '' : bytes.read(from, Math.min(length, 2 ** 20)).toString('latin1');
  const [, order, type] = /['"]descr['"]\s*:\s*['"]([<>|=]?)([^'"]*)['"]/.exec(text) ?? [];
  const fortran = /['"]fortran_order['"]\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /['"]shape['"]\s*:\s*\(([\d\sL,]*)\)/.exec(text)?.[1];
  if (/['"]descr['"]\s*:\s*\[/.test(text))
    throw new InvalidInput('holds records of several fields: only real numbers are read');
  if (type === undefined || fortran === undefined || shape === undefined) {
    throw new DamagedFile('is not a readable .npy file: its head is damaged');
  }
  return {
    shape: shape
      .replaceAll('L', '')
      .split(',')
      .flatMap((axis) => (axis.trim() === '' ? [] : [Number(axis)])),
    type,
    littleEndian: order !== '>',
    fortranOrder: fortran === 'True',
    start: from + length,
  };
}

/**
 * The size of the table.
 * @throws InvalidInput if the array is not a table of real numbers, DamagedFile if it is not as long as its head says
 */
export function npyTable({ shape, type, start }: NpyHead, size: number): { rows: number; columns: number } {
  if (!Object.hasOwn(VALUES, type)) throw new InvalidInput(`holds values of type ${type}: only real numbers are read`);
  if (shape.length < 1 || shape.length > 2) throw new InvalidInput(`has ${shape.length} axes: a table has one or two`);
  const [rows, columns = 1] = shape;
  const values = (size - start) / Number(type[1]);
  if (values !== rows * columns) {
    throw new DamagedFile(`announces ${rows} × ${columns} values, but holds ${values}: it is damaged or cut off`);
  }
  return { rows, columns };
}

/** The rows of an array, block by block. In Fortran order the values of a column are together, so a block is read column by column. */
export function* npyBlocks(
  bytes: Bytes,
  head: NpyHead,
  chosen: readonly number[],
  label?: number,
): Generator<TableBlock> {
  const { shape, type, littleEndian, fortranOrder, start } = head;
  const [rows, columns = 1] = shape;
  const [valueAt, width] = [VALUES[type], Number(type[1])];
  const step = Math.max(1, Math.floor(BLOCK_VALUES / columns));
  for (let from = 0; from < rows; from += step) {
    const count = Math.min(step, rows - from);
    const together = fortranOrder ? undefined : bytes.read(start + from * columns * width, count * columns * width);
    const column = (j: number) => {
      const own = together ?? bytes.read(start + (j * rows + from) * width, count * width);
      const view = new DataView(own.buffer, own.byteOffset, own.byteLength);
      const [offset, stride] = together ? [j * width, columns * width] : [0, width];
      return (i: number) => valueAt(view, offset + i * stride, littleEndian);
    };
    const data = new Float64Array(count * chosen.length);
    chosen.forEach((j, c) => {
      const at = column(j);
      for (let i = 0, next = c; i < count; i++, next += chosen.length) data[next] = at(i);
    });
    const labels = label === undefined ? [] : Array.from({ length: count }, (_, i) => String(column(label)(i)));
    yield { rows: count, data, labels, done: (from + count) / rows };
  }
}

function withFile<Result>(file: string, use: (bytes: Bytes) => Result): Result {
  const descriptor = openSync(file, 'r');
  try {
    return use(fileBytes(descriptor));
  } finally {
    closeSync(descriptor);
  }
}

function fileBytes(descriptor: number): Bytes {
  return {
    size: fstatSync(descriptor).size,
    read(position, length) {
      const buffer = Buffer.alloc(length);
      let got = 0;
      while (got < length) {
        const more = readSync(descriptor, buffer, got, length - got, position + got);
        if (more === 0) throw new DamagedFile('ends while it is read: does something write to it?');
        got += more;
      }
      return buffer;
    },
  };
}
