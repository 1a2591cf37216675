import { InvalidInput } from '../errors';
import { described, numbersOf } from '../math/checks';
import { cholesky } from '../math/linear-algebra';
import { printed } from '../math/printed';
import { shortNumber } from '../math/short-number';
import type { Table } from '../math/table';
import { type ConditionalModel, freeCoordinates, type ModelsOnRows, onRows } from '../mixture/conditional';
import type { ExpertLaw } from './expert-law';
import { type ExpertLawName, expertLawOf } from './expert-laws';
import { errorsOfNumbers } from './experts-errors';
import { expertsOnRows } from './experts-on-rows';
import type { FlatExperts } from './flat-experts';

/**
 * A mixture of experts: the density of responses y given d covariates x, with x̃ = (1, x), is f(y | x) = Σ_k π_k(x) φ(y; B_k x̃, Σ_k), where
 * the gates are π(x) = softmax(A x̃). Of logistic and Poisson experts φ is the probability of y, given B_k x̃. Immutable.
 *
 * Of one response, `Coefficients` is a list of 1 + d numbers and `Variance` a number; of q responses (`VectorExperts`), matrices.
 */
export interface ExpertsModel<Coefficients = readonly number[], Variance = number> extends ConditionalModel {
  /** K, the number of experts */
  readonly order: number;
  /** d */
  readonly covariates: number;
  /** q */
  readonly responses: number;
  /** the law of a response, given the expert */
  readonly law: ExpertLawName;
  /** A, K × (1 + d): the constant first, the last row 0. Gates that do not depend on x have zeros in all other columns */
  readonly gates: readonly (readonly number[])[];
  /** B_1 … B_K: of one response 1 + d numbers each, the constant first; of q responses q × (1 + d) */
  readonly coefficients: readonly Coefficients[];
  /** σ²_1 … σ²_K of one response; of q responses q × q matrices; empty for laws that have none */
  readonly variances: readonly Variance[];
  /** the model as plain JSON, which `expertsFromJSON` reads */
  toJSON(): ExpertsJSON;
}

/** A mixture of experts of several responses. */
export type VectorExperts = ExpertsModel<readonly (readonly number[])[], readonly (readonly number[])[]>;

/** A mixture of experts of one response or of several. */
export type AnyExperts = ExpertsModel | VectorExperts;

/** A mixture of experts as plain JSON; numbers survive to the last bit. */
export interface ExpertsJSON {
  /** the law of a response, given the expert */
  law: ExpertLawName;
  /** K rows of 1 + d numbers, the constant first, the last row 0 */
  gates: number[][];
  /** of each of the K experts 1 + d numbers, the constant first; of several responses q rows of them */
  coefficients: number[][] | number[][][];
  /** absent if the law has none */
  variances?: number[] | number[][][];
}

/** What a mixture of experts is made of. */
export interface ExpertsInput {
  /** K × (1 + d); only differences of rows matter, so that the last is subtracted from all */
  readonly gates: readonly ArrayLike<number>[];
  /** K × (1 + d), or K × q × (1 + d) */
  readonly coefficients: readonly ArrayLike<number>[] | readonly (readonly ArrayLike<number>[])[];
  /** K positive numbers, or K positive definite matrices, q × q; only for laws that have them */
  readonly variances?: ArrayLike<number> | readonly (readonly ArrayLike<number>[])[];
  /**
   * the law of a response, given the expert
   * @defaultValue 'gaussian'
   */
  readonly law?: ExpertLawName;
}

/**
 * A mixture of experts.
 * @param parts the gates A, K × (1 + d); the coefficients, K × (1 + d), or K × q × (1 + d) for q responses; the variances, K, or K × q × q;
 *   the constant comes first in each row. `law` is 'gaussian' if not given
 * @returns the model, immutable; its arrays are copies, and of its gates the last row is 0
 * @throws InvalidInput if the parts differ in K, d or q, a number is not finite, a variance is not positive (definite), or the law has no
 *   variances, or no more than one response; naming the expert
 * @example
 * const model = expertsModel({ gates: [[0, 2], [0, 0]], coefficients: [[1, 3], [0, -3]], variances: [1, 0.5] });
 * model.coefficients[0][1]; // 3: the slope of the first line
 */
