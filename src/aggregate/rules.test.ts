import { describe, expect, it } from 'vitest';
import { distanceMatrix } from '../distance/distance';
import { InvalidInput } from '../errors';
import { fit } from '../estimate/fit';
import { gaussianMixture } from '../mixture/constructors';
import { drawnMixture } from '../mixture/mixtures.fixture';
import { sample } from '../mixture/sample';
import { fail } from '../simulate/fail';
import { coat } from './coat';
import { dfmrComponents } from './components';
import { dfmr } from './dfmr';
import { oracle } from './oracle';
import { reduce } from './reduce';
import { type AggregateByOptions, aggregateBy, isPortableRule, registerRule, ruleNames, ruleOf } from './rules';
import { trim } from './trim';

const truth = gaussianMixture({ weights: [0.3, 0.7], means: [[0, 0], [3, 3]], covariances: [[[1, 0], [0, 1]], [[2, 0.5], [0.5, 1]]] }); // biome-ignore format: short
const fits = Array.from({ length: 9 }, (_, i) => fit(sample(truth, 60 + 20 * i, i).data, { start: truth }));
const { estimates, failed } = fail(fits, { kind: 'covariance', fraction: 0.3, seed: 1 });
const start = drawnMixture(3, 2, 2);

const plain = <P>({ mixture, objective, trace, trimmed }: { mixture: { toJSON(): P }; objective?: number; trace?: Float64Array; trimmed?: Float64Array }) =>
  ({ mixture: mixture.toJSON(), objective, trace, trimmed }); // biome-ignore format: short

