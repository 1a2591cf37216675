import { type Dots, dots } from '../kernels/dots';
import { invertLower } from '../math/linear-algebra';
import { LOG_2PI } from '../math/special';
import type { Steps } from '../work/work';
import type { Design, Point } from './experts-design';

/** What an E-step learns of all rows, and all that the M-step after it needs of them. */
export interface Sums {
  /** Σ_j log f(u_j | z_j), each row as often as it counts */
  readonly logLikelihood: number;
  /** n_k, the rows of each expert */
  readonly masses: Float64Array;
  /** for each expert Σ_j s_jk e_j e_jᵀ, lower triangles row by row, of e = (1, z, u); s are its shares of the rows, times the slope of the law's mean if it has no variances */
  readonly products: readonly Float64Array[];
  /** K × p, for laws without variances: Σ_j s_jk {u_j − mean(η_jk)} (1, z_j) */
  readonly scores: Float64Array;
  /** K × p: Σ_j (r_jk − π_jk) (1, z_j) */
  readonly gateScores: Float64Array;
  /** for each pair k < l of experts Σ_j π_jk π_jl e_j e_jᵀ, as `products`: (0, 1), (0, 2) … (1, 2) …; none for constant gates */
  readonly gateProducts: readonly Float64Array[];
}

/** Rows are taken in blocks whose products the second level of a cache holds. */
const BLOCK_BYTES = 2 ** 17;
const MOST_ROWS = 256;

/** Multiplications between two yields, a few milliseconds. */
const YIELD_AFTER = 2 ** 24;

/** log of the least density that is told from 0. */
const LEAST_LOG = -1e300;

/**
 * Prepares passes over the rows of a design: an E-step at a point, and the sums of the M-step after it.
 * @param softmax whether gates depend on z
 * @returns a pass at a point; by a membership, K × n, in place of the responsibilities, if it is given
 */
export function passOf(
  design: Design,
  order: number,
  softmax: boolean,
): (point: Point, membership?: Float64Array) => Steps<Sums> {
  const { law, rows: n, width: p, responses: q, data, weights } = design;
  const w = p + q;
  const entries = (w * (w + 1)) / 2;
  const perExpert = law.hasVariance ? q : 1;
  const gateForms = softmax ? order - 1 : 0;
  const pairs = softmax ? (order * (order - 1)) / 2 : 0;
  const rowsInBlock = Math.max(
    16,
    Math.min(MOST_ROWS, 4 * Math.floor(BLOCK_BYTES / (32 * entries)), 4 * Math.ceil(n / 4)),
  );
  const block = blockOf(rowsInBlock, w);
  const lineCount = order + pairs;
  const shares = new Float64Array(lineCount * rowsInBlock);
  const blocksBetweenYields = Math.max(1, Math.floor(YIELD_AFTER / (rowsInBlock * entries * lineCount)));

  return function* pass(point, membership) {
    const lines = linesOf(design, order, point, gateForms);
    const offsets = offsetsOf(design, order, point);
    const forms = perExpert * order + gateForms;
    const totals = new Float64Array(lineCount * entries);
    const masses = new Float64Array(order);
    const scores = new Float64Array(law.hasVariance ? 0 : order * p);
    const gateScores = new Float64Array(order * p);
    const fixed = softmax ? undefined : logGates(point.gates, order, p);
    const logs = new Float64Array(order);
    const gates = new Float64Array(order);
    const logDensities = new Float64Array(order);
    let logLikelihood = 0;
    for (let first = 0, b = 0; first < n; first += rowsInBlock, b++) {
      const size = Math.min(rowsInBlock, n - first);
      block.take(data.subarray(first * w, (first + size) * w));
      const values = block.forms(lines);
      if (size < rowsInBlock) shares.fill(0);
      for (let j = 0; j < size; j++) {
        const row = first + j;
        const times = weights ? weights[row] : 1;
        const at = j * forms;
        let most = 0;
        if (fixed) for (let k = 0; k < order; k++) logs[k] = fixed[k];
        else {
          logs[order - 1] = 0;
          for (let k = 0; k < gateForms; k++) {
            logs[k] = values[at + perExpert * order + k];
            if (logs[k] > most) most = logs[k];
          }
          let sum = 0;
          for (let k = 0; k < order; k++) {
            logs[k] -= most;
            gates[k] = Math.exp(logs[k]);
            sum += gates[k];
          }
          const logSum = Math.log(sum);
          for (let k = 0; k < order; k++) {
            logs[k] -= logSum;
            gates[k] /= sum;
          }
        }
        most = -Infinity;
        for (let k = 0; k < order; k++) {
          if (law.hasVariance) {
            let squares = 0;
            for (let c = 0; c < q; c++) squares += values[at + k * q + c] ** 2;
            logDensities[k] = offsets[k] - 0.5 * squares;
          } else logDensities[k] = law.logDensity(data[row * w + p], values[at + k], 1);
          if (!(logDensities[k] > LEAST_LOG)) logDensities[k] = LEAST_LOG;
          logs[k] += logDensities[k];
          if (logs[k] > most) most = logs[k];
        }
        let total = 0;
        for (let k = 0; k < order; k++) {
          logs[k] = Math.exp(logs[k] - most);
          total += logs[k];
        }
        logLikelihood += times * (most + Math.log(total));
        for (let k = 0; k < order; k++) {
          const r = membership ? membership[k * n + row] : logs[k] / total;
          masses[k] += times * r;
          const s = times * r;
          if (law.hasVariance) shares[k * rowsInBlock + j] = s;
          else {
            const eta = values[at + k];
            shares[k * rowsInBlock + j] = s * law.slope(eta);
            const residual = s * (data[row * w + p] - law.mean(eta));
            for (let a = 0, i = row * w; a < p; a++, i++) scores[k * p + a] += residual * data[i];
          }
          if (!softmax) continue;
          const residual = times * (r - gates[k]);
          for (let a = 0, i = row * w; a < p; a++, i++) gateScores[k * p + a] += residual * data[i];
        }
        for (let k = 0, line = order * rowsInBlock + j; k < gateForms; k++)
          for (let l = k + 1; l < order; l++, line += rowsInBlock) shares[line] = times * gates[k] * gates[l];
      }
      block.addProducts(shares, totals);
      if (b % blocksBetweenYields === blocksBetweenYields - 1) yield { stage: 'fitting', done: first, total: n };
    }
    const triangles = Array.from({ length: lineCount }, (_, i) => totals.subarray(i * entries, (i + 1) * entries));
    return {
      logLikelihood,
      masses,
      products: triangles.slice(0, order),
      scores,
      gateScores,
      gateProducts: triangles.slice(order),
    };
  };
}

