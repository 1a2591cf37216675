import { BeyondFloat64, DegenerateComponent, InvalidInput } from '../errors';
import { type AxisComponents, type AxisSums, axisPass } from '../kernels/axis-em';
import { columnMoments } from '../math/column-moments';
import { LOG_2PI } from '../math/gamma-function';
import { countOf, type Samples } from '../math/table';
import { MIN_MASS, MIN_VARIANCE_SHARE, type Variances } from './axis-variances';
import type { Family, LocalProblem, NoiseTerm } from './family';
import { MAX_SQUARED_MOVE, unlessDegenerate } from './gaussian-local';
import { penaltyShare } from './penalty-share';

/**
 * The penalised likelihood, p(θ) = tr(Σ⁻¹ S_x) + log det Σ: σ² = {2 a_n s² + Σ r (x − μ)²} / (2 a_n + n_k), averaged over the features
 * that share it.
 */
export function axisProblem<Parameter extends { readonly mean: Float64Array }>(
  { variances, build }: Variances<Parameter>,
  samples: Samples,
  strength: number,
  logDensity: Family<Parameter>['logDensity'],
): LocalProblem<Parameter> {
  const { data, rows, columns: d } = samples;
  const count = countOf(samples);
  const sample = sampleVariances(samples);
  const plain: LocalProblem<Parameter> = {
    penalty: (parameter) =>
      variances(parameter).reduce((sum, variance, i) => sum + sample[i] / variance + Math.log(variance), 0),
    penaltyShares: (parameters, masses) =>
      parameters.map((parameter, k) => {
        const [own, whole] = [variances(parameter), variances(build(parameter.mean, sample))];
        return own.map((variance, i) => penaltyShare(whole[i] / variance, masses[k], strength));
      }),
    maximise: (responsibilities, order, previous) =>
      Array.from({ length: order }, (_, k) => {
        const shares = responsibilities.subarray(k * rows, (k + 1) * rows);
        const mass = shares.reduce((sum, share) => sum + share, 0);
        const mean = new Float64Array(d);
        const scatter = new Float64Array(d);
        if (!(mass > MIN_MASS)) mean.set(previous?.[k].mean ?? data.subarray(0, d));
        else
          for (let j = 0, next = 0; j < rows; j++)
            for (let i = 0; i < d; i++) mean[i] += (shares[j] / mass) * data[next++];
        for (let j = 0, next = 0; j < rows; j++) {
          for (let i = 0; i < d; i++) scatter[i] += shares[j] * (data[next++] - mean[i]) ** 2;
        }
        return estimate(k, { mass, mean, scatter }, previous?.[k]);
      }),
  };
  let passes: { readonly order: number; readonly run: ReturnType<typeof axisPass> } | undefined;
  const fast: LocalProblem<Parameter>['fast'] = {
    of: { ...plain, logDensity },
    pass(weights, parameters, noise) {
      const order = parameters.length + (noise ? 1 : 0);
      if (passes?.order !== order) passes = { order, run: axisPass(samples, order) };
      const sums = passes.run(componentsOf(weights, parameters, variances, noise));
      if (!Number.isFinite(sums.logLikelihood)) return undefined;
      return {
        logLikelihood: sums.logLikelihood,
        next() {
          const moments = parameters.map((parameter, k) => movedMoments(sums, k, parameter.mean, variances(parameter)));
          const lost = moments.some((one) => one === undefined);
          const next = lost
            ? undefined // `maximise` does it without a loss of digits
            : unlessDegenerate(() => moments.map((one, k) => estimate(k, one as AxisMoments, parameters[k])));
          return next && { weights: sums.masses.map((mass) => mass / count), parameters: next };
        },
      };
    },
  };
  return { ...plain, fast };

  function estimate(k: number, { mass, mean, scatter }: AxisMoments, previous?: Parameter): Parameter {
    if (!(mass > MIN_MASS) && previous && strength === 0) return previous;
    const estimated = scatter.map((sum, i) => (2 * strength * sample[i] + sum) / (2 * strength + mass));
    const parameter = build(mean, estimated);
    if (variances(parameter).some((variance, i) => !(variance > (strength > 0 ? 0 : MIN_VARIANCE_SHARE * sample[i]))))
      throw new DegenerateComponent(`component ${k}: its rows have a singular covariance`);
    return parameter;
  }
}

/** What the rows of a component are for the M-step. */
interface AxisMoments {
  /** n_k */
  readonly mass: number;
  readonly mean: Float64Array;
  /** Σ r (x − μ)², feature by feature */
  readonly scatter: Float64Array;
}

/** The moments of component k about its new mean, of a pass about the old one; undefined if they lost digits. */
function movedMoments(
  { masses, moments, squares }: AxisSums,
  k: number,
  before: Float64Array,
  variances: Float64Array,
): AxisMoments | undefined {
  const mass = masses[k];
  const d = before.length;
  const moved = variances.map((_, i) => (mass > MIN_MASS ? moments[k * d + i] / mass : 0)); // in standard deviations
  const scatter = variances.map((_, i) => squares[k * d + i] - mass * moved[i] ** 2);
  if (moved.some((move, i) => mass * move ** 2 > MAX_SQUARED_MOVE * scatter[i])) return undefined;
  return {
    mass,
    mean: before.map((value, i) => value + Math.sqrt(variances[i]) * moved[i]),
    scatter: scatter.map((sum, i) => variances[i] * sum),
  };
}

/** The components of a mixture as the kernel takes them; noise is one more, of the same density everywhere. */
function componentsOf<Parameter extends { readonly mean: Float64Array }>(
  weights: Float64Array,
  parameters: readonly Parameter[],
  variances: (parameter: Parameter) => Float64Array,
  noise?: NoiseTerm,
): AxisComponents {
  const d = parameters[0].mean.length;
  const all = parameters.map(variances);
  const flat = (lists: readonly Float64Array[]) => Float64Array.from(lists.flatMap((list) => [...list]));
  const logs = all.map((own, k) => {
    const log = own.reduce((sum, variance) => sum + Math.log(variance), 0);
    return Math.log(weights[k]) + Math.log1p(-(noise?.weight ?? 0)) - 0.5 * (d * LOG_2PI + log);
  });
  const none = noise ? [new Float64Array(d)] : [];
  return {
    means: flat([...parameters.map(({ mean }) => mean), ...none]),
    scales: flat([...all.map((own) => own.map((variance) => 1 / Math.sqrt(variance))), ...none]),
    logs: Float64Array.from(noise ? [...logs, Math.log(noise.weight) + noise.logDensity] : logs),
  };
}

/**
 * The sample variances (divisor n − 1).
 * @throws if a column is constant, or too few rows
 */
function sampleVariances(samples: Samples): Float64Array {
  const { data, rows, columns: d } = samples;
  if (rows < 2) throw new InvalidInput(`${rows} row is too few for a Gaussian: at least 2 are needed`);
  return Float64Array.from({ length: d }, (_, i) => {
    const { variance, constant } = columnMoments(samples, i);
    if (constant)
      throw new InvalidInput(`column ${i} is constant (${data[i]}): a Gaussian needs columns that vary, so drop it`);
    if (!(variance > 1e-90 && variance < 1e90)) {
      throw new BeyondFloat64(`the variance of column ${i} is ${variance} in float64: rescale the column`);
    }
    return variance;
  });
}
