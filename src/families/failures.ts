import { randomNormal } from 'd3-random';
import type { RandomStream } from '../math/random';
import type { Family } from './family';

// What machines that fail send in simulations, in place of what they learned: the paper's draws (§5.1.1 and App. D), for each family
// that has such a number.

/** The standard deviation of the entries of a failed mean. */
const MEAN_DEVIATION = 100;

/** A mean of entries from N(0, 100²). */
export function farMean(mean: Float64Array, random: RandomStream): Float64Array {
  return mean.map(randomNormal.source(random)(0, MEAN_DEVIATION));
}

/** A location from N(0, 100²). */
export const farLocation = (random: RandomStream): number => randomNormal.source(random)(0, MEAN_DEVIATION)();

/** A positive mean, the size of a number from N(0, 100²). */
export const farPositive = (random: RandomStream): number => Math.abs(farLocation(random));

/** A shape from U(1, 10). */
export const wrongShape = (random: RandomStream): number => 1 + 9 * random();

/** A scale, larger by U(0, 10). */
export const widerScale = (scale: number, random: RandomStream): number => scale + 10 * random();

/**
 * What a failed machine sends for all components, if its family makes them share a part of θ: that part broken alike, as it is in
 * component k. Other families' as they are.
 */
export function brokenAlike<Parameter>(
  { parameter, tie }: Family<Parameter>,
  sent: readonly unknown[],
  k: number,
): readonly unknown[] {
  const alone = Float64Array.from(sent, (_, i) => (i === k ? 1 : 0));
  const checked = () => sent.map((one, i) => parameter(one, `component ${i}`));
  return tie?.(checked(), alone) ?? sent;
}
