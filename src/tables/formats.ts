import { statSync } from 'node:fs';
import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import { type RegisterOptions, registryOf } from '../registry/registry';
import { pathOf, shownName } from './address';
import { arrowSource } from './arrow';
import { csvSource } from './csv';
import { jsonLinesSource } from './json-lines';
import { npySource } from './npy';
import { npzSource } from './npz';
import { parquetSource } from './parquet';
import type { TableFormat } from './source';
import { xlsxSource } from './xlsx';

const BUILT_IN: readonly TableFormat[] = [
  { name: 'npy', endings: ['.npy'], open: npySource },
  { name: 'npz', endings: ['.npz'], open: npzSource },
  { name: 'csv', endings: ['.csv', '.tsv', '.csv.gz', '.tsv.gz'], open: csvSource },
  { name: 'txt', endings: ['.txt', '.dat', '.txt.gz', '.dat.gz'], open: csvSource },
  { name: 'xlsx', endings: ['.xlsx'], open: xlsxSource },
  { name: 'parquet', endings: ['.parquet'], open: parquetSource, addresses: true },
  { name: 'arrow', endings: ['.arrow', '.feather'], open: arrowSource },
  { name: 'json-lines', endings: ['.jsonl', '.ndjson'], open: jsonLinesSource },
];

/** The formats of tables, by name. */
export const tableFormats = registryOf<TableFormat>(
  'table format',
  Object.fromEntries(BUILT_IN.map((format) => [format.name, format])),
);

const all = () => tableFormats.names().map(tableFormats.get);

/** A dot and letters or digits, once or more. */
const ENDING = /^(\.[\p{L}\p{N}_-]+)+$/u;

/**
 * Registers a format of tables: `readTable`, `splitTable` and the commands then read files of its endings as they do built-in ones.
 * Threads and commands have it if a module registers it (`loadModule`, `--module`).
 * @param format its name, the endings of its files and how to open one
 * @param options `replace: true` takes the place of a format of the same name, as when a cell is run again
 * @throws InvalidInput if the name or an ending is taken, or the format is incomplete
 * @example
 * import { readFileSync, writeFileSync } from 'node:fs';
 * // files of one column: a number in each line
 * registerTableFormat({
 *   name: 'lines',
 *   endings: ['.lines'],
 *   open(file) {
 *     const data = Float64Array.from(readFileSync(file, 'utf8').trim().split('\n'), Number);
 *     return {
 *       columns: [{ name: 'value' }],
 *       *blocks() {
 *         yield { rows: data.length, data, done: 1 };
 *       },
 *     };
 *   },
 * });
 * writeFileSync('heights.lines', '1.7\n1.8\n');
 * (await readTable('heights.lines')).data; // [1.7, 1.8]
 */
export function registerTableFormat(format: TableFormat, options: RegisterOptions = {}): void {
  const { name, endings, open } = format;
  if (!Array.isArray(endings) || endings.length === 0 || !endings.every((ending) => ENDING.test(ending)))
    throw new InvalidInput(`the endings of a table format are ${described(endings)}: give a list like ['.csv']`);
  if (typeof open !== 'function')
    throw new InvalidInput(`open is ${described(open)}: it is a function from a file's name to its table`);
  const lower = endings.map((ending) => ending.toLowerCase());
  const others = all().filter((other) => other.name.toLowerCase() !== String(name).toLowerCase());
  for (const ending of lower) {
    const owner = others.find((other) => other.endings.includes(ending));
    if (owner)
      throw new InvalidInput(
        `files that end in ${ending} are read as ${owner.name} already: choose another ending, or replace the format ${owner.name}`,
      );
  }
  tableFormats.register(name, { ...format, endings: lower }, options);
}

/**
 * The format that the end of a file's name says.
 * @throws InvalidInput if no format has that ending
 */
export function formatOf(file: string): TableFormat {
  return byEnding(file).format;
}

/**
 * The format that the end of a file's name says, and that end.
 * @throws InvalidInput if no format has that ending
 */
export function byEnding(file: string): { readonly format: TableFormat; readonly ending: string } {
  const lower = pathOf(String(file)).toLowerCase();
  const fitting = all().flatMap((format) =>
    format.endings.filter((ending) => lower.endsWith(ending)).map((ending) => ({ format, ending })),
  );
  const [best] = fitting.sort((a, b) => b.ending.length - a.ending.length);
  if (best) return best;
  if (statSync(String(file), { throwIfNoEntry: false })?.isDirectory())
    throw new InvalidInput(`${file} is a folder: give its tables, such as ${file}/*.csv`);
  const endings = all().flatMap((format) => format.endings);
  throw new InvalidInput(`${shownName(String(file))} has none of the endings of tables: ${endings.join(', ')}`);
}
