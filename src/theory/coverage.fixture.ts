import { normalCdf } from '../math/normal';

/**
 * How often intervals of 95 % hold the truth if errors are normal, by the mean square of n errors over their standard errors, which is 1
 * where those are right. It is known to 1.96 φ(1.96) √(2 / n) = 0.162 / √n, and by counting intervals to √(0.95 × 0.05 / n) = 0.218 / √n:
 * 55 errors tell as much as 100 counts, and a few that are far too large are seen as well.
 */
export const coverageOf = (meanSquare: number): number => 1 - 2 * normalCdf(-1.959964 / Math.sqrt(meanSquare));
