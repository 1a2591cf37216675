import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { l2Distance } from '../distance/l2';
import { gammaMixture, gaussianMixture, gumbelMixture } from '../mixture/constructors';
import type { Estimate } from '../mixture/given';
import { bell } from '../mixture/mixtures.fixture';
import { performed } from '../work/work';
import { dfmr } from './dfmr';
import { type InflationCurve, inflationCurve, inflationSteps } from './inflation';

const bells = (means: readonly number[]) => means.map((mean) => bell(mean));

/** Distances to the bell at 0 that is the centre: of bells near each other, they grow with the means. */
const estimates = bells([0, 0.1, -0.1, 0.12, 0.3, -0.33, 0.9, 2]);

/** The numbers that a result and a step must share. */
const numbers = ({ kept, mixture }: { kept: Int32Array; mixture: { toJSON(): unknown } }) => ({
  kept: [...kept],
  mixture: mixture.toJSON(),
});

/** Every ρ at which something may change, before, on, between and beyond. */
function factors({ steps }: InflationCurve<unknown>): number[] {
  const levels = steps.map(({ inflationFactor }) => inflationFactor);
  const between = levels.slice(1).map((level, at) => (level + levels[at]) / 2);
  return [...levels, ...between, levels[levels.length - 1] * 1.5];
}

/** The last step that starts at ρ or before. */
const stepAt = <P>({ steps }: InflationCurve<P>, factor: number) =>
  steps[steps.findLastIndex(({ inflationFactor }) => inflationFactor <= factor)];

function expectDfmrEverywhere<P>(sent: readonly Estimate<P>[], options = {}): void {
  const curve = inflationCurve(sent, options);
  for (const inflationFactor of factors(curve)) {
    expect(numbers(stepAt(curve, inflationFactor))).toEqual(numbers(dfmr(sent, { ...options, inflationFactor })));
  }
}

