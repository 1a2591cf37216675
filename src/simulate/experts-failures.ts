import { randomNormal } from 'd3-random';
import { InvalidInput } from '../errors';
import type { FlatExperts } from '../experts/flat-experts';
import { described } from '../math/checks';
import type { RandomStream } from '../math/random';

// What machines that fail send in place of the mixture of experts that they learned.

/** What failed machines know. */
export interface ExpertsSituation {
  /** their own honest models, in order of the machines */
  readonly own: readonly FlatExperts[];
  /** how many experts of a machine are to be wrong; all if not given */
  readonly components?: number;
  /** the stream of the machine of own[i], which does not depend on the other machines */
  random(i: number): RandomStream;
}

/** @returns a model for each of `own` */
type Send = (situation: ExpertsSituation) => readonly FlatExperts[];

/** The standard deviation of wrong coefficients, and of the noise of gates. */
const COEFFICIENT_DEVIATION = 10;
const GATE_DEVIATION = 2;

/** The factor of wrong variances. */
const VARIANCE_FACTOR = 4;

/** A change of the numbers of some experts of each machine, chosen at random. */
type Change = (numbers: Float64Array, random: RandomStream) => void;

/** A failure of experts: of coefficients or of variances, of all of a machine's experts or of `components` of them. */
const ofExperts =
  (part: 'coefficients' | 'variances', change: Change): Send =>
  ({ own, components, random }) =>
    own.map((model, i) => {
      const { order: K } = model;
      const count = components ?? K;
      if (count > K) throw new InvalidInput(`components is ${count}, but the models have ${K} experts`);
      if (model[part].length === 0) throw new InvalidInput(`${model.law.name} experts have no ${part} that could fail`);
      const stream = random(i);
      const numbers = model[part].slice();
      const size = numbers.length / K;
      for (const k of someOf(K, count, stream)) change(numbers.subarray(k * size, (k + 1) * size), stream);
      return { ...model, [part]: numbers };
    });

/** `count` of the numbers 0 … n − 1, ascending; all of them without a draw. */
function someOf(n: number, count: number, random: RandomStream): number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  for (let i = 0; i < count && count < n; i++) {
    const j = i + Math.floor((n - i) * random());
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all.slice(0, count).sort((a, b) => a - b);
}

/** A failure of the gates, whose rows are 1 + d numbers. */
const ofGates =
  (change: (gates: Float64Array, columns: number, random: RandomStream) => Float64Array): Send =>
  ({ own, components, random }) => {
    if (components !== undefined)
      throw new InvalidInput('components is given, but this failure is of the gates: leave it out');
    return own.map((model, i) => {
      const columns = 1 + model.covariates;
      const gates = change(model.gates.slice(), columns, random(i));
      const last = gates.slice(-columns);
      return { ...model, gates: gates.map((one, j) => one - last[j % columns]) };
    });
  };

const draw: Change = (numbers, random) => {
  const normal = randomNormal.source(random)(0, COEFFICIENT_DEVIATION);
  for (let j = 0; j < numbers.length; j++) numbers[j] = normal();
};

const flip: Change = (numbers) => {
  for (let j = 0; j < numbers.length; j++) numbers[j] = -numbers[j];
};

const failures: Readonly<Record<string, Send>> = {
  coefficients: ofExperts('coefficients', draw),
  signs: ofExperts('coefficients', flip),
  clones: (situation) => {
    const { own } = situation;
    const [lie] = ofExperts('coefficients', flip)({ ...situation, own: own.slice(0, 1) });
    return own.map(() => lie);
  },
  'permuted-gates': ofGates((gates, columns) => {
    const [first, others] = [gates.subarray(0, columns), gates.subarray(columns)];
    return Float64Array.from([...others, ...first]);
  }),
  'noisy-gates': ofGates((gates, columns, random) => {
    const normal = randomNormal.source(random)(0, GATE_DEVIATION);
    return gates.map((one, j) => (j < gates.length - columns ? one + normal() : one));
  }),
  variances: ofExperts('variances', (numbers) => {
    for (let j = 0; j < numbers.length; j++) numbers[j] *= VARIANCE_FACTOR;
  }),
  expert: (situation) => ofExperts('coefficients', draw)({ ...situation, components: situation.components ?? 1 }),
};

/**
 * The names of the failures of mixtures of experts: 'coefficients' from N(0, 10²), 'signs' flipped, 'clones' of one machine's flipped signs,
 * 'permuted-gates', 'noisy-gates' (plus N(0, 2²)), 'variances' × 4, one 'expert' with coefficients from N(0, 10²).
 * @example
 * expertsFailureNames(); // ['coefficients', 'signs', 'clones', 'permuted-gates', 'noisy-gates', 'variances', 'expert']
 */
export const expertsFailureNames = (): string[] => Object.keys(failures);

/** What the failure of a name makes failed machines send; undefined if it is none of these. */
export const expertsFailureOf = (name: string): Send | undefined =>
  Object.hasOwn(failures, name) ? failures[name] : undefined;

/** @throws InvalidInput naming the failures of experts and those that are of any mixture */
export function noSuchFailure(name: unknown, others: readonly string[]): never {
  throw new InvalidInput(
    `there is no failure ${described(name)} of mixtures of experts: use ${[...expertsFailureNames(), ...others].join(', ')}`,
  );
}
