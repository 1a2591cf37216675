import { type Aggregate, type AggregateOptions, aggregate } from '../aggregate/aggregate';
import { InvalidInput } from '../errors';
import type { Fit, FitOptions } from '../estimate/fit';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { requirePositiveInteger } from '../math/checks';
import { randomOrder } from '../math/random';
import { shortNumber } from '../math/short-number';
import { countOf, type Samples, type Table, takeRows, withWeights } from '../math/table';
import { withNoise } from '../mixture/mixture';
import { rangeOf } from '../mixture/noise';
import { classify } from '../mixture/posterior';
import { chooseOrder } from '../protocol/choose-order';
import type { Criterion, OrderChoice } from '../protocol/choose-order-protocol';
import { fitAll } from '../protocol/fit-all';

/** Options of `analyse`: those of `fit`, of `chooseOrder` and of `aggregate`. */
export interface AnalyseOptions<Parameter = GaussianParameter>
  extends Omit<AggregateOptions, 'sampleSizes' | 'names'>,
    Omit<FitOptions<Parameter>, 'order' | 'start'> {
  /**
   * m: the rows are split among this many machines at random
   * @defaultValue 10
   */
  readonly machines?: number;
  /**
   * K, the number of components
   * @defaultValue chosen by the machines' votes
   */
  readonly order?: number;
  /**
   * the orders to choose from
   * @defaultValue 1 to 9
   */
  readonly orders?: readonly number[];
  /**
   * the criterion by which the order is chosen
   * @defaultValue 'bic'
   */
  readonly criterion?: Criterion;
  /**
   * how many threads fit; 1 to stay in this one
   * @defaultValue one for each core
   */
  readonly workers?: number;
}

/** From a table to clusters, with all that was found on the way. */
export interface Analysis<Parameter> extends Aggregate<Parameter> {
  /** the rows, n × d */
  readonly samples: Samples;
  /** the machine of each row */
  readonly machineOf: Int32Array;
  /** the fit of each machine */
  readonly fits: readonly Fit<Parameter>[];
  /** how K was chosen; undefined if K was given */
  readonly choice?: OrderChoice;
  /** the most probable component of each row, −1 for noise */
  readonly clusters: Int32Array;
}

/**
 * Splits a table among machines, fits each, aggregates the estimates and clusters the rows; what is not given is chosen, and
 * reported in `decisions`. With `noise`, its box is the range of all rows. Progress has the stages 'choosing the order' and 'fitting', then those of `aggregate`.
 * @param table n × d
 * @param options how the table is split, fitted and aggregated; all have defaults
 * @returns the aggregate, the fits, the machine and the cluster of each row, and all decisions
 * @throws InvalidInput as `fit` and `aggregate` do, and if there are fewer rows than machines; the signal's reason when it aborts
 * @example
 * const { result, clusters, decisions } = await analyse(table, { machines: 4, order: 3 });
 * result.mixture.weights; // [0.385, 0.294, 0.321]
 * clusters.length; // 200: the component of each row
 */
export async function analyse<Parameter = GaussianParameter>(
  table: Table,
  options: AnalyseOptions<Parameter> = {},
): Promise<Analysis<Parameter>> {
  const {
    machines = 10,
    order,
    orders,
    criterion,
    rule,
    distance,
    smoothing,
    inflationFactor,
    uncertainty,
    rowWeights,
    ...fitting
  } = options;
  const { missing } = fitting;
  const samples = withWeights(table, rowWeights, missing);
  requirePositiveInteger('machines', machines);
  if (samples.rows < machines)
    throw new InvalidInput(`${samples.rows} rows cannot be split among ${machines} machines: take fewer`);
  const { seed = 1, signal, onProgress } = fitting;
  const shuffled = randomOrder(samples.rows, `${seed}: machines`);
  const machineOf = new Int32Array(samples.rows);
  shuffled.forEach((row, at) => {
    machineOf[row] = at % machines;
  });
  const tables = Array.from({ length: machines }, (_, i) =>
    takeRows(samples, shuffled.filter((__, at) => at % machines === i).sort()),
  );
  const choice =
    order === undefined ? await chooseOrder(tables, { ...fitting, ...(orders && { orders }), criterion }) : undefined;
  const fits = await fitAll<Parameter>(tables, { ...fitting, order: order ?? choice?.order });
  const choices = { rule, distance, smoothing, inflationFactor, uncertainty, seed, signal, onProgress };
  const whole = await aggregate(fits, choices);
  const { mixture } = whole.result; // whose noise is where half of the machines have rows
  const noise = mixture.noise && { ...mixture.noise, ...rangeOf(samples) };
  const result = noise ? { ...whole.result, mixture: withNoise(mixture, noise) } : whole.result;
  const counted = samples.weights ? `, which count as ${shortNumber(countOf(samples), 6)},` : '';
  const rows = `${samples.rows} rows${counted} were split at random among ${machines} machines.`;
  const gaps = gapsIn(fits);
  return {
    ...whole,
    result,
    decisions: [rows, ...gaps, ...(choice?.reasons ?? []), ...whole.decisions],
    samples,
    machineOf,
    fits,
    choice,
    clusters: classify(result, samples, { missing }),
  };
}

/** A sentence on the cells that were missing. */
function gapsIn(fits: readonly Pick<Fit<unknown>, 'missingCells' | 'emptyRows'>[]): string[] {
  const total = (what: 'missingCells' | 'emptyRows') => fits.reduce((sum, fit) => sum + (fit[what] ?? 0), 0);
  const [cells, emptyRows] = [total('missingCells'), total('emptyRows')];
  if (cells + emptyRows === 0) return [];
  const left =
    emptyRows > 0
      ? `; ${emptyRows} rows without an observed cell are in no fit, and in the cluster of the largest weight`
      : '';
  return [`${cells} cells are missing at random, as is assumed${left}.`];
}
