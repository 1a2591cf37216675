import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020';
import { InvalidInput } from '../errors';
import type { Fit } from '../estimate/fit';
import type { ExpertsFit } from '../experts/fit-experts';
import { type AnyExperts, isExperts } from '../experts/model';
import { type FamilyName, familyNames, familyOf } from '../families/families-registry';
import type { LocationScaleParameter } from '../families/standard-density';
import { described } from '../math/checks';
import { type Mixture, type MixtureJSON, mixtureFromJSON } from '../mixture/mixture';
import estimateSchema from './estimate.schema.json';
import { type ExpertsPart, expertsOfEstimate, requireExpertsLengths } from './experts-estimate';
import { requireLength } from './list-lengths';
import { parseUntrusted, printable } from './untrusted';

// What a machine sends: its local estimate as JSON, of the form that estimate.schema.json publishes.

/** What every estimate has, of whatever kind. */
export interface EstimateParts {
  /** what says that the file is an estimate */
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
  /** how the machine fitted */
  fitted?: Fitted;
  /** the names of the d features; of experts, of the d covariates */
  names?: string[];
}

/** One machine's local estimate as plain JSON; `estimate.schema.json` describes it. */
export interface EstimateJSON extends MixtureJSON, EstimateParts {
  /** of each feature its categories, coded by their places; empty where its values are the codes */
  categories?: string[][];
}

/** One machine's local estimate of a mixture of experts as plain JSON; `estimate.schema.json` describes it. */
export interface ExpertsEstimateJSON extends EstimateParts, ExpertsPart {}

/** What a machine says of how it fitted. No result depends on it. */
export interface Fitted {
  /** ℓ of the machine's own rows, in nats */
  readonly logLikelihood?: number;
  /** pℓ of the machine's own rows, in nats */
  readonly penalisedLogLikelihood?: number;
  /** how many iterations of EM were made */
  readonly iterations?: number;
  /** whether EM converged */
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
  /** of a mixture of experts the same as `model`, which `aggregate` takes with covariates */
  readonly mixture: Mixture<Parameter>;
  /** the mixture of experts, if it is one */
  readonly model?: AnyExperts;
  /** n, as the machine says */
  readonly sampleSize: number;
  /** if the machine's rows are weighted: how many rows of one weight say as much of a mean, as the machine says */
  readonly effectiveSampleSize?: number;
  /** how the machine fitted, if it says so */
  readonly fitted?: Fitted;
  /** the names of the features; of experts, of the covariates */
  readonly names?: readonly string[];
  /** the names of the responses of experts */
  readonly responses?: readonly string[];
  /** of each feature its categories, coded by their places; empty where its values are the codes */
  readonly categories?: readonly (readonly string[])[];
}

/** What a machine reports of a `Fit`. */
export type ReportedFit = Pick<
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

/** What a machine reports of an `ExpertsFit`. */
export type ReportedExperts = Pick<
  ExpertsFit<AnyExperts>,
  | 'model'
  | 'sampleSize'
  | 'effectiveSampleSize'
  | 'logLikelihood'
  | 'penalisedLogLikelihood'
  | 'iterations'
  | 'converged'
>;

/** What a message says beside the fit. */
export interface MessageOptions {
  /** the machine's name */
  readonly machine: string;
  /**
   * the names of the features; of experts, of the covariates
   * @defaultValue none are sent
   */
  readonly names?: readonly string[];
  /**
   * of experts, the names of the responses
   * @defaultValue none are sent
   */
  readonly responses?: readonly string[];
  /**
   * of each feature the categories that stand for its codes, an empty list where there are none
   * @defaultValue none are sent
   */
  readonly categories?: readonly (readonly string[])[];
  /**
   * a_n or 'published', as it was given to `fit` or `fitExperts`
   * @defaultValue it is not sent
   */
  readonly penalty?: number | 'published';
}

/**
 * A fit of a mixture, or of a mixture of experts, as the JSON that a machine sends: `JSON.stringify` makes its text. Numbers survive to the last bit (−0 becomes 0).
 * @param fit a fit, or what else has its numbers
 * @param options the machine's name, and what else the message says
 * @returns plain JSON
 * @throws InvalidInput if the family is not registered, or a name is empty, longer than 200 characters or holds control characters
 * @example
 * const message = estimateToJSON(fits[0], { machine: 'machine 0', names: ['height', 'width'] });
 * const { format, order, dimension, sampleSize } = message;
 * [format, order, dimension, sampleSize]; // ['dfmr-estimate', 3, 2, 200]
 */
