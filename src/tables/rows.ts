import { InvalidInput } from '../errors';
import { described, requireOneOf } from '../math/checks';
import { countOf } from '../math/table';
import { pause, type WorkOptions } from '../work/work';
import { type OpenSource, openSource } from './open-source';
import { type FormatOptions, listed, notNumbers, type TableBlock, type TableColumn, type TableSource } from './source';

/** Which columns and rows of a file are read, and how. Progress has the stage 'reading' and counts bytes. */
export interface RowOptions extends FormatOptions, WorkOptions {
  /**
   * the names of the columns wanted, in the order wanted
   * @defaultValue all but the label, the weights, and a column that only counts or names the rows
   */
  readonly columns?: readonly string[];
  /**
   * the name of a column of labels, which is not a feature
   * @defaultValue rows have no labels
   */
  readonly label?: string;
  /**
   * the name of a column that says how often each row counts, from 0 on, which is not a feature
   * @defaultValue every row counts once
   */
  readonly weights?: string;
  /**
   * what is done about rows with missing values: 'reject' throws, 'drop' leaves them out, 'em' keeps them, with NaN, for Gaussian fits
   * with `missing: 'em'`; a label that is missing is then ''
   * @defaultValue 'reject'
   */
  readonly missing?: 'reject' | 'drop' | 'em';
}

/** Rows without missing values, or with NaN in their place. */
export interface WholeRows {
  readonly rows: number;
  /** rows × columns, row-major */
  readonly data: Float64Array;
  readonly labels: readonly string[];
  /** how often each row counts, if a column says so */
  readonly weights?: Float64Array;
  /** how many rows were left out */
  readonly dropped: number;
  /** the place in the file, from 0, of each row */
  readonly places: Int32Array;
}

/** A table whose columns are chosen, to be read block by block. Whoever opens it closes it. */
export interface OpenTable {
  readonly names: readonly string[];
  /** what was assumed of the file, in sentences */
  readonly notes: readonly string[];
  blocks(): AsyncGenerator<WholeRows>;
  close(): void;
}

/** Places of missing values that an error names. */
const NAMED_PLACES = 3;

/**
 * Opens a table's file, of the format that its ending says.
 * @param file its path, or its address
 * @throws InvalidInput, DamagedFile or BeyondFloat64 with the file's name, here or as its blocks are read; the signal's reason when it aborts
 */
export async function openTable(file: string, options: RowOptions): Promise<OpenTable> {
  requireOneOf('missing', options.missing ?? 'reject', ['reject', 'drop', 'em']);
  return numbersOf(await openSource(file, options), options);
}

/**
 * The table of an open source, whose columns are chosen; it is closed if they cannot be.
 * @throws as `openTable` does
 */
export function numbersOf({ source, size, named, close }: OpenSource, options: RowOptions): OpenTable {
  const { weights, missing = 'reject', missingCodes = [], onProgress, signal } = options;
  try {
    const { chosen, labelled, weighing, notes } = choose(source, options);
    const names = chosen.map((j) => source.columns[j].name);
    const read = weighing === undefined ? chosen : [...chosen, weighing];
    const namesRead = weights === undefined ? names : [...names, weights];
    return {
      names,
      notes: [...(source.notes ?? []), ...notes],
      close,
      async *blocks() {
        const check = checker(namesRead, weights, missing);
        let count = 0;
        try {
          for await (const given of source.blocks(read, labelled)) {
            await pause(signal);
            requireWholeBlock(given, read.length, labelled !== undefined);
            blankCodes(given.data, missingCodes);
            const rows = check.whole(given.data, labelled === undefined ? undefined : given.labels);
            onProgress?.({ stage: 'reading', done: Math.floor(given.done * size), total: size });
            if (rows.rows + rows.dropped === 0) continue;
            const block = weights === undefined ? rows : weighted(rows, names.length);
            count += countOf(block);
            yield block;
          }
          check.end();
          if (count === 0)
            throw new InvalidInput(`column ${described(weights)} is 0 in all rows: at least one must count`);
        } catch (error) {
          throw named(error);
        }
      },
    };
  } catch (error) {
    close();
    throw named(error);
  }
}

/** @throws InvalidInput if a format, perhaps one that a user registered, does not answer as the contract says */
function requireWholeBlock({ rows, data, labels }: TableBlock, columns: number, labelled: boolean): void {
  if (data.length !== rows * columns)
    throw new InvalidInput(`the format gave ${data.length} values for ${rows} rows × ${columns} columns`);
  if (labelled && labels?.length !== rows)
    throw new InvalidInput(`the format gave ${labels?.length ?? 0} labels for ${rows} rows`);
}

/** Makes values that stand for a missing one NaN. Texts that do were seen by the format. */
function blankCodes(data: Float64Array, codes: readonly string[]): void {
  const numbers = codes
    .map((code) => (code.trim() === '' ? Number.NaN : Number(code)))
    .filter((code) => !Number.isNaN(code));
  if (numbers.length === 0) return;
  for (let i = 0; i < data.length; i++) if (numbers.includes(data[i])) data[i] = Number.NaN;
}

/**
 * The places of the columns that the options choose.
 * @param texts whether features may be text
 */
