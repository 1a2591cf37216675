import { randomNormal } from 'd3-random';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type QuadraticForm, quadraticFormCdf, quadraticFormQuantile, quadraticFormTails } from './quadratic-form';
import { randomStream } from './random';

const { chdtrc, erfc }: typeof import('cephes') = require('cephes');

const form = (quadratic: number[], linear = quadratic.map(() => 0), constant = 0): QuadraticForm => ({
  quadratic,
  linear,
  constant,
});
const twice = (values: number[]) => [...values, ...values];
const above = (of: QuadraticForm, q: number) => quadraticFormTails(of, q).above;
const below = (of: QuadraticForm, q: number) => quadraticFormTails(of, q).below;
const relative = (actual: number, expected: number) => Math.abs(actual / expected - 1);

/** Φ(x) */
const phi = (x: number) => (Math.abs(x) > 37 ? Number(x > 0) : erfc(-x / Math.SQRT2) / 2);

/** a Σ (Z_i + s_i)², a multiple of a noncentral χ². */
const noncentral = (a: number, shifts: number[]) =>
  form(
    shifts.map(() => a),
    shifts.map((s) => 2 * a * s),
    a * shifts.reduce((sum, s) => sum + s * s, 0),
  );

describe('in closed form', () => {
  it.each([1e-12, 0.01, 0.7, 1, 3.84, 50, 200])('is χ² with one and two degrees of freedom at %d', (q) => {
    expect(relative(above(form([1]), q), erfc(Math.sqrt(q / 2)))).toBeLessThan(1e-12);
    expect(relative(above(form([1, 1]), q), Math.exp(-q / 2))).toBeLessThan(1e-12);
    expect(relative(below(form([1, 1]), q), -Math.expm1(-q / 2))).toBeLessThan(1e-12);
  });

  it('of squares has nothing below 0, and nothing above it where they are subtracted', () => {
    for (const q of [0, -1e-9, -1, -1e9]) {
      expect(quadraticFormTails(form([1, 2, 0.5]), q)).toEqual({ below: 0, above: 1 });
      expect(quadraticFormTails(form([-1, -2, -0.5]), -q)).toEqual({ below: 1, above: 0 });
    }
  });

  it('is a difference of exponential variables, down to where float64 ends', () => {
    const size = fc.double({ min: 0.1, max: 10, noNaN: true });
    fc.assert(
      fc.property(size, size, fc.double({ min: 0, max: 744, noNaN: true }), (a, b, depth) => {
        const of = form([a, -b, a, -b]);
        const expected = { above: (a / (a + b)) * Math.exp(-depth), below: (b / (a + b)) * Math.exp(-depth) };
        expect(Math.abs(above(of, 2 * a * depth) - expected.above)).toBeLessThan(1e-11 * expected.above + 5e-323);
        expect(Math.abs(below(of, -2 * b * depth) - expected.below)).toBeLessThan(1e-11 * expected.below + 5e-323);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it.each([0, 1e-9, 0.3, 1, 5, 12, 30, 37])('is normal without squares, %d standard deviations away', (z) => {
    const of = form([0, 0], [3, -4], 7);
    const expected = erfc(z / Math.SQRT2) / 2;
    expect(relative(above(of, 7 + 5 * z), expected)).toBeLessThan(1e-12);
    expect(relative(below(of, 7 - 5 * z), expected)).toBeLessThan(1e-12);
  });

  it('is, in one dimension, between two roots or outside of them', () => {
    const normal = fc.double({ min: -3, max: 3, noNaN: true });
    const scale = fc.constantFrom(0.01, 1, 100);
    fc.assert(
      fc.property(normal, normal, normal, scale, normal, (a, b, c, unit, away) => {
        fc.pre(Math.abs(a) > 0.01);
        const [A, B] = [a * unit, b];
        const q = A + c + away * Math.hypot(Math.SQRT2 * A, B);
        const discriminant = B * B - 4 * A * (c - q);
        const root = Math.sqrt(Math.max(0, discriminant));
        const roots = [(-B - root) / (2 * A), (-B + root) / (2 * A)].sort((x, y) => x - y);
        const within = discriminant > 0 ? phi(roots[1]) - phi(roots[0]) : 0;
        expect(Math.abs(above(form([A], [B], c), q) - (A > 0 ? 1 - within : within))).toBeLessThan(1e-11);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('is, with every α twice, a sum of exponential variables with signs', () => {
    const alphas = fc.uniqueArray(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(alphas, fc.double({ min: -4, max: 4, noNaN: true }), (exponents, away) => {
        const alpha = exponents.map((e) => (e % 2 === 0 ? 1 : -1) * 1.7 ** e);
        const q = alpha.reduce((sum, a) => sum + 2 * a, 0) + away * 2 * Math.hypot(...alpha);
        const sign = q < 0 ? -1 : 1;
        const tail = alpha.reduce((sum, a, i) => {
          if (a * sign < 0) return sum;
          const share = alpha.reduce((product, b, j) => (j === i ? product : (product * a) / (a - b)), 1);
          return sum + share * Math.exp(-q / (2 * a));
        }, 0);
        const actual = quadraticFormTails(form(twice(alpha)), q);
        expect(Math.abs((q < 0 ? actual.below : actual.above) - tail)).toBeLessThan(1e-12);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('is, with one α and shifts, a Poisson mixture of χ² in up to 12 dimensions', () => {
    const shifts = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 1, maxLength: 12 });
    const a = fc.constantFrom(-1e3, -1, -1e-3, 1e-3, 1, 1e3);
    fc.assert(
      fc.property(shifts, a, fc.double({ min: 0.05, max: 4, noNaN: true }), (s, unit, times) => {
        const half = s.reduce((sum, one) => sum + one * one, 0) / 2;
        const x = times * (s.length + 2 * half);
        let [expected, share] = [0, Math.exp(-half)];
        for (let j = 0; j < 150 && share > 1e-20; j++) {
          expected += share * chdtrc(s.length + 2 * j, x);
          share *= half / (j + 1);
        }
        const { above: right, below: left } = quadraticFormTails(noncentral(unit, s), unit * x);
        expect(Math.abs((unit > 0 ? right : left) - expected)).toBeLessThan(1e-12);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});

/** Σ α χ²(df), from triples of α, df and the noncentrality, which is put into one of the shifts. */
const imhof = (...terms: [alpha: number, df: number, noncentrality: number][]): QuadraticForm => {
  const parts = terms.map(([alpha, df, noncentrality]) =>
    noncentral(
      alpha,
      Array.from({ length: df }, (_, i) => (i === 0 ? Math.sqrt(noncentrality) : 0)),
    ),
  );
  return {
    quadratic: parts.flatMap(({ quadratic }) => Array.from(quadratic)),
    linear: parts.flatMap(({ linear }) => Array.from(linear)),
    constant: parts.reduce((sum, { constant }) => sum + constant, 0),
  };
};

// Imhof (1961), Table 1, to more digits by Ruben's series (mpmath 1.3 with 30 digits)
describe.each<[string, QuadraticForm, [number, number][]]>([
  [
    'Q1',
    imhof([0.6, 1, 0], [0.3, 1, 0], [0.1, 1, 0]),
    [
      [0.1, 0.9457861539329535],
      [0.7, 0.5064382334698132],
      [2, 0.1239590741623263],
    ],
  ],
  [
    'Q2',
    imhof([0.6, 2, 0], [0.3, 2, 0], [0.1, 2, 0]),
    [
      [0.2, 0.9935471179939341],
      [2, 0.3997949967822461],
      [6, 0.01610297290317075],
    ],
  ],
  [
    'Q3',
    imhof([0.6, 6, 0], [0.3, 4, 0], [0.1, 2, 0]),
    [
      [1, 0.9973192738917959],
      [5, 0.4352506266286842],
      [12, 0.008769005302626982],
    ],
  ],
  [
    'Q4',
    imhof([0.6, 2, 0], [0.3, 4, 0], [0.1, 6, 0]),
    [
      [1, 0.9666403779255199],
      [3, 0.419554624612327],
      [8, 0.008715363770445387],
    ],
  ],
  [
    'Q5',
    imhof([0.7, 6, 6], [0.3, 2, 2]),
    [
      [2, 0.9938820266064599],
      [10, 0.4086578759231536],
      [20, 0.02208164665264908],
    ],
  ],
  [
    'Q6',
    imhof([0.7, 1, 6], [0.3, 1, 2]),
    [
      [1, 0.9548728101023874],
      [6, 0.4075654324010043],
      [15, 0.02234312880027908],
    ],
  ],
])("agrees with Imhof's table for %s", (_, of, rows) => {
  it.each(rows)('at %d', (q, expected) => {
    expect(relative(above(of, q), expected)).toBeLessThan(1e-12);
  });
});

describe('agrees with mpmath', () => {
  // the convolution of the densities of Ruben's series by quadrature
  it.each([
    [-2, 0.9885986888745747],
    [0, 0.782426703484783],
    [2.5, 0.1267540800264943],
  ])('at %d for half of Q3 − Q4', (q, expected) => {
    const of = imhof([0.3, 6, 0], [0.15, 4, 0], [0.05, 2, 0], [-0.3, 2, 0], [-0.15, 4, 0], [-0.05, 6, 0]);
    expect(relative(above(of, q), expected)).toBeLessThan(1e-12);
  });

  it.each([
    [-20, 0.9999999314141019],
    [-3, 0.9725342448766739],
    [1, 0.6969170552167302],
    [12, 0.04421440626108184],
    [60, 1.245246136445703e-9],
  ])('at %d for χ²(2; 3) − χ²(1; 2) / 2', (q, expected) => {
    expect(relative(above(imhof([1, 2, 3], [-0.5, 1, 2]), q), expected)).toBeLessThan(1e-12);
  });

  // ∫ φ(z) P(χ² > q − 2 z) dz
  it.each([
    [-4, 0.9879302502865286, 0.01206974971347141],
    [0, 0.6489665042906744, 0.3510334957093256],
    [2, 0.3127882429868253, 0.6872117570131747],
    [60, 1.590491469189519e-14, 0.9999999999999841],
  ])('at %d for a square and a normal part', (q, right, left) => {
    const tails = quadraticFormTails(form([1, 0], [0, 2]), q);
    expect(relative(tails.above, right)).toBeLessThan(1e-12);
    expect(relative(tails.below, left)).toBeLessThan(1e-12);
  });
});

// scipy.stats.ncx2 1.10
it.each([
  [3, 1, 2, 0.3761310507217903],
  [0.5, 1, 2, 0.7771973656688678],
  [20, 4, 5, 0.03873397395085897],
  [100, 10, 25, 6.046489562147356e-6],
  [12, 10, 25, 0.9956404329079481],
])('agrees with SciPy at %d for the noncentral χ²(%d; %d)', (q, df, noncentrality, expected) => {
  expect(relative(above(imhof([1, df, noncentrality]), q), expected)).toBeLessThan(1e-11);
});

// scipy.stats.chi2.sf, and mpmath
it.each([
  [230, 1, 5.961322057054335e-52],
  [240, 3, 9.51713518322264e-52],
  [300, 10, 1.55467475438032e-58],
])('keeps its digits far out: P(χ²(%2$d) > %1$d)', (q, df, expected) => {
  expect(relative(above(imhof([1, df, 0]), q), expected)).toBeLessThan(1e-12);
  expect(relative(below(imhof([-1, df, 0]), -q), expected)).toBeLessThan(1e-12);
});

it.each([1e-10, 1e-40, 1e-80, 1e-95, 1e-120])('keeps the digits of the part of χ²(1) below %d', (q) => {
  expect(relative(below(form([1]), q), Math.sqrt((2 * q) / Math.PI))).toBeLessThan(1e-10);
});

it('keeps the digits that float64 has below 1e-308', () => {
  for (let depth = 700; depth < 744; depth++) {
    for (const [a, b] of [
      [1, 1.5],
      [0.0942, 21.28],
    ]) {
      const expected = (a / (a + b)) * Math.exp(-depth);
      expect(Math.abs(above(form([a, a, -b, -b]), 2 * a * depth) - expected)).toBeLessThan(1e-11 * expected + 1e-322);
    }
  }
});

// found by a random search: a path of integration that rises before it falls has sums of nothing but rounding
it.each([
  [[-0.004, 0.019, 25.65], [-2.14, 0.21, 83.38], 0.34, 26],
  [
    [15, -27.92, -1.897, 0.0506, -1.733, -3.028, 0, 0.0312],
    [1.012, -15.91, 0.73, 0, 0, 91.71, -0.00794, 17.21],
    0.12,
    -77.8,
  ],
  [[2.69, 0], [3.83, -0.285], 0.26, -11.9],
  [[0, 265], [0.1, -504.7], 0.19, -299.5],
  [[0, 1.7], [0.3, -2.5], 0.1, 4],
])('agrees with the draws of the form %j, %j', (quadratic, linear, constant, q) => {
  const random = randomNormal.source(randomStream(1, 'test'))();
  const draws = 20_000;
  let count = 0;
  for (let j = 0; j < draws; j++) {
    let value = constant;
    for (let i = 0; i < quadratic.length; i++) {
      const z = random();
      value += (quadratic[i] * z + linear[i]) * z;
    }
    if (value > q) count++;
  }
  const p = above(form(quadratic, linear, constant), q);
  expect(Math.abs(count - draws * p)).toBeLessThan(4 * Math.sqrt(draws * p * (1 - p)) + 1e-3);
});

/** A form in d dimensions of any signs, some α 0, and a place within a few standard deviations. */
const anyForm = fc
  .record({ seed: fc.nat(), d: fc.integer({ min: 1, max: 12 }), away: fc.double({ min: -5, max: 5, noNaN: true }) })
  .map(({ seed, d, away }) => {
    const random = randomStream(seed, 'test');
    const drawn = () => (random() < 0.2 ? 0 : (2 * random() - 1) * 10 ** (4 * random() - 2));
    const [quadratic, linear] = [Array.from({ length: d }, drawn), Array.from({ length: d }, drawn)];
    linear[0] += 0.1;
    const sd = Math.hypot(...quadratic.map((a) => Math.SQRT2 * a), ...linear);
    const constant = random();
    return {
      of: form(quadratic, linear, constant),
      q: quadratic.reduce((a, b) => a + b, constant) + away * sd,
      sd,
    };
  });

it('has two tails that sum to one, each the other of the form with its signs turned', () => {
  fc.assert(
    fc.property(anyForm, ({ of, q }) => {
      const tails = quadraticFormTails(of, q);
      expect(Math.abs(tails.below + tails.above - 1)).toBeLessThan(1e-15);
      expect(quadraticFormCdf(of, q)).toBe(tails.below);
      const minus = (values: ArrayLike<number>) => Array.from(values, (value) => -value);
      const turned = quadraticFormTails(form(minus(of.quadratic), minus(of.linear), -of.constant), -q);
      expect(Math.abs(turned.above - tails.below)).toBeLessThan(1e-13);
      expect(Math.abs(turned.below - tails.above)).toBeLessThan(1e-13);
    }),
    { seed: 1, numRuns: 300 },
  );
});

it('does not fall as q rises', () => {
  fc.assert(
    fc.property(anyForm, fc.double({ min: 0, max: 2, noNaN: true }), ({ of, q, sd }, step) => {
      expect(below(of, q + step * sd)).toBeGreaterThanOrEqual(below(of, q) - 1e-13);
    }),
    { seed: 1, numRuns: 300 },
  );
});

it('does not depend on the unit or the order of the terms', () => {
  fc.assert(
    fc.property(anyForm, fc.constantFrom(1e-100, 1e-7, 1e7, 1e100), ({ of, q }, unit) => {
      const times = (values: ArrayLike<number>) => Array.from(values, (value) => value * unit).reverse();
      const scaled = form(times(of.quadratic), times(of.linear), of.constant * unit);
      expect(Math.abs(above(scaled, q * unit) - above(of, q))).toBeLessThan(1e-12);
    }),
    { seed: 1, numRuns: 200 },
  );
});

it.each([0, 1e-300, 1e-17, 1e-12, -1e-12])('is nearly normal with an α of %d', (tiny) => {
  for (const z of [-6, -1, 0, 2, 6]) {
    expect(Math.abs(below(form([tiny, tiny], [1, 0]), z) - phi(z))).toBeLessThan(1e-11);
    expect(relative(below(form([tiny], [1]), z), phi(z))).toBeLessThan(1e-9);
  }
});

// scipy.stats.chi2.ppf and norm.ppf
it('has quantiles', () => {
  expect(relative(quadraticFormQuantile(form([1]), 0.95), 3.841458820694124)).toBeLessThan(1e-12);
  expect(relative(quadraticFormQuantile(form([1, 1]), 1e-9), 2e-9)).toBeLessThan(1e-8);
  expect(quadraticFormQuantile(form([0], [2], 1), 0.975)).toBeCloseTo(1 + 2 * 1.959963984540054, 10);
  fc.assert(
    fc.property(anyForm, fc.double({ min: 1e-4, max: 1 - 1e-4, noNaN: true }), ({ of }, p) => {
      expect(Math.abs(below(of, quadraticFormQuantile(of, p)) - p)).toBeLessThan(1e-10);
    }),
    { seed: 1, numRuns: 50 },
  );
  const edge = form([0.14347130257439458], [0.09047194190992236], 0.0022963779939401898); // near its least value
  expect(Math.abs(below(edge, quadraticFormQuantile(edge, 1e-6)) - 1e-6)).toBeLessThan(1e-9);
  for (const p of [0, 1, -0.1, Number.NaN]) {
    expect(() => quadraticFormQuantile(form([1]), p)).toThrow(`p is ${p}: it must be between 0 and 1`);
  }
});

it('is one value where nothing varies, and has nothing beyond ±∞', () => {
  expect(quadraticFormTails(form([0], [0], 3), 2.9)).toEqual({ below: 0, above: 1 });
  expect(quadraticFormTails(form([0], [0], 3), 3)).toEqual({ below: 1, above: 0 });
  expect(quadraticFormTails(form([], [], 3), 3.1)).toEqual({ below: 1, above: 0 });
  expect(quadraticFormTails(form([1, -2]), Infinity)).toEqual({ below: 1, above: 0 });
  expect(quadraticFormTails(form([1, -2]), -Infinity)).toEqual({ below: 0, above: 1 });
});

it.each([
  [form([Number.NaN]), 0],
  [form([1], [Number.NaN]), 0],
  [form([1], [0], Number.NaN), 0],
  [form([1]), Number.NaN],
  [form([Infinity]), 0],
  [form([1], [0], -Infinity), 0],
])('says that %j has no distribution at %d', (of, q) => {
  expect(() => quadraticFormTails(of, q)).toThrow(
    /a quadratic form of mean .* and variance .* has no distribution at .*/,
  );
});

it.each([1e160, 1e-170])('does not depend on the unit, %d', (unit) => {
  const form = { quadratic: [unit, -0.3 * unit], linear: [0.5 * unit, 0], constant: unit };
  const plain = { quadratic: [1, -0.3], linear: [0.5, 0], constant: 1 };
  expect(quadraticFormTails(form, 2 * unit).below).toBeCloseTo(quadraticFormTails(plain, 2).below, 12);
});

it.each([1e200, 1e-170])('has quantiles in any unit, %d', (unit) => {
  // the median of an exponential distribution with mean 2
  const form = { quadratic: [unit, unit], linear: [0, 0], constant: 0 };
  expect(quadraticFormQuantile(form, 0.5) / unit).toBeCloseTo(2 * Math.LN2, 10);
});

it('needs as many linear as quadratic coefficients', () => {
  const form = { quadratic: [], linear: [1], constant: 0 };
  expect(() => quadraticFormTails(form, 0.5)).toThrow(/1 and 0 are given/);
  expect(() => quadraticFormQuantile(form, 0.5)).toThrow(/1 and 0 are given/);
});
