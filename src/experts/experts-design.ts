import { InvalidInput } from '../errors';
import { cholesky } from '../math/linear-algebra';
import { shortNumber } from '../math/short-number';
import { countOf, type Samples } from '../math/table';
import type { Steps } from '../work/work';
import type { ExpertLaw } from './expert-law';
import type { FlatExperts } from './flat-experts';
import { predictors, weightedCoefficients } from './weighted-coefficients';

// Experts are fitted in coordinates in which units play no part: covariates that are orthonormal over the rows, and residuals of the
// least squares of all rows as responses, white. A fit is then the same, to rounding, for any units and any combinations of columns.

/** Rows (1, z, u): covariates z with mean 0 and covariance 1, and responses u, which of Gaussian experts are white residuals. */
export interface Design {
  readonly law: ExpertLaw;
  /** n */
  readonly rows: number;
  /** N, how many rows they count as */
  readonly count: number;
  /** how often each counts */
  readonly weights?: Float64Array;
  /** p, the numbers of (1, z) */
  readonly width: number;
  /** q */
  readonly responses: number;
  /** rows × (p + q) */
  readonly data: Float64Array;
  /** the coefficients of one expert for all rows, q × p; 0 for Gaussian ones */
  readonly line: Float64Array;
  /** columns of x that say nothing beside the others, with the reason */
  readonly aliased: readonly { readonly column: number; readonly constant: boolean }[];
  /** log |det| of the map from y to u: densities of y are those of u times this */
  readonly logScale: number;
  /** experts of (x, y) as those of (z, u) */
  fromModel(model: Pick<FlatExperts, 'gates' | 'coefficients' | 'variances'>): Point;
  /** experts of (z, u) as those of (x, y) */
  toModel(point: Point): FlatExperts;
}

/** A mixture of experts in the coordinates of the design. */
export interface Point {
  /** K × p, the last row 0 */
  readonly gates: Float64Array;
  /** K × q × p */
  readonly coefficients: Float64Array;
  /** K × q × q, lower triangles L with Σ = L Lᵀ; empty if the law has no variances */
  readonly factors: Float64Array;
}

/** Rows that are laid out between two yields. */
const ROWS_OF_A_STEP = 2 ** 17;

/** A column whose part beside the others is less than this share of it is one of their combinations, as in R's lm. */
const COLLINEAR = 1e-7;

/** Residuals of less than this share of a response's spread are rounding. */
const EXACT = 1e-10;

/**
 * The design of covariates and responses, a column at each step.
 * @param x n rows of d covariates, finite
 * @param y n rows of q responses, finite
 * @throws InvalidInput if there are too few rows, or Gaussian responses that are an exact linear function of covariates and one another
 */
export function* designSteps(x: Samples, y: Samples, law: ExpertLaw): Steps<Design> {
  const frame = yield* orthonormal(x);
  const { basis, rank } = frame;
  const q = y.columns;
  const width = rank + 1;
  const least = law.hasVariance ? width + q : width;
  if (x.rows < least)
    throw new InvalidInput(
      `${x.rows} rows are too few for ${rank === 1 ? '1 covariate' : `${rank} covariates`}${q > 1 ? ` and ${q} responses` : ''}: a line and its spread need at least ${least}`,
    );
  const line = law.hasVariance ? new Float64Array(q * width) : lineOf(y, law, x.weights, basis);
  const white = law.hasVariance ? yield* whitened(y, x.weights, basis, rank) : undefined;
  const data = new Float64Array(x.rows * (width + q));
  for (let j = 0, i = 0; j < x.rows; j++) {
    data[i++] = 1;
    for (let a = 0; a < rank; a++) data[i++] = basis[a][j];
    for (let c = 0; c < q; c++) data[i++] = white ? white.residuals[c][j] : y.data[j * q + c];
    if (j % ROWS_OF_A_STEP === ROWS_OF_A_STEP - 1) yield { stage: 'preparing', done: j, total: x.rows };
  }
  const { rows, weights } = x;
  const sizes = { law, rows, count: countOf(x), ...(weights && { weights }), width, responses: q, line };
  return { ...sizes, data, aliased: frame.aliased, logScale: white?.logScale ?? 0, ...maps(frame, white, x, q, law) };
}

