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
import { bicOf, classEntropy, iclOf } from '../estimate/criteria';
import { type Fit, fitSteps } from '../estimate/fit';
import { rowsToFit } from '../estimate/missing-rows';
import { FINALISTS } from '../estimate/search';
import { familyOf } from '../families/families-registry';
import type { Family } from '../families/family';
import { described, requireOneOf, requirePositiveInteger } from '../math/checks';
import { missingIn } from '../math/missing-cells';
import { lowerMedian, median } from '../math/quantile';
import { countOf, type Samples } from '../math/table';
import { printable } from '../messages/untrusted';
import { freeParameters } from '../mixture/free-parameters';
import { type MixtureJSON, mixtureFromJSON, withNoise } from '../mixture/mixture';
import { rangeOf } from '../mixture/noise';
import { logDensity } from '../mixture/posterior';
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
  /** BIC and twice the entropy of the classes */
  readonly icl: number;
  /** on the rows of how many machines the aggregate of this order has the least criterion */
  readonly votes: number;
  /** how many runs of EM, which began at different places and went on to their end, found the best maximum, on the average over the machines */
  readonly found: number;
  /** of how many, and at how many different maxima they ended, on the average over the machines */
  readonly runs: number;
  /** at how many different maxima the runs ended */
  readonly maxima: number;
}

/** The order that was chosen, and why. */
export interface OrderChoice {
  /** the order of the least criterion */
  readonly order: number;
  /** by which it was chosen */
  readonly criterion: Criterion;
  /** of each order that could be judged, ascending */
  readonly scores: readonly OrderScore[];
  /** what was chosen and why, in sentences, and what one should know of it */
  readonly reasons: readonly string[];
}

/** What the server asks for. */
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
  readonly tried?: readonly (Luck & { readonly order: number; readonly freeParameters: number })[];
  readonly leftOut?: readonly string[];
}

/** Of one order, what says whether the best maximum was found by luck. */
type Luck = Pick<OrderScore, 'found' | 'runs' | 'maxima'>;

/** Maxima that are no farther apart than this, in nats for each row, are the same. */
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

  *answer(given, ask) {
    const { samples } = rowsToFit(given, missingIn(given).missing);
    if ('candidates' in ask) return judgementsOf(samples, ask.candidates, ownFamily(ask.fit));
    const fits: (FitJSON | { readonly error: ErrorJSON })[] = [];
    const options = optionsOf(ask.fit, samples);
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
    return state.tried ? { done: choiceFrom(state, replies) } : candidatesFrom(state, replies, work);
  },
};

const ownFamily = ({ family }: Pick<FitAsk, 'family'>): Family<unknown> | undefined =>
  typeof family === 'object' ? (family as Family<unknown>) : undefined;

/** The second ask: the aggregate of each order that more than half of the machines could fit. */
async function candidatesFrom(
  { setup }: OrderState,
  replies: readonly Reply<OrderAnswer>[],
  { signal }: WorkOptions,
): Promise<{ readonly ask: OrderAsk; readonly state: OrderState }> {
  const tried: NonNullable<OrderState['tried']>[number][] = [];
  const candidates: Candidate[] = [];
  const { read, leftOut } = trusted(replies, (answer) => fitsOf(answer, setup));
  const { dimension } = commonDimension(read.flatMap(({ value }) => value));
  for (const [at, order] of setup.orders.entries()) {
    try {
      const { fits, failures } = ofOrder(read, at, dimension);
      if (2 * fits.length <= replies.length) throw failures[0];
      const { mixture } = fits.length === 1 ? fits[0] : (await aggregate(fits, { uncertainty: false, signal })).result;
      candidates.push({ order, mixture: mixture.toJSON() });
      tried.push({ order, ...averageLuck(fits, setup.fit), freeParameters: freeParameters(mixture) });
      if (failures.length > 0)
        leftOut.push(`K = ${order} is judged without ${failures.length} of the machines: ${failures[0].message}.`);
    } catch (error) {
      if (!(error instanceof DfmrError && tried.length > 0)) throw error; // else tables and options are good, but not for this order
      leftOut.push(`K = ${order} is left out: ${error.message}.`);
    }
  }
  return { ask: { candidates, fit: setup.fit }, state: { setup, tried, leftOut } };
}

interface Read<Value> {
  readonly machine: string;
  readonly value: Value;
}

/**
 * What the replies say, without those that are silent or do not have the form of an answer, which are named: what machines send is
 * trusted no more than a file is.
 * @throws NoCentre if these are half or more
 */
