import type { RandomStream } from '../math/random';
import type { Samples } from '../math/table';

/**
 * The contract that a family of subpopulations answers: all that mixtures, EM, distances, reduction and aggregation
 * need to know of it. `Parameter` is the family's own form of θ, an immutable plain object. What is optional has a user
 * only in the families that need it. Your own family is most easily made by `exponentialFamily` or `locationScaleFamily`,
 * which answer all of this from a few lines, or by spreading another and changing what differs: the faster forms of what
 * is changed are then no longer used.
 */
export interface Family<Parameter = unknown> {
  /** The name in JSON and in messages. */
  readonly name: string;

  // θ itself

  /**
   * θ from what a user or a file gives: checked, copied, in canonical form.
   * @throws an error that begins with `where` and names the value and the remedy
   */
  parameter(value: unknown, where: string): Parameter;
  /** d, the number of features of an observation. */
  dimension(parameter: Parameter): number;
  /** p, the length of θ as a vector, for observations of dimension d. */
  size(dimension: number): number;
  /** θ as p free coordinates. */
  toVector(parameter: Parameter): Float64Array;
  /** θ from p coordinates, in a form that `parameter` accepts. */
  fromVector(vector: Float64Array, dimension: number): unknown;
  /** θ as plain JSON, in a form that `parameter` accepts; numbers survive to the last bit. */
  toJSON(parameter: Parameter): unknown;

  // f(x; θ)

  /**
   * Whether rows may miss cells, which are NaN: `logDensity` is then of the observed cells, `localProblem` takes such rows, and
   * `clusterScale` completes them; absent: they may not.
   */
  readonly missing?: true;
  /**
   * Checks that rows can be observations of the family; absent for R^d, where all can.
   * @throws if one cannot, naming it, its value and the remedy
   */
  requireSupport?(samples: Samples): void;
  /** Where rows that were standardised are no observations any more: what features are, for messages, such as 'angles'. */
  readonly notStandardised?: string;
  /** Prepares the rows once, whatever the number of components and iterations that follow. */
  logDensity(samples: Samples): LogDensity<Parameter>;
  /** One observation x ~ f(·; θ), written into `out` from `offset` on. */
  sampler(parameter: Parameter, random: RandomStream): (out: Float64Array, offset: number) => void;

  // learning θ on one machine

  /**
   * The penalised likelihood problem that these samples pose, with a_n the strength; throws if they cannot be fitted. Where they have
   * weights, all above 0, what it takes from the whole sample is that of each row as often as it counts. A change of the data's unit, or
   * of the spread of all rows and clusters together, leaves the penalty's share in the estimates as it is. Where the paper's own penalty
   * is another, `published` asks for that.
   */
  localProblem(samples: Samples, strength: number, published?: boolean): LocalProblem<Parameter>;
  /**
   * The rows on a scale on which components are about round, on which k-means looks for starts, and with values in place of what is
   * missing; absent: as they are.
   */
  clusterScale?(samples: Samples): Samples;
  /** Only if a mixture may have a noise component beside these, uniform on a box: families on all of R^d. */
  readonly noise?: true;
  /** What somebody who uses a mixture of these components should know, in sentences; of a fit, also of the rows. */
  notes?(parameters: readonly Parameter[], samples?: Samples): string[];

  // between subpopulations

  /**
   * log ∫ f(x; θ) f(x; θ′) dx, the kernel of the L² distance; the same bits for (θ, θ′) and (θ′, θ). Infinity if the
   * integral diverges.
   */
  logInnerProduct(a: Parameter, b: Parameter): number;
  /** Where some densities of the family are not square integrable: which are, for messages. */
  readonly squareIntegrable?: string;
  /** KL(θ ‖ θ′) ≥ 0, the default cost of mixture reduction: from the support point `a` to the centre `b`. */
  divergence(a: Parameter, b: Parameter): number;
  /** argmin_θ Σ π KL(θ_γ ‖ θ), weights π ≥ 0 of any positive total. */
  barycentre(parameters: readonly Parameter[], weights: Float64Array): Parameter;
  /**
   * Only if all components of a mixture share a part of θ: the parameters with that part made the same, the average
   * under the weights.
   */
  tie?(parameters: readonly Parameter[], weights: Float64Array): Parameter[];
  /** Where there is `tie`: how many of the p coordinates of θ all components share. */
  sharedSize?(dimension: number): number;
  /** The ground distance D₁(θ, θ′) of W₁. */
  groundDistance(a: Parameter, b: Parameter): number;

  /** Only if the weights of components differ from place to place, as the gates of experts do: rules then take these in place of weights. */
  readonly proportions?: Proportions<Parameter>;

  // what only some families have; `fastForm` answers what of the first two may be used

