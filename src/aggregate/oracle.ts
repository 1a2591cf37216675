import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import type { Estimate } from '../mixture/given';
import { type ReduceOptions, type Reduction, reduceSome } from './reduce';

/**
 * The reduction of the estimates that are not among `failed`: the best that could be done if one knew. A yardstick in
 * simulations.
 * @throws as `reduce` does, and where `failed` names a machine that is not there, or all of them
 */
export function oracle<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  failed: ArrayLike<number>,
  options: ReduceOptions<Parameter> = {},
): Reduction<Parameter> {
  const wrong = new Set(Array.from(failed ?? []));
  for (const i of wrong) {
    if (!(Number.isInteger(i) && i >= 0 && i < estimates.length)) {
      throw new InvalidInput(
        `machine ${described(i)} is said to have failed, but the machines are 0 … ${estimates.length - 1}`,
      );
    }
  }
  const kept = Int32Array.from(estimates.keys()).filter((i) => !wrong.has(i));
  if (kept.length === 0) throw new InvalidInput('every machine is said to have failed: nothing is left to reduce');
  return reduceSome(estimates, kept, options);
}
