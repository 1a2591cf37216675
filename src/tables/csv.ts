import { Parser } from 'papaparse';
import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import type { FormatOptions, TableSource } from './source';
import { breaks, piecesOf } from './text';
import { delimiterOf, layoutOf, SPACES, type TextRow } from './text-layout';
import { numbersOf } from './text-source';

/** Rows that are looked at to see what the columns hold. */
const SAMPLED_ROWS = 100;

/** A table as text with delimiters. */
export async function csvSource(file: string, options: FormatOptions): Promise<TableSource> {
  const first: TextRow[] = [];
  let delimiter = delimiterGiven(file, options);
  for await (const rows of rowsOf(file, delimiter)) {
    ({ delimiter } = rows);
    first.push(...rows.rows.slice(0, SAMPLED_ROWS));
    if (first.length >= SAMPLED_ROWS) break;
  }
  if (first.length === 0) throw new InvalidInput('holds no rows');
  const layout = layoutOf(first, options, delimiter ?? ',');
  const { columns, notes, header } = layout;
  return {
    columns,
    notes,
    async *blocks(chosen, label) {
      let skip = header;
      for await (const { rows, done } of rowsOf(file, delimiter)) {
        const body = skip ? rows.slice(1) : rows;
        if (rows.length > 0) skip = false;
        yield { ...numbersOf(body, layout, chosen, first[0], label), done };
      }
    },
  };
}

/** @throws InvalidInput if it is not one character */
function delimiterGiven(file: string, { delimiter }: FormatOptions): string | undefined {
  if (delimiter === undefined) return /\.tsv(\.gz)?$/i.test(file) ? '\t' : undefined;
  if (!/^[^"\r\n]$/u.test(delimiter))
    throw new InvalidInput(`delimiter is ${described(delimiter)}: one character is needed, such as ';'`);
  return delimiter;
}

/** The rows of a file, a piece of it at a time. Blank lines are left out, unless there is one column: there they are missing values. */
async function* rowsOf(
  file: string,
  given?: string,
): AsyncGenerator<{ rows: TextRow[]; done: number; delimiter: string | undefined }> {
  let delimiter = given;
  let columns = 0;
  const spaced = !/\.csv(\.gz)?$/i.test(file);
  const pieces = piecesOf(file, (text, last, line) => {
    if (text.trim() === '' && !delimiter)
      return {
        records: text
          .split('\n')
          .slice(1)
          .map(() => ['']),
        end: text.length,
      };
    delimiter ??= delimiterOf(text, spaced);
    if (delimiter === SPACES) return spacedRows(text, last, line);
    const { data, errors, meta } = new Parser({ delimiter, newline: '\n' }).parse(text, 0, !last);
    // the last row of a piece may be cut off: quotes that do not match yet are not an error
    if (errors.length > 0 && (last || errors.length > 1 || errors[0].row < data.length)) {
      const { row } = errors[0];
      const cut = row >= data.length ? breaks(text, meta.cursor) : data.slice(0, row).reduce(lines, 0);
      throw quotesOf(line + cut);
    }
    return { records: data, end: meta.cursor };
  });
  for await (const { records, line, done } of pieces) {
    const rows: TextRow[] = [];
    let at = line;
    for (const fields of records) {
      const blank = fields.length <= 1 && (fields[0] ?? '').trim() === '';
      if (!blank || columns === 1) rows.push({ fields, line: at });
      if (!blank) columns ||= fields.length;
      at = lines(at, fields);
    }
    yield { rows, done, delimiter };
  }
}

const quotesOf = (line: number) =>
  new InvalidInput(`in the row that begins in line ${line}, the quotes of a field do not match`);

/** The rows of whole lines whose fields have spaces between them. Lines that begin with # are comments, but the first of a file. */
function spacedRows(text: string, last: boolean, line: number): { records: string[][]; end: number } {
  const end = last ? text.length : text.lastIndexOf('\n') + 1;
  const whole = text.slice(0, end).replace(/\n$/, '').split('\n');
  const records = whole.map((one, i) => {
    const row = line + i === 1 ? one.replace(/^\s*#/, '') : one.replace(/^\s*#.*/, '');
    const fields = row.match(/"(?:[^"]|"")*"|[^\s"]+|"/g) ?? [''];
    if (fields.includes('"')) throw quotesOf(line + i);
    return fields.map((field) => field.replace(/^"(.*)"$/, '$1').replaceAll('""', '"'));
  });
  return { records: end === 0 ? [] : records, end };
}

/** The line after a row, whose fields may have line breaks. */
function lines(line: number, fields: readonly string[]): number {
  let next = line + 1;
  for (const field of fields) if (field.includes('\n')) next += breaks(field, field.length);
  return next;
}
