import { expect, it } from 'vitest';
import { bic } from '../estimate/criteria';
import type { Samples } from '../math/table';
import { drawnFrom, randomExperts } from './experts.fixture';
import { fitExperts } from './fit-experts';
import { type ExpertsModel, expertsModel, type VectorExperts } from './model';

/** Σ_j w_j log f(y_j | x_j), row by row in the words of the definition. */
function logLikelihoodOf(
  { gates, coefficients, variances }: ExpertsModel,
  x: Samples,
  y: Samples,
  w?: number[],
): number {
  let sum = 0;
  for (let j = 0; j < x.rows; j++) {
    const row = [1, ...x.data.subarray(j * x.columns, (j + 1) * x.columns)];
    const dot = (line: readonly number[]) => line.reduce((total, b, c) => total + b * row[c], 0);
    const odds = gates.map((line) => Math.exp(dot(line)));
    const total = odds.reduce((a, b) => a + b);
    const density = odds.reduce(
      (f, one, k) =>
        f +
        ((one / total) * Math.exp(-((y.data[j] - dot(coefficients[k])) ** 2) / 2 / variances[k])) /
          Math.sqrt(2 * Math.PI * variances[k]),
      0,
    );
    sum += (w?.[j] ?? 1) * Math.log(density);
  }
  return sum;
}

/** The numbers of a model, one after another. */
const numbersOf = ({ gates, coefficients, variances }: ExpertsModel | VectorExperts): number[] =>
  [gates, coefficients, variances].flat(4) as number[];

/** The model with its experts in the order of another's, each beside the nearest. */
function asOrdered<Model extends ExpertsModel | VectorExperts>(model: Model, other: Model): Model {
  const lines = model.coefficients as readonly (readonly number[])[];
  const order = other.coefficients.map((target) => {
    const goal = [target].flat(2) as number[];
    const far = lines.map((line) => ([line].flat(2) as number[]).reduce((sum, b, c) => sum + (b - goal[c]) ** 2, 0));
    return far.indexOf(Math.min(...far));
  });
  const taken = <Part>(list: readonly Part[]) => order.map((k) => list[k]);
  const { gates, coefficients, variances } = model as ExpertsModel;
  return expertsModel<Model>({ gates: taken(gates), coefficients: taken(coefficients), variances: taken(variances) });
}

const expectClose = (a: readonly number[], b: readonly number[], tolerance: number) => {
  expect(a.length).toBe(b.length);
  const far = a.filter((value, i) => !(Math.abs(value - b[i]) <= tolerance * (1 + Math.abs(b[i]))));
  expect(far, `${a} beside ${b}`).toEqual([]);
};

it('is least squares with one expert, whatever the penalty', () => {
  const { x, y } = drawnFrom(randomExperts(1, 3, 5), 50, 1);
  const { model, logLikelihood, converged } = fitExperts(x, y, { order: 1 });
  // the normal equations hold: residuals are orthogonal to each covariate
  const residuals = Array.from({ length: 50 }, (_, j) => {
    const [b0, ...b] = model.coefficients[0];
    return y.data[j] - b.reduce((sum, value, c) => sum + value * x.data[j * 3 + c], b0);
  });
  for (let c = -1; c < 3; c++)
    expect(residuals.reduce((sum, e, j) => sum + e * (c < 0 ? 1 : x.data[j * 3 + c]), 0)).toBeCloseTo(0, 11);
  expect(model.variances[0]).toBeCloseTo(residuals.reduce((sum, e) => sum + e * e, 0) / 50, 12);
  expect(logLikelihood).toBeCloseTo(-25 * (Math.log(2 * Math.PI * model.variances[0]) + 1), 9);
  expect(converged).toBe(true);
});

it('never lowers the penalised log-likelihood, and says the log-likelihood of its model', () => {
  for (let seed = 0; seed < 12; seed++) {
    const [K, d] = [2 + (seed % 3), 1 + (seed % 4)];
    const gates = seed % 2 ? 'constant' : 'softmax';
    const truth = randomExperts(K, d, seed, { constant: gates === 'constant', slope: seed % 3 ? 3 : 0.5 });
    const { x, y } = drawnFrom(truth, 200, seed);
    const { model, trace, logLikelihood, iterations } = fitExperts(x, y, { order: K, gates, starts: 4, seed });
    expect(trace.length).toBe(iterations + 1);
    expect(trace.every((value, i) => i === 0 || value >= trace[i - 1])).toBe(true);
    expect(logLikelihood).toBeCloseTo(logLikelihoodOf(model, x, y), 7);
    if (gates === 'constant') for (const row of model.gates) expect(row.slice(1).every((a) => a === 0)).toBe(true);
  }
});

it('finds the maximum at which EM from the truth arrives', () => {
  for (let seed = 0; seed < 6; seed++) {
    const truth = randomExperts(3, 2, seed);
    const { x, y } = drawnFrom(truth, 500, seed);
    const from = fitExperts(x, y, { start: truth });
    expect(fitExperts(x, y, { order: 3 }).penalisedLogLikelihood).toBeGreaterThan(from.penalisedLogLikelihood - 0.01);
  }
});

