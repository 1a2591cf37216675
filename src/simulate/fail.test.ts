import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GammaParameter } from '../families/gamma';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { symmetricEigen } from '../math/linear-algebra';
import { randomStream } from '../math/random';
import { gammaMixture, gaussianMixture } from '../mixture/constructors';
import type { Estimate } from '../mixture/given';
import { type Mixture, mixture } from '../mixture/mixture';
import { bell, drawnMixture, unrelated } from '../mixture/mixtures.fixture';
import { type FailOptions, type FailureKind, fail } from './fail';
import type { Failure, Situation } from './failure';
import { isPortableFailure, registerFailure } from './failure-registry';

const bells = (m: number) => Array.from({ length: m }, (_, i) => bell(i));
const gammas = (m: number, order = 2): Mixture<GammaParameter>[] =>
  Array.from({ length: m }, (_, i) =>
    gammaMixture({
      weights: new Array(order).fill(1 / order),
      shapes: Array.from({ length: order }, (_, k) => 20 + k + i / m),
      scales: Array.from({ length: order }, (_, k) => 1 + k + i / m),
    }),
  );
const mixturesOf = <P>(estimates: readonly Estimate<P>[]) => estimates as readonly Mixture<P>[];

/** How far a sum of n independent values is from its expectation, in standard deviations. */
const z = (values: number[], mean: number, variance: number) =>
  Math.abs(values.reduce((sum, value) => sum + value - mean, 0)) / Math.sqrt(values.length * variance);

describe('the machines that fail', () => {
  it.each([
    [0, 10, 0],
    [1, 10, 10],
    [0.29, 100, 29],
    [0.3, 10, 3],
    [0.57, 100, 57],
    [0.39, 10, 3],
    [0.0999, 10, 0],
    [0.99, 1, 0],
  ])('are, of the share %d of %d, %d', (fraction, m, count) => {
    expect(fail(bells(m), { kind: 'mean', fraction, seed: 1 }).failed.length).toBe(count);
  });

  it('are told ascending, and the others are passed through untouched', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 30 }), fc.integer({ min: 0, max: 30 }), (seed, m, k) => {
        fc.pre(k <= m);
        const estimates = bells(m);
        const { estimates: sent, failed } = fail(estimates, { kind: 'mean', fraction: k / m, seed });
        expect([...failed]).toEqual([...new Set(failed)].sort((a, b) => a - b));
        expect(failed.length).toBe(k);
        expect([...failed].every((i) => i >= 0 && i < m)).toBe(true);
        expect(sent.length).toBe(m);
        sent.forEach((estimate, i) => {
          if (failed.includes(i)) expect(estimate).not.toEqual(estimates[i]);
          else expect(estimate).toBe(estimates[i]);
        });
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  it('are any of them, as often one as another', () => {
    const [m, seeds] = [5, 500];
    const counts = new Array(m).fill(0);
    for (let seed = 0; seed < seeds; seed++) {
      for (const i of fail(bells(m), { kind: 'weight', fraction: 0.4, seed }).failed) counts[i]++;
    }
    for (const count of counts) expect(Math.abs(count - 0.4 * seeds)).toBeLessThan(4 * Math.sqrt(0.24 * seeds));
  });

  it('are the same for a seed, and send the same', () => {
    const estimates = unrelated(1, 12, 3, 2);
    const run = (seed: FailOptions['seed']) =>
      JSON.stringify(fail(estimates, { kind: 'covariance', fraction: 0.5, components: 2, seed }));
    expect(run(7)).toBe(run(7));
    expect(run('a word')).toBe(run('a word'));
    expect(new Set([1, 2, 3, 'a word'].map(run)).size).toBe(4);
  });

  it('leave the list and the mixtures as they were', () => {
    const estimates = unrelated(1, 4, 2, 2);
    const before = JSON.stringify(estimates);
    const copy = [...estimates];
    for (const kind of ['mean', 'covariance', 'weight'] as const) fail(estimates, { kind, fraction: 1, seed: 1 });
    expect(JSON.stringify(estimates)).toBe(before);
    estimates.forEach((estimate, i) => {
      expect(estimate).toBe(copy[i]);
    });
  });

  it('keep their sample sizes, and nothing else of a fit', () => {
    const fits = bells(4).map((mixture, i) => ({ mixture, sampleSize: 100 + i, logLikelihood: -5 }));
    const { estimates } = fail<GaussianParameter>(fits, { kind: 'mean', fraction: 1, seed: 1 });
    estimates.forEach((estimate, i) => {
      expect(Object.keys(estimate).sort()).toEqual(['mixture', 'sampleSize']);
      expect((estimate as (typeof fits)[0]).sampleSize).toBe(100 + i);
      expect((estimate as (typeof fits)[0]).mixture.parameters[0].mean[0]).not.toBe(i);
    });
  });

  it('fail in a way that does not depend on the others', () => {
    const estimates = unrelated(1, 10, 3, 2);
    const others = estimates.map((estimate, i) => (i === 4 ? estimate : unrelated(2, 10, 3, 2)[i]));
    for (const kind of ['mean', 'covariance', 'weight'] as const) {
      const sent = (list: Mixture<GaussianParameter>[], fraction: number) =>
        fail(list, { kind, fraction, seed: 3 }).estimates;
      const all = sent(estimates, 1);
      expect(JSON.stringify(sent(others, 1)[4])).toBe(JSON.stringify(all[4]));
      expect(JSON.stringify(sent(estimates.slice(0, 5), 1)[4])).toBe(JSON.stringify(all[4]));
      const { estimates: half, failed } = fail(estimates, { kind, fraction: 0.5, seed: 3 });
      for (const i of failed) expect(JSON.stringify(half[i])).toBe(JSON.stringify(all[i]));
    }
  });
});

