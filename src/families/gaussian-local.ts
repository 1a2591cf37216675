import { BeyondFloat64, DegenerateComponent, DfmrError, InvalidInput } from '../errors';
import { emMoments, emPass } from '../kernels/gaussian-em';
import { type EmComponents, type EmSums, NEGLIGIBLE } from '../kernels/gaussian-em-plain';
import { LOG_2PI } from '../math/gamma-function';
import { isIncomplete } from '../math/missing-cells';
import { countOf, type Samples } from '../math/table';
import type { LocalProblem, NoiseTerm } from './family';
import { gaussianLogDensity } from './gaussian-density';
import { firstDependentColumn, requireVarying, rowsAbove, scatter, weightedMean } from './gaussian-moments';
import { factorsOf, type GaussianParameter, gaussianParameter } from './gaussian-parameter';
import { type CompletedRows, completion, incompleteMoments } from './incomplete-gaussian';
import { penaltyShare } from './penalty-share';

/** Without a penalty, a component's variance, given the columns before, that is below this share of the data's is rounding. */
const MIN_VARIANCE_SHARE = 1e-14;

/**
 * The square of how far a mean may move in one pass, in new standard deviations: sums about the old mean lose digits beyond it, so that
 * the slower form takes over.
 */
export const MAX_SQUARED_MOVE = 1e3;

/**
 * The penalised likelihood of a Gaussian mixture, App. A.1: p(θ) = tr(Σ⁻¹ S_x) + log det Σ with S_x the sample
 * covariance (divisor n − 1). It keeps each Σ_k ≥ 2 a_n / (n + 2 a_n) S_x, off the singular ones where the likelihood
 * is unbounded. Where cells are missing, S_x is the covariance of all rows by EM with one component, times n / (n − 1), and an M-step is
 * of the rows that each component expects, given the observed cells, and of how far they may be from that.
 * @throws if S_x itself is singular: a constant column, a column that follows from others, too few rows
 */
export function gaussianLocalProblem(
  samples: Samples,
  penalty: number,
  { tied = false }: { readonly tied?: boolean } = {},
): LocalProblem<GaussianParameter> {
  const { rows } = samples;
  const count = countOf(samples);
  const complete = isIncomplete(samples) ? completion(samples) : undefined;
  const whole = wholeSample(samples);
  let moments: { readonly order: number; readonly of: ReturnType<typeof emMoments> } | undefined;
  let passes: { readonly order: number; readonly run: ReturnType<typeof emPass> } | undefined;

  const plain: LocalProblem<GaussianParameter> = {
    penalty(parameter) {
      const { precision, logDeterminant } = factorsOf(parameter);
      let trace = 0;
      for (let i = 0; i < precision.length; i++) trace += precision[i] * whole.covariance[i];
      return trace + logDeterminant;
    },

    penaltyShares(parameters, masses) {
      const total = Array.from(masses).reduce((sum, mass) => sum + mass, 0);
      return parameters.map((parameter, k) => {
        const [mass, strength] = tied ? [total, parameters.length * penalty] : [masses[k], penalty];
        return varianceRatios(whole, parameter).map((ratio) => penaltyShare(ratio, mass, strength));
      });
    },

    maximise(responsibilities, order, previous) {
      const befores = Array.from({ length: order }, (_, k) => previous?.[k] ?? whole);
      if (!complete && moments?.order !== order) moments = { order, of: emMoments(samples, order) };
      const all =
        (moments && momentsOfAll(samples, responsibilities, befores, moments.of)) ??
        befores.map((before, k) => {
          const shares = responsibilities.subarray(k * rows, (k + 1) * rows);
          return momentsOf(samples, shares, before, complete?.(before, shares));
        });
      const total = all.reduce((sum, { mass }) => sum + mass, 0);
      return estimates(all, total, previous);
    },
  };

  const fast: LocalProblem<GaussianParameter>['fast'] = {
    of: { ...plain, logDensity: gaussianLogDensity },
    pass(weights, parameters, noise) {
      const order = parameters.length + (noise ? 1 : 0);
      if (passes?.order !== order) passes = { order, run: emPass(samples, order) };
      const components = componentsOf(weights, parameters);
      const sums = passes.run(noise ? besideNoise(components, noise) : components);
      if (!Number.isFinite(sums.logLikelihood)) return undefined;
      return {
        logLikelihood: sums.logLikelihood,
        next: () => {
          const moments = movedMoments(sums, parameters, rows);
          const total = noise ? count - sums.masses[order - 1] : count;
          const next = moments && unlessDegenerate(() => estimates(moments, total, parameters)); // else `maximise` says why
          return next && { weights: sums.masses.map((mass) => mass / count), parameters: next };
        },
      };
    },
  };

  return complete ? plain : { ...plain, fast };

  /** μ = Σ r x / n_k,  Σ = {2 a_n S_x + Σ r (x − μ)(x − μ)ᵀ} / (2 a_n + n_k); if Σ is tied, both sides are summed over k. */
  function estimates(
    moments: readonly Moments[],
    total: number,
    previous?: readonly GaussianParameter[],
  ): GaussianParameter[] {
    if (tied) {
      const together = moments[0].scatter.map((_, i) => moments.reduce((sum, one) => sum + one.scatter[i], 0));
      const shared = covarianceOf(together, total, moments.length * penalty);
      return moments.map(({ mean }, k) =>
        soundParameter({ mean, covariance: shared.slice() }, whole, penalty, k, rows),
      );
    }
    return moments.map(({ mean, scatter, mass, members }, k) =>
      members === 0 && penalty === 0
        ? (previous?.[k] ?? whole)
        : soundParameter({ mean, covariance: covarianceOf(scatter, mass, penalty) }, whole, penalty, k, members),
    );
  }

  function covarianceOf(scatter: Float64Array, mass: number, strength: number): Float64Array {
    const covariance = new Float64Array(scatter.length);
    for (let i = 0; i < scatter.length; i++)
      covariance[i] = (2 * strength * whole.covariance[i] + scatter[i]) / (2 * strength + mass);
    return covariance;
  }
}

