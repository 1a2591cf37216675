import type { Fit } from '../estimate/fit';
import { observedOf } from '../math/missing-cells';
import { countOf } from '../math/table';
import type { Mixture } from '../mixture/mixture';
import { unstandardisedMixture } from '../mixture/unstandardised-mixture';
import type { StandardisedTable } from '../tables/standardise';

/**
 * A fit of a standardised table, as one of the table in its own units, in which the estimates of machines compare. With D the standard
 * deviations, a density is divided by |D|, and the penalty's log |Σ_k| grows by log |D|².
 * @param penalty its strength, a_n
 * @throws InvalidInput if the family has no counterpart in these units
 */
export function unstandardisedFit(fit: Fit<unknown>, table: StandardisedTable, penalty: number): Fit<unknown> {
  const { standardisation } = table;
  const logs = standardisation.scale.map(Math.log);
  const logDensities = logs.reduce((sum, log, j) => sum + countOf(observedOf(table, j)) * log, 0);
  const logDeterminants = 2 * fit.mixture.order * logs.reduce((sum, log) => sum + log, 0);
  return {
    ...fit,
    mixture: unstandardisedMixture(fit.mixture as Mixture<never>, standardisation),
    logLikelihood: fit.logLikelihood - logDensities,
    penalisedLogLikelihood: fit.penalisedLogLikelihood - logDensities - penalty * logDeterminants,
  };
}
