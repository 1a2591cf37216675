import path from 'node:path';
import { reduce } from '../aggregate/reduce';
import { aggregateBy, isPortableRule, ruleOf } from '../aggregate/rules';
import { wasserstein1 } from '../distance/transport-divergence';
import { DfmrError, InvalidInput } from '../errors';
import { fit } from '../estimate/fit';
import { described, requirePositiveInteger } from '../math/checks';
import { quantile } from '../math/quantile';
import type { Seed } from '../math/random';
import { type Mixture, type MixtureJSON, mixtureFromJSON } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { adversaryLibrary } from '../simulate/adversaries';
import { fail } from '../simulate/fail';
import type { Failure } from '../simulate/failure';
import { failureOf, isPortableFailure } from '../simulate/failure-registry';
import { pause } from '../work/work';
import { sixDigits } from './repetition';
import { runRepetitions, type StudyKind, type StudyOptions } from './repetitions';
import type { Results, Task } from './results-file';

/**
 * The arena: aggregation rules against adversaries, in several populations. What counts is the error beside that of the oracle, which
 * reduces the honest estimates: its median, its 95 % point, and above all its worst. Plain JSON.
 */
export interface ArenaDesign {
  /** the true mixtures, by their names */
  readonly populations: Readonly<Record<string, MixtureJSON>>;
  /** each n, the rows of a machine */
  readonly sampleSizes: readonly number[];
  /** m */
  readonly machines: number;
  /** α, each in (0, ½) */
  readonly fractions: readonly number[];
  /** rules by their names in the registry */
  readonly rules: readonly string[];
  /**
   * adversaries by their names in the registry
   * @defaultValue the library, some hundred, and the paper's three failures
   */
  readonly adversaries?: readonly string[];
  /** what all draws are made from */
  readonly seed: Seed;
}

/** How one rule answered one adversary. */
export interface ArenaRow {
  /** the rule, by its name */
  readonly rule: string;
  /** α; 0 if nobody fails, and for 'one component wrong' the share of machines that have one */
  readonly fraction: number;
  /** 'nobody fails', 'one component wrong', or what the adversary is called */
  readonly adversary: string;
  /** W₁ to the truth over that of the oracle; null if the rule threw */
  readonly ratio: number | null;
}

/** What one repetition of a setting of the arena found. */
export interface ArenaRepetition extends Task {
  /** an answer for each adversary and rule */
  readonly rows: readonly ArenaRow[];
}

/** What stands for no adversary, and for machines of which one component is wrong. */
export const NOBODY = 'nobody fails';
export const IN_PART = 'one component wrong';

/** The shares of machines of which one component is wrong. */
const PARTLY_FAILED = [0.4, 1];

/** The number of settings is that of populations times sample sizes, the latter fastest. */
function settingOf({ populations, sampleSizes }: ArenaDesign, setting: number) {
  const names = Object.keys(populations);
  const population = names[Math.floor(setting / sampleSizes.length)];
  return {
    population,
    sampleSize: sampleSizes[setting % sampleSizes.length],
    truth: mixtureFromJSON(populations[population]),
  };
}

const arena: StudyKind<ArenaDesign, ArenaRepetition> = {
  version: 'arena-1',
  checked: checkedArena,
  isResult: ({ populations, sampleSizes }, line) =>
    Number.isInteger(line?.setting) &&
    line.setting < Object.keys(populations).length * sampleSizes.length &&
    Array.isArray(line.rows),
  repeat: repeatArena,
  worker: path.join(__dirname, 'arena-worker'),
  isPortable: ({ rules, adversaries = [] }) => rules.every(isPortableRule) && adversaries.every(isPortableFailure),
  work: ({ populations, sampleSizes }) => Object.keys(populations).flatMap(() => [...sampleSizes]),
};

