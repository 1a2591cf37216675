import { requireInflationFactor } from '../aggregate/dfmr';
import { ruleOf } from '../aggregate/rules';
import { distanceOf } from '../distance/distance';
import { InvalidInput } from '../errors';
import { described, requireOneOf, requirePositiveInteger } from '../math/checks';
import type { Seed } from '../math/random';
import { type Mixture, type MixtureJSON, mixtureFromJSON } from '../mixture/mixture';
import { failureOf } from '../simulate/failure-registry';
import { type MixsimOptions, mixsim } from '../simulate/mixsim';
import { roundsMethodOf } from './rounds-method';

/** Where the truth of a repetition comes from: MixSim, a new one for each repetition, or one mixture for all. */
export type Population =
  | ({
      /** what says that MixSim draws it */
      readonly kind: 'mixsim';
    } & Omit<MixsimOptions, 'seed'>)
  | MixtureJSON;

/** One choice of data. The first of `machines` machines are those of a repetition with fewer, and so are their fits. */
export interface Setting {
  /** the truth */
  readonly population: Population;
  /** n, on each machine */
  readonly sampleSize: number;
  /** each m to study */
  readonly machines: readonly number[];
}

/**
 * A rule by its name in the registry, in capitals or not: 'Oracle', 'Vanilla', 'COAT', 'Trim', 'DFMR(1.3)', or your own; 'MLE', of the rows of
 * the machines that do not fail; or rounds that start from 'Components', in which machines fail again: 'Rounds(12)', 'Rounds(8, E = 1)' of single EM
 * steps, 'Rounds(8, E = 1, no vote)', 'Rounds(16, accelerated)'.
 */
export type Method = string;

/**
 * A simulation study: population × failure × distance × rule. Every failure, at every rate α, is met by every method, in every
 * setting, again and again. Plain JSON.
 * Machine i of a repetition draws from a stream of its own, whatever n and m are: settings with the same population share the
 * truth, and the first rows of the first machines, so that differences between them are more precise than their standard errors suggest.
 */
export interface StudyDesign {
  /** the choices of data */
  readonly settings: readonly Setting[];
  /** their names in the registry, or what the family's components can be broken in, such as 'mean' */
  readonly failures: readonly string[];
  /** α, each in [0, ½) */
  readonly fractions: readonly number[];
  /** the rules to compare, each once */
  readonly methods: readonly Method[];
  /**
   * the distance that rules filter by, by its name in the registry
   * @defaultValue 'l2'
   */
  readonly distance?: string;
  /**
   * how many components of a failed machine are wrong; the rows of all machines are then honest, and α may be up to 1
   * @defaultValue all
   */
  readonly components?: number;
  /**
   * where local EM starts: from the truth, as in the paper, or from k-means++ clusterings, as where nobody knows it
   * @defaultValue 'truth'
   */
  readonly fits?: 'truth' | 'k-means';
  /**
   * whether the log-likelihood of the honest rows is told too: how far it is below that of their MLE, in nats for each machine
   * @defaultValue false
   */
  readonly gaps?: boolean;
  /**
   * how many rows of a repetition's data are clustered for the ARI, from the first machine on; 0 for none
   * @defaultValue all
   */
  readonly clusteredRows?: number;
  /** a number or a word, from which every draw follows */
  readonly seed: Seed;
}

/** The method that is no rule: it has the rows of the honest machines. */
export const MLE = 'MLE';

/** The methods that are rules of the registry. */
export const rulesOf = (methods: readonly Method[]): Method[] =>
  methods.filter((method) => method !== MLE && !roundsMethodOf(method));

/** The inflation factor of 'DFMR(1.3)'; undefined for another method. */
export function inflationFactorOf(method: string): number | undefined {
  const [, text] = /^DFMR\(([\d.]+)\)$/.exec(method) ?? [];
  return text === undefined ? undefined : Number(text);
}

