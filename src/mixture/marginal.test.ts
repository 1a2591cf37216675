import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BeyondFloat64, InvalidInput } from '../errors';
import type { AnyGaussian } from '../families/any-gaussian';
import { randomStream } from '../math/random';
import {
  diagonalGaussianMixture,
  gammaMixture,
  gaussianMixture,
  sphericalGaussianMixture,
  tiedGaussianMixture,
} from './constructors';
import { conditional, marginal } from './marginal';
import reference from './marginal.reference.json';
import type { Mixture } from './mixture';
import { drawnMixture } from './mixtures.fixture';
import { logDensity } from './posterior';

const { weights, means, covariances } = reference;
const G = gaussianMixture({ weights, means, covariances });

/** Whether numbers agree to a share of their size. */
function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, share = 1e-10): void {
  expect(found.length).toBe(expected.length);
  for (const [i, value] of Array.from(expected).entries())
    expect(Math.abs(found[i] - value)).toBeLessThanOrEqual(share * (1 + Math.abs(value)));
}

describe('against SciPy', () => {
  it.each(reference.marginals)('the marginal of the columns $columns', ({ columns, points, logDensity: expected }) => {
    expectClose(logDensity(marginal(G, columns), points), expected);
  });

  it.each(reference.conditionals)('the conditional given $given', ({ given, weights: expected, parameters }) => {
    const found = conditional(G, given as unknown as Record<string, number>);
    expectClose(found.weights, expected);
    found.parameters.forEach(({ mean, covariance }, k) => {
      expectClose(mean, parameters[k].mean);
      expectClose(covariance, parameters[k].covariance.flat());
    });
  });
});

/** A mixture of each Gaussian family, of three components and four features. */
const kinds: Record<string, (seed: number) => Mixture<AnyGaussian>> = {
  gaussian: (seed) => drawnMixture(seed, 3, 4),
  'tied-gaussian': (seed) => {
    const { weights, parameters } = drawnMixture(seed, 3, 4);
    return tiedGaussianMixture({ weights, means: parameters.map((p) => p.mean), covariance: parameters[0].covariance });
  },
  'diagonal-gaussian': (seed) => {
    const { weights, parameters } = drawnMixture(seed, 3, 4);
    const variances = parameters.map(({ covariance }) => [0, 1, 2, 3].map((i) => covariance[5 * i]));
    return diagonalGaussianMixture({ weights, means: parameters.map((p) => p.mean), variances });
  },
  'spherical-gaussian': (seed) => {
    const { weights, parameters } = drawnMixture(seed, 3, 4);
    const variances = parameters.map((p) => p.covariance[0]);
    return sphericalGaussianMixture({ weights, means: parameters.map((p) => p.mean), variances });
  },
};

describe.each(Object.entries(kinds))('a %s mixture', (name, make) => {
  const RUNS = { seed: 1, numRuns: 25 };
  const shape = { seed: fc.nat(), first: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 1, maxLength: 3 }) };

  it('has f(x) = f(x_B) f(x_A | x_B) at any point, and parts of its own family', () => {
    fc.assert(
      fc.property(fc.record(shape), ({ seed, first }) => {
        const H = make(seed);
        const random = randomStream(seed, 'point');
        const x = Array.from({ length: 4 }, () => 6 * random() - 3);
        const rest = [0, 1, 2, 3].filter((column) => !first.includes(column));
        const of = marginal(H, first);
        const given = conditional(H, Object.fromEntries(first.map((column) => [column, x[column]])));
        const [whole] = logDensity(H, [x]);
        const [known] = logDensity(of, [first.map((column) => x[column])]);
        const [others] = logDensity(given, [rest.map((column) => x[column])]);
        expectClose([known + others], [whole], 1e-11);
        expect([of.family.name, given.family.name]).toEqual([name, name]);
      }),
      RUNS,
    );
  });

  it('has marginals of conditionals that are conditionals of marginals', () => {
    const H = make(5);
    const one = marginal(conditional(H, { 1: 0.7 }), [2, 0]); // of the features 0, 2 and 3
    const other = conditional(marginal(H, [3, 1, 0]), { 1: 0.7 });
    const points = [
      [0.1, -2],
      [1.5, 3],
    ];
    expectClose(logDensity(one, points), logDensity(other, points), 1e-12);
  });

  it('can be conditioned on one value after another', () => {
    const H = make(6);
    const together = conditional(H, { 0: 1, 3: -1 });
    const inTurn = conditional(conditional(H, { 0: 1 }), { 2: -1 });
    expectClose(inTurn.weights, together.weights, 1e-12);
    const points = [
      [0, 0],
      [2, -1],
    ];
    expectClose(logDensity(inTurn, points), logDensity(together, points), 1e-12);
  });
});

it('is the joint density over its integral, by the trapezoidal rule', () => {
  const H = drawnMixture(3, 3, 2);
  const step = 0.01;
  const x = Array.from({ length: 6001 }, (_, i) => -30 + step * i);
  const joint = logDensity(
    H,
    x.map((value) => [0.4, value]),
  ).map(Math.exp);
  const integral = joint.reduce((sum, value) => sum + step * value, 0);
  expectClose([Math.exp(logDensity(marginal(H, [0]), [0.4])[0])], [integral], 1e-12);
  const given = logDensity(conditional(H, { 0: 0.4 }), x).map(Math.exp);
  expectClose(
    given,
    joint.map((value) => value / integral),
    1e-12,
  );
});

