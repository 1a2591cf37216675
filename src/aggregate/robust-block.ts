import { betaQuantile } from '../math/incomplete-beta';
import { chiSquareCdf, chiSquareUpper } from '../math/incomplete-gamma';
import { ascendingPlaces, quantile, valueAtWeight, valueInOrder } from '../math/quantile';
import { cappedClaims } from './capped-claims';

// One block of what m machines sent (a component, or the weights): m points, known by their squared distances alone. The mean of a set
// of them, and the distances to it, follow from those: |x_i − Σ a_j x_j|² = Σ a_j d_ij² − ½ Σ Σ a_j a_l d_jl².
//
// Of many machines, only those of R references to all m are known, R m in place of m² pairs. References are drawn at random once all have
// sent, so that no machine can choose to be one. Votes are counted among all machines as ever; only these are by references:
// - Starts of a search. Each reference has its exact ball of half of all machines; that none is honest has a chance of 2^−R.
// - The mean of a set is that of the references in it, at random of the set. It errs by about 1/(R ∩ set) of one variance, some tenths of
//   a per cent, in the same way for all machines, and distances count that error as they count that of the mean itself.
// - Radii of balls about those that are not references hold half of the references. They only tell who is wild, by a factor of 900.
// - Copies: who is a copy of a reference is found; a group of a tenth of all machines has a reference but for a chance of 0.9^R, 10^−12.
//   Small groups of copies have few votes, and what is the same in all bits, or nearly, is found by sorting (`neighbours`).

/** The chance that an honest part anywhere is set aside by its own distance: Bonferroni over all distances that are tested. */
const LEVEL = 0.05;

/** The chance that as many honest ones of a block lie as far out as those that are set aside as a group. */
const GROUP_LEVEL = 0.002;

/** The mean that most machines lie near to is sought within the distance that this share of honest ones has. */
const REACH = 0.9;

/** Scales come from about m numbers: the law is applied to a variance that is larger by this factor, 1.2 for twenty machines. */
export const safetyFactor = (m: number): number => 1 + 4 / m;

/** A block's own scale may exceed what theory and the other blocks give by this factor: more is contamination, not second-order noise. */
const OWN_SCALE_FACTOR = 1.3;

/** Squared distances beyond this are as good as infinite, and their sums stay within float64. */
export const FARTHEST = 1e100;

/** No block errs along more directions: overlap and few rows leave few, and χ² of 40 has tails as heavy as those of real fits. */
export const MOST_DEGREES_OF_FREEDOM = 40;

/** How many pairs of honest machines are expected to be taken for copies. */
const COPIES_EXPECTED = 0.01;

/** Copies are nearer than this share of the half-ball radius, whatever the law: local maxima may rule it. */
const COPY_SHARE = 0.5;

/**
 * A point takes no part if it is this many radii from half of the machines, whatever error it claims: the mean of a set is known by
 * squared distances as in Euclidean space, and divergences are that near by only. Honest ones of 1/900 of the median rows lie there.
 */
const WILD = 30;

/** A machine counts in the result, once it is kept, for no more than this many machines of the median claim. */
const MOST_MEDIANS = 10;

/** Work in slices that are short beside 0.2 s. */
type Slices<Result> = Generator<void, Result, void>;

/** Machines that are looked at in a slice. */
const SLICE = 500;

/** What is known of a block before its scale is. Sets of machines are lists of their numbers. */
export interface Block {
  /** squared distances from the references to all, R × m, row-major */
  readonly squared: Float64Array;
  /** the machines whose distances to all are known; all m of them, if they are few */
  readonly references: Int32Array;
  /** the rows behind each machine's point, known or relative: its variance goes with one over them */
  readonly claims: Float64Array;
  /** the number of coordinates */
  readonly size: number;
  /** the first machine of which each is a copy; itself, if it is none */
  readonly original: Int32Array;
  /** what each machine counts in majorities: one, shared among copies; 0 if it is wild */
  readonly votes: Float64Array;
  /** what each counts in the mean that distances are to: its claim, capped, shared among copies */
  readonly mass: Float64Array;
  /** what each machine counts in the result, if it is kept: its claim up to ten medians, shared among copies */
  readonly share: Float64Array;
  /** the references, by their place, at which searches start */
  readonly starts: readonly number[];
  /** the most concentrated half of the votes */
  readonly core: readonly number[];
  /** the mean squared distance of the core to its mean, in units of the variances, for each coordinate */
  readonly coreMean: number;
  /** the scale of honest distances: squared distances in units of the variances are about scale · χ² of `size` */
  readonly coreScale: number;
}