/**
 * The moments of rows by their shares in all components, K × n, in two passes: the second is about the means that the first finds. Undefined
 * where sums are beyond float64.
 */
function momentsOfAll(
  { rows, columns: d }: Samples,
  shares: Float64Array,
  befores: readonly GaussianParameter[],
  collect: ReturnType<typeof emMoments>,
): Moments[] | undefined {
  const means = Float64Array.from(befores.flatMap(({ mean }) => [...mean]));
  const { masses, moments } = collect(shares, means);
  const moved = means.map((mean, i) => mean + (moments[i] / masses[Math.floor(i / d)] || 0)); // no mass, no move
  const { scatters } = collect(shares, moved);
  if (!scatters.every(Number.isFinite)) return undefined;
  return Array.from(masses, (mass, k) => ({
    mean: moved.slice(k * d, (k + 1) * d),
    scatter: scatters.slice(k * d * d, (k + 1) * d * d),
    mass,
    members: rowsAbove(shares.subarray(k * rows, (k + 1) * rows), NEGLIGIBLE).length,
  }));
}

/** The moments of rows by their shares in a component: of the rows that it expected before, where cells are missing. */
function momentsOf(
  samples: Samples,
  shares: Float64Array,
  before: GaussianParameter,
  completed?: CompletedRows,
): Moments {
  const members = rowsAbove(shares, NEGLIGIBLE);
  const mass = shares.reduce((sum, share) => sum + share, 0);
  const rows = completed?.rows ?? samples;
  const mean = members.length > 0 ? weightedMean(rows, members, shares) : before.mean;
  const about = scatter(rows, members, shares, mean);
  const whole = completed ? about.map((sum, i) => sum + completed.spread[i]) : about;
  return { mean, scatter: whole, mass, members: members.length };
}

/** @throws DegenerateComponent if the covariance is singular, or without a penalty nearly so beside that of all rows */
function soundParameter(
  { mean, covariance }: GaussianParameter,
  whole: GaussianParameter,
  penalty: number,
  k: number,
  members: number,
): GaussianParameter {
  const d = mean.length;
  const what = `component ${k}: its ${members} rows have a singular covariance`;
  const parameter = attempt(() => gaussianParameter(mean, covariance, `component ${k}`), what);
  const [own, data] = [parameter, whole].map((one) => factorsOf(one).lower);
  if (penalty === 0 && mean.some((_, i) => own[i * d + i] ** 2 < MIN_VARIANCE_SHARE * data[i * d + i] ** 2)) {
    throw new DegenerateComponent(what);
  }
  return parameter;
}

/** What the rows of a component are for the M-step. */
interface Moments {
  readonly mean: Float64Array;
  /** Σ r (x − μ)(x − μ)ᵀ, lower triangle */
  readonly scatter: Float64Array;
  /** n_k */
  readonly mass: number;
  /** how many rows are more than negligibly of the component; all, if that was not counted */
  readonly members: number;
}

/** The moments about the new means, of a pass about the old ones; undefined if they lost digits. */
function movedMoments(
  { masses, moments, scatters }: EmSums,
  parameters: readonly GaussianParameter[],
  rows: number,
): Moments[] | undefined {
  const all: Moments[] = [];
  for (const [k, { mean: before }] of parameters.entries()) {
    const d = before.length;
    const mass = masses[k];
    const scatter = scatters.slice(k * d * d, (k + 1) * d * d);
    const moved = Float64Array.from({ length: d }, (_, i) => (mass > 0 ? moments[k * d + i] / mass : 0));
    for (let i = 0; i < d; i++) {
      for (let c = 0; c <= i; c++) scatter[i * d + c] -= mass * moved[i] * moved[c];
      if (mass * moved[i] * moved[i] > MAX_SQUARED_MOVE * scatter[i * d + i]) return undefined;
    }
    all.push({ mean: before.map((value, i) => value + moved[i]), scatter, mass, members: mass === 0 ? 0 : rows });
  }
  return all;
}