describe('the steps', () => {
  const curve = inflationCurve(estimates);

  it('keep at each ρ what dfmr keeps, and reduce it alike', () => {
    expect(curve.steps.length).toBeGreaterThan(4);
    expectDfmrEverywhere(estimates);
  });

  it('keep it by the other radius, with sample sizes, and from all starts too', () => {
    const mixtures = [0, 0.2, 0.21, 0.5, 4].map((shift) =>
      gaussianMixture({ weights: [0.3, 0.7], means: [[shift], [3]], covariances: [[[1]], [[1 + shift]]] }),
    );
    expectDfmrEverywhere(mixtures, { radiusBy: 'median' });
    expectDfmrEverywhere(mixtures, { sampleSizes: [10, 20, 30, 40, 50], from: 'every', cost: 'euclidean' });
  });

  it('begin at 1 and grow by what is added, to all', () => {
    expect(curve.steps[0].inflationFactor).toBe(1);
    curve.steps.slice(1).forEach(({ kept, inflationFactor }, at) => {
      const before = curve.steps[at];
      expect(inflationFactor).toBeGreaterThan(before.inflationFactor);
      expect(kept.length).toBeGreaterThan(before.kept.length);
      expect([...kept]).toEqual(expect.arrayContaining([...before.kept]));
    });
    expect([...curve.steps[curve.steps.length - 1].kept]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('have moved by W₁ from the first, of single bells |μ − μ′| + |σ − σ′|', () => {
    const [first] = curve.steps[0].mixture.parameters;
    for (const { mixture, moved } of curve.steps) {
      const [{ mean, covariance }] = mixture.parameters;
      const spread = Math.abs(Math.sqrt(covariance[0]) - Math.sqrt(first.covariance[0]));
      expect(moved).toBeCloseTo(Math.abs(mean[0] - first.mean[0]) + spread, 12);
    }
    expect(curve.steps[0].moved).toBe(0);
  });

  it('are reported as they are found', () => {
    const { length: total } = curve.steps;
    const found = [...inflationSteps(estimates, {})].filter(({ stage }) => stage === 'inflation factors');
    expect(found).toEqual(curve.steps.map((_, done) => ({ stage: 'inflation factors', done, total })));
  });

  it('end with the reason of a signal', async () => {
    const controller = new AbortController();
    let steps = 0;
    const onProgress = () => {
      if (++steps === 2) controller.abort(new Error('enough'));
    };
    const work = performed(inflationSteps(estimates, {}), { onProgress, signal: controller.signal });
    await expect(work).rejects.toThrow(/^enough$/);
    expect(steps).toBe(2);
  });
});

describe('of many machines', () => {
  /** Distances to the bell at 0 are about proportional to the means: every one is a level of its own. */
  const many = (m: number) =>
    bells(Array.from({ length: m }, (_, i) => (i % 2 ? -1 : 1) * (i === m - 1 ? 3 : (0.3 * (i + 1)) / m)));
  const reductions = (m: number) => {
    const stages = [...inflationSteps(many(m), {})].map(({ stage, done }) => `${stage} ${done}`);
    return new Set(stages.filter((stage) => stage.startsWith('inflation'))).size;
  };

  it('all kept sets are reduced up to 32, and 32 of more', () => {
    const levels = [...new Set(inflationCurve(many(60)).ratios)].filter((ratio) => ratio > 1);
    expect(reductions(60)).toBe(levels.length + 1);
    expect([100, 200, 400].map(reductions)).toEqual([32, 32, 32]);
  });

  it('they are the first, the last, those beside gaps, and others evenly between', () => {
    const curve = inflationCurve(many(200));
    const { steps, ratios, suggestion, largestGap } = curve;
    expect(steps[0].inflationFactor).toBe(1);
    expect(steps.at(-1)?.kept).toHaveLength(200);
    const factors = steps.map(({ inflationFactor }) => inflationFactor);
    expect(factors).toEqual([...new Set(factors)].sort((a, b) => a - b));
    for (const factor of factors.slice(1)) expect([...ratios]).toContain(factor);
    expect(factors).toEqual(expect.arrayContaining([largestGap?.from, largestGap?.to]));
    const added = steps.slice(1).map(({ kept }, at) => kept.length - steps[at].kept.length);
    expect(Math.max(...added)).toBeLessThanOrEqual(8);
    expect(suggestion.inflationFactor).toBeGreaterThan(largestGap?.from ?? 0);
    expectSound(curve);
    for (const { inflationFactor, kept, mixture } of steps) {
      expect(numbers(dfmr(many(200), { inflationFactor }))).toEqual(numbers({ kept, mixture }));
    }
  });
});

describe('the ratios', () => {
  const { coat, ratios } = inflationCurve(estimates);

  it('are the distances to the centre, in radii', () => {
    const distances = estimates.map((G) => l2Distance(G, estimates[coat]));
    const radius = [...distances].sort((a, b) => a - b)[3]; // half of eight
    ratios.forEach((ratio, i) => {
      expect(ratio).toBeCloseTo(distances[i] / radius, 6);
    });
  });

  it('are the least ρ that keeps each machine, to the last bit', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 3, maxLength: 8 }), (means) => {
        const sent = bells(means);
        inflationCurve(sent).ratios.forEach((ratio, i) => {
          const keeps = (inflationFactor: number) => dfmr(sent, { inflationFactor }).kept.includes(i);
          if (ratio < 1e300) expect(keeps(Math.max(1, ratio))).toBe(true);
          if (ratio > 1) expect(keeps(Math.max(1, Math.min(ratio, 1e300) * (1 - 1e-15)))).toBe(false);
        });
      }),
      { seed: 1, numRuns: 60 },
    );
  });
});

/** The neighbours among 1, the ratios above it and Infinity, by their quotient. */
function gapsOf({ ratios }: InflationCurve<unknown>): { from: number; to: number; width: number }[] {
  const ends = [1, ...[...new Set(ratios)].filter((ratio) => ratio > 1).sort((a, b) => a - b)];
  return ends.slice(1).map((to, at) => ({ from: ends[at], to, width: to / ends[at] }));
}

