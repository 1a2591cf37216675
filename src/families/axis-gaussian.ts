import { randomNormal } from 'd3-random';
import { LOG_2PI } from '../math/gamma-function';
import { isIncomplete } from '../math/missing-cells';
import type { Samples } from '../math/table';
import { axisProblem } from './axis-local';
import type { Variances } from './axis-variances';
import { farMean } from './failures';
import type { Family, LogDensity } from './family';
import { incompleteAxisLogDensity, incompleteAxisProblem, meansInPlace } from './incomplete-axis';

// What Gaussians without correlations share: every quantity is a sum over the features.

/** Gaussians whose features are independent within a component: the formulas of the full Gaussian, feature by feature. */
export function axisGaussian<Parameter extends { readonly mean: Float64Array }>(
  own: Variances<Parameter>,
): Family<Parameter> {
  const { variances, build } = own;
  const widened = (parameter: Parameter, more: Float64Array) =>
    build(
      parameter.mean,
      variances(parameter).map((variance, i) => variance + more[i]),
    );
  const logDensity: Family<Parameter>['logDensity'] = (samples) =>
    isIncomplete(samples) ? incompleteAxisLogDensity(own, samples) : axisLogDensity(own, samples);
  const { name, parameter, size, toVector, fromVector, toJSON } = own;
  return {
    ...{ name, parameter, size, toVector, fromVector, toJSON },
    dimension: ({ mean }) => mean.length,

    smoothing: { variances, convolved: widened },

    failures: {
      mean: (parameter, random) => build(farMean(parameter.mean, random), variances(parameter)),
      // the diagonal of d⁻² Σ ξ_i ξ_iᵀ, d standard normal ξ_i
      covariance(parameter, random) {
        const d = parameter.mean.length;
        const normal = randomNormal.source(random)();
        const more = new Float64Array(d);
        for (let i = 0; i < d; i++) for (let a = 0; a < d; a++) more[a] += normal() ** 2 / d ** 2;
        return widened(parameter, more);
      },
    },

    missing: true,
    logDensity,

    sampler(parameter, random) {
      const normal = randomNormal.source(random)();
      const deviation = variances(parameter).map(Math.sqrt);
      return (out, offset) => {
        for (let i = 0; i < deviation.length; i++) out[offset + i] = parameter.mean[i] + deviation[i] * normal();
      };
    },

    localProblem: (samples, strength) =>
      isIncomplete(samples)
        ? incompleteAxisProblem(own, samples, strength)
        : axisProblem(own, samples, strength, logDensity),
    clusterScale: (samples) => (isIncomplete(samples) ? meansInPlace(samples) : samples),

    noise: true,

    logInnerProduct(a, b) {
      const [own, other] = [variances(a), variances(b)];
      let log = 0;
      for (let i = 0; i < own.length; i++) {
        const sum = own[i] + other[i];
        log -= 0.5 * (LOG_2PI + Math.log(sum) + (a.mean[i] - b.mean[i]) ** 2 / sum);
      }
      return log;
    },

    // ½ Σ {σ²/σ′² − 1 − log(σ²/σ′²) + (μ − μ′)²/σ′²}
    divergence(a, b) {
      const [own, other] = [variances(a), variances(b)];
      let twice = 0;
      for (let i = 0; i < own.length; i++) {
        const less = (own[i] - other[i]) / other[i];
        const log = Math.abs(less) < 0.5 ? Math.log1p(less) : Math.log(own[i]) - Math.log(other[i]);
        twice += less - log + (a.mean[i] - b.mean[i]) ** 2 / other[i];
      }
      return Math.max(0, twice / 2);
    },

    barycentre: (parameters, weights) => axisBarycentre(own, parameters, weights),

    // ‖μ − μ′‖₂ + ‖Σ^½ − Σ′^½‖_F
    groundDistance(a, b) {
      const [own, other] = [variances(a), variances(b)];
      const means = Math.hypot(...a.mean.map((m, i) => m - b.mean[i]));
      return means + Math.hypot(...own.map((v, i) => Math.sqrt(v) - Math.sqrt(other[i])));
    },
  };
}

/** Prepares log f of all rows. */
function axisLogDensity<Parameter extends { readonly mean: Float64Array }>(
  { variances }: Variances<Parameter>,
  { data, rows, columns: d }: Samples,
): LogDensity<Parameter> {
  return (parameter, out) => {
    const { mean } = parameter;
    const precision = variances(parameter).map((v) => 1 / v);
    const constant = -0.5 * (d * LOG_2PI - precision.reduce((sum, p) => sum + Math.log(p), 0));
    for (let j = 0, next = 0; j < rows; j++) {
      let squared = 0;
      for (let i = 0; i < d; i++, next++) squared += (data[next] - mean[i]) ** 2 * precision[i];
      out[j] = constant - 0.5 * squared;
    }
  };
}

/** The weighted means, and the weighted variances about them. */
function axisBarycentre<Parameter extends { readonly mean: Float64Array }>(
  { variances, build }: Variances<Parameter>,
  parameters: readonly Parameter[],
  weights: Float64Array,
): Parameter {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const d = parameters[0].mean.length;
  const average = (f: (parameter: Parameter, i: number) => number) =>
    Float64Array.from({ length: d }, (_, i) =>
      parameters.reduce((sum, parameter, g) => sum + (weights[g] / total) * f(parameter, i), 0),
    );
  const mean = average((parameter, i) => parameter.mean[i]);
  const each = new Map(parameters.map((parameter) => [parameter, variances(parameter)]));
  return build(
    mean,
    average((parameter, i) => (each.get(parameter) as Float64Array)[i] + (parameter.mean[i] - mean[i]) ** 2),
  );
}
