import { jeffreysTable } from '../distance/information-distance';
import { quantile } from '../math/quantile';
import { shortNumber } from '../math/short-number';
import { chiSquareUpper } from '../math/special';
import type { Estimate } from '../mixture/given';
import { assemble, type Mixture } from '../mixture/mixture';
import { type NoiseLaw, noiseLaws } from '../theory/noise-laws';
import type { RowsBehind } from '../theory/standard-errors';
import { finished, type Steps } from '../work/work';
import { alignComponents } from './align-components';
import { mixturesOf, sampleSizesOf } from './estimates';
import {
  type Block,
  blockOf,
  effectiveRows,
  type FilteredBlock,
  filterBlock,
  MOST_DEGREES_OF_FREEDOM,
  originalsOf,
  type Points,
  safetyFactor,
} from './robust-block';
import type { Aggregated, SetAside } from './rule';

/** Options of `dfmrComponents`. */
export interface ComponentsOptions {
  /**
   * n_1 … n_m
   * @defaultValue the fits' own, or equal ones if they have none
   */
  readonly sampleSizes?: ArrayLike<number>;
}

/** A machine that sent what another sent, but for less than honest machines differ. */
export interface Copy {
  readonly machine: number;
  /** the first machine that sent the same, in part or wholly */
  readonly of: number;
}

/** The aggregate of components, and which component of which machine was used for what. */
export interface Components<Parameter> extends Aggregated<Parameter> {
  /** [i K + k]: 1 if machine i's component for component k of the mixture was used */
  readonly keptComponents: Uint8Array;
  /** [i K + k]: which component of machine i, as it numbers them, stands for component k of the mixture */
  readonly assignment: Int32Array;
  /** 1 for the machines whose weights were used */
  readonly keptWeights: Uint8Array;
  /** [i (K + 1) + k]: how far the component of machine i, and last its weights, is from what was kept, in thresholds: 1 is at it */
  readonly distances: Float64Array;
  /** what was counted once, as several machines sent it */
  readonly copies: readonly Copy[];
  /** the rows behind each part, for standard errors; undefined if sample sizes are not known */
  readonly rowsBehind?: RowsBehind;
  /** how many times the variance of honest estimates is that of theory; 1 if the model is true and local fits are good */
  readonly misfit: number;
  /** whether machines' weights differ by more than sampling: `mixturesOfMachines` then has weights of each machine's own */
  readonly weightsDiffer: boolean;
}

/** Weights below this count as this: a component without rows has a variance that is not infinite. */
const LEAST_WEIGHT = 1e-12;

/** Squared distances beyond this are as good as infinite, and their sums stay within float64. */
const FARTHEST = 1e100;

/** If the most concentrated half of the machines has this many times the spread that sampling gives, weights really differ. */
const WEIGHTS_DIFFER = 1.5;

/** If the core is tighter than honest estimates are with this chance, by half, machines have agreed on what they send. */
const COLLUSION_LEVEL = 0.999;

/**
 * Aggregation by components (section 7 of the paper: "some components remain failure-free"): a centre for every component by the
 * Jeffreys divergence, thresholds from the law of honest distances, and barycentres of what is kept; the weights are one more part.
 * An honest majority in each component is all that it needs, and no component of a minority can move the result far, however light
 * or wide it is. The paper's rule is `dfmr`.
 *
 * 1. Components are matched one to one to K centres of attention (`alignComponents`).
 * 2. Each component is a part of its own, and so are the weights: m points with squared distances δ², ½ Σ (w − w′)² / w̄ for weights,
 *    whose variance goes with one over the machine's rows. Copies count once. Each machine has one vote in who is kept, whatever it
 *    claims; claimed rows set its threshold, and what it counts in means.
 * 3. The scale of honest distances: the most concentrated half of each part, theory at the mixture of these halves (`noiseLaws`), and one
 *    factor for all parts by which the estimates vary more than theory says.
 * 4. Of each part those are kept that lie within what the law allows of the mean that most lie near to, and no more of them far out
 *    than chance puts there. A machine most of whose components are out is not believed in the others.
 * 5. If machines are not believed, all is done once more without them, as they disturbed centres and matching.
 * 6. The barycentres of what is kept, and the mean weights.
 *
 * Two machines cannot outvote each other, nor two against two: then nobody is set aside, and a note says so.
 * @param estimates m mixtures, or results that hold one, of one family, dimension and order
 * @returns the mixture, which component of which machine was used for what, and what was set aside and why
 * @throws InvalidInput if there are no estimates, they differ in family, dimension or order, or a sample size is not positive
 * @example
 * const { mixture, keptComponents, setAside } = dfmrComponents(fits);
 */
