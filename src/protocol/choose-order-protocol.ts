import { aggregate } from '../aggregate/aggregate';
import {
  DfmrError,
  type ErrorJSON,
  errorFromJSON,
  errorToJSON,
  InvalidInput,
  messageOf,
  NoCentre,
  withMessage,
} from '../errors';
import { type Fit, fitSteps } from '../estimate/fit';
import type { Family } from '../families/family';
import { described, requireOneOf, requirePositiveInteger } from '../math/checks';
import { median } from '../math/quantile';
import type { Samples } from '../math/table';
import { freeParameters } from '../mixture/free-parameters';
import { type MixtureJSON, mixtureFromJSON } from '../mixture/mixture';
import { logDensity, responsibilities } from '../mixture/posterior';
import type { WorkOptions } from '../work/work';
import { type FitJSON, fitFromJSON, fitToJSON } from './fit-json';
import { type FitAsk, optionsOf } from './one-shot';
import type { Protocol, Reply } from './protocol';

/** How an order is judged; less is better. */
export type Criterion = 'bic' | 'icl';

/** What one order achieves. */
export interface OrderScore {
  /** K */
  readonly order: number;
  /** BIC and ICL of the aggregate on all rows, the median of what machines' own rows say of them */
  readonly bic: number;
  readonly icl: number;
  /** on how many machines' rows the aggregate of this order has the least criterion */
  readonly votes: number;
  /** how many of the starts found the best maximum, on the average over the machines */
  readonly found: number;
}

export interface OrderChoice {
  /** the order of the least criterion */
  readonly order: number;
  readonly criterion: Criterion;
  readonly scores: readonly OrderScore[];
  /** what was chosen and why, in sentences, and what one should know of it */
  readonly reasons: readonly string[];
}

/** What the server wants to know. */
export interface OrderSetup {
  readonly orders: readonly number[];
  readonly criterion: Criterion;
  readonly fit: FitAsk;
}

/** First the fits of all orders, then what the rows say of the aggregates. */
export type OrderAsk =
  | { readonly orders: readonly number[]; readonly fit: FitAsk }
  | { readonly candidates: readonly Candidate[]; readonly fit: FitAsk };

interface Candidate {
  readonly order: number;
  readonly mixture: MixtureJSON;
}

export type OrderAnswer =
  | { readonly fits: readonly (FitJSON | { readonly error: ErrorJSON })[] }
  | { readonly judged: readonly Judgement[]; readonly rows: number };

/** What a machine's rows say of a mixture. */
interface Judgement {
  readonly logLikelihood: number;
  /** of the classes, −Σ_jk r_jk log r_jk */
  readonly entropy: number;
}

export interface OrderState {
  readonly setup: OrderSetup;
  /** of the second round */
  readonly tried?: readonly { readonly order: number; readonly found: number; readonly freeParameters: number }[];
  readonly leftOut?: readonly string[];
}

/** A maximum counts as the best one if it is no farther below it than this, in nats for each row. */
const MAXIMUM_TOLERANCE = 1e-4;