/** Who is kept of a block. */
export interface FilteredBlock {
  readonly kept: Uint8Array;
  /** squared distances to the mean of those kept, in units of the variances */
  readonly squaredDistances: Float64Array;
  readonly squaredThreshold: number;
  /** of honest distances */
  readonly scale: number;
  /** whether fewer than half were within the threshold, so that the nearest half were taken */
  readonly forced: boolean;
}

/** Claimed rows, none more than ten times the median. */
function boundedClaims(claims: Float64Array): Float64Array {
  const most = MOST_MEDIANS * quantile(claims, 0.5);
  return claims.map((claim) => Math.min(claim, most));
}

/** The points of a block, as they come. */
export interface Points extends Pick<Block, 'squared' | 'references' | 'claims' | 'size'> {
  /** whether the points are counts over n, as weights are and the mean of counts: two that are equal do not show a copy */
  readonly counts?: boolean;
  /** the squared distance between any two machines */
  between(i: number, j: number): number;
}

/** The block of m points, of which some are copies of others. */
export function* blockOf({ squared, references, claims, size }: Points, original: Int32Array): Slices<Block> {
  const m = claims.length;
  const times = new Float64Array(m);
  for (const i of original) times[i]++;
  const wild = wildOf(squared, references, original);
  const votes = Float64Array.from(original, (of, i) => (wild[i] ? 0 : 1 / times[of]));
  const mass = cappedClaims(claims).map((n, i) => n * votes[i]);
  const share = boundedClaims(claims).map((n, i) => n * votes[i]);
  const geometry = geometryOf({ squared, references, claims, mass, votes });
  const { meanOf, votesOf, half, nearestHalf, distancesTo } = geometry;
  const starts = startsOf(geometry, original);
  const core = yield* search(geometry, starts, nearestHalf, meanOf);
  const coreMean = meanOf(core, distancesTo(core)) / size;
  const coreScale =
    coreMean / meanBelow(Math.min(size, MOST_DEGREES_OF_FREEDOM), Math.min(1, votesOf(core) / (2 * half)));
  return { squared, references, claims, size, original, votes, mass, share, starts, core, coreMean, coreScale };
}

/**
 * The machines within what the law allows of the mean that most lie near to, and no more of them far out than chance puts there.
 * @param expected the scale that theory and the other blocks give
 * @param degreesOfFreedom of the law
 * @param tests how many distances are tested in all blocks
 */
export function* filterBlock(
  block: Block,
  { expected, degreesOfFreedom: dof, tests }: { expected: number; degreesOfFreedom: number; tests: number },
): Slices<FilteredBlock> {
  const { original, votes, size, starts, coreScale } = block;
  const m = votes.length;
  const geometry = geometryOf(block);
  const { votesOf, half, distancesTo, ascending, nearestHalf } = geometry;
  const scale = safetyFactor(m) * Math.min(Math.max(coreScale, expected), OWN_SCALE_FACTOR * expected);
  const unit = (scale * size) / dof; // χ² of fewer directions, with the same mean
  const reach = unit * chiSquareUpper(dof, 1 - REACH);
  const squaredThreshold = unit * chiSquareUpper(dof, LEVEL / tests);
  const near = (e: Float64Array) => {
    const set = placesWhere(e, (distance) => distance <= reach);
    return votesOf(set) > half ? set : nearestHalf(e);
  };
  const bounded = (_: readonly number[], e: Float64Array) =>
    e.reduce((sum, x, i) => sum + votes[i] * Math.min(x, reach), 0);
  let set = yield* search(geometry, starts, near, bounded);
  let forced = false;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    yield;
    const e = distancesTo(set);
    const within = ascending(e).filter((i) => e[i] <= squaredThreshold);
    let next = withoutGroup(within, e, { original, votes, half, unit, dof });
    forced = !(votesOf(next) > half);
    if (forced) next = nearestHalf(e);
    const before = new Set(set);
    const same = next.length === set.length && next.every((i) => before.has(i));
    set = next;
    if (same) break;
  }
  const kept = new Uint8Array(m);
  for (const i of set) if (votes[i] > 0) kept[i] = 1;
  return { kept, squaredDistances: distancesTo(set), squaredThreshold, scale, forced };
}

