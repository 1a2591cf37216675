import { jeffreysRows, jeffreysTable } from '../distance/information-distance';
import type { Family } from '../families/family';
import type { Seed } from '../math/random';
import { assemble, type Mixture } from '../mixture/mixture';
import { type NoiseLaw, noiseLaws } from '../theory/noise-laws';
import type { Progress, Steps } from '../work/work';
import { alignComponents } from './align-components';
import { CANDIDATES, candidatesAmong } from './candidates';
import {
  componentSize,
  LEAST_WEIGHT,
  meanProportions,
  proportionsOf,
  squaredDistance,
  withProportions,
  wordsOf,
} from './proportions';
import {
  type Block,
  blockOf,
  FARTHEST,
  type FilteredBlock,
  filterBlock,
  MOST_DEGREES_OF_FREEDOM,
  originalsOf,
  type Points,
  safetyFactor,
} from './robust-block';

// What `dfmrComponents` does once or twice: it cuts estimates into parts, finds the law of honest distances, and filters each part.

/** From how many machines on some stand for all. */
export interface Limits {
  /** of more machines than this, components have candidates as centres, and references stand for all pairs */
  readonly allPairs: number;
  /** how many machines are references; `robust-block.ts` says what for */
  readonly references: number;
}

export const LIMITS: Limits = { allPairs: 500, references: 256 };

/** If the most concentrated half of the machines has this many times the spread that sampling gives, weights really differ. */
const WEIGHTS_DIFFER = 1.5;

/** What is found of some machines, which are numbered anew. */
export interface Round<Parameter> extends Parts<Parameter> {
  readonly rows: Float64Array;
  readonly rowsKnown: boolean;
  readonly scales: Scales;
  readonly filtered: readonly FilteredBlock[];
  /** of each part, 1 for the machines of which it is used */
  readonly used: readonly Uint8Array[];
  /** 1 for the machines most of whose components are out */
  readonly disbelieved: Uint8Array;
  readonly weightsDiffer: boolean;
  readonly undecided: readonly string[];
}

/** How the machines came to their estimates. */
export interface Origin {
  /** whether rows are numbers, not ratios only */
  readonly rowsKnown: boolean;
  /** the EM steps by which all came from one start, whose components theirs are then, one to one; Infinity if each had starts of its own */
  readonly iterations: number;
  /** of honest distances, if they are known */
  readonly laws?: readonly NoiseLaw[];
  /** of what is drawn if there are many machines */
  readonly seed: Seed;
  readonly limits: Limits;
}

/** A round of some machines, with the rows that they claim. */
export function* roundOf<P>(mixtures: readonly Mixture<P>[], rows: Float64Array, origin: Origin): Steps<Round<P>> {
  const [{ order: K }] = mixtures;
  const m = mixtures.length;
  const parts = yield* partsOf(mixtures, rows, origin);
  const { blocks } = parts;
  const scales = yield* expectedScales(parts, origin);
  const filtered: FilteredBlock[] = [];
  for (const [k, block] of blocks.entries()) {
    const slices = filterBlock(block, { ...scales.of[k], tests: m * blocks.length });
    filtered.push(yield* during(slices, { stage: 'filtering components', done: k, total: blocks.length }));
  }
  const { kept, undecided, weightsDiffer } = verdictsOf(parts, filtered, scales);
  const disbelieved = m > 2 ? machinesOutside(kept, K, m) : new Uint8Array(m);
  const used = kept.map((one) => {
    const believed = one.map((is, i) => (disbelieved[i] ? 0 : is));
    return believed.includes(1) ? believed : one;
  });
  return { ...parts, rows, rowsKnown: origin.rowsKnown, scales, filtered, used, disbelieved, weightsDiffer, undecided };
}

/** The estimates cut into parts: K components and, for K > 1, the weights. */
export interface Parts<Parameter> {
  readonly mixtures: readonly Mixture<Parameter>[];
  /** [i K + k] */
  readonly assignment: Int32Array;
  /** of each machine, the weights of the components in this order, S × K: S is 1 unless they differ from place to place */
  readonly proportions: readonly Float64Array[];
  readonly blocks: readonly Block[];
}

