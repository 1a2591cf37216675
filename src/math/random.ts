import seedrandom from 'seedrandom';

/** A seed is a number or a word; the same seed gives the same draws on every machine. */
export type Seed = number | string;

/** A stream of uniform numbers in [0, 1), the source that d3-random's distributions draw from. */
export type RandomStream = () => number;

/** The stream of `seed` that is kept for one `purpose`, so that no two uses of a seed share their draws. */
export function randomStream(seed: Seed, purpose: string): RandomStream {
  return seedrandom(`${seed}: ${purpose}`);
}
