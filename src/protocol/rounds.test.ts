import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { dfmrComponents } from '../aggregate/components';
import { wasserstein1 } from '../distance/transport-divergence';
import { InvalidInput, NoCentre } from '../errors';
import { fit } from '../estimate/fit';
import { examples, examplesOfConstant } from '../families/examples.fixture';
import { familyOf } from '../families/families-registry';
import type { GaussianParameter } from '../families/gaussian-parameter';
import type { Samples } from '../math/table';
import { gaussianMixture } from '../mixture/constructors';
import { type Mixture, mixture, mixtureToVector } from '../mixture/mixture';
import { logDensity } from '../mixture/posterior';
import { sample } from '../mixture/sample';
import { mixsim } from '../simulate/mixsim';
import { align } from '../theory/align';
import { standardErrors } from '../theory/standard-errors';
import type { Progress } from '../work/work';
import { converse } from './protocol';
import { machinesOf, type RoundMachine, type StepOptions } from './round-machine';
import { dfmrRounds, roundsFrom, roundsSetup } from './rounds';
import { roundsProtocol } from './rounds-protocol';
import { type AskFile, answerByFile, beginByFiles, nextByFiles } from './run-files';
import { runHere } from './run-here';

// Threads run files of the build.
const dist: NodeJS.Require = createRequire(path.join(__dirname, '../../dist/protocol/any.js'));
const built: { machinesOf: typeof machinesOf } = dist('./round-machine.js');
const rounds: { dfmrRounds: typeof dfmrRounds } = dist('./rounds.js');
const mixtures: { mixtureFromJSON(json: unknown): Mixture<never> } = dist('../mixture/mixture.js');

const here = (tables: readonly Samples[]) => machinesOf(tables, { workers: 1 });

/** All rows in one table. */
function pooled(tables: readonly Samples[]): Samples {
  const data = Float64Array.from(tables.flatMap((one) => [...one.data]));
  return { data, rows: tables.reduce((sum, { rows }) => sum + rows, 0), columns: tables[0].columns };
}

const total = (mixture: Mixture, table: Samples) => logDensity(mixture, table).reduce((sum, log) => sum + log, 0);

const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-rounds-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('one EM step of each machine, and what is kept of it, is the EM step of all rows', () => {
  /** Location–scale families are not exponential: means of their parameters are no M-step. */
  const others = ['logistic', 'gumbel'];
  const exponential = [
    ...Object.entries(examples).filter(([name]) => !others.includes(name)),
    ...Object.entries(examplesOfConstant)
      .filter(([name]) => name !== 'student-t')
      .flatMap(([, of]) => Object.entries(of)),
  ];
  const exact = 1e-10;

  it.each(exponential)('%s, of machines with 60 to 600 rows', async (name, { honest }) => {
    const start = mixture(name, honest.weights, honest.parameters);
    const tables = [100, 60, 600, 220, 90, 310, 150].map((n, i) => sample(start, n, `exact ${name} ${i}`).data);
    const options = { start, rounds: 1, iterations: 1, penalty: 0, vote: false };
    const { mixture: found, history, sampleSize } = await dfmrRounds<unknown>(here(tables), options);
    expect(history[0].keptComponents).toEqual(new Array(7 * start.order).fill(1));
    expect(sampleSize).toBe(1530);
    const step = fit<unknown>(pooled(tables), { start, maxIterations: 1, tolerance: 0, penalty: 0 });
    const [vector, expected] = [found, step.mixture].map((one) => mixtureToVector(one));
    vector.forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(exact * Math.max(Math.abs(expected[i]), 1e-3));
    });
    expect(wasserstein1(step.mixture, start)).toBeGreaterThan(1e-4); // it is a step at all
  });

  it('of rows that count more or less than once too', async () => {
    const start = mixsim({ order: 3, dimension: 2, maximumOverlap: 0.05, seed: 4 });
    const tables = [200, 150, 300].map((n, i) => {
      const { data } = sample(start, n, i);
      return { ...data, weights: Float64Array.from({ length: n }, (_, j) => (j * 7 + i) % 4) };
    });
    const options = { start, rounds: 1, iterations: 1, penalty: 0, vote: false };
    const { mixture: found, sampleSize } = await dfmrRounds(here(tables), options);
    const repeated = tables.map(({ data, rows, columns, weights }) => {
      const all = Array.from({ length: rows }, (_, j) => j).flatMap((j) => new Array<number>(weights[j]).fill(j));
      const rowOf = (j: number) => [...data.subarray(j * columns, (j + 1) * columns)];
      return { data: Float64Array.from(all.flatMap(rowOf)), rows: all.length, columns };
    });
    const step = fit(pooled(repeated), { start, maxIterations: 1, tolerance: 0, penalty: 0 });
    expect(sampleSize).toBe(step.sampleSize);
    const expected = mixtureToVector(step.mixture);
    mixtureToVector(found).forEach((value, i) => {
      expect(Math.abs(value - expected[i])).toBeLessThan(exact * Math.max(1, Math.abs(expected[i])));
    });
  });

  it('with the penalty of all rows, of which each machine has its share', async () => {
    const start = mixsim({ order: 3, dimension: 2, maximumOverlap: 0.05, seed: 4 });
    const tables = [200, 150, 300].map((n, i) => sample(start, n, i).data);
    const penalties: number[] = [];
    const told = here(tables).map((machine, i) => ({
      ...machine,
      step: (from: Mixture<GaussianParameter>, options: StepOptions) => {
        penalties[i] = options.penalty;
        return machine.step(from, options);
      },
    }));
    await dfmrRounds(told, { start, rounds: 2, iterations: 1 });
    penalties.forEach((penalty, i) => {
      expect(penalty).toBeCloseTo((650 ** -0.5 * tables[i].rows) / 650, 12);
    });
  });
});