function trusted<Value>(
  replies: readonly Reply<OrderAnswer>[],
  read: (answer: OrderAnswer) => Value,
): { readonly read: readonly Read<Value>[]; readonly leftOut: string[] } {
  const all: Read<Value>[] = [];
  const leftOut: string[] = [];
  for (const reply of replies) {
    try {
      if ('silent' in reply) throw reply.silent;
      all.push({ machine: reply.machine, value: read(reply.answer) });
    } catch (error) {
      leftOut.push(`${printable(reply.machine)} is not counted: ${printable(messageOf(error))}.`);
    }
  }
  if (2 * all.length <= replies.length)
    throw new NoCentre(
      `${leftOut.length} of ${replies.length} machines did not answer: without more than half there is nothing to trust. ${leftOut[0]}`,
    );
  return { read: all, leftOut };
}

/** A machine's fit of each order, or why it has none. */
function fitsOf(answer: OrderAnswer, { orders, fit }: OrderSetup): (Fit<unknown> | DfmrError)[] {
  const fits = (answer as { readonly fits?: unknown } | null)?.fits;
  if (!(Array.isArray(fits) && fits.length === orders.length))
    throw new InvalidInput(`it sent no fits of ${orders.length} orders`);
  return orders.map((order, at) => {
    const one = fits[at] as FitJSON | { readonly error: ErrorJSON } | null;
    if (typeof one !== 'object' || one === null) throw new InvalidInput(`it sent no fit of order ${order}`);
    if ('error' in one) {
      if (typeof one.error?.message !== 'string') throw new InvalidInput(`it sent no fit of order ${order}`);
      const error = errorFromJSON(one.error);
      const message = printable(error.message);
      return error instanceof DfmrError ? (withMessage(error, message) as DfmrError) : new InvalidInput(message);
    }
    const read = fitFromJSON(one, ownFamily(fit));
    const { mixture, maxima, sampleSize } = read;
    const family = familyOf(fit.family as Family<unknown>);
    if (mixture.order !== order || mixture.family !== family)
      throw new InvalidInput(
        `it sent ${mixture.order} ${mixture.family.name} components for ${order} ${family.name} ones`,
      );
    requireRows(sampleSize);
    if (!(maxima.length > 0 && maxima.some(Number.isFinite) && !maxima.some(Number.isNaN)))
      throw new InvalidInput('its maxima are not numbers');
    return read;
  });
}

/** @throws InvalidInput if it is not a number of rows, which is not whole if rows count by weights */
function requireRows(rows: unknown): void {
  if (!(typeof rows === 'number' && rows > 0 && rows <= Number.MAX_SAFE_INTEGER))
    throw new InvalidInput(`it says that it has ${described(rows)} rows`);
}

/** d of more than half of the fits; undefined if there is none. */
function commonDimension(fits: readonly (Fit<unknown> | Error)[]): { readonly dimension?: number } {
  const all = fits.flatMap((one) => (one instanceof Error ? [] : [one.mixture.dimension]));
  return { dimension: all.find((one) => 2 * all.filter((other) => other === one).length > all.length) };
}

/** The machines' fits of one order, and why others have none. */
function ofOrder(
  read: readonly Read<readonly (Fit<unknown> | DfmrError)[]>[],
  at: number,
  dimension: number | undefined,
): { fits: Fit<unknown>[]; failures: Error[] } {
  const fits: Fit<unknown>[] = [];
  const failures: Error[] = [];
  for (const { machine, value } of read) {
    const one = value[at];
    if (one instanceof Error) failures.push(withMessage(one, `${machine}: ${one.message}`));
    else if (dimension !== undefined && one.mixture.dimension !== dimension)
      failures.push(new InvalidInput(`${machine}: its fit is ${one.mixture.dimension}-dimensional, not ${dimension}`));
    else fits.push(one);
  }
  return { fits, failures };
}

/** Claims of rows count for up to this times their median in N, which every criterion is scaled by: one liar could make it infinite. */
const SIZE_CAP = 3;

/**
 * How many runs found the best maximum, of how many, and how many maxima there were, on the average over machines; a machine that
 * tells of more runs than were asked for moves no average.
 */
export function averageLuck(
  fits: readonly Pick<Fit<unknown>, 'maxima' | 'sampleSize'>[],
  { starts = 1 }: Pick<FitAsk, 'starts'>,
): Luck {
  const most = Math.max(starts, FINALISTS + 1);
  const all = fits.map(({ maxima: told, sampleSize }): Luck => {
    const same = MAXIMUM_TOLERANCE * sampleSize;
    const maxima = told.toSorted().reverse().subarray(0, most);
    const found = maxima.filter((one) => maxima[0] - one <= same).length;
    return {
      found,
      runs: maxima.length,
      maxima: maxima.filter((one, i) => i === 0 || maxima[i - 1] - one > same).length,
    };
  });
  const mean = (name: keyof Luck) => all.reduce((sum, one) => sum + one[name], 0) / fits.length;
  return { found: mean('found'), runs: mean('runs'), maxima: mean('maxima') };
}

