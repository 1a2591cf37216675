import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import { defaultName, type FormatOptions, type TableColumn } from './source';
import { numberReader, type TextNumber } from './text-number';

/** A row of fields and the line in which it begins. */
export interface TextRow {
  readonly fields: readonly string[];
  readonly line: number;
}

/** What the first rows of a text with delimiters say of all of it. */
export interface TextLayout {
  /** whether the first row names the columns */
  readonly header: boolean;
  readonly columns: readonly TableColumn[];
  readonly decimal: '.' | ',';
  /** the number that a cell says */
  readonly numberOf: TextNumber;
  /** what was assumed, in sentences */
  readonly notes: readonly string[];
}

/** In place of a delimiter: runs of spaces and tabs. */
export const SPACES = ' ';

/** Of those that all lines have alike, the first is taken: a comma may also be decimal. */
const DELIMITERS = [';', '\t', '|', ','];

/** Lines that are looked at to see what delimits fields. */
const SAMPLED_LINES = 20;

/**
 * What delimits the fields: a semicolon, tab, bar or comma that all lines have as often as each other; if there is none, the one that the
 * first line has most of; and in .txt and .dat, if there is none either, spaces. What is quoted does not count.
 */
export function delimiterOf(text: string, spaced: boolean): string {
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1 || text.length)
    .replace(/"[^"]*"/g, '""')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, SAMPLED_LINES);
  const counts = DELIMITERS.map((delimiter) => lines.map((line) => line.split(delimiter).length - 1));
  const alike = DELIMITERS.filter((_, i) => isAlike(counts[i]));
  // beside a comma that all lines have alike, another delimiter must make it decimal
  const decimal = (delimiter: string) =>
    lines.some((line) => line.split(delimiter).some((cell) => DECIMAL_COMMA.test(cell.trim())));
  const chosen = alike.find((delimiter) => delimiter === ',' || !alike.includes(',') || decimal(delimiter));
  if (chosen !== undefined) return chosen;
  const most = [',', ...DELIMITERS].reduce((best, one) => (first(one) > first(best) ? one : best));
  return first(most) === 0 && spaced ? SPACES : most;

  function first(delimiter: string): number {
    return counts[DELIMITERS.indexOf(delimiter)][0] ?? 0;
  }
}

/** Whether all lines have as many of a delimiter; a first line of names may be one short, as R's write.table has none for the names of the rows. */
function isAlike([head, ...others]: readonly number[]): boolean {
  return head > 0 && others.every((count) => count === others[0]) && [undefined, head, head + 1].includes(others[0]);
}

/** What the first rows look like, unless the options say it. */
export function layoutOf(first: readonly TextRow[], options: FormatOptions, delimiter: string): TextLayout {
  const { decimal = decimalOf(first.slice(first.length > 1 ? 1 : 0), delimiter), missingCodes } = options;
  const numberOf = numberReader(decimal, missingCodes);
  const rows = withRowNames(first, numberOf);
  const header = options.header ?? isHeader(rows, numberOf);
  const columns = columnsOf(rows, header, numberOf);
  const commas =
    options.decimal === undefined && decimal === ','
      ? ['Numbers are read with decimal commas.']
      : looksLikeCommas(rows, options, delimiter)
        ? [
            "Each line has one comma and no point, which is read as two columns: if the commas are decimal, say so with delimiter: ';'.",
          ]
        : [];
  return { header, columns, decimal, numberOf, notes: commas };
}

