import { Parser } from 'papaparse';
import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import { cellReader } from './number-bytes';
import type { FormatOptions, TableBlock, TableSource } from './source';
import { breaks, piecesOf } from './text';
import { delimiterOf, layoutOf, SPACES, type TextLayout, type TextRow } from './text-layout';
import { numbersOf } from './text-source';

/** Rows that are looked at to see what the columns hold. */
const SAMPLED_ROWS = 100;

/** A table as text with delimiters. */
export async function csvSource(file: string, options: FormatOptions): Promise<TableSource> {
  const first: TextRow[] = [];
  const given = delimiterGiven(file, options);
  const reader = rowReader(file, given);
  for await (const { taken } of piecesOf(file, reader.take)) {
    first.push(...taken.slice(0, SAMPLED_ROWS));
    if (first.length >= SAMPLED_ROWS) break;
  }
  if (first.length === 0) throw new InvalidInput('holds no rows');
  const delimiter = reader.delimiter();
  const layout = layoutOf(first, options, delimiter ?? ',');
  const { columns, notes, header } = layout;
  return {
    columns,
    notes,
    async *blocks(chosen, label) {
      const { take } = rowReader(file, delimiter);
      const plain = plainReader(layout, delimiter, chosen, label);
      let skip = header;
      const blocks = piecesOf(file, (lines, last, line): { taken: Omit<TableBlock, 'done'>; end: number } => {
        const values = skip ? undefined : plain?.(lines);
        if (values) return { taken: values, end: lines.length };
        const { taken: rows, end } = take(lines, last, line);
        const body = skip ? rows.slice(1) : rows;
        if (rows.length > 0) skip = false;
        return { taken: numbersOf(body, layout, chosen, first[0], label), end };
      });
      for await (const { taken, done } of blocks) yield { ...taken, done };
    },
  };
}

/** The faster reader of lines that hold numbers, unquoted, with decimal points; undefined for tables of other forms. */
function plainReader(
  { columns, decimal, numberOf }: TextLayout,
  delimiter: string | undefined,
  chosen: readonly number[],
  label: number | undefined,
): ReturnType<typeof cellReader> | undefined {
  const byte = delimiter?.charCodeAt(0) ?? NaN;
  const one = delimiter !== SPACES && byte < 128;
  if (!one || decimal === ',' || new Set(chosen).size < chosen.length) return undefined;
  return cellReader({ delimiter: byte, columns: columns.length, chosen, label, numberOf });
}

/** @throws InvalidInput if it is not one character */
function delimiterGiven(file: string, { delimiter }: FormatOptions): string | undefined {
  if (delimiter === undefined) return /\.tsv(\.gz)?$/i.test(file) ? '\t' : undefined;
  if (!/^[^"\r\n]$/u.test(delimiter))
    throw new InvalidInput(`delimiter is ${described(delimiter)}: one character is needed, such as ';'`);
  return delimiter;
}

/** Takes the rows of text from the pieces of a file. Blank lines are left out, unless there is one column: there they are missing values. */
function rowReader(
  file: string,
  given?: string,
): {
  take(lines: Buffer, last: boolean, line: number): { taken: TextRow[]; end: number };
  delimiter(): string | undefined;
} {
  let delimiter = given;
  let columns = 0;
  const spaced = !/\.csv(\.gz)?$/i.test(file);
  const recordsOf = (text: string, last: boolean, line: number): { records: string[][]; end: number } => {
    if (text.trim() === '' && !delimiter)
      return {
        records: text
          .split('\n')
          .slice(1)
          .map(() => ['']),
        end: text.length,
      };
    delimiter ??= delimiterOf(text, spaced);
    if (delimiter === SPACES) return { records: spacedRows(text, line), end: text.length };
    const { data, errors, meta } = new Parser({ delimiter, newline: '\n' }).parse(text, 0, !last);
    // the last row of a piece may be cut off: quotes that do not match yet are not an error
    if (errors.length > 0 && (last || errors.length > 1 || errors[0].row < data.length)) {
      const { row } = errors[0];
      const cut = row >= data.length ? breaks(text, meta.cursor) : data.slice(0, row).reduce(lines, 0);
      throw quotesOf(line + cut);
    }
    return { records: data, end: meta.cursor };
  };
  return {
    delimiter: () => delimiter,
    take(bytes, last, line) {
      const text = bytes.toString();
      const { records, end } = recordsOf(text, last, line);
      const taken: TextRow[] = [];
      let at = line;
      for (const fields of records) {
        const blank = fields.length <= 1 && (fields[0] ?? '').trim() === '';
        if (!blank || columns === 1) taken.push({ fields, line: at });
        if (!blank) columns ||= fields.length;
        at = lines(at, fields);
      }
      return { taken, end: end === text.length ? bytes.length : Buffer.byteLength(text.slice(0, end)) };
    },
  };
}

const quotesOf = (line: number) =>
  new InvalidInput(`in the row that begins in line ${line}, the quotes of a field do not match`);

/** The rows of lines whose fields have spaces between them. Lines that begin with # are comments, but the first of a file. */
function spacedRows(text: string, line: number): string[][] {
  const whole = text.replace(/\n$/, '').split('\n');
  return whole.map((one, i) => {
    const row = line + i === 1 ? one.replace(/^\s*#/, '') : one.replace(/^\s*#.*/, '');
    const fields = row.match(/"(?:[^"]|"")*"|[^\s"]+|"/g) ?? [''];
    if (fields.includes('"')) throw quotesOf(line + i);
    return fields.map((field) => field.replace(/^"(.*)"$/, '$1').replaceAll('""', '"'));
  });
}

/** The line after a row, whose fields may have line breaks. */
function lines(line: number, fields: readonly string[]): number {
  let next = line + 1;
  for (const field of fields) if (field.includes('\n')) next += breaks(field, field.length);
  return next;
}
