import { describe, expect, it } from 'vitest';
import { wasserstein1 } from '../distance/transport-divergence';
import { InvalidInput } from '../errors';
import { fit } from '../estimate/fit';
import { type Example, examples, examplesOfConstant } from '../families/examples.fixture';
import { type FamilyName, familyOf } from '../families/families-registry';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { randomOrder, randomStream } from '../math/random';
import { gaussianMixture, tiedGaussianMixture } from '../mixture/constructors';
import { type Mixture, mixture, mixtureFromJSON, mixtureToVector } from '../mixture/mixture';
import { bell } from '../mixture/mixtures.fixture';
import { sample } from '../mixture/sample';
import { fail } from '../simulate/fail';
import { arenaPopulations } from '../study/arena-designs';
import { coverageOf } from '../theory/coverage.fixture';
import { standardErrors } from '../theory/standard-errors';
import { type Components, dfmrComponents, mixturesOfMachines } from './components';
import { reduce } from './reduce';

type Sent<P = unknown> = { readonly mixture: Mixture<P>; readonly sampleSize: number };

const fitsOf = <P>(truth: Mixture<P>, m: number, n: number, seed: number | string): Sent<P>[] =>
  Array.from({ length: m }, (_, i) => ({
    mixture: fit<P>(sample(truth, n, `${seed}, machine ${i}`).data, { start: truth }).mixture,
    sampleSize: n,
  }));

const reordered = <P>({ family, weights, parameters }: Mixture<P>, order: ArrayLike<number>): Mixture<P> =>
  mixture(family, Array.from(order, (k) => weights[k]), Array.from(order, (k) => parameters[k])); // biome-ignore format: short

/** W₁ to the truth over that of the reduction of the honest estimates. */
function overOracle(found: Components<unknown>, honest: readonly Sent[], truth: Mixture): number {
  const best = reduce(honest, { start: truth }).mixture;
  return wasserstein1(found.mixture, truth) / wasserstein1(best, truth);
}

/** The W₁ of mixtures whose components lie apart, relative to their size: for what is the same up to rounding. */
const near = (G: Mixture, H: Mixture) => wasserstein1(G, H);

const line = (weights: number[], means: number[], variances: number[] = means.map(() => 1)) =>
  gaussianMixture({ weights, means: means.map((x) => [x]), covariances: variances.map((v) => [[v]]) });

