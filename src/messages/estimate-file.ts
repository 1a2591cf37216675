import Ajv, { type ErrorObject, type ValidateFunction } from 'ajv/dist/2020';
import { InvalidInput } from '../errors';
import type { Fit } from '../estimate/fit';
import { type FamilyName, familyNames, familyOf } from '../families/families-registry';
import type { LocationScaleParameter } from '../families/standard-density';
import { described } from '../math/checks';
import { type Mixture, type MixtureJSON, mixtureFromJSON } from '../mixture/mixture';
import estimateSchema from './estimate.schema.json';
import { parseUntrusted, printable } from './untrusted';

// What a machine sends: its local estimate as JSON, of the form that estimate.schema.json publishes.

/** One machine's local estimate as plain JSON; `estimate.schema.json` describes it. */
export interface EstimateJSON extends MixtureJSON {
  format: 'dfmr-estimate';
  /** 2 is written, both are read */
  version: 1 | 2;
  /** the name that the machine gives itself */
  machine: string;
  /** K */
  order: number;
  /** d */
  dimension: number;
  /** n, the number of rows that were fitted; if they are weighted, the whole number next to Σ w */
  sampleSize: number;
  /** (Σ w)² / Σ w², if rows are weighted */
  effectiveSampleSize?: number;
  fitted?: Fitted;
  /** the names of the d features */
  names?: string[];
  /** of each feature its categories, coded by their places; empty where its values are the codes */
  categories?: string[][];
}

/** What a machine says of how it fitted. No result depends on it. */
export interface Fitted {
  readonly logLikelihood?: number;
  readonly penalisedLogLikelihood?: number;
  readonly iterations?: number;
  readonly converged?: boolean;
  /** a_n, the strength of the penalty, or 'published' for the paper's own at n^(−1/2) */
  readonly penalty?: number | 'published';
  /** how many cells of the rows were missing */
  readonly missingCells?: number;
}

/** A machine's estimate as it was read: an `Estimate`, so that `dfmr` takes it as it is. */
export interface LocalEstimate<Parameter = unknown> {
  /** what the machine calls itself */
  readonly machine: string;
  readonly mixture: Mixture<Parameter>;
  /** n, as the machine says */
  readonly sampleSize: number;
  /** if the machine's rows are weighted: how many rows of one weight say as much of a mean, as the machine says */
  readonly effectiveSampleSize?: number;
  readonly fitted?: Fitted;
  /** the names of the features */
  readonly names?: readonly string[];
  /** of each feature its categories, coded by their places; empty where its values are the codes */
  readonly categories?: readonly (readonly string[])[];
}

/** What a machine reports of a `Fit`. */
type Reported = Pick<
  Fit<unknown>,
  | 'mixture'
  | 'sampleSize'
  | 'effectiveSampleSize'
  | 'logLikelihood'
  | 'penalisedLogLikelihood'
  | 'iterations'
  | 'converged'
  | 'missingCells'
>;

/**
 * A fit as the JSON that a machine sends: `JSON.stringify` makes its text. Numbers survive to the last bit (−0 becomes 0).
 * @param fit a fit, or what else has its numbers
 * @returns plain JSON
 * @throws InvalidInput if the family is not registered, or a name is empty, longer than 200 characters or holds control characters
 * @example
 * const text = JSON.stringify(estimateToJSON(fits[0], { machine: 'machine 0' }));
 */
export function estimateToJSON(
  fit: Reported,
  {
    machine,
    names,
    categories,
    penalty,
  }: {
    /** the machine's name */
    readonly machine: string;
    /**
     * the names of the features
     * @defaultValue none are sent
     */
    readonly names?: readonly string[];
    /**
     * of each feature the categories that stand for its codes, an empty list where there are none
     * @defaultValue none are sent
     */
    readonly categories?: readonly (readonly string[])[];
    /**
     * a_n or 'published', as it was given to `fit`
     * @defaultValue it is not sent
     */
    readonly penalty?: number | 'published';
  },
): EstimateJSON {
  const { mixture, sampleSize, effectiveSampleSize, missingCells } = fit;
  const { logLikelihood, penalisedLogLikelihood, iterations, converged } = fit;
  return checkedEstimate({
    format: 'dfmr-estimate',
    version: 2,
    machine,
    ...mixture.toJSON(),
    order: mixture.order,
    dimension: mixture.dimension,
    ...(effectiveSampleSize === undefined
      ? { sampleSize }
      : { sampleSize: Math.round(sampleSize), effectiveSampleSize }),
    fitted: {
      logLikelihood,
      penalisedLogLikelihood,
      iterations,
      converged,
      ...(penalty === undefined ? {} : { penalty }),
      ...(missingCells === undefined ? {} : { missingCells }),
    },
    ...(names === undefined ? {} : { names: [...names] }),
    ...(categories === undefined ? {} : { categories: categories.map((list) => [...list]) }),
  });
}

