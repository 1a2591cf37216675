import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { drawnFrom, randomExperts } from '../experts/experts.fixture';
import { fitExperts } from '../experts/fit-experts';
import { type AnyExperts, expertsModel, flatExperts } from '../experts/model';
import { estimateFromJSON, estimateToJSON } from './estimate-file';
import { readEstimates, screenEstimates } from './screen';

const truth = randomExperts(2, 2, 3);
const { x, y } = drawnFrom(truth, 200, 1);
const fit = fitExperts(x, y, { start: truth });
const bits = ({ gates, coefficients, variances }: ReturnType<typeof flatExperts>) =>
  [gates, coefficients, variances].map((list) => Array.from(new BigUint64Array(list.slice().buffer)));

describe('a fit of experts as a text', () => {
  it('comes back to the last bit, with the names of covariates and of the response', () => {
    const text = JSON.stringify(
      estimateToJSON(fit, { machine: 'north', names: ['age', 'dose'], responses: ['effect'], penalty: 0.07 }),
    );
    const read = estimateFromJSON(text);
    expect(bits(flatExperts(read.model as AnyExperts))).toEqual(bits(flatExperts(fit.model)));
    expect(read.mixture).toBe(read.model);
    expect(read).toMatchObject({ machine: 'north', names: ['age', 'dose'], responses: ['effect'], sampleSize: 200 });
    expect(read.fitted).toMatchObject({ logLikelihood: fit.logLikelihood, penalty: 0.07, converged: fit.converged });
    expect(JSON.parse(text)).toMatchObject({ version: 2, order: 2, dimension: 2 });
  });

  it('of weighted rows says how many they count as', () => {
    const rowWeights = Array.from({ length: 200 }, (_, j) => 0.3 + (j % 3));
    const weighted = fitExperts(x, y, { start: truth, rowWeights });
    const { sampleSize, effectiveSampleSize } = estimateFromJSON(estimateToJSON(weighted, { machine: 'north' }));
    expect([sampleSize, effectiveSampleSize]).toEqual([259, weighted.effectiveSampleSize]);
  });
});

/** What another program might write. */
const written = {
  format: 'dfmr-estimate',
  version: 2,
  machine: 'north',
  experts: {
    law: 'gaussian',
    gates: [
      [0.5, 1],
      [0, 0],
    ],
    coefficients: [
      [1, 2],
      [3, 4],
    ],
    variances: [1, 2],
  },
  order: 2,
  dimension: 1,
  sampleSize: 100,
};

const experts = (changed: object) => ({ ...written, experts: { ...written.experts, ...changed } });

