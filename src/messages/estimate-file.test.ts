import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { dfmr } from '../aggregate/dfmr';
import { fit } from '../estimate/fit';
import { type Example, examples, examplesOfConstant } from '../families/examples.fixture';
import { type FamilyName, families } from '../families/families-registry';
import { randomStream } from '../math/random';
import { gaussianMixture } from '../mixture/constructors';
import { mixture, mixtureToVector } from '../mixture/mixture';
import { sample } from '../mixture/sample';
import { estimateFromJSON, estimateToJSON } from './estimate-file';

const all = Object.entries<Example>(Object.assign({}, examples, ...Object.values(examplesOfConstant)));

const bits = (numbers: Float64Array) => Array.from(new BigUint64Array(numbers.slice().buffer));

/** What another program might write. */
const written = {
  format: 'dfmr-estimate',
  version: 1,
  machine: 'north',
  family: 'gaussian',
  order: 2,
  dimension: 2,
  weights: [0.25, 0.75],
  parameters: [
    {
      mean: [1, -2],
      covariance: [
        [2, 0.5],
        [0.5, 1],
      ],
    },
    {
      mean: [3, 4],
      covariance: [
        [1, 0],
        [0, 1],
      ],
    },
  ],
  sampleSize: 500,
};

/** What changes where it is of a family with a scale only. */
const scaled = (family: string) => ({ family, order: 1, dimension: 1, weights: [1], parameters: [{ scale: 1 }] });

describe('a fit as a text', () => {
  const truth = gaussianMixture({ weights: [0.3, 0.7], means: [[0], [4]], covariances: [[[1]], [[2]]] });
  const fitted = fit(sample(truth, 200, 1).data, { order: 2, penalty: 0.1 });

  it('comes back to the last bit, with how it was fitted and the names', () => {
    const text = JSON.stringify(estimateToJSON(fitted, { machine: 'north', names: ['dose'], penalty: 0.1 }));
    const { machine, mixture: read, sampleSize, fitted: how, names } = estimateFromJSON(text);
    expect(bits(mixtureToVector(read))).toEqual(bits(mixtureToVector(fitted.mixture)));
    expect(bits(read.weights)).toEqual(bits(fitted.mixture.weights));
    expect({ machine, sampleSize, names }).toEqual({ machine: 'north', sampleSize: 200, names: ['dose'] });
    const { logLikelihood, penalisedLogLikelihood, iterations, converged } = fitted;
    expect(how).toEqual({ logLikelihood, penalisedLogLikelihood, iterations, converged, penalty: 0.1 });
  });

  it('of weighted rows says as how many whole rows they count, and how many of one weight say as much', () => {
    const rows = sample(truth, 200, 1).data;
    const rowWeights = Array.from({ length: 200 }, (_, j) => 0.3 + (j % 3));
    const weighted = fit(rows, { order: 2, rowWeights });
    const json = estimateToJSON(weighted, { machine: 'north' });
    expect(weighted.sampleSize).toBeCloseTo(60 + 199, 9);
    expect(json.sampleSize).toBe(259);
    expect(json.effectiveSampleSize).toBe(weighted.effectiveSampleSize);
    const { sampleSize, effectiveSampleSize } = estimateFromJSON(JSON.stringify(json));
    expect([sampleSize, effectiveSampleSize]).toEqual([259, weighted.effectiveSampleSize]);
    expect('effectiveSampleSize' in estimateFromJSON(estimateToJSON(fitted, { machine: 'north' }))).toBe(false);
  });

  it('is of version 2, and of version 1 is read', () => {
    expect(estimateToJSON(fitted, { machine: 'north' }).version).toBe(2);
    expect(estimateFromJSON(written).machine).toBe('north');
    expect(estimateFromJSON({ ...written, version: 2, effectiveSampleSize: 312.5 }).effectiveSampleSize).toBe(312.5);
    expect(() => estimateFromJSON({ ...written, version: 3 })).toThrow(/version is 3: it must be 1 or 2/);
  });

  it('is an estimate that dfmr takes', () => {
    const read = estimateFromJSON(JSON.stringify(estimateToJSON(fitted, { machine: 'north' })));
    expect(dfmr([read, read, fitted]).sampleSize).toBe(600);
  });

  it.each([
    ['', /machine is "": it must be a name of 1 to 200 characters/],
    ['x'.repeat(201), /it must be a name of 1 to 200 characters/],
    ['a\u001b[2J', /machine is "a\\u001b\[2J": it must be a name/],
    ['a\u009b2J', /machine is "a\\u\{9b\}2J": it must be a name/],
    ['a\u202eb', /machine is "a\\u\{202e\}b": it must be a name/],
  ])('is not made for a machine of the name %j', (machine, message) => {
    expect(() => estimateToJSON(fitted, { machine })).toThrow(message);
  });

  it('is not made for a family of one’s own, which no other machine knows', () => {
    const own = { ...fitted.mixture.family, name: 'mine' };
    const mixed = mixture(own, fitted.mixture.weights, fitted.mixture.parameters);
    expect(() => estimateToJSON({ ...fitted, mixture: mixed }, { machine: 'a' })).toThrow(
      /family is "mine": it must be the name of a family: gaussian, /,
    );
  });
});

