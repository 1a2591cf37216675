import { InvalidInput } from '../errors';
import { type FamilyName, familyOf, type ParameterOf } from '../families/families-registry';
import type { Family } from '../families/family';
import { described, numbersOf } from '../math/checks';
import { printed } from '../math/printed';
import { shortNumber } from '../math/short-number';
import { checkedNoise, type Noise, type NoiseInput } from './noise';

/**
 * A mixing distribution G = Σ_k w_k δ_{θ_k}, and by it the density f_G(x) = Σ_k w_k f(x; θ_k). Immutable. With noise the density is
 * (1 − w₀) f_G(x) + w₀ 1{x in the box} / volume; G, its vector, distances and rules are of the components alone.
 */
export interface Mixture<Parameter = unknown> {
  /** the contract of its components */
  readonly family: Family<Parameter>;
  /** K, the number of components */
  readonly order: number;
  /** d, the number of features of an observation */
  readonly dimension: number;
  /** w_1 … w_K, which sum to one */
  readonly weights: Float64Array;
  /** θ_1 … θ_K, in the family's form */
  readonly parameters: readonly Parameter[];
  /** what of the density is uniform on a box, beside the components; absent if nothing is */
  readonly noise?: Noise;
  /** the mixture as plain JSON, which `mixtureFromJSON` reads */
  toJSON(): MixtureJSON;
}

/** A mixture as plain JSON; numbers survive to the last bit. */
export interface MixtureJSON {
  /** the name of the family, with its known constants */
  family: string;
  /** w_1 … w_K */
  weights: number[];
  /** θ_1 … θ_K, each as the family writes it */
  parameters: unknown[];
  /** the noise component, if there is one */
  noise?: {
    /** w₀, from 0 to below 1 */
    weight: number;
    /** the least value of each feature */
    lower: number[];
    /** the largest value of each feature */
    upper: number[];
  };
}

/**
 * The mixing distribution of a family, its weights and its K parameters in the family's form.
 * @param family by name, or your own family
 * @param weights w_1 … w_K
 * @param parameters θ_1 … θ_K, in the family's form
 * @param parts what else there is: `noise`, for Gaussian families
 * @returns the mixture, immutable; its arrays are copies
 * @throws InvalidInput if a weight is negative or not a number, the weights do not sum to one (to 1e-9), a parameter is invalid
 *   or two differ in dimension, or the noise is not as `Noise` says
 * @example
 * const G = mixture('exponential', [0.3, 0.7], [{ mean: 1 }, { mean: 20 }]);
 * [G.order, G.dimension]; // [2, 1]
 */
export function mixture<Name extends FamilyName>(
  family: Name,
  weights: ArrayLike<number>,
  parameters: readonly unknown[],
  parts?: MixtureParts,
): Mixture<ParameterOf<Name>>;
export function mixture<Parameter>(
  family: FamilyName | Family<Parameter>,
  weights: ArrayLike<number>,
  parameters: readonly unknown[],
  parts?: MixtureParts,
): Mixture<Parameter>;
export function mixture(
  family: string,
  weights: ArrayLike<number>,
  parameters: readonly unknown[],
  parts?: MixtureParts,
): Mixture<unknown>;
export function mixture<Parameter>(
  family: string | Family<Parameter>,
  weights: ArrayLike<number>,
  parameters: readonly unknown[],
  { noise }: MixtureParts = {},
): Mixture<Parameter> {
  const answering = familyOf(family);
  if (!(weights?.length > 0 && Array.isArray(parameters)) || weights.length !== parameters.length) {
    throw new InvalidInput(
      `a mixture needs a weight for each component: ${weights?.length} and ${parameters?.length} given`,
    );
  }
  const checked = parameters.map((parameter, k) => answering.parameter(parameter, `component ${k}`));
  const dimensions = checked.map((parameter) => answering.dimension(parameter));
  const odd = dimensions.findIndex((d) => d !== dimensions[0]);
  if (odd >= 0)
    throw new InvalidInput(`component ${odd} has dimension ${dimensions[odd]}, component 0 has ${dimensions[0]}`);
  requireTied(answering, checked);
  const parts = noise === undefined ? undefined : checkedNoise(noise, answering, dimensions[0]);
  return assemble(answering, checkedWeights(weights), checked, parts);
}

/** What a mixture may have beside its components. */
export interface MixtureParts {
  /** the noise component, for Gaussian families */
  readonly noise?: NoiseInput;
}