/** How z comes from x: u = (x − centre) / scale, u = z R. */
interface Frame {
  readonly centre: Float64Array;
  readonly scale: Float64Array;
  readonly rank: number;
  /** columns of z */
  readonly basis: readonly Float64Array[];
  /** rank × d, upper triangular in the columns that were kept */
  readonly triangle: Float64Array;
  /** the columns of x of which z is made, one for each of z */
  readonly kept: readonly number[];
  readonly aliased: { column: number; constant: boolean }[];
}

/** Orthonormal columns over the rows, by Gram and Schmidt, each twice against rounding. */
function* orthonormal(x: Samples): Steps<Frame> {
  const { rows: n, columns: d, weights } = x;
  const count = countOf(x);
  const [centre, scale] = [new Float64Array(d), new Float64Array(d)];
  const basis: Float64Array[] = [];
  const kept: number[] = [];
  const aliased: Frame['aliased'] = [];
  const triangles = Array.from({ length: d }, () => [] as number[]); // column by column
  for (let c = 0; c < d; c++) {
    yield { stage: 'preparing', done: c, total: d };
    const column = Float64Array.from({ length: n }, (_, j) => x.data[j * d + c]);
    const constant = column.every((value) => value === column[0]);
    [centre[c], scale[c]] = constant ? [column[0], 1] : standardise(column, weights, count);
    if (constant) {
      aliased.push({ column: c, constant });
      continue;
    }
    for (let time = 0; time < 2; time++)
      for (const [a, one] of basis.entries()) {
        triangles[c][a] = (triangles[c][a] ?? 0) + removed(column, one, weights, count);
        yield { stage: 'preparing', done: c, total: d };
      }
    const left = Math.sqrt(meanProduct(column, column, weights, count));
    if (!(left > COLLINEAR)) {
      aliased.push({ column: c, constant: false });
      continue;
    }
    triangles[c][basis.length] = left;
    for (let j = 0; j < n; j++) column[j] /= left;
    basis.push(column);
    kept.push(c);
  }
  const rank = basis.length;
  const triangle = new Float64Array(rank * d);
  triangles.forEach((own, c) => {
    own.forEach((value, a) => {
      triangle[a * d + c] = value;
    });
  });
  return { centre, scale, rank, basis, triangle, kept, aliased };
}

/** Centres and scales a column in place; its mean and standard deviation. */
function standardise(column: Float64Array, weights: Float64Array | undefined, count: number): [number, number] {
  const largest = column.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const unit = 2 ** Math.floor(Math.log2(largest)) || Number.MIN_VALUE; // squares stay within float64
  for (let j = 0; j < column.length; j++) column[j] /= unit;
  let mean = 0;
  for (let time = 0; time < 2; time++) {
    let shift = 0;
    for (let j = 0; j < column.length; j++) shift += (weights?.[j] ?? 1) * column[j];
    shift /= count;
    for (let j = 0; j < column.length; j++) column[j] -= shift;
    mean += shift;
  }
  const spread = Math.sqrt(meanProduct(column, column, weights, count)) || 1;
  for (let j = 0; j < column.length; j++) column[j] /= spread;
  return [mean * unit, spread * unit];
}

function meanProduct(a: Float64Array, b: Float64Array, weights: Float64Array | undefined, count: number): number {
  let sum = 0;
  if (weights) for (let j = 0; j < a.length; j++) sum += weights[j] * a[j] * b[j];
  else for (let j = 0; j < a.length; j++) sum += a[j] * b[j];
  return sum / count;
}

/** Takes the part along a unit column out of another, and answers its length. */
function removed(column: Float64Array, unit: Float64Array, weights: Float64Array | undefined, count: number): number {
  const along = meanProduct(column, unit, weights, count);
  for (let j = 0; j < column.length; j++) column[j] -= along * unit[j];
  return along;
}

/**
 * The coefficients of one expert, of a law without variances, for all rows.
 * @throws InvalidInput if responses are all the same, or what the covariates say exactly
 */
function lineOf(
  y: Samples,
  law: ExpertLaw,
  weights: Float64Array | undefined,
  basis: readonly Float64Array[],
): Float64Array {
  const { data, rows: n } = y;
  requireThatDiffer(data, 'the response');
  const width = basis.length + 1;
  const design = Float64Array.from({ length: n * width }, (_, i) =>
    i % width === 0 ? 1 : basis[(i % width) - 1][Math.floor(i / width)],
  );
  const counts = weights ?? new Float64Array(n).fill(1);
  const line = weightedCoefficients(law, { design, y: data, weights: counts }, { ridge: 0 });
  const mean = predictors(design, line).reduce(
    (sum, eta, j) => sum + (counts[j] * law.logDensity(data[j], eta, 1)) / n,
    0,
  );
  if (mean > -EXACT)
    throw new InvalidInput('the covariates say the response of each row exactly: there is nothing left to be fitted');
  return line;
}