/** Filtering settles after two or three rounds; it may cycle. */
const MOST_ROUNDS = 30;

/**
 * Those before the first of the far half of them that lies farther out than the law gives its place: the j-th largest of N honest
 * distances exceeds its bound with the chance `GROUP_LEVEL`. Who lies beyond there is part of a group that hides within the threshold.
 */
function withoutGroup(
  within: readonly number[],
  e: Float64Array,
  {
    original,
    votes,
    half,
    unit,
    dof,
  }: { original: Int32Array; votes: Float64Array; half: number; unit: number; dof: number },
): readonly number[] {
  const single = (i: number) => (original[i] === i && votes[i] > 0 ? 1 : 0);
  const N = within.reduce((sum, i) => sum + single(i), 0);
  const before = new Int32Array(within.length); // of each, how many single ones are nearer
  let first = within.length; // where the far half begins
  let [count, votesBefore] = [0, 0];
  for (const [r, i] of within.entries()) {
    before[r] = count;
    if (first === within.length && 2 * (N - count) <= N && votesBefore > half) first = r;
    count += single(i);
    votesBefore += votes[i];
  }
  const bound = (r: number) => {
    const beyond = N - before[r]; // this one and those farther out
    if (beyond < 1) return Infinity;
    const tail = 1 - betaQuantile(N - beyond + 1, beyond, 1 - GROUP_LEVEL); // an order statistic is beta distributed
    return unit * chiSquareUpper(dof, tail);
  };
  // both distances and bounds ascend: where the last distance is within the first bound, all are
  const firstBeyond = (from: number, to: number): number => {
    if (from >= to || e[within[to - 1]] <= bound(from)) return -1;
    if (to - from === 1) return from;
    const middle = (from + to) >> 1;
    const nearer = firstBeyond(from, middle);
    return nearer >= 0 ? nearer : firstBeyond(middle, to);
  };
  const beyond = firstBeyond(first, within.length);
  return beyond < 0 ? within : within.slice(0, beyond);
}

/** What sets of machines have: masses, means, and distances to them. */
interface Geometry {
  readonly references: Int32Array;
  readonly votes: Float64Array;
  votesOf(set: readonly number[]): number;
  /** half of all votes, and a rounding more */
  readonly half: number;
  /** squared distances of all machines to the mean of a set, in units of their variances */
  distancesTo(set: readonly number[]): Float64Array;
  /** the same to the r-th reference */
  distancesFrom(r: number): Float64Array;
  ascending(e: Float64Array): number[];
  /** the nearest that have more than half of the votes */
  nearestHalf(e: Float64Array): number[];
  meanOf(set: readonly number[], e: Float64Array): number;
}