it('draws a marginal that is in another order, and the whole of it', () => {
  const turned = marginal(G, [4, 3, 2, 1, 0]);
  const x = [1, 0, -1, 2, 0.5];
  expectClose(logDensity(turned, [[...x].reverse()]), logDensity(G, [x]), 1e-12);
});

it('takes names: of an option, or that an estimate carries', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  expect(marginal(G, ['d', 1], { names }).toJSON()).toEqual(marginal(G, [3, 1]).toJSON());
  const sent = { mixture: G, names };
  expect(conditional(sent, { c: 0.5 }).toJSON()).toEqual(conditional(G, { 2: 0.5 }).toJSON());
  const digits = ['1', '0', 'c', 'd', 'e']; // names come first, numbers are numbers
  expect(marginal(G, ['1', 1], { names: digits }).toJSON()).toEqual(marginal(G, [0, 1]).toJSON());
});

const bell2 = gaussianMixture({
  weights: [1],
  means: [[0, 0]],
  covariances: [
    [
      [1, 0.5],
      [0.5, 1],
    ],
  ],
});

it('goes into the tails as far as float64 has a log of the density', () => {
  const H = gaussianMixture({
    weights: [0.5, 0.5],
    means: [
      [0, 0],
      [10, 5],
    ],
    covariances: [
      [
        [1, 0.5],
        [0.5, 1],
      ],
      [
        [1, 0],
        [0, 1],
      ],
    ],
  });
  const far = conditional(H, { 0: 1e4 }); // φ is 10^(−2e7)
  expect([...far.weights]).toEqual([0, 1]);
  expect(far.parameters[0].mean[0]).toBe(5e3);
  expect(conditional(bell2, { 0: 1e150 }).parameters[0].mean[0]).toBe(5e149); // of one component, nothing is to be told apart
  for (const [x, why] of [
    [
      1e9,
      /^\{ 0: 1000000000 \} is too far from every component: float64 cannot tell components apart by a log density of -5.0e\+17/,
    ],
    [1e200, /^\{ 0: 1e\+200 \} is too far from every component: the log of its density is beyond float64/],
  ] as const) {
    expect(() => conditional(H, { 0: x })).toThrow(BeyondFloat64);
    expect(() => conditional(H, { 0: x })).toThrow(why);
  }
});

it('keeps a conditional positive definite that is nearly determined', () => {
  const s = 1 - 1e-12;
  const H = gaussianMixture({
    weights: [1],
    means: [[0, 0]],
    covariances: [
      [
        [1, s],
        [s, 1],
      ],
    ],
  });
  const [{ mean, covariance }] = conditional(H, { 0: 2 }).parameters;
  expect(mean[0]).toBeCloseTo(2 * s, 14);
  expect(covariance[0] / 2e-12).toBeCloseTo(1, 3); // 1 − s² of s in float64
});

describe('errors name what is wrong', () => {
  const names = ['a', 'b', 'c', 'd', 'd'];
  it.each<[string, () => unknown, RegExp]>([
    ['an unknown column', () => marginal(G, [5]), /there is no column 5: the mixture has 5, from 0$/],
    ['a column that is no number', () => marginal(G, [0.5]), /there is no column 0.5/],
    ['a negative column', () => conditional(G, { '-1': 0 }), /there is no column "-1"/],
    ['an unknown name', () => conditional(G, { z: 1 }, { names }), /no column "z": .* \(a, b, c, d, d\)/],
    ['a name without names', () => marginal(G, ['a']), /there is no column "a"/],
    ['a name of two columns', () => marginal(G, ['d'], { names }), /"d" is the name of several columns/],
    ['names of another number', () => marginal(G, [0], { names: ['a'] }), /1 names are given for 5 features/],
    ['no column', () => marginal(G, []), /no column is given/],
    ['nothing given', () => conditional(G, {}), /no column is given/],
    ['what is no list', () => marginal(G, 1 as never), /columns is 1: a list is needed/],
    ['what is no object', () => conditional(G, null as never), /what is given is null/],
    ['a column twice', () => marginal(G, [1, 2, 1]), /column 1 is given twice/],
    [
      'a column twice, by name and number',
      () => conditional(G, { 0: 1, a: 1 }, { names }),
      /column "a" is given twice/,
    ],
    ['all columns', () => conditional(G, { 0: 0, 1: 0, 2: 0, 3: 0, 4: 0 }), /all 5 columns are given: leave one/],
    ['NaN', () => conditional(G, { 1: NaN }), /column 1 is NaN: it must be a number/],
    ['Infinity', () => conditional(G, { 1: Infinity }), /column 1 is Infinity/],
    ['a text', () => conditional(G, { 1: '2' as never }), /column 1 is "2": it must be a number/],
    [
      'another family',
      () => marginal(gammaMixture({ weights: [1], shapes: [1], scales: [1] }) as never, [0]),
      /family "gamma" is not Gaussian/,
    ],
  ])('%s', (_, call, message) => {
    expect(call).toThrow(InvalidInput);
    expect(call).toThrow(message);
  });
});