/**
 * Lets rules meet adversaries on all cores: the same results for any number of threads, and however often it was stopped.
 * @param design plain JSON
 * @param options how often, in which file, and on how many threads
 * @returns the design and all repetitions; `summariseArena` makes rows of them
 * @throws InvalidInput if the design is invalid, or not that of the file; the signal's reason when it aborts
 * @example
 * const design = {
 *   populations: { three: truth.toJSON() },
 *   sampleSizes: [200],
 *   machines: 5,
 *   fractions: [0.2],
 *   rules: ['COAT', 'Vanilla'],
 *   adversaries: ['mean'],
 *   seed: 1,
 * };
 * const { repetitions } = await runArena(design, { repetitions: 1, workers: 1 });
 * repetitions[0].rows.filter(({ adversary }) => adversary === 'mean').map(({ rule, ratio }) => [rule, ratio]); // [['COAT', 0.879], ['Vanilla', 4294.8]]
 */
export async function runArena(
  design: ArenaDesign,
  options: StudyOptions,
): Promise<Results<ArenaDesign, ArenaRepetition>> {
  return runRepetitions(design, arena, options);
}

function checkedArena(design: ArenaDesign): ArenaDesign {
  const { populations, sampleSizes, machines, fractions, rules, adversaries = [] } = design;
  requirePositiveInteger('machines', machines);
  for (const n of sampleSizes) requirePositiveInteger('a sample size', n);
  for (const fraction of fractions)
    if (!(fraction > 0 && fraction < 0.5))
      throw new InvalidInput(`a fraction is ${described(fraction)}: it must be above 0 and below ½`);
  for (const rule of rules) ruleOf(rule);
  for (const population of Object.values(populations)) {
    const truth = mixtureFromJSON(population);
    for (const name of adversaries) failureOf(truth, name);
  }
  return design;
}

/** One repetition of a setting, by the design's seed alone: honest fits from the truth, and every rule against every adversary. */
export async function repeatArena(
  design: ArenaDesign,
  setting: number,
  repetition: number,
  signal?: AbortSignal,
): Promise<ArenaRepetition> {
  const { machines: m, fractions, rules, adversaries } = design;
  const { population, sampleSize, truth } = settingOf(design, setting);
  const seed = `${design.seed}: ${population}, ${sampleSize}, ${repetition}`;
  const honest: { mixture: Mixture; sampleSize: number }[] = [];
  for (let i = 0; i < m; i++) {
    await pause(signal);
    honest.push(
      fit<unknown>(sample(truth, sampleSize, `${seed}, machine ${i}`).data, { start: truth, penalty: 'published' }),
    );
  }
  const error = (mixture: Mixture) => wasserstein1(mixture, truth);
  const oracleError = (estimates: typeof honest) => error(reduce(estimates, { start: truth }).mixture);
  const rows: ArenaRow[] = [];
  const judge = async (adversary: string, fraction: number, sent: typeof honest, best: number) => {
    for (const rule of rules) {
      await pause(signal);
      const ratio = await aggregateBy(sent, { rule, seed, signal }).then(
        ({ mixture }) => sixDigits(error(mixture) / best),
        (thrown) => {
          signal?.throwIfAborted();
          if (!(thrown instanceof DfmrError)) throw thrown;
          return null;
        },
      );
      rows.push({ rule, fraction, adversary, ratio });
    }
  };
  const all = oracleError(honest);
  await judge(NOBODY, 0, honest, all);
  const broken = Object.keys(truth.family.failures ?? {})[0];
  for (const fraction of broken ? PARTLY_FAILED : []) {
    const { estimates } = fail(honest, { kind: broken, components: 1, fraction, seed });
    await judge(IN_PART, fraction, estimates as typeof honest, all);
  }
  for (const fraction of fractions) {
    const failed = Math.floor(fraction * m + 1e-9); // 0.29 · 100 is 28.999999999999996
    const good = honest.slice(failed);
    const best = oracleError(good);
    for (const failure of against(truth, adversaries)) {
      const { estimates } = fail(honest.slice(0, failed).concat(good), {
        kind: firstOnes(failure, failed),
        fraction: 1,
        seed,
      });
      await judge(failure.name, fraction, estimates as typeof honest, best);
    }
  }
  return { setting, repetition, rows };
}