describe('no minority moves the result:', () => {
  const populations = Object.entries(arenaPopulations());

  it.each(populations)('%s: one machine of twenty, or eight, that send a component away', (name, json) => {
    const truth = mixtureFromJSON(json);
    const fits = fitsOf(truth, 20, 500, name);
    const ratios: number[] = [];
    for (const kind of ['move(1)', 'move(10)', 'move(1000)', 'move(1000000)', 'drop(0.03)', 'drop(1e-6)', 'move-together(100000)']) {
      for (const fraction of [0.05, 0.4]) {
        const { estimates, failed } = fail(fits, { kind, fraction, seed: 1 });
        const honest = fits.filter((_, i) => !failed.includes(i));
        ratios.push(overOracle(dfmrComponents(estimates as Sent[]), honest, truth));
      }
    }
    expect(ratios).toHaveLength(14);
    for (const ratio of ratios) expect(ratio).toBeLessThan(3);
  }); // biome-ignore format: short

  it('nor do components that are so light and wide that any error of theirs is believed', () => {
    // Jeffreys divergences are not Euclidean that far away: honest ones lay at a distance of 0 from a mean of such ones
    const truth = mixtureFromJSON(arenaPopulations()['d = 2, K = 3, one light']);
    const fits = fitsOf(truth, 20, 2000, 'vacuous');
    const liars = Array.from({ length: 8 }, (_, i) => {
      const by = 1 + i / 50;
      const round = (variance: number) => [[variance * by, 0], [0, variance / by]];
      return {
        mixture: gaussianMixture({
          weights: [1e-9, 1 - 1e-9 - 8e-7, 8e-7],
          means: [[4.5 * by, -10], [12 * by, -2], [11.5 * by, 7.8]],
          covariances: [round(0.0015), round(250), round(2300)],
        }),
        sampleSize: 2000,
      };
    });
    const found = dfmrComponents<unknown>([...liars, ...fits.slice(8)]);
    expect(found.keptComponents.subarray(0, 24)).toEqual(new Uint8Array(24));
    expect(overOracle(found as ReturnType<typeof dfmrComponents>, fits.slice(8), truth)).toBeLessThan(1.1);
  }); // biome-ignore format: short

  it('and of two that sent the same and one that did not, nobody is accused', () => {
    const [one, other] = fitsOf(line([0.4, 0.6], [0, 6]), 2, 300, 'twice');
    const found = dfmrComponents([one, one, other]);
    expect(found.setAside).toEqual([]);
    expect(found.copies).toEqual([{ machine: 1, of: 0 }]);
  });

  it('if nobody fails, hardly anything is lost', () => {
    for (const [name, json] of populations) {
      const truth = mixtureFromJSON(json);
      const fits = fitsOf(truth, 20, 500, `${name}, honest`);
      const found = dfmrComponents(fits);
      expect(overOracle(found, fits, truth)).toBeLessThan(1.15);
      expect(found.keptComponents.filter((one) => one === 0).length).toBeLessThanOrEqual(4);
    }
  });

  it('though every machine has one wrong component', () => {
    const truth = mixtureFromJSON(arenaPopulations()['d = 10, K = 5, MixSim 0.3']);
    const fits = fitsOf(truth, 20, 2000, 'partly');
    // with seed 3, eleven of twenty have a wrong component 1, and nothing can help
    for (const seed of [1, 2, 4]) {
      const { estimates } = fail(fits, { kind: 'mean', components: 1, fraction: 1, seed });
      expect(overOracle(dfmrComponents(estimates as Sent[]), fits, truth)).toBeLessThan(1.25);
    }
  });
});

