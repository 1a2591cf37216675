import type { Fit } from '../estimate/fit';
import { requireComparable } from '../mixture/comparable';
import type { Mixture } from '../mixture/mixture';

/** What a machine sends: its fit, or the mixture alone. */
export type Estimate<Parameter> = Mixture<Parameter> | Fit<Parameter>;

/**
 * The mixtures of the estimates.
 * @throws where there are none, or they are not of one family, dimension and order
 */
export function mixturesOf<Parameter>(estimates: readonly Estimate<Parameter>[]): Mixture<Parameter>[] {
  const mixtures = Array.from(estimates ?? [], (estimate, i) => {
    const mixture = (estimate as Partial<Fit<Parameter>> | undefined)?.mixture ?? (estimate as Mixture<Parameter>);
    if (typeof mixture?.family !== 'object') {
      throw new Error(
        `estimate ${i} is ${JSON.stringify(estimate)?.slice(0, 80)}, not a Mixture or a Fit: make one of a JSON by mixtureFromJSON`,
      );
    }
    return mixture;
  });
  requireComparable(mixtures);
  const odd = mixtures.findIndex(({ order }) => order !== mixtures[0].order);
  if (odd >= 0) {
    throw new Error(
      `estimate ${odd} has ${mixtures[odd].order} components, estimate 0 has ${mixtures[0].order}: ` +
        'only estimates of one order can be aggregated, so leave the odd ones out',
    );
  }
  return mixtures;
}

/** n_1 … n_m: as given, else the fits' own, else equal. */
export function sampleSizesOf<P>(estimates: readonly Estimate<P>[], given?: ArrayLike<number>): Float64Array {
  const sizes = Float64Array.from(
    given ?? estimates.map((estimate) => ('sampleSize' in estimate ? estimate.sampleSize : Number.NaN)),
  );
  if (given === undefined && sizes.every(Number.isNaN)) return sizes.fill(1);
  if (sizes.length !== estimates.length) {
    throw new Error(`${estimates.length} estimates need as many sample sizes, but ${sizes.length} are given`);
  }
  const bad = sizes.findIndex((size) => !(size > 0 && size < Infinity));
  if (bad >= 0) throw new Error(`the sample size of estimate ${bad} is ${sizes[bad]}: it must be a positive number`);
  return sizes;
}

/** Ḡ = Σ_i λ_i Ĝ_i, λ_i = n_i / N: the mK support points and their weights, which sum to one. */
export interface AverageMixing<Parameter> {
  readonly support: readonly Parameter[];
  readonly weights: Float64Array;
}

export function averageMixing<P>(mixtures: readonly Mixture<P>[], sampleSizes: Float64Array): AverageMixing<P> {
  const total = sampleSizes.reduce((sum, size) => sum + size, 0);
  return {
    support: mixtures.flatMap(({ parameters }) => parameters),
    weights: Float64Array.from(
      mixtures.flatMap(({ weights }, i) => Array.from(weights, (w) => (sampleSizes[i] / total) * w)),
    ),
  };
}
