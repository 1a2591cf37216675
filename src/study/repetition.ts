import { MOST_EXACT } from '../aggregate/candidates';
import { aggregateBy, ruleOf } from '../aggregate/rules';
import { adjustedRandIndex } from '../distance/adjusted-rand-index';
import { distanceMatrix } from '../distance/distance';
import { wasserstein1 } from '../distance/transport-divergence';
import { InvalidInput, messageOf, withMessage } from '../errors';
import { type Fit, type FitOptions, fit } from '../estimate/fit';
import type { Samples } from '../math/table';
import type { Estimate } from '../mixture/given';
import { type Mixture, mixtureToVector } from '../mixture/mixture';
import { classify, logDensity } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { type FailOptions, fail } from '../simulate/fail';
import { pause } from '../work/work';
import { type RoundsMethod, resultsOfRounds, roundsMethodOf } from './rounds-method';
import { MLE, rulesOf, type StudyDesign, truthOf } from './study-design';

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
  /** how many of the kept machines had failed */
  readonly keptFailed: readonly (number | null)[];
  /** nats for each machine by which the honest rows' log-likelihood is below that of their MLE; only if the design asks for it */
  readonly gap?: readonly number[];
}

type Found = {
  -readonly [Key in 'w1' | 'ari' | 'kept' | 'keptFailed']: (Repetition[Key][number] & (number | null))[];
} & {
  gap: number[];
};

/**
 * One repetition of a setting, by the design's seed alone: the truth, the data of each machine, its pMLE by EM, and each method on what
 * the machines send after each failure.
 * @throws the signal's reason when it aborts, and what a fit or a rule throws, with the place
 */
export async function repeat(
  design: StudyDesign,
  setting: number,
  repetition: number,
  signal?: AbortSignal,
): Promise<Repetition> {
  const { failures, fractions, methods, components, clusteredRows, gaps, seed } = design;
  const { machines } = design.settings[setting];
  const { truth, tables, fits } = await simulated(design, setting, repetition, signal);
  const result: Found = { w1: [], ari: [], kept: [], keptFailed: [], gap: [] };
  for (const m of machines) {
    const own = tables.slice(0, m);
    const clustering = clusteringOf(own, truth, clusteredRows);
    for (const kind of failures) {
      for (const fraction of fractions) {
        const failure = {
          kind,
          fraction,
          components,
          seed: `${seed}: repetition ${repetition}, ${m} machines, ${kind}`,
        };
        const { estimates, failed } = fail(fits.slice(0, m), failure);
        const wrong = new Set(failed);
        const honest = pooled(own.filter((_, i) => components !== undefined || !wrong.has(i)));
        const mle = gaps || methods.includes(MLE) ? mleOf(honest, truth) : undefined;
        const best = mle && logLikelihoodOf(mle, honest);
        const answers = await answersOf(design, { estimates, failed, failure, tables: own, mle, signal });
        const known = new Map<string, { w1: number; ari: number | undefined }>(); // the same mixture, the same errors
        for (const [at, method] of methods.entries()) {
          const { mixture, kept } = answers[at];
          const key = mixtureToVector(mixture).join();
          const found = known.get(key) ?? { w1: sixDigits(wasserstein1(mixture, truth)), ari: clustering?.(mixture) };
          known.set(key, found);
          if (!Number.isFinite(found.w1))
            throw new InvalidInput(`W₁ of ${method} is ${found.w1}, ${kind} failure of ${fraction}`);
          result.w1.push(found.w1);
          if (found.ari !== undefined) result.ari.push(sixDigits(found.ari));
          result.kept.push(kept ? kept.length : null);
          result.keptFailed.push(kept ? kept.filter((i) => wrong.has(i)).length : null);
          if (gaps && best !== undefined) result.gap.push(sixDigits((best - logLikelihoodOf(mixture, honest)) / m));
        }
      }
    }
  }
  const { gap, ...rest } = result;
  return { setting, repetition, ...rest, ...(gaps && { gap }) };
}

/** What the methods answer to what machines sent, in order, with the machines that those that filter kept. */
async function answersOf(
  { methods, distance }: StudyDesign,
  {
    estimates,
    failed,
    failure,
    tables,
    mle,
    signal,
  }: {
    readonly estimates: readonly Estimate<unknown>[];
    readonly failed: Int32Array;
    readonly failure: FailOptions;
    readonly tables: readonly Samples[];
    readonly mle: Mixture | undefined;
    readonly signal?: AbortSignal;
  },
): Promise<{ readonly mixture: Mixture; readonly kept?: Int32Array }[]> {
  const answers = new Array<{ readonly mixture: Mixture; readonly kept?: Int32Array }>(methods.length);
  const rules = rulesOf(methods);
  // of more machines, rules take the rows that they need
  const all = rules.length > 0 && estimates.length <= MOST_EXACT;
  const known = { distance, distanceMatrix: all ? await distanceMatrix(estimates, { distance, signal }) : undefined };
  for (const method of rules) {
    const rule = ruleOf(method);
    const { mixture, kept } = await aggregateBy(estimates, { rule, ...known, seed: failure.seed, failed, signal });
    answers[methods.indexOf(method)] = { mixture, ...((rule.filters ?? true) && { kept }) };
  }
  if (mle && methods.includes(MLE)) answers[methods.indexOf(MLE)] = { mixture: mle };
  const plans = new Map<string, string[]>();
  for (const method of methods) {
    const plan = roundsMethodOf(method)?.plan;
    if (plan !== undefined) plans.set(plan, [...(plans.get(plan) ?? []), method]);
  }
  if (plans.size === 0) return answers;
  const start = await aggregateBy(estimates, { rule: ruleOf('components'), seed: failure.seed, signal });
  for (const same of plans.values()) {
    const wanted = same.map((method) => roundsMethodOf(method) as RoundsMethod);
    const results = await resultsOfRounds(wanted, { tables, failure, start, signal });
    same.forEach((method, i) => {
      answers[methods.indexOf(method)] = results[i];
    });
  }
  return answers;
}

/** All rows in one table. */
function pooled(tables: readonly Samples[]): Samples {
  const [{ columns }] = tables;
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const data = new Float64Array(rows * columns);
  let at = 0;
  for (const table of tables) {
    data.set(table.data, at);
    at += table.data.length;
  }
  return { data, rows, columns };
}

/** The pMLE of all these rows, found so well that nothing is far above it. */
const mleOf = (rows: Samples, truth: Mixture): Mixture =>
  fit<unknown>(rows, { start: truth, penalty: 'published', tolerance: 1e-9, maxIterations: 3000 }).mixture;

const logLikelihoodOf = (mixture: Mixture, rows: Samples): number =>
  logDensity(mixture, rows).reduce((sum, log) => sum + log, 0);

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
      const known = { start: truth, penalty: 'published' } as const;
      fits.push(fit<unknown>(data, design.fits === 'k-means' ? clustered(truth, i) : known));
    } catch (error) {
      throw withMessage(error, `machine ${i}: ${messageOf(error)}`);
    }
  }
  return { truth, tables, fits };
}

/** The options of a fit of machine i that does not know the truth. */
const clustered = ({ family, order }: Mixture, seed: number): FitOptions<unknown> => ({
  family,
  order,
  penalty: 'published',
  initialisation: 'k-means++',
  starts: 3,
  accelerate: false,
  seed,
});

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