describe('the answer does not depend on', () => {
  const truth = mixtureFromJSON(arenaPopulations()['d = 2, K = 3, one light']) as Mixture<GaussianParameter>;
  const fits = fitsOf(truth, 15, 1000, 'equivariance');
  const sent = fail(fits, { kind: 'move(50)', fraction: 0.3, seed: 1 }).estimates as Sent<GaussianParameter>[];
  const found = dfmrComponents(sent);
  /** Used by machine and true kind: what each machine's own component l was used. */
  const usedOf = ({ keptComponents, assignment, keptWeights }: Components<unknown>, i: number) => {
    const own: number[] = [0, 0, 0];
    for (let k = 0; k < 3; k++) own[assignment[i * 3 + k]] = keptComponents[i * 3 + k];
    return [...own, keptWeights[i]];
  };

  it('the order of the machines', () => {
    for (const seed of [1, 2, 3]) {
      const order = randomOrder(15, seed);
      const other = dfmrComponents(Array.from(order, (i) => sent[i]));
      expect(near(other.mixture, found.mixture)).toBeLessThan(1e-9);
      order.forEach((i, r) => {
        expect(usedOf(other, r)).toEqual(usedOf(found, i));
      });
    }
  });

  it('the order of the components', () => {
    const orders = sent.map((_, i) => randomOrder(3, `components of ${i}`));
    const other = dfmrComponents(sent.map(({ mixture: G, ...rest }, i) => ({ ...rest, mixture: reordered(G, orders[i]) }))); // biome-ignore format: short
    expect(near(other.mixture, found.mixture)).toBeLessThan(1e-9);
    orders.forEach((order, i) => {
      const [of, expected] = [usedOf(other, i), usedOf(found, i)];
      expect([...Array.from(order, (k) => expected[k]), expected[3]]).toEqual(of);
    });
  });

  const transformed = (A: readonly [number, number, number, number], b: readonly [number, number]) => {
    const [p, q, r, s] = A;
    return ({ weights, parameters }: Mixture<GaussianParameter>) =>
      gaussianMixture({
        weights,
        means: parameters.map(({ mean: [x, y] }) => [p * x + q * y + b[0], r * x + s * y + b[1]]),
        covariances: parameters.map(({ covariance: [u, v, , w] }) => {
          const across = p * r * u + (p * s + q * r) * v + q * s * w;
          return [
            [p * p * u + 2 * p * q * v + q * q * w, across],
            [across, r * r * u + 2 * r * s * v + s * s * w],
          ];
        }),
      });
  };

  it.each<[string, readonly [number, number, number, number], readonly [number, number], number]>([
    ['units of the features', [1e3, 0, 0, 1e-3], [7, -2], 1e3],
    ['a rotation', [0.6, -0.8, 0.8, 0.6], [0, 0], 1],
    ['any affine map', [2, 1, -0.5, 3], [100, 1], 3],
  ])('%s', (_, A, b, size) => {
    const map = transformed(A, b);
    const other = dfmrComponents(sent.map(({ mixture: G, ...rest }) => ({ ...rest, mixture: map(G) })));
    expect([...other.keptComponents]).toEqual([...found.keptComponents]);
    expect([...other.keptWeights]).toEqual([...found.keptWeights]);
    expect([...other.kept]).toEqual([...found.kept]);
    expect(near(other.mixture, map(found.mixture))).toBeLessThan(1e-6 * size);
    expect(found.setAside.length).toBeGreaterThan(0);
  }); // biome-ignore format: table

  it.each<[FamilyName, (theta: Record<string, number>) => Record<string, number>]>([
    ['gamma', ({ shape, scale }) => ({ shape, scale: 1000 * scale })],
    ['log-normal', ({ location, scale }) => ({ location: location + Math.log(1000), scale })],
    ['exponential', ({ mean }) => ({ mean: 1000 * mean })],
    ['rayleigh', ({ scale }) => ({ scale: 1000 * scale })],
  ])('the unit of what a %s mixture is of', (name, scaled) => {
    const { honest } = examples[name as keyof typeof examples] as Example;
    const family = familyOf(name);
    const G = mixture(family, honest.weights as number[], honest.parameters as never[]);
    const estimates = fitsOf(G as Mixture, 11, 1000, name);
    const lied = fail(estimates, { kind: 'move(30)', fraction: 0.3, seed: 2 }).estimates as Sent[];
    const inUnits = lied.map(({ mixture: { weights, parameters }, sampleSize }) => ({
      sampleSize,
      mixture: mixture(family, weights, parameters.map((theta) => scaled(theta as Record<string, number>)) as never[]) as Mixture,
    }));
    const [one, other] = [dfmrComponents(lied), dfmrComponents(inUnits)];
    expect([...other.keptComponents]).toEqual([...one.keptComponents]);
    one.distances.forEach((distance, i) => {
      expect(other.distances[i] / distance || 1).toBeCloseTo(1, 5);
    });
  }); // biome-ignore format: short
});

describe('of few machines', () => {
  const pair = (i: number, far = 0) => ({
    mixture: line([0.4, 0.6], [0.02 * Math.sin(i), 5 + 0.02 * Math.cos(i) + far]),
    sampleSize: 1000,
  });

  it('one says all', () => {
    const { mixture: G, kept, setAside, notes } = dfmrComponents([pair(1)]);
    expect([[...kept], setAside, notes]).toEqual([[0], [], []]);
    expect(near(G, pair(1).mixture)).toBeLessThan(1e-9);
  });

  it('two, or two against two, cannot outvote each other: nobody is set aside, and a note says so', () => {
    for (const fars of [[0, 100], [0, 0, 100, 100]]) {
      const { kept, setAside, keptComponents, notes } = dfmrComponents(fars.map((far, i) => pair(i, far)));
      expect([...kept]).toEqual([...fars.keys()]);
      expect(setAside).toEqual([]);
      expect([...keptComponents]).toEqual(new Array(2 * fars.length).fill(1));
      expect(notes.join('\n')).toMatch(new RegExp(`^${fars.length} machines disagree about component \\d, and none can`, 'm'));
    }
  }); // biome-ignore format: short

  it('two that agree are both used, in whatever order their components are', () => {
    const [one, other] = [pair(0), { ...pair(1), mixture: reordered(pair(1).mixture, [1, 0]) }];
    const { mixture: G, notes, setAside } = dfmrComponents([one, other]);
    expect([notes, setAside]).toEqual([[], []]);
    const means = G.parameters.map(({ mean }) => mean[0]).sort((a, b) => a - b);
    expect(means[0]).toBeCloseTo((0.02 * (Math.sin(0) + Math.sin(1))) / 2, 6);
    expect(means[1]).toBeCloseTo(5 + (0.02 * (Math.cos(0) + Math.cos(1))) / 2, 6);
  });

  it('three outvote one', () => {
    const { setAside } = dfmrComponents([pair(0), pair(1), pair(2), pair(3, 100)]);
    expect(setAside.map(({ machine }) => machine)).toContain(3);
    expect(setAside.every(({ machine }) => machine === 3)).toBe(true);
  });

  it('of one component each, too', () => {
    const { kept, setAside, keptWeights } = dfmrComponents([0, 0.1, -0.1, 0.05, 90].map((shift) => bell(shift)));
    expect([...kept]).toEqual([0, 1, 2, 3]);
    expect(setAside).toEqual([{ machine: 4, reason: expect.stringMatching(/^1 of its 1 components/) }]);
    expect([...keptWeights].slice(0, 4)).toEqual([1, 1, 1, 1]);
  });
});

