import { describe, expect, it } from 'vitest';
import { aggregate } from '../aggregate/aggregate';
import { aggregateBy } from '../aggregate/rules';
import { dfmrExperts, dfmrExpertsComponents, expertsDistanceMatrix, reduceExperts } from './aggregate-experts';
import { drawnFrom, randomExperts } from './experts.fixture';
import { expertsStandardErrors } from './experts-standard-errors';
import { fitExperts } from './fit-experts';
import { expertsModel } from './model';

const truth = randomExperts(3, 2, 3);
const fits = Array.from({ length: 10 }, (_, i) => {
  const { x, y } = drawnFrom(truth, 300, i);
  return fitExperts(x, y, { start: truth });
});
const covariates = drawnFrom(truth, 150, 99).x;
const wrong = (i: number) => {
  const { gates, coefficients, variances } = fits[i].model;
  const model = expertsModel({ gates, coefficients: coefficients.map((row) => row.map((value) => -value)), variances });
  return { model, sampleSize: 300 };
};
const sent = [...fits.slice(0, 7), wrong(7), wrong(8), wrong(9)];

describe('the rules, of mixtures of experts', () => {
  it('aggregate by experts, with decisions, errors and the rows of all', async () => {
    const progress: string[] = [];
    const { rule, result, components, standardErrors, decisions, dfmr } = await aggregate(sent, {
      covariates,
      expected: 11,
      names: sent.map((_, i) => `hospital ${i}`),
      onProgress: ({ stage }) => progress.push(stage),
    });
    expect(rule).toBe('components');
    expect(dfmr).toBeUndefined();
    expect([...result.kept]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(result.setAside.map(({ machine }) => machine)).toEqual([7, 8, 9]);
    expect(result.setAside[0].reason).toBe(
      '3 of its 3 experts are far from those of the others, so that it is not believed',
    );
    expect(result.sampleSize).toBe(2100);
    expect(result.model).toEqual(dfmrExpertsComponents(sent, covariates).model);
    expect(result.mixture).toBe(result.model);
    expect(result.covariates.rows).toBe(150);
    expect(components?.model).toBe(result.model);
    expect(standardErrors).toEqual(expertsStandardErrors(components as never, covariates));
    expect(decisions).toContain('1 of 11 machines sent nothing.');
    expect(decisions).toContain('7 of 10 machines are kept, all of them whole.');
    expect(decisions.find((one) => one.startsWith('Set aside: hospital 7'))).toBeDefined();
    expect(progress).toContain('filtering components');
    expect(expertsDistanceMatrix([result, truth], covariates).at(0, 1)).toBeLessThan(0.05);
  });

  it('aggregate by DFMR with the inflation factor that the distances suggest', async () => {
    const { rule, result, dfmr, decisions } = await aggregate(sent, { covariates, rule: 'dfmr', uncertainty: false });
    expect(rule).toMatch(/^dfmr\(/);
    expect([...result.kept]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(dfmr?.result.model).toBe(result.model);
    expect(decisions[0]).toBe('Distances are between the densities as they are.');
  });

  it.each(['coat', 'dfmr(1.2)', 'components', 'trim', 'vanilla', 'oracle'])('answer by name: %s', async (rule) => {
    const { model, mixture, kept } = await aggregateBy(sent, { rule, covariates, failed: [7, 8, 9] });
    expect(model).toBe(mixture);
    if (rule !== 'vanilla' && rule !== 'trim') {
      expect([...kept].every((i) => i < 7)).toBe(true);
      expect(expertsDistanceMatrix([model, truth], covariates).at(0, 1)).toBeLessThan(0.1);
    }
  });

  it('are the same functions as those for experts', async () => {
    const dfmr = await aggregateBy(sent, { rule: 'dfmr(1.2)', covariates });
    expect(dfmr.model).toEqual(dfmrExperts(sent, covariates).model);
    const vanilla = await aggregateBy(fits, { rule: 'vanilla', covariates });
    expect(vanilla.model).toEqual(reduceExperts(fits, covariates).model);
    const started = await aggregateBy(fits, { rule: 'vanilla', covariates, start: truth });
    expect(started.model).toEqual(reduceExperts(fits, covariates, { start: truth }).model);
  });

  it('take a rule and a distance of your own', async () => {
    const middle = {
      name: 'middle',
      aggregate: async <P>([, mixture]: readonly P[], { distances }: { distances(): Promise<{ size: number }> }) => {
        expect((await distances()).size).toBe(10);
        return { mixture, kept: [1] };
      },
    };
    const distance = {
      name: 'order',
      *matrix() {
        yield* [];
        return { size: 10, logScale: 0, at: () => 1 };
      },
    };
    const { model } = await aggregateBy(sent, { rule: middle as never, distance: distance as never, covariates });
    expect(expertsDistanceMatrix([model, fits[1]], covariates).at(0, 1)).toBeLessThan(1e-6);
  });

  it('need covariates, which mixtures do not have', async () => {
    await expect(aggregate(sent as never)).rejects.toThrow('give { covariates }');
    await expect(aggregateBy(sent as never, { rule: 'coat' })).rejects.toThrow('give { covariates }');
    await expect(aggregate([{}] as never, { covariates } as never)).rejects.toThrow('leave them out');
  });

  it('end when the signal aborts', async () => {
    const stop = new AbortController();
    const work = aggregate(sent, {
      covariates,
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    await expect(work).rejects.toThrow('enough');
  });
});