function* partsOf<P>(mixtures: readonly Mixture<P>[], rows: Float64Array, origin: Origin): Steps<Parts<P>> {
  const [{ family, dimension, order: K }] = mixtures;
  const m = mixtures.length;
  const { seed, limits } = origin;
  const references = candidatesAmong(m, m > limits.allPairs ? limits.references : m, seed, 'references');
  const { assignment, squaredOf } = yield* kindsOf(mixtures, references, origin);
  const weightOf = (i: number, k: number) => mixtures[i].weights[assignment[i * K + k]];
  const proportions = mixtures.map((one, i) => proportionsOf(one, assignment.subarray(i * K, (i + 1) * K)));
  const points: Points[] = [];
  const size = componentSize(family, dimension);
  for (let k = 0; k < K; k++) {
    const parameterOf = (i: number) => mixtures[i].parameters[assignment[i * K + k]];
    points.push({
      squared: yield* squaredOf(k),
      references,
      claims: rows.map((n, i) => n * Math.max(weightOf(i, k), LEAST_WEIGHT)),
      size,
      counts: size === 1,
      between(i, j) {
        const [a, b] = [parameterOf(i), parameterOf(j)];
        return within((family.divergence(a, b) + family.divergence(b, a)) / 2);
      },
    });
  }
  if (K > 1) {
    const between = (i: number, j: number) => within(squaredDistance(proportions[i], proportions[j], K));
    const squared = squaredFrom(references, m, between);
    const coordinates = family.proportions?.size(K) ?? K - 1;
    points.push({ squared, references, claims: rows, size: coordinates, counts: !family.proportions, between });
  }
  const progress = (done: number) => ({ stage: 'centres of components', done, total: points.length });
  const original = yield* during(originalsOf(points, m), progress(0));
  const blocks: Block[] = [];
  for (const [k, one] of points.entries()) blocks.push(yield* during(blockOf(one, original), progress(k)));
  return { mixtures, assignment, proportions, blocks };
}

/** Slices of work as steps, which tell how far the whole is. */
function* during<Result>(slices: Generator<void, Result, void>, progress: Progress): Steps<Result> {
  for (;;) {
    yield progress;
    const { done, value } = slices.next();
    if (done) return value;
  }
}

const within = (squared: number): number => Math.min(FARTHEST, squared);

/** Squared distances from references to all, R × m. */
function squaredFrom(references: Int32Array, m: number, of: (i: number, j: number, r: number) => number): Float64Array {
  const squared = new Float64Array(references.length * m);
  for (let r = 0, at = 0; r < references.length; r++) {
    const i = references[r];
    for (let j = 0; j < m; j++) squared[at++] = i === j ? 0 : within(of(i, j, r));
  }
  return squared;
}

/** Which component of each machine is of which kind, and the squared distances within a kind. */
interface Kinds {
  /** [i K + k] */
  readonly assignment: Int32Array;
  /** from the references' components of kind k to all machines', R × m */
  squaredOf(k: number): Steps<Float64Array>;
}

function* kindsOf<P>(
  mixtures: readonly Mixture<P>[],
  references: Int32Array,
  { iterations, seed, limits }: Origin,
): Steps<Kinds> {
  const [{ family, order: K }] = mixtures;
  const m = mixtures.length;
  const started = iterations < Infinity;
  if (m <= limits.allPairs) return yield* started ? asStarted(mixtures, references) : matched(mixtures, references);
  const own = Int32Array.from({ length: m * K }, (_, at) => at % K);
  const assignment = started ? own : yield* matchedToCandidates(mixtures, seed);
  return {
    assignment,
    *squaredOf(k) {
      const kind = mixtures.map(({ parameters }, i) => parameters[assignment[i * K + k]]);
      const ofReferences = Array.from(references, (i) => kind[i]);
      const table = yield* jeffreysRows(family, ofReferences, kind);
      return squaredFrom(references, m, (_, j, r) => table[r * m + j]);
    },
  };
}

/** Components as they lie to those of candidates. */
function* matchedToCandidates<P>(mixtures: readonly Mixture<P>[], seed: Seed): Steps<Int32Array> {
  const [{ family, order: K }] = mixtures;
  const m = mixtures.length;
  const candidates = candidatesAmong(m, CANDIDATES, seed, 'centres of components');
  const all = mixtures.flatMap(({ parameters }) => parameters);
  const centres = Array.from(candidates).flatMap((i) => mixtures[i].parameters);
  return yield* alignComponents(yield* jeffreysRows(family, centres, all), m, K, candidates);
}

/** Components as they lie to each other. */
function* matched<P>(mixtures: readonly Mixture<P>[], all: Int32Array): Steps<Kinds> {
  const [{ order: K }] = mixtures;
  const m = mixtures.length;
  const N = m * K;
  const table = yield* jeffreysTable(mixtures);
  const assignment = yield* alignComponents(table, m, K);
  return {
    assignment,
    *squaredOf(k) {
      const at = Int32Array.from(all, (i) => i * K + assignment[i * K + k]);
      return squaredFrom(all, m, (i, j) => table[at[i] * N + at[j]]);
    },
  };
}

/** Components that all came from the same component of one start are of one kind, wherever they went. */
function* asStarted<P>(mixtures: readonly Mixture<P>[], all: Int32Array): Steps<Kinds> {
  const [{ order: K }] = mixtures;
  const m = mixtures.length;
  const tables: Float64Array[] = [];
  for (let k = 0; k < K; k++)
    tables.push(yield* jeffreysTable(mixtures.map(({ family, parameters }) => assemble(family, ONE, [parameters[k]]))));
  return {
    assignment: Int32Array.from({ length: m * K }, (_, at) => at % K),
    *squaredOf(k) {
      return squaredFrom(all, m, (i, j) => tables[k][i * m + j]);
    },
  };
}

