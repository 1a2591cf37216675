import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DataFrame } from 'danfojs-node';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Variances } from '../families/axis-variances';
import { type DiagonalGaussianParameter, diagonalGaussian } from '../families/diagonal-gaussian';
import { families } from '../families/families-registry';
import type { Family } from '../families/family';
import { incompleteAxisLogDensity, incompleteAxisProblem } from '../families/incomplete-axis';
import { sphericalGaussian } from '../families/spherical-gaussian';
import { randomStream } from '../math/random';
import { type Samples, type Table, takeRows, toSamples } from '../math/table';
import { gaussianMixture } from '../mixture/constructors';
import { marginal } from '../mixture/marginal';
import { type Mixture, mixture } from '../mixture/mixture';
import { classify, expectation, logDensity, responsibilities } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { mixsim } from '../simulate/mixsim';
import { bic, icl } from './criteria';
import { masses } from './em';
import { fit } from './fit';

const reference = JSON.parse(readFileSync(path.join(__dirname, 'missing.reference.json'), 'utf8'));

const NAMES = ['gaussian', 'tied-gaussian', 'diagonal-gaussian', 'spherical-gaussian'] as const;
type Name = (typeof NAMES)[number];

interface Reference {
  readonly family: Name;
  readonly dimension: number;
  readonly penalty: number;
  readonly wholeCovariance: number[][];
  readonly weights: number[];
  readonly means: number[][];
  readonly covariances: number[][][];
  readonly logLikelihood: number;
  readonly penalisedLogLikelihood: number;
  readonly logDensities: number[];
}

/** A mixture of one of the families; those with fewer parameters take theirs from the diagonals. */
function mixtureOf(family: Name, weights: number[], means: number[][], covariances: number[][][]): Mixture {
  const parameters = means.map((mean, k) => {
    const covariance = covariances[k];
    const variances = covariance.map((row, i) => row[i]);
    return { mean, covariance, variances, variance: variances[0] };
  });
  return mixture<unknown>(families[family] as unknown as Family<unknown>, weights, parameters);
}

const identity = (d: number) => Array.from({ length: d }, (_, i) => Array.from({ length: d }, (_, j) => +(i === j)));

/** The means and covariances of a mixture, flat. */
function numbersOf({ parameters }: Mixture): number[] {
  return parameters.flatMap((parameter) => {
    const { mean, covariance, variances, variance } = parameter as {
      mean: Float64Array;
      covariance?: Float64Array;
      variances?: Float64Array;
      variance?: number;
    };
    const diagonal = variances ?? new Float64Array(mean.length).fill(variance ?? Number.NaN);
    return [...mean, ...(covariance ?? identity(mean.length).flatMap((row, i) => row.map((one) => one * diagonal[i])))];
  });
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < actual.length; i++)
    expect(Math.abs(actual[i] - expected[i]), `number ${i}: ${actual[i]}, ${expected[i]}`).toBeLessThanOrEqual(
      tolerance * Math.max(1, Math.abs(expected[i])),
    );
}

/** The table with each cell missing with some probability. */
function withGaps(table: Samples, share: number, seed: number): Samples {
  const random = randomStream(seed, 'gaps');
  return { ...table, data: table.data.map((value) => (random() < share ? Number.NaN : value)) };
}

