import { type Dots, dots } from '../kernels/dots';
import { LOG_2PI } from '../math/gamma-function';
import { invertLower } from '../math/linear-algebra';
import type { Steps } from '../work/work';
import type { ExpertLaw } from './expert-law';
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

/** Shares below exp of this are 0. */
const NEGLIGIBLE = -100;

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
  const { law, rows: n, width: p, responses: q, weights } = design;
  const w = p + q;
  const entries = (w * (w + 1)) / 2;
  const pairs = softmax ? (order * (order - 1)) / 2 : 0;
  const most = Math.min(MOST_ROWS, 4 * Math.floor(BLOCK_BYTES / (32 * entries)), 4 * Math.ceil(n / 4));
  const size = Math.max(16, most);
  const block = blockOf(design, size, w);
  const sharing = order + pairs;
  const blocksBetweenYields = Math.max(1, Math.floor(YIELD_AFTER / (size * entries * sharing)));
  const counts = new Float64Array(size);
  const logGates = new Float64Array(order * size);
  const gates = new Float64Array(order * size);
  const logDensities = new Float64Array(order * size);
  const responsibilities = new Float64Array(order * size);
  const shares = new Float64Array(sharing * size);

  return function* pass(point, membership) {
    const { lines, gatesAt } = linesOf(design, order, point, softmax);
    const forms = lines.length / w;
    const offsets = offsetsOf(design, order, point);
    const totals = new Float64Array(sharing * entries);
    const masses = new Float64Array(order);
    const scores = new Float64Array(law.hasVariance ? 0 : order * p);
    const gateScores = new Float64Array(order * p);
    if (!softmax) constantGates(point.gates, p, size, logGates);
    /** adds what some rows say, and answers their log-likelihood */
    function add(first: number): number {
      const rows = Math.min(size, n - first);
      block.take(first);
      counts.fill(0);
      if (weights) counts.set(weights.subarray(first, first + rows));
      else counts.fill(1, 0, rows);
      const values = block.forms(lines);
      if (softmax) softmaxGates(values, forms, gatesAt, size, logGates, gates);
      if (law.hasVariance) gaussianLogs(values, forms, q, offsets, size, logDensities);
      else otherLogs(law, values, forms, block.column(p), size, logDensities);
      const logLikelihood = posterior(logGates, logDensities, counts, responsibilities);
      if (membership)
        for (let k = 0; k < order; k++)
          for (let j = 0; j < rows; j++) responsibilities[k * size + j] = counts[j] * membership[k * n + first + j];
      for (let k = 0; k < order; k++) masses[k] += sumOf(responsibilities, k * size, size);
      shares.set(responsibilities);
      if (!law.hasVariance) addScores(law, values, forms, block, shares, scores, p);
      if (softmax) addGateScores(block, responsibilities, gates, counts, gateScores, p);
      if (softmax) pairShares(gates, counts, shares.subarray(order * size));
      block.addProducts(shares, totals);
      return logLikelihood;
    }
    let logLikelihood = 0;
    for (let first = 0, b = 1; first < n; first += size, b++) {
      logLikelihood += add(first);
      if (b % blocksBetweenYields === 0) yield { stage: 'fitting', done: first, total: n };
    }
    const triangles = Array.from({ length: sharing }, (_, i) => totals.subarray(i * entries, (i + 1) * entries));
    const [products, gateProducts] = [triangles.slice(0, order), triangles.slice(order)];
    return { logLikelihood, masses, products, scores, gateScores, gateProducts };
  };
}

/** Rows of which the products of two of their numbers are wanted, with zeros after them. */
interface Block {
  /** takes rows of the design, from the first on */
  take(first: number): void;
  /** a column of the rows */
  column(a: number): Float64Array;
  /** the linear forms of the rows, size × lines */
  forms(lines: Float64Array): Float64Array;
  /** adds Σ_j s_j e_j e_jᵀ for each line s of shares */
  addProducts(shares: Float64Array, totals: Float64Array): void;
}

/** Blocks are kept from pass to pass if all their numbers are no more than this, 32 MB. */
const MOST_KEPT = 2 ** 22;

