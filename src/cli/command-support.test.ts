import { expect, it } from 'vitest';
import { DamagedFile, InvalidInput } from '../errors';
import { inFlags, ofWholeRows } from './command-support';

const gaps =
  't.csv: 2 of 9 rows have missing values (row 0, column "a, b"; row 3, the label; rows count from 0): ' +
  "leave them out with missing: 'drop', fit Gaussians to what they hold with missing: 'em', or choose other columns";

it('says messages of the library in flags, and counts rows as people do', () => {
  expect(inFlags(gaps)).toMatch(/^t\.csv: 2 of 9 rows have missing values \(row 1, column "a, b"; row 4, the label, /);
  expect(inFlags(gaps)).toMatch(
    /leave them out with --missing drop, fit Gaussians to what they hold with --missing em, or/,
  );
  expect(inFlags('smoothing is for Gaussian mixtures: leave smoothing out')).toMatch(/: leave out --smoothing$/);
});

it('does not advise what uses rows with gaps where whole rows are needed, and leaves other errors as they are', () => {
  const error = ofWholeRows(new InvalidInput(gaps)) as Error;
  expect(error).toBeInstanceOf(InvalidInput);
  expect(inFlags(error.message)).toMatch(/leave them out with --missing drop, or choose other columns$/);
  const other = new DamagedFile('cut off');
  expect(ofWholeRows(other)).toBe(other);
});