export function dfmrComponents<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  options: ComponentsOptions = {},
): Components<Parameter> {
  return finished(componentsSteps(estimates, options));
}

/** The steps of `dfmrComponents`. */
export function* componentsSteps<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  { sampleSizes }: ComponentsOptions,
): Steps<Components<Parameter>> {
  const mixtures = mixturesOf(estimates);
  const m = mixtures.length;
  const all = Int32Array.from(mixtures.keys());
  const { relative, total } = sampleSizesOf(estimates, sampleSizes ?? claimsOf(estimates), all);
  const largest = total === undefined ? 1 : total / relative.reduce((sum, one) => sum + one, 0);
  const rows = relative.map((one) => one * largest);
  const rowsKnown = total !== undefined;
  const first = yield* roundOf(mixtures, rows, rowsKnown);
  const believed = all.filter((i) => !first.disbelieved[i]);
  if (believed.length === m || 2 * believed.length <= m) return resultOf(first, first, all);
  const second = yield* roundOf(
    Array.from(believed, (i) => mixtures[i]),
    Float64Array.from(believed, (i) => rows[i]),
    rowsKnown,
  );
  return resultOf(first, second, believed);
}

/** What machines claim, as the door lets through beside what it has capped; undefined if it is not known, or ignored. */
function claimsOf<P>(estimates: readonly Estimate<P>[]): number[] | undefined {
  const claims = estimates.map((one) => {
    const { sampleSize, claimedSampleSize } = one as { sampleSize?: number; claimedSampleSize?: number };
    return sampleSize === undefined ? undefined : claimedSampleSize;
  });
  return claims.every((claim) => claim !== undefined) ? claims : undefined;
}