describe('a machine of a table', () => {
  const start = mixsim({ order: 3, dimension: 2, maximumOverlap: 0.05, seed: 4 });
  const { data: table } = sample(start, 200, 1);

  it('answers where EM led, how many rows it has, and the log-likelihood of the start', async () => {
    const [machine] = machinesOf([table], { workers: 1 });
    const reply = await machine.step(start, { iterations: 4, penalty: 0.01 });
    expect(reply.sampleSize).toBe(200);
    expect(reply.logLikelihood).toBeCloseTo(total(start, table), 8);
    const alone = fit(table, { start, maxIterations: 4, tolerance: 0, penalty: 0.01 });
    expect(mixtureToVector(reply.mixture)).toEqual(mixtureToVector(alone.mixture));
    expect([machine.sampleSize, machine.dimension]).toEqual([200, 2]);
  });

  it.each([
    ['a start of another dimension', mixsim({ order: 2, dimension: 3, maximumOverlap: 0.05, seed: 1 }), /mixture in 3 dimensions, but the table has 2 columns/],
    ['a start of another family', mixture('gamma', [1], [{ shape: 1, scale: 1 }]), /mixture in 1 dimensions, but the table has 2 columns/],
  ])('refuses %s', async (_, from, message) => {
    const [machine] = machinesOf([table], { workers: 1 });
    await expect(machine.step(from as Mixture, { iterations: 1, penalty: 0 })).rejects.toThrow(message);
  }); // biome-ignore format: short

  it('is of a table that is one', () => {
    expect(() => machinesOf([[[1, 2]], [[1, Number.NaN]]])).toThrow(/machine 1: row 0, column 1 of the table is NaN/);
    expect(() => machinesOf([[[1]]], { workers: 0 })).toThrow(/workers is 0/);
    expect(() => machinesOf({} as never)).toThrow(/a list of tables/);
  });
});