describe('against the maximum of the likelihood of the observed cells by BFGS', () => {
  const cases = (reference.fits as Reference[]).map((one) => ({ ...one, table: reference.tables[one.dimension] }));

  it.each(cases)('$family components in $dimension dimensions, penalty $penalty', (expected) => {
    const { family, dimension, penalty, table, weights, means, covariances } = expected;
    const rough = dimension === 2 ? [0, 0, 3, 2] : [0, 0, 0, 3, 2, -2];
    const start = mixtureOf(
      family,
      [0.5, 0.5],
      [rough.slice(0, dimension), rough.slice(dimension)],
      [identity(dimension), identity(dimension)],
    );
    const found = fit<unknown>(table, { start, penalty, missing: 'em', tolerance: 1e-15, maxIterations: 20_000 });
    expectClose(found.mixture.weights, weights, 2e-6);
    expectClose(numbersOf(found.mixture), [...means.flatMap((m, k) => [...m, ...covariances[k].flat()])], 5e-6);
    expectClose([found.logLikelihood], [expected.logLikelihood], 1e-8);
    expectClose([found.penalisedLogLikelihood], [expected.penalisedLogLikelihood], 1e-11);
  });

  it.each(cases.filter(({ penalty }) => penalty === 2))('accelerated, $family in $dimension', (expected) => {
    const { family, penalty, table, weights, means, covariances, penalisedLogLikelihood } = expected;
    const start = mixtureOf(family, weights, means.map((m) => m.map((x) => x + 0.5)), covariances); // biome-ignore format: short
    const options = { start, penalty, missing: 'em', tolerance: 1e-13 } as const;
    const [plain, fast] = [false, true].map((accelerate) => fit<unknown>(table, { ...options, accelerate }));
    expectClose([fast.penalisedLogLikelihood], [penalisedLogLikelihood], 1e-10);
    expect(fast.iterations).toBeLessThanOrEqual(plain.iterations);
  });

  it.each(cases)('log densities, $family in $dimension dimensions, penalty $penalty', (expected) => {
    const { family, table, weights, means, covariances, logDensities } = expected;
    const G = mixtureOf(family, weights, means, covariances);
    expectClose(logDensity(G, table.slice(0, 20), { missing: 'em' }), logDensities, 1e-11);
  });

  it.each(cases.filter(({ penalty }) => penalty === 0))('S_x of the penalty, $family in $dimension', (expected) => {
    const { family, table, wholeCovariance } = expected;
    const problem = families[family].localProblem(toSamples(table, 'em'), 1);
    // p(θ) = tr(Σ⁻¹ S_x) + log det Σ at Σ = I
    const G = mixtureOf(family, [1], [wholeCovariance.map(() => 0)], [identity(wholeCovariance.length)]);
    const trace = wholeCovariance.reduce((sum, row, i) => sum + row[i], 0);
    expect((problem.penalty as (p: unknown) => number)(G.parameters[0])).toBeCloseTo(trace, 6);
  });
});

const truth = gaussianMixture({
  weights: [0.5, 0.3, 0.2],
  means: [
    [0, 0, 0, 0],
    [4, 1, -3, 2],
    [-2, 5, 3, -1],
  ],
  covariances: [identity(4), identity(4), identity(4)].map((one, k) =>
    one.map((row, i) => row.map((value, j) => (i === j ? value + k / 2 : 0.3))),
  ),
});

/** n rows of the truth with gaps. */
const gappy = (n: number, share: number, seed: number): Samples => withGaps(sample(truth, n, seed).data, share, seed);

const familyNamed = (name: Name) => families[name] as unknown as Family<unknown>;

