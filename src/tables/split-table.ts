import { closeSync, mkdirSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { InvalidInput } from '../errors';
import { requirePositiveInteger } from '../math/checks';
import { type RandomStream, randomStream, type Seed } from '../math/random';
import { shownName } from './address';
import { openTable, type RowOptions } from './rows';
import { npyHeadBytes, writeAll } from './write-npy';

/** How a table is split, and how it is read. */
export interface SplitOptions extends RowOptions {
  /** how many shards there are */
  readonly machines: number;
  /** the folder in which the shards are written; it is created if it is missing */
  readonly directory: string;
  /** of the random permutations */
  readonly seed: Seed;
}

/** What a table was split into. */
export interface TableSplit {
  /** the .npy files, one for each machine; if rows are weighted, their last column is the weights */
  readonly shards: readonly string[];
  /** the rows of all shards together */
  readonly rows: number;
  /** of the features */
  readonly names: readonly string[];
  readonly droppedRows: number;
}

/** Bytes of rows in memory that wait to be written; at least one row waits for each machine. */
const WAITING_BYTES = 2 ** 25;

const SHARD = /^shard-\d+\.npy$/;

/**
 * Splits a table at random over machines, each shard a .npy file of float64, as the file is read: it may be larger than memory.
 * Of each m rows that follow one another, every machine gets one, by a random permutation; so the shards differ by one row at
 * most, and a sorted table is spread a little more evenly than by independent draws. Rows keep the order of the file, and the
 * same seed gives the same bytes. The columns, missing values and formats are those of `readTable`; a column of labels is
 * left out, and one of weights comes last: of d features, shards are read with `weights: 'column d'`. The shards get their names when all are written.
 * @param file the table's path, or its address
 * @param options how many machines there are, where the shards go, and how the table is read
 * @returns the shards' files, and what was read
 * @throws as `readTable` does, and InvalidInput if the directory has shards already or the table has fewer rows than there are machines
 * @example
 * import { readNpy, splitTable, writeNpy } from 'dfmr';
 * writeNpy('table.npy', [[1], [2], [3], [4], [5]]);
 * const { shards } = await splitTable('table.npy', { machines: 2, directory: 'shards', seed: 1 });
 * shards.map((shard) => readNpy(shard).rows); // [2, 3]
 */
export async function splitTable(
  file: string,
  { machines, directory, seed, ...options }: SplitOptions,
): Promise<TableSplit> {
  requirePositiveInteger('machines', machines);
  const { names, blocks, close } = await openTable(file, options);
  const digits = String(machines - 1).length;
  const shards = Array.from({ length: machines }, (_, i) =>
    path.join(directory, `shard-${String(i).padStart(digits, '0')}.npy`),
  );
  try {
    mkdirSync(directory, { recursive: true });
    const there = readdirSync(directory).find((name) => SHARD.test(name));
    if (there !== undefined) {
      throw new InvalidInput(`${path.join(directory, there)} exists, and is not overwritten: give another directory`);
    }
    const d = names.length;
    const writer = partsWriter(shards, options.weights === undefined ? d : d + 1, randomStream(seed, 'split'));
    let droppedRows = 0;
    for await (const { data, rows, weights, dropped } of blocks()) {
      for (let j = 0; j < rows; j++) writer.add(data, j * d, weights?.[j]);
      droppedRows += dropped;
    }
    const rows = writer.end();
    if (rows < machines)
      throw new InvalidInput(`${shownName(file)}: ${rows} rows are too few for ${machines} machines`);
    for (const shard of shards) renameSync(partOf(shard), shard);
    return { shards, rows, names, droppedRows };
  } catch (error) {
    for (const shard of shards) rmSync(partOf(shard), { force: true });
    throw error;
  } finally {
    close();
  }
}

const partOf = (shard: string) => `${shard}.part`;

/** Deals rows out in rounds. Whole rounds wait in memory, so that each file is opened seldom and none stays open. */
function partsWriter(shards: readonly string[], columns: number, random: RandomStream) {
  const [m, width] = [shards.length, 8 * columns];
  const rounds = Math.max(1, Math.floor(WAITING_BYTES / (m * width)));
  const waiting = Buffer.allocUnsafeSlow(m * rounds * width);
  const view = new DataView(waiting.buffer, waiting.byteOffset, waiting.byteLength);
  const order = Int32Array.from(shards, (_, i) => i);
  const written = new Float64Array(m);
  const waits = new Int32Array(m);
  let rows = 0;
  const flush = (): void => {
    shards.forEach((shard, machine) => {
      const descriptor = openSync(partOf(shard), written[machine] === 0 ? 'w' : 'r+');
      const from = machine * rounds * width;
      const head = npyHeadBytes('<f8', [written[machine] + waits[machine], columns]);
      try {
        writeAll(descriptor, head, 0);
        writeAll(
          descriptor,
          waiting.subarray(from, from + waits[machine] * width),
          head.length + written[machine] * width,
        );
      } finally {
        closeSync(descriptor);
      }
      written[machine] += waits[machine];
    });
    waits.fill(0);
  };
  return {
    /** Takes the row that begins at a place of the data, and its weight, if it has one, as a column more. */
    add(data: Float64Array, at: number, weight?: number): void {
      const turn = rows % m;
      if (turn === 0 && waits[0] === rounds) flush();
      // the next step of a Fisher–Yates shuffle, which may start from any order
      const other = turn + Math.floor(random() * (m - turn));
      const machine = order[other];
      order[other] = order[turn];
      order[turn] = machine;
      const start = (machine * rounds + waits[machine]++) * width;
      const features = weight === undefined ? columns : columns - 1;
      for (let j = 0; j < features; j++) view.setFloat64(start + 8 * j, data[at + j], true);
      if (weight !== undefined) view.setFloat64(start + 8 * features, weight, true);
      rows++;
    },
    /** Writes the rows that wait, and returns how many rows there were in all. */
    end(): number {
      flush();
      return rows;
    },
  };
}
