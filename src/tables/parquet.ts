import { open as openFile } from 'node:fs/promises';
import type { AsyncBuffer, SchemaElement, SchemaTree } from 'hyparquet';
import { DamagedFile } from '../errors';
import { isAddress } from './address';
import { remoteFile } from './remote-file';
import { blocksOfColumns, type FormatOptions, type TableColumn, type TableSource } from './source';

/** Digits of a decimal that float64 holds exactly. */
const MAX_EXACT_DIGITS = 15;

/** Bytes from the end of a file that are read first: most descriptions of row groups are shorter. */
const FOOTER_LENGTH = 2 ** 16;

/** Columns that are read at the same time: a server takes long to begin, not to go on. */
const COLUMNS_AT_ONCE = 8;

/** A Parquet file, read row group by row group; at an address, by parts of the file. */
export async function parquetSource(file: string, { signal }: FormatOptions = {}): Promise<TableSource> {
  const { parquetMetadataAsync, parquetScan, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const open = isAddress(file) ? await openerOfRemote(file, signal) : () => openLocal(file);
  const { bytes, close } = await open();
  const size = bytes.byteLength;
  const metadata = await parquetMetadataAsync(bytes, { initialFetchSize: FOOTER_LENGTH }).finally(close);
  const columns = parquetSchema(metadata).children.map(columnOf);
  return {
    columns,
    size,
    async *blocks(chosen, label) {
      const { bytes, close } = await open();
      try {
        const all = [...chosen, ...(label === undefined ? [] : [label])].map((j) => columns[j].name);
        const scan = await parquetScan({ file: bytes, metadata, compressors, columns: all });
        if (
          scan.ranges.reduce((sum, { rowStart, rowEnd }) => sum + rowEnd - rowStart, 0) !== Number(metadata.num_rows)
        ) {
          throw new DamagedFile(
            `is damaged: its row groups do not hold the ${metadata.num_rows} rows that it announces`,
          );
        }
        for (const { rowStart, rowEnd } of scan.ranges) {
          const values: ((row: number) => unknown)[] = [];
          for (let from = 0; from < all.length; from += COLUMNS_AT_ONCE) {
            const some = all.slice(from, from + COLUMNS_AT_ONCE);
            const read = await Promise.all(some.map((column) => scan.readColumn({ column, rowStart, rowEnd })));
            for (const data of read) {
              if (data.length !== rowEnd - rowStart) {
                throw new DamagedFile(`is damaged: a row group holds ${data.length} values of ${rowEnd - rowStart}`);
              }
              values.push((row) => data[row]);
            }
          }
          yield* blocksOfColumns(columns, {
            rows: rowEnd - rowStart,
            chosen,
            values: values.slice(0, chosen.length),
            labels: values[chosen.length],
            done: (rows) => (rowStart + rows) / Number(metadata.num_rows),
          });
        }
      } finally {
        await close();
      }
    },
  };
}

function columnOf({ element, children }: SchemaTree): TableColumn {
  if (children.length > 0 || element.repetition_type === 'REPEATED')
    return { name: element.name, holds: 'lists or records' };
  return { name: element.name, holds: holds(element) };
}

function holds({ type, converted_type: converted, logical_type: logical, precision = 0 }: SchemaElement) {
  const meaning = logical?.type ?? converted ?? '';
  if (type === 'INT96' || /^(DATE|TIME)/.test(meaning)) return 'dates or times';
  if (meaning === 'DECIMAL') return precision > MAX_EXACT_DIGITS ? `decimals of ${precision} digits` : undefined;
  if (['BOOLEAN', 'INT32', 'INT64', 'FLOAT', 'DOUBLE'].includes(type ?? '') || meaning === 'FLOAT16') return undefined;
  if (type === 'BYTE_ARRAY' && ['', 'STRING', 'UTF8', 'ENUM'].includes(meaning)) return 'text';
  return `values of type ${meaning || type}`;
}

/** Bytes of a file that is open, in the form that the library asks for. */
interface OpenBytes {
  readonly bytes: AsyncBuffer;
  close(): Promise<void>;
}

async function openLocal(file: string): Promise<OpenBytes> {
  const handle = await openFile(file);
  const { size } = await handle.stat();
  const read = async (start: number, end: number): Promise<ArrayBuffer> => {
    const buffer = new ArrayBuffer(end - start);
    for (let got = 0; got < end - start; ) {
      const { bytesRead } = await handle.read(new Uint8Array(buffer, got), { position: start + got });
      if (bytesRead === 0) throw new DamagedFile('ends while it is read: does something write to it?');
      got += bytesRead;
    }
    return buffer;
  };
  return { bytes: bufferOf(size, read), close: () => handle.close() };
}

/** How the one version of a file at an address is opened: its parts are asked for one by one, so that nothing stays open. */
async function openerOfRemote(address: string, signal?: AbortSignal): Promise<() => Promise<OpenBytes>> {
  const { size, read } = await remoteFile(address, { signal });
  return async () => ({ bytes: bufferOf(size, read), async close() {} });
}

function bufferOf(size: number, read: (start: number, end: number) => Promise<ArrayBuffer>): AsyncBuffer {
  const slice = async (start: number, end: number): Promise<ArrayBuffer> => {
    if (!(start >= 0 && start <= end && end <= size)) throw new DamagedFile('is damaged: it points beyond its end');
    return read(start, end);
  };
  return {
    byteLength: size,
    slice(start, end = size) {
      const part = slice(start, end);
      part.catch(() => {}); // the library awaits a part later, or never if another failed: Node must not take it for unhandled
      return part;
    },
  };
}