describe('the steps of EM', () => {
  it('never lower the objective, whatever is missing and in whatever family', () => {
    const setting = fc.record({
      name: fc.constantFrom(...NAMES),
      seed: fc.nat(1000),
      share: fc.double({ min: 0.02, max: 0.6, noNaN: true }),
      penalty: fc.constantFrom(0.01, 0.1, 3),
    });
    fc.assert(
      fc.property(setting, ({ name, seed, share, penalty }) => {
        const all = gappy(150, share, seed);
        const samples = takeRows(
          all,
          [...Array(150).keys()].filter((j) => all.data.subarray(4 * j, 4 * j + 4).some((x) => !Number.isNaN(x))),
        );
        const n = samples.rows;
        const family = familyNamed(name);
        const problem = family.localProblem(samples, penalty);
        const density = family.logDensity(samples);
        const random = randomStream(seed, 'r');
        const shares = new Float64Array(2 * n);
        for (let j = 0; j < n; j++) {
          shares[j] = random();
          shares[n + j] = 1 - shares[j];
        }
        let previous: unknown[] | undefined;
        let before = -Infinity;
        for (let round = 0; round < 15; round++) {
          const parameters = problem.maximise(shares, 2, previous);
          const weights = masses(shares, 2, n).map((mass) => mass / n);
          const logLikelihood = expectation({ order: 2, weights, parameters }, density, shares);
          const objective =
            logLikelihood - penalty * parameters.reduce<number>((sum, p) => sum + (problem.penalty?.(p) ?? 0), 0);
          if (previous) expect(objective).toBeGreaterThanOrEqual(before - 1e-9 * Math.abs(before));
          [previous, before] = [parameters, objective];
        }
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('are the ordinary ones where rows that miss something have no share', () => {
    const whole = sample(truth, 60, 3).data;
    const samples = toSamples(
      { ...whole, data: Float64Array.of(...whole.data, 1, Number.NaN, 2, 0, Number.NaN, 5, 5, 5), rows: 62 },
      'em',
    );
    const random = randomStream(1, 'shares');
    const shares = Float64Array.from({ length: 62 }, (_, j) => (j < 60 ? random() : 0));
    for (const name of NAMES) {
      const family = familyNamed(name);
      const [own] = family.localProblem(samples, 0).maximise(shares, 1);
      const [ordinary] = family.localProblem(whole, 0).maximise(shares.slice(0, 60), 1);
      expectClose(family.toVector(own), family.toVector(ordinary), 1e-13);
    }
  });

  it('are the ordinary ones of features without correlations, where nothing is missing', () => {
    const whole = sample(truth, 60, 3).data;
    const random = randomStream(2, 'shares');
    const shares = Float64Array.from({ length: 60 }, random);
    const own: Variances<DiagonalGaussianParameter> = {
      ...diagonalGaussian,
      variances: ({ variances }) => variances,
      build: (mean, variances) => ({ mean, variances }),
    };
    const [one] = incompleteAxisProblem(own, whole, 0.7).maximise(shares, 1);
    const [ordinary] = diagonalGaussian.localProblem(whole, 0.7).maximise(shares, 1);
    expectClose(diagonalGaussian.toVector(one), diagonalGaussian.toVector(ordinary), 1e-13);
    const [a, b] = [new Float64Array(60), new Float64Array(60)];
    incompleteAxisLogDensity(own, whole)(one, a);
    diagonalGaussian.logDensity(whole)(one, b);
    expectClose(a, b, 1e-13);
  });

  it('keep what a component says of a column that none of its rows shows', () => {
    const table = toSamples(
      [
        [1, 2],
        [2, Number.NaN],
        [3, Number.NaN],
        [4, 1],
        [6, 5],
      ],
      'em',
    );
    const previous = { mean: Float64Array.of(7, 8), variances: Float64Array.of(2, 3) };
    const [kept] = diagonalGaussian.localProblem(table, 0).maximise(Float64Array.of(0, 1, 1, 0, 0), 1, [previous]);
    expect([...kept.mean, ...kept.variances]).toEqual([2.5, 8, 0.25, 3]);
    const [round] = sphericalGaussian
      .localProblem(table, 0)
      .maximise(Float64Array.of(0, 1, 1, 0, 0), 1, [{ mean: previous.mean, variance: 2 }]);
    expect([...round.mean, round.variance]).toEqual([2.5, 8, 0.25]);
  });

  it('say what of a variance the penalty makes, of the rows that show the column', () => {
    const rows = [[1, 2], [2, null], [3, null], [4, 1], [6, null], [5, 5]]; // biome-ignore format: short
    const samples = toSamples(rows, 'em');
    const problem = diagonalGaussian.localProblem(samples, 2);
    const [theta] = problem.maximise(new Float64Array(6).fill(1), 1);
    const [own] = problem.penaltyShares?.([theta], [6]) ?? [];
    const seen = [1, 2, 5].map((x) => (x - theta.mean[1]) ** 2).reduce((sum, square) => sum + square);
    expect(own[1]).toBeCloseTo(1 - seen / (2 * 2 + 3) / theta.variances[1], 12);
    const [round] = sphericalGaussian.localProblem(samples, 2).maximise(new Float64Array(6).fill(1), 1);
    const [shared] = sphericalGaussian.localProblem(samples, 2).penaltyShares?.([round], [6]) ?? [];
    const all = [1, 2, 3, 4, 6, 5].map((x) => (x - round.mean[0]) ** 2).reduce((sum, square) => sum + square) + seen;
    expect(shared[0]).toBeCloseTo(1 - all / (2 * 2 * 2 + 9) / round.variance, 12);
  });

  it('count rows by their weights in S_x: as often as if each stood so often', () => {
    const samples = gappy(40, 0.3, 5);
    const times = Float64Array.from({ length: 40 }, (_, j) => 1 + (j % 3));
    const repeated = takeRows(
      samples,
      [...times].flatMap((count, j) => Array(count).fill(j)),
    );
    for (const name of NAMES) {
      const family = familyNamed(name);
      const at = mixtureOf(name, [1], [[0, 0, 0, 0]], [identity(4)]).parameters[0];
      const penalty = (rows: Samples) => (family.localProblem(rows, 1).penalty as (p: unknown) => number)(at);
      expectClose([penalty({ ...samples, weights: times })], [penalty(repeated)], 1e-10);
    }
  });
});

describe('fit', () => {
  it('of a table without gaps is the same to the last bit', () => {
    const { data } = sample(truth, 300, 2);
    for (const family of NAMES)
      expect(fit(data, { family, order: 3, missing: 'em' })).toEqual(fit(data, { family, order: 3 }));
  });

  it('finds the truth where a quarter of the cells is missing at random', () => {
    const { data, labels } = sample(truth, 4000, 7);
    const table = withGaps(data, 0.25, 7);
    const found = fit(table, { order: 3, missing: 'em' });
    const nearest = truth.parameters.map(({ mean }) => {
      const far = found.mixture.parameters.map((p) => Math.hypot(...mean.map((m, i) => m - p.mean[i])));
      return far.indexOf(Math.min(...far));
    });
    expect(new Set(nearest).size).toBe(3);
    truth.parameters.forEach(({ mean, covariance }, k) => {
      const own = found.mixture.parameters[nearest[k]];
      expectClose(own.mean, mean, 0.15); // some five standard errors, of 800 to 2000 rows
      expectClose(own.covariance, covariance, 0.3);
      expect(Math.abs(found.mixture.weights[nearest[k]] - truth.weights[k])).toBeLessThan(0.04);
    });
    const clusters = classify(found, table, { missing: 'em' });
    const right = labels.filter((label, j) => nearest[label] === clusters[j]).length;
    expect(right / 4000).toBeGreaterThan(0.93);
    const cells = table.data.filter(Number.isNaN).length;
    const empty = 4000 - found.sampleSize;
    expect([found.missingCells, found.emptyRows]).toEqual([cells - 4 * empty, empty]);
  });

  it('takes null and undefined for missing, in arrays of rows and in data frames', () => {
    const rows = [
      [1, 2],
      [null, 3],
      [2, undefined],
      [4, 1],
      [8, 9],
      [9, 8],
      [8, 8.5],
    ];
    const asNaN = rows.map((row) => row.map((value) => value ?? Number.NaN));
    const options = { order: 1, missing: 'em' } as const;
    const { mixture: expected } = fit(asNaN, options);
    for (const table of [rows, new DataFrame(rows as number[][])])
      expect(fit(table as Table, options).mixture.toJSON()).toEqual(expected.toJSON());
    expect(fit([null, 1, 2, undefined, 4], options).sampleSize).toBe(3);
  });

  it('of rows that count twice or thrice is that of repeated ones, and names rows as the table does', () => {
    const samples = gappy(60, 0.3, 9);
    const rowWeights = Array.from({ length: 60 }, (_, j) => j % 4);
    const repeated = takeRows(
      samples,
      rowWeights.flatMap((count, j) => Array(count).fill(j)),
    );
    for (const family of NAMES) {
      const start = mixtureOf(
        family,
        [0.625, 0.375],
        truth.parameters.slice(0, 2).map(({ mean }) => [...mean]),
        [identity(4), identity(4)],
      );
      const options = { start, missing: 'em', maxIterations: 30, penalty: 0.2 } as const;
      const [weighted, expected] = [fit<unknown>(samples, { ...options, rowWeights }), fit<unknown>(repeated, options)];
      expectClose(numbersOf(weighted.mixture), numbersOf(expected.mixture), 1e-10);
      expectClose(weighted.trace, expected.trace, 1e-11);
      expect(weighted.sampleSize).toBe(expected.sampleSize);
    }
    const table = [
      [9, 9],
      [1, null],
      [null, null],
      [3, 1],
      [2, 5],
      [0, 2],
    ];
    const { notes } = fit(table, { order: 1, missing: 'em', rowWeights: [0, 1, 1, 1, 1, 2] });
    expect(notes[1]).toBe('1 row without an observed cell is left out: 2.');
  });

  it('finds noise among rows that miss cells', () => {
    const noise = { weight: 0.1, lower: [-10, -10], upper: [15, 15] };
    const means = [
      [0, 0],
      [6, 6],
    ];
    const noisy = gaussianMixture({ weights: [0.5, 0.5], means, covariances: [identity(2), identity(2)], noise });
    const { data, labels } = sample(noisy, 1500, 1);
    const rows = withGaps(data, 0.15, 1);
    const found = fit(rows, { order: 2, noise: true, missing: 'em' });
    expect(Math.abs((found.mixture.noise?.weight ?? 0) - 0.1)).toBeLessThan(0.03);
    const right = classify(found, rows, { missing: 'em' }).filter((k, j) => (k === -1) === (labels[j] === -1)).length;
    expect(right / 1500).toBeGreaterThan(0.96);
    const logs = logDensity(found, rows, { missing: 'em' });
    expect(logs.reduce((sum, log) => sum + log, 0)).toBeCloseTo(found.logLikelihood, 6);
  });

  it('has ICL, of the rows that were fitted', () => {
    const table = [...sample(truth, 90, 1).data.data].map((x, i) => (i % 5 === 0 || i < 4 ? null : x));
    const rows = Array.from({ length: 90 }, (_, j) => table.slice(4 * j, 4 * j + 4));
    const found = fit(rows, { order: 2, missing: 'em' });
    expect(found.sampleSize).toBe(89);
    const shares = responsibilities(found, rows.slice(1), { missing: 'em' });
    const entropy = shares.reduce((sum, r) => sum - (r > 0 ? r * Math.log(r) : 0), 0);
    expect(icl(found, rows, { missing: 'em' })).toBeCloseTo(bic(found) + 2 * entropy, 9);
  });

  it('leaves out rows without an observed cell, and tells', () => {
    const table = [
      [1, 2],
      [Number.NaN, Number.NaN],
      [3, 1],
      [2, Number.NaN],
      [7, 8],
      [Number.NaN, Number.NaN],
      [6, 9],
    ];
    const whole = table.filter((row) => !row.every(Number.isNaN));
    const [found, without] = [table, whole].map((rows) => fit(rows, { order: 1, missing: 'em' }));
    expect(found.mixture.toJSON()).toEqual(without.mixture.toJSON());
    expect([found.sampleSize, found.missingCells, found.emptyRows]).toEqual([5, 1, 2]);
    expect(found.notes).toEqual([
      '1 cells of 5 rows (10 %) are missing: the rows say less than as many whole ones.',
      '2 rows without an observed cell are left out: 1, 5.',
    ]);
  });

  it('says which columns are seldom observed together', () => {
    const { data } = sample(truth, 90, 1);
    const apart = { ...data, data: data.data.map((x, i) => (i % 4 === (i % 8 < 4 ? 0 : 2) ? Number.NaN : x)) };
    const found = fit(apart, { order: 1, missing: 'em' });
    expect(found.notes[0]).toBe(
      'Hardly any row has both cells of some columns, so that their correlation is left open: columns 0 and 2 in 0.',
    );
    expect(found.mixture.parameters[0].covariance.every(Number.isFinite)).toBe(true);
  });

  it('starts with k-means of completed rows, from the same seed to the same numbers', () => {
    const table = gappy(300, 0.3, 3);
    const options = { order: 3, missing: 'em', starts: 4, initialisation: 'k-means++', seed: 'a' } as const;
    expect(fit(table, options)).toEqual(fit(table, options));
    expect(fit(table, options).maxima).toHaveLength(4);
  });
});

describe('densities of rows with missing cells', () => {
  it('are those of the marginal mixture', () => {
    const margin = gaussianMixture({
      weights: truth.weights,
      means: truth.parameters.map(({ mean }) => [mean[1], mean[3]]),
      covariances: truth.parameters.map(({ covariance: c }) => [
        [c[5], c[7]],
        [c[13], c[15]],
      ]),
    });
    const [x, y] = [
      [0.5, -1],
      [3, 2.5],
    ];
    const rows = [x, y].map(([a, b]) => [Number.NaN, a, Number.NaN, b]);
    expectClose(logDensity(truth, rows, { missing: 'em' }), logDensity(margin, [x, y]), 1e-13);
    expectClose(responsibilities(truth, rows, { missing: 'em' }), responsibilities(margin, [x, y]), 1e-13);
    expect(classify(truth, rows, { missing: 'em' })).toEqual(classify(margin, [x, y]));
  });

  it('are those of the marginal mixture in many dimensions, with a pattern for every row', () => {
    const wide = mixsim({ order: 2, dimension: 20, maximumOverlap: 0.1, seed: 3 });
    const rows = withGaps(sample(wide, 30, 1).data, 0.4, 1);
    const logs = logDensity(wide, rows, { missing: 'em' });
    for (let j = 0; j < 30; j++) {
      const row = [...rows.data.subarray(20 * j, 20 * (j + 1))];
      const observed = [...row.keys()].filter((i) => !Number.isNaN(row[i]));
      expectClose([logs[j]], logDensity(marginal(wide, observed), [observed.map((i) => row[i])]), 1e-12);
    }
  });

  it('are 1 where nothing is observed, so that the weights decide', () => {
    for (const name of NAMES) {
      const G = mixtureOf(
        name,
        [0.3, 0.7],
        [
          [0, 0],
          [1, 1],
        ],
        [identity(2), identity(2)],
      );
      const table = [
        [null, null],
        [0, Number.NaN],
      ];
      expect(logDensity(G, table, { missing: 'em' })[0]).toBeCloseTo(0, 15);
      expectClose(responsibilities(G, table, { missing: 'em' }).subarray(0, 2), [0.3, 0.7], 1e-15);
      expect(classify(G, table, { missing: 'em' })[0]).toBe(1);
    }
  });

  it('are those of the rows alone where nothing is missing', () => {
    const { data } = sample(truth, 50, 1);
    const holed = Float64Array.from(data.data);
    holed[0] = Number.NaN;
    const mixed = logDensity(truth, { ...data, data: holed }, { missing: 'em' });
    expect(mixed.subarray(1)).toEqual(logDensity(truth, data).subarray(1));
  });
});

describe('bad input', () => {
  const NaNs = [
    [1, 2],
    [Number.NaN, 3],
    [4, 4],
    [2, 1],
  ];
  it.each<[string, () => unknown, RegExp]>([
    [
      'a gap without the option',
      () => fit(NaNs, { order: 1 }),
      /row 1, column 0 of the table is NaN: remove or impute .*missing: 'em'/,
    ],
    ['a gap in a density', () => logDensity(truth, [[1, Number.NaN, 2, 3]]), /row 0, column 1 .* missing: 'em'/],
    [
      'an infinite value',
      () =>
        fit(
          [
            [1, 2],
            [Infinity, 3],
          ],
          { order: 1, missing: 'em' },
        ),
      /row 1, column 0 of the table is Infinity: remove or impute values that are not finite numbers$/,
    ],
    [
      'another family',
      () => fit([1, 2, 3], { family: 'gamma', order: 1, missing: 'em' }),
      /^gamma components cannot have missing cells: leave out .*gaussian, diagonal-gaussian, spherical-gaussian, tied-gaussian$/,
    ],
    [
      'another family of a density',
      () => classify(mixture('exponential', [1], [{ mean: 1 }]), [1, null], { missing: 'em' }),
      /^exponential components cannot have missing cells/,
    ],
    [
      'a column without a value',
      () =>
        fit(
          NaNs.map(([x]) => [x, Number.NaN]),
          { order: 1, missing: 'em' },
        ),
      /no cell of column 1 is observed: leave the column out/,
    ],
    [
      'a table without a value',
      () =>
        fit(
          [
            [null, null],
            [null, null],
          ],
          { order: 1, missing: 'em' },
        ),
      /no cell of the table is observed/,
    ],
    [
      'a column with one value',
      () =>
        fit(
          [
            [1, null],
            [2, 5],
            [4, null],
            [3, 5],
          ],
          { order: 1, missing: 'em' },
        ),
      /column 1 is constant \(5\)/,
    ],
    [
      'the same of features without correlations',
      () =>
        fit(
          [
            [1, null],
            [2, 5],
            [4, null],
          ],
          { family: 'diagonal-gaussian', order: 1, missing: 'em' },
        ),
      /column 1 is constant \(5\)/,
    ],
    [
      'columns that follow from others',
      () =>
        fit(
          [...Array(40).keys()].map((i) => [Math.sin(i), i % 4 ? 2 * Math.sin(i) : null]),
          { order: 1, missing: 'em' },
        ),
      /column 1 follows linearly from the columns before it/,
    ],
    [
      'too few rows',
      () =>
        fit(
          [
            [1, null],
            [2, 3],
            [null, null],
          ],
          { order: 1, missing: 'em' },
        ),
      /2 rows are too few for Gaussians in 2 dimensions/,
    ],
    [
      'text',
      () =>
        fit(
          [
            [1, 'x'],
            [2, 3],
          ] as unknown as Table,
          { order: 1, missing: 'em' },
        ),
      /row 0, column 1 of the table is "x"/,
    ],
    ['another word', () => fit(NaNs, { order: 1, missing: 'drop' as 'em' }), /missing is "drop": it must be 'em'/],
  ])('%s', (_, use, message) => {
    expect(use).toThrow(message);
  });
});
