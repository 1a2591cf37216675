import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import { arrowSource } from './arrow';
import { csvSource } from './csv';
import { jsonLinesSource } from './json-lines';
import { npySource } from './npy';
import { npzSource } from './npz';
import { parquetSource } from './parquet';
import { listed, notNumbers, type SourceOptions, type TableSource } from './source';

/** Which columns and rows of a file are read, and how. */
export interface RowOptions extends SourceOptions {
  /** the names of the columns, in the order wanted: all but the label */
  readonly columns?: readonly string[];
  /** the name of a column of labels, which is no feature */
  readonly label?: string;
  /** what becomes of rows with missing values: 'reject', the default, throws; 'drop' leaves them out */
  readonly missing?: 'reject' | 'drop';
  /** called as the file is read */
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void;
  readonly signal?: AbortSignal;
}

/** Rows without missing values. */
export interface WholeRows {
  readonly rows: number;
  /** rows × columns, row-major */
  readonly data: Float64Array;
  readonly labels: readonly string[];
  /** how many rows were left out */
  readonly dropped: number;
}

export interface OpenTable {
  readonly names: readonly string[];
  blocks(): AsyncGenerator<WholeRows>;
}

const SOURCES: {
  readonly [extension: string]: (file: string, options: SourceOptions) => TableSource | Promise<TableSource>;
} = {
  npy: npySource,
  npz: npzSource,
  csv: csvSource,
  tsv: csvSource,
  'csv.gz': csvSource,
  'tsv.gz': csvSource,
  parquet: parquetSource,
  arrow: arrowSource,
  feather: arrowSource,
  jsonl: jsonLinesSource,
  ndjson: jsonLinesSource,
};

/** So many places of missing values are named. */
const NAMED = 3;

/**
 * Opens a table's file, of the format that its extension says.
 * @throws with the file's name, here or as its blocks are read
 */
export async function openTable(file: string, options: RowOptions): Promise<OpenTable> {
  const { columns, label, missing = 'reject', onProgress, signal } = options;
  if (missing !== 'reject' && missing !== 'drop')
    throw new InvalidInput(`missing is ${described(missing)}: it is 'reject' or 'drop'`);
  const extension = /\.([a-z]+(\.gz)?)$/.exec(String(file).toLowerCase())?.[1] ?? '';
  if (!Object.hasOwn(SOURCES, extension)) {
    throw new InvalidInput(`${file} has none of the extensions of tables: ${Object.keys(SOURCES).join(', ')}`);
  }
  signal?.throwIfAborted();
  const named = (error: unknown): unknown => {
    if (signal?.aborted) return signal.reason;
    const { message } = error as Error;
    // a library that throws another kind met what it did not expect
    const what =
      Object.getPrototypeOf(error) === Error.prototype ? message : `is damaged, or no .${extension} file: ${message}`;
    return new Error(`${file}: ${what}`, { cause: error });
  };
  try {
    const source = await SOURCES[extension](file, options);
    const { chosen, labelled } = choose(source, columns, label);
    const names = chosen.map((j) => source.columns[j].name);
    const { size } = statSync(file);
    return {
      names,
      async *blocks() {
        const check = checker(names, missing === 'drop');
        try {
          for await (const block of source.blocks(chosen, labelled)) {
            await setImmediate(); // events have their turn, and may abort
            signal?.throwIfAborted();
            const rows = check.whole(block.data, labelled === undefined ? undefined : block.labels);
            onProgress?.(Math.floor(block.done * size), size);
            if (rows.rows + rows.dropped > 0) yield rows;
          }
          check.end();
        } catch (error) {
          throw named(error);
        }
      },
    };
  } catch (error) {
    throw named(error);
  }
}

function choose({ columns }: TableSource, wanted?: readonly string[], label?: string) {
  const names = columns.map(({ name }) => name);
  const twice = names.find((name, j) => names.indexOf(name) !== j);
  if (twice !== undefined) throw new InvalidInput(`two columns are named ${described(twice)}: rename one`);
  const indexOf = (name: string) => {
    const index = names.indexOf(name);
    if (index < 0) throw new InvalidInput(`has no column ${described(name)}: its columns are ${listed(names)}`);
    return index;
  };
  const labelled = label === undefined ? undefined : indexOf(label);
  if (labelled !== undefined && !columns[labelled].labels) {
    throw new InvalidInput(`column ${described(label)} holds ${columns[labelled].holds}: labels are text or numbers`);
  }
  const chosen = wanted?.map(indexOf) ?? names.flatMap((_, j) => (j === labelled ? [] : [j]));
  if (chosen.length === 0) throw new InvalidInput('no column is chosen: a table needs at least one');
  for (const j of chosen) {
    const { holds } = columns[j];
    if (holds !== undefined) throw notNumbers(columns, j, holds);
  }
  return { chosen, labelled };
}

/** Leaves out rows with missing values, or counts them; keeps account over all blocks. */
function checker(names: readonly string[], drop: boolean) {
  const d = names.length;
  const places: string[] = [];
  let [seen, missing] = [0, 0];
  const lacks = (data: Float64Array, i: number, labels?: readonly string[]): string | undefined => {
    let lacking: string | undefined = labels?.[i] === '' ? 'the label' : undefined;
    for (let j = 0; j < d; j++) {
      const value = data[i * d + j];
      if (value - value === 0) continue;
      const column = `column ${JSON.stringify(names[j])}`;
      if (!Number.isNaN(value))
        throw new InvalidInput(`row ${seen + i}, ${column} is ${value}: only finite numbers are read`);
      lacking ??= column;
    }
    return lacking;
  };
  return {
    /** The whole rows of a block, whose data are moved together; none any more once they are to be rejected. */
    whole(data: Float64Array, labels?: readonly string[]): WholeRows {
      const count = data.length / d;
      const kept: string[] = [];
      let rows = 0;
      for (let i = 0; i < count; i++) {
        const lacking = lacks(data, i, labels);
        if (lacking === undefined) {
          if (rows < i) data.copyWithin(rows * d, i * d, (i + 1) * d);
          rows++;
          if (labels) kept.push(labels[i]);
        } else if (missing++ < NAMED) places.push(`row ${seen + i}, ${lacking}`);
      }
      seen += count;
      if (missing > 0 && !drop) return { rows: 0, data: data.subarray(0, 0), labels: [], dropped: 0 };
      return { rows, data: rows < count ? data.slice(0, rows * d) : data, labels: kept, dropped: count - rows };
    },
    /** @throws where nothing is left, or rows were to be rejected */
    end(): void {
      if (seen === 0) throw new InvalidInput('holds no rows');
      const where = `(${places.join('; ')}${missing > NAMED ? '; …' : ''}; rows count from 0)`;
      if (missing === seen)
        throw new InvalidInput(`all ${seen} rows have missing values ${where}: choose other columns`);
      if (missing > 0 && !drop) {
        throw new InvalidInput(
          `${missing} of ${seen} rows have missing values ${where}: ` +
            `leave them out with missing: 'drop', or choose other columns`,
        );
      }
    },
  };
}