const DECIMAL_COMMA = /^[+-]?(\d+|\d{1,3}([. '’\u00a0\u202f]\d{3})+),\d+(e[+-]?\d+)?$/i;
const DECIMAL_POINT = /^[+-]?(\d+|\d{1,3}(,\d{3})+)?\.\d+(e[+-]?\d+)?$/i;
const GROUPED_COMMA = /^[+-]?\d{1,3}(,\d{3})+$/;

/** The decimal mark: a comma where cells have one and none has a point. Between commas, what groups digits by three is thousands. */
function decimalOf(rows: readonly TextRow[], delimiter: string): '.' | ',' {
  const cells = rows.flatMap(({ fields }) => fields.map((field) => field.trim()));
  const commas = cells.filter((cell) => DECIMAL_COMMA.test(cell));
  if (commas.length === 0 || (delimiter === ',' && commas.every((cell) => GROUPED_COMMA.test(cell)))) return '.';
  return cells.some((cell) => DECIMAL_POINT.test(cell) && !/^[+-]?\d{1,3}(\.\d{3})+$/.test(cell)) ? '.' : ',';
}

/** Whether a table without names may be one column of decimal commas: two columns of digits in each line. */
function looksLikeCommas(
  rows: readonly TextRow[],
  { delimiter: given, decimal }: FormatOptions,
  delimiter: string,
): boolean {
  return (
    delimiter === ',' &&
    given === undefined &&
    decimal === undefined &&
    rows.length > 1 &&
    rows
      .slice(1)
      .every(({ fields }) => fields.length === 2 && /^[+-]?\d+$/.test(fields[0]) && /^\d+$/.test(fields[1])) &&
    rows[0].fields.length === 2 &&
    rows[0].fields.every((field) => /^[+-]?\d+$/.test(field))
  );
}

/** R's write.table has no name for the names of the rows, so that the first line is one field shorter than the others. */
function withRowNames([head, ...others]: readonly TextRow[], numberOf: TextNumber): readonly TextRow[] {
  const short =
    others.length > 0 &&
    others.every(({ fields }) => fields.length === head.fields.length + 1) &&
    head.fields.every((field) => numberOf(field) === undefined);
  return [short ? { ...head, fields: ['', ...head.fields] } : head, ...others];
}

/**
 * Whether the first row names the columns: it has text, and either no number or text above numbers.
 * @throws InvalidInput if it can be read both ways: it has text and numbers, or counts, as names of columns that never had one do
 */
function isHeader([{ fields, line }, ...others]: readonly TextRow[], numberOf: TextNumber): boolean {
  const isText = (field: string) => numberOf(field) === undefined;
  const isNumber = (field: string) => Number.isFinite(numberOf(field));
  const which = 'which may be names or a row: give header: true or header: false';
  if (fields[0].trim() === '' && countsRows(others, 0) && fields.slice(1).every((field) => field.trim() !== ''))
    return true;
  if (!fields.some(isText)) {
    const cells = fields.map((field) => field.trim());
    const named = cells[0] === '' ? cells.slice(1) : cells;
    if (isCountOfNames(named) && others.some((row) => !isCount(row.fields)))
      throw new InvalidInput(
        `line ${line} counts (${named.slice(0, 4).join(', ')}${named.length > 4 ? ', …' : ''}), ${which}`,
      );
    return false;
  }
  if (!fields.some(isNumber)) return true;
  if (fields.some((field, j) => isText(field) && others.some((row) => isNumber(row.fields[j] ?? '')))) return true;
  throw new InvalidInput(`line ${line} holds text and numbers, ${which}`);
}

/** Whether cells are integers that count up by one. */
function isCount(cells: readonly string[]): boolean {
  return (
    cells.length > 1 && cells.every((cell, j) => /^\s*\d+\s*$/.test(cell) && Number(cell) === Number(cells[0]) + j)
  );
}

/** Whether cells count as names do: from 0, 1 or a year on, or from anywhere if there are three or more. */
function isCountOfNames(cells: readonly string[]): boolean {
  const from = Number(cells[0]);
  return isCount(cells) && (from <= 1 || (from >= 1900 && from < 2100) || cells.length > 2);
}

/** Whether a column counts the rows, from 0 or 1 on. */
function countsRows(rows: readonly TextRow[], column: number): boolean {
  const from = rows[0]?.fields[column]?.trim();
  return (
    (from === '0' || from === '1') && rows.every(({ fields }, i) => fields[column]?.trim() === String(Number(from) + i))
  );
}

/** Names of columns that programs give to what counts or names the rows. */
const INDEX_NAME = /^(unnamed: ?\d+|index|id|row|row[ _.]?(names?|id|number|index))$/i;

/** Fewer rows than these may count by chance. */
const LEAST_COUNTED = 3;

function columnsOf(first: readonly TextRow[], named: boolean, numberOf: TextNumber): TableColumn[] {
  const rows = first.slice(named ? 1 : 0);
  return first[0].fields.map((field, j) => {
    const name = named ? field.trim().replace(/^#\s*/, '') : '';
    const odd = rows.find(({ fields }) => numberOf(fields[j] ?? '') === undefined);
    const counts = rows.length >= LEAST_COUNTED && countsRows(rows, j);
    const empty = named && name === '' && rows.every(({ fields }) => (fields[j] ?? '').trim() === ''); // after a last delimiter
    const aside = empty
      ? 'is empty and has no name'
      : named && j === 0 && name === '' && odd
        ? 'names the rows'
        : named && counts && ((j === 0 && name === '') || INDEX_NAME.test(name))
          ? 'counts the rows'
          : undefined;
    return {
      name: name || defaultName(j),
      holds: odd && `text (${described(odd.fields[j].trim())} in line ${odd.line})`,
      ...(aside && { aside }),
    };
  });
}
