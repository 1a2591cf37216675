import { describe, expect, it } from 'vitest';
import { diagonalGaussianMixture, gammaMixture, gaussianMixture, poissonMixture } from '../mixture/constructors';
import type { Mixture } from '../mixture/mixture';
import { bell, drawnMixture } from '../mixture/mixtures.fixture';
import { finished, type Progress } from '../work/work';
import { type Distance, distanceRowsSteps, distanceSteps, pairwise } from './distance';
import { type DistanceRows, distanceRowsOf } from './distance-matrix';

/** Every row that is asked for is the matrix's, to the bit or up to rounding. */
function expectRowsOfMatrix(
  distance: string | Distance,
  mixtures: readonly Mixture[],
  from: readonly number[],
  rounding = 0,
): void {
  const matrix = finished(distanceSteps(distance, mixtures));
  const rows = finished(distanceRowsSteps(distance, mixtures, from));
  expect([rows.title, rows.size, rows.logScale]).toEqual([matrix.title, matrix.size, matrix.logScale]);
  expect(rows.from).toEqual(from);
  from.forEach((i, r) => {
    rows.row(r).forEach((value, j) => {
      if (value !== matrix.at(i, j)) expect(Math.abs(value / matrix.at(i, j) - 1)).toBeLessThan(rounding);
    });
  });
  expect(rows.norms).toEqual(matrix.norms);
  expect([...(rows.notSquareIntegrable ?? [])]).toEqual([...(matrix.notSquareIntegrable ?? [])]);
}

const drawn = Array.from({ length: 13 }, (_, seed) => drawnMixture(seed, 3, 2));
const diagonal = [0, 1, 3, 0.5].map(
  (mean) =>
  diagonalGaussianMixture({ weights: [0.5, 0.5], means: [[mean, 0], [0, 2]], variances: [[1, 2], [0.3, 1]] }), // biome-ignore format: short
);

describe('some rows are those of the matrix, to the bit:', () => {
  it('information, up to rounding', () => {
    expectRowsOfMatrix('information', drawn, [0, 5, 12], 1e-13);
    expectRowsOfMatrix('information', diagonal, [1, 3], 1e-13);
  });

  it.each(['l2', 'smoothed-l2(0.5)', 'transport'])('%s', (distance) => {
    expectRowsOfMatrix(distance, drawn, [0, 5, 12]);
    expectRowsOfMatrix(distance, drawn, [7]);
    expectRowsOfMatrix(distance, drawn, [...drawn.keys()]);
    expectRowsOfMatrix(distance, diagonal, [1, 3]);
  });

  it('of more mixtures than are prepared at once', () => {
    const many = Array.from({ length: 1100 }, (_, i) => bell(Math.sin(i), 1 + (i % 7) / 10));
    expectRowsOfMatrix('l2', many, [0, 999, 1000, 1099]);
  });

  it('of mixtures whose products are found one by one', () => {
    expectRowsOfMatrix(
      'l2',
      [1, 2, 3.5].map((mean) => poissonMixture({ weights: [0.4, 0.6], means: [mean, 9] })),
      [2],
    );
  });

  it('of densities that are beyond float64, and of some that are not square integrable', () => {
    const narrow = [0, 1, 2, 3].map((mean) =>
      gaussianMixture({
        weights: [1],
        means: [new Array(300).fill(mean * 1e-3)],
        covariances: [
          Array.from({ length: 300 }, (_, i) => Array.from({ length: 300 }, (__, j) => (i === j ? 1e-6 : 0))),
        ],
      }),
    );
    expectRowsOfMatrix('l2', narrow, [1, 2]);
    const gammas = [2, 0.4, 3, 2.5, 0.3].map((shape) => gammaMixture({ weights: [1], shapes: [shape], scales: [1] }));
    expectRowsOfMatrix('l2', gammas, [0, 1, 3]);
    expectRowsOfMatrix('l2', [bell(0), bell(0, 1e-200), bell(1e150), bell(0.1), bell(0, 1e200)], [0, 1, 2, 4]);
  });

  it('a user’s, of a pair, which is asked in the order of the matrix, or of a whole matrix', () => {
    const first = ({ parameters }: Mixture) => (parameters[0] as { mean: Float64Array }).mean[0];
    const asked: number[] = [];
    const between = (G: Mixture, H: Mixture) => {
      asked.push(1);
      return Math.max(0, first(G) - first(H));
    };
    const oneWay = pairwise({ name: 'one-way', between });
    const means = [3, 0, 7, 1].map((mean) => bell(mean));
    expectRowsOfMatrix(oneWay, means, [0, 2]);
    expect(asked).toHaveLength(6 + 2 * 3);
    expectRowsOfMatrix({ name: 'whole', matrix: oneWay.matrix }, means, [1, 3]);
  });
});

it('reports the pairs that are done, of those that are asked for', () => {
  for (const distance of ['l2', 'transport', 'information', pairwise({ name: 'one', between: () => 1 })]) {
    const reported: Progress[] = [...distanceRowsSteps(distance, drawn, [1, 4])];
    expect(reported.at(-1)).toEqual({ stage: 'distances', done: 26, total: 26 });
    expect(new Set(reported.map(({ total }) => total))).toEqual(new Set([26]));
  }
});

it('refuses rows that are no distances, and rows of others', () => {
  const answering = (rows: DistanceRows): Distance => ({
    name: 'odd',
    matrix: pairwise({ name: 'odd', between: () => 1 }).matrix,
    *rows() {
      yield { stage: 'distances', done: 1, total: 1 };
      return rows;
    },
  });
  const of = (...rows: number[][]) =>
    answering(
      distanceRowsOf(
        'odd',
        [...rows.keys()],
        rows.map((row) => Float64Array.from(row)),
      ),
    );
  const asked = (distance: Distance) => finished(distanceRowsSteps(distance, drawn.slice(0, 3), [0, 2]));
  expect(() => asked(of([0, 1, 2]))).toThrow('the distance "odd" returned 1 rows of 3, but 2 of 3 were asked for');
  expect(() => asked(of([0, 1], [1, 0]))).toThrow(/returned 2 rows of 2/);
  expect(() => asked(of([0, 1, 2], [2, Number.NaN, 0]))).toThrow('between estimates 2 and 1 is NaN');
  expect(() => asked(of([0, -1, 2], [2, 1, 0]))).toThrow('between estimates 0 and 1 is -1');
  expect(() => asked(answering(undefined as unknown as DistanceRows))).toThrow(/returned undefined rows/);
});
