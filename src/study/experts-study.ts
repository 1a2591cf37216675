import path from 'node:path';
import type { Components } from '../aggregate/components';
import { aggregateBy, isPortableRule, ruleOf } from '../aggregate/rules';
import { InvalidInput, messageOf, withMessage } from '../errors';
import { expertsDistanceMatrix } from '../experts/aggregate-experts';
import { fitExperts } from '../experts/fit-experts';
import { type ExpertsModel, expertsModel, expertsOf } from '../experts/model';
import { sampleExperts } from '../experts/sample-experts';
import { described, requirePositiveInteger } from '../math/checks';
import { randomOrder } from '../math/random';
import type { Samples } from '../math/table';
import { expertsFailureNames } from '../simulate/experts-failures';
import { expertsPopulation } from '../simulate/experts-population';
import { fail } from '../simulate/fail';
import { pause } from '../work/work';
import { expertsErrorOf } from './experts-error';
import { pooledRows, rowsOfMachine, serverRows } from './experts-rows';
import type { ExpertsRepetition, ExpertsStudyDesign, ExpertsStudyRow } from './experts-setting';
import { runRepetitions, type StudyKind, type StudyOptions } from './repetitions';
import type { Results } from './results-file';

/** The method that has the rows of the honest machines. */
const MLE = 'MLE';

/** The failure that is none. */
export const NO_FAILURE = 'none';

export const expertsStudyKind: StudyKind<ExpertsStudyDesign, ExpertsRepetition> = {
  version: 'experts-1',
  checked: checkedExpertsDesign,
  isResult: ({ experts }, line) =>
    Number.isInteger(line?.setting) && line.setting < experts.length && Array.isArray(line.rows),
  repeat: repeatExperts,
  worker: path.join(__dirname, 'experts-study-worker'),
  isPortable: ({ methods }) => methods.every((method) => method === MLE || isPortableRule(method)),
  work: ({ experts }) => experts.map(({ sampleSize, machines }) => sampleSize * machines),
};

/**
 * Runs a study of mixtures of experts on all cores: the same results for any number of threads, and however often it was stopped.
 * @param design plain JSON
 * @param options how often, in which file, and on how many threads
 * @returns the design and all repetitions; `summariseExperts` makes means of them
 * @throws InvalidInput if the design is invalid, or not that of the file; the signal's reason when it aborts
 * @example
 * const design = {
 *   experts: [{ name: 'small', population: { order: 2, covariates: 1 }, sampleSize: 200, machines: 5 }],
 *   failures: [{ kind: 'signs', fraction: 0.4 }],
 *   methods: ['Oracle', 'DFMR(1.3)', 'Vanilla'],
 *   seed: 1,
 * };
 * const study = await runExpertsStudy(design, { repetitions: 1, workers: 1 });
 * study.repetitions[0].rows.map(({ method, error }) => [method, error]); // [['Oracle', 0.0206], ['DFMR(1.3)', 0.0206], ['Vanilla', 0.207]]
 */
export async function runExpertsStudy(
  design: ExpertsStudyDesign,
  options: StudyOptions,
): Promise<Results<ExpertsStudyDesign, ExpertsRepetition>> {
  return runRepetitions(design, expertsStudyKind, options);
}

function checkedExpertsDesign(design: ExpertsStudyDesign): ExpertsStudyDesign {
  const { experts, failures, methods, seed } = design ?? {};
  const list = (name: string, value: unknown) => {
    if (!(Array.isArray(value) && value.length > 0))
      throw new InvalidInput(`${name} is ${described(value)}: a list is needed`);
  };
  list('experts', experts);
  list('failures', failures);
  list('methods', methods);
  for (const { population, sampleSize, machines } of experts) {
    expertsPopulation({ ...population, seed: 1 });
    requirePositiveInteger('sampleSize', sampleSize);
    requirePositiveInteger('machines', machines);
  }
  for (const { kind, fraction } of failures) {
    if (kind !== NO_FAILURE && !expertsFailureNames().includes(kind))
      throw new InvalidInput(
        `a failure is ${described(kind)}: use ${[NO_FAILURE, ...expertsFailureNames()].join(', ')}`,
      );
    if (!(fraction >= 0 && fraction <= 1))
      throw new InvalidInput(`the fraction of ${kind} is ${described(fraction)}: it must be from 0 to 1`);
  }
  for (const method of methods) if (method !== MLE) ruleOf(method);
  if (!(Number.isFinite(seed) || typeof seed === 'string'))
    throw new InvalidInput(`the seed is ${described(seed)}: a number or a word is needed`);
  return design;
}

