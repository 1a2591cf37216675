import type { Samples } from './table';

/** The mean and the variance of a column, and whether all its values are one. */
export interface ColumnMoments {
  readonly mean: number;
  readonly variance: number;
  readonly constant: boolean;
}

/**
 * The moments of one column of a table, each term divided before it is summed, so that no sum is beyond float64 unless the result is.
 * @param divisor of the sum of squares: n − 1 for the sample variance
 */
export function columnMoments({ data, rows, columns }: Samples, column: number, divisor = rows - 1): ColumnMoments {
  let mean = 0;
  for (let i = column; i < data.length; i += columns) mean += data[i] / rows;
  let variance = 0;
  let constant = true;
  for (let i = column; i < data.length; i += columns) {
    variance += (data[i] - mean) ** 2 / divisor;
    constant &&= data[i] === data[column];
  }
  return { mean, variance, constant };
}