  /** Faster forms of `logDensity`, `logInnerProduct` and `divergence` for many rows or pairs at once. */
  readonly fast?: BatchForms<Parameter>;
  /** Closed forms of what the theory else finds numerically from `logDensity` and `logInnerProduct`. */
  readonly theory?: ClosedForms<Parameter>;
  /** What smoothing by normal noise needs. */
  readonly smoothing?: Smoothing<Parameter>;
  /**
   * What of a component can be broken in simulations, by the name of the failure, such as 'mean' or 'scale': each answers the θ
   * that a failed machine sends in place of its own, in a form that `parameter` accepts.
   */
  readonly failures?: Failures<Parameter>;
}

/** What the faster forms of a family are faster than: they are used only while the family's own plain forms are these. */
export type FasterThan<Parameter, Forms> = Forms & {
  /** the plain forms themselves */
  readonly of: Pick<Family<Parameter>, PlainForm>;
};

/** The plain forms that have faster ones. θ as a vector is one of them, as derivatives are by its coordinates. */
export type PlainForm = 'logDensity' | 'logInnerProduct' | 'divergence' | 'toVector' | 'fromVector';

/** Forms that answer for many rows or pairs at once. */
export type BatchForms<Parameter> = FasterThan<
  Parameter,
  {
    /** The component of largest w f(x) of every row, the first of several equal ones; −1 where `logDensity` must be asked. */
    labels?(weights: Float64Array, parameters: readonly Parameter[], samples: Samples): Int32Array | undefined;
    /**
     * Prepares the products of many pairs: of the parameters rows[0] … rows[1] − 1 with those from columns[0] to columns[1] − 1,
     * row-major; NaN if `logInnerProduct` must be asked.
     */
    logInnerProducts?(parameters: readonly Parameter[]): LogInnerProducts | undefined;
    /** Prepares the divergences from n points to any K centres, n × K, row-major. */
    divergences?(points: readonly Parameter[]): Divergences<Parameter>;
  }
>;

/** Forms in which the theory finds derivatives and expectations exactly. */
export type ClosedForms<Parameter> = FasterThan<
  Parameter,
  {
    /** The derivatives of exp(logInnerProduct). */
    innerProductDerivatives?(a: Parameter, b: Parameter): InnerProductDerivatives;
    /** Prepares ∂ log f(x_j; θ) / ∂θ of every row. */
    scores?(samples: Samples, parameter: Parameter): ScoreOfRow;
    /** Places and masses with Σ mass g(x) ≈ E g(X), X of component k, dense enough for all; undefined if draws must do. */
    quadrature?(parameters: readonly Parameter[], k: number): Quadrature | undefined;
  }
>;

/** The weights of components at each of S places, S × K, row-major, of which each row sums to one; every place counts alike. */
export interface Proportions<Parameter> {
  /** what messages call them, such as 'gates', and a component, such as 'expert' */
  readonly words: {
    /** the weights, such as 'gates' */
    readonly weights: string;
    /** a component, such as 'expert' */
    readonly component: string;
  };
  /** those of a mixture with these weights and parameters */
  of(weights: Float64Array, parameters: readonly Parameter[]): Float64Array;
  /** the weights, and the parameters with what of them is proportions, of a mixture with these proportions */
  with(
    proportions: Float64Array,
    parameters: readonly Parameter[],
  ): {
    /** the weights of the mixture */
    readonly weights: Float64Array;
    /** its parameters */
    readonly parameters: readonly Parameter[];
  };
  /** along how many directions the proportions of K components vary */
  size(order: number): number;
  /** how many of the coordinates of θ are no proportions */
  readonly componentSize: number;
  /** what a row says of such a mixture, of which `noiseLaws` of theory makes how honest estimates err */
  information(mixture: {
    /** the weights of the mixture */
    readonly weights: Float64Array;
    /** its parameters */
    readonly parameters: readonly Parameter[];
  }): Generator<void, InformationOfParts, void>;
}

/** Informations of one row, in the coordinates of the proportions and then of each component; only these parts matter, not their units. */
export interface InformationOfParts {
  /** of the mixture, P × P */
  readonly observed: Float64Array;
  /** of the proportions if the component of each row were known */
  readonly proportions: Float64Array;
  /** w_k times that of component k alone, of each */
  readonly components: readonly Float64Array[];
  /** how many draws `observed` is a mean over */
  readonly draws: number;
}

/** The variances of the d features, and θ of X + ε with independent normal ε of given variances, which is in the family. */
export interface Smoothing<Parameter> {
  /** d variances of a component, in the squared units of the features */
  variances(parameter: Parameter): Float64Array;
  /** θ of the component with the variances added */
  convolved(parameter: Parameter, variances: Float64Array): Parameter;
}

