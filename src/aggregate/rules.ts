import type { Distance } from '../distance/distance';
import { distanceSteps } from '../distance/distance';
import type { DistanceMatrix } from '../distance/distance-matrix';
import { InvalidInput } from '../errors';
import type { Estimate } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { type RegisterOptions, registryOf } from '../registry/registry';
import { performed, type WorkOptions } from '../work/work';
import { centreOf } from './coat';
import { componentsSteps } from './components';
import { dfmrSteps } from './dfmr';
import { missingCellsOf, mixturesOf } from './estimates';
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
  async aggregate(mixtures, { distances, signal, onProgress, failed: _, ...options }) {
    const distanceMatrix = await distances();
    return performed(dfmrSteps(mixtures, { ...options, inflationFactor, distanceMatrix }), { signal, onProgress });
  },
});

/** The centre of attention alone. */
const coatRule: Rule = {
  name: 'coat',
  title: 'COAT',
  colour: '#E69F00',
  filters: false,
  async aggregate(mixtures, { distances, sampleSizes }) {
    const { index, mixture } = centreOf(mixtures, await distances());
    return { mixture, kept: [index], sampleSize: sampleSizes?.[index] };
  },
};

/** Where a reduction starts: at the start given, or at the COAT by the distance that was chosen. */
async function startOf<P>(mixtures: readonly Mixture<P>[], { start, distances }: RuleInput<P>): Promise<Mixture<P>> {
  return start ?? centreOf(mixtures, await distances()).mixture;
}

/** Trimmed k-barycentres of half of the weight. */
const trimRule: Rule = {
  name: 'trim',
  title: 'Trim',
  colour: '#009E73',
  filters: false,
  async aggregate(mixtures, input) {
    const { sampleSizes, signal, onProgress } = input;
    const start = await startOf(mixtures, input);
    return performed(trimSteps(mixtures, { start, sampleSizes }), { signal, onProgress });
  },
};

/** The reduction of the machines `which`. */
async function reduction<P>(mixtures: readonly Mixture<P>[], which: Int32Array, input: RuleInput<P>) {
  const { sampleSizes, from, signal, onProgress } = input;
  const options: ReduceOptions<P> = { sampleSizes, from };
  const start = from === 'every' ? input.start : await startOf(mixtures, input);
  return {
    ...(await performed(reduceSteps(mixtures, which, { ...options, start }), { signal, onProgress })),
    kept: which,
  };
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
  aggregate: (mixtures, { sampleSizes, signal, onProgress }) =>
    performed(componentsSteps(mixtures, { sampleSizes }), { signal, onProgress }),
};

const rules = registryOf<Rule>('rule', {
  components: componentsRule,
  dfmr: dfmrRule,
  coat: coatRule,
  trim: trimRule,
  vanilla: vanillaRule,
  oracle: oracleRule,
});

/** The names of all rules; of those that take a number, with '(number)'. */
export const ruleNames: () => string[] = rules.names;

/** Whether there is a rule of the name. */
export const hasRule: (name: string) => boolean = rules.has;

/** Whether other threads find the rule by its name. */
export const isPortableRule: (name: string) => boolean = rules.isPortable;

/**
 * Registers your own rule, which then works by its name in `aggregate`, studies, commands and figures.
 * @param rule its name, and how it aggregates
 * @throws InvalidInput if the name is taken
 * @example
 * registerRule({ name: 'first', aggregate: ([mixture]) => ({ mixture, kept: [0] }) });
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
 * What one rule of the registry makes of the estimates. `aggregate` takes the strongest, and says what it decided.
 * @param estimates m mixtures, or results that hold one, of one family, dimension and order
 * @returns what the rule answers, complete and checked
 * @throws InvalidInput if there is no such rule or distance, or the estimates cannot be aggregated; the signal's reason when it aborts
 * @example
 * const { mixture, kept } = await aggregateBy(fits, { rule: 'trim' });
 */
export async function aggregateBy<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  { rule, distance = 'l2', distanceMatrix, ...input }: AggregateByOptions<Parameter>,
): Promise<Aggregated<Parameter>> {
  const mixtures = mixturesOf(estimates);
  const { signal, onProgress } = input;
  let known: Promise<DistanceMatrix> | undefined = distanceMatrix && Promise.resolve(distanceMatrix);
  const distances = () => {
    known ??= performed(distanceSteps(distance, mixtures), { signal, onProgress });
    return known;
  };
  const sampleSizes = input.sampleSizes ?? ownSizes(estimates);
  const answer = await applyRule(ruleOf(rule), mixtures, { ...input, sampleSizes, distances });
  return { ...answer, ...missingCellsOf(estimates, answer.kept) };
}

/** The sample sizes that the estimates have, if all have one. */
function ownSizes(estimates: readonly Estimate[]): number[] | undefined {
  const sizes = estimates.map((estimate) => ('sampleSize' in estimate ? estimate.sampleSize : undefined));
  return sizes.every((size) => size !== undefined) ? sizes : undefined;
}