/** The components of a mixture, as kernels take them. */
export function componentsOf(weights: Float64Array, parameters: readonly GaussianParameter[]): EmComponents {
  const factors = parameters.map(factorsOf);
  const d = parameters[0].mean.length;
  return {
    means: Float64Array.from(parameters.flatMap(({ mean }) => [...mean])),
    whitenings: factors.map(({ whitening }) => whitening),
    logs: weights.map((weight, k) => Math.log(weight) - 0.5 * (d * LOG_2PI + factors[k].logDeterminant)),
  };
}

/** The components of a mixture with noise: the last has the same density everywhere, as its whitening is 0. */
function besideNoise({ means, whitenings, logs }: EmComponents, { weight, logDensity }: NoiseTerm): EmComponents {
  const d = means.length / logs.length;
  return {
    means: Float64Array.of(...means, ...means.subarray(0, d)),
    whitenings: [...whitenings, new Float64Array(d * d)],
    logs: Float64Array.of(...logs.map((log) => log + Math.log1p(-weight)), Math.log(weight) + logDensity),
  };
}

function attempt<Result>(build: () => Result, what: string): Result {
  try {
    return build();
  } catch (cause) {
    if (!(cause instanceof DfmrError)) throw cause;
    throw new DegenerateComponent(what, { cause });
  }
}

export function unlessDegenerate<Result>(build: () => Result): Result | undefined {
  try {
    return build();
  } catch (error) {
    if (error instanceof DegenerateComponent) return undefined;
    throw error;
  }
}

/** The mean of all rows and S_x, each row as often as it counts; S_x must be positive definite. */
function wholeSample(samples: Samples): GaussianParameter {
  const { data, rows, columns: d, weights = new Float64Array(rows).fill(1) } = samples;
  if (rows <= d) {
    throw new InvalidInput(`${rows} rows are too few for Gaussians in ${d} dimensions: at least ${d + 1} are needed`);
  }
  const members = Int32Array.from({ length: rows }, (_, j) => j);
  for (let i = 0; i < d; i++) requireVarying(samples, i);
  const { mean, covariance } = isIncomplete(samples)
    ? expectedMoments(samples)
    : sampleMoments(samples, members, weights);
  for (let i = 0; i < d; i++) {
    if (!(covariance[i * d + i] > 0 && covariance[i * d + i] < Infinity)) {
      throw new BeyondFloat64(`the variance of column ${i} is ${covariance[i * d + i]} in float64: rescale the column`);
    }
  }
  const dependent = firstDependentColumn(covariance, d);
  if (dependent >= 0) {
    const far = (j: number) => weights[j] * (data[j * d + dependent] - mean[dependent]) ** 2;
    const farthest = members.reduce((most, j) => (far(j) > far(most) ? j : most), 0);
    if (far(farthest) > 0.9 * (countOf(samples) - 1) * covariance[dependent * d + dependent]) {
      throw new BeyondFloat64(
        `row ${farthest} is so far from all others (${data[farthest * d + dependent]} in column ${dependent}) that ` +
          'their columns cannot be told apart in float64: correct it or leave it out',
      );
    }
    throw new InvalidInput(`column ${dependent} follows linearly from the columns before it: drop one of them`);
  }
  return gaussianParameter(mean, covariance, 'the whole sample');
}

/** The mean and S_x of rows with missing cells, by EM with one component. */
function expectedMoments(samples: Samples): GaussianParameter {
  const { mean, covariance } = incompleteMoments(samples);
  const count = countOf(samples);
  return { mean, covariance: covariance.map((value) => (value * count) / (count - 1)) };
}

function sampleMoments(samples: Samples, members: Int32Array, weights: Float64Array): GaussianParameter {
  const mean = weightedMean(samples, members, weights);
  return { mean, covariance: sampleCovariance(samples, mean) };
}

/** S_x, divisor N − 1: the sums of a pass with one component that is the same everywhere, so that every row has all of its weight. */
function sampleCovariance(samples: Samples, mean: Float64Array): Float64Array {
  const { columns: d } = samples;
  const count = countOf(samples);
  const flat = { means: mean, whitenings: [new Float64Array(d * d)], logs: Float64Array.of(0) };
  const { scatters, moments } = emPass(samples, 1)(flat);
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      const sum = scatters[i * d + j] - (moments[i] / count) * moments[j];
      covariance[i * d + j] = covariance[j * d + i] = sum / (count - 1);
    }
  }
  return covariance;
}

/** Of each column, the ratio of its variances in all rows and in the component, by itself or given the other columns: the larger one. */
function varianceRatios(whole: GaussianParameter, component: GaussianParameter): Float64Array {
  const d = whole.mean.length;
  const { precision } = factorsOf(component);
  return Float64Array.from({ length: d }, (_, i) => {
    const direction = precision.subarray(i * d, (i + 1) * d); // uncorrelated, in the component, with all columns but i
    let spread = 0;
    for (let a = 0; a < d; a++)
      for (let b = 0; b < d; b++) spread += direction[a] * whole.covariance[a * d + b] * direction[b];
    return Math.max(whole.covariance[i * d + i] / component.covariance[i * d + i], spread / direction[i]);
  });
}
