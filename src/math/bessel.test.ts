import { expect, it } from 'vitest';
import { besselRatio, logScaledBessel } from './bessel';
import reference from './bessel.reference.json';

const rows = reference as [order: number, kappa: number, log: number, ratio: number, complement: number][];

it('has log{exp(−κ) κ^−ν I_ν(κ)} as mpmath has it, for ν from 0 to 499 and κ from 0 to 1e9', () => {
  expect(rows.length).toBeGreaterThan(200);
  for (const [order, kappa, log] of rows) {
    // what a sum of forty logarithms can lose
    const size = Math.abs(log) + 40 * Math.log(40 + kappa);
    expect(Math.abs(logScaledBessel(order, kappa) - log) / size, `ν = ${order}, κ = ${kappa}`).toBeLessThan(1e-15);
  }
});

it('has I_{ν+1}(κ) / I_ν(κ) and what it lacks to 1 as mpmath has them, each to 1e-13 of itself', () => {
  for (const [order, kappa, , ratio, complement] of rows) {
    const found = besselRatio(order, kappa);
    expect(Math.abs(found.ratio - ratio), `ν = ${order}, κ = ${kappa}`).toBeLessThanOrEqual(1e-14 * ratio);
    expect(Math.abs(found.complement - complement), `ν = ${order}, κ = ${kappa}`).toBeLessThanOrEqual(
      1e-13 * complement,
    );
  }
});
