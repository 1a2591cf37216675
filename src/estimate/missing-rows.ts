import { InvalidInput } from '../errors';
import { emptyRows, isIncomplete, observedCells } from '../math/missing-cells';
import { type Missing, rowsThatCount, type Samples, type Table, takeRows, withWeights } from '../math/table';

/** The rows of a table that a fit can use: those that count, and of which something is observed. */
export interface RowsToFit {
  readonly samples: Samples;
  /** their places in the table; absent if they are all of its rows */
  readonly places?: Int32Array;
  /** how many of their cells are missing; absent if none is */
  readonly missingCells?: number;
  /** how many rows are left out, as none of their cells is observed; absent if there are none */
  readonly emptyRows?: number;
  /** what was missing, in sentences */
  readonly notes: readonly string[];
}

/** Rows that a note names. */
const NAMED_ROWS = 5;

/**
 * The rows of a table that a fit can use, and what is missing in them.
 * @param rowWeights how often each row counts, if the table does not say so itself
 * @param missing 'em' if cells may be missing
 * @throws InvalidInput as `toSamples` does, if weights are negative, not finite or all 0, if a column has no observed cell, or no
 *   row has one
 */
export function rowsToFit(table: Table, missing?: Missing, rowWeights?: ArrayLike<number>): RowsToFit {
  const all = withWeights(table, rowWeights, missing);
  const counted = rowsThatCount(all);
  const rows = counted ? takeRows(all, counted) : all;
  if (!missing || !isIncomplete(rows)) return { samples: rows, ...(counted && { places: counted }), notes: [] };
  const counts = observedCells(rows);
  if (counts.every((count) => count === 0)) throw new InvalidInput('no cell of the table is observed');
  const unseen = counts.indexOf(0);
  if (unseen >= 0) throw new InvalidInput(`no cell of column ${unseen} is observed: leave the column out`);
  const placeOf = (j: number) => counted?.[j] ?? j;
  const empty = new Set(emptyRows(rows));
  const seen = Int32Array.from({ length: rows.rows }, (_, j) => j).filter((j) => !empty.has(j));
  const samples = empty.size > 0 ? takeRows(rows, seen) : rows;
  const cells = samples.data.length - counts.reduce((sum, count) => sum + count, 0);
  return {
    samples,
    ...((counted || empty.size > 0) && { places: seen.map(placeOf) }),
    ...(cells > 0 && { missingCells: cells }),
    ...(empty.size > 0 && { emptyRows: empty.size }),
    notes: sentences(samples, cells, [...empty].map(placeOf)),
  };
}

function sentences({ data, rows }: Samples, cells: number, empty: readonly number[]): string[] {
  const some = empty.slice(0, NAMED_ROWS).join(', ');
  const more = empty.length > NAMED_ROWS ? ' …' : '';
  const share = ((100 * cells) / data.length).toPrecision(2);
  return [
    ...(cells > 0
      ? [`${cells} cells of ${rows} rows (${share} %) are missing: the rows say less than as many whole ones.`]
      : []),
    ...(empty.length > 0
      ? [
          `${empty.length} ${empty.length === 1 ? 'row' : 'rows'} without an observed cell ${empty.length === 1 ? 'is' : 'are'} left out: ${some}${more}.`,
        ]
      : []),
  ];
}
