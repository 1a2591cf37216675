import { InvalidInput } from '../errors';
import { comparable, type Estimate, mixtureOf } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';

/**
 * The mixtures of the estimates.
 * @throws InvalidInput if there are none, or they are not of one family, dimension and order
 */
export function mixturesOf<Parameter>(estimates: readonly Estimate<Parameter>[]): Mixture<Parameter>[] {
  const mixtures = comparable(estimates);
  const odd = mixtures.findIndex(({ order }) => order !== mixtures[0].order);
  if (odd >= 0) {
    throw new InvalidInput(
      `estimate ${odd} has ${mixtures[odd].order} components, estimate 0 has ${mixtures[0].order}: ` +
        'only estimates of one order can be aggregated, so leave the odd ones out',
    );
  }
  return mixtures;
}

/** The sample sizes n_i of some machines. */
export interface SampleSizes {
  /** in units of the largest */
  readonly relative: Float64Array;
  /** N = Σ n_i; undefined if they are not known, and taken as equal */
  readonly total?: number;
}

/**
 * The sample sizes of the machines `which`: as given for all machines, else the estimates' own, else equal. Those of other machines are not
 * looked at: one that is set aside may have sent anything.
 */
export function sampleSizesOf<P>(
  estimates: readonly Estimate<P>[],
  given: ArrayLike<number> | undefined,
  which: Int32Array,
): SampleSizes {
  if (given !== undefined && given?.length !== estimates.length) {
    throw new InvalidInput(`${estimates.length} estimates need as many sample sizes, but ${given?.length} are given`);
  }
  const own = (estimate: Estimate<P>) => ('sampleSize' in estimate ? estimate.sampleSize : undefined);
  const sizes = Array.from(which, (i) => (given === undefined ? own(estimates[i]) : given[i]));
  if (given === undefined && sizes.every((size) => size === undefined))
    return { relative: new Float64Array(sizes.length).fill(1) };
  const bad = sizes.findIndex((size) => !(typeof size === 'number' && size > 0 && size < Infinity));
  if (bad >= 0) {
    throw new InvalidInput(`the sample size of estimate ${which[bad]} is ${sizes[bad]}: it must be a positive number`);
  }
  const known = sizes as number[];
  const largest = known.reduce((most, size) => Math.max(most, size), 0); // the sum of all may be beyond float64
  const total = known.reduce((sum, size) => sum + size, 0);
  return { relative: Float64Array.from(known, (size) => size / largest), total };
}

/** A component of less weight than this may have no rows at all. */
const EMPTY_WEIGHT = 1e-4;

/** What to do if machines sent components without rows, which the penalty of their fits made; undefined if none did. */
export function emptyComponents<P>(estimates: readonly Estimate<P>[]): string | undefined {
  const empty = estimates.filter((estimate) => {
    const { sampleSize = 0 } = estimate as { sampleSize?: number };
    return mixtureOf(estimate).weights.some((weight) => weight < EMPTY_WEIGHT && weight * sampleSize < 1);
  });
  return empty.length === 0
    ? undefined
    : `${empty.length} of ${estimates.length} machines sent a component that has hardly any rows: the penalty of the fit alone made it, ` +
        'so fit fewer components, or with another penalty (the option penalty of fit, or --penalty)';
}

/** How many cells are missing in the rows of the machines `which`, for a result that is to know it; nothing if none is, or they do not say. */
export function missingCellsOf(
  estimates: readonly Estimate[],
  which: ArrayLike<number>,
): { readonly missingCells?: number } {
  const own = (i: number) => (estimates[i] as { missingCells?: number }).missingCells ?? 0;
  const missingCells = Array.from(which, own).reduce((sum, one) => sum + one, 0);
  return missingCells > 0 ? { missingCells } : {};
}

/** Ḡ = Σ_i λ_i Ĝ_i, λ_i = n_i / N: the mK support points and their weights, which sum to one. */
export interface AverageMixing<Parameter> {
  readonly support: readonly Parameter[];
  readonly weights: Float64Array;
  /** N, if it is known */
  readonly sampleSize?: number;
  /** which component of which estimate a support point is, for messages */
  nameOf(point: number): string;
}

/** The average of the machines `which`, whose mixtures and sample sizes are given. */
export function averageMixing<P>(
  mixtures: readonly Mixture<P>[],
  { relative, total: sampleSize }: SampleSizes,
  which: Int32Array,
): AverageMixing<P> {
  const total = relative.reduce((sum, size) => sum + size, 0);
  const [{ order }] = mixtures;
  return {
    support: mixtures.flatMap(({ parameters }) => parameters),
    weights: Float64Array.from({ length: mixtures.length * order }, (_, g) => {
      const i = Math.floor(g / order);
      return (relative[i] / total) * mixtures[i].weights[g % order];
    }),
    sampleSize,
    nameOf: (point) => `component ${point % order} of estimate ${which[Math.floor(point / order)]}`,
  };
}
