import { describe, expect, it } from 'vitest';
import { l2Distance, l2DistanceMatrix } from '../distance/l2';
import { fit } from '../estimate/fit';
import { dirichletMixture, gammaMixture, weibullMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';
import { aggregate } from './aggregate';
import { coat } from './coat';
import { dfmr } from './dfmr';
import { oracle } from './oracle';

// Estimates whose density has no L² norm are failed machines.

const truth = gammaMixture({ weights: [0.4, 0.6], shapes: [2, 9], scales: [1, 4] });
const honest = Array.from({ length: 6 }, (_, i) => fit(sample(truth, 500, i).data, { family: 'gamma', start: truth }));
const spiked = gammaMixture({ weights: [0.4, 0.6], shapes: [2, 0.3], scales: [1, 4] });

describe('gamma estimates of which one has a shape of at most ½', () => {
  const estimates = [...honest.slice(0, 2), spiked, ...honest.slice(2)];
  const result = dfmr(estimates, { inflationFactor: 2, sampleSizes: new Float64Array(7).fill(500) });

  it('are aggregated without it, and the reason is told', () => {
    expect([...result.kept]).not.toContain(2);
    const reason = result.setAside.find(({ machine }) => machine === 2)?.reason;
    expect(reason).toMatch(
      /the density of component 1 of mixture 2, \{ shape: 0.3, scale: 4 \}, is not square integrable/,
    );
    expect(result.distances[2]).toBe(Infinity);
  });

  it('have the same result as without it', () => {
    const without = dfmr(honest, { inflationFactor: 2, distanceMatrix: l2DistanceMatrix(honest) });
    const all = dfmr(estimates, { inflationFactor: 9 });
    expect([...all.kept]).toEqual([0, 1, 3, 4, 5, 6]);
    expect(all.mixture.toJSON()).toEqual(oracle(estimates, [2], { start: all.coat.mixture }).mixture.toJSON());
    expect(without.kept.length).toBeGreaterThan(2);
  });

  it('have a distance matrix in which it is infinitely far, which says why', () => {
    const distances = l2DistanceMatrix(estimates);
    expect([...(distances.notSquareIntegrable?.keys() ?? [])]).toEqual([2]);
    for (let i = 0; i < 7; i++) expect(distances.at(2, i)).toBe(i === 2 ? 0 : Infinity);
    expect(distances.at(0, 1)).toBe(l2Distance(honest[0], honest[1]));
    expect(dfmr(estimates, { inflationFactor: 2, distanceMatrix: distances }).setAside).toEqual(result.setAside);
  });

  it('say in their notes what gamma mixtures are known not to be', () => {
    expect(result.notes).toEqual([expect.stringMatching(/gamma family is not first-order strongly identifiable/)]);
    expect(honest[0].notes).toEqual(result.notes);
  });
});

it('are refused where they are the majority', () => {
  const message = /no estimate is at a finite distance from half of the estimates.*shapes sum to more than 1/;
  expect(() => coat([...honest.slice(0, 2), spiked, spiked, spiked])).toThrow(message);
  expect(() => dfmr([...honest.slice(0, 2), spiked, spiked, spiked])).toThrow(message);
  expect(dfmr([...honest.slice(0, 3), spiked, spiked]).setAside.length).toBeGreaterThan(1);
});

it.each([
  [weibullMixture({ shape: 0.5, weights: [1], scales: [1] }), /its shape k is above ½/],
  [dirichletMixture({ weights: [1], concentrations: [[0.4, 3, 3]] }), /every α \+ α′ is above 1/],
])('says which densities are square integrable: of %s', (mixture, rule) => {
  expect(() => l2Distance(mixture as never, mixture as never)).toThrow(rule);
});

it('two Dirichlet parts below ½ and above it may have a product', () => {
  const [a, b] = [
    [0.4, 3, 3],
    [0.7, 3, 3],
  ].map((alphas) => dirichletMixture({ weights: [1], concentrations: [alphas] }));
  expect(a.family.logInnerProduct(a.parameters[0], b.parameters[0])).toBeLessThan(Infinity);
  expect(() => l2Distance(a, b)).toThrow(/component 0 of mixture 0/);
});

it('a component of weight 0 does not matter, whatever its density', () => {
  const absent = gammaMixture({ weights: [1, 0], shapes: [2, 1e-7], scales: [1, 4] });
  const plain = gammaMixture({ weights: [1, 0], shapes: [2, 3], scales: [1, 4] });
  expect(l2Distance(absent, truth)).toBe(l2Distance(plain, truth));
  expect(l2DistanceMatrix([absent, spiked, truth]).notSquareIntegrable?.size).toBe(1);
});

it.each([
  [[spiked, truth], 1],
  [[truth, spiked], 0],
  [[spiked, spiked, truth, truth], 2],
])('is not the centre of attention', (estimates, centre) => {
  expect(coat(estimates).index).toBe(centre);
});

it.each([0.4, 0.5])('Weibull densities of shape %d, all of them, have no centre', (shape) => {
  const estimates = [1, 2, 3, 4].map((scale) => weibullMixture({ shape, weights: [1], scales: [scale] }));
  expect(() => dfmr(estimates)).toThrow(/have no centre.*shape k is above ½/);
});

it('are told to be fitted otherwise where the penalty made components that have no rows', async () => {
  const narrow = gammaMixture({ weights: [0.5, 0.5], shapes: [1e4, 1e4], scales: [0.01, 0.0106] });
  const tables = [1, 2, 3].map((seed) => sample(narrow, 300, seed).data);
  const fits = tables.map((table) =>
    fit(table, { family: 'gamma', order: 2, penalty: 'published', initialisation: 'k-means++' }),
  );
  const told = /3 of 3 machines sent a component that has hardly any rows: the penalty .* --penalty/;
  expect(() => coat(fits)).toThrow(told);
  expect((await aggregate(fits)).decisions.join(' ')).toMatch(told);
  const good = tables.map((table) => fit(table, { family: 'gamma', order: 2 }));
  expect((await aggregate(good)).decisions.join(' ')).not.toMatch(/penalty/);
});
