import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { DamagedFile, DegenerateComponent, DfmrError, InvalidInput, NoCentre } from '../errors';
import { gaussianMixture } from '../mixture/constructors';
import { sample } from '../mixture/sample';
import { poolOf } from '../work/pool';
import type { OrderChoice } from './choose-order-protocol';
import { chooseOrderProtocol } from './choose-order-protocol';
import { askOf, oneShot } from './one-shot';
import { converse, type Protocol, type Runner } from './protocol';
import { type AskFile, answerByFile, beginByFiles, nextByFiles, type ReplyFile } from './run-files';
import { runHere } from './run-here';
import type * as Threads from './run-threads';

// Threads run files of the build.
const dist: NodeJS.Require = createRequire(path.join(__dirname, '../../dist/protocol/any.js'));
const { runOnThreads }: typeof Threads = dist('./run-threads.js');

const truth = gaussianMixture({ weights: [0.5, 0.5], means: [[0], [9]], covariances: [[[1]], [[1]]] });
const tables = [1, 2, 3, 4, 5].map((seed) => sample(truth, 60 + seed, seed).data);
const setup = { orders: [1, 2, 3], criterion: 'bic', fit: askOf({ starts: 2, seed: 1 }) } as const;
const json = (value: unknown) => JSON.parse(JSON.stringify(value));

type Message = { readonly name: string; readonly text: string };
/** What becomes of the replies of a round on the way. */
type Way = (messages: Message[], round: number) => Message[];

/** A conversation by files to its end. */
async function byFiles(protocol: string, given: unknown, way: Way = (messages) => messages, of = tables) {
  let ask: AskFile = json(beginByFiles(protocol, given));
  const refused: string[] = [];
  for (;;) {
    const replies = await Promise.all(of.map((table, i) => answerByFile(ask, table, `ward ${i}`)));
    const messages = replies.map((reply, i) => ({ name: `reply-${i}.json`, text: JSON.stringify(reply) }));
    const found = await nextByFiles(ask, way(messages, ask.round));
    refused.push(...found.refused.map(({ name, reason }) => `${name}: ${reason}`));
    if ('result' in found.next) return { result: found.next.result, refused, rounds: ask.round };
    ask = json(found.next);
  }
}

describe('a conversation has the same result here, on threads and by files:', () => {
  it('choosing the order', async () => {
    const here = await converse(chooseOrderProtocol, setup, runHere(tables));
    expect(here.order).toBe(2);
    expect(await converse(chooseOrderProtocol, setup, runOnThreads(tables, 2))).toEqual(here);
    expect(await byFiles('choose-order', setup)).toEqual({ result: here, refused: [], rounds: 2 });
  });

  it('choosing the order from rows with missing cells, of which none counts that shows nothing', async () => {
    const wide = gaussianMixture({
      weights: [0.5, 0.5],
      means: [
        [0, 0],
        [9, 9],
      ],
      covariances: [0, 1].map(() => [
        [1, 0],
        [0, 1],
      ]),
    });
    const gappy = [1, 2, 3].map((seed) => {
      const { data } = sample(wide, 80, seed);
      return { ...data, data: data.data.map((x, i) => (i % 7 === seed || i < 2 ? Number.NaN : x)) };
    });
    const given = { ...setup, fit: askOf({ starts: 2, seed: 1, missing: 'em' }) } as const;
    const here = await converse(chooseOrderProtocol, given, runHere(gappy, 'em'));
    expect(here.order).toBe(2);
    expect(await converse(chooseOrderProtocol, given, runOnThreads(gappy, 2, 'em'))).toEqual(here);
    const whole = gappy.map(({ data, rows }) => ({ data: data.slice(2), rows: rows - 1, columns: 2 })); // without what shows nothing
    expect(await converse(chooseOrderProtocol, given, runHere(whole, 'em'))).toEqual(here);
    const plain = { ...setup, fit: askOf({ starts: 2, seed: 1 }) }; // a machine that lets gaps in says so by its rows
    expect(await byFiles('choose-order', plain, undefined, gappy)).toEqual({ result: here, refused: [], rounds: 2 });
    await expect(converse(chooseOrderProtocol, given, runHere(gappy))).rejects.toThrow(
      /^machine 0: row 0, column 0 .*NaN/,
    );
  });

  it('one shot', async () => {
    const ask = askOf({ order: 2, seed: 3 });
    const here = await converse(oneShot, ask, runHere(tables));
    expect(here.map(({ sampleSize }) => sampleSize)).toEqual([61, 62, 63, 64, 65]);
    const threads = await converse(oneShot, ask, runOnThreads(tables, 2));
    expect(json(threads)).toEqual(json(here));
    const { result, rounds } = await byFiles('one-shot', ask);
    expect(rounds).toBe(1);
    expect(json(result)).toEqual(json(here));
  });
});