describe('an estimate of experts', () => {
  it('is read as other programs write it, whichever row of gates they take as reference', () => {
    const { model } = estimateFromJSON(
      experts({
        gates: [
          [0, 0],
          [-0.5, -1],
        ],
      }),
    );
    expect(model?.gates).toEqual(written.experts.gates);
    const planes = {
      gates: written.experts.gates,
      coefficients: [0, 1].map(() => [
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      variances: [0, 1].map(() => [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 2],
      ]),
    };
    expect(estimateFromJSON(experts(planes)).model).toMatchObject({ responses: 3, ...planes });
    const { variances: _, ...counts } = written.experts;
    expect(estimateFromJSON({ ...written, experts: { ...counts, law: 'poisson' } }).model?.variances).toEqual([]);
  });

  it.each<[string, unknown, RegExp]>([
    ['of version 1', { ...written, version: 1 }, /version is 1: it must be 2, the first version with experts/],
    [
      'with a family too',
      { ...written, family: 'gaussian' },
      /family is "gaussian": it must be left out of a mixture of experts/,
    ],
    ['with noise', { ...written, noise: { weight: 0, lower: [0], upper: [1] } }, /noise is .*left out/],
    [
      'of another law',
      experts({ law: 'cauchy' }),
      /experts\.law is "cauchy": it must be gaussian, logistic or poisson/,
    ],
    ['without gates', experts({ gates: undefined }), /experts has no "gates": add it/],
    ['with more', experts({ bias: 1 }), /experts has "bias", which the format does not know/],
    [
      'with text',
      experts({
        coefficients: [
          [1, '2'],
          [3, 4],
        ],
      }),
      /experts\.coefficients is .*must be a list of K lists of 1 \+ d numbers/,
    ],
    ['of another order', { ...written, order: 3 }, /experts\.gates has the length 2, but the order is 3/],
    [
      'of more covariates',
      { ...written, dimension: 2 },
      /experts\.gates\[0\] has the length 2, but the number of covariates and the constant is 3/,
    ],
    [
      'with a short line',
      experts({
        coefficients: [
          [1, 2],
          [3, 4, 5],
        ],
      }),
      /experts\.coefficients\[1\] has the length 3/,
    ],
    [
      'with fewer responses',
      experts({
        coefficients: [
          [
            [1, 2],
            [3, 4],
          ],
          [[1, 2]],
        ],
      }),
      /coefficients\[1\] has the length 1, but the number of responses is 2/,
    ],
    ['with a variance too few', experts({ variances: [1] }), /experts\.variances has the length 1, but the order is 2/],
    [
      'with a variance of 0',
      experts({ variances: [1, 0] }),
      /experts\.variances is \[ 1, 0 \]: it must be a list of K positive numbers/,
    ],
    [
      'without variances',
      experts({ variances: undefined }),
      /variances is undefined: one is needed for each of 2 experts/,
    ],
    ['with variances of counts', experts({ law: 'poisson' }), /poisson experts have no variances: leave them out/],
    [
      'beyond float64',
      experts({
        coefficients: [
          [1, 2],
          [3, 1e200],
        ],
      }),
      /a number of the experts is 1e\+200: above 1e\+100/,
    ],
    ['of no spread', experts({ variances: [1, 1e-200] }), /a variance of expert 1 is 1e-200: below 1e-100/],
    ['with names of more', { ...written, names: ['a', 'b'] }, /names has the length 2, but the dimension is 1/],
    [
      'with responses of more',
      { ...written, responses: ['a', 'b'] },
      /responses has the length 2, but the number of responses is 1/,
    ],
  ])('%s is refused', (_, json, message) => {
    expect(() => estimateFromJSON(JSON.stringify(json))).toThrow(message);
  });

  it('is no estimate of a mixture, which has no responses', () => {
    const { experts: _, ...rest } = written;
    const mixture = { ...rest, family: 'exponential', weights: [0.5, 0.5], parameters: [{ mean: 1 }, { mean: 2 }] };
    expect(() => estimateFromJSON({ ...mixture, responses: ['y'] })).toThrow(/responses is .*only mixtures of experts/);
    expect(() => estimateFromJSON(rest)).toThrow(/has no "family": add it/);
  });
});

describe('the door, for experts', () => {
  const message = (name: string, changed: object = {}, more: object = {}) => ({
    name,
    text: JSON.stringify({ ...experts(changed), machine: name, ...more }),
  });
  const honest = [1, 2, 3].map((i) => message(`honest ${i}`, { variances: [1 + i / 100, 2] }));

  it('takes covariates in one order, by their names', () => {
    const planes = (order: readonly number[], i: number) => {
      const line = (constant: number, ...slopes: number[]) => [constant, ...order.map((c) => slopes[c])];
      const lines = [line(1, 2, 3), line(3, 4, 5)];
      return message(
        `of ${i}`,
        {
          gates: [line(0.5, 1, -1), [0, 0, 0]],
          coefficients: i === 4 ? lines.map((own) => [own]) : lines,
          variances: i === 4 ? [[[1]], [[2]]] : [1 + i / 100, 2],
        },
        { dimension: 2, names: order.map((c) => ['age', 'dose'][c]) },
      );
    };
    const orders = [
      [0, 1],
      [1, 0],
      [0, 1],
      [1, 0],
      [0, 1],
    ];
    const { estimates } = screenEstimates(orders.map((order, i) => planes(order, i)));
    expect(estimates.map(({ names }) => names)).toEqual(Array(5).fill(['age', 'dose']));
    for (const { model } of estimates) {
      const { gates, coefficients } = flatExperts(model as AnyExperts);
      expect([...gates, ...coefficients]).toEqual([0.5, 1, -1, 0, 0, 0, 1, 2, 3, 3, 4, 5]);
    }
  });

  it('lets models pass, and says which they are', () => {
    const { estimates, refused } = screenEstimates(honest);
    expect(refused).toEqual([]);
    expect(estimates.map(({ model, sampleSize }) => [model?.order, sampleSize])).toEqual(Array(3).fill([2, 100]));
  });

  it.each([
    [
      'another law',
      { law: 'poisson', variances: undefined },
      {},
      'its family is poisson experts, but that of the estimates is gaussian experts',
    ],
    [
      'another order',
      { gates: [[0, 0]], coefficients: [[1, 2]], variances: [1] },
      { order: 1 },
      'its order is 1, but that of the estimates is 2',
    ],
    [
      'other covariates',
      {
        gates: [
          [0, 1, 2],
          [0, 0, 0],
        ],
        coefficients: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
      { dimension: 2 },
      'its dimension is 2, but',
    ],
    [
      'more responses',
      {
        coefficients: [
          [
            [1, 2],
            [1, 2],
          ],
          [
            [3, 4],
            [3, 4],
          ],
        ],
        variances: [
          [
            [1, 0],
            [0, 1],
          ],
          [
            [1, 0],
            [0, 1],
          ],
        ],
      },
      {},
      'gaussian experts of 2 responses',
    ],
    [
      'a mixture',
      {},
      { experts: undefined, family: 'exponential', weights: [1], parameters: [{ mean: 1 }], order: 1 },
      'its family is exponential, but',
    ],
    [
      'NaN',
      {
        gates: [
          [Number.NaN, 1],
          [0, 0],
        ],
      },
      {},
      'gates[0][0] is null',
    ],
  ])('sets aside a message of %s', (_, changed, more, reason) => {
    const { estimates, refused } = screenEstimates([...honest, message('bad', changed, more)]);
    expect(estimates.length).toBe(3);
    expect(refused).toMatchObject([{ name: 'bad', reason: expect.stringContaining(reason) }]);
  });

  it('sets aside, on the server’s own rows, experts that are beyond float64 beside most', () => {
    const covariates = [-2, -1, 0, 1, 2];
    const far = message('far', {
      coefficients: [
        [1, 2],
        [3, 1e30],
      ],
    });
    const narrow = message('narrow', { variances: [1, 1e-40] });
    for (const bad of [far, narrow]) {
      expect(screenEstimates([...honest, bad]).refused).toEqual([]);
      const { refused } = screenEstimates([...honest, bad], { covariates });
      expect(refused.map(({ name }) => name)).toEqual([bad.name]);
      expect(refused[0].reason).toMatch(
        /^expert 1, \{ coefficients: .* (too far from|too narrow beside) those of most estimates/,
      );
    }
    expect(() => screenEstimates(honest, { covariates: [[1, 2]] })).toThrow(
      /covariates has 2 columns, but model 0 has 1/,
    );
  });

  it('asks for the covariates by the names that more than half of the messages give', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-names-'));
    const filesOf = (all: readonly object[]) =>
      all.map((more, i) => {
        const file = path.join(folder, `${i}-${all.length}.json`);
        writeFileSync(file, message(`m${i}`, { variances: [1 + i / 100, 2] }, more).text);
        return file;
      });
    const asked: unknown[] = [];
    const covariates = async (names: readonly string[] | undefined) => {
      asked.push(names);
      return [-2, -1, 0, 1, 2];
    };
    const age = { names: ['age'] };
    await readEstimates(filesOf([age, { names: ['lie'] }, age]), { covariates });
    await readEstimates(filesOf([age, { names: ['lie'] }, {}, {}]), { covariates });
    expect(asked).toEqual([['age'], undefined]);
    const mixture = { experts: undefined, family: 'exponential', weights: [1], parameters: [{ mean: 1 }], order: 1 };
    await readEstimates(filesOf([mixture, { ...mixture, machine: 'b' }, { ...mixture, machine: 'c' }, mixture, age]), {
      covariates,
    });
    expect(asked.length).toBe(2);
  });

  it('asks for a family of mixtures only where messages are of mixtures', () => {
    expect(() => screenEstimates(honest, { family: 'gaussian' })).toThrow(
      /its family is gaussian experts, but that of the estimates is gaussian/,
    );
    expect(screenEstimates(honest, { order: 2, dimension: 1 }).estimates.length).toBe(3);
  });
});

it('keeps a model of one response in the form of several', () => {
  const model = expertsModel<AnyExperts>({ gates: [[0, 0]], coefficients: [[[1, 2]]], variances: [[[3]]] });
  const json = estimateToJSON({ ...fit, model }, { machine: 'a' });
  expect(json.experts).toEqual({ law: 'gaussian', gates: [[0, 0]], coefficients: [[[1, 2]]], variances: [[[3]]] });
});
