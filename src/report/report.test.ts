import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type Aggregate, aggregate } from '../aggregate/aggregate';
import { type Analysis, analyse } from '../analysis/analyse';
import { bootstrap } from '../analysis/bootstrap';
import type { GaussianParameter } from '../families/gaussian-parameter';
import {
  categoricalMixture,
  dirichletMixture,
  exponentialMixture,
  gammaMixture,
  gaussianMixture,
  sphericalGaussianMixture,
  vonMisesFisherMixture,
} from '../mixture/constructors';
import type { Estimate } from '../mixture/given';
import { mixtureFromJSON } from '../mixture/mixture';
import { bell } from '../mixture/mixtures.fixture';
import { sample } from '../mixture/sample';
import { figureInHtml } from '../page/figure-html';
import { reportJson, reportPage } from './report';
import { verdicts } from './verdicts';

// Plotly is the same on every page: compressed once, as that takes longest
vi.mock('node:zlib', async (original) => {
  const zlib = await original<typeof import('node:zlib')>();
  let compressed: Buffer | undefined;
  const gzipSync: typeof zlib.gzipSync = (...given) => {
    compressed ??= zlib.gzipSync(...given);
    return compressed as ReturnType<typeof zlib.gzipSync>;
  };
  return { ...zlib, gzipSync };
});

/** The page without Plotly, which is one element and says nothing of the report. */
const told = (page: string) => page.replace(/<script id="plotly">[^<]*<\/script>/, '');

const plainText = (html: string) =>
  html
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&');

/** The rows of the page's tables, cell by cell, with the headings of each. */
function tables(page: string): Record<string, string>[] {
  return [...page.matchAll(/<table>(.*?)<\/table>/gs)].flatMap(([, table]) => {
    const lines = [...table.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, line]) =>
      [...line.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => plainText(cell)),
    );
    const [header, ...rows] = lines;
    return rows.map((row) => Object.fromEntries(row.map((cell, j) => [header[j], cell])));
  });
}

/** The verdicts of the page, in the order of the names. */
function verdictRows(page: string, names: readonly string[]): Record<string, string>[] {
  const rows = tables(page).filter((row) => 'verdict' in row);
  return rows.sort((a, b) => names.indexOf(a.machine) - names.indexOf(b.machine));
}
const DISTANCE = 'distance ÷ threshold';

const figures = (page: string) =>
  told(page)
    .split('<figure class="dfmr-figure"')
    .slice(1)
    .map((one) => figureInHtml(`<figure class="dfmr-figure"${one}`));

const nasty = '<script>alert("x")</script>';
const sent = (shifts: readonly number[]) => shifts.map((shift) => ({ mixture: bell(shift), sampleSize: 100 }));

