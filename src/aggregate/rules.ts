import type { Distance } from '../distance/distance';
import { distanceSteps } from '../distance/distance';
import type { DistanceMatrix } from '../distance/distance-matrix';
import { InvalidInput } from '../errors';
import type { Table } from '../math/table';
import { type ConditionalEstimate, type ConditionalModel, isConditional, onCovariates } from '../mixture/conditional';
import { type Estimate, mixtureOf } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { type RegisterOptions, registryOf } from '../registry/registry';
import { performed, type WorkOptions } from '../work/work';
import { type CandidateOptions, candidatesNote } from './candidates';
import { type Coat, coatSteps } from './coat';
import { componentsSteps } from './components';
import { dfmrSteps } from './dfmr';
import { missingCellsOf, mixturesOf } from './estimates';
import { type OfModel, ofModel } from './of-model';
import { honestOf } from './oracle';
import { type ReduceOptions, reduceSteps } from './reduce';
import { type Aggregated, applyRule, type Rule, type RuleInput } from './rule';
import { trimSteps } from './trim';

// Every aggregation rule by its name. A new one is a file beside this and a line here, or `registerRule` in a cell or a module.

/** DFMR with the inflation factor ρ. */
const dfmrRule = (inflationFactor = 1.3): Rule => ({
  name: `dfmr(${inflationFactor})`,
  title: `DFMR(${inflationFactor})`,
  colour: inflationFactor === 1 ? '#56B4E9' : '#0072B2',
  async aggregate(mixtures, { sampleSizes, start, from, centre, signal, onProgress }) {
    const options = { sampleSizes, start, from, inflationFactor, centre: await centre() };
    return performed(dfmrSteps(mixtures, options), { signal, onProgress });
  },
});

/** The centre of attention alone. */
const coatRule: Rule = {
  name: 'coat',
  title: 'COAT',
  colour: '#E69F00',
  filters: false,
  async aggregate(mixtures, { centre, sampleSizes }) {
    const { index, mixture, candidates } = await centre();
    const notes = candidates && [candidatesNote(candidates, mixtures.length)];
    return { mixture, kept: [index], sampleSize: sampleSizes?.[index], notes };
  },
};

/** Where a reduction starts, at the start given or at the COAT by the distance that was chosen, and what to know of it. */
async function startOf<P>({ start: given, centre }: RuleInput<P>): Promise<{ start: Mixture<P>; notes: string[] }> {
  if (given) return { start: given, notes: [] };
  const coat = await centre();
  return {
    start: coat.mixture,
    notes: coat.candidates ? [candidatesNote(coat.candidates, coat.distances.length)] : [],
  };
}

/** Trimmed k-barycentres of half of the weight. */
const trimRule: Rule = {
  name: 'trim',
  title: 'Trim',
  colour: '#009E73',
  filters: false,
  async aggregate(mixtures, input) {
    const { sampleSizes, signal, onProgress } = input;
    const { start, notes } = await startOf(input);
    const trimmed = await performed(trimSteps(mixtures, { start, sampleSizes }), { signal, onProgress });
    return { ...trimmed, notes: [...notes, ...trimmed.notes] };
  },
};

/** The reduction of the machines `which`. */
async function reduction<P>(mixtures: readonly Mixture<P>[], which: Int32Array, input: RuleInput<P>) {
  const { sampleSizes, from, signal, onProgress } = input;
  const options: ReduceOptions<P> = { sampleSizes, from };
  const { start, notes } = from === 'every' ? { start: input.start, notes: [] } : await startOf(input);
  const reduced = await performed(reduceSteps(mixtures, which, { ...options, start }), { signal, onProgress });
  return { ...reduced, notes: [...notes, ...reduced.notes], kept: which };
}

const vanillaRule: Rule = {
  name: 'vanilla',
  title: 'Vanilla',
  colour: '#D55E00',
  filters: false,
  aggregate: (mixtures, input) => reduction(mixtures, Int32Array.from(mixtures.keys()), input),
};

const oracleRule: Rule = {
  name: 'oracle',
  title: 'Oracle',
  colour: '#333333',
  filters: false,
  aggregate(mixtures, input) {
    if (input.failed === undefined)
      throw new InvalidInput(
        'the oracle needs `failed`, the machines that failed, which only simulations know: choose another rule',
      );
    return reduction(mixtures, honestOf(mixtures.length, input.failed), input);
  },
};

/** By components: the strongest there is. */
const componentsRule: Rule = {
  name: 'components',
  title: 'Components',
  colour: '#CC79A7',
  aggregate: (mixtures, { sampleSizes, seed, signal, onProgress }) =>
    performed(componentsSteps(mixtures, { sampleSizes, seed }), { signal, onProgress }),
};

const rules = registryOf<Rule>('rule', {
  components: componentsRule,
  dfmr: dfmrRule,
  coat: coatRule,
  trim: trimRule,
  vanilla: vanillaRule,
  oracle: oracleRule,
});

/**
 * The names of all rules; of those that take a number, with '(number)'.
 * @example
 * ruleNames().slice(0, 6); // ['components', 'dfmr(number)', 'coat', 'trim', 'vanilla', 'oracle']
 */
export const ruleNames: () => string[] = rules.names;

/** Whether there is a rule of the name. */
export const hasRule: (name: string) => boolean = rules.has;

