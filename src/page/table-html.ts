import { inspect } from 'node:util';
import { captionHtml, escapeHtml } from './html';
import type { MimeBundle } from './mime-bundle';

/** A danfojs DataFrame, by what it looks like: dfmr doesn't load danfojs for those who don't use it. */
export interface Frame {
  /** the names of the columns */
  readonly columns: string[];
  /** the names of the rows */
  readonly index: (string | number)[];
  /** the rows, each a list of its cells */
  readonly values: unknown[];
}

/** How a table is shown. */
export interface TableOptions {
  /**
   * says what to see in the table, below it
   * @defaultValue none
   */
  caption?: string;
  /**
   * significant digits of numbers that are not integers
   * @defaultValue 4
   */
  digits?: number;
}

/** Rows of a table that is shown whole: of longer ones, the first and the last ten are shown. */
const MOST_ROWS = 20;

const ELLIPSIS = '⋮';

/** Whether a value looks like a DataFrame. */
export function isFrame(value: unknown): value is Frame {
  if (typeof value !== 'object' || value === null) return false;
  const { columns, index, values } = value as Partial<Frame>;
  return Array.isArray(columns) && Array.isArray(index) && Array.isArray(values) && index.length === values.length;
}

/** The table as HTML and as aligned text. */
export function tableBundle(rows: readonly object[] | Frame, { caption, digits = 4 }: TableOptions = {}): MimeBundle {
  const { header, columns, length } = abbreviate(isFrame(rows) ? frameColumns(rows) : recordColumns(rows));
  const cells = columns.map((column) => formatColumn(column, digits));
  const numeric = columns.map(isNumeric);
  const shown = columns[0]?.length ?? 0;
  const size = length > shown ? `${length} rows` : undefined;
  const notes = [caption, size].filter((note) => note !== undefined).join(' · ');
  return { 'text/html': html(header, cells, numeric, notes), 'text/plain': text(header, cells, numeric, notes) };
}

interface Columns {
  header: string[];
  /** columns[j][i] is the value in row i of column j. */
  columns: unknown[][];
  length: number;
}

function recordColumns(rows: readonly object[]): Columns {
  const header = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = header.map((name) => rows.map((row) => (row as Record<string, unknown>)[name]));
  return { header, columns, length: rows.length };
}

/** The index is shown as a first column without a name, unless it only counts the rows. A Series has one column of plain values. */
function frameColumns({ columns, index, values }: Frame): Columns {
  const rows = values.map((row) => (Array.isArray(row) ? row : [row]));
  const byColumn = columns.map((_, j) => rows.map((row) => row[j]));
  const counts = index.every((label, i) => label === i);
  return {
    header: counts ? [...columns] : ['', ...columns],
    columns: counts ? byColumn : [[...index], ...byColumn],
    length: values.length,
  };
}

function abbreviate({ header, columns, length }: Columns): Columns {
  if (length <= MOST_ROWS) return { header, columns, length };
  const half = MOST_ROWS / 2;
  return {
    header,
    columns: columns.map((column) => [...column.slice(0, half), OMITTED, ...column.slice(-half)]),
    length,
  };
}

const OMITTED = Symbol('rows left out');

function isNumeric(column: readonly unknown[]): boolean {
  const values = column.filter((value) => value !== undefined && value !== null && value !== OMITTED);
  return values.length > 0 && values.every((value) => typeof value === 'number' || typeof value === 'bigint');
}

/** Numbers of a column share their decimals, so that they line up, unless they span too many orders of magnitude. */
function formatColumn(column: readonly unknown[], digits: number): string[] {
  const decimals = Math.max(0, ...column.map((value) => (typeof value === 'number' ? decimalsOf(value, digits) : 0)));
  return column.map((value) => {
    if (value === OMITTED) return ELLIPSIS;
    if (value === undefined || value === null) return '';
    if (typeof value === 'number') return formatNumber(value, digits, decimals);
    return typeof value === 'string' ? value : inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 1 });
  });
}

/** The decimals that `value` needs for `digits` significant digits, without trailing zeros. */
function decimalsOf(value: number, digits: number): number {
  if (!Number.isFinite(value) || Number.isInteger(value)) return 0;
  const [mantissa = '', exponent = '0'] = Number(value.toPrecision(digits)).toExponential().split('e');
  return Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent));
}

function formatNumber(value: number, digits: number, decimals: number): string {
  if (!Number.isFinite(value)) return String(value).replace('Infinity', '∞');
  const fits = decimals <= digits + 3 && Math.abs(value) < 1e9;
  if (fits) return value.toFixed(decimals);
  return String(Number.isSafeInteger(value) ? value : Number(value.toPrecision(digits)));
}

function html(header: string[], cells: string[][], numeric: boolean[], notes: string): string {
  const align = numeric.map((isNumber) => ` style="text-align:${isNumber ? 'right' : 'left'}"`);
  const line = (tag: string, row: string[]): string =>
    `<tr>${row.map((value, j) => `<${tag}${align[j]}>${escapeHtml(value)}</${tag}>`).join('')}</tr>`;
  const body = (cells[0] ?? []).map((_, i) =>
    line(
      'td',
      cells.map((column) => column[i] ?? ''),
    ),
  );
  return [
    '<figure style="margin:0">',
    '<table>',
    `<thead>${line('th', header)}</thead>`,
    '<tbody>',
    ...body,
    '</tbody>',
    '</table>',
    ...(notes === '' ? [] : [captionHtml(notes)]),
    '</figure>',
  ].join('\n');
}

function text(header: string[], cells: string[][], numeric: boolean[], notes: string): string {
  const widths = header.map((name, j) => Math.max(name.length, ...(cells[j] ?? []).map((value) => value.length)));
  const line = (row: string[]): string =>
    row
      .map((value, j) => (numeric[j] ? value.padStart(widths[j] as number) : value.padEnd(widths[j] as number)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  const body = (cells[0] ?? []).map((_, i) => line(cells.map((column) => column[i] ?? '')));
  return [line(header), rule, ...body, ...(notes === '' ? [] : [notes])].join('\n');
}