/** One repetition of a setting, by the design's seed alone. */
export async function repeatExperts(
  design: ExpertsStudyDesign,
  setting: number,
  repetition: number,
  signal?: AbortSignal,
): Promise<ExpertsRepetition> {
  const { failures, methods } = design;
  const own = design.experts[setting];
  const { machines: m, population, fits: from = 'truth' } = own;
  const seed = `${design.seed}: ${own.name}, repetition ${repetition}`;
  const truth = expertsPopulation({ ...population, seed });
  const tables: { readonly x: Samples; readonly y: Samples }[] = [];
  const fits: { readonly model: ExpertsModel; readonly sampleSize: number }[] = [];
  const labels: number[][] = []; // which expert of the start, the truth, each of a machine came from
  for (let i = 0; i < m; i++) {
    await pause(signal);
    const x = rowsOfMachine(own, i, seed);
    const y = sampleExperts(truth, x, `${seed}, machine ${i}`).data;
    tables.push({ x, y });
    try {
      const { model, sampleSize } = fitExperts(
        x,
        y,
        from === 'truth' ? { start: truth } : { order: truth.order, seed: i },
      );
      const order = Array.from(randomOrder(model.order, `${seed}, labels of machine ${i}`));
      labels.push(order);
      fits.push({ model: relabelled(model, order), sampleSize });
    } catch (error) {
      throw withMessage(error, `machine ${i}: ${messageOf(error)}`);
    }
  }
  const errorOf = expertsErrorOf(truth, seed);
  const rows: ExpertsStudyRow[] = [];
  for (const { kind, fraction } of failures) {
    await pause(signal);
    const none = { estimates: fits, failed: new Int32Array() };
    const { estimates, failed } = kind === NO_FAILURE ? none : fail(fits, { kind, fraction, seed: `${seed}, ${kind}` });
    const sent = estimates.map((one) => ({ model: expertsOf(one) as ExpertsModel, sampleSize: own.sampleSize }));
    const covariates = serverRows(own, tables, failed, seed);
    const distanceMatrix = expertsDistanceMatrix(sent, covariates);
    const changes = sent.map(({ model }, i) => changesOf(fits[i].model, model));
    const outvoted = isOutvoted(changes, from === 'truth' ? labels : []);
    for (const method of methods) {
      const honest = tables.filter((_, i) => !failed.includes(i));
      if (honest.length === 0 && (method === MLE || ruleOf(method).name === 'oracle')) continue;
      const head = { failure: kind, fraction, method, outvoted };
      if (method === MLE) {
        const { x, y } = pooledRows(honest);
        rows.push({ ...head, ...errorOf(fitExperts(x, y, { start: truth }).model), kept: null, wrong: null });
        continue;
      }
      const rule = ruleOf(method);
      const answer = await aggregateBy(sent, { rule, covariates, distanceMatrix, failed, signal });
      const filters = rule.filters ?? true;
      rows.push({
        ...head,
        ...errorOf(answer.model),
        kept: filters ? answer.kept.length : null,
        wrong: filters ? wronglyUsed(answer, changes) : null,
      });
    }
  }
  return { setting, repetition, rows };
}

/** The model with its experts in another order: machines do not know each other's. */
function relabelled({ gates, coefficients, variances }: ExpertsModel, order: readonly number[]): ExpertsModel {
  return expertsModel({
    gates: order.map((k) => gates[k]),
    coefficients: order.map((k) => coefficients[k]),
    variances: order.map((k) => variances[k]),
  });
}

/** What a machine sent otherwise than it was learned. */
interface Changes {
  /** of each expert */
  readonly experts: readonly boolean[];
  readonly gates: boolean;
}

function changesOf(before: ExpertsModel, after: ExpertsModel): Changes {
  const differ = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);
  return {
    experts: before.coefficients.map(
      (row, k) => differ(row, after.coefficients[k]) || before.variances[k] !== after.variances[k],
    ),
    gates: differ(before.gates, after.gates),
  };
}

/** Whether half of the machines or more changed the gates, or the same expert of the truth, as far as it is known which it is. */
function isOutvoted(changes: readonly Changes[], labels: readonly (readonly number[])[]): boolean {
  const half = changes.length / 2;
  const ofExpert = (k: number) => changes.filter(({ experts }, i) => experts[labels[i].indexOf(k)]).length;
  return changes.filter(({ gates }) => gates).length >= half || (labels[0] ?? []).some((k) => ofExpert(k) >= half);
}

/** Of how many machines something was used that is not as it was learned. */
function wronglyUsed(
  {
    kept,
    keptComponents,
    keptWeights,
    assignment,
  }: Pick<Components<unknown>, 'kept'> & Partial<Omit<Components<unknown>, 'mixture'>>,
  changes: readonly Changes[],
): number {
  return kept.filter((i) => {
    const { experts, gates } = changes[i];
    const K = experts.length;
    if (!(keptComponents && keptWeights && assignment)) return gates || experts.includes(true);
    const used = experts.map((_, k) => i * K + k).filter((at) => keptComponents[at] === 1);
    return (gates && keptWeights[i] === 1) || used.some((at) => experts[assignment[at]]);
  }).length;
}
