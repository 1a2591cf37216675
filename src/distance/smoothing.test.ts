import { describe, expect, it } from 'vitest';
import { coat } from '../aggregate/coat';
import {
  diagonalGaussianMixture,
  gammaMixture,
  gaussianMixture,
  sphericalGaussianMixture,
  tiedGaussianMixture,
} from '../mixture/constructors';
import type { Estimate } from '../mixture/given';
import { unrelated } from '../mixture/mixtures.fixture';
import { l2Distance, l2DistanceMatrix } from './l2';

const plane = (mean: number[], a: number, b: number) =>
  gaussianMixture({
    weights: [1],
    means: [mean],
    covariances: [
      [
        [a, 0],
        [0, b],
      ],
    ],
  });

describe('smoothing', () => {
  it('by 0 changes nothing', () => {
    const estimates = unrelated(1, 5, 3, 2);
    const [plain, smooth] = [l2DistanceMatrix(estimates), l2DistanceMatrix(estimates, { smoothing: 0 })];
    for (let i = 0; i < 5; i++) expect(smooth.at(i, 2)).toBe(plain.at(i, 2));
  });

  it('adds h times the median of each variance, so that one machine cannot move it', () => {
    const three = [plane([0, 0], 1, 4), plane([1, 0], 2, 5), plane([0, 2], 3, 6)]; // medians 2 and 5
    for (const liar of [plane([0, 0], 1e9, 1e9), plane([0, 0], 1e-9, 1e-9)]) {
      const smooth = l2DistanceMatrix([...three, liar, plane([5, 5], 2, 5)], { smoothing: 0.5 });
      const [G, H] = [plane([0, 0], 1 + 1, 4 + 2.5), plane([0, 2], 3 + 1, 6 + 2.5)];
      expect(smooth.at(0, 2)).toBeCloseTo(l2Distance(G, H), 12);
    }
  });

  it('takes the variances within components, weighed', () => {
    const G = gaussianMixture({ weights: [0.25, 0.75], means: [[0], [50]], covariances: [[[1]], [[5]]] }); // 4
    const smooth = l2DistanceMatrix([G, G, gaussianMixture({ weights: [1], means: [[0]], covariances: [[[4]]] })], {
      smoothing: 2,
    });
    const wide = gaussianMixture({ weights: [0.25, 0.75], means: [[0], [50]], covariances: [[[9]], [[13]]] });
    const other = gaussianMixture({ weights: [1], means: [[0]], covariances: [[[12]]] });
    expect(smooth.at(0, 2)).toBeCloseTo(l2Distance(wide, other), 12);
    expect(smooth.at(0, 1)).toBe(0);
  });

  it('is the same for the families of Gaussians with structure', () => {
    const [means, weights] = [
      [
        [0, 0],
        [3, 1],
      ],
      [0.4, 0.6],
    ];
    const other = [
      [1, 1],
      [2, 0],
    ];
    const full = [means, other].map((m) =>
      gaussianMixture({
        weights,
        means: m,
        covariances: [
          [
            [2, 0],
            [0, 2],
          ],
          [
            [2, 0],
            [0, 2],
          ],
        ],
      }),
    );
    const expected = l2DistanceMatrix(full, { smoothing: 1 }).at(0, 1);
    const structured: Estimate[][] = [
      [means, other].map((m) =>
        tiedGaussianMixture({
          weights,
          means: m,
          covariance: [
            [2, 0],
            [0, 2],
          ],
        }),
      ),
      [means, other].map((m) =>
        diagonalGaussianMixture({
          weights,
          means: m,
          variances: [
            [2, 2],
            [2, 2],
          ],
        }),
      ),
      [means, other].map((m) => sphericalGaussianMixture({ weights, means: m, variances: [2, 2] })),
    ];
    for (const pair of structured) expect(l2DistanceMatrix(pair, { smoothing: 1 }).at(0, 1)).toBeCloseTo(expected, 12);
  });

  it('does not depend on the units of the features, but for one common factor', () => {
    const units = [1000, 0.01];
    const estimates = unrelated(4, 6, 2, 2);
    const scaled = estimates.map(({ weights, parameters }) =>
      gaussianMixture({
        weights: [...weights],
        means: parameters.map(({ mean }) => [...mean].map((value, i) => units[i] * value)),
        covariances: parameters.map(({ covariance }) =>
          units.map((_, i) => units.map((__, j) => units[i] * units[j] * covariance[2 * i + j])),
        ),
      }),
    );
    const [plain, other] = [estimates, scaled].map((some) => l2DistanceMatrix(some, { smoothing: 0.7 }));
    const factor = other.at(0, 1) / plain.at(0, 1);
    for (let i = 1; i < 6; i++) expect(other.at(0, i) / plain.at(0, i)).toBeCloseTo(factor, 8);
  });

  it('lets the distance tell where narrow densities lie, not how peaked they are', () => {
    const d = 20;
    const round = (shift: number, variance: number) =>
      sphericalGaussianMixture({ weights: [1], means: [new Array(d).fill(shift)], variances: [variance] });
    // honest machines are 0.6 standard deviations apart in each feature, and hardly overlap; the liar is far, and flat
    const estimates = [...[-1.2, -0.6, 0, 0.6, 1.2].map((shift) => round(shift, 1)), round(9, 3)];
    const far = (smoothing: number) => {
      const distances = l2DistanceMatrix(estimates, { smoothing });
      const { index, radius } = coat(estimates, { distanceMatrix: distances });
      return distances.at(index, 5) / radius;
    };
    expect(far(0)).toBeLessThan(1);
    expect(far(4)).toBeGreaterThan(1.2);
  });

  it('says what it cannot do', () => {
    const gammas = [1, 2].map((shape) => gammaMixture({ weights: [1], shapes: [shape], scales: [1] }));
    expect(() => l2DistanceMatrix(gammas, { smoothing: 1 })).toThrow(
      /smoothing is for Gaussian mixtures, but these are gamma mixtures: leave smoothing out/,
    );
    expect(() => l2DistanceMatrix(unrelated(1, 2, 1, 1), { smoothing: -1 })).toThrow(/smoothing is -1: it must be/);
    expect(() => l2DistanceMatrix(unrelated(1, 2, 1, 1), { smoothing: 1e308 })).toThrow(
      /by 1e\+308 are beyond float64/,
    );
  });
});
