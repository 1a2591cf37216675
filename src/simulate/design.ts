import { requirePositiveInteger, told } from '../math/checks';
import type { Seed } from '../math/random';
import { type Mixture, type MixtureJSON, mixtureFromJSON } from '../mixture/mixture';
import { type MixsimOptions, mixsim } from './mixsim';

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

/** A failure that has a name, as `fail` has them. */
export type FailureName = 'mean' | 'covariance' | 'weight' | 'shape' | 'scale';

/** A simulation study: every failure, at every rate α, is met by every method, in every setting, again and again. Plain JSON. */
export interface StudyDesign {
  readonly settings: readonly Setting[];
  readonly failures: readonly FailureName[];
  /** α, each in [0, ½) */
  readonly fractions: readonly number[];
  /** 'Oracle', 'Vanilla', 'COAT', 'Trim', and 'DFMR(ρ)' for any inflation factor ρ ≥ 1 */
  readonly methods: readonly string[];
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
const FAILURES: readonly string[] = ['mean', 'covariance', 'weight', 'shape', 'scale'];
const KEYS = ['settings', 'failures', 'fractions', 'methods', 'clusteredRows', 'seed'];

/**
 * The design, checked.
 * @throws naming what is wrong and where
 */
export function checkedDesign(design: StudyDesign): StudyDesign {
  const unknown = Object.keys(design ?? {}).find((key) => !KEYS.includes(key));
  if (unknown !== undefined) throw new Error(`a design has no ${told(unknown)}: it has ${KEYS.join(', ')}`);
  for (const key of ['settings', 'failures', 'fractions', 'methods'] as const) {
    if (!(Array.isArray(design?.[key]) && design[key].length > 0))
      throw new Error(`the design's ${key} are ${told(design?.[key])}: a list is needed`);
  }
  const { settings, failures, fractions, methods, clusteredRows = 0, seed } = design;
  settings.forEach((setting, s) => {
    requirePositiveInteger(`settings[${s}].sampleSize`, setting.sampleSize);
    if (!(setting.machines?.length > 0))
      throw new Error(`settings[${s}].machines is ${told(setting.machines)}: a list is needed`);
    setting.machines.forEach((m, i) => {
      requirePositiveInteger(`settings[${s}].machines[${i}]`, m);
    });
    try {
      truthOf(design, s, 0);
    } catch (error) {
      throw new Error(`settings[${s}].population: ${(error as Error).message}`, { cause: error });
    }
  });
  for (const failure of failures)
    if (!FAILURES.includes(failure))
      throw new Error(`there is no failure ${told(failure)}: use ${FAILURES.join(', ')}`);
  for (const fraction of fractions)
    if (!(fraction >= 0 && fraction < 0.5))
      throw new Error(`a fraction is ${told(fraction)}: it must be from 0 to below ½`);
  for (const method of methods) {
    const factor = typeof method === 'string' ? inflationFactorOf(method) : undefined;
    if (!(OTHER_METHODS.includes(method) || (factor !== undefined && factor >= 1)))
      throw new Error(
        `there is no method ${told(method)}: use ${OTHER_METHODS.join(', ')}, or DFMR(ρ) with ρ from 1 on`,
      );
  }
  if (!(Number.isInteger(clusteredRows) && clusteredRows >= 0))
    throw new Error(`clusteredRows is ${told(clusteredRows)}: it must be 0, 1, 2 …`);
  if (typeof seed !== 'number' && typeof seed !== 'string')
    throw new Error(`the seed is ${told(seed)}: a number or a word is needed`);
  return design;
}

/** The truth of a repetition: the same for all settings that ask for the same population. */
export function truthOf({ settings, seed }: StudyDesign, setting: number, repetition: number): Mixture<unknown> {
  const { population } = settings[setting];
  if (!('kind' in population)) return mixtureFromJSON<unknown>(population);
  const { kind, ...options } = population;
  if (kind !== 'mixsim') throw new Error(`its kind is ${told(kind)}: 'mixsim', or a mixture as JSON, is needed`);
  return mixsim({ ...options, seed: `${seed}: population ${repetition}` }) as Mixture<unknown>;
}