it('is the same in other units, and with combinations of covariates', () => {
  const truth = randomExperts(3, 2, 3);
  const { x, y } = drawnFrom(truth, 300, 3);
  const plain = fitExperts(x, y, { order: 3 });
  for (const { scale = [1, 1], shift = [0, 0], unit = 1, turn = 0 } of [
    { scale: [1e9, 1e-9] },
    { scale: [1, -7], shift: [5, 100], unit: 1e9 },
    { scale: [1e-3, 1e3], unit: 1e-9 },
    { turn: 30 }, // the lines turn by what is added to the response
  ]) {
    const others = {
      x: { ...x, data: x.data.map((value, i) => scale[i % 2] * value + shift[i % 2]) },
      y: { ...y, data: y.data.map((value, j) => unit * (value + turn * x.data[2 * j])) },
    };
    const fit = fitExperts(others.x, others.y, { order: 3 });
    expect(fit.logLikelihood + 300 * Math.log(unit)).toBeCloseTo(plain.logLikelihood, 6);
    const back = ([constant, ...slopes]: readonly number[]) => [
      constant + slopes.reduce((sum, b, c) => sum + b * shift[c], 0),
      ...slopes.map((b, c) => b * scale[c]),
    ];
    const lines = fit.model.coefficients.map((line) => back(line).map((b, c) => b / unit - (c === 1 ? turn : 0)));
    const inFirstUnits = expertsModel({
      gates: fit.model.gates.map(back),
      coefficients: lines,
      variances: fit.model.variances.map((variance) => variance / unit / unit),
    });
    expectClose(numbersOf(asOrdered(inFirstUnits, plain.model)), numbersOf(plain.model), 1e-5);
  }
});

it('counts a row of weight 3 three times', () => {
  const truth = randomExperts(2, 2, 7);
  const { x, y } = drawnFrom(truth, 120, 7);
  const weights = Array.from({ length: 120 }, (_, j) => (j * 7) % 4);
  const repeat = (table: Samples): Samples => {
    const rows = weights.flatMap((w, j) => new Array<number>(w).fill(j));
    const { data, columns } = table;
    return {
      rows: rows.length,
      columns,
      data: Float64Array.from(rows.flatMap((j) => [...data.subarray(j * columns, (j + 1) * columns)])),
    };
  };
  for (const gates of ['softmax', 'constant'] as const) {
    const options = { start: truth, gates, tolerance: 0, maxIterations: 20 };
    const counted = fitExperts(x, y, { ...options, rowWeights: weights });
    const repeated = fitExperts(repeat(x), repeat(y), options);
    expectClose(numbersOf(counted.model), numbersOf(repeated.model), 1e-12);
    expect(counted.logLikelihood).toBeCloseTo(repeated.logLikelihood, 9);
    expect(counted.logLikelihood).toBeCloseTo(logLikelihoodOf(counted.model, x, y, weights), 8);
    expect(counted.sampleSize).toBe(repeated.sampleSize);
  }
});

it('fits several responses as one, with the same result for any basis of them', () => {
  const truth = randomExperts(2, 2, 11);
  const { x, y } = drawnFrom(truth, 200, 11);
  const noise = drawnFrom(randomExperts(1, 1, 1), 200, 12).y;
  const both = {
    rows: 200,
    columns: 2,
    data: new Float64Array(400).map((_, i) => (i % 2 ? noise.data[i >> 1] + 0.5 * y.data[i >> 1] : y.data[i >> 1])),
  };
  const mixed = { ...both, data: both.data.map((value, i) => (i % 2 ? 3 * value + both.data[i - 1] : 0.1 * value)) };
  const fit = fitExperts<VectorExperts>(x, both, { order: 2 });
  const other = fitExperts<VectorExperts>(x, mixed, { order: 2 });
  expect(fit.model.responses).toBe(2);
  expect(other.logLikelihood + 200 * Math.log(0.3)).toBeCloseTo(fit.logLikelihood, 6);
  const expected = expertsModel<VectorExperts>({
    ...fit.model,
    coefficients: fit.model.coefficients.map(([first, second]) => [
      first.map((b) => 0.1 * b),
      second.map((b, c) => 3 * b + first[c]),
    ]),
    variances: fit.model.variances.map(([[a, b], [, c]]) => [
      [0.01 * a, 0.1 * (3 * b + a)],
      [0.1 * (3 * b + a), 9 * c + 6 * b + a],
    ]),
  });
  expectClose(numbersOf(asOrdered(other.model, expected)), numbersOf(expected), 1e-5);
});

