import { Parser } from 'papaparse';
import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import {
  defaultName,
  type FormatOptions,
  notNumbers,
  type TableBlock,
  type TableColumn,
  type TableSource,
} from './source';
import { breaks, piecesOf } from './text';
import { numberOfText } from './text-number';

/** Rows that are looked at to see what the columns hold. */
const SAMPLED_ROWS = 100;

/** A row of fields and the line in which it begins. */
interface Row {
  readonly fields: readonly string[];
  readonly line: number;
}

/** A table as text with delimiters: a tab in .tsv; in .csv a comma, or a semicolon if the first line has more of these. */
export async function csvSource(file: string, { header }: FormatOptions): Promise<TableSource> {
  const delimiter = /\.tsv(\.gz)?$/i.test(file) ? '\t' : undefined;
  const first: Row[] = [];
  for await (const rows of rowsOf(file, delimiter)) {
    first.push(...rows.rows.slice(0, SAMPLED_ROWS));
    if (first.length >= SAMPLED_ROWS) break;
  }
  if (first.length === 0) throw new InvalidInput('holds no rows');
  const named = header ?? isHeader(first);
  const columns = describe(first, named);
  return {
    columns,
    async *blocks(chosen, label) {
      let skip = named;
      for await (const { rows, done } of rowsOf(file, delimiter)) {
        const body = skip ? rows.slice(1) : rows;
        if (rows.length > 0) skip = false;
        yield { ...numbersOf(body, columns, chosen, first[0], label), done };
      }
    },
  };
}

function numbersOf(
  rows: readonly Row[],
  columns: readonly TableColumn[],
  chosen: readonly number[],
  first: Row,
  label?: number,
): Omit<TableBlock, 'done'> {
  const data = new Float64Array(rows.length * chosen.length);
  let next = 0;
  for (const row of rows) {
    const { fields } = row;
    if (fields.length !== columns.length) throw ragged(row, first);
    for (const j of chosen) {
      const number = numberOfText(fields[j]);
      if (number === undefined) throw notNumbers(columns, j, textOf(row, j));
      data[next++] = number;
    }
  }
  return { rows: rows.length, data, labels: label === undefined ? [] : rows.map(({ fields }) => fields[label].trim()) };
}

/** The rows of a file, a piece of it at a time. Blank lines are left out, unless there is one column: there they are missing values. */
async function* rowsOf(file: string, given?: string): AsyncGenerator<{ rows: Row[]; done: number }> {
  let delimiter = given;
  let columns = 0;
  const pieces = piecesOf(file, (text, last, line) => {
    delimiter ??= delimiterOf(text);
    const { data, errors, meta } = new Parser({ delimiter, newline: '\n' }).parse(text, 0, !last);
    // the last row of a piece may be cut off: quotes that do not match yet are not an error
    if (errors.length > 0 && (last || errors.length > 1 || errors[0].row < data.length)) {
      const { row } = errors[0];
      const cut = row >= data.length ? breaks(text, meta.cursor) : data.slice(0, row).reduce(lines, 0);
      throw new InvalidInput(`in the row that begins in line ${line + cut}, the quotes of a field do not match`);
    }
    return { records: data, end: meta.cursor };
  });
  for await (const { records, line, done } of pieces) {
    const rows: Row[] = [];
    let at = line;
    for (const fields of records) {
      columns ||= fields.length;
      if (fields.length > 1 || columns === 1 || fields[0].trim() !== '') rows.push({ fields, line: at });
      at = lines(at, fields);
    }
    yield { rows, done };
  }
}

/** The line after a row, whose fields may have line breaks. */
function lines(line: number, fields: readonly string[]): number {
  let next = line + 1;
  for (const field of fields) if (field.includes('\n')) next += breaks(field, field.length);
  return next;
}

/** What delimits the fields of the first line. What is quoted does not count. */
function delimiterOf(text: string): string {
  const line = text.replace(/"[^"]*"/g, '').split('\n', 1)[0];
  return line.split(';').length > line.split(',').length ? ';' : ',';
}

const isText = (field: string) => numberOfText(field) === undefined;
const isNumber = (field: string) => Number.isFinite(numberOfText(field));

/** Whether the first row names the columns: it has text, and either no number or text above numbers. */
function isHeader([{ fields, line }, ...others]: readonly Row[]): boolean {
  if (!fields.some(isText)) return false;
  if (!fields.some(isNumber)) return true;
  if (fields.some((field, j) => isText(field) && others.some((row) => isNumber(row.fields[j] ?? '')))) return true;
  throw new InvalidInput(
    `line ${line} holds text and numbers, which may be names or a row: give header: true or header: false`,
  );
}

function describe(first: readonly Row[], named: boolean): TableColumn[] {
  const rows = first.slice(named ? 1 : 0);
  return first[0].fields.map((field, j) => {
    const name = named ? field.trim() : '';
    const odd = rows.find(({ fields }) => isText(fields[j] ?? ''));
    return { name: name || defaultName(j), holds: odd && `text (${textOf(odd, j)})` };
  });
}

const textOf = ({ fields, line }: Row, j: number) => `${described(fields[j])} in line ${line}`;

function ragged({ fields, line }: Row, first: Row): InvalidInput {
  return new InvalidInput(
    `line ${line} has ${fields.length} fields, line ${first.line} has ${first.fields.length}: all need the same number`,
  );
}
