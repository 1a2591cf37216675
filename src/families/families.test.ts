import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dfmr } from '../aggregate/dfmr';
import { oracle } from '../aggregate/oracle';
import { l2Distance } from '../distance/l2';
import { transportDivergence, wasserstein1 } from '../distance/transport-divergence';
import { fit } from '../estimate/fit';
import { randomStream } from '../math/random';
import { takeRows } from '../math/table';
import { type Mixture, mixture, mixtureFromJSON, mixtureFromVector, mixtureToVector } from '../mixture/mixture';
import { logDensity, responsibilities } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { type Example, examples, examplesOfConstant } from './examples.fixture';
import { type FamilyName, families, familiesOfConstant, familyOf } from './families-registry';

const { chdtri, kolmogorov }: typeof import('cephes') = require('cephes');

// One suite for every family: a new one is tested by being added to the registry and to the examples.

const all = Object.entries<Example>(
  Object.assign({}, examples, ...Object.values(examplesOfConstant)) as Record<string, Example>,
);

it('has an example of every family, so that none goes untested', () => {
  expect(Object.keys(examples).sort()).toEqual(Object.keys(families).sort());
  expect(Object.keys(examplesOfConstant).sort()).toEqual(Object.keys(familiesOfConstant).sort());
});

const PAIRS = 6;