/** The adversaries of the names, or the library and the paper's failures. */
function against(truth: Mixture, names: readonly string[] | undefined): Failure[] {
  if (names) return names.map((name) => failureOf(truth, name));
  const paper = [...Object.keys(truth.family.failures ?? {}), 'weight'].map((name) => failureOf(truth, name));
  return [...adversaryLibrary(truth.order), ...paper];
}

/** The failure of the first machines, the others' estimates as they are: so that every adversary meets the same honest ones. */
function firstOnes({ name, send }: Failure, failed: number): Failure {
  return {
    name,
    send: ({ own, random, ...situation }) => [
      ...send({ ...situation, own: own.slice(0, failed), honest: own.slice(failed), random }),
      ...own.slice(failed),
    ],
  };
}

/** What a rule did in one population, over adversaries and repetitions. */
export interface ArenaSummaryRow {
  /** the population, by its name in the design */
  readonly population: string;
  /** n, the rows of a machine */
  readonly sampleSize: number;
  /** the rule, by its name */
  readonly rule: string;
  /** α, the share of the machines that fail */
  readonly fraction: number;
  /** 'nobody fails', 'one component wrong', or 'adversaries' */
  readonly against: string;
  /** how many answers */
  readonly answers: number;
  /** Infinity, as the others, if the rule never answered */
  readonly median: number;
  /** below which 95 % of the ratios are */
  readonly high: number;
  /** the largest ratio */
  readonly worst: number;
  /** the adversary that did most harm */
  readonly worstAdversary: string;
  /** how often the rule threw */
  readonly threw: number;
}

/**
 * The median, the 95 % point and the worst ratio of each cell: population × n × rule × α.
 * @param results of `runArena`
 * @returns a row for each rule in each cell
 * @example
 * const design = {
 *   populations: { three: truth.toJSON() },
 *   sampleSizes: [200],
 *   machines: 5,
 *   fractions: [0.2],
 *   rules: ['COAT', 'Vanilla'],
 *   adversaries: ['mean', 'weight'],
 *   seed: 1,
 * };
 * const rows = summariseArena(await runArena(design, { repetitions: 1, workers: 1 }));
 * rows.filter(({ against }) => against === 'adversaries').map(({ rule, worst }) => [rule, worst]); // [['COAT', 0.879], ['Vanilla', 4294.8]]
 */
export function summariseArena(results: Results<ArenaDesign, ArenaRepetition>): ArenaSummaryRow[] {
  const { design, repetitions } = results;
  const cells = new Map<
    string,
    { head: Pick<ArenaSummaryRow, 'population' | 'sampleSize' | 'rule' | 'fraction' | 'against'>; rows: ArenaRow[] }
  >();
  for (const { setting, rows } of repetitions) {
    const { population, sampleSize } = settingOf(design, setting);
    for (const row of rows) {
      const { rule, fraction, adversary } = row;
      const against = adversary === NOBODY || adversary === IN_PART ? adversary : 'adversaries';
      const key = JSON.stringify([setting, rule, against, fraction]);
      const cell = cells.get(key) ?? { head: { population, sampleSize, rule, fraction, against }, rows: [] };
      cell.rows.push(row);
      cells.set(key, cell);
    }
  }
  return [...cells.values()].map(({ head, rows }) => {
    const ratios = rows.flatMap(({ ratio }) => (ratio === null ? [] : [ratio]));
    const worst = ratios.length > 0 ? Math.max(...ratios) : Infinity;
    const quantileOf = (share: number) => (ratios.length > 0 ? sixDigits(quantile(ratios, share)) : Infinity);
    return {
      ...head,
      answers: ratios.length,
      median: quantileOf(0.5),
      high: quantileOf(0.95),
      worst,
      worstAdversary: rows.find(({ ratio }) => ratio === worst)?.adversary ?? '',
      threw: rows.length - ratios.length,
    };
  });
}