/** @throws InvalidInput if all values are one */
function requireThatDiffer(values: Float64Array, name: string): void {
  if (values.every((value) => value === values[0]))
    throw new InvalidInput(
      `${name} is ${shortNumber(values[0])} in all ${values.length} rows: experts need responses that differ`,
    );
}

/** How u comes from y: u = L⁻¹ ((y − centre) / scale − C z). */
interface White {
  readonly residuals: readonly Float64Array[];
  readonly centre: Float64Array;
  readonly scale: Float64Array;
  /** C, q × rank */
  readonly slopes: Float64Array;
  /** L, q × q */
  readonly lower: Float64Array;
  readonly logScale: number;
}

/** The residuals of the least squares of all rows, white. */
function* whitened(
  y: Samples,
  weights: Float64Array | undefined,
  basis: readonly Float64Array[],
  rank: number,
): Steps<White> {
  const { rows: n, columns: q } = y;
  const count = countOf({ rows: n, weights });
  const [centre, scale] = [new Float64Array(q), new Float64Array(q)];
  const slopes = new Float64Array(q * rank);
  const residuals: Float64Array[] = [];
  for (let c = 0; c < q; c++) {
    const column = Float64Array.from({ length: n }, (_, j) => y.data[j * q + c]);
    const name = q > 1 ? `response ${c}` : 'the response';
    requireThatDiffer(column, name);
    [centre[c], scale[c]] = standardise(column, weights, count);
    for (let time = 0; time < 2; time++)
      for (const [a, one] of basis.entries()) {
        slopes[c * rank + a] += removed(column, one, weights, count);
        yield { stage: 'preparing', done: c, total: q };
      }
    if (!(meanProduct(column, column, weights, count) > EXACT ** 2))
      throw new InvalidInput(
        `${name} is an exact linear function of the covariates: there is nothing left to be fitted`,
      );
    residuals.push(column);
  }
  const covariance = Float64Array.from({ length: q * q }, (_, i) =>
    meanProduct(residuals[Math.floor(i / q)], residuals[i % q], weights, count),
  );
  const lower = cholesky(covariance, q);
  const dependent = Array.from({ length: q }, (_, c) => c).find(
    (c) => !lower || !(lower[c * q + c] > COLLINEAR * Math.sqrt(covariance[c * q + c])),
  );
  if (!lower || dependent !== undefined)
    throw new InvalidInput(
      `responses are linear functions of one another beside the covariates (response ${dependent}): leave out those that follow from others`,
    );
  let logScale = 0;
  for (let c = 0; c < q; c++) {
    for (let b = 0; b < c; b++) for (let j = 0; j < n; j++) residuals[c][j] -= lower[c * q + b] * residuals[b][j];
    for (let j = 0; j < n; j++) residuals[c][j] /= lower[c * q + c];
    logScale -= Math.log(scale[c]) + Math.log(lower[c * q + c]);
  }
  return { residuals, centre, scale, slopes, lower, logScale };
}

