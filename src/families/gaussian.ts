import { randomNormal } from 'd3-random';
import { BeyondFloat64 } from '../errors';
import { emLabels } from '../kernels/gaussian-em';
import { logProducts } from '../kernels/products';
import { cholesky, logDeterminant } from '../math/linear-algebra';
import { LOG_2PI } from '../math/special';
import type { Samples } from '../math/table';
import type { Family } from './family';
import { gaussianInnerProductDerivatives, gaussianScores } from './gaussian-derivatives';
import { gaussianDivergences } from './gaussian-divergences';
import { componentsOf, gaussianLocalProblem } from './gaussian-local';
import {
  checkedGaussian,
  factorsOf,
  type GaussianParameter,
  gaussianParameter,
  pooledGaussian,
} from './gaussian-parameter';

/** Normal distributions of any dimension with full covariance. θ as a vector is (μ, vech Σ), p = d + d (d + 1) / 2. */
export const gaussian: Family<GaussianParameter> = {
  name: 'gaussian',

  parameter: checkedGaussian,

  dimension: ({ mean }) => mean.length,

  size: (d) => d + (d * (d + 1)) / 2,

  toVector({ mean, covariance }) {
    const d = mean.length;
    const vech = Array.from(mean, (_, j) => Array.from(mean.subarray(j), (_, i) => covariance[(i + j) * d + j]));
    return Float64Array.from([...mean, ...vech.flat()]);
  },

  fromVector(vector, d) {
    const covariance = new Float64Array(d * d);
    let next = d;
    for (let j = 0; j < d; j++) {
      for (let i = j; i < d; i++) {
        covariance[i * d + j] = vector[next];
        covariance[j * d + i] = vector[next++];
      }
    }
    return { mean: vector.slice(0, d), covariance };
  },

  toJSON: ({ mean, covariance }) => ({
    mean: Array.from(mean),
    covariance: Array.from(mean, (_, i) => Array.from(covariance.subarray(i * mean.length, (i + 1) * mean.length))),
  }),

  logDensity: (samples) => (parameter, out) => {
    const { whitening, logDeterminant } = factorsOf(parameter);
    const constant = -0.5 * (samples.columns * LOG_2PI + logDeterminant);
    squaredDistances(samples, parameter.mean, whitening, out);
    for (let j = 0; j < samples.rows; j++) {
      out[j] = Number.isNaN(out[j]) ? -Infinity : constant - 0.5 * out[j]; // Infinity − Infinity: beyond float64
    }
  },

  labels: (weights, parameters, samples) => emLabels(samples, componentsOf(weights, parameters)),

  // x = μ + L z
  sampler(parameter, random) {
    const { mean } = parameter;
    const { lower } = factorsOf(parameter);
    const d = mean.length;
    const normal = randomNormal.source(random)();
    return (out, offset) => {
      const z = Float64Array.from(mean, normal);
      for (let i = 0; i < d; i++) {
        let x = mean[i];
        for (let c = 0; c <= i; c++) x += lower[i * d + c] * z[c];
        out[offset + i] = x;
      }
    };
  },

  localProblem: gaussianLocalProblem,

  logInnerProducts: logProducts,

  // log φ(μ; μ′, Σ + Σ′)
  logInnerProduct(a, b) {
    const d = a.mean.length;
    const sum = new Float64Array(d * d);
    for (let i = 0; i < d * d; i++) sum[i] = a.covariance[i] + b.covariance[i];
    const lower = cholesky(sum, d, sum);
    if (lower === undefined)
      throw new BeyondFloat64('the sum of two covariances is singular in float64: rescale the features');
    const z = new Float64Array(d); // L⁻¹(μ − μ′), by forward substitution
    let squared = 0;
    for (let i = 0; i < d; i++) {
      let rest = a.mean[i] - b.mean[i];
      for (let c = 0; c < i; c++) rest -= lower[i * d + c] * z[c];
      z[i] = rest / lower[i * d + i];
      squared += z[i] * z[i];
    }
    if (Number.isNaN(squared)) return -Infinity; // Infinity − Infinity: beyond float64
    return -0.5 * (d * LOG_2PI + logDeterminant(lower, d) + squared);
  },

  innerProductDerivatives: (a, b) => gaussianInnerProductDerivatives(a, b, gaussian.logInnerProduct(a, b)),

  scores: gaussianScores,

  variances: ({ mean, covariance }) => mean.map((_, i) => covariance[i * mean.length + i]),

  convolved({ mean, covariance }, variances) {
    const sum = covariance.slice();
    for (let i = 0; i < mean.length; i++) sum[i * mean.length + i] += variances[i];
    return gaussianParameter(mean, sum, 'the smoothed component');
  },

  // ½ {log det Σ′ − log det Σ + tr(Σ′⁻¹ Σ) + (μ − μ′)ᵀ Σ′⁻¹ (μ − μ′) − d}
  divergence(a, b) {
    const d = a.mean.length;
    const { precision, whitening, logDeterminant } = factorsOf(b);
    let trace = 0;
    for (let i = 0; i < d * d; i++) trace += precision[i] * a.covariance[i];
    let squared = 0;
    for (let i = 0; i < d; i++) {
      let z = 0;
      for (let c = 0; c <= i; c++) z += whitening[i * d + c] * (a.mean[c] - b.mean[c]);
      squared += z * z;
    }
    const divergence = 0.5 * (logDeterminant - factorsOf(a).logDeterminant + trace + squared - d);
    return Number.isNaN(divergence) ? Infinity : Math.max(0, divergence); // Infinity − Infinity: beyond float64
  },

  divergences: (points) => gaussianDivergences(points, gaussian.divergence),

  // the pooled mean, and the pooled covariance Σ π {Σ_γ + (μ_γ − μ)(μ_γ − μ)ᵀ} / Σ π
  barycentre(parameters, weights) {
    const d = parameters[0].mean.length;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const mean = new Float64Array(d);
    const covariance = new Float64Array(d * d);
    for (let g = 0; g < parameters.length; g++) {
      const own = parameters[g].mean;
      const share = weights[g] / total;
      for (let i = 0; i < d; i++) mean[i] += share * own[i];
    }
    const from = new Float64Array(d);
    for (let g = 0; g < parameters.length; g++) {
      const { mean: own, covariance: scatter } = parameters[g];
      const share = weights[g] / total;
      for (let i = 0; i < d; i++) {
        from[i] = own[i] - mean[i];
        for (let j = 0, at = i * d; j <= i; j++, at++) covariance[at] += share * (scatter[at] + from[i] * from[j]);
      }
    }
    return pooledGaussian(mean, covariance, 'the barycentre');
  },

  // ‖μ − μ′‖₂ + ‖Σ^½ − Σ′^½‖_F
  groundDistance(a, b) {
    return euclidean(a.mean, b.mean) + euclidean(factorsOf(a).squareRoot(), factorsOf(b).squareRoot());
  },
};