/** What is found of some machines, which are numbered anew. */
interface Round<Parameter> extends Parts<Parameter> {
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

function* roundOf<P>(mixtures: readonly Mixture<P>[], rows: Float64Array, rowsKnown: boolean): Steps<Round<P>> {
  const [{ order: K }] = mixtures;
  const m = mixtures.length;
  const parts = yield* partsOf(mixtures, rows);
  const { blocks } = parts;
  const scales = yield* expectedScales(parts, rowsKnown);
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
  return { ...parts, rows, rowsKnown, scales, filtered, used, disbelieved, weightsDiffer, undecided };
}

/** The estimates cut into parts: K components and, for K > 1, the weights. */
interface Parts<Parameter> {
  readonly mixtures: readonly Mixture<Parameter>[];
  /** [i K + k] */
  readonly assignment: Int32Array;
  readonly blocks: readonly Block[];
}

function* partsOf<P>(mixtures: readonly Mixture<P>[], rows: Float64Array): Steps<Parts<P>> {
  const [{ family, dimension, order: K }] = mixtures;
  const m = mixtures.length;
  const N = m * K;
  const table = yield* jeffreysTable(mixtures);
  const assignment = yield* alignComponents(table, m, K);
  const weightOf = (i: number, k: number) => mixtures[i].weights[assignment[i * K + k]];
  const pairs = (of: (i: number, j: number) => number) =>
    Float64Array.from({ length: m * m }, (_, ij) => {
      const [i, j] = [Math.floor(ij / m), ij % m];
      return i === j ? 0 : Math.min(FARTHEST, of(i, j));
    });
  const points: Points[] = [];
  for (let k = 0; k < K; k++) {
    const at = (i: number) => i * K + assignment[i * K + k];
    const claims = rows.map((n, i) => n * Math.max(weightOf(i, k), LEAST_WEIGHT));
    points.push({
      squared: pairs((i, j) => table[at(i) * N + at(j)]),
      claims,
      size: family.size(dimension),
      counts: family.size(dimension) === 1,
    });
  }
  if (K > 1) {
    const ofWeights = (i: number, j: number) => {
      let sum = 0;
      for (let k = 0; k < K; k++) {
        const [v, w] = [weightOf(i, k), weightOf(j, k)];
        if (v + w > 0) sum += (v - w) ** 2 / (v + w);
      }
      return sum;
    };
    points.push({ squared: pairs(ofWeights), claims: rows, size: K - 1, counts: true });
  }
  const original = originalsOf(points, m);
  const blocks: Block[] = [];
  for (const [k, one] of points.entries()) {
    yield { stage: 'centres of components', done: k, total: points.length };
    blocks.push(blockOf(one, original));
  }
  return { mixtures, assignment, blocks };
}

/** What the law of honest distances is in each part. */
interface Scales {
  readonly of: readonly { readonly expected: number; readonly degreesOfFreedom: number }[];
  readonly misfit: number;
  /** whether theory could say it */
  readonly byTheory: boolean;
}

function* expectedScales<P>(parts: Parts<P>, rowsKnown: boolean): Steps<Scales> {
  const { mixtures, blocks } = parts;
  const [{ family, order: K }] = mixtures;
  const cores = blocks.map(({ core }) => core);
  const parameters = Array.from({ length: K }, (_, k) => barycentreOf(parts, k, cores[k]));
  const weights = K > 1 ? meanWeights(parts, cores[K]) : Float64Array.of(1);
  const theory = yield* noiseLaws(assemble(family, weights, family.tie?.(parameters, weights) ?? parameters));
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
    byTheory: theory !== undefined,
    of: laws.map(({ inflation, degreesOfFreedom }) => ({
      expected: (misfit * inflation) / 2 || Number.MIN_VALUE,
      degreesOfFreedom: Math.max(0.5, Math.min(degreesOfFreedom, MOST_DEGREES_OF_FREEDOM)),
    })),
  };
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

function barycentreOf<P>({ mixtures, assignment, blocks }: Parts<P>, k: number, which: readonly number[]): P {
  const [{ family, order: K }] = mixtures;
  return family.barycentre(
    which.map((i) => mixtures[i].parameters[assignment[i * K + k]]),
    Float64Array.from(which, (i) => blocks[k].share[i]),
  );
}

/** The mean weights of some machines, by their masses. */
function meanWeights<P>({ mixtures, assignment, blocks }: Parts<P>, which: readonly number[]): Float64Array {
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

/**
 * The result of the last round, of the machines `which`, with what the first says of the others.
 * @param first of all machines
 */
function resultOf<P>(first: Round<P>, last: Round<P>, which: Int32Array): Components<P> {
  const { used, blocks, rowsKnown, weightsDiffer, scales } = last;
  const [{ family, order: K }] = last.mixtures;
  const m = first.mixtures.length;
  const listOf = (k: number) => [...used[k].keys()].filter((i) => used[k][i]);
  const weights =
    K === 1 ? Float64Array.of(1) : weightsDiffer ? medianWeights(last, listOf(K)) : meanWeights(last, listOf(K));
  const parameters = Array.from({ length: K }, (_, k) => barycentreOf(last, k, listOf(k)));
  const keptComponents = new Uint8Array(m * K);
  const keptWeights = new Uint8Array(m);
  const assignment = first.assignment.slice();
  const distances = distancesOf(first, m);
  const ofLast = distancesOf(last, which.length);
  which.forEach((i, r) => {
    for (let k = 0; k < K; k++) {
      keptComponents[i * K + k] = used[k][r];
      assignment[i * K + k] = last.assignment[r * K + k];
    }
    for (let k = 0; k <= K; k++) distances[i * (K + 1) + k] = ofLast[r * (K + 1) + k];
    keptWeights[i] = K > 1 ? used[K][r] : 1;
  });
  const kept = Int32Array.from({ length: m }, (_, i) => i).filter((i) =>
    keptComponents.subarray(i * K, (i + 1) * K).includes(1),
  );
  const rowsOf = (k: number) => effectiveRows(used[k], blocks[k]) / (k < K ? weights[k] || LEAST_WEIGHT : 1);
  const outside = first === last ? [] : reasonsFor(first).filter(({ machine }) => first.disbelieved[machine]);
  const inside = reasonsFor(last).map((one) => ({ ...one, machine: which[one.machine] }));
  return {
    mixture: assemble(family, weights, family.tie?.(parameters, weights) ?? parameters),
    kept,
    setAside: [...outside, ...inside].sort((a, b) => a.machine - b.machine),
    converged: true,
    ...(rowsKnown && {
      sampleSize: kept.reduce((sum, i) => sum + first.rows[i], 0),
      rowsBehind: {
        components: Float64Array.from({ length: K }, (_, k) => rowsOf(k)),
        weights: rowsOf(K > 1 ? K : 0),
      },
    }),
    keptComponents,
    assignment,
    keptWeights,
    distances,
    copies: copiesIn(first),
    misfit: scales.misfit,
    weightsDiffer,
    notes: [
      ...last.undecided,
      ...(weightsDiffer
        ? [
            'The weights of most machines differ by more than sampling: nobody is set aside for it, and the mixture has their median; mixturesOfMachines gives each machine its own.',
          ]
        : []),
      ...collusionIn(first),
      ...(family.notes?.(parameters) ?? []),
    ],
  };
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
function medianWeights<P>({ mixtures, assignment, blocks }: Parts<P>, which: readonly number[]): Float64Array {
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

/** What was not used of each machine, and why. */
function reasonsFor<P>({ mixtures, assignment, filtered, used, disbelieved }: Round<P>): SetAside[] {
  const [{ order: K }] = mixtures;
  const why = (k: number, i: number) => {
    const ratio = Math.sqrt(filtered[k].squaredDistances[i] / filtered[k].squaredThreshold);
    return ratio > 1
      ? `lies ${shortNumber(ratio, 3)} times as far from the others as honest ones do at most`
      : 'is of a group that lies farther out than chance puts honest ones';
  };
  return [...mixtures.keys()].flatMap((machine): SetAside[] => {
    const parts = Array.from({ length: K }, (_, k) => k).filter((k) => !used[k][machine]);
    if (disbelieved[machine]) {
      const own = parts.filter((k) => !filtered[k].kept[machine]).length;
      return [
        {
          machine,
          reason: `${own} of its ${K} components are far from those of the others, so that it is not believed`,
        },
      ];
    }
    const components = parts.map((k) => ({
      machine,
      component: assignment[machine * K + k],
      reason: `its component ${assignment[machine * K + k]} ${why(k, machine)}`,
    }));
    const weights =
      K > 1 && !used[K][machine]
        ? [{ machine, reason: `its weights are not used: the list of them ${why(K, machine)}` }]
        : [];
    return [...components, ...weights];
  });
}

/** Distances of all parts in units of their thresholds. */
function distancesOf<P>({ filtered, mixtures }: Round<P>, m: number): Float64Array {
  const [{ order: K }] = mixtures;
  const distances = new Float64Array(m * (K + 1));
  filtered.forEach(({ squaredDistances, squaredThreshold }, k) => {
    for (let i = 0; i < m; i++)
      distances[i * (K + 1) + k] = squaredDistances[i] > 0 ? Math.sqrt(squaredDistances[i] / squaredThreshold) : 0;
  });
  return distances;
}

function copiesIn<P>({ blocks }: Round<P>): Copy[] {
  return Array.from(blocks[0].original, (of, machine): Copy => ({ machine, of })).filter(
    ({ machine, of }) => machine !== of,
  );
}

/** A sentence for each part whose core is tighter than honest estimates of these rows can be. */
function collusionIn<P>({ blocks, mixtures, scales, rowsKnown }: Round<P>): string[] {
  const { of, byTheory } = scales;
  const [{ order: K }] = mixtures;
  if (!byTheory || !rowsKnown) return [];
  return blocks.flatMap(({ core, coreScale, claims }, k) => {
    const dof = of[k].degreesOfFreedom * Math.max(1, core.length - 1);
    const least = (of[k].expected * chiSquareUpper(dof, COLLUSION_LEVEL)) / dof / 2;
    if (claims.length <= 4 || coreScale >= least) return [];
    const part = k < K ? `component ${k}` : 'the weights';
    return [
      `Half of the machines agree about ${part} more closely than honest ones of so many rows can: some may have agreed beforehand.`,
    ];
  });
}

/**
 * The machines' mixtures with the components of the aggregate and weights of their own: for machines that see the same groups in
 * different proportions.
 * @param estimates those that were aggregated
 * @returns a mixture for each machine
 */
export function mixturesOfMachines<P>(
  estimates: readonly Estimate<P>[],
  { mixture, assignment }: Components<P>,
): Mixture<P>[] {
  const { family, order: K, parameters } = mixture;
  return mixturesOf(estimates).map(({ weights }, i) =>
    assemble(
      family,
      Float64Array.from({ length: K }, (_, k) => weights[assignment[i * K + k]]),
      parameters,
    ),
  );
}
