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

/**
 * The value at a place in ascending order, as sorting would put it there, in time linear in the number of values (Hoare).
 * @param values whose order changes, none NaN
 * @param place from 0
 */
export function valueInOrder(values: Float64Array, place: number): number {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const pivot = values[(low + high) >> 1];
    let [left, right] = [low, high];
    while (left <= right) {
      while (values[left] < pivot) left++;
      while (values[right] > pivot) right--;
      if (left > right) break;
      const held = values[left];
      values[left++] = values[right];
      values[right--] = held;
    }
    // all up to `right` are at most the pivot, all from `left` on at least; what is between is the pivot
    if (place <= right) high = right;
    else if (place >= left) low = left;
    else break;
  }
  return values[place];
}

/**
 * The least of the values up to which, in ascending order, the weights sum to more than a bound; the largest, if they never do. In time linear
 * in the number of values, as `valueInOrder`.
 * @param values none NaN
 * @param weights none negative
 */
export function valueAtWeight(values: Float64Array, weights: Float64Array, bound: number): number {
  const [rest, own] = [values.slice(), weights.slice()];
  let [low, high] = [0, values.length - 1];
  let before = 0; // the weight of what is known to come first
  while (low < high) {
    const pivot = rest[(low + high) >> 1];
    let [left, right] = [low, high];
    while (left <= right) {
      while (rest[left] < pivot) left++;
      while (rest[right] > pivot) right--;
      if (left > right) break;
      const [value, weight] = [rest[left], own[left]];
      rest[left] = rest[right];
      own[left++] = own[right];
      rest[right] = value;
      own[right--] = weight;
    }
    // all up to `right` are at most the pivot, all from `left` on at least; what is between is the pivot
    let sum = before;
    for (let i = low; i <= right; i++) sum += own[i];
    if (sum > bound) {
      high = right;
      continue;
    }
    for (let i = right + 1; i < left; i++) sum += own[i];
    if (sum > bound || left > high) return pivot;
    low = left;
    before = sum;
  }
  return rest[low];
}

/**
 * The places of values in ascending order, of equal ones the first first. Typed arrays sort by number many times faster than by a function.
 * @param values none NaN
 */
export function ascendingPlaces(values: Float64Array): number[] {
  const sorted = values.slice().sort();
  const placed = new Int32Array(values.length); // of the equal values that begin at a place, how many are placed
  const order = new Array<number>(values.length).fill(0);
  for (let i = 0; i < values.length; i++) {
    let [low, high] = [0, values.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < values[i]) low = middle + 1;
      else high = middle;
    }
    order[low + placed[low]++] = i;
  }
  return order;
}
