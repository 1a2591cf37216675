import { type DesignRows, solved, weightedMoments } from './design-rows';

/** Steps after which Newton's method has long settled, unless gates are without end. */
const MOST_STEPS = 100;

/** A step that promises less than this share of a nat a row is the last. */
const SMALL_GAIN = 1e-15;

/** A step is halved this often before it is given up. */
const MOST_HALVINGS = 40;

/**
 * Of the ridge, in each row's share of the objective: it keeps gates finite where the targets are 0 and 1, and moves others by about this share.
 */
const RIDGE = 1e-10;

/** Targets below this count as this where a line is laid through their logarithms. */
const LEAST_TARGET = 1e-12;

/**
 * The gates A that say the soft targets best: argmax Σ_s Σ_k T_sk log softmax(A x̃_s)_k less a small ridge, the last row 0; by Newton's method
 * with halving. Targets that are gates give these gates back.
 * @param targets T, S × K, of which each row sums to one
 * @returns A, K × (1 + d)
 */
export function softmaxRegression(rows: DesignRows, targets: Float64Array): Float64Array {
  const { columns: c } = rows;
  const K = targets.length / rows.rows;
  let best = { gates: startOf(rows, targets), value: 0 };
  best.value = objective(rows, targets, best.gates);
  for (let step = 0; step < MOST_STEPS; step++) {
    const { gradient, information } = derivatives(rows, targets, best.gates);
    const direction = solved(information, gradient);
    const gain = direction.reduce((sum, one, i) => sum + one * gradient[i], 0);
    if (!(gain > SMALL_GAIN * rows.rows)) break;
    const next = improved(rows, targets, best, direction);
    if (!next) break;
    best = next;
  }
  const gates = new Float64Array(K * c);
  for (let k = 0; k < K - 1; k++) gates.set(rows.unstandardised(best.gates.subarray(k * c, (k + 1) * c)), k * c);
  return gates;
}

/** Gates, of the standardised covariates, without the last row. */
interface Point {
  readonly gates: Float64Array;
  value: number;
}

/** The first of the step, its half, quarter … that is no worse; undefined if none is. */
function improved(rows: DesignRows, targets: Float64Array, from: Point, direction: Float64Array): Point | undefined {
  for (let halving = 0, size = 1; halving < MOST_HALVINGS; halving++, size /= 2) {
    const gates = from.gates.map((one, i) => one + size * direction[i]);
    const value = objective(rows, targets, gates);
    if (value > from.value) return { gates, value };
  }
  return undefined;
}

/** Larger gates are as good as infinite; their differences stay within float64. */
const LARGEST = 1e300;

/** log softmax(A x̃_s) of one row, written into `out`; gates beyond float64 count as the largest. */
export function logGatesAt(
  gates: Float64Array,
  row: Float64Array,
  at: number,
  columns: number,
  out: Float64Array,
): void {
  const K = out.length;
  for (let k = 0; k < K; k++) {
    let sum = 0;
    if (k * columns < gates.length) for (let j = 0; j < columns; j++) sum += gates[k * columns + j] * row[at + j];
    // what is beyond float64 is as large as can be, and what is neither, Infinity − Infinity, is nothing
    out[k] = Number.isNaN(sum) ? 0 : Math.min(Math.max(sum, -LARGEST), LARGEST);
  }
  normaliseLogs(out, 0, K);
}

/** Takes from K logarithms, from a place on, that of their sum: log π of log π + c. */
export function normaliseLogs(logs: Float64Array, at: number, K: number): void {
  let most = -Infinity;
  for (let i = at; i < at + K; i++) if (logs[i] > most) most = logs[i];
  let sum = 0;
  for (let i = at; i < at + K; i++) sum += Math.exp(logs[i] - most);
  const total = most + Math.log(sum);
  for (let i = at; i < at + K; i++) logs[i] -= total;
}

function objective({ rows: S, columns: c, standardised }: DesignRows, targets: Float64Array, gates: Float64Array) {
  const K = targets.length / S;
  const logs = new Float64Array(K);
  let sum = 0;
  for (let s = 0; s < S; s++) {
    logGatesAt(gates, standardised, s * c, c, logs);
    for (let k = 0; k < K; k++) if (targets[s * K + k] > 0) sum += targets[s * K + k] * logs[k];
  }
  return sum - (RIDGE * S * gates.reduce((squares, one) => squares + one * one, 0)) / 2;
}

/** The gradient of the objective, and minus its second derivatives. */
function derivatives({ rows: S, columns: c, standardised: z }: DesignRows, targets: Float64Array, gates: Float64Array) {
  const K = targets.length / S;
  const P = gates.length;
  const gradient = new Float64Array(P);
  const information = new Float64Array(P * P);
  const p = new Float64Array(K);
  for (let s = 0; s < S; s++) {
    logGatesAt(gates, z, s * c, c, p);
    for (let k = 0; k < K; k++) p[k] = Math.exp(p[k]);
    for (let k = 0; k < K - 1; k++) {
      const residual = targets[s * K + k] - p[k];
      for (let a = 0; a < c; a++) gradient[k * c + a] += residual * z[s * c + a];
      for (let l = 0; l <= k; l++) {
        const weight = k === l ? p[k] * (1 - p[k]) : -p[k] * p[l];
        for (let a = 0; a < c; a++) {
          const one = weight * z[s * c + a];
          for (let b = 0; b < c; b++) information[(k * c + a) * P + l * c + b] += one * z[s * c + b];
        }
      }
    }
  }
  for (let i = 0; i < P; i++) {
    for (let j = i + 1; j < P; j++) information[i * P + j] = information[j * P + i];
    gradient[i] -= RIDGE * S * gates[i];
    information[i * P + i] += RIDGE * S;
  }
  return { gradient, information };
}

/** Lines through log T_sk / T_sK, where both are not small: of targets that are gates, the gates. */
function startOf({ rows: S, columns: c, standardised }: DesignRows, targets: Float64Array): Float64Array {
  const K = targets.length / S;
  const start = new Float64Array((K - 1) * c);
  const last = (s: number) => Math.max(targets[s * K + K - 1], LEAST_TARGET);
  for (let k = 0; k < K - 1; k++) {
    const own = (s: number) => Math.max(targets[s * K + k], LEAST_TARGET);
    const weights = Float64Array.from({ length: S }, (_, s) => own(s) * last(s));
    const right = new Float64Array(c);
    for (let s = 0; s < S; s++) {
      const one = weights[s] * Math.log(own(s) / last(s));
      for (let a = 0; a < c; a++) right[a] += one * standardised[s * c + a];
    }
    start.set(solved(weightedMoments(standardised, c, weights), right), k * c);
  }
  return start;
}
