import { BeyondFloat64, InvalidInput } from '../errors';
import { described } from '../math/checks';
import { type FormatOptions, notNumbers, type TableBlock, type TableSource } from './source';
import { layoutOf, type TextLayout, type TextRow } from './text-layout';
import { isFaithful } from './text-number';

/** A table of rows of text in memory, as a file with delimiters has them. */
export function sourceOfRows(
  texts: readonly (readonly string[])[],
  options: FormatOptions,
  notes: readonly string[] = [],
): TableSource {
  const rows = texts
    .map((fields, i) => ({ fields, line: i + 1 }))
    .filter(({ fields }) => fields.some((field) => field.trim() !== ''));
  if (rows.length === 0) throw new InvalidInput('holds no rows');
  const layout = layoutOf(rows, options, '\t');
  const body = layout.header ? rows.slice(1) : rows;
  return {
    columns: layout.columns,
    notes: [...notes, ...layout.notes],
    *blocks(chosen, label) {
      yield { ...numbersOf(body, layout, chosen, rows[0], label), done: 1 };
    },
  };
}

/** The values of rows of text, as their layout says. */
export function numbersOf(
  rows: readonly TextRow[],
  { columns, numberOf }: TextLayout,
  chosen: readonly number[],
  first: TextRow,
  label?: number,
): Omit<TableBlock, 'done'> {
  const data = new Float64Array(rows.length * chosen.length);
  let next = 0;
  for (const row of rows) {
    const { fields } = row;
    if (fields.length !== columns.length) throw ragged(row, columns.length, first);
    for (const j of chosen) {
      const number = numberOf(fields[j]);
      if (number === undefined) throw notNumbers(columns, j, textOf(row, j));
      if (Math.abs(number) > Number.MAX_SAFE_INTEGER && !isFaithful(fields[j]))
        throw new BeyondFloat64(
          `column ${described(columns[j].name)} holds the integer ${fields[j].trim()} in line ${row.line}, which float64 does not hold exactly: make it the label, or leave it out`,
        );
      data[next++] = number;
    }
  }
  return { rows: rows.length, data, labels: label === undefined ? [] : rows.map(({ fields }) => fields[label].trim()) };
}

const textOf = ({ fields, line }: TextRow, j: number) => `${described(fields[j])} in line ${line}`;

function ragged({ fields, line }: TextRow, columns: number, first: TextRow): InvalidInput {
  return new InvalidInput(
    `line ${line} has ${fields.length} fields, line ${first.line} has ${columns}: all need the same number`,
  );
}
