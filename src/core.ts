export { type Aggregate, type AggregateOptions, aggregate, type DfmrChoice } from './aggregate/aggregate';
export type { CandidateOptions, Candidates } from './aggregate/candidates';
export { type Coat, type CoatOptions, coat } from './aggregate/coat';
export {
  type Components,
  type ComponentsOptions,
  type Copy,
  dfmrComponents,
  mixturesOfMachines,
} from './aggregate/components';
export { type Dfmr, type DfmrOptions, dfmr } from './aggregate/dfmr';
export { type Gap, type InflationCurve, type InflationStep, inflationCurve } from './aggregate/inflation';
export type { ModelAggregate, OfModel } from './aggregate/of-model';
export { oracle } from './aggregate/oracle';
export { type ReduceOptions, type Reduction, reduce } from './aggregate/reduce';
export type { Aggregated, Rule, RuleAnswer, RuleInput, SetAside } from './aggregate/rule';
export { type AggregateByOptions, aggregateBy, registerRule, ruleNames } from './aggregate/rules';
export { type Trimmed, type TrimOptions, trim } from './aggregate/trim';
export { adjustedRandIndex } from './distance/adjusted-rand-index';
export { type Agglomeration, agglomerate, agglomerateComponents, type Merge } from './distance/agglomeration';
export type { ConvexFunction, Cost, CostFunction } from './distance/costs';
export {
  type Distance,
  distanceMatrix,
  distanceNames,
  type PairwiseDistance,
  registerDistance,
} from './distance/distance';
export type { DistanceMatrix, DistanceRows, Distances } from './distance/distance-matrix';
export { informationDistanceMatrix } from './distance/information-distance';
export { l2Distance, l2DistanceMatrix } from './distance/l2';
export { transportDistanceMatrix } from './distance/transport-distance';
export { transportDivergence, wasserstein1 } from './distance/transport-divergence';
export { BeyondFloat64, DamagedFile, DegenerateComponent, DfmrError, InvalidInput, NoCentre } from './errors';
export { aic, bic, icl, type Likely, type LikelyResponses } from './estimate/criteria';
export type { EmResult } from './estimate/em';
export { type Fit, type FitOptions, fit, type OfAnyFamily } from './estimate/fit';
export type { Initialisation } from './estimate/starts';
export {
  type DfmrExperts,
  type DfmrExpertsOptions,
  dfmrExperts,
  dfmrExpertsComponents,
  type EstimateOf,
  type ExpertsComponents,
  type ExpertsReduction,
  expertsDistanceMatrix,
  type ReduceExpertsOptions,
  reduceExperts,
} from './experts/aggregate-experts';
export type { Expert } from './experts/expert';
export type { ExpertLaw } from './experts/expert-law';
export type { ExpertLawName } from './experts/expert-laws';
export {
  expertsDensity,
  expertsGates,
  expertsLogDensity,
  expertsResponsibilities,
} from './experts/experts-density';
export type { ExpertsErrors, ExpertsErrorsOptions } from './experts/experts-errors';
export { expertsStandardErrors } from './experts/experts-standard-errors';
export { type ExpertsFit, type FitExpertsOptions, fitExperts } from './experts/fit-experts';
export {
  type AnyExperts,
  type ExpertsEstimate,
  type ExpertsInput,
  type ExpertsJSON,
  type ExpertsModel,
  expertsFromJSON,
  expertsModel,
  freeParametersOfExperts,
  type VectorExperts,
} from './experts/model';
export { type ExpertsPrediction, predictExperts } from './experts/predict-experts';
export { sampleExperts } from './experts/sample-experts';
export type { AnyGaussian } from './families/any-gaussian';
export type { BernoulliParameter } from './families/bernoulli';
export type { CategoricalParameter } from './families/categorical';
export type { DiagonalGaussianParameter } from './families/diagonal-gaussian';
export type { DirichletParameter } from './families/dirichlet';
export type { ExponentialParameter } from './families/exponential';
export {
  conjugatePenalty,
  type ExponentialFamily,
  exponentialFamily,
  type Penalty,
} from './families/exponential-family';
export {
  type ConstantFamilyParameters,
  type FamilyName,
  type FamilyParameters,
  familyOf,
  type ParameterOf,
  registerFamily,
} from './families/families-registry';
export type {
  BatchForms,
  ClosedForms,
  Divergences,
  EmPass,
  Failures,
  Family,
  FasterThan,
  InformationOfParts,
  InnerProductDerivatives,
  LocalProblem,
  LogDensity,
  LogInnerProducts,
  NoiseTerm,
  PlainForm,
  Proportions,
  Quadrature,
  ScoreOfRow,
  Smoothing,
} from './families/family';
export type { GammaParameter } from './families/gamma';
export type { GaussianGammaParameter } from './families/gaussian-gamma';
export type { GaussianInput, GaussianParameter } from './families/gaussian-parameter';
export type { InverseGammaParameter } from './families/inverse-gamma';
export type { LaplaceParameter } from './families/laplace';
export { locationScaleFamily } from './families/location-scale';
export type { LogNormalParameter } from './families/log-normal';
export type { MultinomialParameter } from './families/multinomial';
export type { NegativeBinomialParameter } from './families/negative-binomial';
export { mapColumn, numberSampler, oneColumn } from './families/one-column';
export type { PoissonParameter } from './families/poisson';
export type { RayleighParameter } from './families/rayleigh';
export { type Range, type ScalarParameter, scalarParameter } from './families/scalar-parameter';
export type { SphericalGaussianParameter } from './families/spherical-gaussian';
export type { LocationScaleParameter, StandardDensity } from './families/standard-density';
export type { VonMisesParameter } from './families/von-mises';
export type { VonMisesFisherParameter } from './families/von-mises-fisher';
export type { WeibullParameter } from './families/weibull';
export { arenaFigure, breakdownFigure } from './figures/arena-figure';
export { type ComponentsFigureOptions, componentsFigure, type WhatWasUsed } from './figures/components-figure';
export { classOfCluster, confusionFigure } from './figures/confusion-figure';
export { type DendrogramOptions, dendrogramFigure } from './figures/dendrogram-figure';
export { contourFigure, densityFigure } from './figures/density-figure';
export { angleFigure, directionFigure } from './figures/direction-figures';
export {
  type DistanceDistributionOptions,
  distanceDistributionFigure,
  distanceGroups,
  distanceStripsFigure,
} from './figures/distance-distribution-figure';
export { distanceFigure, distanceMatrixFigure } from './figures/distance-figures';
export { type ExpertCoefficientsFigureOptions, expertCoefficientsFigure } from './figures/expert-coefficients-figure';
export type { Coefficients, ExpertNames, Slice } from './figures/expert-curves';
export { type ExpertsFigureOptions, expertsFigure } from './figures/experts-figure';
export {
  type ExpertsMachinesFigureOptions,
  type ExpertsVerdict,
  expertsMachinesFigure,
} from './figures/experts-machines-figure';
export type { Figure } from './figures/figure';
export { gridFigure } from './figures/grid-figure';
export { imagesFigure } from './figures/images-figure';
export { inflationCurveFigure } from './figures/inflation-curve-figure';
export { type MachinesFigureOptions, machinesFigure } from './figures/machines-figure';
export { type MapGroup, mapFigure } from './figures/map-figure';
export { matrixFigure } from './figures/matrix-figure';
export { methodsFigure } from './figures/methods-figure';
export { mixtureFigure } from './figures/mixture-figure';
export { orderFigure } from './figures/order-figure';
export { type PairsOptions, pairsFigure } from './figures/pairs-figure';
export { type PowerLawSeries, powerLawExponent, powerLawFigure } from './figures/power-law-figure';
export { probabilityFigure } from './figures/probability-figure';
export { profileFigure } from './figures/profile-figure';
export { quantileFigure } from './figures/quantile-figure';
export { type QuartilePoint, quartilesFigure } from './figures/quartiles-figure';
export { type RoundsFigureOptions, roundsFigure } from './figures/rounds-figure';
export { supportFigure } from './figures/support-figure';
export { traceFigure } from './figures/trace-figure';
export { weightsFigure } from './figures/weights-figure';
export { type QuadraticForm, quadraticFormCdf, quadraticFormQuantile } from './math/quadratic-form';
export { type RandomStream, randomOrder, randomStream, type Seed } from './math/random';
export { type DataFrameLike, type MatrixLike, type Missing, type Samples, type Table, takeRows } from './math/table';
export type { TransportPlan } from './math/transport';
export type { ConditionalEstimate, ConditionalModel, ModelsOnRows, RowsKnown } from './mixture/conditional';
export {
  bernoulliMixture,
  type Covariance,
  categoricalMixture,
  diagonalGaussianMixture,
  dirichletMixture,
  exponentialMixture,
  gammaMixture,
  gaussianGammaMixture,
  gaussianMixture,
  gumbelMixture,
  inverseGammaMixture,
  type LocationScaleParts,
  laplaceMixture,
  logisticMixture,
  logNormalMixture,
  type MeansParts,
  multinomialMixture,
  negativeBinomialMixture,
  poissonMixture,
  rayleighMixture,
  type ScalesParts,
  type ShapeScaleParts,
  sphericalGaussianMixture,
  studentTMixture,
  tiedGaussianMixture,
  vonMisesFisherMixture,
  vonMisesMixture,
  weibullMixture,
} from './mixture/constructors';
export { coordinateNames } from './mixture/coordinate-names';
export { freeParameters } from './mixture/free-parameters';
export type { Estimate } from './mixture/given';
export { type ColumnNames, conditional, marginal } from './mixture/marginal';
export {
  type Mixture,
  type MixtureJSON,
  type MixtureParts,
  mixture,
  mixtureFromJSON,
  mixtureFromVector,
  mixtureToVector,
} from './mixture/mixture';
export type { Box, Noise, NoiseInput } from './mixture/noise';
export {
  classify,
  logDensity,
  noiseProbabilities,
  type RowsOptions,
  responsibilities,
} from './mixture/posterior';
export { type Draw, sample } from './mixture/sample';
export { unstandardisedMixture } from './mixture/unstandardised-mixture';
export type { RegisterOptions } from './registry/registry';
export { adversaryLibrary } from './simulate/adversaries';
export { expertsFailureNames } from './simulate/experts-failures';
export {
  type ExpertsCovariatesOptions,
  type ExpertsPopulationOptions,
  expertsCovariates,
  expertsPopulation,
} from './simulate/experts-population';
export { type Failed, type FailedExperts, type FailOptions, type FailureKind, fail } from './simulate/fail';
export type { ExpertsFailureKind } from './simulate/fail-experts';
export { type FailMachinesOptions, failMachines } from './simulate/fail-machines';
export type { Failure, Situation } from './simulate/failure';
export { failureNames, registerFailure } from './simulate/failure-registry';
export { type MixsimOptions, mixsim } from './simulate/mixsim';
export { type Overlap, overlap } from './simulate/overlap';
export type { FormatOptions, TableBlock, TableColumn, TableFormat, TableSource } from './tables/source';
export {
  type Standardisation,
  type StandardisedTable,
  type StandardiseOptions,
  standardise,
  unstandardised,
} from './tables/standardise';
export { type Alignment, align } from './theory/align';
export {
  type CoordinateMatrix,
  fisherInformation,
  type InformationOptions,
  l2Hessian,
  l2Limit,
} from './theory/information';
export { type RowsBehind, type StandardErrorOptions, standardErrors } from './theory/standard-errors';
export type { Progress, Steps, WorkOptions } from './work/work';
