import { describe, expect, it } from 'vitest';
import { reduce } from '../aggregate/reduce';
import { l2Distance, l2DistanceMatrix } from '../distance/l2';
import { transportDistanceMatrix } from '../distance/transport-distance';
import { wasserstein1 } from '../distance/transport-divergence';
import { fit } from '../estimate/fit';
import { outlying } from '../messages/outlying';
import { freeParameters } from '../mixture/free-parameters';
import { type Mixture, mixture, mixtureFromVector, mixtureToVector } from '../mixture/mixture';
import { classify, logDensity } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { l2Hessian } from '../theory/information';
import { standardErrors } from '../theory/standard-errors';
import { type Example, examples, examplesOfConstant } from './examples.fixture';
import { type FamilyName, familyOf } from './families-registry';
import type { Family } from './family';
import { fastForm } from './fast-form';

// A family made by spreading another and changing a function: what it changes is what is used, everywhere, however fast the other
// one's forms are.

const all = Object.entries<Example>(
  Object.assign({}, examples, ...Object.values(examplesOfConstant)) as Record<string, Example>,
);
/** One feature, of which the theory takes expectations by quadrature. */
const univariate: Example = {
  ...examples.gaussian,
  honest: {
    weights: [0.4, 0.6],
    parameters: [
      { mean: [0], covariance: [1] },
      { mean: [3], covariance: [2] },
    ],
  },
  failed: {
    weights: [0.5, 0.5],
    parameters: [
      { mean: [1], covariance: [3] },
      { mean: [9], covariance: [1] },
    ],
  },
};

const CHANGED = new Error('the changed function');

