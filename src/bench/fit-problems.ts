import { randomNormal } from 'd3-random';
import { type RandomStream, randomStream } from '../math/random';
import type { Samples } from '../math/table';
import { sample } from '../mixture/sample';
import { mixsim } from '../simulate/mixsim';

/** A table to which a mixture is to be fitted. */
export interface FitProblem {
  readonly shape: string;
  readonly samples: Samples;
  /** K */
  readonly order: number;
}

/** The dimensions that the problems of each shape have, one after another. */
const DIMENSIONS = [1, 2, 3, 2, 5, 10, 1, 4, 2, 6, 1, 8, 7, 9];

/** The least number of rows for each parameter: with fewer, any few rows that lie in a plane are a maximum. */
const MIN_ROWS_PER_PARAMETER = 2;

type Draw = (settings: {
  readonly n: number;
  readonly d: number;
  readonly K: number;
  random: RandomStream;
}) => number[][];

/** The rows of a MixSim population. */
function clusters(
  overlap: number,
  options: { readonly spherical?: boolean; readonly minimumWeight?: number } = {},
): Draw {
  return ({ n, d, K, random }) => {
    const seed = random();
    const { data } = sample(mixsim({ order: K, dimension: d, meanOverlap: overlap, seed, ...options }), n, seed).data;
    return Array.from({ length: n }, (_, j) => [...data.subarray(j * d, (j + 1) * d)]);
  };
}

/** The standard deviations of the columns. */
function deviations(rows: readonly number[][]): number[] {
  return rows[0].map((_, c) => {
    const mean = rows.reduce((sum, row) => sum + row[c], 0) / rows.length;
    return Math.sqrt(rows.reduce((sum, row) => sum + (row[c] - mean) ** 2, 0) / rows.length);
  });
}

const normals = (random: RandomStream, d: number): number[] => Array.from({ length: d }, randomNormal.source(random)());

/** The shapes: clusters of Gaussians, and what makes them hard to find. */
const shapes: Readonly<Record<string, Draw>> = {
  apart: clusters(0.002),
  overlapping: clusters(0.08),
  round: clusters(0.02, { spherical: true }),
  'unequal sizes': clusters(0.01, { minimumWeight: 0.02 }),
  'few rows': clusters(0.01),

  'one outlier'({ n, d, K, random }) {
    const rows = clusters(0.005)({ n: n - 1, d, K: Math.max(2, K - 1), random });
    const far = 10 ** (1 + 2 * random());
    return [...rows, rows[0].map((x, c) => x + far * deviations(rows)[c] * (c === 0 ? 1 : random() - 0.5))];
  },

  outliers({ n, d, K, random }) {
    const rows = clusters(0.005)({ n, d, K: Math.max(2, K - 1), random });
    const units = deviations(rows);
    return rows.map((row, j) => (j % 40 === 0 ? normals(random, d).map((z, c) => 12 * z * units[c]) : row));
  },

  ties({ n, d, K, random }) {
    const rows = clusters(0.01)({ n, d, K, random });
    const units = deviations(rows);
    return rows.map((row) => row.map((x, c) => Math.round((4 * x) / units[c]) / 4));
  },

  scales({ n, d, K, random }) {
    const units = Array.from({ length: d }, () => 10 ** (8 * random() - 4));
    return clusters(0.01)({ n, d, K, random }).map((row) => row.map((x, c) => x * units[c]));
  },

  nested({ n, d, K, random }) {
    const ratio = 3 + 5 * random();
    return Array.from({ length: n }, () => normals(random, d).map((z) => z * ratio ** Math.floor(K * random())));
  },

  'nested in clusters'({ n, d, random }) {
    const ratio = 4 + 6 * random();
    return Array.from({ length: n }, () => {
      const [centre, spread] = [random() < 0.5 ? 0 : 8 * ratio, random() < 0.6 ? 1 : ratio];
      return normals(random, d).map((z) => centre + spread * z);
    });
  },

  crossing({ n, d, K, random }) {
    const axes = Array.from({ length: K }, () => normals(random, d));
    return Array.from({ length: n }, () => {
      const along = 3 * randomNormal.source(random)()();
      const axis = axes[Math.floor(K * random())];
      return normals(random, d).map((z, c) => along * axis[c] + 0.3 * z);
    });
  },

  'heavy tails'({ n, d, K, random }) {
    const rows = clusters(0.002)({ n, d, K, random });
    const units = deviations(rows);
    return rows.map((row) => {
      const [chi] = [normals(random, 3).reduce((sum, z) => sum + z * z, 0) / 3];
      return row.map((x, c) => x + (0.2 * units[c] * normals(random, 1)[0]) / Math.sqrt(chi));
    });
  },

  'uniform background'({ n, d, K, random }) {
    const rows = clusters(0.002)({ n, d, K: Math.max(2, K - 1), random });
    const units = deviations(rows);
    return rows.map((row, j) => (j % 5 === 0 ? units.map((unit) => 8 * unit * (random() - 0.5)) : row));
  },

  skewed({ n, d, K, random }) {
    return clusters(0.01)({ n, d, K, random }).map((row) => row.map((x) => Math.exp(2 * x)));
  },
};

/** 210 small problems of many shapes, by their seeds alone; sets 1, 2, … are others of the same shapes. */
export function fitProblems(set = 0): FitProblem[] {
  return Object.entries(shapes).flatMap(([shape, draw]) =>
    DIMENSIONS.map((d, i): FitProblem => {
      const order = shape === 'nested in clusters' ? 4 : 2 + ((i + shape.length) % (d === 1 ? 3 : 5));
      const random = randomStream(i + set * DIMENSIONS.length, `a problem that is ${shape}`);
      const parameters = (order * (d + 1) * (d + 2)) / 2 - 1;
      const least = shape === 'few rows' ? 1.2 * parameters : Math.max(100, MIN_ROWS_PER_PARAMETER * parameters);
      const n = Math.round(least + (shape === 'few rows' ? 50 : 400) * random());
      const rows = draw({ n, d, K: order, random });
      return { shape, order, samples: { data: Float64Array.from(rows.flat()), rows: n, columns: d } };
    }),
  );
}
