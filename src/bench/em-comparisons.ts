import path from 'node:path';
import { fit } from '../estimate/fit';
import type { Family } from '../families/family';
import { gamma } from '../families/gamma';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { countOf, type Samples, takeRows } from '../math/table';
import { gammaMixture } from '../mixture/constructors';
import type { Mixture } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { readNpy } from '../tables/npy';
import { inputFile, population } from './bench-inputs';
import type { Comparison, LazyComparison } from './comparison';

/** One iteration of EM: the pass and the M-step, with the penalty. */
export function iteration<P>(family: Pick<Family, 'localProblem'>, samples: Samples, start: Mixture<P>): () => unknown {
  const problem = (family as typeof gaussian).localProblem(samples, countOf(samples) ** -0.5, true);
  const parameters = start.parameters as unknown as readonly GaussianParameter[];
  return () => {
    const next = problem.fast?.pass(start.weights, parameters)?.next()?.parameters as readonly GaussianParameter[];
    return next.reduce((sum, parameter) => sum + (problem.penalty?.(parameter) ?? 0), 0);
  };
}

type Inputs = readonly [samples: Samples, start: Mixture<GaussianParameter>];

/** Rows that a mixture of K components draws in d features. */
function drawn(n: number, d: number, K: number, spread: number): Inputs {
  const truth = population(K, d, spread);
  return [sample(truth, n, 1).data, truth];
}

/** The first n of the digits' features, and a mixture that three iterations found. */
function digits(n: number, K: number): Inputs {
  const all = readNpy(path.join(__dirname, '../../data/nist-digits-features.npy'));
  const samples = takeRows(all, [...Array(n).keys()]);
  return [samples, fit(samples, { order: K, starts: 1, initialisation: 'k-means++', maxIterations: 3 }).mixture];
}

/** An iteration from covariances that are not the identity, and what a peer is asked to do the same. */
export function emTask(
  name: string,
  samples: Samples,
  start: Mixture<GaussianParameter>,
): { readonly run: () => unknown; readonly task: object } {
  const { rows: n, columns: d } = samples;
  const fitted = fit(samples, { start, maxIterations: 2 }).mixture;
  const means = inputFile(`${name}.means`, Float64Array.from(fitted.parameters.flatMap(({ mean }) => [...mean])));
  const task = { task: 'em', data: inputFile(`${name}.x`, samples.data), n, d, K: start.order, means };
  return { run: iteration(gaussian, samples, fitted), task };
}

function emComparison(name: string, goal: string, inputs: () => Inputs): LazyComparison {
  const make = (): Omit<Comparison, 'work'> => {
    const { run, task } = emTask(name, ...inputs());
    const tasks = [1, 2].map((threads) => ({ ...task, threads }));
    return { peer: 'scikit-learn, better of 1 and 2 threads', goal, run, tasks };
  };
  return { work: `EM iteration, ${name}`, make };
}

/** The comparison with mclust, which has one thread. */
function withR({ work, make }: LazyComparison): LazyComparison {
  return {
    work,
    make() {
      const { tasks, ...others } = make();
      return { ...others, peer: 'R, mclust', goal: '', tasks: tasks.slice(0, 1), language: 'R' };
    },
  };
}

const ofSize = (n: number) => emComparison(`n = ${n}, d = 10, K = 5`, '≥ 5', () => drawn(n, 10, 5, 1));

/** Iterations of EM for Gaussian mixtures. */
export const emComparisons: readonly LazyComparison[] = [
  ...[5000, 50_000, 500_000].map(ofSize),
  withR(ofSize(5000)),
  emComparison('n = 5000, d = 50, K = 10, overlapping', '≥ 1.7', () => drawn(5000, 50, 10, 0.2)),
  emComparison('n = 5000, d = 50, K = 10, digits', '≥ 6', () => digits(5000, 10)),
];

/** Iterations of EM for gamma mixtures. */
export const gammaComparison: LazyComparison = {
  work: 'gamma EM iteration, n = 100 000, K = 3',
  make() {
    const truth = gammaMixture({ weights: [1 / 3, 1 / 3, 1 / 3], shapes: [1, 8, 30], scales: [1, 6, 10] });
    const { data } = sample(truth, 100_000, 1);
    const task = { task: 'gamma', data: inputFile('gamma.x', data.data), n: 100_000 };
    return { peer: 'SciPy, vectorised', goal: '≥ 3', run: iteration(gamma, data, truth), tasks: [task] };
  },
};
