import { requirePositiveInteger } from '../math/checks';
import { randomStream, type Seed } from '../math/random';

// Above some number of machines, centres are sought among a few that are drawn at random. If fewer than half have failed, each draw is
// honest with a chance above ½, so that all of 40 have failed with a chance below 2⁻⁴⁰, about 10⁻¹²; and one honest candidate is all that
// the proofs about a centre of attention need: the ball about the best candidate is no larger than that about any honest one among them.

/** How many machines are tried as centres. */
export const CANDIDATES = 40;

/** Of more machines than this, the centre of attention is sought among candidates. */
export const MOST_EXACT = 2000;

/** Which machines may be the centre of attention, where there are many. */
export interface CandidateOptions {
  /**
   * how many machines, drawn at random, may be the centre of attention: their distances to all are computed, and no others. If fewer
   * than half of the machines failed, one of s candidates is honest with probability 1 − 2⁻ˢ, and then the radius is not above that of an
   * honest estimate; with the same probability it is at most twice that of the exact centre
   * @defaultValue all up to 2000 machines, 40 above
   */
  readonly candidates?: number;
  /**
   * the seed of that draw. Machines must not know it before they send
   * @defaultValue one that is drawn afresh, which the result tells
   */
  readonly seed?: Seed;
}

/** The machines that may be the centre. */
export interface Candidates {
  /** their numbers, ascending */
  readonly machines: Int32Array;
  /** what draws them again */
  readonly seed: Seed;
}

/** The candidates for a mere start of an iteration that uses all machines: the same each time, as nobody gains by knowing them. */
export const FIXED_START: CandidateOptions = { seed: 'start' };

/**
 * Draws the candidates for the centre, once all estimates are in.
 * @param m the number of machines
 * @returns undefined if all are candidates
 * @throws InvalidInput if `candidates` is not a positive integer
 */
export function drawnCandidates(
  m: number,
  { candidates, seed = freshSeed() }: CandidateOptions,
): Candidates | undefined {
  if (candidates !== undefined) requirePositiveInteger('candidates', candidates);
  const count = candidates ?? (m <= MOST_EXACT ? m : CANDIDATES);
  return count >= m ? undefined : { machines: candidatesAmong(m, count, seed, 'candidates for the centre'), seed };
}

/** What to know of a centre that was sought among candidates, in a sentence. */
export function candidatesNote({ machines: { length }, seed }: Candidates, m: number): string {
  return (
    `Among ${m} machines the centre was sought among ${length} that were drawn at random once all had answered (seed ${seed}): if fewer than half ` +
    `failed, one of them is honest with probability 1 − 2^−${length}, and then the radius is not above that of an honest estimate; with the same ` +
    'probability it is at most twice that of the centre of all.'
  );
}

/**
 * A seed that no machine can have known when it sent its estimate, if it is drawn once all have: who knows the candidates may lie so
 * that the worst of them is chosen.
 */
export function freshSeed(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(6));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Some of m machines, drawn at random without replacement.
 * @param count how many; all m, if there are no more
 * @param purpose what they are drawn for, in words: another purpose draws others
 * @returns their numbers, ascending
 */
export function candidatesAmong(m: number, count: number, seed: Seed, purpose: string): Int32Array {
  const order = Int32Array.from({ length: m }, (_, i) => i);
  if (count >= m) return order;
  const random = randomStream(seed, purpose);
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (m - i));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order.slice(0, count).sort();
}
