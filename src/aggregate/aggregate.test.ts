import { beforeAll, describe, expect, it } from 'vitest';
import type { DistanceMatrix, DistanceRows } from '../distance/distance-matrix';
import { l2DistanceMatrix } from '../distance/l2';
import { NoCentre } from '../errors';
import { fit } from '../estimate/fit';
import type { GaussianParameter } from '../families/gaussian-parameter';
import { gammaMixture, gaussianMixture, sphericalGaussianMixture, tiedGaussianMixture } from '../mixture/constructors';
import type { Estimate } from '../mixture/given';
import { bell } from '../mixture/mixtures.fixture';
import { sample } from '../mixture/sample';
import { standardErrors } from '../theory/standard-errors';
import { type Aggregate, type AggregateOptions, aggregate, type DfmrChoice } from './aggregate';
import { dfmrComponents } from './components';
import { dfmr } from './dfmr';

/** DFMR's own choices, whatever the default rule is. */
const quick: AggregateOptions = { rule: 'dfmr', uncertainty: false };
const population = (shift: number) =>
  gaussianMixture({ weights: [0.4, 0.6], means: [[0], [4 + shift]], covariances: [[[1]], [[1.5]]] });

/** Fits to samples, of which those of the last machines are of something else. */
const fits = Array.from({ length: 12 }, (_, i) =>
  fit(sample(population(i < 9 ? 0 : 3 * i), 400, i).data, { order: 2, starts: 1 }),
);
const honest = fits.slice(0, 9);

const chosenBy = ({ dfmr: chosen }: Aggregate<unknown>): DfmrChoice<unknown> => {
  if (!chosen) throw new Error('the rule was not DFMR');
  return chosen;
};

const matrixOf = (distances: DistanceMatrix | DistanceRows) => {
  const { size, at } = distances as DistanceMatrix;
  return Array.from({ length: size ** 2 }, (_, ij) => at(Math.floor(ij / size), ij % size));
};

const entriesOf = (estimates: readonly Estimate[], smoothing: number) =>
  matrixOf(l2DistanceMatrix(estimates, { smoothing }));

/** Decisions that hold of every aggregate. */
function expectTrue(found: Aggregate<unknown>, m: number): void {
  const { rule, result: aggregated, decisions } = found;
  const { inflationFactor, curve, result } = chosenBy(found);
  expect(aggregated).toBe(result);
  expect(rule).toBe(`dfmr(${inflationFactor})`);
  expect(decisions.every((one) => /[.]$/.test(one))).toBe(true);
  expect(decisions.join('\n')).not.toMatch(/undefined|NaN|\.\.$/m);
  const kept = decisions.find((one) => / machines are kept; /.test(one)) ?? '';
  expect(kept).toBe(
    `${result.kept.length} of ${m} machines are kept; the centre of attention is machine ${result.coat.index}.`,
  );
  const chosen = decisions.find((one) => one.startsWith('ρ = ')) ?? '';
  expect(chosen.startsWith(`ρ = ${inflationFactor}`)).toBe(true);
  expect(chosen).toContain(curve.suggestion.reason);
  expect(decisions.some((one) => one.startsWith('No machine is set aside.'))).toBe(result.kept.length === m);
  expect(decisions.some((one) => /^(Distances are between|Densities are)/.test(one))).toBe(true);
  expect(result.threshold).toBe(inflationFactor * result.radius);
}