describe('a rule by its name is its function, to the bit:', () => {
  const by = (options: AggregateByOptions<(typeof truth)['parameters'][number]>) => aggregateBy(estimates, options);

  it('dfmr', async () => {
    for (const [rule, inflationFactor] of [
      ['dfmr', 1.3],
      ['dfmr(2)', 2],
      ['DFMR(1)', 1],
    ] as const) {
      // biome-ignore format: pairs
      const [found, expected] = [await by({ rule }), dfmr(estimates, { inflationFactor })];
      expect(plain(found)).toEqual(plain(expected));
      expect([found.kept, found.setAside, found.converged, found.sampleSize]).toEqual([
        expected.kept,
        expected.setAside,
        expected.converged,
        expected.sampleSize,
      ]);
      expect(found).toEqual(expected);
    }
  });

  it('dfmr, from every kept estimate, by another distance, with other sample sizes', async () => {
    const distances = await distanceMatrix(estimates, { distance: 'transport' });
    const sampleSizes = estimates.map((_, i) => i + 1);
    const options = { from: 'every', sampleSizes } as const;
    const expected = dfmr(estimates, { ...options, distanceMatrix: distances, inflationFactor: 1.5 });
    expect(await by({ ...options, rule: 'dfmr(1.5)', distance: 'transport' })).toEqual(expected);
    expect(await by({ ...options, rule: 'dfmr(1.5)', distanceMatrix: distances })).toEqual(expected);
    expect(expected).not.toEqual(await by({ ...options, rule: 'dfmr(1.5)' }));
  });

  it('components', async () => {
    expect(await by({ rule: 'components' })).toEqual(dfmrComponents(estimates));
    const sampleSizes = estimates.map((_, i) => 50 * (i + 1));
    const weighed = await by({ rule: 'Components', sampleSizes });
    expect(weighed).toEqual(dfmrComponents(estimates, { sampleSizes }));
    expect(weighed.mixture.toJSON()).not.toEqual((await by({ rule: 'components' })).mixture.toJSON());
  });

  it('coat', async () => {
    const expected = coat(estimates);
    const found = await by({ rule: 'coat' });
    expect(found.mixture).toBe(expected.mixture);
    expect([...found.kept]).toEqual([expected.index]);
    expect(found.setAside).toHaveLength(8);
    expect(found.sampleSize).toBe(60 + 20 * expected.index);
    const byTransport = coat(estimates, { distanceMatrix: await distanceMatrix(estimates, { distance: 'transport' }) });
    expect((await by({ rule: 'COAT', distance: 'transport' })).mixture).toBe(byTransport.mixture);
  });

  it('trim', async () => {
    expect(plain(await by({ rule: 'trim' }))).toEqual(plain(trim(estimates)));
    expect(plain(await by({ rule: 'trim', start }))).toEqual(plain(trim(estimates, { start })));
    expect([...(await by({ rule: 'trim' })).kept]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('vanilla', async () => {
    expect(plain(await by({ rule: 'vanilla' }))).toEqual(plain(reduce(estimates)));
    expect(plain(await by({ rule: 'vanilla', start }))).toEqual(plain(reduce(estimates, { start })));
    const every = plain(await by({ rule: 'vanilla', from: 'every' }));
    expect(every).toEqual(plain(reduce(estimates, { from: 'every' })));
  });

  it('oracle', async () => {
    const { mixture } = coat(estimates);
    const found = await by({ rule: 'oracle', failed });
    expect(plain(found)).toEqual(plain(oracle(estimates, failed, { start: mixture })));
    expect([...found.kept]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8].filter((i) => !failed.includes(i)));
    const every = plain(await by({ rule: 'oracle', failed, from: 'every' }));
    expect(every).toEqual(plain(oracle(estimates, failed, { from: 'every' })));
    await expect(by({ rule: 'oracle' })).rejects.toThrow(/^the oracle needs `failed`, the machines that failed/);
  });
});

it('there are six, of which two filter, each in a colour of its own', () => {
  const names = ['components', 'dfmr', 'coat', 'trim', 'vanilla', 'oracle'];
  expect(ruleNames().slice(0, 6)).toEqual(['components', 'dfmr(number)', 'coat', 'trim', 'vanilla', 'oracle']);
  expect(names.filter((name) => ruleOf(name).filters ?? true)).toEqual(['components', 'dfmr']);
  expect(new Set(names.map((name) => ruleOf(name).colour)).size).toBe(6);
});

it('the distances are computed once, and only for a rule that asks for them', async () => {
  const matrix = await distanceMatrix(estimates);
  let computed = 0;
  const distance = {
    name: 'counted',
    *matrix() {
      computed++;
      yield { stage: 'distances', done: 1, total: 1 };
      return matrix;
    },
  };
  await aggregateBy(estimates, { rule: 'vanilla', start, distance });
  expect(computed).toBe(0);
  const rule = {
    name: 'asks twice',
    async aggregate<P>(mixtures: readonly P[], { distances }: { distances(): Promise<unknown> }) {
      const both = await Promise.all([distances(), distances()]);
      expect(both).toEqual([matrix, matrix]);
      return { mixture: mixtures[0] as never };
    },
  };
  await aggregateBy(estimates, { rule, distance });
  expect(computed).toBe(1);
});

it('a rule is told the sample sizes if all have one', async () => {
  const told: (ArrayLike<number> | undefined)[] = [];
  const rule = {
    name: 'listens',
    aggregate<P>(mixtures: readonly P[], { sampleSizes }: { sampleSizes?: ArrayLike<number> }) {
      told.push(sampleSizes);
      return { mixture: mixtures[0] as never };
    },
  };
  await aggregateBy(fits.slice(0, 3), { rule });
  await aggregateBy([fits[0], fits[1].mixture], { rule });
  await aggregateBy(fits.slice(0, 2), { rule, sampleSizes: [5, 6] });
  expect(told).toEqual([[60, 80, 100], undefined, [5, 6]]);
});

describe('a rule of one’s own', () => {
  registerRule({ name: 'first', aggregate: ([mixture]) => ({ mixture, kept: [0] }) });

  it('works by its name, and is not found by other threads', async () => {
    expect((await aggregateBy(fits, { rule: 'First' })).mixture).toBe(fits[0].mixture);
    expect(['components', 'dfmr', 'dfmr(2)', 'coat', 'first', 'none'].map(isPortableRule)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('cannot take the name of another', () => {
    expect(() => registerRule({ ...ruleOf('first'), name: 'coat' })).toThrow(/^there is a rule named "coat" already/);
    expect(() => registerRule({ ...ruleOf('first') })).toThrow(/give \{ replace: true \}/);
    expect(() => registerRule({ ...ruleOf('first') }, { replace: true })).not.toThrow();
    for (const nothing of [undefined, null, {}]) expect(() => registerRule(nothing as never)).toThrow(InvalidInput);
  });
});

it('says that there is no such rule, and which there are', async () => {
  for (const rule of ['best', 'dfmr(x)', 'coat(1)', undefined, 3]) {
    const work = aggregateBy(fits, { rule: rule as string });
    await expect(work).rejects.toThrow(InvalidInput);
    await expect(work).rejects.toThrow(
      /^there is no rule .*: use components, dfmr\(number\), coat, trim, vanilla, oracle/,
    );
  }
  await expect(aggregateBy(fits, { rule: 'dfmr(0.9)' })).rejects.toThrow(/inflationFactor is 0.9/);
});

it.each(['components', 'dfmr', 'coat', 'trim', 'vanilla', 'oracle'])(
  '%s ends with the reason of a signal',
  async (rule) => {
    const before = AbortSignal.abort(new Error('enough'));
    await expect(aggregateBy(estimates, { rule, failed, signal: before })).rejects.toThrow(/^enough$/);
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('more than enough'));
    const work = aggregateBy(estimates, { rule, failed, onProgress, signal: controller.signal });
    await expect(work).rejects.toThrow(/^more than enough$/);
  },
);
