import { BeyondFloat64 } from '../errors';
import type { Samples } from '../math/table';
import type { Progress, Steps } from '../work/work';
import { linearPredictors, logDensities, logExperts, logGates } from './expert-rows';
import { expertSlopes } from './expert-slopes';
import type { FlatExperts } from './flat-experts';
import { responsePlaces } from './response-places';

// At a row every score is (what y says) ⊗ (1, z) for gates and coefficients, and a number for variances: sums over y are formed in these few
// coordinates, K − 1 of gates and q + q (q + 1) / 2 of each expert, before they meet the covariates z.

/** How the coordinates of the information follow one another. */
export interface InformationLayout {
  /** p, the numbers of (1, z) */
  readonly width: number;
  /** whether gates depend on x: p coordinates of each, else one */
  readonly softmax: boolean;
  /** of each of the few coordinates of a row, its first coordinate in the information, and how many it has, 1 or p */
  readonly starts: Int32Array;
  readonly widths: Int32Array;
  /** the number of the few coordinates of one expert */
  readonly perExpert: number;
  /** the coordinates of all gates, which come first */
  readonly ofGates: number;
  /** all coordinates: the gates of experts 0 … K − 2, then of each expert the coefficients and the lower triangle of the variances */
  readonly size: number;
}

export function informationLayout({ law, order, covariates, responses: q, gates }: FlatExperts): InformationLayout {
  const width = covariates + 1;
  const softmax = gates.some((value, i) => i % width > 0 && value !== 0);
  const variances = law.hasVariance ? (q * (q + 1)) / 2 : 0;
  const widths = Int32Array.from([
    ...new Array<number>(order - 1).fill(softmax ? width : 1),
    ...new Array(order).fill([...new Array<number>(q).fill(width), ...new Array<number>(variances).fill(1)]).flat(),
  ]);
  let size = 0;
  const starts = widths.map((own) => {
    size += own;
    return size - own;
  });
  return { width, softmax, starts, widths, perExpert: q + variances, ofGates: starts[order - 1], size };
}

/** About as many places of a response are summed over at a row. */
const PLACES = 1000;

/** Multiplications between two yields, some milliseconds. */
const YIELD_AFTER = 2 ** 22;

/**
 * The information of rows, in coordinates of standardised covariates z: observed, −Σ_j w_j ∂² log f(y_j | x_j), if responses are given, else
 * expected, Σ_j w_j E {s sᵀ | x_j}.
 * @param z the rows (1, z), n × p
 * @returns size × size, symmetric
 */
export function* expertsInformationSteps(
  flat: FlatExperts,
  x: Samples,
  z: Float64Array,
  y: Samples | undefined,
): Steps<Float64Array> {
  const layout = informationLayout(flat);
  const { size, width, starts, widths } = layout;
  const few = widths.length;
  const entries = new Float64Array(size * size);
  const of = y ? observed(flat, x, y, layout) : expected(flat, x, layout);
  const matrix = new Float64Array(few * few);
  const chunk = Math.ceil(YIELD_AFTER / (size * size + (y ? 1 : PLACES) * few * few));
  const progress = (done: number): Progress => ({ stage: 'information', done, total: x.rows });
  for (let j = 0; j < x.rows; j++) {
    const count = x.weights?.[j] ?? 1;
    if (count === 0) continue;
    matrix.fill(0);
    of(j, matrix);
    for (let a = 0; a < few; a++)
      for (let b = 0; b <= a; b++) {
        const mass = count * matrix[a * few + b];
        if (mass === 0) continue;
        for (let c = 0; c < widths[a]; c++) {
          const row = (starts[a] + c) * size + starts[b];
          const one = c === 0 ? mass : mass * z[j * width + c];
          for (let e = 0; e < widths[b]; e++) entries[row + e] += e === 0 ? one : one * z[j * width + e];
        }
      }
    if ((j + 1) % chunk === 0) yield progress(j + 1);
  }
  for (let a = 0; a < size; a++) for (let b = 0; b < a; b++) entries[b * size + a] = entries[a * size + b];
  return entries;
}