export function expertsModel<Model extends AnyExperts = ExpertsModel>(parts: ExpertsInput): Model {
  const { gates, coefficients, variances, law: name = 'gaussian' } = parts ?? {};
  if (!(Array.isArray(gates) && Array.isArray(coefficients)))
    throw new InvalidInput(
      `a mixture of experts is made of { gates, coefficients, variances }, not of ${described(parts)}`,
    );
  const law = expertLawOf(name);
  const order = gates.length;
  if (order === 0 || order > MOST_EXPERTS || coefficients.length !== order)
    throw new InvalidInput(
      `there are ${order} rows of gates and coefficients of ${coefficients.length} experts: give each of 1 to ${MOST_EXPERTS} experts a row`,
    );
  const columns = gates[0]?.length;
  if (!(columns >= 2))
    throw new InvalidInput(
      `the gates of expert 0 are ${described(gates[0])}: 1 + d numbers are needed, of at least one covariate`,
    );
  const several = typeof coefficients[0]?.[0] !== 'number';
  const responses = several ? (coefficients[0]?.length ?? 0) : 1;
  if (!(responses >= 1))
    throw new InvalidInput(
      `the coefficients of expert 0 are ${described(coefficients[0])}: a list of 1 + d numbers is needed`,
    );
  if (responses > 1 && !law.hasVariance)
    throw new InvalidInput(
      `the experts have ${responses} responses, but ${law.name} experts have one: model each by itself`,
    );
  const flat: FlatExperts = {
    law,
    order,
    covariates: columns - 1,
    responses,
    gates: lessLast(
      joined(gates as readonly unknown[], columns, (k) => `the gates of expert ${k}`),
      order,
    ),
    coefficients: several
      ? joinedBlocks(coefficients as readonly unknown[], responses, columns, 'coefficients')
      : joined(coefficients as readonly unknown[], columns, (k) => `the coefficients of expert ${k}`),
    variances: checkedVariances(variances, law, order, several ? responses : undefined),
  };
  return assembleExperts(flat, several) as Model;
}

/** More experts than this are a mistake. */
const MOST_EXPERTS = 1000;

/** The flat numbers of each model. */
const flats = new WeakMap<AnyExperts, FlatExperts>();

/**
 * The numbers of a model, flat; they must not be changed.
 * @throws InvalidInput if it is not a model that `expertsModel`, `fitExperts` or another function of the library made
 */
export function flatExperts(model: AnyExperts): FlatExperts {
  const flat = flats.get(model);
  if (flat) return flat;
  throw new InvalidInput(
    `a mixture of experts is needed, not ${described(model)} (expertsModel and expertsFromJSON make one)`,
  );
}

/** Whether it is a mixture of experts that the library made. */
export const isExperts = (value: unknown): value is AnyExperts => flats.has(value as AnyExperts);

/** A mixture of experts, or a result that holds one, such as a fit or a reduction. */
export type ExpertsEstimate =
  | AnyExperts
  | {
      /** the mixture of experts */
      readonly model: AnyExperts;
      /** n, the number of rows behind it */
      readonly sampleSize?: number;
    };

/**
 * The model of an estimate.
 * @throws InvalidInput if it has none; `where` begins the message
 */
export function expertsOf(estimate: ExpertsEstimate, where = 'the model'): AnyExperts {
  const { model = estimate } = (estimate ?? {}) as { model?: unknown };
  if (isExperts(model)) return model;
  throw new InvalidInput(
    `${where} is ${described(estimate)}: a mixture of experts or a fit of one is needed (expertsModel and expertsFromJSON make one)`,
  );
}

/**
 * A model of parts that were computed, not given: nothing is checked or copied.
 * @param flat its numbers, with 0 in the last row of the gates
 * @param several whether its fields are those of several responses, which of one response too they may be
 */
export function assembleExperts(flat: FlatExperts, several: boolean = flat.responses > 1): AnyExperts {
  const { law, order, covariates, responses: q, gates, coefficients, variances } = flat;
  const columns = covariates + 1;
  const matrices = law.hasVariance ? blocks(variances, order, q, q) : [];
  const model = Object.assign(Object.create(behaviour), {
    order,
    covariates,
    responses: q,
    law: law.name,
    gates: rowsOf(gates, order, columns),
    coefficients: several ? blocks(coefficients, order, q, columns) : rowsOf(coefficients, order, columns),
    variances: several ? matrices : Object.freeze(Array.from(variances)),
  });
  Object.freeze(model);
  flats.set(model, flat);
  return model;
}