describe('fail by', () => {
  const failedAll = <P>(estimates: Mixture<P>[], kind: FailureKind<P>, components?: number) =>
    mixturesOf(fail(estimates, { kind, fraction: 1, components, seed: 1 }).estimates);

  it('means whose entries are from N(0, 100²)', () => {
    const estimates = unrelated(1, 200, 3, 2);
    const sent = failedAll(estimates, 'mean');
    const entries = sent.flatMap(({ parameters }) => parameters.flatMap(({ mean }) => [...mean]));
    expect(entries.length).toBe(1200);
    expect(new Set(entries).size).toBe(1200);
    expect(z(entries, 0, 100 ** 2)).toBeLessThan(4);
    const squares = entries.map((entry) => (entry / 100) ** 2);
    expect(z(squares, 1, 2)).toBeLessThan(4);
    const central = entries.map((entry) => Number(Math.abs(entry) < 67.44897501960817)); // the quartiles
    expect(z(central, 0.5, 0.25)).toBeLessThan(4);
    sent.forEach(({ weights, parameters }, i) => {
      expect(weights).toEqual(estimates[i].weights);
      parameters.forEach(({ covariance }, k) => {
        expect(covariance).toEqual(estimates[i].parameters[k].covariance);
      });
    });
  });

  it.each([1, 2, 4])('covariances with noise d⁻² Σ ξ ξᵀ, in %d dimensions', (d) => {
    const estimates = unrelated(1, 200, 2, d);
    const sent = failedAll(estimates, 'covariance');
    const [diagonal, off]: [number[], number[]] = [[], []];
    sent.forEach(({ weights, parameters }, i) => {
      expect(weights).toEqual(estimates[i].weights);
      parameters.forEach(({ mean, covariance }, k) => {
        expect(mean).toEqual(estimates[i].parameters[k].mean);
        const noise = covariance.map((entry, ab) => entry - estimates[i].parameters[k].covariance[ab]);
        expect(symmetricEigen(noise, d).values[0]).toBeGreaterThan(-1e-14);
        noise.forEach((entry, ab) => {
          const [a, b] = [Math.floor(ab / d), ab % d];
          if (a === b) diagonal.push(entry);
          if (a < b) off.push(entry);
        });
      });
    });
    // d² times an entry: χ²(d) on the diagonal, mean 0 and variance d elsewhere
    expect(z(diagonal, 1 / d, 2 / d ** 3)).toBeLessThan(4);
    const spread = diagonal.map((entry) => (d * d * entry - d) ** 2);
    expect(z(spread, 2 * d, 8 * d * d + 48 * d)).toBeLessThan(4); // χ²(d): fourth central moment 12 d² + 48 d
    if (d > 1) expect(z(off, 0, 1 / d ** 3)).toBeLessThan(4);
  });

  it('weights from a Dirichlet distribution with parameters from 10 to 20', () => {
    const estimates = unrelated(1, 500, 4, 1);
    const sent = failedAll(estimates, 'weight');
    // the moments of the weight of 11⁴ equally likely parameters, by NumPy
    const [variance, rest] = [0.005205363553396617, 7.935149e-5];
    for (const k of [0, 1, 2, 3]) {
      const weights = sent.map((mixture) => mixture.weights[k]);
      expect(z(weights, 0.25, variance)).toBeLessThan(4);
      const squares = weights.map((weight) => (weight - 0.25) ** 2);
      expect(z(squares, variance, rest - variance ** 2)).toBeLessThan(4);
    }
    sent.forEach(({ weights, parameters }, i) => {
      expect(Math.abs(weights.reduce((a, b) => a + b) - 1)).toBeLessThan(1e-12);
      expect(parameters).toEqual(estimates[i].parameters);
    });
  });

  it('shapes from U(1, 10)', () => {
    const estimates = gammas(400, 3);
    const sent = failedAll(estimates, 'shape');
    const shapes = sent.flatMap(({ parameters }) => parameters.map(({ shape }) => shape));
    expect(Math.min(...shapes)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...shapes)).toBeLessThanOrEqual(10);
    expect(z(shapes, 5.5, 81 / 12)).toBeLessThan(4);
    expect(
      z(
        shapes.map((shape) => (shape - 5.5) ** 2),
        6.75,
        9 ** 4 / 180,
      ),
    ).toBeLessThan(4);
    sent.forEach(({ weights, parameters }, i) => {
      expect(weights).toEqual(estimates[i].weights);
      expect(parameters.map(({ scale }) => scale)).toEqual(estimates[i].parameters.map(({ scale }) => scale));
    });
  });

  it('scales that are larger by U(0, 10)', () => {
    const estimates = gammas(400, 3);
    const sent = failedAll(estimates, 'scale');
    const more = sent.flatMap(({ parameters }, i) =>
      parameters.map(({ scale }, k) => scale - estimates[i].parameters[k].scale),
    );
    expect(Math.min(...more)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...more)).toBeLessThanOrEqual(10);
    expect(z(more, 5, 100 / 12)).toBeLessThan(4);
    expect(
      z(
        more.map((one) => (one - 5) ** 2),
        100 / 12,
        1e4 / 180,
      ),
    ).toBeLessThan(4);
    sent.forEach(({ weights, parameters }, i) => {
      expect(weights).toEqual(estimates[i].weights);
      expect(parameters.map(({ shape }) => shape)).toEqual(estimates[i].parameters.map(({ shape }) => shape));
    });
  });

  it.each([1, 2, 3, 4])('%d components of four, any of them', (components) => {
    const estimates = unrelated(1, 300, 4, 1);
    const sent = failedAll(estimates, 'mean', components);
    const counts = new Array(4).fill(0);
    sent.forEach(({ parameters }, i) => {
      const wrong = parameters.map(({ mean }, k) => Number(mean[0] !== estimates[i].parameters[k].mean[0]));
      expect(wrong.reduce((a, b) => a + b)).toBe(components);
      wrong.forEach((one, k) => {
        counts[k] += one;
      });
    });
    const share = components / 4;
    for (const count of counts) {
      expect(Math.abs(count - 300 * share)).toBeLessThanOrEqual(4 * Math.sqrt(300 * share * (1 - share)));
    }
  });

  it('all components of each machine, where the machines have not as many', () => {
    const estimates = [drawnMixture(1, 2, 1), drawnMixture(2, 5, 1)];
    failedAll(estimates, 'mean').forEach(({ parameters }, i) => {
      parameters.forEach(({ mean }, k) => {
        expect(mean[0]).not.toBe(estimates[i].parameters[k].mean[0]);
      });
    });
  });
});

