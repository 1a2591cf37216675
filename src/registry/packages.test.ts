import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { InvalidInput } from '../errors';
import { folderOf, installLine, need } from './packages';

it('finds the folder of a package, whatever it exports, and none of one that is not there', () => {
  for (const name of ['ml-matrix', '@tensorflow/tfjs-core']) expect(existsSync(folderOf(name) ?? '')).toBe(true);
  expect(folderOf('@nobody/has-this')).toBeUndefined();
});

it('lets a use begin whose packages are there', () => {
  expect(installLine(['ml-matrix', 'commander'])).toBeUndefined();
  expect(() => need('a fit', ['ml-matrix', 'commander'])).not.toThrow();
});

it('names all that is missing in one line, and what to do without', () => {
  const begin = () => need('a page', ['no-such-one', 'ml-matrix', '@nobody/has-this'], ', or leave --report out');
  expect(begin).toThrow(InvalidInput);
  expect(begin).toThrow(
    'a page needs what is not installed with dfmr: npm install no-such-one @nobody/has-this, or leave --report out',
  );
});
