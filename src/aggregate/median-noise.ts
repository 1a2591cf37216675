import { median } from '../math/quantile';
import { type Mixture, withNoise } from '../mixture/mixture';
import type { Noise } from '../mixture/noise';

// Rules compare and combine what machines say of the components. What they say of noise is combined here, whatever the rule.

/**
 * The mixture with the noise of the machines that it is of, the median of their weights, on the box of the medians of its ends: a minority
 * of them cannot move it, whatever it claims. A machine without noise has the weight 0, and no say about the box. Without noise, if
 * most machines have none.
 * @param machines the mixtures that decide, one or more
 */
export function withMedianNoise<P>(mixture: Mixture<P>, machines: readonly Mixture<P>[]): Mixture<P> {
  const noisy = machines.flatMap(({ noise }) => (noise ? [noise] : []));
  if (2 * noisy.length < machines.length || noisy.length === 0) return withNoise(mixture, undefined);
  const ends = (side: 'lower' | 'upper') => noisy[0][side].map((_, i) => median(noisy.map((one) => one[side][i])));
  const weight = median(machines.map(({ noise }) => noise?.weight ?? 0));
  const noise: Noise = { weight, lower: ends('lower'), upper: ends('upper') };
  return withNoise(mixture, noise);
}