/** The maps between the experts of (x, y) and those of (z, u). */
function maps(frame: Frame, white: White | undefined, { columns: d }: Samples, q: number, law: ExpertLaw) {
  const { rank } = frame;
  const width = rank + 1;
  const toZ = (lines: Float64Array) => inZ(frame, lines, d);
  const toX = (lines: Float64Array) => inX(frame, lines, d);

  return {
    fromModel({ gates, coefficients, variances }: Pick<FlatExperts, 'gates' | 'coefficients' | 'variances'>): Point {
      const lines = toZ(coefficients);
      if (!white) return { gates: toZ(gates), coefficients: lines, factors: new Float64Array(0) };
      const { centre, scale, slopes, lower } = white;
      const order = lines.length / (q * width);
      const factors = new Float64Array(order * q * q);
      for (let k = 0; k < order; k++) {
        const own = lines.subarray(k * q * width, (k + 1) * q * width);
        for (let c = 0; c < q; c++)
          for (let a = 0; a < width; a++)
            own[c * width + a] =
              (own[c * width + a] - (a === 0 ? centre[c] : 0)) / scale[c] - (a === 0 ? 0 : slopes[c * rank + a - 1]);
        solveLower(lower, q, own, width);
        const scaled = Float64Array.from({ length: q * q }, (_, i) => {
          const [a, b] = [Math.floor(i / q), i % q];
          return variances[k * q * q + i] / scale[a] / scale[b];
        });
        const factor = cholesky(scaled, q);
        if (!factor)
          throw new InvalidInput(
            `the variance of expert ${k} of the start is beyond float64 in the units of the responses`,
          );
        solveLower(lower, q, factor, q);
        factors.set(factor, k * q * q);
      }
      return { gates: toZ(gates), coefficients: lines, factors };
    },

    toModel({ gates, coefficients, factors }: Point): FlatExperts {
      const order = gates.length / width;
      const sizes = { law, order, covariates: d, responses: q, gates: toX(gates) };
      if (!white) return { ...sizes, coefficients: toX(coefficients), variances: new Float64Array(0) };
      const { centre, scale, slopes, lower } = white;
      const lines = new Float64Array(coefficients.length);
      const variances = new Float64Array(order * q * q);
      for (let k = 0; k < order; k++) {
        const at = k * q;
        for (let c = 0; c < q; c++)
          for (let a = 0; a < width; a++) {
            let sum = a === 0 ? 0 : slopes[c * rank + a - 1];
            for (let b = 0; b <= c; b++) sum += lower[c * q + b] * coefficients[(at + b) * width + a];
            lines[(at + c) * width + a] = scale[c] * sum + (a === 0 ? centre[c] : 0);
          }
        const factor = productOf(lower, factors.subarray(k * q * q, (k + 1) * q * q), q);
        for (let a = 0; a < q; a++)
          for (let b = 0; b < q; b++) {
            let sum = 0;
            for (let c = 0; c <= Math.min(a, b); c++) sum += factor[a * q + c] * factor[b * q + c];
            variances[k * q * q + a * q + b] = scale[a] * scale[b] * sum;
          }
      }
      return { ...sizes, coefficients: toX(lines), variances };
    },
  };
}

/** Lines of 1 + d numbers, of x, as lines of 1 + rank, of z: γ = R (β · scale), and the value at the centre. */
function inZ({ centre, scale, rank, triangle }: Frame, lines: Float64Array, d: number): Float64Array {
  const count = lines.length / (d + 1);
  const made = new Float64Array(count * (rank + 1));
  for (let l = 0; l < count; l++) {
    const [from, to] = [l * (d + 1), l * (rank + 1)];
    made[to] = lines[from];
    for (let c = 0; c < d; c++) {
      made[to] += lines[from + 1 + c] * centre[c];
      for (let a = 0; a < rank; a++) made[to + 1 + a] += triangle[a * d + c] * (lines[from + 1 + c] * scale[c]);
    }
  }
  return made;
}

/** Lines of 1 + rank numbers, of z, as lines of 1 + d, of x; columns that say nothing get 0. */
function inX({ centre, scale, rank, triangle, kept }: Frame, lines: Float64Array, d: number): Float64Array {
  const count = lines.length / (rank + 1);
  const made = new Float64Array(count * (d + 1));
  for (let l = 0; l < count; l++) {
    const [from, to] = [l * (rank + 1), l * (d + 1)];
    made[to] = lines[from];
    const slopes = new Float64Array(rank);
    for (let a = rank - 1; a >= 0; a--) {
      let sum = lines[from + 1 + a];
      for (let b = a + 1; b < rank; b++) sum -= triangle[a * d + kept[b]] * slopes[b];
      slopes[a] = sum / triangle[a * d + kept[a]];
      const c = kept[a];
      made[to + 1 + c] = slopes[a] / scale[c];
      made[to] -= made[to + 1 + c] * centre[c];
    }
  }
  return made;
}

/** L⁻¹ M in place, M q × columns. */
function solveLower(lower: Float64Array, q: number, matrix: Float64Array, columns: number): void {
  for (let c = 0; c < q; c++)
    for (let a = 0; a < columns; a++) {
      let sum = matrix[c * columns + a];
      for (let b = 0; b < c; b++) sum -= lower[c * q + b] * matrix[b * columns + a];
      matrix[c * columns + a] = sum / lower[c * q + c];
    }
}

/** The product of two lower triangles. */
function productOf(left: Float64Array, right: Float64Array, q: number): Float64Array {
  const product = new Float64Array(q * q);
  for (let a = 0; a < q; a++)
    for (let b = 0; b <= a; b++) for (let c = b; c <= a; c++) product[a * q + b] += left[a * q + c] * right[c * q + b];
  return product;
}
