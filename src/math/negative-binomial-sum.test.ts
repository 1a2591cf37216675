import { expect, it } from 'vitest';
import { logSquaredBinomials } from './negative-binomial-sum';
import reference from './negative-binomial-sum.reference.json';

it('has log ₂F₁(r, r; 1; z) as mpmath has it, for r from 0.05 to 1e6 and z to within 1e-15 of 1', () => {
  expect(reference.length).toBeGreaterThan(100);
  for (const [r, logZ, expected] of reference) {
    const error = Math.abs(logSquaredBinomials(r, logZ) - expected);
    expect(error, `r = ${r}, log z = ${logZ}`).toBeLessThan(2e-14 * (1 + Math.abs(expected)));
  }
});