/** @throws InvalidInput if components that share a part of θ differ in it */
function requireTied<Parameter>(family: Family<Parameter>, parameters: readonly Parameter[]): void {
  if (!family.tie) return;
  const tied = family.tie(parameters, new Float64Array(parameters.length).fill(1));
  parameters.forEach((parameter, k) => {
    const [own, shared] = [parameter, tied[k]].map((p) => family.toVector(p));
    if (own.some((value, i) => !(Math.abs(value - shared[i]) <= 1e-9 * Math.abs(shared[i])))) {
      throw new InvalidInput(
        `component ${k} differs from the others in what all ${family.name} components share: make it the same`,
      );
    }
  });
}

/** A mixture of parts that were computed, not given: nothing is checked or copied. */
export function assemble<Parameter>(
  family: Family<Parameter>,
  weights: Float64Array,
  parameters: readonly Parameter[],
  noise?: Noise,
): Mixture<Parameter> {
  const dimension = family.dimension(parameters[0]);
  const parts = { family, order: weights.length, dimension, weights, parameters, ...(noise && { noise }) };
  return Object.freeze(Object.assign(Object.create(behaviour), parts));
}

/** The mixture with other noise beside its components, which was computed, not given; or, if undefined, with none. */
export function withNoise<Parameter>(mixture: Mixture<Parameter>, noise: Noise | undefined): Mixture<Parameter> {
  return noise === mixture.noise ? mixture : assemble(mixture.family, mixture.weights, mixture.parameters, noise);
}

/**
 * The mixture of a JSON text or of what `JSON.parse` gives.
 * @param json { family, weights, parameters }, and `noise` if there is one, as text or as an object
 * @param family that the mixture must be of, by name, or your own family that is not registered
 * @returns the mixture; its parameters are typed if the family is named
 * @throws InvalidInput if it is not the JSON of a mixture, or of another family, or not a valid one; SyntaxError if the text
 *   is not JSON
 * @example
 * const G = mixtureFromJSON('{"family":"exponential","weights":[1],"parameters":[{"mean":2}]}', 'exponential');
 * G.parameters[0].mean; // 2
 */
export function mixtureFromJSON<Name extends FamilyName>(json: unknown, family: Name): Mixture<ParameterOf<Name>>;
export function mixtureFromJSON<Parameter>(json: unknown, family: Family<Parameter>): Mixture<Parameter>;
export function mixtureFromJSON(json: unknown, family?: string): Mixture<unknown>;
export function mixtureFromJSON(json: unknown, family?: string | Family): Mixture<unknown> {
  const value: unknown = typeof json === 'string' ? JSON.parse(json) : json;
  if (typeof value !== 'object' || value === null || !('family' in value)) {
    const inner = typeof value === 'object' && value !== null && 'mixture' in value ? ': pass its .mixture' : '';
    throw new InvalidInput(`the JSON of a mixture is { family, weights, parameters }, not ${described(value)}${inner}`);
  }
  const { family: name, weights, parameters, noise } = value as MixtureJSON;
  const expected = family === undefined ? undefined : familyOf(family);
  if (expected !== undefined && expected.name !== name) {
    throw new InvalidInput(`the JSON holds a mixture of the family "${name}", not "${expected.name}"`);
  }
  return mixture(expected ?? familyOf(name), weights, parameters, { noise });
}

/**
 * The mixture G as the vector (w_1 … w_{K−1}, θ_1 … θ_K), the coordinates of the theory. Noise is no part of it.
 * @param mixture of any family
 * @returns K − 1 weights, then the coordinates of each component in turn
 * @example
 * mixtureToVector(exponentialMixture({ weights: [0.3, 0.7], means: [1, 20] })); // [0.3, 1, 20]
 */
export function mixtureToVector<Parameter>(mixture: Mixture<Parameter>): Float64Array {
  const { family, weights, parameters } = mixture;
  const size = family.size(family.dimension(parameters[0]));
  const vector = new Float64Array(weights.length - 1 + parameters.length * size);
  vector.set(weights.subarray(0, -1));
  parameters.forEach((parameter, k) => {
    vector.set(family.toVector(parameter), weights.length - 1 + k * size);
  });
  return vector;
}

/**
 * The mixture, without noise, of a vector (w_1 … w_{K−1}, θ_1 … θ_K) of a family, an order K and a dimension d.
 * @param vector as `mixtureToVector` gives it
 * @param options the family, Gaussian if not given, the order and the dimension
 * @returns the mixture
 * @throws InvalidInput if the vector has another length, or holds no valid mixture
 * @example
 * const G = mixtureFromVector([0.3, 1, 20], { family: 'exponential', order: 2, dimension: 1 });
 * G.weights; // [0.3, 0.7]
 * G.parameters.map(({ mean }) => mean); // [1, 20]
 */