/**
 * The local estimate of a JSON text, or of what `JSON.parse` gives. Whatever the text is, the result is a valid estimate or
 * an error; `screenEstimates` also bounds the size and compares the machines.
 * @param json text, or what `JSON.parse` gives
 * @returns the estimate, of which `machine` is what the machine calls itself
 * @throws InvalidInput or DamagedFile if it is not of the form of estimate.schema.json, or not a valid mixture: where, what and the remedy
 */
export function estimateFromJSON(json: unknown): LocalEstimate {
  return estimateOf(checkedEstimate(typeof json === 'string' ? parseUntrusted(json) : json));
}

/**
 * The value, if it has the form of an estimate and its lists have the lengths that it states. This is cheap even for values that
 * `estimateOf` would take long over.
 * @throws InvalidInput if it has not
 */
export function checkedEstimate(value: unknown): EstimateJSON {
  const own = isOwn((value as Partial<EstimateJSON> | null)?.family);
  const validate = validator(own);
  if (!validate(value)) throw new InvalidInput(sentence(validate.errors?.[0] as ErrorObject));
  const json = value as EstimateJSON;
  const { order, dimension, weights, parameters, names, noise, categories } = json;
  requireLength('weights', weights, order, 'order');
  requireLength('parameters', parameters, order, 'order');
  if (names) requireLength('names', names, dimension, 'dimension');
  if (categories) requireLength('categories', categories, dimension, 'dimension');
  for (const side of ['lower', 'upper'] as const)
    if (noise) requireLength(`noise.${side}`, noise[side], dimension, 'dimension');
  if (own) return json; // whose lists are as long as the family wants them, which `mixtureFromJSON` checks
  parameters.forEach((parameter, k) => {
    for (const [name, list] of Object.entries(parameter as object)) {
      if (!Array.isArray(list)) continue;
      const where = `parameters[${k}].${name}`;
      requireLength(where, list, dimension, 'dimension');
      list.forEach((row, i) => {
        if (Array.isArray(row) && name === 'covariance') requireLength(`${where}[${i}]`, row, dimension, 'dimension');
      });
    }
  });
  return { ...json, family: familyOf(json.family as FamilyName).name }; // "weibull(2.0)" is "weibull(2)"
}

/**
 * The estimate of a checked JSON.
 * @throws InvalidInput if it is not a valid mixture
 */
export function estimateOf(json: EstimateJSON): LocalEstimate {
  const { machine, family, dimension, sampleSize, effectiveSampleSize, fitted, names, categories } = json;
  const mixture = mixtureFromJSON(json);
  if (mixture.dimension !== dimension) {
    throw new InvalidInput(`dimension is ${dimension}, but a ${family} mixture is of dimension ${mixture.dimension}`);
  }
  mixture.parameters.forEach(requireSpread);
  return {
    machine,
    mixture,
    sampleSize,
    ...(effectiveSampleSize !== undefined && { effectiveSampleSize }),
    ...(fitted && { fitted }),
    ...(names && { names }),
    ...(categories && { categories }),
  };
}

/** @throws InvalidInput if all values of a location–scale component are one number in float64: it has no barycentre with others */
function requireSpread(parameter: unknown, k: number): void {
  const { location = 0, scale = 1 } = parameter as Partial<LocationScaleParameter>;
  if (scale < 64 * Number.EPSILON * Math.abs(location)) {
    const message = `component ${k}: about the location ${location}, the scale ${scale} is lost in float64`;
    throw new InvalidInput(`${message}: subtract a constant from the data`);
  }
}

const BUILT_IN = new RegExp(estimateSchema.properties.family.pattern);

/** Whether it is the name of a family that a user registered. */
const isOwn = (family: unknown): boolean =>
  typeof family === 'string' && !BUILT_IN.test(family) && familyNames().includes(family.toLowerCase());

const compiled = new Map<boolean, ValidateFunction>();

/** The validator of the schema, or, for a user's family, of what holds for every family; compiled when it is first needed. */
function validator(own: boolean): ValidateFunction {
  const known = compiled.get(own);
  if (known) return known;
  const { $id: _, allOf: __, ...rest } = estimateSchema;
  const schema = own ? { ...rest, properties: { ...rest.properties, family: { type: 'string' } } } : estimateSchema;
  const made = new Ajv({ strict: true, verbose: true }).compile(schema);
  compiled.set(own, made);
  return made;
}

function requireLength(where: string, list: readonly unknown[], length: number, of: 'order' | 'dimension'): void {
  if (list.length !== length)
    throw new InvalidInput(`${where} has the length ${list.length}, but the ${of} is ${length}: make both the same`);
}

/** A sentence on what is wrong, where, and what it should be by the schema's description. */
function sentence({ instancePath, keyword, params, data, parentSchema, message }: ErrorObject): string {
  const where =
    instancePath.replace(/\/(\d+)/g, '[$1]').replace(/\//g, (_, at) => (at === 0 ? '' : '.')) || 'the estimate';
  if (keyword === 'required') return `${where} has no "${params.missingProperty}": add it`;
  if (keyword === 'additionalProperties')
    return `${where} has ${printable(described(params.additionalProperty))}, which the format does not know: leave it out`;
  return `${where} is ${printable(described(data))}: it must be ${parentSchema?.description ?? message}`;
}
