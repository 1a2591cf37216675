import { inspect } from 'node:util';
import { Matrix } from 'ml-matrix';

/** The distances between all pairs of m estimates. */
export interface DistanceMatrix {
  /**
   * what is measured, as an axis shows it, such as 'L² distance'
   * @defaultValue 'distance'
   */
  readonly title?: string;
  /** m */
  readonly size: number;
  /** the true distance is exp(logScale) · at(i, j); 0 unless that would leave the range of float64 */
  readonly logScale: number;
  /** the distance between estimates i and j, on the scale of `logScale` */
  at(i: number, j: number): number;
  /** the norms of the m densities on the same scale; undefined if the distance has none */
  readonly norms?: Float64Array;
  /** the estimates whose density is not square integrable, by index, each with the reason: at distance Infinity from all */
  readonly notSquareIntegrable?: ReadonlyMap<number, string>;
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
    [inspect.custom]: () =>
      [
        `${title}s between ${size} estimates${scaled}`,
        inspect(Matrix.from1DArray(size, size, [...entries])),
        ...(notSquareIntegrable?.values() ?? []),
      ].join('\n'),
  } as DistanceMatrix;
}
