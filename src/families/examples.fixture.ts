import type { RandomStream } from '../math/random';
import type { Samples } from '../math/table';
import type { families, familiesOfConstant } from './families-registry';

// What the shared tests need to know of each family: how to draw parameters, where its densities live, two mixtures of
// which one can be told from the other, and what it cannot observe. A family without an example does not compile.

/** Places and weights with Σ weight f(x) ≈ ∫ f(x) dx for the densities of the example. */
export interface Grid {
  readonly samples: Samples;
  readonly weights: Float64Array;
}

export interface Example {
  /** θ at random, of about the size that the grid resolves */
  draw(random: RandomStream): unknown;
  readonly grid: () => Grid;
  /** a mixture that 20 000 draws tell well, and one that is far from it */
  readonly honest: { readonly weights: readonly number[]; readonly parameters: readonly unknown[] };
  readonly failed: { readonly weights: readonly number[]; readonly parameters: readonly unknown[] };
  /** a table that the family cannot have observed, and what the error says */
  /** 'own' if the ground distance of W₁ is not Σ |θ_i − θ′_i|; a test of its own then says what it is */
  readonly ground?: 'own';
  /** 'rounded' if θ as a vector is other numbers than in JSON, so that its last bits may differ when it comes back */
  readonly vectors?: 'rounded';
  readonly outside?: readonly (readonly [table: number[][], message: RegExp])[];
}

const between = (low: number, high: number) => (random: RandomStream) => low + (high - low) * random();
const positive = (low: number, high: number) => (random: RandomStream) => low * (high / low) ** random();

/** θ of independent numbers. */
function numbers(ranges: Record<string, (random: RandomStream) => number>): Example['draw'] {
  return (random) => Object.fromEntries(Object.entries(ranges).map(([name, draw]) => [name, draw(random)]));
}

/** Trapezoidal nodes u = t / (1 − t²) of the real line: exponentially accurate for smooth integrands that fall off. */
function line(n: number, unit = 1): { x: number; weight: number }[] {
  return Array.from({ length: n - 1 }, (_, i) => {
    const t = (2 * (i + 1)) / n - 1;
    return { x: (unit * t) / (1 - t * t), weight: (unit * (2 / n) * (1 + t * t)) / (1 - t * t) ** 2 };
  });
}

const grid = (nodes: readonly { x: readonly number[]; weight: number }[]): Grid => ({
  samples: {
    data: Float64Array.from(nodes.flatMap(({ x }) => x)),
    rows: nodes.length,
    columns: nodes[0].x.length,
  },
  weights: Float64Array.from(nodes, ({ weight }) => weight),
});

/** x = 2 sinh u, as tails may be heavy. */
const realLine = (): Grid =>
  grid(
    line(6000, 2)
      .filter(({ x }) => Math.abs(x) < 80)
      .map(({ x, weight }) => ({ x: [2 * Math.sinh(x)], weight: 2 * weight * Math.cosh(x) })),
  );

const positiveLine = (): Grid =>
  grid(
    line(6000, 2)
      .map(({ x, weight }) => ({ x: [Math.exp(x)], weight: weight * Math.exp(x) }))
      .filter(({ x: [x] }) => x > 1e-90 && x < 1e90),
  );

const counts =
  (most = 400) =>
  (): Grid =>
    grid(Array.from({ length: most }, (_, x) => ({ x: [x], weight: 1 })));

/** All rows of d numbers, the c-th from 0 to below counts[c], of which only some can be. */
const combinations = (counts: readonly number[], can = (_: readonly number[]) => true): Grid =>
  grid(
    counts
      .reduce<number[][]>(
        (rows, count) => rows.flatMap((row) => Array.from({ length: count }, (_, x) => [...row, x])),
        [[]],
      )
      .filter(can)
      .map((x) => ({ x, weight: 1 })),
  );

const probabilitiesOf = (count: number) => (random: RandomStream) => {
  const drawn = Array.from({ length: count }, () => positive(0.05, 1)(random));
  const total = drawn.reduce((sum, p) => sum + p, 0);
  return drawn.map((p) => p / total);
};

const plane = (): Grid => {
  const side = line(260, 2);
  return grid(side.flatMap((a) => side.map((b) => ({ x: [a.x, b.x], weight: a.weight * b.weight }))));
};

