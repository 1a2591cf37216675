import { expect, it } from 'vitest';
import { familyNames, registerFamily } from '../families/families-registry';
import { gaussian } from '../families/gaussian';
import { familiesList } from './families-command';

it('lists every family that there is, once, and those that modules register', () => {
  const bases = () => [...familiesList().matchAll(/^ {2}([\w-]+)/gm)].map(([, name]) => name);
  const all = () => [...new Set(familyNames().map((name) => name.replace(/\(.*/, '')))];
  expect(bases().sort()).toEqual(all().sort());
  expect(familiesList()).not.toContain('of your modules');
  registerFamily({ ...gaussian, name: 'my-own' });
  expect(familiesList()).toMatch(/of your modules\n {2}my-own$/);
});
