import { InvalidInput } from '../errors';
import type { Family, LogDensity } from '../families/family';
import { checkedNumber } from '../families/scalar-parameter';
import { described, numbersOf } from '../math/checks';
import type { Samples } from '../math/table';

/**
 * The noise component of a mixture (Banfield and Raftery 1993): a share w₀ of the observations lies anywhere in a box, so that
 * f(x) = (1 − w₀) Σ_k w_k f(x; θ_k) + w₀ 1{x in the box} / volume.
 */
export interface Noise extends Box {
  /** w₀, the share of noise, from 0 to below 1 */
  readonly weight: number;
}

/** Where noise is uniform: lower_i ≤ x_i ≤ upper_i in each of the d features. */
export interface Box {
  /** d numbers */
  readonly lower: Float64Array;
  /** d numbers, each above that of `lower` */
  readonly upper: Float64Array;
}

/** Noise as a user or a file gives it. */
export interface NoiseInput {
  /** w₀, from 0 to below 1 */
  readonly weight: number;
  /** the least value of each feature */
  readonly lower: ArrayLike<number>;
  /** the largest value of each feature */
  readonly upper: ArrayLike<number>;
}

/**
 * Noise from what a user or a file gives: checked, and copied.
 * @throws InvalidInput if the family has none, the weight is not in [0, 1), or the box is not one of d features
 */
export function checkedNoise(value: unknown, family: Pick<Family, 'name' | 'noise'>, dimension: number): Noise {
  requireNoise(family);
  const { weight, lower, upper } = (value ?? {}) as Partial<NoiseInput>;
  if (!(typeof weight === 'number' && weight >= 0 && weight < 1))
    throw new InvalidInput(
      `the weight of the noise is ${described(weight)}: it must be a number from 0 to below 1, the share of rows that are noise`,
    );
  const [least, most] = Object.entries({ lower, upper }).map(([name, side]) => {
    if (!(side && side.length === dimension))
      throw new InvalidInput(
        `the noise's ${name} is ${described(side)}: it must be ${dimension} numbers, one for each feature`,
      );
    return numbersOf(side, (i) => `the noise's ${name}[${i}]`).map((one, i) =>
      checkedNumber(one, 'real', `the noise's ${name}[${i}]`),
    );
  });
  const flat = least.findIndex((one, i) => !(one < most[i]));
  if (flat >= 0)
    throw new InvalidInput(
      `the noise's box goes from ${least[flat]} to ${most[flat]} in feature ${flat}: lower must be below upper`,
    );
  return { weight, lower: least, upper: most };
}

/** @throws InvalidInput if mixtures of the family have no noise component */
export function requireNoise({ name, noise }: Pick<Family, 'name' | 'noise'>): void {
  if (!noise)
    throw new InvalidInput(
      `mixtures of the family "${name}" have no noise component, which is uniform on a box: leave it out, or take a Gaussian family`,
    );
}

/** log 1 / volume, the log density of noise in its box. */
export function noiseLogDensity({ lower, upper }: Box): number {
  return lower.reduce((sum, least, i) => sum - Math.log(upper[i] - least), 0);
}

/** The range of each column: the box on which the noise of a table lies. Cells that are missing are skipped. */
export function rangeOf({ data, columns: d }: Samples): Box {
  const lower = new Float64Array(d).fill(Infinity);
  const upper = new Float64Array(d).fill(-Infinity);
  data.forEach((value, at) => {
    if (value < lower[at % d]) lower[at % d] = value;
    if (value > upper[at % d]) upper[at % d] = value;
  });
  return { lower, upper };
}

/** Prepares the log density of noise in every row: −Infinity outside of the box; of a row with missing cells, that of the others. */
export const noiseDensityOf =
  ({ data, rows, columns: d }: Samples): LogDensity<Box> =>
  ({ lower, upper }, out) => {
    const widths = lower.map((least, i) => Math.log(upper[i] - least));
    for (let j = 0; j < rows; j++) {
      let log = 0;
      for (let i = 0; i < d; i++) {
        const value = data[j * d + i];
        if (value < lower[i] || value > upper[i]) log = -Infinity;
        else if (!Number.isNaN(value)) log -= widths[i];
      }
      out[j] = log;
    }
  };

/** Whether every cell is there and every row in the box, so that noise has the same density in all of them. */
export function covers({ lower, upper }: Box, { data, columns: d }: Samples): boolean {
  return data.every((value, at) => value >= lower[at % d] && value <= upper[at % d]);
}