describe('every family of the registry', () => {
  const { multinomial, categorical, 'negative-binomial': counts } = examplesOfConstant;
  const all = Object.entries<Example>({ ...examples, ...counts, ...multinomial, ...categorical });
  it.each(all)('%s: four of eleven lie', (name, { honest, failed }) => {
    const family = familyOf(name as FamilyName);
    const of = ({ weights, parameters }: Example['honest']) =>
      mixture<unknown>(family as never, weights as number[], parameters as never[]);
    const [truth, lie] = [of(honest), of(failed)];
    const estimates = [...fitsOf(truth, 7, 2000, name), ...fitsOf(lie, 4, 2000, `${name}, lies`)];
    const { kept, keptComponents, mixture: G } = dfmrComponents(estimates);
    const { order: K } = truth;
    const used = (from: number, to: number) =>
      keptComponents.subarray(from * K, to * K).reduce((sum, one) => sum + one, 0);
    expect(used(0, 7)).toBeGreaterThanOrEqual(7 * K - 2);
    expect([...kept].filter((i) => i >= 7)).toEqual([]);
    expect(G.family.name).toBe(family.name);
    expect(overOracle(dfmrComponents(estimates), estimates.slice(0, 7), truth)).toBeLessThan(2);
  });

  it('tied components stay tied', () => {
    const truth = tiedGaussianMixture({ weights: [0.4, 0.6], means: [[0, 0], [6, 1]], covariance: [[2, 0.3], [0.3, 1]] });
    const { mixture: G } = dfmrComponents(fitsOf(truth, 9, 500, 'tied'));
    const [one, other] = G.parameters;
    expect(one.covariance).toEqual(other.covariance);
    expect(one.covariance[0]).toBeGreaterThan(1.7);
  }); // biome-ignore format: short
});

