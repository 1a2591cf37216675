export { type Coat, type CoatOptions, coat } from './aggregate/coat';
export { type Dfmr, type DfmrOptions, dfmr, type SetAside } from './aggregate/dfmr';
export { oracle } from './aggregate/oracle';
export { type ReduceOptions, type Reduction, reduce } from './aggregate/reduce';
export { type Trimmed, type TrimOptions, trim } from './aggregate/trim';
export { readNpy } from './data/npy';
export { adjustedRandIndex } from './distance/adjusted-rand-index';
export type { ConvexFunction, Cost, CostFunction } from './distance/costs';
export { type DistanceMatrix, l2Distance, l2DistanceMatrix } from './distance/l2';
export { transportDivergence, wasserstein1 } from './distance/transport';
export { type Fit, type FitOptions, type FitProgress, fit } from './estimate/fit';
export { type FitAllOptions, fitAll } from './estimate/fit-all';
export type { DiagonalGaussianParameter } from './families/diagonal-gaussian';
export type { DirichletParameter } from './families/dirichlet';
export type { ExponentialParameter } from './families/exponential';
export {
  conjugatePenalty,
  type ExponentialFamily,
  exponentialFamily,
  type Penalty,
} from './families/exponential-family';
export { DegenerateComponent, type Family, type LocalProblem, type LogDensity } from './families/family';
export type { GammaParameter } from './families/gamma';
export type { GaussianGammaParameter } from './families/gaussian-gamma';
export type { GaussianInput, GaussianParameter } from './families/gaussian-parameter';
export type { InverseGammaParameter } from './families/inverse-gamma';
export type { LaplaceParameter } from './families/laplace';
export { locationScaleFamily } from './families/location-scale';
export type { LogNormalParameter } from './families/log-normal';
export type { PoissonParameter } from './families/poisson';
export type { RayleighParameter } from './families/rayleigh';
export type { FamilyName, ParameterOf } from './families/registry';
export { scalarParameter } from './families/scalar-parameter';
export type { SphericalGaussianParameter } from './families/spherical-gaussian';
export type { LocationScaleParameter, StandardDensity } from './families/standard-density';
export { mapColumn, numberSampler, oneColumn } from './families/support';
export type { WeibullParameter } from './families/weibull';
export { type QuadraticForm, quadraticFormCdf, quadraticFormQuantile } from './math/quadratic-form';
export { type RandomStream, randomOrder, type Seed } from './math/random';
export { type Samples, type Table, takeRows } from './math/table';
export type { TransportPlan } from './math/transport';
export {
  diagonalGaussianMixture,
  dirichletMixture,
  exponentialMixture,
  gammaMixture,
  gaussianGammaMixture,
  gaussianMixture,
  gumbelMixture,
  inverseGammaMixture,
  laplaceMixture,
  logisticMixture,
  logNormalMixture,
  poissonMixture,
  rayleighMixture,
  sphericalGaussianMixture,
  studentTMixture,
  tiedGaussianMixture,
  weibullMixture,
} from './mixture/constructors';
export type { Estimate } from './mixture/given';
export {
  type Mixture,
  type MixtureJSON,
  mixture,
  mixtureFromJSON,
  mixtureFromVector,
  mixtureToVector,
} from './mixture/mixture';
export { classify, logDensity, responsibilities } from './mixture/posterior';
export { type Draw, sample } from './mixture/sample';
export { contourFigure, densityFigure } from './plot/density';
export { distanceDistributionFigure, distanceGroups } from './plot/distance-distribution';
export { distanceFigure, distanceMatrixFigure } from './plot/distances';
export type { Figure } from './plot/figure';
export { gridFigure } from './plot/grid';
export { matrixFigure } from './plot/matrix';
export { methodsFigure } from './plot/methods';
export { type AnyGaussian, mixtureFigure } from './plot/mixture';
export { type PowerLawSeries, powerLawExponent, powerLawFigure } from './plot/power-law';
export { quantileFigure } from './plot/quantiles';
export { comparisonFigure, inflationFigure } from './plot/study';
export { supportFigure } from './plot/support';
export { traceFigure } from './plot/trace';
export type { Method, Population, Setting, StudyDesign } from './simulate/design';
export { studyDesigns } from './simulate/designs';
export { type FailOptions, type Failure, type FailureKind, type FailureName, fail } from './simulate/fail';
export { type MixsimOptions, mixsim } from './simulate/mixsim';
export { type Overlap, overlap } from './simulate/overlap';
export type { Repetition } from './simulate/repetition';
export { runStudy, type StudyOptions } from './simulate/study';
export { readStudy, type Study } from './simulate/study-file';
export { type SummaryRow, summarise } from './simulate/summary';
export { type Alignment, align } from './theory/align';
export {
  type CoordinateMatrix,
  fisherInformation,
  type InformationOptions,
  l2Hessian,
  l2Limit,
} from './theory/information';
export { standardErrors } from './theory/standard-errors';
