import { randomNormal } from 'd3-random';
import { BeyondFloat64 } from '../errors';
import { emLabels } from '../kernels/gaussian-em';
import { logProducts } from '../kernels/products';
import { LOG_2PI } from '../math/gamma-function';
import { cholesky, logDeterminant } from '../math/linear-algebra';
import { isIncomplete } from '../math/missing-cells';
import { farMean } from './failures';
import type { Family } from './family';
import { gaussianLogDensity } from './gaussian-density';
import { gaussianInnerProductDerivatives, gaussianScores } from './gaussian-derivatives';
import { gaussianDivergences } from './gaussian-divergences';
import { componentsOf, gaussianLocalProblem } from './gaussian-local';
import { checkedGaussian, factorsOf, type GaussianParameter, pooledGaussian } from './gaussian-parameter';
import { gaussianQuadrature } from './gaussian-quadrature';
import { incompleteMoments } from './incomplete-gaussian';
import { seldomTogether } from './incomplete-patterns';

const plain: Family<GaussianParameter> = {
  name: 'gaussian',

  parameter: checkedGaussian,

  dimension: ({ mean }) => mean.length,

  size: (d) => d + (d * (d + 1)) / 2,

  toVector({ mean, covariance }) {
    const d = mean.length;
    const vector = new Float64Array(d + (d * (d + 1)) / 2);
    vector.set(mean);
    let next = d;
    for (let j = 0; j < d; j++) for (let i = j; i < d; i++) vector[next++] = covariance[i * d + j];
    return vector;
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

  missing: true,

  logDensity: gaussianLogDensity,

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

  localProblem: (samples, strength) => gaussianLocalProblem(samples, strength),

  clusterScale: (samples) => (isIncomplete(samples) ? incompleteMoments(samples).completed : samples),

  notes: (_, samples) => (samples && isIncomplete(samples) ? seldomTogether(samples) : []),

  noise: true,

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

/** Normal distributions of any dimension with full covariance. θ as a vector is (μ, vech Σ), p = d + d (d + 1) / 2. */
export const gaussian: Family<GaussianParameter> = {
  ...plain,

  fast: {
    of: plain,
    labels: (weights, parameters, samples) =>
      isIncomplete(samples) ? undefined : emLabels(samples, componentsOf(weights, parameters)),
    logInnerProducts: logProducts,
    divergences: (points) => gaussianDivergences(points, plain.divergence),
  },

  theory: {
    of: plain,
    innerProductDerivatives: (a, b) => gaussianInnerProductDerivatives(a, b, plain.logInnerProduct(a, b)),
    scores: gaussianScores,
    quadrature: gaussianQuadrature,
  },

  smoothing: {
    variances: ({ mean, covariance }) => mean.map((_, i) => covariance[i * mean.length + i]),
    // not factorised, as inner products factorise sums; regular, as independent noise raises no variance inflation factor
    convolved({ mean, covariance }, variances) {
      const sum = covariance.slice();
      for (let i = 0; i < mean.length; i++) sum[i * mean.length + i] += variances[i];
      return { mean, covariance: sum };
    },
  },

  failures: {
    mean: ({ mean, covariance }, random) => ({ mean: farMean(mean, random), covariance }),
    // Σ + d⁻² Σ ξ_i ξ_iᵀ, d standard normal ξ_i
    covariance({ mean, covariance }, random) {
      const d = mean.length;
      const normal = randomNormal.source(random)();
      const sum = covariance.slice();
      for (let i = 0; i < d; i++) {
        const xi = Float64Array.from({ length: d }, normal);
        for (let ab = 0; ab < d * d; ab++) sum[ab] += (xi[Math.floor(ab / d)] * xi[ab % d]) / d ** 2;
      }
      return { mean, covariance: sum };
    },
  },
};

function euclidean(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}