export function estimateToJSON(fit: ReportedExperts, options: MessageOptions): ExpertsEstimateJSON;
export function estimateToJSON(fit: ReportedFit, options: MessageOptions): EstimateJSON;
export function estimateToJSON(
  fit: ReportedFit | ReportedExperts,
  { machine, names, responses, categories, penalty }: MessageOptions,
): EstimateJSON | ExpertsEstimateJSON {
  const { sampleSize, effectiveSampleSize, missingCells } = fit as ReportedFit;
  const { logLikelihood, penalisedLogLikelihood, iterations, converged } = fit;
  return checkedEstimate({
    format: 'dfmr-estimate',
    version: 2,
    machine,
    ...('model' in fit && isExperts(fit.model)
      ? { experts: fit.model.toJSON(), order: fit.model.order, dimension: fit.model.covariates }
      : ofMixture((fit as ReportedFit).mixture)),
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
    ...(responses === undefined ? {} : { responses: [...responses] }),
    ...(categories === undefined ? {} : { categories: categories.map((list) => [...list]) }),
  });
}

const ofMixture = (mixture: Mixture) => ({
  ...mixture.toJSON(),
  order: mixture.order,
  dimension: mixture.dimension,
});

/**
 * The local estimate of a JSON text, or of what `JSON.parse` gives. Whatever the text is, the result is a valid estimate or
 * an error; `screenEstimates` also bounds the size and compares the machines.
 * @param json text, or what `JSON.parse` gives
 * @returns the estimate, of which `machine` is what the machine calls itself
 * @throws InvalidInput or DamagedFile if it is not of the form of estimate.schema.json, or not a valid mixture: where, what and the remedy
 * @example
 * const text = JSON.stringify(estimateToJSON(fits[0], { machine: 'machine 0' }));
 * const { machine, sampleSize, mixture } = estimateFromJSON(JSON.parse(text));
 * [machine, sampleSize]; // ['machine 0', 200]
 */
export function estimateFromJSON(json: unknown): LocalEstimate {
  return estimateOf(checkedEstimate(typeof json === 'string' ? parseUntrusted(json) : json));
}

/**
 * The value, if it has the form of an estimate and its lists have the lengths that it states. This is cheap even for values that
 * `estimateOf` would take long over.
 * @throws InvalidInput if it has not
 */
export function checkedEstimate(value: unknown): EstimateJSON | ExpertsEstimateJSON {
  if (typeof value === 'object' && value !== null && 'decisions' in value && !('format' in value))
    throw new InvalidInput('it is what dfmr aggregate wrote, not an estimate of one machine: leave it out');
  const own = isOwn((value as Partial<EstimateJSON> | null)?.family);
  const validate = validator(own);
  if (!validate(value)) {
    const errors = validate.errors as ErrorObject[];
    throw new InvalidInput(sentence(errors.find(({ keyword }) => keyword === 'anyOf') ?? errors[0]));
  }
  const { order, dimension, names } = value as EstimateJSON | ExpertsEstimateJSON;
  if (names) requireLength('names', names, dimension, 'dimension');
  if (isOfExperts(value as EstimateJSON | ExpertsEstimateJSON)) {
    requireExpertsLengths(value as ExpertsEstimateJSON, order, dimension);
    return value as ExpertsEstimateJSON;
  }
  const json = value as EstimateJSON;
  const { weights, parameters, noise, categories } = json;
  requireLength('weights', weights, order, 'order');
  requireLength('parameters', parameters, order, 'order');
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

/** Whether a checked JSON is of a mixture of experts. */
export const isOfExperts = (json: EstimateJSON | ExpertsEstimateJSON): json is ExpertsEstimateJSON => 'experts' in json;

/**
 * The estimate of a checked JSON.
 * @throws InvalidInput if it is not a valid mixture, or mixture of experts
 */
export function estimateOf(json: EstimateJSON | ExpertsEstimateJSON): LocalEstimate {
  const { machine, sampleSize, effectiveSampleSize, fitted, names } = json;
  return {
    machine,
    ...(isOfExperts(json) ? withModel(json) : withMixture(json)),
    sampleSize,
    ...(effectiveSampleSize !== undefined && { effectiveSampleSize }),
    ...(fitted && { fitted }),
    ...(names && { names }),
  };
}

function withModel({
  experts,
  responses,
}: ExpertsEstimateJSON): Pick<LocalEstimate, 'mixture' | 'model' | 'responses'> {
  const model = expertsOfEstimate(experts);
  return { mixture: model as unknown as Mixture, model, ...(responses && { responses }) };
}

function withMixture(json: EstimateJSON): Pick<LocalEstimate, 'mixture' | 'categories'> {
  const { family, dimension, categories } = json;
  const mixture = mixtureFromJSON(json);
  if (mixture.dimension !== dimension) {
    throw new InvalidInput(`dimension is ${dimension}, but a ${family} mixture is of dimension ${mixture.dimension}`);
  }
  mixture.parameters.forEach(requireSpread);
  return { mixture, ...(categories && { categories }) };
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
  const { Ajv2020: Ajv } = require('ajv/dist/2020') as typeof import('ajv/dist/2020'); // a fifth of what loading the library takes
  const made = new Ajv({ strict: true, verbose: true }).compile(schema);
  compiled.set(own, made);
  return made;
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
