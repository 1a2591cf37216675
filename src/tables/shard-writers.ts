import { appendFileSync, closeSync, openSync, writeFileSync } from 'node:fs';
import { npyHeadBytes, writeAll } from './write-npy';

// Shards are written side by side, as their rows come. Rows wait in memory, so that each file is opened seldom and none stays open.

/** A row: numbers, NaN where one is missing, and in .csv files texts. */
export type ShardRow = ArrayLike<number | string>;

/** Writes the rows of all shards. */
export interface ShardWriter {
  /** Takes the next row of a shard. */
  add(shard: number, row: ShardRow): void;
  /** Writes the rows that wait. */
  end(): void;
}

/** Bytes of rows in memory that wait to be written; at least one row waits for each shard. */
const WAITING_BYTES = 2 ** 25;

/** Writes .npy files of float64. */
export function npyShards(files: readonly string[], columns: number): ShardWriter {
  const [m, width] = [files.length, 8 * columns];
  const rounds = Math.max(1, Math.floor(WAITING_BYTES / (m * width)));
  const waiting = Buffer.allocUnsafeSlow(m * rounds * width);
  const view = new DataView(waiting.buffer, waiting.byteOffset, waiting.byteLength);
  const written = new Float64Array(m);
  const waits = new Int32Array(m);
  const flush = (): void => {
    files.forEach((file, shard) => {
      if (waits[shard] === 0) return;
      const descriptor = openSync(file, written[shard] === 0 ? 'w' : 'r+');
      const from = shard * rounds * width;
      const head = npyHeadBytes('<f8', [written[shard] + waits[shard], columns]);
      try {
        writeAll(descriptor, head, 0);
        writeAll(descriptor, waiting.subarray(from, from + waits[shard] * width), head.length + written[shard] * width);
      } finally {
        closeSync(descriptor);
      }
      written[shard] += waits[shard];
    });
    waits.fill(0);
  };
  return {
    add(shard, row) {
      if (waits[shard] === rounds) flush();
      const start = (shard * rounds + waits[shard]++) * width;
      for (let j = 0; j < columns; j++) view.setFloat64(start + 8 * j, row[j] as number, true);
    },
    end: flush,
  };
}

/** Writes .csv files with a header, numbers by their shortest digits that give the same float64. */
export function csvShards(files: readonly string[], names: readonly string[]): ShardWriter {
  const waiting = files.map(() => '');
  const head = lineOf(names);
  let length = 0;
  for (const file of files) writeFileSync(file, head);
  const flush = (): void => {
    files.forEach((file, shard) => {
      if (waiting[shard] !== '') appendFileSync(file, waiting[shard]);
      waiting[shard] = '';
    });
    length = 0;
  };
  return {
    add(shard, row) {
      const line = lineOf(row);
      waiting[shard] += line;
      length += line.length;
      if (length > WAITING_BYTES / 2) flush();
    },
    end: flush,
  };
}

const lineOf = (row: ShardRow): string => `${Array.from(row, cellOf).join(',')}\n`;

/** A cell that reads back as what it was; a missing one is NA, as an empty line would be no row. */
function cellOf(value: number | string): string {
  if (typeof value === 'number') return Number.isNaN(value) ? 'NA' : Object.is(value, -0) ? '-0' : String(value);
  if (value === '') return 'NA';
  return /[",;|\t\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
