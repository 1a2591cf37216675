import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import { defaultName, labelOfValue, notNumbers, numberOfValue, type TableSource } from './source';
import { type Piece, piecesOf } from './text';
import { isFaithful, numberOfText } from './text-number';

/** Rows that are looked at to see what the columns hold. */
const SAMPLED_ROWS = 100;

interface Row {
  readonly value: unknown;
  readonly line: number;
}

/** A table with a JSON object on each line, whose keys are among those of the first; or with an array on each, all of one length. */
export async function jsonLinesSource(file: string): Promise<TableSource> {
  const first: Row[] = [];
  for await (const { taken } of rowsOf(file)) {
    first.push(...taken.slice(0, SAMPLED_ROWS));
    if (first.length >= SAMPLED_ROWS) break;
  }
  if (first.length === 0) throw new InvalidInput('holds no rows');
  const top = first[0].value;
  if (typeof top !== 'object' || top === null)
    throw new InvalidInput(`line ${first[0].line} is ${described(top)}, not an object`);
  const keys = Object.keys(top);
  const known = new Set(keys);
  const cellsOf = ({ value, line }: Row): { [key: string]: unknown } => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) !== Array.isArray(top)) {
      throw new InvalidInput(
        `line ${line} is ${described(value)}, line ${first[0].line} is ${described(top)}: all need the same form`,
      );
    }
    if (Array.isArray(value) && value.length !== keys.length) {
      throw new InvalidInput(`line ${line} has ${value.length} values, line ${first[0].line} has ${keys.length}`);
    }
    const key = Object.keys(value).find((one) => !known.has(one));
    if (key !== undefined)
      throw new InvalidInput(`line ${line} has ${described(key)}, which line ${first[0].line} has not`);
    return value as { [key: string]: unknown };
  };
  const cell = (cells: { [key: string]: unknown }, key: string) => (Object.hasOwn(cells, key) ? cells[key] : undefined);
  const columns = keys.map((key, j) => {
    const odd = first.find((row) => {
      const value = cell(cellsOf(row), key);
      return typeof value !== 'bigint' && numberOf(value) === undefined;
    });
    const name = Array.isArray(top) ? defaultName(j) : key;
    if (odd === undefined) return { name };
    const value = cell(cellsOf(odd), key);
    const kind = typeof value === 'string' ? 'text' : 'lists or objects';
    return { name, holds: `${kind} (${described(value)} in line ${odd.line})` };
  });
  return {
    columns,
    async *blocks(chosen, label) {
      for await (const { taken: records, done } of rowsOf(file)) {
        const data = new Float64Array(records.length * chosen.length);
        const labels: string[] = [];
        let next = 0;
        for (const row of records) {
          const cells = cellsOf(row);
          for (const j of chosen) {
            const value = cell(cells, keys[j]);
            const number = numberOf(value);
            if (number === undefined) throw notNumbers(columns, j, `${described(value)} in line ${row.line}`);
            data[next++] = number;
          }
          if (label !== undefined) labels.push(labelOfValue(cell(cells, keys[label])));
        }
        yield { rows: records.length, data, labels, done };
      }
    },
  };
}

/** The number that a value is, or undefined. A number in quotes is text, but "NA" is a missing value. */
function numberOf(value: unknown): number | undefined {
  if (typeof value !== 'string') return numberOfValue(value);
  const number = numberOfText(value);
  return number === undefined || Number.isFinite(number) ? undefined : number;
}

function rowsOf(file: string): AsyncGenerator<Piece<Row[]>> {
  return piecesOf(file, (bytes, _, line) => {
    const lines = bytes.toString().split('\n');
    const taken = lines.flatMap((one, i) =>
      one.trim() === '' ? [] : [{ value: parsed(one, line + i), line: line + i }],
    );
    return { taken, end: bytes.length };
  });
}

/** A text in quotes, or an integer of so many digits that float64 may not hold it. */
const TEXT_OR_LONG_INTEGER = /"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g;

/** What stands for such an integer while JSON.parse, which would round it, has the line. */
const INTEGER = '\u0000integer ';

function parsed(text: string, line: number): unknown {
  const long = /\d{16}/.test(text);
  const marked = long
    ? text.replace(TEXT_OR_LONG_INTEGER, (token) =>
        token.startsWith('"') || isFaithful(token) ? token : JSON.stringify(INTEGER + token),
      )
    : text;
  try {
    return JSON.parse(
      marked,
      long
        ? (_, value) => (String(value).startsWith(INTEGER) ? BigInt(value.slice(INTEGER.length)) : value)
        : undefined,
    );
  } catch (cause) {
    throw new InvalidInput(`line ${line} is not JSON: ${described(text)}`, { cause });
  }
}
