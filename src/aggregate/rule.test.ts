import { describe, expect, it } from 'vitest';
import { InvalidInput, NoCentre } from '../errors';
import { gammaMixture } from '../mixture/constructors';
import { bell, unrelated } from '../mixture/mixtures.fixture';
import { applyRule, type Rule, type RuleAnswer } from './rule';
import { aggregateBy } from './rules';

const mixtures = [bell(0), bell(1), bell(2)];
const distances = () => Promise.reject(new Error('not asked for'));
const centre = distances;

/** What a rule that answers this is completed to. */
const of = (answer: unknown) =>
  applyRule({ name: 'mine', aggregate: () => answer as RuleAnswer<never> }, mixtures, { distances, centre });

describe('what a rule answers', () => {
  it('is completed: all machines are kept, it converged, and there are no notes', async () => {
    const found = await of({ mixture: mixtures[1] });
    expect(found).toEqual({
      mixture: mixtures[1],
      kept: Int32Array.of(0, 1, 2),
      setAside: [],
      converged: true,
      notes: [],
    });
  });

  it('has a reason for each machine that is not kept', async () => {
    const { kept, setAside } = await of({ mixture: mixtures[1], kept: [2, 1] });
    expect(kept).toEqual(Int32Array.of(1, 2));
    expect(setAside).toEqual([{ machine: 0, reason: 'the rule did not use it' }]);
    expect((await of({ mixture: mixtures[1], kept: [] })).setAside.map(({ machine }) => machine)).toEqual([0, 1, 2]);
  });

  it('is left as it is where it says more', async () => {
    const answer = {
      mixture: mixtures[0],
      kept: [0],
      setAside: [{ machine: 1, component: 0, reason: 'it is odd' }],
      converged: false,
      sampleSize: 7,
      notes: ['A note.'],
      extra: 3,
    };
    expect(await of(answer)).toEqual({ ...answer, kept: Int32Array.of(0) });
  });

  it('may be a promise, and a result that holds a mixture', async () => {
    expect((await of(Promise.resolve({ mixture: { mixture: mixtures[2] } }))).mixture).toBe(mixtures[2]);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /^the answer of the rule "mine" is undefined: a Mixture or a Fit is needed/],
    ['null', null, /^the answer of the rule "mine" is undefined: a Mixture or a Fit is needed/],
    ['a number', { mixture: 7 }, /^the answer of the rule "mine" is 7: a Mixture or a Fit is needed/],
    ['another family', { mixture: gammaMixture({ weights: [1], shapes: [2], scales: [1] }) }, /^the rule "mine" returned a 1-dimensional gamma mixture: the estimates are 1-dimensional gaussian mixtures/],
    ['another dimension', { mixture: unrelated(1, 1, 1, 2)[0] }, /^the rule "mine" returned a 2-dimensional gaussian mixture: the estimates are 1-dim/],
    ['a machine that is not there', { mixture: mixtures[0], kept: [0, 3] }, /^the rule "mine" returned machine 3 as kept: the machines are 0 … 2/],
    ['a machine below 0', { mixture: mixtures[0], kept: [-1] }, /^the rule "mine" returned machine -1 as kept/],
    ['half a machine', { mixture: mixtures[0], kept: [0.5] }, /^the rule "mine" returned machine 0.5 as kept/],
    ['NaN', { mixture: mixtures[0], kept: [Number.NaN] }, /^the rule "mine" returned machine NaN as kept/],
    ['a machine twice', { mixture: mixtures[0], kept: [1, 1] }, /^the rule "mine" returned machine 1 as kept twice/],
  ])('is refused if it is %s', async (_, answer, message) => {
    await expect(of(answer)).rejects.toThrow(InvalidInput);
    await expect(of(answer)).rejects.toThrow(message);
  }); // biome-ignore format: short
});

describe('a rule that throws', () => {
  const throwing = (error: unknown): Rule => ({
    name: 'mine',
    aggregate() {
      throw error;
    },
  });

  it('is named, with the error as the cause', async () => {
    const cause = new TypeError('x is not a function');
    const work = aggregateBy(mixtures, { rule: throwing(cause) });
    await expect(work).rejects.toThrow(/^the rule "mine" failed: x is not a function$/);
    await expect(work).rejects.toMatchObject({ cause });
    await expect(aggregateBy(mixtures, { rule: throwing('a word') })).rejects.toThrow(
      /^the rule "mine" failed: a word$/,
    );
  });

  it('says what the library’s own errors say', async () => {
    const error = new NoCentre('there is nothing to trust');
    await expect(aggregateBy(mixtures, { rule: throwing(error) })).rejects.toBe(error);
  });

  it('ends with the reason of the signal where that aborted', async () => {
    const controller = new AbortController();
    const rule: Rule = {
      name: 'mine',
      async aggregate(_, { signal }) {
        controller.abort(new Error('enough'));
        signal?.throwIfAborted();
        throw new Error('it went on');
      },
    };
    await expect(aggregateBy(mixtures, { rule, signal: controller.signal })).rejects.toThrow(/^enough$/);
  });
});
