import { InvalidInput } from '../errors';
import { described } from '../math/checks';
import type { Family } from './family';

/** Numbers of a larger size, or positive ones of a smaller, are refused: their squares and quotients stay within float64. */
export const LARGEST = 1e100;

/** What a number of θ may be: any, or a positive one, up to `LARGEST` or a bound of its own, and no nearer to 0 than that. */
export type Range =
  | 'real'
  | 'positive'
  | {
      /** the largest number that is allowed */
      readonly positiveUpTo: number;
    };

/** The part of the contract that is about θ itself, for a θ that is a few named numbers, such as { shape, scale }. */
export type ScalarParameter<P> = Pick<
  Family<P>,
  'parameter' | 'size' | 'toVector' | 'fromVector' | 'toJSON' | 'groundDistance'
>;

/**
 * θ as an object of named numbers, and as a vector in the order of the names. The ground distance is Σ |θ_i − θ′_i|, which
 * for the gamma family is the paper's D₁ (App. C.2).
 * @param ranges the range of each number, by its name
 * @returns the part of a family’s contract that concerns θ
 * @example
 * const { parameter, toVector } = scalarParameter<{ shape: number; scale: number }>({ shape: 'positive', scale: 'positive' });
 * toVector(parameter({ shape: 2, scale: 3 }, 'component 0')); // [2, 3]
 */
export function scalarParameter<P extends { readonly [name: string]: number }>(
  ranges: Readonly<Record<keyof P & string, Range>>,
): ScalarParameter<P> {
  const names = Object.keys(ranges);
  const build = (numberOf: (name: string, i: number) => number): P =>
    Object.freeze(Object.fromEntries(names.map((name, i) => [name, numberOf(name, i)]))) as P;
  return {
    parameter(value, where) {
      const given = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
      if (!names.every((name) => Object.hasOwn(given, name))) {
        throw new InvalidInput(`${where} needs a ${names.join(' and a ')}, but is ${described(value)}`);
      }
      return build((name) => checkedNumber(given[name], ranges[name], `${where}: ${name}`));
    },
    size: () => names.length,
    toVector: (parameter) => Float64Array.from(names, (name) => parameter[name]),
    fromVector: (vector) => build((_, i) => vector[i]),
    toJSON: (parameter) => ({ ...parameter }),
    groundDistance: (a, b) => names.reduce((sum, name) => sum + Math.abs(a[name] - b[name]), 0),
  };
}

/** @throws InvalidInput if the value is not a number of the range, naming it */
export function checkedNumber(value: unknown, range: Range, what: string): number {
  const most = typeof range === 'object' ? range.positiveUpTo : LARGEST;
  const least = range === 'real' ? -most : 1 / most;
  if (typeof value === 'number' && value >= least && value <= most) return value;
  const kind = range === 'real' ? `a number of at most ±${most}` : `a positive number, between ${least} and ${most}`;
  throw new InvalidInput(`${what} is ${described(value)}: it must be ${kind}`);
}
