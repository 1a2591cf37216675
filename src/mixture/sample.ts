import { requirePositiveInteger } from '../math/checks';
import { randomStream, type Seed } from '../math/random';
import { type Samples, samplesOf } from '../math/table';
import { type Estimate, mixtureOf } from './given';

/** n observations of a mixture, a table, and the component that each came from. */
export interface Draw {
  readonly data: Samples;
  readonly labels: Int32Array;
}

/**
 * Draws n observations x ~ f_G, a table of n × d, and their components; the same seed gives the same numbers, and a longer
 * draw begins with the shorter one.
 * @throws where n is not a positive integer
 */
export function sample<Parameter>(mixture: Estimate<Parameter>, n: number, seed: Seed): Draw {
  const { family, dimension, weights, parameters } = mixtureOf(mixture);
  requirePositiveInteger('the number of draws', n);
  const random = randomStream(seed, 'sample');
  const samplers = parameters.map((parameter) => family.sampler(parameter, random));
  const labels = new Int32Array(n);
  const data = new Float64Array(n * dimension);
  const last = weights.findLastIndex((weight) => weight > 0);
  for (let j = 0; j < n; j++) {
    let k = 0;
    for (let u = random() - weights[0]; u >= 0 && k < last; u -= weights[k]) k++;
    labels[j] = k;
    samplers[k](data, j * dimension);
  }
  return { data: samplesOf(data, n, dimension), labels };
}
