import { InvalidInput } from '../errors';
import { described, requirePositiveInteger } from '../math/checks';
import type { RandomStream } from '../math/random';
import { type Mixture, mixture } from '../mixture/mixture';
import { type RegisterOptions, registryOf } from '../registry/registry';
import { dirichletWeights } from './dirichlet-weights';

/** What failing machines know when they send something else. */
export interface Situation<Parameter = unknown> {
  /** their own honest estimates, in order of the machines */
  readonly own: readonly Mixture<Parameter>[];
  /** the estimates of the machines that do not fail: colluding adversaries know them */
  readonly honest: readonly Mixture<Parameter>[];
  /** n, the rows of an honest machine; undefined if sample sizes are not known */
  readonly sampleSize?: number;
  /** how many components of a machine are to be wrong; all if not given */
  readonly components?: number;
  /** the stream of the machine of own[i], which does not depend on the other machines */
  random(i: number): RandomStream;
}

/** The contract of a failure, random or adversarial: a name, and what the failed machines send. */
export interface Failure {
  /** as in the registry */
  readonly name: string;
  /** @returns a mixture for each of `own`, of the same family and dimension */
  send<Parameter>(situation: Situation<Parameter>): readonly Mixture<Parameter>[];
}

const failures = registryOf<Failure>('failure', {
  weight: {
    name: 'weight',
    send: (situation) =>
      wholly(situation, ({ family, weights, parameters }, random) => {
        const integers = Array.from(weights, () => 10 + Math.floor(11 * random()));
        return mixture(family, dirichletWeights(integers, random), parameters);
      }),
  },
});

/** Whether other threads find the failure by its name. */
export const isPortableFailure = (name: string): boolean => !failures.has(name) || failures.isPortable(name);

/**
 * Registers a failure of one's own, which then works by its name in `fail`, studies and commands.
 * @throws InvalidInput if the name is taken
 * @example
 * registerFailure({ name: 'silent copies', send: ({ own }) => own.map(() => own[0]) });
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
        if (components !== undefined) requirePositiveInteger('components', components);
        if (components !== undefined && components > order)
          throw new InvalidInput(`components is ${components}, but the mixtures have ${order}`);
        const stream = random(i);
        const chosen = new Set(chooseSome(order, components ?? order, stream));
        const sent = parameters.map((parameter, k) => (chosen.has(k) ? wrong(parameter, stream) : parameter));
        return mixture(family, weights, sent);
      }),
  };
}

/**
 * What each failed machine sends by itself, in place of its estimate.
 * @throws InvalidInput if only some components are to be wrong
 */
export function wholly<Parameter>(
  { own, components, random }: Situation<Parameter>,
  replace: (estimate: Mixture<Parameter>, random: RandomStream) => Mixture<Parameter>,
): readonly Mixture<Parameter>[] {
  if (components !== undefined)
    throw new InvalidInput('components is given, but this failure is of the whole mixture: leave it out');
  return own.map((estimate, i) => replace(estimate, random(i)));
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
