import { coat } from '../aggregate/coat';
import { type Dfmr, dfmr } from '../aggregate/dfmr';
import { oracle } from '../aggregate/oracle';
import { reduce } from '../aggregate/reduce';
import { trim } from '../aggregate/trim';
import { adjustedRandIndex } from '../distance/adjusted-rand-index';
import type { DistanceMatrix } from '../distance/distance-matrix';
import { l2DistanceMatrix } from '../distance/l2';
import { wasserstein1 } from '../distance/transport-divergence';
import { InvalidInput } from '../errors';
import { type Fit, fit } from '../estimate/fit';
import type { FamilyName } from '../families/registry';
import type { Samples } from '../math/table';
import type { Mixture } from '../mixture/mixture';
import { classify } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { fail } from '../simulate/fail';
import { inflationFactorOf, type StudyDesign, truthOf } from './study-design';

/** What a repetition of a setting found: of each m, failure, fraction and method, in this order, the last fastest. */
export interface Repetition {
  readonly setting: number;
  readonly repetition: number;
  /** W₁ to the truth, to six digits */
  readonly w1: readonly number[];
  /** the ARI of the clusterings by the estimate and by the truth, to six digits; empty where none was asked */
  readonly ari: readonly number[];
  /** how many machines DFMR kept, and how many of these had failed; null for other methods */
  readonly kept: readonly (number | null)[];
  readonly keptFailed: readonly (number | null)[];
}

/**
 * One repetition of a setting, by the design's seed alone: the truth, the data of each machine, its pMLE by EM from the truth, and
 * each method on what the machines send after each failure.
 */
export function repeat(design: StudyDesign, setting: number, repetition: number): Repetition {
  const { failures, fractions, methods, clusteredRows, seed } = design;
  const { sampleSize, machines } = design.settings[setting];
  const truth = truthOf(design, setting, repetition);
  const tables = Array.from(
    { length: Math.max(...machines) },
    (_, i) => sample(truth, sampleSize, `${seed}: repetition ${repetition}, machine ${i}`).data,
  );
  const family = truth.family.name as FamilyName;
  const fits = tables.map((table, i): Fit<unknown> => {
    try {
      return fit(table, { family, start: truth });
    } catch (error) {
      throw new InvalidInput(`machine ${i}: ${(error as Error).message}`, { cause: error });
    }
  });
  const result = { setting, repetition, w1: [], ari: [], kept: [], keptFailed: [] } as {
    -readonly [Key in keyof Repetition]: Repetition[Key] extends number ? number : (number | null)[];
  };
  for (const m of machines) {
    const clustering = clusteringOf(tables.slice(0, m), truth, clusteredRows);
    for (const kind of failures) {
      for (const fraction of fractions) {
        const streams = `${seed}: repetition ${repetition}, ${m} machines, ${kind}`;
        const { estimates, failed } = fail(fits.slice(0, m), { kind, fraction, seed: streams });
        const distances = l2DistanceMatrix(estimates);
        const wrong = new Set(failed);
        const known = new Map<string, { w1: number; ari: number | undefined }>(); // the same machines kept, the same result
        for (const method of methods) {
          const { mixture, kept } = byMethod(method, estimates, failed, distances);
          const key = kept ? kept.join() : method;
          const found = known.get(key) ?? { w1: sixDigits(wasserstein1(mixture, truth)), ari: clustering?.(mixture) };
          known.set(key, found);
          if (!Number.isFinite(found.w1))
            throw new InvalidInput(`W₁ of ${method} is ${found.w1}, ${kind} failure of ${fraction}`);
          result.w1.push(found.w1);
          if (found.ari !== undefined) result.ari.push(sixDigits(found.ari));
          result.kept.push(kept?.length ?? null);
          result.keptFailed.push(kept?.filter((i) => wrong.has(i)).length ?? null);
        }
      }
    }
  }
  return result as Repetition;
}

/** As results are written to files: far finer than the error of any mean. */
export const sixDigits = (value: number): number => Number(value.toPrecision(6));

function byMethod(
  method: string,
  estimates: Parameters<typeof dfmr>[0],
  failed: Int32Array,
  distances: DistanceMatrix,
): Pick<Dfmr<unknown>, 'mixture'> & Partial<Pick<Dfmr<unknown>, 'kept'>> {
  const inflationFactor = inflationFactorOf(method);
  if (inflationFactor !== undefined) return dfmr(estimates, { inflationFactor, distances });
  const start = coat(estimates, { distances });
  if (method === 'COAT') return start;
  if (method === 'Oracle') return oracle(estimates, failed, { start });
  if (method === 'Trim') return trim(estimates, { start });
  return reduce(estimates, { start });
}

/** The ARI between the clusterings of some rows by a mixture and by the truth. */
function clusteringOf(
  tables: readonly Samples[],
  truth: Mixture<unknown>,
  rows = Number.POSITIVE_INFINITY,
): ((mixture: Mixture<unknown>) => number) | undefined {
  if (rows === 0) return undefined;
  const [{ rows: n }] = tables;
  const used = tables.slice(0, Math.ceil(rows / n));
  const labels = (mixture: Mixture<unknown>) => {
    const all = new Int32Array(used.length * n);
    for (const [i, table] of used.entries()) all.set(classify(mixture, table), i * n);
    return all.subarray(0, Math.min(rows, all.length));
  };
  const byTruth = labels(truth);
  return (mixture) => adjustedRandIndex(labels(mixture), byTruth);
}
