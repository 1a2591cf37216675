import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import type { Estimate } from '../mixture/given';
import { finished } from '../work/work';
import { type ReduceOptions, type Reduction, reduceSteps } from './reduce';

/**
 * The reduction of the estimates that are not among `failed`: the best that could be done if the failed machines were known.
 * A yardstick in simulations.
 * @param estimates m mixtures, or results that hold one, of one family, dimension and order
 * @param failed the machines that failed, by index
 * @param options how the estimates of the others are reduced
 * @returns the reduction of the other estimates
 * @throws InvalidInput if `failed` names a machine that is not there, or all of them, and as `reduce` does
 * @example
 * const { estimates, failed } = fail(fits, { kind: 'mean', fraction: 0.2, seed: 1 });
 * wasserstein1(oracle(estimates, failed), truth); // 0.00940: no rule can know who failed; this one is told
 * wasserstein1(reduce(estimates), truth); // 69.0: of all, the liar too
 */
export function oracle<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  failed: ArrayLike<number>,
  options: ReduceOptions<Parameter> = {},
): Reduction<Parameter> {
  return finished(reduceSteps(estimates, honestOf(estimates.length, failed), options));
}

/** The machines that did not fail, ascending. */
export function honestOf(m: number, failed: ArrayLike<number>): Int32Array {
  const wrong = new Set(Array.from(failed ?? []));
  for (const i of wrong) {
    if (!(Number.isInteger(i) && i >= 0 && i < m)) {
      throw new InvalidInput(`machine ${described(i)} is said to have failed, but the machines are 0 … ${m - 1}`);
    }
  }
  const honest = Int32Array.from({ length: m }, (_, i) => i).filter((i) => !wrong.has(i));
  if (honest.length === 0) throw new InvalidInput('every machine is said to have failed: nothing is left to reduce');
  return honest;
}