/** What must hold of every report. */
function expectSelfContained(page: string, figuresAtLeast = 4): void {
  expect(page.startsWith('<!doctype html>')).toBe(true);
  expect(told(page)).not.toMatch(/(src|href)\s*=\s*["']?\s*(https?:)?\/\//);
  expect(told(page)).not.toMatch(/url\(|@import|<link|<iframe|fetch\(|import\(/);
  expect(page.match(/id="plotly"/g)).toHaveLength(1);
  expect(told(page)).not.toMatch(/\b(NaN|undefined|\[object Object\])\b/);
  expect(told(page).match(/<script/g)?.length).toBe(told(page).match(/<\/script>/g)?.length);
  expect(figures(page).length).toBeGreaterThanOrEqual(figuresAtLeast);
}

describe('a report of whole analyses by DFMR', () => {
  const pages = new Map<string, { page: string; analysis: Analysis<unknown> }>();
  const unit = (d: number) => new Array(d).fill(1);

  beforeAll(async () => {
    const gaussian = (d: number) =>
      sphericalGaussianMixture({
        weights: [0.4, 0.6],
        means: [unit(d).map(() => 0), unit(d).map(() => 6)],
        variances: [1, 2],
      });
    const cases = {
      '1 feature': [gaussian(1), 'gaussian', ['weight']],
      '2 features': [gaussian(2), 'gaussian', [nasty, 'weight']],
      '5 features': [gaussian(5), 'spherical-gaussian', ['4', '3', 'weight', 'component', nasty]],
      gamma: [gammaMixture({ weights: [0.5, 0.5], shapes: [2, 30], scales: [1, 1] }), 'gamma', undefined],
      exponential: [exponentialMixture({ weights: [0.5, 0.5], means: [1, 40] }), 'exponential', undefined],
      dirichlet: [
        dirichletMixture({
          weights: [0.3, 0.7],
          concentrations: [
            [20, 2, 2],
            [2, 5, 20],
          ],
        }),
        'dirichlet',
        ['clay', 'silt', 'sand'],
      ],
    } as const;
    for (const [name, [mixture, family, features]] of Object.entries(cases)) {
      const { data } = sample(mixture as Estimate, 400, 1);
      const analysis = (await analyse(data, {
        machines: 4,
        orders: [1, 2],
        starts: 2,
        family: family as 'gaussian',
        uncertainty: name !== '5 features',
        workers: 1,
        rule: 'dfmr',
      })) as Analysis<unknown>;
      pages.set(name, { page: reportPage(analysis, { title: `With ${name}`, features }), analysis });
    }
  });

  it.each(['1 feature', '2 features', '5 features', 'gamma', 'exponential', 'dirichlet'])(
    'is one page that needs nothing else, with %s',
    (name) => {
      const { page, analysis } = pages.get(name) as { page: string; analysis: Analysis<unknown> };
      expectSelfContained(page);
      expect(page).toContain(`<title>With ${name}</title>`);
      for (const decision of analysis.decisions) expect(plainText(page)).toContain(`<li>${decision}</li>`);
      const names = [0, 1, 2, 3].map((i) => `machine ${i}`);
      const rows = verdictRows(page, names);
      expect(rows.map(({ machine }) => machine)).toEqual(names);
      expect(rows.map(({ rows: n }) => n)).toEqual(['100', '100', '100', '100']);
      expect(plainText(page)).toContain('How many components');
      expect(page).not.toContain('<script>alert');
    },
  );

  it.each(['1 feature', '2 features', '5 features'])(
    'tells weights and means under the features’ names, with %s',
    (name) => {
      const { page, analysis } = pages.get(name) as { page: string; analysis: Analysis<unknown> };
      const { weights, parameters } = analysis.result.mixture;
      const features =
        {
          '1 feature': ['weight'],
          '2 features': [nasty, 'weight'],
          '5 features': ['4', '3', 'weight', 'component', nasty],
        }[name] ?? [];
      const all = [...told(page).matchAll(/<table>(.*?)<\/table>/gs)].map(([, table]) =>
        [...table.matchAll(/<t[hd] [^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell]) => plainText(cell)),
      );
      const header = ['component', 'weight', 'rows, about', ...features];
      const cells = all.find((one) => header.every((title, i) => one[i] === title))?.slice(header.length) ?? [];
      const expected = [...weights].flatMap((weight, k) => [
        k,
        weight,
        weight * (analysis.result.sampleSize ?? Number.NaN),
        ...(parameters[k] as { mean: Float64Array }).mean,
      ]);
      expect(cells).toHaveLength(expected.length);
      // rows are whole numbers, others have the digits that their interval leaves
      cells.forEach((cell, i) => {
        expect(Math.abs(Number(cell.split(' ± ')[0]) - expected[i])).toBeLessThan(
          i % header.length === 2 ? 0.51 : 0.06,
        );
      });
      const spreads = all.find((one) => one.length === 3 * (1 + features.length) && one[1] === features[0]);
      const covariance = (k: number) =>
        Math.sqrt(
          (parameters[k] as { covariance?: Float64Array; variance?: number }).variance ??
            (parameters[k] as { covariance: Float64Array }).covariance[0],
        );
      expect(spreads?.slice(1 + features.length)).toEqual(
        [0, 1].flatMap((k) => [
          `${k}`,
          Number(covariance(k).toPrecision(4)).toString(),
          ...new Array(features.length - 1).fill(expect.any(String)),
        ]),
      );
    },
  );

  it('tells half of the 95 % interval of each mean, to two digits', () => {
    const { page = '', analysis } = pages.get('1 feature') ?? {};
    const errors = analysis?.standardErrors ?? new Float64Array();
    const intervals = [...told(page).matchAll(/>([-\d.]+) ± ([\d.]+)</g)].map(([, ...numbers]) => numbers.map(Number));
    const [weight, mean] = intervals; // of the first component
    const found = analysis?.result.mixture;
    expect(Math.abs(weight[0] - (found?.weights[0] ?? 0))).toBeLessThan(0.01);
    const [first] = (found?.parameters ?? []) as { mean: Float64Array }[];
    expect(Math.abs(mean[0] - first.mean[0])).toBeLessThan(0.06);
    expect(weight[1] / (1.959964 * errors[0])).toBeCloseTo(1, 1);
    expect(mean[1] / (1.959964 * errors[1])).toBeCloseTo(1, 1); // after the weight: the mean of the first component
  });

  it('tells the parameters of other families', () => {
    const last = (name: string) => tables(pages.get(name)?.page ?? '').filter((row) => 'component' in row);
    expect(last('gamma').map((row) => Object.keys(row))).toEqual(
      [1, 2].map(() => ['component', 'weight', 'rows, about', 'shape', 'scale']),
    );
    expect(last('exponential').map((row) => Object.keys(row))).toEqual(
      [1, 2].map(() => ['component', 'weight', 'rows, about', 'mean']),
    );
    const [{ mean }, other] = last('exponential');
    expect([mean, other.mean].map((one) => Number(one.split(' ± ')[0])).sort((a, b) => a - b)[1]).toBeGreaterThan(30);
  });

  it('shows distances, all pairs, the curve of ρ, the order, the rows and the weights', () => {
    const types = (name: string) =>
      figures(pages.get(name)?.page ?? '').map((one) => (one?.data[0] as { type: string } | undefined)?.type);
    // distances; the rows, perhaps by pairs; weights; the order; ρ, and all pairs of machines
    expect(types('1 feature')).toEqual(['scatter', 'bar', 'bar', 'scatter', 'scatter', 'heatmap']);
    expect(types('5 features')).toEqual(['scatter', 'scatter', 'scatter', 'bar', 'scatter', 'scatter', 'heatmap']);
    const pairs = figures(pages.get('5 features')?.page ?? '')[2];
    expect(pairs?.layout.annotations?.map((note) => note?.text)).toContain('<b>weight</b>');
    expect(types('dirichlet')).toEqual(['scatter', 'bar', 'scatter', 'scatter', 'heatmap']); // no ellipses of proportions
    const axes = figures(pages.get('2 features')?.page ?? '').map(
      (one) => one?.layout as { xaxis?: { title?: { text?: string } } },
    );
    expect(axes.map((one) => one.xaxis?.title?.text)).toContain(nasty);
  });

  it('has intervals where standard errors are known', () => {
    const { page = '', analysis } = pages.get('1 feature') ?? {};
    expect(page).toContain('Weights with 95 % intervals');
    const bars = (of: string) =>
      (
        figures(of).findLast((one) => (one?.data[1] as { error_y?: object } | undefined)?.error_y)?.data[1] as
          | { error_y: { array: number[] } }
          | undefined
      )?.error_y.array;
    const [first] = analysis?.standardErrors ?? [];
    expect(first).toBeGreaterThan(0);
    expect(bars(page)).toEqual([expect.closeTo(1.96 * first, 6)]); // the second weight is 1 less the first
    const without = pages.get('5 features')?.page ?? '';
    expect(without).toContain('Weights of the components.');
    expect(bars(without)).toEqual([]);
  });

  it('shows the intervals of a bootstrap beside the asymptotic ones, where there is one', async () => {
    const { analysis, page = '' } = pages.get('1 feature') ?? {};
    const found = await bootstrap(analysis as Analysis<GaussianParameter>, { repetitions: 20, workers: 1 });
    const options = { features: ['<b>weight</b>'], bootstrap: found };
    const html = told(reportPage(analysis as Analysis<GaussianParameter>, options));
    expect(html).toContain('How exact it is');
    expect(html).toMatch(/95 % intervals by 20 simulations/);
    expect(html).toContain('component 0: mean &lt;b&gt;weight&lt;/b&gt;');
    expect(told(page)).not.toContain('How exact it is');
    const json = JSON.parse(JSON.stringify(reportJson(analysis as Analysis<GaussianParameter>, options)));
    expect(json.bootstrap.coordinates[0]).toMatchObject({
      coordinate: 'weight 0',
      from: found.lower[0],
      'asymptotic from': found.asymptotic?.lower[0],
      bias: found.bias[0],
    });
  });

  it('survives JSON, and its mixture is the result to the last bit', () => {
    for (const [, { analysis }] of pages) {
      const json = reportJson(analysis, { notes: ['a note'] }) as Record<string, unknown>;
      const again = JSON.parse(JSON.stringify(json));
      expect(again.mixture).toEqual(analysis.result.mixture.toJSON());
      const { weights, parameters } = mixtureFromJSON(again.mixture, analysis.result.mixture.family);
      expect([weights, parameters]).toEqual([analysis.result.mixture.weights, [...analysis.result.mixture.parameters]]);
      expect(again).toMatchObject({
        sampleSize: 100 * analysis.result.kept.length,
        inflationFactor: analysis.dfmr?.inflationFactor,
        suggestion: analysis.dfmr?.curve.suggestion,
        order: { order: analysis.choice?.order, scores: analysis.choice?.scores },
        decisions: ['a note', ...analysis.decisions],
      });
      expect(again.standardErrors).toEqual(analysis.standardErrors && Array.from(analysis.standardErrors));
      expect(again.machines).toEqual(verdicts(analysis));
    }
  });
});

describe('a report of estimates by DFMR', () => {
  const shifts = Array.from({ length: 45 }, (_, i) => (i < 30 ? Math.sin(i) / 10 : i / 4));
  const machines = shifts.map((_, i) => `${nasty} & ward ${i}`);
  const refused = [{ name: 'late <b>.json', reason: 'it is "no" <estimate>' }];
  const options = { title: nasty, machines, refused, notes: ['one <i>note</i>'], features: ['a & b'] };
  let found: Aggregate<GaussianParameter>;
  let page: string;

  beforeAll(async () => {
    found = await aggregate(sent(shifts), { rule: 'dfmr', uncertainty: false });
    page = reportPage(found, options);
  });

  it('has every machine in a table with verdict and reason, those set aside before at the end', () => {
    const rows = verdictRows(page, [...machines, 'late <b>.json']);
    expect(rows.map(({ machine }) => machine)).toEqual([...machines, 'late <b>.json']);
    const shown = tables(page).filter((row) => 'verdict' in row);
    expect(shown.findIndex(({ verdict }) => verdict.startsWith('kept'))).toBe(found.result.setAside.length + 1);
    const { distances = [], threshold = 0 } = found.dfmr?.result ?? {};
    const reasons = new Map(found.result.setAside.map(({ machine, reason }) => [machine, reason]));
    expect(reasons.size).toBeGreaterThan(10);
    rows.slice(0, 45).forEach(({ verdict, reason = '', [DISTANCE]: distance }, i) => {
      const kept = i === found.dfmr?.result.coat.index ? 'kept, the centre of attention' : 'kept';
      expect(verdict).toBe(reasons.has(i) ? 'set aside' : kept);
      expect(reason).toBe(reasons.get(i) ?? '');
      expect(Number(distance)).toBeCloseTo(distances[i] / threshold, 2);
    });
    expect(rows[45]).toMatchObject({ verdict: 'set aside', reason: 'it is "no" <estimate>' });
    expect(page).not.toContain('⋮');
  });

  it('escapes all that others have named', () => {
    expectSelfContained(page);
    const outside = told(page).replace(/<script type="application\/json">.*?<\/script>/gs, '');
    for (const raw of ['<script>alert', 'late <b>', '<estimate>', '<i>note', 'a & b'])
      expect(outside).not.toContain(raw);
    expect(told(page)).not.toContain('<script>alert');
    expect(told(page)).toContain('<title>&lt;script&gt;alert');
    expect(told(page)).toContain('<li>one &lt;i&gt;note&lt;/i&gt;</li>');
  });

  it('numbers machines that have no names', () => {
    expect(verdicts(found).map(({ machine }) => machine)).toEqual(shifts.map((_, i) => `machine ${i}`));
  });

  it('names the components of machines that are kept in part', () => {
    const result = {
      ...found.result,
      kept: Int32Array.of(0, 1),
      setAside: [
        { machine: 1, component: 0, reason: 'it is far' },
        { machine: 1, component: 2, reason: 'it is alone' },
        { machine: 2, reason: 'all of it is far' },
      ],
    };
    const rows = verdicts({ ...found, result, dfmr: undefined });
    expect(rows.map(({ verdict, reason, distance }) => [verdict, reason, distance])).toEqual([
      ['kept', '', undefined],
      ['kept in part', 'component 0: it is far; component 2: it is alone', undefined],
      ['set aside', 'all of it is far', undefined],
    ]);
  });

  it('is of the machines and the mixture only, if the rule is not DFMR', async () => {
    const trimmed = await aggregate(sent([0, 0.1, 0.2, 9]), { rule: 'trim', uncertainty: false });
    const drawn = figures(reportPage(trimmed)).map((one) => (one?.data[0] as { type: string } | undefined)?.type);
    expect(drawn).toEqual(['scatter', 'bar']);
    expect(tables(reportPage(trimmed))[0]).toMatchObject({ machine: 'machine 0', verdict: 'kept' });
    expect(reportPage(trimmed)).toContain('Nobody: all that the machines sent was used.');
    expect(reportJson(trimmed)).not.toHaveProperty('inflationFactor');
  });

  it('has JSON with the same verdicts', () => {
    const json = JSON.parse(JSON.stringify(reportJson(found, options)));
    expect(json.machines).toHaveLength(46);
    expect(json.machines[45]).toEqual({
      machine: 'late <b>.json',
      verdict: 'set aside',
      reason: 'it is "no" <estimate>',
    });
    expect(json.features).toEqual(['a & b']);
    expect([json.order, json.standardErrors]).toEqual([undefined, undefined]);
  });
});

describe('a report of estimates by components', () => {
  /** Honest ones, one whose wide component is elsewhere, one of which nothing is true. */
  const pair = (i: number) => Math.sin(i) / 20;
  const machines = Array.from({ length: 12 }, (_, i) => `ward ${i}`);
  const estimates = machines.map((_, i) => ({
    mixture: gaussianMixture({
      weights: [0.4 + pair(i) / 10, 0.6 - pair(i) / 10],
      means: i === 11 ? [[300], [400]] : [[pair(i)], [i === 10 ? 90 : 6 + pair(3 * i)]],
      covariances: [[[1 + pair(5 * i)]], [[2 + pair(7 * i)]]],
    }),
    sampleSize: 2000,
  }));
  const refused = [{ name: 'late.json', reason: 'it is no estimate' }];
  let found: Aggregate<GaussianParameter>;
  let page: string;
  const rows = () => verdictRows(page, [...machines, 'late.json']);

  beforeAll(async () => {
    found = await aggregate(estimates, { names: machines, uncertainty: false });
    page = reportPage(found, { machines, refused });
  });

  it('shows who was kept, in part or whole, and which components were not used, by name', () => {
    expect(rows().map(({ verdict }) => verdict)).toEqual([
      ...new Array(10).fill('kept'),
      'kept in part',
      'set aside',
      'set aside',
    ]);
    const reasons = rows().map(({ reason = '' }) => reason);
    expect(reasons.slice(0, 10).join('')).toBe('');
    expect(reasons[10]).toMatch(/^its component 1 lies [\d.]+ times as far from the others/);
    expect(reasons[10].match(/component 1/g)).toHaveLength(1);
    expect(reasons[11]).toMatch(/^2 of its 2 components are far /);
    expect(reasons[12]).toBe('it is no estimate');
  });

  it('shows as a distance that of the farthest part that was used; of all parts, if none was', () => {
    const { distances = [] } = found.components ?? {};
    const of = (i: number) => [...distances.slice(3 * i, 3 * i + 3)];
    const shown = rows().map(({ [DISTANCE]: distance }) => Number(distance));
    for (let i = 0; i < 10; i++) expect(shown[i]).toBeCloseTo(Math.max(...of(i)), 2);
    const [one, other, weights] = of(10);
    expect(verdicts(found)[10].distance).toBe(Math.max(Math.min(one, other), weights));
    expect(shown[10]).toBe(0); // an empty cell: its reason has the distance that decided
    expect(Math.max(one, other)).toBeGreaterThan(10);
    expect(verdicts(found)[11].distance).toBe(Math.max(...of(11)));
    expect(of(11).some((distance) => distance > 10)).toBe(true);
  });

  it('has the figure of the components in place of those of DFMR', () => {
    expectSelfContained(page, 2);
    const [map, ...others] = figures(page);
    expect([map, ...others].map((one) => (one?.data[0] as { type: string } | undefined)?.type)).toEqual([
      'heatmap',
      'scatter',
      'bar',
    ]);
    const of = map as { layout: { yaxis?: { ticktext?: string[] } } };
    expect(of.layout.yaxis?.ticktext).toEqual(machines);
    expect(page).toContain('What was used of each machine');
    expect(page).not.toContain('inflation factors');
  });

  it('has JSON with the same verdicts, and nothing of DFMR', () => {
    const json = JSON.parse(JSON.stringify(reportJson(found, { machines, refused })));
    expect(json.machines).toEqual(verdicts(found, { machines, refused }));
    expect(json.rule).toBe('components');
    expect(json).not.toHaveProperty('inflationFactor');
  });

  it('escapes the machines’ names', async () => {
    const names = machines.map(() => `${nasty} & co`);
    const named = reportPage(await aggregate(estimates, { names, uncertainty: false }), { machines: names });
    expectSelfContained(named, 2);
    expect(told(named)).not.toContain('<script>alert');
  });

  it('is whole of one machine, of two, of two against two, and of copies', async () => {
    for (const shifts of [[0], [0, 9], [0, 0, 9, 9], [0, 0, 0, 1, 2], [0, 1e150, 0, 0]]) {
      const of = await aggregate(sent(shifts), { uncertainty: false });
      expectSelfContained(reportPage(of), 2);
      expect(verdicts(of)).toHaveLength(shifts.length);
    }
  });
});

it('says in a sentence who was used, and shows of a thousand machines those that were not', async () => {
  const many = Array.from({ length: 1000 }, (_, i) => Math.sin(i) / 10 + (i % 100 === 0 ? 50 : 0));
  const found = await aggregate(sent(many), { uncertainty: false, seed: 1 });
  const page = reportPage(found, { made: 'dfmr, 1 May', next: ['Classify the rows.'], features: ['age'] });
  expect(page).toContain('<p class="made">dfmr, 1 May</p>');
  expect(page).toContain('Of 1000 machines 990 are used whole, 10 are set aside.');
  expect(page).toContain(
    '1000 machines each fitted a Gaussian mixture of 1 component in 1 feature to rows of their own. 99,000 rows are behind what follows. Features: age.',
  );
  expect(page).toContain('<li>Classify the rows.</li>');
  expect(page).toContain('990 machines kept whole, and not listed');
  expect(figures(page)[0]?.data[0]).toHaveProperty('z.length', 150);
  expect(page).toContain('Of 1000 machines 150 are drawn, those that were not used first.');
  expect(told(page).length).toBeLessThan(400_000);
});

describe('of fits that did not converge, a report', () => {
  const table = (page: string) =>
    verdictRows(
      page,
      [0, 1, 2, 3].map((i) => `machine ${i}`),
    );

  it('names those of an analysis, and the remedy', async () => {
    const { data } = sample(bell(0), 400, 1);
    const hasty = { machines: 4, order: 2, starts: 1, maxIterations: 2, uncertainty: false, workers: 1 } as const;
    const analysis = await analyse(data, hasty);
    const stopped = analysis.fits.map(({ converged }) => !converged);
    expect(stopped).toContain(true);
    expect(table(reportPage(analysis)).map(({ fit }) => fit === 'EM did not converge: raise maxIterations')).toEqual(
      stopped,
    );
  });

  it('names those of estimates that machines sent', async () => {
    const said = [{ fitted: { converged: true } }, { fitted: { converged: false } }, { fitted: {} }, {}];
    const estimates = sent([0, 0.1, 0.2, 0.3]).map((estimate, i) => ({ ...estimate, ...said[i] }));
    const found = await aggregate(estimates, { uncertainty: false });
    expect(verdicts(found, { estimates }).map(({ fit }) => fit)).toEqual([
      undefined,
      'EM did not converge: raise maxIterations',
      undefined,
      undefined,
    ]);
    expect(table(reportPage(found, { estimates })).map(({ fit }) => fit !== '')).toEqual([false, true, false, false]);
    expect(table(reportPage(found))[0]).not.toHaveProperty('fit');
  });
});

describe('where it is degenerate, a report', () => {
  it('is whole of one machine, of two, and of half that sent the same', async () => {
    for (const shifts of [[0], [0, 1], [0, 0, 0, 1, 2]]) {
      const found = await aggregate(sent(shifts), { rule: 'dfmr', uncertainty: false });
      const page = reportPage(found);
      expectSelfContained(page);
      expect(JSON.stringify(figures(page)[2]?.layout)).not.toContain('null');
      const json = JSON.parse(JSON.stringify(reportJson(found)));
      expect(json.inflationFactor).toBe(1.3);
      expect(json.machines).toHaveLength(shifts.length);
    }
  });

  it('tells that a density is not square integrable', async () => {
    const gamma = (shape: number) => gammaMixture({ weights: [1], shapes: [shape], scales: [1] });
    const found = await aggregate([2, 2.1, 2.2, 0.4].map(gamma), { rule: 'dfmr', uncertainty: false });
    const page = reportPage(found);
    expectSelfContained(page);
    expect(tables(page)[0]).toMatchObject({ machine: 'machine 3', [DISTANCE]: '∞', verdict: 'set aside' });
    expect(tables(page)[0].reason).toMatch(/is not square integrable/);
  });
});

it('draws the probabilities of categories by their names, and tells lists of numbers in brief', async () => {
  const people = categoricalMixture({
    weights: [0.5, 0.5],
    probabilities: [
      [[0.9, 0.1], [0.2, 0.8]],
      [[0.1, 0.9], [0.7, 0.3]],
    ], // biome-ignore format: short
  });
  const sent = [1, 2, 3].map(() => ({ mixture: people, sampleSize: 100 }));
  const categories = [
    ['boat', 'train'],
    ['no', 'yes'],
  ];
  const page = reportPage(await aggregate(sent, { uncertainty: false }), { features: ['travel', 'back'], categories });
  for (const label of ['travel: train', 'back: yes']) expect(page).toContain(label);
  const north = vonMisesFisherMixture({ weights: [1], meanDirections: [[0, 0.6, 0.8]], concentrations: [20] });
  const directions = [1, 2, 3].map(() => ({ mixture: north, sampleSize: 100 }));
  expect(reportPage(await aggregate(directions, { uncertainty: false }))).toContain('(0, 0.6, 0.8)');
});

describe('a report of more than 300 machines', () => {
  const lies = (i: number) => i % 4 === 0;
  const many = sent(Array.from({ length: 700 }, (_, i) => (lies(i) ? 9 + i : ((i * 31) % 100) / 2000)));
  const names = many.map((_, i) => `site ${i}`);

  it('lists those of which something was not used, draws some, and has all in JSON', async () => {
    const found = await aggregate(many, { uncertainty: false, seed: 'report', names });
    const page = reportPage(found, { machines: names });
    const listed = tables(page).filter(({ machine }) => machine?.startsWith('site'));
    expect(listed.map(({ machine }) => machine)).toEqual(names.filter((_, i) => lies(i)));
    expect(plainText(page)).toContain('525 machines kept whole, and not listed: the JSON of the result has all.');
    expect(plainText(page)).toContain('Of 700 machines 150 are drawn, those that were not used first.');

    const json = reportJson(found, { machines: names }) as { machines: { machine: string }[] };
    expect(json.machines.map(({ machine }) => machine)).toEqual(names);
    expect(told(page).length).toBeLessThan(400_000);
  });

  it('lists the first 300 of more', () => {
    const setAside = Array.from({ length: 400 }, (_, machine) => ({ machine, reason: 'it is far' }));
    const kept = Int32Array.from({ length: 500 }, (_, i) => 400 + i);
    const result = { mixture: bell(0), kept, setAside, converged: true, notes: [] };
    const page = reportPage({ rule: 'own', result, decisions: [] });
    expect(tables(page).filter(({ machine }) => machine !== undefined)).toHaveLength(300);
    expect(plainText(page)).toContain('Of 400 these are the first 300; the JSON of the result has all.');
  });
});

it('of more machines than are compared in pairs leaves the picture of all distances out, and says so', async () => {
  const estimates = Array.from({ length: 30 }, (_, i) => bell(i < 25 ? Math.sin(i) / 9 : 5 + i));
  const choices = { rule: 'dfmr', smoothing: 0, uncertainty: false, candidates: 10, seed: 'a' };
  const found = await aggregate(estimates, choices);
  const page = plainText(told(reportPage(found)));
  expect(page).toContain('The picture of all distances is left out: between 30 machines there are 435.');
  expect(page).toContain('10 that were drawn at random once all had answered (seed a)');
  expect(JSON.stringify(reportJson(found)).length).toBeLessThan(10_000);
});
