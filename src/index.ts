export { type Coat, type CoatOptions, coat } from './aggregate/coat';
export { type Dfmr, type DfmrOptions, dfmr, type SetAside } from './aggregate/dfmr';
export { type EstimateJSON, estimateFromJSON, estimateToJSON, type LocalEstimate } from './aggregate/estimate-file';
export { type Gap, type InflationCurve, type InflationStep, inflationCurve } from './aggregate/inflation';
export { oracle } from './aggregate/oracle';
export { type ReduceOptions, type Reduction, reduce } from './aggregate/reduce';
export {
  type Message,
  readEstimates,
  type Screened,
  type ScreenedEstimate,
  type ScreenOptions,
  screenEstimates,
} from './aggregate/screen';
export { type Trimmed, type TrimOptions, trim } from './aggregate/trim';
export { type Aggregate, type AggregateOptions, aggregate } from './analysis/aggregate';
export { type AnalyseOptions, type Analysis, analyse } from './analysis/analyse';
export {
  type ChooseOrderOptions,
  type Criterion,
  chooseOrder,
  type OrderChoice,
  type OrderScore,
} from './analysis/order';
export { readNpy } from './data/tables/npy';
export { type FeatureTable, readTable, type TableOptions } from './data/tables/read-table';
export { type SplitOptions, splitTable, type TableSplit } from './data/tables/split-table';
export {
  type Standardisation,
  type StandardisedTable,
  standardise,
  unstandardised,
  unstandardisedMixture,
} from './data/tables/standardise';
export { type NpyPrecision, writeNpy } from './data/tables/write-npy';
export { adjustedRandIndex } from './distance/adjusted-rand-index';
export type { ConvexFunction, Cost, CostFunction } from './distance/costs';
export type { DistanceMatrix } from './distance/distance-matrix';
export { l2Distance, l2DistanceMatrix } from './distance/l2';
export { transportDivergence, wasserstein1 } from './distance/transport';
export { transportDistanceMatrix } from './distance/transport-matrix';
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
export { freeParameters } from './mixture/free-parameters';
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
export { classOfCluster, confusionFigure } from './plot/confusion';
export { contourFigure, densityFigure } from './plot/density';
export { distanceDistributionFigure, distanceGroups } from './plot/distance-distribution';
export { distanceFigure, distanceMatrixFigure } from './plot/distances';
export type { Figure } from './plot/figure';
export { gridFigure } from './plot/grid';
export { imagesFigure } from './plot/images';
export { inflationCurveFigure } from './plot/inflation-curve';
export { type MapGroup, mapFigure } from './plot/map';
export { matrixFigure } from './plot/matrix';
export { methodsFigure } from './plot/methods';
export { type AnyGaussian, mixtureFigure } from './plot/mixture';
export { orderFigure } from './plot/order';
export { type PowerLawSeries, powerLawExponent, powerLawFigure } from './plot/power-law';
export { quantileFigure } from './plot/quantiles';
export { type QuartilePoint, quartilesFigure } from './plot/quartiles';
export { comparisonFigure, inflationFigure } from './plot/study';
export { supportFigure } from './plot/support';
export { traceFigure } from './plot/trace';
export { weightsFigure } from './plot/weights';
export type { Method, Population, Setting, StudyDesign } from './simulate/design';
export { studyDesigns } from './simulate/designs';
export { type FailOptions, type Failure, type FailureKind, type FailureName, fail } from './simulate/fail';
export { type MixsimOptions, mixsim } from './simulate/mixsim';
export { type Overlap, overlap } from './simulate/overlap';
export type { Repetition } from './simulate/repetition';
export type { StudyOptions } from './simulate/repetitions';
export { runStudy } from './simulate/study';
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
