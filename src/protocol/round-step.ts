import { InvalidInput } from '../errors';
import { emSteps } from '../estimate/em';
import { admissible } from '../estimate/fit';
import { rowsToFit } from '../estimate/missing-rows';
import { noiseBeside } from '../estimate/noise-starts';
import { missingIn } from '../math/missing-cells';
import { countOf, type Samples } from '../math/table';
import { type Mixture, withNoise } from '../mixture/mixture';
import type { Steps } from '../work/work';

/** What a machine answers in a round. */
export interface RoundReply<Parameter = unknown> {
  /** where the EM steps led */
  readonly mixture: Mixture<Parameter>;
  /** n_i, the number of its rows, each as often as it counts */
  readonly sampleSize: number;
  /** Σ_j log f(x_j) of the mixture that it started from, which the first E-step finds: its vote */
  readonly logLikelihood: number;
}

/**
 * Some EM steps on a machine's rows from the server's mixture.
 * @param penalty a_i, its strength
 * @throws InvalidInput if the rows cannot be of such a mixture; DegenerateComponent if a component has no maximum
 */
export function* roundStep<Parameter>(
  rows: Samples,
  start: Mixture<Parameter>,
  { iterations, penalty }: { readonly iterations: number; readonly penalty: number },
): Steps<RoundReply<Parameter>> {
  const { family, dimension } = start;
  const { samples } = rowsToFit(rows, missingIn(rows).missing);
  if (dimension !== samples.columns)
    throw new InvalidInput(
      `the start is a mixture in ${dimension} dimensions, but the table has ${samples.columns} columns`,
    );
  family.requireSupport?.(samples);
  const problem = family.localProblem(samples, penalty);
  const from = withNoise(admissible(start, problem), start.noise && noiseBeside(start, samples));
  const steps = emSteps(samples, problem, from, { penalty, tolerance: 0, maxIterations: iterations });
  let step = steps.next();
  for (; !step.done; step = steps.next()) yield { stage: 'rounds', done: step.value, total: iterations };
  const { mixture, trace } = step.value;
  const penalties = from.parameters.reduce((sum, theta) => sum + (problem.penalty?.(theta) ?? 0), 0);
  return { mixture, sampleSize: countOf(samples), logLikelihood: trace[0] + penalty * penalties };
}
