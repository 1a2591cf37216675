export { type Coat, type CoatOptions, coat } from './aggregate/coat';
export { type Dfmr, type DfmrOptions, dfmr } from './aggregate/dfmr';
export type { Estimate } from './aggregate/estimates';
export { oracle } from './aggregate/oracle';
export { type ReduceOptions, type Reduction, reduce } from './aggregate/reduce';
export { type Trimmed, type TrimOptions, trim } from './aggregate/trim';
export { adjustedRandIndex } from './distance/adjusted-rand-index';
export { type DistanceMatrix, l2Distance, l2DistanceMatrix } from './distance/l2';
export { type Cost, type CostFunction, transportDivergence, wasserstein1 } from './distance/transport';
export { type Fit, type FitOptions, type FitProgress, fit } from './estimate/fit';
export type { Family, LocalProblem } from './families/family';
export type { GaussianInput, GaussianParameter } from './families/gaussian-parameter';
export type { FamilyName } from './families/registry';
export type { Seed } from './math/random';
export type { Samples, Table } from './math/table';
export type { TransportPlan } from './math/transport';
export {
  gaussianMixture,
  type Mixture,
  type MixtureJSON,
  mixture,
  mixtureFromJSON,
  mixtureFromVector,
  mixtureToVector,
} from './mixture/mixture';
export { classify, logDensity, responsibilities } from './mixture/posterior';
export { type Draw, sample } from './mixture/sample';
