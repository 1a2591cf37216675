import type { Estimate } from './estimates';
import { type ReduceOptions, type Reduction, reduceSome } from './reduce';

/**
 * The reduction of the estimates that are not among `failed`: the best that could be done if one knew. A yardstick in
 * simulations.
 */
export function oracle<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  failed: ArrayLike<number>,
  options: ReduceOptions<Parameter> = {},
): Reduction<Parameter> {
  const wrong = new Set(Array.from(failed));
  for (const i of wrong) {
    if (!(i in estimates)) throw new Error(`machine ${i} is said to have failed, but there are ${estimates.length}`);
  }
  const kept = Int32Array.from(estimates.keys()).filter((i) => !wrong.has(i));
  if (kept.length === 0) throw new Error('every machine is said to have failed: nothing is left to reduce');
  return reduceSome(estimates, kept, options);
}
