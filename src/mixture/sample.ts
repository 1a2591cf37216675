import { requirePositiveInteger } from '../math/checks';
import { randomStream, type Seed } from '../math/random';
import { type Samples, samplesOf } from '../math/table';
import { finished } from '../work/work';
import { type Estimate, mixtureOf } from './given';
import { NOISE_LABEL } from './posterior';

/** n observations of a mixture, a table, and the component that each came from. */
export interface Draw {
  /** n × d */
  readonly data: Samples;
  /** the component of each row, −1 for noise */
  readonly labels: Int32Array;
}

/** Rows between two steps, a few hundredths of a second. */
const STEP_ROWS = 4096;

/**
 * Draws n observations x ~ f_G and their components; the same seed gives the same numbers, and a longer draw begins with the
 * shorter one.
 * @param mixture G, or a result that holds it
 * @param n how many rows
 * @param seed a number or a word
 * @returns a table of n × d, and the component of each row, −1 for noise
 * @throws InvalidInput if n is not a positive integer
 * @example
 * const { data, labels } = sample(truth, 1000, 1);
 * [data.rows, data.columns]; // [1000, 2]
 * labels.filter((k) => k === 0).length / 1000; // 0.339: near the weight of component 0
 */
export function sample<Parameter>(mixture: Estimate<Parameter>, n: number, seed: Seed): Draw {
  return finished(sampleSteps(mixture, n, seed));
}

/**
 * The steps of `sample`, some thousand rows each.
 * @throws as `sample` does
 */
export function* sampleSteps<Parameter>(
  mixture: Estimate<Parameter>,
  n: number,
  seed: Seed,
): Generator<void, Draw, void> {
  const { family, dimension, weights, parameters, noise } = mixtureOf(mixture);
  requirePositiveInteger('the number of draws', n);
  const random = randomStream(seed, 'sample');
  const samplers = parameters.map((parameter) => family.sampler(parameter, random));
  const labels = new Int32Array(n);
  const data = new Float64Array(n * dimension);
  const last = weights.findLastIndex((weight) => weight > 0);
  for (let j = 0; j < n; j++) {
    if (noise && random() < noise.weight) {
      labels[j] = NOISE_LABEL;
      for (let i = 0; i < dimension; i++)
        data[j * dimension + i] = noise.lower[i] + random() * (noise.upper[i] - noise.lower[i]);
    } else {
      let k = 0;
      for (let u = random() - weights[0]; u >= 0 && k < last; u -= weights[k]) k++;
      labels[j] = k;
      samplers[k](data, j * dimension);
    }
    if (j % STEP_ROWS === STEP_ROWS - 1) yield;
  }
  return { data: samplesOf(data, n, dimension), labels };
}
