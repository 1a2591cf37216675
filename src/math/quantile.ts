/** The sample quantile that interpolates between order statistics, R's type 7; of p = ½ the median. */
export function quantile(values: ArrayLike<number>, p: number): number {
  return quantiles(values, [p])[0];
}

/** Several sample quantiles, of the values sorted once. */
export function quantiles(values: ArrayLike<number>, shares: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  return shares.map((p) => {
    const at = p * (sorted.length - 1);
    const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
    return low === high ? low : low + (at - Math.floor(at)) * (high - low); // which may be infinite
  });
}

/** Of an even number of values, the mean of the two in the middle. */
export const median = (values: ArrayLike<number>): number => quantile(values, 0.5);

/** The median; of an even number of values the lower of the two in the middle, which is one of the values. */
export function lowerMedian(values: ArrayLike<number>): number {
  return lowerQuantile(values, 0.5);
}

/** The value at or just below the sample quantile: one of the values, as `quantile` need not be. */
export function lowerQuantile(values: ArrayLike<number>, p: number): number {
  return Float64Array.from(values).sort()[Math.floor(p * (values.length - 1))];
}

/** The value at or just above the sample quantile. */
export function upperQuantile(values: ArrayLike<number>, p: number): number {
  return Float64Array.from(values).sort()[Math.ceil(p * (values.length - 1))];
}
