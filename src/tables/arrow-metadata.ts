import type { FileHandle } from 'node:fs/promises';
import type { ByteBuffer } from 'flatbuffers';
import { DamagedFile, InvalidInput } from '../errors';

// The metadata of Arrow's files are flatbuffers, and the library that reads them believes any length of a list: a damaged one would fill
// the memory. Here all lists of a file are measured before the library sees them. Numbers of fields and the bytes of a list's elements are
// those of Arrow's format/{File,Message,Schema}.fbs.

const MAGIC = 'ARROW1';

/** Bytes at the end of a file: the footer's length, then the magic word. */
const TAIL_LENGTH = 4 + MAGIC.length;

// headers of a message
const SCHEMA = 1;
const DICTIONARY_BATCH = 2;
const RECORD_BATCH = 3;

/** The type whose list of codes is read. */
const UNION_TYPE = 14;

/**
 * Checks the metadata of an Arrow file or stream: each list is within its buffer, and no table leads back to those before it.
 * @param size of the file, in bytes
 * @throws DamagedFile, or InvalidInput for Feather version 1
 */
export async function requireSoundMetadata(handle: FileHandle, size: number): Promise<void> {
  const { ByteBuffer } = await import('flatbuffers');
  let total = 0;
  const read = async (position: number, length: number): Promise<Buffer> => {
    if (!(position >= 0 && length >= 0 && position + length <= size)) throw new DamagedFile('is damaged or cut off');
    total += length;
    if (total > 2 * size) throw new DamagedFile('is damaged: it leads back to what was read already');
    const bytes = Buffer.alloc(length);
    await handle.read(bytes, 0, length, position);
    return bytes;
  };
  const messageAt = async (start: number): Promise<number> => {
    let [at, length] = [start + 4, (await read(start, 4)).readInt32LE()];
    if (length === -1) {
      length = (await read(at, 4)).readInt32LE();
      at += 4;
    }
    return length === 0 ? size : at + length + checkedMessage(tablesIn(new ByteBuffer(await read(at, length))));
  };
  const ends = [
    await read(0, Math.min(size, MAGIC.length)),
    await read(Math.max(0, size - MAGIC.length), MAGIC.length),
  ];
  const [first, last] = ends.map((bytes) => bytes.toString('latin1'));
  if (first.startsWith('FEA1')) throw new InvalidInput('is of Feather version 1: write it as version 2, or as Parquet');
  if (first === MAGIC) {
    if (last !== MAGIC) throw new DamagedFile('is not whole: its end is missing');
    const length = (await read(size - TAIL_LENGTH, 4)).readInt32LE();
    const footer = tablesIn(new ByteBuffer(await read(size - TAIL_LENGTH - length, length)));
    for (const block of checkedFooter(footer)) await messageAt(block);
  } else {
    for (let at = 0; at < size; ) at = await messageAt(at);
  }
}

/** Access to the tables of a flatbuffer, by the place where a table begins and the number of its field. */
interface Tables {
  readonly buffer: ByteBuffer;
  readonly root: number;
  /** the place of a field's value, if it is there */
  readonly value: (table: number, field: number) => number | undefined;
  readonly table: (table: number, field: number) => number | undefined;
  /** the places of a list's elements, each of `width` bytes */
  readonly list: (table: number, field: number, width: number) => number[];
  /** the tables of a list */
  readonly tables: (table: number, field: number) => number[];
}

function tablesIn(buffer: ByteBuffer): Tables {
  let visited = 0; // tables and elements: each takes bytes, unless the tables form a circle or share their parts
  const visit = (count: number): void => {
    visited += count;
    if (visited > buffer.capacity()) throw new DamagedFile('is damaged: its metadata lead back to themselves');
  };
  const indirect = (place: number): number => {
    visit(1);
    return buffer.__indirect(place);
  };
  const value = (table: number, field: number) => {
    const offset = buffer.__offset(table, 4 + 2 * field);
    return offset === 0 ? undefined : table + offset;
  };
  const list = (table: number, field: number, width: number) => {
    const place = value(table, field);
    if (place === undefined) return [];
    const [start, length] = [buffer.__vector(place), buffer.__vector_len(place)];
    if (!(length >= 0 && start >= 0 && start + length * width <= buffer.capacity()))
      throw new DamagedFile('is damaged: a list in its metadata is too long');
    visit(length);
    return Array.from({ length }, (_, i) => start + i * width);
  };
  return {
    buffer,
    root: indirect(0),
    value,
    table(table, field) {
      const place = value(table, field);
      return place === undefined ? undefined : indirect(place);
    },
    list,
    tables: (table, field) => list(table, field, 4).map(indirect),
  };
}

/** The places of the file's messages: dictionaries, then record batches. */
function checkedFooter(tables: Tables): number[] {
  const { buffer, root, table, list } = tables;
  const schema = table(root, 1);
  if (schema !== undefined) checkSchema(tables, schema);
  list(root, 4, 4); // custom metadata
  return [...list(root, 2, 24), ...list(root, 3, 24)].map((block) => Number(buffer.readInt64(block)));
}

/** How many bytes follow the message. */
function checkedMessage(tables: Tables): number {
  const { buffer, root, value, table, list } = tables;
  list(root, 4, 4); // custom metadata
  const [type, header, body] = [value(root, 1), table(root, 2), value(root, 3)];
  const kind = type === undefined ? 0 : buffer.readUint8(type);
  if (header === undefined) return 0;
  if (kind === SCHEMA) checkSchema(tables, header);
  if (kind !== DICTIONARY_BATCH && kind !== RECORD_BATCH) return 0;
  const batch = kind === RECORD_BATCH ? header : table(header, 1);
  if (batch !== undefined) {
    list(batch, 1, 16); // nodes
    list(batch, 2, 16); // buffers
    list(batch, 4, 8); // counts of variadic buffers
  }
  return body === undefined ? 0 : Math.max(0, Number(buffer.readInt64(body)));
}

function checkSchema(tables: Tables, schema: number): void {
  tables.list(schema, 2, 4); // custom metadata
  for (const field of tables.tables(schema, 1)) checkField(tables, field);
}

function checkField(tables: Tables, field: number): void {
  const { buffer, value, table, list } = tables;
  const [kind, type] = [value(field, 2), table(field, 3)];
  if (type !== undefined && kind !== undefined && buffer.readUint8(kind) === UNION_TYPE) list(type, 1, 4);
  list(field, 6, 4); // custom metadata
  for (const child of tables.tables(field, 5)) checkField(tables, child);
}
