import { InvalidInput } from '../errors';
import { type Samples, samplesOf } from '../math/table';
import { shownName } from './address';
import { fileError } from './file-error';
import { openTable, type RowOptions } from './rows';
import { type Standardisation, standardise } from './standardise';

/** Samples with the names of their columns, and what else their file says of them. */
export interface FeatureTable extends Samples {
  /** of the columns: 'column 0', 'column 1', … if the file has none */
  readonly names: readonly string[];
  /** the label of each row, if a column of labels was named */
  readonly labels?: readonly string[];
  /** rows that were left out because of missing values; with `missing: 'em'` none are, and their cells are NaN */
  readonly droppedRows: number;
  /** the place in the file, from 0, of each row, if rows were left out */
  readonly places?: Int32Array;
  /** what was assumed of the file, in sentences */
  readonly notes: readonly string[];
  /** how to go back to the file's units, if the columns were standardised */
  readonly standardisation?: Standardisation;
}

/** How a table is read. */
export interface TableOptions extends RowOptions {
  /**
   * whether columns are brought to mean 0 and standard deviation 1
   * @defaultValue false
   */
  readonly standardise?: boolean;
}

/**
 * Reads a table of numbers from a file, of the format that its ending says: .npy, .npz, .csv, .tsv (and .csv.gz, .tsv.gz), .parquet,
 * .arrow, .feather (Arrow's IPC files and streams), .jsonl, .ndjson, .txt, .dat, .xlsx (where the package xlsx is installed), and those that `registerTableFormat` added.
 *
 * Text is UTF-8, with fields in double quotes if need be, delimited by commas, semicolons, tabs or bars, whichever the first line has most of; in
 * .txt and .dat also by spaces. The first line names the columns if it has text and no numbers, or text above numbers; if it counts (0, 1, 2 or
 * 2019, 2020), or has text and numbers, `header` must say. Numbers have decimal commas where cells have a comma and none has a point; digits may
 * be grouped by three. Decimal numbers are rounded correctly. A column that only counts or names the rows is no feature unless it is chosen.
 * What was assumed is in `notes`. A JSON line is an object or an array.
 *
 * The column that `weights` names says how often each row counts; it goes with the table, to `fit` and `standardise`.
 *
 * Missing values are null, NaN, and in text an empty cell, NA, N/A, NaN, null, None and ?, in any case; a label is missing only if it is
 * empty. Booleans of typed formats are 0 and 1. Dates, lists and integers that float64 does not hold exactly are refused. A file is read in
 * blocks (of Parquet, a row group; of Arrow, a record batch), but .npz whole.
 *
 * At an http or https address, of a Parquet file only the columns wanted are read, if the server gives parts of files (byte ranges); its
 * ETag, or else its time, is compared, so that all parts are of one version. Files of other formats, of up to 8 GiB, are downloaded for as long as they are read.
 * Presigned addresses make it work for buckets of S3, Google and Azure; nothing after the ? of an address is ever shown.
 * @param file its path, or its address
 * @param options which columns and rows are read, and how; progress counts bytes, of a
 *   download in the stage 'downloading'
 * @returns the columns in the order wanted, row-major, with their names
 * @throws InvalidInput if the file is missing or is not such a table, a value is infinite, values are missing, or a chosen column does not
 *   hold numbers; DamagedFile if it is damaged or of another format; BeyondFloat64 if float64 does not hold an integer. The message names the
 *   file, and the line, or the row, from 0, and the column. With the signal's reason when it aborts
 * @example
 * const columns = ['bill_length_mm', 'flipper_length_mm'];
 * const penguins = await readTable('data/penguins.csv', { columns, label: 'species', missing: 'drop' });
 * [penguins.rows, penguins.columns]; // [342, 2]
 * penguins.labels?.[0]; // 'Adelie'
 */
export async function readTable(file: string, options: TableOptions = {}): Promise<FeatureTable> {
  const { names, notes, blocks, close } = await openTable(file, options);
  const parts: Float64Array[] = [];
  const labels: string[] = [];
  const counts: Float64Array[] = [];
  const kept: Int32Array[] = [];
  let [length, droppedRows] = [0, 0];
  try {
    for await (const { data, labels: more, weights, dropped, places } of blocks()) {
      parts.push(data);
      length += data.length;
      if (weights) counts.push(weights);
      for (const label of more) labels.push(label);
      droppedRows += dropped;
      kept.push(places);
    }
  } finally {
    close();
  }
  const data = joined(file, parts, length);
  const rows = length / names.length;
  const weights = options.weights === undefined ? undefined : joined(file, counts, rows);
  const table = Object.assign(samplesOf(data, rows, names.length, weights), {
    names,
    ...(options.label !== undefined && { labels }),
    droppedRows,
    ...(droppedRows > 0 && { places: Int32Array.from(kept.flatMap((places) => [...places])) }),
    notes,
  });
  if (!options.standardise) return table;
  try {
    return standardise(table, options.missing === 'em' ? { missing: 'em' } : {});
  } catch (cause) {
    throw fileError(file, cause);
  }
}

function joined(file: string, parts: Float64Array[], length: number): Float64Array {
  let data: Float64Array;
  try {
    data = new Float64Array(length);
  } catch (cause) {
    const name = shownName(file);
    throw new InvalidInput(`${name}: ${length} values are more than one array holds: split the table with splitTable`, {
      cause,
    });
  }
  let next = 0;
  // parts are let go as they are copied: the table is in memory once, not twice
  for (let part = parts.shift(); part; part = parts.shift()) {
    data.set(part, next);
    next += part.length;
  }
  return data;
}