describe('of machines of which a few have failed clearly', () => {
  let found: Aggregate<GaussianParameter>;
  beforeAll(async () => {
    found = await aggregate(fits, quick);
  });

  it('the failed ones are set aside, and the others kept', () => {
    const { kept, setAside } = found.result;
    expect([...kept].every((i) => i < 9)).toBe(true);
    expect(kept.length).toBeGreaterThanOrEqual(6);
    expect(setAside.map(({ machine }) => machine)).toEqual(expect.arrayContaining([9, 10, 11]));
    expectTrue(found, 12);
  });

  it('the result is that of dfmr with these distances, this ρ and all starts', () => {
    const { distances, inflationFactor, result, curve } = chosenBy(found);
    expect(inflationFactor).toBe(curve.suggestion.inflationFactor);
    expect(result).toEqual(dfmr(fits, { distanceMatrix: distances as DistanceMatrix, inflationFactor, from: 'every' }));
    expect(matrixOf(distances)).toEqual(entriesOf(fits, 0));
    expect(found.decisions[0]).toBe('Distances are between the densities as they are.');
  });

  it('names stand in place of numbers', async () => {
    const names = fits.map((_, i) => `ward ${i}`);
    const named = await aggregate(fits, { ...quick, names });
    expect(named.decisions.join()).toContain(`the centre of attention is ward ${chosenBy(named).result.coat.index}.`);
  });

  it('what is given is taken, and reported', async () => {
    const narrow = await aggregate(fits, { ...quick, inflationFactor: 1 });
    expect(narrow.result.kept).toHaveLength(6);
    expect(narrow.decisions.join('\n')).toMatch(/^ρ = 1, as given; the distances suggest [\d.]+: /m);
    expectTrue(narrow, 12);
    const wide = await aggregate(fits, { ...quick, inflationFactor: 1e6, smoothing: 2 });
    expect(matrixOf(chosenBy(wide).distances)).toEqual(entriesOf(fits, 2));
    expect(wide.decisions[0]).toBe('Densities are smoothed by h = 2, as given.');
    expect(wide.decisions).toContain(
      'No machine is set aside. That does not show that none failed: one that is near the honest ones is not detected.',
    );
    expectTrue(wide, 12);
    const plain = await aggregate(fits, { ...quick, smoothing: 0 });
    expect(plain.decisions[0]).toBe('Densities are not smoothed, as given.');
    expect(plain.result).toEqual(found.result);
  });

  it('sample sizes that are given weigh the result', async () => {
    const mixtures = honest.map(({ mixture }) => mixture);
    const sampleSizes = honest.map((_, i) => (i === 0 ? 1e6 : 1));
    const { result } = chosenBy(
      await aggregate(mixtures, { ...quick, sampleSizes, inflationFactor: 100 }),
    ) as DfmrChoice<GaussianParameter>;
    expect(result.mixture.weights[0]).toBeCloseTo(
      result.assignment[0] === 0 ? mixtures[0].weights[0] : mixtures[0].weights[1],
      3,
    );
    expect(result.sampleSize).toBe(1e6 + 8);
  });
});

it('a machine that sends what cannot be reduced is set aside, not thrown at', async () => {
  const liar = gaussianMixture({
    weights: [0.5, 0.5],
    means: [[1e150], [-1e150]],
    covariances: [[[1e-12]], [[1e-12]]],
  });
  const found = await aggregate([...honest, { mixture: liar, sampleSize: 400 }], quick);
  expect([...found.result.kept]).not.toContain(9);
  expectTrue(found, 10);
});

it('of one machine, and of two, the first is kept', async () => {
  for (const m of [1, 2]) {
    const found = await aggregate(fits.slice(0, m), quick);
    expect([...found.result.kept]).toEqual([0]);
    expectTrue(found, m);
    expect(found.decisions.some((one) => one.startsWith('Two machines cannot outvote each other'))).toBe(m === 2);
    expect(found.result.setAside.map(({ reason }) => reason).join()).not.toMatch(/threshold/);
  }
});

it('half of the machines that sent the same are reported', async () => {
  const sent = [bell(0), bell(0), bell(0), bell(1), bell(-1)];
  const found = await aggregate(sent, quick);
  expect([...found.result.kept]).toEqual([0, 1, 2]);
  expect(found.decisions).toContain('ρ = 1.3: the radius is 0, and every ρ keeps the same 3 of 5.');
  expectTrue(found, 5);
});

