import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import type { FamilyName } from '../families/families-registry';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { gaussianMixture } from './constructors';
import { mixture, mixtureFromJSON, mixtureFromVector, mixtureToVector } from './mixture';
import { drawnMixture } from './mixtures.fixture';

const RUNS = { seed: 1, numRuns: 50 };
const shapes = { seed: fc.nat(), order: fc.integer({ min: 1, max: 5 }), d: fc.integer({ min: 1, max: 5 }) };

const two = {
  means: [
    [0, 0],
    [1, 1],
  ],
  covariances: [
    [
      [1, 0],
      [0, 1],
    ],
    [
      [2, 0.5],
      [0.5, 3],
    ],
  ],
};

it('holds weights, means and covariances, of rows or of ml-matrix matrices', () => {
  const G = gaussianMixture({ weights: [0.25, 0.75], ...two });
  expect(G.order).toBe(2);
  expect(G.dimension).toBe(2);
  expect(G.family).toBe(gaussian);
  expect(G.weights).toEqual(Float64Array.of(0.25, 0.75));
  expect(G.parameters[1]).toEqual({ mean: Float64Array.of(1, 1), covariance: Float64Array.of(2, 0.5, 0.5, 3) });
  const H = gaussianMixture({ ...two, weights: [0.25, 0.75], covariances: two.covariances.map((c) => new Matrix(c)) });
  expect(H.parameters).toEqual(G.parameters);
});

it('copies what it is given and is frozen', () => {
  const weights = [0.25, 0.75];
  const means = [
    [0, 0],
    [1, 1],
  ];
  const G = gaussianMixture({ ...two, weights, means });
  weights[0] = 9;
  means[0][0] = 9;
  expect(G.weights[0]).toBe(0.25);
  expect(G.parameters[0].mean[0]).toBe(0);
  expect(() => Object.assign(G, { order: 3 })).toThrow(TypeError);
});

it('is the same by family name and parameters', () => {
  const parameters = two.means.map((mean, k) => ({ mean, covariance: two.covariances[k] }));
  const G = mixture('gaussian', [0.5, 0.5], parameters);
  expect(G.toJSON()).toEqual(gaussianMixture({ weights: [0.5, 0.5], ...two }).toJSON());
});

it('is typed by the name of its family', () => {
  const { mean }: GaussianParameter = mixture('gaussian', [1], [{ mean: [3], covariance: [2] }]).parameters[0];
  expect([...mean]).toEqual([3]);
});

it('forgives weights that miss one by rounding', () => {
  const weights = new Array(10).fill(0.1);
  expect(weights.reduce((a, b) => a + b)).not.toBe(1);
  const means = weights.map((_, k) => [k]);
  expect(gaussianMixture({ weights, means, covariances: weights.map(() => [[1]]) }).order).toBe(10);
});

it('may have components of weight zero', () => {
  expect(gaussianMixture({ weights: [1, 0], ...two }).order).toBe(2);
});