describe("fail by a user's function", () => {
  it('which has the mixture and a stream of random numbers, and is asked of the machines that fail', () => {
    const estimates = bells(6);
    const asked: Mixture<GaussianParameter>[] = [];
    const run = () =>
      fail(estimates, {
        kind: (mixture: Mixture<GaussianParameter>, random) => {
          asked.push(mixture);
          return bell(random());
        },
        fraction: 0.5,
        seed: 1,
      });
    const { estimates: sent, failed } = run();
    expect(asked).toEqual([...failed].map((i) => estimates[i]));
    const means = [...failed].map((i) => (sent[i] as Mixture<GaussianParameter>).parameters[0].mean[0]);
    for (const mean of means) expect(mean >= 0 && mean < 1).toBe(true);
    expect(new Set(means).size).toBe(3);
    expect(run()).toEqual({ estimates: sent, failed });
  });

  it('keeps the sample size', () => {
    const fits = bells(2).map((mixture) => ({ mixture, sampleSize: 7 }));
    const { estimates } = fail<GaussianParameter>(fits, { kind: () => bell(9), fraction: 1, seed: 1 });
    expect(estimates).toEqual([0, 1].map(() => ({ mixture: bell(9), sampleSize: 7 })));
  });

  it.each<[string, unknown, RegExp]>([
    ['family', gammas(1)[0], /machine \d.*gamma/],
    ['dimension', drawnMixture(1, 1, 2), /machine \d.*2/],
    ['kind, not a mixture', { mean: 1 }, /machine \d/],
  ])('is refused where what it returns is of another %s', (_, wrong, message) => {
    const kind = (() => wrong) as FailureKind<GaussianParameter>;
    expect(() => fail(bells(3), { kind, fraction: 0.4, seed: 1 })).toThrow(message);
  });
});