describe('replies to a choice of the order', () => {
  /** The text of a reply with another answer. */
  const other = (text: string, change: (answer: never) => unknown) => {
    const reply = JSON.parse(text) as ReplyFile;
    return JSON.stringify({ ...reply, answer: change(reply.answer as never) });
  };
  const changed =
    (of: readonly number[], change: (message: Message, round: number) => Message[]): Way =>
    (messages, round) =>
      messages.flatMap((message, i) => (of.includes(i) ? change(message, round) : [message]));
  const says =
    (change: (answer: never) => unknown) =>
    ({ name, text }: Message): Message[] => [{ name, text: other(text, change) }];
  const fits = (change: object) =>
    says(({ fits: all, judged, ...rest }: { fits?: object[]; judged?: object[] }) => ({
      ...rest,
      ...(all ? { fits: all.map((one) => ({ ...one, ...change })) } : { judged }),
    }));
  const judges = (change: object) =>
    says(({ fits: all, ...rest }: { fits?: object[] }) => (all ? { fits: all } : { ...rest, ...change }));

  const damages: [string, (message: Message, round: number) => Message[], RegExp][] = [
    ['torn', ({ name, text }) => [{ name, text: text.slice(0, 50) }], /the text is not JSON/],
    ['empty', ({ name }) => [{ name, text: '' }], /the text is empty/],
    ['another file', ({ name }) => [{ name, text: '{"format":"dfmr-ask"}' }], /it is not a reply to an ask/],
    ['null', ({ name }) => [{ name, text: 'null' }], /it is not a reply to an ask/],
    ['a reply to another ask', ({ name, text }) => [{ name, text: text.replace(/"ask":"...../, '"ask":"00000') }], /it replies to another ask/],
    ['an answer that is null', says(() => null), /it sent no fits|it did not judge/],
    ['an answer that is a number', says(() => 7), /it sent no fits|it did not judge/],
    ['an answer that is a text', says(() => 'fits'), /it sent no fits|it did not judge/],
    ['fits that are no list', fits0({ length: 3 }), /it sent no fits of 3 orders/],
    ['too few fits', fits0([]), /it sent no fits of 3 orders/],
    ['fits that are null', fits0([null, null, null]), /it sent no fit of order 1/],
    ['fits of nothing', fits0([{}, {}, {}]), /reply-4\.json is not counted/],
    ['errors of nothing', fits0([{ error: null }, { error: 3 }, { error: {} }]), /reply-4\.json/],
    ['rows that are huge', fits({ sampleSize: 1e300 }), /it says that it has 1e\+300 rows/],
    ['rows that are NaN', fits({ sampleSize: null }), /it says that it has null rows/],
    ['fewer rows than none', fits({ sampleSize: -5 }), /it says that it has -5 rows/],
    ['maxima that are no numbers', fits({ maxima: ['a', 'b'] }), /its maxima are not numbers/],
    ['no maxima', fits({ maxima: [] }), /its maxima are not numbers/],
    ['a mixture of another order', fits({ mixture: truth.toJSON() }), /it sent 2 gaussian components for 1 gaussian/],
    ['a mixture of another family', fits({ mixture: { family: 'gamma', weights: [1], parameters: [{ shape: 1, scale: 1 }] } }), /it sent 1 gamma components/],
    ['a mixture that is none', fits({ mixture: { family: 'gaussian', weights: [2], parameters: [{}] } }), /reply-4\.json is not counted/],
    ['judgements of NaN', judges({ judged: [1, 2, 3].map(() => ({ logLikelihood: null, entropy: 0 })) }), /it did not judge 3 mixtures/],
    ['too many judgements', judges({ judged: new Array(9).fill({ logLikelihood: -1, entropy: 0 }) }), /it did not judge 3 mixtures/],
    ['judgements of no rows', judges({ rows: 0 }), /it says that it has 0 rows/],
    ['judgements of rows beyond all', judges({ rows: 1e300 }), /it says that it has 1e\+300 rows/],
  ]; // biome-ignore format: short

  function fits0(value: unknown) {
    return says((answer: { fits?: unknown }) => (answer.fits ? { fits: value } : answer));
  }

  it.each(damages)('of a minority that are %s change nothing, and are named', async (_, damage, reason) => {
    const { result, refused } = await byFiles('choose-order', setup, changed([4], damage));
    const { order, reasons, scores } = result as OrderChoice;
    expect([order, scores.map((score) => score.order)]).toEqual([2, [1, 2, 3]]);
    const named = [...reasons, ...refused].filter((one) => one.includes('reply-4.json')).join('\n');
    expect(named).toMatch(reason);
  });

  it('of a machine that says that it has very many rows do not decide', async () => {
    const many = changed([0], says(({ fits: all, ...rest }: { fits?: object[] }) =>
      all ? { fits: all.map((one) => ({ ...one, sampleSize: 2 ** 50 })) } : { ...rest, rows: 2 ** 50 })); // biome-ignore format: short
    const { result } = await byFiles('choose-order', setup, many);
    const honest = (await byFiles('choose-order', setup)).result as OrderChoice;
    const { order, scores } = result as OrderChoice;
    expect(order).toBe(2);
    for (const [at, { bic }] of scores.entries()) expect(bic / honest.scores[at].bic).toBeLessThan(1.6); // as if it had thrice the median
  });

  it.each(damages.slice(0, 16))('of half or more that are %s leave nothing to trust', async (_, damage) => {
    await expect(byFiles('choose-order', setup, changed([0, 2, 4], damage))).rejects.toThrow(NoCentre);
  });

  it('that are missing are not there, and without any there is nothing', async () => {
    const { result } = await byFiles('choose-order', setup, (messages) => messages.slice(1));
    expect((result as OrderChoice).order).toBe(2);
    await expect(byFiles('choose-order', setup, () => [])).rejects.toThrow(InvalidInput);
  });

  it('of a machine whose text would command a terminal are shown harmless', async () => {
    const evil = changed([4], fits0([1, 2, 3].map(() => ({ error: { kind: 'Error', message: '\u001b[2J gone' } }))));
    const { result } = await byFiles('choose-order', setup, evil);
    const { order, reasons } = result as OrderChoice;
    expect(order).toBe(2);
    expect(reasons.join('')).toMatch(/reply-4\.json: \\u\{1b\}\[2J gone/);
  });
});

describe('an ask by file', () => {
  it.each([null, 3, {}, { format: 'dfmr-ask' }, { format: 'dfmr-ask', version: 2 }])('is not %j', async (given) => {
    await expect(answerByFile(given, tables[0], 'ward')).rejects.toThrow(/is not an ask of version 1/);
    await expect(nextByFiles(given, [])).rejects.toThrow(InvalidInput);
  });

  it('is of a protocol that there is', async () => {
    expect(() => beginByFiles('gossip', setup)).toThrow('there is no protocol "gossip": use one-shot, choose-order');
    const ask = { ...beginByFiles('choose-order', setup), protocol: 'gossip' };
    await expect(answerByFile(ask, tables[0], 'ward')).rejects.toThrow(/there is no protocol "gossip"/);
  });

  it('can be aborted', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    const ask = beginByFiles('choose-order', setup);
    await expect(answerByFile(ask, tables[0], 'ward', { signal })).rejects.toThrow(/^enough$/);
  });
});

describe('a protocol', () => {
  const counting: Protocol<number, number, number, number, number[]> = {
    name: 'counting',
    begin: (rounds) => ({ ask: 1, state: rounds }),
    *answer({ rows }, ask) {
      yield { stage: 'counting', done: 0, total: 1 };
      return rows * ask;
    },
    async next(left, replies) {
      const answers = replies.map((reply) => ('answer' in reply ? reply.answer : Number.NaN));
      return left === 1 ? { done: answers } : { ask: left * 10, state: left - 1 };
    },
  };

  it('is held until it is done, each ask with the state of the one before', async () => {
    expect(await converse(counting, 1, runHere(tables))).toEqual([61, 62, 63, 64, 65]);
    expect(await converse(counting, 3, runHere(tables))).toEqual([61, 62, 63, 64, 65].map((n) => 20 * n));
  });

  it('that never ends is ended', async () => {
    const runner: Runner = { machines: 1, ask: async () => [] };
    await expect(converse(counting, Infinity, runner)).rejects.toThrow(
      /the protocol counting did not end after 10000 rounds/,
    );
  });

  it('ends with the reason of a signal that aborts between rounds', async () => {
    const controller = new AbortController();
    const runner: Runner = {
      machines: 1,
      async ask() {
        controller.abort(new Error('enough'));
        return [];
      },
    };
    await expect(converse(counting, 3, runner, { signal: controller.signal })).rejects.toThrow(/^enough$/);
  });
});

it('threads whose file was not built say what to do', () => {
  expect(() => poolOf(path.join(__dirname, 'protocol-worker'), 2)).toThrow(
    /protocol-worker\.js, which threads run: build first with `npm run build`/,
  );
  expect(() => poolOf(path.join(__dirname, 'protocol-worker'), 2)).not.toThrow(DfmrError);
});

it.each([1, 2])('errors keep their class with %i threads', async (workers) => {
  const library = dist('../index.js') as typeof import('../index');
  const constant = [[1, 7], [2, 7], [3, 7], [4, 7]]; // biome-ignore format: a table
  const fitting = library.fitAll([constant, constant], { order: 2, workers });
  await expect(fitting).rejects.toThrow(library.InvalidInput);
  await expect(fitting).rejects.toMatchObject({
    name: 'InvalidInput',
    message: expect.stringMatching(/^machine \d: /),
  });
});

it('errors that travel as JSON keep their class and message', async () => {
  const { errorFromJSON, errorToJSON } = await import('../errors');
  for (const Kind of [DfmrError, InvalidInput, DegenerateComponent, NoCentre, DamagedFile]) {
    const again = errorFromJSON(json(errorToJSON(new Kind('what happened'))));
    expect(again).toBeInstanceOf(Kind);
    expect(again.constructor).toBe(Kind);
    expect(again.message).toBe('what happened');
  }
  expect(errorFromJSON({ kind: 'constructor', message: 'odd' }).constructor).toBe(Error);
});
