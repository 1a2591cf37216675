import { describe, expect, it } from 'vitest';
import { InvalidInput } from '../errors';
import { expertsStandardErrors } from './experts-standard-errors';
import reference from './experts-standard-errors.reference.json';
import { fitExperts } from './fit-experts';
import { type ExpertsInput, expertsModel } from './model';
import { sampleExperts } from './sample-experts';

const numbersOf = (errors: object): number[] => [Object.values(errors)].flat(5) as number[];

/** The largest difference of two lists, relative to the second. */
function apart(a: object, b: object): number {
  const [mine, theirs] = [numbersOf(a), numbersOf(b)];
  expect(mine.length).toBe(theirs.length);
  return Math.max(...mine.map((one, i) => (theirs[i] === 0 ? Math.abs(one) : Math.abs(one / theirs[i] - 1))));
}

const withoutEmpty = ({ variances, ...rest }: { variances: unknown }, law: string) =>
  law === 'gaussian' ? { ...rest, variances } : rest;

describe.each(Object.entries(reference))('the standard errors of experts, %s', (_, one) => {
  const input = { ...withoutEmpty(one.model, one.law), law: one.law } as ExpertsInput;
  const model = expertsModel(input);
  const rowWeights = 'weights' in one ? one.weights : undefined;

  it('are those of the numerical Hessian at the maximum, by SciPy', () => {
    const errors = expertsStandardErrors(model, one.x, { y: one.y, rowWeights });
    expect(apart(errors, withoutEmpty(one.errors, one.law))).toBeLessThan(2e-5);
  });

  it('of covariates alone are those of the expected information, by sums over a grid', () => {
    const errors = expertsStandardErrors(model, one.x.slice(0, one.rows), { sampleSize: 1 });
    expect(apart(errors, withoutEmpty(one.expected, one.law))).toBeLessThan(2e-5);
  });

  it('do not depend on the units or the origin of covariates', () => {
    const moved = one.x.map((row) => row.map((value) => 2000 + 1e-3 * value));
    const line = (b: readonly number[]) => {
      const slopes = b.slice(1).map((slope) => slope * 1e3);
      return [b[0] - slopes.reduce((sum, slope) => sum + 2000 * slope, 0), ...slopes];
    };
    const lines = (all: readonly unknown[]): unknown[] =>
      all.map((own) => (Array.isArray((own as unknown[])[0]) ? lines(own as unknown[]) : line(own as number[])));
    const { gates, coefficients } = model;
    const other = expertsModel({ ...input, gates: lines(gates), coefficients: lines(coefficients) } as ExpertsInput);
    const [a, b] = [
      expertsStandardErrors(model, one.x, { y: one.y, rowWeights }),
      expertsStandardErrors(other, moved, { y: one.y, rowWeights }),
    ];
    const slopes = (errors: object) => numbersOf((errors as { coefficients: object }).coefficients);
    const d = model.covariates;
    slopes(a).forEach((error, i) => {
      if (i % (1 + d) > 0) expect(slopes(b)[i] / error / 1e3).toBeCloseTo(1, 5);
    });
    expect(apart({ v: b.variances }, { v: a.variances })).toBeLessThan(1e-5);
  });
});

it('covers the truth as often as intervals should, and takes no constant gate for one with slopes', () => {
  const truth = expertsModel({
    gates: [
      [0.4, 1],
      [0, 0],
    ],
    coefficients: [
      [2, 1],
      [-1, -1],
    ],
    variances: [0.5, 1],
  });
  const [repetitions, n] = [60, 400];
  let covered = 0;
  for (let r = 0; r < repetitions; r++) {
    const x = Array.from({ length: n }, (_, j) => 4 * ((j * 0.6180339887498949 + r * 0.1) % 1) - 2);
    const { data: y } = sampleExperts(truth, x, `coverage ${r}`);
    const fit = fitExperts(x, y, { start: truth });
    const errors = r % 2 === 0 ? expertsStandardErrors(fit, x, { y }) : expertsStandardErrors(fit, x);
    const [estimate, true_, error] = [fit.model, truth, errors].map(({ gates, coefficients, variances }) =>
      numbersOf({ gates: gates[0], coefficients, variances }),
    );
    covered += estimate.filter((value, i) => Math.abs(value - true_[i]) <= 1.959964 * error[i]).length;
  }
  const share = covered / repetitions / 8;
  expect(share).toBeGreaterThan(0.91);
  expect(share).toBeLessThan(0.98);
});

describe('what standard errors need', () => {
  const model = expertsModel({
    gates: [
      [0, 0.5],
      [0, 0],
    ],
    coefficients: [
      [0, 1],
      [3, 1],
    ],
    variances: [1, 1],
  });
  const x = [0, 1, 2, 3, 4];

  it('is N, of the result, of the option, or of responses', () => {
    const [one, two] = [{ model, sampleSize: 100 }, model].map((result, i) =>
      expertsStandardErrors(result, x, i === 0 ? {} : { sampleSize: 400 }),
    );
    expect(apart(one, two)).toBeCloseTo(1, 12); // twice
    expect(() => expertsStandardErrors(model, x)).toThrow(/sample size is undefined: give \{ y \}/);
  });

  it('takes the rows behind each part, if these differ', () => {
    const all = expertsStandardErrors({ model, sampleSize: 100 }, x);
    const parts = expertsStandardErrors(
      { model, sampleSize: 100, rowsBehind: { weights: 25, components: [100, 400] } } as never,
      x,
    );
    expect(parts.gates[0][1] / all.gates[0][1]).toBeCloseTo(2, 12);
    expect(parts.variances[0]).toBeCloseTo(all.variances[0], 12);
    expect(parts.coefficients[1][0] / all.coefficients[1][0]).toBeCloseTo(0.5, 12);
  });

  it('is covariates that differ, and experts that do', () => {
    expect(() => expertsStandardErrors({ model, sampleSize: 9 }, [1, 1, 1])).toThrow(
      /covariate 0 has the standard deviation 0/,
    );
    const same = expertsModel({
      gates: [
        [0, 0.5],
        [0, 0],
      ],
      coefficients: [
        [0, 1],
        [0, 1],
      ],
      variances: [1, 1],
    });
    expect(() => expertsStandardErrors(same, x, { sampleSize: 9 })).toThrow(/singular: two experts are the same/);
    expect(() => expertsStandardErrors(same, x, { sampleSize: 9 })).toThrow(InvalidInput);
    const plane = expertsModel({ gates: [[0, 0, 0]], coefficients: [[0, 1, 2]], variances: [1] });
    const twice = x.map((one) => [one, 1 - 3 * one]);
    expect(() => expertsStandardErrors(plane, twice, { sampleSize: 9 })).toThrow(/covariates are combinations/);
    expect(() => expertsStandardErrors(model, [[1, 2]], { sampleSize: 9 })).toThrow(/2 columns, but the model has 1/);
  });
});
