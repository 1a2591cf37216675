import type { Coat } from '../aggregate/coat';
import { type Components, type ComponentsOptions, componentsSteps } from '../aggregate/components';
import { type Dfmr, type DfmrOptions, dfmrSteps } from '../aggregate/dfmr';
import { type OfModel, ofModel } from '../aggregate/of-model';
import { type ReduceOptions, type Reduction, reduceSteps } from '../aggregate/reduce';
import type { DistanceMatrix } from '../distance/distance-matrix';
import { l2Steps } from '../distance/l2';
import type { Table } from '../math/table';
import { onCovariates } from '../mixture/conditional';
import { mixtureOf } from '../mixture/given';
import type { Mixture } from '../mixture/mixture';
import { finished } from '../work/work';
import type { Expert } from './expert';
import type { AnyExperts, ExpertsEstimate, ExpertsModel } from './model';

// The synchronous faces of distances and rules for mixtures of experts; `aggregate` and `aggregateBy` take these as they are.

/** A mixture of experts of one kind, or a result that holds one. */
export type EstimateOf<Model extends AnyExperts> =
  | Model
  | {
      /** the mixture of experts */
      readonly model: Model;
      /** n, the number of rows behind it */
      readonly sampleSize?: number;
    };

/** Options of `reduceExperts`: those of `reduce`, and a model to start at. */
export interface ReduceExpertsOptions
  extends Pick<ReduceOptions<Expert>, 'from' | 'sampleSizes' | 'tolerance' | 'maxIterations'> {
  /**
   * the mixture of experts at which the iteration starts, which also gives the order K
   * @defaultValue the COAT of the models
   */
  readonly start?: ExpertsEstimate;
}

/** Options of `dfmrExperts`: those of `reduceExperts`, and how far it filters. */
export interface DfmrExpertsOptions
  extends ReduceExpertsOptions,
    Pick<DfmrOptions<Expert>, 'radiusBy' | 'distanceMatrix'> {
  /**
   * ρ ≥ 1: a model is kept if its distance to the COAT is at most ρ times the radius
   * @defaultValue 1.2: in `data/experts-study.csv` all seven kinds of failure were then set aside, and 0.94 of honest models kept; from 1.3 on a
   * machine with one wrong, rarely used expert is kept at times
   */
  readonly inflationFactor?: number;
}

/** The reduced mixture of experts and how it was found, as of `reduce`. */
export type ExpertsReduction<Model extends AnyExperts = ExpertsModel> = OfModel<Reduction<Expert>, Model>;

/** The aggregated mixture of experts, and why it can be trusted, as of `dfmr`. */
export type DfmrExperts<Model extends AnyExperts = ExpertsModel> = Omit<OfModel<Dfmr<Expert>, Model>, 'coat'> & {
  /** the centre of attention */
  readonly coat: OfModel<Coat<Expert>, Model>;
};

/** The aggregate of experts and gates, and which expert of which machine was used for what, as of `dfmrComponents`. */
export type ExpertsComponents<Model extends AnyExperts = ExpertsModel> = OfModel<Components<Expert>, Model>;

/** The estimates, and the start if there is one, as mixtures on the rows. */
function mixturesOn(models: readonly ExpertsEstimate[], covariates: Table, start?: ExpertsEstimate) {
  const { estimates, modelOf } = onCovariates(start ? [...models, start] : models, covariates);
  const all = estimates as { readonly mixture: Mixture<Expert>; readonly sampleSize?: number }[];
  return { estimates: all.slice(0, models?.length), start: start && mixtureOf(all[models.length]), modelOf };
}

/**
 * The L² distances between all pairs of mixtures of experts, of the conditional densities on average over rows of covariates,
 *
 *   D²(f, g) = S⁻¹ Σ_s ∫ {f(y | x_s) − g(y | x_s)}² dy,
 *
 * in closed form for linear experts, by sums over y for others. Labels and the class of reference of the gates do not matter: gates are compared
 * as probabilities.
 * @param models m mixtures of experts, or results that hold one, of one law with the same covariates and responses
 * @param covariates S rows of d covariates, some hundred, chosen by whoever compares: on rows that a machine chose it could hide what it changed
 * @returns m × m distances
 * @throws InvalidInput if the models differ in law, covariates or responses, or there are too few rows to tell coefficients apart
 * @example
 * const line = (slope: number) => expertsModel({ gates: [[0, 0]], coefficients: [[0, slope]], variances: [1] });
 * const distances = expertsDistanceMatrix([line(1), line(1.1), line(-1)], [-2, -1, 0, 1, 2]);
 * [distances.at(0, 1), distances.at(0, 2)]; // [0.0530, 0.603]
 */
export function expertsDistanceMatrix(models: readonly ExpertsEstimate[], covariates: Table): DistanceMatrix {
  return finished(l2Steps(mixturesOn(models, covariates).estimates.map((one) => mixtureOf(one) as Mixture)));
}