describe.each(all)('%s', (name, example) => {
  const family = familyOf(name as FamilyName);
  const random = randomStream(1, name);
  const parameters = Array.from({ length: 2 * PAIRS }, () => family.parameter(example.draw(random), 'drawn'));
  const pairs = Array.from({ length: PAIRS }, (_, i) => [parameters[2 * i], parameters[2 * i + 1]] as const);
  const mixtureOf = ({ weights, parameters }: Example['honest']): Mixture =>
    mixture(family, weights, parameters) as Mixture;
  const honest = mixtureOf(example.honest);
  const failed = mixtureOf(example.failed);

  const { samples, weights } = example.grid();
  const density = family.logDensity(samples);
  const logs = (parameter: unknown): Float64Array => {
    const out = new Float64Array(samples.rows);
    density(parameter, out);
    return out;
  };
  const integral = (f: (j: number) => number): number => weights.reduce((sum, weight, j) => sum + weight * f(j), 0);

  it('has densities that integrate to one', () => {
    for (const parameter of parameters) {
      const log = logs(parameter);
      expect(Math.abs(integral((j) => Math.exp(log[j])) - 1)).toBeLessThan(1e-9);
    }
  });

  it('has the inner product ∫ f f′, the same both ways round', () => {
    for (const [a, b] of pairs) {
      const [f, g] = [logs(a), logs(b)];
      const product = integral((j) => Math.exp(f[j] + g[j]));
      expect(Math.abs(Math.exp(family.logInnerProduct(a, b)) / product - 1)).toBeLessThan(1e-8);
      expect(family.logInnerProduct(a, b)).toBe(family.logInnerProduct(b, a));
    }
  });

  it('has KL(θ ‖ θ′) = ∫ f log(f / f′), 0 only where both are the same', () => {
    for (const [a, b] of pairs) {
      const [f, g] = [logs(a), logs(b)];
      const expected = integral((j) => (f[j] > -700 ? Math.exp(f[j]) * (f[j] - g[j]) : 0));
      expect(Math.abs(family.divergence(a, b) - expected)).toBeLessThan(1e-8 * (1 + expected));
      expect(family.divergence(a, b)).toBeGreaterThan(0);
      expect(family.divergence(a, a)).toBeLessThan(1e-13);
      expect(family.groundDistance(a, b)).toBe(family.groundDistance(b, a));
      expect(family.groundDistance(a, a)).toBe(0);
    }
  });

  it('has the barycentre that a direct search for the least Σ π KL(θ_γ ‖ θ) finds', () => {
    const points = parameters.slice(0, 3);
    const masses = Float64Array.of(0.2, 0.5, 0.1);
    const d = family.dimension(points[0]);
    const total = (theta: unknown) =>
      points.reduce<number>((sum, p, g) => sum + masses[g] * family.divergence(p, theta), 0);
    const at = (vector: Float64Array): number => {
      try {
        return total(family.parameter(family.fromVector(vector, d), 'tried'));
      } catch {
        return Infinity; // no parameter
      }
    };
    const centre = family.barycentre(points, masses);
    const found = compassSearch(at, family.toVector(points[1]));
    expect(total(centre)).toBeLessThanOrEqual(at(found) + 1e-12);
    expect(total(centre)).toBeGreaterThan(at(found) - 1e-9);
    const [actual, expected] = [family.toVector(centre), found];
    const size = Math.hypot(...expected);
    actual.forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(1e-4 * size);
    });
    const [same, own] = [family.barycentre([points[0], points[0]], masses.subarray(0, 2)), points[0]].map(
      family.toVector,
    );
    same.forEach((value, i) => {
      expect(Math.abs(value - own[i])).toBeLessThan(1e-14 * Math.abs(own[i]));
    });
  });

  it('draws what its density says: moments, and distribution of each feature', () => {
    const n = 4000;
    const [parameter] = parameters;
    const one = mixture(family, [1], [parameter]);
    const draws = sample(one, n, 1).data;
    const f = logs(parameter).map(Math.exp);
    const expectMean = (values: Float64Array, expected: number) => {
      const mean = values.reduce((sum, value) => sum + value / n, 0);
      const error = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2 / n, 0) / n);
      expect(Math.abs(mean - expected)).toBeLessThan(4.5 * error);
    };
    expectMean(
      logDensity(one, draws),
      integral((j) => (f[j] > 0 ? f[j] * Math.log(f[j]) : 0)), // minus the entropy
    );
    for (let c = 0; c < draws.columns; c++) {
      const column = Float64Array.from({ length: n }, (_, j) => draws.data[j * draws.columns + c]);
      const node = (j: number) => samples.data[j * samples.columns + c];
      for (const moment of [Math.cbrt, Math.atan, (x: number) => Math.atan(x) ** 2]) {
        expectMean(
          column.map(moment),
          integral((j) => f[j] * moment(node(j))),
        );
      }
      expect(
        kolmogorovSmirnov(
          column,
          Array.from(weights, (w, j) => [node(j), w * f[j]] as const),
        ),
      ).toBeGreaterThan(1e-3);
    }
  });

  it('learns 20 000 draws by EM that never lowers the objective, as near to the truth as chance allows', () => {
    const draws = sample(honest, 20_000, 1).data;
    const result = fit(draws, { order: honest.order, family, starts: 1 });
    expect(result.converged).toBe(true);
    result.trace.forEach((value, i) => {
      if (i > 0) expect(value).toBeGreaterThanOrEqual(result.trace[i - 1]);
    });
    const truth = logDensity(honest, draws).reduce((sum, log) => sum + log, 0);
    const size = mixtureToVector(honest).length;
    const gain = 2 * (result.logLikelihood - truth); // about χ², by Wilks' theorem
    expect(gain).toBeGreaterThan(0);
    expect(gain).toBeLessThan(chdtri(size, 1e-4));
    const [found, expected] = [inOrder(result.mixture as Mixture), inOrder(honest)];
    found.forEach((value, i) => {
      const scale = example.vectors === 'rounded' ? Math.hypot(...expected) : Math.abs(expected[i]);
      expect(Math.abs(value - expected[i])).toBeLessThan(0.06 * (1 + scale));
    });
  });

  // without a penalty a far start may run into an unbounded likelihood, so there it begins with the weights exchanged
  it.each([
    [0, mixture(family, honest.weights.toReversed(), honest.parameters) as Mixture],
    [0.5, failed],
  ])('has EM steps that never lower the objective, counted by hand, a = %d', (strength, start) => {
    const rows = sample(honest, 150, 4).data;
    const n = rows.rows;
    const problem = family.localProblem(rows, strength);
    const objective = (G: Mixture): number =>
      logDensity(G, rows).reduce((sum, log) => sum + log, 0) -
      strength * G.parameters.reduce<number>((sum, parameter) => sum + (problem.penalty?.(parameter) ?? 0), 0);
    let G = start;
    for (let step = 0; step < 8; step++) {
      const shares = responsibilities(G, rows);
      const K = G.order;
      const byComponent = shares.map((_, i) => shares[(i % n) * K + Math.floor(i / n)]);
      const weights = Array.from({ length: K }, (_, k) =>
        byComponent.subarray(k * n, (k + 1) * n).reduce((sum, share) => sum + share / n, 0),
      );
      const next = mixture(family, weights, problem.maximise(byComponent, K, G.parameters)) as Mixture;
      expect(objective(next)).toBeGreaterThan(objective(G) - 1e-9 * n);
      G = next;
    }
  });

  it.each([0, 1, 30])(
    'has an M-step that maximises Σ r log f − a p(θ), a = %d, better than any θ about it',
    (strength) => {
      const rows = sample(honest, 60, 3).data;
      const shares = Float64Array.from({ length: 2 * rows.rows }, () => random());
      const problem = family.localProblem(rows, strength);
      const log = family.logDensity(rows);
      const d = honest.dimension;
      const objective = (theta: readonly unknown[]): number =>
        theta.reduce<number>((sum, parameter, k) => {
          const out = new Float64Array(rows.rows);
          log(parameter, out);
          const likelihood = out.reduce((one, value, j) => one + shares[k * rows.rows + j] * value, 0);
          return sum + likelihood - strength * (problem.penalty?.(parameter) ?? 0);
        }, 0);
      const best = problem.maximise(shares, 2);
      const most = objective(best);
      expect(objective(honest.parameters.slice(0, 2))).toBeLessThan(most);
      const vectors = best.map((parameter) => family.toVector(parameter));
      for (let i = 0; i < vectors[0].length; i++) {
        for (const step of [0.03, -0.03]) {
          const moved = vectors.map((vector) => {
            const other = vector.slice();
            other[i] += step * (Math.abs(vector[i]) || 1);
            return other;
          });
          if (family.tie && i >= d) continue; // off the tie is another problem
          let theta: unknown[];
          try {
            theta = moved.map((vector, k) => family.parameter(family.fromVector(vector, d), `moved ${k}`));
          } catch {
            continue; // no parameter
          }
          if (problem.admissible && theta.some((one) => problem.admissible?.(one) !== one && clipped(one))) continue;
          expect(objective(theta)).toBeLessThan(most + 1e-9);
        }
      }
    },
  );

  it('has Σ |θ_i − θ′_i| for the ground distance of W₁, unless its geometry is another', () => {
    if (example.ground === 'own') return;
    for (const [a, b] of pairs) {
      const [own, other] = [a, b].map((parameter) => family.toVector(parameter));
      const sum = own.reduce((total, value, i) => total + Math.abs(value - other[i]), 0);
      expect(family.groundDistance(a, b)).toBeCloseTo(sum, 12);
    }
  });

  it('tells in notes where it is known not to be identifiable', () => {
    const doubtful = /^(gamma|inverse-gamma|gaussian-gamma|dirichlet|bernoulli|categorical\(.*)$/.test(name);
    const notes = fit(sample(honest, 100, 1).data, { order: honest.order, family, starts: 1 }).notes;
    expect(notes.some((note) => /identifiable/.test(note))).toBe(doubtful);
  });

  it('learns the same from rows that stand twice as from rows of twice the weight', () => {
    const draws = sample(honest, 300, 2).data;
    const twice = { ...draws, data: Float64Array.of(...draws.data, ...draws.data), rows: 600 };
    const options = { order: honest.order, start: honest, penalty: 0, tolerance: 1e-10 };
    const [once, both] = [draws, twice].map((table) => fit(table, { ...options, family }));
    expect(both.logLikelihood / once.logLikelihood).toBeCloseTo(2, 8);
  });

  it('learns the same from rows that count several times as from rows that stand so often', () => {
    // the two that overlap most, so that it is not rounding that ends EM
    const [two] = pairs.toSorted(([a, b], [c, d]) => family.divergence(a, b) - family.divergence(c, d));
    const overlapping = mixture(family, [0.4, 0.6], family.tie?.(two, Float64Array.of(0.4, 0.6)) ?? two) as Mixture;
    const rows = sample(overlapping, 90, 5).data;
    const weights = Float64Array.from({ length: 90 }, (_, j) => 1 + j);
    expect(family.clusterScale?.({ ...rows, weights }).weights ?? weights).toEqual(weights); // on which k-means looks for starts
    const counts = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 90, maxLength: 90 });
    fc.assert(
      fc.property(counts, fc.constantFrom(undefined, 0, 3), (rowWeights, penalty) => {
        // all rows once, then those that count again, and so on
        const places = [1, 2, 3, 4, 5].flatMap((time) => [...rowWeights.keys()].filter((j) => rowWeights[j] >= time));
        const options = { start: overlapping, penalty, tolerance: 0, maxIterations: 5 };
        const [counted, stood] = [fit(rows, { ...options, rowWeights }), fit(takeRows(rows, places), options)].map(
          ({ mixture, trace, logLikelihood, sampleSize }) => [
            sampleSize,
            logLikelihood,
            ...trace,
            ...mixtureToVector(mixture),
          ],
        );
        expect(counted.length).toBe(stood.length);
        counted.forEach((value, i) => {
          expect(Math.abs(value - stood[i])).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(stood[i])));
        });
      }),
      { seed: 1, numRuns: 20 },
    );
  });

  it('keeps what an oracle would keep of machines of which some failed, and merges it alike', () => {
    const m = 11;
    const machines = Array.from({ length: m }, (_, i) =>
      fit(sample(i % 3 === 1 ? failed : honest, 400, i).data, { order: honest.order, family, starts: 5 }),
    );
    const wrong = [...machines.keys()].filter((i) => i % 3 === 1);
    const result = dfmr(machines, { inflationFactor: 3 });
    expect(result.setAside.map(({ machine }) => machine)).toEqual(wrong);
    expect([...result.kept]).toEqual([...machines.keys()].filter((i) => i % 3 !== 1));
    expect(result.setAside[0].reason).toMatch(
      /it lies [\d.]+ times as far from the centre of attention as the threshold allows/,
    );
    const known = oracle(machines, wrong, { start: result.coat.mixture });
    expect(result.mixture.toJSON()).toEqual(known.mixture.toJSON());
    expect(wasserstein1(result.mixture, honest)).toBeLessThan(wasserstein1(machines[1].mixture, honest));
    expect(l2Distance(result.mixture, honest)).toBeLessThan(result.threshold);
    expect(transportDivergence(result.mixture, honest).value).toBeLessThan(transportDivergence(failed, honest).value);
    for (let i = 1; i < result.trace.length; i++) expect(result.trace[i]).toBeLessThanOrEqual(result.trace[i - 1]);
  });

  it('comes back from JSON and from a vector to the last bit', () => {
    for (const parameter of parameters) {
      const G = mixture(family, [1], [parameter]);
      expect(mixtureFromJSON(JSON.stringify(G)).toJSON()).toEqual(G.toJSON());
      expect(mixtureFromJSON(JSON.stringify(G)).family).toBe(family);
      const back = mixtureFromVector(mixtureToVector(G), { family, order: 1, dimension: G.dimension });
      if (example.vectors === 'rounded') {
        const [own, other] = [G, back].map(mixtureToVector);
        own.forEach((value, i) => {
          expect(Math.abs(value - other[i])).toBeLessThan(1e-14 * Math.hypot(...own));
        });
      } else expect(back.toJSON()).toEqual(G.toJSON());
    }
  });

  it.each(example.outside ?? [])('cannot have observed %j', (table, message) => {
    expect(() => fit(table, { order: 1, family })).toThrow(message);
    expect(() => logDensity(honest, table)).toThrow(/row|columns/);
  });

  it.each([null, 7, {}, { nothing: 1 }])('has no parameter %j', (value) => {
    expect(() => mixture(family, [1], [value])).toThrow(/component 0 needs a/);
  });

  it('takes every number of θ, however large or small, without a NaN, or names it', () => {
    const vector = family.toVector(parameters[0]);
    const d = family.dimension(parameters[0]);
    const extremes: unknown[] = [];
    for (let i = 0; i < vector.length; i++) {
      for (const value of [1e-300, 1e-99, 1e-9, 1e-3, 0, -1, 1e3, 1e9, 1e99, 1e300, Infinity, NaN]) {
        const tried = vector.slice();
        tried[i] = value;
        try {
          extremes.push(family.parameter(family.fromVector(tried, d), 'it'));
        } catch (error) {
          expect((error as Error).message).toMatch(/^it/);
        }
      }
    }
    for (const a of extremes) {
      for (const b of [...extremes, parameters[0]]) {
        for (const number of [family.logInnerProduct(a, b), family.divergence(a, b), family.groundDistance(a, b)]) {
          expect(number).not.toBeNaN();
        }
      }
    }
  });
});

