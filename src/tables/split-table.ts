import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { InvalidInput } from '../errors';
import { requireOneOf, requirePositiveInteger } from '../math/checks';
import { type RandomStream, randomStream, type Seed } from '../math/random';
import { shownName } from './address';
import { type OpenSource, openSource } from './open-source';
import { numbersOf, type RowOptions } from './rows';
import { csvShards, npyShards, type ShardRow } from './shard-writers';
import { textRowsOf } from './text-rows';

/** How a table is split, and how it is read. */
export interface SplitOptions extends RowOptions {
  /** how many shards there are */
  readonly machines: number;
  /** the folder in which the shards are written; it is created if it is missing */
  readonly directory: string;
  /** of the random permutations */
  readonly seed: Seed;
  /**
   * 'npy' for float64 without names and labels, weights last; 'csv' keeps the names of columns, weights, labels, and columns of text
   * @defaultValue 'npy'
   */
  readonly format?: 'npy' | 'csv';
  /**
   * whether each machine gets rows that follow one another, as where rows are in the order of hospitals; the table is then read twice
   * @defaultValue false
   */
  readonly contiguous?: boolean;
  /**
   * whether shards that are there may be written again
   * @defaultValue false
   */
  readonly overwrite?: boolean;
}

/** What a table was split into. */
export interface TableSplit {
  /** the files, one for each machine; in .npy files of weighted rows, the last column is the weights */
  readonly shards: readonly string[];
  /** the rows of all shards together */
  readonly rows: number;
  /** of the features */
  readonly names: readonly string[];
  /** the rows that were left out because a cell is missing */
  readonly droppedRows: number;
  /** what was assumed of the file, in sentences */
  readonly notes: readonly string[];
}

const SHARD = /^shard-\d+\.(npy|csv)$/;

/**
 * Splits a table over machines, at random or in order, each shard a .npy or .csv file, as the file is read: it may be larger than memory.
 * Of each m rows that follow one another, every machine gets one, by a random permutation; so the shards differ by one row at
 * most, and a sorted table is spread a little more evenly than by independent draws. Rows keep the order of the file, and the
 * same seed gives the same bytes. The columns, missing values and formats are those of `readTable`. In .npy files a column of labels is
 * left out, and one of weights comes last: of d features, shards are read with `weights: 'column d'`; .csv files have both. The
 * shards get their names when all are written.
 * @param file the table's path, or its address
 * @param options how many machines there are, where the shards go, and how the table is read
 * @returns the shards' files, and what was read
 * @throws as `readTable` does, and InvalidInput if the directory has shards already or the table has fewer rows than there are machines
 * @example
 * writeNpy('table.npy', [[1], [2], [3], [4], [5]]);
 * const { shards } = await splitTable('table.npy', { machines: 2, directory: 'shards', seed: 1 });
 * shards.map((shard) => readNpy(shard).rows); // [2, 3]
 */
export async function splitTable(file: string, options: SplitOptions): Promise<TableSplit> {
  const { machines, directory, seed, format = 'npy', contiguous = false, overwrite = false, ...reading } = options;
  requirePositiveInteger('machines', machines);
  requireOneOf('format', format, ['npy', 'csv']);
  requireOneOf('missing', reading.missing ?? 'reject', ['reject', 'drop', 'em']);
  const opened = await openSource(file, reading);
  const shards = shardFiles(machines, format).map((name) => path.join(directory, name));
  try {
    const table = format === 'csv' ? namedRows(opened, reading) : numberRows(opened, reading);
    const random = randomStream(seed, 'split');
    const next = contiguous ? inOrder(machines, await countRows(table)) : atRandom(machines, random);
    mkdirSync(directory, { recursive: true });
    const there = readdirSync(directory).find((name) => SHARD.test(name));
    if (there !== undefined && !overwrite) {
      throw new InvalidInput(`${path.join(directory, there)} exists, and is not overwritten: give another directory`);
    }
    const parts = shards.map(partOf);
    const writer = format === 'csv' ? csvShards(parts, table.columns) : npyShards(parts, table.columns.length);
    let [rows, droppedRows] = [0, 0];
    for await (const block of table.blocks()) {
      for (let j = 0; j < block.rows; j++) writer.add(next(), block.row(j));
      rows += block.rows;
      droppedRows += block.dropped;
    }
    if (rows < machines)
      throw new InvalidInput(`${shownName(file)}: ${rows} rows are too few for ${machines} machines`);
    writer.end();
    for (const shard of shards) renameSync(partOf(shard), shard);
    return { shards, rows, names: table.names, droppedRows, notes: table.notes };
  } catch (error) {
    for (const shard of shards) rmSync(partOf(shard), { force: true });
    throw error;
  } finally {
    opened.close();
  }
}

