import { fastForm } from '../families/fast-form';
import { described } from '../math/checks';
import { lowerMedian } from '../math/quantile';
import type { Mixture } from '../mixture/mixture';

/** The Kullback–Leibler divergence above which a component is too far: a million standard deviations. */
const MAX_DIVERGENCE = 1e12;

/** How far log ∫ f² may be from that of most estimates, per feature: widths within a factor of 160 000. */
const MAX_LOG_HEIGHT_PER_FEATURE = 12;

/**
 * Why an estimate cannot be aggregated with most of the others in float64, whatever its weights; undefined for those that can.
 * Distances of densities hardly see a component of small weight, so that a failed estimate can be near the honest ones and yet
 * hold one that no reduction copes with. A component is outlying if its Kullback–Leibler divergence from every component
 * of half or more of the estimates is above `MAX_DIVERGENCE`, or ∫ f² is above or below the range that most estimates have by
 * more than `MAX_LOG_HEIGHT_PER_FEATURE` e-folds a feature. While fewer than half of the estimates fail, they can neither pass by this nor make
 * an honest one fail.
 */
export function outlying(mixtures: readonly Mixture[]): (string | undefined)[] {
  const components = mixtures.flatMap(({ parameters, weights }, i) =>
    parameters.flatMap((parameter, k) => (weights[k] > 0 ? [{ i, k, parameter }] : [])),
  );
  const [{ family, dimension }] = mixtures;
  const far = farFromMost(components, mixtures);
  const heights = components.map(({ parameter }) => family.logInnerProduct(parameter, parameter));
  const of = (i: number) => heights.filter((height, g) => components[g].i === i && Number.isFinite(height));
  const own = mixtures.map((_, i) => of(i)).filter((some) => some.length > 0);
  const lowest = lowerMedian(own.map((some) => Math.min(...some))) - MAX_LOG_HEIGHT_PER_FEATURE * dimension;
  const highest = lowerMedian(own.map((some) => Math.max(...some))) + MAX_LOG_HEIGHT_PER_FEATURE * dimension;
  const reasons = new Array<string | undefined>(mixtures.length).fill(undefined);
  components.forEach(({ i, k, parameter }, g) => {
    // dfmr itself sets aside a density that is not square integrable
    const beyond = heights[g] !== Infinity && !(heights[g] >= lowest && heights[g] <= highest);
    if (!(beyond || far[g])) return;
    const how = heights[g] < lowest ? 'too wide beside' : heights[g] > highest ? 'too narrow beside' : 'too far from';
    reasons[i] ??=
      `component ${k}, ${described(family.toJSON(parameter))}, is ${how} those of most estimates for float64`;
  });
  return reasons;
}

/** Whether a component is farther than `MAX_DIVERGENCE` from every component of half or more of the mixtures. */
function farFromMost(components: readonly { readonly parameter: unknown }[], mixtures: readonly Mixture[]): boolean[] {
  const points = components.map(({ parameter }) => parameter);
  const [{ family }] = mixtures;
  const many = fastForm(family, 'divergences')?.(points);
  const near = new Int32Array(points.length);
  const enough = (count: number) => 2 * count > mixtures.length;
  for (const { parameters, weights } of mixtures) {
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
