import { BeyondFloat64, InvalidInput } from '../errors';
import { LOG_2PI } from '../math/gamma-function';
import { cholesky, invertLower, logDeterminant } from '../math/linear-algebra';
import { type Samples, type Table, toSamples } from '../math/table';
import type { FlatExperts } from './flat-experts';
import { normaliseLogs } from './softmax-regression';

/**
 * The covariates of rows, as the model has them.
 * @throws InvalidInput if the table is invalid, or has another number of columns
 */
export function covariatesFor({ covariates }: FlatExperts, x: Table): Samples {
  const samples = complete(x, 'covariates');
  if (samples.columns !== covariates)
    throw new InvalidInput(
      `the table of covariates has ${samples.columns} columns, but the model has ${covariates} (without the constant)`,
    );
  return samples;
}

/**
 * The responses of rows, as the model has them.
 * @throws InvalidInput if the table is invalid, has another number of columns or of rows, or a response is none of the law
 */
export function responsesFor({ responses, law }: FlatExperts, y: Table, rows: number): Samples {
  const samples = complete(y, 'responses');
  if (samples.columns !== responses)
    throw new InvalidInput(
      `the table of responses has ${samples.columns} columns, but the model has ${responses === 1 ? 'one response' : `${responses} responses`}`,
    );
  if (samples.rows !== rows)
    throw new InvalidInput(
      `there are responses of ${samples.rows} rows and covariates of ${rows}: each row needs both`,
    );
  law.requireSupport(samples);
  return samples;
}

/** @throws InvalidInput if a cell has no value, which says nothing of what a model needs it for */
function complete(table: Table, what: string): Samples {
  const samples = toSamples(table, 'em');
  const gap = samples.data.findIndex(Number.isNaN);
  if (gap < 0) return samples;
  const where = `row ${Math.floor(gap / samples.columns)}, column ${gap % samples.columns} of the ${what}`;
  throw new InvalidInput(`${where} has no value: leave such rows out, or impute it`);
}

/**
 * x̃_jᵀ a_i of each row and each line a_i, n × lines, row-major.
 * @param lines lines × (1 + d), the constant first
 * @throws BeyondFloat64 if one is no finite number, naming the row
 */
export function linearPredictors({ data, rows, columns: d }: Samples, lines: Float64Array): Float64Array {
  const count = lines.length / (1 + d);
  const out = new Float64Array(rows * count);
  for (let j = 0, at = 0; j < rows; j++) {
    for (let i = 0, a = 0; i < count; i++, at++) {
      let sum = lines[a++];
      for (let c = j * d; c < (j + 1) * d; c++) sum += lines[a++] * data[c];
      if (!(Math.abs(sum) < Infinity))
        throw new BeyondFloat64(`row ${j}: what the model makes of its covariates is beyond float64: rescale them`);
      out[at] = sum;
    }
  }
  return out;
}

/** log π_k(x_j), n × K, row-major: −∞ at no gate, however large they are. */
export function logGates(flat: Pick<FlatExperts, 'gates' | 'order'>, x: Samples): Float64Array {
  const { gates, order } = flat;
  const logs = linearPredictors(x, gates);
  for (let at = 0; at < logs.length; at += order) normaliseLogs(logs, at, order);
  return logs;
}

/**
 * log φ_k(y_j | x_j), n × K, row-major; −∞ where the density is beyond float64.
 * @throws as `linearPredictors` does
 */
export function logExperts(flat: FlatExperts, x: Samples, y: Samples): Float64Array {
  return logDensities(flat, linearPredictors(x, flat.coefficients), y.data);
}

/**
 * log φ_k(y_j; η_jk), n × K, row-major.
 * @param eta n × K × q linear predictors
 * @param y n × q responses
 */
export function logDensities(flat: FlatExperts, eta: Float64Array, y: Float64Array): Float64Array {
  const { law, order, responses: q, variances } = flat;
  if (q === 1) return eta.map((value, i) => law.logDensity(y[Math.floor(i / order)], value, variances[i % order]));
  const rows = y.length / q;
  const logs = new Float64Array(rows * order);
  for (let k = 0; k < order; k++) {
    const lower = cholesky(variances.subarray(k * q * q, (k + 1) * q * q), q) as Float64Array;
    const white = invertLower(lower, q);
    const constant = -0.5 * (q * LOG_2PI + logDeterminant(lower, q));
    for (let j = 0; j < rows; j++) {
      let squares = 0;
      for (let r = 0; r < q; r++) {
        let sum = 0;
        for (let s = 0; s <= r; s++) sum += white[r * q + s] * (y[j * q + s] - eta[(j * order + k) * q + s]);
        squares += sum * sum;
      }
      logs[j * order + k] = constant - 0.5 * squares;
    }
  }
  return logs;
}
