import { aggregateBy, ruleOf } from '../aggregate/rules';
import { adjustedRandIndex } from '../distance/adjusted-rand-index';
import { distanceMatrix } from '../distance/distance';
import { wasserstein1 } from '../distance/transport-divergence';
import { InvalidInput, messageOf, withMessage } from '../errors';
import { type Fit, fit } from '../estimate/fit';
import type { Samples } from '../math/table';
import { type Mixture, mixtureToVector } from '../mixture/mixture';
import { classify } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { fail } from '../simulate/fail';
import { pause } from '../work/work';
import { type StudyDesign, truthOf } from './study-design';

/** What a repetition of a setting found: of each m, failure, fraction and method, in this order, the last fastest. */
export interface Repetition {
  /** which of the design’s settings, from 0 */
  readonly setting: number;
  /** its number, from 0 */
  readonly repetition: number;
  /** W₁ to the truth, to six digits */
  readonly w1: readonly number[];
  /** the ARI of the clusterings by the estimate and by the truth, to six digits; empty if no rows are clustered */
  readonly ari: readonly number[];
  /** how many machines a rule that filters kept, and how many of these had failed; null for other rules */
  readonly kept: readonly (number | null)[];
  readonly keptFailed: readonly (number | null)[];
}

/**
 * One repetition of a setting, by the design's seed alone: the truth, the data of each machine, its pMLE by EM from the truth, and
 * each method on what the machines send after each failure.
 * @throws the signal's reason when it aborts, and what a fit or a rule throws, with the place
 */
export async function repeat(
  design: StudyDesign,
  setting: number,
  repetition: number,
  signal?: AbortSignal,
): Promise<Repetition> {
  const { failures, fractions, methods, distance, clusteredRows, seed } = design;
  const { machines } = design.settings[setting];
  const { truth, tables, fits } = await simulated(design, setting, repetition, signal);
  const result = { setting, repetition, w1: [], ari: [], kept: [], keptFailed: [] } as {
    -readonly [Key in keyof Repetition]: Repetition[Key] extends number ? number : (number | null)[];
  };
  for (const m of machines) {
    const clustering = clusteringOf(tables.slice(0, m), truth, clusteredRows);
    for (const kind of failures) {
      for (const fraction of fractions) {
        const streams = `${seed}: repetition ${repetition}, ${m} machines, ${kind}`;
        const { estimates, failed } = fail(fits.slice(0, m), { kind, fraction, seed: streams });
        const distances = await distanceMatrix(estimates, { distance, signal });
        const wrong = new Set(failed);
        const known = new Map<string, { w1: number; ari: number | undefined }>(); // the same mixture, the same errors
        for (const method of methods) {
          const rule = ruleOf(method);
          const { mixture, kept } = await aggregateBy(estimates, { rule, distanceMatrix: distances, failed, signal });
          const key = mixtureToVector(mixture).join();
          const found = known.get(key) ?? { w1: sixDigits(wasserstein1(mixture, truth)), ari: clustering?.(mixture) };
          known.set(key, found);
          if (!Number.isFinite(found.w1))
            throw new InvalidInput(`W₁ of ${method} is ${found.w1}, ${kind} failure of ${fraction}`);
          const counted = rule.filters ?? true;
          result.w1.push(found.w1);
          if (found.ari !== undefined) result.ari.push(sixDigits(found.ari));
          result.kept.push(counted ? kept.length : null);
          result.keptFailed.push(counted ? kept.filter((i) => wrong.has(i)).length : null);
        }
      }
    }
  }
  return result as Repetition;
}

/** The truth of a repetition, the data of each machine, and its fit. */
async function simulated(design: StudyDesign, setting: number, repetition: number, signal?: AbortSignal) {
  const { sampleSize, machines } = design.settings[setting];
  const truth = truthOf(design, setting, repetition);
  const tables: Samples[] = [];
  const fits: Fit<unknown>[] = [];
  for (let i = 0; i < Math.max(...machines); i++) {
    await pause(signal);
    const { data } = sample(truth, sampleSize, `${design.seed}: repetition ${repetition}, machine ${i}`);
    try {
      tables.push(data);
      fits.push(fit<unknown>(data, { start: truth, penalty: 'published' }));
    } catch (error) {
      throw withMessage(error, `machine ${i}: ${messageOf(error)}`);
    }
  }
  return { truth, tables, fits };
}

/** As results are written to files: far finer than the error of any mean. */
export const sixDigits = (value: number): number => Number(value.toPrecision(6));

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
