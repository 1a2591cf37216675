import { InvalidInput } from '../errors';
import { described, requirePositiveInteger } from '../math/checks';
import type { Seed } from '../math/random';
import { type Mixture, type MixtureJSON, mixtureFromJSON } from '../mixture/mixture';
import { type FailureName, fail } from '../simulate/fail';
import { type MixsimOptions, mixsim } from '../simulate/mixsim';

/** Where the truth of a repetition comes from: MixSim, a new one for each repetition, or one mixture for all. */
export type Population = ({ readonly kind: 'mixsim' } & Omit<MixsimOptions, 'seed'>) | MixtureJSON;

/** One choice of data. The first of `machines` machines are those of a repetition with fewer, and so are their fits. */
export interface Setting {
  readonly population: Population;
  /** n, on each machine */
  readonly sampleSize: number;
  /** each m to study */
  readonly machines: readonly number[];
}

/** 'Vanilla' is the reduction of all estimates; 'DFMR(1.3)' is DFMR with ρ = 1.3, and so on. */
export type Method = 'Oracle' | 'Vanilla' | 'COAT' | 'Trim' | `DFMR(${number})`;

/**
 * A simulation study: every failure, at every rate α, is met by every method, in every setting, again and again. Plain JSON.
 * Machine i of a repetition draws from a stream of its own, whatever n and m are: settings with the same population share the
 * truth, and the first rows of the first machines, so that differences between them are told better than their errors say.
 */
export interface StudyDesign {
  readonly settings: readonly Setting[];
  readonly failures: readonly FailureName[];
  /** α, each in [0, ½) */
  readonly fractions: readonly number[];
  /** each once; DFMR with ρ from 1 on */
  readonly methods: readonly Method[];
  /** how many rows of a repetition's data are clustered for the ARI, from the first machine on; 0 for none, all if not given */
  readonly clusteredRows?: number;
  readonly seed: Seed;
}

/** The inflation factor of 'DFMR(1.3)'; undefined for another method. */
export function inflationFactorOf(method: string): number | undefined {
  const [, text] = /^DFMR\(([\d.]+)\)$/.exec(method) ?? [];
  return text === undefined ? undefined : Number(text);
}

const OTHER_METHODS = ['Oracle', 'Vanilla', 'COAT', 'Trim'];
const KEYS = ['settings', 'failures', 'fractions', 'methods', 'clusteredRows', 'seed'];
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
 * @throws naming what is wrong and where
 */
export function checkedDesign(design: StudyDesign): StudyDesign {
  requireKeys('the design', design, KEYS);
  const { settings, failures, fractions, methods, clusteredRows = 0, seed } = design;
  requireList('settings', settings);
  requireList('failures', failures);
  requireList('fractions', fractions);
  requireList('methods', methods);
  for (const fraction of fractions)
    if (!(fraction >= 0 && fraction < 0.5))
      throw new InvalidInput(`a fraction is ${described(fraction)}: it must be from 0 to below ½`);
  for (const method of methods) {
    const factor = typeof method === 'string' ? inflationFactorOf(method) : undefined;
    if (!(OTHER_METHODS.includes(method) || (factor !== undefined && factor >= 1)))
      throw new InvalidInput(
        `there is no method ${described(method)}: use ${OTHER_METHODS.join(', ')}, or DFMR(ρ) with ρ from 1 on`,
      );
  }
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
      for (const kind of failures) fail([truth], { kind, fraction: 0, seed: 0 }); // whether it applies
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
  if (unknown !== undefined) throw new InvalidInput(`${where} has no ${described(unknown)}: it has ${keys.join(', ')}`);
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
