import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { expertsModel } from '../experts/model';
import { expertsPopulation } from '../simulate/experts-population';
import { expertsStudyDesigns } from './experts-designs';
import { expertsErrorOf } from './experts-error';
import type { ExpertsStudyDesign } from './experts-setting';
import { expertsStudyKind, runExpertsStudy } from './experts-study';
import { type ExpertsSummaryRow, summariseExperts } from './experts-summary';
import { mergeResults } from './merge-study';

const folder = mkdtempSync(path.join(tmpdir(), 'dfmr-experts-study-'));
afterAll(() => rmSync(folder, { recursive: true }));

const small: ExpertsStudyDesign = {
  experts: [
    { name: 'one', population: { order: 2, covariates: 1 }, sampleSize: 150, machines: 5 },
    {
      name: 'two',
      population: { order: 2, covariates: 2 },
      sampleSize: 150,
      machines: 5,
      shift: 0.5,
      rows: 40,
      rowsFrom: 'machines',
      fits: 'own',
    },
  ],
  failures: [
    { kind: 'none', fraction: 0 },
    { kind: 'signs', fraction: 0.4 },
    { kind: 'expert', fraction: 1 },
  ],
  methods: ['MLE', 'Oracle', 'Components', 'DFMR(1.3)', 'Vanilla'],
  seed: 'small',
};

describe('a study of mixtures of experts', () => {
  it('is the same in one piece and in parts, and resumes', async () => {
    const file = path.join(folder, 'whole.jsonl');
    const whole = await runExpertsStudy(small, { repetitions: 2, workers: 1, file });
    expect(whole.repetitions).toHaveLength(4);
    const parts = [0, 1].map((index) => path.join(folder, `part-${index}.jsonl`));
    for (const [index, one] of parts.entries())
      await runExpertsStudy(small, { repetitions: 2, workers: 1, file: one, part: { index, of: 2 } });
    const merged = path.join(folder, 'merged.jsonl');
    const { missing } = mergeResults(small, parts, {
      repetitions: 2,
      file: merged,
      format: expertsStudyKind,
      settings: 2,
    });
    expect(missing).toEqual([]);
    expect(readFileSync(merged, 'utf8')).toBe(readFileSync(file, 'utf8'));
    expect((await runExpertsStudy(small, { repetitions: 2, workers: 1, file })).repetitions).toEqual(whole.repetitions);
  });

  it('has means over the repetitions, without an oracle where every machine fails', async () => {
    const study = await runExpertsStudy(small, { repetitions: 2, workers: 1 });
    const rows = summariseExperts(study);
    expect(rows).toHaveLength(2 * (5 + 5 + 3));
    const none = rows.find(({ failure, method }) => failure === 'none' && method === 'Vanilla') as ExpertsSummaryRow;
    const errors = study.repetitions
      .filter(({ setting }) => setting === 0)
      .map(
        ({ rows: own }) => own.find(({ failure, method }) => failure === 'none' && method === 'Vanilla')?.error ?? 0,
      );
    expect(none.error).toBeCloseTo((errors[0] + errors[1]) / 2, 6);
    expect(none.errorError).toBeCloseTo(Math.abs(errors[0] - errors[1]) / 2, 6);
    expect(none).toMatchObject({ setting: 'one', repetitions: 2, toOracle: 1, toNone: 1, kept: null, wrong: null });
    expect(rows.filter(({ fraction, toOracle }) => fraction === 1 && toOracle !== null)).toEqual([]);
  });

  it('refuses a design that cannot be, by name', async () => {
    const run = (change: object) => runExpertsStudy({ ...small, ...change }, { repetitions: 1, workers: 1 });
    await expect(run({ failures: [{ kind: 'mean', fraction: 0.2 }] })).rejects.toThrow(
      'a failure is "mean": use none, coefficients',
    );
    await expect(run({ failures: [{ kind: 'signs', fraction: 2 }] })).rejects.toThrow('the fraction of signs is 2');
    await expect(run({ methods: ['Best'] })).rejects.toThrow('there is no rule "Best"');
    await expect(run({ experts: [] })).rejects.toThrow('experts is []: a list is needed');
    await expect(run({ seed: {} })).rejects.toThrow('the seed is {}');
  });

  it('measures errors in numbers as they are told, whatever the labels', () => {
    const truth = expertsPopulation({ order: 3, covariates: 2, seed: 4 });
    const { gates, coefficients, variances } = truth;
    const order = [2, 0, 1];
    const other = expertsModel({
      gates: order.map((k) => gates[k].map((value, j) => value + (k === 0 && j === 1 ? 0.6 : 0))),
      coefficients: order.map((k) => coefficients[k].map((value, j) => value + (k === 1 && j === 2 ? 0.4 : 0))),
      variances: order.map((k) => variances[k]),
    });
    const found = expertsErrorOf(truth, 'it')(other);
    expect(found.expertError).toBeCloseTo(0.4 ** 2 / (3 * 4), 6);
    expect(found.gateError).toBeCloseTo(0.6 ** 2 / (2 * 3), 6);
    expect(found.error).toBeGreaterThan(0);
    expect(expertsErrorOf(truth, 'it')(truth)).toEqual({ error: 0, expertError: 0, gateError: 0 });
  });
});

describe('DFMR and the rule by experts, K = 4, d = 4, m = 20, n = 500', async () => {
  const design = { ...expertsStudyDesigns.experts, methods: ['MLE', 'Oracle', 'Components', 'DFMR(1.2)'] };
  const rows = summariseExperts(await runExpertsStudy(design, { repetitions: 1, workers: 1 }));
  const of = (failure: string, fraction: number, method: string) =>
    rows.find(
      (row) => row.failure === failure && row.fraction === fraction && row.method === method,
    ) as ExpertsSummaryRow;

  it.each(design.failures.filter(({ fraction }) => fraction === 0.4))(
    'are within 1.1 of the oracle, and use nothing wrong: $kind',
    ({ kind }) => {
      for (const method of ['Components', 'DFMR(1.2)']) {
        const { toOracle, wrong } = of(kind, 0.4, method);
        expect(toOracle).toBeLessThan(1.1);
        expect(wrong).toBe(0);
      }
    },
  );

  it('lose little to one bad expert on every machine, by experts', () => {
    const { toNone, wrong } = of('expert', 1, 'Components');
    expect(toNone).toBeLessThan(1.2);
    expect(wrong).toBe(0);
    expect(of('expert', 1, 'DFMR(1.2)').toNone).toBeGreaterThan(5);
  });

  it('reduce honest models to within 1.1 of the MLE of all rows', () => {
    expect(of('none', 0, 'Oracle').error).toBeLessThan(1.1 * Number(of('none', 0, 'MLE').error));
  });
});