/**
 * The mixture of experts of a JSON text or of what `JSON.parse` gives.
 * @param json { law, gates, coefficients, variances }, as text or as an object
 * @returns the model
 * @throws InvalidInput if it is not the JSON of a mixture of experts, or not a valid one; SyntaxError if the text is not JSON
 * @example
 * const line = expertsFromJSON('{"law":"gaussian","gates":[[0,0]],"coefficients":[[1,2]],"variances":[4]}');
 * line.variances; // [4]
 */
export function expertsFromJSON<Model extends AnyExperts = ExpertsModel>(json: unknown): Model {
  const value: unknown = typeof json === 'string' ? JSON.parse(json) : json;
  if (typeof value !== 'object' || value === null || !('gates' in value && 'coefficients' in value)) {
    const inner = ['experts', 'model'].find((key) => typeof value === 'object' && value !== null && key in value);
    throw new InvalidInput(
      `the JSON of a mixture of experts is { law, gates, coefficients, variances }, not ${described(value)}${inner ? `: pass its .${inner}` : ''}`,
    );
  }
  const { law, gates, coefficients, variances } = value as ExpertsJSON;
  if (typeof law !== 'string')
    throw new InvalidInput(`the law of the experts is ${described(law)}: it must be gaussian, logistic or poisson`);
  return expertsModel<Model>({ law, gates, coefficients, variances });
}

/**
 * How many free coordinates a mixture of experts has: (K − 1)(1 + d) of the gates, or K − 1 if all are constant; and of each expert q (1 + d)
 * coefficients and q (q + 1) / 2 variances.
 * @param estimate a model, or a result that holds one
 * @returns their number
 * @example
 * const model = expertsModel({ gates: [[0, 2], [0, 0]], coefficients: [[1, 3], [0, -3]], variances: [1, 0.5] });
 * freeParametersOfExperts(model); // 8: two of the gates, four coefficients and two variances
 */
export function freeParametersOfExperts(estimate: ExpertsEstimate): number {
  const { law, order, covariates, responses: q, gates } = flatExperts(expertsOf(estimate));
  const constant = gates.every((value, i) => value === 0 || i % (covariates + 1) === 0);
  const ofGates = (order - 1) * (constant ? 1 : 1 + covariates);
  return ofGates + order * (q * (1 + covariates) + (law.hasVariance ? (q * (q + 1)) / 2 : 0));
}

const behaviour = {
  toJSON(this: AnyExperts): ExpertsJSON {
    const { law, gates, coefficients, variances } = this;
    const copy = (list: readonly unknown[]): unknown[] => list.map((one) => (Array.isArray(one) ? copy(one) : one));
    return {
      law,
      gates: copy(gates) as number[][],
      coefficients: copy(coefficients) as number[][],
      ...(variances.length > 0 && { variances: copy(variances) as number[] }),
    };
  },

  [freeCoordinates](this: AnyExperts): number {
    return freeParametersOfExperts(this);
  },

  [onRows](models: readonly ConditionalModel[], covariates: Table): ModelsOnRows {
    const all = models.map((model, i) => expertsOf(model as AnyExperts, `estimate ${i}`));
    const several = typeof all[0].coefficients[0][0] !== 'number';
    const mixtures = expertsOnRows(all.map(flatExperts), covariates, (flat) => assembleExperts(flat, several));
    return {
      ...(mixtures as Omit<ModelsOnRows, 'errorsOf'>),
      errorsOf: (model, known) => errorsOfNumbers(flatExperts(model as AnyExperts), several, covariates, {}, known),
    };
  },

  [printed](this: AnyExperts): string {
    const { law, order, covariates, responses, gates, coefficients, variances } = this;
    const brief = (value: unknown): string => {
      if (!Array.isArray(value)) return shortNumber(value as number);
      const first = value.slice(0, value.length > 6 ? 4 : 6).map(brief);
      return `[ ${[...first, ...(value.length > first.length ? [`… ${value.length - first.length} more`] : [])].join(', ')} ]`;
    };
    const line = (k: number) => {
      const variance = variances.length > 0 ? `, variance: ${brief(variances[k])}` : '';
      return `  expert ${k}: { coefficients: ${brief(coefficients[k])}${variance}, gate: ${brief(gates[k])} }`;
    };
    const of = responses > 1 ? ` of ${responses} responses` : '';
    return [
      `mixture of ${order} ${law} experts in ${covariates} covariates${of}`,
      ...Array.from({ length: order }, (_, k) => line(k)),
    ].join('\n');
  },
};

