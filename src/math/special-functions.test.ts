import { expect, it } from 'vitest';
import { i0e } from './bessel';
import { lbeta, lgam, logMinusDigamma, psi, trigamma } from './gamma-function';
import { betaQuantile } from './incomplete-beta';
import { chiSquareCdf, chiSquareUpper, poissonCdf, poissonUpper } from './incomplete-gamma';
import { normalCdf, normalQuantile } from './normal';
import reference from './special-functions.reference.json';

/** Of each function, the relative error that is allowed, and the absolute one where it has a zero. */
const functions: Record<string, { f: (...of: number[]) => number; relative: number; absolute?: number }> = {
  lgam: { f: lgam, relative: 1e-15 },
  psi: { f: psi, relative: 2e-15, absolute: 1e-15 },
  logMinusDigamma: { f: logMinusDigamma, relative: 4e-15 },
  trigamma: { f: trigamma, relative: 1e-15 },
  lbeta: { f: lbeta, relative: 2e-15, absolute: 2e-15 },
  i0e: { f: i0e, relative: 2e-15 },
  normalCdf: { f: normalCdf, relative: 2e-15 },
  normalQuantile: { f: normalQuantile, relative: 2e-15, absolute: 1e-15 },
  chiSquareCdf: { f: chiSquareCdf, relative: 1e-14 },
  chiSquareUpper: { f: chiSquareUpper, relative: 1e-14 },
  poissonCdf: { f: poissonCdf, relative: 2e-13 }, // at a mean of 1e9; 1e-14 up to 1e5
  poissonUpper: { f: poissonUpper, relative: 2e-13 },
  betaQuantile: { f: betaQuantile, relative: 1e-14 },
};

it('holds every function against mpmath', () => {
  expect(Object.keys(reference)).toEqual(Object.keys(functions));
});

it.each(Object.entries(reference as Record<string, number[][]>))('%s is what mpmath says', (name, rows) => {
  const { f, relative, absolute = 0 } = functions[name];
  expect(rows.length).toBeGreaterThan(15);
  for (const row of rows) {
    const [given, value] = [row.slice(0, -1), row[row.length - 1]];
    // exp and log are exact to float64 of their arguments: what is 1e-100 loses two digits
    const digits = relative + 1e-15 * Math.abs(Math.log(Math.abs(value) || 1));
    const error = Math.abs(f(...given) - value);
    expect(error, `${name}(${given})`).toBeLessThanOrEqual(absolute + digits * Math.abs(value));
  }
});

it('they are the limits at the ends of their ranges', () => {
  expect([lgam(0), lgam(1), lgam(2), lgam(1e307)]).toEqual([Infinity, 0, 0, Infinity]);
  expect([trigamma(1e-200), psi(1e-310), logMinusDigamma(1e-310)]).toEqual([Infinity, -Infinity, Infinity]);
  expect([-1e9, -Infinity, 40, Infinity].map(normalCdf)).toEqual([0, 0, 1, 1]);
  expect([0, 0.5, 1].map(normalQuantile)).toEqual([-Infinity, 0, Infinity]);
  expect([chiSquareUpper(3, 0), chiSquareUpper(3, 1), betaQuantile(2, 3, 0), betaQuantile(2, 3, 1)]).toEqual([
    Infinity,
    0,
    0,
    1,
  ]);
  expect([chiSquareCdf(3, 0), chiSquareCdf(3, Infinity), chiSquareCdf(1000, 1e300)]).toEqual([0, 1, 1]);
});

it('of Poisson variables the tails are 0 and 1 where they are beyond float64', () => {
  expect([poissonCdf(0, 1e9), poissonUpper(0, 1e9), poissonCdf(1e6, 1e-3), poissonUpper(1e6, 1e-3)]).toEqual([
    0, 1, 1, 0,
  ]);
  expect([poissonCdf(3, Infinity), poissonUpper(3, Infinity), poissonCdf(0, 0), poissonUpper(0, 0)]).toEqual([
    0, 1, 1, 0,
  ]);
});
