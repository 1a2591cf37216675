import { inspect } from 'node:util';
import { Matrix } from 'ml-matrix';

/** The distances between all pairs of m estimates. */
export interface DistanceMatrix {
  /** m */
  readonly size: number;
  /** the true distance is exp(logScale) · at(i, j); 0 unless that would leave the range of float64 */
  readonly logScale: number;
  at(i: number, j: number): number;
  /** the norms of the m densities on the same scale, where the distance has such */
  readonly norms?: Float64Array;
  /** the estimates whose density is not square integrable, by index, each with the reason: at distance Infinity from all */
  readonly notSquareIntegrable?: ReadonlyMap<number, string>;
}

/** A distance matrix that prints as one, under its name; `entries` are m × m. */
export function distanceMatrixOf(
  name: string,
  entries: Float64Array,
  { logScale = 0, norms, notSquareIntegrable }: Partial<Omit<DistanceMatrix, 'size' | 'at'>> = {},
): DistanceMatrix {
  const size = Math.sqrt(entries.length);
  return {
    size,
    logScale,
    at: (i: number, j: number) => entries[i * size + j],
    norms,
    notSquareIntegrable,
    [inspect.custom]: () =>
      [name, inspect(Matrix.from1DArray(size, size, [...entries])), ...(notSquareIntegrable?.values() ?? [])].join(
        '\n',
      ),
  } as DistanceMatrix;
}
