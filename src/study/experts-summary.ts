import type { ExpertsRepetition, ExpertsStudyDesign, ExpertsStudyRow } from './experts-setting';
import { sixDigits } from './repetition';
import type { Results } from './results-file';

/** What a method achieved against a failure in one setting, on average over the repetitions. */
export interface ExpertsSummaryRow {
  /** the name of the setting */
  readonly setting: string;
  /** the name of the failure */
  readonly failure: string;
  /** α */
  readonly fraction: number;
  /** the rule, by its name */
  readonly method: string;
  /** R, without those that were outvoted */
  readonly repetitions: number;
  /** the mean L² of the conditional densities to the truth, and its standard error, which is null for one repetition */
  readonly error: number | null;
  /** the standard error of `error` */
  readonly errorError: number | null;
  /** the mean error over that of the oracle against the same failure; null if there is none, as where every machine fails */
  readonly toOracle: number | null;
  /** the mean error over that of the same method where nobody fails; null if that was not tried */
  readonly toNone: number | null;
  /** mean squared errors of the experts and of the gates */
  readonly expertError: number | null;
  /** the mean squared error of the gates' coefficients */
  readonly gateError: number | null;
  /** how many machines were kept, and of how many something wrong was used, on average; null for methods that do not filter */
  readonly kept: number | null;
  /** of how many failed machines something wrong was used, on average */
  readonly wrong: number | null;
  /** in how many repetitions more some part was wrong on half of the machines or more, which no rule can know, and the mean error in these */
  readonly outvoted: number;
  /** the mean error in the repetitions that were outvoted; null if there are none */
  readonly errorOutvoted: number | null;
}

/**
 * The means over the repetitions, a row for each setting, failure and method.
 * @param results of `runExpertsStudy`
 * @returns the rows, in the order of the design
 * @example
 * const design = {
 *   experts: [{ name: 'small', population: { order: 2, covariates: 1 }, sampleSize: 200, machines: 5 }],
 *   failures: [{ kind: 'signs', fraction: 0.4 }],
 *   methods: ['Oracle', 'Vanilla'],
 *   seed: 1,
 * };
 * const rows = summariseExperts(await runExpertsStudy(design, { repetitions: 2, workers: 1 }));
 * rows.map(({ method, toOracle }) => [method, toOracle]); // [['Oracle', 1], ['Vanilla', 8.97]]
 */
export function summariseExperts(results: Results<ExpertsStudyDesign, ExpertsRepetition>): ExpertsSummaryRow[] {
  const { design, repetitions } = results;
  return design.experts.flatMap(({ name }, setting) => {
    const own = repetitions.filter((one) => one.setting === setting).flatMap(({ rows }) => rows);
    const rowsOf = (failure: string, fraction: number, method: string, outvoted = false) =>
      own.filter(
        (row) =>
          row.failure === failure && row.fraction === fraction && row.method === method && row.outvoted === outvoted,
      );
    const errorOf = (failure: string, fraction: number, method: string) =>
      meanOf(rowsOf(failure, fraction, method), ({ error }) => error);
    return design.failures.flatMap(({ kind: failure, fraction }) =>
      design.methods.flatMap((method): ExpertsSummaryRow[] => {
        const rows = rowsOf(failure, fraction, method);
        const outvoted = rowsOf(failure, fraction, method, true);
        if (rows.length + outvoted.length === 0) return []; // a method without honest machines
        const error = meanOf(rows, (row) => row.error);
        const none = design.failures.find((one) => one.fraction === 0);
        const ratio = (to: number | null) => (to && error !== null ? sixDigits(error / to) : null);
        const oracle = design.methods.find((one) => one.toLowerCase() === 'oracle');
        const R = rows.length;
        const squares = rows.reduce((sum, row) => sum + (row.error - (error ?? 0)) ** 2, 0);
        return [
          {
            setting: name,
            ...{ failure, fraction, method, repetitions: R },
            error: rounded(error),
            errorError: R < 2 ? null : sixDigits(Math.sqrt(squares / (R - 1) / R)),
            toOracle: ratio(oracle === undefined ? null : errorOf(failure, fraction, oracle)),
            toNone: ratio(none === undefined ? null : errorOf(none.kind, none.fraction, method)),
            expertError: rounded(meanOf(rows, (row) => row.expertError)),
            gateError: rounded(meanOf(rows, (row) => row.gateError)),
            kept: rounded(meanOf(rows, (row) => row.kept)),
            wrong: rounded(meanOf(rows, (row) => row.wrong)),
            outvoted: outvoted.length,
            errorOutvoted: rounded(meanOf(outvoted, (row) => row.error)),
          },
        ];
      }),
    );
  });
}

const rounded = (value: number | null): number | null => (value === null ? null : sixDigits(value));

/** The mean; null if there are no rows, or one has no number. */
function meanOf(rows: readonly ExpertsStudyRow[], of: (row: ExpertsStudyRow) => number | null): number | null {
  const values = rows.map(of);
  if (values.length === 0 || values.includes(null)) return null;
  return (values as number[]).reduce((sum, value) => sum + value, 0) / values.length;
}