const KEYS = [
  'settings',
  'failures',
  'fractions',
  'methods',
  'distance',
  'components',
  'fits',
  'gaps',
  'clusteredRows',
  'seed',
];
const SETTING_KEYS = ['population', 'sampleSize', 'machines'];
const MIXSIM_KEYS = [
  'kind',
  'order',
  'dimension',
  'maximumOverlap',
  'meanOverlap',
  'spherical',
  'homogeneous',
  'minimumWeight',
];

/**
 * The design, checked.
 * @throws InvalidInput that says what is wrong and where
 */
export function checkedDesign(design: StudyDesign): StudyDesign {
  requireKeys('the design', design, KEYS);
  const { settings, failures, fractions, methods, distance, components, fits, clusteredRows = 0, seed } = design;
  requireList('settings', settings);
  requireList('failures', failures);
  requireList('fractions', fractions);
  requireList('methods', methods);
  for (const fraction of fractions)
    if (!(fraction >= 0 && (fraction < 0.5 || (components !== undefined && fraction <= 1))))
      throw new InvalidInput(`a fraction is ${described(fraction)}: it must be from 0 to below ½`);
  if (components !== undefined) requirePositiveInteger('components', components);
  if (fits !== undefined) requireOneOf('fits', fits, ['truth', 'k-means']);
  for (const method of rulesOf(methods)) {
    const factor = inflationFactorOf(ruleOf(method).title ?? method);
    if (factor !== undefined) requireInflationFactor(factor);
  }
  if (distance !== undefined) distanceOf(distance);
  if (!(Number.isInteger(clusteredRows) && clusteredRows >= 0))
    throw new InvalidInput(`clusteredRows is ${described(clusteredRows)}: it must be 0, 1, 2 …`);
  if (!(Number.isFinite(seed) || typeof seed === 'string'))
    throw new InvalidInput(`the seed is ${described(seed)}: a number or a word is needed`);
  settings.forEach((setting, s) => {
    const where = `settings[${s}]`;
    requireKeys(where, setting, SETTING_KEYS);
    requirePositiveInteger(`${where}.sampleSize`, setting.sampleSize);
    requireList(`${where}.machines`, setting.machines);
    setting.machines.forEach((m, i) => {
      requirePositiveInteger(`${where}.machines[${i}]`, m);
    });
    try {
      const truth = truthOf(design, s, 0);
      for (const failure of failures) failureOf(truth, failure);
    } catch (error) {
      throw new InvalidInput(`${where}: ${(error as Error).message}`, { cause: error });
    }
  });
  return design;
}

function requireKeys(where: string, value: object, keys: readonly string[]): void {
  if (typeof value !== 'object' || value === null)
    throw new InvalidInput(`${where} is ${described(value)}: an object is needed`);
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined)
    throw new InvalidInput(`${where} has an unknown field ${described(unknown)}: it may have ${keys.join(', ')}`);
}

function requireList(name: string, values: readonly unknown[]): void {
  if (!(Array.isArray(values) && values.length > 0))
    throw new InvalidInput(`${name} is ${described(values)}: a list is needed`);
  if (new Set(values).size < values.length)
    throw new InvalidInput(`${name} is ${described(values)}: each must be there once`);
}

/** The truth of a repetition: the same for all settings that ask for the same population. */
export function truthOf({ settings, seed }: StudyDesign, setting: number, repetition: number): Mixture<unknown> {
  const { population } = settings[setting];
  if (typeof population !== 'object' || population === null)
    throw new InvalidInput(
      `the population is ${described(population)}: { kind: 'mixsim', … } or a mixture as JSON is needed`,
    );
  if (!('kind' in population)) return mixtureFromJSON(population);
  const { kind, ...options } = population;
  if (kind !== 'mixsim')
    throw new InvalidInput(`the population's kind is ${described(kind)}: 'mixsim', or a mixture as JSON, is needed`);
  requireKeys('the population', population, MIXSIM_KEYS);
  return mixsim({ ...options, seed: `${seed}: population ${repetition}` }) as Mixture<unknown>;
}
