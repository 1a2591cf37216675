/** The sample quantile that interpolates between order statistics, R's type 7; of p = ½ the median. */
export function quantile(values: ArrayLike<number>, p: number): number {
  return quantiles(values, [p])[0];
}

/**
 * Several sample quantiles, of the values sorted once.
 * @param weights how often each value counts; once, if absent
 */
export function quantiles(values: ArrayLike<number>, shares: readonly number[], weights?: ArrayLike<number>): number[] {
  const { count, at } = orderStatistics(values, weights);
  return shares.map((p) => {
    const place = p * (count - 1);
    const [low, high] = [at(Math.floor(place)), at(Math.ceil(place))];
    return low === high ? low : low + (place - Math.floor(place)) * (high - low); // which may be infinite
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

/** The value at or just above the sample quantile, each value counted as often as its weight says, or once. */
export function upperQuantile(values: ArrayLike<number>, p: number, weights?: ArrayLike<number>): number {
  const { count, at } = orderStatistics(values, weights);
  return at(Math.ceil(p * (count - 1)));
}

/** N, and the i-th of N values in ascending order, from 0: with weights the first whose cumulative weight is above i. */
function orderStatistics(values: ArrayLike<number>, weights?: ArrayLike<number>) {
  if (!weights) {
    const sorted = Float64Array.from(values).sort();
    return { count: sorted.length, at: (i: number) => sorted[i] };
  }
  const order = Uint32Array.from(values, (_, j) => j).sort((a, b) => values[a] - values[b] || a - b);
  let count = 0;
  const cumulative = Float64Array.from(order, (j) => {
    count += weights[j];
    return count;
  });
  return {
    count,
    at(i: number): number {
      let [low, high] = [0, order.length - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (cumulative[middle] > i) high = middle;
        else low = middle + 1;
      }
      return values[order[low]];
    },
  };
}