/** Two rounds: every machine fits every order; then it judges the aggregates by its own rows. See `chooseOrder`. */
export const chooseOrderProtocol: Protocol<OrderSetup, OrderAsk, OrderAnswer, OrderState, OrderChoice> = {
  name: 'choose-order',

  begin(setup) {
    const { orders, criterion, fit } = setup;
    requireOneOf('the criterion', criterion, ['bic', 'icl']);
    if (!(Array.isArray(orders) && orders.length > 0))
      throw new InvalidInput(`orders is ${described(orders)}: a list is needed`);
    for (const order of orders) requirePositiveInteger('an order', order);
    const ascending = [...new Set(orders)].sort((a, b) => a - b);
    return { ask: { orders: ascending, fit }, state: { setup: { ...setup, orders: ascending } } };
  },

  *answer(samples, ask) {
    if ('candidates' in ask) return judgementsOf(samples, ask.candidates, ownFamily(ask.fit));
    const fits: (FitJSON | { readonly error: ErrorJSON })[] = [];
    const options = optionsOf(ask.fit);
    for (const [at, order] of ask.orders.entries()) {
      yield { stage: 'fitting', done: at, total: ask.orders.length };
      try {
        fits.push(fitToJSON(yield* fitSteps(samples, { ...options, order })));
      } catch (error) {
        if (!(error instanceof DfmrError)) throw error;
        fits.push({ error: errorToJSON(error) });
      }
    }
    return { fits };
  },

  async next(state, replies, work) {
    if (replies.length === 0) throw new InvalidInput('tables is []: a list of tables is needed, one for each machine');
    const answered = replies.filter((reply) => 'answer' in reply);
    if (2 * answered.length <= replies.length)
      throw new NoCentre(
        `${replies.length - answered.length} of ${replies.length} machines did not answer: without more than half there is nothing to trust`,
      );
    return state.tried ? { done: choiceFrom(state, answered) } : candidatesFrom(state, answered, work);
  },
};

const ownFamily = ({ family }: Pick<FitAsk, 'family'>): Family<unknown> | undefined =>
  typeof family === 'object' ? (family as Family<unknown>) : undefined;

/** The second ask: the aggregate of each order that more than half of the machines could fit. */
async function candidatesFrom(
  { setup }: OrderState,
  replies: readonly Answered[],
  { signal }: WorkOptions,
): Promise<{ readonly ask: OrderAsk; readonly state: OrderState }> {
  const tried: NonNullable<OrderState['tried']>[number][] = [];
  const candidates: Candidate[] = [];
  const leftOut: string[] = [];
  for (const [at, order] of setup.orders.entries()) {
    try {
      const { fits, failures } = fitsOf(replies, at, setup.fit);
      if (2 * fits.length <= replies.length) throw failures[0];
      const { mixture } = fits.length === 1 ? fits[0] : (await aggregate(fits, { uncertainty: false, signal })).result;
      candidates.push({ order, mixture: mixture.toJSON() });
      tried.push({ order, found: averageFound(fits), freeParameters: freeParameters(mixture) });
      if (failures.length > 0)
        leftOut.push(`K = ${order} is judged without ${failures.length} of the machines: ${failures[0].message}.`);
    } catch (error) {
      if (!(error instanceof DfmrError && tried.length > 0)) throw error; // else tables and options are good, but not for this order
      leftOut.push(`K = ${order} is left out: ${error.message}.`);
    }
  }
  return { ask: { candidates, fit: setup.fit }, state: { setup, tried, leftOut } };
}

type Answered = Extract<Reply<OrderAnswer>, { readonly answer: OrderAnswer }>;

/** The machines' fits of one order, and why others have none; what they sent is trusted no more than a file. */
function fitsOf(
  replies: readonly Answered[],
  at: number,
  { family }: FitAsk,
): { fits: Fit<unknown>[]; failures: Error[] } {
  const own = ownFamily({ family });
  const fits: Fit<unknown>[] = [];
  const failures: Error[] = [];
  for (const { machine, answer } of replies) {
    const one = 'fits' in answer ? answer.fits?.[at] : undefined;
    try {
      if (one === undefined) throw new InvalidInput('it sent no fit of this order');
      if ('error' in one) throw errorFromJSON(one.error);
      fits.push(fitFromJSON(one, own));
    } catch (error) {
      failures.push(withMessage(error, `${machine}: ${messageOf(error)}`));
    }
  }
  return { fits, failures };
}

/** How many starts found the best maximum, on the average over machines. */
function averageFound(fits: readonly Fit<unknown>[]): number {
  const found = fits.map(({ maxima, sampleSize }) => {
    const best = Math.max(...maxima);
    return maxima.filter((one) => best - one <= MAXIMUM_TOLERANCE * sampleSize).length;
  });
  return found.reduce((total, value) => total + value, 0) / fits.length;
}

