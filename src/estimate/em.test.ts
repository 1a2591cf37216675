import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { determinant, EigenvalueDecomposition, inverse, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { gaussian } from '../families/gaussian';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { randomStream } from '../math/random';
import { toSamples } from '../math/table';
import { gaussianMixture } from '../mixture/constructors';
import { type Mixture, mixture } from '../mixture/mixture';
import { logDensity, responsibilities } from '../mixture/posterior';
import { finished } from '../work/work';
import { emSteps } from './em';
import { fit } from './fit';

interface Plain {
  weights: number[];
  means: number[][];
  covariances: number[][][];
}

const reference = JSON.parse(readFileSync(path.join(__dirname, 'em.reference.json'), 'utf8'));

function tableOf({ rows, columns, data }: { rows: number; columns: number; data: string }) {
  const bytes = Buffer.from(data, 'base64');
  const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  return { data: new Float64Array(buffer), rows, columns };
}

/** The largest difference of any weight, mean or covariance. */
function difference({ weights, parameters }: Mixture<GaussianParameter>, plain: Plain): number {
  const actual = [...weights, ...parameters.flatMap((p) => [...p.mean, ...p.covariance])];
  const expected = [...plain.weights, ...plain.means.flatMap((mean, k) => [...mean, ...plain.covariances[k].flat()])];
  expect(actual.length).toBe(expected.length);
  return actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
}

/** Σ_j log f_G(x_j) − a_n Σ_k {tr(Σ_k⁻¹ S_x) + log det Σ_k}, from the textbook. */
function naiveObjective(
  { weights, parameters }: Mixture<GaussianParameter>,
  rows: number[][],
  penalty: number,
): number {
  const [n, d] = [rows.length, rows[0].length];
  const centred = new Matrix(rows).center('column');
  const sample = centred
    .transpose()
    .mmul(centred)
    .div(n - 1);
  const parts = parameters.map(({ mean, covariance }) => {
    const sigma = Matrix.from1DArray(d, d, [...covariance]);
    return { mean, precision: inverse(sigma), logDet: Math.log(determinant(sigma)) };
  });
  let total = 0;
  for (const row of rows) {
    const logs = parts.map(({ mean, precision, logDet }, k) => {
      const z = Matrix.columnVector(row.map((x, i) => x - mean[i]));
      const squared = z.transpose().mmul(precision).mmul(z).get(0, 0);
      return Math.log(weights[k]) - 0.5 * (d * Math.log(2 * Math.PI) + logDet + squared);
    });
    const most = Math.max(...logs);
    total += most + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - most), 0));
  }
  return total - penalty * parts.reduce((sum, p) => sum + p.precision.mmul(sample).trace() + p.logDet, 0);
}

describe('agrees with the reference of 2000 rows in four dimensions', () => {
  const { regular } = reference;
  const table = tableOf(regular);
  const start = gaussianMixture(regular.start);

  it('at the start', () => {
    const shares = responsibilities(start, table);
    const logs = logDensity(start, table);
    regular.responsibilities.flat().forEach((share: number, i: number) => {
      expect(Math.abs(shares[i] - share)).toBeLessThan(1e-13);
    });
    regular.logDensities.forEach((log: number, j: number) => {
      expect(logs[j]).toBeCloseTo(log, 12);
    });
    regular.masses.forEach((mass: number, k: number) => {
      expect(shares.reduce((sum, share, i) => (i % 3 === k ? sum + share : sum), 0)).toBeCloseTo(mass, 9);
    });
    const { trace } = fit(table, { start, maxIterations: 1 });
    expect(Math.abs(trace[0] - regular.startPenalised)).toBeLessThan(1e-8);
    expect(Math.abs(logs.reduce((a, b) => a + b) - regular.startLogLikelihood)).toBeLessThan(1e-8);
  });

  it('after one step to 1e-12', () => {
    const { mixture, iterations, converged } = fit(table, { start, maxIterations: 1 });
    expect(difference(mixture, regular.oneStep)).toBeLessThan(1e-12);
    expect([iterations, converged]).toEqual([1, false]);
  });

  it('the penalised MLE at tolerance 1e-6, with every value of the objective on the way', () => {
    const expected = regular['tolerance1e-6'];
    const { mixture, iterations, converged, trace, sampleSize } = fit(table, { order: 3, start, tolerance: 1e-6 });
    expect([iterations, converged, sampleSize]).toEqual([expected.iterations, true, 2000]);
    expect(difference(mixture, expected)).toBeLessThan(1e-9);
    expected.trace.forEach((value: number, i: number) => {
      expect(Math.abs(trace[i + 1] - value)).toBeLessThan(1e-8);
    });
    expect(trace.length).toBe(expected.trace.length + 1);
  });

  it('the penalised MLE at tolerance 1e-12', () => {
    const expected = regular['tolerance1e-12'];
    const result = fit(table, { start, tolerance: 1e-12 });
    expect(Math.abs(result.iterations - expected.iterations)).toBeLessThanOrEqual(1); // the last changes are rounding
    expect(difference(result.mixture, expected)).toBeLessThan(1e-6);
    expect(Math.abs(result.penalisedLogLikelihood - expected.penalised)).toBeLessThan(1e-7);
    expect(Math.abs(result.logLikelihood - expected.logLikelihood)).toBeLessThan(1e-6);
  });

  it('the MLE', () => {
    const result = fit(table, { start, tolerance: 1e-12, penalty: 0 });
    expect(Math.abs(result.iterations - regular.mle.iterations)).toBeLessThanOrEqual(1);
    expect(difference(result.mixture, regular.mle)).toBeLessThan(1e-6);
    expect(Math.abs(result.logLikelihood - regular.mle.logLikelihood)).toBeLessThan(1e-7);
    expect(result.penalisedLogLikelihood).toBe(result.logLikelihood);
  });

  it('with the penalty n^(−1/2) and S_x of divisor n − 1', () => {
    expect(regular.penalty).toBeCloseTo(2000 ** -0.5, 15);
    const { penalty } = gaussian.localProblem(table, regular.penalty);
    const identity = gaussian.parameter({ mean: [0, 0, 0, 0], covariance: Matrix.eye(4).to2DArray() }, 'it');
    const trace = regular.sampleCovariance.reduce((sum: number, row: number[], i: number) => sum + row[i], 0);
    expect(penalty?.(identity)).toBeCloseTo(trace, 12);
  });
});