describe('densities are smoothed', () => {
  /** Fits of one Gaussian of 30 features to n rows. */
  const d = 30;
  const sphere = sphericalGaussianMixture({ weights: [1], means: [new Array(d).fill(0)], variances: [1] });
  const wide = (n: number) => Array.from({ length: 9 }, (_, i) => fit(sample(sphere, n, i).data, { order: 1 }));

  it('where samples are small for many features, and why is reported', async () => {
    const few = wide(60);
    const found = await aggregate(few, quick);
    expect(found.decisions[0]).toMatch(
      /^Distances are between densities smoothed by h = (0\.5|1|2|4|8|16|32|64): without, .* radius of [\d.]+ norms .* with it, [\d.]+ norms of a density\.$/,
    );
    const [, h, without, withIt] =
      /h = ([\d.]+): without.* radius of ([\d.]+) norms.* with it, ([\d.]+)/.exec(found.decisions[0]) ?? [];
    expect(matrixOf(chosenBy(found).distances)).toEqual(entriesOf(few, Number(h)));
    const radiusInNorms = (smoothing: number) => {
      const { at, norms } = l2DistanceMatrix(few, { smoothing });
      const balls = few.map((_, i) => few.map((__, j) => at(i, j)).sort((a, b) => a - b)[4]);
      const radius = Math.min(...balls);
      return radius / (norms?.[balls.indexOf(radius)] ?? 0);
    };
    expect(Number(without)).toBeCloseTo(radiusInNorms(0), 1);
    expect(Number(withIt)).toBeCloseTo(radiusInNorms(Number(h)), 2);
    // the first that resolves the machines to 0.15 norms, and no more than is needed
    const tried = [0, 0.5, 1, 2, 4, 8, 16, 32, 64];
    expect(tried.find((smoothing) => radiusInNorms(smoothing) <= 0.15)).toBe(Number(h));
    expectTrue(found, 9);
  });

  it.each([
    [0.155, true],
    [0.145, false],
  ])('where the radius is %d norms: %s, as 0.15 is the bound', async (radius, smoothed) => {
    // ‖f − g‖² = 2 ‖f‖² (1 − exp(−δ²/4)) of two densities of variance 1, δ apart; the radius is half of the width of three
    const apart = Math.sqrt(-4 * Math.log(1 - radius ** 2 / 2));
    const { decisions } = await aggregate([bell(0), bell(apart), bell(-apart)], quick);
    expect(decisions[0].startsWith('Distances are between densities smoothed by h = ')).toBe(smoothed);
  });

  it('not where samples are large', async () => {
    const found = await aggregate(wide(16_000), quick);
    expect(found.decisions[0]).toBe('Distances are between the densities as they are.');
    expectTrue(found, 9);
  });

  it('not where h = 0 is given, which is warned of', async () => {
    const few = wide(60);
    const found = await aggregate(few, { ...quick, smoothing: 0 });
    expect(found.decisions.slice(0, 2)).toEqual([
      'Densities are not smoothed, as given.',
      expect.stringMatching(/^Beware: the radius is [\d.]+ norms of a density, so that distances compare how peaked/),
    ]);
    expect(matrixOf(chosenBy(found).distances)).toEqual(entriesOf(few, 0));
  });

  it('not in families that have no smoothing, which is warned of', async () => {
    const apart = [1, 5, 25, 125, 625].map((scale) => gammaMixture({ weights: [1], shapes: [30], scales: [scale] }));
    const found = await aggregate(apart, quick);
    expect(found.decisions.slice(0, 2)).toEqual([
      'Distances are between the densities as they are.',
      expect.stringMatching(/^Beware: the radius is /),
    ]);
    expectTrue(found, 5);
  });
});

