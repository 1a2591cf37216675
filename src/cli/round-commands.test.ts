import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Samples } from '../math/table';
import { sample } from '../mixture/sample';
import { machinesOf } from '../protocol/round-machine';
import { dfmrRounds } from '../protocol/rounds';
import { mixsim } from '../simulate/mixsim';
import { commandIn } from './command.fixture';

const cwd = mkdtempSync(path.join(tmpdir(), 'dfmr-rounds-'));
afterAll(() => rmSync(cwd, { recursive: true }));
const dfmr = commandIn(cwd);
const read = (file: string) => readFileSync(path.join(cwd, file), 'utf8');
const json = (file: string) => JSON.parse(read(file));

const truth = mixsim({ order: 2, dimension: 2, maximumOverlap: 0.03, seed: 3 });
const tables = Array.from({ length: 5 }, (_, i) => sample(truth, 90 + 10 * i, `ward ${i}`).data);
const csvOf = ({ data, rows }: Samples) =>
  `y,kind,x\n${Array.from({ length: rows }, (_, j) => `${data[2 * j + 1]},k,${data[2 * j]}\n`).join('')}`;
const wards = tables.map((_, i) => `ward-${i}.csv`);

beforeAll(() => {
  for (const [i, table] of tables.entries()) writeFileSync(path.join(cwd, wards[i]), csvOf(table));
  writeFileSync(
    path.join(cwd, 'start.json'),
    JSON.stringify({ mixture: truth.toJSON(), sampleSize: 400, features: ['x', 'y'] }),
  );
});

describe('rounds by files', () => {
  it('lead to the same as rounds in one process, and write the same bytes again', async () => {
    const begun = await dfmr(
      'round',
      '--start',
      'start.json',
      '--out',
      'ask-1.json',
      '--rounds',
      '3',
      '--iterations',
      '2,1',
      '--tolerance',
      '0',
    );
    expect([begun.status, begun.stderr]).toEqual([0, '']);
    expect(begun.stdout).toBe(
      'ask-1.json: the ask of round 1; each machine replies with: dfmr fit TABLE --start ask-1.json --out REPLY, a file of the same name in every round\n',
    );
    const { ask, round } = json('ask-1.json');
    expect([round, ask.round, ask.iterations, ask.start]).toEqual([1, 1, 2, truth.toJSON()]);
    expect(ask.hash).toMatch(/^[0-9a-f]{64}$/);
    let at = 1;
    for (; at < 9; at++) {
      const answered = await dfmr('fit', ...wards, '--start', `ask-${at}.json`, '--out', `replies-${at}`);
      expect([answered.status, answered.stderr]).toEqual([0, '']);
      const replies = wards.map((_, i) => `replies-${at}/ward-${i}.json`);
      const words = ['aggregate', ...replies, '--round', `ask-${at}.json`, '--out'];
      const { status, stdout, stderr } = await dfmr(...words, `ask-${at + 1}.json`);
      expect([status, stderr]).toEqual([0, '']);
      await dfmr(...words.toSpliced(1, 5, ...replies.reverse()), 'again.json', '--force');
      expect(read('again.json')).toBe(read(`ask-${at + 1}.json`));
      if (at > 1)
        expect(stdout).toMatch(
          new RegExp(`^Round ${at - 1}: its aggregate is the best so far; [345] of 5 machines gain`),
        );
      if (stdout.includes('the result')) break;
    }
    expect(at).toBe(4); // three rounds, and the last vote
    const result = json('ask-5.json');
    const here = await dfmrRounds(machinesOf(tables, { workers: 1 }), {
      start: { mixture: truth, sampleSize: 400 },
      rounds: 3,
      iterations: (t) => (t === 1 ? 2 : 1),
      tolerance: 0,
    });
    expect(result.mixture).toEqual(JSON.parse(JSON.stringify(here.mixture)));
    expect(JSON.stringify(result.history)).toBe(JSON.stringify(here.history));
    expect([result.features, result.machines]).toEqual([['x', 'y'], wards.map((_, i) => `ward-${i}`)]);
    const classified = await dfmr('classify', 'ward-0.csv', '--mixture', 'ask-5.json', '--out', 'clusters.csv');
    expect([classified.status, classified.stderr]).toEqual([0, '']);
  });

  it('name by file what is set aside, and why', async () => {
    await dfmr(
      'round',
      '--start',
      'start.json',
      '--out',
      'a.json',
      '--rounds',
      '3',
      '--iterations',
      '1',
      '--tolerance',
      '0',
    );
    await dfmr('fit', ...wards, '--start', 'a.json', '--out', 'first');
    const first = wards.map((_, i) => `first/ward-${i}.json`);
    expect((await dfmr('aggregate', ...first, '--round', 'a.json', '--out', 'b.json')).status).toBe(0);
    await dfmr('fit', ...wards, '--start', 'b.json', '--out', 'second');
    writeFileSync(path.join(cwd, 'second/ward-0.json'), read('first/ward-0.json')); // a replay
    writeFileSync(path.join(cwd, 'second/stranger.json'), read('second/ward-4.json'));
    const second = [
      'second/ward-0.json',
      'second/ward-1.json',
      'second/ward-2.json',
      'second/ward-3.json',
      'second/stranger.json',
      'second/late.json',
    ];
    const { status, stderr } = await dfmr('aggregate', ...second, '--round', 'b.json', '--out', 'c.json');
    expect(status).toBe(0);
    expect(stderr.trim().split('\n')).toEqual([
      'second/late.json is set aside: there is no such file',
      'second/ward-0.json is set aside: it replies to another ask',
      'ward-4 is set aside: it did not reply',
      'late is not counted: it was not there in round 1, whose names of machines hold in all rounds.',
      'stranger is not counted: it was not there in round 1, whose names of machines hold in all rounds.',
    ]);
    const { state } = json('c.json');
    expect(state.history[0].gains.map((gain: number | null) => gain === null)).toEqual([
      true,
      false,
      false,
      false,
      true,
    ]);
  });

  it.each([
    [['round', '--start', 'ward-0.csv', '--out', 'x.json'], /ward-0\.csv cannot be read as JSON/],
    [['round', '--start', 'first/ward-0.json', '--out', 'x.json'], /does not hold a mixture/],
    [['round', '--start', 'start.json', '--out', 'x.json', '--iterations', '3,0'], /--iterations is "3,0": give positive integers/],
    [['fit', 'ward-0.csv', '--start', 'start.json', '--out', 'x.json'], /is not an ask of version 1: .*`dfmr round` writes one/],
    [['fit', 'ward-0.csv', '--start', 'a.json', '--order', '2', '--out', 'x.json'], /leave out --order/],
    [['fit', 'ward-0.csv', '--start', 'a.json', '--columns', 'x', '--out', 'x.json'], /ward-0\.csv: the start is a mixture in 2 dimensions, but the table has 1 columns/],
    [['fit', 'ward-0.csv', '--start', 'a.json', '--out', 'first/ward-0.json'], /exists: give another name, .*--resume, or overwrite it with --force/],
    [['aggregate', 'first/ward-0.json', 'second/ward-0.json', '--round', 'a.json', '--out', 'x.json'], /are both of the machine ward-0/],
    [['aggregate', 'first/ward-0.json', '--round', 'a.json', '--out', 'x.json', '--report', 'x.html'], /--report/],
  ])('%j is an error that says why', async (words, message) => {
    const { status, stderr } = await dfmr(...words);
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
  }); // biome-ignore format: one a line
});
