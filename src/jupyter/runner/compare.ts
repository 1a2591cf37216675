import { isDeepStrictEqual } from 'node:util';
import { PLOTLY_MIME } from '../../page/figure-html';
import { type Cell, joinText, type Notebook, type Output } from './notebook-file';

/** A cell whose outputs are not the expected ones. */
export interface Difference {
  /** counted from 1 among all cells */
  cell: number;
  /** the place in the outputs, for example `output 2, data[0].y[3]` */
  where: string;
  expected: string;
  got: string;
}

/**
 * Compares the outputs of two executions of a notebook. Static images, the HTML of figures (their JSON is compared), stack traces
 * and outputs that show nothing are left out.
 * @returns the first difference of each cell that differs
 */
export function compareNotebooks(expected: Notebook, actual: Notebook): Difference[] {
  const longer = expected.cells.length > actual.cells.length ? expected : actual;
  return longer.cells.flatMap((_, i) => {
    const difference = compareCells(expected.cells[i], actual.cells[i]);
    return difference ? [{ cell: i + 1, ...difference }] : [];
  });
}

type Place = Omit<Difference, 'cell'>;

function compareCells(expected: Cell | undefined, actual: Cell | undefined): Place | undefined {
  const before = (expected?.outputs ?? []).map(essence).filter(isShown);
  const after = (actual?.outputs ?? []).map(essence).filter(isShown);
  const length = Math.max(before.length, after.length);
  for (let k = 0; k < length; k++) {
    const found = firstDifference(before[k], after[k], '');
    if (found) return { ...found, where: `output ${k + 1}${found.where}` };
  }
  return undefined;
}

type Essence = { type: string } & Record<string, unknown>;

/** The part of an output that must be the same each time. */
function essence(output: Output): Essence {
  if (output.output_type === 'stream') return { type: output.name, text: joinText(output.text) };
  if (output.output_type === 'error') return { type: 'error', ename: output.ename, evalue: output.evalue };
  const isFigure = PLOTLY_MIME in output.data;
  const entries = Object.entries(output.data)
    .filter(([type]) => !type.startsWith('image/') && !(isFigure && type === 'text/html'))
    .map(([type, value]): [string, unknown] => [type, Array.isArray(value) ? joinText(value) : value]);
  return { type: 'display', ...Object.fromEntries(entries) };
}

/** Whether an output shows anything: where Jupyter itself executed, a progress bar that has gone leaves an empty display. */
function isShown({ type, ...data }: Essence): boolean {
  return type !== 'display' || Object.values(data).some((value) => value !== '');
}

function firstDifference(expected: unknown, actual: unknown, where: string): Place | undefined {
  if (isDeepStrictEqual(expected, actual)) return undefined;
  if (typeof expected === 'string' && typeof actual === 'string') return differentLine(expected, actual, where);
  if (isObject(expected) && isObject(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const step = Array.isArray(expected) ? `[${key}]` : `${where === '' ? ', ' : '.'}${key}`;
      const found = firstDifference(expected[key], actual[key], where + step);
      if (found) return found;
    }
  }
  return { where, expected: brief(expected), got: brief(actual) };
}

function differentLine(expected: string, actual: string, where: string): Place {
  const before = expected.split('\n');
  const after = actual.split('\n');
  const line = after.findIndex((text, i) => text !== before[i]);
  const at = line < 0 ? after.length : line;
  return { where: `${where}, line ${at + 1}`, expected: brief(before[at]), got: brief(after[at]) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function brief(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