describe.each([...all, ['gaussian', univariate] as const])('%s, spread', (name, { honest, failed }) => {
  const own = familyOf<unknown>(name as FamilyName);
  const spread = (change: Partial<Family>): Family => ({ ...own, name: 'changed', ...change });
  const G = (family: Family): Mixture => mixture(family, honest.weights, honest.parameters);
  const H = (family: Family): Mixture => mixture(family, failed.weights, failed.parameters);
  const one = (family: Family): Mixture => mixture(family, [1], [honest.parameters[1]]);
  const table = sample(G(own), 120, 1).data;
  const d = table.columns;

  /** log f, changed. */
  const density =
    (change: (log: number) => number): Family['logDensity'] =>
    (samples) => {
      const write = own.logDensity(samples);
      return (parameter, out) => {
        write(parameter, out);
        for (let j = 0; j < out.length; j++) out[j] = change(out[j]);
      };
    };
  const problem =
    (change: Partial<ReturnType<Family['localProblem']>>): Family['localProblem'] =>
    (samples, strength) => ({ ...own.localProblem(samples, strength), ...change });
  const close = (value: number, expected: number, relative = 1e-9) =>
    expect(Math.abs(value / expected - 1)).toBeLessThan(relative);

  it('with another inner product, has the distances and the Hessian of that', () => {
    const other = spread({ logInnerProduct: (a, b) => own.logInnerProduct(a, b) + Math.log(4) });
    close(l2Distance(G(other), H(other)), 2 * l2Distance(G(own), H(own)));
    if (own.tie) return;
    const [changed, before] = [other, own].map((family) => l2Hessian(one(family)).entries);
    const largest = Math.max(...before.map(Math.abs));
    changed.forEach((entry, ij) => {
      expect(Math.abs(entry - 4 * before[ij])).toBeLessThan(1e-5 * largest);
    });
  });

  it('with another divergence, is reduced, transported and screened by that', () => {
    const other = spread({ divergence: (a, b) => 3 * own.divergence(a, b) });
    const [changed, before] = [other, own].map((family) => reduce([G(family), H(family)], { start: G(family) }));
    close(changed.objective, 3 * before.objective);
    const [far, near] = [other, own].map((family) => transportDistanceMatrix([G(family), H(family)]).at(0, 1));
    close(far, Math.sqrt(3) * near);
    expect(outlying([G(own), G(own)])).toEqual([undefined, undefined]);
    const apart = spread({ divergence: () => 1e13 });
    for (const reason of outlying([G(apart), G(apart)])) expect(reason).toMatch(/too far from/);
  });

  it('with another density, is fitted by that', () => {
    const other = spread({ logDensity: density((log) => log + 1) });
    const [changed, before] = [other, own].map((family) => fit(table, { start: G(family), family, maxIterations: 1 }));
    close(changed.trace[0], before.trace[0] + table.rows);
  });

  it('with another M-step, is fitted by that', () => {
    const start = fit(table, { start: G(own), family: own, maxIterations: 1 }).mixture; // whose parameters all may be
    const other = spread({ localProblem: problem({ maximise: (_, __, previous) => [...(previous ?? [])] }) });
    const { mixture: found } = fit(table, {
      start: mixture(other, start.weights, start.parameters),
      family: other,
      maxIterations: 2,
    });
    expect(mixtureToVector(found).slice(-own.size(d))).toEqual(mixtureToVector(start).slice(-own.size(d)));
  });

  it('with another penalty, is fitted under that', () => {
    const other = spread({
      localProblem: problem({ penalty: () => 5, maximise: own.localProblem(table, 0).maximise }),
    });
    const { trace, logLikelihood } = fit(table, { start: G(other), family: other, penalty: 2, maxIterations: 1 });
    close(trace[1], logLikelihood - 2 * 5 * honest.weights.length);
  });

  it('with another density, is classified by that', () => {
    const other = spread({ logDensity: density((log) => -log) });
    const logs = honest.parameters.map((_, k) => {
      const out = new Float64Array(table.rows);
      own.logDensity(table)(G(own).parameters[k], out);
      return out.map((log) => Math.log(honest.weights[k]) - log);
    });
    const expected = Array.from({ length: table.rows }, (_, j) =>
      logs.reduce((best, log, k) => (log[j] > logs[best][j] ? k : best), 0),
    );
    expect([...classify(G(other), table)]).toEqual(expected);
    expect([...classify(G(own), table)]).not.toEqual(expected);
  });

  if (!own.tie)
    it('with another density or other coordinates, has the standard errors of those', () => {
      const errors = (family: Family) => standardErrors(one(family), { sampleSize: 100, draws: 2000 });
      const before = errors(own);
      // scores twice as large; draws in place of a quadrature
      const steeper = errors(spread({ logDensity: density((log) => 2 * log) }));
      const exact = fastForm(own, 'quadrature')?.(one(own).parameters, 0) !== undefined;
      steeper.forEach((error, i) => {
        close(error, before[i] / 2, exact ? 0.1 : 1e-5);
      });
      const halved = errors(
        spread({
          toVector: (parameter) => own.toVector(parameter).map((value) => value / 2),
          fromVector: (vector, dimension) =>
            own.fromVector(
              vector.map((value) => 2 * value),
              dimension,
            ),
        }),
      );
      halved.forEach((error, i) => {
        close(error, before[i] / 2, 1e-5);
      });
    });

  if (own.smoothing)
    it('with another convolution, is smoothed by that', () => {
      const { smoothing } = own as Required<Family>;
      const smoothed = (family: Family) => l2DistanceMatrix([G(family), H(family)], { smoothing: 1 }).at(0, 1);
      const other = spread({ smoothing: { ...smoothing, convolved: (parameter) => parameter } });
      close(smoothed(other), l2Distance(G(own), H(own)));
      expect(smoothed(own)).not.toBe(smoothed(other));
    });

  /** What needs each function of the contract, of a mixture that was made before it was changed. */
  const uses: Readonly<Record<string, (changed: Family, before: Mixture) => unknown>> = {
    parameter: (family) => G(family),
    dimension: (family) => G(family),
    size: (family) => mixtureFromVector(mixtureToVector(G(own)), { family, order: 2, dimension: d }),
    toVector: (_, before) => mixtureToVector(before),
    fromVector: (family) => mixtureFromVector(mixtureToVector(one(own)), { family, order: 1, dimension: d }),
    toJSON: (_, before) => JSON.stringify(before),
    requireSupport: (_, before) => classify(before, table),
    logDensity: (_, before) => logDensity(before, table),
    sampler: (_, before) => sample(before, 1, 1),
    localProblem: (family) => fit(table, { family, order: 1 }),
    clusterScale: (family) => fit(table, { family, order: 1 }),
    notes: (family) => fit(table, { family, order: 1, maxIterations: 1 }),
    logInnerProduct: (_, before) => l2Distance(before, before),
    divergence: (_, before) => reduce([before], { start: before }),
    barycentre: (_, before) => reduce([before], { start: before }),
    groundDistance: (_, before) => wasserstein1(before, before),
    tie: (family) => G(family),
    sharedSize: (_, before) => freeParameters(before),
  };

  it('with any function changed, uses that one', () => {
    const functions = Object.entries(own).filter(([, value]) => typeof value === 'function');
    expect(functions.length).toBeGreaterThan(12);
    for (const [key] of functions) {
      const changed = spread({
        [key]: () => {
          throw CHANGED;
        },
      });
      const before = { ...G(own), family: changed, toJSON: G(own).toJSON } as Mixture;
      expect(() => uses[key](changed, before), key).toThrow(CHANGED.message);
    }
  });
});
