import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../errors';
import {
  type ExpertsInput,
  expertsFromJSON,
  expertsModel,
  expertsOf,
  flatExperts,
  freeParametersOfExperts,
  type VectorExperts,
} from './model';

const lines = {
  gates: [
    [0.5, 2],
    [0, 0],
  ],
  coefficients: [
    [1, 3],
    [0, -3],
  ],
  variances: [1, 0.5],
};

const planes = {
  gates: [
    [1, 0],
    [0, 0],
  ],
  coefficients: [
    [
      [1, 5],
      [2, 6],
    ],
    [
      [3, 7],
      [4, 8],
    ],
  ],
  variances: [
    [
      [2, 1],
      [1, 2],
    ],
    [
      [1, 0],
      [0, 1],
    ],
  ],
};

describe('a mixture of experts', () => {
  it('has the fields that it is made of, and their sizes', () => {
    const model = expertsModel(lines);
    expect(model).toMatchObject({ ...lines, order: 2, covariates: 1, responses: 1, law: 'gaussian' });
    expect(expertsModel<VectorExperts>(planes)).toMatchObject({ ...planes, order: 2, covariates: 1, responses: 2 });
  });

  it('is immutable, and a copy of what it is made of', () => {
    const given = structuredClone(lines);
    const model = expertsModel(given);
    given.gates[0][0] = 99;
    given.variances[0] = 99;
    expect(model).toMatchObject(lines);
    expect(() => Object.assign(model.gates[0], { 0: 1 })).toThrow(TypeError);
    expect(() => Object.assign(model, { order: 1 })).toThrow(TypeError);
  });

  it('keeps the last row of the gates 0, as only differences matter', () => {
    const { gates } = expertsModel({
      ...lines,
      gates: [
        [1.5, 4],
        [1, 2],
      ],
    });
    expect(gates).toEqual([
      [0.5, 2],
      [0, 0],
    ]);
  });

  it('comes back from JSON to the last bit', () => {
    for (const input of [
      {
        ...lines,
        coefficients: [
          [1 / 3, Math.PI],
          [-0.1, 5e-324],
        ],
      },
      planes,
      { gates: [[0, 0, 0]], coefficients: [[1, 2, 3]], law: 'poisson' } as const,
    ]) {
      const model = expertsModel(input);
      const json = JSON.parse(JSON.stringify(model));
      expect(expertsFromJSON(json)).toEqual(model);
      expect(expertsFromJSON(JSON.stringify(model)).toJSON()).toEqual(json);
    }
  });

  it('is found in a result that holds it', () => {
    const model = expertsModel(lines);
    expect(expertsOf({ model })).toBe(model);
    expect(() => expertsOf({ mixture: 1 } as never)).toThrow(
      /the model is .*a mixture of experts or a fit of one is needed/,
    );
    expect(() => flatExperts({ ...model } as never)).toThrow(InvalidInput);
  });

  it('counts its free coordinates', () => {
    expect(freeParametersOfExperts(expertsModel(lines))).toBe(2 + 4 + 2);
    expect(
      freeParametersOfExperts(
        expertsModel({
          ...lines,
          gates: [
            [0.5, 0],
            [0, 0],
          ],
        }),
      ),
    ).toBe(1 + 4 + 2);
    expect(freeParametersOfExperts(expertsModel(planes))).toBe(1 + 8 + 6);
    expect(freeParametersOfExperts(expertsModel({ ...lines, variances: [], law: 'logistic' }))).toBe(2 + 4);
  });

  it('prints its numbers', () => {
    expect(inspect(expertsModel(lines))).toBe(
      'mixture of 2 gaussian experts in 1 covariates\n' +
        '  expert 0: { coefficients: [ 1, 3 ], variance: 1, gate: [ 0.5, 2 ] }\n' +
        '  expert 1: { coefficients: [ 0, -3 ], variance: 0.5, gate: [ 0, 0 ] }',
    );
  });
});

it.each<[string, unknown, RegExp]>([
  ['nothing', undefined, /made of \{ gates, coefficients, variances \}, not of undefined/],
  ['no experts', { gates: [], coefficients: [], variances: [] }, /give each of 1 to 1000 experts a row/],
  ['one gate too few', { ...lines, gates: [[0, 0]] }, /1 rows of gates and coefficients of 2 experts/],
  ['no covariates', { gates: [[0]], coefficients: [[1]], variances: [1] }, /of at least one covariate/],
  ['a short gate', { ...lines, gates: [[1, 2], [0]] }, /gates of expert 1 are \[ 0 \]: 2 numbers are needed/],
  [
    'an infinite gate',
    {
      ...lines,
      gates: [
        [1, Infinity],
        [0, 0],
      ],
    },
    /number 1 of the gates of expert 0 is Infinity/,
  ],
  [
    'far gates',
    {
      ...lines,
      gates: [
        [1, 1e308],
        [0, -1e308],
      ],
    },
    /gates 0 and 1 differ by more than float64 holds/,
  ],
  [
    'text',
    {
      ...lines,
      coefficients: [
        [1, 'a'],
        [0, 0],
      ],
    },
    /number 1 of the coefficients of expert 0 is "a"/,
  ],
  ['ragged', { ...lines, coefficients: [[1, 2], [0]] }, /coefficients of expert 1 are \[ 0 \]: 2 numbers/],
  [
    'NaN',
    {
      ...lines,
      coefficients: [
        [1, 2],
        [0, Number.NaN],
      ],
    },
    /number 1 of the coefficients of expert 1 is NaN/,
  ],
  ['no variances', { ...lines, variances: undefined }, /variances is undefined: one is needed for each of 2 experts/],
  ['a variance of 0', { ...lines, variances: [1, 0] }, /variance of expert 1 is 0: it must be a positive number/],
  ['a variance that is null', { ...lines, variances: [1, null] }, /variance of expert 1 is null/],
  ['an unknown law', { ...lines, law: 'cauchy' }, /gaussian, logistic.*poisson/],
  ['variances of counts', { ...lines, law: 'poisson' }, /poisson experts have no variances: leave them out/],
  ['counts of two kinds', { ...planes, variances: [], law: 'poisson' }, /2 responses, but poisson experts have one/],
  [
    'a matrix that is not symmetric',
    {
      ...planes,
      variances: [
        [
          [2, 1],
          [0, 2],
        ],
        planes.variances[1],
      ],
    },
    /variances of expert 0 are not symmetric: 0 and 1/,
  ],
  [
    'a matrix that is not positive definite',
    {
      ...planes,
      variances: [
        [
          [1, 2],
          [2, 1],
        ],
        planes.variances[1],
      ],
    },
    /variances of expert 0 are not a positive definite matrix/,
  ],
  ['numbers for matrices', { ...planes, variances: [1, 1] }, /variances of expert 0 are 1: 2 rows of 2 numbers/],
])('refuses %s, and says where', (_, input, message) => {
  expect(() => expertsModel(input as ExpertsInput)).toThrow(message);
  expect(() => expertsModel(input as ExpertsInput)).toThrow(InvalidInput);
});

it.each<[unknown, RegExp]>([
  [{ family: 'gaussian' }, /the JSON of a mixture of experts is/],
  [{ experts: lines }, /pass its \.experts/],
  [lines, /the law of the experts is undefined/],
  [null, /not null/],
])('refuses other JSON %#', (json, message) => {
  expect(() => expertsFromJSON(json)).toThrow(message);
});
