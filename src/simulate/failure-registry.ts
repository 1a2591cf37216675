import { InvalidInput } from '../errors';
import { brokenAlike } from '../families/failures';
import { described } from '../math/checks';
import type { RandomStream } from '../math/random';
import { type Mixture, mixture } from '../mixture/mixture';
import { type RegisterOptions, registryOf } from '../registry/registry';
import { adversaries } from './adversaries';
import { dirichletWeights } from './dirichlet-weights';
import { driftFailure } from './drift';
import { type Failure, wholly } from './failure';

const failures = registryOf<Failure>('failure', {
  ...adversaries,
  drift: driftFailure('drift', false),
  'cautious-drift': driftFailure('cautious-drift', true),
  'vote-no': { name: 'vote-no', votes: 'no', send: (situation) => wholly(situation, (estimate) => estimate) },
  weight: {
    name: 'weight',
    send: (situation) =>
      wholly(situation, ({ family, weights, parameters }, random) => {
        const integers = Array.from(weights, () => 10 + Math.floor(11 * random()));
        return mixture(family, dirichletWeights(integers, random), parameters);
      }),
  },
});

/**
 * The names of the failures that do not depend on the family; see `Family.failures` for the others.
 * @example
 * failureNames().slice(0, 4); // ['move(number)', 'move-together(number)', 'drop(number)', 'drop-together(number)']
 */
export const failureNames: () => string[] = failures.names;

/** Whether there is a failure of the name that does not depend on the family. */
export const hasFailure: (name: string) => boolean = failures.has;

/** The failure of a name that does not depend on the family. */
export const registeredFailure: (name: string) => Failure = failures.get;

/** Whether other threads find the failure by its name. */
export const isPortableFailure = (name: string): boolean => !failures.has(name) || failures.isPortable(name);

/**
 * Registers your own failure, which then works by its name in `fail`, studies and commands.
 * @param failure a name, and what the failed machines send
 * @param options whether a failure of the same name is replaced
 * @throws InvalidInput if the name is taken
 * @example
 * registerFailure({ name: 'copies', send: ({ own }) => own.map(() => own[0]) });
 * const { estimates, failed } = fail(fits, { kind: 'copies', fraction: 0.4, seed: 1 });
 * l2Distance(estimates[failed[0]], estimates[failed[1]]); // 0
 */
export function registerFailure(failure: Failure, options?: RegisterOptions): void {
  failures.register(failure?.name, failure, options);
}

/**
 * The failure of a name: one of the registry, or of what a family's components can be broken in, such as 'mean'.
 * @throws InvalidInput if there is none for mixtures like this one
 */
export function failureOf({ family }: Mixture, name: string): Failure {
  if (failures.has(name)) return failures.get(name);
  const broken = family.failures ?? {};
  if (Object.hasOwn(broken, name)) return ofComponents(name);
  const all = [...Object.keys(broken), ...failures.names()].join(', ');
  throw new InvalidInput(`there is no failure ${described(name)} of ${family.name} mixtures: use ${all}`);
}

/** The failure that breaks some or all components of each machine in what the family calls `name`. */
function ofComponents(name: string): Failure {
  return {
    name,
    send: ({ own, components, random }) =>
      own.map(({ family, weights, parameters, order }, i) => {
        const wrong = family.failures?.[name];
        if (!wrong) throw new InvalidInput(`${family.name} mixtures have no ${name} that could fail`);
        if (components !== undefined && components > order)
          throw new InvalidInput(`components is ${components}, but the mixtures have ${order}`);
        const stream = random(i);
        const chosen = new Set(chooseSome(order, components ?? order, stream));
        const sent = parameters.map((parameter, k) => (chosen.has(k) ? wrong(parameter, stream) : parameter));
        return mixture(family, weights, brokenAlike(family, sent, Math.min(...chosen)));
      }),
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
