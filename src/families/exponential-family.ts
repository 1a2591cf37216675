import { DegenerateComponent, InvalidInput } from '../errors';
import { type ExponentialPass, exponentialPass } from '../kernels/exponential-em';
import { upperQuantile } from '../math/quantile';
import { countOf, type Samples } from '../math/table';
import type { Family, LocalProblem, LogDensity } from './family';

/**
 * An exponential family f(x; θ) = exp{θᵀ T(x) − A(θ)} h(x), App. B.9.1, in its natural parameter θ, with p statistics.
 * `Parameter` is the form that users see.
 */
export interface ExponentialFamily<Parameter>
  extends Pick<
    Family<Parameter>,
    | 'name'
    | 'parameter'
    | 'size'
    | 'toVector'
    | 'fromVector'
    | 'toJSON'
    | 'groundDistance'
    | 'requireSupport'
    | 'notStandardised'
    | 'clusterScale'
    | 'notes'
    | 'squareIntegrable'
    | 'sampler'
    | 'failures'
  > {
  /** d; 1 if not given */
  readonly dimension?: (parameter: Parameter) => number;
  /** θ of what users see, and back */
  toNatural(parameter: Parameter, origin: number): Float64Array;
  /** what users see of θ */
  fromNatural(theta: Float64Array, origin: number): Parameter;
  /** T(x) of an observation of d numbers */
  statistics(x: Float64Array, origin: number): ArrayLike<number>;
  /**
   * Where T holds squares, which lose digits when they are far from 0: what moves with the observations. T and θ are then
   * asked for with locations counted from an `origin` near them; elsewhere it is 0.
   */
  readonly location?: {
    /** the location of a component */
    of(parameter: Parameter): number;
    /** the location of an observation */
    ofObservation(x: Float64Array): number;
  };
  /** A(θ) = log ∫ exp{θᵀ T(x)} h(x) dx; Infinity if the integral diverges */
  logPartition(theta: Float64Array): number;
  /** ∇A(θ) = E T(x) */
  gradient(theta: Float64Array): Float64Array;
  /** θ with ∇A(θ) = t; if there is none, anything that is not finite, or an error */
  inverseGradient(t: Float64Array): Float64Array;
  /** log h(x), if h is not 1 (Lebesgue measure) */
  logCarrier?(x: Float64Array): number;
  /** log ∫ exp{ηᵀ T(x)} h(x)² dx, if h is not 1; Infinity if the integral diverges */
  logSquarePartition?(eta: Float64Array): number;
  /** the penalty, given the mean of T over all n rows, or N = Σ w if they are weighted; absent if only rows at one end of the support could need one */
  penalty?(whole: Float64Array, rows: number, origin: number): Penalty<Parameter>;
  /** the paper's penalty, if it is another */
  publishedPenalty?(whole: Float64Array, rows: number, origin: number): Penalty<Parameter>;
}

/** p(θ), and the θ that maximises n_k {θᵀ t − A(θ)} − a_n p(θ) for n_k rows whose statistics have the mean t. */
export interface Penalty<Parameter> {
  /** p(θ), in nats */
  value(parameter: Parameter): number;
  /** θ of the maximum, given the mean t of the statistics, n_k (`mass`) and a_n (`strength`) */
  maximise(t: Float64Array, mass: number, strength: number): Parameter;
  /** the share that the penalty has in the variance of θ, or in what stands for it, where θ is that maximum; absent where nothing does */
  readonly share?: {
    /** the share, from 0 to 1 */
    of(parameter: Parameter, mass: number, strength: number): number;
  }['of'];
  /** if not every θ may be an estimate: the nearest that may */
  admissible?(parameter: Parameter): Parameter;
}

