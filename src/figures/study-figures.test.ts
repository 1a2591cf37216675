import { describe, expect, it } from 'vitest';
import type { SummaryRow } from '../study/study-summary';
import { distanceDistributionFigure, distanceStripsFigure } from './distance-distribution-figure';
import { comparisonFigure, inflationFigure } from './study-figures';

interface Trace {
  name?: string;
  x: number[];
  y: number[];
  xaxis: string;
  showlegend: boolean;
  error_y?: { array: number[] };
  line: { color: string; dash?: string };
}
const traces = (figure: { data: unknown[] }): Trace[] => figure.data as Trace[];
const axis = (figure: { layout: object }, name: string) =>
  (
    figure.layout as Record<
      string,
      { type?: string; range?: number[]; tickvals: number[]; ticktext: string[]; title: { text: string } }
    >
  )[name];

const row = (change: Partial<SummaryRow>): SummaryRow => ({
  family: 'gaussian',
  overlap: 0.3,
  machines: 20,
  sampleSize: 5000,
  failure: 'mean',
  fraction: 0.1,
  method: 'Oracle',
  repetitions: 10,
  w1: 0.05,
  w1Error: 0.01,
  ari: 0.9,
  ariError: 0.02,
  kept: null,
  keptFailed: null,
  ...change,
});

describe('the comparison of methods', () => {
  const rows = ['mean', 'weight'].flatMap((failure) =>
    [0.1, 0.4].flatMap((fraction) =>
      ['Oracle', 'DFMR(1.3)'].flatMap((method, i) =>
        [100, 20].map((machines) =>
          row({ failure: failure as 'mean', fraction, method, machines, w1: (fraction * (1 + i)) / machines }),
        ),
      ),
    ),
  );

  it('has a panel for each failure and rate, a line for each method, and one legend', () => {
    const figure = comparisonFigure(rows, { x: 'machines' });
    expect(figure.layout.annotations?.map(({ text }) => text)).toEqual([
      '<b>mean, α = 0.1</b>',
      '<b>mean, α = 0.4</b>',
      '<b>weight, α = 0.1</b>',
      '<b>weight, α = 0.4</b>',
    ]);
    expect(traces(figure).map(({ name, showlegend }) => [name, showlegend])).toEqual([
      ['Oracle', true],
      ['DFMR(1.3)', true],
      ...[1, 2, 3].flatMap(() => [
        ['Oracle', false],
        ['DFMR(1.3)', false],
      ]),
    ]);
    const [, dfmr] = traces(figure);
    expect(dfmr.x).toEqual([20, 100]);
    expect(dfmr.y).toEqual([0.01, 0.002]);
    expect(dfmr.error_y?.array).toEqual([0.01, 0.01]);
    expect(dfmr.line.color).toBe('#0072B2');
    expect(axis(figure, 'xaxis').ticktext).toEqual(['20', '100']);
    expect(axis(figure, 'xaxis').title.text).toBe('m, machines');
  });

  it('shows W₁ on one logarithmic axis, the ARI on a plain one that can be cut', () => {
    const w1 = comparisonFigure(rows, { x: 'rows' });
    const [low, high] = axis(w1, 'yaxis3').range as number[];
    expect([axis(w1, 'yaxis3').type, low < Math.log10(0.001), high > Math.log10(0.04)]).toEqual(['log', true, true]);
    expect(axis(w1, 'xaxis').ticktext).toEqual(['100k', '500k']);
    const hundred = rows.filter((one) => one.machines === 100);
    const ari = comparisonFigure(hundred, { x: 'overlap', y: 'ari', range: [0.5, 1] });
    expect([axis(ari, 'yaxis').range, axis(ari, 'yaxis').type]).toEqual([[0.5, 1], undefined]);
    expect(traces(ari)[0].y).toEqual([0.9]);
  });
});