describe('a failure of the registry', () => {
  registerFailure({ name: 'first-of-own', send: ({ own }) => own.map(() => own[0]) });

  it('of one’s own works by its name, and as it is', () => {
    const estimates = bells(10);
    const { estimates: sent, failed } = fail(estimates, { kind: 'First-of-own', fraction: 0.3, seed: 1 });
    expect(failed).toHaveLength(3);
    for (const i of failed) expect(sent[i]).toBe(estimates[failed[0]]);
    const failure = { name: 'here', send: <P>({ own }: { own: readonly Mixture<P>[] }) => own.map(() => own[0]) };
    expect(fail(estimates, { kind: failure, fraction: 0.3, seed: 1 })).toEqual({ estimates: sent, failed });
  });

  it('knows the honest estimates, the sample size and streams that do not depend on the others', () => {
    const fits = bells(6).map((mixture, i) => ({ mixture, sampleSize: 100 + 10 * i }));
    let seen: Situation | undefined;
    const kind: Failure = {
      name: 'spy',
      send(situation) {
        seen = situation as Situation;
        return situation.own;
      },
    };
    const { failed } = fail(fits, { kind, fraction: 0.5, seed: 2 });
    const honest = [0, 1, 2, 3, 4, 5].filter((i) => !failed.includes(i));
    expect(seen?.own).toEqual(Array.from(failed, (i) => fits[i].mixture));
    expect(seen?.honest).toEqual(honest.map((i) => fits[i].mixture));
    expect(seen?.sampleSize).toBe(120); // the lower median of all six
    expect(seen?.random(1)()).toBe(randomStream(2, `failure of machine ${failed[1]}`)());
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /undefined/],
    ['too few', [], /^what the failure returns for machine \d is undefined: a Mixture/],
    ['no mixtures', [3, 3, 3], /^what the failure returns for machine \d is 3: a Mixture/],
    [
      'another dimension',
      [0, 1, 2].map(() => drawnMixture(1, 1, 2)),
      /a 2-dimensional gaussian mixture: the estimates are 1-dim/,
    ],
    [
      'another family',
      gammas(3, 1),
      /a 1-dimensional gamma mixture: the estimates are 1-dimensional gaussian mixtures/,
    ],
  ])('that sends %s is refused', (_, sent, message) => {
    const kind: Failure = { name: 'odd', send: () => sent as never };
    expect(() => fail(bells(6), { kind, fraction: 0.5, seed: 1 })).toThrow(message);
  });

  it('takes no name that is taken', () => {
    const send = <P>({ own }: { own: readonly Mixture<P>[] }) => own;
    expect(() => registerFailure({ name: 'weight', send })).toThrow(/^there is a failure named "weight" already/);
    expect(['weight', 'mean', 'first-of-own'].map(isPortableFailure)).toEqual([true, true, false]);
  });
});