describe('agrees with the reference of 60 rows where the likelihood is unbounded', () => {
  const { degenerate } = reference;
  const table = tableOf(degenerate);
  const start = gaussianMixture(degenerate.start);

  it('with a penalty, which ends where the reference ends', () => {
    const result = fit(table, { start, tolerance: degenerate.tolerance });
    expect(result.converged).toBe(true);
    expect(Math.abs(result.iterations - degenerate.end.iterations)).toBeLessThanOrEqual(1);
    expect(difference(result.mixture, degenerate.end)).toBeLessThan(1e-6);
    degenerate.trace.forEach((value: number, i: number) => {
      expect(Math.abs((result.trace[i + 1] ?? value) - value)).toBeLessThan(1e-8);
    });
  });

  it('which keeps every covariance above its share of S_x', () => {
    const { penalty, sampleCovariance, bound, smallestGeneralisedEigenvalue } = degenerate;
    expect(bound).toBeCloseTo((2 * penalty) / (60 + 2 * penalty), 15);
    const { mixture } = fit(table, { start, tolerance: degenerate.tolerance });
    const smallest = mixture.parameters.map(({ covariance }) => {
      const relative = inverse(new Matrix(sampleCovariance)).mmul(Matrix.from1DArray(2, 2, [...covariance]));
      return Math.min(...new EigenvalueDecomposition(relative).realEigenvalues);
    });
    expect(Math.min(...smallest)).toBeCloseTo(smallestGeneralisedEigenvalue, 6);
    expect(Math.min(...smallest)).toBeGreaterThan(bound);
  });
});

