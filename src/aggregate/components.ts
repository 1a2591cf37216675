import { chiSquareUpper } from '../math/incomplete-gamma';
import type { Seed } from '../math/random';
import { shortNumber } from '../math/short-number';
import type { Estimate } from '../mixture/given';
import { assemble, type Mixture } from '../mixture/mixture';
import type { RowsBehind } from '../theory/standard-errors';
import { finished, type Steps } from '../work/work';
import { CANDIDATES, freshSeed } from './candidates';
import { barycentreOf, LIMITS, type Limits, meanWeights, mixtureOfParts, type Round, roundOf } from './component-round';
import { missingCellsOf, mixturesOf, sampleSizesOf } from './estimates';
import { withMedianNoise } from './median-noise';
import { LEAST_WEIGHT, medianProportions, proportionsOf, withProportions, wordsOf } from './proportions';
import { effectiveRows } from './robust-block';
import type { Aggregated, SetAside } from './rule';

/** Options of `dfmrComponents`. */
export interface ComponentsOptions {
  /**
   * n_1 … n_m
   * @defaultValue the fits' own, or equal ones if they have none
   */
  readonly sampleSizes?: ArrayLike<number>;
  /**
   * of the machines that are drawn, if there are more than 500, as candidates for centres and as references. Who knows the seed before it
   * sends can use it
   * @defaultValue one that is drawn afresh, which the result tells
   */
  readonly seed?: Seed;
}

/** A machine that sent what another sent, but for less than honest machines differ. */
export interface Copy {
  /** the machine, by its index */
  readonly machine: number;
  /** the first machine that sent the same, in part or wholly */
  readonly of: number;
}

/** The aggregate of components, and which component of which machine was used for what. */
export interface Components<Parameter> extends Aggregated<Parameter> {
  /** `[i K + k]` is 1 if machine i's component for component k of the mixture was used */
  readonly keptComponents: Uint8Array;
  /** `[i K + k]` is which component of machine i, as it numbers them, stands for component k of the mixture */
  readonly assignment: Int32Array;
  /** 1 for the machines whose weights were used */
  readonly keptWeights: Uint8Array;
  /** `[i (K + 1) + k]` is how far the component of machine i, and last its weights, is from what was kept, in thresholds: 1 is at it */
  readonly distances: Float64Array;
  /** what was counted once, as several machines sent it */
  readonly copies: readonly Copy[];
  /** the rows behind each part, for standard errors; undefined if sample sizes are not known */
  readonly rowsBehind?: RowsBehind;
  /** how many times the variance of honest estimates is that of theory; 1 if the model is true and local fits are good */
  readonly misfit: number;
  /** the seed by which candidates and references were drawn; undefined if all pairs of machines were compared */
  readonly seed?: Seed;
  /** whether machines' weights differ by more than sampling: `mixturesOfMachines` then has weights of each machine's own */
  readonly weightsDiffer: boolean;
}

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
 * 6. The barycentres of what is kept, and the mean weights. Noise, if there is some, is the median of the kept machines'.
 *
 * Of more than 500 machines not all pairs are compared: centres are sought among candidates, and distances are to references, both drawn at
 * random (`seed`); votes are counted among all. Time and memory are then linear in m.
 *
 * Two machines cannot outvote each other, nor two against two: then nobody is set aside, and a note says so.
 * @param estimates m mixtures, or results that hold one, of one family, dimension and order
 * @param options the sample sizes of the machines, and a seed
 * @returns the mixture, which component of which machine was used for what, and what was set aside and why
 * @throws InvalidInput if there are no estimates, they differ in family, dimension or order, or a sample size is not positive
 * @example
 * const { estimates, failed } = fail(fits, { kind: 'mean', fraction: 0.2, components: 1, seed: 1 }); // one component of one machine
 * const { mixture, keptComponents } = dfmrComponents(estimates);
 * failed; // [2]
 * keptComponents.subarray(3 * failed[0], 3 * failed[0] + 3); // [1, 1, 0]: its two other components are used
 * wasserstein1(mixture, truth); // 0.00952
 */
export function dfmrComponents<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  options: ComponentsOptions = {},
): Components<Parameter> {
  return finished(componentsSteps(estimates, options));
}

/**
 * The steps of `dfmrComponents`.
 * @param iterations the EM steps by which all estimates came from one start; Infinity if each had starts of its own
 * @param limits from how many machines on some stand for all
 */
export function* componentsSteps<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  { sampleSizes, seed = freshSeed() }: ComponentsOptions,
  iterations = Infinity,
  limits = LIMITS,
): Steps<Components<Parameter>> {
  const mixtures = mixturesOf(estimates);
  const m = mixtures.length;
  const all = Int32Array.from(mixtures.keys());
  const { relative, total } = sampleSizesOf(estimates, sampleSizes ?? claimsOf(estimates), all);
  const largest = total === undefined ? 1 : total / relative.reduce((sum, one) => sum + one, 0);
  const rows = relative.map((one) => one * largest);
  const origin = { rowsKnown: total !== undefined, iterations, seed, limits };
  const first = yield* roundOf(mixtures, rows, origin);
  const believed = all.filter((i) => !first.disbelieved[i]);
  const told = (result: Components<Parameter>) => ({
    ...result,
    ...(m > limits.allPairs && { seed, notes: [drawnNote(m, seed, limits), ...result.notes] }),
    ...missingCellsOf(estimates, result.kept),
  });
  if (believed.length === m || 2 * believed.length <= m) return told(resultOf(first, first, all));
  const second = yield* roundOf(
    Array.from(believed, (i) => mixtures[i]),
    Float64Array.from(believed, (i) => rows[i]),
    // halves of what came from one start are near each other with liars among them or not
    { ...origin, seed: `${seed}: again`, ...(iterations < Infinity && { laws: first.scales.theory }) },
  );
  return told(resultOf(first, second, believed));
}