it('figures refuse what they cannot show', () => {
  const two = [row({ sampleSize: 1 }), row({ sampleSize: 2 })];
  expect(() => comparisonFigure(two, { x: 'machines' })).toThrow(/more than one row of Oracle at the same m, machines/);
  expect(() => inflationFigure(two, { by: 'fraction' })).toThrow(/no rows of DFMR/);
  expect(() => distanceDistributionFigure({ honest: [] }, { inflationFactor: 1.3 })).toThrow(
    /'honest' has no distance/,
  );
});

it('the inflation figure has a curve for each rate, over the oracle of the same rate', () => {
  const rows = [0.1, 0.2].flatMap((fraction) =>
    ['Oracle', 'COAT', 'DFMR(1)', 'DFMR(1.5)', 'DFMR(best)'].map((method, i) =>
      row({ fraction, method, w1: fraction * (i + 1) }),
    ),
  );
  const figure = inflationFigure(rows, { by: 'fraction' });
  const [first, second, oracle, ...others] = traces(figure);
  expect(others).toEqual([]);
  expect([oracle.name, oracle.x, oracle.y]).toEqual(['Oracle', [1, 1.5], [1, 1]]);
  expect([first.name, first.x, first.y.map((y) => y.toFixed(2))]).toEqual(['α = 0.1', [1, 1.5], ['3.00', '4.00']]);
  expect([second.name, second.y.map((y) => y.toFixed(2))]).toEqual(['α = 0.2', ['3.00', '4.00']]);
  expect(second.line.color).not.toBe(first.line.color);
  expect(axis(figure, 'yaxis').ticktext).toContain('1');
  const withoutOracle = rows.filter(({ method, fraction }) => method !== 'Oracle' || fraction === 0.1);
  expect(() => inflationFigure(withoutOracle, { by: 'fraction' })).toThrow(
    /no row of the Oracle for mean failures, fraction 0.2/,
  );
});

it('the distribution of distances peaks where the distances are, at the same height', () => {
  const near = Array.from({ length: 60 }, (_, i) => 1 + 0.002 * ((i * 37) % 60));
  const figure = distanceDistributionFigure({ honest: near, liars: near.map((d) => 20 * d) }, { inflationFactor: 1.3 });
  for (const [i, centre] of [1.06, 21.2].entries()) {
    const { x, y } = traces(figure)[i];
    const peak = Math.max(...y);
    expect(peak).toBe(1);
    expect(Math.abs(Math.log10(x[y.indexOf(peak)] / centre))).toBeLessThan(0.04);
  }
  expect(figure.layout.shapes?.[0]).toMatchObject({ x0: 1.3, x1: 1.3 });
  const other = distanceDistributionFigure({ honest: near }, { inflationFactor: 1.3, distance: 'transport distance' });
  expect(other.layout.xaxis?.title).toEqual({ text: 'transport distance to the COAT, in radii r' });
});

it('distances of several cases stand above each other on one axis, each group with one colour and one name', () => {
  const near = [1, 1.05, 1.1];
  const figure = distanceStripsFigure(
    { few: { honest: near, liars: [30, 40] }, many: { honest: near, liars: [3, 4] } },
    { inflationFactor: 1.3 },
  );
  const shown = figure.data as (Trace & { yaxis: string })[];
  expect(shown.map(({ name, yaxis, showlegend }) => [name, yaxis, showlegend])).toEqual([
    ['honest', 'y', true],
    ['liars', 'y', true],
    ['honest', 'y2', false],
    ['liars', 'y2', false],
  ]);
  expect(shown[0].line.color).toBe(shown[2].line.color);
  expect(shown[0].x).toEqual(shown[3].x);
  const { yaxis, yaxis2 } = figure.layout as unknown as { [axis: string]: { domain: number[] } };
  expect(yaxis.domain[0]).toBeGreaterThan(yaxis2.domain[1]);
  expect(figure.layout.annotations?.map(({ text }) => text)).toEqual([
    ' threshold, ρ = 1.3',
    '<b>few</b>',
    '<b>many</b>',
  ]);
});