/**
 * The family of an exponential family: density, inner product exp{A(θ + θ′) − A(θ) − A(θ′)}, KL as the Bregman divergence
 * D_A(θ′, θ), its barycentre ∇A(θ) = Σ π ∇A(θ_γ) / Σ π and the M-step ∇A(θ) = Σ r T(x) / n_k all follow.
 * @param own what is particular to the family
 * @returns the family, which `registerFamily` may register
 * @example
 * // waiting times of a known least, 2: f(x; θ) = exp{θ (x − 2)} (−θ) on [2, ∞), with θ = −1 / (mean − 2)
 * const late = exponentialFamily<{ readonly excess: number }>({
 *   name: 'late',
 *   ...scalarParameter<{ readonly excess: number }>({ excess: 'positive' }),
 *   toNatural: ({ excess }) => Float64Array.of(-1 / excess),
 *   fromNatural: ([theta]) => ({ excess: -1 / theta }),
 *   statistics: ([x]) => [x - 2],
 *   logPartition: ([theta]) => (theta < 0 ? -Math.log(-theta) : Infinity),
 *   gradient: ([theta]) => Float64Array.of(-1 / theta),
 *   inverseGradient: ([mean]) => Float64Array.of(-1 / mean),
 *   requireSupport: oneColumn('late', (x) => x >= 2, 'at least 2'),
 *   sampler: numberSampler(({ excess }, random) => () => 2 - excess * Math.log(1 - random())),
 * });
 * fit([2.5, 3, 4.5], { order: 1, family: late }).mixture.parameters[0].excess; // 1.33: the mean above 2
 */
export function exponentialFamily<Parameter extends object>(own: ExponentialFamily<Parameter>): Family<Parameter> {
  const { location, logSquarePartition = own.logPartition } = own;
  const calculus = calculusOf(own);
  const { natural, solve } = calculus;
  const logDensity: Family<Parameter>['logDensity'] = (samples) => densityOf(calculus, samples);
  const { name, parameter, size, toVector, fromVector, toJSON, groundDistance, sampler } = own;
  const { requireSupport, notStandardised, clusterScale, notes, squareIntegrable, failures } = own;

  return {
    ...{ name, parameter, size, toVector, fromVector, toJSON, groundDistance, sampler },
    ...{ requireSupport, notStandardised, clusterScale, notes, squareIntegrable, failures },
    dimension: own.dimension ?? (() => 1),
    logDensity,

    localProblem: (samples, strength, published) => {
      const penaltyOf = (published && own.publishedPenalty) || own.penalty;
      return problemOf({ ...calculus, penaltyOf }, logDensity, samples, strength);
    },

    // exp{A(θ + θ′) − A(θ) − A(θ′)} for Lebesgue measure
    logInnerProduct(a, b) {
      const [first, second] = [natural(a), natural(b)];
      const eta = first.theta.map((value, i) => value + second.theta[i]);
      const log = logSquarePartition(eta) - (first.logPartition + second.logPartition);
      return Number.isNaN(log) ? -Infinity : log; // Infinity − Infinity: beyond float64
    },

    // D_A(θ′, θ) = A(θ′) − A(θ) − (θ′ − θ)ᵀ ∇A(θ)
    divergence(a, b) {
      const origin = location?.of(a);
      const [from, to] = [natural(a, origin), natural(b, origin)];
      let divergence = to.logPartition - from.logPartition;
      for (let i = 0; i < from.theta.length; i++) divergence -= (to.theta[i] - from.theta[i]) * from.gradient[i];
      return Number.isNaN(divergence) ? Infinity : Math.max(0, divergence); // Infinity − Infinity: beyond float64
    },

    // ∇A(θ) = Σ π ∇A(θ_γ) / Σ π
    barycentre(parameters, weights) {
      const [first, ...others] = parameters.map((parameter) => own.toVector(parameter));
      if (others.every((vector) => vector.every((value, i) => value === first[i]))) return parameters[0];
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const origin = parameters.reduce((sum, p, g) => sum + (weights[g] / total) * (location?.of(p) ?? 0), 0);
      const gradients = parameters.map((parameter) => natural(parameter, origin).gradient);
      const mean = gradients[0].map((_, i) => gradients.reduce((sum, t, g) => sum + (weights[g] / total) * t[i], 0));
      return solve(mean, origin);
    },
  };
}

/** What is computed of a parameter. */
interface Natural {
  readonly theta: Float64Array;
  readonly logPartition: number;
  readonly gradient: Float64Array;
}

/** What everything of an exponential family is computed from. */
interface Calculus<Parameter> {
  readonly own: ExponentialFamily<Parameter>;
  natural(parameter: Parameter, origin?: number): Natural;
  /** θ whose statistics have the mean t */
  solve(t: Float64Array, origin: number): Parameter;
}