function geometryOf({
  squared,
  references,
  claims,
  mass,
  votes,
}: Pick<Block, 'squared' | 'references' | 'claims' | 'mass' | 'votes'>): Geometry {
  const m = claims.length;
  const rowOf = new Int32Array(m).fill(-1);
  references.forEach((i, r) => {
    rowOf[i] = r;
  });
  const most = 1 / quantile(claims, 0.5); // the error of those that take no part
  const variance = claims.map((n, i) => (votes[i] > 0 ? 1 / n : Math.min(1 / n, most)));
  const massOf = (set: readonly number[]) => set.reduce((sum, i) => sum + mass[i], 0);
  const votesOf = (set: readonly number[]) => set.reduce((sum, i) => sum + votes[i], 0);
  const half = (votes.reduce((sum, one) => sum + one, 0) / 2) * (1 + 1e-9);
  const ascending = ascendingPlaces;
  return {
    references,
    votes,
    votesOf,
    half,
    ascending,
    distancesTo(all) {
      const set = references.length === m ? all : all.filter((i) => rowOf[i] >= 0);
      const total = massOf(set);
      if (!(total > 0)) return new Float64Array(m).fill(FARTHEST); // of no set that a search should choose
      const inside = new Uint8Array(m);
      const sums = new Float64Array(m); // Σ_j a_j d_ij²
      let [spread, ofMean] = [0, 0];
      for (const j of set) {
        inside[j] = 1;
        ofMean += (mass[j] / total) ** 2 * variance[j];
      }
      addRows(sums, squared, set, { rowOf, mass });
      for (const i of set) spread += mass[i] * sums[i];
      spread /= 2 * total * total;
      for (let i = 0; i < m; i++) {
        // of one that is part of the mean: Var(x_i − x̄) is smaller by its share, twice
        const own = variance[i] * (inside[i] ? 1 - (2 * mass[i]) / total : 1) + ofMean;
        sums[i] = Math.max(0, sums[i] / total - spread) / (own || variance[i]);
      }
      return sums;
    },
    distancesFrom(r) {
      const own = variance[references[r]];
      return variance.map((other, j) => squared[r * m + j] / (own + other));
    },
    nearestHalf(e) {
      const farthest = valueAtWeight(e, votes, half);
      let left = half;
      for (let i = 0; i < m; i++) if (e[i] < farthest) left -= votes[i];
      return placesWhere(e, (distance, i) => {
        // of those that are as far as the last one, the first
        if (distance !== farthest || left < 0) return distance < farthest;
        left -= votes[i];
        return true;
      });
    },
    meanOf: (set, e) => set.reduce((sum, i) => sum + votes[i] * e[i], 0) / votesOf(set),
  };
}

function placesWhere(e: Float64Array, is: (distance: number, i: number) => boolean): number[] {
  const set: number[] = [];
  for (let i = 0; i < e.length; i++) if (is(e[i], i)) set.push(i);
  return set;
}

/** Adds Σ_j a_j d_ij² of the machines j of a set, four at once so that each sum is loaded and stored once for them. */
function addRows(
  sums: Float64Array,
  squared: Float64Array,
  set: readonly number[],
  { rowOf, mass }: { readonly rowOf: Int32Array; readonly mass: Float64Array },
): void {
  const m = sums.length;
  let at = 0;
  for (; at + 4 <= set.length; at += 4) {
    const [j0, j1, j2, j3] = [set[at], set[at + 1], set[at + 2], set[at + 3]];
    const [a0, a1, a2, a3] = [mass[j0], mass[j1], mass[j2], mass[j3]];
    const [r0, r1, r2, r3] = [rowOf[j0] * m, rowOf[j1] * m, rowOf[j2] * m, rowOf[j3] * m];
    for (let i = 0; i < m; i++)
      sums[i] = sums[i] + a0 * squared[r0 + i] + a1 * squared[r1 + i] + a2 * squared[r2 + i] + a3 * squared[r3 + i];
  }
  for (; at < set.length; at++) {
    const [a, row] = [mass[set[at]], rowOf[set[at]] * m];
    for (let i = 0; i < m; i++) sums[i] += a * squared[row + i];
  }
}

/** Steps from one start after which a search has long settled. */
const MOST_STEPS = 20;

/** Values that differ by less than this share are the same. */
const SAME_VALUE = 1e-9;

/** From the machines with the smallest balls around half of the others: more starts find nothing better, and take longer. */
const MOST_STARTS = 30;

