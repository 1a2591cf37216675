import { gammaMixture, gaussianMixture, poissonMixture } from '../mixture/constructors';
import type { MixtureJSON } from '../mixture/mixture';
import { mixsim } from '../simulate/mixsim';
import type { ArenaDesign } from './arena';

const ball = (d: number, variance = 1): number[][] =>
  Array.from({ length: d }, (_, i) => Array.from({ length: d }, (__, j) => (i === j ? variance : 0)));

/**
 * The true mixtures of the arena: one with a light component, two with a wide one, MixSim's of five, a gamma and a Poisson mixture.
 * @example
 * Object.keys(arenaPopulations())[0]; // 'd = 2, K = 3, one light'
 */
export const arenaPopulations: () => Readonly<Record<string, MixtureJSON>> = () => ({
  'd = 2, K = 3, one light': gaussianMixture({
    weights: [0.05, 0.35, 0.6],
    means: [
      [0, 0],
      [5, 0],
      [0, 5],
    ],
    covariances: [ball(2), ball(2), ball(2)],
  }).toJSON(),
  'd = 2, K = 3, one wide': gaussianMixture({
    weights: [0.3, 0.3, 0.4],
    means: [
      [10, 10],
      [5, 0],
      [0, 5],
    ],
    covariances: [ball(2, 16), ball(2), ball(2)],
  }).toJSON(),
  'd = 5, K = 3, one wide': gaussianMixture({
    weights: [0.34, 0.33, 0.33],
    means: [
      [8, 0, 0, 0, 0],
      [0, 5, 0, 0, 0],
      [0, 0, 5, 0, 0],
    ],
    covariances: [ball(5, 4), ball(5), ball(5)],
  }).toJSON(),
  'd = 4, K = 5, MixSim 0.1': mixsim({
    order: 5,
    dimension: 4,
    maximumOverlap: 0.1,
    minimumWeight: 0.05,
    seed: 8,
  }).toJSON(),
  'd = 10, K = 5, MixSim 0.3': mixsim({ order: 5, dimension: 10, maximumOverlap: 0.3, seed: 7 }).toJSON(),
  'gamma, K = 3': gammaMixture({ weights: [0.32, 0.35, 0.33], shapes: [1, 8, 30], scales: [1, 6, 10] }).toJSON(),
  'Poisson, K = 3': poissonMixture({ weights: [0.3, 0.4, 0.3], means: [2, 12, 30] }).toJSON(),
});

/**
 * The arena of notebook 12.
 * @example
 * const { machines, rules } = arenaDesign();
 * machines; // 20
 * rules; // ['DFMR(1.3)', 'COAT', 'Trim', 'Vanilla', 'Components']
 */
export const arenaDesign = (): ArenaDesign => ({
  populations: arenaPopulations(),
  sampleSizes: [500, 5000],
  machines: 20,
  fractions: [0.05, 0.2, 0.4],
  rules: ['DFMR(1.3)', 'COAT', 'Trim', 'Vanilla', 'Components'],
  seed: 'arena',
});