/** Whether other threads find the rule by its name. */
export const isPortableRule: (name: string) => boolean = rules.isPortable;

/**
 * Registers your own rule, which then works by its name in `aggregate`, studies, commands and figures.
 * @param rule its name, and how it aggregates
 * @param options whether a rule of the same name is replaced
 * @throws InvalidInput if the name is taken
 * @example
 * registerRule({ name: 'first', aggregate: ([mixture]) => ({ mixture, kept: [0] }) });
 * (await aggregateBy(fits, { rule: 'first' })).kept; // [0]
 */
export function registerRule(rule: Rule, options?: RegisterOptions): void {
  rules.register(rule?.name, rule, options);
}

/**
 * The rule of a name, or the rule itself.
 * @throws InvalidInput if there is none of that name, naming all
 */
export function ruleOf(rule: string | Rule): Rule {
  return typeof rule === 'object' && rule !== null ? rule : rules.get(rule);
}

/** Options of `aggregateBy`: the rule, and what it may use. */
export interface AggregateByOptions<Parameter>
  extends WorkOptions,
    CandidateOptions,
    Pick<RuleInput<Parameter>, 'sampleSizes' | 'from' | 'failed'> {
  /** a name of the registry, or a rule */
  readonly rule: string | Rule;
  /**
   * a name of the registry, or a distance
   * @defaultValue 'l2'
   */
  readonly distance?: string | Distance;
  /**
   * the distances, if they are known
   * @defaultValue computed when a rule first asks for them
   */
  readonly distanceMatrix?: DistanceMatrix;
  /**
   * the mixture at which iterations start
   * @defaultValue the rule's own choice
   */
  readonly start?: Mixture<Parameter>;
}

/**
 * What one rule of the registry makes of mixtures of experts, on rows of covariates, which `options` hold.
 * @param models m mixtures of experts, or results that hold one, of one law and order with the same covariates and responses
 * @param options the rule, the covariates, and what else the rule needs
 * @returns what the rule answers, complete and checked, with a `model`
 * @throws as for mixtures
 */
export async function aggregateBy<Model extends ConditionalModel>(
  models: readonly ConditionalEstimate<Model>[],
  options: Omit<AggregateByOptions<unknown>, 'start'> & {
    /** S rows of covariates on which the models are compared; every row counts alike */
    readonly covariates: Table;
    /**
     * the model at which the rule starts, if it iterates
     * @defaultValue the rule's own
     */
    readonly start?: Model;
  },
): Promise<OfModel<Aggregated, Model>>;
/**
 * What one rule of the registry makes of the estimates. `aggregate` takes the strongest, and says what it decided.
 * @param estimates m mixtures, or results that hold one, of one family, dimension and order
 * @param options the rule, and what it needs
 * @returns what the rule answers, complete and checked
 * @throws InvalidInput if there is no such rule or distance, or the estimates cannot be aggregated; the signal's reason when it aborts
 * @example
 * const { mixture, kept } = await aggregateBy(fits, { rule: 'trim' });
 * kept.length; // 5
 * wasserstein1(mixture, truth); // 0.0268
 */
export async function aggregateBy<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  options: AggregateByOptions<Parameter>,
): Promise<Aggregated<Parameter>>;
export async function aggregateBy(
  given: readonly Estimate[] | readonly ConditionalEstimate[],
  {
    covariates,
    start,
    ...options
  }: AggregateByOptions<unknown> & {
    readonly covariates?: Table;
  },
): Promise<Aggregated | OfModel<Aggregated, ConditionalModel>> {
  if (!isConditional(given?.[0])) return applied(given as readonly Estimate[], { ...options, start });
  const all = onCovariates(start ? [...given, start] : given, covariates);
  const estimates = all.estimates.slice(0, given.length);
  const from = start && mixtureOf(all.estimates[given.length]);
  return ofModel(await applied(estimates, { ...options, start: from }), all.modelOf);
}

/** What the rule makes of mixtures. */
async function applied<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  { rule, distance = 'l2', distanceMatrix, candidates, seed, ...input }: AggregateByOptions<Parameter>,
): Promise<Aggregated<Parameter>> {
  const mixtures = mixturesOf(estimates);
  const work = { signal: input.signal, onProgress: input.onProgress };
  let known: Promise<DistanceMatrix> | undefined = distanceMatrix && Promise.resolve(distanceMatrix);
  const distances = () => {
    known ??= performed(distanceSteps(distance, mixtures), work);
    return known;
  };
  let attention: Promise<Coat<Parameter>> | undefined;
  const centreBy = async () => {
    const options = { distance, distanceMatrix: await known, candidates, seed };
    return performed(coatSteps(mixtures, options), work);
  };
  const centre = () => {
    attention ??= centreBy();
    return attention;
  };
  const sampleSizes = input.sampleSizes ?? ownSizes(estimates);
  const answer = await applyRule(ruleOf(rule), mixtures, {
    ...{ ...input, candidates, seed },
    ...{ sampleSizes, distances, centre },
  });
  return { ...answer, ...missingCellsOf(estimates, answer.kept) };
}

/** The sample sizes that the estimates have, if all have one. */
export function ownSizes(estimates: readonly Estimate[]): number[] | undefined {
  const sizes = estimates.map((estimate) => ('sampleSize' in estimate ? estimate.sampleSize : undefined));
  return sizes.every((size) => size !== undefined) ? sizes : undefined;
}
