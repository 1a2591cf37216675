import { InvalidInput } from '../errors';
import { emptyRows, isIncomplete, observedCells } from '../math/missing-cells';
import { type Missing, type Samples, type Table, takeRows, toSamples } from '../math/table';

/** The rows of a table of which something is observed. */
export interface RowsToFit {
  readonly samples: Samples;
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
 * @param missing 'em' if cells may be missing
 * @param numbers of the rows, by which notes name them
 * @throws InvalidInput as `toSamples` does, and if a column has no observed cell, or no row has one
 */
export function rowsToFit(table: Table, missing?: Missing, numbers?: Int32Array): RowsToFit {
  const all = toSamples(table, missing);
  if (!missing || !isIncomplete(all)) return { samples: all, notes: [] };
  const counts = observedCells(all);
  if (counts.every((count) => count === 0)) throw new InvalidInput('no cell of the table is observed');
  const unseen = counts.indexOf(0);
  if (unseen >= 0) throw new InvalidInput(`no cell of column ${unseen} is observed: leave the column out`);
  const empty = emptyRows(all);
  const kept = new Set(empty);
  const samples =
    empty.length === 0
      ? all
      : takeRows(
          all,
          Array.from({ length: all.rows }, (_, j) => j).filter((j) => !kept.has(j)),
        );
  const cells = samples.data.length - counts.reduce((sum, count) => sum + count, 0);
  return {
    samples,
    ...(cells > 0 && { missingCells: cells }),
    ...(empty.length > 0 && { emptyRows: empty.length }),
    notes: sentences(samples, cells, numbers ? empty.map((j) => numbers[j]) : empty),
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
