import { jeffreysRows, jeffreysTable } from '../distance/information-distance';
import { quantile } from '../math/quantile';
import type { Seed } from '../math/random';
import { assemble, type Mixture } from '../mixture/mixture';
import { type NoiseLaw, noiseLaws } from '../theory/noise-laws';
import type { Steps } from '../work/work';
import { alignComponents } from './align-components';
import { CANDIDATES, candidatesAmong } from './candidates';
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

/** Weights below this count as this: a component without rows has a variance that is not infinite. */
export const LEAST_WEIGHT = 1e-12;

/** Of more machines than this, components have candidates as centres, and references stand for all pairs. */
export const MOST_WITH_ALL_PAIRS = 500;

/** How many machines are references; `robust-block.ts` says what for. */
const REFERENCES = 256;

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
    yield { stage: 'filtering components', done: k, total: blocks.length };
    filtered.push(filterBlock(block, { ...scales.of[k], tests: m * blocks.length }));
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
  readonly blocks: readonly Block[];
}

function* partsOf<P>(mixtures: readonly Mixture<P>[], rows: Float64Array, origin: Origin): Steps<Parts<P>> {
  const [{ family, dimension, order: K }] = mixtures;
  const m = mixtures.length;
  const references = candidatesAmong(m, m > MOST_WITH_ALL_PAIRS ? REFERENCES : m, origin.seed, 'references');
  const { assignment, squaredOf } = yield* kindsOf(mixtures, references, origin);
  const weightOf = (i: number, k: number) => mixtures[i].weights[assignment[i * K + k]];
  const points: Points[] = [];
  const size = family.size(dimension);
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
    const between = (i: number, j: number) => {
      let sum = 0;
      for (let k = 0; k < K; k++) {
        const [v, w] = [weightOf(i, k), weightOf(j, k)];
        if (v + w > 0) sum += (v - w) ** 2 / (v + w);
      }
      return within(sum);
    };
    const squared = squaredFrom(references, m, between);
    points.push({ squared, references, claims: rows, size: K - 1, counts: true, between });
  }
  const original = originalsOf(points, m);
  const blocks: Block[] = [];
  for (const [k, one] of points.entries()) {
    yield { stage: 'centres of components', done: k, total: points.length };
    blocks.push(blockOf(one, original));
  }
  return { mixtures, assignment, blocks };
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
  { iterations, seed }: Origin,
): Steps<Kinds> {
  const [{ family, order: K }] = mixtures;
  const m = mixtures.length;
  const started = iterations < Infinity;
  if (m <= MOST_WITH_ALL_PAIRS) return yield* started ? asStarted(mixtures, references) : matched(mixtures, references);
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
  const weights = K > 1 ? meanWeights(parts, cores[K]) : Float64Array.of(1);
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
export function meanWeights<P>({ mixtures, assignment, blocks }: Parts<P>, which: readonly number[]): Float64Array {
  const [{ order: K }] = mixtures;
  const { share } = blocks[K];
  const sums = Float64Array.from({ length: K }, (_, k) =>
    which.reduce((sum, i) => sum + share[i] * mixtures[i].weights[assignment[i * K + k]], 0),
  );
  return normalised(sums);
}

function normalised(values: Float64Array): Float64Array {
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
}

/** Who is kept of each part, where a majority can tell, and whether weights really differ. */
function verdictsOf<P>({ blocks, mixtures }: Parts<P>, filtered: readonly FilteredBlock[], { of }: Scales) {
  const [{ order: K }] = mixtures;
  const m = mixtures.length;
  const weightsDiffer = K > 1 && m > 2 && blocks[K].coreMean > WEIGHTS_DIFFER * of[K].expected * safetyFactor(m);
  const undecided: string[] = [];
  const kept = filtered.map((one, k) => {
    if (k === K && weightsDiffer) return one.kept.map(() => 1);
    // of two, or of two against two, none can outvote the others
    if (!(one.forced && m <= 4)) return one.kept;
    undecided.push(
      `${m} machines disagree about ${k < K ? `component ${k}` : 'the weights'}, and none can outvote the others: all are used, and nobody is accused.`,
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

/**
 * The weights that machines have in the middle, if they really differ: the spatial median in the metric Σ (w − w′)² / w, which no
 * minority pulls far (Weiszfeld's iteration).
 */
export function medianWeights<P>({ mixtures, assignment, blocks }: Parts<P>, which: readonly number[]): Float64Array {
  const [{ order: K }] = mixtures;
  const { mass } = blocks[K];
  const weightOf = (i: number, k: number) => mixtures[i].weights[assignment[i * K + k]];
  const middle = (k: number) =>
    quantile(
      which.map((i) => weightOf(i, k)),
      0.5,
    );
  let centre = normalised(Float64Array.from({ length: K }, (_, k) => middle(k) + LEAST_WEIGHT));
  for (let round = 0; round < 100; round++) {
    const pulls = which.map((i) => {
      const squared = centre.reduce((sum, w, k) => sum + (weightOf(i, k) - w) ** 2 / w, 0);
      return mass[i] / Math.sqrt(squared + LEAST_WEIGHT);
    });
    centre = normalised(
      centre.map((_, k) => which.reduce((sum, i, r) => sum + pulls[r] * weightOf(i, k), 0) + LEAST_WEIGHT ** 2),
    );
  }
  return centre;
}