function calculusOf<Parameter extends object>(own: ExponentialFamily<Parameter>): Calculus<Parameter> {
  const { location } = own;
  const known = new WeakMap<Parameter, Natural>();
  return {
    own,
    natural(parameter: Parameter, origin = 0): Natural {
      const found = location ? undefined : known.get(parameter);
      if (found) return found;
      const theta = own.toNatural(parameter, origin);
      const made = { theta, logPartition: own.logPartition(theta), gradient: own.gradient(theta) };
      if (!location) known.set(parameter, made);
      return made;
    },

    solve(t: Float64Array, origin: number): Parameter {
      const theta = own.inverseGradient(t);
      if (!theta.every(Number.isFinite))
        throw new InvalidInput(`no ${own.name} distribution has the mean statistics ${[...t]}`);
      return own.fromNatural(theta, origin);
    },
  };
}

function densityOf<Parameter>({ own, natural }: Calculus<Parameter>, samples: Samples): LogDensity<Parameter> {
  const { rows } = samples;
  const { statistics, size, origin } = statisticsOf(own, samples);
  const logCarriers = eachRow(samples, own.logCarrier ?? (() => 0));
  return (parameter, out) => {
    const { theta, logPartition } = natural(parameter, origin);
    for (let j = 0; j < rows; j++) {
      let log = logCarriers[j] - logPartition;
      for (let i = 0; i < size; i++) log += theta[i] * statistics[i * rows + j];
      out[j] = Number.isNaN(log) ? -Infinity : log; // Infinity − Infinity: beyond float64
    }
  };
}

function problemOf<Parameter>(
  {
    own,
    natural,
    solve,
    penaltyOf,
  }: Calculus<Parameter> & { readonly penaltyOf: ExponentialFamily<Parameter>['penalty'] },
  logDensity: Family<Parameter>['logDensity'],
  samples: Samples,
  strength: number,
): LocalProblem<Parameter> {
  const { rows, weights: counts = new Float64Array(rows).fill(1) } = samples;
  const count = countOf(samples);
  const { statistics, size, origin } = statisticsOf(own, samples);
  const whole = weightedMean(statistics, size, counts, count);
  const penalty = penaltyOf?.(whole, count, origin);
  const carriers = own.logCarrier
    ? eachRow(samples, own.logCarrier).reduce((sum, log, j) => sum + counts[j] * log, 0)
    : 0;
  let passes: { readonly order: number; readonly run: ExponentialPass } | undefined;
  const estimate = (t: Float64Array, mass: number, k: number) => {
    try {
      return own.parameter(penalty?.maximise(t, mass, strength) ?? solve(t, origin), `component ${k}`);
    } catch (cause) {
      const what = `component ${k} has no maximum: its rows are all the same, or about`;
      throw new DegenerateComponent(what, { cause });
    }
  };
  const pass: NonNullable<LocalProblem<Parameter>['fast']>['pass'] = (weights, parameters) => {
    const order = weights.length;
    if (passes?.order !== order) passes = { order, run: exponentialPass(statistics, rows, order, samples.weights) };
    const naturals = parameters.map((parameter) => natural(parameter, origin));
    const logs = weights.map((weight, k) => Math.log(weight) - naturals[k].logPartition);
    const { logLikelihood, masses, sums } = passes.run(
      logs,
      Float64Array.from(naturals.flatMap(({ theta }) => [...theta])),
    );
    if (!Number.isFinite(logLikelihood)) return undefined;
    return {
      logLikelihood: logLikelihood + carriers,
      next: () => ({
        weights: masses.map((mass) => mass / count),
        parameters: parameters.map((previous, k) =>
          component(k, masses[k], () => sums.slice(k * size, (k + 1) * size).map((sum) => sum / masses[k]), previous),
        ),
      }),
    };
  };
  const plain: LocalProblem<Parameter> = {
    penalty: penalty?.value,
    admissible: penalty?.admissible,
    penaltyShares:
      penalty &&
      ((parameters, masses) =>
        parameters.map((parameter, k) => Float64Array.of(penalty.share?.(parameter, masses[k], strength) ?? 0))),
    maximise: (responsibilities, order, previous) =>
      Array.from({ length: order }, (_, k) => {
        const shares = responsibilities.subarray(k * rows, (k + 1) * rows);
        const mass = shares.reduce((sum, share) => sum + share, 0);
        return component(k, mass, () => weightedMean(statistics, size, shares, mass), previous?.[k]);
      }),
  };
  return { ...plain, fast: { of: { ...plain, logDensity }, pass } };

  function component(k: number, mass: number, mean: () => Float64Array, previous?: Parameter): Parameter {
    if (mass > MIN_MASS) return estimate(mean(), mass, k);
    if (penalty && strength > 0) return estimate(whole, 0, k); // the penalty's own
    return previous ?? estimate(whole, count, k);
  }
}

