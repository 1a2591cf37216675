import { randomNormal } from 'd3-random';
import { InvalidInput } from '../errors';
import type { GammaParameter } from '../families/gamma';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { described, requirePositiveInteger } from '../math/checks';
import { type RandomStream, randomOrder, randomStream, type Seed } from '../math/random';
import { comparable, type Estimate, mixtureOf } from '../mixture/given';
import { type Mixture, mixture } from '../mixture/mixture';
import { dirichletWeights } from './dirichlet-weights';

/** A failure of the paper's. */
export type FailureName = 'mean' | 'covariance' | 'weight' | 'shape' | 'scale';

/** What a failed machine sends in place of its estimate; a function draws from the stream alone. */
export type FailureKind<Parameter = unknown> =
  | FailureName
  | ((estimate: Mixture<Parameter>, random: RandomStream) => Mixture<Parameter>);

export interface FailOptions<Parameter = unknown> {
  readonly kind: FailureKind<Parameter>;
  /** α, the share of the machines that fail: ⌊α m⌋ of them, chosen at random */
  readonly fraction: number;
  /** how many components of a failed machine are wrong, chosen at random; all if not given */
  readonly components?: number;
  readonly seed: Seed;
}

export interface Failure<Parameter = unknown> {
  /** what the machines send; of those that failed, nothing of the fit is left but the sample size */
  readonly estimates: readonly Estimate<Parameter>[];
  /** the machines that failed, ascending; known in simulations only */
  readonly failed: Int32Array;
}

/**
 * Byzantine failure, §5.1.1 and App. D of the paper, of some machines. 'mean': each entry of a mean from N(0, 100²); 'covariance': Σ +
 * d⁻² Σ_{i=1}^d ξ_i ξ_iᵀ with ξ_i standard normal; 'weight': Dirichlet weights with integer parameters from 10 to 20, drawn for each machine;
 * for gamma mixtures 'shape': r from U(1, 10), and 'scale': θ + U(0, 10). A machine's failure does not depend on the other machines.
 * @throws where the kind does not apply to the family, the share is not in [0, 1], or there are not so many components
 */
export function fail<Parameter>(
  estimates: readonly Estimate<Parameter>[],
  { kind, fraction, components, seed }: FailOptions<Parameter>,
): Failure<Parameter> {
  const mixtures = comparable(estimates);
  if (!(fraction >= 0 && fraction <= 1))
    throw new InvalidInput(`fraction is ${described(fraction)}: it must be from 0 to 1`);
  const replace = replacement(kind, mixtures[0], components);
  const m = mixtures.length;
  const count = Math.floor(fraction * m + 1e-9); // 0.29 · 100 is 28.999999999999996
  const failed = randomOrder(m, `${seed}: failed machines`).subarray(0, count).sort();
  const sent = [...estimates];
  for (const i of failed) {
    const wrong = mixtureOf(
      replace(mixtures[i], randomStream(seed, `failure of machine ${i}`)),
      `what the failure returns for machine ${i}`,
    );
    const { family, dimension } = mixtures[i];
    if (wrong.family !== family || wrong.dimension !== dimension) {
      throw new InvalidInput(
        `the failure returns for machine ${i} a ${wrong.dimension}-dimensional ${wrong.family.name} mixture: ` +
          `the estimates are ${dimension}-dimensional ${family.name} mixtures`,
      );
    }
    const sampleSize = 'sampleSize' in estimates[i] ? estimates[i].sampleSize : undefined;
    sent[i] = sampleSize === undefined ? wrong : { mixture: wrong, sampleSize };
  }
  return { estimates: sent, failed };
}

type Replacement<P> = (estimate: Mixture<P>, random: RandomStream) => Mixture<P>;

/** What becomes of one component: a new parameter. */
type Wrong = (parameter: never, random: RandomStream) => unknown;

const ofComponents: Readonly<Record<string, { readonly families: readonly string[]; readonly wrong: Wrong }>> = {
  mean: {
    families: ['gaussian'],
    wrong: ({ mean, covariance }: GaussianParameter, random) => {
      const normal = randomNormal.source(random)(0, 100);
      return { mean: mean.map(normal), covariance };
    },
  },
  covariance: {
    families: ['gaussian'],
    wrong: ({ mean, covariance }: GaussianParameter, random) => {
      const d = mean.length;
      const normal = randomNormal.source(random)();
      const sum = covariance.slice();
      for (let i = 0; i < d; i++) {
        const xi = Float64Array.from({ length: d }, normal);
        for (let ab = 0; ab < d * d; ab++) sum[ab] += (xi[Math.floor(ab / d)] * xi[ab % d]) / d ** 2;
      }
      return { mean, covariance: sum };
    },
  },
  shape: {
    families: ['gamma'],
    wrong: ({ scale }: GammaParameter, random) => ({ shape: 1 + 9 * random(), scale }),
  },
  scale: {
    families: ['gamma'],
    wrong: ({ shape, scale }: GammaParameter, random) => ({ shape, scale: scale + 10 * random() }),
  },
};

function replacement<P>(
  kind: FailureKind<P>,
  { family, order }: Mixture<P>,
  components: number | undefined,
): Replacement<P> {
  if (typeof kind === 'function' || kind === 'weight') {
    if (components !== undefined)
      throw new InvalidInput('components is given, but this failure is of the whole mixture: leave it out');
    return typeof kind === 'function'
      ? kind
      : ({ weights, parameters }, random) => {
          const integers = Array.from(weights, () => 10 + Math.floor(11 * random()));
          return mixture(family, dirichletWeights(integers, random), parameters);
        };
  }
  const known = Object.hasOwn(ofComponents, String(kind)) ? ofComponents[kind] : undefined;
  if (!known) {
    const kinds = [...Object.keys(ofComponents), 'weight'].join(', ');
    throw new InvalidInput(
      `there is no failure ${described(kind)}: use ${kinds}, or a function of a mixture and a random stream`,
    );
  }
  const { families, wrong } = known;
  if (!families.includes(family.name)) {
    throw new InvalidInput(
      `the failure '${kind}' is of ${families.join(' and ')} mixtures, these are ${family.name} mixtures`,
    );
  }
  if (components !== undefined) requirePositiveInteger('components', components);
  if (components !== undefined && components > order)
    throw new InvalidInput(`components is ${components}, but the mixtures have ${order}`);
  return ({ weights, parameters }, random) => {
    const chosen = new Set(chooseSome(parameters.length, components ?? parameters.length, random));
    const sent = parameters.map((parameter, k) => (chosen.has(k) ? wrong(parameter as never, random) : parameter));
    return mixture(family, weights, sent);
  };
}

/** `count` of the numbers 0 … n − 1; all of them without a draw. */
function chooseSome(n: number, count: number, random: RandomStream): number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  if (count === n) return all;
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor((n - i) * random());
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all.slice(0, count);
}
