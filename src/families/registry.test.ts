import { expect, it } from 'vitest';
import { gaussian } from './gaussian';
import { type FamilyName, familyOf, isRegistered } from './registry';

it('knows a family by its name, and takes a family as it is', () => {
  expect(familyOf('gaussian')).toBe(gaussian);
  const own = { ...gaussian, name: 'own' };
  expect(familyOf(own)).toBe(own);
  expect(isRegistered(gaussian)).toBe(true);
  expect(isRegistered(own)).toBe(false);
});

it.each(['normal', 'toString', '__proto__', ''])('says which families there are, of which "%s" is none', (name) => {
  expect(() => familyOf(name as FamilyName)).toThrow(`there is no family "${name}": the library has gaussian`);
});
