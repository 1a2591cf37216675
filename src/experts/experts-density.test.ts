import { describe, expect, it } from 'vitest';
import { BeyondFloat64, InvalidInput } from '../errors';
import { expertsDensity, expertsGates, expertsLogDensity, expertsResponsibilities } from './experts-density';
import { expertsModel, type VectorExperts } from './model';

const lines = expertsModel({
  gates: [
    [0.5, 1, -0.3],
    [-0.2, 0.4, 0.9],
    [0, 0, 0],
  ],
  coefficients: [
    [1, 2, 0],
    [-1, 0.5, 1],
    [0, -2, 0.3],
  ],
  variances: [0.5, 2, 1],
});

const x = [
  [0.3, -1],
  [2, 0.5],
  [-1.5, 4],
];

/** π_k(x), by the formula as it is written. */
function gatesAt(gates: readonly (readonly number[])[], row: readonly number[]): number[] {
  const scores = gates.map((a) => Math.exp(a[0] + row.reduce((sum, value, c) => sum + a[c + 1] * value, 0)));
  const total = scores.reduce((sum, score) => sum + score, 0);
  return scores.map((score) => score / total);
}

const eta = (b: readonly number[], row: readonly number[]): number =>
  b[0] + row.reduce((sum, value, c) => sum + b[c + 1] * value, 0);

describe('the density of Gaussian experts', () => {
  it('is the sum of the weighted normal densities, of every row', () => {
    const y = [1, 2, -3];
    const f = expertsDensity(lines, x, y);
    const r = expertsResponsibilities(lines, x, y);
    x.forEach((row, j) => {
      const terms = gatesAt(lines.gates, row).map((gate, k) => {
        const variance = lines.variances[k];
        const residual = y[j] - eta(lines.coefficients[k], row);
        return (gate * Math.exp(-0.5 * (residual ** 2 / variance))) / Math.sqrt(2 * Math.PI * variance);
      });
      const total = terms.reduce((sum, term) => sum + term, 0);
      expect(f[j] / total).toBeCloseTo(1, 12);
      expect(expertsLogDensity(lines, x, y)[j]).toBeCloseTo(Math.log(total), 12);
      for (const [k, term] of terms.entries()) expect(r[j * 3 + k]).toBeCloseTo(term / total, 12);
      for (const [k, gate] of gatesAt(lines.gates, row).entries())
        expect(expertsGates(lines, x)[j * 3 + k]).toBeCloseTo(gate, 14);
    });
  });

  it('integrates to one over responses, of one and of two', () => {
    const grid = Array.from({ length: 1601 }, (_, i) => -20 + i / 40);
    const at = grid.map(() => x[0]);
    expect(expertsDensity(lines, at, grid).reduce((sum, f) => sum + f / 40, 0)).toBeCloseTo(1, 10);
    const planes = expertsModel<VectorExperts>({
      gates: [
        [0, 1],
        [0, 0],
      ],
      coefficients: [
        [
          [1, 2],
          [0, -1],
        ],
        [
          [-1, 0],
          [2, 1],
        ],
      ],
      variances: [
        [
          [1, 0.6],
          [0.6, 2],
        ],
        [
          [0.5, -0.2],
          [-0.2, 1],
        ],
      ],
    });
    const coarse = Array.from({ length: 161 }, (_, i) => -10 + i / 8);
    const pairs = coarse.flatMap((a) => coarse.map((b) => [a, b]));
    const f = expertsDensity(
      planes,
      pairs.map(() => [0.4]),
      pairs,
    );
    expect(f.reduce((sum, one) => sum + one / 64, 0)).toBeCloseTo(1, 10);
    // the height at the mean of one expert, whose gate is 1 far out
    const far = expertsDensity(planes, [[60]], [[121, -60]])[0];
    expect(far).toBeCloseTo(1 / (2 * Math.PI * Math.sqrt(2 - 0.36)), 12);
  });

  it('is exact in logarithms where densities underflow', () => {
    const one = expertsModel({ gates: [[0, 0]], coefficients: [[0, 1]], variances: [1] });
    expect(expertsLogDensity(one, [0], [1e5])[0]).toBeCloseTo(-0.5 * (1e10 + Math.log(2 * Math.PI)), 4);
    expect(expertsDensity(one, [0], [1e5])[0]).toBe(0);
  });
});

describe('logistic and Poisson experts', () => {
  it('sum to one over what responses can be', () => {
    const parts = {
      gates: [
        [0.3, 1],
        [0, 0],
      ],
      coefficients: [
        [0.5, 1],
        [1, -1],
      ],
    };
    const [zero, one] = expertsDensity(expertsModel({ ...parts, law: 'logistic' }), [0.7, 0.7], [0, 1]);
    expect(zero + one).toBeCloseTo(1, 14);
    const gate = 1 / (1 + Math.exp(-1));
    expect(one).toBeCloseTo(gate / (1 + Math.exp(-1.2)) + (1 - gate) / (1 + Math.exp(-0.3)), 14);
    const counts = Array.from({ length: 100 }, (_, y) => y);
    const f = expertsDensity(
      expertsModel({ ...parts, law: 'poisson' }),
      counts.map(() => 0.7),
      counts,
    );
    expect(f.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
  });
});

describe('gates as large as they come', () => {
  const steep = (slope: number) =>
    expertsModel({
      gates: [
        [0, slope],
        [0, 0],
      ],
      coefficients: [
        [0, 1],
        [5, 1],
      ],
      variances: [1, 1],
    });

  it('are 0 and 1, never NaN', () => {
    expect([...expertsGates(steep(1e200), [1, -1, 0])]).toEqual([1, 0, 0, 1, 0.5, 0.5]);
    expect([...expertsResponsibilities(steep(1e200), [1, -1], [6, 0])]).toEqual([1, 0, 0, 1]);
    expect(expertsLogDensity(steep(1e200), [1], [1])[0]).toBeCloseTo(-0.5 * Math.log(2 * Math.PI), 14);
  });

  it('are an error where they are beyond float64, which names the row', () => {
    expect(() => expertsGates(steep(1e200), [1, 1e200])).toThrow(/row 1: .* beyond float64: rescale/);
    expect(() => expertsGates(steep(1e200), [1, 1e200])).toThrow(BeyondFloat64);
    expect(() => expertsLogDensity(steep(1), [0, 0], [1, 1e200])).toThrow(/row 1 is too far from every expert/);
  });
});

it.each<[string, () => unknown, RegExp]>([
  [
    'columns',
    () => expertsGates(lines, [1, 2]),
    /covariates has 1 columns, but the model has 2 \(without the constant\)/,
  ],
  ['responses', () => expertsDensity(lines, x, x), /responses has 2 columns, but the model has one response/],
  ['rows', () => expertsDensity(lines, x, [1, 2]), /responses of 2 rows and covariates of 3/],
  [
    'NaN',
    () => expertsDensity(lines, x, [1, 2, Number.NaN]),
    /row 2, column 0 of the responses has no value: leave such rows out, or impute it/,
  ],
  ['a mixture', () => expertsGates({ mixture: 1 } as never, x), /a mixture of experts or a fit of one is needed/],
])('refuses other %s', (_, call, message) => {
  expect(call).toThrow(message);
  expect(call).toThrow(InvalidInput);
});
