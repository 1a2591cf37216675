import { median, quantile } from '../../math/quantile';
import { sixDigits } from '../../study/repetition';
import type { Results } from '../../study/results-file';
import type { NistDesign, NistRepetition, NistRow } from './nist-study';

/** What the repetitions say of a method in one place. */
export interface NistSummaryRow extends Omit<NistRow, 'ari'> {
  /** R */
  readonly repetitions: number;
  /** the median of the ARI, and its quartiles */
  readonly ari: number;
  /** a quarter of the repetitions is below */
  readonly lowerQuartile: number;
  /** three quarters of the repetitions are below */
  readonly upperQuartile: number;
}

/**
 * Summarises a study of the NIST digits over its repetitions: medians and quartiles of the ARI, means of the machines kept, medians of the
 * distances from the COAT.
 * @param results what `runNistStudy` returned
 * @returns a row for each setting and method
 * @example
 * import { nistDesign, runNistStudy, summariseNist } from 'dfmr/nist';
 * const small = {
 *   ...nistDesign,
 *   features: 'features',
 *   machines: 4,
 *   order: 3,
 *   sampleSizes: [50],
 *   test: 60,
 *   letters: 60,
 *   starts: 1,
 *   fractions: [0.3],
 *   smoothings: [0.5],
 *   inflationFactors: [1.3],
 * };
 * const rows = summariseNist(await runNistStudy(small, { repetitions: 1, workers: 1 }));
 * rows.find(({ method }) => method === 'COAT')?.ari; // 0.902
 */
export function summariseNist(results: Results<NistDesign, NistRepetition>): NistSummaryRow[] {
  const { repetitions } = results;
  const groups = new Map<string, NistRow[]>();
  for (const row of repetitions.flatMap(({ rows }) => rows)) {
    const key = JSON.stringify([row.sampleSize, row.fraction, row.distance, row.starts, row.method]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((rows) => {
    const numbers = (of: (row: NistRow) => number | null) => rows.map(of).filter((value) => value !== null);
    const ari = numbers((row) => row.ari);
    const mean = (values: number[]) =>
      values.length === 0 ? null : sixDigits(values.reduce((sum, value) => sum + value, 0) / values.length);
    const middle = (values: number[]) => (values.length === 0 ? null : sixDigits(median(values)));
    return {
      ...rows[0],
      repetitions: rows.length,
      ari: sixDigits(median(ari)),
      lowerQuartile: sixDigits(quantile(ari, 0.25)),
      upperQuartile: sixDigits(quantile(ari, 0.75)),
      kept: mean(numbers((row) => row.kept)),
      keptFailed: mean(numbers((row) => row.keptFailed)),
      farthestHonest: middle(numbers((row) => row.farthestHonest)),
      nearestFailed: middle(numbers((row) => row.nearestFailed)),
    };
  });
}
