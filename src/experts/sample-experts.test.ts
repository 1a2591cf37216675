import { expect, it } from 'vitest';
import { BeyondFloat64 } from '../errors';
import { expertsGates } from './experts-density';
import { expertsModel, type VectorExperts } from './model';
import { sampleExperts } from './sample-experts';

const x = Array.from({ length: 8000 }, (_, i) => (i % 5) - 2);

it('draws experts by their gates, and responses about their lines', () => {
  const model = expertsModel({
    gates: [
      [0.2, 0.8],
      [0, 0],
    ],
    coefficients: [
      [1, 2],
      [-1, 0.5],
    ],
    variances: [0.25, 4],
  });
  const { data, labels } = sampleExperts(model, x, 1);
  const gates = expertsGates(model, [-2, -1, 0, 1, 2]);
  for (const [i, at] of [-2, -1, 0, 1, 2].entries()) {
    const rows = x.flatMap((value, j) => (value === at ? [j] : []));
    const first = rows.filter((j) => labels[j] === 0);
    expect(Math.abs(first.length / rows.length - gates[2 * i])).toBeLessThan(4 * Math.sqrt(0.25 / rows.length));
  }
  for (const [k, [[constant, slope], variance]] of [[[1, 2], 0.25] as const, [[-1, 0.5], 4] as const].entries()) {
    const residuals = x.flatMap((value, j) => (labels[j] === k ? [data.data[j] - constant - slope * value] : []));
    const mean = residuals.reduce((sum, one) => sum + one / residuals.length, 0);
    const spread = residuals.reduce((sum, one) => sum + one ** 2 / residuals.length, 0);
    expect(Math.abs(mean)).toBeLessThan(4 * Math.sqrt(variance / residuals.length));
    expect(Math.abs(spread / variance - 1)).toBeLessThan(4 * Math.sqrt(2 / residuals.length));
  }
});

it('draws several responses with their covariance', () => {
  const model = expertsModel<VectorExperts>({
    gates: [[0, 0]],
    coefficients: [
      [
        [1, 1],
        [2, -1],
      ],
    ],
    variances: [
      [
        [1, 0.8],
        [0.8, 2],
      ],
    ],
  });
  const { data } = sampleExperts(model, x, 2);
  expect([data.rows, data.columns]).toEqual([8000, 2]);
  const of = (j: number, r: number) => data.data[2 * j + r] - (r === 0 ? 1 + x[j] : 2 - x[j]);
  for (const [r, s, covariance] of [
    [0, 0, 1],
    [0, 1, 0.8],
    [1, 1, 2],
  ]) {
    const found = x.reduce((sum, _, j) => sum + (of(j, r) * of(j, s)) / x.length, 0);
    expect(Math.abs(found - covariance)).toBeLessThan(0.13);
  }
});

it('gives the same numbers for the same seed, and a longer table begins with a shorter one', () => {
  for (const law of ['gaussian', 'logistic', 'poisson'] as const) {
    const model = expertsModel({
      ...{
        gates: [
          [0, 1],
          [0, 0],
        ],
        coefficients: [
          [0, 1],
          [1, 0],
        ],
        law,
      },
      ...(law === 'gaussian' && { variances: [1, 2] }),
    });
    const long = sampleExperts(model, x.slice(0, 50), 'seed');
    const short = sampleExperts(model, x.slice(0, 20), 'seed');
    expect(long.data.data.subarray(0, 20)).toEqual(short.data.data);
    expect(long.labels.subarray(0, 20)).toEqual(short.labels);
    expect(sampleExperts(model, x.slice(0, 20), 'other').data).not.toEqual(short.data);
  }
});

it('never draws an expert whose gate is 0, and ends where counts are beyond float64', () => {
  const steep = expertsModel({
    gates: [
      [0, 1e4],
      [0, 0],
    ],
    coefficients: [
      [0, 1],
      [9, 9],
    ],
    variances: [1, 1],
  });
  expect([...sampleExperts(steep, [1, -1, 1, -1], 1).labels]).toEqual([0, 1, 0, 1]);
  const counts = expertsModel({ gates: [[0, 0]], coefficients: [[0, 1]], law: 'poisson' });
  expect(() => sampleExperts(counts, [1, 100], 1)).toThrow(BeyondFloat64);
});