function blockOf({ data, rows: n }: Design, size: number, w: number): Block {
  const entries = (w * (w + 1)) / 2;
  const own: Dots = dots(entries, size);
  const forming: Dots = dots(size, w);
  const columns = new Float64Array(w * size);
  const kept: Float64Array[][] | undefined = n * entries <= MOST_KEPT ? [] : undefined;

  function lay(first: number): void {
    const taken = Math.min(size, n - first);
    const { stride, rows: laid } = forming;
    if (taken < size) {
      columns.fill(0);
      laid.fill(0);
    }
    for (let j = 0, i = first * w; j < taken; j++)
      for (let a = 0; a < w; a++, i++) {
        columns[a * size + j] = data[i];
        laid[j * stride + a] = data[i];
      }
    const { stride: apart, rows: products } = own;
    for (let a = 0, at = 0; a < w; a++)
      for (let b = 0; b <= a; b++, at += apart) multiply(columns, a * size, b * size, products, at, size);
  }

  return {
    take(first) {
      const before = kept?.[first / size];
      const now = [columns, forming.rows, own.rows];
      if (before) {
        for (const [i, list] of now.entries()) list.set(before[i]);
      } else {
        lay(first);
        kept?.push(now.map((list) => list.slice()));
      }
    },
    column: (a) => columns.subarray(a * size, (a + 1) * size),
    forms: (lines) => forming.products(lines),
    addProducts(shares, totals) {
      const lines = shares.length / size;
      const sums = own.products(shares);
      for (let i = 0, t = 0; t < entries; t++) for (let l = 0; l < lines; l++, i++) totals[l * entries + t] += sums[i];
    },
  };
}

function sumOf(values: Float64Array, at: number, length: number): number {
  let sum = 0;
  for (let j = at; j < at + length; j++) sum += values[j];
  return sum;
}

function multiply(from: Float64Array, left: number, right: number, to: Float64Array, at: number, length: number): void {
  for (let j = 0; j < length; j++) to[at + j] = from[left + j] * from[right + j];
}

// What follows is of a block: lists are K × size, values size × forms.

/** log π and π of gates that depend on z. */
function softmaxGates(
  values: Float64Array,
  forms: number,
  at: number,
  size: number,
  logs: Float64Array,
  gates: Float64Array,
): void {
  const order = logs.length / size;
  for (let j = 0, i = at; j < size; j++, i += forms) {
    let most = 0;
    for (let k = 0; k < order - 1; k++) if (values[i + k] > most) most = values[i + k];
    let sum = 0;
    for (let k = 0, to = j; k < order; k++, to += size) {
      const log = (k < order - 1 ? values[i + k] : 0) - most;
      logs[to] = log;
      gates[to] = log === 0 ? 1 : Math.exp(log);
      sum += gates[to];
    }
    const logSum = Math.log(sum);
    for (let to = j; to < logs.length; to += size) {
      logs[to] -= logSum;
      gates[to] /= sum;
    }
  }
}

/** log φ of Gaussian experts from their white residuals. */
function gaussianLogs(
  values: Float64Array,
  forms: number,
  q: number,
  offsets: Float64Array,
  size: number,
  logs: Float64Array,
): void {
  for (let k = 0, to = 0; k < offsets.length; k++)
    for (let j = 0, i = k * q; j < size; j++, i += forms, to++) {
      let squares = 0;
      for (let c = i; c < i + q; c++) squares += values[c] * values[c];
      const log = offsets[k] - 0.5 * squares;
      logs[to] = log > LEAST_LOG ? log : LEAST_LOG;
    }
}

/** log φ of experts without variances from their predictors. */
function otherLogs(
  law: ExpertLaw,
  values: Float64Array,
  forms: number,
  responses: Float64Array,
  size: number,
  logs: Float64Array,
): void {
  for (let to = 0; to < logs.length; to++) {
    const j = to % size;
    const log = law.logDensity(responses[j], values[j * forms + Math.floor(to / size)], 1);
    logs[to] = log > LEAST_LOG ? log : LEAST_LOG;
  }
}