/**
 * Reduction of mixtures of experts, without the rows of anybody: the mixture of K experts to which all experts of all machines go at the least
 * cost. An expert goes as a whole, at the cost Σ_s π_l(x_s) KL(f_l(· | x_s) ‖ f_k(· | x_s)); then each centre moves to its barycentre, by weighted least squares
 * for linear experts. At the end the gates are the softmax regression on the mean probabilities Π_k(x_s) = Σ_i λ_i Σ_{l → k} π_il(x_s).
 * The objective never rises.
 * @param models m mixtures of experts, or results that hold one, of one law and order with the same covariates and responses
 * @param covariates S rows of d covariates of whoever reduces
 * @param options the sample sizes of the machines, and where the iteration starts and ends
 * @returns the reduced model, its objective, and which centre each expert went to
 * @throws InvalidInput as `expertsDistanceMatrix` and `reduce` do
 * @example
 * const x = [-3, -2, -1, 0, 1, 2, 3];
 * const up = { coefficients: [[0, 2], [1, -1]], gates: [[0, 1], [0, 0]], variances: [1, 1] };
 * const relabelled = { coefficients: [[1, -1.1], [0, 2.1]], gates: [[0, 0], [0, 1]], variances: [1, 1] };
 * reduceExperts([expertsModel(up), expertsModel(relabelled)], x).model.coefficients; // [[0.00, 2.05], [1.00, −1.05]]
 */
export function reduceExperts<Model extends AnyExperts = ExpertsModel>(
  models: readonly EstimateOf<Model>[],
  covariates: Table,
  options: ReduceExpertsOptions = {},
): ExpertsReduction<Model> {
  const { start: given, ...reducing } = options;
  const { estimates, start, modelOf } = mixturesOn(models, covariates, given);
  return ofModel(finished(reduceSteps(estimates, Int32Array.from(estimates.keys()), { ...reducing, start })), modelOf);
}

/**
 * Distance-filtered reduction of mixtures of experts: DFMR (12) with the distance of `expertsDistanceMatrix` and the reduction of `reduceExperts`.
 * @param models m mixtures of experts, or results that hold one, of one law and order with the same covariates and responses
 * @param covariates S rows of d covariates of whoever aggregates; a machine that chose them could hide what it changed. Where machines see other
 *   covariates than these, their gates are compared where they have not learned them, and honest machines may be set aside
 * @param options ρ, the sample sizes of the machines, and where the reduction starts and ends
 * @returns the aggregated model, the machines that were kept and those that were set aside, with the distances that decided
 * @throws InvalidInput if the inflation factor is below 1, and as `expertsDistanceMatrix` and `reduce` do; NoCentre as `coat` does
 * @example
 * const x = [-3, -2, -1, 0, 1, 2, 3];
 * const model = (slope: number) => expertsModel({ gates: [[0, 1], [0, 0]], coefficients: [[0, slope], [1, -1]], variances: [1, 1] });
 * dfmrExperts([model(2), model(2.1), model(1.95), model(2.02), model(-9)], x).kept; // [0, 2, 3]
 */
export function dfmrExperts<Model extends AnyExperts = ExpertsModel>(
  models: readonly EstimateOf<Model>[],
  covariates: Table,
  options: DfmrExpertsOptions = {},
): DfmrExperts<Model> {
  const { start: given, inflationFactor = 1.2, ...reducing } = options;
  const { estimates, start, modelOf } = mixturesOn(models, covariates, given);
  const { coat, ...result } = finished(dfmrSteps(estimates, { ...reducing, inflationFactor, start }));
  return { ...ofModel<typeof result, Model>(result, modelOf), coat: ofModel(coat, modelOf) };
}

/**
 * Aggregation by experts, as `dfmrComponents` does it: every expert has a centre of its own, and so have the gates, by the distance
 * {S⁻¹ Σ_s Σ_k (π_k(x_s) − π′_k(x_s))² / (π_k + π′_k)}^½ of matched models, in place of the weights. One wrong expert costs a machine that expert only, and wrong gates cost its gates.
 * @param models m mixtures of experts, or results that hold one, of one law and order with the same covariates and responses
 * @param covariates S rows of d covariates of whoever aggregates
 * @param options the sample sizes of the machines, and a seed
 * @returns the model, which expert of which machine was used for what, and what was set aside and why
 * @throws InvalidInput as `expertsDistanceMatrix` and `dfmrComponents` do
 * @example
 * const x = [-3, -2, -1, 0, 1, 2, 3];
 * const model = (slope: number) => expertsModel({ gates: [[0, 1], [0, 0]], coefficients: [[0, slope], [1, -1]], variances: [1, 1] });
 * const { keptComponents } = dfmrExpertsComponents([model(2), model(2.1), model(1.95), model(2.02), model(-9)], x);
 * keptComponents.subarray(8); // [1, 0]: of the last machine, one expert is wrong, the other is used
 */
export function dfmrExpertsComponents<Model extends AnyExperts = ExpertsModel>(
  models: readonly EstimateOf<Model>[],
  covariates: Table,
  options: ComponentsOptions = {},
): ExpertsComponents<Model> {
  const { estimates, modelOf } = mixturesOn(models, covariates);
  return ofModel(finished(componentsSteps(estimates, options)), modelOf);
}