describe('rounds are the same', () => {
  const truth = mixsim({ order: 3, dimension: 2, maximumOverlap: 0.05, seed: 4 });
  const tables = [150, 120, 200, 180, 130].map((n, i) => sample(truth, n, `same ${i}`).data);
  const start = dfmrComponents(tables.map((table, i) => fit(table, { order: 3, seed: i })));
  const plan = { rounds: 5, iterations: (t: number) => (t < 3 ? 3 : 1), tolerance: 0 };
  const text = (value: unknown) => JSON.stringify(value);

  it('of machines and in a conversation of tables, on threads and by files', async () => {
    const found = await dfmrRounds(machinesOf(tables, { workers: 1 }), {
      start,
      ...plan,
    });
    expect(found.history.length).toBeGreaterThan(2);
    const setup = roundsSetup(start, plan);
    const outcome = await converse(roundsProtocol, setup, runHere(tables));
    expect(text(roundsFrom(outcome, familyOf('gaussian')))).toBe(text(found));
    const { mixture: from, sampleSize } = start;
    const known = { mixture: mixtures.mixtureFromJSON(from.toJSON()), sampleSize };
    const onThreads = await rounds.dfmrRounds(built.machinesOf(tables, { workers: 2 }), {
      start: known,
      ...plan,
    } as never);
    expect(text(onThreads)).toBe(text(found));
    let ask: AskFile = JSON.parse(text(beginByFiles('rounds', setup)));
    for (;;) {
      const replies = await Promise.all(tables.map((table, i) => answerByFile(ask, table, `ward ${i}`)));
      const messages = replies.map((reply, i) => ({ name: `machine ${i}`, text: text(reply) }));
      const { next } = await nextByFiles(ask, ask.round > 1 ? messages.reverse() : messages);
      if ('result' in next) {
        expect(text(roundsFrom(next.result as never, familyOf('gaussian')).mixture)).toBe(text(found.mixture));
        break;
      }
      ask = JSON.parse(text(next));
    }
  });

  it('if they are killed at any point and go on from a file', async () => {
    const found = await dfmrRounds(here(tables), { start, ...plan });
    for (const after of [3, 11, 17]) {
      const file = path.join(folder, `killed-${after}.json`);
      const controller = new AbortController();
      let answers = 0;
      const onProgress = (_: Progress) => {
        if (++answers === after) controller.abort(new Error('killed'));
      };
      const options = { start, ...plan, file };
      await expect(dfmrRounds(here(tables), { ...options, signal: controller.signal, onProgress })).rejects.toThrow(
        'killed',
      );
      expect(existsSync(file)).toBe(after > 5);
      expect(text(await dfmrRounds(here(tables), options))).toBe(text(found));
    }
    const file = path.join(folder, 'killed-11.json');
    await expect(dfmrRounds(here(tables), { start, ...plan, vote: false, file })).rejects.toThrow(
      /is of other rounds, which differ in vote/,
    );
    expect(JSON.parse(readFileSync(file, 'utf8')).state.history.length).toBeGreaterThan(3);
  });
});

describe('rounds of honest machines', () => {
  const truth = mixsim({ order: 5, dimension: 10, maximumOverlap: 0.2, seed: 100 });
  const tables = Array.from({ length: 20 }, (_, i) => sample(truth, 500, `0-${i}`).data);
  const all = pooled(tables);
  const start = dfmrComponents(tables.map((table) => fit(table, { start: truth })));
  const best = total(fit(all, { start: truth, tolerance: 1e-9, maxIterations: 3000 }).mixture, all);
  const gap = (mixture: Mixture) => best - total(mixture, all);

  it('lead from 190 nats below the MLE of all rows to less than 1.5 in eight', async () => {
    expect(gap(start.mixture)).toBeGreaterThan(100);
    const {
      mixture: found,
      history,
      decisions,
    } = await dfmrRounds(here(tables), { start, rounds: 16, iterations: 1, tolerance: 0 });
    expect(gap(history[7].mixture)).toBeLessThan(1.5);
    expect(gap(found)).toBeLessThan(0.3);
    expect(decisions.join(' ')).toContain(
      'A message holds 330 numbers (2.64 kB) each way and machine; the rows of a machine are 500 × 10 (40 kB), 15 times as much.',
    );
  });

  it('and to less than 0.3 if they are accelerated', async () => {
    const { mixture: found, history } = await dfmrRounds(here(tables), {
      start,
      rounds: 8,
      iterations: 1,
      accelerate: true,
    });
    expect(history.filter(({ proposal, accepted }) => proposal === 'extrapolation' && accepted).length).toBeGreaterThan(
      1,
    );
    expect(gap(found)).toBeLessThan(0.3);
  });
});

describe('standard errors after rounds', () => {
  it('are those of the MLE of the kept rows', async () => {
    const truth = mixsim({ order: 2, dimension: 1, maximumOverlap: 0.05, seed: 2 });
    const tables = [150, 220, 180, 300, 210].map((n, i) => sample(truth, n, `errors ${i}`).data);
    const told: Progress[] = [];
    const result = await dfmrRounds(here(tables), {
      start: truth,
      rounds: 60,
      iterations: 1,
      tolerance: 1e-9,
      onProgress: (progress) => told.push(progress),
    });
    expect(result.converged).toBe(true);
    expect(result.history.length).toBeLessThan(60);
    expect(told.at(-1)).toEqual({ stage: 'rounds', done: 300, total: 300 }); // so that its bar goes away
    const mle = fit(pooled(tables), { start: truth, tolerance: 1e-10, maxIterations: 5000 });
    const [errors, expected] = [standardErrors(result), standardErrors(mle)];
    errors.forEach((error, i) => {
      expect(Math.abs(error / expected[i] - 1)).toBeLessThan(0.01);
    });
  });

  it('cover the truth 95 times in 100, though machines have 60 rows each', async () => {
    const truth = gaussianMixture({ weights: [0.4, 0.6], means: [[0], [4]], covariances: [[[1]], [[2]]] });
    const target = mixtureToVector(truth);
    let [covered, all] = [0, 0];
    for (let r = 0; r < 30; r++) {
      const tables = Array.from({ length: 10 }, (_, i) => sample(truth, 60, `coverage ${r} ${i}`).data);
      const start = align(dfmrComponents(tables.map((table) => fit(table, { start: truth }))), truth);
      const result = await dfmrRounds(here(tables), { start, rounds: 8, iterations: (t) => (t < 4 ? 4 : 1) });
      const errors = standardErrors(result, { draws: 2000 });
      mixtureToVector(result.mixture).forEach((value, i) => {
        all++;
        if (Math.abs(value - target[i]) < 1.96 * errors[i]) covered++;
      });
    }
    expect(all).toBe(150);
    expect(covered / all).toBeGreaterThan(0.88);
    expect(covered / all).toBeLessThan(0.995);
  });
});

