import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { unrelated } from '../mixture/mixtures.fixture';
import { gaussian } from './gaussian';
import { gaussianDivergences } from './gaussian-divergences';
import type { GaussianParameter } from './gaussian-parameter';

const moved = ({ mean, covariance }: GaussianParameter, by: number): GaussianParameter =>
  gaussian.parameter({ mean: mean.map((value) => value + by), covariance }, 'moved');

it('of many pairs are those of each, near and far, wherever they all lie', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom(0, 1e-9, 1e-3, 1, 1e4),
      fc.constantFrom(0, 1e7),
      (seed, d, near, offset) => {
        const points = unrelated(seed, 4, 3, d).flatMap(({ parameters }) =>
          parameters.map((one) => moved(one, offset)),
        );
        const centres = points.slice(0, 4).map((one) => moved(one, near));
        const all = gaussianDivergences(points, gaussian.divergence)(centres);
        points.forEach((point, g) => {
          centres.forEach((to, k) => {
            const expected = gaussian.divergence(point, to);
            expect(Math.abs(all[g * 4 + k] - expected)).toBeLessThanOrEqual(1e-11 * (1 + expected));
          });
        });
      },
    ),
    { seed: 1, numRuns: 100 },
  );
});
