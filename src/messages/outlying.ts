import { CANDIDATES, candidatesAmong } from '../aggregate/candidates';
import type { Family } from '../families/family';
import { fastForm } from '../families/fast-form';
import { described } from '../math/checks';
import { lowerMedian } from '../math/quantile';
import type { Mixture } from '../mixture/mixture';
import { finished } from '../work/work';

/** Work in slices that are short beside 0.2 s. */
type Slices<Result> = Generator<void, Result, void>;

/** The Kullback–Leibler divergence above which a component is too far: a million standard deviations. */
const MAX_DIVERGENCE = 1e12;

/** How far log ∫ f² may be from that of most estimates, per feature: widths within a factor of 160 000. */
const MAX_LOG_HEIGHT_PER_FEATURE = 12;

/**
 * Why an estimate cannot be aggregated with most of the others in float64, whatever its weights; undefined for those that can.
 * Distances of densities hardly see a component of small weight, so that a failed estimate can be near the honest ones and yet
 * hold one that no reduction copes with. A component is outlying if its Kullback–Leibler divergence from every component
 * of half or more of the estimates is above `MAX_DIVERGENCE`, or ∫ f² is above or below the range that most estimates have by
 * more than `MAX_LOG_HEIGHT_PER_FEATURE` e-folds a feature. Of many estimates, components are compared with those of a few estimates in
 * the midst of most (`hubsOf`), m in place of m² pairs. While fewer than half of the estimates fail, they can neither pass by this nor make
 * an honest one fail.
 * @param what a component is called in the reasons
 */
export function outlying(mixtures: readonly Mixture[], what = 'component'): (string | undefined)[] {
  return finished(outlyingSteps(mixtures, what));
}

/** The steps of `outlying`. */
export function* outlyingSteps(mixtures: readonly Mixture[], what: string): Slices<(string | undefined)[]> {
  const components = mixtures.flatMap(({ parameters, weights }, i) =>
    parameters.flatMap((parameter, k) => (weights[k] > 0 ? [{ i, k, parameter }] : [])),
  );
  const [{ family, dimension }] = mixtures;
  const far = yield* farFromMost(components, mixtures);
  const heights = new Float64Array(components.length);
  for (const [g, { parameter }] of components.entries()) {
    if (g % CHUNK === 0) yield;
    heights[g] = family.logInnerProduct(parameter, parameter);
  }
  const byMixture = mixtures.map((): number[] => []);
  components.forEach(({ i }, g) => {
    if (Number.isFinite(heights[g])) byMixture[i].push(heights[g]);
  });
  const own = byMixture.filter((some) => some.length > 0);
  const lowest = lowerMedian(own.map((some) => Math.min(...some))) - MAX_LOG_HEIGHT_PER_FEATURE * dimension;
  const highest = lowerMedian(own.map((some) => Math.max(...some))) + MAX_LOG_HEIGHT_PER_FEATURE * dimension;
  const reasons = new Array<string | undefined>(mixtures.length).fill(undefined);
  components.forEach(({ i, k, parameter }, g) => {
    // dfmr itself sets aside a density that is not square integrable
    const beyond = heights[g] !== Infinity && !(heights[g] >= lowest && heights[g] <= highest);
    if (!(beyond || far[g])) return;
    const how = heights[g] < lowest ? 'too wide beside' : heights[g] > highest ? 'too narrow beside' : 'too far from';
    reasons[i] ??=
      `${what} ${k}, ${described(family.toJSON(parameter))}, is ${how} those of most estimates for float64`;
  });
  return reasons;
}

/** Of more mixtures than this, components are compared with a few in their midst. */
const MOST_WITH_ALL_PAIRS = 500;

/** What is so near to a component in the midst is as far from others as that, beside `MAX_DIVERGENCE`. */
const IN_THE_MIDST = 1e3;

/** How many mixtures in the midst are enough, so that what is between two kinds is seen from more than one. */
const ENOUGH_HUBS = 3;

