import { type FileHandle, open } from 'node:fs/promises';
import type { AsyncBuffer, SchemaElement, SchemaTree } from 'hyparquet';
import { DamagedFile } from '../errors';
import { blocksOfColumns, type TableColumn, type TableSource } from './source';

/** Digits of a decimal that float64 holds exactly. */
const MAX_EXACT_DIGITS = 15;

/** A Parquet file, read row group by row group. */
export async function parquetSource(file: string): Promise<TableSource> {
  const { parquetMetadataAsync, parquetScan, parquetSchema } = await import('hyparquet');
  const { compressors } = await import('hyparquet-compressors');
  const metadata = await reading(file, (bytes) => parquetMetadataAsync(bytes));
  const columns = parquetSchema(metadata).children.map(columnOf);
  return {
    columns,
    async *blocks(chosen, label) {
      const handle = await open(file);
      try {
        const all = [...chosen, ...(label === undefined ? [] : [label])];
        const scan = await parquetScan({
          file: await bufferOf(handle),
          metadata,
          compressors,
          columns: all.map((j) => columns[j].name),
        });
        if (
          scan.ranges.reduce((sum, { rowStart, rowEnd }) => sum + rowEnd - rowStart, 0) !== Number(metadata.num_rows)
        ) {
          throw new DamagedFile(
            `is damaged: its row groups do not hold the ${metadata.num_rows} rows that it announces`,
          );
        }
        for (const { rowStart, rowEnd } of scan.ranges) {
          const values: ((row: number) => unknown)[] = [];
          for (const j of all) {
            const data = await scan.readColumn({ column: columns[j].name, rowStart, rowEnd });
            if (data.length !== rowEnd - rowStart) {
              throw new DamagedFile(`is damaged: a row group holds ${data.length} values of ${rowEnd - rowStart}`);
            }
            values.push((row) => data[row]);
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
        await handle.close();
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

async function reading<Result>(file: string, use: (bytes: AsyncBuffer) => Promise<Result>): Promise<Result> {
  const handle = await open(file);
  try {
    return await use(await bufferOf(handle));
  } finally {
    await handle.close();
  }
}

async function bufferOf(handle: FileHandle): Promise<AsyncBuffer> {
  const { size } = await handle.stat();
  const slice = async (start: number, end: number): Promise<ArrayBuffer> => {
    if (!(start >= 0 && start <= end && end <= size)) throw new DamagedFile('is damaged: it points beyond its end');
    const buffer = new ArrayBuffer(end - start);
    for (let got = 0; got < end - start; ) {
      const { bytesRead } = await handle.read(new Uint8Array(buffer, got), { position: start + got });
      if (bytesRead === 0) throw new DamagedFile('ends while it is read: does something write to it?');
      got += bytesRead;
    }
    return buffer;
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