it('says in plain words which input cannot be fitted', () => {
  const { x, y } = drawnFrom(randomExperts(2, 2, 1), 30, 1);
  const withCell = (table: Samples, i: number, value: number) => ({
    ...table,
    data: table.data.map((v, j) => (j === i ? value : v)),
  });
  const attempt =
    (...given: Parameters<typeof fitExperts>) =>
    () =>
      fitExperts(...given);
  expect(attempt(withCell(x, 5, Number.NaN), y, { order: 2 })).toThrow(
    "row 2, column 1 of the covariates has no value: leave such rows out by missing: 'drop', or impute it",
  );
  expect(attempt(withCell(x, 5, Infinity), y, { order: 2 })).toThrow('row 2, column 1 of the covariates is Infinity');
  expect(attempt(x, withCell(y, 7, Number.NaN), { order: 2 })).toThrow('row 7, column 0 of the responses has no value');
  expect(attempt(x, y.data.subarray(1) as unknown as number[], { order: 2 })).toThrow('a flat typed array');
  expect(attempt(x, [...y.data.subarray(1)], { order: 2 })).toThrow(
    'there are 30 rows of covariates and 29 of responses',
  );
  expect(attempt(x, new Array(30).fill(4), { order: 2 })).toThrow('the response is 4 in all 30 rows');
  expect(
    attempt(
      x,
      Array.from({ length: 30 }, (_, j) => 3 * x.data[2 * j] - x.data[2 * j + 1] + 1),
      { order: 2 },
    ),
  ).toThrow('the response is an exact linear function of the covariates');
  expect(attempt(x, y, {})).toThrow('fitExperts needs the order K');
  expect(attempt(x, y, { order: 0 })).toThrow('order is 0');
  expect(attempt(x, y, { order: 2, gates: 'hard' as 'softmax' })).toThrow(
    "gates is \"hard\": it must be 'softmax' or 'constant'",
  );
  expect(attempt(x, y, { order: 2, law: 'normal' as 'gaussian' })).toThrow('normal');
  expect(
    attempt(
      [
        [1, 2],
        [2, 1],
        [3, 5],
      ],
      [1, 2, 4],
      { order: 2 },
    ),
  ).toThrow('3 rows are too few for 2 covariates');
});

it.each([
  ['another order', { order: 3 }, 2, 'order 3 with gaussian experts, 2 covariates and 1 responses'],
  ['other covariates', {}, 3, 'order 2 with gaussian experts, 3 covariates and 1 responses'],
  ['another law', { law: 'poisson' as const }, 2, 'order 2 with poisson experts, 2 covariates and 1 responses'],
])('refuses a start of %s', (_, options, columns, wanted) => {
  const start = randomExperts(2, 2, 1);
  const { x, y } = drawnFrom(randomExperts(2, columns, 1), 60, 1);
  expect(() => fitExperts(x, y, { ...options, start })).toThrow(
    `the start is of order 2 with gaussian experts, 2 covariates and 1 responses, but the fit is to be of ${wanted}`,
  );
});

it('leaves rows out that lack a value, and says so', () => {
  const { x, y } = drawnFrom(randomExperts(2, 2, 1), 60, 1);
  const gap = { ...x, data: x.data.map((value, i) => (i === 9 ? Number.NaN : value)) };
  const fit = fitExperts(gap, y, { order: 2, missing: 'drop' });
  const rest = (table: Samples) => ({
    ...table,
    rows: 59,
    data: table.data.filter((_, i) => Math.floor(i / table.columns) !== 4),
  });
  const whole = fitExperts(rest(x), rest(y), { order: 2 });
  expect(numbersOf(fit.model)).toEqual(numbersOf(whole.model));
  expect(fit.sampleSize).toBe(59);
  expect(fit.notes[0]).toContain('1 row that lacks a value is left out: 4.');
});

it('starts at a mixture of experts, and stays where it is', () => {
  const { x, y } = drawnFrom(randomExperts(3, 2, 2), 400, 2);
  const first = fitExperts(x, y, { order: 3 });
  const again = fitExperts(x, y, { start: expertsModel(first.model) });
  expect(again.iterations).toBeLessThan(6);
  expect(again.trace[0]).toBeCloseTo(first.penalisedLogLikelihood, 8);
});

it('seeks starts among some of many rows, and ends on all of them', () => {
  const truth = randomExperts(2, 1, 4);
  const { x, y } = drawnFrom(truth, 6000, 4);
  const fit = fitExperts(x, y, { order: 2 });
  expect(fit.sampleSize).toBe(6000);
  expect(fit.penalisedLogLikelihood).toBeCloseTo(fitExperts(x, y, { start: truth }).penalisedLogLikelihood, 2);
});

it('has the least BIC at the order from which rows were drawn', () => {
  const { x, y } = drawnFrom(randomExperts(3, 2, 6), 500, 6);
  const scores = [1, 2, 3, 4].map((order) => bic(fitExperts(x, y, { order })));
  expect(scores.indexOf(Math.min(...scores))).toBe(2);
});

it('is the same for the same seed', () => {
  const { x, y } = drawnFrom(randomExperts(3, 2, 8, { slope: 0.5 }), 200, 8);
  const fits = [5, 5].map((seed) => fitExperts(x, y, { order: 3, seed }));
  expect(numbersOf(fits[0].model)).toEqual(numbersOf(fits[1].model));
});
