import { InvalidInput } from '../errors';
import { type Samples, samplesOf } from '../math/table';
import { openTable, type RowOptions } from './rows';
import { type Standardisation, standardise } from './standardise';

/** Samples with the names of their columns, and what else a file told of them. */
export interface FeatureTable extends Samples {
  /** of the columns; where the file has none, 'column 0', 'column 1', … */
  readonly names: readonly string[];
  /** the label of each row, where a column of labels was named */
  readonly labels?: readonly string[];
  /** how many rows were left out, as they have missing values */
  readonly droppedRows: number;
  /** how to go back to the file's units, where the columns were standardised */
  readonly standardisation?: Standardisation;
}

export interface TableOptions extends RowOptions {
  /** whether columns are brought to mean 0 and standard deviation 1: not by default */
  readonly standardise?: boolean;
}

/**
 * Reads a table of numbers from a file, of the format that its extension says: .npy, .npz, .csv, .tsv (and .csv.gz,
 * .tsv.gz), .parquet, .arrow, .feather (Arrow's IPC files and streams), .jsonl, .ndjson.
 *
 * Text is UTF-8, with fields in double quotes where need be. The first line of a .csv or .tsv names the columns where it has
 * text and no numbers, or text above numbers; where that does not tell, `header` must. A .csv is delimited by commas, or by
 * semicolons where its first line has more of them. Decimal numbers are rounded correctly. A JSON line is an object or an
 * array. Columns without a name are 'column 0', 'column 1', ….
 *
 * Missing are null, NaN, and in text an empty cell, NA, N/A, NaN, null, None and ?, in any case; a label is missing only where it is
 * empty. Booleans of typed formats are 0 and 1; dates, lists and integers that float64 does not hold exactly are refused. A
 * file is read in blocks (of Parquet, a row group; of Arrow, a record batch), but .npz whole.
 * @throws where the file is no such table, a value is infinite, values are missing, or a chosen column holds no numbers; the
 *   message names the file, and the line or the row, from 0, and column; with the signal's reason when it aborts
 */
export async function readTable(file: string, options: TableOptions = {}): Promise<FeatureTable> {
  const { names, blocks } = await openTable(file, options);
  const parts: Float64Array[] = [];
  const labels: string[] = [];
  let [length, droppedRows] = [0, 0];
  for await (const { data, labels: more, dropped } of blocks()) {
    parts.push(data);
    length += data.length;
    for (const label of more) labels.push(label);
    droppedRows += dropped;
  }
  const data = joined(file, parts, length);
  const table = Object.assign(samplesOf(data, length / names.length, names.length), {
    names,
    ...(options.label !== undefined && { labels }),
    droppedRows,
  });
  if (!options.standardise) return table;
  try {
    return standardise(table);
  } catch (cause) {
    throw new InvalidInput(`${file}: ${(cause as Error).message}`, { cause });
  }
}

function joined(file: string, parts: Float64Array[], length: number): Float64Array {
  let data: Float64Array;
  try {
    data = new Float64Array(length);
  } catch (cause) {
    throw new InvalidInput(`${file}: ${length} values are more than one array holds: split the table with splitTable`, {
      cause,
    });
  }
  let next = 0;
  for (let part = parts.shift(); part; part = parts.shift()) {
    data.set(part, next);
    next += part.length;
  }
  return data;
}
