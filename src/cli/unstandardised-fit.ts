import type { Fit } from '../estimate/fit';
import { observedOf } from '../math/missing-cells';
import { countOf } from '../math/table';
import type { Mixture } from '../mixture/mixture';
import { unstandardisedMixture } from '../mixture/unstandardised-mixture';
import type { StandardisedTable } from '../tables/standardise';

/**
 * A fit of a standardised table, as one of the table in its own units, in which the estimates of machines compare.
 * @throws InvalidInput if the family has no counterpart in these units
 */
export function unstandardisedFit(fit: Fit<unknown>, table: StandardisedTable): Fit<unknown> {
  const { standardisation } = table;
  const cells = (j: number) => countOf(observedOf(table, j)); // with their weights
  const logScale = standardisation.scale.reduce((sum, scale, j) => sum + cells(j) * Math.log(scale), 0);
  return {
    ...fit,
    mixture: unstandardisedMixture(fit.mixture as Mixture<never>, standardisation),
    logLikelihood: fit.logLikelihood - logScale,
    penalisedLogLikelihood: fit.penalisedLogLikelihood - logScale,
  };
}
