import { DfmrError, InvalidInput } from '../errors';
import { bicOf, iclOf } from '../estimate/criteria';
import { dfmrExpertsComponents, reduceExperts } from '../experts/aggregate-experts';
import { expertsPosterior } from '../experts/experts-density';
import type { ExpertsFit } from '../experts/fit-experts';
import { type AnyExperts, flatExperts, freeParametersOfExperts } from '../experts/model';
import { described, requirePositiveInteger } from '../math/checks';
import { countOf, type Samples, takeRows, toSamples, withWeights } from '../math/table';
import { averageLuck, judgement, type OrderChoice, reasonsFor } from './choose-order-protocol';
import { type ExpertsRows, type FitAllExpertsOptions, fitAllExperts } from './fit-all-experts';

/** Options of `chooseExpertsOrder`: those of `fitAllExperts`, and which orders are tried. */
export interface ChooseExpertsOrderOptions extends Omit<FitAllExpertsOptions, 'order' | 'start'> {
  /**
   * the orders K that are tried; one that a machine cannot fit is left out, which the reasons say
   * @defaultValue 1 to 6
   */
  readonly orders?: readonly number[];
}

/** Rows of covariates on which the machines' models are combined. */
const SHARED_ROWS = 200;

/**
 * Chooses the number of experts by BIC, as `chooseOrder` does for mixtures: the machines' models of each order are combined, on rows of
 * covariates of all of them, and every machine judges the combination by its own rows; the median decides. All machines' rows are here: machines
 * elsewhere are asked for a fit of each order.
 * @param machines the covariates and the responses of each; with a list of one, its own fits are judged
 * @param options the orders that are tried, and how each is fitted
 * @returns the order, the scores of all orders, and the reasons
 * @throws InvalidInput if there are no machines, or an option is invalid, and as `fitExperts` does for the least order; the signal's reason when
 *   it aborts
 * @example
 * const population = expertsModel({ gates: [[0, 1], [0, 0]], coefficients: [[0, 2], [1, -1]], variances: [0.1, 0.2] });
 * const x = Array.from({ length: 100 }, (_, j) => j / 25 - 2);
 * const machines = ['a', 'b', 'c'].map((seed) => ({ x, y: sampleExperts(population, x, seed).data }));
 * const { order } = await chooseExpertsOrder(machines, { orders: [1, 2, 3], starts: 1, workers: 1 });
 * order; // 2
 */
export async function chooseExpertsOrder(
  machines: readonly ExpertsRows[],
  options: ChooseExpertsOrderOptions = {},
): Promise<OrderChoice> {
  const { orders = [1, 2, 3, 4, 5, 6], starts = 10, onProgress, signal, ...fitting } = options;
  if (!(Array.isArray(orders) && orders.length > 0))
    throw new InvalidInput(`orders is ${described(orders)}: a list is needed`);
  for (const order of orders) requirePositiveInteger('an order', order);
  const ascending = [...new Set(orders)].sort((a, b) => a - b);
  const tried: Tried[] = [];
  const leftOut: string[] = [];
  for (const [at, order] of ascending.entries()) {
    try {
      const progress = (done: number, total: number) =>
        onProgress?.({ stage: 'choosing the order', done: at * total + done, total: ascending.length * total });
      const fits = await fitAllExperts<AnyExperts>(machines, {
        ...fitting,
        ...{ order, starts, signal, onProgress: ({ done, total }) => progress(done, total) },
      });
      tried.push({ order, ...averageLuck(fits, { starts }), ...judged(fits, machines, fitting) });
    } catch (error) {
      if (!(error instanceof DfmrError && tried.length > 0)) throw error; // else tables and options are good, but not for this order
      leftOut.push(`K = ${order} is left out: ${error.message}.`);
    }
  }
  const [bic, icl] = (['bic', 'icl'] as const).map((name) => judgement(tried.map((one) => one[name])));
  const scores = tried.map(({ order, found, runs, maxima }, at) => ({
    ...{ order, found, runs, maxima, votes: bic.votes[at] },
    ...{ bic: bic.curve[at], icl: icl.curve[at] },
  }));
  const best = scores.reduce((one, other) => (other.bic < one.bic ? other : one));
  const reasons = [...reasonsFor(best, scores, { criterion: 'bic', m: machines.length }), ...leftOut];
  return { order: best.order, criterion: 'bic', scores, reasons };
}

/** What one order achieves: on each machine BIC and ICL of all rows, if they were like its own. */
interface Tried extends ReturnType<typeof averageLuck> {
  readonly order: number;
  readonly bic: number[];
  readonly icl: number[];
}

function judged(
  fits: readonly ExpertsFit<AnyExperts>[],
  machines: readonly ExpertsRows[],
  { missing }: Pick<FitAllExpertsOptions, 'missing'>,
): Pick<Tried, 'bic' | 'icl'> {
  const rows = machines.map(({ x, y, rowWeights }) =>
    completeRows(withWeights(x, rowWeights, missing && 'em'), toSamples(y, missing && 'em')),
  );
  const model = combined(
    fits,
    rows.map(({ x }) => x),
  );
  const p = freeParametersOfExperts(model);
  const flat = flatExperts(model);
  const N = rows.reduce((sum, { x }) => sum + countOf(x), 0);
  const all = rows.map(({ x, y }) => {
    const { responsibilities, logs } = expertsPosterior(flat, x, y);
    const count = (j: number) => x.weights?.[j] ?? 1;
    const logLikelihood = logs.reduce((sum, log, j) => sum + count(j) * log, 0);
    const entropy = responsibilities.reduce(
      (sum, r, i) => sum - (r > 0 ? count(Math.floor(i / flat.order)) * r * Math.log(r) : 0),
      0,
    );
    const scale = N / countOf(x);
    const bic = bicOf(scale * logLikelihood, p, N);
    return { bic, icl: iclOf(bic, scale * entropy) };
  });
  return { bic: all.map((one) => one.bic), icl: all.map((one) => one.icl) };
}

/** Rows without gaps. */
function completeRows(x: Samples, y: Samples): { readonly x: Samples; readonly y: Samples } {
  const whole = (samples: Samples, j: number) =>
    !samples.data.subarray(j * samples.columns, (j + 1) * samples.columns).some(Number.isNaN);
  const places = Int32Array.from({ length: x.rows }, (_, j) => j).filter((j) => whole(x, j) && whole(y, j));
  return places.length === x.rows ? { x, y } : { x: takeRows(x, places), y: takeRows(y, places) };
}

/** The machines' models as one, on some rows of each. */
function combined(fits: readonly ExpertsFit<AnyExperts>[], all: readonly Samples[]): AnyExperts {
  if (fits.length === 1) return fits[0].model;
  const each = Math.ceil(SHARED_ROWS / all.length);
  const shared = all.flatMap((x) => {
    const step = Math.max(1, x.rows / each);
    const places = Array.from({ length: Math.min(each, x.rows) }, (_, i) => Math.floor(i * step));
    return places.map((j) => [...x.data.subarray(j * x.columns, (j + 1) * x.columns)]);
  });
  if (fits.length === 2) return reduceExperts<AnyExperts>(fits, shared).model; // two cannot outvote each other
  return dfmrExpertsComponents<AnyExperts>(fits, shared).model;
}
