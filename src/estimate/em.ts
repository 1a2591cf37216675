import { DegenerateComponent, type LocalProblem } from '../families/family';
import type { Samples } from '../math/table';
import { assemble, type Mixture } from '../mixture/mixture';
import { expectation } from '../mixture/posterior';

/**
 * An EM step cannot lower the objective but by rounding, which is where it ends. A loss of more than this in pℓ / n is none:
 * it is well above the rounding that covariances near the edge of float64 bring about.
 */
const ROUNDING = 1e-3;

/** A change of pℓ / n that is rounding even where covariances are well away from there. */
const NOTHING = 1e-9;

/** Where an EM run ended, and its way there. */
export interface EmResult<Parameter> {
  readonly mixture: Mixture<Parameter>;
  /** Σ_j log f_G(x_j) of the mixture */
  readonly logLikelihood: number;
  /** pℓ(G) of the mixture */
  readonly penalisedLogLikelihood: number;
  /** pℓ at the start and after each iteration; it never decreases */
  readonly trace: Float64Array;
  readonly iterations: number;
  /** whether the last iteration changed pℓ / n by no more than the tolerance; not where rounding ended the run before */
  readonly converged: boolean;
}

/** What an EM run tells after each iteration. */
export interface EmProgress {
  readonly iteration: number;
  readonly penalisedLogLikelihood: number;
}

/**
 * The EM algorithm of App. A.1 for the maximum of pℓ(G) = Σ_j log f_G(x_j) − a_n Σ_k p(θ_k), from a given start, until
 * an iteration changes pℓ / n by no more than `tolerance`. The E-step that finds this out is at the mixture returned.
 */
export function expectationMaximisation<Parameter>(
  samples: Samples,
  problem: LocalProblem<Parameter>,
  start: Mixture<Parameter>,
  {
    penalty,
    tolerance,
    maxIterations,
    onProgress,
    signal,
  }: {
    penalty: number;
    tolerance: number;
    maxIterations: number;
    onProgress?: (progress: EmProgress) => void;
    signal?: AbortSignal;
  },
): EmResult<Parameter> {
  const { family, order } = start;
  const n = samples.rows;
  const responsibilities = new Float64Array(order * n);
  const density = family.logDensity(samples);
  const evaluate = (mixture: Mixture<Parameter>) => {
    const logLikelihood = expectation(mixture, density, responsibilities);
    const penalties = penalty > 0 ? mixture.parameters.reduce((sum, p) => sum + (problem.penalty?.(p) ?? 0), 0) : 0;
    const penalisedLogLikelihood = logLikelihood - penalty * penalties;
    if (!Number.isFinite(penalisedLogLikelihood)) {
      throw new Error(`the objective is ${penalisedLogLikelihood}: with the penalty ${penalty} it is beyond float64`);
    }
    return { mixture, logLikelihood, penalisedLogLikelihood };
  };

  let current = evaluate(start);
  const trace = [current.penalisedLogLikelihood];
  let converged = false;
  let ended = false;
  while (!converged && !ended && trace.length <= maxIterations) {
    signal?.throwIfAborted();
    const weights = masses(responsibilities, order, n).map((mass) => mass / n);
    const parameters = attempt(
      () => problem.maximise(responsibilities, order, current.mixture.parameters),
      trace.length,
    );
    const next = evaluate(assemble(family, weights, parameters));
    const gain = next.penalisedLogLikelihood - current.penalisedLogLikelihood;
    if (gain < -ROUNDING * n) {
      throw new Error(
        `iteration ${trace.length} changed the objective by ${gain}: the ${family.name} M-step is at fault`,
      );
    }
    if (gain >= 0) {
      current = next;
      converged = gain <= tolerance * n;
    } else {
      ended = true; // where rounding begins; the step before is as good
      converged = -gain <= Math.max(tolerance, NOTHING) * n;
    }
    trace.push(current.penalisedLogLikelihood);
    onProgress?.({ iteration: trace.length - 1, penalisedLogLikelihood: current.penalisedLogLikelihood });
  }
  return { ...current, trace: Float64Array.from(trace), iterations: trace.length - 1, converged };
}

function attempt<Result>(maximise: () => Result, iteration: number): Result {
  try {
    return maximise();
  } catch (cause) {
    if (!(cause instanceof DegenerateComponent)) throw cause;
    throw new DegenerateComponent(`EM iteration ${iteration}: ${cause.message}`, { cause });
  }
}

/** n_k = Σ_j r_jk. */
export function masses(responsibilities: Float64Array, order: number, n: number): Float64Array {
  const sums = new Float64Array(order);
  for (let k = 0; k < order; k++) for (let j = 0; j < n; j++) sums[k] += responsibilities[k * n + j];
  return sums;
}
