import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { registerRule } from '../aggregate/rules';
import { NoCentre } from '../errors';
import { poissonMixture } from '../mixture/constructors';
import { type ArenaDesign, type ArenaRow, IN_PART, NOBODY, runArena, summariseArena } from './arena';

const design: ArenaDesign = {
  populations: { Poisson: poissonMixture({ weights: [0.4, 0.6], means: [3, 20] }).toJSON() },
  sampleSizes: [200],
  machines: 10,
  fractions: [0.2, 0.4],
  rules: ['Components', 'Vanilla'],
  adversaries: ['move(1000)', 'drop', 'copies-of-centre'],
  seed: 'test',
};

describe('the summary', () => {
  const row = (adversary: string, ratio: number | null, fraction = 0.2): ArenaRow => ({ rule: 'Trim', fraction, adversary, ratio }); // biome-ignore format: short
  const repetitions = [
    { setting: 0, repetition: 0, rows: [row(NOBODY, 1, 0), row('a', 2), row('b', 4), row('a', 1, 0.4), row(IN_PART, 3, 0.4)] },
    { setting: 0, repetition: 1, rows: [row(NOBODY, 2, 0), row('a', 6), row('b', null), row('a', 5, 0.4), row(IN_PART, 1, 0.4)] },
  ]; // biome-ignore format: table
  const summary = summariseArena({ design, repetitions });
  const cell = (against: string, fraction: number) => {
    const found = summary.filter((one) => one.against === against && one.fraction === fraction);
    expect(found).toHaveLength(1);
    return found[0];
  };

  it('pools adversaries and repetitions of a cell', () => {
    expect(summary).toHaveLength(4);
    expect(cell('adversaries', 0.2)).toEqual({
      population: 'Poisson',
      sampleSize: 200,
      rule: 'Trim',
      fraction: 0.2,
      against: 'adversaries',
      answers: 3,
      median: 4, // of 2, 4, 6
      high: 5.8, // 0.95 of the way from the first to the last: 0.1 below the last of step 2
      worst: 6,
      worstAdversary: 'a',
      threw: 1,
    });
    expect(cell('adversaries', 0.4)).toMatchObject({ answers: 2, median: 3, worst: 5, threw: 0 });
  });

  it('keeps apart that nobody fails, and that machines are partly wrong', () => {
    expect(cell(NOBODY, 0)).toMatchObject({ answers: 2, median: 1.5, worst: 2, worstAdversary: NOBODY });
    expect(cell(IN_PART, 0.4)).toMatchObject({ answers: 2, median: 2, worst: 3 });
  });
});

describe('an arena', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'arena-'));
  const file = (name: string) => path.join(folder, name);

  it('is the same when it is resumed, and has every rule against every adversary', async () => {
    const whole = await runArena(design, { repetitions: 2, workers: 1, file: file('whole') });
    await runArena(design, { repetitions: 1, workers: 1, file: file('parts') });
    await runArena(design, { repetitions: 2, workers: 1, file: file('parts') });
    expect(readFileSync(file('parts'), 'utf8')).toBe(readFileSync(file('whole'), 'utf8'));
    const { rows } = whole.repetitions[0];
    const ofRule = rows.filter(({ rule }) => rule === 'Components');
    const names = ofRule.filter(({ fraction, adversary }) => fraction === 0.2 && adversary !== IN_PART);
    expect(names.map(({ adversary }) => adversary)).toHaveLength(3);
    expect(ofRule.filter(({ adversary }) => adversary === NOBODY)).toHaveLength(1);
    expect(rows).toHaveLength(2 * ofRule.length);
    const worst = summariseArena(whole).filter(({ against, fraction }) => against === 'adversaries' && fraction === 0.4);
    const of = (rule: string) => worst.find((one) => one.rule === rule)?.worst;
    expect(of('Components')).toBeLessThan(3);
    expect(of('Vanilla')).toBeGreaterThan(10);
  }); // biome-ignore format: short

  it('counts how often a rule throws, and ends with the error of a faulty one', async () => {
    registerRule({ name: 'gives-up', aggregate: () => { throw new NoCentre('nobody to trust'); } }); // biome-ignore format: short
    const found = await runArena({ ...design, rules: ['gives-up'] }, { repetitions: 1, workers: 1 });
    for (const { answers, threw, worst, median } of summariseArena(found)) {
      expect([answers, worst, median]).toEqual([0, Infinity, Infinity]);
      expect(threw).toBeGreaterThan(0);
    }
    registerRule({ name: 'faulty', aggregate: () => { throw new TypeError('a fault'); } }); // biome-ignore format: short
    await expect(runArena({ ...design, rules: ['faulty'] }, { repetitions: 1, workers: 1 })).rejects.toThrow(/a fault/);
  });

  it.each<[string, Partial<ArenaDesign>, RegExp]>([
    ['no machines', { machines: 0 }, /machines is 0/],
    ['half of the machines', { fractions: [0.5] }, /a fraction is 0.5: it must be above 0 and below ½/],
    ['an unknown rule', { rules: ['best'] }, /there is no rule "best"/],
    ['an unknown adversary', { adversaries: ['worst'] }, /there is no failure "worst"/],
    ['no rows', { sampleSizes: [0] }, /a sample size is 0/],
  ])('refuses %s', async (_, wrong, message) => {
    await expect(runArena({ ...design, ...wrong }, { repetitions: 1, workers: 1 })).rejects.toThrow(message);
  });
});
