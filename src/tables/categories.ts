import { InvalidInput } from '../errors';
import { described, requireOneOf } from '../math/checks';
import { samplesOf } from '../math/table';
import { pause } from '../work/work';
import { shownName } from './address';
import { openSource } from './open-source';
import type { FeatureTable } from './read-table';
import type { RowOptions } from './rows';
import { listed } from './source';
import { numberOfText } from './text-number';

/** What the values of a table's columns are as categories. */
export interface Coding {
  /** the names of the columns that are features */
  readonly names: readonly string[];
  /** of each column of text, its values, each coded by its place; empty for a column of numbers, which are codes already */
  readonly categories: readonly (readonly string[])[];
}

/** A list longer than this is of names, not of categories. */
const MOST_VALUES = 1000;

/**
 * How columns of text in all of some files are coded as categories: by the sorted list of their values.
 * @param files tables of the same columns, their paths or addresses
 * @param options which columns are read, and how
 * @returns the columns' names, and the list of each
 * @throws InvalidInput if the columns differ, or a column of text has more than 1000 values; else as `readTable` does
 * @example
 * import { writeFileSync } from 'node:fs';
 * writeFileSync('shirts.csv', 'colour,size\nred,0\nblue,2\nred,1\n');
 * const coding = await codingOf(['shirts.csv']);
 * coding.categories; // [['blue', 'red'], []]
 */
export async function codingOf(files: readonly string[], options: RowOptions = {}): Promise<Coding> {
  let names: readonly string[] = [];
  const values: Set<string>[] = [];
  for (const [i, file] of files.entries()) {
    const texts = await textsOf(file, options);
    if (i === 0) names = texts.names;
    if (texts.names.join('\n') !== names.join('\n'))
      throw new InvalidInput(
        `${shownName(file)} has the columns ${listed(texts.names)}, but ${shownName(files[0])} has ${listed(names)}`,
      );
    texts.columns.forEach((column, c) => {
      values[c] ??= new Set();
      for (const text of column) if (!isMissing(text)) values[c].add(text);
      if (values[c].size > MOST_VALUES && [...values[c]].some(isText))
        throw new InvalidInput(
          `${shownName(file)}: column ${described(names[c])} has more than ${MOST_VALUES} values, too many for categories: leave it out`,
        );
    });
  }
  return { names, categories: values.map((own) => ([...own].some(isText) ? [...own].sort() : [])) };
}

/**
 * A table whose columns of text are coded as categories.
 * @param file its path, or its address
 * @param coding as `codingOf` or an estimate says
 * @param options which columns and rows are read, and how
 * @returns the codes, row by row
 * @throws InvalidInput if a value is not among the categories, naming it and its row; else as `readTable` does
 * @example
 * import { writeFileSync } from 'node:fs';
 * writeFileSync('shirts.csv', 'colour,size\nred,0\nblue,2\nred,1\n');
 * const shirts = await readCoded('shirts.csv', await codingOf(['shirts.csv']));
 * shirts.data; // [1, 0, 0, 2, 1, 1]
 * fit(shirts, { order: 1, family: 'categorical' }).mixture.family.name; // 'categorical(2,3)'
 */
export async function readCoded(
  file: string,
  coding: Pick<Coding, 'categories'>,
  options: RowOptions = {},
): Promise<FeatureTable> {
  const { categories } = coding;
  const { missing = 'reject' } = options;
  requireOneOf('missing', missing, ['reject', 'drop']);
  const { names, columns } = await textsOf(file, options);
  if (names.length !== categories.length)
    throw new InvalidInput(
      `${shownName(file)} has ${names.length} columns, but ${categories.length} are coded: choose them with --columns`,
    );
  const counts = await weightsIn(file, options);
  const codes = categories.map((list) => new Map(list.map((value, code) => [value, code])));
  const rows = columns[0].length;
  const data: number[] = [];
  const weights: number[] = [];
  const places: number[] = [];
  let droppedRows = 0;
  for (let j = 0; j < rows; j++) {
    const lacking = columns.findIndex((column) => isMissing(column[j]));
    const weight = counts ? numberOfText(counts[j]) : 1;
    const where = () =>
      `${shownName(file)}: row ${j}, column ${described(lacking >= 0 ? names[lacking] : options.weights)} is`;
    if ((lacking >= 0 || Number.isNaN(weight)) && missing === 'reject')
      throw new InvalidInput(`${where()} missing: leave such rows out with missing: 'drop'`);
    if (lacking >= 0 || Number.isNaN(weight)) {
      droppedRows++;
      continue;
    }
    if (!(weight !== undefined && weight >= 0 && weight < Infinity))
      throw new InvalidInput(`${where()} ${described(counts?.[j])}: weights say how often rows count, from 0 on`);
    data.push(...columns.map((column, c) => codeOf(column[j], c, j)));
    weights.push(weight);
    places.push(j);
  }
  if (data.length === 0) throw new InvalidInput(`${shownName(file)}: holds no rows without missing values`);
  const samples = samplesOf(Float64Array.from(data), rows - droppedRows, names.length);
  return Object.assign(samples, {
    names,
    notes: [],
    droppedRows,
    ...(droppedRows > 0 && { places: Int32Array.from(places) }),
    ...(counts && { weights: Float64Array.from(weights) }),
  });

  function codeOf(text: string, c: number, row: number): number {
    const code = categories[c].length > 0 ? codes[c].get(text) : numberOfText(text);
    if (code !== undefined) return code;
    const known = categories[c].length > 0 ? `its categories are ${listed(categories[c])}` : 'its categories are codes';
    throw new InvalidInput(
      `${shownName(file)}: row ${row}, column ${described(names[c])} is ${described(text)}: ${known}`,
    );
  }
}

const isMissing = (text: string): boolean => Number.isNaN(numberOfText(text));
const isText = (text: string): boolean => numberOfText(text) === undefined;

/** The column of weights, as text, if there is to be one. */
async function weightsIn(file: string, { weights, ...options }: RowOptions): Promise<readonly string[] | undefined> {
  if (weights === undefined) return undefined;
  return (await textsOf(file, { ...options, columns: [weights] })).columns[0];
}

/** The columns that the options ask for, all as text. */
async function textsOf(
  file: string,
  { columns: wanted, label, weights, signal, ...options }: RowOptions,
): Promise<{ readonly names: readonly string[]; readonly columns: readonly (readonly string[])[] }> {
  const { source, named, close } = await openSource(file, { ...options, signal });
  try {
    const all = source.columns.map(({ name }) => name);
    const names = wanted ?? all.filter((name) => name !== label && name !== weights);
    const columns: string[][] = [];
    for (const name of names) {
      const at = all.indexOf(name);
      if (at < 0) throw new InvalidInput(`has no column ${described(name)}: its columns are ${listed(all)}`);
      const texts: string[] = [];
      for await (const block of source.blocks([], at)) {
        await pause(signal);
        for (const text of block.labels ?? []) texts.push(text);
      }
      columns.push(texts);
    }
    if (columns.length === 0 || columns[0].length === 0) throw new InvalidInput('holds no rows');
    return { names, columns };
  } catch (error) {
    throw named(error);
  } finally {
    close();
  }
}
