import type { Missing, Samples } from './table';

// A cell that is missing is NaN.

/** Whether a cell is missing. */
export function isIncomplete({ data }: Pick<Samples, 'data'>): boolean {
  for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i])) return true;
  return false;
}

/** The rows in which nothing is observed. */
export const emptyRows = (samples: Samples): number[] => rowsOf(samples, (observed) => observed === 0);

/** The rows in which everything is observed. */
export const wholeRows = (samples: Samples): number[] => rowsOf(samples, (observed) => observed === samples.columns);

/** The rows of which the number of observed cells is such. */
function rowsOf({ data, rows, columns }: Samples, such: (observed: number) => boolean): number[] {
  const some: number[] = [];
  for (let j = 0; j < rows; j++) {
    let observed = 0;
    for (let i = j * columns; i < (j + 1) * columns; i++) if (!Number.isNaN(data[i])) observed++;
    if (such(observed)) some.push(j);
  }
  return some;
}

/** How many cells of each column are observed. */
export function observedCells({ data, columns }: Samples): Int32Array {
  const counts = new Int32Array(columns);
  for (let i = 0; i < data.length; i++) if (!Number.isNaN(data[i])) counts[i % columns]++;
  return counts;
}

/** The first observed value of a column, and whether all observed ones are the same; undefined if none is observed. */
export function constancyOf(
  { data, columns }: Samples,
  column: number,
): { readonly value: number; readonly constant: boolean } | undefined {
  let value: number | undefined;
  for (let i = column; i < data.length; i += columns) {
    if (Number.isNaN(data[i])) continue;
    value ??= data[i];
    if (data[i] !== value) return { value, constant: false };
  }
  return value === undefined ? undefined : { value, constant: true };
}

/** The observed cells of a column, as a table of this column. */
export function observedOf({ data, columns, weights }: Samples, column: number): Samples {
  const rows = Int32Array.from({ length: data.length / columns }, (_, j) => j).filter(
    (j) => !Number.isNaN(data[j * columns + column]),
  );
  const cells = Float64Array.from(rows, (j) => data[j * columns + column]);
  return {
    data: cells,
    rows: rows.length,
    columns: 1,
    ...(weights && { weights: Float64Array.from(rows, (j) => weights[j]) }),
  };
}

/** The option that functions of these rows need: 'em' if some of their cells are missing. */
export const missingIn = (samples: Samples): { readonly missing?: Missing } =>
  isIncomplete(samples) ? { missing: 'em' } : {};
