import { expect, it } from 'vitest';
import { type Example, examples, examplesOfConstant } from '../families/examples.fixture';
import { type FamilyName, familyOf } from '../families/families-registry';
import { gaussianMixture } from './constructors';
import { coordinateNames } from './coordinate-names';
import { mixture, mixtureToVector } from './mixture';

it('names the coordinates of every family by what its JSON says of them', () => {
  const unnamed = new Set<string>();
  for (const [name, { honest }] of Object.entries<Example>(
    Object.assign({}, examples, ...Object.values(examplesOfConstant)),
  )) {
    const G = mixture(familyOf<unknown>(name as FamilyName), honest.weights, honest.parameters);
    const vector = mixtureToVector(G);
    const names = coordinateNames(G);
    expect(names.length).toBe(vector.length);
    names.slice(G.order - 1).forEach((full, i) => {
      const [, k, key, place] = /^component (\d+): (\w+) ?(.*)$/.exec(full) ?? [];
      if (key === 'coordinate') unnamed.add(name); // whose JSON has other numbers than those that are free
      if (unnamed.has(name)) return;
      const json = G.family.toJSON(G.parameters[Number(k)]) as Record<string, unknown>;
      const value =
        place === '' ? json[key] : place.split(', ').reduce<unknown>((at, c) => (at as number[])[Number(c)], json[key]);
      expect(value).toBe(vector[G.order - 1 + i]);
    });
  }
  expect(unnamed.size).toBeLessThan(8);
});

it('takes the names of the features', () => {
  const covariances = [
    [
      [1, 0.5],
      [0.5, 2],
    ],
  ];
  expect(coordinateNames(gaussianMixture({ weights: [1], means: [[0, 1]], covariances }), ['x', 'y'])).toEqual([
    'component 0: mean x',
    'component 0: mean y',
    'component 0: covariance x, x',
    'component 0: covariance x, y',
    'component 0: covariance y, y',
  ]);
});