const halfPlane = (): Grid => {
  const side = line(240, 2).filter(({ x }) => Math.abs(x) < 80);
  return grid(
    side.flatMap((a) =>
      side.map((b) => ({
        x: [Math.sinh(a.x), Math.exp(b.x)],
        weight: a.weight * Math.cosh(a.x) * b.weight * Math.exp(b.x),
      })),
    ),
  );
};

/** Three proportions (a, (1 − a) b, (1 − a)(1 − b)), with a and b on the logit scale. */
const simplex = (): Grid => {
  const side = line(300, 1.5)
    .filter(({ x }) => Math.abs(x) < 100)
    .map(({ x, weight }) => ({ p: 1 / (1 + Math.exp(-x)), q: 1 / (1 + Math.exp(x)), weight }));
  return grid(
    side.flatMap((a) =>
      side.map((b) => ({
        x: [a.p, a.q * b.p, a.q * b.q],
        weight: a.weight * a.p * a.q * b.weight * b.p * b.q * a.q,
      })),
    ),
  );
};

/** Angles at equal steps: exponentially accurate for what repeats after 2π. */
const circle = (n: number, of = (angle: number) => [angle]): Grid =>
  grid(Array.from({ length: n }, (_, i) => ({ x: of((2 * Math.PI * i) / n - Math.PI), weight: (2 * Math.PI) / n })));

/** Places and weights of Gauss and Legendre on (−1, 1), the places by Newton's method. */
function gaussLegendre(n: number): { x: number; weight: number }[] {
  return Array.from({ length: n }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    for (let step = 0; ; step++) {
      let [before, value] = [1, x];
      for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
      const slope = (n * (x * value - before)) / (x * x - 1);
      if (step === 8) return { x, weight: 2 / ((1 - x * x) * slope * slope) };
      x -= value / slope;
    }
  });
}

/** Directions in three dimensions, by longitude and z. */
const sphere = (): Grid => {
  return grid(
    gaussLegendre(160).flatMap(({ x: z, weight }) =>
      Array.from({ length: 160 }, (_, j) => {
        const [longitude, radius] = [(2 * Math.PI * j) / 160, Math.sqrt(1 - z * z)];
        return {
          x: [radius * Math.cos(longitude), radius * Math.sin(longitude), z],
          weight: (weight * 2 * Math.PI) / 160,
        };
      }),
    ),
  );
};

const direction = (d: number) => (random: RandomStream) => {
  const x = Array.from({ length: d }, () => between(-1, 1)(random));
  return x.map((value) => value / Math.hypot(...x));
};

const notPositive: Example['outside'] = [
  [[[1], [-2]], /row 1 is -2: .* above 0/],
  [[[0], [2]], /row 0 is 0: .* above 0/],
  [[[1], [1e200]], /row 1 is 1e\+200: choose a unit/],
  [[[1, 2]], /over one column, but the table has 2/],
];

const twoColumns: Example['outside'] = [[[[1, 2]], /over one column, but the table has 2/]];

const locationScale: Example = {
  draw: numbers({ location: between(-3, 3), scale: positive(0.3, 2) }),
  grid: realLine,
  honest: {
    weights: [0.4, 0.6],
    parameters: [
      { location: -4, scale: 0.6 },
      { location: 5, scale: 1.2 },
    ],
  },
  failed: {
    weights: [0.5, 0.5],
    parameters: [
      { location: -1, scale: 2 },
      { location: 14, scale: 1 },
    ],
  },
  outside: twoColumns,
};

const correlated = (variance: number, correlation: number) => [
  [variance, correlation * variance],
  [correlation * variance, variance],
];

const drawnMean = (random: RandomStream): number[] => [between(-1, 1)(random), between(-1, 1)(random)];

const fullGaussian = (random: RandomStream): unknown => {
  const [a, b, r] = [positive(0.4, 1.5)(random), positive(0.4, 1.5)(random), between(-0.7, 0.7)(random)];
  return { mean: drawnMean(random), covariance: [a, r * Math.sqrt(a * b), r * Math.sqrt(a * b), b] };
};

const scales = (honest: readonly [number, number], failed: readonly [number, number], name = 'scale') => ({
  honest: { weights: [0.4, 0.6], parameters: honest.map((value) => ({ [name]: value })) },
  failed: { weights: [0.5, 0.5], parameters: failed.map((value) => ({ [name]: value })) },
});