function judgementsOf(
  samples: Samples,
  candidates: readonly Candidate[],
  family: Family<unknown> | undefined,
): OrderAnswer {
  const judged = candidates.map(({ mixture: json }): Judgement => {
    const mixture = mixtureFromJSON(json, family as Family<unknown>);
    return {
      logLikelihood: logDensity(mixture, samples).reduce((sum, log) => sum + log, 0),
      entropy: responsibilities(mixture, samples).reduce((sum, r) => sum - (r > 0 ? r * Math.log(r) : 0), 0),
    };
  });
  return { judged, rows: samples.rows };
}

/** The order of the least criterion, by the median of the machines. */
function choiceFrom({ setup, tried = [], leftOut = [] }: OrderState, replies: readonly Answered[]): OrderChoice {
  const { criterion, fit } = setup;
  const machines = replies.flatMap(({ answer }) => ('judged' in answer ? [answer] : []));
  const N = machines.reduce((sum, { rows }) => sum + rows, 0);
  const criteria = tried.map(({ freeParameters: p }, at) =>
    machines.map(({ judged, rows }) => {
      const { logLikelihood, entropy } = judged[at];
      const bic = -2 * (N / rows) * logLikelihood + p * Math.log(N);
      return { bic, icl: bic + 2 * (N / rows) * entropy };
    }),
  );
  const [bic, icl] = (['bic', 'icl'] as const).map((name) =>
    judgement(criteria.map((of) => of.map((one) => one[name]))),
  );
  const { votes } = criterion === 'bic' ? bic : icl;
  const scores = tried.map(({ order, found }, at) => ({
    order,
    bic: bic.curve[at],
    icl: icl.curve[at],
    votes: votes[at],
    found,
  }));
  const best = scores.reduce((one, other) => (other[criterion] < one[criterion] ? other : one));
  const { starts = 1 } = fit;
  return {
    order: best.order,
    criterion,
    scores,
    reasons: [...reasonsFor(best, scores, { criterion, m: machines.length, starts }), ...leftOut],
  };
}

/**
 * What the machines say of a criterion together, values[order][machine]: how many have their least at each order, and medians.
 * Machines differ in level, by which of their rows are far out, more than orders do, so the medians are of what each says beyond
 * its value at the order of most votes. An order that more than half of the machines prefer has the least, whatever others say.
 */
function judgement(values: readonly (readonly number[])[]): { readonly votes: Int32Array; readonly curve: number[] } {
  const votes = new Int32Array(values.length);
  for (const i of values[0].keys()) {
    const own = values.map((of) => of[i]);
    votes[own.indexOf(Math.min(...own))]++;
  }
  const reference = values[votes.indexOf(Math.max(...votes))];
  const level = median(reference);
  return { votes, curve: values.map((of) => level + median(of.map((value, i) => value - reference[i]))) };
}

function reasonsFor(
  { order, votes, found }: OrderScore,
  scores: readonly OrderScore[],
  { criterion, m, starts }: { criterion: Criterion; m: number; starts: number },
): string[] {
  const name = criterion.toUpperCase();
  const tried = scores.map((score) => score.order);
  const most = tried[tried.length - 1];
  const range = most - tried[0] === tried.length - 1 ? `${tried[0]} to ${most}` : tried.join(', ');
  const chosen =
    tried.length === 1
      ? `K = ${order} is the only order that could be judged.`
      : m === 1
        ? `K = ${order} has the least ${name} of ${range}.`
        : `K = ${order}: its aggregate has the least ${name} of ${range}, by the median of ${m} machines; ${votes} of them prefer it.`;
  const atEnd = order === most && tried.length > 1 ? ['It is the largest that was tried: try more.'] : [];
  const split =
    m > 1 && votes <= m / 2
      ? ['No more than half of the machines prefer it: look at the curve before you take it.']
      : [];
  const luck =
    found < starts / 3
      ? [
          `The best maximum was found by ${Number(found.toFixed(1))} of ${starts} starts on average: more starts may find a better one.`,
        ]
      : [];
  return [chosen, ...atEnd, ...split, ...luck];
}
