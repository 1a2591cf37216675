import { InvalidInput } from '../errors';
import { described, requireOneOf } from './checks';
import { printed } from './printed';
import { shortNumber } from './short-number';

/** n observations (rows) of d features (columns), flat and row-major: the form in which every computation takes its data. */
export interface Samples {
  /** rows × columns values, row-major */
  readonly data: Float64Array;
  /** n */
  readonly rows: number;
  /** d */
  readonly columns: number;
  /** how often each row counts, n numbers from 0 on, of which fits leave out the rows of 0; once, if absent */
  readonly weights?: Float64Array;
}

/** Samples that print as their first rows. */
export function samplesOf(data: Float64Array, rows: number, columns: number, weights?: Float64Array): Samples {
  return Object.assign(Object.create(printing), { data, rows, columns, ...(weights && { weights }) });
}

const printing = {
  [printed](this: Samples): string {
    const { data, rows, columns, weights } = this;
    const few = (from: number, length: number) =>
      Array.from(data.subarray(from, from + length), (x) => x.toPrecision(4));
    const more = columns > 6 ? [' …'] : [];
    const lines = Array.from({ length: Math.min(rows, 5) }, (_, i) => few(i * columns, Math.min(columns, 6)));
    const width = Math.max(...lines.flat().map((text) => text.length));
    const table = lines.map((line) => `  ${[...line.map((text) => text.padStart(width)), ...more].join(' ')}`);
    const counted = weights ? `, which count as ${shortNumber(countOf(this), 6)}` : '';
    return [`${rows} rows × ${columns} columns${counted}`, ...table, ...(rows > 5 ? ['  …'] : [])].join('\n');
  },
};

/** What ml-matrix's `Matrix` offers. */
export interface MatrixLike {
  /** the number of rows */
  readonly rows: number;
  /** the number of columns */
  readonly columns: number;
  /** an entry, rows and columns counted from 0 */
  get(row: number, column: number): number;
}

/** What a danfojs `DataFrame` offers. */
export interface DataFrameLike {
  /** the names of the columns */
  readonly columns: string[];
  /** the numbers of rows and of columns */
  readonly shape: number[];
  /** the rows, each a list of its cells */
  readonly values: unknown;
}

/**
 * Anything tabular: an array of rows, an array of numbers (one column), an ml-matrix `Matrix`,
 * a danfojs `DataFrame`, or `{ data, rows, columns }` with flat row-major data, and `weights` if rows count more or less than once.
 * Cells without a value, null, undefined or NaN, are for functions that are told so by `missing: 'em'`.
 */
export type Table =
  | readonly (readonly (number | null | undefined)[] | Float64Array | Float32Array)[]
  | readonly (number | null | undefined)[]
  | MatrixLike
  | DataFrameLike
  | {
      /** rows × columns numbers, row-major */
      readonly data: Float64Array | Float32Array;
      /** n */
      readonly rows: number;
      /** d */
      readonly columns: number;
      /** how often each row counts, n numbers from 0 on; 1 each if not given */
      readonly weights?: ArrayLike<number>;
    };

/** What is done about cells without a value: by 'em' they are NaN in the samples; if absent, they are errors. */
export type Missing = 'em';

/**
 * The table as flat float64 samples; a table that already is `Samples` is checked and returned as it is, not copied.
 * @param missing 'em' if cells may be missing: NaN, and in arrays of rows and data frames also null and undefined
 * @throws InvalidInput if the table is empty, ragged, or holds anything but finite numbers, or its weights cannot be; the message
 *   names the row and column
 */
export function toSamples(table: Table, missing?: Missing): Samples {
  if (missing !== undefined) requireOneOf('missing', missing, ['em']);
  const samples = convert(table, missing !== undefined);
  if (samples.rows === 0 || samples.columns === 0) {
    throw new InvalidInput(
      `the table has ${samples.rows} rows and ${samples.columns} columns: it needs at least one of each`,
    );
  }
  const { data } = samples;
  let bad = 0;
  // the difference is 0 but for NaN and ± Infinity
  while (bad < data.length && (data[bad] - data[bad] === 0 || (missing && Number.isNaN(data[bad])))) bad++;
  if (bad < data.length) {
    const where = `row ${Math.floor(bad / samples.columns)}, column ${bad % samples.columns}`;
    const remedy = Number.isNaN(data[bad])
      ? `, or fit a Gaussian family with missing: 'em', which takes NaN as missing`
      : '';
    throw new InvalidInput(
      `${where} of the table is ${data[bad]}: remove or impute values that are not finite numbers${remedy}`,
    );
  }
  return samples;
}

/**
 * Some rows of a table, in the order given; a row may come more than once.
 * @param table n rows, of which cells may be missing
 * @param rows their numbers, from 0
 * @returns a new table of these rows
 * @throws InvalidInput if there is no such row, naming it, or the table is none
 * @example
 * const firstTen = takeRows(table, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
 * firstTen.rows; // 10
 */
export function takeRows(table: Table, rows: ArrayLike<number>): Samples {
  const { data, rows: n, columns, weights } = toSamples(table, 'em');
  const taken = new Float64Array(rows.length * columns);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (!(Number.isInteger(row) && row >= 0 && row < n))
      throw new InvalidInput(`there is no row ${row}: the table has ${n}`);
    taken.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  }
  return samplesOf(taken, rows.length, columns, weights && Float64Array.from(rows, (row) => weights[row]));
}