/** Of many machines: their balls hold so many that those of honest ones are all alike. */
const STARTS_OF_MANY = 5;

/** The references at which a search starts, those with the smallest balls around half of the machines. */
function startsOf({ references, votes, distancesFrom }: Geometry, original: Int32Array): number[] {
  const m = votes.length;
  const half = Math.ceil(m / 2) - 1;
  return Array.from(references)
    .flatMap((s, r) => (original[s] === s && votes[s] > 0 ? [{ r, radius: valueInOrder(distancesFrom(r), half) }] : []))
    .sort((a, b) => a.radius - b.radius)
    .slice(0, references.length === m ? MOST_STARTS : STARTS_OF_MANY)
    .map(({ r }) => r);
}

/** From some machines as starts, sets and their means in turn; the set of the least loss. */
function* search(
  { votes, distancesFrom, distancesTo }: Geometry,
  starts: readonly number[],
  setOf: (e: Float64Array) => readonly number[],
  loss: (set: readonly number[], e: Float64Array) => number,
): Slices<readonly number[]> {
  let best: { readonly value: number; readonly set: readonly number[] } | undefined;
  const m = votes.length;
  const passed = new Set<string>();
  for (const r of starts) {
    yield;
    let set = setOf(distancesFrom(r));
    let last = Infinity;
    for (let step = 0; step < MOST_STEPS; step++) {
      const key = keyOf(set, m);
      if (passed.has(key)) break; // what follows is known from another start
      const e = distancesTo(set);
      const value = loss(set, e);
      if (!(value < last * (1 - SAME_VALUE))) break;
      passed.add(key);
      last = value;
      if (!best || value < best.value * (1 - SAME_VALUE)) best = { value, set };
      set = setOf(e);
    }
  }
  return best?.set ?? setOf(distancesFrom(0));
}

/** The same word for the same set of m machines, a bit for each. */
function keyOf(set: readonly number[], m: number): string {
  const bits = new Uint16Array(Math.ceil(m / 16));
  for (const i of set) bits[i >> 4] |= 1 << (i & 15);
  let key = '';
  for (const some of bits) key += String.fromCharCode(some);
  return key;
}

/**
 * Of each machine, the first that it is a copy of: nearer than any two honest ones come by chance in one block, or in all together, as
 * slightly different copies are. The scale of a block is the median of the machines' own half-ball radii, which no minority sets: copies
 * have small ones, and those that are far have large ones. A copy of an honest machine takes at most half of its mass from it. Numbers
 * that are counts over n agree by chance: they show copies only together with others.
 */
