import { type Aggregate, type AggregateOptions, aggregate } from '../aggregate/aggregate';
import { InvalidInput } from '../errors';
import type { Fit, FitOptions } from '../estimate/fit';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { requirePositiveInteger } from '../math/checks';
import { randomOrder } from '../math/random';
import { type Samples, type Table, takeRows, toSamples } from '../math/table';
import { classify } from '../mixture/posterior';
import { type Criterion, chooseOrder, type OrderChoice } from '../protocol/choose-order';
import { fitAll } from '../protocol/fit-all';

export interface AnalyseOptions<Parameter = GaussianParameter>
  extends Omit<AggregateOptions, 'onProgress' | 'sampleSizes' | 'names'>,
    Omit<FitOptions<Parameter>, 'start'> {
  /** m: the rows go to so many machines at random; 10 */
  readonly machines?: number;
  /** K; chosen by the machines' votes, and told, if not given */
  readonly order?: number;
  /** the orders to choose from; 1 to 9 */
  readonly orders?: readonly number[];
  /** by which they are chosen; 'bic' */
  readonly criterion?: Criterion;
  /** how many threads fit */
  readonly workers?: number;
  /** called with what is being done, and how far it is */
  readonly onStage?: (stage: 'choosing the order' | 'fitting' | 'aggregating', done: number, total: number) => void;
}

/** From a table to clusters, with all that was found on the way. */
export interface Analysis<Parameter> extends Aggregate<Parameter> {
  readonly samples: Samples;
  /** the machine of each row */
  readonly machineOf: Int32Array;
  readonly fits: readonly Fit<Parameter>[];
  /** how K was chosen; undefined where it was given */
  readonly choice?: OrderChoice;
  /** the most probable component of each row */
  readonly clusters: Int32Array;
}

/**
 * Splits a table among machines, fits each, aggregates the estimates and clusters the rows; what is not given is chosen, and told
 * in `decisions`.
 * @throws as `toSamples`, `fit` and `dfmr` do, and where there are fewer rows than machines
 */
export async function analyse<Parameter = GaussianParameter>(
  table: Table,
  {
    machines = 10,
    order,
    orders,
    criterion,
    onStage,
    smoothing,
    inflationFactor,
    uncertainty,
    ...options
  }: AnalyseOptions<Parameter> = {},
): Promise<Analysis<Parameter>> {
  const samples = toSamples(table);
  requirePositiveInteger('machines', machines);
  if (samples.rows < machines)
    throw new InvalidInput(`${samples.rows} rows cannot be split among ${machines} machines: take fewer`);
  const { seed = 1, signal } = options;
  const shuffled = randomOrder(samples.rows, `${seed}: machines`);
  const machineOf = new Int32Array(samples.rows);
  shuffled.forEach((row, at) => {
    machineOf[row] = at % machines;
  });
  const tables = Array.from({ length: machines }, (_, i) =>
    takeRows(samples, shuffled.filter((__, at) => at % machines === i).sort()),
  );
  const choice =
    order === undefined
      ? await chooseOrder(tables, {
          ...options,
          ...(orders && { orders }),
          criterion,
          onProgress: (done, total) => onStage?.('choosing the order', done, total),
        })
      : undefined;
  const fits = await fitAll<Parameter>(tables, {
    starts: 10,
    ...options,
    order: order ?? choice?.order,
    onProgress: (done, total) => onStage?.('fitting', done, total),
  });
  const whole = aggregate(fits, {
    smoothing,
    inflationFactor,
    uncertainty,
    signal,
    onProgress: (done, total) => onStage?.('aggregating', done, total),
  });
  const rows = `${samples.rows} rows were split at random among ${machines} machines.`;
  return {
    ...whole,
    decisions: [rows, ...(choice?.reasons ?? []), ...whole.decisions],
    samples,
    machineOf,
    fits,
    choice,
    clusters: classify(whole.result, samples),
  };
}