/** What must hold of a suggestion for whatever estimates. */
function expectSound(curve: InflationCurve<unknown>): void {
  const { suggestion, largestGap, ratios, steps } = curve;
  const { inflationFactor, reason } = suggestion;
  const gaps = gapsOf(curve);
  const widest = Math.max(...gaps.map(({ width }) => width));
  if (gaps.length === 0) expect(largestGap).toBeUndefined();
  else expect(gaps.find(({ width }) => width === widest)).toMatchObject(largestGap as object);

  expect(inflationFactor).toBeGreaterThanOrEqual(1);
  expect(inflationFactor).toBeLessThan(Infinity);
  if (reason.startsWith('the radius is 0')) {
    expect(ratios.every((ratio) => ratio === 0 || ratio === Infinity)).toBe(true);
    expect(reason).toMatch(new RegExp(`keeps the same ${steps[0].kept.length} of ${ratios.length}$`));
    return;
  }
  const clear = gaps.find(({ width }) => width >= 1.5);
  if (!clear) {
    const farthest = Math.max(1, ...ratios);
    expect(reason).not.toContain('lies between');
    expect(reason).toMatch(/^(no machine lies beyond the radius|all \d+ machines lie within [\d.]+ radii)/);
    if (farthest <= 2) expect(inflationFactor).toBeGreaterThanOrEqual(farthest);
    else expect(reason).toContain('the distances do not tell');
    return;
  }
  expect(inflationFactor).toBeGreaterThan(clear.from);
  expect(inflationFactor).toBeLessThan(clear.to);
  const [, from, to, before] = /between (\S+) and (\S+) radii.*; (\d+) lie before it$/.exec(reason) ?? [];
  expect(Number(from)).toBeCloseTo(clear.from, -Math.floor(Math.log10(clear.from)) + 1);
  if (clear.to === Infinity) expect(to).toBe('∞');
  else expect(Number(to) / clear.to).toBeCloseTo(1, 2);
  expect(Number(before)).toBe([...ratios].filter((ratio) => ratio <= inflationFactor).length);
}