/** What to know of centres and distances of many machines, in a sentence. */
const drawnNote = (m: number, seed: Seed, { references }: Limits): string =>
  `Among ${m} machines the centres of components were sought among ${CANDIDATES} that were drawn at random once all had answered, and distances ` +
  `are to the mean of those of ${references} more that are near (seed ${seed}); every machine has its vote. Of each component one of the ` +
  `${CANDIDATES} is honest with probability 1 − 2^−${CANDIDATES} if most are; the same seed gives the same result.`;

/** What machines claim, as the door lets through beside what it has capped; undefined if it is not known, or ignored. */
function claimsOf<P>(estimates: readonly Estimate<P>[]): number[] | undefined {
  const claims = estimates.map((one) => {
    const { sampleSize, claimedSampleSize } = one as { sampleSize?: number; claimedSampleSize?: number };
    return sampleSize === undefined ? undefined : claimedSampleSize;
  });
  return claims.every((claim) => claim !== undefined) ? claims : undefined;
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
  const ofWeights = listOf(K > 1 ? K : 0);
  const proportions = weightsDiffer
    ? medianProportions(last.proportions, ofWeights, blocks[K].mass, K)
    : meanWeights(last, ofWeights);
  const parameters = Array.from({ length: K }, (_, k) => barycentreOf(last, k, listOf(k)));
  const mixture = mixtureOfParts(family, proportions, parameters);
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
  const rowsOf = (k: number) => effectiveRows(used[k], blocks[k]) / (k < K ? mixture.weights[k] || LEAST_WEIGHT : 1);
  const outside = first === last ? [] : reasonsFor(first).filter(({ machine }) => first.disbelieved[machine]);
  const inside = reasonsFor(last).map((one) => ({ ...one, machine: which[one.machine] }));
  return {
    mixture: withMedianNoise(
      mixture,
      Array.from(kept, (i) => first.mixtures[i]),
    ),
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
            `The ${wordsOf(family).weights} of most machines differ by more than sampling: nobody is set aside for it, and the mixture has their median; mixturesOfMachines gives each machine its own.`,
          ]
        : []),
      ...collusionIn(first),
      ...(family.notes?.(parameters) ?? []),
    ],
  };
}

/** What was not used of each machine, and why. */
function reasonsFor<P>({ mixtures, assignment, filtered, used, disbelieved }: Round<P>): SetAside[] {
  const [{ family, order: K }] = mixtures;
  const words = wordsOf(family);
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
          reason: `${own} of its ${K} ${words.component}s are far from those of the others, so that it is not believed`,
        },
      ];
    }
    const components = parts.map((k) => ({
      machine,
      component: assignment[machine * K + k],
      reason: `its ${words.component} ${assignment[machine * K + k]} ${why(k, machine)}`,
    }));
    const weights =
      K > 1 && !used[K][machine]
        ? [{ machine, reason: `its ${words.weights} are not used: the list of them ${why(K, machine)}` }]
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
  const { of, theory } = scales;
  const [{ family, order: K }] = mixtures;
  const words = wordsOf(family);
  if (!theory || !rowsKnown) return [];
  return blocks.flatMap(({ core, coreScale, claims }, k) => {
    const dof = of[k].degreesOfFreedom * Math.max(1, core.length - 1);
    const least = (of[k].expected * chiSquareUpper(dof, COLLUSION_LEVEL)) / dof / 2;
    if (claims.length <= 4 || coreScale >= least) return [];
    const part = k < K ? `${words.component} ${k}` : `the ${words.weights}`;
    return [
      `Half of the machines agree about ${part} more closely than honest ones with that many rows do: some may have agreed beforehand.`,
    ];
  });
}

/**
 * The machines' mixtures with the components of the aggregate and weights of their own, that of noise too: for machines that see the same groups in
 * different proportions.
 * @param estimates those that were aggregated
 * @param result of `dfmrComponents`, of the same estimates
 * @returns a mixture for each machine
 * @example
 * const own = mixturesOfMachines(fits, dfmrComponents(fits));
 * own.map(({ weights }) => weights[0]); // [0.283, 0.380, 0.373, 0.293, 0.388]: how many rows of each machine are of component 0
 */
export function mixturesOfMachines<P>(estimates: readonly Estimate<P>[], result: Components<P>): Mixture<P>[] {
  const { mixture, assignment } = result;
  const { family, order: K, parameters } = mixture;
  return mixturesOf(estimates).map((one, i) => {
    const own = withProportions(family, proportionsOf(one, assignment.subarray(i * K, (i + 1) * K)), parameters);
    return assemble(family, own.weights, own.parameters, one.noise);
  });
}
