import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onCovariates } from '../mixture/conditional';
import { mixtureOf } from '../mixture/given';
import { mixtureToVector } from '../mixture/mixture';
import { dfmrExperts, dfmrExpertsComponents, expertsDistanceMatrix, reduceExperts } from './aggregate-experts';
import { drawnFrom, randomExperts } from './experts.fixture';
import { expertsDensity, expertsGates } from './experts-density';
import { type ExpertsInput, type ExpertsModel, expertsModel, type VectorExperts } from './model';

const rowsOf = (d: number, S = 60, seed = 7) => drawnFrom(randomExperts(1, d, 1), S, seed).x;

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, digits: number): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(found[i]).toBeCloseTo(expected[i], digits);
}

/** The parts of a model with its experts in another order, and another class of reference. */
function relabelled({ gates, coefficients, variances, law }: ExpertsModel, order: readonly number[]): ExpertsModel {
  return expertsModel({
    law,
    gates: order.map((k) => gates[k].map((value, j) => value + [3, -2, 1, 5, 4][j % 5])),
    coefficients: order.map((k) => coefficients[k]),
    ...(variances.length > 0 && { variances: order.map((k) => variances[k]) }),
  });
}

/** A model near another, by numbers that do not fall in order. */
function near(model: ExpertsModel, size: number, seed: number): ExpertsModel {
  const step = (i: number) => size * Math.sin(37 * i + seed * 11 + 1);
  return expertsModel({
    law: model.law,
    gates: model.gates.map((row, k) => row.map((value, j) => value + step(k * 7 + j))),
    coefficients: model.coefficients.map((row, k) => row.map((value, j) => value + step(100 + k * 7 + j))),
    ...(model.variances.length > 0 && { variances: model.variances.map((value, k) => value * (1 + step(200 + k))) }),
  });
}