export function mixtureFromVector<Name extends FamilyName = 'gaussian'>(
  vector: ArrayLike<number>,
  options: {
    /**
     * the family of the components, Gaussian if not given
     * @defaultValue 'gaussian'
     */
    family?: Name;
    /** K, the number of components */
    order: number;
    /** d, the number of features */
    dimension: number;
  },
): Mixture<ParameterOf<Name>>;
export function mixtureFromVector<Parameter>(
  vector: ArrayLike<number>,
  options: {
    /**
     * the family of the components, Gaussian if not given
     * @defaultValue 'gaussian'
     */
    family: Family<Parameter>;
    /** K, the number of components */
    order: number;
    /** d, the number of features */
    dimension: number;
  },
): Mixture<Parameter>;
export function mixtureFromVector<Parameter>(
  vector: ArrayLike<number>,
  {
    family = 'gaussian',
    order,
    dimension,
  }: { family?: FamilyName | Family<Parameter>; order: number; dimension: number },
): Mixture<Parameter> {
  const answering = familyOf(family);
  const size = answering.size(dimension);
  if (vector.length !== order - 1 + order * size) {
    throw new InvalidInput(
      `a mixture of ${order} ${answering.name} components in ${dimension} dimensions has ` +
        `${order - 1 + order * size} coordinates, but the vector holds ${vector.length}`,
    );
  }
  const coordinates = numbersOf(vector, (i) => `coordinate ${i}`);
  const head = coordinates.subarray(0, order - 1);
  const rest = 1 - head.reduce((sum, weight) => sum + weight, 0);
  const weights = [...head, rest < 0 && rest > -1e-9 ? 0 : rest]; // a weight of 0 comes back as rounding
  const parameters = weights.map((_, k) => {
    const start = order - 1 + k * size;
    return answering.fromVector(coordinates.subarray(start, start + size), dimension);
  });
  return mixture(answering, weights, parameters);
}

const behaviour = {
  toJSON(this: Mixture): MixtureJSON {
    const { family, weights, parameters, noise } = this;
    return {
      family: family.name,
      weights: [...weights],
      parameters: parameters.map((p) => family.toJSON(p)),
      ...(noise && { noise: { weight: noise.weight, lower: [...noise.lower], upper: [...noise.upper] } }),
    };
  },

  [printed](this: Mixture): string {
    const { family, order, dimension, weights, parameters, noise } = this;
    const lines = parameters.map((parameter, k) => `  ${brief(weights[k])} × ${brief(family.toJSON(parameter))}`);
    const box = noise && { lower: [...noise.lower], upper: [...noise.upper] };
    const share = noise && `${shortNumber(100 * noise.weight)} %`;
    return [
      `mixture of ${order} ${family.name} components in ${dimension} dimensions${noise ? ', and noise' : ''}`,
      ...lines,
      ...(noise ? [`  and ${share} of all is noise, uniform on ${brief(box)}`] : []),
    ].join('\n');
  },
};

/** Plain JSON on one short line: numbers to four digits, of long arrays the beginning, of large matrices the size. */
function brief(value: unknown): string {
  if (typeof value === 'number') return shortNumber(value);
  if (Array.isArray(value)) {
    if (value.length > 3 && Array.isArray(value[0])) return `${value.length} × ${value[0].length}`;
    const first = value.slice(0, value.length > 6 ? 4 : 6).map(brief);
    const more = value.length > first.length ? [`… ${value.length - first.length} more`] : [];
    return `[ ${[...first, ...more].join(', ')} ]`;
  }
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${brief(inner)}`);
  return `{ ${entries.join(', ')} }`;
}

function checkedWeights(weights: ArrayLike<number>): Float64Array {
  const checked = numbersOf(weights, (k) => `weight ${k}`);
  const bad = checked.findIndex((weight) => !(weight >= 0));
  if (bad >= 0) throw new InvalidInput(`weight ${bad} is ${weights[bad]}: weights are numbers between 0 and 1`);
  const total = checked.reduce((sum, weight) => sum + weight, 0);
  if (!(Math.abs(total - 1) <= 1e-9)) {
    throw new InvalidInput(
      `the weights sum to ${total}, not to 1: divide each by the sum if they are meant as proportions`,
    );
  }
  return checked;
}