/** The names of the shards of so many machines. */
export function shardFiles(machines: number, format: 'npy' | 'csv' = 'npy'): string[] {
  const digits = String(machines - 1).length;
  return Array.from({ length: machines }, (_, i) => `shard-${String(i).padStart(digits, '0')}.${format}`);
}

const partOf = (shard: string) => `${shard}.part`;

/** The rows of a table as its shards have them. */
interface ShardRows {
  /** of the features */
  readonly names: readonly string[];
  /** of the features, the weights and the label, as far as shards have them */
  readonly columns: readonly string[];
  readonly notes: readonly string[];
  blocks(): AsyncIterable<{ readonly rows: number; readonly dropped: number; row(j: number): ShardRow }>;
}

/** Rows of numbers: of each the features, then the weight, if there is one. */
function numberRows(opened: OpenSource, options: RowOptions): ShardRows {
  const { names, notes, blocks } = numbersOf(opened, options);
  const d = names.length;
  return {
    names,
    notes,
    columns: options.weights === undefined ? names : [...names, options.weights],
    async *blocks() {
      for await (const { data, rows, dropped, weights } of blocks()) {
        const features = (j: number) => data.subarray(j * d, (j + 1) * d);
        yield { rows, dropped, row: (j) => (weights ? [...features(j), weights[j]] : features(j)) };
      }
    },
  };
}

/** Rows of numbers and text: of each the features, then the weight and the label, if there are some. */
function namedRows(opened: OpenSource, options: RowOptions): ShardRows {
  const { label, weights: weighing } = options;
  const beside = [weighing, label].filter((name) => name !== undefined);
  const texts = textRowsOf(opened, options);
  if (texts)
    return {
      names: texts.names,
      notes: texts.notes,
      columns: [...texts.names, ...beside],
      async *blocks() {
        for await (const { rows, dropped } of texts.blocks()) yield { rows: rows.length, dropped, row: (j) => rows[j] };
      },
    };
  const { names, notes, blocks } = numbersOf(opened, options);
  const d = names.length;
  return {
    names,
    notes,
    columns: [...names, ...beside],
    async *blocks() {
      for await (const { data, rows, dropped, weights, labels } of blocks()) {
        const others = (j: number) => [...(weights ? [weights[j]] : []), ...(label === undefined ? [] : [labels[j]])];
        yield { rows, dropped, row: (j) => [...data.subarray(j * d, (j + 1) * d), ...others(j)] };
      }
    },
  };
}

async function countRows(table: ShardRows): Promise<number> {
  let count = 0;
  for await (const { rows } of table.blocks()) count += rows;
  return count;
}

/** Which machine gets the next row: each gets rows that follow one another, and as many as the others, or one more. */
function inOrder(machines: number, count: number): () => number {
  let row = 0;
  return () => Math.floor((row++ * machines) / count);
}

/** Which machine gets the next row: of each m rows, every machine gets one. */
function atRandom(machines: number, random: RandomStream): () => number {
  const order = Int32Array.from({ length: machines }, (_, i) => i);
  let rows = 0;
  return () => {
    const turn = rows++ % machines;
    // the next step of a Fisher–Yates shuffle, which may start from any order
    const other = turn + Math.floor(random() * (machines - turn));
    const machine = order[other];
    order[other] = order[turn];
    order[turn] = machine;
    return machine;
  };
}