describe('says what is wrong with', () => {
  it.each<[string, number[], RegExp]>([
    ['weights that do not sum to one', [0.5, 0.4], /weights sum to 0.9, not to 1: divide each by the sum/],
    ['weights that nearly sum to one', [0.5, 0.4999], /weights sum to 0.9999, not to 1/],
    ['counts for weights', [20, 30], /weights sum to 50, not to 1/],
    ['weights of zero', [0, 0], /weights sum to 0, not to 1/],
    ['a negative weight', [1.5, -0.5], /weight 1 is -0.5: weights are numbers between 0 and 1/],
    [
      'a weight that is null, as JSON writes NaN',
      [null as unknown as number, 1],
      /weight 0 is null: it must be a number/,
    ],
    ['a weight that is NaN', [0.5, Number.NaN], /weight 1 is NaN/],
    ['a weight that is infinite', [0.5, Infinity], /sum to Infinity/],
    ['too few weights', [1], /a weight for each component: 1 and 2 given/],
    ['no weights', [], /a weight for each component: 0 and 2 given/],
  ])('%s', (_, weights, message) => {
    expect(() => gaussianMixture({ weights, ...two })).toThrow(message);
  });

  it('means without covariances', () => {
    expect(() => gaussianMixture({ ...two, weights: [0.5, 0.5], covariances: [[[1]]] })).toThrow(
      /every component needs a mean and a covariance: 2 and 1 given/,
    );
    const empty = {} as Parameters<typeof gaussianMixture>[0];
    expect(() => gaussianMixture(empty)).toThrow(/needs a mean and a covariance: undefined and undefined given/);
  });

  it.each([1, null, undefined])('the covariance %s', (covariance) => {
    const covariances = [covariance] as unknown as number[][];
    expect(() => gaussianMixture({ weights: [1], means: [[0]], covariances })).toThrow(
      /component 0 needs a mean and a covariance, but is \{ mean: \[ 0 \], covariance: /,
    );
  });

  it('components of different dimension', () => {
    const parameters = [
      { mean: [0], covariance: [[1]] },
      { mean: [0, 0], covariance: [1, 0, 0, 1] },
    ];
    expect(() => mixture('gaussian', [0.5, 0.5], parameters)).toThrow(/component 1 has dimension 2, component 0 has 1/);
  });

  it('a component, by its number', () => {
    const bad = (covariance: number[][], mean = [1, 1]) =>
      gaussianMixture({ weights: [0.5, 0.5], means: [[0, 0], mean], covariances: [two.covariances[0], covariance] });
    expect(() =>
      bad([
        [1, 2],
        [2, 1],
      ]),
    ).toThrow(/component 1: .*not positive definite \(smallest eigenvalue -1\)/);
    expect(() =>
      bad([
        [1, 0.5],
        [0, 1],
      ]),
    ).toThrow(/component 1: .*not symmetric/);
    expect(() =>
      bad([
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]),
    ).toThrow(/component 1: .*2 × 2.*3 rows of 3,3,3/);
    expect(() =>
      bad(
        [
          [1, 0],
          [0, 1],
        ],
        [0, Infinity],
      ),
    ).toThrow(/component 1: mean\[1\] is Infinity/);
  });

  it('a family that there is not', () => {
    expect(() => mixture('normal' as FamilyName, [1], [{}])).toThrow(/there is no family "normal".*gaussian/);
  });

  it.each(['beta', 'binomial'])('a family whose mixtures are in general not identifiable: %s', (name) => {
    expect(() => mixture(name as FamilyName, [1], [{}])).toThrow(/in general not identifiable \(Remark 3.3\)/);
  });

  it('a Dirichlet of two parts, which is a beta', () => {
    expect(() => mixture('dirichlet', [1], [{ concentration: [1, 2] }])).toThrow(/is a beta distribution/);
  });

  it('a mixture without components', () => {
    expect(() => mixture('gaussian', [], [])).toThrow(/0 and 0 given/);
  });
});

describe('JSON', () => {
  it('brings a mixture back to the last bit', () => {
    fc.assert(
      fc.property(fc.record(shapes), ({ seed, order, d }) => {
        const G = drawnMixture(seed, order, d);
        const back = mixtureFromJSON(JSON.stringify(G), 'gaussian');
        expect(back.weights).toEqual(G.weights);
        expect(back.parameters).toEqual(G.parameters);
        expect(back.family).toBe(gaussian);
        expect(mixtureFromJSON(JSON.parse(JSON.stringify(G))).parameters).toEqual(G.parameters);
      }),
      RUNS,
    );
  });

  it('brings back numbers at the ends of float64', () => {
    const G = gaussianMixture({
      weights: [1],
      means: [[5e-324, 1e150]],
      covariances: [
        [
          [1e-300, 0],
          [0, 1e300],
        ],
      ],
    });
    expect(mixtureFromJSON(JSON.stringify(G), 'gaussian').parameters).toEqual(G.parameters);
  });

  it('is plain: the family, the weights and the parameters by name', () => {
    expect(JSON.parse(JSON.stringify(gaussianMixture({ weights: [0.5, 0.5], ...two })))).toEqual({
      family: 'gaussian',
      weights: [0.5, 0.5],
      parameters: [
        {
          mean: [0, 0],
          covariance: [
            [1, 0],
            [0, 1],
          ],
        },
        {
          mean: [1, 1],
          covariance: [
            [2, 0.5],
            [0.5, 3],
          ],
        },
      ],
    });
  });

  it("brings back a family of one's own where it is passed along, and no other", () => {
    const own = { ...gaussian, name: 'own' };
    const G = mixture(own, [1], [{ mean: [0], covariance: [[1]] }]);
    expect(mixtureFromJSON(JSON.stringify(G), own).family).toBe(own);
    expect(() => mixtureFromJSON(JSON.stringify(G))).toThrow(/there is no family "own"/);
    expect(() => mixtureFromJSON(JSON.stringify(G), gaussian)).toThrow(/of the family "own", not "gaussian"/);
  });

  it('is typed by the family that is named, and unknown where none is', () => {
    const text = '{"family":"gamma","weights":[1],"parameters":[{"shape":2,"scale":3}]}';
    const shape: number = mixtureFromJSON(text, 'gamma').parameters[0].shape;
    expect(shape).toBe(2);
    const unknown = mixtureFromJSON(text);
    // @ts-expect-error: of what family it is, nobody said
    expect(unknown.parameters[0].mean).toBeUndefined();
    expect(() => mixtureFromJSON(text, 'gaussian')).toThrow(/of the family "gamma", not "gaussian"/);
  });

  it('of a fit is told to be one', () => {
    const fitted = { mixture: gaussianMixture({ weights: [1], means: [[0]], covariances: [[1]] }), iterations: 3 };
    expect(() => mixtureFromJSON(JSON.stringify(fitted))).toThrow(/: pass its \.mixture$/);
  });

  it.each(['null', '7', '[]'])('%s is no mixture', (text) => {
    expect(() => mixtureFromJSON(text)).toThrow(/the JSON of a mixture is \{ family, weights, parameters \}, not/);
  });

  it.each([
    [{ family: {}, weights: [1], parameters: [{}] }, /there is no family/],
    [{ family: ['gaussian'], weights: [1], parameters: [{}] }, /there is no family/],
    [{ family: 'gaussian', weights: [1], parameters: 'a' }, /a mixture needs a weight for each component/],
    [{ family: 'gaussian', weights: [1], parameters: [{ mean: { length: -1 }, covariance: [1] }] }, /needs a mean/],
    [{ family: 'dirichlet', weights: [1], parameters: [{ concentration: { length: 4e9 } }] }, /too many/],
  ])('that nobody would write is refused: %j', (json, message) => {
    expect(() => mixtureFromJSON(json)).toThrow(message);
  });

  it('is checked like anything that is given', () => {
    const json = { family: 'gaussian', weights: [0.5], parameters: [{ mean: [0], covariance: [[1]] }] };
    expect(() => mixtureFromJSON(json)).toThrow(/weights sum to 0.5/);
    expect(() => mixtureFromJSON({ family: 'gaussian' })).toThrow(/a mixture needs a weight for each component/);
    expect(() => mixtureFromJSON('{')).toThrow(SyntaxError);
  });
});

describe('the vector', () => {
  it('is (w_1 … w_{K−1}, θ_1 … θ_K)', () => {
    expect([...mixtureToVector(gaussianMixture({ weights: [0.25, 0.75], ...two }))]).toEqual([
      0.25, 0, 0, 1, 0, 1, 1, 1, 2, 0.5, 3,
    ]);
  });

  it('brings a mixture back: parameters to the last bit, weights to rounding', () => {
    fc.assert(
      fc.property(fc.record(shapes), ({ seed, order, d }) => {
        const G = drawnMixture(seed, order, d);
        const vector = mixtureToVector(G);
        expect(vector.length).toBe(order - 1 + order * (d + (d * (d + 1)) / 2));
        const back = mixtureFromVector(vector, { order, dimension: d });
        expect(back.parameters).toEqual(G.parameters);
        back.weights.forEach((weight, k) => {
          expect(Math.abs(weight - G.weights[k])).toBeLessThan(1e-15);
        });
      }),
      RUNS,
    );
  });

  it('brings back a last weight of zero, which 1 − Σ w misses by rounding', () => {
    const weights = [0.1, 0.2, 0.3, 0.3, 0.1, 0]; // their sum in float64 is 1 + 2.2e-16
    const G = mixture<GaussianParameter>(
      'gaussian',
      weights,
      weights.map((_, k) => ({ mean: [k], covariance: [1] })),
    );
    const back = mixtureFromVector(mixtureToVector(G), { order: 6, dimension: 1 });
    expect([...back.weights]).toEqual(weights);
  });

  it('must have the length of the order and the dimension', () => {
    expect(() => mixtureFromVector(new Float64Array(10), { order: 2, dimension: 2 })).toThrow(
      /mixture of 2 gaussian components in 2 dimensions has 11 coordinates, but the vector holds 10/,
    );
  });

  it('must hold a mixture', () => {
    expect(() => mixtureFromVector(Float64Array.of(1.5, 0, 1, 0, 1), { order: 2, dimension: 1 })).toThrow(
      /weight 1 is -0.5/,
    );
    expect(() => mixtureFromVector(Float64Array.of(0.5, 0, 1, 0, -1), { order: 2, dimension: 1 })).toThrow(
      /component 1: .*not positive definite/,
    );
  });
});

it('prints readably', () => {
  const text = inspect(gaussianMixture({ weights: [0.25, 0.75], ...two }));
  expect(text).toMatch(/^mixture of 2 gaussian components in 2 dimensions\n/);
  expect(text).toContain('0.25 × ');
  expect(text).toContain('mean: [ 1, 1 ]');
  expect(text.split('\n').length).toBeLessThanOrEqual(4);
});

it('prints a few lines only, whatever its size', () => {
  const text = inspect(drawnMixture(1, 10, 50));
  expect(text.split('\n').length).toBe(11);
  expect(text).toMatch(/covariance: 50 × 50/);
});
