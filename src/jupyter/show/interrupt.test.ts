import { expect, it } from 'vitest';
import { interrupt, interrupted } from './interrupt';

it('aborts every signal that was given before, none that is given after', () => {
  const before = [interrupted(), interrupted()];
  expect(before.map(({ aborted }) => aborted)).toEqual([false, false]);
  interrupt();
  expect(before.map(({ reason }) => reason.message)).toEqual(['interrupted', 'interrupted']);
  const after = interrupted();
  expect(after.aborted).toBe(false);
  interrupt();
  expect(after.aborted).toBe(true);
});
