import { InvalidInput } from '../errors';

/**
 * The adjusted Rand index of two labellings of the same N rows (Hubert and Arabie 1985): 1 for the same partition,
 * 0 on average for unrelated ones; 1 by convention if both are trivial, with one cluster or with a cluster for each row.
 * @param labelsA n labels, numbers or text
 * @param labelsB n labels of the same rows
 * @returns at most 1; below 0 if they agree less than by chance
 * @throws InvalidInput if the labellings differ in length or are empty
 * @example
 * adjustedRandIndex([0, 0, 1, 1], ['b', 'b', 'a', 'a']); // 1: the same partition
 */
export function adjustedRandIndex(labelsA: ArrayLike<number | string>, labelsB: ArrayLike<number | string>): number {
  const n = labelsA.length;
  if (n !== labelsB.length || n === 0) {
    throw new InvalidInput(
      `two labellings of the same rows are needed, but they have ${n} and ${labelsB.length} labels`,
    );
  }
  const a = ranked(labelsA);
  const b = ranked(labelsB);
  const width = b.counts.length;
  for (let j = 0; j < n; j++) a.ranks[j] = a.ranks[j] * width + b.ranks[j]; // of both
  const cells = a.counts.length * width;
  const both = cells <= TABLE_SIZE ? countsOf(a.ranks, cells) : runsOf(a.ranks.sort());
  const [index, pairsA, pairsB] = [both, a.counts, b.counts].map(pairs);
  const expected = n > 1 ? (pairsA * pairsB) / ((n * (n - 1)) / 2) : 0;
  const most = (pairsA + pairsB) / 2;
  return most === expected ? 1 : (index - expected) / (most - expected);
}

/** Σ C(N_i, 2). */
function pairs(counts: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < counts.length; i++) sum += (counts[i] * (counts[i] - 1)) / 2;
  return sum;
}

/** How many of each value there are in a list of whole numbers below `cells`. */
function countsOf(values: Float64Array, cells: number): Float64Array {
  const counts = new Float64Array(cells);
  for (let j = 0; j < values.length; j++) counts[values[j]]++;
  return counts;
}

/** How many of each value there are in a sorted list. */
function runsOf(sorted: Float64Array): number[] {
  const counts: number[] = [];
  sorted.forEach((value, j) => {
    if (j === 0 || value !== sorted[j - 1]) counts.push(0);
    counts[counts.length - 1]++;
  });
  return counts;
}

/** Labels that are whole numbers below this are looked up in a table, others in a map. */
const TABLE_SIZE = 2 ** 16;

/** The labels as 0, 1, … in order of first appearance, and how many of each there are. */
function ranked(labels: ArrayLike<number | string>): { ranks: Float64Array; counts: number[] } {
  const small = new Int32Array(TABLE_SIZE).fill(-1);
  const others = new Map<number | string, number>();
  const counts: number[] = [];
  const ranks = new Float64Array(labels.length);
  for (let j = 0; j < labels.length; j++) {
    const label = labels[j];
    const index = (label as number) >>> 0;
    let rank = index === label && index < TABLE_SIZE ? small[index] : (others.get(label) ?? -1);
    if (rank < 0) {
      rank = counts.push(0) - 1;
      if (index === label && index < TABLE_SIZE) small[index] = rank;
      else others.set(label, rank);
    }
    counts[rank]++;
    ranks[j] = rank;
  }
  return { ranks, counts };
}
