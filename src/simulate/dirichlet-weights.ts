import { randomGamma } from 'd3-random';
import type { RandomStream } from '../math/random';

/** Draws weights from a Dirichlet distribution. */
export function dirichletWeights(concentration: readonly number[], random: RandomStream): Float64Array {
  const parts = Float64Array.from(concentration, (alpha) => randomGamma.source(random)(alpha, 1)());
  const total = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => part / total);
}
