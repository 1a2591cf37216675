import { BeyondFloat64, InvalidInput } from '../errors';
import { columnMoments } from '../math/column-moments';
import { observedOf } from '../math/missing-cells';
import { shortNumber } from '../math/short-number';
import { countOf, type Missing, type Samples, samplesOf, type Table, toSamples } from '../math/table';

/** How columns were standardised: x → (x − centre) / scale. Rows that are weighted count as often as their weights say. */
export interface Standardisation {
  /** the mean of each column */
  readonly centre: Float64Array;
  /** the standard deviation of each column */
  readonly scale: Float64Array;
}

/** Samples whose columns have mean 0 and standard deviation 1. */
export interface StandardisedTable extends Samples {
  /** how to go back */
  readonly standardisation: Standardisation;
}

/** What `standardise` is told of the table. */
export interface StandardiseOptions {
  /**
   * 'em' if cells may be missing: the moments are those of each column's observed cells, and what is missing stays NaN
   * @defaultValue a cell without a value is an error
   */
  readonly missing?: Missing;
}

/**
 * Brings the columns of a table to mean 0 and standard deviation 1 (divisor n − 1).
 * @param table anything tabular; names, labels and weights of rows stay with it
 * @param options whether cells are missing
 * @returns a copy, with what undoes it
 * @throws InvalidInput if a column is constant or wholly missing, which it names, or there is one row; BeyondFloat64 if a variance leaves its range
 * @example
 * const scaled = standardise([[1, 10], [2, 30], [3, 20]]);
 * scaled.data; // [−1, −1, 0, 1, 1, 0]
 * scaled.standardisation.scale; // [1, 10]
 */
export function standardise<Given extends Samples>(
  table: Given,
  options?: StandardiseOptions,
): Given & StandardisedTable;
export function standardise(table: Table, options?: StandardiseOptions): StandardisedTable;
export function standardise(table: Table, { missing }: StandardiseOptions = {}): StandardisedTable {
  const samples = toSamples(table, missing);
  const { data, rows, columns, weights } = samples;
  if (rows < 2) throw new InvalidInput(`${rows} row has no standard deviation: at least 2 are needed`);
  if (!(countOf(samples) > 1))
    throw new InvalidInput(
      `the weights of the rows sum to ${shortNumber(countOf(samples))}: they say how often each row counts, so multiply them until they sum to the number of rows`,
    );
  const [centre, scale] = [new Float64Array(columns), new Float64Array(columns)];
  for (let j = 0; j < columns; j++) {
    const column = missing && observedOf(samples, j);
    const { mean, variance, constant } = column ? columnMoments(column, 0) : columnMoments(samples, j);
    [centre[j], scale[j]] = [mean, Math.sqrt(variance)];
    if (column && countOf(column) === 0)
      throw new InvalidInput(`no cell of ${nameOf(table, j)} is observed: leave it out`);
    if (constant)
      throw new InvalidInput(`${nameOf(table, j)} is constant (${column?.data[0] ?? data[j]}): leave it out`);
    if (!(variance > 1e-300 && variance < Infinity))
      throw new BeyondFloat64(`${nameOf(table, j)} is beyond float64: rescale it`);
  }
  const scaled = data.map((value, ij) => (value - centre[ij % columns]) / scale[ij % columns]);
  return Object.assign(samplesOf(scaled, rows, columns, weights), besides(table), {
    standardisation: { centre, scale },
  });
}

/**
 * The table in its original units: what `standardise` did is undone, but for rounding.
 * @param table what `standardise` returned
 * @returns a copy without the standardisation
 * @throws InvalidInput if the standardisation is of another number of columns
 * @example
 * const scaled = standardise([[1, 10], [2, 30], [3, 20]]);
 * unstandardised(scaled).data; // [1, 10, 2, 30, 3, 20]
 */
export function unstandardised<Given extends StandardisedTable>(
  table: Given,
): Omit<Given, 'standardisation'> & Samples {
  const { data, rows, columns, weights } = toSamples(table, 'em');
  const { standardisation, ...others } = besides(table) as { standardisation: Standardisation };
  const { centre, scale } = checkedStandardisation(standardisation, columns);
  const original = data.map((value, ij) => centre[ij % columns] + scale[ij % columns] * value);
  return Object.assign(samplesOf(original, rows, columns, weights), others) as Omit<Given, 'standardisation'> & Samples;
}

/** @throws InvalidInput if the standardisation is not of d columns */
export function checkedStandardisation(standardisation: Standardisation, d: number): Standardisation {
  const { centre, scale } = standardisation ?? {};
  if (!(centre?.length === d && scale?.length === d)) {
    throw new InvalidInput(`a standardisation of ${d} columns is needed, but this one has ${centre?.length}`);
  }
  return standardisation;
}

/** What a table carries beside its values: names, labels. */
function besides(table: object): object {
  if (!('data' in table && 'rows' in table && ArrayBuffer.isView(table.data))) return {};
  const { data: _, rows: __, columns: ___, weights: ____, ...others } = table as Samples;
  return others;
}

function nameOf(table: object, j: number): string {
  const { names } = table as { names?: readonly string[] };
  return names ? `column ${JSON.stringify(names[j])}` : `column ${j}`;
}
