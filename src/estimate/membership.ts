import { unlessError } from '../errors';
import type { Family, LocalProblem } from '../families/family';
import type { Samples } from '../math/table';
import { assemble, type Mixture } from '../mixture/mixture';
import { masses } from './em';

/** Poses the problem of some rows, with a_n the strength of the penalty. */
export type Posing<Parameter> = (samples: Samples, strength: number) => LocalProblem<Parameter>;

/** The membership of labels, K × n, row k that of component k: 1 for the component of a row, 0 for others. */
export function membershipOf(labels: Int32Array, order: number): Float64Array {
  const membership = new Float64Array(order * labels.length);
  labels.forEach((k, j) => {
    membership[k * labels.length + j] = 1;
  });
  return membership;
}

/** The mixture of which the M-step makes a membership, K × n. */
export function mixtureOfMembership<Parameter>(
  membership: Float64Array,
  order: number,
  family: Family<Parameter>,
  problem: LocalProblem<Parameter>,
): Mixture<Parameter> {
  const rows = membership.length / order;
  const weights = masses(membership, order, rows).map((mass) => mass / rows);
  return assemble(family, weights, problem.maximise(membership, order));
}

/** The problem in which a component of a few rows has a density too; undefined if the family has no penalty for these rows. */
export function beginningOf<Parameter>(pose: Posing<Parameter>, samples: Samples): LocalProblem<Parameter> | undefined {
  return unlessError(() => pose(samples, samples.rows ** -0.5));
}
