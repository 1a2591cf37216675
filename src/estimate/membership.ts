import { unlessError } from '../errors';
import type { Family, LocalProblem } from '../families/family';
import { countOf, type Samples } from '../math/table';
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

/** The mixture that the M-step makes of a membership of the rows, K × n. */
export function mixtureOfMembership<Parameter>(
  membership: Float64Array,
  samples: Samples,
  family: Family<Parameter>,
  problem: LocalProblem<Parameter>,
): Mixture<Parameter> {
  const { rows, weights: counts } = samples;
  const order = membership.length / rows;
  const shares = counts ? membership.map((share, i) => share * counts[i % rows]) : membership;
  const weights = masses(shares, order, rows).map((mass) => mass / countOf(samples));
  return assemble(family, weights, problem.maximise(shares, order));
}

/** The problem in which a component of a few rows has a density too; undefined if the family has no penalty for these rows. */
export function beginningOf<Parameter>(pose: Posing<Parameter>, samples: Samples): LocalProblem<Parameter> | undefined {
  return unlessError(() => pose(samples, countOf(samples) ** -0.5));
}
