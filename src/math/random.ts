import seedrandom from 'seedrandom';
import { InvalidInput } from '../errors';

/** A seed is a number or a word; the same seed gives the same draws on every machine. */
export type Seed = number | string;

/** A stream of uniform numbers in [0, 1), the source that d3-random's distributions draw from. */
export type RandomStream = () => number;

/**
 * The stream of `seed` that is kept for one `purpose`, so that no two uses of a seed share their draws.
 * @param seed a number or a word
 * @param purpose what the draws are for, in words
 * @returns a function that draws numbers from 0 to below 1
 * @example
 * const uniform = randomStream('my study', 'machine 3');
 * [uniform(), uniform()]; // [0.893, 0.751]: the same on every machine
 */
export function randomStream(seed: Seed, purpose: string): RandomStream {
  return seedrandom(`${seed}: ${purpose}`);
}

/**
 * The numbers 0 … n − 1 in a random order (Fisher and Yates), to split the rows of a table or to choose among them.
 * @param n how many
 * @param seed a number or a word
 * @returns the n numbers, each once
 * @throws InvalidInput if n is not 0, 1, 2 …
 * @example
 * randomOrder(6, 'my split'); // [5, 3, 4, 2, 1, 0]: the same on every machine
 */
export function randomOrder(n: number, seed: Seed): Int32Array {
  if (!(Number.isInteger(n) && n >= 0)) throw new InvalidInput(`n is ${n}: it must be 0 or a positive integer`);
  const random = randomStream(seed, 'random order');
  const order = Int32Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}