export const examples: Readonly<Record<keyof typeof families, Example>> = {
  gaussian: {
    ground: 'own',
    draw: fullGaussian,
    grid: plane,
    honest: {
      weights: [0.4, 0.6],
      parameters: [
        { mean: [0, 0], covariance: correlated(1, 0.5) },
        { mean: [4, 1], covariance: correlated(0.5, -0.3) },
      ],
    },
    failed: {
      weights: [0.5, 0.5],
      parameters: [
        { mean: [2, 2], covariance: correlated(2, 0) },
        { mean: [9, 9], covariance: correlated(1, 0) },
      ],
    },
  },
  'diagonal-gaussian': {
    ground: 'own',
    draw: (random) => ({
      mean: drawnMean(random),
      variances: [positive(0.4, 1.5)(random), positive(0.4, 1.5)(random)],
    }),
    grid: plane,
    honest: {
      weights: [0.4, 0.6],
      parameters: [
        { mean: [0, 0], variances: [1, 2] },
        { mean: [5, 1], variances: [0.5, 0.2] },
      ],
    },
    failed: {
      weights: [0.5, 0.5],
      parameters: [
        { mean: [2, 2], variances: [3, 3] },
        { mean: [9, 9], variances: [1, 1] },
      ],
    },
  },
  'spherical-gaussian': {
    ground: 'own',
    draw: (random) => ({ mean: drawnMean(random), variance: positive(0.4, 1.5)(random) }),
    grid: plane,
    honest: {
      weights: [0.4, 0.6],
      parameters: [
        { mean: [0, 0], variance: 1 },
        { mean: [4, 1], variance: 0.5 },
      ],
    },
    failed: {
      weights: [0.5, 0.5],
      parameters: [
        { mean: [2, 2], variance: 3 },
        { mean: [9, 9], variance: 1 },
      ],
    },
  },
  'tied-gaussian': {
    ground: 'own',
    draw: fullGaussian,
    grid: plane,
    honest: {
      weights: [0.4, 0.6],
      parameters: [
        { mean: [0, 0], covariance: correlated(1, 0.5) },
        { mean: [4, 1], covariance: correlated(1, 0.5) },
      ],
    },
    failed: {
      weights: [0.5, 0.5],
      parameters: [
        { mean: [2, 2], covariance: correlated(2, 0) },
        { mean: [9, 9], covariance: correlated(2, 0) },
      ],
    },
  },
  gamma: {
    draw: numbers({ shape: positive(0.6, 40), scale: positive(0.2, 10) }),
    grid: positiveLine,
    honest: {
      weights: [0.32, 0.35, 0.33],
      parameters: [
        { shape: 1, scale: 1 },
        { shape: 8, scale: 6 },
        { shape: 30, scale: 10 },
      ],
    },
    failed: {
      weights: [0.3, 0.4, 0.3],
      parameters: [
        { shape: 2, scale: 10 },
        { shape: 8, scale: 1 },
        { shape: 3, scale: 100 },
      ],
    },
    outside: notPositive,
  },
  exponential: {
    draw: numbers({ mean: positive(0.1, 20) }),
    grid: positiveLine,
    ...scales([1, 30], [5, 100], 'mean'),
    outside: [
      [[[1], [-2]], /row 1 is -2: .* from 0 on/],
      [[[1, 2]], /over one column/],
    ],
  },
  'log-normal': {
    draw: numbers({ location: between(-2, 2), scale: positive(0.2, 1.5) }),
    grid: positiveLine,
    honest: {
      weights: [0.4, 0.6],
      parameters: [
        { location: 0, scale: 0.5 },
        { location: 3, scale: 0.4 },
      ],
    },
    failed: {
      weights: [0.5, 0.5],
      parameters: [
        { location: 1, scale: 1 },
        { location: 5, scale: 0.2 },
      ],
    },
    outside: notPositive,
  },
  'inverse-gamma': {
    draw: numbers({ shape: positive(0.6, 20), scale: positive(0.2, 10) }),
    grid: positiveLine,
    honest: {
      weights: [0.4, 0.6],
      parameters: [
        { shape: 6, scale: 3 },
        { shape: 10, scale: 90 },
      ],
    },
    failed: {
      weights: [0.5, 0.5],
      parameters: [
        { shape: 3, scale: 8 },
        { shape: 30, scale: 900 },
      ],
    },
    outside: notPositive,
  },
  rayleigh: {
    draw: numbers({ scale: positive(0.2, 10) }),
    grid: positiveLine,
    ...scales([1, 6], [3, 14]),
    outside: notPositive,
  },
  poisson: {
    draw: numbers({ mean: positive(0.2, 60) }),
    grid: counts(),
    ...scales([2, 20], [7, 50], 'mean'),
    outside: [
      [[[1], [2.5]], /row 1 is 2.5: .* whole numbers from 0 on/],
      [[[-1], [2]], /row 0 is -1: .* whole numbers from 0 on/],
    ],
  },
  logistic: locationScale,
  gumbel: locationScale,
  'gaussian-gamma': {
    draw: numbers({
      mean: between(-1, 1),
      strength: positive(0.5, 4),
      shape: positive(1, 8),
      rate: positive(0.5, 4),
    }),
    grid: halfPlane,
    honest: {
      weights: [0.4, 0.6],
      parameters: [
        { mean: 0, strength: 2, shape: 6, rate: 3 },
        { mean: 8, strength: 1, shape: 20, rate: 2 },
      ],
    },
    failed: {
      weights: [0.5, 0.5],
      parameters: [
        { mean: 4, strength: 1, shape: 6, rate: 3 },
        { mean: 20, strength: 1, shape: 5, rate: 2 },
      ],
    },
    outside: [
      [
        [
          [1, 2],
          [0, -3],
        ],
        /row 1 is \(0, -3\): the second column is a precision, above 0/,
      ],
      [[[1], [2]], /over two columns, x and its precision, but the table has 1/],
    ],
  },
  dirichlet: {
    draw: (random) => ({ concentration: [0, 0, 0].map(() => positive(0.7, 8)(random)) }),
    grid: simplex,
    honest: {
      weights: [0.4, 0.6],
      parameters: [{ concentration: [12, 3, 3] }, { concentration: [2, 8, 20] }],
    },
    failed: {
      weights: [0.5, 0.5],
      parameters: [{ concentration: [3, 3, 3] }, { concentration: [2, 30, 2] }],
    },
    outside: [
      [
        [
          [0.2, 0.3, 0.5],
          [0.2, 0.2, 0.5],
        ],
        /row 1 sums to 0.9, not to 1: divide it by its sum/,
      ],
      [[[0.5, 0.5, 0]], /row 0, column 2 is 0: proportions are above 0/],
      [[[0.5, 0.5]], /three or more proportions, but the table has 2/],
    ],
  },
  'von-mises-fisher': {
    ground: 'own',
    draw: (random) => ({ meanDirection: direction(3)(random), concentration: positive(0.1, 60)(random) }),
    grid: sphere,
    vectors: 'rounded',
    honest: {
      weights: [0.4, 0.6],
      parameters: [
        { meanDirection: [0, 0.6, 0.8], concentration: 8 },
        { meanDirection: [1, 0, 0], concentration: 20 },
      ],
    },
    failed: {
      weights: [0.5, 0.5],
      parameters: [
        { meanDirection: [0, -0.6, 0.8], concentration: 3 },
        { meanDirection: [0, 0, -1], concentration: 20 },
      ],
    },
    outside: [
      [
        [
          [0.6, 0.8],
          [3, 4],
        ],
        /row 1 has the norm 5, not 1: divide each row by its norm/,
      ],
      [[[1], [1]], /two or more columns, but the table has 1/],
    ],
  },
  'von-mises': {
    ground: 'own',
    draw: numbers({ meanAngle: between(-3, 3), concentration: positive(0.1, 60) }),
    grid: () => circle(400),
    honest: {
      weights: [0.4, 0.6],
      parameters: [
        { meanAngle: -1, concentration: 6 },
        { meanAngle: 2, concentration: 10 },
      ],
    },
    failed: {
      weights: [0.5, 0.5],
      parameters: [
        { meanAngle: 0.5, concentration: 4 },
        { meanAngle: 3, concentration: 8 },
      ],
    },
    outside: [[[[1, 2]], /over one column of angles, but the table has 2/]],
  },
  bernoulli: {
    draw: (random) => ({ probabilities: [0, 0, 0].map(() => between(0.05, 0.95)(random)) }),
    grid: () => combinations([2, 2, 2]),
    honest: {
      weights: [0.4, 0.6],
      parameters: [{ probabilities: [0.1, 0.15, 0.2] }, { probabilities: [0.9, 0.8, 0.85] }],
    },
    failed: {
      weights: [0.5, 0.5],
      parameters: [{ probabilities: [0.1, 0.9, 0.2] }, { probabilities: [0.6, 0.1, 0.9] }],
    },
    outside: [
      [
        [
          [0, 1],
          [1, 2],
        ],
        /row 1, column 1 is 2: bernoulli features are 0 or 1; use categorical/,
      ],
    ],
  },
};

