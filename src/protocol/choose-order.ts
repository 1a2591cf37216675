import type { GaussianParameter } from '../families/gaussian-parameter';
import type { Table } from '../math/table';
import type { Progress } from '../work/work';
import { type Criterion, chooseOrderProtocol, type OrderChoice } from './choose-order-protocol';
import { type FitAllOptions, runnerFor } from './fit-all';
import { askOf } from './one-shot';
import { converse, withWeightsOf } from './protocol';

/** Options of `chooseOrder`: those of `fitAll`, and which orders are judged by which criterion. */
export interface ChooseOrderOptions<Parameter = GaussianParameter>
  extends Omit<FitAllOptions<Parameter>, 'order' | 'start'> {
  /**
   * the orders K that are tried; one that half or more of the machines cannot fit is left out, which the reasons say
   * @defaultValue 1 to 9
   */
  readonly orders?: readonly number[];
  /**
   * 'bic', −2 ℓ + p log N, for the density; 'icl' adds twice the entropy of the classes and so does not split what overlaps, for
   * clusters that lie apart
   * @defaultValue 'bic'
   */
  readonly criterion?: Criterion;
  /**
   * how many starts each fit has, enough that an order is not judged by a poor maximum
   * @defaultValue 10
   */
  readonly starts?: number;
}

/**
 * Chooses the order K by an information criterion. The machines' estimates of each order are aggregated, and every machine judges
 * the aggregates by its own rows, −2 (N / n_i) ℓ_i + p log N, as if all rows were like these; the median of the machines decides, which
 * a minority cannot move far. (Judged by its own fit, a machine with few rows could not pay for the components that all rows
 * together show.) It takes two rounds: fits of all orders come back in the first, and one number for each aggregate in the second.
 * @param tables one for each machine; with a list of one, the machine's own fits are judged
 * @param options the orders that are tried, the criterion, and how each is fitted
 * @returns the order, the scores of all orders, and the reasons
 * @throws InvalidInput if there are no tables, or an option is invalid, and as `fit` and `aggregate` do for the least order; the
 *   signal's reason when it aborts
 * @example
 * const { order, reasons } = await chooseOrder(tables, { orders: [2, 3, 4], starts: 2 });
 * order; // 3
 * reasons[0].slice(0, 40); // 'K = 3: its aggregate has the least BIC o'
 */
export async function chooseOrder<Parameter = GaussianParameter>(
  tables: readonly Table[],
  options: ChooseOrderOptions<Parameter> = {},
): Promise<OrderChoice> {
  const {
    orders = [1, 2, 3, 4, 5, 6, 7, 8, 9],
    criterion = 'bic',
    starts = 10,
    workers,
    onProgress,
    signal,
    rowWeights,
    ...fitting
  } = options;
  const weighted = withWeightsOf(tables, rowWeights, fitting.missing);
  const fit = askOf({ ...fitting, starts }, weighted);
  const report = ({ done, total }: Progress) => onProgress?.({ stage: 'choosing the order', done, total });
  const setup = { orders, criterion, fit };
  return converse(chooseOrderProtocol, setup, runnerFor(weighted, fit, workers), { signal, onProgress: report });
}
