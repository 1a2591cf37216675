import type { DistanceMatrix, DistanceRows } from '../distance/distance-matrix';
import type { Samples } from '../math/table';
import type { Mixture } from '../mixture/mixture';
import type { Components } from './components';
import type { Dfmr } from './dfmr';
import type { InflationCurve } from './inflation';
import type { Aggregated } from './rule';

/** A result of mixtures on rows of covariates as one of models of responses: under its own name, and under that which all results have. */
export type OfModel<Result extends { readonly mixture: unknown }, Model> = Omit<Result, 'mixture'> & {
  /** the model of responses given covariates */
  readonly model: Model;
  /** the same as `model` */
  readonly mixture: Model;
};

/** The result with the model in place of its mixture. */
export function ofModel<Result extends { readonly mixture: unknown }, Model>(
  result: Result,
  modelOf: (mixture: Mixture) => unknown,
): OfModel<Result, Model> {
  const model = modelOf(result.mixture as Mixture) as Model;
  return { ...result, model, mixture: model };
}

/** What the models of all machines say together, and what was decided on the way, as of mixtures. */
export interface ModelAggregate<Model> {
  /** the rule's name */
  readonly rule: string;
  /** what the rule made of the models, on which rows */
  readonly result: OfModel<Aggregated, Model> & {
    /** the rows of covariates on which the models were compared */
    readonly covariates: Samples;
  };
  /** how DFMR came to its result; undefined if the rule is another */
  readonly dfmr?: {
    /** ρ, the inflation factor that was taken */
    readonly inflationFactor: number;
    /** the distances between the models */
    readonly distances: DistanceMatrix | DistanceRows;
    /** what DFMR makes of the models as ρ grows */
    readonly curve: InflationCurve<unknown>;
    /** what DFMR makes of them at that ρ */
    readonly result: OfModel<Dfmr<unknown>, Model>;
  };
  /** which component of which machine was used for what, and the gates as its weights; undefined if the rule is not 'components' */
  readonly components?: OfModel<Components<unknown>, Model>;
  /** of the result, in the form of the model's fields, as of `expertsStandardErrors`; undefined if they are not known, which `decisions` explains */
  readonly standardErrors?: unknown;
  /** what was chosen, why, and what one should know, in sentences */
  readonly decisions: readonly string[];
}
