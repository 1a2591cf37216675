import { randomNormal } from 'd3-random';
import { BeyondFloat64 } from '../errors';
import { cholesky } from '../math/linear-algebra';
import { type RandomStream, randomStream, type Seed } from '../math/random';
import { samplesOf, type Table } from '../math/table';
import type { Draw } from '../mixture/sample';
import { covariatesFor, linearPredictors, logGates } from './expert-rows';
import type { FlatExperts } from './flat-experts';
import { type ExpertsEstimate, expertsOf, flatExperts } from './model';

/**
 * Draws a response to each row of covariates, y ~ f(· | x), and the expert that it came from; the same seed gives the same numbers, and a
 * longer table begins with those of a shorter one.
 * @param model a mixture of experts, or a result that holds one
 * @param x n rows of d covariates, without the constant
 * @param seed a number or a word
 * @returns a table of n × q responses, and the expert of each row
 * @throws InvalidInput if the table is invalid or has another number of columns; BeyondFloat64 if the mean of a row's response is beyond float64
 * @example
 * const lines = expertsModel({ gates: [[0, 1], [0, 0]], coefficients: [[0, 1], [0, -1]], variances: [1, 1] });
 * const { data, labels } = sampleExperts(lines, [-1, 0, 1, 2], 'my seed');
 * labels; // [1, 0, 0, 0]: which line each row is from
 */
export function sampleExperts(model: ExpertsEstimate, x: Table, seed: Seed): Draw {
  const flat = flatExperts(expertsOf(model));
  const { order, responses: q } = flat;
  const covariates = covariatesFor(flat, x);
  const n = covariates.rows;
  const gates = logGates(flat, covariates).map(Math.exp);
  const predictors = linearPredictors(covariates, flat.coefficients);
  const random = randomStream(seed, 'sample of experts');
  const draw = drawing(flat, random);
  const data = new Float64Array(n * q);
  const labels = new Int32Array(n);
  for (let j = 0; j < n; j++) {
    let k = 0;
    for (let u = random() - gates[j * order]; u >= 0 && k < order - 1; u -= gates[j * order + k]) k++;
    while (gates[j * order + k] === 0) k--; // by rounding, beyond the last that can be
    labels[j] = k;
    const at = (j * order + k) * q;
    draw(k, predictors.subarray(at, at + q), data.subarray(j * q, (j + 1) * q), j);
  }
  return { data: samplesOf(data, n, q), labels };
}

/** Counts of a larger mean are not drawn. */
const MOST_MEAN = 2 ** 53;

/** Fills `out` with a draw of expert k, given its q linear predictors. */
function drawing(
  { law, order, responses: q, variances }: FlatExperts,
  random: RandomStream,
): (k: number, eta: Float64Array, out: Float64Array, row: number) => void {
  if (q === 1) {
    const draw = law.sampler(random);
    return (k, eta, out, row) => {
      if (law.discrete && !(law.mean(eta[0]) <= MOST_MEAN))
        throw new BeyondFloat64(`row ${row}: the mean of its count is beyond float64: rescale the covariates`);
      out[0] = draw(eta[0], variances[k]);
    };
  }
  const normal = randomNormal.source(random)();
  const factors = Array.from(
    { length: order },
    (_, k) => cholesky(variances.subarray(k * q * q, (k + 1) * q * q), q) as Float64Array,
  );
  return (k, eta, out) => {
    const z = Float64Array.from(eta, () => normal());
    for (let r = 0; r < q; r++) {
      out[r] = eta[r];
      for (let s = 0; s <= r; s++) out[r] += factors[k][r * q + s] * z[s];
    }
  };
}
