import type { RandomStream } from '../math/random';
import type { Samples } from '../math/table';

const MAX_ROUNDS = 50;

/**
 * Labels of a k-means clustering from k-means++ seeds (Arthur and Vassilvitskii 2007), each column in units of its own
 * standard deviation. Every cluster has a member.
 * @throws where fewer than `order` rows are distinct
 */
export function kMeans(samples: Samples, order: number, random: RandomStream): Int32Array {
  const { rows, columns } = samples;
  const data = standardised(samples);
  const centres = seeds(data, rows, columns, order, random);
  const labels = new Int32Array(rows).fill(-1);
  const squared = new Float64Array(rows);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    let moved = 0;
    for (let j = 0; j < rows; j++) {
      let best = 0;
      squared[j] = Infinity;
      for (let k = 0; k < order; k++) {
        const distance = squaredDistance(data, j * columns, centres, k * columns, columns);
        if (distance < squared[j]) [best, squared[j]] = [k, distance];
      }
      if (labels[j] !== best) moved++;
      labels[j] = best;
    }
    const sizes = fillEmptyClusters(labels, squared, order);
    if (moved === 0) break;
    centres.fill(0);
    for (let j = 0; j < rows; j++) {
      const k = labels[j];
      for (let c = 0; c < columns; c++) centres[k * columns + c] += data[j * columns + c] / sizes[k];
    }
  }
  return labels;
}

/** Rows chosen one by one, each with a chance proportional to its squared distance to the nearest chosen before. */
function seeds(data: Float64Array, rows: number, columns: number, order: number, random: RandomStream): Float64Array {
  const centres = new Float64Array(order * columns);
  const nearest = new Float64Array(rows).fill(Infinity);
  let chosen = Math.floor(random() * rows);
  for (let k = 0; k < order; k++) {
    centres.set(data.subarray(chosen * columns, (chosen + 1) * columns), k * columns);
    let total = 0;
    for (let j = 0; j < rows; j++) {
      nearest[j] = Math.min(nearest[j], squaredDistance(data, j * columns, centres, k * columns, columns));
      total += nearest[j];
    }
    if (k + 1 < order && total === 0) {
      throw new Error(`only ${k + 1} rows are distinct, so ${order} components cannot be started: lower the order`);
    }
    const target = random() * total;
    let passed = 0;
    for (let j = 0; j < rows && passed <= target; j++) {
      if (nearest[j] > 0) chosen = j;
      passed += nearest[j];
    }
  }
  return centres;
}

/** Gives each empty cluster the row farthest from its own centre, out of a cluster that can spare it. */
function fillEmptyClusters(labels: Int32Array, squared: Float64Array, order: number): Float64Array {
  const sizes = new Float64Array(order);
  for (const k of labels) sizes[k]++;
  for (let k = 0; k < order; k++) {
    if (sizes[k] > 0) continue;
    const farthest = squared.reduce((best, d, j) => (sizes[labels[j]] > 1 && !(d <= squared[best]) ? j : best), -1);
    sizes[labels[farthest]]--;
    sizes[k]++;
    labels[farthest] = k;
    squared[farthest] = 0;
  }
  return sizes;
}

function standardised({ data, rows, columns }: Samples): Float64Array {
  const scaled = new Float64Array(data.length);
  for (let c = 0; c < columns; c++) {
    let mean = 0;
    for (let j = 0; j < rows; j++) mean += data[j * columns + c] / rows;
    let variance = 0;
    for (let j = 0; j < rows; j++) variance += (data[j * columns + c] - mean) ** 2 / rows;
    const scale = Math.sqrt(variance) || 1;
    for (let j = 0; j < rows; j++) scaled[j * columns + c] = (data[j * columns + c] - mean) / scale;
  }
  return scaled;
}

function squaredDistance(a: Float64Array, i: number, b: Float64Array, j: number, length: number): number {
  let sum = 0;
  for (let c = 0; c < length; c++) sum += (a[i + c] - b[j + c]) ** 2;
  return sum;
}
