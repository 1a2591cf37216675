import { inverse, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { l2Distance } from '../distance/l2';
import { fit } from '../estimate/fit';
import { bernoulliMixture, categoricalMixture, multinomialMixture } from '../mixture/constructors';
import { type Mixture, mixture, mixtureToVector } from '../mixture/mixture';
import { logDensity } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { fitAll } from '../protocol/fit-all';
import { standardErrors } from '../theory/standard-errors';
import { familyOf } from './families-registry';
import reference from './mixtures.reference.json';
import { multinomial } from './multinomial';

const { counts, rows, start, weights, probabilities, logLikelihood } = reference.classes;

describe('latent classes', () => {
  const from = () => categoricalMixture({ weights: [0.5, 0.5], probabilities: start });

  it('have the maximum that EM in another program finds from the same start', () => {
    const found = fit(rows, { start: from(), penalty: 0, tolerance: 0, maxIterations: 5000 });
    expect(found.mixture.family.name).toBe(`categorical(${counts})`);
    expect(found.logLikelihood).toBeCloseTo(logLikelihood, 6);
    found.mixture.parameters.forEach((theta, k) => {
      expect(found.mixture.weights[k]).toBeCloseTo(weights[k], 4);
      theta.probabilities.forEach((p, c) => {
        p.forEach((value, i) => {
          expect(value).toBeCloseTo(probabilities[k][c][i], 4);
          expect(value).toBeGreaterThan(0);
        });
      });
    });
  });

  it('count the categories of a table, or of the tables of all machines, where only the family is named', async () => {
    expect(fit(rows, { order: 2, family: 'categorical' }).mixture.family).toBe(familyOf('categorical(3,2,4,2,3)'));
    const some = [
      [0, 1],
      [1, 0],
      [0, 0],
    ];
    const more = [...some, [2, 0], [0, 3]];
    const fits = await fitAll([some, more], { order: 1, family: 'categorical', workers: 1 });
    expect(fits.map(({ mixture: { family } }) => family.name)).toEqual(['categorical(3,4)', 'categorical(3,4)']);
    await expect(fitAll([some, [[0, -1]]], { order: 1, family: 'categorical', workers: 1 })).rejects.toThrow(
      /machine 1: row 0, column 1 is -1: its categories are coded by the integers from 0/,
    );
    expect(() => mixture('categorical', [1], [{ probabilities: [[0.5, 0.5]] }])).toThrow(
      /needs the numbers of categories of its features: categorical\(3,2,4\)/,
    );
    expect(() => familyOf('categorical(3,1)')).toThrow(/a number of categories is 1: it must be a whole number from 2/);
  });

  it('give what a machine never saw a small probability, which shrinks as rows grow, and is not 0', () => {
    const table = (n: number) => Array.from({ length: n }, (_, j) => [j % 2, 0, j % 3]);
    const least = (n: number, penalty?: number) => {
      const { mixture: G } = fit(table(n), { order: 1, family: 'categorical(2,3,3)', penalty });
      return Math.min(...G.parameters[0].probabilities[1]);
    };
    expect(least(60)).toBeLessThan(1e-4);
    expect(least(6000)).toBeLessThan(least(60) / 100);
    expect(least(6000)).toBeGreaterThan(1e-11);
    expect(least(60, 0) / 1e-12).toBeCloseTo(1, 9);
    const { mixture: G } = fit(table(60), { order: 1, family: 'categorical(2,3,3)' });
    expect(logDensity(G, [[0, 2, 0]])[0]).toBeGreaterThan(-20);
    const zeros = fit(Array(50).fill([0, 1, 0]), { order: 1, family: 'bernoulli' }).mixture;
    expect(logDensity(zeros, [[1, 0, 1]])[0]).toBeGreaterThan(-60);
  });

  it('are the same as Bernoulli features where all have two categories', () => {
    const p = [
      [0.9, 0.2, 0.4],
      [0.3, 0.7, 0.5],
    ];
    const table = sample(bernoulliMixture({ weights: [0.5, 0.5], probabilities: p }), 300, 1).data;
    const two = p.map((own) => own.map((one) => [1 - one, one]));
    const [a, b] = [
      fit(table, { start: bernoulliMixture({ weights: [0.4, 0.6], probabilities: p }) }),
      fit(table, { start: categoricalMixture({ weights: [0.4, 0.6], probabilities: two }) }),
    ];
    expect(b.logLikelihood).toBeCloseTo(a.logLikelihood, 8);
    expect(b.penalisedLogLikelihood).toBeCloseTo(a.penalisedLogLikelihood, 8);
    b.mixture.parameters.forEach(({ probabilities: found }, k) => {
      found.forEach(([, one], i) => {
        expect(one).toBeCloseTo(a.mixture.parameters[k].probabilities[i], 8);
      });
    });
  });

  it('have the standard errors of proportions, however rare, alone or in a mixture', () => {
    const n = 400;
    const error = (p: number) => Math.sqrt((p * (1 - p)) / n);
    const rare = [1e-8, 0.4, 0.6 - 1e-8];
    for (const [G, expected] of [
      [bernoulliMixture({ weights: [1], probabilities: [[1e-8, 0.3]] }), [error(1e-8), error(0.3)]],
      [
        categoricalMixture({ weights: [1], probabilities: [[rare, [0.9, 0.1]]] }),
        [error(1e-8), error(0.4), error(0.9)],
      ],
      [multinomialMixture({ trials: 4, weights: [1], probabilities: [rare] }), [error(1e-8) / 2, error(0.4) / 2]],
    ] as [Mixture, number[]][]) {
      standardErrors(G, { sampleSize: n }).forEach((found, i) => {
        expect(found / expected[i]).toBeCloseTo(1, 5);
      });
    }
    // two classes of one answer in three: the curvature of the log-likelihood of all eight rows
    const G = bernoulliMixture({
      weights: [0.4, 0.6],
      probabilities: [
        [0.1, 0.2, 0.3],
        [0.8, 0.9, 0.7],
      ],
    });
    const rows = [0, 1, 2, 3, 4, 5, 6, 7].map((j) => [j & 1, (j >> 1) & 1, (j >> 2) & 1]);
    const f = (theta: number[]) =>
      rows.map((row) => {
        const product = (k: number) =>
          row.reduce((p, x, i) => p * (x ? theta[1 + 3 * k + i] : 1 - theta[1 + 3 * k + i]), 1);
        return theta[0] * product(0) + (1 - theta[0]) * product(1);
      });
    const theta = [...mixtureToVector(G)];
    const h = 1e-5;
    const slopes = theta.map((_, i) => {
      const [up, down] = [h, -h].map((step) => f(theta.map((value, l) => (l === i ? value + step : value))));
      return up.map((value, j) => (value - down[j]) / (2 * h));
    });
    const p = f(theta);
    const information = slopes.map((a) =>
      slopes.map((b) => a.reduce((sum, value, j) => sum + (value * b[j]) / p[j], 0)),
    );
    const covariance = inverse(new Matrix(information));
    standardErrors(G, { sampleSize: n }).forEach((found, i) => {
      expect(found).toBeCloseTo(Math.sqrt(covariance.get(i, i) / n), 6);
    });
  });

  it('say how many features it takes to tell components apart', () => {
    const notes = (d: number, K: number) =>
      familyOf('bernoulli').notes?.(
        Array.from({ length: K }, () => ({ probabilities: new Float64Array(d).fill(0.5) })) as never,
      );
    expect(notes(3, 1)).toEqual([]);
    for (const [K, least] of [
      [2, 3],
      [3, 5],
      [4, 5],
      [5, 7],
      [8, 7],
    ]) {
      expect(notes(least, K)?.[0]).toMatch(/identifiable for most parameters only/);
      expect(notes(least - 1, K)?.[0]).toMatch(/may be too few to tell/);
    }
  });
});

describe('multinomial components', () => {
  it('have the inner products that exact fractions give, of one to 200 trials', () => {
    for (const { trials, first, second, logInnerProduct } of reference.squares) {
      const family = multinomial(trials);
      const [a, b] = [first, second].map((probabilities) => family.parameter({ probabilities }, 'θ'));
      const found = family.logInnerProduct(a, b);
      expect(Math.abs(found - logInnerProduct)).toBeLessThan(1e-13 * (1 + Math.abs(logInnerProduct)) + 1e-12);
    }
  });

  it('of one trial are categories', () => {
    const one = { weights: [1], probabilities: [[0.2, 0.5, 0.3]] };
    const other = { weights: [1], probabilities: [[0.4, 0.5, 0.1]] };
    const [G, H] = [one, other].map((parts) => multinomialMixture({ trials: 1, ...parts }));
    expect(l2Distance(G, H)).toBeCloseTo(Math.sqrt(0.2 ** 2 + 0.2 ** 2), 13);
  });

  it('tell that fewer trials than 2 K − 1 cannot tell K components apart', () => {
    const notes = (trials: number) =>
      fit(
        [
          [trials, 0],
          [0, trials],
          [1, trials - 1],
        ],
        { order: 2, family: `multinomial(${trials})` },
      ).notes;
    expect(notes(3)).toEqual([]);
    expect(notes(2)[0]).toMatch(/of 2 trials are not identifiable: 3 trials or more are needed/);
  });

  it.each([
    ['multinomial(2.5)', /the number of trials .* is 2.5: it must be a whole number from 1 to 100000/],
    ['multinomial(0)', /the number of trials .* is 0/],
    ['negative-binomial(-1)', /the size of a negative binomial family is -1: it must be a positive number/],
  ])('are not of the family %s', (name, message) => {
    expect(() => familyOf(name)).toThrow(message);
  });

  it.each([
    [[0.5, 0.6], /component 0: probabilities sums to 1.1, not to 1: divide by the sum/],
    [[0, 1], /component 0: probabilities\[0\] is 0: it must be above 0 and below 1/],
    [[1], /has 1 numbers: two categories or more are needed/],
    [[], /needs a list of probabilities/],
  ])('have no probabilities %j', (given, message) => {
    expect(() => mixture('multinomial(3)', [1], [{ probabilities: given }])).toThrow(message);
  });
});