describe('standard errors', () => {
  const GAPS = [1, 1.5, 2, 3, 4];
  const seen: number[] = [];

  it('are those of the result', async () => {
    const { result, standardErrors: errors } = await aggregate(honest, { rule: 'dfmr' });
    expect(errors).toHaveLength(5);
    expect(errors).toEqual(standardErrors(result));
    expect(result.sampleSize).toBe(400 * result.kept.length);
  });

  it('are of the sample sizes that are given, too', async () => {
    const mixtures = honest.map(({ mixture }) => mixture);
    const sampleSizes = mixtures.map(() => 400);
    const { result, standardErrors: errors } = await aggregate(mixtures, { rule: 'dfmr', sampleSizes });
    expect(errors).toEqual(standardErrors(result, { sampleSize: 400 * result.kept.length }));
  });

  it('of a weight above ½ are warned of, as two components are nearly the same', async () => {
    const near = (gap: number) => (i: number) => ({
      mixture: gaussianMixture({
        weights: [0.5, 0.5],
        means: [[i / 1000], [gap + i / 1000]],
        covariances: [[[1]], [[1]]],
      }),
      sampleSize: 100,
    });
    const warning = 'A weight has a standard error above ½: two components are nearly the same, so try fewer.';
    for (const gap of GAPS) {
      const { standardErrors: errors, decisions } = await aggregate([0, 1, 2].map(near(gap)), { rule: 'dfmr' });
      expect(errors?.[0]).toBeDefined();
      expect(decisions.includes(warning)).toBe((errors as Float64Array)[0] > 0.5);
      seen.push((errors as Float64Array)[0]);
    }
    expect(seen.some((error) => error > 0.5 && error < 5)).toBe(true); // so that ½ is told from other bounds
    expect(seen.some((error) => error < 0.5)).toBe(true);
  });

  it('are left out where that is asked for', async () => {
    const { standardErrors: errors, decisions } = await aggregate(honest, quick);
    expect(errors).toBeUndefined();
    expect(decisions.join()).not.toContain('Standard errors');
  });

  it.each<[string, RegExp, readonly Estimate[]]>([
    ['machines did not say how many rows they have', /Standard errors are not known: it is not known how many rows the machines have; give sampleSizes\.$/, honest.map(({ mixture }) => mixture)],
    ['components share a part', /Standard errors are not known: /, [0, 0.1, 0.2].map((mean) => ({ mixture: tiedGaussianMixture({ weights: [0.5, 0.5], means: [[mean], [5]], covariance: [[1]] }), sampleSize: 100 }))],
    ['there are very many', /Standard errors are not computed: there are 464 coordinates, more than 400\.$/, [0, 0.1, 0.2].map((mean) => ({ mixture: gaussianMixture({ weights: [1], means: [new Array(29).fill(mean / 5)], covariances: [Array.from({ length: 29 }, (_, i) => Array.from({ length: 29 }, (__, j) => Number(i === j)))] }), sampleSize: 100 }))],
  ])('are undefined with the reason where %s', async (_, reason, estimates) => {
    const { standardErrors: errors, decisions } = await aggregate(estimates, { rule: 'dfmr' });
    expect(errors).toBeUndefined();
    expect(decisions.filter((one) => reason.test(one))).toHaveLength(1);
  }); // biome-ignore format: short

  it('are undefined where the rule does not say of how many rows its result is, which other rules do', async () => {
    const { standardErrors: errors, decisions } = await aggregate(honest, { rule: 'trim' });
    expect(errors).toBeUndefined();
    expect(decisions).toContain(
      'Standard errors are not known: the rule trim does not say of how many rows its result is; choose another, such as components.',
    );
    expect((await aggregate(honest, { rule: 'components' })).standardErrors).toBeDefined();
  });
});

describe('fits that did not converge', () => {
  const hasty = Array.from({ length: 7 }, (_, i) =>
    fit(sample(population(0), 400, i).data, { order: 2, starts: 1, ...(i < 6 && { maxIterations: 2 }) }),
  );

  it('are named, and what to do', async () => {
    expect(hasty.map(({ converged }) => converged)).toEqual([false, false, false, false, false, false, true]);
    const { decisions } = await aggregate(hasty.slice(4), { ...quick, names: ['east', 'west', 'north'] });
    expect(decisions).toContain('2 of 3 fits did not converge (east, west): fit them again with more iterations.');
    expect((await aggregate(hasty, quick)).decisions).toContain(
      '6 of 7 fits did not converge (machine 0, machine 1, machine 2, machine 3, machine 4 and 1 more): fit them again with more iterations.',
    );
  });

  it('are named if their machines say so, and by every rule', async () => {
    const said = hasty
      .slice(0, 3)
      .map(({ mixture, sampleSize }, i) => ({ mixture, sampleSize, fitted: { converged: i > 0 } }));
    const { decisions } = await aggregate(said, { rule: 'trim', uncertainty: false });
    expect(decisions.join()).toContain('1 of 3 fits did not converge (machine 0)');
  });

  it('are not spoken of if all did, or do not say', async () => {
    for (const estimates of [honest, honest.map(({ mixture }) => mixture)])
      expect((await aggregate(estimates, quick)).decisions.join()).not.toContain('did not converge');
  });
});

it('another rule has its own name, and nothing of DFMR', async () => {
  const { rule, dfmr: chosen, result, decisions } = await aggregate(fits, { rule: 'coat', uncertainty: false });
  expect([rule, chosen, result.kept.length]).toEqual(['coat', undefined, 1]);
  expect(decisions[0]).toBe('1 of 12 machines are kept.');
  expect((await aggregate(fits, { rule: 'DFMR(2)', uncertainty: false })).rule).toBe('dfmr(2)');
});

