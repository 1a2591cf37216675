import { randomStream, type Seed } from '../math/random';

// Above some number of machines, centres are sought among a few that are drawn at random. If fewer than half have failed, each draw is
// honest with a chance above ½, so that all of 40 have failed with a chance below 2⁻⁴⁰, about 10⁻¹²; and one honest candidate is all that
// the proofs about a centre of attention need: the ball about the best candidate is no larger than that about any honest one among them.

/** How many machines are tried as centres. */
export const CANDIDATES = 40;

/** Of more machines than this, the centre of attention is sought among candidates. */
export const MOST_EXACT = 2000;

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
