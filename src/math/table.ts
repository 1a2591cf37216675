import { inspect } from 'node:util';
import { InvalidInput } from '../errors';
import { described } from './checks';

/** n observations (rows) of d features (columns), flat and row-major: the form in which every computation takes its data. */
export interface Samples {
  /** rows × columns values, row-major */
  readonly data: Float64Array;
  /** n */
  readonly rows: number;
  /** d */
  readonly columns: number;
  /** how often each row counts, n numbers above 0; once, if absent */
  readonly weights?: Float64Array;
}

/** Samples that print as their first rows. */
export function samplesOf(data: Float64Array, rows: number, columns: number): Samples {
  return Object.assign(Object.create(printing), { data, rows, columns });
}

const printing = {
  [inspect.custom](this: Samples): string {
    const { data, rows, columns } = this;
    const few = (from: number, length: number) =>
      Array.from(data.subarray(from, from + length), (x) => x.toPrecision(4));
    const more = columns > 6 ? [' …'] : [];
    const lines = Array.from({ length: Math.min(rows, 5) }, (_, i) => few(i * columns, Math.min(columns, 6)));
    const width = Math.max(...lines.flat().map((text) => text.length));
    const table = lines.map((line) => `  ${[...line.map((text) => text.padStart(width)), ...more].join(' ')}`);
    return [`${rows} rows × ${columns} columns`, ...table, ...(rows > 5 ? ['  …'] : [])].join('\n');
  },
};

/** What ml-matrix's `Matrix` offers. */
export interface MatrixLike {
  readonly rows: number;
  readonly columns: number;
  get(row: number, column: number): number;
}

/** What a danfojs `DataFrame` offers. */
export interface DataFrameLike {
  readonly columns: string[];
  readonly shape: number[];
  readonly values: unknown;
}

/**
 * Anything tabular: an array of rows, an array of numbers (one column), an ml-matrix `Matrix`,
 * a danfojs `DataFrame`, or `{ data, rows, columns }` with flat row-major data.
 */
export type Table =
  | readonly (readonly number[] | Float64Array | Float32Array)[]
  | readonly number[]
  | MatrixLike
  | DataFrameLike
  | { readonly data: Float64Array | Float32Array; readonly rows: number; readonly columns: number };

/**
 * The table as flat float64 samples; a table that already is `Samples` is checked and returned as it is, not copied.
 * @throws InvalidInput if the table is empty, ragged, or holds anything but finite numbers; the message names the row and column
 */
export function toSamples(table: Table): Samples {
  const samples = convert(table);
  if (samples.rows === 0 || samples.columns === 0) {
    throw new InvalidInput(
      `the table has ${samples.rows} rows and ${samples.columns} columns: it needs at least one of each`,
    );
  }
  const { data } = samples;
  let bad = 0;
  while (bad < data.length && data[bad] - data[bad] === 0) bad++; // not so for NaN and ± Infinity
  if (bad < data.length) {
    const where = `row ${Math.floor(bad / samples.columns)}, column ${bad % samples.columns}`;
    throw new InvalidInput(
      `${where} of the table is ${samples.data[bad]}: remove or impute values that are not finite numbers`,
    );
  }
  return samples;
}

/**
 * Some rows of a table, in the order given; a row may come more than once.
 * @param table n rows
 * @param rows their numbers, from 0
 * @returns a new table of these rows
 * @throws InvalidInput if there is no such row, naming it, or the table is none
 */
export function takeRows(table: Table, rows: ArrayLike<number>): Samples {
  const { data, rows: n, columns } = toSamples(table);
  const taken = new Float64Array(rows.length * columns);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (!(Number.isInteger(row) && row >= 0 && row < n))
      throw new InvalidInput(`there is no row ${row}: the table has ${n}`);
    taken.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  }
  return samplesOf(taken, rows.length, columns);
}

function convert(table: Table): Samples {
  if (table === null || typeof table !== 'object') throw new InvalidInput(`a table is needed, not ${table}`);
  if (Array.isArray(table)) return fromRows(typeof table[0] === 'number' ? table.map((x) => [x]) : table);
  if ('get' in table && typeof table.get === 'function') return fromMatrix(table);
  if ('values' in table && 'shape' in table) return fromDataFrame(table);
  if ('data' in table && ArrayBuffer.isView(table.data)) return fromFlat(table);
  if ('data' in table && 'rows' in table)
    throw new InvalidInput('the data of { data, rows, columns } must be a Float64Array');
  if (ArrayBuffer.isView(table)) {
    throw new InvalidInput('a flat typed array does not say how many columns it has: pass { data, rows, columns }');
  }
  throw new InvalidInput(
    'this is not a table: pass an array of rows, a Matrix, a DataFrame, or { data, rows, columns }',
  );
}

function fromRows(rows: readonly ArrayLike<number>[], name = (column: number): string => `column ${column}`): Samples {
  const columns = rows[0]?.length ?? 0;
  const data = new Float64Array(rows.length * columns);
  for (const [i, row] of rows.entries()) {
    if (row?.length !== columns) {
      throw new InvalidInput(
        `row ${i} has ${row?.length ?? 'no'} values, row 0 has ${columns}: all rows need the same number`,
      );
    }
    for (let j = 0; j < columns; j++) {
      if (typeof row[j] !== 'number') {
        throw new InvalidInput(
          `row ${i}, ${name(j)} of the table is ${described(row[j])}: choose columns of numbers only`,
        );
      }
      data[i * columns + j] = row[j];
    }
  }
  return { data, rows: rows.length, columns };
}

function fromMatrix(matrix: MatrixLike): Samples {
  const { rows, columns } = matrix;
  const data = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) data[i * columns + j] = matrix.get(i, j);
  return { data, rows, columns };
}

function fromDataFrame(frame: DataFrameLike): Samples {
  const values = frame.values as number[][] | number[];
  const rows = frame.columns.length === 1 ? (values as number[]).map((x) => (Array.isArray(x) ? x : [x])) : values;
  return fromRows(rows as number[][], (column) => `column "${frame.columns[column]}"`);
}

function fromFlat({ data, rows, columns }: { data: ArrayLike<number>; rows: number; columns: number }): Samples {
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows * columns !== data.length) {
    throw new InvalidInput(
      `${rows} rows of ${columns} columns need ${rows * columns} values, but data holds ${data.length}`,
    );
  }
  return { data: data instanceof Float64Array ? data : Float64Array.from(data), rows, columns };
}
