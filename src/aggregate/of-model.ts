import type { Mixture } from '../mixture/mixture';

/** A result of mixtures on rows of covariates as one of models of responses: under its own name, and under that which all results have. */
export type OfModel<Result extends { readonly mixture: unknown }, Model> = Omit<Result, 'mixture'> & {
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
