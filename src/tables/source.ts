import { BeyondFloat64, InvalidInput } from '../errors';
import { described } from '../math/checks';

/** A table in a file of whatever format: its columns, and its rows, block by block. */
export interface TableSource {
  readonly columns: readonly SourceColumn[];
  /** The chosen columns, by index, and the column of the labels, as they stand in the file. Errors need not name the file. */
  blocks(chosen: readonly number[], label?: number): AsyncIterable<Block> | Iterable<Block>;
}

export interface SourceColumn {
  readonly name: string;
  /** what the column holds, where that is no numbers: 'text ("setosa" in line 2)', 'dates' */
  readonly holds?: string;
  /** whether its cells can be labels */
  readonly labels: boolean;
}

/** Some rows, one after another. */
export interface Block {
  readonly rows: number;
  /** rows × chosen columns, row-major; NaN where a value is missing */
  readonly data: Float64Array;
  /** the labels as text, '' where one is missing; empty where none were asked for */
  readonly labels: readonly string[];
  /** how much of the file was read so far, from 0 to 1 */
  readonly done: number;
}

/** What each format needs to know beside the file. */
export interface SourceOptions {
  /** for text: whether the first line names the columns */
  readonly header?: boolean;
  /** for .npz: the array's name */
  readonly member?: string;
}

/** About as many values are in a block. */
export const BLOCK_VALUES: number = 2 ** 18;

/** The name of a column that has none. */
export const defaultName = (column: number): string => `column ${column}`;

/** A column of numbers, or of something else. */
export function sourceColumn(name: string, holds?: string): SourceColumn {
  return { name, holds, labels: holds === undefined || holds.startsWith('text') };
}

/** That a column holds something else than numbers, and which columns hold numbers. */
export function notNumbers(columns: readonly SourceColumn[], index: number, holds: string): Error {
  const numeric = columns.filter((column, i) => column.holds === undefined && i !== index).map(({ name }) => name);
  const remedy = numeric.length > 0 ? `choose from those of numbers, ${listed(numeric)}` : 'none holds numbers';
  return new Error(`column ${JSON.stringify(columns[index].name)} holds ${holds}: ${remedy}`);
}

/** Names as a message lists them. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => described(name));
  return [...shown, ...(names.length > 20 ? [`${names.length - 20} more`] : [])].join(', ');
}

/** The number that a typed value is: NaN where it is missing, 0 and 1 for booleans, undefined where it is none. */
export function numberOfValue(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value === null || value === undefined) return Number.NaN;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'bigint' ? exactly(value) : undefined;
}

/** @throws where float64 does not hold the integer exactly */
export function exactly(integer: bigint): number {
  const number = Number(integer);
  if (Number.isSafeInteger(number)) return number;
  throw new BeyondFloat64(`holds the integer ${integer}, which float64 does not hold exactly: store smaller numbers`);
}

/** The label that a typed value is. */
export function labelOfValue(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') throw new InvalidInput(`the label ${described(value)} is neither text nor a number`);
  return String(value).trim();
}

/** Blocks of columns that are in memory. */
export function* blocksOfColumns(
  columns: readonly SourceColumn[],
  { rows, chosen, values, labels, done }: InMemory,
): Generator<Block> {
  const step = Math.max(1, Math.floor(BLOCK_VALUES / chosen.length));
  for (let from = 0; from < rows; from += step) {
    const to = Math.min(rows, from + step);
    const data = new Float64Array((to - from) * chosen.length);
    values.forEach((value, j) => {
      for (let i = from, next = j; i < to; i++, next += chosen.length) {
        const number = numberOfValue(value(i));
        if (number === undefined) throw notNumbers(columns, chosen[j], described(value(i)));
        data[next] = number;
      }
    });
    const text = labels ? Array.from({ length: to - from }, (_, i) => labelOfValue(labels(from + i))) : [];
    yield { rows: to - from, data, labels: text, done: done(to) };
  }
}

interface InMemory {
  readonly rows: number;
  /** the columns' indexes in the file */
  readonly chosen: readonly number[];
  /** the value in a row, for each chosen column */
  readonly values: readonly ((row: number) => unknown)[];
  readonly labels?: (row: number) => unknown;
  /** how much of the file was read when so many rows are done */
  done(rows: number): number;
}