describe('the distance of mixtures of experts', () => {
  const covariates = rowsOf(2);

  it('is L² of the conditional densities, on average over the rows, by quadrature over y', () => {
    const [f, g] = [randomExperts(3, 2, 1), near(randomExperts(3, 2, 1), 0.3, 2)];
    const step = 0.02;
    let sum = 0;
    for (let y = -60; y <= 60; y += step) {
      const ys = Array.from({ length: 60 }, () => y);
      const [p, q] = [expertsDensity(f, covariates, ys), expertsDensity(g, covariates, ys)];
      sum += p.reduce((total, one, s) => total + (one - q[s]) ** 2 * step, 0);
    }
    expect(expertsDistanceMatrix([f, g], covariates).at(0, 1)).toBeCloseTo(Math.sqrt(sum / 60), 9);
  });

  it('of several responses too, by quadrature over both', () => {
    const vector = (shift: number): VectorExperts =>
      expertsModel<VectorExperts>({
        gates: [
          [0.2, 1 + shift],
          [0, 0],
        ],
        coefficients: [
          [
            [1, 1],
            [0, -1 + shift],
          ],
          [
            [-1, shift],
            [2, 1],
          ],
        ],
        variances: [
          [
            [1, 0.4],
            [0.4, 0.8 + shift],
          ],
          [
            [0.6, -0.2],
            [-0.2, 0.9],
          ],
        ],
      });
    const [f, g] = [vector(0), vector(0.3)];
    const x = [-1, 0.5, 2];
    const step = 0.1;
    let sum = 0;
    for (let u = -10; u <= 10; u += step) {
      const ys = Array.from({ length: 201 }, (_, i) => [u, -10 + i * step]);
      for (const one of x) {
        const xs = ys.map(() => [one]);
        const [p, q] = [expertsDensity(f, xs, ys), expertsDensity(g, xs, ys)];
        sum += p.reduce((total, value, i) => total + (value - q[i]) ** 2, 0) * step ** 2;
      }
    }
    expect(expertsDistanceMatrix([f, g], x).at(0, 1)).toBeCloseTo(Math.sqrt(sum / 3), 7);
  });

  it.each([
    ['logistic', [0, 1]],
    ['poisson', Array.from({ length: 400 }, (_, y) => y)],
  ] as const)('of %s experts is a sum over the responses', (law, responses) => {
    const model = (shift: number) =>
      expertsModel({
        law,
        gates: [
          [0, 1, shift],
          [0, 0, 0],
        ],
        coefficients: [
          [1, 0.5, -0.3 + shift],
          [0.5, -0.6, shift],
        ],
      });
    const [f, g] = [model(0), model(0.4)];
    let sum = 0;
    for (const y of responses) {
      const ys = Array.from({ length: 60 }, () => y);
      const [p, q] = [expertsDensity(f, covariates, ys), expertsDensity(g, covariates, ys)];
      sum += p.reduce((total, one, s) => total + (one - q[s]) ** 2, 0);
    }
    expect(expertsDistanceMatrix([f, g], covariates).at(0, 1)).toBeCloseTo(Math.sqrt(sum / 60), 9);
  });

  it('is symmetric, and 0 for experts in another order and gates by another class of reference', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), fc.integer(), (K, d, seed) => {
        const f = randomExperts(K, d, seed);
        const order = [...f.gates.keys()].reverse();
        const distances = expertsDistanceMatrix([f, relabelled(f, order), near(f, 0.1, seed)], rowsOf(d));
        expect(distances.at(0, 1)).toBeLessThan(3e-8);
        expect(distances.at(0, 2)).toBe(distances.at(2, 0));
        expect(distances.at(1, 2)).toBeCloseTo(distances.at(0, 2), 9);
        expect(distances.at(0, 0)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('takes gates, coefficients and variances at the ends of float64', () => {
    const truth = randomExperts(3, 2, 4);
    const honest = Array.from({ length: 8 }, (_, i) => near(truth, 0.01, i));
    const wild = (scale: number, part: 'gates' | 'coefficients' | 'variances', i: number): ExpertsModel => {
      const f = near(truth, 0.01, 20 + i);
      const parts: ExpertsInput = { gates: f.gates, coefficients: f.coefficients, variances: f.variances };
      const scaled = (rows: readonly (readonly number[])[]) => rows.map((row) => row.map((value) => value * scale));
      return expertsModel({
        ...parts,
        [part]: part === 'variances' ? f.variances.map((value) => value * scale) : scaled(f[part]),
      });
    };
    const all = [
      ...honest,
      wild(1e3, 'gates', 0),
      wild(1e300, 'gates', 1),
      wild(1e300, 'coefficients', 2),
      wild(1e-305, 'variances', 3),
      wild(1e300, 'variances', 4),
    ];
    const distances = expertsDistanceMatrix(all, covariates);
    for (let i = 0; i < all.length; i++) for (let j = 0; j < all.length; j++) expect(distances.at(i, j)).not.toBeNaN();
    expect([...dfmrExperts(all, covariates).kept]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const { model, keptComponents, keptWeights } = dfmrExpertsComponents(all, covariates);
    expect(expertsDistanceMatrix([model, truth], covariates).at(0, 1)).toBeLessThan(0.01);
    expect([...keptComponents.subarray(30)]).toEqual(Array(9).fill(0));
    expect([...keptWeights.subarray(8, 10)]).toEqual([0, 0]);
  });

  it('asks for rows that tell coefficients apart, and for models that go together', () => {
    const f = randomExperts(2, 2, 1);
    expect(() => expertsDistanceMatrix([f, f], [[1, 2]])).toThrow('covariate 0 is 1 on all 1 rows');
    expect(() =>
      expertsDistanceMatrix(
        [f, f],
        [
          [1, 2],
          [2, 3],
        ],
      ),
    ).toThrow('2 rows of 2 covariates do not tell coefficients apart: at least 3 are needed');
    expect(() => expertsDistanceMatrix([f, f], drawnFrom(f, 20, 1).y)).toThrow(
      'has 1 columns, but model 0 has 2 covariates',
    );
    const line = Array.from({ length: 20 }, (_, i) => [i, 3 - 2 * i]);
    expect(() => expertsDistanceMatrix([f, f], line)).toThrow('some covariates follow from others');
    expect(() => expertsDistanceMatrix([f, randomExperts(2, 3, 1)], covariates)).toThrow(
      'model 1 is of 1 responses given 3 covariates',
    );
    const counts = expertsModel({ law: 'poisson', gates: f.gates, coefficients: f.coefficients });
    expect(() => expertsDistanceMatrix([f, counts], covariates)).toThrow(
      'model 1 has poisson experts, model 0 gaussian ones',
    );
    expect(() => expertsDistanceMatrix([], covariates)).toThrow('the list of models is empty');
    expect(() => expertsDistanceMatrix([f, {} as never], covariates)).toThrow(
      'estimate 1 is no model of responses given covariates',
    );
    expect(() => reduceExperts([f, randomExperts(3, 2, 1)], covariates)).toThrow(
      'estimate 1 has 3 components, estimate 0 has 2',
    );
  });
});

describe('the reduction of mixtures of experts', () => {
  it('gives one model back, whatever its law and gates', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('gaussian', 'logistic', 'poisson', 'constant'),
        fc.integer(),
        (K, d, kind, seed) => {
          const made = randomExperts(K, d, seed, {
            constant: kind === 'constant',
            slope: kind === 'gaussian' ? 3 : 0.5,
          });
          const { gates, coefficients } = made;
          const f = kind === 'logistic' || kind === 'poisson' ? expertsModel({ law: kind, gates, coefficients }) : made;
          const { model, objective, mixture } = reduceExperts(
            [f, f, relabelled(f, [...gates.keys()].reverse())],
            rowsOf(d),
          );
          expect(mixture).toBe(model);
          expect(objective).toBeLessThan(1e-9);
          expectClose(model.coefficients.flat(), f.coefficients.flat(), 5);
          expectClose(model.gates.flat(), f.gates.flat(), 5);
          expectClose(model.variances, f.variances, 7);
          if (kind === 'constant')
            expect(model.gates.every((row) => row.slice(1).every((value) => value === 0))).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('costs what experts differ by, on the rows at which they answer, by quadrature over y', () => {
    const covariates = rowsOf(1, 8);
    const [f, g] = [randomExperts(2, 1, 3), near(randomExperts(2, 1, 3), 0.2, 3)];
    const { objective, assignment, model } = reduceExperts([f, g], covariates);
    expect([...assignment]).toEqual([0, 1, 0, 1]);
    // Σ_i ½ S⁻¹ Σ_s Σ_l π_il(x_s) ∫ f_l log(f_l / f_k) dy
    const [alone, step] = [(one: ExpertsModel, k: number) => ofExpert(one, k), 0.04];
    let sum = 0;
    for (const one of [f, g]) {
      const gates = expertsGates(one, covariates);
      for (let k = 0; k < 2; k++) {
        for (let y = -60; y <= 60; y += step) {
          const ys = Array.from({ length: 8 }, () => y);
          const [p, q] = [
            expertsDensity(alone(one, k), covariates, ys),
            expertsDensity(alone(model, k), covariates, ys),
          ];
          for (let s = 0; s < 8; s++)
            if (p[s] > 1e-200) sum += ((gates[s * 2 + k] * p[s] * Math.log(p[s] / q[s])) / 16) * step;
        }
      }
    }
    expect(objective).toBeCloseTo(sum, 8);
  });

  it('is at a minimum: no change of an expert lowers the cost', () => {
    for (const law of ['gaussian', 'poisson', 'logistic'] as const) {
      const covariates = rowsOf(2, 40);
      const base = randomExperts(2, 2, 5, { slope: law === 'gaussian' ? 2 : 0.6 });
      const { gates, coefficients } = base;
      const f = law === 'gaussian' ? base : expertsModel({ law, gates, coefficients });
      const models = [f, near(f, 0.15, 1), near(f, 0.15, 2)];
      const { model, objective, assignment } = reduceExperts(models, covariates, { tolerance: 0 });
      const cost = (of: ExpertsModel) => {
        const { estimates } = onCovariates([...models, of], covariates);
        const all = estimates.map((one) => mixtureOf(one));
        const to = all[3];
        return all
          .slice(0, 3)
          .reduce(
            (sum, { family, weights, parameters }, i) =>
              sum +
              parameters.reduce(
                (total: number, one, k) =>
                  total + (weights[k] / 3) * family.divergence(one, to.parameters[assignment[i * 2 + k]]),
                0,
              ),
            0,
          );
      };
      expect(cost(model)).toBeCloseTo(objective, 10);
      for (let trial = 0; trial < 20; trial++) expect(cost(near(model, 1e-3, trial))).toBeGreaterThan(objective);
    }
  });

  it('never raises its objective, whatever the models', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 6 }),
        fc.constantFrom('gaussian', 'logistic', 'poisson'),
        (K, seeds, law) => {
          const models = seeds.map((seed) => {
            const one = randomExperts(K, 2, seed, { slope: law === 'gaussian' ? 3 : 0.5 });
            return law === 'gaussian' ? one : expertsModel({ law, gates: one.gates, coefficients: one.coefficients });
          });
          const { trace, objective, model } = reduceExperts(models, rowsOf(2, 30));
          for (let t = 1; t < trace.length; t++) expect(trace[t]).toBeLessThanOrEqual(trace[t - 1]);
          expect(objective).toBe(trace[trace.length - 1]);
          expect(model.gates.flat().every(Number.isFinite)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('starts where it is told to, and weighs machines by their rows', () => {
    const f = randomExperts(2, 1, 8);
    const g = near(f, 0.1, 1);
    const covariates = rowsOf(1);
    const heavy = reduceExperts(
      [
        { model: f, sampleSize: 9e6 },
        { model: g, sampleSize: 1 },
      ],
      covariates,
      { start: relabelled(g, [1, 0]) },
    );
    expect(heavy.sampleSize).toBe(9e6 + 1);
    expect(heavy.model.coefficients[1][1]).toBeCloseTo(f.coefficients[0][1], 5);
    const two = relabelled(randomExperts(2, 1, 9), [1, 0]);
    expect(reduceExperts([f], covariates, { start: two }).model.order).toBe(2);
  });

  it('gives gates that are finite where targets are 0 and 1', () => {
    const covariates = rowsOf(1);
    const sharp = expertsModel({
      gates: [
        [0, 1e6],
        [0, 0],
      ],
      coefficients: [
        [0, 1],
        [9, -1],
      ],
      variances: [1, 1],
    });
    const { model } = reduceExperts([sharp, sharp], covariates);
    expectClose(expertsGates(model, covariates), expertsGates(sharp, covariates), 2);
  });
});

/** Expert k alone. */
function ofExpert({ coefficients, variances }: ExpertsModel, k: number): ExpertsModel {
  return expertsModel({
    gates: [coefficients[k].map(() => 0)],
    coefficients: [coefficients[k]],
    variances: [variances[k]],
  });
}

describe('DFMR of mixtures of experts', () => {
  const truth = randomExperts(3, 2, 20);
  const covariates = rowsOf(2, 100);
  const honest = Array.from({ length: 8 }, (_, i) =>
    relabelled(near(truth, 0.02, i), [i % 3, (i + 1) % 3, (i + 2) % 3]),
  );
  const { gates, coefficients, variances } = truth;
  const liars = [
    expertsModel({ gates, coefficients: coefficients.map((row) => row.map((value) => -value)), variances }),
    expertsModel({ gates: [gates[1], gates[2], gates[0]], coefficients, variances }),
    expertsModel({ gates, coefficients, variances: variances.map((value) => 4 * value) }),
  ];

  it('keeps those near the centre, and says of the others how far they are', () => {
    const { model, mixture, kept, setAside, coat, distances, radius, threshold, converged, notes } = dfmrExperts(
      [...honest, ...liars],
      covariates,
    );
    expect([...kept]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(setAside.map(({ machine }) => machine)).toEqual([8, 9, 10]);
    expect(setAside[0].reason).toMatch(/it lies .* times as far from the centre of attention/);
    expect(threshold).toBe(1.2 * radius);
    expect(distances[coat.index]).toBe(0);
    expect(coat.model).toBe(coat.mixture);
    expect(mixture).toBe(model);
    expect(converged).toBe(true);
    expect(notes).toEqual([]);
    expect(expertsDistanceMatrix([model, truth], covariates).at(0, 1)).toBeLessThan(0.01);
  });

  it('loses wrong gates as gates and a wrong expert as an expert, by experts', () => {
    const wrong = expertsModel({
      gates,
      coefficients: [coefficients[0], coefficients[1].map((value) => value + 5), coefficients[2]],
      variances,
    });
    const { model, keptComponents, keptWeights, setAside } = dfmrExpertsComponents(
      [...honest, ...liars, wrong],
      covariates,
    );
    expect([...keptWeights]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1]);
    expect([...keptComponents.subarray(24)]).toEqual(
      expect.arrayContaining([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1].slice(0, 9)),
    );
    expect(keptComponents.subarray(33).reduce((sum, one) => sum + one, 0)).toBe(2);
    expect(setAside.filter(({ machine }) => machine === 11)).toHaveLength(1);
    expect(expertsDistanceMatrix([model, truth], covariates).at(0, 1)).toBeLessThan(0.01);
  });

  it('does not depend on the order of machines, of experts, or the class of reference', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], { minLength: 11 }),
        fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
        (order, labels) => {
          const all = [...honest, ...liars];
          const shuffled = order.map((i) => relabelled(all[i], labels));
          for (const rule of [dfmrExperts, dfmrExpertsComponents]) {
            const first = rule(all, covariates);
            const second = rule(shuffled, covariates);
            expect([...second.kept].map((at) => order[at]).sort((a, b) => a - b)).toEqual([...first.kept]);
            expect(expertsDistanceMatrix([first, second], covariates).at(0, 1)).toBeLessThan(1e-6);
          }
        },
      ),
      { numRuns: 4 },
    );
  });

  it('of one machine, and of two, gives what there is', () => {
    expect(expertsDistanceMatrix([dfmrExperts([honest[0]], covariates), honest[0]], covariates).at(0, 1)).toBeLessThan(
      1e-6,
    );
    expect([...dfmrExperts(honest.slice(0, 2), covariates).kept]).toEqual([0]);
    expect(dfmrExpertsComponents(honest.slice(0, 1), covariates).kept).toHaveLength(1);
  });
});

describe('a mixture of experts on rows', () => {
  it('goes through the vector of its numbers and back', () => {
    const f = randomExperts(3, 2, 1);
    const { estimates, modelOf } = onCovariates([f], rowsOf(2));
    const { family, weights, parameters } = mixtureOf(estimates[0]);
    const back = parameters.map((one) => family.parameter(family.fromVector(family.toVector(one), 2), 'it'));
    expect(back).toEqual(parameters);
    expect(mixtureToVector(mixtureOf(estimates[0]))).toHaveLength(2 + 3 * family.size(2));
    expect(weights.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 12);
    expect(parameters.map((one) => family.parameter(family.toJSON(one), 'it'))).toEqual(parameters);
    expect((modelOf(mixtureOf(estimates[0])) as ExpertsModel).coefficients).toEqual(f.coefficients);
  });
});
