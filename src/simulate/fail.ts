import { InvalidInput } from '../errors';
import type { AnyExperts, ExpertsEstimate } from '../experts/model';
import { described, requirePositiveInteger } from '../math/checks';
import { lowerMedian } from '../math/quantile';
import { type RandomStream, randomOrder, randomStream, type Seed } from '../math/random';
import { isConditional } from '../mixture/conditional';
import { comparable, type Estimate, mixtureOf } from '../mixture/given';
import { type Mixture, withNoise } from '../mixture/mixture';
import { type ExpertsFailureKind, sentExperts } from './fail-experts';
import { type Failure, type Situation, wholly } from './failure';
import { failureOf } from './failure-registry';

/** What a failed machine sends: the name of a failure, a failure, or a function of its estimate that draws from the stream alone. */
export type FailureKind<Parameter = unknown> =
  | string
  | Failure
  | ((estimate: Mixture<Parameter>, random: RandomStream) => Mixture<Parameter>);

/** Which machines fail, and how. */
export interface FailOptions<Parameter = unknown> {
  /** what failed machines send */
  readonly kind: FailureKind<Parameter>;
  /** α, the share of the machines that fail: ⌊α m⌋ of them, chosen at random */
  readonly fraction: number;
  /**
   * how many components of a failed machine are wrong, chosen at random
   * @defaultValue all
   */
  readonly components?: number;
  /** a number or a word */
  readonly seed: Seed;
}

/** What the machines send after some failed. */
export interface Failed<Parameter = unknown> {
  /** what each machine sends; a failed one keeps nothing of its fit but the sample size, and its noise if the failure says nothing of it */
  readonly estimates: readonly Estimate<Parameter>[];
  /** the machines that failed, ascending; known in simulations only */
  readonly failed: Int32Array;
}

/** What the machines send after some failed, of mixtures of experts. */
export interface FailedExperts<Model extends AnyExperts> {
  /** what each machine sends, in order */
  readonly estimates: readonly (
    | Model
    | {
        /** the mixture of experts that is sent */
        readonly model: Model;
        /** n, as the machine claims */
        readonly sampleSize?: number;
      }
  )[];
  /** the machines that failed, ascending; known in simulations only */
  readonly failed: Int32Array;
}

/**
 * Byzantine failure of mixtures of experts, which have failures of their own, listed by `expertsFailureNames`, and those of any family.
 * @param models m mixtures of experts, or results that hold one
 * @param options how machines fail, which share of them, and the seed
 * @returns what all machines send, and which of them failed
 * @throws as for mixtures
 */
export function fail<Model extends AnyExperts>(
  models: readonly (
    | Model
    | {
        /** the mixture of experts */
        readonly model: Model;
        /** n, the number of rows behind it */
        readonly sampleSize?: number;
      }
  )[],
  options: Omit<FailOptions, 'kind'> & {
    /** how machines fail: by a name, or your own */
    readonly kind: ExpertsFailureKind<Model>;
  },
): FailedExperts<Model>;
/**
 * Byzantine failure, §5.1.1 and App. D of the paper, of some machines. 'mean': each entry of a Gaussian mean from N(0, 100²);
 * 'covariance': Σ + d⁻² Σ_{i=1}^d ξ_i ξ_iᵀ with ξ_i standard normal; 'weight': Dirichlet weights with integer parameters from 10 to 20,
 * drawn for each machine; for gamma mixtures 'shape': r from U(1, 10), and 'scale': θ + U(0, 10); other families list theirs under
 * `failures`. A machine's failure does not depend on the other machines, unless they collude.
 * @param estimates m mixtures, or results that hold one, of one family and dimension
 * @param options how machines fail, which share of them, and the seed
 * @returns what all machines send, and which of them failed
 * @throws InvalidInput if there is no such failure of the family, the share is not in [0, 1], or there are not enough components
 * @example
 * const { estimates, failed } = fail(fits, { kind: 'mean', fraction: 0.2, seed: 1 });
 * failed; // [2]
 * wasserstein1(estimates[failed[0]], truth); // 118.0: its means are lies
 */
