import { describe, expect, it } from 'vitest';
import { expertsDistanceMatrix } from '../experts/aggregate-experts';
import { type AnyExperts, type ExpertsModel, expertsModel, expertsOf, type VectorExperts } from '../experts/model';
import { expertsFailureNames } from './experts-failures';
import { expertsCovariates, expertsPopulation } from './experts-population';
import { fail } from './fail';
import { registerFailure } from './failure-registry';

const truth = expertsPopulation({ order: 4, covariates: 3, seed: 1 });
const models = Array.from({ length: 10 }, () => ({ model: truth, sampleSize: 100, logLikelihood: -3 }));
const modelIn = (one: unknown) => expertsOf(one as AnyExperts) as ExpertsModel;

/** What 200 failed machines send. */
function sentBy(kind: string, components?: number): ExpertsModel[] {
  const many = Array.from({ length: 200 }, () => truth);
  return fail(many, { kind, components, fraction: 1, seed: 5 }).estimates.map(modelIn);
}

const spread = (values: readonly number[]) => Math.sqrt(values.reduce((sum, one) => sum + one ** 2, 0) / values.length);

describe('failures of mixtures of experts', () => {
  it.each(expertsFailureNames())('are of the share, by the seed, and keep the sample size: %s', (kind) => {
    const { estimates, failed } = fail(models, { kind, fraction: 0.4, seed: 1 });
    expect(failed).toHaveLength(4);
    const again = fail(models, { kind, fraction: 0.4, seed: 1 });
    expect(again.estimates).toEqual(estimates);
    estimates.forEach((one, i) => {
      if (!failed.includes(i)) expect(one).toBe(models[i]);
      else expect(one).toEqual({ model: expect.anything(), sampleSize: 100 });
      if (failed.includes(i)) expect(modelIn(one)).not.toEqual(truth);
    });
  });

  it('draw coefficients from N(0, 10²), of all experts or of some', () => {
    const all = sentBy('coefficients');
    expect(spread(all.flatMap(({ coefficients }) => coefficients.flat()))).toBeCloseTo(10, 0);
    expect(all[0].gates).toEqual(truth.gates);
    const changed = ({ coefficients }: ExpertsModel) =>
      coefficients.filter((row, k) => row.some((value, j) => value !== truth.coefficients[k][j])).length;
    expect(sentBy('coefficients', 2).every((one) => changed(one) === 2)).toBe(true);
    expect(sentBy('expert').every((one) => changed(one) === 1)).toBe(true);
    const which = sentBy('expert').map(({ coefficients }) =>
      coefficients.findIndex((row, k) => row[0] !== truth.coefficients[k][0]),
    );
    expect(new Set(which)).toEqual(new Set([0, 1, 2, 3]));
  });

  it('flip signs, each by itself or as clones of one lie', () => {
    const flipped = truth.coefficients.map((row) => row.map((value) => -value));
    expect(sentBy('signs')[3].coefficients).toEqual(flipped);
    const others = [truth, expertsPopulation({ order: 4, covariates: 3, seed: 2 }), truth];
    const clones = fail(others, { kind: 'clones', fraction: 1, seed: 1 }).estimates.map(modelIn);
    expect(clones.every((one) => JSON.stringify(one) === JSON.stringify(clones[0]))).toBe(true);
  });

  it('permute gates, add noise to them, and multiply variances by 4', () => {
    const [permuted] = sentBy('permuted-gates');
    const x = expertsCovariates(50, { covariates: 3, seed: 1 });
    const { gates, coefficients, variances } = truth;
    const shifted = expertsModel({ gates: [...gates.slice(1), gates[0]], coefficients, variances });
    expect(expertsDistanceMatrix([permuted, shifted], x).at(0, 1)).toBeLessThan(1e-7);
    const noise = sentBy('noisy-gates').flatMap((one) =>
      one.gates.slice(0, 3).flatMap((row, k) => row.map((value, j) => value - gates[k][j])),
    );
    expect(spread(noise)).toBeCloseTo(2, 0);
    expect(sentBy('variances')[0].variances).toEqual(variances.map((value) => 4 * value));
  });

  it('are also those of any family, and your own', () => {
    const x = expertsCovariates(100, { covariates: 3, seed: 1 });
    const [pushed] = fail([truth, truth], { kind: 'push(4)', fraction: 0.5, seed: 2 }).estimates.filter(
      (one) => one !== truth,
    );
    const moved = expertsDistanceMatrix([truth, modelIn(pushed)], x).at(0, 1);
    expect(moved).toBeGreaterThan(1e-4);
    expect(moved).toBeLessThan(0.3);
    expect(
      modelIn(pushed)
        .gates.flat()
        .every((value, i) => Math.abs(value - truth.gates.flat()[i]) < 1e-6),
    ).toBe(true);
    registerFailure({ name: 'same-again', send: ({ own }) => own });
    const [same] = fail([truth], { kind: 'same-again', fraction: 1, seed: 1 }).estimates;
    expect(expertsDistanceMatrix([truth, modelIn(same)], x).at(0, 1)).toBeLessThan(1e-7);
    const first = (model: ExpertsModel) =>
      expertsModel({ gates: model.gates, coefficients: model.coefficients, variances: [9, 9, 9, 9] });
    expect(modelIn(fail([truth], { kind: first, fraction: 1, seed: 1 }).estimates[0]).variances).toEqual([9, 9, 9, 9]);
  });

  it('are of several responses too', () => {
    const one = [
      [1, 0.2],
      [0.2, 2],
    ];
    const vector = expertsModel<VectorExperts>({
      gates: [
        [0, 1],
        [0, 0],
      ],
      coefficients: [
        [
          [1, 2],
          [3, 4],
        ],
        [
          [0, 1],
          [1, 0],
        ],
      ],
      variances: [one, one],
    });
    const [sent] = fail([vector], { kind: 'variances', fraction: 1, seed: 1 }).estimates;
    expect((expertsOf(sent) as VectorExperts).variances[1]).toEqual([
      [4, 0.8],
      [0.8, 8],
    ]);
  });

  it('that there are not are errors', () => {
    expect(() => fail(models, { kind: 'mean', fraction: 0.2, seed: 1 })).toThrow(
      'there is no failure "mean" of mixtures of experts: use coefficients, signs',
    );
    expect(() => fail(models, { kind: 'expert', components: 5, fraction: 0.2, seed: 1 })).toThrow(
      'components is 5, but the models have 4 experts',
    );
    expect(() => fail(models, { kind: 'noisy-gates', components: 1, fraction: 0.2, seed: 1 })).toThrow(
      'this failure is of the gates',
    );
    const counts = expertsModel({ law: 'poisson', gates: [[0, 0]], coefficients: [[0, 1]] });
    expect(() => fail([counts], { kind: 'variances', fraction: 1, seed: 1 })).toThrow(
      'poisson experts have no variances',
    );
    expect(() => fail(models, { kind: 'signs', fraction: 2, seed: 1 })).toThrow('fraction is 2');
  });
});

