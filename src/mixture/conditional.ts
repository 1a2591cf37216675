import { InvalidInput } from '../errors';
import { type Samples, type Table, toSamples } from '../math/table';
import type { Steps } from '../work/work';
import type { Estimate } from './given';
import type { Mixture } from './mixture';

// Models of responses given covariates, such as mixtures of experts. On rows of covariates that somebody chose they are mixtures, over which
// row and which response: so all that compares and combines mixtures compares and combines them too.

/** The method by which a model is taken as a mixture on rows of covariates. */
export const onRows: unique symbol = Symbol('on rows of covariates');

/** The method by which a model of responses counts its free coordinates. */
export const freeCoordinates: unique symbol = Symbol('free coordinates');

/** A model of responses given covariates. */
export interface ConditionalModel {
  /** how many free coordinates it has */
  [freeCoordinates](): number;
  /**
   * Models of this kind as mixtures of one family.
   * @throws InvalidInput if they are not of one kind, naming the estimate, or the rows do not tell their coefficients apart
   */
  [onRows](models: readonly ConditionalModel[], covariates: Table): ModelsOnRows;
}

/** Models as mixtures over (s, y), s the number of a row of covariates: of each row the density of y is f(y | x_s), and all rows count alike. */
export interface ModelsOnRows<Parameter = unknown> {
  /** the models, in order; their family is of these rows, and not registered */
  readonly mixtures: readonly Mixture<Parameter>[];
  /** the model that is nearest to a mixture of the family */
  modelOf(mixture: Mixture<Parameter>): ConditionalModel;
  /**
   * the standard errors of a model that is of as many rows, in the form of its fields
   * @throws InvalidInput if they are not known
   */
  errorsOf(model: ConditionalModel, known: RowsKnown): Steps<unknown>;
}

/** What a result knows of the rows behind it: N of all, or N of the weights and of each component. */
export interface RowsKnown {
  /** N */
  readonly sampleSize?: number;
  /** the rows behind each part, if parts come from different machines */
  readonly rowsBehind?: {
    /** the rows of the machines whose weights were used */
    readonly weights: number;
    /** the rows of the machines whose k-th component was used, K numbers */
    readonly components: ArrayLike<number>;
  };
}

/** A model of responses given covariates, or a result that holds one. */
export type ConditionalEstimate<Model extends ConditionalModel = ConditionalModel> =
  | Model
  | {
      /** the model of responses given covariates */
      readonly model: Model;
      /** n, the number of rows behind it */
      readonly sampleSize?: number;
    };

/** Whether it is a model of responses given covariates, or a result that holds one. */
export function isConditional(estimate: unknown): estimate is ConditionalEstimate {
  return modelIn(estimate) !== undefined;
}

/**
 * Estimates of responses given covariates as estimates that hold mixtures, with all else that they say, such as sample sizes.
 * @param covariates rows that whoever compares chose: on rows that machines chose, a liar would choose those on which it does not show
 * @throws InvalidInput if one is no such model, or the covariates are not given
 */
export function onCovariates(
  estimates: readonly unknown[],
  covariates: Table | undefined,
): Omit<ModelsOnRows, 'mixtures'> & { readonly estimates: readonly Estimate[]; readonly covariates: Samples } {
  if (!(estimates?.length > 0)) throw new InvalidInput('the list of models is empty: at least one is needed');
  const models = Array.from(estimates, (estimate, i) => {
    const model = modelIn(estimate);
    if (model) return model;
    throw new InvalidInput(`estimate ${i} is no model of responses given covariates, as estimate 0 is: leave it out`);
  });
  if (covariates === undefined)
    throw new InvalidInput(
      'models of responses are compared on rows of covariates: give { covariates }, some hundred rows of your own, as a machine that chose them could hide',
    );
  const rows = toSamples(covariates);
  const { mixtures, ...rest } = models[0][onRows](models, rows);
  const held = mixtures.map((mixture, i): Estimate => {
    const estimate = estimates[i] as object;
    if (estimate === models[i]) return mixture;
    const { model: _, ...known } = estimate as { model: unknown };
    return { ...known, mixture };
  });
  return { ...rest, estimates: held, covariates: rows };
}

/** The model of an estimate, under either of its names. */
function modelIn(estimate: unknown): ConditionalModel | undefined {
  const { model, mixture } = (estimate ?? {}) as { model?: unknown; mixture?: unknown };
  return [estimate, model, mixture].find(
    (one): one is ConditionalModel => typeof one === 'object' && one !== null && onRows in one,
  );
}