/** Rows of a flat matrix, as frozen lists. */
function rowsOf(flat: Float64Array, rows: number, columns: number): readonly (readonly number[])[] {
  const row = (i: number) => Object.freeze(Array.from(flat.subarray(i * columns, (i + 1) * columns)));
  return Object.freeze(Array.from({ length: rows }, (_, i) => row(i)));
}

const blocks = (flat: Float64Array, count: number, rows: number, columns: number) =>
  Object.freeze(
    Array.from({ length: count }, (_, k) =>
      rowsOf(flat.subarray(k * rows * columns, (k + 1) * rows * columns), rows, columns),
    ),
  );

/** Rows of one length, one after another. */
function joined(rows: readonly unknown[], columns: number, where: (row: number) => string): Float64Array {
  const flat = new Float64Array(rows.length * columns);
  rows.forEach((row, i) => {
    const list = row as ArrayLike<unknown> | null;
    if (typeof list !== 'object' || list?.length !== columns)
      throw new InvalidInput(`${where(i)} are ${described(row)}: ${columns} numbers are needed`);
    const numbers = numbersOf(list, (j) => `number ${j} of ${where(i)}`);
    const bad = numbers.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) throw new InvalidInput(`number ${bad} of ${where(i)} is ${numbers[bad]}: it must be finite`);
    flat.set(numbers, i * columns);
  });
  return flat;
}

/** The matrices of all experts, one after another. */
function joinedBlocks(all: readonly unknown[], rows: number, columns: number, what: string): Float64Array {
  const flat = new Float64Array(all.length * rows * columns);
  all.forEach((block, k) => {
    if (!(Array.isArray(block) && block.length === rows))
      throw new InvalidInput(
        `the ${what} of expert ${k} are ${described(block)}: ${rows} rows of ${columns} numbers are needed`,
      );
    flat.set(
      joined(block, columns, (r) => `row ${r} of the ${what} of expert ${k}`),
      k * rows * columns,
    );
  });
  return flat;
}

/** Gates less the last row, so that this is 0: the probabilities are the same. */
function lessLast(gates: Float64Array, order: number): Float64Array {
  const columns = gates.length / order;
  const last = gates.slice(-columns);
  const less = gates.map((value, i) => value - last[i % columns]);
  const bad = less.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new InvalidInput(
      `gates ${Math.floor(bad / columns)} and ${order - 1} differ by more than float64 holds: make them smaller`,
    );
  return less;
}

function checkedVariances(
  given: ExpertsInput['variances'],
  law: ExpertLaw,
  order: number,
  q: number | undefined,
): Float64Array {
  if (!law.hasVariance) {
    if (given !== undefined && given.length > 0)
      throw new InvalidInput(`${law.name} experts have no variances: leave them out`);
    return new Float64Array(0);
  }
  if (typeof given !== 'object' || given?.length !== order)
    throw new InvalidInput(`variances is ${described(given)}: one is needed for each of ${order} experts`);
  if (q === undefined) {
    const variances = numbersOf(given, (k) => `the variance of expert ${k}`);
    const bad = variances.findIndex((value) => !(value > 0 && value < Infinity));
    if (bad >= 0)
      throw new InvalidInput(`the variance of expert ${bad} is ${variances[bad]}: it must be a positive number`);
    return variances;
  }
  const variances = joinedBlocks(Array.from(given as ArrayLike<unknown>), q, q, 'variances');
  for (let k = 0; k < order; k++) requirePositiveDefinite(variances.subarray(k * q * q, (k + 1) * q * q), q, k);
  return variances;
}

/** @throws InvalidInput if the matrix is not symmetric, to rounding, and positive definite */
function requirePositiveDefinite(matrix: Float64Array, q: number, k: number): void {
  for (let i = 0; i < q; i++)
    for (let j = 0; j < i; j++) {
      const [below, above] = [matrix[i * q + j], matrix[j * q + i]];
      if (Math.abs(below - above) > 1e-9 * (Math.abs(below) + Math.abs(above)))
        throw new InvalidInput(`the variances of expert ${k} are not symmetric: ${below} and ${above}`);
      matrix[j * q + i] = below;
    }
  if (!cholesky(matrix, q)) throw new InvalidInput(`the variances of expert ${k} are not a positive definite matrix`);
}
