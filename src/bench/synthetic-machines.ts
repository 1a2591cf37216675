import { randomGamma, randomNormal } from 'd3-random';
import { gaussian } from '../families/gaussian';
import { factorsOf, type GaussianParameter, gaussianParameter } from '../families/gaussian-parameter';
import { type RandomStream, randomStream, type Seed } from '../math/random';
import { assemble, type Mixture } from '../mixture/mixture';
import { population } from './bench-inputs';

// Estimates of many machines without fits: the truth with errors of the size that fits have, so that ten thousand take seconds.

/** What `syntheticMachines` may be told. */
interface SyntheticOptions {
  /** K */
  readonly order?: number;
  /** d */
  readonly dimension?: number;
  /** n, of each machine */
  readonly rows?: number;
  /** the share of machines that lie */
  readonly liars?: number;
  readonly seed?: Seed;
}

/** How liars distort the truth, in turn: each elsewhere, all at one place, one component moved, too wide, weights turned about. */
const LIES = ['elsewhere', 'together', 'one component', 'wide', 'weights'] as const;

/** One machine: its estimate, and how it lies, if it does. */
export interface SyntheticMachine {
  readonly mixture: Mixture<GaussianParameter>;
  readonly sampleSize: number;
  readonly lie?: (typeof LIES)[number];
}

/** m machines, one after another, so that they need not all be in memory. */
export function* syntheticMachines(
  m: number,
  { order: K = 5, dimension: d = 10, rows = 1000, liars = 0.2, seed = 1 }: SyntheticOptions = {},
): Generator<SyntheticMachine, void, void> {
  const truth = population(K, d, 2);
  const random = randomStream(seed, 'synthetic machines');
  const normal = randomNormal.source(random)();
  const elsewhere = truth.parameters.map(({ mean }) => mean.map((x) => x + 2 * normal()));
  for (let i = 0, liar = 0; i < m; i++) {
    const lie = random() < liars ? LIES[liar++ % LIES.length] : undefined;
    const moved = (theta: GaussianParameter, k: number): GaussianParameter => {
      const { mean, covariance } = theta;
      if (lie === 'elsewhere') return { mean: mean.map((x) => x + 3 * normal()), covariance };
      if (lie === 'together') return { mean: elsewhere[k], covariance };
      if (lie === 'one component' && k === 0) return { mean: mean.map((x) => x + 1), covariance };
      if (lie === 'wide') return { mean, covariance: covariance.map((x) => 4 * x) };
      return theta;
    };
    const turned = Float64Array.from({ length: K }, (_, k) => (k === 0 ? 0.6 : 0.4 / (K - 1)));
    const weights = lie === 'weights' ? turned : truth.weights;
    yield { mixture: estimateOf(truth.parameters.map(moved), weights, rows, random), sampleSize: rows, lie };
  }
}

/** A mixture with the errors of labelled rows: n w_k for component k. */
function estimateOf(
  parameters: readonly GaussianParameter[],
  weights: Float64Array,
  rows: number,
  random: RandomStream,
): Mixture<GaussianParameter> {
  const counts = weights.map((w) => randomGamma.source(random)(rows * w, 1)());
  const total = counts.reduce((sum, one) => sum + one, 0);
  return assemble(
    gaussian,
    counts.map((one) => one / total),
    parameters.map((theta, k) => scattered(theta, rows * weights[k], random)),
  );
}

/** The mean and the covariance of n rows: normal, and Wishart by Bartlett's decomposition. */
function scattered(theta: GaussianParameter, n: number, random: RandomStream): GaussianParameter {
  const { mean } = theta;
  const { lower } = factorsOf(theta);
  const d = mean.length;
  const normal = randomNormal.source(random)();
  const bartlett = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    bartlett[i * d + i] = Math.sqrt(2 * randomGamma.source(random)((n - 1 - i) / 2, 1)());
    for (let j = 0; j < i; j++) bartlett[i * d + j] = normal();
  }
  const root = new Float64Array(d * d); // L A
  const own = mean.slice();
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) for (let l = j; l <= i; l++) root[i * d + j] += lower[i * d + l] * bartlett[l * d + j];
  }
  const z = Float64Array.from({ length: d }, normal);
  for (let i = 0; i < d; i++) for (let l = 0; l <= i; l++) own[i] += (lower[i * d + l] * z[l]) / Math.sqrt(n);
  const covariance = new Float64Array(d * d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j <= i; j++)
      for (let l = 0; l <= j; l++) covariance[i * d + j] += (root[i * d + l] * root[j * d + l]) / (n - 1);
  return gaussianParameter(own, covariance, 'a synthetic component');
}
