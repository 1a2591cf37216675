import { aggregate } from '../aggregate/aggregate';
import { InvalidInput } from '../errors';
import type { FitOptions } from '../estimate/fit';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { described, requirePositiveInteger } from '../math/checks';
import { median } from '../math/quantile';
import type { Table } from '../math/table';
import { freeParameters } from '../mixture/free-parameters';
import type { Estimate } from '../mixture/given';
import { logDensity, responsibilities } from '../mixture/posterior';
import { fitAll } from './fit-all';

/** How an order is judged; less is better. */
export type Criterion = 'bic' | 'icl';

export interface ChooseOrderOptions<Parameter = GaussianParameter>
  extends Omit<FitOptions<Parameter>, 'order' | 'start'> {
  /** K, those that are tried; 1 to 9. One that cannot be fitted on some machine is left out, and told */
  readonly orders?: readonly number[];
  /**
   * 'bic', −2 ℓ + p log N, for the density; 'icl' adds twice the entropy of the classes, and so does not split what overlaps, for
   * clusters that are apart
   */
  readonly criterion?: Criterion;
  /** k-means++ starts; 10, so that an order is not judged by a poor maximum */
  readonly starts?: number;
  /** how many threads fit */
  readonly workers?: number;
  /** called after each fit */
  readonly onProgress?: (done: number, total: number) => void;
  /** ends the work, with the signal's reason */
  readonly signal?: AbortSignal;
}

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

/** A maximum is the best one if it is no farther below it than this, for each row. */
const SAME = 1e-4;

/**
 * Chooses the order K by an information criterion. The machines' estimates of each order are aggregated, and every machine judges
 * the aggregates by its own rows, −2 (N / n_i) ℓ_i + p log N, as if all rows were like these; the median of the machines decides, which
 * a minority cannot carry off. (By its own fit, a machine of few rows cannot pay for the components that all rows together
 * show.) It takes a second message to each machine, the aggregates, and one number for each back.
 * @param tables one for each machine; of one machine, a list of one, whose fits are judged as they are
 * @throws where there are no tables, or an option is invalid, and as `fit` and `aggregate` do for the least order
 */
export async function chooseOrder<Parameter = GaussianParameter>(
  tables: readonly Table[],
  {
    orders = [1, 2, 3, 4, 5, 6, 7, 8, 9],
    criterion = 'bic',
    starts = 10,
    onProgress,
    ...options
  }: ChooseOrderOptions<Parameter> = {},
): Promise<OrderChoice> {
  if (criterion !== 'bic' && criterion !== 'icl')
    throw new InvalidInput(`the criterion is ${described(criterion)}: it must be 'bic' or 'icl'`);
  if (!(Array.isArray(orders) && orders.length > 0))
    throw new InvalidInput(`orders is ${described(orders)}: a list is needed`);
  for (const order of orders) requirePositiveInteger('an order', order);
  if (!(Array.isArray(tables) && tables.length > 0))
    throw new InvalidInput(`tables is ${described(tables)}: a list of tables is needed, one for each machine`);
  const m = tables.length;
  const { signal } = options;
  const ascending = [...new Set(orders)].sort((a, b) => a - b);
  const judged: { readonly order: number; readonly criteria: readonly Criteria[]; readonly found: number }[] = [];
  const leftOut: string[] = [];
  for (const [at, order] of ascending.entries()) {
    try {
      const fits = await fitAll<Parameter>(tables, {
        ...options,
        order,
        starts,
        onProgress: (done) => onProgress?.(at * m + done, ascending.length * m),
      });
      const mixture = m === 1 ? fits[0] : aggregate(fits, { uncertainty: false, signal }).result;
      const N = fits.reduce((sum, { sampleSize }) => sum + sampleSize, 0);
      const found = fits.map(({ maxima, sampleSize }) => {
        const best = Math.max(...maxima);
        return maxima.filter((one) => best - one <= SAME * sampleSize).length;
      });
      judged.push({
        order,
        criteria: tables.map((table) => criteriaOf(mixture, table, N)),
        found: found.reduce((total, value) => total + value, 0) / m,
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (judged.length === 0) throw error; // else tables and options are good, but not for so many components
      leftOut.push(`K = ${order} is left out: ${(error as Error).message}.`);
    }
  }
  const [bic, icl] = (['bic', 'icl'] as const).map((name) =>
    judgement(judged.map(({ criteria }) => criteria.map((one) => one[name]))),
  );
  const { votes } = criterion === 'bic' ? bic : icl;
  const scores = judged.map(({ order, found }, at) => ({
    order,
    bic: bic.curve[at],
    icl: icl.curve[at],
    votes: votes[at],
    found,
  }));
  const best = scores.reduce((one, other) => (other[criterion] < one[criterion] ? other : one));
  return {
    order: best.order,
    criterion,
    scores,
    reasons: [...reasonsFor(best, scores, { criterion, m, starts }), ...leftOut],
  };
}

interface Criteria {
  readonly bic: number;
  readonly icl: number;
}

/** What a machine's rows say of the criteria of a mixture on N rows like them. */
function criteriaOf(mixture: Estimate, table: Table, N: number): Criteria {
  const logs = logDensity(mixture, table);
  const scale = N / logs.length;
  const bic = -2 * scale * logs.reduce((sum, log) => sum + log, 0) + freeParameters(mixture) * Math.log(N);
  const entropy = responsibilities(mixture, table).reduce((sum, r) => sum - (r > 0 ? r * Math.log(r) : 0), 0);
  return { bic, icl: bic + 2 * scale * entropy };
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