describe.each(all)('an estimate of the family %s', (name, example) => {
  const random = randomStream(1, name);
  const how = { sampleSize: 7, logLikelihood: -1, penalisedLogLikelihood: -2, iterations: 1, converged: true };
  const fitOf = (parameters: readonly unknown[]) => {
    const weights = parameters.map(() => 1 / parameters.length);
    const mixed = mixture<unknown>(name as FamilyName, weights, parameters);
    return { mixture: mixed, ...how };
  };

  it('comes back to the last bit', () => {
    for (let i = 0; i < 20; i++) {
      const drawn = name === 'tied-gaussian' ? [example.draw(random)] : [example.draw(random), example.draw(random)];
      const one = fitOf(drawn);
      const read = estimateFromJSON(JSON.stringify(estimateToJSON(one, { machine: 'a' })));
      expect(bits(mixtureToVector(read.mixture))).toEqual(bits(mixtureToVector(one.mixture)));
      expect(read.mixture.family).toBe(one.mixture.family);
    }
  });

  it('is refused where a field of a component is missing, of another kind, or one too many', () => {
    const json = estimateToJSON(fitOf(example.honest.parameters), { machine: 'a' });
    const [first, ...others] = json.parameters as Record<string, unknown>[];
    const changed = (parameter: unknown) => () => estimateFromJSON({ ...json, parameters: [parameter, ...others] });
    for (const [key, value] of Object.entries(first)) {
      expect(changed({ ...first, [key]: undefined })).toThrow(`parameters[0] has no "${key}": add it`);
      expect(changed({ ...first, [key]: JSON.stringify(value) })).toThrow(`parameters[0].${key} is "`);
      expect(changed({ ...first, [key]: Number.NaN })).toThrow(`parameters[0].${key} is NaN: it must be `);
    }
    expect(changed({ ...first, skew: 1 })).toThrow(
      'parameters[0] has "skew", which the format does not know: leave it out',
    );
    expect(changed(null)).toThrow(/parameters\[0\] is null: it must be an object \{ /);
  });
});

it('names in its schema every family of the library', () => {
  const schema = JSON.parse(readFileSync(path.join(__dirname, 'estimate.schema.json'), 'utf8'));
  const { pattern, description } = schema.properties.family;
  for (const name of [
    ...Object.keys(families),
    ...Object.keys(examplesOfConstant).map((one) => `${one}(${one === 'categorical' ? '3,2' : '1e-7'})`),
  ]) {
    expect(name).toMatch(new RegExp(pattern));
    expect(description).toContain(name.replace(/\(.*/, ''));
  }
});

it('reads what another program wrote, with a byte order mark or without', () => {
  const read = estimateFromJSON(`\uFEFF${JSON.stringify(written, null, 4)}\r\n`);
  expect(read.mixture.toJSON()).toEqual({
    family: 'gaussian',
    weights: written.weights,
    parameters: written.parameters,
  });
  expect(read).toMatchObject({ machine: 'north', sampleSize: 500 });
  expect(read).not.toHaveProperty('fitted');
});

const noise = { weight: 0.1 / 3, lower: [-1 / 3, -9], upper: [7, 1e9 / 7] };

it('reads and writes noise to the last bit', () => {
  const { mixture: read } = estimateFromJSON({ ...written, noise });
  expect(read.toJSON().noise).toEqual(noise);
  const how = { sampleSize: 7, logLikelihood: -1, penalisedLogLikelihood: -2, iterations: 1, converged: true };
  const text = JSON.stringify(estimateToJSON({ mixture: read, ...how }, { machine: 'a' }));
  expect(estimateFromJSON(text).mixture).toEqual(read);
});

it('finds the same family by another way to write its constant', () => {
  const [a, b] = ['weibull(2.0)', 'weibull(2)'].map(
    (name) => estimateFromJSON({ ...written, ...scaled(name) }).mixture,
  );
  expect(a.family).toBe(b.family);
});

const [first, second] = written.parameters;
const withCovariance = (covariance: unknown) => ({ parameters: [{ ...first, covariance }, second] });

it.each<[change: object, message: RegExp]>([
  [{ format: undefined }, /the estimate has no "format": add it/],
  [{ format: 'mixture' }, /format is "mixture": it must be "dfmr-estimate"/],
  [{ version: 3 }, /version is 3: it must be 1 or 2, the version of the format/],
  [{ effectiveSampleSize: 0 }, /effectiveSampleSize is 0: it must be .* a positive number/],
  [{ effectiveSampleSize: '9' }, /effectiveSampleSize is "9": it must be/],
  [{ machine: 7 }, /machine is 7: it must be a name/],
  [{ family: 'beta' }, /family is "beta": it must be the name of a family: gaussian, /],
  [scaled('weibull(0)'), /the shape of a Weibull family is 0/],
  [scaled('weibull(1e)'), /there is no family "weibull\(1e\)"/],
  [scaled('laplace(1e999)'), /the centre of a Laplace family is Infinity/],
  [scaled('exponential(2)'), /family is "exponential\(2\)": it must be the name of a family/],
  [{ ...scaled('rayleigh'), dimension: 2 }, /dimension is 2, but a rayleigh mixture is of dimension 1/],
  [
    { family: 'logistic', dimension: 1, order: 1, weights: [1], parameters: [{ location: 1e9, scale: 1e-6 }] },
    /component 0: about the location 1000000000, the scale 0.000001 is lost in float64: subtract a constant/,
  ],
  [{ family: 'gamma' }, /parameters\[0\] has no "shape": add it/],
  [{ order: 0 }, /order is 0: it must be K, the number of components, from 1 to 1000/],
  [{ order: 3 }, /weights has the length 2, but the order is 3: make both the same/],
  [{ order: 2.5 }, /order is 2.5: it must be K/],
  [{ dimension: 1e9 }, /dimension is 1000000000: it must be d, .* from 1 to 1000/],
  [{ dimension: 3 }, /parameters\[0\]\.mean has the length 2, but the dimension is 3/],
  [{ weights: [1] }, /weights has the length 1, but the order is 2/],
  [{ weights: [] }, /weights is \[\]: it must be w_1 … w_K, a list of 1 to 1000 numbers that sum to one/],
  [{ weights: [-0.25, 1.25] }, /weights\[0\] is -0.25: it must be a number between 0 and 1/],
  [{ weights: [0.25, 0.75 + 2e-9] }, /the weights sum to 1\.0+2\d*, not to 1/],
  [{ weights: ['0.25', 0.75] }, /weights\[0\] is "0.25": it must be a number/],
  [{ weights: [null, 1] }, /weights\[0\] is null: it must be a number/],
  [{ weights: { 0: 0.25, 1: 0.75, length: 2 } }, /weights is \{.*\}: it must be w_1 … w_K, a list/],
  [{ parameters: [first] }, /parameters has the length 1, but the order is 2/],
  [{ parameters: new Array(2) }, /parameters\[0\] is undefined: it must be an object/],
  [withCovariance([2, 0.5, 0.5, 1]), /parameters\[0\]\.covariance\[0\] is 2: it must be a list of d numbers/],
  [withCovariance([[2, 0.5]]), /parameters\[0\]\.covariance has the length 1, but the dimension is 2/],
  [withCovariance([[2, 0.5], [1]]), /parameters\[0\]\.covariance\[1\] has the length 1, but the dimension is 2/],
  [
    withCovariance([
      [2, 0.5],
      [0.4, 1],
    ]),
    /component 0: the covariance is not symmetric: \[1\]\[0\] = 0.4/,
  ],
  [
    withCovariance([
      [2, 3],
      [3, 1],
    ]),
    /component 0: the covariance is not positive definite/,
  ],
  [
    withCovariance([
      [2, 0],
      [0, 0],
    ]),
    /component 0: the covariance is not positive definite/,
  ],
  [
    withCovariance([
      [1, 1],
      [1, 1],
    ]),
    /component 0: the covariance is (singular|not positive definite)/,
  ],
  [{ family: 'tied-gaussian' }, /component \d differs from the others in what all tied-gaussian components share/],
  [{ sampleSize: 0 }, /sampleSize is 0: it must be n, .* from 1 to 2\^53/],
  [{ sampleSize: 0.5 }, /sampleSize is 0.5: it must be n, .* a whole number/],
  [{ sampleSize: 1e16 }, /sampleSize is 10000000000000000: it must be n/],
  [{ fitted: { converged: 1 } }, /fitted\.converged is 1: it must be true or false/],
  [{ fitted: { seed: 1 } }, /fitted has "seed", which the format does not know/],
  [{ names: ['x'] }, /names has the length 1, but the dimension is 2/],
  [{ names: ['x', 'a\nb'] }, /names\[1\] is "a\\nb": it must be a name/],
  [{ noise: 0.1 }, /noise is 0.1: it must be an object \{ weight, lower, upper \}/],
  [{ noise: null }, /noise is null: it must be an object/],
  [{ noise: { ...noise, weight: 1 } }, /noise\.weight is 1: it must be a number from 0 to below 1/],
  [{ noise: { ...noise, weight: -0.1 } }, /noise\.weight is -0.1: it must be/],
  [{ noise: { ...noise, lower: undefined } }, /noise has no "lower": add it/],
  [{ noise: { ...noise, lower: [0] } }, /noise\.lower has the length 1, but the dimension is 2/],
  [{ noise: { ...noise, upper: [0, 0, 0] } }, /noise\.upper has the length 3, but the dimension is 2/],
  [{ noise: { ...noise, upper: [7, null] } }, /noise\.upper\[1\] is null: it must be a finite number/],
  [{ noise: { ...noise, upper: [7, -9] } }, /goes from -9 to -9 in feature 1: lower must be below upper/],
  [{ noise: { ...noise, upper: [7, 1e200] } }, /the noise's upper\[1\] is 1e\+200/],
  [{ noise: { ...noise, seed: 1 } }, /noise has "seed", which the format does not know/],
  [
    { ...scaled('rayleigh'), noise: { weight: 0.1, lower: [0], upper: [9] } },
    /mixtures of the family "rayleigh" have no noise component/,
  ],
  [{ extra: 1 }, /the estimate has "extra", which the format does not know: leave it out/],
])('refuses %j', (change, message) => {
  expect(() => estimateFromJSON({ ...written, ...change })).toThrow(message);
});