/** A block of rows, with room for all products of two of their numbers. */
function blockOf(size: number, w: number) {
  const entries = (w * (w + 1)) / 2;
  const own: Dots = dots(entries, size);
  const forming: Dots = dots(size, w);
  const columns = new Float64Array(w * size);
  return {
    /** Takes rows, and zeros after them. */
    take(rows: Float64Array): void {
      const taken = rows.length / w;
      const { stride } = forming;
      if (taken < size) {
        columns.fill(0);
        forming.rows.fill(0);
      }
      for (let j = 0, i = 0; j < taken; j++)
        for (let a = 0; a < w; a++, i++) {
          columns[a * size + j] = rows[i];
          forming.rows[j * stride + a] = rows[i];
        }
      for (let a = 0, at = 0; a < w; a++)
        for (let b = 0; b <= a; b++, at += own.stride) {
          const [left, right] = [a * size, b * size];
          for (let j = 0; j < size; j++) own.rows[at + j] = columns[left + j] * columns[right + j];
        }
    },
    /** The linear forms of the rows, size × lines. */
    forms: (lines: Float64Array) => forming.products(lines),
    /** Adds Σ_j s_j e_j e_jᵀ for each line s of shares. */
    addProducts(shares: Float64Array, totals: Float64Array): void {
      const lines = shares.length / size;
      const sums = own.products(shares);
      for (let i = 0, t = 0; t < entries; t++) for (let l = 0; l < lines; l++, i++) totals[l * entries + t] += sums[i];
    },
  };
}

/** The linear forms of (1, z, u): of Gaussian experts the whitened residuals L⁻¹ (u − B (1, z)), of others η; then those of the gates. */
function linesOf(
  design: Design,
  order: number,
  { gates, coefficients, factors }: Point,
  gateForms: number,
): Float64Array {
  const { law, width: p, responses: q } = design;
  const w = p + q;
  const perExpert = law.hasVariance ? q : 1;
  const lines = new Float64Array((perExpert * order + gateForms) * w);
  for (let k = 0; k < order; k++) {
    if (!law.hasVariance) {
      lines.set(coefficients.subarray(k * p, (k + 1) * p), k * w);
      continue;
    }
    const W = invertLower(factors.subarray(k * q * q, (k + 1) * q * q), q);
    for (let c = 0; c < q; c++) {
      const at = (k * q + c) * w;
      for (let b = 0; b <= c; b++) {
        lines[at + p + b] = W[c * q + b];
        for (let a = 0; a < p; a++) lines[at + a] -= W[c * q + b] * coefficients[(k * q + b) * p + a];
      }
    }
  }
  for (let k = 0; k < gateForms; k++) lines.set(gates.subarray(k * p, (k + 1) * p), (perExpert * order + k) * w);
  return lines;
}

/** log density of each Gaussian expert where the residual is 0. */
function offsetsOf({ responses: q }: Design, order: number, { factors }: Point): Float64Array {
  const offsets = new Float64Array(order);
  if (factors.length === 0) return offsets;
  for (let k = 0; k < order; k++) {
    offsets[k] = -0.5 * q * LOG_2PI;
    for (let c = 0; c < q; c++) offsets[k] -= Math.log(factors[(k * q + c) * q + c]);
  }
  return offsets;
}

/** log π of gates that are constant. */
function logGates(gates: Float64Array, order: number, p: number): Float64Array {
  const constants = Float64Array.from({ length: order }, (_, k) => gates[k * p]);
  const most = Math.max(...constants);
  const total = constants.reduce((sum, value) => sum + Math.exp(value - most), 0);
  return constants.map((value) => value - most - Math.log(total));
}