/** Whether fits may not have this θ: App. D's shapes below ½. */
const clipped = (parameter: unknown): boolean =>
  (parameter as { shape?: number }).shape !== undefined && (parameter as { shape: number }).shape < 0.5;

/** The coordinates of a mixture whose components are in the order of their first ones. */
function inOrder({ family, weights, parameters }: Mixture): number[] {
  return [...weights.keys()]
    .map((k) => [...family.toVector(parameters[k]), weights[k]])
    .sort((a, b) => a[0] - b[0])
    .flat();
}

/** A minimum of f by trying steps along every coordinate, longer after a success and shorter after a failure. */
function compassSearch(f: (x: Float64Array) => number, start: Float64Array): Float64Array {
  let x = start;
  let least = f(x);
  const steps = start.map((value) => Math.abs(value) / 4 || 0.1);
  for (let round = 0; round < 3000 && Math.max(...steps) > 1e-8; round++) {
    for (let i = 0; i < x.length; i++) {
      let better = false;
      for (const sign of [1, -1]) {
        const tried = x.slice();
        tried[i] += sign * steps[i];
        const value = f(tried);
        if (value < least) {
          [x, least, better] = [tried, value, true];
          break;
        }
      }
      steps[i] *= better ? 1.5 : 0.6;
    }
  }
  return x;
}

/** The p-value of the test that draws come from the distribution of (place, mass) pairs. */
function kolmogorovSmirnov(draws: Float64Array, masses: readonly (readonly [number, number])[]): number {
  const sorted = draws.slice().sort();
  const places: [number, number][] = [];
  for (const [place, mass] of masses.toSorted((a, b) => a[0] - b[0])) {
    const last = places[places.length - 1];
    if (last?.[0] === place) last[1] += mass;
    else places.push([place, mass]);
  }
  let passed = 0;
  let probability = 0;
  let farthest = 0;
  for (const [place, mass] of places) {
    while (passed < sorted.length && sorted[passed] < place) passed++;
    const below = passed;
    while (sorted[passed] === place) passed++;
    const share = passed / sorted.length;
    // a node stands for the places about it, unless draws are at it, as counts are
    const gap =
      passed > below ? Math.abs(probability + mass - share) : Math.abs(probability + mass / 2 - share) - mass / 2;
    farthest = Math.max(farthest, gap);
    probability += mass;
  }
  return kolmogorov(Math.max(0.1, Math.sqrt(sorted.length) * farthest)); // whose series does not end at 0
}
