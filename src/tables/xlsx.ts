import { readFileSync } from 'node:fs';
import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import { need } from '../registry/packages';
import { type FormatOptions, listed, type TableSource } from './source';
import { sourceOfRows } from './text-source';

/** What is used of the package xlsx. */
interface Xlsx {
  read(
    data: Uint8Array,
    options: { readonly dense: boolean; readonly cellDates: boolean },
  ): {
    readonly SheetNames: readonly string[];
    readonly Sheets: { readonly [name: string]: unknown };
  };
  readonly utils: {
    sheet_to_json(
      sheet: unknown,
      options: { readonly header: 1; readonly raw: boolean; readonly defval: string },
    ): unknown[][];
  };
}

/** A sheet of a workbook, read whole: the one that is named, or the first. Its first row names the columns as that of a text does. */
export function xlsxSource(file: string, options: FormatOptions): TableSource {
  need('is a workbook, which', ['xlsx'], ', or export the sheet as .csv');
  const { read, utils }: Xlsx = require('xlsx');
  const { SheetNames: names, Sheets: sheets } = read(readFileSync(file), { dense: true, cellDates: true });
  const name = options.member ?? names[0];
  if (!names.includes(name)) throw new InvalidInput(`has no sheet ${described(name)}: its sheets are ${listed(names)}`);
  const rows = utils.sheet_to_json(sheets[name], { header: 1, raw: true, defval: '' });
  const width = Math.max(...rows.map((row) => row.length));
  const texts = rows.map((row) => Array.from({ length: width }, (_, j) => textOf(row[j])));
  const others =
    names.length > 1 && options.member === undefined
      ? [`Of ${names.length} sheets ${described(name)} is read: member names another.`]
      : [];
  return sourceOfRows(texts, { ...options, decimal: '.' }, others);
}

const textOf = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value ?? ''));
