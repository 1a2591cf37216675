import { expect, it } from 'vitest';
import { l2Distance } from '../distance/l2';
import { weibullMixture } from '../mixture/constructors';
import { mixture } from '../mixture/mixture';
import { gaussian } from './gaussian';
import { type FamilyName, familyOf, isRegistered } from './registry';

it('knows a family by its name, and takes a family as it is', () => {
  expect(familyOf('gaussian')).toBe(gaussian);
  const own = { ...gaussian, name: 'own' };
  expect(familyOf(own)).toBe(own);
  expect(isRegistered(gaussian)).toBe(true);
  expect(isRegistered(own)).toBe(false);
});

it('makes a family with a known constant once for each constant', () => {
  const two = familyOf('weibull(2)');
  expect(two.name).toBe('weibull(2)');
  expect(familyOf('weibull(2.0)' as FamilyName)).toBe(two);
  expect(familyOf('weibull(3)')).not.toBe(two);
  expect(isRegistered(two)).toBe(true);
  expect(familyOf('laplace(-1e-3)').name).toBe('laplace(-0.001)');
  const { scale }: { scale: number } = mixture('weibull(2)', [1], [{ scale: 3 }]).parameters[0];
  expect(scale).toBe(3);
});

it('tells two constants apart', () => {
  const [G, H] = [2, 3].map((shape) => weibullMixture({ shape, weights: [1], scales: [1] }));
  expect(() => l2Distance(G, H)).toThrow('mixture 1 is of the family weibull(3), mixture 0 of weibull(2)');
});

it.each([
  ['weibull(0)', /the shape of a Weibull family is 0: it must be a positive number/],
  ['weibull(1e999)', /the shape of a Weibull family is Infinity/],
  ['laplace(1e300)', /the centre of a Laplace family is 1e\+300/],
  ['student-t(0.5)', /degrees of freedom of a Student t family are 0.5: they must be at least 1/],
])('has no family %s', (name, message) => {
  expect(() => familyOf(name as FamilyName)).toThrow(message);
});

const NONE = [
  'normal',
  'toString',
  '__proto__',
  '',
  'weibull',
  'weibull()',
  'weibull(two)',
  'weibull(2)(3)',
  'gamma(2)',
  '__proto__(1)',
  null,
  7,
];

it.each(NONE)('says which families there are, of which "%s" is none', (name) => {
  expect(() => familyOf(name as FamilyName)).toThrow(
    /^there is no family .*: the library has gaussian,.* weibull\(number\)/,
  );
});