/** Σ log f of the rows, and their responsibilities, both as often as rows count. */
function posterior(
  logGates: Float64Array,
  logDensities: Float64Array,
  counts: Float64Array,
  responsibilities: Float64Array,
): number {
  const size = counts.length;
  let logLikelihood = 0;
  for (let j = 0; j < size; j++) {
    let most = -Infinity;
    for (let i = j; i < logGates.length; i += size) {
      const log = logGates[i] + logDensities[i];
      responsibilities[i] = log;
      if (log > most) most = log;
    }
    let total = 0;
    for (let i = j; i < logGates.length; i += size) {
      const log = responsibilities[i] - most;
      responsibilities[i] = log === 0 ? 1 : log > NEGLIGIBLE ? Math.exp(log) : 0;
      total += responsibilities[i];
    }
    const share = counts[j] / total;
    for (let i = j; i < logGates.length; i += size) responsibilities[i] *= share;
    if (counts[j] > 0) logLikelihood += counts[j] * (most + Math.log(total));
  }
  return logLikelihood;
}

/** Adds the scores of experts without variances, and turns shares into those of their curvature. */
function addScores(
  law: ExpertLaw,
  values: Float64Array,
  forms: number,
  block: Block,
  shares: Float64Array,
  scores: Float64Array,
  p: number,
): void {
  const responses = block.column(p);
  const size = responses.length;
  const residuals = new Float64Array(size);
  for (let k = 0; k < scores.length / p; k++) {
    for (let j = 0, i = k * size; j < size; j++, i++) {
      const eta = values[j * forms + k];
      residuals[j] = shares[i] * (responses[j] - law.mean(eta));
      shares[i] *= law.slope(eta);
    }
    addColumns(block, residuals, scores.subarray(k * p, (k + 1) * p));
  }
}

/** Adds Σ_j (r_jk − π_jk) (1, z_j). */
function addGateScores(
  block: Block,
  responsibilities: Float64Array,
  gates: Float64Array,
  counts: Float64Array,
  scores: Float64Array,
  p: number,
): void {
  const size = counts.length;
  const order = scores.length / p;
  const residuals = new Float64Array(size);
  for (let k = 0; k < order - 1; k++) {
    for (let j = 0, i = k * size; j < size; j++, i++) residuals[j] = responsibilities[i] - counts[j] * gates[i];
    addColumns(block, residuals, scores.subarray(k * p, (k + 1) * p));
  }
}

/** Adds Σ_j s_j (1, z_j). */
function addColumns(block: Block, shares: Float64Array, sums: Float64Array): void {
  for (let a = 0; a < sums.length; a++) {
    const column = block.column(a);
    let sum = 0;
    for (let j = 0; j < shares.length; j++) sum += shares[j] * column[j];
    sums[a] += sum;
  }
}

/** π_k π_l of each pair, as often as rows count. */
function pairShares(gates: Float64Array, counts: Float64Array, shares: Float64Array): void {
  const size = counts.length;
  let to = 0;
  for (let k = 0; k < gates.length; k += size)
    for (let l = k + size; l < gates.length; l += size)
      for (let j = 0; j < size; j++, to++) shares[to] = counts[j] * gates[k + j] * gates[l + j];
}

/** The linear forms of (1, z, u): of Gaussian experts the whitened residuals L⁻¹ (u − B (1, z)), of others η; then those of the gates. */
function linesOf(
  design: Design,
  order: number,
  { gates, coefficients, factors }: Point,
  softmax: boolean,
): { readonly lines: Float64Array; readonly gatesAt: number } {
  const { law, width: p, responses: q } = design;
  const w = p + q;
  const perExpert = law.hasVariance ? q : 1;
  const gatesAt = perExpert * order;
  const gateForms = softmax ? order - 1 : 0;
  const lines = new Float64Array((gatesAt + gateForms) * w);
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
  for (let k = 0; k < gateForms; k++) lines.set(gates.subarray(k * p, (k + 1) * p), (gatesAt + k) * w);
  return { lines, gatesAt };
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

/** log π of gates that are constant, for each row. */
function constantGates(gates: Float64Array, p: number, size: number, logs: Float64Array): void {
  const order = gates.length / p;
  const constants = Float64Array.from({ length: order }, (_, k) => gates[k * p]);
  const most = Math.max(...constants);
  const total = constants.reduce((sum, value) => sum + Math.exp(value - most), 0);
  constants.forEach((value, k) => {
    logs.fill(value - most - Math.log(total), k * size, (k + 1) * size);
  });
}
