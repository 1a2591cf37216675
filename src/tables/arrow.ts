import { type FileHandle, open } from 'node:fs/promises';
import type { DataType, RecordBatchReader, Vector } from 'apache-arrow';
import { DamagedFile } from '../errors';
import { requireSoundMetadata } from './arrow-metadata';
import { decompressLz4 } from './lz4';
import { blocksOfColumns, type TableColumn, type TableSource } from './source';

/** A table of Apache Arrow's IPC formats, of files (Feather 2) or of streams, read record batch by record batch. */
export async function arrowSource(file: string): Promise<TableSource> {
  const columns = await columnsOf(file);
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

async function columnsOf(file: string): Promise<TableColumn[]> {
  const { handle, reader } = await openReader(file);
  try {
    return reader.schema.fields.map(columnOf);
  } finally {
    await handle.close();
  }
}

function columnOf({ name, type }: { readonly name: string; readonly type: DataType }): TableColumn {
  const kind = String('dictionary' in type ? type.dictionary : type);
  if (/^(Int|Uint|Float|Bool)\d*$/.test(kind)) return { name };
  if (kind.includes('Utf8') && !kind.includes('<')) return { name, holds: 'text' };
  return { name, holds: /^(Date|Timestamp)/.test(kind) ? 'dates' : `values of type ${kind}` };
}

/** @throws DamagedFile if the batch is too short: the rows that a damaged file lacks would pass as missing values */
function requireValues(vector: Vector, rows: number): void {
  const held = vector.data.every(({ type, values, valueOffsets, length }) => {
    const bits = String(type) === 'Bool' ? 8 : 1;
    return String(type).includes('Utf8View') || (valueOffsets ?? values)?.length * bits >= length;
  });
  if (vector.length !== rows || !held)
    throw new DamagedFile('is damaged: a record batch holds fewer values than it announces');
}

/** A reader, and how much of the file it read so far. The caller closes the handle. */
async function openReader(file: string): Promise<{ handle: FileHandle; reader: RecordBatchReader; share(): number }> {
  const { RecordBatchReader: Reader } = await arrowWithCodecs();
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    await requireSoundMetadata(handle, size);
    let done = 0;
    const counted = {
      fd: handle.fd, // by which the library knows a file
      stat: () => handle.stat(),
      close: () => handle.close(),
      async read(buffer: Uint8Array, offset: number, length: number, position: number) {
        const result = await handle.read(buffer, offset, length, position);
        if (result.bytesRead === 0) throw new DamagedFile('ends while it is read: does something write to it?');
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

/** Arrow's library brings no codecs: it reads compressed files by those that programs register. Codecs of the user's own stay. */
async function arrowWithCodecs(): Promise<typeof import('apache-arrow')> {
  const [arrow, { decompressZstd }] = await Promise.all([import('apache-arrow'), import('hyparquet-compressors')]);
  const { CompressionType, compressionRegistry } = arrow;
  const codecs = [
    [CompressionType.LZ4_FRAME, decompressLz4],
    [CompressionType.ZSTD, (bytes: Uint8Array) => decompressZstd(bytes)],
  ] as const;
  for (const [type, decode] of codecs)
    if (!compressionRegistry.get(type)?.decode) compressionRegistry.set(type, { decode });
  return arrow;
}