/**
 * The table with rows that count as often as the weights say: as in a table in which a row of weight 3 stands three times.
 * @param table n rows
 * @param weights n numbers from 0 on, whole or not; if undefined, those of the table
 * @param missing 'em' if cells may be missing
 * @returns the samples, whose data are not copied
 * @throws InvalidInput if the table is none, or a weight is negative or not finite, naming its row, all are 0, or there are not n
 */
export function withWeights(table: Table, weights: ArrayLike<number> | undefined, missing?: Missing): Samples {
  const samples = toSamples(table, missing);
  return weights === undefined ? samples : { ...samples, weights: checkedWeights(weights, samples.rows) };
}

/** N, how many rows the samples count as: Σ w, or n if rows have no weights. */
export function countOf({ rows, weights }: Pick<Samples, 'rows' | 'weights'>): number {
  return weights ? weights.reduce((sum, weight) => sum + weight, 0) : rows;
}

/** The places of the rows that count, those of weights above 0; undefined if all do. */
export function rowsThatCount({ weights }: Samples): Int32Array | undefined {
  return weights?.includes(0) ? Int32Array.from(weights.keys()).filter((j) => weights[j] > 0) : undefined;
}

/** Kish's effective sample size (Σ w)² / Σ w²: how many rows of one weight say as much of a mean as these. */
export function effectiveCount(weights: Float64Array): number {
  const most = weights.reduce((largest, weight) => Math.max(largest, weight), 0);
  let [sum, squares] = [0, 0];
  for (const weight of weights) {
    sum += weight / most; // whose squares stay within float64
    squares += (weight / most) ** 2;
  }
  return sum ** 2 / squares;
}

function checkedWeights(weights: ArrayLike<number>, rows: number): Float64Array {
  if (!(typeof weights === 'object' && weights?.length >= 0))
    throw new InvalidInput(`the weights of the rows are ${described(weights)}: a list of ${rows} numbers is needed`);
  if (weights.length !== rows)
    throw new InvalidInput(`there are ${weights.length} weights for ${rows} rows: each row needs one`);
  const bad = Array.prototype.findIndex.call(weights, (w) => !(typeof w === 'number' && w >= 0 && w < Infinity));
  if (bad >= 0)
    throw new InvalidInput(
      `the weight of row ${bad} is ${described(weights[bad])}: it says how often the row counts, a finite number from 0 on`,
    );
  const checked = weights instanceof Float64Array ? weights : Float64Array.from(weights);
  const count = countOf({ rows, weights: checked });
  if (count === 0) throw new InvalidInput(`the weights of all ${rows} rows are 0: at least one row must count`);
  if (count > Number.MAX_SAFE_INTEGER)
    throw new InvalidInput(
      `the weights of the rows sum to ${shortNumber(count)}: they say how often each row counts, so divide them`,
    );
  return checked;
}

function convert(table: Table, missing: boolean): Samples {
  if (table === null || typeof table !== 'object') throw new InvalidInput(`a table is needed, not ${table}`);
  if (Array.isArray(table)) {
    const first = missing ? table.find((x) => x !== null && x !== undefined) : table[0];
    return fromRows(typeof first === 'number' ? table.map((x) => [x]) : table, missing);
  }
  if ('get' in table && typeof table.get === 'function') return fromMatrix(table);
  if ('values' in table && 'shape' in table) return fromDataFrame(table, missing);
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

function fromRows(
  rows: readonly ArrayLike<unknown>[],
  missing: boolean,
  name = (column: number): string => `column ${column}`,
): Samples {
  const columns = rows[0]?.length ?? 0;
  const data = new Float64Array(rows.length * columns);
  for (const [i, row] of rows.entries()) {
    if (row?.length !== columns) {
      throw new InvalidInput(
        `row ${i} has ${row?.length ?? 'no'} values, row 0 has ${columns}: all rows need the same number`,
      );
    }
    for (let j = 0; j < columns; j++) {
      const value = missing ? (row[j] ?? Number.NaN) : row[j];
      if (typeof value !== 'number') {
        throw new InvalidInput(
          `row ${i}, ${name(j)} of the table is ${described(value)}: choose columns of numbers only`,
        );
      }
      data[i * columns + j] = value;
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

function fromDataFrame(frame: DataFrameLike, missing: boolean): Samples {
  const values = frame.values as number[][] | number[];
  const rows = frame.columns.length === 1 ? (values as number[]).map((x) => (Array.isArray(x) ? x : [x])) : values;
  return fromRows(rows as number[][], missing, (column) => `column "${frame.columns[column]}"`);
}

function fromFlat({ data, rows, columns, weights }: Extract<Table, { data: unknown }>): Samples {
  if (!Number.isInteger(rows) || !Number.isInteger(columns) || rows * columns !== data.length) {
    throw new InvalidInput(
      `${rows} rows of ${columns} columns need ${rows * columns} values, but data holds ${data.length}`,
    );
  }
  const flat = { data: data instanceof Float64Array ? data : Float64Array.from(data), rows, columns };
  return weights === undefined ? flat : { ...flat, weights: checkedWeights(weights, rows) };
}