describe('the suggestion', () => {
  it('lies in the first clear gap, though a later one is wider', () => {
    const sent = bells([0, 0.1, -0.1, 0.11, -0.11, 0.13, -0.12, 0.3, 1.5]);
    const curve = inflationCurve(sent);
    expect(curve.coat).toBe(0);
    expect(curve.largestGap?.from).toBeCloseTo(0.3 / 0.11, 1); // D is about |μ − μ′| where that is small
    expect(curve.suggestion.inflationFactor).toBeCloseTo(Math.sqrt((0.13 / 0.11) * (0.3 / 0.11)), 1);
    expect([...dfmr(sent, curve.suggestion).kept]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expectSound(curve);
  });

  it('keeps all where the farthest are as far as honest ones are at times', () => {
    const around = [0, 0.1, 0.105, 0.11, 0.11, 0.115, 0.12, 0.13, 0.15];
    const sent = around.map((far, i) =>
      gaussianMixture({
        weights: [1],
        means: [[far * Math.cos((i * Math.PI) / 4), far * Math.sin((i * Math.PI) / 4)]],
        covariances: [
          [
            [1, 0],
            [0, 1],
          ],
        ],
      }),
    );
    const { suggestion } = inflationCurve(sent);
    expect(suggestion.inflationFactor).toBeCloseTo(0.15 / 0.11, 1);
    expect(suggestion.reason).toMatch(/^all 9 machines lie within 1.3\d radii, with no gap by a factor of 1.5/);
    expect(dfmr(sent, suggestion).kept).toHaveLength(9);
  });

  it('keeps all where no machine is beyond the radius', () => {
    const { steps, largestGap, suggestion } = inflationCurve(bells([0, 1, -1]));
    expect([steps.length, largestGap]).toEqual([1, undefined]);
    expect(suggestion).toEqual({ inflationFactor: 1.3, reason: 'no machine lies beyond the radius' });
  });

  it('is the usual one where distances grow far without a gap', () => {
    const curve = inflationCurve(bells([0, 0.1, -0.1, 0.11, -0.11, 0.15, -0.19, 0.25, -0.3]));
    expect(Math.max(...curve.ratios)).toBeGreaterThan(2);
    expect(curve.suggestion.inflationFactor).toBe(1.3);
    expect(curve.suggestion.reason).toMatch(/^all 9 machines lie within \S+ radii, with no gap by a factor of 1.5, so/);
  });

  it('is sound for any estimates', () => {
    const near = fc.double({ min: -1, max: 1, noNaN: true });
    const far = fc.constantFrom(-100, -5, 0, 0.5, 3, 1e5);
    const means = fc.array(fc.oneof(near, near, far), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(means, (all) => {
        const sent = bells(all);
        const curve = inflationCurve(sent);
        expectSound(curve);
        for (const inflationFactor of factors(curve)) {
          expect([...stepAt(curve, inflationFactor).kept]).toEqual([...dfmr(sent, { inflationFactor }).kept]);
        }
      }),
      { seed: 1, numRuns: 150 },
    );
  });
});

describe('without a radius', () => {
  it('half of the machines are the same, and nothing else is ever kept', () => {
    const sent = bells([1, 0, 0, 0, 0.001, 2]);
    const curve = inflationCurve(sent);
    expect(curve.steps.map(({ kept }) => [...kept])).toEqual([[1, 2, 3]]);
    expect([...curve.ratios]).toEqual([Infinity, 0, 0, 0, Infinity, Infinity]);
    expect(curve.largestGap).toEqual({ from: 1, to: Infinity });
    expect(curve.suggestion.reason).toBe('the radius is 0, and every ρ keeps the same 3 of 6');
    for (const inflationFactor of [1, curve.suggestion.inflationFactor, 1e6]) {
      expect([...dfmr(sent, { inflationFactor }).kept]).toEqual([1, 2, 3]);
    }
  });

  it('one machine is kept, and of two the first', () => {
    for (const m of [1, 2]) {
      const sent = bells([0, 0.01].slice(0, m));
      const curve = inflationCurve(sent);
      expect(curve.steps.map(({ kept }) => [...kept])).toEqual([[0]]);
      expect([...dfmr(sent, curve.suggestion).kept]).toEqual([0]);
      expect(curve.suggestion.reason).toContain(`the same 1 of ${m}`);
      expect(curve.largestGap).toEqual(m === 1 ? undefined : { from: 1, to: Infinity });
    }
  });
});

describe('an estimate', () => {
  it('whose density is not square integrable is beyond every ρ', () => {
    const gamma = (shape: number) => gammaMixture({ weights: [1], shapes: [shape], scales: [1] });
    const sent = [3, 3.05, 0.4, 3.11, 2.9].map(gamma);
    const curve = inflationCurve(sent);
    expect(curve.ratios[2]).toBe(Infinity);
    expect(curve.largestGap?.to).toBe(Infinity);
    expect([...curve.steps[curve.steps.length - 1].kept]).toEqual([0, 1, 3, 4]);
    expectSound(curve);
    expectDfmrEverywhere(sent);
  });

  it('with which the others have no reduction ends the curve, and is suggested to be left out', () => {
    const weights = [0.4, 0.6 - 1e-6, 1e-6];
    const gumbel = (location: number, scale: number) =>
      gumbelMixture({ weights, locations: [location, 5, 1], scales: [0.6, 1.2, scale] });
    const sent = [...[-4, -3.9, -4.1, -3.8].map((location) => gumbel(location, 1)), gumbel(-2, 1e4)];
    expect(() => dfmr(sent, { inflationFactor: 100 })).toThrow(/too far from every centre/);
    const curve = inflationCurve(sent);
    expect(curve.steps.map(({ kept }) => kept.length)).toEqual([3, 4]);
    expect(dfmr(sent, curve.suggestion).kept).not.toContain(4);
    expectSound(curve);
  });

  it('that is far and tells a bad sample size ends the curve too, and one that is near throws', () => {
    const fitted = (mean: number, sampleSize: number) => ({ mixture: bell(mean), sampleSize });
    const sent = [0, 0.1, -0.1, 0.12].map((mean) => fitted(mean, 100));
    expect(inflationCurve([...sent, fitted(5, Number.NaN)]).steps.map(({ kept }) => kept.length)).toEqual([3, 4]);
    expect(() => inflationCurve(sent.with(1, fitted(0.1, -1)))).toThrow(/sample size of estimate 1 is -1/);
  });
});

it('throws where there are no estimates, or they differ in order', () => {
  expect(() => inflationCurve([])).toThrow(/the list of mixtures is empty/);
  const two = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [1]], covariances: [[[1]], [[1]]] });
  expect(() => inflationCurve([bell(0), two])).toThrow(/only estimates of one order can be aggregated/);
});