/**
 * The components of a few mixtures that have, each of them, some of more than half of all mixtures near by: all honest ones do, if their
 * components are of kinds. Any of 40 mixtures does that is honest, so that none is found with a chance of 2⁻⁴⁰ if most are. The draw
 * may be known: who is taken for a hub is near most mixtures, whoever it is.
 * @returns none if there are no kinds
 */
function* hubsOf(mixtures: readonly Mixture[], points: readonly unknown[]): Slices<unknown[]> {
  const [{ family }] = mixtures;
  const owner = Int32Array.from(
    mixtures.flatMap(({ weights }, i) => Array.from(weights).flatMap((w) => (w > 0 ? [i] : []))),
  );
  function* isCentral(own: readonly unknown[]): Slices<boolean> {
    const many = fastForm(family, 'divergences')?.(own);
    const near = new Int32Array(own.length);
    const last = new Int32Array(own.length).fill(-1); // the mixture that was counted last
    for (let first = 0; first < points.length; first += CHUNK) {
      yield;
      const some = points.slice(first, first + CHUNK);
      const costs = many?.(some);
      own.forEach((hub, h) => {
        for (let g = 0; g < some.length; g++) {
          const i = owner[first + g];
          const cost = costs ? costs[h * some.length + g] : family.divergence(hub, some[g]);
          if (cost > IN_THE_MIDST || last[h] === i) continue;
          last[h] = i;
          near[h]++;
        }
      });
    }
    return near.every((count) => 2 * count > mixtures.length);
  }
  const hubs: unknown[][] = [];
  for (const i of candidatesAmong(mixtures.length, CANDIDATES, 'hubs', 'the door')) {
    const { parameters, weights } = mixtures[i];
    const own = parameters.filter((_, k) => weights[k] > 0);
    if (yield* isCentral(own)) hubs.push(own);
    if (hubs.length === ENOUGH_HUBS) break;
  }
  return hubs.flat();
}

/** Points that are compared at once. */
const CHUNK = 4096;

/** Whether each point is farther than `MAX_DIVERGENCE` from every hub. */
function* farFrom<P>(hubs: readonly P[], points: readonly P[], family: Family<P>): Slices<boolean[]> {
  const far: boolean[] = [];
  for (let first = 0; first < points.length; first += CHUNK) {
    yield;
    const some = points.slice(first, first + CHUNK);
    const costs = fastForm(family, 'divergences')?.(some)(hubs);
    some.forEach((point, g) => {
      const cost = (h: number) => costs?.[g * hubs.length + h] ?? family.divergence(point, hubs[h]);
      far.push(!hubs.some((_, h) => cost(h) <= MAX_DIVERGENCE));
    });
  }
  return far;
}

/** Whether a component is farther than `MAX_DIVERGENCE` from every component of half or more of the mixtures. */
function* farFromMost(
  components: readonly { readonly parameter: unknown }[],
  mixtures: readonly Mixture[],
): Slices<boolean[]> {
  const points = components.map(({ parameter }) => parameter);
  const [{ family }] = mixtures;
  const hubs = mixtures.length > MOST_WITH_ALL_PAIRS ? yield* hubsOf(mixtures, points) : [];
  if (hubs.length > 0) return yield* farFrom(hubs, points, family);
  const many = fastForm(family, 'divergences')?.(points);
  const near = new Int32Array(points.length);
  const enough = (count: number) => 2 * count > mixtures.length;
  for (const { parameters, weights } of mixtures) {
    yield;
    if (near.every(enough)) break;
    const centres = parameters.filter((_, k) => weights[k] > 0);
    const costs = many?.(centres);
    points.forEach((point, g) => {
      if (enough(near[g])) return;
      const cost = (c: number) => costs?.[g * centres.length + c] ?? family.divergence(point, centres[c]);
      if (centres.some((_, c) => cost(c) <= MAX_DIVERGENCE)) near[g]++;
    });
  }
  return Array.from(near, (count) => !enough(count));
}
