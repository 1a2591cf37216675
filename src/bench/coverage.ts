import path from 'node:path';
import type { Aggregated } from '../aggregate/rule';
import { aggregateBy } from '../aggregate/rules';
import { bootstrap, type Intervals, intervalsOf, tailQuantiles } from '../analysis/bootstrap';
import { inOrderOf } from '../analysis/bootstrap-repetition';
import { DfmrError, messageOf } from '../errors';
import { fit } from '../estimate/fit';
import { normalQuantile } from '../math/normal';
import type { Seed } from '../math/random';
import { coordinateNames } from '../mixture/coordinate-names';
import {
  type Mixture,
  type MixtureJSON,
  mixtureFromJSON,
  mixtureFromVector,
  mixtureToVector,
} from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { sixDigits } from '../study/repetition';
import { runRepetitions, type StudyKind, type StudyOptions } from '../study/repetitions';
import type { Results, Task } from '../study/results-file';
import { standardErrors } from '../theory/standard-errors';

/** How often intervals hold the true value: populations of which machines draw, are fitted and aggregated, and are bootstrapped. */
export interface CoverageDesign {
  readonly settings: readonly CoverageSetting[];
  /** how often each bootstrap simulates the machines */
  readonly simulations: number;
  readonly level: number;
  readonly seed: Seed;
}

/** Machines of one population. */
export interface CoverageSetting {
  readonly population: string;
  readonly truth: MixtureJSON;
  readonly machines: number;
  /** n of each */
  readonly sampleSize: number;
  readonly rule: string;
}

/** What a repetition found, in the order of `mixtureToVector` and to six digits; `failed` says why there is nothing. */
export interface CoverageRepetition extends Task {
  readonly estimate?: readonly number[];
  /** the asymptotic ones */
  readonly standardErrors?: readonly number[];
  readonly simulated?: readonly (readonly number[])[];
  readonly failed?: string;
}

const kind: StudyKind<CoverageDesign, CoverageRepetition> = {
  version: 'coverage-1',
  checked: (design) => design,
  isResult: ({ settings }, { setting }) => setting < settings.length,
  repeat: repeatCoverage,
  worker: path.join(__dirname, 'coverage-worker'),
  isPortable: () => true,
  work: ({ settings }) => settings.map(({ machines, sampleSize }) => machines * sampleSize),
};

/** Carries out a design on all cores; the same results for any number of threads, and however often it was stopped. */
export function runCoverage(
  design: CoverageDesign,
  options: StudyOptions,
): Promise<Results<CoverageDesign, CoverageRepetition>> {
  return runRepetitions(design, kind, options);
}

/** Of the information of each aggregate: a hundredth of its standard errors. */
const DRAWS = 20_000;

/** One repetition of a setting, by the design's seed alone. */
export async function repeatCoverage(
  { settings, simulations, level, seed }: CoverageDesign,
  setting: number,
  repetition: number,
): Promise<CoverageRepetition> {
  const { population, truth: json, machines, sampleSize, rule } = settings[setting];
  const truth = mixtureFromJSON(json);
  const streams = `${seed}: ${population}, ${machines} of ${sampleSize}, ${repetition}`;
  try {
    const fits = Array.from({ length: machines }, (_, i) =>
      fit<unknown>(sample(truth, sampleSize, `${streams}, machine ${i}`).data, { start: truth }),
    );
    const result = machines > 1 ? await aggregateBy<unknown>(fits, { rule }) : fits[0];
    const errors = standardErrors(result, { draws: DRAWS });
    const options = { repetitions: simulations, level, seed: streams, workers: 1 };
    const aggregated = { rule, result: result as Aggregated<unknown>, standardErrors: errors, decisions: [] };
    const { simulated } = await bootstrap(aggregated, {
      ...options,
      sampleSizes: new Float64Array(machines).fill(sampleSize),
    });
    return {
      setting,
      repetition,
      estimate: Array.from(mixtureToVector(result.mixture), sixDigits),
      standardErrors: Array.from(errors, sixDigits),
      simulated: simulated.map((vector) => Array.from(vector, sixDigits)),
    };
  } catch (error) {
    if (!(error instanceof DfmrError)) throw error;
    return { setting, repetition, failed: messageOf(error) };
  }
}