describe('the means that fail in other families', () => {
  it.each([
    ['exponential', { mean: 2 }],
    ['poisson', { mean: 2 }],
  ])('%s: are the sizes of draws from N(0, 100²)', (family, parameter) => {
    const estimates = Array.from({ length: 2000 }, () => mixture(family as 'poisson', [1], [parameter]));
    const sent = mixturesOf(fail(estimates, { kind: 'mean', fraction: 1, seed: 1 }).estimates);
    const squares = sent.map(({ parameters: [{ mean }] }) => (mean / 100) ** 2);
    expect(z(squares, 1, 2)).toBeLessThan(4);
  });

  it.each(['diagonal-gaussian', 'spherical-gaussian', 'tied-gaussian', 'gaussian'] as const)(
    '%s: are from N(0, 100²), the rest as it was',
    (family) => {
      const shape = { 'diagonal-gaussian': { variances: [1, 2] }, 'spherical-gaussian': { variance: 1 } }[family as string] ?? { covariance: [[1, 0], [0, 2]] }; // biome-ignore format: short
      const honest = mixture<'gaussian'>(family as 'gaussian', [1], [{ mean: [3, 4], ...shape } as never]);
      const sent = mixturesOf(
        fail<GaussianParameter>(new Array(1000).fill(honest), { kind: 'mean', fraction: 1, seed: 1 }).estimates,
      );
      const entries = sent.flatMap(({ parameters: [{ mean }] }) => [...mean]);
      expect(z(entries, 0, 100 ** 2)).toBeLessThan(4);
      expect(z(entries.map((x) => (x / 100) ** 2), 1, 2)).toBeLessThan(4); // biome-ignore format: short
      const { mean: _, ...rest } = sent[0].parameters[0];
      const { mean: __, ...before } = honest.parameters[0];
      expect(rest).toEqual(before);
    },
  );
});

describe('says what is wrong', () => {
  const good = { kind: 'mean', fraction: 0.5, seed: 1 } as const;

  it.each([-0.1, 1.1, Number.NaN])('with the fraction %d', (fraction) => {
    expect(() => fail(bells(3), { ...good, fraction })).toThrow(/fraction is .*: it must be from 0 to 1/);
  });

  it.each(['means', 'toString', '', 'shape', 'scale'])('with the kind %j for Gaussians', (kind) => {
    expect(() => fail(bells(3), { ...good, kind })).toThrow(
      `there is no failure "${kind}" of gaussian mixtures: use mean, covariance, `,
    );
  });

  it.each(['mean', 'covariance'])('with the kind %s for gamma mixtures', (kind) => {
    expect(() => fail(gammas(3), { ...good, kind })).toThrow(
      `there is no failure "${kind}" of gamma mixtures: use shape, scale, `,
    );
  });

  it.each([undefined, null, 3])('with the kind %j', (kind) => {
    expect(() => fail(bells(3), { ...good, kind: kind as never })).toThrow(
      `kind is ${kind}: give the name of a failure, a failure, or a function`,
    );
  });

  it('with components for a failure of the whole mixture', () => {
    for (const kind of ['weight', () => bell(0)] as FailureKind<GaussianParameter>[]) {
      expect(() => fail(bells(3), { ...good, kind, components: 1 })).toThrow(
        'components is given, but this failure is of the whole mixture: leave it out',
      );
    }
  });

  it('with the number of components', () => {
    const two = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [1]], covariances: [[[1]], [[1]]] });
    for (const components of [0, 1.5, Number.NaN]) {
      expect(() => fail([two], { ...good, components })).toThrow(
        `components is ${components}: it must be a positive integer`,
      );
    }
    expect(() => fail([two, two], { ...good, components: 3 })).toThrow('components is 3, but the mixtures have 2');
  });

  it('with the estimates', () => {
    expect(() => fail([], good)).toThrow(/list of mixtures is empty/);
    expect(() => fail([...bells(2), ...gammas(1)] as Mixture[], good)).toThrow(
      /mixture 2 is of the family gamma, mixture 0 of gaussian/,
    );
    expect(() => fail([bell(0), drawnMixture(1, 1, 2)], good)).toThrow(
      /mixture 1 is 2-dimensional, mixture 0 1-dimensional/,
    );
    expect(() => fail([bell(0), {} as never], good)).toThrow(/estimate 1 is \{\}: a Mixture or a Fit is needed/);
  });
});