const ONE = Float64Array.of(1);

/** What the law of honest distances is in each part. */
export interface Scales {
  readonly of: readonly { readonly expected: number; readonly degreesOfFreedom: number }[];
  readonly misfit: number;
  /** what theory says; undefined if it does not */
  readonly theory?: readonly NoiseLaw[];
}

function* expectedScales<P>(parts: Parts<P>, { rowsKnown, iterations, laws: known }: Origin): Steps<Scales> {
  const { blocks } = parts;
  const theory = known ?? (yield* noiseLaws(mixtureOfHalves(parts), iterations));
  // by its own most concentrated half, if theory does not say it
  const laws: readonly NoiseLaw[] =
    theory ?? blocks.map(({ coreScale, size }) => ({ inflation: 2 * coreScale, degreesOfFreedom: size }));
  const ratios = blocks.map(({ coreScale }, k) => (2 * coreScale) / laws[k].inflation || 0);
  const found = weightedMedian(
    ratios,
    laws.map(({ degreesOfFreedom }) => degreesOfFreedom),
  );
  // estimates of known rows cannot vary less than theory says, whatever copies do to the cores
  const misfit = rowsKnown && theory ? Math.max(1, found) : found;
  return {
    misfit,
    theory,
    of: laws.map(({ inflation, degreesOfFreedom }) => ({
      expected: (misfit * inflation) / 2 || Number.MIN_VALUE,
      degreesOfFreedom: Math.max(0.5, Math.min(degreesOfFreedom, MOST_DEGREES_OF_FREEDOM)),
    })),
  };
}

/** The mixture of the most concentrated half of each part. */
function mixtureOfHalves<P>(parts: Parts<P>): Mixture<P> {
  const { mixtures, blocks } = parts;
  const [{ family, order: K }] = mixtures;
  const cores = blocks.map(({ core }) => core);
  const parameters = Array.from({ length: K }, (_, k) => barycentreOf(parts, k, cores[k]));
  return mixtureOfParts(family, meanWeights(parts, cores[K > 1 ? K : 0]), parameters);
}

/** The mixture of components and proportions that were found apart. */
export function mixtureOfParts<P>(family: Family<P>, proportions: Float64Array, components: readonly P[]): Mixture<P> {
  const { weights, parameters } = withProportions(family, proportions, components);
  return assemble(family, weights, family.tie?.(parameters, weights) ?? parameters);
}

/** The least value that at least half of the weight does not exceed. */
function weightedMedian(values: readonly number[], weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const ascending = [...values.keys()].sort((a, b) => values[a] - values[b]);
  let sum = 0;
  for (const i of ascending) {
    sum += weights[i];
    if (2 * sum >= total) return values[i];
  }
  return values[ascending[ascending.length - 1]];
}

/** The barycentre of some machines' component k, by their masses. */
export function barycentreOf<P>({ mixtures, assignment, blocks }: Parts<P>, k: number, which: readonly number[]): P {
  const [{ family, order: K }] = mixtures;
  return family.barycentre(
    which.map((i) => mixtures[i].parameters[assignment[i * K + k]]),
    Float64Array.from(which, (i) => blocks[k].share[i]),
  );
}

/** The mean weights of some machines, by their masses. */
export function meanWeights<P>({ mixtures, proportions, blocks }: Parts<P>, which: readonly number[]): Float64Array {
  const [{ order: K }] = mixtures;
  return meanProportions(proportions, which, blocks[K > 1 ? K : 0].share, K);
}

/** Who is kept of each part, where a majority can tell, and whether weights really differ. */
function verdictsOf<P>({ blocks, mixtures }: Parts<P>, filtered: readonly FilteredBlock[], { of }: Scales) {
  const [{ family, order: K }] = mixtures;
  const words = wordsOf(family);
  const m = mixtures.length;
  const weightsDiffer = K > 1 && m > 2 && blocks[K].coreMean > WEIGHTS_DIFFER * of[K].expected * safetyFactor(m);
  const undecided: string[] = [];
  const kept = filtered.map((one, k) => {
    if (k === K && weightsDiffer) return one.kept.map(() => 1);
    // of two, or of two against two, none can outvote the others
    if (!(one.forced && m <= 4)) return one.kept;
    undecided.push(
      `${m} machines disagree about ${k < K ? `${words.component} ${k}` : `the ${words.weights}`}, and none can outvote the others: all are used, and nobody is accused.`,
    );
    return one.kept.map(() => 1);
  });
  return { kept, undecided, weightsDiffer };
}

/** 1 for the machines of which more than half of the components are out. */
function machinesOutside(kept: readonly Uint8Array[], K: number, m: number): Uint8Array {
  return Uint8Array.from({ length: m }, (_, i) => {
    const out = kept.slice(0, K).filter((one) => !one[i]).length;
    return 2 * out > K ? 1 : 0;
  });
}