describe('without a rule', () => {
  const usual: AggregateOptions = { uncertainty: false };

  it('the component rule is used, by its decisions and its result', async () => {
    const found = await aggregate(fits, usual);
    expect([found.rule, found.dfmr]).toEqual(['components', undefined]);
    expect(found.result).toBe(found.components);
    expect(found.result).toEqual(dfmrComponents(fits));
    expect(found.decisions.every((one) => one.endsWith('.'))).toBe(true);
    expect(found.decisions.join('\n')).not.toMatch(/undefined|NaN|\.\.$/m);
  });

  it('options of DFMR choose DFMR', async () => {
    for (const options of [{ inflationFactor: 2 }, { smoothing: 1 }, { distance: 'transport' }]) {
      const found = await aggregate(honest, { ...usual, ...options });
      expect(found.rule).toMatch(/^dfmr\(/);
      expect(found.components).toBeUndefined();
    }
    for (const rule of ['components', 'Components'])
      expect((await aggregate(honest, { ...usual, rule, inflationFactor: 2 })).rule).toBe('components');
  });

  it('decisions name the machines that are set aside, and at most five', async () => {
    const liars = honest.map(({ mixture: { weights, parameters }, sampleSize }, i) => ({
      mixture: gaussianMixture({
        weights,
        means: parameters.map(({ mean }) => [mean[0] + (i < 2 ? 100 + 9 * i : 0)]),
        covariances: parameters.map(({ covariance }) => [[covariance[0]]]),
      }),
      sampleSize,
    }));
    const names = liars.map((_, i) => `ward ${i}`);
    const { decisions } = await aggregate(liars, { ...usual, names });
    const told = decisions.find((one) => one.startsWith('Set aside: ')) ?? '';
    expect(told).toMatch(/^Set aside: ward 0: .*; ward 1: /);
    expect(told).not.toContain('ward 2');
    expect(decisions).toContain('7 of 9 machines are kept, all of them whole.');
  });

  it('copies are named', async () => {
    const copied = [...honest.slice(0, 7), honest[2], honest[2]];
    const names = copied.map((_, i) => `ward ${i}`);
    const { decisions } = await aggregate(copied, { ...usual, names });
    expect(decisions.join('\n')).toContain('counted once: ward 7 of ward 2, ward 8 of ward 2.');
  });
});

describe('machines that sent nothing', () => {
  const usual: AggregateOptions = { uncertainty: false };

  it('are reported', async () => {
    const { decisions } = await aggregate(honest, { ...usual, expected: 12 });
    expect(decisions[0]).toBe('3 of 12 machines sent nothing.');
    expect((await aggregate(honest, { ...usual, expected: 9 })).decisions.join()).not.toContain('sent nothing');
  });

  it('are a reason to trust nobody, if they are half', async () => {
    for (const expected of [18, 30]) {
      const work = aggregate(honest, { ...usual, expected });
      await expect(work).rejects.toThrow(NoCentre);
      await expect(work).rejects.toThrow(`${expected - 9} of ${expected} machines sent nothing`);
    }
    await expect(aggregate(honest, { ...usual, expected: 17 })).resolves.toBeDefined();
  });

  it('cannot be fewer than none', async () => {
    await expect(aggregate(honest, { ...usual, expected: 8 })).rejects.toThrow(/9 estimates, but 8 machines/);
    await expect(aggregate(honest, { ...usual, expected: 0 })).rejects.toThrow(/expected is 0/);
  });
});

it('notes of the family are reported', async () => {
  const gamma = [2, 2.1, 2.2].map((shape) => gammaMixture({ weights: [1], shapes: [shape], scales: [1] }));
  const { result, decisions } = await aggregate(gamma, quick);
  expect(result.notes.length).toBeGreaterThan(0);
  expect(decisions).toEqual(expect.arrayContaining([...result.notes]));
});

it('throws as dfmr does, and the reason of a signal', async () => {
  await expect(aggregate([])).rejects.toThrow(/the list of mixtures is empty/);
  await expect(aggregate(honest, { ...quick, inflationFactor: 0.5 })).rejects.toThrow(/inflationFactor is 0.5/);
  await expect(aggregate(honest, { ...quick, smoothing: -1 })).rejects.toThrow(/smoothing is -1/);
  await expect(aggregate(honest, { ...quick, sampleSizes: [1, 2] })).rejects.toThrow(
    /9 estimates need as many sample sizes/,
  );
  await expect(aggregate<unknown>([bell(0), gammaMixture({ weights: [1], shapes: [2], scales: [1] })])).rejects.toThrow(
    /of the family gamma/,
  );
  const controller = new AbortController();
  const onProgress = () => controller.abort(new Error('enough'));
  await expect(aggregate(fits, { onProgress, signal: controller.signal })).rejects.toThrow('enough');
});
