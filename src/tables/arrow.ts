import { type FileHandle, open } from 'node:fs/promises';
import type { DataType, RecordBatchReader, Vector } from 'apache-arrow';
import { DamagedFile, InvalidInput } from '../errors';
import { decompressLz4 } from './lz4';
import { blocksOfColumns, type SourceColumn, sourceColumn, type TableSource } from './source';

/** A table of Apache Arrow's IPC formats, of files (Feather 2) or of streams, read record batch by record batch. */
export async function arrowSource(file: string): Promise<TableSource> {
  const columns = await reading(file, async ({ schema }) => schema.fields.map(columnOf));
  return {
    columns,
    async *blocks(chosen, label) {
      const { handle, reader, share } = await openReader(file);
      try {
        for await (const batch of reader) {
          const values = [...chosen, ...(label === undefined ? [] : [label])].map((j) => {
            const vector = batch.getChildAt(j) as Vector;
            requireValues(vector, batch.numRows);
            return (i: number): unknown => vector.get(i);
          });
          yield* blocksOfColumns(columns, {
            rows: batch.numRows,
            chosen,
            values: values.slice(0, chosen.length),
            labels: values[chosen.length],
            done: share,
          });
        }
      } finally {
        await handle.close();
      }
    },
  };
}

function columnOf({ name, type }: { readonly name: string; readonly type: DataType }): SourceColumn {
  const kind = String('dictionary' in type ? type.dictionary : type);
  if (/^(Int|Uint|Float|Bool)\d*$/.test(kind)) return sourceColumn(name);
  if (kind.includes('Utf8') && !kind.includes('<')) return sourceColumn(name, 'text');
  return sourceColumn(name, /^(Date|Timestamp)/.test(kind) ? 'dates' : `values of type ${kind}`);
}

/** Without this, rows beyond what a damaged file holds would be missing values. */
function requireValues(vector: Vector, rows: number): void {
  const held = vector.data.every(({ type, values, valueOffsets, length }) => {
    const bits = String(type) === 'Bool' ? 8 : 1;
    return String(type).includes('Utf8View') || (valueOffsets ?? values)?.length * bits >= length;
  });
  if (vector.length !== rows || !held)
    throw new DamagedFile('is damaged: a record batch holds fewer values than it announces');
}

async function reading<Result>(file: string, use: (reader: RecordBatchReader) => Promise<Result>): Promise<Result> {
  const { handle, reader } = await openReader(file);
  try {
    return await use(reader);
  } finally {
    await handle.close();
  }
}

/** A reader, and how much of the file it read so far. */
async function openReader(file: string): Promise<{ handle: FileHandle; reader: RecordBatchReader; share(): number }> {
  const [{ CompressionType, compressionRegistry, RecordBatchReader: Reader }, { decompressZstd }] = await Promise.all([
    import('apache-arrow'),
    import('hyparquet-compressors'),
    boundVectors(),
  ]);
  compressionRegistry.set(CompressionType.LZ4_FRAME, { decode: decompressLz4 });
  compressionRegistry.set(CompressionType.ZSTD, { decode: (bytes) => decompressZstd(bytes) });
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    await requireWhole(handle, size);
    let done = 0;
    const counted = {
      fd: handle.fd, // by which the library knows a file
      stat: () => handle.stat(),
      close: () => handle.close(),
      async read(buffer: Uint8Array, offset: number, length: number, position: number) {
        const result = await handle.read(buffer, offset, length, position);
        if (result.bytesRead === 0) throw new InvalidInput('ends while it is read: does something write to it?');
        done += result.bytesRead;
        if (done > 3 * size) throw new DamagedFile('is damaged: it leads back to what was read already');
        return result;
      },
    };
    const reader = await Reader.from(counted as unknown as FileHandle);
    await reader.open();
    return { handle, reader, share: () => Math.min(1, done / size) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** A file has its magic word at both ends; a stream has none. */
async function requireWhole(handle: FileHandle, size: number): Promise<void> {
  const ends = Buffer.alloc(12);
  await handle.read(ends, 0, 6, 0);
  await handle.read(ends, 6, 6, Math.max(0, size - 6));
  const [first, last] = [ends.toString('latin1', 0, 6), ends.toString('latin1', 6)];
  if (first.startsWith('FEA1')) throw new InvalidInput('is of Feather version 1: write it as version 2, or as Parquet');
  if (first === 'ARROW1' && last !== 'ARROW1') throw new InvalidInput('is not whole: its end is missing');
}

let bounded = false;

/**
 * Arrow's metadata are flatbuffers, of which the library believes any length of a list, and would fill the memory with one that
 * is damaged. No list is longer than its buffer.
 */
async function boundVectors(): Promise<void> {
  if (bounded) return;
  const { prototype } = (await import('flatbuffers')).ByteBuffer;
  const lengthOf = prototype.__vector_len;
  prototype.__vector_len = function (offset) {
    const length = lengthOf.call(this, offset);
    if (!(length >= 0 && length <= this.capacity())) throw new DamagedFile('is damaged: a list in it is too long');
    return length;
  };
  bounded = true;
}
