import { BeyondFloat64, DegenerateComponent } from '../errors';
import { LOG_2PI } from '../math/gamma-function';
import { countOf, type Samples } from '../math/table';
import { MIN_MASS, MIN_VARIANCE_SHARE, type Variances } from './axis-variances';
import type { LocalProblem, LogDensity } from './family';
import { requireVarying } from './gaussian-moments';
import { penaltyShare } from './penalty-share';

// Gaussians without correlations, of rows with missing cells: a feature says nothing of another within a component, so that every sum is
// over the cells that are observed, and an M-step needs no expected ones.

/** Prepares log f of the observed cells of all rows; 0 for a row without any. */
export function incompleteAxisLogDensity<Parameter extends { readonly mean: Float64Array }>(
  { variances }: Variances<Parameter>,
  { data, rows, columns: d }: Samples,
): LogDensity<Parameter> {
  return (parameter, out) => {
    const { mean } = parameter;
    const own = variances(parameter);
    const precision = own.map((v) => 1 / v);
    const logs = own.map((v) => LOG_2PI + Math.log(v));
    for (let j = 0, next = 0; j < rows; j++) {
      let twice = 0;
      for (let i = 0; i < d; i++, next++)
        if (!Number.isNaN(data[next])) twice += logs[i] + (data[next] - mean[i]) ** 2 * precision[i];
      out[j] = -0.5 * twice;
    }
  };
}

/**
 * The penalised likelihood of the observed cells, p(θ) = tr(Σ⁻¹ S_x) + log det Σ with S_x the variances s² of each column's observed
 * cells, times n / (n − 1) for n rows: with sums over the observed cells, n_ki = Σ r of column i, μ_i = Σ r x / n_ki and σ_i² = {2 a_n s_i² + Σ r (x − μ_i)²} /
 * (2 a_n + n_ki); where features share it, both sides of the fraction are summed over them.
 * @throws if a column has one value only, or none
 */
export function incompleteAxisProblem<Parameter extends { readonly mean: Float64Array }>(
  { variances, build, shared = false }: Variances<Parameter>,
  samples: Samples,
  strength: number,
): LocalProblem<Parameter> {
  const { rows, columns: d } = samples;
  const whole = observedMoments(samples, samples.weights ?? new Float64Array(rows).fill(1));
  const sample = sampleVariances(samples, whole);
  const count = countOf(samples);
  const pooled = (terms: Float64Array) => (shared ? new Float64Array(d).fill(sum(terms)) : terms);
  return {
    penalty: (parameter) =>
      variances(parameter).reduce((sum, variance, i) => sum + sample[i] / variance + Math.log(variance), 0),
    penaltyShares: (parameters, masses) =>
      parameters.map((parameter, k) => {
        const [own, all] = [variances(parameter), variances(build(parameter.mean, sample))];
        const shown = pooled(whole.masses).map((mass) => mass / count / (shared ? d : 1)); // of the cells of a column
        return own.map((variance, i) => penaltyShare(all[i] / variance, masses[k] * shown[i], strength));
      }),
    maximise: (responsibilities, order, previous) =>
      Array.from({ length: order }, (_, k) => {
        const own = observedMoments(samples, responsibilities.subarray(k * rows, (k + 1) * rows));
        const above = pooled(own.scatters.map((scatter, i) => 2 * strength * sample[i] + scatter));
        const below = pooled(own.masses.map((mass) => 2 * strength + mass));
        const before = previous?.[k];
        const [means, spreads] = before ? [before.mean, variances(before)] : [whole.means, sample]; // where nothing is observed
        const parameter = build(
          own.means.map((mean, i) => (own.masses[i] > MIN_MASS ? mean : means[i])),
          above.map((value, i) => (below[i] > MIN_MASS ? value / below[i] : spreads[i])),
        );
        if (
          variances(parameter).some((variance, i) => !(variance > (strength > 0 ? 0 : MIN_VARIANCE_SHARE * sample[i])))
        )
          throw new DegenerateComponent(`component ${k}: its observed cells have a singular covariance`);
        return parameter;
      }),
  };
}

/** The moments of the observed cells of each column, d numbers each. */
interface ObservedMoments {
  /** Σ r */
  readonly masses: Float64Array;
  /** Σ r x / Σ r; 0 if the mass is negligible */
  readonly means: Float64Array;
  /** Σ r (x − mean)² */
  readonly scatters: Float64Array;
}

function observedMoments({ data, rows, columns: d }: Samples, shares: Float64Array): ObservedMoments {
  const [masses, means, scatters] = [new Float64Array(d), new Float64Array(d), new Float64Array(d)];
  for (let j = 0, next = 0; j < rows; j++)
    for (let i = 0; i < d; i++, next++) if (!Number.isNaN(data[next])) masses[i] += shares[j];
  for (let j = 0, next = 0; j < rows; j++)
    for (let i = 0; i < d; i++, next++)
      if (!Number.isNaN(data[next]) && masses[i] > MIN_MASS) means[i] += (shares[j] / masses[i]) * data[next];
  for (let j = 0, next = 0; j < rows; j++)
    for (let i = 0; i < d; i++, next++)
      if (!Number.isNaN(data[next])) scatters[i] += shares[j] * (data[next] - means[i]) ** 2;
  return { masses, means, scatters };
}

/** The variance of each column's observed cells, which is the maximum for one component, times N / (N − 1) for rows that count as N. */
function sampleVariances(samples: Samples, { masses, scatters }: ObservedMoments): Float64Array {
  const count = countOf(samples);
  return scatters.map((scatter, i) => {
    requireVarying(samples, i);
    const variance = ((scatter / masses[i]) * count) / (count - 1);
    if (!(variance > 1e-90 && variance < 1e90))
      throw new BeyondFloat64(`the variance of column ${i} is ${variance} in float64: rescale the column`);
    return variance;
  });
}

/** The rows with the mean of its column in place of each missing cell. */
export function meansInPlace(samples: Samples): Samples {
  const { data, rows, columns: d } = samples;
  const { means } = observedMoments(samples, samples.weights ?? new Float64Array(rows).fill(1));
  return { ...samples, data: data.map((value, ij) => (Number.isNaN(value) ? means[ij % d] : value)) };
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