describe('machines that are silent, late or strange', () => {
  const truth = mixsim({ order: 3, dimension: 2, maximumOverlap: 0.02, seed: 4 });
  const tables = Array.from({ length: 7 }, (_, i) => sample(truth, 150, `strange ${i}`).data);
  const machines = here(tables);
  const plan = { start: truth, rounds: 2, iterations: 1, tolerance: 0 };
  type Step = RoundMachine<GaussianParameter>['step'];
  const withMachine = (step: Step): RoundMachine<GaussianParameter>[] =>
    machines.map((machine, i) => (i === 3 ? { ...machine, step } : machine));

  it.each<[string, Step, RegExp]>([
    ['throws', () => { throw new Error('disk full'); }, /^disk full$/],
    ['rejects what is no error', () => Promise.reject('nothing'), /"nothing"/],
    ['answers nothing', async () => undefined as never, /it says that it has undefined rows/],
    ['has no rows', async (from) => ({ mixture: from, sampleSize: -1, logLikelihood: 0 }), /it says that it has -1 rows/],
    ['knows no likelihood', async (from) => ({ mixture: from, sampleSize: 9, logLikelihood: Number.NaN }), /its logLikelihood is NaN/],
    ['sends numbers that are none', async (from) => ({ mixture: { ...from, toJSON: () => ({ family: 'gaussian', weights: [1], parameters: [{}] }) } as never, sampleSize: 9, logLikelihood: 0 }), /.+/],
    ['sends another family', async () => ({ mixture: mixture('gamma', [1], [{ shape: 1, scale: 1 }]) as never, sampleSize: 9, logLikelihood: 0 }), /.+/],
    ['sends another order', async () => ({ mixture: gaussianMixture({ weights: [1], means: [[0, 0]], covariances: [[[1, 0], [0, 1]]] }) as never, sampleSize: 9, logLikelihood: 0 }), /length 1/],
  ])('one that %s is not used, and why is told', async (_, step, reason) => {
    const { history, kept, decisions, mixture: found } = await dfmrRounds(withMachine(step), plan);
    expect(history).toHaveLength(2);
    for (const { setAside, gains } of history) {
      expect(setAside.find(({ machine }) => machine === 3)?.reason).toMatch(reason);
      expect(gains[3]).toBeNull();
    }
    expect([...kept]).toEqual([0, 1, 2, 4, 5, 6]);
    expect(decisions.join(' ')).toContain('machine 3 was not used in any round');
    const others = await dfmrRounds(machines.toSpliced(3, 1), plan);
    expect(wasserstein1(found, others.mixture)).toBeLessThan(1e-6);
  }); // biome-ignore format: one a line

  it('one that does not answer in time is not waited for', async () => {
    let told: AbortSignal | undefined;
    const never: Step = (_, { signal }) => {
      told = signal;
      return new Promise(() => {});
    };
    const { history } = await dfmrRounds(withMachine(never), { ...plan, timeLimit: 2 });
    expect(history[1].setAside.find(({ machine }) => machine === 3)?.reason).toBe('it did not answer within 2 s');
    expect(told?.aborted).toBe(true);
  });

  it('one that is silent now and then counts when it answers', async () => {
    let asked = 0;
    const sometimes: Step = (from, options) => {
      if (++asked === 2) throw new Error('asleep');
      return machines[3].step(from, options);
    };
    const { history } = await dfmrRounds(withMachine(sometimes), { ...plan, rounds: 3 });
    expect(history.map(({ setAside }) => setAside.some(({ machine }) => machine === 3))).toEqual([false, true, false]);
    expect(history[0].gains[3]).toBeNull();
    expect(history[0].accepted).toBe(true);
  });

  it('half of them that are silent end it, as there is nobody to trust', async () => {
    const silent: Step = async () => {
      throw new Error('no power');
    };
    const four = machines.map((machine, i) => (i < 4 ? { ...machine, step: silent } : machine));
    await expect(dfmrRounds(four, plan)).rejects.toThrow(NoCentre);
    await expect(dfmrRounds(four, plan)).rejects.toThrow(/4 of 7 machines did not answer: .* machine 0: no power/);
    let asked = 0;
    const later = machines.map((machine, i) => ({
      ...machine,
      step: ((from, options) => (i < 4 && ++asked > 8 ? silent(from, options) : machine.step(from, options))) as Step,
    }));
    const { round, history, mixture: found } = await dfmrRounds(later, { ...plan, rounds: 9 });
    expect(round).toBe(1);
    expect(found).toEqual(history[0].mixture);
    expect(history.length).toBeLessThan(6);
  });

  it('what cannot be is an error that says so', async () => {
    const wide = mixsim({ order: 2, dimension: 4, maximumOverlap: 0.05, seed: 1 });
    const cases: [Promise<unknown>, RegExp][] = [
      [dfmrRounds([], plan), /machines is \[\]/],
      [dfmrRounds([{} as never], plan), /machine 0 is \{\}: it needs a function step/],
      [dfmrRounds(machines, { ...plan, start: wide as never }), /machine 0 has rows of 2 features, but the start is a mixture in 4 dimensions/],
      [dfmrRounds(machines, { ...plan, start: {} as never }), /the start is \{\}/],
      [dfmrRounds(machines, { ...plan, rounds: 0 }), /rounds is 0/],
      [dfmrRounds(machines, { ...plan, iterations: () => 0.5 }), /the iterations of round 1 is 0.5/],
      [dfmrRounds(machines, { ...plan, tolerance: -1 }), /tolerance is -1/],
      [dfmrRounds(machines, { ...plan, penalty: Number.NaN }), /penalty is NaN/],
      [dfmrRounds(machines, { ...plan, timeLimit: 0 }), /timeLimit is 0/],
    ]; // biome-ignore format: one a line
    for (const [promise, message] of cases) {
      const error = await promise.then(
        () => undefined,
        (thrown) => thrown,
      );
      expect(error).toBeInstanceOf(InvalidInput);
      expect(error.message).toMatch(message);
    }
  });
});