/** The intervals that are compared, in the order of the table's columns. */
const INTERVALS = ['asymptotic', 'percentile', 'bootstrap'] as const;

type IntervalName = (typeof INTERVALS)[number];

/** The intervals of each kind that a repetition gave. */
function intervalsBy(
  { estimate = [], standardErrors: errors = [], simulated = [] }: CoverageRepetition,
  level: number,
): Record<IntervalName, Pick<Intervals, 'lower' | 'upper'>> {
  const vectors = simulated.map((vector) => Float64Array.from(vector));
  const z = normalQuantile((1 + level) / 2);
  const percentiles = estimate.map((_, i) =>
    tailQuantiles(
      vectors.map((vector) => vector[i]),
      [(1 - level) / 2, (1 + level) / 2],
    ),
  );
  return {
    asymptotic: {
      lower: Float64Array.from(estimate, (value, i) => value - z * errors[i]),
      upper: Float64Array.from(estimate, (value, i) => value + z * errors[i]),
    },
    percentile: {
      lower: Float64Array.from(percentiles, ([lower]) => lower),
      upper: Float64Array.from(percentiles, ([, upper]) => upper),
    },
    bootstrap: intervalsOf(Float64Array.from(estimate), vectors, level),
  };
}

/** A row of the table: one coordinate of one setting, or all coordinates of it. */
export interface CoverageRow {
  readonly population: string;
  readonly machines: number;
  readonly sampleSize: number;
  readonly rule: string;
  /** what `coordinateNames` calls it, of any component, or 'all' */
  readonly coordinate: string;
  /** how many repetitions gave intervals */
  readonly repetitions: number;
  /** how many gave none */
  readonly failed: number;
  /** the share of intervals that held the true value */
  readonly asymptotic: number;
  readonly percentile: number;
  readonly bootstrap: number;
  /** the mean length of the bootstrap's intervals over that of the asymptotic ones */
  readonly length: number;
}

/** How often intervals held the true value, by setting and kind of coordinate. */
export function summariseCoverage({ design, repetitions }: Results<CoverageDesign, CoverageRepetition>): CoverageRow[] {
  return design.settings.flatMap(({ truth: json, population, machines, sampleSize, rule }, s) => {
    const truth = mixtureFromJSON(json);
    const own = repetitions.filter(({ setting }) => setting === s);
    const good = own.flatMap((one) => (one.estimate ? comparedWith(truth, one, design.level) : []));
    if (good.length === 0) return [];
    const kinds = coordinateNames(truth).map((name) => name.replace(/^(weight) \d+$|^component \d+: /, '$1'));
    return [...new Set(kinds), 'all'].map((coordinate): CoverageRow => {
      const which = [...kinds.keys()].filter((i) => coordinate === 'all' || kinds[i] === coordinate);
      const mean = (name: IntervalName, of: (lower: number, upper: number, value: number) => number) => {
        const sums = good.map(({ expected, [name]: { lower, upper } }) =>
          which.reduce((sum, i) => sum + of(lower[i], upper[i], expected[i]), 0),
        );
        return sums.reduce((sum, one) => sum + one, 0) / (good.length * which.length);
      };
      const [asymptotic, percentile, bootstrapped] = INTERVALS.map((name) =>
        sixDigits(mean(name, (lower, upper, value) => (lower <= value && value <= upper ? 1 : 0))),
      );
      const length = (name: IntervalName) => mean(name, (lower, upper) => upper - lower);
      return {
        ...{ population, machines, sampleSize, rule, coordinate, repetitions: good.length },
        failed: own.length - good.length,
        ...{ asymptotic, percentile, bootstrap: bootstrapped },
        length: sixDigits(length('bootstrap') / length('asymptotic')),
      };
    });
  });
}

/** The intervals of a repetition, and the truth with its components in the order of the estimate's. */
function comparedWith(truth: Mixture<unknown>, found: CoverageRepetition, level: number) {
  const { family, order, dimension } = truth;
  const estimate = mixtureFromVector(found.estimate ?? [], { family, order, dimension });
  return { ...intervalsBy(found, level), expected: mixtureToVector(inOrderOf(estimate, truth)) };
}
