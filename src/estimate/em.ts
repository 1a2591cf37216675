import { BeyondFloat64, DegenerateComponent } from '../errors';
import type { EmPass, LocalProblem, LogDensity } from '../families/family';
import { fastPass } from '../families/fast-form';
import { countOf, type Samples } from '../math/table';
import { assemble, type Mixture } from '../mixture/mixture';
import { type Box, covers, noiseDensityOf, noiseLogDensity } from '../mixture/noise';
import { expectation } from '../mixture/posterior';
import { type EmPoint, extrapolation } from './acceleration';

/**
 * The loss of pℓ / n above which an M-step is at fault. An EM step can lower the objective by rounding only, which is where the run
 * ends; covariances near the edge of float64 bring about far less than this.
 */
const MAX_LOSS_PER_ROW = 1e-3;

/** A change of pℓ / n that is rounding even if covariances are well away from that edge. */
export const ROUNDING_PER_ROW = 1e-9;

/** Where an EM run ended, and its way there. */
export interface EmResult<Parameter> {
  /** the mixture at which the run ended */
  readonly mixture: Mixture<Parameter>;
  /** Σ_j log f_G(x_j) of the mixture, each row as often as it counts */
  readonly logLikelihood: number;
  /** pℓ(G) of the mixture */
  readonly penalisedLogLikelihood: number;
  /** pℓ at the start and after each iteration; it never decreases */
  readonly trace: Float64Array;
  /** how many iterations of EM were made */
  readonly iterations: number;
  /** whether the last iteration changed pℓ / n by no more than the tolerance; not if rounding ended the run before */
  readonly converged: boolean;
}

/** When an EM run stops, and how it goes there. */
export interface EmOptions {
  /** a_n */
  readonly penalty: number;
  readonly tolerance: number;
  readonly maxIterations: number;
  /** whether every other iteration is an extrapolation; false */
  readonly accelerate?: boolean;
}

/**
 * The EM algorithm of App. A.1 for the maximum of pℓ(G) = Σ_j log f_G(x_j) − a_n Σ_k p(θ_k), from a given start, until
 * an iteration changes pℓ / n by no more than `tolerance`. The E-step that finds this out is at the mixture returned. Where it
 * is accelerated, every other iteration is an extrapolation, taken if it raises the objective.
 * @yields the number of iterations that are done
 * @throws DegenerateComponent if a component has no maximum
 */
export function* emSteps<Parameter>(
  samples: Samples,
  problem: LocalProblem<Parameter>,
  start: Mixture<Parameter>,
  { penalty, tolerance, maxIterations, accelerate = false }: EmOptions,
): Generator<number, EmResult<Parameter>, void> {
  const n = countOf(samples);
  const evaluate = evaluation(samples, problem, start, penalty);
  const leap = extrapolation(evaluate);
  let current = evaluate(start);
  const trace = [current.penalisedLogLikelihood];
  let converged = false;
  let more = true;
  while (more) {
    const before = current;
    const next = evaluate(attempt(current.next, trace.length));
    const gain = next.penalisedLogLikelihood - current.penalisedLogLikelihood;
    if (gain < -MAX_LOSS_PER_ROW * n) {
      throw new Error(
        `iteration ${trace.length} changed the objective by ${gain}: the ${start.family.name} M-step is at fault`,
      );
    }
    if (gain >= 0) current = next; // a loss is where rounding begins; the step before is as good
    converged = gain >= 0 ? gain <= tolerance * n : -gain <= Math.max(tolerance, ROUNDING_PER_ROW) * n;
    more = trace.push(current.penalisedLogLikelihood) <= maxIterations && !converged && gain >= 0;
    yield trace.length - 1;
    if (!(more && accelerate)) continue;

    current = attempt(() => leap(before, current), trace.length);
    more = trace.push(current.penalisedLogLikelihood) <= maxIterations;
    yield trace.length - 1;
  }
  const { mixture, logLikelihood, penalisedLogLikelihood } = current;
  const iterations = trace.length - 1;
  return { mixture, logLikelihood, penalisedLogLikelihood, trace: Float64Array.from(trace), iterations, converged };
}

/** Prepares E-steps at any mixture, each with the M-step that may follow it. */
function evaluation<Parameter>(
  samples: Samples,
  problem: LocalProblem<Parameter>,
  start: Mixture<Parameter>,
  penalty: number,
): (mixture: Mixture<Parameter>) => EmPoint<Parameter> {
  const { family } = start;
  const byRows = stepByRows(samples, problem, start);
  const fast = !start.noise || covers(start.noise, samples) ? fastPass(family, problem) : undefined;
  return (mixture) => {
    const { weights, parameters, noise } = mixture;
    const term = noise && noise.weight > 0 ? { weight: noise.weight, logDensity: noiseLogDensity(noise) } : undefined;
    const pass = fast?.(weights, parameters, term) ?? byRows(mixture);
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
      const parts = noise ? withoutNoise(weights, mixture.order) : { weights };
      return assemble(family, parts.weights, parameters, noise && { ...noise, weight: parts.noise ?? 0 });
    };
    return { mixture, logLikelihood, penalisedLogLikelihood, next };
  };
}

/**
 * The weights of the components alone, which sum to one, of those of all terms, and that of the noise.
 * @throws DegenerateComponent if nothing is left to the components
 */
function withoutNoise(shares: Float64Array, order: number): { weights: Float64Array; noise?: number } {
  const own = shares.subarray(0, order);
  const total = own.reduce((sum, share) => sum + share, 0);
  if (!(total > 0 && !(shares[order] >= 1)))
    throw new DegenerateComponent('all rows are noise: they are too far from every component');
  return { weights: own.map((share) => share / total), noise: shares[order] };
}

/** The E-step and the M-step with the responsibilities of all rows between them, times how often each row counts, for any family. */
function stepByRows<Parameter>(
  samples: Samples,
  problem: LocalProblem<Parameter>,
  { family, order, noise }: Mixture<Parameter>,
): (mixture: Mixture<Parameter>) => EmPass<Parameter> {
  const { rows: n, weights: counts } = samples;
  const count = countOf(samples);
  const terms = order + (noise ? 1 : 0);
  let prepared:
    | {
        density: LogDensity<Parameter>;
        noiseDensity: LogDensity<Box>;
        responsibilities: Float64Array;
        logs?: Float64Array;
      }
    | undefined;
  return (mixture) => {
    prepared ??= {
      density: family.logDensity(samples),
      noiseDensity: noiseDensityOf(samples),
      responsibilities: new Float64Array(terms * n),
      ...(counts && { logs: new Float64Array(n) }),
    };
    const { density, noiseDensity, responsibilities, logs } = prepared;
    let logLikelihood = expectation(mixture, density, responsibilities, logs, noiseDensity);
    if (counts && logs) {
      logLikelihood = 0;
      for (let j = 0; j < n; j++) logLikelihood += counts[j] * logs[j];
      for (let k = 0; k < terms; k++) for (let j = 0; j < n; j++) responsibilities[k * n + j] *= counts[j];
    }
    return {
      logLikelihood,
      next: () => ({
        weights: masses(responsibilities, terms, n).map((mass) => mass / count),
        parameters: problem.maximise(responsibilities.subarray(0, order * n), order, mixture.parameters),
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

/** n_k = Σ_j r_jk, responsibilities times how often each row counts. */
export function masses(responsibilities: Float64Array, order: number, n: number): Float64Array {
  const sums = new Float64Array(order);
  for (let k = 0; k < order; k++) for (let j = 0; j < n; j++) sums[k] += responsibilities[k * n + j];
  return sums;
}