function judgementsOf(
  samples: Samples,
  candidates: readonly Candidate[],
  family: Family<unknown> | undefined,
): OrderAnswer {
  const { weights } = samples;
  const judged = candidates.map(({ mixture: json }): Judgement => {
    const sent = mixtureFromJSON(json, family as Family<unknown>);
    // noise lies where the rows do, as when it was fitted: those beyond the others' median would decide alone
    const mixture = withNoise(sent, sent.noise && { ...sent.noise, ...rangeOf(samples) });
    return {
      logLikelihood: logDensity(mixture, samples, missingIn(samples)).reduce(
        (sum, log, j) => sum + (weights?.[j] ?? 1) * log,
        0,
      ),
      entropy: classEntropy(mixture, samples),
    };
  });
  return { judged, rows: countOf(samples) };
}

/** What a machine's rows say of each candidate. */
function judgedOf(
  answer: OrderAnswer,
  candidates: number,
): { readonly judged: readonly Judgement[]; readonly rows: number } {
  const { judged, rows } = (answer ?? {}) as { readonly judged?: unknown; readonly rows?: unknown };
  const sound = (one: Partial<Judgement> | null) =>
    Number.isFinite(one?.logLikelihood) && (one?.entropy as number) >= 0 && Number.isFinite(one?.entropy);
  if (!(Array.isArray(judged) && judged.length === candidates && judged.every(sound)))
    throw new InvalidInput(`it did not judge ${candidates} mixtures`);
  requireRows(rows);
  return { judged, rows: rows as number };
}

/** The order of the least criterion, by the median of the machines. */
function choiceFrom(
  { setup, tried = [], leftOut = [] }: OrderState,
  replies: readonly Reply<OrderAnswer>[],
): OrderChoice {
  const { criterion } = setup;
  const { read, leftOut: unread } = trusted(replies, (answer) => judgedOf(answer, tried.length));
  const machines = read.map(({ value }) => value);
  const claims = machines.map(({ rows }) => rows);
  const most = SIZE_CAP * lowerMedian(claims);
  const N = claims.reduce((sum, rows) => sum + Math.min(rows, most), 0);
  const criteria = tried.map(({ freeParameters: p }, at) =>
    machines.map(({ judged, rows }) => {
      const { logLikelihood, entropy } = judged[at];
      const bic = bicOf((N / rows) * logLikelihood, p, N);
      return { bic, icl: iclOf(bic, (N / rows) * entropy) };
    }),
  );
  const [bic, icl] = (['bic', 'icl'] as const).map((name) =>
    judgement(criteria.map((of) => of.map((one) => one[name]))),
  );
  const { votes } = criterion === 'bic' ? bic : icl;
  const scores = tried.map(({ order, found, runs, maxima }, at) => ({
    order,
    bic: bic.curve[at],
    icl: icl.curve[at],
    votes: votes[at],
    ...{ found, runs, maxima },
  }));
  const best = scores.reduce((one, other) => (other[criterion] < one[criterion] ? other : one));
  return {
    order: best.order,
    criterion,
    scores,
    reasons: [...reasonsFor(best, scores, { criterion, m: machines.length }), ...leftOut, ...unread],
  };
}

/**
 * What the machines say of a criterion together, values[order][machine]: how many have their least at each order, and medians.
 * Machines differ in level, by which of their rows are far out, more than orders do, so the medians are of what each says beyond
 * its value at the order of most votes. An order that more than half of the machines prefer has the least, whatever others say.
 */
export function judgement(values: readonly (readonly number[])[]): {
  readonly votes: Int32Array;
  readonly curve: number[];
} {
  const votes = new Int32Array(values.length);
  for (const i of values[0].keys()) {
    const own = values.map((of) => of[i]);
    votes[own.indexOf(Math.min(...own))]++;
  }
  const reference = values[votes.indexOf(Math.max(...votes))];
  const level = median(reference);
  return { votes, curve: values.map((of) => level + median(of.map((value, i) => value - reference[i]))) };
}

/** An average as a sentence has it. */
const count = (average: number): string => `${Number(average.toFixed(1))}`;

/** Why the order was chosen, and what one should know of it, in sentences. */
export function reasonsFor(
  { order, votes, found, runs, maxima }: OrderScore,
  scores: readonly OrderScore[],
  { criterion, m }: { criterion: Criterion; m: number },
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
    found < runs / 2
      ? [
          `The best maximum was found by ${count(found)} of ${count(runs)} runs on average, which ended at ${count(maxima)} different maxima: more starts may find a better one.`,
        ]
      : [];
  return [chosen, ...atEnd, ...split, ...luck];
}