/** By the name of the failure, what a failed machine sends for a component. (The type of a method, as below.) */
export type Failures<Parameter> = Readonly<
  Record<
    string,
    {
      /** what is sent in place of the component */
      draw(parameter: Parameter, random: RandomStream): unknown;
    }['draw']
  >
>;

/** The places of a quadrature, and the mass at each. */
export interface Quadrature {
  /** S rows of d numbers */
  readonly places: Samples;
  /** the mass at each of the S places */
  readonly masses: Float64Array;
}

/** Writes log f(x_j; θ) of every row j into `out`. (The type of a method, so that those of all families are assignable to `Family`.) */
export type LogDensity<Parameter> = {
  /** fills `out` */
  write(parameter: Parameter, out: Float64Array): void;
}['write'];

/** One machine's fitting problem, App. A.1: maximise Σ_j log f_G(x_j) − a_n Σ_k p(θ_k), each row as often as it counts. */
export interface LocalProblem<Parameter> {
  /** p(θ), of which a_n p(θ) is taken from the log-likelihood; absent for families that have none. */
  penalty?(parameter: Parameter): number;
  /**
   * The M-step (15): θ_1 … θ_K that maximise Σ_jk r_jk log f(x_j; θ_k) − a_n Σ_k p(θ_k).
   * @param responsibilities K × n, row k those of component k; where samples have weights, times how often each row counts
   * @param previous the parameters of the step before; absent at the very first
   * @throws DegenerateComponent if a component has no maximum
   */
  maximise(responsibilities: Float64Array, order: number, previous?: readonly Parameter[]): Parameter[];
  /**
   * What share of each variance of θ_k the penalty makes, given the rows n_k of each component, at a maximum: the variance of each column,
   * by itself or given the others, or what stands for it in the family.
   */
  penaltyShares?(parameters: readonly Parameter[], masses: ArrayLike<number>): Float64Array[];
  /** Where not every θ may be an estimate: the nearest that may, from which EM starts. */
  admissible?(parameter: Parameter): Parameter;
  /** A faster form of `logDensity` and `maximise`; `fastPass` answers whether it may be used. */
  readonly fast?: {
    /** the plain forms that it is faster than */
    readonly of: Pick<LocalProblem<Parameter>, 'penalty' | 'maximise'> & Pick<Family<Parameter>, 'logDensity'>;
    /**
     * The E-step at a mixture and the M-step after it in one pass over the rows; undefined if the plain forms must do it.
     * @param noise what all rows have in common if the mixture has noise: only families with `noise` are asked
     */
    pass(weights: Float64Array, parameters: readonly Parameter[], noise?: NoiseTerm): EmPass<Parameter> | undefined;
  };
}

/** The noise of a mixture as a pass over rows in its box needs it: its weight, and its log density in each of them. */
export interface NoiseTerm {
  /** the weight of the noise, from 0 to below 1 */
  readonly weight: number;
  /** −log of the volume of the box */
  readonly logDensity: number;
}

/** What a pass of EM over the rows finds. */
export interface EmPass<Parameter> {
  /** Σ_j log f_G(x_j) at the mixture given */
  readonly logLikelihood: number;
  /** the M-step, the weights of the components and, last, of the noise if there is one; undefined if only `maximise` can do it */
  next():
    | {
        /** the weights after the step */
        readonly weights: Float64Array;
        /** θ_1 … θ_K after the step */
        readonly parameters: readonly Parameter[];
      }
    | undefined;
}

/** Writes the p numbers ∂ log f(x_j; θ) / ∂θ of row j, times a factor, into `out` from `offset` on. */
export type ScoreOfRow = (j: number, factor: number, out: Float64Array, offset: number) => void;

/** I(θ, θ′) = ∫ f(x; θ) f(x; θ′) dx and its derivatives, θ and θ′ as vectors. */
export interface InnerProductDerivatives {
  /** I(θ, θ′) */
  readonly value: number;
  /** ∂I / ∂θ, p */
  readonly first: Float64Array;
  /** ∂I / ∂θ′, p */
  readonly second: Float64Array;
  /** ∂²I / ∂θ ∂θ′ᵀ, p × p, row-major */
  readonly mixed: Float64Array;
}

/** log I(θ, θ′) of all pairs of some rows and some columns of the components that were given, row-major; the next call may overwrite it. */
export type LogInnerProducts = (rows: readonly [number, number], columns: readonly [number, number]) => Float64Array;

/** The divergences from the points that were prepared to K centres, n × K, row-major. (The type of a method, as above.) */
export type Divergences<Parameter> = {
  /** n × K divergences, row-major */
  to(centres: readonly Parameter[]): Float64Array;
}['to'];
