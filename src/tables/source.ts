import { BeyondFloat64, InvalidInput } from '../errors';
import { described } from '../math/checks';

/**
 * The contract of a table format: what `registerTableFormat` takes, and what each of the built-in formats answers.
 */
export interface TableFormat {
  /** letters, digits and hyphens: 'csv', 'parquet' */
  readonly name: string;
  /** the ends of its files' names, each with its dot: ['.csv', '.csv.gz']; of several that fit, the longest counts */
  readonly endings: readonly string[];
  /** Opens a file. Errors need not name it: that is added. */
  readonly open: (file: string, options: FormatOptions) => TableSource | Promise<TableSource>;
  /**
   * whether it opens http and https addresses, too
   * @defaultValue false: what is at an address is downloaded, and then opened as a file
   */
  readonly addresses?: boolean;
}

/** A table in an open file: its columns, and its rows, block by block. */
export interface TableSource {
  /** the columns, in the order of the file */
  readonly columns: readonly TableColumn[];
  /** what was assumed of the file, in sentences; nothing if absent */
  readonly notes?: readonly string[];
  /**
   * bytes
   * @defaultValue the size of the file
   */
  readonly size?: number;
  /**
   * The rows of the file in its order, block by block; it may be called more than once.
   * @param chosen indexes of the columns wanted, in the order wanted
   * @param label index of the column of labels, if there is one
   */
  blocks(chosen: readonly number[], label?: number): AsyncIterable<TableBlock> | Iterable<TableBlock>;
}

/** A column of a file. */
export interface TableColumn {
  /** as the file calls it; a file without a header has none, and the columns are counted */
  readonly name: string;
  /** what it holds if that is not numbers: 'dates', or 'text ("setosa" in line 2)'. Text can be labels, as numbers can. */
  readonly holds?: string;
  /** why it is no feature unless it is chosen: 'counts the rows' */
  readonly aside?: string;
}

/** Successive rows of a file. */
export interface TableBlock {
  /** how many rows the block has */
  readonly rows: number;
  /** rows × chosen columns, row-major; NaN for a missing value */
  readonly data: Float64Array;
  /** the labels as text, '' for a missing one; needed only if a column of labels was named */
  readonly labels?: readonly string[];
  /** the share of the file that has been read, from 0 to 1 */
  readonly done: number;
}

/** What the formats need to know beside the file's name. Each reads what concerns it. */
export interface FormatOptions {
  /**
   * ends what takes long when it aborts, with its reason
   * @defaultValue nothing ends it
   */
  readonly signal?: AbortSignal;
  /**
   * for text with delimiters: whether the first line names the columns
   * @defaultValue what the first lines look like; an error if that can be read both ways
   */
  readonly header?: boolean;
  /**
   * for text: what delimits fields, one character; ' ' is runs of spaces and tabs
   * @defaultValue what the first line has most of: commas, semicolons, tabs or bars; in .txt and .dat also spaces
   */
  readonly delimiter?: string;
  /**
   * for text: the decimal mark
   * @defaultValue what the first lines look like
   */
  readonly decimal?: '.' | ',';
  /**
   * cells that stand for a missing value, beside those that always do: ['-999', '.']
   * @defaultValue none
   */
  readonly missingCodes?: readonly string[];
  /**
   * for .npz: the name of the array; for .xlsx: the name of the sheet
   * @defaultValue the only array of two axes, or the only one; the first sheet
   */
  readonly member?: string;
}

/** Values of a block, about: 2 MiB of float64. */
export const BLOCK_VALUES: number = 2 ** 18;

/** The name of a column that has none. */
export const defaultName = (column: number): string => `column ${column}`;

/** The error that a column holds something else than numbers, which names the columns that hold numbers. */
export function notNumbers(columns: readonly TableColumn[], index: number, holds: string): InvalidInput {
  const numeric = columns.filter((column, i) => column.holds === undefined && i !== index).map(({ name }) => name);
  const remedy = numeric.length > 0 ? `choose from those of numbers, ${listed(numeric)}` : 'no column holds numbers';
  return new InvalidInput(`column ${JSON.stringify(columns[index].name)} holds ${holds}: ${remedy}`);
}

/** Names as a message lists them. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => described(name));
  return [...shown, ...(names.length > 20 ? [`${names.length - 20} more`] : [])].join(', ');
}

/** The number that a typed value is: NaN if it is missing, 0 or 1 for a boolean, undefined if it is not a number. */
export function numberOfValue(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value === null || value === undefined) return Number.NaN;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return typeof value === 'bigint' ? exactly(value) : undefined;
}

/** @throws BeyondFloat64 if float64 does not hold the integer exactly */
export function exactly(integer: bigint): number {
  const number = Number(integer);
  if (Number.isSafeInteger(number)) return number;
  throw new BeyondFloat64(`holds the integer ${integer}, which float64 does not hold exactly: store smaller numbers`);
}

/** The label that a typed value is, '' if it is missing. */
export function labelOfValue(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') throw new InvalidInput(`the label ${described(value)} is neither text nor a number`);
  return String(value).trim();
}

/** Blocks of columns that are in memory. */
export function* blocksOfColumns(
  columns: readonly TableColumn[],
  { rows, chosen, values, labels, done }: InMemory,
): Generator<TableBlock> {
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
  /** the share of the file that has been read when these rows are done */
  done(rows: number): number;
}