describe('what is found of the machines', () => {
  const truth = line([0.3, 0.7], [0, 8], [1, 2]);
  const fits = fitsOf(truth, 20, 1000, 'found');

  it('copies count once, and are named', () => {
    const lie = line([0.4, 0.6], [0, 9]);
    const copied = fits.map((one, i) => {
      if (i < 12) return one;
      const jitter = 1e-7 * Math.sin(i);
      return { ...one, mixture: line([0.4, 0.6], [jitter, 9 - jitter]) };
    });
    const found = dfmrComponents(copied);
    expect(found.copies).toEqual([13, 14, 15, 16, 17, 18, 19].map((machine) => ({ machine, of: 12 })));
    expect(overOracle(found, fits.slice(0, 12), truth)).toBeLessThan(1.3);
    expect(near(found.mixture, lie)).toBeGreaterThan(0.3);
    expect(dfmrComponents(fits).copies).toEqual([]);
  });

  it('honest machines of which as many rows are of one kind are no copies', () => {
    // components that do not overlap: a weight is a count over n, and of twenty counts some are equal
    const apart = line([0.5, 0.5], [0, 90]);
    for (const seed of [1, 2, 3]) {
      const few = fitsOf(apart, 20, 200, `counts ${seed}`);
      expect(new Set(few.map(({ mixture: G }) => G.weights[0].toFixed(6))).size).toBeLessThan(20);
      expect(dfmrComponents(few).copies).toEqual([]);
    }
  });

  it('half that agree more closely than honest ones can are noted', () => {
    const tight = fits.map((one, i) => {
      if (i < 8) return one;
      const step = Math.sin(7 * i) / 400; // a tenth of a standard error
      return { ...one, mixture: line([0.3 + step / 10, 0.7 - step / 10], [step, 8 + Math.cos(5 * i) / 400], [1 + step, 2 - step]) };
    });
    expect(dfmrComponents(tight).notes.join('\n')).toMatch(/agree about .* more closely than honest ones/);
    expect(dfmrComponents(fits).notes).toEqual([]);
  }); // biome-ignore format: short

  it('machines of other proportions are not set aside: weights differ, and each has its own mixture', () => {
    const shares = fits.map((_, i) => 0.1 + (0.8 * i) / 19);
    const hospitals = shares.map((share, i) => fitsOf(line([share, 1 - share], [0, 8], [1, 2]), 1, 1000, `hospital ${i}`)[0]);
    const found = dfmrComponents(hospitals);
    expect([found.weightsDiffer, found.setAside]).toEqual([true, []]);
    expect(found.notes.join()).toContain('mixturesOfMachines');
    const own = mixturesOfMachines(hospitals, found);
    own.forEach(({ weights, parameters }, i) => {
      expect(parameters).toBe(found.mixture.parameters);
      const low = parameters[0].mean[0] < 4 ? 0 : 1;
      expect(Math.abs(weights[low] - shares[i])).toBeLessThan(0.07); // four standard errors
    });
    expect(dfmrComponents(fits).weightsDiffer).toBe(false);
  }); // biome-ignore format: short

  it('set aside are components by the machine’s own number; what is used is in the mixture', () => {
    const orders = fits.map((_, i) => (i % 2 === 0 ? [0, 1] : [1, 0]));
    const sent = fits.map(({ mixture: G, sampleSize }, i) => {
      const { weights, parameters } = reordered(G, orders[i]);
      const far = { mean: [500 + 50 * i], covariance: [[1]] };
      const given = parameters.map((theta, l) => (i < 4 && orders[i][l] === 1 ? far : theta));
      return { mixture: mixture<GaussianParameter>('gaussian', weights, given as GaussianParameter[]), sampleSize };
    });
    const found = dfmrComponents(sent);
    expect(found.setAside.map(({ machine, component }) => [machine, component])).toEqual(
      [0, 1, 2, 3].map((i) => [i, orders[i].indexOf(1)]),
    );
    for (const { component, reason } of found.setAside) expect(reason).toContain(`its component ${component} lies`);
    expect([...found.kept]).toEqual([...fits.keys()]);
    // the barycentre by hand: weighted by rows, so the mean of means, and variances within and between
    const { parameters, weights } = found.mixture;
    parameters.forEach(({ mean, covariance }, k) => {
      const own = sent.flatMap(({ mixture: G }, i) => {
        const l = found.assignment[i * 2 + k];
        return found.keptComponents[i * 2 + k] ? [{ theta: G.parameters[l], mass: G.weights[l] * 1000 }] : [];
      });
      expect(own.length).toBe(weights[k] > 0.5 ? 16 : 20);
      const all = own.reduce((sum, { mass }) => sum + mass, 0);
      const average = (of: (theta: GaussianParameter) => number) =>
        own.reduce((sum, { theta, mass }) => sum + (mass / all) * of(theta), 0);
      const centre = average((theta) => theta.mean[0]);
      expect(mean[0]).toBeCloseTo(centre, 9);
      expect(covariance[0]).toBeCloseTo(
        average((theta) => theta.covariance[0] + (theta.mean[0] - centre) ** 2),
        9,
      );
    });
    expect(weights[0] + weights[1]).toBeCloseTo(1, 12);
  });

  it('kept are the machines of which a component is used', () => {
    const { estimates } = fail(fits, { kind: 'mean', fraction: 0.3, seed: 3 });
    const { kept, keptComponents, setAside } = dfmrComponents(estimates);
    expect([...kept]).toEqual([...fits.keys()].filter((i) => keptComponents[2 * i] || keptComponents[2 * i + 1]));
    for (const i of fits.keys()) {
      const whole = keptComponents[2 * i] && keptComponents[2 * i + 1];
      expect(setAside.some(({ machine, component }) => machine === i && component !== undefined)).toBe(!whole && kept.includes(i)); // biome-ignore format: short
    }
  });
});

