import { BeyondFloat64, DfmrError, InvalidInput } from '../errors';
import { described, numbersOf } from '../math/checks';
import { cholesky, gram, invertLower, logDeterminant, squareRoot, symmetricEigen } from '../math/linear-algebra';
import { shortNumber } from '../math/short-number';

/** θ = (μ, Σ): the mean, d numbers, and the covariance, d × d, flat and row-major. */
export interface GaussianParameter {
  /** μ, d numbers */
  readonly mean: Float64Array;
  /** Σ, d × d, row-major */
  readonly covariance: Float64Array;
}

/** What a user gives for a Gaussian: the covariance as rows, or flat. */
export interface GaussianInput {
  /** d numbers, in the units of the features */
  readonly mean: ArrayLike<number>;
  /** d rows of d numbers, or all d² in one list */
  readonly covariance: ArrayLike<number> | readonly ArrayLike<number>[];
}

/** What is computed once for a (μ, Σ) and used many times. */
export interface GaussianFactors {
  /** L with L Lᵀ = Σ */
  readonly lower: Float64Array;
  /** W = L⁻¹, so that W(x − μ) is standard normal */
  readonly whitening: Float64Array;
  /** Σ⁻¹ */
  readonly precision: Float64Array;
  /** log det Σ */
  readonly logDeterminant: number;
  /** Σ^½, symmetric */
  squareRoot(): Float64Array;
}

/** The parameter that a user or a file gives, checked and copied. */
export function checkedGaussian(value: unknown, where: string): GaussianParameter {
  const { mean, covariance } = (value ?? {}) as Partial<GaussianInput>;
  if (!mean || !covariance || !(mean.length > 0 && covariance.length > 0)) {
    throw new InvalidInput(`${where} needs a mean and a covariance, but is ${described(value)}`);
  }
  const d = mean.length;
  const entry = (ij: number) => `${where}: covariance[${Math.floor(ij / d)}][${ij % d}]`;
  const parameter = {
    mean: within(1e150, mean, (i) => `${where}: mean[${i}]`), // squares of more are beyond float64
    covariance: within(1e300, flatten(covariance, d, where), entry),
  };
  symmetrise(parameter.covariance, d, where);
  factorise(parameter, where);
  return parameter;
}

/** The parameter of computed values: takes the arrays as they are and reads the covariance's lower triangle only. */
export function gaussianParameter(mean: Float64Array, covariance: Float64Array, where: string): GaussianParameter {
  const d = mean.length;
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) covariance[j * d + i] = covariance[i * d + j];
  const parameter = { mean, covariance };
  factorise(parameter, where);
  return parameter;
}

/** The sum of a covariance's variance inflation factors above which float64 cannot work with it; it is d if no features correlate. */
const MAX_INFLATION = 1e13;

/**
 * The parameter of pooled values. The pooled covariance of Gaussians that are very far apart can be singular in float64,
 * though none of them is: its variances are then taken larger by the share 4 d / `MAX_INFLATION`, enough to make it regular.
 */
export function pooledGaussian(mean: Float64Array, covariance: Float64Array, where: string): GaussianParameter {
  try {
    return gaussianParameter(mean, covariance, where);
  } catch (error) {
    if (!(error instanceof DfmrError)) throw error;
    const d = mean.length;
    const more = 1 + (4 * d) / MAX_INFLATION;
    for (let i = 0; i < d; i++) covariance[i * d + i] *= more;
    return gaussianParameter(mean, covariance, where);
  }
}

const known = new WeakMap<GaussianParameter, GaussianFactors>();

/** The factors of Σ, computed when the parameter was made. */
export function factorsOf(parameter: GaussianParameter): GaussianFactors {
  return known.get(parameter) ?? factorise(parameter, 'the Gaussian');
}

function factorise(parameter: GaussianParameter, where: string): GaussianFactors {
  const { covariance } = parameter;
  const d = parameter.mean.length;
  const lower = cholesky(covariance, d);
  if (lower === undefined) {
    const smallest = shortNumber(symmetricEigen(covariance, d).values[0], 3);
    throw new InvalidInput(
      `${where}: the covariance is not positive definite (smallest eigenvalue ${smallest}): is it a covariance?`,
    );
  }
  const whitening = invertLower(lower, d);
  const precision = gram(whitening, d);
  requireRegular(covariance, precision, d, where);
  let root: Float64Array | undefined;
  const factors = {
    lower,
    whitening,
    precision,
    logDeterminant: logDeterminant(lower, d),
    squareRoot: () => {
      root ??= squareRoot(covariance, d);
      return root;
    },
  };
  known.set(parameter, factors);
  return factors;
}

/**
 * The trace of the inverse correlation matrix, the sum of the variance inflation factors, must be below `MAX_INFLATION`: its
 * least eigenvalue is then far above rounding, so that Cholesky's algorithm succeeds (Higham 2002, theorem 10.7) for this
 * covariance and for its sums with others like it, which inner products need.
 */
function requireRegular(covariance: Float64Array, precision: Float64Array, d: number, where: string): void {
  const inflation = Array.from({ length: d }, (_, i) => covariance[i * d + i] * precision[i * d + i]);
  const total = inflation.reduce((sum, one) => sum + one, 0);
  if (!(total < Infinity))
    throw new BeyondFloat64(`${where}: the covariance is too small for float64: rescale the features`);
  if (total >= MAX_INFLATION) {
    const worst = inflation.indexOf(Math.max(...inflation));
    throw new BeyondFloat64(
      `${where}: the covariance is singular in float64, as feature ${worst} follows linearly from the others: drop one`,
    );
  }
}

function flatten(covariance: GaussianInput['covariance'], d: number, where: string): ArrayLike<unknown> {
  const nested = typeof covariance[0] === 'object';
  const rows = nested ? Array.from(covariance as readonly ArrayLike<number>[], (row) => Array.from(row ?? [])) : [];
  const square = nested ? rows.length === d && rows.every((row) => row.length === d) : covariance.length === d * d;
  if (!square) {
    const shape = nested ? `${rows.length} rows of ${rows.map((row) => row.length)}` : `${covariance.length} numbers`;
    throw new InvalidInput(`${where}: a mean of length ${d} needs a ${d} × ${d} covariance, but this one has ${shape}`);
  }
  return nested ? rows.flat() : covariance;
}

function within(largest: number, given: ArrayLike<unknown>, name: (index: number) => string): Float64Array {
  const values = numbersOf(given, name);
  const bad = values.findIndex((value) => !(Math.abs(value) <= largest));
  if (bad >= 0) throw new InvalidInput(`${name(bad)} is ${values[bad]}: it must be a number of at most ±${largest}`);
  return values;
}

function symmetrise(covariance: Float64Array, d: number, where: string): void {
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) {
      const [below, above] = [covariance[i * d + j], covariance[j * d + i]];
      if (Math.abs(below - above) > 1e-8 * Math.sqrt(Math.abs(covariance[i * d + i] * covariance[j * d + j]))) {
        throw new InvalidInput(
          `${where}: the covariance is not symmetric: [${i}][${j}] = ${below}, [${j}][${i}] = ${above}: make both the same`,
        );
      }
      covariance[j * d + i] = below;
    }
  }
}