export function* originalsOf(blocks: readonly Points[], m: number): Slices<Int32Array> {
  const tail = m > 1 ? 1 - (2 * COPIES_EXPECTED) / (m * (m - 1)) : 0.5;
  const nearShare = (dof: number) => Math.min(chiSquareUpper(dof, tail) / chiSquareUpper(dof, 0.5), COPY_SHARE ** 2);
  const dofs = blocks.map(({ size }) => Math.min(size, MOST_DEGREES_OF_FREEDOM));
  const all = dofs.reduce((sum, dof) => sum + dof, 0);
  const variances = blocks.map(({ claims }) => {
    // who claims fewer rows than most does not make copies of those that it is near to
    const least = quantile(claims, 0.5);
    return boundedClaims(claims).map((n) => 1 / Math.max(n, least));
  });
  const [{ references }] = blocks;
  const fromReference = (b: number, r: number, j: number) =>
    blocks[b].squared[r * m + j] / (variances[b][references[r]] + variances[b][j]);
  const rows = Array.from(references.keys());
  const scales = blocks.map(
    (_, b) =>
      quantile(
        halfBalls(m, rows, (r, j) => fromReference(b, r, j)),
        0.5,
      ) || Number.MIN_VALUE,
  );
  const shares = dofs.map(nearShare);
  const shareOfAll = nearShare(Math.min(all, MOST_DEGREES_OF_FREEDOM));
  const areCopies = (distance: (b: number) => number) => {
    let total = 0;
    for (let b = 0; b < blocks.length; b++) {
      const share = distance(b) / scales[b];
      if (share < shares[b] && !blocks[b].counts) return true;
      total += (dofs[b] / all) * share;
    }
    return total < shareOfAll && !(blocks.length === 1 && blocks[0].counts);
  };
  const original = Int32Array.from({ length: m }, (_, i) => i);
  const copiesReference = (i: number) => {
    const r = rows.find((r) => {
      const j = references[r];
      // of two references the earlier one is the first, else the reference
      return original[j] === j && (j < i || !isReference[i]) && areCopies((b) => fromReference(b, r, i));
    });
    if (r !== undefined) original[i] = references[r];
  };
  const isReference = new Uint8Array(m);
  for (const i of references) isReference[i] = 1;
  references.forEach(copiesReference);
  if (references.length === m) return original;
  for (let i = 0; i < m; i++) {
    if (!isReference[i]) copiesReference(i);
    if (i % SLICE === 0) yield;
  }
  const pair = (i: number, j: number) => (b: number) => blocks[b].between(i, j) / (variances[b][i] + variances[b][j]);
  for (const [i, j] of neighbours(blocks, m)) {
    const [one, other] = [original[i], original[j]];
    if (one === other || !areCopies(pair(i, j))) continue;
    const first = isReference[one] === isReference[other] ? Math.min(one, other) : isReference[one] ? one : other;
    original[one] = first;
    original[other] = first;
  }
  return original.map((of) => {
    let first = of;
    while (original[first] !== first) first = original[first];
    return first;
  });
}

/** How many of those that follow each in the order of a part's distances to the first reference may be copies of it. */
const NEIGHBOURS = 2;

/** Pairs that may be nearly the same in some part: their distances to a reference are, so that they follow each other in that order. */
function* neighbours(blocks: readonly Points[], m: number): Generator<[number, number], void, void> {
  for (const { squared, counts } of blocks) {
    if (counts) continue;
    const order = ascendingPlaces(squared.slice(0, m));
    for (let at = 0; at < m; at++)
      for (let next = at + 1; next <= Math.min(at + NEIGHBOURS, m - 1); next++) yield [order[at], order[next]];
  }
}

/** The smallest radius² of a ball around each machine that holds half of those of `rows`, references by their place; itself counted. */
function halfBalls(m: number, rows: readonly number[], between: (r: number, j: number) => number): Float64Array {
  const half = Math.ceil(rows.length / 2) - 1;
  const row = new Float64Array(rows.length);
  return Float64Array.from({ length: m }, (_, i) => {
    for (let at = 0; at < rows.length; at++) row[at] = between(rows[at], i);
    return valueInOrder(row, half);
  });
}

/** Who is farther from half of the machines than any error could explain; copies are one machine. */
function wildOf(squared: Float64Array, references: Int32Array, original: Int32Array): boolean[] {
  const m = original.length;
  const originals = new Set(original);
  const rows = Array.from(references.keys()).filter((r) => originals.has(references[r]));
  const own = halfBalls(m, rows, (r, j) => squared[r * m + j]);
  const usual = quantile(
    Array.from(originals, (i) => own[i]),
    0.5,
  );
  const most = WILD ** 2 * usual;
  return Array.from(own, (radius) => radius > most);
}

/** How much smaller the mean of the nearest share of χ² is than that of all. */
function meanBelow(dof: number, share: number): number {
  return share >= 1 ? 1 : chiSquareCdf(dof + 2, chiSquareUpper(dof, 1 - share)) / share;
}

/** The rows of one machine that would say as much as those kept: (Σ a)² / Σ (a² / n). */
export function effectiveRows(kept: ArrayLike<number>, { share, claims }: Block): number {
  let [sum, squares] = [0, 0];
  share.forEach((a, i) => {
    if (!kept[i]) return;
    sum += a;
    squares += a ** 2 / claims[i];
  });
  return squares > 0 ? sum ** 2 / squares : 0;
}