/**
 * out[j] = |W (x_j − μ)|². Four rows against two lines of W at a time, so that each number that is loaded serves often:
 *
 *            x_0 x_1 x_2 x_3   (four rows, feature c)
 *   W[i]      a0  a1  a2  a3
 *   W[i+1]    b0  b1  b2  b3
 *
 * Both sides are laid out in the order in which this reads them.
 */
function squaredDistances(
  { data, rows, columns: d }: Samples,
  mean: Float64Array,
  whitening: Float64Array,
  out: Float64Array,
): void {
  const even = d + (d % 2); // an odd last line is paired with a line of zeros
  const lines = new Float64Array(even * even); // two by two: W[i][0], W[i+1][0], W[i][1], W[i+1][1], …
  for (let i = 0; i < d; i++) {
    for (let c = 0; c <= i; c++) lines[(i - (i % 2)) * even + 2 * c + (i % 2)] = whitening[i * d + c];
  }
  const centred = new Float64Array(4 * even); // feature by feature, four rows each
  for (let first = 0; first < rows; first += 4) {
    const count = Math.min(4, rows - first);
    for (let lane = 0; lane < 4; lane++) {
      const row = (first + Math.min(lane, count - 1)) * d;
      for (let c = 0; c < d; c++) centred[4 * c + lane] = data[row + c] - mean[c];
    }
    let q0 = 0;
    let q1 = 0;
    let q2 = 0;
    let q3 = 0;
    for (let i = 0; i < d; i += 2) {
      let a0 = 0;
      let a1 = 0;
      let a2 = 0;
      let a3 = 0;
      let b0 = 0;
      let b1 = 0;
      let b2 = 0;
      let b3 = 0;
      const end = 4 * (i + 2);
      for (let x = 0, w = i * even; x < end; x += 4, w += 2) {
        const a = lines[w];
        const b = lines[w + 1];
        const x0 = centred[x];
        const x1 = centred[x + 1];
        const x2 = centred[x + 2];
        const x3 = centred[x + 3];
        a0 += a * x0;
        a1 += a * x1;
        a2 += a * x2;
        a3 += a * x3;
        b0 += b * x0;
        b1 += b * x1;
        b2 += b * x2;
        b3 += b * x3;
      }
      q0 += a0 * a0 + b0 * b0;
      q1 += a1 * a1 + b1 * b1;
      q2 += a2 * a2 + b2 * b2;
      q3 += a3 * a3 + b3 * b3;
    }
    out[first] = q0;
    if (count > 1) out[first + 1] = q1;
    if (count > 2) out[first + 2] = q2;
    if (count > 3) out[first + 3] = q3;
  }
}

function euclidean(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}