export function fail<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  options: FailOptions<Parameter>,
): Failed<Parameter>;
export function fail(
  estimates: readonly Estimate[] | readonly ExpertsEstimate[],
  {
    kind,
    fraction,
    components,
    seed,
  }: Omit<FailOptions, 'kind'> & {
    /** how machines fail: by a name, or your own */
    readonly kind: unknown;
  },
): Failed | FailedExperts<AnyExperts> {
  if (isConditional(estimates?.[0])) {
    const models = estimates as readonly ExpertsEstimate[];
    const failed = failedMachines(models.length, fraction, seed);
    return { estimates: sentExperts(models, failed, { kind: kind as never, components, seed }), failed };
  }
  return failMixtures(estimates as readonly Estimate[], { kind: kind as FailureKind, fraction, components, seed });
}

function failMixtures<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  { kind, fraction, components, seed }: FailOptions<Parameter>,
): Failed<Parameter> {
  const mixtures = comparable(estimates);
  const failed = failedMachines(mixtures.length, fraction, seed);
  if (components !== undefined) requirePositiveInteger('components', components);
  return {
    estimates: sentBy(estimates, failed, { failure: failureFrom(kind, mixtures[0]), components, seed }),
    failed,
  };
}

/**
 * Which of m machines fail: ⌊α m⌋ of them, ascending.
 * @throws InvalidInput if α is not in [0, 1]
 */
export function failedMachines(m: number, fraction: number, seed: Seed): Int32Array {
  if (!(fraction >= 0 && fraction <= 1))
    throw new InvalidInput(`fraction is ${described(fraction)}: it must be from 0 to 1`);
  const count = Math.floor(fraction * m + 1e-9); // 0.29 · 100 is 28.999999999999996
  return randomOrder(m, `${seed}: failed machines`).subarray(0, count).sort();
}

/**
 * What all machines send if some fail.
 * @param estimates of all machines, as they would be if nobody failed
 * @throws InvalidInput if the failure returns anything but mixtures like the estimates
 */
export function sentBy<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  failed: ArrayLike<number>,
  { failure, seed, ...known }: { readonly failure: Failure; readonly seed: Seed } & Partial<Situation<Parameter>>,
): readonly Estimate<Parameter>[] {
  const mixtures = comparable(estimates);
  const which = Array.from(failed);
  const isFailed = new Set(which);
  const sizeOf = (i: number) => {
    const estimate = estimates[i];
    return 'sampleSize' in estimate ? estimate.sampleSize : undefined;
  };
  const honest = [...mixtures.keys()].filter((i) => !isFailed.has(i));
  const sizes = [...mixtures.keys()].map(sizeOf).filter((size) => size !== undefined);
  const wrong = failure.send({
    own: which.map((i) => mixtures[i]),
    honest: honest.map((i) => mixtures[i]),
    sampleSize: sizes.length > 0 ? lowerMedian(sizes) : undefined,
    ...known,
    random: (i) => randomStream(seed, `failure of machine ${which[i]}`),
  });
  const sent = [...estimates];
  for (const [at, i] of which.entries()) {
    const lie = mixtureOf(wrong[at], `what the failure returns for machine ${i}`);
    const mixture = withNoise(lie, lie.noise ?? mixtures[i].noise);
    const { family, dimension } = mixtures[i];
    if (mixture.family !== family || mixture.dimension !== dimension) {
      throw new InvalidInput(
        `the failure returns for machine ${i} a ${mixture.dimension}-dimensional ${mixture.family.name} mixture: ` +
          `the estimates are ${dimension}-dimensional ${family.name} mixtures`,
      );
    }
    const sampleSize = sizeOf(i);
    sent[i] = sampleSize === undefined ? mixture : { mixture, sampleSize };
  }
  return sent;
}

/** The failure that is meant, of estimates like this one. */
export function failureFrom<P>(kind: FailureKind<P>, example: Mixture<P>): Failure {
  if (typeof kind === 'string') return failureOf(example, kind);
  if (typeof kind === 'object' && kind !== null) return kind;
  if (typeof kind !== 'function')
    throw new InvalidInput(`kind is ${described(kind)}: give the name of a failure, a failure, or a function`);
  return { name: 'a function', send: (situation) => wholly(situation, kind as never) };
}