export function choose(
  { columns }: Pick<TableSource, 'columns'>,
  { columns: wanted, label, weights }: Pick<RowOptions, 'columns' | 'label' | 'weights'>,
  { texts = false }: { readonly texts?: boolean } = {},
): {
  readonly chosen: readonly number[];
  readonly labelled: number | undefined;
  readonly weighing: number | undefined;
  readonly notes: readonly string[];
} {
  const names = columns.map(({ name }) => name);
  const indexOf = (name: string) => placeOf({ columns }, name);
  const labelled = label === undefined ? undefined : indexOf(label);
  if (labelled !== undefined && columns[labelled].holds?.startsWith('text') === false) {
    throw new InvalidInput(`column ${described(label)} holds ${columns[labelled].holds}: labels are text or numbers`);
  }
  const weighing = weights === undefined ? undefined : indexOf(weights);
  if (weighing !== undefined && (weighing === labelled || wanted?.includes(names[weighing])))
    throw new InvalidInput(
      `column ${described(weights)} is to be the weights of the rows, so it is no ${weighing === labelled ? 'label' : 'feature'}`,
    );
  const features = names.flatMap((_, j) => (j === labelled || j === weighing ? [] : [j]));
  const proper = features.filter((j) => asideOf(columns[j]) === undefined);
  const chosen = wanted?.map(indexOf) ?? (proper.length > 0 ? proper : features);
  for (const j of chosen) indexOf(names[j]);
  const left = wanted || proper.length === 0 ? [] : features.filter((j) => !proper.includes(j));
  const notes = left.map(
    (j) =>
      `Column ${described(names[j])} ${asideOf(columns[j])}, so it is no feature: choose the columns if it is one.`,
  );
  if (chosen.length === 0) throw new InvalidInput('no column is chosen: a table needs at least one');
  for (const j of weighing === undefined ? chosen : [...chosen, weighing]) {
    const { holds } = columns[j];
    if (holds !== undefined && !(texts && j !== weighing && holds.startsWith('text')))
      throw notNumbers(columns, j, holds);
  }
  return { chosen, labelled, weighing, notes };
}

/**
 * The place of the column of a name.
 * @throws InvalidInput if there is none, or there are several
 */
export function placeOf({ columns }: Pick<TableSource, 'columns'>, name: string): number {
  const names = columns.map((column) => column.name);
  const index = names.indexOf(name);
  if (index < 0) throw new InvalidInput(`has no column ${described(name)}: its columns are ${listed(names)}`);
  if (names.indexOf(name, index + 1) >= 0)
    throw new InvalidInput(`two columns are named ${described(name)}: rename one`);
  return index;
}

/** Why a column is no feature unless it is chosen; pandas gives its index a name of its own. */
const asideOf = ({ name, aside }: TableColumn): string | undefined =>
  aside ?? (/^__index_level_\d+__$/.test(name) ? 'is the index that pandas wrote' : undefined);

/** The rows of d features and their weights, which come as one more column. */
function weighted({ data, rows, ...others }: WholeRows, columns: number): WholeRows {
  return {
    ...others,
    rows,
    data: Float64Array.from({ length: rows * columns }, (_, i) => data[i + Math.floor(i / columns)]),
    weights: Float64Array.from({ length: rows }, (_, j) => data[j * (columns + 1) + columns]),
  };
}

/** Leaves out rows with missing values, counts them, or keeps them, over all blocks. The last column is that of the weights, if one is. */
function checker(names: readonly string[], weights: string | undefined, policy: NonNullable<RowOptions['missing']>) {
  const d = names.length;
  const places: string[] = [];
  let [seen, missing] = [0, 0];
  const lacks = (data: Float64Array, i: number, labels?: readonly string[]): string | undefined => {
    let lacking: string | undefined = labels?.[i] === '' ? 'the label' : undefined;
    for (let j = 0; j < d; j++) {
      const value = data[i * d + j];
      const negative = value < 0 && names[j] === weights;
      if (value - value === 0 && !negative) continue;
      const column = `column ${JSON.stringify(names[j])}`;
      if (policy === 'em' && Number.isNaN(value) && names[j] === weights)
        throw new InvalidInput(`row ${seen + i}, ${column} is missing: how often a row counts must be known`);
      if (!Number.isNaN(value))
        throw new InvalidInput(
          `row ${seen + i}, ${column} is ${value}: ${negative ? 'weights say how often rows count, from 0 on' : 'only finite numbers are read'}`,
        );
      lacking ??= column;
    }
    return lacking;
  };
  return {
    /** The rows of a block without missing values, moved together in its data; none once rows are to be rejected. */
    whole(data: Float64Array, labels?: readonly string[]): WholeRows {
      const count = data.length / d;
      const kept: string[] = [];
      const at = new Int32Array(count);
      let rows = 0;
      for (let i = 0; i < count; i++) {
        const lacking = lacks(data, i, labels);
        if (lacking === undefined || policy === 'em') {
          if (rows < i) data.copyWithin(rows * d, i * d, (i + 1) * d);
          at[rows++] = seen + i;
          if (labels) kept.push(labels[i]);
        } else if (missing++ < NAMED_PLACES) places.push(`row ${seen + i}, ${lacking}`);
      }
      seen += count;
      const none = missing > 0 && policy === 'reject';
      if (none) return { rows: 0, data: data.subarray(0, 0), labels: [], dropped: 0, places: at.subarray(0, 0) };
      const whole = rows < count ? data.slice(0, rows * d) : data;
      return { rows, data: whole, labels: kept, dropped: count - rows, places: at.subarray(0, rows) };
    },
    /** @throws InvalidInput if no row is left, or rows were to be rejected */
    end(): void {
      if (seen === 0) throw new InvalidInput('holds no rows');
      const where = `(${places.join('; ')}${missing > NAMED_PLACES ? '; …' : ''}; rows count from 0)`;
      if (missing === seen)
        throw new InvalidInput(`all ${seen} rows have missing values ${where}: choose other columns`);
      if (missing > 0 && policy === 'reject') {
        throw new InvalidInput(
          `${missing} of ${seen} rows have missing values ${where}: ` +
            `leave them out with missing: 'drop', fit Gaussians to what they hold with missing: 'em', or choose other columns`,
        );
      }
    },
  };
}