describe('on random data, from starts good and bad', () => {
  const problems = fc.record({
    seed: fc.nat(),
    n: fc.integer({ min: 12, max: 60 }),
    d: fc.integer({ min: 1, max: 3 }),
    order: fc.integer({ min: 1, max: 4 }),
    kind: fc.constantFrom('random', 'far away', 'narrow', 'wide', 'all the same', 'k-means++'),
    penalty: fc.constantFrom(undefined, 0.01, 3),
  });

  function problem({ seed, n, d, order, kind }: { seed: number; n: number; d: number; order: number; kind: string }) {
    const random = randomStream(seed, 'test');
    const rows = Array.from({ length: n }, (_, j) => Array.from({ length: d }, () => 2 * random() + 3 * (j % 3)));
    const spread = kind === 'narrow' ? 1e-4 : kind === 'wide' ? 1e4 : 1;
    const start = gaussianMixture({
      weights: new Array(order).fill(1 / order),
      means: Array.from({ length: order }, () =>
        Array.from({ length: d }, () => {
          const mean = kind === 'all the same' ? 1 : 8 * random();
          return kind === 'far away' ? 100 + mean : mean;
        }),
      ),
      covariances: new Array(order).fill(Matrix.eye(d).mul(spread)),
    });
    return { rows, start: kind === 'k-means++' ? undefined : start };
  }

  it('never lowers the objective, and tells that of the mixture that it returns', () => {
    fc.assert(
      fc.property(problems, (one) => {
        const { rows, start } = problem(one);
        const { order, n, penalty = n ** -0.5 } = one;
        const result = fit(rows, {
          order,
          start,
          penalty: one.penalty,
          tolerance: 1e-9,
          maxIterations: 200,
          starts: 1,
        });
        const { trace, mixture: found, logLikelihood, penalisedLogLikelihood, iterations } = result;
        for (let i = 1; i < trace.length; i++) expect(trace[i]).toBeGreaterThanOrEqual(trace[i - 1]);
        expect(trace.length).toBe(iterations + 1);
        expect(trace[iterations]).toBe(penalisedLogLikelihood);
        const naive = naiveObjective(found, rows, penalty);
        expect(Math.abs(penalisedLogLikelihood - naive)).toBeLessThan(1e-8 * (1 + Math.abs(naive)));
        expect(Math.abs(logLikelihood - naiveObjective(found, rows, 0))).toBeLessThan(1e-8 * (1 + Math.abs(naive)));
        expect(Math.abs(found.weights.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-12);
        if (start)
          expect(Math.abs(trace[0] - naiveObjective(start, rows, penalty))).toBeLessThan(
            1e-8 * (1 + Math.abs(trace[0])),
          );
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('in every single step, made by hand: from responsibilities to parameters and weights', () => {
    fc.assert(
      fc.property(problems, (one) => {
        const { rows, start } = problem(one);
        const { order, n, penalty = n ** -0.5 } = one;
        const from = fit(rows, {
          order,
          start,
          penalty,
          starts: 1,
          tolerance: 0,
          maxIterations: 1 + (one.seed % 4),
        }).mixture;
        const byRow = responsibilities(from, rows);
        const byComponent = Float64Array.from(byRow, (_, i) => byRow[(i % n) * order + Math.floor(i / n)]);
        const weights = from.weights.map(
          (_, k) => byComponent.subarray(k * n, (k + 1) * n).reduce((a, b) => a + b) / n,
        );
        const parameters = gaussian
          .localProblem(toSamples(rows), penalty)
          .maximise(byComponent, order, from.parameters);
        const [before, after] = [from, mixture<GaussianParameter>(gaussian, weights, parameters)];
        const [worse, better] = [before, after].map((G) => naiveObjective(G, rows, penalty));
        expect(better).toBeGreaterThanOrEqual(worse - 1e-9 * (1 + Math.abs(worse)));
      }),
      { seed: 2, numRuns: 60 },
    );
  });

  it('not even by rounding, where it goes on until nothing changes', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { rows, start } = problem({ seed, n: 60, d: 2, order: 1 + (seed % 3), kind: 'random' });
      const { trace, converged } = fit(rows, { start, tolerance: 0, maxIterations: 5000 });
      for (let i = 1; i < trace.length; i++) expect(trace[i]).toBeGreaterThanOrEqual(trace[i - 1]);
      expect(converged).toBe(true);
    }
  });

  it('stops where the objective is flat: no small step of any coordinate is higher', () => {
    const { rows, start } = problem({ seed: 5, n: 60, d: 2, order: 2, kind: 'random' });
    const { mixture, converged } = fit(rows, { start, tolerance: 1e-13, maxIterations: 20000 });
    expect(converged).toBe(true);
    const most = naiveObjective(mixture, rows, 60 ** -0.5);
    mixture.parameters.forEach((parameter, k) => {
      const vector = gaussian.toVector(parameter);
      for (let i = 0; i < vector.length; i++) {
        for (const step of [-1e-2, 1e-2]) {
          const moved = vector.slice();
          moved[i] += step;
          const other = gaussian.parameter(gaussian.fromVector(moved, 2), 'moved');
          const parameters = mixture.parameters.map((p, l) => (l === k ? other : p));
          const G = gaussianMixture({
            weights: mixture.weights,
            means: parameters.map(({ mean }) => mean),
            covariances: parameters.map(({ covariance }) => covariance),
          });
          expect(naiveObjective(G, rows, 60 ** -0.5)).toBeLessThan(most);
        }
      }
    });
  });
});

it('moves with the data, and with the unit of every column', () => {
  const { regular } = reference;
  const table = tableOf(regular);
  const start = gaussianMixture(regular.start);
  const [unit, shift] = [
    [2, 0.5, 8, 1],
    [100, -3, 0, 7],
  ];
  const moved = fit(
    { ...table, data: table.data.map((x, i) => x * unit[i % 4] + shift[i % 4]) },
    {
      tolerance: 1e-6,
      start: gaussianMixture({
        weights: start.weights,
        means: start.parameters.map(({ mean }) => mean.map((m, i) => m * unit[i] + shift[i])),
        covariances: start.parameters.map(({ covariance }) =>
          covariance.map((c, ij) => c * unit[Math.floor(ij / 4)] * unit[ij % 4]),
        ),
      }),
    },
  );
  const plain: Plain = regular['tolerance1e-6'];
  expect(moved.iterations).toBe(regular['tolerance1e-6'].iterations);
  const expected = {
    weights: plain.weights,
    means: plain.means.map((mean) => mean.map((m, i) => m * unit[i] + shift[i])),
    covariances: plain.covariances.map((rows) => rows.map((row, i) => row.map((c, j) => c * unit[i] * unit[j]))),
  };
  expect(difference(moved.mixture, expected)).toBeLessThan(1e-8);
});

it('tells when an M-step lowers the objective, as that of a wrong family would', () => {
  const rows = { data: Float64Array.of(1, 2, 3, 6), rows: 4, columns: 1 };
  const problem = gaussian.localProblem(rows, 0.5);
  const wrong = {
    ...problem,
    maximise: () => [gaussian.parameter({ mean: [90], covariance: [[1]] }, 'wrong')],
  };
  const start = gaussianMixture({ weights: [1], means: [[3]], covariances: [[[4]]] });
  const stopping = { penalty: 0.5, tolerance: 1e-6, maxIterations: 10 };
  expect(() => [...emSteps(rows, wrong, start, stopping)]).toThrow(
    /iteration 1 changed the objective by -.*: the gaussian M-step is at fault/,
  );
});

describe('ends where an M-step loses', () => {
  const rows = { data: Float64Array.of(1, 2, 3, 6), rows: 4, columns: 1 };
  const problem = gaussian.localProblem(rows, 0);
  const best = gaussianMixture({ weights: [1], means: [[3]], covariances: [[[3.5]]] }); // the MLE
  const shifted = (by: number) => ({
    ...problem,
    maximise: () => [gaussian.parameter({ mean: [3 + by], covariance: [[3.5]] }, 'off')],
  });
  const run = (by: number, tolerance: number) =>
    finished(emSteps(rows, shifted(by), best, { penalty: 0, tolerance, maxIterations: 10 }));

  // the loss is n by² / (2 · 3.5)
  it.each([
    [0.05, 1e-6, false], // 3.6e-4 a row: more than the tolerance, but no fault
    [0.05, 5e-4, true],
    [3e-5, 0, true], // 1.3e-10 a row: rounding
    [3e-4, 0, false], // 1.3e-8 a row
    [3e-4, 1e-6, true],
  ])('by %d under the tolerance %d, with what was best: converged %s', (by, tolerance, expected) => {
    const { converged, mixture, trace, iterations } = run(by, tolerance);
    expect(converged).toBe(expected);
    expect(mixture).toBe(best);
    expect([...trace]).toEqual([trace[0], trace[0]]);
    expect(iterations).toBe(1);
  });
});

it('takes one pass over the rows for each iteration and one for the start, and one M-step for each plain iteration', () => {
  const rows = toSamples(Array.from({ length: 300 }, (_, j) => [Math.sin(j) + (j % 2) * 1.5]));
  const start = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [1]], covariances: [[[1]], [[1]]] });
  const problem = gaussian.localProblem(rows, 0.1);
  const { pass } = problem.fast as NonNullable<typeof problem.fast>;
  const count = (accelerate: boolean) => {
    let [passes, maximisations] = [0, 0];
    const counting: typeof problem = {
      ...problem,
      fast: {
        of: { ...problem, logDensity: gaussian.logDensity },
        pass: (weights, parameters) => {
          passes++;
          const found = pass(weights, parameters);
          if (!found) return undefined;
          const next = () => {
            maximisations++;
            return found.next();
          };
          return { ...found, next };
        },
      },
    };
    const options = { penalty: 0.1, tolerance: 0, maxIterations: 40, accelerate };
    return { ...finished(emSteps(rows, counting, start, options)), passes, maximisations };
  };
  const plain = count(false);
  expect([plain.iterations, plain.passes, plain.maximisations]).toEqual([40, 41, 40]);
  const { iterations, passes, maximisations, trace } = count(true);
  expect([iterations, passes]).toEqual([40, 41]);
  // the M-step before an extrapolation that failed is the next one's: as many M-steps as iterations, less these
  const failed = trace.filter((value, i) => i > 0 && i % 2 === 0 && value === trace[i - 1]).length;
  expect(failed).toBeGreaterThan(0);
  expect(maximisations).toBe(40 - failed + (trace[40] === trace[39] ? 1 : 0));
});
