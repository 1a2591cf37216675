import { describe, expect, it } from 'vitest';
import { DegenerateComponent } from '../errors';
import { expertLawOf } from './expert-laws';
import { predictors, weightedCoefficients } from './weighted-coefficients';
import reference from './weighted-coefficients.reference.json';

const { x, weights } = reference;
const design = Float64Array.from(x.flatMap((row) => [1, ...row]));

const distance = (a: Float64Array, b: Float64Array): number => Math.max(...a.map((value, i) => Math.abs(value - b[i])));

describe('the weighted fit of one expert', () => {
  it.each(Object.entries(reference.cases))('is that of SciPy: %s', (_, { law: name, ridge, y, beta, objective }) => {
    const law = expertLawOf(name);
    const rows = { design, y: Float64Array.from(y), weights: Float64Array.from(weights) };
    const found = weightedCoefficients(law, rows, { ridge });
    expect(distance(found, Float64Array.from(beta))).toBeLessThan(2e-6);
    const eta = predictors(design, found);
    const value = y.reduce((sum, one, j) => sum + weights[j] * law.logDensity(one, eta[j], 1), 0);
    expect(value - 0.5 * ridge * found.reduce((sum, b) => sum + b * b, 0)).toBeGreaterThan(objective - 1e-10);
    const again = weightedCoefficients(law, rows, { ridge, start: found });
    expect(distance(again, found)).toBeLessThan(1e-8);
    // a start that is worse than none is left
    const far = weightedCoefficients(law, rows, { ridge, start: Float64Array.of(1e200, 0, 0) });
    expect(distance(far, found)).toBeLessThan(1e-7);
  });

  it('stays finite where responses are separable or covariates collinear', () => {
    const twice = Float64Array.from(x.flatMap(([a]) => [1, a, a]));
    const y = Float64Array.from(x, ([a]) => (a > 0 ? 1 : 0));
    const ones = new Float64Array(x.length).fill(1);
    const separable = weightedCoefficients(
      expertLawOf('logistic'),
      { design: twice, y, weights: ones },
      { ridge: 1e-3 },
    );
    expect(separable.every(Number.isFinite)).toBe(true);
    expect(separable[1]).toBeCloseTo(separable[2], 5); // the ridge shares alike
    for (const name of ['gaussian', 'logistic', 'poisson']) {
      const found = weightedCoefficients(expertLawOf(name), { design: twice, y, weights: ones }, { ridge: 0 });
      expect(found.every(Number.isFinite)).toBe(true);
    }
  });

  it('is an error where no rows are left', () => {
    const rows = { design, y: Float64Array.from(x, () => 0), weights: new Float64Array(x.length) };
    expect(() => weightedCoefficients(expertLawOf('poisson'), rows, { ridge: 0 })).toThrow(DegenerateComponent);
  });
});
