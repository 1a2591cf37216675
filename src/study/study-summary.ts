import { sixDigits } from './repetition';
import { inflationFactorOf, type Population } from './study-design';
import type { Study } from './study-file';

/** What a method achieved in one setting, on average over the repetitions. */
export interface SummaryRow {
  /** of the population */
  readonly family: string;
  /** MaxOmega or BarOmega of the populations that MixSim drew; null for a given population */
  readonly overlap: number | null;
  /** m */
  readonly machines: number;
  /** n */
  readonly sampleSize: number;
  /** the name of the failure */
  readonly failure: string;
  /** α */
  readonly fraction: number;
  /** 'DFMR(best)' is, of each repetition, the inflation factor of the least W₁: nobody can know it */
  readonly method: string;
  /** R */
  readonly repetitions: number;
  /** the mean W₁ and its standard error, which is null for one repetition */
  readonly w1: number;
  /** the standard error of `w1` */
  readonly w1Error: number | null;
  /** the mean ARI and its standard error; null if no rows were clustered */
  readonly ari: number | null;
  /** the standard error of `ari` */
  readonly ariError: number | null;
  /** how many machines a rule that filters kept, and how many of these had failed, on average */
  readonly kept: number | null;
  /** how many of the kept machines had failed, on average */
  readonly keptFailed: number | null;
  /** nats for each machine below the MLE of the honest rows, and its standard error; only if the design asks for it */
  readonly gap?: number | null;
  /** the standard error of `gap` */
  readonly gapError?: number | null;
}

/**
 * The means and standard errors over the repetitions, a row for each setting, m, failure, α and method.
 * @param study of `runStudy`, `readStudy` or `mergeStudy`
 * @returns the rows, in the order of the design
 * @example
 * const design = {
 *   settings: [{ population: truth.toJSON(), sampleSize: 200, machines: [6] }],
 *   failures: ['mean'],
 *   fractions: [0.2],
 *   methods: ['COAT', 'Vanilla'],
 *   seed: 1,
 * };
 * const rows = summarise(await runStudy(design, { repetitions: 2, workers: 1 }));
 * rows.map(({ method, w1 }) => [method, w1]); // [['COAT', 0.0130], ['Vanilla', 56.6]]
 */
export function summarise(study: Study): SummaryRow[] {
  const { design, repetitions } = study;
  const { settings, failures, fractions, methods, gaps } = design;
  const dfmrs = methods.map((method, i) => (inflationFactorOf(method) === undefined ? -1 : i)).filter((i) => i >= 0);
  return settings.flatMap(({ population, sampleSize, machines }, setting) => {
    const own = repetitions.filter((one) => one.setting === setting);
    if (own.length === 0) return [];
    let at = 0;
    return machines.flatMap((m) =>
      failures.flatMap((failure) =>
        fractions.flatMap((fraction) => {
          const first = at;
          at += methods.length;
          const where = { ...populationOf(population), machines: m, sampleSize, failure, fraction };
          const summary = (
            method: string,
            of: (name: 'w1' | 'ari' | 'kept' | 'keptFailed' | 'gap') => (number | null)[],
          ): SummaryRow => {
            const [[w1, w1Error], [ari, ariError], [kept], [keptFailed], [gap, gapError]] = [
              meanAndError(of('w1')),
              meanAndError(of('ari')),
              meanAndError(of('kept')),
              meanAndError(of('keptFailed')),
              meanAndError(of('gap')),
            ];
            return {
              ...where,
              method,
              repetitions: own.length,
              w1: w1 as number,
              w1Error,
              ari,
              ariError,
              kept,
              keptFailed,
              ...(gaps && { gap, gapError }),
            };
          };
          const rows = methods.map((method, i) =>
            summary(method, (name) => own.map((one) => one[name]?.[first + i] ?? null)),
          );
          if (dfmrs.length < 2) return rows;
          const best = own.map(({ w1 }) => Math.min(...dfmrs.map((i) => w1[first + i])));
          return [...rows, summary('DFMR(best)', (name) => (name === 'w1' ? best : []))];
        }),
      ),
    );
  });
}

function populationOf(population: Population): Pick<SummaryRow, 'family' | 'overlap'> {
  if (!('kind' in population)) return { family: population.family, overlap: null };
  return { family: 'gaussian', overlap: population.maximumOverlap ?? population.meanOverlap ?? null };
}

/** The mean of the numbers and its standard error, null if there are too few, to six digits. */
function meanAndError(values: readonly (number | null)[]): [number | null, number | null] {
  if (values.length === 0 || values.includes(null)) return [null, null];
  const numbers = values as readonly number[];
  const n = numbers.length;
  const mean = numbers.reduce((sum, value) => sum + value, 0) / n;
  const variance = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  return [sixDigits(mean), n === 1 ? null : sixDigits(Math.sqrt(variance / n))];
}