/** Adds −∂² log f(y_j | x_j) to the lower triangle, in the few coordinates. */
function observed(flat: FlatExperts, x: Samples, y: Samples, layout: InformationLayout) {
  const { order, responses: q } = flat;
  const { perExpert: m } = layout;
  const few = layout.widths.length;
  const gates = order - 1;
  const priors = logGates(flat, x);
  const experts = logExperts(flat, x, y);
  const etas = linearPredictors(x, flat.coefficients);
  const { slopes: slopesOf, curvatures: curvaturesOf } = expertSlopes(flat);
  const scores = new Float64Array(order * m);
  const r = new Float64Array(order);
  const pi = new Float64Array(order);
  return (j: number, out: Float64Array) => {
    responsibilitiesAt(priors, experts, j, r);
    for (let k = 0; k < order; k++) pi[k] = Math.exp(priors[j * order + k]);
    for (let a = 0; a < gates; a++)
      for (let b = 0; b <= a; b++) out[a * few + b] += r[a] * r[b] - pi[a] * pi[b] + (a === b ? pi[a] - r[a] : 0);
    const own = y.data.subarray(j * q, (j + 1) * q);
    for (let k = 0; k < order; k++) {
      const eta = etas.subarray((j * order + k) * q, (j * order + k + 1) * q);
      const slopes = slopesOf(k, own, eta);
      scores.set(slopes, k * m);
      const curvatures = curvaturesOf(k, own, eta);
      for (let a = 0; a < m; a++) {
        const row = (gates + k * m + a) * few;
        for (let l = 0; l < gates; l++) out[row + l] += r[k] * slopes[a] * (r[l] - (k === l ? 1 : 0));
        for (let b = 0; b <= a; b++)
          out[row + gates + k * m + b] -= r[k] * (curvatures[a * m + b] + (1 - r[k]) * slopes[a] * slopes[b]);
        for (let b = 0; b < k * m; b++) out[row + gates + b] += r[k] * slopes[a] * r[Math.floor(b / m)] * scores[b];
      }
    }
  };
}

/** Adds E {s sᵀ | x_j} to the lower triangle, in the few coordinates. */
function expected(flat: FlatExperts, x: Samples, layout: InformationLayout) {
  const { order, responses: q } = flat;
  const { perExpert: m } = layout;
  const few = layout.widths.length;
  const gates = order - 1;
  const priors = logGates(flat, x);
  const etas = linearPredictors(x, flat.coefficients);
  const slopesOf = expertSlopes(flat).slopes;
  const score = new Float64Array(few);
  const r = new Float64Array(order);
  return (j: number, out: Float64Array) => {
    const eta = etas.subarray(j * order * q, (j + 1) * order * q);
    const logPi = priors.subarray(j * order, (j + 1) * order);
    const { y, masses } = responsePlaces(flat, eta, logPi.map(Math.exp));
    const experts = logDensities(flat, repeated(eta, masses.length), y);
    masses.forEach((mass, i) => {
      responsibilitiesAt(logPi, experts.subarray(i * order, (i + 1) * order), 0, r);
      for (let l = 0; l < gates; l++) score[l] = r[l] - Math.exp(logPi[l]);
      for (let l = 0; l < order; l++) {
        const slopes = slopesOf(l, y.subarray(i * q, (i + 1) * q), eta.subarray(l * q, (l + 1) * q));
        for (let a = 0; a < m; a++) score[gates + l * m + a] = r[l] === 0 ? 0 : r[l] * slopes[a];
      }
      for (let a = 0; a < few; a++) {
        const one = mass * score[a];
        if (one !== 0) for (let b = 0; b <= a; b++) out[a * few + b] += one * score[b];
      }
    });
  };
}

/** The list as often as `times` says, one after another. */
function repeated(list: Float64Array, times: number): Float64Array {
  const all = new Float64Array(list.length * times);
  for (let i = 0; i < times; i++) all.set(list, i * list.length);
  return all;
}

/** π_k φ_k / f of row j, of logarithms; of no expert alone where all are 0. */
function responsibilitiesAt(logGates: Float64Array, logExperts: Float64Array, j: number, out: Float64Array): void {
  const order = out.length;
  let most = -Infinity;
  for (let k = 0; k < order; k++) {
    out[k] = logGates[j * order + k] + logExperts[j * order + k];
    if (out[k] > most) most = out[k];
  }
  if (most === -Infinity)
    throw new BeyondFloat64(`row ${j} is too far from every expert: its density is beyond float64`);
  let sum = 0;
  for (let k = 0; k < order; k++) {
    out[k] = Math.exp(out[k] - most);
    sum += out[k];
  }
  for (let k = 0; k < order; k++) out[k] /= sum;
}
