import { countOf, type Samples } from './table';

/** The mean and the variance of a column, and whether all its values are one. */
export interface ColumnMoments {
  readonly mean: number;
  readonly variance: number;
  readonly constant: boolean;
}

/**
 * The moments of one column of a table, each row as often as it counts, and each term divided before it is summed, so that no sum
 * is beyond float64 unless the result is.
 * @param divisor of the sum of squares: N − 1 for the sample variance
 */
export function columnMoments(samples: Samples, column: number, divisor = countOf(samples) - 1): ColumnMoments {
  const { data, rows, columns, weights } = samples;
  const count = countOf(samples);
  let mean = 0;
  for (let j = 0, i = column; j < rows; j++, i += columns) mean += (weights?.[j] ?? 1) * (data[i] / count);
  let variance = 0;
  let constant = true;
  let one: number | undefined;
  for (let j = 0, i = column; j < rows; j++, i += columns) {
    const weight = weights?.[j] ?? 1;
    variance += weight * ((data[i] - mean) ** 2 / divisor);
    if (weight > 0) one ??= data[i];
    constant &&= weight === 0 || data[i] === one;
  }
  return { mean, variance, constant };
}
