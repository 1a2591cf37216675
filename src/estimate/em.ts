import { BeyondFloat64, DegenerateComponent } from '../errors';
import type { EmPass, LocalProblem, LogDensity } from '../families/family';
import type { Samples } from '../math/table';
import { assemble, type Mixture } from '../mixture/mixture';
import { expectation } from '../mixture/posterior';
import { extrapolate } from './acceleration';

/**
 * An EM step cannot lower the objective but by rounding, which is where it ends. A loss of more than this in pℓ / n is none:
 * it is well above the rounding that covariances near the edge of float64 bring about.
 */
const ROUNDING = 1e-3;

/** How fast the longest step of an extrapolation grows while steps succeed, and shrinks when one fails. */
const GROWTH = 4;

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
 * an iteration changes pℓ / n by no more than `tolerance`. The E-step that finds this out is at the mixture returned. Where it
 * is accelerated, every other iteration is an extrapolation, taken where it raises the objective.
 */
export function expectationMaximisation<Parameter>(
  samples: Samples,
  problem: LocalProblem<Parameter>,
  start: Mixture<Parameter>,
  {
    penalty,
    tolerance,
    maxIterations,
    accelerate = false,
    onProgress,
    signal,
  }: {
    penalty: number;
    tolerance: number;
    maxIterations: number;
    accelerate?: boolean;
    onProgress?: (progress: EmProgress) => void;
    signal?: AbortSignal;
  },
): EmResult<Parameter> {
  const { family } = start;
  const n = samples.rows;
  const byRows = stepByRows(samples, problem, start);
  const evaluate = (mixture: Mixture<Parameter>) => {
    const { weights, parameters } = mixture;
    const pass = problem.pass?.(weights, parameters) ?? byRows(mixture);
    const { logLikelihood } = pass;
    const penalties = penalty > 0 ? parameters.reduce((sum, p) => sum + (problem.penalty?.(p) ?? 0), 0) : 0;
    const penalisedLogLikelihood = logLikelihood - penalty * penalties;
    if (!Number.isFinite(penalisedLogLikelihood)) {
      throw new BeyondFloat64(
        `the objective is ${penalisedLogLikelihood}: with the penalty ${penalty} it is beyond float64`,
      );
    }
    const next = () => {
      const { weights, parameters } =
        pass.next() ?? (byRows(mixture).next() as NonNullable<ReturnType<typeof pass.next>>);
      return assemble(family, weights, parameters);
    };
    return { mixture, logLikelihood, penalisedLogLikelihood, next };
  };

  /** A mixture that nothing but an extrapolation stands for; undefined where it is too far from the rows. */
  const evaluated = (mixture: Mixture<Parameter>) => {
    try {
      return evaluate(mixture);
    } catch {
      return undefined;
    }
  };

  let current = evaluate(start);
  let longest = 1; // step of an extrapolation
  const trace: number[] = [];
  const report = () => {
    trace.push(current.penalisedLogLikelihood);
    const iteration = trace.length - 1;
    if (iteration > 0) onProgress?.({ iteration, penalisedLogLikelihood: current.penalisedLogLikelihood });
    return iteration < maxIterations;
  };
  let converged = false;
  let more = report();
  while (more) {
    signal?.throwIfAborted();
    const before = current;
    const next = evaluate(attempt(current.next, trace.length));
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
      converged = -gain <= Math.max(tolerance, NOTHING) * n;
    }
    more = report() && !converged && gain >= 0; // a loss is where rounding begins; the step before is as good
    if (!(more && accelerate)) continue;

    signal?.throwIfAborted();
    const second = attempt(current.next, trace.length);
    const leap = extrapolate([before.mixture, current.mixture, second], longest);
    const there = leap && evaluated(leap.mixture);
    if (leap && there && there.penalisedLogLikelihood >= current.penalisedLogLikelihood) {
      current = there;
      if (leap.step === longest) longest *= GROWTH;
    } else {
      current = { ...current, next: () => second };
      longest = Math.max(1, longest / GROWTH);
    }
    more = report();
  }
  const { mixture, logLikelihood, penalisedLogLikelihood } = current;
  const iterations = trace.length - 1;
  return { mixture, logLikelihood, penalisedLogLikelihood, trace: Float64Array.from(trace), iterations, converged };
}

/** The E-step and the M-step with the responsibilities of all rows between them, for any family. */
function stepByRows<Parameter>(
  samples: Samples,
  problem: LocalProblem<Parameter>,
  { family, order }: Mixture<Parameter>,
): (mixture: Mixture<Parameter>) => EmPass<Parameter> {
  const n = samples.rows;
  let prepared: { density: LogDensity<Parameter>; responsibilities: Float64Array } | undefined;
  return (mixture) => {
    prepared ??= { density: family.logDensity(samples), responsibilities: new Float64Array(order * n) };
    const { density, responsibilities } = prepared;
    return {
      logLikelihood: expectation(mixture, density, responsibilities),
      next: () => ({
        weights: masses(responsibilities, order, n).map((mass) => mass / n),
        parameters: problem.maximise(responsibilities, order, mixture.parameters),
      }),
    };
  };
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