/** Of the families with a known constant, for one or two constants each. */
export const examplesOfConstant: Readonly<Record<keyof typeof familiesOfConstant, Readonly<Record<string, Example>>>> =
  {
    weibull: Object.fromEntries(
      [0.8, 3].map((shape) => [
        `weibull(${shape})`,
        {
          draw: numbers({ scale: positive(0.2, 10) }),
          grid: positiveLine,
          ...scales([1, 40], [6, 200]),
          outside: [[[[1], [-2]], /row 1 is -2: .* above 0/]],
        },
      ]),
    ),
    laplace: {
      'laplace(0.5)': {
        draw: numbers({ scale: positive(0.3, 3) }),
        // the densities have a kink at the centre: a trapezoidal rule for each side of it
        grid: () => {
          const half = positiveLine();
          const { data } = half.samples;
          const both = Float64Array.of(...data.map((x) => 0.5 - x), ...data.map((x) => 0.5 + x));
          return {
            samples: { data: both, rows: both.length, columns: 1 },
            weights: Float64Array.of(...half.weights, ...half.weights),
          };
        },
        ...scales([0.5, 12], [3, 60]),
        outside: twoColumns,
      },
    },
    'student-t': { 'student-t(1)': locationScale, 'student-t(4.5)': locationScale },
    'negative-binomial': Object.fromEntries(
      [1.5, 6].map((size) => [
        `negative-binomial(${size})`,
        {
          draw: numbers({ mean: positive(0.2, 60) }),
          grid: counts(4000),
          ...scales([2, 60], [12, 300], 'mean'),
          outside: [[[[1], [2.5]], /row 1 is 2.5: .* whole numbers from 0 on/]],
        },
      ]),
    ),
    multinomial: Object.fromEntries(
      [5, 12].map((trials) => [
        `multinomial(${trials})`,
        {
          ground: 'own',
          vectors: 'rounded',
          draw: (random) => ({ probabilities: probabilitiesOf(3)(random) }),
          grid: () => combinations([trials + 1, trials + 1, trials + 1], ([a, b, c]) => a + b + c === trials),
          honest: {
            weights: [0.4, 0.6],
            parameters: [{ probabilities: [0.1, 0.3, 0.6] }, { probabilities: [0.7, 0.2, 0.1] }],
          },
          failed: {
            weights: [0.5, 0.5],
            parameters: [{ probabilities: [0.1, 0.8, 0.1] }, { probabilities: [0.4, 0.3, 0.3] }],
          },
          outside: [
            [
              [
                [trials - 1, 0, 1],
                [2, 1, 0],
              ],
              new RegExp(`row 1 sums to 3, but the trials are ${trials}: .* by multinomial\\(3\\)`),
            ],
            [[[trials + 1, -1, 0]], /row 0, column 1 is -1: counts are whole numbers from 0 on/],
            [[[trials]], /two or more columns of counts, but the table has 1/],
          ],
        } satisfies Example,
      ]),
    ),
    categorical: {
      'categorical(3,2,4)': {
        ground: 'own',
        vectors: 'rounded',
        draw: (random) => ({ probabilities: [3, 2, 4].map((count) => probabilitiesOf(count)(random)) }),
        grid: () => combinations([3, 2, 4]),
        honest: {
          weights: [0.4, 0.6],
          parameters: [
            {
              probabilities: [
                [0.8, 0.1, 0.1],
                [0.15, 0.85],
                [0.7, 0.1, 0.1, 0.1],
              ],
            },
            {
              probabilities: [
                [0.1, 0.2, 0.7],
                [0.9, 0.1],
                [0.05, 0.15, 0.2, 0.6],
              ],
            },
          ],
        },
        failed: {
          weights: [0.5, 0.5],
          parameters: [
            {
              probabilities: [
                [0.1, 0.8, 0.1],
                [0.9, 0.1],
                [0.7, 0.1, 0.1, 0.1],
              ],
            },
            {
              probabilities: [
                [0.2, 0.6, 0.2],
                [0.2, 0.8],
                [0.1, 0.1, 0.7, 0.1],
              ],
            },
          ],
        },
        outside: [
          [
            [
              [2, 1, 3],
              [2, 2, 3],
            ],
            /row 1, column 1 is 2: its categories are coded by the integers from 0 to 1/,
          ],
          [[[1, 1]], /over 3 columns, but the table has 2/],
        ],
      },
    },
  };
