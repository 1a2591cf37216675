import { dfmrComponents } from '../aggregate/components';
import { reduce } from '../aggregate/reduce';
import { trim } from '../aggregate/trim';
import { adjustedRandIndex } from '../distance/adjusted-rand-index';
import { informationDistanceMatrix } from '../distance/information-distance';
import { l2DistanceMatrix } from '../distance/l2';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { randomStream } from '../math/random';
import { type Mixture, mixture } from '../mixture/mixture';
import { classify } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { standardErrors } from '../theory/standard-errors';
import { estimates, inputFile, population, stored } from './bench-inputs';
import type { LazyComparison } from './comparison';

function l2Comparison(m: number, K: number, d: number, goal: string): LazyComparison {
  const work = `L² matrix, m = ${m}, K = ${K}, d = ${d}`;
  return {
    work,
    make() {
      const machines = estimates(m, K, d);
      const task = { task: 'l2', ...stored(work.replace(/\W+/g, '-'), machines) };
      return { peer: 'NumPy, one batched Cholesky', goal, run: () => l2DistanceMatrix(machines), tasks: [task] };
    },
  };
}

function reductionComparison(name: string, trimming: number): LazyComparison {
  return {
    work: `${name} of 500 components to 5, d = 10`,
    make() {
      const machines = estimates(100, 5, 10);
      const [start] = machines;
      const run = () => (trimming > 0 ? trim(machines, { start, trimming }) : reduce(machines, { start }));
      const task = { task: 'reduction', ...stored(`reduction-${trimming}`, machines), trimming };
      return { peer: 'NumPy, vectorised', goal: '≥ 3', run, tasks: [task] };
    },
  };
}

/** Of 100 machines, beside nobody. */
function alone(name: string, run: (machines: readonly Mixture<GaussianParameter>[]) => unknown): LazyComparison {
  return {
    work: `${name}, m = 100, K = 5, d = 10`,
    make() {
      const machines = estimates(100, 5, 10);
      return { peer: 'none', goal: '≤ 40 ms', run: () => run(machines), tasks: [] };
    },
  };
}

const errors: LazyComparison = {
  work: 'standard errors, K = 5, d = 10, 100 000 draws',
  make() {
    const [truth] = estimates(1, 5, 10);
    const equal = mixture(gaussian, [0.2, 0.2, 0.2, 0.2, 0.2], truth.parameters);
    const { data } = sample(equal, 100_000, 1);
    const { means, covariances } = stored('errors', [equal]);
    const task = {
      task: 'errors',
      data: inputFile('errors.x', data.data),
      means,
      covariances,
      n: 100_000,
      d: 10,
      K: 5,
    };
    const run = () => standardErrors(equal, { sampleSize: 100_000 });
    return { peer: 'NumPy, vectorised, without the draws', goal: '≥ 0.67', run, tasks: [task] };
  },
};

const classification: LazyComparison = {
  work: 'classify 500 000 × 10, K = 5',
  make() {
    const truth = population(5, 10, 1);
    const { data } = sample(truth, 500_000, 1);
    const means = inputFile('classify.m', Float64Array.from(truth.parameters.flatMap(({ mean }) => [...mean])));
    const task = { task: 'classify', data: inputFile('classify.x', data.data), means, n: 500_000, d: 10, K: 5 };
    return { peer: 'NumPy', goal: '≥ 4', run: () => classify(truth, data), tasks: [task] };
  },
};

const randIndex: LazyComparison = {
  work: 'ARI of 500 000 labels',
  make() {
    const random = randomStream(1, 'labels');
    const both = Int32Array.from({ length: 1_000_000 }, () => Math.floor(5 * random()));
    const [a, b] = [both.subarray(0, 500_000), both.subarray(500_000)];
    const task = { task: 'ari', labels: inputFile('ari', both), n: 500_000 };
    return { peer: 'scikit-learn', goal: '≥ 4', run: () => adjustedRandIndex(a, b), tasks: [task] };
  },
};

/** Distances, reductions and clusters of mixtures. */
export const mixtureComparisons: readonly LazyComparison[] = [
  l2Comparison(100, 5, 10, '≥ 8'),
  l2Comparison(30, 10, 50, '≥ 4'),
  reductionComparison('reduction', 0),
  reductionComparison('Trim', 0.5),
  alone('information distance', informationDistanceMatrix),
  alone('component rule', (machines) =>
    dfmrComponents(
      machines.map((mixture) => ({ mixture, sampleSize: 600 })),
      { seed: 1 },
    ),
  ),
  errors,
  classification,
  randIndex,
];