describe('a conversation by files', () => {
  const truth = mixsim({ order: 2, dimension: 2, maximumOverlap: 0.02, seed: 4 });
  const tables = Array.from({ length: 5 }, (_, i) => sample(truth, 80, `files ${i}`).data);
  const begin = () =>
    JSON.parse(JSON.stringify(beginByFiles('rounds', roundsSetup(truth, { rounds: 4, iterations: 1, tolerance: 0 }))));
  const repliesTo = async (ask: AskFile) =>
    Promise.all(
      tables.map(async (table, i) => ({
        name: `ward-${i}`,
        text: JSON.stringify(await answerByFile(ask, table, `ward ${i}`)),
      })),
    );

  it('sets aside what replies to another round, a replay, a stranger, and who is missing', async () => {
    const first = begin();
    const replies = await repliesTo(first);
    const second = JSON.parse(JSON.stringify((await nextByFiles(first, replies)).next));
    expect([second.round, second.ask.round, second.ask.iterations]).toEqual([2, 2, 1]);
    expect(second.ask.hash).toMatch(/^[0-9a-f]{64}$/);
    const answers = await repliesTo(second);
    const mixed = [replies[0], answers[1], answers[2], answers[3], { ...answers[4], name: 'stranger' }];
    const { next, refused } = await nextByFiles(second, mixed);
    expect(refused).toEqual([{ name: 'ward-0', reason: 'it replies to another ask' }]);
    const { history } = (next as AskFile).state as { history: { setAside: unknown[]; notes: string[] }[] };
    expect(history[1].setAside).toEqual([
      { machine: 0, reason: 'it replies to another ask' },
      { machine: 4, reason: 'it did not reply' },
    ]);
    expect(history[1].notes).toEqual([
      'stranger is not counted: it was not there in round 1, whose names of machines hold in all rounds.',
    ]);
  });

  it('lets no machine answer about a mixture that was changed on the way', async () => {
    const ask = begin();
    ask.ask.start.parameters.reverse();
    await expect(answerByFile(ask, tables[0], 'ward 0')).rejects.toThrow(/not the one that was sent/);
  });
});