/** Σ r of a component, in rows, below which it counts as having none: divisions by less are beyond float64. */
const MIN_MASS = 1e-290;

/**
 * The conjugate penalty p(θ) = 2 {A(θ) − θᵀ t_x}, t_x the mean of T over all rows: as if 2 a_n more rows had been seen that
 * look like all rows together. It is a Gaussian's penalty of App. A.1 with its mean drawn in too. What stands for the variance of a
 * component is the entropy power exp(2 h / d), which for a Gaussian is its variance.
 * @param own how the family goes between θ and its natural parameter, with its A and its derivatives
 * @param dimension d of the measure of its densities; none if it counts, as nothing stands for a variance then
 * @returns what makes the penalty from the mean of T over all rows, their number and the data’s origin
 * @example
 * const exponential = {
 *   toNatural: ({ mean }: { readonly mean: number }) => Float64Array.of(-1 / mean),
 *   fromNatural: ([theta]: Float64Array) => ({ mean: -1 / theta }),
 *   logPartition: ([theta]: Float64Array) => -Math.log(-theta),
 *   gradient: ([theta]: Float64Array) => Float64Array.of(-1 / theta),
 *   inverseGradient: ([mean]: Float64Array) => Float64Array.of(-1 / mean),
 * };
 * const penalty = conjugatePenalty(exponential)(Float64Array.of(10), 100, 0); // all 100 rows have the mean 10
 * penalty.maximise(Float64Array.of(1), 20, 5).mean; // 4: 20 rows of mean 1 and, by the penalty, 10 of mean 10
 */
export function conjugatePenalty<Parameter>(
  own: Pick<
    ExponentialFamily<Parameter>,
    'toNatural' | 'fromNatural' | 'logPartition' | 'gradient' | 'inverseGradient'
  >,
  dimension?: (parameter: Parameter) => number,
): (whole: Float64Array, rows: number, origin: number) => Penalty<Parameter> {
  const entropy = (theta: Float64Array, t: Float64Array) => own.logPartition(theta) - dot(theta, t);
  return (whole, _, origin) => ({
    value(parameter) {
      const theta = own.toNatural(parameter, origin);
      return 2 * (own.logPartition(theta) - dot(theta, whole));
    },
    maximise: (t, mass, strength) => {
      const more = 2 * strength;
      const drawn = t.map((mean, i) => (mass * mean + more * whole[i]) / (mass + more));
      return own.fromNatural(own.inverseGradient(drawn), origin);
    },
    share:
      dimension &&
      ((parameter, mass, strength) => {
        const theta = own.toNatural(parameter, origin);
        const drawn = own.gradient(theta);
        const before = drawn.map((mean, i) => mean + ((mean - whole[i]) * 2 * strength) / mass);
        try {
          const left = entropy(own.inverseGradient(before), before) - entropy(theta, drawn);
          return left < 0 ? -Math.expm1((2 * left) / dimension(parameter)) : left >= 0 ? 0 : 1;
        } catch {
          return 1; // rows that are all the same
        }
      }),
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

/** T(x_j) of every row, one statistic after another (p × n), with locations counted from their median, which no outlier moves. */
function statisticsOf<P>(
  { statistics, location }: ExponentialFamily<P>,
  samples: Samples,
): { statistics: Float64Array; size: number; origin: number } {
  const { data, rows, columns } = samples;
  const origin = location ? upperQuantile(eachRow(samples, location.ofObservation), 0.5, samples.weights) : 0;
  const of = (j: number) => statistics(data.subarray(j * columns, (j + 1) * columns), origin);
  const size = of(0).length;
  const all = new Float64Array(rows * size);
  for (let j = 0; j < rows; j++) {
    const own = of(j);
    for (let i = 0; i < size; i++) all[i * rows + j] = own[i];
  }
  return { statistics: all, size, origin };
}

function eachRow({ data, rows, columns }: Samples, f: (x: Float64Array) => number): Float64Array {
  return Float64Array.from({ length: rows }, (_, j) => f(data.subarray(j * columns, (j + 1) * columns)));
}

function weightedMean(statistics: Float64Array, size: number, shares: Float64Array, mass: number): Float64Array {
  const n = shares.length;
  const mean = new Float64Array(size);
  for (let i = 0; i < size; i++) for (let j = 0; j < n; j++) mean[i] += shares[j] * statistics[i * n + j];
  return mean.map((sum) => sum / mass);
}