describe('a population of experts', () => {
  it('has slopes and gates of the spread that is asked for', () => {
    const many = Array.from({ length: 200 }, (_, seed) =>
      expertsPopulation({ order: 3, covariates: 4, seed, slopes: 2, gates: 0.5 }),
    );
    expect(spread(many.flatMap(({ coefficients }) => coefficients.flatMap((row) => row.slice(1))))).toBeCloseTo(2, 0);
    expect(spread(many.flatMap(({ gates }) => gates.slice(0, 2).flatMap((row) => row.slice(1))))).toBeCloseTo(0.5, 1);
    expect(many.flatMap(({ variances }) => variances).every((one) => one >= 0.5 && one <= 1.5)).toBe(true);
    expect(expertsPopulation({ order: 2, covariates: 1, gates: 0, seed: 1 }).gates.flat()).toEqual([0, 0, 0, 0]);
    expect(() => expertsPopulation({ order: 0, covariates: 1, seed: 1 })).toThrow('order is 0');
  });

  it('has covariates of variance 1 and correlations 4^−|u − v|, about the mean', () => {
    const { data, rows, columns } = expertsCovariates(40_000, { covariates: 3, mean: [0, 2, -1], seed: 1 });
    const column = (j: number) => Array.from({ length: rows }, (_, i) => data[i * columns + j]);
    const mean = (values: number[]) => values.reduce((sum, one) => sum + one, 0) / rows;
    expect(mean(column(1))).toBeCloseTo(2, 1);
    expect(mean(column(0).map((one) => one * one))).toBeCloseTo(1, 1);
    const [first, second] = [column(0), column(1)];
    expect(mean(first.map((one, i) => one * (second[i] - 2)))).toBeCloseTo(1 / 4, 1);
    const third = column(2);
    expect(mean(first.map((one, i) => one * (third[i] + 1)))).toBeCloseTo(1 / 16, 1);
    expect(() => expertsCovariates(5, { covariates: 3, mean: [1], seed: 1 })).toThrow('3 numbers are needed');
  });
});
