import { describe, expect, it } from 'vitest';
import { type Aggregate, aggregate } from '../aggregate/aggregate';
import type { ExpertsErrors } from '../experts/experts-errors';
import { type AnyExperts, expertsModel, type VectorExperts } from '../experts/model';
import { expertsSections } from './experts-sections';
import { reportJson, reportPage } from './report';

const lines = (slope: number) =>
  expertsModel({
    gates: [
      [0, 4],
      [0, 0],
    ],
    coefficients: [
      [1, slope],
      [0, -1],
    ],
    variances: [0.04, 0.25],
  });
const covariates = Array.from({ length: 41 }, (_, s) => -1 + s / 20);
const machines = ['Adelaide', 'Berlin', '<b>Cadiz</b>'];
const options = {
  covariates,
  machines,
  estimates: [lines(2), lines(2.1), lines(-9)],
  features: ['dose'],
  responses: ['effect'],
};

/** An aggregate of experts as far as a report reads it. */
const aggregateOf = (model: AnyExperts, sampleSize?: number) =>
  ({
    rule: 'dfmr(1.5)',
    result: {
      model,
      mixture: model,
      kept: Int32Array.of(0, 1),
      setAside: [{ machine: 2, reason: 'its distance 3 is above the threshold 1' }],
      sampleSize,
      converged: true,
      notes: [],
    },
    decisions: ['2 of 3 machines are kept.'],
  }) as unknown as Aggregate<unknown>;

/** The cells of a page's tables, row by row. */
const rowsOf = (page: string) =>
  [...page.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, line]) =>
    [...line.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => cell),
  );

describe('the report of an aggregate of experts', () => {
  const page = reportPage(aggregateOf(lines(2.05), 400), options);
  const told = page.replace(/<script id="plotly">[^<]*<\/script>/, '');

  it('says who was set aside and why, and needs nothing else', () => {
    expect(rowsOf(told)).toContainEqual([
      '&lt;b&gt;Cadiz&lt;/b&gt;',
      'set aside',
      'its distance 3 is above the threshold 1',
    ]);
    expect(told).toContain('2 of 3 machines are kept.');
    expect(told).toContain(
      '3 machines each fitted a mixture of 2 Gaussian experts (1 response, 1 covariate) to rows of their own.',
    );
    expect(told).toContain('Responses: effect. Covariates: dose.');
    expect(told).not.toMatch(/<b>Cadiz|\b(NaN|undefined|\[object Object\])\b/);
    expect(told.match(/<figure class="dfmr-figure"/g)).toHaveLength(2);
  });

  it('has coefficients with standard errors of N rows, intervals, and gates with their shares', () => {
    const rows = rowsOf(told);
    const [, , estimate, error, from, to] = rows.find(
      ([expert, name]) => expert === 'expert 0' && name === 'dose',
    ) as string[];
    expect(estimate).toBe('2.05');
    // least squares: rows of the expert weigh by its gate
    const gates = covariates.map((x) => 1 / (1 + Math.exp(-4 * x)));
    const total = gates.reduce((sum, gate) => sum + gate, 0);
    const mean = gates.reduce((sum, gate, s) => sum + gate * covariates[s], 0) / total;
    const spread = gates.reduce((sum, gate, s) => sum + gate * (covariates[s] - mean) ** 2, 0) / covariates.length;
    // not knowing whose a row is costs a little
    expect(Number(error)).toBeGreaterThan(0.2 / Math.sqrt(400 * spread));
    expect(Number(error)).toBeLessThan(1.25 * (0.2 / Math.sqrt(400 * spread)));
    expect(Number(to) - Number(from)).toBeCloseTo(2 * 1.96 * Number(error), 2);
    expect(rows.find(([expert, name]) => expert === 'expert 1' && name === 'standard deviation')?.[2]).toBe('0.50');
    const [, share] = rows.filter(([expert]) => expert === 'expert 0').at(-1) as string[];
    expect(Number(share)).toBeCloseTo(total / covariates.length, 3);
  });

  it('has what is known: no errors without rows, no lines without the machines’ models', () => {
    const [plain] = [expertsSections(aggregateOf(lines(2)).result as never, { estimates: options.estimates }).join('')];
    expect(plain.match(/<figure class="dfmr-figure"/g)).toHaveLength(1);
    expect(plain).not.toMatch(/standard error|share/);
  });

  it('takes what aggregate makes of models: its rows, and its errors', async () => {
    const sent = [2, 2.02, 1.98, 2.01, -9].map((slope) => ({ model: lines(slope), sampleSize: 100 }));
    const found = await aggregate(sent, { covariates });
    const { result, standardErrors } = found;
    const html = expertsSections(result, { standardErrors, estimates: sent });
    expect(html.join('').match(/<figure class="dfmr-figure"/g)).toHaveLength(2);
    const slope = rowsOf(html.join('')).find(([, name, estimate]) => name === 'x' && Number(estimate) > 0) as string[];
    const [k] = [0, 1].filter((one) => result.model.coefficients[one][1] > 0);
    expect(Number(slope[2])).toBeCloseTo(result.model.coefficients[k][1], 3);
    expect(Number(slope[3])).toBeCloseTo((standardErrors as ExpertsErrors).coefficients[k][1], 3);
    expect(expertsSections(result, {}).join('')).toContain('standard error');
  });

  it('draws several responses and covariates, six panels of lines at most', () => {
    const wide = expertsModel<VectorExperts>({
      gates: [[0, 0, 0, 0, 0]],
      coefficients: [
        [
          [1, 2, 3, 4, 5],
          [5, 4, 3, 2, 1],
        ],
      ],
      variances: [
        [
          [1, 0.2],
          [0.2, 1],
        ],
      ],
    });
    const rows = covariates.map((x, s) => [x, x * x, Math.sin(9 * s), Math.cos(7 * s)]);
    const result = { model: wide, kept: [0], setAside: [], sampleSize: 100 };
    const html = expertsSections(result, { covariates: rows, estimates: [wide] }).join('');
    expect(html.match(/<figure class="dfmr-figure"/g)).toHaveLength(6 + 2);
    expect(html).toContain('y1 by x1, other covariates at their means');
  });

  it('is JSON that holds the model to the last bit', () => {
    const json = JSON.parse(JSON.stringify(reportJson(aggregateOf(lines(2.05), 400), options)));
    expect(json).toMatchObject({
      experts: lines(2.05).toJSON(),
      sampleSize: 400,
      covariates: ['dose'],
      responses: ['effect'],
      rule: 'dfmr(1.5)',
    });
    expect(json.mixture).toBeUndefined();
    expect(json.standardErrors.coefficients[0]).toHaveLength(2);
    expect(json.machines).toHaveLength(3);
  });
});