describe('standard errors', () => {
  it('cover the truth 95 times in 100, whether nobody lies or a share of 0.2 does', () => {
    const truth = line([0.4, 0.6], [0, 6]);
    const vector = mixtureToVector(truth);
    const R = 165;
    const fractions = [0, 0.2];
    const squares = fractions.map(() => 0);
    for (let seed = 0; seed < R; seed++) {
      const fits = fitsOf(truth, 10, 300, `coverage ${seed}`);
      fractions.forEach((fraction, f) => {
        const { estimates } = fail(fits, { kind: 'mean', fraction, seed });
        const found = dfmrComponents(estimates as Sent<GaussianParameter>[]);
        const own = found.mixture.parameters[0].mean[0] < 3 ? found.mixture : undefined;
        const errors = standardErrors(found);
        // in the order of the truth: the weight of the first, then mean and variance of each
        const at = own ? [0, 1, 2, 3, 4] : [0, 3, 4, 1, 2];
        const estimate = mixtureToVector(found.mixture);
        vector.forEach((value, j) => {
          const off = j === 0 && !own ? 1 - estimate[0] - value : estimate[at[j]] - value;
          squares[f] += (off / errors[at[j]]) ** 2 / vector.length / R;
        });
      });
    }
    for (const square of squares) {
      expect(coverageOf(square)).toBeGreaterThan(0.93);
      expect(coverageOf(square)).toBeLessThan(0.97);
    }
  });

  it('need sample sizes, and are of the rows that were used', () => {
    const truth = line([0.5, 0.5], [0, 9]);
    const fits = fitsOf(truth, 10, 800, 'rows');
    expect(dfmrComponents(fits.map(({ mixture: G }) => G)).rowsBehind).toBeUndefined();
    const { rowsBehind } = dfmrComponents(fits);
    expect(rowsBehind?.weights).toBeCloseTo(8000, -1);
    const { estimates } = fail(fits, { kind: 'mean', components: 1, fraction: 0.4, seed: 1 });
    const { rowsBehind: fewer, keptComponents } = dfmrComponents(estimates as Sent[]);
    [0, 1].forEach((k) => {
      const used = [...fits.keys()].filter((i) => keptComponents[2 * i + k]).length;
      expect(Number(fewer?.components[k]) / (800 * used)).toBeCloseTo(1, 1);
    });
  });
});

describe('throws', () => {
  it.each<[string, Mixture[], RegExp]>([
    ['no estimates', [], /the list of mixtures is empty/],
    ['another order', [line([1], [0]), line([0.5, 0.5], [0, 9])], /components|order/],
    ['another dimension', [bell(0), gaussianMixture({ weights: [1], means: [[0, 0]], covariances: [[[1, 0], [0, 1]]] })], /dimension/],
  ])('for %s', (_, estimates, message) => {
    expect(() => dfmrComponents(estimates)).toThrow(InvalidInput);
    expect(() => dfmrComponents(estimates)).toThrow(message);
  }); // biome-ignore format: short

  it('for sizes that are not', () => {
    expect(() => dfmrComponents([bell(0), bell(1)], { sampleSizes: [1] })).toThrow(/2 estimates need as many/);
    expect(() => dfmrComponents([bell(0), bell(1)], { sampleSizes: [1, -1] })).toThrow(InvalidInput);
  });
});

it('what is random in theory is not in the result', () => {
  const random = randomStream(1, 'again');
  const fits = Array.from({ length: 6 }, () => line([0.5, 0.5], [random(), 9 + random()]));
  expect(dfmrComponents(fits)).toEqual(dfmrComponents(fits));
});
