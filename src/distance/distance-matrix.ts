import { printed } from '../math/printed';
import { shortNumber } from '../math/short-number';
import type { Steps } from '../work/work';

/** What is known of distances between m estimates, whichever of them were computed. */
export interface Distances {
  /**
   * what is measured, as an axis shows it, such as 'L² distance'
   * @defaultValue 'distance'
   */
  readonly title?: string;
  /** m */
  readonly size: number;
  /** the true distance is exp(logScale) times what is given here; 0 unless that would leave the range of float64 */
  readonly logScale: number;
  /** the norms of the m densities on the same scale; undefined if the distance has none */
  readonly norms?: Float64Array;
  /** the estimates whose density is not square integrable, by index, each with the reason: at distance Infinity from all */
  readonly notSquareIntegrable?: ReadonlyMap<number, string>;
}

/** The distances between all pairs of m estimates. */
export interface DistanceMatrix extends Distances {
  /** the distance between estimates i and j, on the scale of `logScale` */
  at(i: number, j: number): number;
}

/** The distances of some of m estimates to all: what is kept where m² numbers are too many. */
export interface DistanceRows extends Distances {
  /** which estimates the rows are of */
  readonly from: ArrayLike<number>;
  /** the m distances of estimate `from[r]`, on the scale of `logScale`, in an array that the next call may overwrite */
  row(r: number): Float64Array;
}

/**
 * A distance matrix that prints as one, under its title.
 * @param entries m × m, row-major
 */
export function distanceMatrixOf(
  title: string,
  entries: Float64Array,
  { logScale = 0, norms, notSquareIntegrable }: Partial<Omit<DistanceMatrix, 'title' | 'size' | 'at'>> = {},
): DistanceMatrix {
  const size = Math.sqrt(entries.length);
  const scaled = logScale === 0 ? '' : `, divided by exp(${logScale})`;
  return {
    title,
    size,
    logScale,
    at: (i: number, j: number) => entries[i * size + j],
    norms,
    notSquareIntegrable,
    [printed]: () =>
      [
        `${title}s between ${size} estimates${scaled}`,
        ...printedRows(entries, size),
        ...(notSquareIntegrable?.values() ?? []),
      ].join('\n'),
  } as DistanceMatrix;
}

/** Rows and columns beyond these are not printed. */
const MOST_PRINTED = 10;

/** The first rows of a square matrix, in columns of one width. */
function printedRows(entries: Float64Array, size: number): string[] {
  const few = Math.min(size, MOST_PRINTED);
  const rows = Array.from({ length: few }, (_, i) =>
    Array.from(entries.subarray(i * size, i * size + few), (entry) => shortNumber(entry)),
  );
  const width = Math.max(...rows.flat().map((text) => text.length));
  const more = size > few;
  const lines = rows.map(
    (row) => `  ${[...row.map((text) => text.padStart(width)), ...(more ? ['…'] : [])].join('  ')}`,
  );
  return more ? [...lines, '  …'] : lines;
}

/**
 * Rows of a distance matrix.
 * @param from which estimates they are of
 * @param rows their distances to all, m each
 */
export function distanceRowsOf(
  title: string,
  from: ArrayLike<number>,
  rows: readonly Float64Array[],
  { logScale = 0, norms, notSquareIntegrable }: Partial<Omit<DistanceRows, 'title' | 'size' | 'from' | 'row'>> = {},
): DistanceRows {
  return { title, size: rows[0].length, from, row: (r) => rows[r], logScale, norms, notSquareIntegrable };
}

/** Rows of a distance that compares one pair at a time, a pair each step. */
export function* rowsBetween(
  title: string,
  m: number,
  from: ArrayLike<number>,
  between: (i: number, j: number) => number,
): Steps<DistanceRows> {
  const rows = Array.from(from, () => new Float64Array(m));
  for (const [r, row] of rows.entries()) {
    for (let j = 0; j < m; j++) {
      if (from[r] !== j) row[j] = between(from[r], j);
      yield { stage: 'distances', done: r * m + j + 1, total: rows.length * m };
    }
  }
  return distanceRowsOf(title, from, rows);
}

/** The distances between some of the estimates, in the order in which `which` names them. */
export function distancesAmong(matrix: DistanceMatrix, which: readonly number[]): DistanceMatrix {
  const { title, logScale, norms, notSquareIntegrable } = matrix;
  const reasons = which.flatMap((i, at) => {
    const reason = notSquareIntegrable?.get(i);
    return reason === undefined ? [] : [[at, reason] as const];
  });
  return distanceMatrixOf(
    title ?? 'distance',
    Float64Array.from(which.flatMap((i) => which.map((j) => matrix.at(i, j)))),
    {
      logScale,
      norms: norms && Float64Array.from(which, (i) => norms[i]),
      notSquareIntegrable: notSquareIntegrable && new Map(reasons),
    },
  );
}

/** The rows of the estimates `from`, each when it is asked for. */
export function rowsOfMatrix(matrix: DistanceMatrix, from: ArrayLike<number>): DistanceRows {
  const { title, size, logScale, norms, notSquareIntegrable } = matrix;
  const values = new Float64Array(size);
  const row = (r: number) => {
    for (let j = 0; j < size; j++) values[j] = matrix.at(from[r], j);
    return values;
  };
  return { title, size, from, row, logScale, norms, notSquareIntegrable };
}
